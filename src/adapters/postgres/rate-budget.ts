import { sql } from 'slonik';
import { z } from 'zod';
import {
  MALL_CEILING,
  type Bucket,
  type Permits,
  type RateBudget,
  type UsageReport,
} from '../../domain/rate-budget.ts';
import type { QueryPool } from './pool.ts';

/** The row of the whole mall. */
export const WHOLE_MALL = '*';
/** Calls of a bucket that are left unused: the API counts a call when it arrives, the budget when it is granted. */
const MARGIN = 1;
const BACKFILL_WAIT_MS = 1_500;
/** The age taken for a report without one. An age taken too high misses a few calls of others, one too low stalls us. */
const ASSUMED_AGE_MS = 1_000;
/** A header that names a longer block than this is not believed. */
const LONGEST_BLOCK_MS = 24 * 3_600_000;

/** Leaky buckets in the database. A level is stored with the time it held and is let leak when it is next looked at. */
export function createRateBudget({ pool }: { readonly pool: QueryPool }): RateBudget {
  return {
    async takePermits(mallId, bucket, wanted, isBackfill) {
      const taken = await takePermits(pool, mallId, bucket, wanted, isBackfill);
      if (taken !== null) return toPermits(taken, wanted);
      await insertLevels(pool, mallId, bucket.endpoint);
      return toPermits((await takePermits(pool, mallId, bucket, wanted, isBackfill)) ?? NOTHING_YET, wanted);
    },
    reportUsage: (mallId, bucket, report) => saveUsage(pool, mallId, bucket, report),
    block: (mallId, endpoint, blockMs) => saveBlock(pool, mallId, endpoint, Math.min(blockMs, LONGEST_BLOCK_MS)),
  };
}

const takenRow = z.object({
  granted: z.number(),
  /** Seconds until one more permit is free in both buckets and no block stands. */
  wait_seconds: z.number(),
  is_quota: z.boolean(),
  yields: z.boolean(),
});
type Taken = z.infer<typeof takenRow>;

const NOTHING_YET: Taken = { granted: 0, wait_seconds: 0, is_quota: false, yields: false };

function toPermits(taken: Taken, wanted: number): Permits {
  if (taken.granted >= wanted) return { granted: taken.granted, waitMs: 0, isQuota: false };
  const waitMs = Math.max(1, Math.ceil(taken.wait_seconds * 1000));
  return {
    granted: taken.granted,
    waitMs: taken.yields ? Math.max(waitMs, BACKFILL_WAIT_MS) : waitMs,
    isQuota: taken.is_quota,
  };
}

/**
 * Locks the mall's row, then the endpoint's, always in this order; reads the clock only then, since waiting for the locks
 * takes time; decides; writes when something was granted. Null when a row does not exist yet. The commit waits for no
 * disk: what a crash of the server can lose is a call or two of the budget.
 *
 * A back-fill yields to a nightly run or a re-run whose lease is in force. One that only waits to be started does not
 * hold it up: it may be waiting for the very place that the back-fill has.
 */
