import type { Context } from 'hono';
import type { SavedClick } from '../../adapters/postgres/retry-click.ts';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { buildClick, sendClick } from './click.ts';
import { loadAgain } from './load.ts';
import type { PlanMode } from './plan.ts';

const KINDS = { resume: 'RESUME', reprocess: 'REPROCESS', replay: 'REPLAY_REJECTED' } as const;

export interface Again {
  readonly key: string;
  readonly executionIds: readonly number[];
  readonly mode: PlanMode;
  readonly pageSize: number | null;
  readonly reason: string;
}

/** What the page's confirm button and the API do. */
export async function sendAgain(
  c: Context<AdminEnv>,
  context: AdminContext,
  { key, executionIds, mode, pageSize, reason }: Again,
): Promise<SavedClick> {
  const { plan } = await loadAgain(context, executionIds, { mode, pageSize });
  const requestedBy = c.get('visitor').name;
  const wishes = buildClick(plan, { kind: KINDS[mode], reason, fingerprints: null, requestedBy });
  if (wishes.length === 0) throw new BadInput({ field: 'executions', message: 'their malls are gone' });
  return await sendClick(c, context, { action: 'run again', target: `${executionIds.length} runs` }, key, wishes);
}
