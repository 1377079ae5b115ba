import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { RequestKind } from '../../adapters/telemetry/page-metrics.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { isApiPath } from '../security/identify.ts';

/** Stands for every address and method that the page does not have: visitors can make up any number of them. */
const OTHER = 'other';
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz']);

/** Counts each request by the pattern of its route, and times it until its answer begins. */
export function countRequests({
  metrics,
  clock,
}: Pick<AdminContext, 'metrics' | 'clock'>): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const startMs = clock.monotonicMs();
    await next();
    const route = findRoute(c);
    const method = METHODS.has(c.req.method) ? c.req.method : OTHER;
    const seconds = (clock.monotonicMs() - startMs) / 1_000;
    metrics.onRequest({ route, method, status: c.res.status, kind: toKind(route, c.req.path), seconds });
  };
}

/** What is there for all methods is what every request passes through, and answers none by itself. */
function findRoute(c: Context<AdminEnv>): string {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? OTHER;
}

function toKind(route: string, path: string): RequestKind | null {
  if (PROBES.has(route)) return null;
  if (route.startsWith('/assets/')) return 'asset';
  if (route.endsWith('/events')) return 'live';
  return isApiPath(path) ? 'api' : 'page';
}
