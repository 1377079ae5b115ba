import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import type { QueryPool } from './pool.ts';

export interface ReplayFilter {
  readonly fingerprint: string;
  readonly mallIds?: readonly number[] | undefined;
  readonly domainTypes?: readonly DomainType[] | undefined;
}

/** A period of a mall in which open rejected rows of the group were met. */
export interface ReplayCandidate {
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  readonly entries: number;
}

const candidateRow = z
  .object({
    mall_id: z.number(),
    domain_type: z.enum(DOMAIN_TYPES),
    start_date: z.string(),
    end_date: z.string(),
    page_size: z.number(),
    entries: z.number(),
  })
  .transform((row): ReplayCandidate => ({
    mallId: row.mall_id,
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
    pageSize: row.page_size,
    entries: row.entries,
  }));

/** The periods to replay for a group: those of the executions that met its open rows last. */
export async function listReplayCandidates(pool: QueryPool, filter: ReplayFilter): Promise<readonly ReplayCandidate[]> {
  return await pool.any(sql.type(candidateRow)`
    select instance.mall_id, instance.domain_type, instance.start_date, instance.end_date,
      max(execution.page_size) as page_size, count(*) as entries
    from mallsync.tb_batch_error_log as entry
    join mallsync.tb_batch_execution_summary as execution on execution.execution_id = entry.execution_id
    join mallsync.tb_batch_job_instance as instance on instance.instance_id = execution.instance_id
    where entry.status = 'OPEN' and entry.shop_no is not null and ${joinConditions(filter)}
    group by instance.instance_id order by instance.mall_id, instance.domain_type, instance.period`);
}

function joinConditions({ fingerprint, mallIds, domainTypes }: ReplayFilter) {
  const conditions: readonly FragmentSqlToken[] = [
    sql.fragment`entry.fingerprint = ${fingerprint}`,
    mallIds && sql.fragment`entry.mall_id = any(${sql.array([...mallIds], 'int8')})`,
    domainTypes && sql.fragment`entry.domain_type = any(${sql.array([...domainTypes], 'text')})`,
  ].filter((condition) => condition !== undefined);
  return sql.join([...conditions], sql.fragment` and `);
}
