import { sql } from 'slonik';
import { z } from 'zod';
import { LIST_BUCKET, MALL_CEILING } from '../../../domain/rate-budget.ts';
import type { QueryPool } from '../pool.ts';
import { WHOLE_MALL } from '../rate-budget.ts';

/** What is used of the calls of one endpoint, or with endpoint `*` of the whole mall's ceiling. */
export interface MallBudget {
  readonly mallId: number;
  readonly mallName: string;
  readonly endpoint: string;
  /** Calls in the bucket now, what has leaked since the last call taken off. */
  readonly level: number;
  /** Calls that it holds. */
  readonly size: number;
  /** Null when no block is in force. */
  readonly blockedUntilMs: number | null;
  /** As Cafe24 last said. */
  readonly callUsagePercent: number | null;
  readonly timeUsagePercent: number | null;
}

const budgetRow = z
  .object({
    mall_id: z.int(),
    mall_name: z.string(),
    endpoint: z.string(),
    level: z.number(),
    size: z.number(),
    blocked_until: z.number().nullable(),
    call_usage_percent: z.number().nullable(),
    time_usage_percent: z.number().nullable(),
  })
  .transform((row): MallBudget => ({
    mallId: row.mall_id,
    mallName: row.mall_name,
    endpoint: row.endpoint,
    level: row.level,
    size: row.size,
    blockedUntilMs: row.blocked_until,
    callUsagePercent: row.call_usage_percent,
    timeUsagePercent: row.time_usage_percent,
  }));

/** The whole mall first, then its endpoints; sign-in endpoints have buckets of another kind and are left out. */
export async function loadMallBudgets(pool: QueryPool, mallIds: readonly number[]): Promise<readonly MallBudget[]> {
  return await pool.any(sql.type(budgetRow)`
    select budget.mall_id, coalesce(mall.name, '') as mall_name, budget.endpoint,
      greatest(0, budget.level - bucket.leak
        * greatest(0, extract(epoch from clock_timestamp() - budget.updated_at)::float8)) as level,
      bucket.size, case when budget.blocked_until > clock_timestamp() then budget.blocked_until end as blocked_until,
      budget.call_usage_percent, budget.time_usage_percent
    from mallsync.tb_rate_budget as budget
    left join mallsync.tb_mall_config as mall on mall.mall_id = budget.mall_id
    cross join lateral (
      select case when budget.endpoint = ${WHOLE_MALL} then ${MALL_CEILING.perSecond}::float8
          else ${LIST_BUCKET.leakPerSecond}::float8 end as leak,
        case when budget.endpoint = ${WHOLE_MALL} then ${MALL_CEILING.burst}::float8
          else ${LIST_BUCKET.size}::float8 end as size
    ) as bucket
    where budget.mall_id = any(${sql.array([...mallIds], 'int8')}) and budget.endpoint not like 'oauth/%'
    order by budget.mall_id, budget.endpoint <> ${WHOLE_MALL}, budget.endpoint`);
}
