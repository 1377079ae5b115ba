import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { isLive, type ExecutionStatus } from '../../../domain/execution.ts';
import { toStorableText } from '../ledger-text.ts';
import type { QueryPool } from '../pool.ts';
import { beginsWith, listStatuses, toRunConditions, type RunFilter } from './run-filter.ts';
import { listRunPeriods, type RunPeriod } from './run-period.ts';
import { loadRunSearch, type RunSearch } from './run-search.ts';

/** A filter, and what is known of how much matches it. */
export interface RunScope {
  readonly statuses: readonly ExecutionStatus[];
  /** Beside the statuses'. */
  readonly conditions: readonly FragmentSqlToken[];
  /** Few enough to be gathered and sorted, by whatever leads to them. */
  readonly isRare: boolean;
  readonly hasTriggers: boolean;
  /** All periods of what matches, where whoever walks in the list's order could pass a long stretch of others. */
  readonly periods: readonly RunPeriod[] | null;
}

const MOST_GATHERED = 20_000;
export const MOST_MALLS = 20;

export async function loadRunScope(pool: QueryPool, filter: RunFilter): Promise<RunScope> {
  const text = toStorableText(filter.search ?? '').trim();
  const search = text === '' ? null : await loadRunSearch(pool, text, MOST_MALLS);
  const isFound = search !== null && (await isRare(pool, search.wideArms));
  const isOfFewMalls = filter.mallIds !== undefined && filter.mallIds.length <= MOST_MALLS;
  const isKnownRare =
    isFound || isOfFewMalls || filter.night !== undefined || (await isOfRareMallSync(pool, filter.mallSync));
  return {
    statuses: listStatuses(filter),
    conditions: [...toRunConditions(filter), ...toSearchConditions(search, isFound)],
    isRare: isKnownRare,
    hasTriggers: filter.triggers !== undefined,
    periods: filter.period === undefined || isKnownRare ? null : await listRunPeriods(pool, filter),
  };
}

/** Whether a status is one of the few that do not last or stand for trouble; nearly all others are COMPLETED. */
export function splitStatuses(statuses: readonly ExecutionStatus[]): readonly (readonly ExecutionStatus[])[] {
  if (statuses.includes('COMPLETED')) return [statuses];
  const parts = [statuses.filter(isLive), statuses.filter((status) => !isLive(status))];
  return parts.filter((part) => part.length > 0);
}

async function isOfRareMallSync(pool: QueryPool, mallSync: string | undefined): Promise<boolean> {
  return mallSync !== undefined && (await isRare(pool, [beginsWith('mallsync_name', mallSync)]));
}

/** Whether each of the conditions holds of few executions; asks no further than it must. */
async function isRare(pool: QueryPool, conditions: readonly FragmentSqlToken[]): Promise<boolean> {
  for (const condition of conditions) {
    const count = await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
      select count(*) from (
        select from mallsync.tb_batch_execution_summary execution where ${condition} limit ${MOST_GATHERED + 1}) few`);
    if (count > MOST_GATHERED) return false;
  }
  return true;
}

/** Arm by arm where each leads to few; as one condition where they are met often enough. */
function toSearchConditions(search: RunSearch | null, isFound: boolean): readonly FragmentSqlToken[] {
  if (search === null) return [];
  if (!isFound) {
    const arms = search.arms.map((arm) => sql.fragment`(${arm})`);
    return [sql.fragment`(${sql.join(arms, sql.fragment` or `)})`];
  }
  const arms = search.arms.map(
    (arm) =>
      sql.fragment`select execution.execution_id from mallsync.tb_batch_execution_summary execution where ${arm}`,
  );
  return [sql.fragment`execution.execution_id in (${sql.join(arms, sql.fragment` union `)})`];
}
