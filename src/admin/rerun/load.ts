import { listExecutions } from '../../adapters/postgres/execution-store.ts';
import { isServed } from '../../adapters/postgres/listen.ts';
import type { CandidateSelection } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { loadCandidates } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { listRunIds } from '../../adapters/postgres/read-models/run-list.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import { isNarrowed, toRunFilter, type RunFilterQuery } from '../runs/query.ts';
import type { PlanWish, RerunPlan } from './plan.ts';
import { planRerun } from './plan.ts';
import { MOST_EXECUTIONS } from './query.ts';

export interface Preview {
  readonly plan: RerunPlan;
  /** Whether anything is connected that carries it out. */
  readonly isServed: boolean;
}

/**
 * The executions that a filter matches now, the newest first; null where nothing narrows it: all of the history is never
 * meant. @throws BadInput when there are too many for one click
 */
export async function findExecutions(
  { database }: AdminContext,
  query: RunFilterQuery,
): Promise<readonly number[] | null> {
  if (!isNarrowed(query)) return null;
  const executionIds = await listRunIds(database.pool, toRunFilter(query), MOST_EXECUTIONS + 1);
  if (executionIds.length <= MOST_EXECUTIONS) return executionIds;
  throw new BadInput({
    field: 'executions',
    message: `more than ${MOST_EXECUTIONS} runs match; narrow the filter to run them again at once`,
  });
}

/** @throws NotFound when one of them is not known */
export async function loadAgain(
  context: AdminContext,
  executionIds: readonly number[],
  wish: PlanWish,
): Promise<Preview> {
  const found = await listExecutions(context.database, { executionIds, limit: executionIds.length });
  if (found.length < new Set(executionIds).size) {
    const known = new Set(found.map(({ executionId }) => executionId));
    const missing = executionIds.filter((executionId) => !known.has(executionId));
    throw new NotFound(`there is no run ${missing.slice(0, 10).join(', ')}`);
  }
  return await loadPreview(context, { executionIds }, wish);
}

export async function loadPreview(
  context: AdminContext,
  selection: CandidateSelection,
  wish: PlanWish,
): Promise<Preview> {
  const { database, clock, nightDeadline } = context;
  const [candidates, served] = await Promise.all([loadCandidates(database.pool, selection), isServed(database)]);
  return { plan: planRerun(candidates, wish, { nowMs: clock.nowMs(), nightDeadline }), isServed: served };
}
