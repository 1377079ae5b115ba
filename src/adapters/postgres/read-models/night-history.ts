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

const countRow = z.object({ back: z.int(), done: z.int(), failed: z.int() });

/**
 * The nights before the one that begins at `fromMs`, oldest first, each with its counts. Of the many executions of a mall
 * and domain type the latest is found by its number, which the status is carried along with.
 */
export async function loadHistory(pool: QueryPool, fromMs: number, nights: number): Promise<readonly NightCount[]> {
  const days = Array.from({ length: nights }, (_, index) => toSeoulDay(fromMs - (nights - index) * DAY_MS));
  const ends = days.flatMap((night, back) => toNightEnds(night).map((end) => ({ back, night, end })));
  const counts = await pool.any(sql.type(countRow)`
    with latest as (
      select ends.back, mall_id, domain_type,
        max(execution_id * 4 + case when status in ('COMPLETED', 'COMPLETED_WITH_REJECTS') then 1
          when status in ('FAILED', 'STOPPED', 'ABANDONED') then 2 else 0 end) % 4 as state
      from unnest(${toInts(ends.map(({ back }) => back))}, ${toTexts(ends.map(({ night }) => `${night}T00:00:00`))},
        ${toTexts(ends.map(({ end }) => end))}) as ends (back, start_date, end_date)
      join mallsync.tb_batch_execution_summary execution
        on execution.end_date collate "C" = ends.end_date and execution.start_date collate "C" <= ends.start_date
        and execution.domain_type = any(${toTexts(DOMAIN_TYPES)})
      where mode <> 'REPLAY'
      group by ends.back, mall_id, domain_type
    ), malls as (
      select back, mall_id, bool_or(state = 2) as has_failed, bool_and(state = 1) as is_done
      from latest group by back, mall_id
    )
    select back, count(*) filter (where is_done) as done, count(*) filter (where has_failed) as failed
    from malls group by back`);
  const byNight = new Map(counts.map(({ back, done, failed }) => [back, { done, failed }]));
  return days.map((night, back) => ({ night, ...(byNight.get(back) ?? { done: 0, failed: 0 }) }));
}

function toInts(values: readonly number[]) {
  return sql.array([...values], 'int4');
}

function toTexts(values: readonly string[]) {
  return sql.array([...values], 'text');
}
