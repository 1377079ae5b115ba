/**
 * What fills the large database, in order. Each figure follows from the row's number by a hash, so that the same
 * statements make the same history. The nights run from 2024-10-27 to 2025-11-30, the last of them a little troubled.
 */
const HELPERS = `
  create function pg_temp.chance(n bigint, salt integer) returns float8 language sql immutable as
    $$ select (hashint8extended(n, salt) & 1048575) / 1048576.0 $$;
  create function pg_temp.pick(n bigint, salt integer, of text[]) returns text language sql immutable as
    $$ select of[1 + floor(pg_temp.chance(n, salt) * cardinality(of))::integer] $$;
  set time zone 'Asia/Seoul'`;

const MALLS = `
  insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name, active, domain_types, labels, created_at)
  select n, pg_temp.pick(n, 1, '{blue,daily,green,happy,lovely,modern,soft,urban}') || 'shop' || n,
    pg_temp.pick(n, 2, '{하늘,봄날,초록,달빛,바다,아침,미소,도시}') || ' ' || pg_temp.pick(n, 3, '{상점,의류,가구,문구,식품,화장품}') || ' ' || n,
    n % 50 <> 7, case when n <= 500 then '{MEMBER,ORDER,SALES}'::text[] else '{MEMBER,ORDER}' end,
    jsonb_build_object('team', pg_temp.pick(n, 4, '{a,b,c}')), timestamptz '2024-10-01'
  from generate_series(1, 1000) n`;

const CREDENTIALS = `
  insert into mallsync.tb_mall_credential (mall_id, client_id, client_secret, access_token, access_expires_at,
    refresh_token, refresh_expires_at, key_id, generation, state, scopes, last_refreshed_at)
  select mall_id, 'client', 'secret'::bytea, 'access'::bytea, timestamptz '2025-12-01 07:00', 'refresh'::bytea,
    timestamptz '2025-12-01' + pg_temp.chance(mall_id, 5) * interval '14 days', 'key', 100,
    case when mall_id % 100 = 3 then 'NEEDS_CONSENT' when mall_id % 250 = 9 then 'UNINSTALLED' else 'ACTIVE' end,
    '{mall.read_order,mall.read_customer}', timestamptz '2025-12-01 01:00'
  from mallsync.tb_mall_config where mall_id % 200 <> 11`;

/** The first forty nights were read by a process of its own, later ones on Kubernetes. */
const NIGHTS = `
  create temp table night as
  select n, day, to_char(day, 'YYYYMMDD') as stamp, n <= 40 as is_local,
    (day + interval '1 day') at time zone 'Asia/Seoul' as began_at
  from (select n, date '2024-10-26' + n as day from generate_series(1, 400) n) as each`;

const INSTANCES = `
  insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
  select mall_id, domain_type, tstzrange(began_at - days * interval '1 day', began_at),
    to_char(day - (days - 1), 'YYYY-MM-DD"T00:00:00"'), to_char(day + 1, 'YYYY-MM-DD"T00:00:00"'), began_at
  from night
  cross join (values ('MEMBER', 1), ('ORDER', 3), ('SALES', 1)) as domain (domain_type, days)
  join mallsync.tb_mall_config mall on mall.domain_types @> array[domain.domain_type]
  order by n, domain_type, mall_id`;

const PLAN = `
  create temp table plan as
  select instance_id, mall_id, domain_type, start_date, end_date, night.n, night.stamp, is_local, began_at,
    pg_temp.chance(instance_id, 10) as luck, pg_temp.chance(instance_id, 11) as other,
    floor(exp(pg_temp.chance(instance_id, 12) * 9))::bigint * 3 as rows
  from mallsync.tb_batch_job_instance instance join night on night.began_at = upper(instance.period)`;

