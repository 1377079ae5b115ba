import { sql } from 'slonik';
import { z } from 'zod';
import { DAY_MS } from '../../domain/seoul-time.ts';
import type { GaugeSample } from './gauge-sample.ts';
import type { QueryPool } from './pool.ts';
import { toLateBefore, type FreshnessTarget } from './read-models/mall-board.ts';
import { isLate } from './read-models/mall-board-sql.ts';

/** Long enough to ask somebody for a new consent. */
const EXPIRING_MS = 3 * DAY_MS;

const countRow = z.object({ name: z.string(), value: z.int() });

const toSamples =
  (label: string) =>
  ({ name, value }: z.infer<typeof countRow>): GaugeSample => ({ labels: { [label]: name }, value });

type MallGaugeName =
  | 'malls'
  | 'stale_malls'
  | 'freshness_target_seconds'
  | 'consents_expiring_malls'
  | 'budget_blocked_malls';

/** How the malls stand, without a series a mall. */
export async function loadMallGauges(
  pool: QueryPool,
  target: FreshnessTarget,
): Promise<Readonly<Record<MallGaugeName, readonly GaugeSample[]>>> {
  return {
    malls: await loadMallStates(pool),
    stale_malls: await loadStale(pool, target),
    freshness_target_seconds: [{ labels: {}, value: target.targetHours * 3_600 }],
    consents_expiring_malls: await loadExpiring(pool, target.nowMs),
    budget_blocked_malls: await loadBlocked(pool),
  };
}

async function loadMallStates(pool: QueryPool): Promise<readonly GaugeSample[]> {
  const counts = await pool.any(sql.type(countRow)`
    select case when not m.active then 'inactive' when c.state is null then 'no_credential'
      else lower(c.state) end as name, count(*) as value
    from mallsync.tb_mall_config m left join mallsync.tb_mall_credential c using (mall_id)
    group by 1 order by 1`);
  return counts.map(toSamples('state'));
}

async function loadStale(pool: QueryPool, target: FreshnessTarget): Promise<readonly GaugeSample[]> {
  const counts = await pool.any(sql.type(countRow)`
    select taken.domain_type as name, count(*) as value
    from mallsync.tb_mall_config as mall
    cross join unnest(mall.domain_types) as taken (domain_type)
    left join mallsync.tb_coverage as coverage
      on coverage.mall_id = mall.mall_id and coverage.domain_type = taken.domain_type
    where ${isLate(toLateBefore(target))}
    group by 1 order by 1`);
  return counts.map(toSamples('domain'));
}

/** Consents that are lost already have a state of their own. */
async function loadExpiring(pool: QueryPool, nowMs: number): Promise<readonly GaugeSample[]> {
  const value = await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
    select count(*) from mallsync.tb_mall_credential join mallsync.tb_mall_config using (mall_id)
    where active and state = 'ACTIVE' and refresh_expires_at < to_timestamp(${nowMs + EXPIRING_MS}::float8 / 1000)`);
  return [{ labels: {}, value }];
}

/** By the database's clock, as whoever wants to call goes by it. */
async function loadBlocked(pool: QueryPool): Promise<readonly GaugeSample[]> {
  const value = await pool.oneFirst(sql.type(z.object({ count: z.int() }))`
    select count(distinct mall_id) from mallsync.tb_rate_budget where blocked_until > clock_timestamp()`);
  return [{ labels: {}, value }];
}
