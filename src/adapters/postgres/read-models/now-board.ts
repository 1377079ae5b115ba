import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { EXECUTION_STATUSES, TRIGGERS, type ExecutionStatus, type Trigger } from '../../../domain/execution.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { loadMallBudgets, type MallBudget } from './mall-budgets.ts';
import { IS_RUNNING, loadQueue, type WaitingExecution } from './now-queue.ts';

/** Running, or at least launched: such a one has its pod before it is claimed. */
export interface RunningExecution {
  readonly executionId: number;
  readonly mallId: number;
  readonly mallName: string;
  readonly cafe24MallId: string;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly status: ExecutionStatus;
  readonly trigger: Trigger;
  readonly attemptCount: number;
  readonly mallSyncName: string | null;
  /** Null while its pod starts. */
  readonly startedAtMs: number | null;
  /** Rows read by this execution. */
  readonly read: number;
  readonly apiCalls: number;
  readonly waitMs: number;
  readonly pages: number;
  /** By the database's clock; 0 when its process is gone, null when none has claimed it yet. */
  readonly leaseEndsInMs: number | null;
  readonly windowsDone: number;
  readonly windowsTotal: number;
  /** Rows of all its windows, earlier executions of the same reading included. */
  readonly rowsSeen: number;
  /** What the API counts in all windows; null while one is not counted, or has no count. */
  readonly expectedRows: number | null;
  /** Why its last process let it go. */
  readonly lastReason: FailureReason | null;
}

export interface NowBoard {
  /** The longest running first, at most MOST_RUNNING. */
  readonly running: readonly RunningExecution[];
  readonly runningTotal: number;
  /** In the order in which they will begin, at most MOST_WAITING. */
  readonly waiting: readonly WaitingExecution[];
  readonly waitingTotal: number;
  /** Of the malls that run. */
  readonly budgets: readonly MallBudget[];
  /** Retry requests that are not done. */
  readonly requests: { readonly pending: number; readonly accepted: number };
}

const MOST_RUNNING = 300;
const MOST_WAITING = 200;

/** By the database's clock. */
export async function loadNowBoard(pool: QueryPool): Promise<NowBoard> {
  const [running, queue, requests] = await Promise.all([
    selectRunning(pool),
    loadQueue(pool, MOST_WAITING),
    loadRequests(pool),
  ]);
  return {
    running,
    runningTotal: running.length < MOST_RUNNING ? running.length : await countRunning(pool),
    waiting: queue.waiting,
    waitingTotal: queue.total,
    budgets: await loadMallBudgets(pool, [...new Set(running.map(({ mallId }) => mallId))]),
    requests,
  };
}

const runningRow = z
  .object({
    execution_id: z.int(),
    mall_id: z.int(),
    mall_name: z.string(),
    cafe24_mall_id: z.string(),
    domain_type: z.enum(DOMAIN_TYPES),
    start_date: z.string(),
    end_date: z.string(),
    status: z.enum(EXECUTION_STATUSES),
    trigger: z.enum(TRIGGERS),
    attempt_count: z.int(),
    mallsync_name: z.string().nullable(),
    started_at: z.number().nullable(),
    read: z.int(),
    api_calls: z.int(),
    wait_ms: z.int(),
    pages: z.int(),
    lease_ends_in_ms: z.number().nullable(),
    windows_done: z.int(),
    windows_total: z.int(),
    rows_seen: z.number(),
    expected_rows: z.number().nullable(),
    last_reason: failureReason.nullable(),
  })
  .transform((row): RunningExecution => ({
    executionId: row.execution_id,
    mallId: row.mall_id,
    mallName: row.mall_name,
    cafe24MallId: row.cafe24_mall_id,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    status: row.status,
    trigger: row.trigger,
    attemptCount: row.attempt_count,
    mallSyncName: row.mallsync_name,
    startedAtMs: row.started_at,
    read: row.read,
    apiCalls: row.api_calls,
    waitMs: row.wait_ms,
    pages: row.pages,
    leaseEndsInMs: row.lease_ends_in_ms,
    windowsDone: row.windows_done,
    windowsTotal: row.windows_total,
    rowsSeen: row.rows_seen,
    expectedRows: row.expected_rows,
    lastReason: row.last_reason,
  }));

async function selectRunning(pool: QueryPool): Promise<readonly RunningExecution[]> {
  return await pool.any(sql.type(runningRow)`
    select execution.execution_id, execution.mall_id, coalesce(mall.name, '') as mall_name,
      coalesce(mall.cafe24_mall_id, '') as cafe24_mall_id, execution.domain_type, execution.start_date,
      execution.end_date, execution.status, execution.trigger, execution.attempt_count, execution.mallsync_name,
      execution.started_at, execution.read, execution.api_calls, execution.wait_ms, execution.pages,
      case when execution.lease_until is not null
        then greatest(extract(epoch from execution.lease_until - clock_timestamp()) * 1000, 0)::float8
      end as lease_ends_in_ms,
      windows.done as windows_done, windows.total as windows_total, windows.rows_seen, windows.expected_rows,
      execution.last_reason
    from mallsync.tb_batch_execution_summary as execution
    left join mallsync.tb_mall_config as mall on mall.mall_id = execution.mall_id
    cross join lateral (
      select count(*) as total,
        count(*) filter (where state in ('COMPLETE', 'COMPLETE_WITH_REJECTS', 'INCOMPLETE')) as done,
        coalesce(sum(rows_seen), 0)::float8 as rows_seen,
        case when bool_and(count_before is not null) then sum(count_before)::float8 end as expected_rows
      from mallsync.tb_batch_window
      where instance_id = execution.instance_id and reading = execution.reading
    ) as windows
    where ${IS_RUNNING}
    order by execution.started_at nulls last, execution.execution_id limit ${MOST_RUNNING}`);
}

async function countRunning(pool: QueryPool): Promise<number> {
  return await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
    select count(*) from mallsync.tb_batch_execution_summary as execution where ${IS_RUNNING}`);
}

async function loadRequests(pool: QueryPool): Promise<NowBoard['requests']> {
  return await pool.one(sql.type(z.object({ pending: z.int(), accepted: z.int() }))`
    select count(*) filter (where state = 'PENDING') as pending, count(*) filter (where state = 'ACCEPTED') as accepted
    from mallsync.tb_batch_retry_request where state in ('PENDING', 'ACCEPTED')`);
}
