import { listUnknownIds } from '../../adapters/postgres/execution-store.ts';
import { isServed } from '../../adapters/postgres/listen.ts';
import type { CandidateSelection } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { loadCandidates } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { listRunIds } from '../../adapters/postgres/read-models/run-list.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import { listFailed, loadProgress } from '../requests/load.ts';
import { isNarrowed, toRunFilter, type RunFilterQuery } from '../runs/query.ts';
import type { PlanWish, RerunPlan } from './plan.ts';
import { planRerun } from './plan.ts';
import type { AgainQuery } from './query.ts';
import { MOST_EXECUTIONS } from './query.ts';

const MOST_NAMED = 10;

export interface Preview {
  readonly plan: RerunPlan;
  /** Whether anything is connected that carries it out. */
  readonly isServed: boolean;
}

/**
 * The executions that are meant, the newest first where a filter says which; null where nothing does: all of the history
 * is never meant. @throws BadInput when there are too many for one click; NotFound when there is no such click
 */
export async function findExecutions(
  context: AdminContext,
  { executions, request, ...filter }: Pick<AgainQuery, 'executions' | 'request'> & RunFilterQuery,
): Promise<readonly number[] | null> {
  if (executions !== undefined) return executions;
  if (request !== undefined) return listFailed(await loadProgress(context, request));
  if (!isNarrowed(filter)) return null;
  const executionIds = await listRunIds(context.database.pool, toRunFilter(filter), MOST_EXECUTIONS + 1);
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
  const unknown = await listUnknownIds(context.database, executionIds);
  if (unknown.length > 0) throw new NotFound(`there is no run ${unknown.slice(0, MOST_NAMED).join(', ')}`);
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