/** QuotaExceeded befell only the weeks of one autumn, so that its newest failure lies far back. */
const REASON = `case when n between 12 and 40 and luck < 0.004 then 'QuotaExceeded'
  when domain_type = 'MEMBER' and other < 0.05 then 'PermissionDenied'
  else pg_temp.pick(instance_id, 13, '{AuthFailed,AuthFailed,AuthFailed,UpstreamUnavailable,UpstreamUnavailable,
    IncompleteRead,IncompleteRead,RejectBudgetExceeded,UpstreamContract,RateLimited,DatabaseUnavailable,AppUninstalled,
    DeadlineExceeded,OutOfMemory,Lost}') end`;

const MESSAGE = `case failure_reason
  when 'AuthFailed' then 'the token endpoint answered 401 invalid_grant; mall ' || mall_id || ' must be authorized again'
  when 'UpstreamUnavailable' then 'GET ' || lower(domain_type) || 's answered 503 five times; the last one at page ' || mall_id % 90
  when 'IncompleteRead' then '1 of 12 windows are incomplete; window ' || mall_id % 12 || ' (shop 1, join): counted ' || rows || ', saw ' || rows - 2
  when 'RejectBudgetExceeded' then 'too many rows were rejected: ' || 100 + mall_id % 300 || ' in one window'
  when 'UpstreamContract' then 'the answer has no field ' || pg_temp.pick(instance_id, 14, '{order_id,member_id,created_date,payment_amount}')
  when 'QuotaExceeded' then 'the usage quota is spent until tomorrow'
  when 'PermissionDenied' then 'the app lacks the scope mall.read_customer'
  when 'Lost' then 'its pod is gone'
  else 'it ended with ' || failure_reason end
  || case when instance_id = 777777 then ' beside a zeppelin' else '' end`;

/** The last night still has some that wait or run. */
const STATUS = `case when n = 400 and luck > 0.995 then 'RUNNING' when n = 400 and luck > 0.99 then 'WAITING'
  when n = 400 and luck > 0.98 then 'REQUESTED' when luck < 0.022 then 'FAILED' when luck < 0.024 then 'STOPPED'
  when luck < 0.0245 then 'ABANDONED' when luck < 0.04 then 'COMPLETED_WITH_REJECTS' else 'COMPLETED' end`;

const FIRST_RUNS = `
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, reading, status, trigger, requested_by, installation_id, mallsync_namespace, mallsync_name,
    mallsync_uid, job_name, launched_at, pod, fence_token, requested_at, started_at, ended_at, lease_until, read,
    inserted, unchanged, rejected, pages, api_calls, wait_ms, bytes, exit_code, failure_reason, failure_message)
  select instance_id, mall_id, domain_type, start_date, end_date, 1000, 1, 1, status,
    case when is_local then 'LOCAL' else 'NIGHTLY' end, 'nightly', case when is_local then 'local' else 'cluster' end,
    case when not is_local then 'mallsync' end, case when not is_local then mallsync_name end,
    case when not is_local then md5(mallsync_name) end, case when not is_local and status <> 'REQUESTED' then job_name end,
    case when not is_local and status <> 'REQUESTED' then started_at end, case when status <> 'REQUESTED' then job_name || '-x7k2p' end,
    case when status <> 'REQUESTED' then 1 else 0 end, requested_at, case when status <> 'REQUESTED' then started_at end,
    case when not is_live then started_at + (5 + rows / 300.0 + other) * interval '1 second' end,
    case when is_live and status <> 'REQUESTED' then timestamptz '2025-12-01 06:31' end,
    rows, rows / 3, rows - rows / 3, case when status = 'COMPLETED_WITH_REJECTS' then 1 + mall_id % 9 else 0 end,
    1 + rows / 1000, 3 + rows / 900, rows % 700, rows * 800, case when failure_reason is not null then 69 when not is_live then 0 end,
    failure_reason, case when failure_reason is not null then ${MESSAGE} end
  from (
    select *, case status when 'STOPPED' then 'Stopped' when 'ABANDONED' then 'Lost' when 'FAILED' then ${REASON} end as failure_reason,
      status in ('REQUESTED', 'RUNNING', 'WAITING') as is_live,
      began_at + interval '2 minutes' as requested_at, began_at + (180 + other * 14000) * interval '1 second' as started_at,
      'nightly-' || lower(domain_type) || '-' || stamp as mallsync_name,
      'ms-' || lower(domain_type) || '-' || mall_id || '-' || stamp || 't000000-1' as job_name
    from (select *, ${STATUS} as status from plan) as judged
  ) as run
  order by n, other`;

