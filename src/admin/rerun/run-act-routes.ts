import type { Context } from 'hono';
import { loadMallNames } from '../../adapters/postgres/read-models/mall-lookup.ts';
import { NotFound, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { toViewContext } from '../layout/page.ts';
import { identifier } from '../runs/query-fields.ts';
import { allow } from '../security/allow.ts';
import { createClickKey } from './click.ts';
import { replayForm, settleForm, stopForm } from './query.ts';
import { loadRecord, sendReplay, sendStop, settleGroup } from './run-acts.ts';
import { renderStopPage } from './stop-view.ts';

/** What can be done about one run besides running it again. */
export function mountRunActs(app: AdminApp, context: AdminContext): void {
  app.get('/runs/:executionId/stop', allow('operator'), async (c) => {
    const record = await loadRecord(context, readExecutionId(c));
    const names = await loadMallNames(context.database.pool, [record.mallId]);
    const mallName = names.get(record.mallId)?.name ?? String(record.mallId);
    const page = { record, mallName, key: createClickKey() };
    return await c.html(renderStopPage(toViewContext(c, context.clock), page));
  });
  app.post('/runs/:executionId/stop', allow('operator'), async (c) => {
    const { key, reason = '' } = parseInput(stopForm, await c.req.parseBody());
    await sendStop(c, context, await loadRecord(context, readExecutionId(c)), { key, reason });
    return c.redirect(`/requests/${key}`, 303);
  });
  app.post('/runs/:executionId/replay', allow('operator'), async (c) => {
    const { key, fingerprint, scope } = parseInput(replayForm, await c.req.parseBody({ all: true }));
    const record = await loadRecord(context, readExecutionId(c));
    const fingerprints = fingerprint ?? null;
    await sendReplay(c, context, { key, fingerprints, record: scope === 'everywhere' ? null : record });
    return c.redirect(`/requests/${key}`, 303);
  });
  for (const act of ['ignore', 'reopen'] as const) {
    app.post(`/runs/:executionId/${act}`, allow('operator'), async (c) => {
      const { fingerprint, scope, reason = '' } = parseInput(settleForm, await c.req.parseBody());
      const { executionId, mallId } = await loadRecord(context, readExecutionId(c));
      await settleGroup(c, context, act, { fingerprint, mallId: scope === 'everywhere' ? null : mallId, reason });
      return c.redirect(`/runs/${executionId}`, 303);
    });
  }
}

/** @throws NotFound for what no run can have as its number */
function readExecutionId(c: Context<AdminEnv>): number {
  const id = identifier.safeParse(c.req.param('executionId'));
  if (!id.success) throw new NotFound('there is no such run');
  return id.data;
}
