import type { Context } from 'hono';
import { BadInput, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { createClickKey } from './click.ts';
import { findExecutions, loadAgain } from './load.ts';
import type { AgainForm } from './query.ts';
import { againForm, againQuery } from './query.ts';
import { sendAgain } from './send-again.ts';
import { RERUN_TEXT } from './text.ts';
import { renderAgainPage, renderEmptyAgainPage } from './view.ts';

/** Registered before `/runs/{id}`. */
export function mountRerun(app: AdminApp, context: AdminContext): void {
  app.get('/runs/again', allow('operator'), (c) => previewAgain(c, context));
  app.post('/runs/again', allow('operator'), (c) => startAgain(c, context));
}

async function previewAgain(c: Context<AdminEnv>, context: AdminContext): Promise<Response> {
  const query = parseInput(againQuery, c.req.queries());
  const { mode = 'resume', pageSize = null } = query;
  const view = toViewContext(c, context.clock);
  const executionIds = await findExecutions(context, query);
  if (executionIds === null) return await c.html(renderEmptyAgainPage(view, 'nothingChosen'));
  if (executionIds.length === 0) return await c.html(renderEmptyAgainPage(view, 'nothingMatches'));
  const preview = await loadAgain(context, executionIds, { mode, pageSize });
  const key = createClickKey();
  return await c.html(renderAgainPage(view, { preview, executionIds, key, pageSize, reason: '', reasonError: null }));
}

async function startAgain(c: Context<AdminEnv>, context: AdminContext): Promise<Response> {
  const form = parseInput(againForm, await c.req.parseBody({ all: true }));
  const { executions: executionIds, mode, pageSize = null, reason = '' } = form;
  if (executionIds === undefined) throw new BadInput({ field: 'executions', message: 'must name a run' });
  if (mode === 'reprocess' && reason === '') return await askForReason(c, context, form, executionIds);
  await sendAgain(c, context, { ...form, executionIds, mode, pageSize, reason });
  return c.redirect(`/requests/${form.key}`, 303);
}

async function askForReason(
  c: Context<AdminEnv>,
  context: AdminContext,
  form: AgainForm,
  executionIds: readonly number[],
): Promise<Response> {
  const { key, mode, pageSize = null, reason = '' } = form;
  const view = toViewContext(c, context.clock);
  const preview = await loadAgain(context, executionIds, { mode, pageSize });
  const reasonError = RERUN_TEXT[view.lang].reasonNeeded;
  return await c.html(renderAgainPage(view, { preview, executionIds, key, pageSize, reason, reasonError }), 400);
}
