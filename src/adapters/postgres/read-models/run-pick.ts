import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { EXECUTION_STATUSES, isLive, type ExecutionStatus, type Trigger } from '../../../domain/execution.ts';
import type { Queries } from '../pool.ts';
import { IS_NOT_TAKEN_UP } from '../taken-up.ts';
import { isOneOf } from './run-filter.ts';
import { IS_OF_PERIOD, toPeriodTable, type RunPeriod } from './run-period.ts';
import type { RunScope } from './run-scope.ts';
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

const pickedRow = z
  .object({ execution_id: z.int(), place: z.array(z.int()) })
  .transform((row): PickedRun => ({ executionId: row.execution_id, place: row.place }));

/** Collects all that match and sorts them: for what is rare, in any order. Nearest to `from` first. */
export async function gatherRuns(
  pool: Queries,
  scope: RunScope,
  place: FragmentSqlToken,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const { from, isBackward } = range;
  const comparison = isBackward ? sql.fragment`<` : sql.fragment`>`;
  const isBeyond =
    from === null ? sql.fragment`true` : sql.fragment`place ${comparison} ${sql.array([...from], 'int8')}`;
  const parts = toParts(scope).flatMap((conditions) =>
    (scope.arms ?? [sql.fragment`true`]).map(
      (
        arm,
      ) => sql.fragment`select execution.execution_id, execution.instance_id, execution.attempt_count, execution.mode,
          array[${place}]::bigint[] as place
        from mallsync.tb_batch_execution_summary execution where ${joinAll([arm, ...conditions])}`,
    ),
  );
  // one row may be found by several arms, but has only one status and trigger
  const union = scope.arms === null ? sql.fragment` union all ` : sql.fragment` union `;
  // asked of what was found only: to the planner, the question is dearer than any way to find it
  const isWanted = scope.isUnmended ? IS_NOT_TAKEN_UP : sql.fragment`true`;
  return await pool.any(sql.type(pickedRow)`
    with execution as materialized (${sql.join(parts, union)})
    select execution_id, place from execution where ${isWanted} and ${isBeyond}
    order by place ${toDirection(range)} limit ${range.limit}`);
}

/** Walks an index in the list's order and drops what does not match. Nearest to `from` first. */
export async function walkRuns(
  pool: Queries,
  scope: RunScope,
  order: RunOrder,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  return await selectMerged(
    pool,
    toParts(scope).map((conditions) => walk([...conditions, ...joinArms(scope)], order, range)),
    range,
  );
}

/**
 * Walks each period by itself, so that none of what lies between them is passed; only those with the nearest runs, for
 * as many as a page has rows can give it one.
 */
export async function walkPeriods(
  pool: Queries,
  { periods, ...scope }: RunScope & { readonly periods: readonly RunPeriod[] },
  order: RunOrder,
  range: PickRange,
): Promise<readonly PickedRun[]> {
  const parts = toParts({ ...scope, periods }).map((conditions) => {
    const ofPeriod = [IS_OF_PERIOD, ...conditions, ...joinArms(scope)];
    return sql.fragment`(
      select picked.* from (
        select period.* from ${toPeriodTable(periods)}
        cross join lateral ${walk(ofPeriod, order, { ...range, limit: 1 })} nearest
        order by nearest.place ${toDirection(range)} limit ${range.limit}
      ) period
      cross join lateral ${walk(ofPeriod, order, range)} picked)`;
  });
  return await selectMerged(pool, parts, range);
}

/** As many as the limit lets through, in no order. */
export async function collectOfPeriods(
  pool: Queries,
  { periods, ...scope }: RunScope & { readonly periods: readonly RunPeriod[] },
  limit: number,
): Promise<readonly number[]> {
  const parts = toParts({ ...scope, periods }).map(
    (conditions) => sql.fragment`(
      select picked.execution_id from ${toPeriodTable(periods)}
      cross join lateral (
        select execution.execution_id from mallsync.tb_batch_execution_summary execution
        where ${joinAll([IS_OF_PERIOD, ...conditions, ...joinArms(scope)])} limit ${limit}
      ) picked limit ${limit})`,
  );
  return await pool.anyFirst(sql.type(z.object({ execution_id: z.int() }))`
    select execution_id from (${sql.join(parts, sql.fragment` union all `)}) merged limit ${limit}`);
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
  range: PickRange,
): Promise<readonly PickedRun[]> {
  return await pool.any(sql.type(pickedRow)`
    select execution_id, place from (${sql.join([...parts], sql.fragment` union all `)}) merged
    order by place ${toDirection(range)} limit ${range.limit}`);
}

/** The conditions of each part that an index of its own leads to; there is at least one. */
function toParts(scope: RunScope): readonly (readonly FragmentSqlToken[])[] {
  const ofStatuses = splitStatuses(scope.statuses).map((part) => isOneOf('status', part));
  const statuses = scope.statuses.length === EXECUTION_STATUSES.length ? [null] : ofStatuses;
  const triggers = splitTriggers(scope.triggers).map((part) => (part === null ? null : isOneOf('trigger', part)));
  return statuses.flatMap((ofStatus) =>
    triggers.map((ofTrigger) => [ofStatus, ofTrigger, ...scope.conditions].filter((condition) => condition !== null)),
  );
}

/** Where one walks past all executions, the arms are one condition. */
function joinArms({ arms }: Pick<RunScope, 'arms'>): readonly FragmentSqlToken[] {
  if (arms === null) return [];
  const each = arms.map((arm) => sql.fragment`(${arm})`);
  return [sql.fragment`(${sql.join(each, sql.fragment` or `)})`];
}

/** What does not last, and what went wrong; nearly all others are COMPLETED. */
function splitStatuses(statuses: readonly ExecutionStatus[]): readonly (readonly ExecutionStatus[])[] {
  if (statuses.includes('COMPLETED')) return [statuses];
  const parts = [statuses.filter(isLive), statuses.filter((status) => !isLive(status))];
  return parts.filter((part) => part.length > 0);
}

/** Nearly all others are NIGHTLY. */
function splitTriggers(triggers: readonly Trigger[] | null): readonly (readonly Trigger[] | null)[] {
  if (triggers === null) return [null];
  return triggers.includes('NIGHTLY') ? [triggers] : triggers.map((trigger) => [trigger]);
}

function joinAll(conditions: readonly FragmentSqlToken[]): FragmentSqlToken {
  return sql.fragment`${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}`;
}

function toDirection({ isBackward }: PickRange): FragmentSqlToken {
  return isBackward ? sql.fragment`desc` : sql.fragment`asc`;
}
