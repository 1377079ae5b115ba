import { sql, type FragmentSqlToken } from 'slonik';
import { LIVE_STATUSES, type ExecutionStatus } from '../../../domain/execution.ts';
import { IS_NOT_TAKEN_UP, IS_TAKEN_UP } from '../taken-up.ts';
import type { RunSort } from './run-cursor.ts';
import { FAILED_STATUSES, HAS_FAILED, IS_LIVE } from './run-filter.ts';

/**
 * A row's place in the list as numbers, ascending one after the other: what is to come largest first is negated, and the
 * last number is the executionId's.
 */
export type RunPlace = readonly number[];

/** An order that an index keeps. */
export interface RunOrder {
  /** The numbers of a row's place. */
  readonly place: FragmentSqlToken;
  readonly forward: FragmentSqlToken;
  readonly backward: FragmentSqlToken;
  behind(place: RunPlace): FragmentSqlToken;
  before(place: RunPlace): FragmentSqlToken;
}

function buildDescending(
  column: FragmentSqlToken,
  number: FragmentSqlToken,
  toValue: (value: number) => FragmentSqlToken,
): RunOrder {
  const at = (place: RunPlace) => sql.fragment`(${toValue(-(place[0] ?? 0))}, ${-(place[1] ?? 0)}::bigint)`;
  return {
    place: sql.fragment`-${number}, -execution.execution_id`,
    forward: sql.fragment`${column} desc, execution.execution_id desc`,
    backward: sql.fragment`${column} asc, execution.execution_id asc`,
    behind: (place) => sql.fragment`(${column}, execution.execution_id) < ${at(place)}`,
    before: (place) => sql.fragment`(${column}, execution.execution_id) > ${at(place)}`,
  };
}

const REQUESTED_MICROSECONDS = sql.fragment`(extract(epoch from execution.requested_at) * 1000000)::bigint`;
/** As tb_batch_execution_duration has it. */
const DURATION = sql.fragment`coalesce((extract(epoch from execution.ended_at - execution.started_at) * 1000)::bigint, -1)`;
const toNumber = (value: number) => sql.fragment`${value}::bigint`;

export const NEWEST_FIRST = buildDescending(
  sql.fragment`execution.requested_at`,
  REQUESTED_MICROSECONDS,
  (value) => sql.fragment`timestamptz 'epoch' + ${value}::bigint * interval '1 microsecond'`,
);

export const ORDERS: Readonly<Record<Exclude<RunSort, 'failedFirst'>, RunOrder>> = {
  newest: NEWEST_FIRST,
  duration: buildDescending(DURATION, DURATION, toNumber),
  rows: buildDescending(sql.fragment`execution.ended_read`, sql.fragment`execution.ended_read`, toNumber),
  mall: {
    place: sql.fragment`execution.mall_id, -execution.execution_id`,
    forward: sql.fragment`execution.mall_id asc, execution.execution_id desc`,
    backward: sql.fragment`execution.mall_id desc, execution.execution_id asc`,
    behind: ([mallId = 0, place = 0]) => sql.fragment`execution.mall_id >= ${mallId}
      and (execution.mall_id > ${mallId} or execution.execution_id < ${-place}::bigint)`,
    before: ([mallId = 0, place = 0]) => sql.fragment`execution.mall_id <= ${mallId}
      and (execution.mall_id < ${mallId} or execution.execution_id > ${-place}::bigint)`,
  },
};

interface Rank {
  readonly statuses: readonly ExecutionStatus[];
  readonly isUnmended: boolean;
  readonly condition: FragmentSqlToken;
}

/** What failedFirst puts one behind the other; each holds its newest first. */
export const RANKS: readonly Rank[] = [
  { statuses: FAILED_STATUSES, isUnmended: true, condition: sql.fragment`true` },
  { statuses: LIVE_STATUSES, isUnmended: false, condition: sql.fragment`true` },
  { statuses: ['COMPLETED_WITH_REJECTS'], isUnmended: false, condition: sql.fragment`true` },
  {
    statuses: ['COMPLETED', ...FAILED_STATUSES],
    isUnmended: false,
    condition: sql.fragment`(execution.status = 'COMPLETED' or ${IS_TAKEN_UP})`,
  },
];

/** The place of a row that no index leads to. */
export function toPlace(sort: RunSort): FragmentSqlToken {
  if (sort !== 'failedFirst') return ORDERS[sort].place;
  return sql.fragment`case when ${IS_LIVE} then 1 when execution.status = 'COMPLETED_WITH_REJECTS' then 2
      when ${HAS_FAILED} and ${IS_NOT_TAKEN_UP} then 0 else 3 end, ${NEWEST_FIRST.place}`;
}
