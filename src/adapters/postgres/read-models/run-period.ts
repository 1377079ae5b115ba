import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import type { QueryPool } from '../pool.ts';
import { beginsBefore, endsAfter, type RunFilter } from './run-filter.ts';

/** A period that something was asked for, as it was spelled. */
export interface RunPeriod {
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
}

const periodRow = z
  .object({ domain_type: z.enum(DOMAIN_TYPES), start_date: z.string(), end_date: z.string() })
  .transform((row): RunPeriod => ({
    domainType: row.domain_type,
    startDate: row.start_date,
    endDate: row.end_date,
  }));

/**
 * The distinct periods that overlap the filter's. A history has a few for each night, so they are found by stepping from
 * one to the next in their index, whatever the number of executions.
 */
export async function listRunPeriods(pool: QueryPool, filter: RunFilter): Promise<readonly RunPeriod[]> {
  const { domainTypes = DOMAIN_TYPES, period = {} } = filter;
  const first = period.startDate === undefined ? sql.fragment`true` : endsAfter(period.startDate);
  const overlaps = period.endDate === undefined ? sql.fragment`true` : beginsBefore(period.endDate);
  return await pool.any(sql.type(periodRow)`
    with recursive seen as (
      select domain.type as domain_type, found.*
      from unnest(${sql.array([...domainTypes], 'text')}) domain (type)
      cross join lateral (${step(sql.fragment`execution.domain_type = domain.type and ${first}`)}) found
      union all
      select seen.domain_type, found.*
      from seen
      cross join lateral (${step(sql.fragment`execution.domain_type = seen.domain_type
        and (execution.end_date collate "C", execution.start_date collate "C") > (seen.end_date, seen.start_date)`)}) found
    )
    select execution.* from seen execution where ${overlaps}`);
}

function step(condition: FragmentSqlToken): FragmentSqlToken {
  return sql.fragment`select execution.end_date collate "C" as end_date, execution.start_date collate "C" as start_date
    from mallsync.tb_batch_execution_summary execution where ${condition}
    order by execution.domain_type, execution.end_date collate "C", execution.start_date collate "C" limit 1`;
}

/** `period` as a table of the periods, for a join. */
export function toPeriodTable(periods: readonly RunPeriod[]): FragmentSqlToken {
  return sql.fragment`unnest(${toColumn(periods.map(({ domainType }) => domainType))},
    ${toColumn(periods.map(({ startDate }) => startDate))}, ${toColumn(periods.map(({ endDate }) => endDate))})
    as period (domain_type, start_date, end_date)`;
}

export const IS_OF_PERIOD = sql.fragment`execution.domain_type = period.domain_type
  and execution.end_date collate "C" = period.end_date and execution.start_date collate "C" = period.start_date`;

function toColumn(values: readonly string[]) {
  return sql.array([...values], 'text');
}
