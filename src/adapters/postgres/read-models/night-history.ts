import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES } from '../../../domain/domain-type.ts';
import { DAY_MS, toSeoulDay } from '../../../domain/seoul-time.ts';
import type { QueryPool } from '../pool.ts';
import { toNightEnds } from './run-filter.ts';

/** How an earlier night stands by now; malls that were read for it. */
export interface NightCount {
  readonly night: string;
  readonly done: number;
  readonly failed: number;
}

const countRow = z.object({ night: z.string(), done: z.int(), failed: z.int() });

/** The nights before the one that begins at `fromMs`, oldest first, each with its counts. */
export async function loadHistory(pool: QueryPool, fromMs: number, nights: number): Promise<readonly NightCount[]> {
  const days = Array.from({ length: nights }, (_, index) => toSeoulDay(fromMs - (nights - index) * DAY_MS));
  const ends = days.flatMap((night) => toNightEnds(night).map((end) => ({ night, end })));
  const counts = await pool.any(sql.type(countRow)`
    with latest as (
      select distinct on (ends.night, mall_id, domain_type) ends.night, mall_id, status
      from unnest(${sql.array(
        ends.map(({ night }) => night),
        'text',
      )}, ${sql.array(
        ends.map(({ end }) => end),
        'text',
      )})
        as ends (night, end_date)
      join mallsync.tb_batch_execution_summary execution
        on execution.end_date collate "C" = ends.end_date
        and execution.start_date collate "C" <= ends.night || 'T00:00:00'
        and execution.domain_type = any(${sql.array([...DOMAIN_TYPES], 'text')})
      where mode <> 'REPLAY'
      order by ends.night, mall_id, domain_type, execution_id desc
    ), malls as (
      select night, mall_id, bool_or(status in ('FAILED', 'STOPPED', 'ABANDONED')) as has_failed,
        bool_and(status in ('COMPLETED', 'COMPLETED_WITH_REJECTS')) as is_done
      from latest group by night, mall_id
    )
    select night, count(*) filter (where is_done) as done, count(*) filter (where has_failed) as failed
    from malls group by night`);
  const byNight = new Map(counts.map((count) => [count.night, count]));
  return days.map((night) => byNight.get(night) ?? { night, done: 0, failed: 0 });
}
