import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { ExecutionStatus, Trigger } from '../../../domain/execution.ts';
import { toStorableText } from '../ledger-text.ts';
import type { QueryPool } from '../pool.ts';
import { beginsWith, listStatuses, toRunConditions, type RunFilter } from './run-filter.ts';
import { listRunPeriods, type RunPeriod } from './run-period.ts';
import { loadRunSearch } from './run-search.ts';

/** A filter, and what is known of how much matches it. */
export interface RunScope {
  readonly statuses: readonly ExecutionStatus[];
  /** Null for all. */
  readonly triggers: readonly Trigger[] | null;
  /** Beside those of statuses and triggers; all must hold. */
  readonly conditions: readonly FragmentSqlToken[];
  /** Where they are given, one of them must hold. */
  readonly arms: readonly FragmentSqlToken[] | null;
  /** Few enough to be gathered and sorted, by whatever leads to them. */
  readonly isRare: boolean;
  /** Only what no later execution took up: as rare as what went wrong, though what is left of it may lie anywhere. */
  readonly isUnmended: boolean;
  /** All periods of what matches, where whoever walks in the list's order could pass a long stretch of others. */
  readonly periods: readonly RunPeriod[] | null;
}

const MOST_GATHERED = 30_000;
const FEW_MALLS = 20;
/** What someone asked for has an index of its own. */
const ASKED_TRIGGERS: readonly Trigger[] = ['RERUN', 'MANUAL', 'BACKFILL'];

export async function loadRunScope(pool: QueryPool, filter: RunFilter): Promise<RunScope> {
  const text = toStorableText(filter.search ?? '').trim();
  const search = text === '' ? null : await loadRunSearch(pool, text, FEW_MALLS);
  const isFound = search !== null && (await areRare(pool, search.wideArms));
  const isRare = isFound || isRareByItself(filter) || (await isOfRareMallSync(pool, filter.mallSync));
  return {
    statuses: listStatuses(filter),
    triggers: filter.triggers ?? null,
    conditions: toRunConditions(filter),
    arms: search?.arms ?? null,
    isRare,
    isUnmended: filter.unmended === true,
    periods: filter.period === undefined || isRare ? null : await listRunPeriods(pool, filter),
  };
}

function isRareByItself({ mallIds, night, triggers }: RunFilter): boolean {
  const isOfFewMalls = mallIds !== undefined && mallIds.length <= FEW_MALLS;
  return isOfFewMalls || night !== undefined || (triggers?.every((each) => ASKED_TRIGGERS.includes(each)) ?? false);
}

async function isOfRareMallSync(pool: QueryPool, mallSync: string | undefined): Promise<boolean> {
  return mallSync !== undefined && (await areRare(pool, [beginsWith('mallsync_name', mallSync)]));
}

/** Whether each of the conditions holds of few executions; asks no further than it must. */
async function areRare(pool: QueryPool, conditions: readonly FragmentSqlToken[]): Promise<boolean> {
  for (const condition of conditions) {
    const count = await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
      select count(*) from (
        select from mallsync.tb_batch_execution_summary execution where ${condition} limit ${MOST_GATHERED + 1}) few`);
    if (count > MOST_GATHERED) return false;
  }
  return true;
}
