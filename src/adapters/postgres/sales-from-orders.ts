import { sql } from 'slonik';
import { z } from 'zod';
import type { TimeRange } from '../../domain/period.ts';
import { toSeoulDay } from '../../domain/seoul-time.ts';
import type { QueryPool } from './pool.ts';

/** Which of the malls have hourly sales in the period that were added up from orders, ascending. */
export async function listMallsWithSalesFromOrders(
  pool: QueryPool,
  mallIds: readonly number[],
  period: TimeRange,
): Promise<readonly number[]> {
  return await pool.anyFirst(sql.type(z.object({ mall_id: z.number() }))`
    select distinct mall_id from mallsync.tb_sales_hourly
    where mall_id = any(${sql.array([...mallIds], 'int8')}) and source = 'orders'
      and collection_date between ${toSeoulDay(period.fromMs)}::date and ${toSeoulDay(period.untilMs - 1)}::date
    order by mall_id`);
}
