import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import type { TimeRange } from '../../domain/period.ts';
import type { QueryPool } from './pool.ts';
import { toRange } from './range-sql.ts';

export interface LiveExecution {
  readonly executionId: number;
  readonly instanceId: number;
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly period: TimeRange;
  readonly installationId: string;
  /** The MallSync that it belongs to; null where a process runs it by itself. */
  readonly mallSync: { readonly uid: string; readonly name: string } | null;
}

const liveRow = z
  .object({
    execution_id: z.number(),
    instance_id: z.number(),
    mall_id: z.number(),
    domain_type: z.enum(DOMAIN_TYPES),
    from_ms: z.number(),
    until_ms: z.number(),
    installation_id: z.string(),
    mallsync_uid: z.string().nullable(),
    mallsync_name: z.string().nullable(),
  })
  .transform((row): LiveExecution => ({
    executionId: row.execution_id,
    instanceId: row.instance_id,
    mallId: row.mall_id,
    domainType: row.domain_type,
    period: { fromMs: row.from_ms, untilMs: row.until_ms },
    installationId: row.installation_id,
    mallSync: row.mallsync_uid === null ? null : { uid: row.mallsync_uid, name: row.mallsync_name ?? '' },
  }));

/**
 * What is being read of `within` or will soon be: a replay reads no period, and a back-fill that has not begun may wait
 * for weeks.
 */
export async function listReadingWithin(pool: QueryPool, within: TimeRange): Promise<readonly LiveExecution[]> {
  return await selectLive(
    pool,
    sql.fragment`instance.period && ${toRange(within)} and execution.mode <> 'REPLAY'
      and (execution.trigger <> 'BACKFILL' or execution.started_at is not null)`,
  );
}

/** The live executions of exactly this period, at most one a mall, in order of mallId. */
export async function listLiveOf(
  pool: QueryPool,
  {
    domainType,
    period,
    mallIds,
  }: { readonly domainType: DomainType; readonly period: TimeRange; readonly mallIds: readonly number[] },
): Promise<readonly LiveExecution[]> {
  return await selectLive(
    pool,
    sql.fragment`execution.mall_id = any(${sql.array([...mallIds], 'int8')}) and execution.domain_type = ${domainType}
      and instance.period = ${toRange(period)}`,
  );
}

async function selectLive(pool: QueryPool, where: FragmentSqlToken): Promise<readonly LiveExecution[]> {
  return await pool.any(sql.type(liveRow)`
    select execution.execution_id, instance.instance_id, execution.mall_id, execution.domain_type,
      (extract(epoch from lower(instance.period)) * 1000)::float8 as from_ms,
      (extract(epoch from upper(instance.period)) * 1000)::float8 as until_ms,
      execution.installation_id, execution.mallsync_uid, execution.mallsync_name
    from mallsync.tb_batch_execution_summary as execution
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = execution.instance_id
    where execution.status in ('REQUESTED', 'RUNNING', 'WAITING') and ${where}
    order by execution.mall_id, execution.domain_type, execution.execution_id`);
}
