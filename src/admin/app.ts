import { randomUUID } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { mountAssets } from './assets/load.ts';
import type { AdminContext } from './context.ts';
import type { AdminApp, AdminEnv } from './env.ts';
import { findLang, mountLanguage } from './language/routes.ts';
import { liveHubOf } from './live/hub.ts';
import { countRequests } from './metrics/count-requests.ts';
import { MOUNTS } from './mounts.ts';
import { mountProbes } from './probes/routes.ts';
import { answerProblem } from './problem/answer.ts';
import { toNotFoundProblem, toProblem } from './problem/problem.ts';
import { createAccess, Unknown } from './security/access.ts';
import { allow } from './security/allow.ts';
import { createHeaders } from './security/headers.ts';
import { requireLocalHost } from './security/host-check.ts';
import { isApiPath } from './security/identify.ts';
import type { SecuritySettings } from './security/security.ts';
import { createSecurity } from './security/security.ts';
import { mountSignIn, mountSignOut } from './sign-in/routes.ts';

const LARGEST_BODY_BYTES = 4 * 1_048_576;

/** The whole page: what is open to all first, then what asks who it is. */
export function buildAdminApp(context: AdminContext, settings: SecuritySettings): AdminApp {
  const security = createSecurity(settings, context);
  const app: AdminApp = new Hono<AdminEnv>();
  context.metrics.trackViewers(() => liveHubOf(context).countViewers());
  app.use(countRequests(context));
  app.use(noteRequest(context));
  app.use(createHeaders(context));
  app.use(findLang);
  answerTrouble(app, context);
  mountProbes(app, context);
  if (security.isOpen) app.use(requireLocalHost);
  app.use(bodyLimit({ maxSize: LARGEST_BODY_BYTES }));
  mountAssets(app);
  mountLanguage(app, security);
  mountSignIn(app, context, security);
  app.use(createAccess(security));
  mountSignOut(app, context, security);
  app.get('/', allow('viewer'), (c) => c.redirect('/runs', 303));
  for (const mount of MOUNTS) mount(app, context);
  return app;
}

function answerTrouble(app: AdminApp, { clock, log }: AdminContext): void {
  app.notFound((c) => answerProblem(c, toNotFoundProblem(c.get('lang')), clock));
  app.onError(async (error, c) => {
    if (error instanceof Unknown && !isApiPath(c.req.path) && !c.req.path.endsWith('/events')) {
      const url = new URL(c.req.url);
      const next = c.req.method === 'GET' ? `${url.pathname}${url.search}` : '/';
      return c.redirect(`/sign-in?${new URLSearchParams({ next }).toString()}`, 303);
    }
    const problem = toProblem(error, c.get('lang'), c.get('requestId'));
    if (problem.status >= 500) {
      log.error('request failed', { requestId: c.get('requestId'), method: c.req.method, path: c.req.path, error });
    }
    return await answerProblem(c, problem, clock);
  });
}

/** The query stays out of the log: people search for names. */
function noteRequest({ log, clock }: AdminContext): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.header('X-Request-Id', requestId);
    const startMs = clock.monotonicMs();
    await next();
    const { method, path } = c.req;
    const known = c.get('visitor') as AdminEnv['Variables']['visitor'] | undefined;
    const visitor = known?.name ?? null;
    const source = known?.source ?? getConnInfo(c).remote.address ?? null;
    const durationMs = Math.round(clock.monotonicMs() - startMs);
    const fields = { requestId, method, path, httpStatus: c.res.status, durationMs, visitor, source };
    // what only looks would drown what acts
    log[method === 'GET' || method === 'HEAD' ? 'debug' : 'info']('request', fields);
  };
}
