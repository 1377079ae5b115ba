import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { CREDENTIAL_STATES } from '../../../domain/credential.ts';
import { DOMAIN_TYPES } from '../../../domain/domain-type.ts';
import { RECORD_COLUMNS, recordRow, type ExecutionRecord } from '../execution-record.ts';
import { failureReason } from '../execution-end.ts';
import type { QueryPool } from '../pool.ts';
import { IS_TAKEN_UP } from '../taken-up.ts';

const freshnessRow = z.object({
  domain_type: z.enum(DOMAIN_TYPES),
  end_ms: z.number().nullable(),
  is_late: z.boolean(),
  open_rejects: z.number(),
});

const boardRow = z.object({
  mall_id: z.number(),
  cafe24_mall_id: z.string(),
  name: z.string(),
  active: z.boolean(),
  created_at: z.number(),
  domain_types: z.array(z.enum(DOMAIN_TYPES)),
  labels: z.record(z.string(), z.string()),
  state: z.enum(CREDENTIAL_STATES).nullable(),
  refresh_expires_at: z.number().nullable(),
  last_refreshed_at: z.number().nullable(),
  freshness: z.array(freshnessRow),
  failed_execution_id: z.number().nullable(),
  failed_reason: failureReason.nullable(),
  failed_at: z.number().nullable(),
  failure_is_mended: z.boolean().nullable(),
});

export type BoardRecord = z.infer<typeof boardRow>;

/**
 * Of a mall and its coverage: an active mall is late where the end of its last complete period, or else its own beginning
 * here, lies before `lateBeforeMs`.
 */
export function isLate(lateBeforeMs: number): FragmentSqlToken {
  return sql.fragment`(mall.active and coalesce(upper(coverage.covered), mall.created_at)
    < to_timestamp(${lateBeforeMs}::float8 / 1000))`;
}

/** Each mall with its freshness, or one. */
function buildBoard(lateBeforeMs: number, mallId: number | null): FragmentSqlToken {
  return sql.fragment`
    select mall.mall_id, mall.cafe24_mall_id, mall.name, mall.active, mall.created_at, mall.domain_types, mall.labels,
      credential.state, credential.refresh_expires_at, credential.last_refreshed_at, fresh.freshness, fresh.late
    from mallsync.tb_mall_config as mall
    left join mallsync.tb_mall_credential as credential on credential.mall_id = mall.mall_id
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object('domain_type', domain_type,
          'end_ms', (extract(epoch from end_at) * 1000)::bigint, 'is_late', is_late) order by place), '[]') as freshness,
        coalesce(array_agg(domain_type) filter (where is_late), '{}') as late
      from (
        select taken.domain_type, taken.place, upper(coverage.covered) as end_at,
          ${isLate(lateBeforeMs)} as is_late
        from unnest(mall.domain_types) with ordinality as taken (domain_type, place)
        left join mallsync.tb_coverage as coverage
          on coverage.mall_id = mall.mall_id and coverage.domain_type = taken.domain_type
      ) as each
    ) as fresh
    where ${mallId}::bigint is null or mall.mall_id = ${mallId}::bigint`;
}

/** `where` speaks of the board's columns; `mallId` null means all malls, in order of mallId. */
export async function selectBoard(
  pool: QueryPool,
  {
    lateBeforeMs,
    mallId,
    where,
    limit,
  }: {
    readonly lateBeforeMs: number;
    readonly mallId: number | null;
    readonly where: FragmentSqlToken;
    readonly limit: number;
  },
): Promise<readonly BoardRecord[]> {
  return await pool.any(sql.type(boardRow)`
    select page.*, counted.freshness, failed.execution_id as failed_execution_id, failed.reason as failed_reason,
      failed.at as failed_at, failed.is_mended as failure_is_mended
    from (
      select mall_id, cafe24_mall_id, name, active, created_at, domain_types, labels, state, refresh_expires_at,
        last_refreshed_at, freshness as uncounted
      from (${buildBoard(lateBeforeMs, mallId)}) as board where ${where} order by mall_id limit ${limit}
    ) as page
    cross join lateral (
      select coalesce(jsonb_agg(fresh || jsonb_build_object('open_rejects', (
        select count(*) from mallsync.tb_batch_error_log as entry
        where entry.mall_id = page.mall_id and entry.domain_type = fresh ->> 'domain_type' and entry.status = 'OPEN'
          and entry.shop_no is not null
      )) order by place), '[]') as freshness
      from jsonb_array_elements(page.uncounted) with ordinality as each (fresh, place)
    ) as counted
    left join lateral (
      select execution.execution_id, coalesce(execution.failure_reason, execution.last_reason) as reason,
        coalesce(execution.ended_at, execution.requested_at) as at, ${IS_TAKEN_UP} as is_mended
      from mallsync.tb_batch_execution_summary as execution
      where execution.mall_id = page.mall_id and execution.status = 'FAILED'
      order by execution.execution_id desc limit 1
    ) as failed on true
    order by page.mall_id`);
}

const totalsRow = z.object({
  malls: z.number(),
  active: z.number(),
  inactive: z.number(),
  late: z.number(),
  needs_consent: z.number(),
  uninstalled: z.number(),
  no_credential: z.number(),
  matching: z.number(),
});

/** Counts over all malls, and of those that fit `where`. */
export async function countBoard(
  pool: QueryPool,
  lateBeforeMs: number,
  where: FragmentSqlToken,
): Promise<z.infer<typeof totalsRow>> {
  return await pool.one(sql.type(totalsRow)`
    select count(*) as malls, count(*) filter (where active) as active, count(*) filter (where not active) as inactive,
      count(*) filter (where cardinality(late) > 0) as late,
      count(*) filter (where active and state = 'NEEDS_CONSENT') as needs_consent,
      count(*) filter (where active and state = 'UNINSTALLED') as uninstalled,
      count(*) filter (where active and state is null) as no_credential,
      count(*) filter (where ${where}) as matching
    from (${buildBoard(lateBeforeMs, null)}) as board`);
}

/** By the index of each domain type, so that no history of other malls is walked through. */
export async function listRecentRuns(
  pool: QueryPool,
  mallId: number,
  limit: number,
): Promise<readonly ExecutionRecord[]> {
  return await pool.any(sql.type(recordRow)`
    select ${RECORD_COLUMNS}
    from unnest(${sql.array([...DOMAIN_TYPES], 'text')}) as known (domain_type)
    cross join lateral (
      select * from mallsync.tb_batch_execution_summary as each
      where each.mall_id = ${mallId} and each.domain_type = known.domain_type
      order by each.execution_id desc limit ${limit}
    ) as execution
    order by execution.execution_id desc limit ${limit}`);
}
