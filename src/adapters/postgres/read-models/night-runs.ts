import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { EXECUTION_STATUSES, type ExecutionStatus } from '../../../domain/execution.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { DAY_MS, toSeoulDay } from '../../../domain/seoul-time.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { isOfNight } from './run-filter.ts';

/** A mall and domain type that a night had to read, and the execution that counts for it. */
export interface NightRun {
  readonly mallId: number;
  readonly domainType: DomainType;
  /** Null when there is no execution yet. */
  readonly status: ExecutionStatus | null;
  readonly failureReason: FailureReason | null;
}

const nightRow = z
  .object({
    mall_id: z.int(),
    domain_type: z.enum(DOMAIN_TYPES),
    status: z.enum(EXECUTION_STATUSES).nullable(),
    failure_reason: failureReason.nullable(),
  })
  .transform((row): NightRun => ({
    mallId: row.mall_id,
    domainType: row.domain_type,
    status: row.status,
    failureReason: row.failure_reason,
  }));

/** A mall that came after the day ended belongs to its night only where it was read for it all the same. */
export async function loadNightRuns(pool: QueryPool, fromMs: number): Promise<readonly NightRun[]> {
  return await pool.any(sql.type(nightRow)`
    with latest as (
      select distinct on (mall_id, domain_type) mall_id, domain_type, status, failure_reason
      from mallsync.tb_batch_execution_summary execution
      where ${isOfNight(toSeoulDay(fromMs))} and mode <> 'REPLAY'
      order by mall_id, domain_type, execution_id desc
    )
    select mall.mall_id, wanted.domain_type, latest.status, latest.failure_reason
    from mallsync.tb_mall_config mall cross join unnest(mall.domain_types) wanted (domain_type)
    left join latest on latest.mall_id = mall.mall_id and latest.domain_type = wanted.domain_type
    where mall.active
      and (latest.status is not null or mall.created_at < to_timestamp(${fromMs + DAY_MS}::float8 / 1000))
    order by mall.mall_id, wanted.domain_type`);
}
