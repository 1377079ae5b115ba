import type { Context } from 'hono';
import { isLive } from '../../domain/execution.ts';
import { NotFound, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { mountLive } from '../live/mount-live.ts';
import { createClickKey } from '../rerun/click.ts';
import { identifier } from '../runs/query-fields.ts';
import { allow } from '../security/allow.ts';
import { renderEntries } from './entries-view.ts';
import { loadRunDetail, loadRunErrors } from './load.ts';
import { parseExecutionId, runErrorsQuery, runQuery } from './query.ts';
import { renderRevealed } from './reveal-view.ts';
import { revealAudited } from './reveal.ts';
import { ROW_TEXT } from './row-text.ts';
import { renderRunPicture } from './state-view.ts';
import { RUN_TEXT } from './text.ts';
import { renderRun } from './view.ts';

/** Registered behind `/runs/again`. */
export function mountRun(app: AdminApp, context: AdminContext): void {
  app.get('/runs/:executionId', allow('viewer'), (c) => showRun(c, context));
  app.get('/runs/:executionId/errors', allow('viewer'), (c) => showErrors(c, context));
  app.post('/runs/:executionId/errors/:errorId/reveal', allow('admin'), (c) => reveal(c, context));
  mountLive(app, context, {
    path: '/runs/:executionId/events',
    role: 'viewer',
    parse: readExecutionId,
    open: (executionId) => () => loadRunDetail(context, executionId, 'en'),
    render: renderRunPicture,
  });
}

function readExecutionId(c: Context<AdminEnv>): number {
  return parseExecutionId(c.req.param('executionId'), c.get('lang'));
}

async function showRun(c: Context<AdminEnv>, context: AdminContext): Promise<Response> {
  const { windows } = parseInput(runQuery, c.req.queries());
  const executionId = readExecutionId(c);
  const view = toViewContext(c, context.clock);
  const run = await loadRunDetail(context, executionId, view.lang);
  const isWhole = windows === 'all';
  // its events carry the short list of windows
  const isFollowed = isLive(run.status) && !isWhole;
  const { namespace } = context;
  const body = renderRun({ run, isWhole, isFollowed, clickKey: createClickKey(), namespace }, view);
  const live = isFollowed ? { live: `/runs/${executionId}/events` } : {};
  return await c.html(renderPage(view, { title: RUN_TEXT[view.lang].title(executionId), nav: 'runs', body, ...live }));
}

async function showErrors(c: Context<AdminEnv>, context: AdminContext): Promise<Response> {
  const query = parseInput(runErrorsQuery, c.req.queries());
  const view = toViewContext(c, context.clock);
  const data = await loadRunErrors(context, readExecutionId(c), query, view.lang);
  return await c.html(
    renderPage(view, { title: ROW_TEXT[view.lang].errors, nav: 'runs', body: renderEntries(data, view) }),
  );
}

async function reveal(c: Context<AdminEnv>, context: AdminContext): Promise<Response> {
  const executionId = readExecutionId(c);
  const view = toViewContext(c, context.clock);
  const errorId = identifier.safeParse(c.req.param('errorId'));
  if (!errorId.success) throw new NotFound(ROW_TEXT[view.lang].errorNotFound);
  const row = await revealAudited(c, context, { executionId, errorId: errorId.data });
  const body = renderRevealed(row, executionId, view);
  c.header('Cache-Control', 'no-store');
  return await c.html(renderPage(view, { title: ROW_TEXT[view.lang].revealTitle, nav: 'runs', body }));
}
