import { sql } from 'slonik';
import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import { DAY_MS, startOfSeoulDay } from '../../domain/seoul-time.ts';
import type { GaugeSample } from './gauge-sample.ts';
import type { QueryPool } from './pool.ts';
import { toRange } from './range-sql.ts';
import { toDeadlineMs } from './read-models/night-picture.ts';

/** Days back that are looked at; what was missed longer ago is no longer waited for. */
const WINDOW_DAYS = 31;
/** Malls and domain types that are named: 1,000 malls have 4,000 series already, and one exposition is to stay below 5,000. */
const MOST_NAMED = 100;
/** A mall that lacks days though its newest run did not fail. */
const NOT_READ = 'NotRead';

interface Lacking {
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly days: number;
  /** What its newest run failed for; null where it did not, and where it is not named. */
  readonly reason: string | null;
}

const lackingRow = z
  .object({ mall_id: z.int(), domain_type: z.enum(DOMAIN_TYPES), days: z.int(), reason: z.string().nullable() })
  .transform(({ mall_id: mallId, domain_type: domainType, ...row }): Lacking => ({ mallId, domainType, ...row }));

export interface MissingDaysQuery {
  readonly nowMs: number;
  /** `HH:MM` of Asia/Seoul: a day is missed once its night is late. */
  readonly deadline: string;
  readonly hasMallSeries: boolean;
}

/** Days that are not covered from end to end, since a mall was first read or added, as the page's calendar has them. */
export async function loadMissingDays(
  pool: QueryPool,
  { nowMs, deadline, hasMallSeries }: MissingDaysQuery,
): Promise<Readonly<Record<'missing_nights' | 'mall_missing_nights', readonly GaugeSample[]>>> {
  const untilMs = startOfSeoulDay(nowMs - toDeadlineMs(deadline));
  const fromMs = startOfSeoulDay(nowMs) - WINDOW_DAYS * DAY_MS;
  const lacking = await selectLacking(pool, { fromMs, untilMs, named: hasMallSeries ? MOST_NAMED : 0 });
  return {
    missing_nights: DOMAIN_TYPES.map((domain) => ({
      labels: { domain },
      value: lacking.reduce((sum, { domainType, days }) => (domainType === domain ? sum + days : sum), 0),
    })),
    mall_missing_nights: lacking
      .slice(0, hasMallSeries ? MOST_NAMED : 0)
      .map(({ mallId, domainType, days, reason }) => ({
        labels: { mall_id: String(mallId), domain: domainType, reason: reason ?? NOT_READ },
        value: days,
      })),
  };
}

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
  /** How many of the first are told with their reason. */
  readonly named: number;
}

/** Those that lack most come first. A gap inside a day makes that day lacking, and two of them make it lacking once. */
async function selectLacking(pool: QueryPool, { fromMs, untilMs, named }: Window): Promise<readonly Lacking[]> {
  return await pool.any(sql.type(lackingRow)`
    with lacking as (
      select mall.mall_id, wanted.domain_type, lacks.days,
        row_number() over (order by lacks.days desc, mall.mall_id, wanted.domain_type) as place
      from mallsync.tb_mall_config as mall
      cross join unnest(mall.domain_types) as wanted (domain_type)
      left join mallsync.tb_coverage as coverage
        on coverage.mall_id = mall.mall_id and coverage.domain_type = wanted.domain_type
      cross join lateral (
        select tstzmultirange(
          ${toRange({ fromMs, untilMs })}
          * tstzrange(date_trunc('day', least(mall.created_at, lower(coverage.covered)), 'Asia/Seoul'), null)
        ) - coalesce(coverage.covered, '{}') as gaps
      ) as expected
      cross join lateral (
        select sum(upper(days) - lower(days))::int as days
        from unnest((
          select range_agg(daterange((lower(gap) at time zone 'Asia/Seoul')::date,
            ((upper(gap) - interval '1 microsecond') at time zone 'Asia/Seoul')::date, '[]'))
          from unnest(expected.gaps) as gap
        )) as days
      ) as lacks
      where mall.active and not isempty(expected.gaps)
    )
    select lacking.mall_id, lacking.domain_type, lacking.days, newest.reason
    from lacking
    left join lateral (
      select case when status in ('FAILED', 'STOPPED', 'ABANDONED') then coalesce(failure_reason, 'Lost') end as reason
      from mallsync.tb_batch_execution_summary as execution
      where lacking.place <= ${named} and execution.mall_id = lacking.mall_id
        and execution.domain_type = lacking.domain_type and execution.mode <> 'REPLAY'
      order by execution.execution_id desc limit 1
    ) as newest on true
    order by lacking.place`);
}
