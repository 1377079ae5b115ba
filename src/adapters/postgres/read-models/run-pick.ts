import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { ExecutionStatus } from '../../../domain/execution.ts';
import { EXECUTION_STATUSES } from '../../../domain/execution.ts';
import type { Queries } from '../pool.ts';
import { isOneOf } from './run-filter.ts';
import { IS_OF_PERIOD, toPeriodTable, type RunPeriod } from './run-period.ts';
import { splitStatuses } from './run-scope.ts';
import type { RunOrder, RunPlace } from './run-sort.ts';

/** A row of the list before its columns are read. */
export interface PickedRun {
  readonly executionId: number;
  readonly place: RunPlace;
}

/** Where a page begins and how many rows it takes. */
export interface PickRange {
  /** The page lies behind this place; with `isBackward` before it. Null for the list's beginning, or its end. */
  readonly from: RunPlace | null;
  readonly isBackward: boolean;
  readonly limit: number;
}

export interface Pick {
  readonly statuses: readonly ExecutionStatus[];
  readonly conditions: readonly FragmentSqlToken[];
}

const pickedRow = z
  .object({ execution_id: z.int(), place: z.array(z.int()) })
  .transform((row): PickedRun => ({ executionId: row.execution_id, place: row.place }));

/** Collects all that match and sorts them: for what is rare, in any order. Nearest to `from` first. */
export async function gatherRuns(
  pool: Queries,
  pick: Pick,
  place: FragmentSqlToken,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const { from, isBackward } = range;
  const at = from === null ? null : sql.fragment`${sql.array([...from], 'int8')}`;
  const comparison = isBackward ? sql.fragment`<` : sql.fragment`>`;
  const parts = toParts(pick).map(
    (conditions) => sql.fragment`select execution.execution_id, array[${place}]::bigint[] as place
      from mallsync.tb_batch_execution_summary execution where ${joinAll(conditions)}`,
  );
  return await pool.any(sql.type(pickedRow)`
    with chosen as materialized (${sql.join(parts, sql.fragment` union all `)})
    select execution_id, place from chosen where ${at === null ? sql.fragment`true` : sql.fragment`place ${comparison} ${at}`}
    order by place ${toDirection(isBackward)} limit ${range.limit}`);
}

/** Walks an index in the list's order and drops what does not match. Nearest to `from` first. */
export async function walkRuns(
  pool: Queries,
  pick: Pick,
  order: RunOrder,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const parts = toParts(pick).map((conditions) => walk(conditions, order, range));
  return await selectMerged(pool, parts, range);
}

/** Walks each period by itself, so that none of what lies between them is passed. */
export async function walkPeriods(
  pool: Queries,
  pick: Pick & { readonly periods: readonly RunPeriod[] },
  order: RunOrder,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const parts = toParts(pick).map(
    (conditions) => sql.fragment`(
      select picked.* from ${toPeriodTable(pick.periods)}
      cross join lateral ${walk([IS_OF_PERIOD, ...conditions], order, range)} picked)`,
  );
  return await selectMerged(pool, parts, range);
}

function walk(conditions: readonly FragmentSqlToken[], order: RunOrder, range: PickRange): FragmentSqlToken {
  const { from, isBackward, limit } = range;
  const keyset = from === null ? [] : [isBackward ? order.before(from) : order.behind(from)];
  return sql.fragment`(
    select execution.execution_id, array[${order.place}]::bigint[] as place
    from mallsync.tb_batch_execution_summary execution where ${joinAll([...conditions, ...keyset])}
    order by ${isBackward ? order.backward : order.forward} limit ${limit})`;
}

async function selectMerged(
  pool: Queries,
  parts: readonly FragmentSqlToken[],
  { isBackward, limit }: PickRange,
): Promise<readonly PickedRun[]> {
  if (parts.length === 0) return [];
  return await pool.any(sql.type(pickedRow)`
    select execution_id, place from (${sql.join([...parts], sql.fragment` union all `)}) merged
    order by place ${toDirection(isBackward)} limit ${limit}`);
}

/** The conditions of each part of the statuses that an index of its own leads to. */
function toParts({ statuses, conditions }: Pick): readonly (readonly FragmentSqlToken[])[] {
  if (statuses.length === EXECUTION_STATUSES.length) return [conditions];
  return splitStatuses(statuses).map((part) => [isOneOf('status', part), ...conditions]);
}

function joinAll(conditions: readonly FragmentSqlToken[]): FragmentSqlToken {
  return sql.fragment`${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}`;
}

function toDirection(isBackward: boolean): FragmentSqlToken {
  return isBackward ? sql.fragment`desc` : sql.fragment`asc`;
}
