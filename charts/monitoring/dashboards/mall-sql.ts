/** SQL of the Mall dashboard; every table is met by an index that begins with the mall. */

/** As a number even while none is chosen. */
const MALL = "nullif(${mall:sqlstring}, '')::bigint";

export const MALL_FACTS = `
select mall.mall_id as "mall", mall.name, mall.cafe24_mall_id as "Cafe24", mall.active,
  array_to_string(mall.domain_types, ', ') as "domain types", coalesce(credential.state, 'none') as "consent",
  credential.refresh_expires_at as "until", credential.last_refreshed_at as "refreshed", mall.created_at as "since"
from \${schema}.tb_mall_config as mall
left join \${schema}.tb_mall_credential as credential on credential.mall_id = mall.mall_id
where mall.mall_id = ${MALL}`;

/** 0 missing, 1 complete, 2 complete with rejected rows; a day that is not over, or before the mall began, has no cell. */
export const MALL_DAYS = `
select day as "time", taken.domain_type as "metric",
  case when not coalesce(coverage.covered @> tstzrange(day, day + interval '1 day'), false) then 0
    when coverage.with_rejects && tstzrange(day, day + interval '1 day') then 2 else 1 end as "value"
from \${schema}.tb_mall_config as mall
cross join lateral unnest(mall.domain_types) as taken (domain_type)
left join \${schema}.tb_coverage as coverage
  on coverage.mall_id = mall.mall_id and coverage.domain_type = taken.domain_type
cross join lateral generate_series(
  greatest(date_trunc('day', $__timeFrom()::timestamptz, 'Asia/Seoul'),
    date_trunc('day', coalesce(lower(coverage.covered), mall.created_at), 'Asia/Seoul')),
  least($__timeTo()::timestamptz, now()) - interval '1 day', interval '1 day') as day
where mall.mall_id = ${MALL} and taken.domain_type in (\${domain:sqlstring})
order by day, taken.domain_type`;

export const MALL_RUN_LIST = `
select execution_id as "run", status, domain_type as "domain", start_date as "start", end_date as "end",
  page_size as "page size", attempt_count as "attempt", mode, coalesce(failure_reason, last_reason) as "reason", trigger,
  requested_at as "requested", extract(epoch from coalesce(ended_at, now()) - started_at) as "took", read, rejected,
  api_calls as "calls", wait_ms as "waited"
from \${schema}.tb_batch_execution_summary
where mall_id = ${MALL} and domain_type in (\${domain:sqlstring}) and $__timeFilter(requested_at)
order by execution_id desc limit 200`;

/** What grows with the rows of a run, by the Seoul day that the run was asked for. */
function perDay(value: string, metric: string): string {
  return `
select date_trunc('day', requested_at, 'Asia/Seoul') as "time", ${metric} as "metric", ${value} as "value"
from \${schema}.tb_batch_execution_summary
where mall_id = ${MALL} and domain_type in (\${domain:sqlstring}) and $__timeFilter(requested_at)
group by 1, 2 order by 1, 2`;
}

export const MALL_CALLS = perDay('sum(api_calls)', 'domain_type');
export const MALL_WAITS = perDay('sum(wait_ms)', 'domain_type');
export const MALL_READ = perDay('sum(read)', 'domain_type');

export const MALL_ERRORS = `
select fingerprint, stage, reason_code as "cause", field, message as "sample", count(*) as "entries",
  sum(times) as "times", count(*) filter (where status = 'OPEN') as "open", max(last_seen_at) as "last seen",
  max(execution_id) as "run"
from \${schema}.tb_batch_error_log
where mall_id = ${MALL} and domain_type in (\${domain:sqlstring}) and $__timeFilter(last_seen_at)
group by fingerprint, stage, reason_code, field, message
order by count(*) desc, fingerprint limit 100`;

export const MALL_BUDGETS = `
select case endpoint when '*' then 'the whole mall' else endpoint end as "endpoint", level,
  call_usage_percent as "calls used", time_usage_percent as "time used", blocked_until as "blocked until",
  updated_at as "updated"
from \${schema}.tb_rate_budget where mall_id = ${MALL}
order by (endpoint = '*') desc, endpoint`;
