import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { TRIGGERS, type Trigger } from '../../../domain/execution.ts';
import type { QueryPool } from '../pool.ts';
import { orderQueue, type QueuedRun, type QueuePlace } from './queue-order.ts';
import { IS_LIVE } from './run-filter.ts';

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

/** Live ones that hold a place: claimed at least once, or launched as a Job. */
export const IS_RUNNING = sql.fragment`${IS_LIVE} and (execution.status <> 'REQUESTED' or execution.launched_at is not null)`;

const IS_QUEUED = sql.fragment`execution.status = 'REQUESTED' and execution.launched_at is null`;

/** The first `limit` in the order in which they will begin, and how many wait in all. */
export async function loadQueue(
  pool: QueryPool,
  limit: number,
): Promise<{ readonly waiting: readonly WaitingExecution[]; readonly total: number }> {
  const queued = await selectQueued(pool);
  return { waiting: await selectWaiting(pool, orderQueue(queued, limit)), total: queued.length };
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
      where ${IS_RUNNING} and execution.mallsync_uid is not null group by execution.mallsync_uid
    )
    select execution.execution_id, execution.installation_id, execution.trigger, execution.mallsync_uid,
      execution.mallsync_name, known.created_at as mallsync_created_at, coalesce(active.runs, 0) as mallsync_active
    from mallsync.tb_batch_execution_summary as execution
    left join mallsync.tb_mallsync as known on known.mallsync_uid = execution.mallsync_uid
    left join active on active.mallsync_uid = execution.mallsync_uid
    where ${IS_QUEUED} order by execution.execution_id`);
}

const waitingRow = z.object({
  position: z.int(),
  execution_id: z.int(),
  mall_id: z.int(),
  mall_name: z.string(),
  cafe24_mall_id: z.string(),
  domain_type: z.enum(DOMAIN_TYPES),
  start_date: z.string(),
  end_date: z.string(),
  trigger: z.enum(TRIGGERS),
  requested_at: z.number(),
  mallsync_name: z.string().nullable(),
});

async function selectWaiting(pool: QueryPool, order: readonly QueuePlace[]): Promise<readonly WaitingExecution[]> {
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
