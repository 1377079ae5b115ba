import { sql } from 'slonik';
import { z } from 'zod';
import type { DomainType } from '../../../domain/domain-type.ts';
import type { TimeRange } from '../../../domain/period.ts';
import { timeRanges, toPieces } from '../coverage-reader.ts';
import type { QueryPool } from '../pool.ts';
import { toRange } from '../range-sql.ts';
import { buildCalendar, parseMonth, type CoverageCalendar } from './calendar-days.ts';

const coverageRow = z.object({
  created_at: z.number(),
  first_covered_at: z.number().nullable(),
  covered: timeRanges,
  with_rejects: timeRanges,
});

const rejectRow = z
  .object({ from_at: z.number(), until_at: z.number(), entries: z.number() })
  .transform((row) => ({ fromMs: row.from_at, untilMs: row.until_at, entries: row.entries }));

const executionRow = z
  .object({ from_at: z.number(), until_at: z.number(), execution_id: z.number() })
  .transform((row) => ({ fromMs: row.from_at, untilMs: row.until_at, executionId: row.execution_id }));

/**
 * The Seoul days of a month, `YYYY-MM`, for one mall and domain type; null where there is no such mall.
 * @throws TerminalError ConfigInvalid naming `month` for one that is malformed
 */
export async function loadCoverageCalendar(
  pool: QueryPool,
  mallId: number,
  domainType: DomainType,
  month: string,
  nowMs: number,
): Promise<CoverageCalendar | null> {
  const within = parseMonth(month);
  const [coverage, rejects, executions] = await Promise.all([
    loadCoverage(pool, mallId, domainType, within),
    loadOpenRejects(pool, mallId, domainType, within),
    loadExecutions(pool, mallId, domainType, within),
  ]);
  if (coverage === null) return null;
  return buildCalendar({
    month: within,
    nowMs,
    createdAtMs: coverage.created_at,
    firstCoveredMs: coverage.first_covered_at,
    covered: coverage.covered,
    withRejects: coverage.with_rejects,
    rejects,
    executions,
  });
}

async function loadCoverage(pool: QueryPool, mallId: number, domainType: DomainType, within: TimeRange) {
  return await pool.maybeOne(sql.type(coverageRow)`
    select mall.created_at, lower(coverage.covered) as first_covered_at,
      ${toPieces('covered', within)} as covered, ${toPieces('with_rejects', within)} as with_rejects
    from mallsync.tb_mall_config as mall
    left join mallsync.tb_coverage as coverage
      on coverage.mall_id = mall.mall_id and coverage.domain_type = ${domainType}
    where mall.mall_id = ${mallId}`);
}

/** Open rejected rows by the window that they were met in. */
async function loadOpenRejects(pool: QueryPool, mallId: number, domainType: DomainType, within: TimeRange) {
  return await pool.any(sql.type(rejectRow)`
    select lower(window_bounds) as from_at, upper(window_bounds) as until_at, count(*) as entries
    from mallsync.tb_batch_error_log
    where mall_id = ${mallId} and domain_type = ${domainType} and status = 'OPEN' and shop_no is not null
      and window_bounds && ${toRange(within)}
    group by window_bounds order by window_bounds`);
}

/** Of each period in the month its newest execution, the newest first. */
async function loadExecutions(pool: QueryPool, mallId: number, domainType: DomainType, within: TimeRange) {
  return await pool.any(sql.type(executionRow)`
    select lower(instance.period) as from_at, upper(instance.period) as until_at, newest.execution_id
    from mallsync.tb_batch_job_instance as instance
    cross join lateral (
      select execution_id from mallsync.tb_batch_execution_summary as execution
      where execution.instance_id = instance.instance_id order by execution.attempt_count desc limit 1
    ) as newest
    where instance.mall_id = ${mallId} and instance.domain_type = ${domainType}
      and instance.period < tstzrange(to_timestamp(${within.untilMs}::float8 / 1000), null)
      and instance.period && ${toRange(within)}
    order by newest.execution_id desc`);
}
