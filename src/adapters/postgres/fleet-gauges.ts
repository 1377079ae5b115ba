import { sql } from 'slonik';
import { z } from 'zod';
import { loadDatabaseGauges } from './fleet-database.ts';
import { loadMallGauges } from './fleet-malls.ts';
import { loadMissingDays } from './fleet-missing-days.ts';
import { loadNightGauges } from './fleet-night.ts';
import type { GaugeSample } from './gauge-sample.ts';
import type { QueryPool } from './pool.ts';

type Samples = readonly GaugeSample[];

export interface FleetQuery {
  readonly nowMs: number;
  /** `HH:MM` of Asia/Seoul, from which on a night that is not complete is late. */
  readonly nightDeadline: string;
  readonly freshnessTargetHours: number;
  /** False leaves out what has a series a mall. */
  readonly hasMallSeries: boolean;
}

export type FleetGauges = Awaited<ReturnType<typeof loadFleetGauges>>;

/** The fleet's present state. One statement after the other: a scrape takes one connection. */
export async function loadFleetGauges(pool: QueryPool, query: FleetQuery) {
  const { nowMs, nightDeadline: deadline, freshnessTargetHours: targetHours, hasMallSeries } = query;
  return {
    ...(await loadRunGauges(pool)),
    ...(await loadMallGauges(pool, { nowMs, targetHours })),
    ...(await loadNightGauges(pool, { nowMs, deadline })),
    ...(await loadMissingDays(pool, { nowMs, deadline, hasMallSeries })),
    ...(await loadDatabaseGauges(pool)),
    mall_last_complete_period_end_timestamp_seconds: hasMallSeries ? await loadPeriodEnds(pool) : [],
    token_expiry_timestamp_seconds: hasMallSeries ? await loadTokenExpiries(pool) : [],
  };
}

/** A run of a MallSync is active while it has its Job, any other while it reads. */
async function loadRunGauges(
  pool: QueryPool,
): Promise<Readonly<Record<'jobs_active' | 'jobs_waiting' | 'rejected_rows_open' | 'retry_requests', Samples>>> {
  const live = await pool.one(sql.type(z.object({ active: z.number(), waiting: z.number() }))`
    select count(*) filter (where is_active) as active, count(*) filter (where not is_active) as waiting
    from (
      select case when mallsync_uid is null then status = 'RUNNING' else launched_at is not null end as is_active
      from mallsync.tb_batch_execution_summary where status in ('REQUESTED', 'RUNNING', 'WAITING')
    ) as live`);
  return {
    jobs_active: [{ labels: {}, value: live.active }],
    jobs_waiting: [{ labels: {}, value: live.waiting }],
    rejected_rows_open: await loadOpenRejects(pool),
    retry_requests: await loadRetryStates(pool),
  };
}

const sampleRow = z.object({ labels: z.record(z.string(), z.string()), value: z.number() });

/** Rows alone: the log also has one entry a failed execution, which has no shop. */
async function loadOpenRejects(pool: QueryPool): Promise<Samples> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('domain', domain_type) as labels, count(*) as value
    from mallsync.tb_batch_error_log where status = 'OPEN' and shop_no is not null
    group by domain_type order by domain_type`);
}

async function loadRetryStates(pool: QueryPool): Promise<Samples> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('state', lower(state)) as labels, count(*) as value
    from mallsync.tb_batch_retry_request group by state order by state`);
}

async function loadPeriodEnds(pool: QueryPool): Promise<Samples> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('mall_id', mall_id::text, 'domain', domain_type) as labels,
      extract(epoch from upper(covered))::float8 as value
    from mallsync.tb_coverage join mallsync.tb_mall_config using (mall_id)
    where active and not isempty(covered) order by mall_id, domain_type`);
}

async function loadTokenExpiries(pool: QueryPool): Promise<Samples> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('mall_id', mall_id::text) as labels, extract(epoch from refresh_expires_at)::float8 as value
    from mallsync.tb_mall_credential join mallsync.tb_mall_config using (mall_id)
    where active and refresh_expires_at is not null order by mall_id`);
}
