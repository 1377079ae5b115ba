import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

/** One total, whose name is the metric's without the prefix. It only ever grows. */
export interface TotalSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleRow = z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() });

/** All totals, each summed over the rows that it is spread over, in order of name and labels. */
export async function loadMetricTotals(pool: QueryPool): Promise<readonly TotalSample[]> {
  return await pool.any(sql.type(sampleRow)`
    select name, labels, sum(value) as value from mallsync.tb_metric_total group by name, labels order by name, labels`);
}
