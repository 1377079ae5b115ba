-- min_program: 0.1.0
create table mallsync.tb_installation (
  installation_id text primary key,
  is_local boolean not null,
  created_at timestamptz not null default now()
);
create unique index tb_installation_one_local on mallsync.tb_installation (is_local) where is_local;

create table mallsync.tb_mall_config (
  mall_id bigint primary key check (mall_id > 0),
  cafe24_mall_id text not null unique check (cafe24_mall_id ~ '^[a-z0-9][a-z0-9-]{1,49}$'),
  name text not null,
  active boolean not null default true,
  shop_nos integer[],
  domain_types text[] not null default '{MEMBER,ORDER,SALES}',
  labels jsonb not null default '{}',
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table mallsync.tb_mall_credential (
  mall_id bigint primary key references mallsync.tb_mall_config on delete cascade,
  client_id text not null,
  client_secret bytea not null,
  access_token bytea,
  access_expires_at timestamptz,
  refresh_token bytea,
  refresh_expires_at timestamptz,
  -- SHA-256 of the refresh token that an import last brought: the same file again is not a new token
  imported_token_hash bytea,
  key_id text not null,
  generation bigint not null default 0,
  state text not null default 'ACTIVE' check (state in ('ACTIVE', 'NEEDS_CONSENT', 'UNINSTALLED')),
  refreshing_until timestamptz,
  scopes text[] not null default '{}',
  last_refreshed_at timestamptz,
  last_tried_at timestamptz,
  updated_at timestamptz not null default now()
);

create table mallsync.tb_batch_job_instance (
  instance_id bigint generated always as identity primary key,
  mall_id bigint not null,
  domain_type text not null,
  period tstzrange not null check (not isempty(period) and lower_inc(period) and not upper_inc(period)),
  start_date text not null,
  end_date text not null,
  reading integer not null default 1,
  created_at timestamptz not null default now(),
  unique (mall_id, domain_type, period)
);

create table mallsync.tb_batch_execution_summary (
  execution_id bigint generated always as identity primary key,
  instance_id bigint not null references mallsync.tb_batch_job_instance,
  mall_id bigint not null,
  domain_type text not null,
  start_date text not null,
  end_date text not null,
  page_size integer not null check (page_size between 1 and 1000),
  attempt_count integer not null check (attempt_count > 0),
  mode text not null default 'RESUME' check (mode in ('RESUME', 'REPROCESS', 'REPLAY')),
  reading integer not null,
  status text not null default 'REQUESTED' check (status in ('REQUESTED', 'RUNNING', 'WAITING', 'COMPLETED',
    'COMPLETED_WITH_REJECTS', 'FAILED', 'STOPPED', 'ABANDONED')),
  trigger text not null check (trigger in ('NIGHTLY', 'MANUAL', 'RERUN', 'BACKFILL', 'LOCAL')),
  requested_by text not null default '',
  reason text not null default '',
  replay_fingerprints text[],
  installation_id text not null,
  mallsync_namespace text,
  mallsync_name text,
  mallsync_uid text,
  job_name text,
  launched_at timestamptz,
  pod text,
  fence_token bigint not null default 0,
  lease_until timestamptz,
  requested_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  last_reason text,
  last_message text,
  read bigint not null default 0,
  inserted bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  stale bigint not null default 0,
  rejected bigint not null default 0,
  duplicate bigint not null default 0,
  pages bigint not null default 0,
  api_calls bigint not null default 0,
  wait_ms bigint not null default 0,
  bytes bigint not null default 0,
  exit_code integer,
  failure_reason text,
  failure_message text,
  unique (instance_id, attempt_count)
) with (fillfactor = 70);
create unique index tb_batch_execution_one_live on mallsync.tb_batch_execution_summary (instance_id)
  where status in ('REQUESTED', 'RUNNING', 'WAITING');
create index tb_batch_execution_live on mallsync.tb_batch_execution_summary (mall_id, domain_type, trigger)
  where status in ('REQUESTED', 'RUNNING', 'WAITING');
create index tb_batch_execution_mall on mallsync.tb_batch_execution_summary (mall_id, domain_type, execution_id desc);
create index tb_batch_execution_recent on mallsync.tb_batch_execution_summary (status, execution_id desc);
create index tb_batch_execution_mallsync on mallsync.tb_batch_execution_summary (mallsync_uid) where mallsync_uid is not null;

create table mallsync.tb_batch_window (
  instance_id bigint not null references mallsync.tb_batch_job_instance on delete cascade,
  reading integer not null,
  n integer not null,
  mall_id bigint not null,
  domain_type text not null,
  bounds tstzrange not null,
  shop_no integer not null,
  date_type text not null,
  state text not null default 'UNSPLIT'
    check (state in ('UNSPLIT', 'OPEN', 'COMPLETE', 'COMPLETE_WITH_REJECTS', 'INCOMPLETE')),
  next_offset integer not null default 0,
  count_before bigint,
  count_after bigint,
  rereads integer not null default 0,
  rows_seen bigint not null default 0,
  distinct_seen bigint not null default 0,
  rejected bigint not null default 0,
  checksum numeric(20) not null default 0,
  message text,
  -- when the present pass began, by the database's clock or the first answer's Date, whichever is earlier
  pass_began_at timestamptz,
  execution_id bigint not null,
  settled_at timestamptz,
  primary key (instance_id, reading, n)
) with (fillfactor = 70);

create table mallsync.tb_batch_window_page (
  instance_id bigint not null,
  reading integer not null,
  n integer not null,
  page_offset integer not null,
  key_hashes bytea not null,
  primary key (instance_id, reading, n, page_offset),
  foreign key (instance_id, reading, n) references mallsync.tb_batch_window on delete cascade
);

create table mallsync.tb_coverage (
  mall_id bigint not null,
  domain_type text not null,
  covered tstzmultirange not null default '{}',
  with_rejects tstzmultirange not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (mall_id, domain_type)
);

create table mallsync.tb_batch_error_log (
  error_id bigint generated always as identity primary key,
  mall_id bigint not null,
  domain_type text not null,
  execution_id bigint not null,
  row_key text,
  -- the key, or for a row without one a hash of it: what makes a repeated failure one entry
  row_identity text not null,
  stage text not null check (stage in ('FETCH', 'VALIDATE', 'MAP', 'WRITE')),
  reason_code text not null,
  field text,
  fingerprint text not null,
  message text not null,
  payload jsonb,
  window_bounds tstzrange,
  shop_no integer,
  date_type text,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  times integer not null default 1,
  status text not null default 'OPEN' check (status in ('OPEN', 'REPLAYED', 'IGNORED')),
  status_by text,
  status_at timestamptz,
  unique (mall_id, domain_type, fingerprint, row_identity)
);
create index tb_batch_error_log_open on mallsync.tb_batch_error_log (mall_id, domain_type, row_key) where status = 'OPEN';
create index tb_batch_error_log_group on mallsync.tb_batch_error_log (fingerprint, status);
create index tb_batch_error_log_execution on mallsync.tb_batch_error_log (execution_id);
create index tb_batch_error_log_age on mallsync.tb_batch_error_log (last_seen_at);

create table mallsync.tb_batch_retry_request (
  request_id bigint generated always as identity primary key,
  idempotency_key text not null unique,
  kind text not null check (kind in ('RUN', 'RESUME', 'REPROCESS', 'REPLAY_REJECTED', 'STOP')),
  domain_type text not null,
  start_date text not null,
  end_date text not null,
  page_size integer not null default 1000 check (page_size between 1 and 1000),
  fingerprints text[],
  requested_by text not null,
  reason text not null default '',
  state text not null default 'PENDING' check (state in ('PENDING', 'ACCEPTED', 'DONE', 'REFUSED')),
  requested_at timestamptz not null default now(),
  accepted_at timestamptz,
  done_at timestamptz
);
create index tb_batch_retry_request_open on mallsync.tb_batch_retry_request (request_id) where state in ('PENDING', 'ACCEPTED');

create table mallsync.tb_batch_retry_request_item (
  request_id bigint not null references mallsync.tb_batch_retry_request on delete cascade,
  mall_id bigint not null,
  instance_id bigint,
  state text not null default 'PENDING' check (state in ('PENDING', 'ACCEPTED', 'RUNNING', 'DONE', 'REFUSED')),
  result text,
  execution_id bigint,
  updated_at timestamptz not null default now(),
  primary key (request_id, mall_id)
);

create table mallsync.tb_rate_budget (
  mall_id bigint not null,
  endpoint text not null,
  level double precision not null default 0,
  updated_at timestamptz not null default now(),
  blocked_until timestamptz,
  call_usage_percent double precision,
  time_usage_percent double precision,
  primary key (mall_id, endpoint)
) with (fillfactor = 50);

create table mallsync.tb_controller_epoch (
  installation_id text primary key,
  epoch bigint not null default 0,
  holder text not null default '',
  updated_at timestamptz not null default now()
);

-- shard spreads one total over several rows, so that runs which commit at the same time do not queue on it: sum over it
create table mallsync.tb_metric_total (
  name text not null,
  labels jsonb not null,
  shard smallint not null default 0,
  value double precision not null default 0,
  primary key (name, labels, shard)
) with (fillfactor = 50);

create table mallsync.tb_audit_log (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text not null,
  source text not null default '',
  outcome text not null,
  detail jsonb not null default '{}'
);
create index tb_audit_log_at on mallsync.tb_audit_log (at);

-- a keyed hash of a member who asked to be forgotten, so that no later reading brings the person back
create table mallsync.tb_erased_member (
  mall_id bigint not null,
  member_hash bytea not null,
  key_id text not null,
  erased_at timestamptz not null default now(),
  primary key (mall_id, member_hash)
);
