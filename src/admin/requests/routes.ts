import type { Context } from 'hono';
import { listClicks } from '../../adapters/postgres/read-models/request-list.ts';
import type { RerunOutcome } from '../../domain/rerun-outcome.ts';
import { NotFound, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { toViewContext } from '../layout/page.ts';
import { mountLive } from '../live/mount-live.ts';
import { allow } from '../security/allow.ts';
import { renderClickList } from './list-view.ts';
import { loadProgress } from './load.ts';
import { buildProgressPicture, renderProgressPage } from './progress-view.ts';
import { CLICKS_A_PAGE, clickListQuery, clickQuery } from './query.ts';

export function mountRequests(app: AdminApp, context: AdminContext): void {
  app.get('/requests', allow('viewer'), async (c) => {
    const query = parseInput(clickListQuery, c.req.queries());
    const { state: states, before: beforeId } = query;
    const page = await listClicks(context.database.pool, { states, beforeId, limit: CLICKS_A_PAGE });
    return await c.html(renderClickList(toViewContext(c, context.clock), page, query));
  });
  app.get('/requests/:key', allow('viewer'), async (c) => {
    const { key, only } = readSubject(c);
    const progress = await loadProgress(context, key);
    return await c.html(renderProgressPage(toViewContext(c, context.clock), progress, only));
  });
  mountLive(app, context, {
    path: '/requests/:key/events',
    role: 'viewer',
    parse: readSubject,
    open:
      ({ key, only }) =>
      async () => ({ only, progress: await loadProgress(context, key) }),
    render: (view, { progress, only }) => buildProgressPicture(view, progress, only),
  });
}

interface Subject {
  readonly key: string;
  readonly only: RerunOutcome | null;
}

/** A key holds no blank: what stands behind one in the ledger is the domain type and the period. */
function readSubject(c: Context<AdminEnv>): Subject {
  const key = c.req.param('key') ?? '';
  if (!/^[^\s\0]{1,200}$/.test(key)) throw new NotFound('there is no such request');
  return { key, only: parseInput(clickQuery, c.req.queries()).outcome ?? null };
}
