import { sql, type DatabaseTransactionConnection } from 'slonik';
import { z } from 'zod';
import type { AdmissionWish, InstanceState, KnownExecution } from '../../domain/admission.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES, MODES, type Trigger } from '../../domain/execution.ts';
import type { Period } from '../../domain/period.ts';

export interface ExecutionRequest extends AdmissionWish {
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly period: Period;
  /** REPLAY only: the groups of rejected rows, null for all. */
  readonly fingerprints: readonly string[] | null;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  readonly installationId: string;
}

/** Null while there is no row for it. */
export interface StoredInstance {
  readonly instanceId: number | null;
}

const foundRow = z.object({
  is_over: z.boolean(),
  instance_id: z.int().nullable(),
  reading: z.int().nullable(),
  has_open_rejects: z.boolean(),
});

export const knownExecutionRow = z
  .object({
    execution_id: z.int(),
    attempt_count: z.int(),
    status: z.enum(EXECUTION_STATUSES),
    mode: z.enum(MODES),
    reading: z.int(),
    page_size: z.int(),
    mallsync_name: z.string().nullable(),
  })
  .transform((row): KnownExecution => ({
    executionId: row.execution_id,
    attemptCount: row.attempt_count,
    status: row.status,
    mode: row.mode,
    reading: row.reading,
    pageSize: row.page_size,
    mallSyncName: row.mallsync_name,
  }));

/** What is known of the request's mall, domain type and period; an instance that exists is locked until the commit. */
export async function loadInstance(
  transaction: DatabaseTransactionConnection,
  { mallId, domainType, period, fingerprints }: ExecutionRequest,
): Promise<StoredInstance & InstanceState> {
  const from = sql.fragment`to_timestamp(${period.fromMs}::float8 / 1000)`;
  const until = sql.fragment`to_timestamp(${period.untilMs}::float8 / 1000)`;
  const groups =
    fingerprints === null
      ? sql.fragment`true`
      : sql.fragment`fingerprint = any(${sql.array([...fingerprints], 'text')})`;
  await transaction.query(sql.unsafe`
    select 1 from mallsync.tb_batch_job_instance
    where mall_id = ${mallId} and domain_type = ${domainType} and period = tstzrange(${from}, ${until})
    for no key update`);
  const found = await transaction.one(sql.type(foundRow)`
    select ${until} <= clock_timestamp() as is_over, instance.instance_id, instance.reading, exists (
        select 1 from mallsync.tb_batch_error_log
        where mall_id = ${mallId} and domain_type = ${domainType} and status = 'OPEN' and shop_no is not null
          and window_bounds && tstzrange(${from}, ${until}) and ${groups}
      ) as has_open_rejects
    from (select 1) as always left join mallsync.tb_batch_job_instance as instance
      on instance.mall_id = ${mallId} and instance.domain_type = ${domainType}
        and instance.period = tstzrange(${from}, ${until})`);
  const executions = await transaction.any(sql.type(knownExecutionRow)`
    select execution_id, attempt_count, status, mode, reading, page_size, mallsync_name
    from mallsync.tb_batch_execution_summary
    where instance_id = ${found.instance_id}`);
  return {
    instanceId: found.instance_id,
    isPeriodOver: found.is_over,
    reading: found.reading ?? 1,
    executions,
    hasOpenRejects: found.has_open_rejects,
  };
}