/** Most of what failed was run again the same morning; some of it failed once more. */
const SECOND_RUNS = `
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, reading, status, trigger, requested_by, reason, installation_id, mallsync_namespace, mallsync_name,
    mallsync_uid, job_name, launched_at, fence_token, requested_at, started_at, ended_at, read, pages, api_calls,
    exit_code, failure_reason, failure_message)
  select instance_id, mall_id, domain_type, start_date, end_date, 1000, 2, 1,
    case when has_failed then 'FAILED' else 'COMPLETED' end, 'RERUN', pg_temp.pick(instance_id, 20, '{kim,lee,park,choi}'), '',
    'cluster', 'mallsync', 'rerun-' || n * 10 + mall_id % 7, md5('rerun-' || n * 10 + mall_id % 7),
    'ms-' || lower(domain_type) || '-' || mall_id || '-' || stamp || 't000000-2', ended_at + interval '2 hours', 1,
    ended_at + interval '2 hours', ended_at + interval '2 hours', ended_at + (7210 + read / 300.0) * interval '1 second', read / 2, 3, 9,
    case when has_failed then 69 else 0 end, case when has_failed then failure_reason end,
    case when has_failed then failure_message end
  from (
    select run.*, plan.n, plan.stamp, pg_temp.chance(run.instance_id, 21) < 0.1 as has_failed
    from mallsync.tb_batch_execution_summary run join plan using (instance_id)
    where run.status in ('FAILED', 'STOPPED', 'ABANDONED') and plan.n < 400 and pg_temp.chance(run.instance_id, 22) < 0.96
  ) as failed
  order by n, execution_id`;

const REPLAYS = `
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, mode, reading, status, trigger, requested_by, installation_id, requested_at, started_at, ended_at, read)
  select instance_id, mall_id, domain_type, start_date, end_date, 1000, 2, 'REPLAY', 1, 'COMPLETED', 'RERUN', 'kim', 'cluster',
    ended_at + interval '1 day', ended_at + interval '1 day', ended_at + interval '1 day 1 minute', rejected
  from mallsync.tb_batch_execution_summary where status = 'COMPLETED_WITH_REJECTS' and execution_id % 3 = 0
  order by execution_id`;

/** Whole years, asked for in one week of last spring; by hand some days of this autumn. */
const BACKFILLS = `
  with made as (
    insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
    select mall_id, 'ORDER', tstzrange(timestamptz '2023-01-01' + year * interval '1 year', timestamptz '2024-01-01' + year * interval '1 year'),
      to_char(2023 + year, 'FM0000') || '-01-01T00:00:00', to_char(2023 + year, 'FM0000') || '-12-31T23:59:59', timestamptz '2025-04-01'
    from mallsync.tb_mall_config cross join generate_series(-2, 0) year
    returning instance_id, mall_id, domain_type, start_date, end_date
  )
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, reading, status, trigger, requested_by, installation_id, mallsync_namespace, mallsync_name, mallsync_uid,
    requested_at, started_at, ended_at, read)
  select instance_id, mall_id, domain_type, start_date, end_date, 1000, 1, 1, 'COMPLETED', 'BACKFILL', 'lee', 'cluster',
    'mallsync', 'backfill-' || left(start_date, 4), md5(start_date), timestamptz '2025-04-01', timestamptz '2025-04-02',
    timestamptz '2025-04-02' + mall_id * interval '1 minute', 100000 + mall_id
  from made order by instance_id`;

