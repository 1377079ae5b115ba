-- min_program: 0.1.0
-- a MallSync whose malls are known: they are named once, whatever changes later
create table mallsync.tb_mallsync (
  mallsync_uid text primary key,
  installation_id text not null,
  namespace text not null,
  name text not null,
  -- no foreign key: the label that it comes from is anyone's to write
  retry_request_id bigint,
  created_at timestamptz not null default now(),
  -- when it was last admitted from
  updated_at timestamptz not null default now()
);
create index tb_mallsync_request on mallsync.tb_mallsync (retry_request_id) where retry_request_id is not null;
create index tb_mallsync_age on mallsync.tb_mallsync (updated_at);

create table mallsync.tb_mallsync_mall (
  mallsync_uid text not null references mallsync.tb_mallsync on delete cascade,
  mall_id bigint not null,
  result text not null default 'PENDING' check (result in ('PENDING', 'ADMITTED', 'ALREADY_COMPLETE', 'REFUSED')),
  -- the attemptCount that the result is the answer to, 0 where none was given
  attempt_wish integer not null default 0,
  execution_id bigint,
  reason text,
  message text,
  updated_at timestamptz not null default now(),
  primary key (mallsync_uid, mall_id)
) with (fillfactor = 80);

-- when the controller counted the execution's outcome, so that its Job may go
alter table mallsync.tb_batch_execution_summary add column recorded_at timestamptz;

create index tb_batch_execution_launching on mallsync.tb_batch_execution_summary (installation_id, mallsync_uid, execution_id)
  where status in ('REQUESTED', 'RUNNING', 'WAITING') and mallsync_uid is not null;

-- the runs of a MallSync are looked at mall by mall
create index tb_batch_execution_mallsync_mall on mallsync.tb_batch_execution_summary (mallsync_uid, mall_id)
  where mallsync_uid is not null;
drop index mallsync.tb_batch_execution_mallsync;
