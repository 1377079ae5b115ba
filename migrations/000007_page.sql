-- min_program: 0.1.0

-- who is signed in to the page; the cookie's token is kept as its hash only
create table mallsync.tb_admin_session (
  token_hash text primary key,
  name text not null,
  -- of the password that the session began with
  mark text not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);

-- who was sent to a mall's consent page; what comes back is taken once, and from the same visitor only
create table mallsync.tb_admin_consent (
  state_hash bytea primary key,
  mall_id bigint not null,
  visitor_hash bytea not null,
  requested_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- a mall's newest failure, without a walk through its history
create index tb_batch_execution_failed on mallsync.tb_batch_execution_summary (mall_id, execution_id desc)
  where status = 'FAILED';

-- open rejected rows are counted by mall and window without a look at the rows themselves
create index tb_batch_error_log_open_window on mallsync.tb_batch_error_log (mall_id, domain_type, window_bounds)
  where status = 'OPEN' and shop_no is not null;

-- The list of runs. A run's page commits must stay heap-only updates, so none of these holds what changes with a page:
-- `read` is seen by an index only once it is final.
alter table mallsync.tb_batch_execution_summary add column ended_read bigint not null
  generated always as (case when ended_at is null then -1 else read end) stored;

-- all runs by time, by rows and by duration
create index tb_batch_execution_newest on mallsync.tb_batch_execution_summary (requested_at desc, execution_id desc);
create index tb_batch_execution_rows on mallsync.tb_batch_execution_summary (ended_read desc, execution_id desc);
create index tb_batch_execution_duration on mallsync.tb_batch_execution_summary
  ((coalesce((extract(epoch from ended_at - started_at) * 1000)::bigint, -1)) desc, execution_id desc);

-- the runs of a night or of some days, for the list, the night's picture and its history
create index tb_batch_execution_period on mallsync.tb_batch_execution_summary
  (domain_type, end_date collate "C", start_date collate "C", requested_at desc, execution_id desc);

-- What went wrong, a few of a hundred runs, with all that lists of it are narrowed and sorted by. It takes the place of an
-- index on every run's status, which nearly always is COMPLETED; what is live has one of its own.
create index tb_batch_execution_trouble on mallsync.tb_batch_execution_summary (requested_at desc, execution_id desc)
  include (status, mode, attempt_count, instance_id, mall_id, domain_type, start_date, end_date, trigger, mallsync_name,
    failure_reason, started_at, ended_at, ended_read)
  where status in ('FAILED', 'STOPPED', 'ABANDONED', 'COMPLETED_WITH_REJECTS');
drop index mallsync.tb_batch_execution_recent;

-- whether a run was taken up by a later one
create index tb_batch_execution_later on mallsync.tb_batch_execution_summary (instance_id, execution_id) include (mode)
  where attempt_count > 1;

-- what someone asked for, with all that lists of it are narrowed and sorted by; what a process of its own ran by time, for
-- a fleet that went over to Kubernetes has all of it far back
create index tb_batch_execution_asked on mallsync.tb_batch_execution_summary (trigger, requested_at desc, execution_id desc)
  include (status, mode, attempt_count, instance_id, mall_id, domain_type, start_date, end_date, started_at, ended_at, ended_read)
  where trigger in ('RERUN', 'MANUAL', 'BACKFILL');
create index tb_batch_execution_local on mallsync.tb_batch_execution_summary (requested_at desc, execution_id desc)
  where trigger = 'LOCAL';

-- the search: a name is shared by a thousand runs, so that the index is small; words only where there are some
create index tb_batch_execution_mallsync_name on mallsync.tb_batch_execution_summary (mallsync_name text_pattern_ops)
  where mallsync_name is not null;
create index tb_batch_execution_words on mallsync.tb_batch_execution_summary using gin (to_tsvector('simple', failure_message))
  where failure_message is not null;

-- the requests of one click, the newest click first; requests that name a run
create index tb_batch_retry_request_click on mallsync.tb_batch_retry_request ((split_part(idempotency_key, ' ', 1)), request_id);
create index tb_batch_retry_request_item_instance on mallsync.tb_batch_retry_request_item (instance_id)
  where instance_id is not null;

-- acts by who, what and to what, the newest first
create index tb_audit_log_actor on mallsync.tb_audit_log (actor, at desc, audit_id desc);
create index tb_audit_log_action on mallsync.tb_audit_log (action, at desc, audit_id desc);
create index tb_audit_log_target on mallsync.tb_audit_log (target text_pattern_ops, at desc, audit_id desc);