const HAND_RUNS = `
  with made as (
    insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date, created_at)
    select 1 + n % 700, 'MEMBER', tstzrange(timestamptz '2025-09-01 10:00' + n * interval '1 hour', timestamptz '2025-09-01 12:00' + n * interval '1 hour'),
      to_char(timestamp '2025-09-01 10:00' + n * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS'),
      to_char(timestamp '2025-09-01 11:59:59' + n * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS'), timestamptz '2025-09-01 15:00' + n * interval '1 hour'
    from generate_series(1, 1000) n
    returning instance_id, mall_id, domain_type, start_date, end_date, created_at
  )
  insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
    attempt_count, reading, status, trigger, requested_by, installation_id, requested_at, started_at, ended_at, read)
  select instance_id, mall_id, domain_type, start_date, end_date, 500, 1, 1, 'COMPLETED', 'MANUAL', 'park', 'cluster',
    created_at, created_at, created_at + interval '1 minute', 50
  from made order by instance_id`;

const WINDOWS = `
  insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type, state,
    next_offset, count_before, count_after, rows_seen, distinct_seen, rejected, execution_id, settled_at, message)
  select run.instance_id, 1, w, run.mall_id, run.domain_type,
    tstzrange(lower(period) + (w - 1) * (upper(period) - lower(period)) / 4, lower(period) + w * (upper(period) - lower(period)) / 4),
    1, 'join', case when run.status = 'FAILED' and w = 4 then 'INCOMPLETE' when run.ended_at is null and w > 2 then 'OPEN' else 'COMPLETE' end,
    1000, 1000, 1000, 1000, 1000, 0, execution_id, started_at + w * interval '1 second', case when run.status = 'FAILED' and w = 4 then 'counted 1002, saw 1000' end
  from mallsync.tb_batch_execution_summary run join mallsync.tb_batch_job_instance using (instance_id)
  cross join generate_series(1, 4) w
  where attempt_count = 1 and (status = 'FAILED' or requested_at > timestamptz '2025-11-29') and run.started_at is not null`;

const ERRORS = `
  insert into mallsync.tb_batch_error_log (mall_id, domain_type, execution_id, row_key, row_identity, stage, reason_code,
    field, fingerprint, message, payload, shop_no, first_seen_at, last_seen_at, times, status)
  select mall_id, domain_type, execution_id, '1|' || execution_id || n, '1|' || execution_id || n, 'VALIDATE', code, field,
    domain_type || ':VALIDATE:' || code || ':' || field, field || ' is none', '{"name":"k***"}', 1, ended_at, ended_at, 1,
    case when pg_temp.chance(execution_id, 30) < 0.2 then 'OPEN' when pg_temp.chance(execution_id, 30) < 0.3 then 'IGNORED' else 'REPLAYED' end
  from (select *, pg_temp.pick(execution_id, 31, '{BAD_DATE,BAD_NUMBER,TOO_LONG,WRONG_TYPE}') as code,
      pg_temp.pick(execution_id, 32, '{birthday,created_date,email,total_points,order_date,payment_amount}') as field
    from mallsync.tb_batch_execution_summary where status = 'COMPLETED_WITH_REJECTS') as run
  cross join generate_series(1, 13) n`;

const REQUESTS = `
  insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, requested_by, reason,
    state, requested_at, accepted_at, done_at)
  select 'click-' || n / 3 || ' ' || domain_type || ' ' || start_date || ' ' || end_date, 'RESUME', domain_type, start_date, end_date,
    pg_temp.pick(n / 3, 40, '{kim,lee,park,choi}'), '', case when n > 19950 then 'PENDING' when n > 19900 then 'ACCEPTED' when n % 97 = 0 then 'REFUSED' else 'DONE' end,
    at, at, case when n <= 19900 then at + interval '10 minutes' end
  from (
    select n, pg_temp.pick(n % 3, 41, '{MEMBER,ORDER,SALES}') as domain_type, to_char(date '2024-10-27' + n / 50, 'YYYY-MM-DD"T00:00:00"') as start_date,
      to_char(date '2024-10-28' + n / 50 + n % 3, 'YYYY-MM-DD"T00:00:00"') as end_date,
      timestamptz '2024-10-28 09:00' + n / 50 * interval '1 day' + n % 50 * interval '1 minute' as at
    from generate_series(0, 19999) n
  ) as each`;

