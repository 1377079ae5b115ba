import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { EXECUTION_STATUSES, TRIGGERS, type ExecutionStatus, type Trigger } from '../../../domain/execution.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { loadMallBudgets, type MallBudget } from './mall-budgets.ts';
import { orderQueue, type QueuedRun } from './queue-order.ts';

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

export interface WaitingExecution {
  /** From 1, in the queue of its installation. */
  readonly position: number;
  readonly executionId: number;
  readonly mallId: number;
  readonly mallName: string;
  readonly cafe24MallId: string;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly trigger: Trigger;
  readonly requestedAtMs: number;
  /** Null: a local run. */
  readonly mallSyncName: string | null;
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

export const MOST_RUNNING = 300;
export const MOST_WAITING = 200;

/** By the database's clock. */
export async function loadNowBoard(pool: QueryPool): Promise<NowBoard> {
  const [running, queued, requests] = await Promise.all([selectRunning(pool), selectQueued(pool), loadRequests(pool)]);
  const order = orderQueue(queued, MOST_WAITING);
  const [waiting, budgets] = await Promise.all([
    selectWaiting(pool, order),
    loadMallBudgets(pool, [...new Set(running.map(({ mallId }) => mallId))]),
  ]);
  return {
    running,
    runningTotal: running.length < MOST_RUNNING ? running.length : await countRunning(pool),
    waiting,
    waitingTotal: queued.length,
    budgets,
    requests,
  };
}

/** Live ones that hold a place: claimed at least once, or launched as a Job. */
const isRunning = sql.fragment`execution.status in ('REQUESTED', 'RUNNING', 'WAITING')
  and (execution.status <> 'REQUESTED' or execution.launched_at is not null)`;
const isQueued = sql.fragment`execution.status in ('REQUESTED', 'RUNNING', 'WAITING')
  and execution.status = 'REQUESTED' and execution.launched_at is null`;

const mallShape = { mall_id: z.int(), mall_name: z.string(), cafe24_mall_id: z.string() };
const periodShape = { domain_type: z.enum(DOMAIN_TYPES), start_date: z.string(), end_date: z.string() };

const runningRow = z
  .object({
    execution_id: z.int(),
    ...mallShape,
    ...periodShape,
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
      greatest(extract(epoch from execution.lease_until - clock_timestamp()) * 1000, 0)::float8 as lease_ends_in_ms,
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
    where ${isRunning}
    order by execution.started_at nulls last, execution.execution_id limit ${MOST_RUNNING}`);
}

async function countRunning(pool: QueryPool): Promise<number> {
  return await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
    select count(*) from mallsync.tb_batch_execution_summary as execution where ${isRunning}`);
}

const queuedRow = z
  .object({
    execution_id: z.int(),
    installation_id: z.string(),
    trigger: z.enum(TRIGGERS),
    mallsync_uid: z.string().nullable(),
    mallsync_name: z.string().nullable(),
    mallsync_created_at: z.number().nullable(),
    mallsync_active: z.int(),
  })
  .transform((row): QueuedRun => ({
    executionId: row.execution_id,
    installationId: row.installation_id,
    trigger: row.trigger,
    mallSync:
      row.mallsync_uid === null
        ? null
        : {
            uid: row.mallsync_uid,
            name: row.mallsync_name ?? '',
            createdAtMs: row.mallsync_created_at ?? 0,
            active: row.mallsync_active,
          },
  }));

async function selectQueued(pool: QueryPool): Promise<readonly QueuedRun[]> {
  return await pool.any(sql.type(queuedRow)`
    with active as (
      select execution.mallsync_uid, count(*) as runs from mallsync.tb_batch_execution_summary as execution
      where ${isRunning} and execution.mallsync_uid is not null group by execution.mallsync_uid
    )
    select execution.execution_id, execution.installation_id, execution.trigger, execution.mallsync_uid,
      execution.mallsync_name, known.created_at as mallsync_created_at, coalesce(active.runs, 0) as mallsync_active
    from mallsync.tb_batch_execution_summary as execution
    left join mallsync.tb_mallsync as known on known.mallsync_uid = execution.mallsync_uid
    left join active on active.mallsync_uid = execution.mallsync_uid
    where ${isQueued} order by execution.execution_id`);
}

const waitingRow = z.object({
  position: z.int(),
  execution_id: z.int(),
  ...mallShape,
  ...periodShape,
  trigger: z.enum(TRIGGERS),
  requested_at: z.number(),
  mallsync_name: z.string().nullable(),
});

async function selectWaiting(
  pool: QueryPool,
  order: readonly { readonly executionId: number; readonly position: number }[],
): Promise<readonly WaitingExecution[]> {
  const ids = order.map(({ executionId }) => executionId);
  const rows = await pool.any(sql.type(waitingRow)`
    select place.position, execution.execution_id, execution.mall_id, coalesce(mall.name, '') as mall_name,
      coalesce(mall.cafe24_mall_id, '') as cafe24_mall_id, execution.domain_type, execution.start_date,
      execution.end_date, execution.trigger, execution.requested_at, execution.mallsync_name
    from unnest(${sql.array(ids, 'int8')}, ${sql.array(
      order.map(({ position }) => position),
      'int4',
    )}) with ordinality as place (execution_id, position, n)
    join mallsync.tb_batch_execution_summary as execution on execution.execution_id = place.execution_id
    left join mallsync.tb_mall_config as mall on mall.mall_id = execution.mall_id
    order by place.n`);
  return rows.map((row) => ({
    position: row.position,
    executionId: row.execution_id,
    mallId: row.mall_id,
    mallName: row.mall_name,
    cafe24MallId: row.cafe24_mall_id,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    trigger: row.trigger,
    requestedAtMs: row.requested_at,
    mallSyncName: row.mallsync_name,
  }));
}

async function loadRequests(pool: QueryPool): Promise<NowBoard['requests']> {
  return await pool.one(sql.type(z.object({ pending: z.int(), accepted: z.int() }))`
    select count(*) filter (where state = 'PENDING') as pending, count(*) filter (where state = 'ACCEPTED') as accepted
    from mallsync.tb_batch_retry_request where state in ('PENDING', 'ACCEPTED')`);
}
