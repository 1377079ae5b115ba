/** SQL of the Runs dashboard; each reads the time range, or the newest rows, by an index. */

const SEOUL_DAY = "date_trunc('day', requested_at, 'Asia/Seoul')";
const IN_DOMAIN = 'domain_type in (${domain:sqlstring})';
const OF_MALL = "(${mall:sqlstring} = '' or mall_id = nullif(${mall:sqlstring}, '')::bigint)";
/** What the index of troubled runs is about. */
const TROUBLED = "status in ('FAILED', 'STOPPED', 'ABANDONED', 'COMPLETED_WITH_REJECTS')";
const FAILED = "status in ('FAILED', 'STOPPED', 'ABANDONED')";
const LIVE = "status in ('REQUESTED', 'RUNNING', 'WAITING')";

/**
 * All runs are counted by time alone, what went wrong or is under way by indexes of their own; the rest completed. So
 * no run is looked at itself, however long the time range is.
 */
export const RUNS_BY_DAY = `
with counted as (
  select ${SEOUL_DAY} as day, 'COMPLETED' as state, count(*) as runs
  from \${schema}.tb_batch_execution_summary where $__timeFilter(requested_at) group by 1
  union all
  select ${SEOUL_DAY}, status, count(*)
  from \${schema}.tb_batch_execution_summary where ${TROUBLED} and $__timeFilter(requested_at) group by 1, 2
  union all
  select ${SEOUL_DAY}, status, count(*)
  from \${schema}.tb_batch_execution_summary where ${LIVE} and $__timeFilter(requested_at) group by 1, 2
)
select day as "time", state as "metric",
  case when state = 'COMPLETED' then 2 * runs - sum(runs) over (partition by day) else runs end as "value"
from counted order by day, state`;

export const FAILED_BY_REASON = `
select ${SEOUL_DAY} as "time", coalesce(failure_reason, status) as "metric", count(*) as "value"
from \${schema}.tb_batch_execution_summary
where ${FAILED} and $__timeFilter(requested_at) and ${IN_DOMAIN} and ${OF_MALL}
group by 1, 2 order by 1, 2`;

/** The parameters of a run, the reason, and whether a later run took it up. */
export const FAILED_RUNS = `
select failed.execution_id as "run", failed.mall_id as "mall", mall.name, failed.domain_type as "domain",
  failed.start_date as "start", failed.end_date as "end", failed.page_size as "page size",
  failed.attempt_count as "attempt", failed.mode, failed.status, failed.failure_reason as "reason",
  failed.failure_message as "message", exists (
    select from \${schema}.tb_batch_execution_summary as later
    where later.instance_id = failed.instance_id and later.execution_id > failed.execution_id and later.attempt_count > 1
      and (failed.mode = 'REPLAY' or later.mode <> 'REPLAY')) as "run again",
  failed.trigger, failed.requested_at as "requested", failed.ended_at as "ended"
from (
  select * from \${schema}.tb_batch_execution_summary
  where ${FAILED} and $__timeFilter(requested_at) and ${IN_DOMAIN} and ${OF_MALL}
  order by requested_at desc, execution_id desc limit 500
) as failed
left join \${schema}.tb_mall_config as mall on mall.mall_id = failed.mall_id
order by failed.requested_at desc, failed.execution_id desc`;

/** No value of a row: the message is the cause's own. */
export const ERROR_GROUPS = `
select fingerprint, stage, reason_code as "cause", field, message as "sample", count(distinct mall_id) as "malls",
  count(*) as "entries", sum(times) as "times", count(*) filter (where status = 'OPEN') as "open",
  min(first_seen_at) as "first seen", max(last_seen_at) as "last seen", max(execution_id) as "run"
from \${schema}.tb_batch_error_log
where $__timeFilter(last_seen_at) and ${IN_DOMAIN} and ${OF_MALL}
group by fingerprint, stage, reason_code, field, message
order by count(*) desc, fingerprint limit 200`;

export const SLOWEST_RUNS = `
select slow.execution_id as "run", slow.mall_id as "mall", mall.name, slow.domain_type as "domain",
  slow.start_date as "start", slow.end_date as "end", slow.status,
  extract(epoch from slow.ended_at - slow.started_at) as "took", slow.wait_ms as "waited", slow.read,
  slow.api_calls as "calls", slow.requested_at as "requested"
from (
  select * from \${schema}.tb_batch_execution_summary
  where $__timeFilter(requested_at) and ${IN_DOMAIN} and ${OF_MALL} and ended_at is not null and started_at is not null
  order by coalesce((extract(epoch from ended_at - started_at) * 1000)::bigint, -1) desc, execution_id desc limit 50
) as slow
left join \${schema}.tb_mall_config as mall on mall.mall_id = slow.mall_id
order by "took" desc`;

export const LIVE_RUNS = `
select live.execution_id as "run", live.mall_id as "mall", mall.name, live.domain_type as "domain",
  live.start_date as "start", live.end_date as "end", live.attempt_count as "attempt", live.status,
  live.last_reason as "last reason", live.read, live.pages, live.api_calls as "calls",
  extract(epoch from now() - live.requested_at) as "age", live.trigger
from (
  select * from \${schema}.tb_batch_execution_summary
  where ${LIVE} and ${IN_DOMAIN} and ${OF_MALL}
  order by requested_at, execution_id limit 500
) as live
left join \${schema}.tb_mall_config as mall on mall.mall_id = live.mall_id
order by live.requested_at, live.execution_id`;

/** The newest ones, whatever the time range: requests are few. */
export const RETRY_REQUESTS = `
select request.request_id as "request", split_part(request.idempotency_key, ' ', 1) as "click", request.kind,
  request.domain_type as "domain", request.start_date as "start", request.end_date as "end", request.state,
  request.requested_by as "by", request.reason, items.malls, items.done, items.refused,
  request.requested_at as "requested", extract(epoch from request.done_at - request.requested_at) as "took"
from (select * from \${schema}.tb_batch_retry_request order by request_id desc limit 200) as request
cross join lateral (
  select count(*) as malls, count(*) filter (where item.state = 'DONE') as done,
    count(*) filter (where item.state = 'REFUSED') as refused
  from \${schema}.tb_batch_retry_request_item as item where item.request_id = request.request_id
) as items
order by request.request_id desc`;