const REQUEST_ITEMS = `
  insert into mallsync.tb_batch_retry_request_item (request_id, mall_id, instance_id, state, result, execution_id)
  select request_id, mall_id, run.instance_id, case request.state when 'DONE' then 'DONE' else request.state end,
    case when request.state = 'DONE' then 'COMPLETED: 10 read, 0 inserted, 0 updated, 0 rejected' end, run.execution_id
  from mallsync.tb_batch_retry_request request
  cross join lateral (select distinct 1 + (request_id * 37 + k * 13) % 1000 as mall_id
    from generate_series(1, case when request_id % 400 = 0 then 500 else 1 + request_id % 14 end) k) as wanted
  left join lateral (select instance_id, execution_id from mallsync.tb_batch_execution_summary run
    where request.state = 'DONE' and run.execution_id = 1 + (request_id * 997 + wanted.mall_id * 31) % 1000000) as run on true`;

const AUDIT = `
  insert into mallsync.tb_audit_log (at, actor, action, target, source, outcome, detail)
  select timestamptz '2024-10-28' + n * interval '115 seconds', pg_temp.pick(n, 50, '{kim,lee,park,choi,han,system}'),
    case when n % 5000 = 17 then 'keys rotate' else pg_temp.pick(n, 51, '{rerun,runs stop,malls activate,malls deactivate,sign-in,sign-out,errors ignore}') end,
    case when n % 3 = 0 then 'mall ' || n % 1000 else 'execution ' || n * 3 end, '10.0.0.' || n % 250,
    case when n % 40 = 0 then 'ConfigInvalid' else 'done' end, jsonb_build_object('malls', n % 9)
  from generate_series(1, 300000) n`;

const COVERAGE = `
  insert into mallsync.tb_coverage (mall_id, domain_type, covered, with_rejects)
  select mall_id, domain_type,
    tstzmultirange(tstzrange('2024-10-27', '2025-03-01'), tstzrange('2025-03-02', timestamptz '2025-11-30' + (mall_id % 20 <> 5)::integer * interval '1 day')),
    case when mall_id % 9 = 0 then tstzmultirange(tstzrange('2025-10-01', '2025-10-02')) else '{}' end
  from mallsync.tb_mall_config cross join unnest(domain_types) domain_type`;

const BUDGETS = `
  insert into mallsync.tb_rate_budget (mall_id, endpoint, level, updated_at, blocked_until, call_usage_percent, time_usage_percent)
  select mall_id, endpoint, mall_id % 30, timestamptz '2025-12-01 06:29:50', case when mall_id % 300 = 8 then timestamptz '2025-12-01 08:00' end, mall_id % 100, mall_id % 70
  from mallsync.tb_mall_config cross join unnest('{*,orders,customersprivacy}'::text[]) endpoint`;

/** Building an index at the end costs a tenth of keeping it while the rows come. */
const DROP_INDEXES = `
  create temp table dropped as
  select indexdef, format('drop index mallsync.%I', indexname) as undo from pg_indexes
  where schemaname = 'mallsync' and tablename in ('tb_batch_execution_summary', 'tb_batch_job_instance')
    and not exists (select from pg_constraint where conname = indexname);
  do $$ declare each record; begin for each in select undo from dropped loop execute each.undo; end loop; end $$`;

const CREATE_INDEXES = `
  set maintenance_work_mem = '256MB';
  do $$ declare each record; begin for each in select indexdef from dropped loop execute each.indexdef; end loop; end $$`;

export const FILL_STATEMENTS: readonly string[] = [
  HELPERS,
  DROP_INDEXES,
  MALLS,
  CREDENTIALS,
  NIGHTS,
  INSTANCES,
  'analyze mallsync.tb_batch_job_instance',
  PLAN,
  'analyze plan',
  FIRST_RUNS,
  SECOND_RUNS,
  REPLAYS,
  BACKFILLS,
  HAND_RUNS,
  CREATE_INDEXES,
  'analyze mallsync.tb_batch_execution_summary',
  WINDOWS,
  ERRORS,
  REQUESTS,
  REQUEST_ITEMS,
  AUDIT,
  COVERAGE,
  BUDGETS,
];
