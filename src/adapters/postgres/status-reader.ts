import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import type { TimeRange } from '../../domain/period.ts';
import { WINDOW_STATES, type WindowState } from '../../domain/window.ts';
import { RECORD_COLUMNS, recordRow, type ExecutionRecord } from './execution-record.ts';
import type { QueryPool } from './pool.ts';
import { toRange } from './range-sql.ts';
import { IS_NOT_TAKEN_UP } from './taken-up.ts';

/** What is undefined does not narrow. */
export interface HistoryFilter {
  readonly mallIds?: readonly number[] | undefined;
  readonly domainTypes?: readonly DomainType[] | undefined;
  /** Asked for at this time or later. */
  readonly sinceMs?: number | undefined;
  /** The instance of exactly this period, however it was spelled. */
  readonly period?: TimeRange | undefined;
  readonly instanceId?: number | undefined;
  /** Only older ones than this: for the next page of a list. */
  readonly beforeExecutionId?: number | undefined;
}

/** All executions, the newest first. */
export async function listHistory(
  pool: QueryPool,
  filter: HistoryFilter,
  limit: number | null,
): Promise<readonly ExecutionRecord[]> {
  return await selectExecutions(pool, toConditions(filter), limit);
}

/**
 * Executions that ended without completing their instance, or that their process left live without a lease, and that
 * neither a MallSync nor a later execution has taken up. The newest first.
 */
export async function listUnmended(
  pool: QueryPool,
  filter: HistoryFilter,
  limit: number | null,
): Promise<readonly ExecutionRecord[]> {
  const isUnmended = sql.fragment`(execution.status in ('FAILED', 'STOPPED', 'ABANDONED')
      or execution.status in ('REQUESTED', 'RUNNING', 'WAITING') and execution.job_name is null
        and execution.mallsync_uid is null and (execution.lease_until is null or execution.lease_until <= clock_timestamp()))
    and ${IS_NOT_TAKEN_UP}`;
  return await selectExecutions(pool, [...toConditions(filter), isUnmended], limit);
}

/** Of each instance its newest execution that was no replay, the newest instance first. */
export async function listLatest(pool: QueryPool, filter: HistoryFilter): Promise<readonly ExecutionRecord[]> {
  const isLatest = sql.fragment`execution.mode <> 'REPLAY' and not exists (
    select from mallsync.tb_batch_execution_summary later
    where later.instance_id = execution.instance_id and later.execution_id > execution.execution_id
      and later.mode <> 'REPLAY')`;
  return await selectExecutions(pool, [...toConditions(filter), isLatest], null);
}

async function selectExecutions(
  pool: QueryPool,
  conditions: readonly FragmentSqlToken[],
  limit: number | null,
): Promise<readonly ExecutionRecord[]> {
  return await pool.any(sql.type(recordRow)`
    select ${RECORD_COLUMNS} from mallsync.tb_batch_execution_summary as execution
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}
    order by execution.execution_id desc limit ${limit}`);
}

function toConditions(filter: HistoryFilter): readonly FragmentSqlToken[] {
  const { mallIds, domainTypes, sinceMs, period, instanceId, beforeExecutionId } = filter;
  return [
    mallIds && sql.fragment`execution.mall_id = any(${sql.array([...mallIds], 'int8')})`,
    domainTypes && sql.fragment`execution.domain_type = any(${sql.array([...domainTypes], 'text')})`,
    sinceMs === undefined ? undefined : sql.fragment`execution.requested_at >= to_timestamp(${sinceMs}::float8 / 1000)`,
    period &&
      sql.fragment`execution.instance_id in (select instance_id from mallsync.tb_batch_job_instance
        where period = ${toRange(period)})`,
    instanceId === undefined ? undefined : sql.fragment`execution.instance_id = ${instanceId}`,
    beforeExecutionId === undefined ? undefined : sql.fragment`execution.execution_id < ${beforeExecutionId}`,
  ].filter((condition) => condition !== undefined);
}

/** A window as operators see it. */
export interface WindowRecord extends TimeRange {
  readonly n: number;
  readonly shopNo: number;
  readonly dateType: string;
  readonly state: WindowState;
  readonly nextOffset: number;
  readonly countBefore: number | null;
  readonly countAfter: number | null;
  readonly rowsSeen: number;
  readonly distinctSeen: number;
  readonly rejected: number;
  readonly rereads: number;
  /** Why it is incomplete. */
  readonly message: string | null;
}

const windowRow = z
  .object({
    n: z.int(),
    from_at: z.number(),
    until_at: z.number(),
    shop_no: z.int(),
    date_type: z.string(),
    state: z.enum(WINDOW_STATES),
    next_offset: z.int(),
    count_before: z.int().nullable(),
    count_after: z.int().nullable(),
    rows_seen: z.int(),
    distinct_seen: z.int(),
    rejected: z.int(),
    rereads: z.int(),
    message: z.string().nullable(),
  })
  .transform((row): WindowRecord => ({
    n: row.n,
    fromMs: row.from_at,
    untilMs: row.until_at,
    shopNo: row.shop_no,
    dateType: row.date_type,
    state: row.state,
    nextOffset: row.next_offset,
    countBefore: row.count_before,
    countAfter: row.count_after,
    rowsSeen: row.rows_seen,
    distinctSeen: row.distinct_seen,
    rejected: row.rejected,
    rereads: row.rereads,
    message: row.message,
  }));

/** The windows of the reading that the execution belongs to, by time. */
export async function listWindows(pool: QueryPool, executionId: number): Promise<readonly WindowRecord[]> {
  return await pool.any(sql.type(windowRow)`
    select w.n, lower(w.bounds) as from_at, upper(w.bounds) as until_at, w.shop_no, w.date_type, w.state, w.next_offset,
      w.count_before, w.count_after, w.rows_seen, w.distinct_seen, w.rejected, w.rereads, w.message
    from mallsync.tb_batch_execution_summary e
    join mallsync.tb_batch_window w on w.instance_id = e.instance_id and w.reading = e.reading
    where e.execution_id = ${executionId} order by w.shop_no, w.date_type, w.bounds, w.n`);
}
