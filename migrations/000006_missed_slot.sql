-- min_program: 0.1.0
-- nights that were due and did not begin, each counted once
create table mallsync.tb_missed_slot (
  installation_id text not null,
  night date not null,
  scheduled_at timestamptz not null,
  noted_at timestamptz not null default now(),
  primary key (installation_id, night)
);
