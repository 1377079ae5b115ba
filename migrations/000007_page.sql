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
