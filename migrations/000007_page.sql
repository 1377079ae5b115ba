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