async function takePermits(
  pool: QueryPool,
  mallId: number,
  bucket: Bucket,
  wanted: number,
  isBackfill: boolean,
): Promise<Taken | null> {
  const capacity = Math.max(1, bucket.size - MARGIN);
  return await pool.maybeOne(sql.type(takenRow)`
    with locked as materialized (
      select endpoint = ${WHOLE_MALL} as is_mall, level, updated_at, blocked_until
      from mallsync.tb_rate_budget where mall_id = ${mallId} and endpoint in (${WHOLE_MALL}, ${bucket.endpoint})
      order by endpoint <> ${WHOLE_MALL} for update
    ), seen as materialized (
      select clock_timestamp() as at, set_config('synchronous_commit', 'off', true), count(*) as n,
        max(level) filter (where is_mall) as mall_level, max(updated_at) filter (where is_mall) as mall_updated_at,
        max(blocked_until) filter (where is_mall) as mall_blocked_until,
        max(level) filter (where not is_mall) as level, max(updated_at) filter (where not is_mall) as updated_at,
        max(blocked_until) filter (where not is_mall) as blocked_until
      from locked
    ), leaked as materialized (
      select at,
        greatest(0, mall_level - ${MALL_CEILING.perSecond}::float8
          * greatest(0, extract(epoch from at - mall_updated_at)::float8)) as mall_level,
        greatest(0, level - ${bucket.leakPerSecond}::float8
          * greatest(0, extract(epoch from at - updated_at)::float8)) as level,
        greatest(0, extract(epoch from mall_blocked_until - at)::float8) as mall_block_seconds,
        greatest(0, extract(epoch from blocked_until - at)::float8) as block_seconds,
        ${isBackfill} and exists (
          select from mallsync.tb_batch_execution_summary
          where mall_id = ${mallId} and status in ('REQUESTED', 'RUNNING', 'WAITING')
            and trigger in ('NIGHTLY', 'RERUN') and lease_until > at) as yields
      from seen where n = 2
    ), decided as materialized (
      select *,
        case when yields or mall_block_seconds > 0 or block_seconds > 0 then 0
          else greatest(0, least(${wanted}::integer, floor(${MALL_CEILING.burst}::float8 - mall_level + 1e-6),
            floor(${capacity}::float8 - level + 1e-6)))::integer end as granted
      from leaked
    ), written as (
      update mallsync.tb_rate_budget b
      set level = d.granted + case when b.endpoint = ${WHOLE_MALL} then d.mall_level else d.level end, updated_at = d.at
      from decided d
      where d.granted > 0 and b.mall_id = ${mallId} and b.endpoint in (${WHOLE_MALL}, ${bucket.endpoint})
    )
    select granted, yields, mall_block_seconds > 0 as is_quota,
      greatest(mall_block_seconds, block_seconds,
        (mall_level + granted + 1 - ${MALL_CEILING.burst}::float8) / ${MALL_CEILING.perSecond}::float8,
        (level + granted + 1 - ${capacity}::float8) / ${bucket.leakPerSecond}::float8) as wait_seconds
    from decided`);
}

async function insertLevels(pool: QueryPool, mallId: number, endpoint: string): Promise<void> {
  await pool.query(sql.unsafe`
    insert into mallsync.tb_rate_budget (mall_id, endpoint)
    values (${mallId}, ${WHOLE_MALL}), (${mallId}, ${endpoint}) on conflict do nothing`);
}

/**
 * Raises the level to what the API says, never lowers it: a call that is still under way is in our level and not yet in
 * the API's. What leaked since the call was sent is taken off, so that an old report does not count calls twice. A size
 * other than ours counts as so many calls more or less in use.
 */
async function saveUsage(pool: QueryPool, mallId: number, bucket: Bucket, report: UsageReport): Promise<void> {
  const size = report.size ?? bucket.size;
  const leaked = (bucket.leakPerSecond * (report.ageMs ?? ASSUMED_AGE_MS)) / 1000;
  const reported = report.used === undefined ? 0 : Math.max(0, report.used + bucket.size - size - leaked);
  await pool.query(sql.unsafe`
    with leaked as (
      select greatest(0, level - ${bucket.leakPerSecond}::float8
        * greatest(0, extract(epoch from clock_timestamp() - updated_at)::float8)) as level
      from mallsync.tb_rate_budget where mall_id = ${mallId} and endpoint = ${bucket.endpoint} for update
    )
    update mallsync.tb_rate_budget b
    set level = greatest(leaked.level, ${reported}::float8), updated_at = clock_timestamp(),
      call_usage_percent = coalesce(${report.callUsagePercent ?? null}::float8, call_usage_percent),
      time_usage_percent = coalesce(${report.timeUsagePercent ?? null}::float8, time_usage_percent)
    from leaked
    where b.mall_id = ${mallId} and b.endpoint = ${bucket.endpoint}
      and (leaked.level < ${reported}::float8
        or coalesce(${report.callUsagePercent ?? null}::float8, call_usage_percent) is distinct from call_usage_percent
        or coalesce(${report.timeUsagePercent ?? null}::float8, time_usage_percent) is distinct from time_usage_percent)`);
}

async function saveBlock(pool: QueryPool, mallId: number, endpoint: string, blockMs: number): Promise<void> {
  await pool.query(sql.unsafe`
    insert into mallsync.tb_rate_budget as b (mall_id, endpoint, blocked_until)
    values (${mallId}, ${endpoint}, clock_timestamp() + make_interval(secs => ${blockMs / 1000}::float8))
    on conflict (mall_id, endpoint) do update set blocked_until = greatest(b.blocked_until, excluded.blocked_until)`);
}
