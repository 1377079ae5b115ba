import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface FleetGauges {
  readonly jobs_active: readonly GaugeSample[];
  readonly jobs_waiting: readonly GaugeSample[];
  readonly malls: readonly GaugeSample[];
  readonly rejected_rows_open: readonly GaugeSample[];
  readonly retry_requests: readonly GaugeSample[];
  readonly mall_last_complete_period_end_timestamp_seconds: readonly GaugeSample[];
  readonly token_expiry_timestamp_seconds: readonly GaugeSample[];
}

/**
 * The fleet's present state. A run of a MallSync is active while it has its Job, any other while it reads.
 * `hasMallSeries` false leaves out what has a series a mall.
 */
export async function loadFleetGauges(pool: QueryPool, hasMallSeries: boolean): Promise<FleetGauges> {
  const live = await pool.one(sql.type(z.object({ active: z.number(), waiting: z.number() }))`
    select count(*) filter (where is_active) as active, count(*) filter (where not is_active) as waiting
    from (
      select case when mallsync_uid is null then status = 'RUNNING' else launched_at is not null end as is_active
      from mallsync.tb_batch_execution_summary where status in ('REQUESTED', 'RUNNING', 'WAITING')
    ) as live`);
  return {
    jobs_active: [{ labels: {}, value: live.active }],
    jobs_waiting: [{ labels: {}, value: live.waiting }],
    malls: await loadMallStates(pool),
    rejected_rows_open: await loadOpenRejects(pool),
    retry_requests: await loadRetryStates(pool),
    mall_last_complete_period_end_timestamp_seconds: hasMallSeries ? await loadPeriodEnds(pool) : [],
    token_expiry_timestamp_seconds: hasMallSeries ? await loadTokenExpiries(pool) : [],
  };
}

const sampleRow = z.object({ labels: z.record(z.string(), z.string()), value: z.number() });

async function loadMallStates(pool: QueryPool): Promise<readonly GaugeSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('state', state) as labels, count(*) as value
    from (
      select case when not m.active then 'inactive' when c.state is null then 'no_credential'
        else lower(c.state) end as state
      from mallsync.tb_mall_config m left join mallsync.tb_mall_credential c using (mall_id)
    ) as each group by state order by state`);
}

async function loadOpenRejects(pool: QueryPool): Promise<readonly GaugeSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('domain', domain_type) as labels, count(*) as value
    from mallsync.tb_batch_error_log where status = 'OPEN' group by domain_type order by domain_type`);
}

async function loadRetryStates(pool: QueryPool): Promise<readonly GaugeSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('state', lower(state)) as labels, count(*) as value
    from mallsync.tb_batch_retry_request group by state order by state`);
}

async function loadPeriodEnds(pool: QueryPool): Promise<readonly GaugeSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('mall_id', mall_id::text, 'domain', domain_type) as labels,
      extract(epoch from upper(covered))::float8 as value
    from mallsync.tb_coverage join mallsync.tb_mall_config using (mall_id)
    where active and not isempty(covered) order by mall_id, domain_type`);
}

async function loadTokenExpiries(pool: QueryPool): Promise<readonly GaugeSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select jsonb_build_object('mall_id', mall_id::text) as labels, extract(epoch from refresh_expires_at)::float8 as value
    from mallsync.tb_mall_credential join mallsync.tb_mall_config using (mall_id)
    where active and refresh_expires_at is not null order by mall_id`);
}
