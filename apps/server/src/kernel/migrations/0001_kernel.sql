-- The kernel's own records. Text ids of persons are those of the schema "identity".

create table kernel.organisation (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null,
  name_english text,
  kind text not null,
  credit_code text
);

create table kernel.member (
  organisation_id uuid not null references kernel.organisation,
  user_id uuid not null,
  roles text[] not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, user_id)
);
create index member_by_user on kernel.member (user_id);

-- Who runs the network as such. The first is made by the one-time link.
create table kernel.operator (
  user_id uuid primary key,
  created_at timestamptz not null default now()
);

create table kernel.owner_link (
  token_hash text primary key,
  created_at timestamptz not null default now(),
  used_at timestamptz
);

create table kernel.user_setting (
  user_id uuid primary key,
  language text not null,
  theme text not null
);

create table kernel.invitation (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  email text not null,
  roles text[] not null,
  token_hash text not null unique,
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz
);

-- A room is the set of organisations around one film; its owner is one of them.
create table kernel.room_member (
  film_id uuid not null,
  organisation_id uuid not null references kernel.organisation,
  halls text[] not null,
  owner boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (film_id, organisation_id)
);
create index room_member_by_organisation on kernel.room_member (organisation_id);
create unique index room_member_one_owner on kernel.room_member (film_id) where owner;

create table kernel.file (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  -- With both, the members of the film's room who share the hall may read the file.
  film_id uuid,
  hall text,
  name text not null,
  media_type text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  digest text not null,
  created_at timestamptz not null default now()
);
create index file_by_digest on kernel.file (digest);
create index file_by_film on kernel.file (film_id);

create table kernel.upload (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  user_id uuid not null,
  name text not null,
  media_type text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  offset_bytes bigint not null default 0,
  digest text,
  state text not null default 'open',
  file_id uuid references kernel.file,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create sequence kernel.instance_number as integer;

create table kernel.job (
  id uuid primary key,
  kind text not null,
  lane text not null,
  organisation_id uuid references kernel.organisation,
  user_id uuid,
  film_id uuid,
  input json not null,
  state text not null default 'queued',
  progress double precision,
  step text,
  findings json not null default '[]',
  result json,
  error text,
  -- Attempts that ended by the job's own fault; a killed server is not the job's fault.
  failures integer not null default 0,
  cancel_requested boolean not null default false,
  instance integer,
  message_id uuid,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index job_by_organisation on kernel.job (organisation_id, created_at desc, id desc);
create index job_by_film on kernel.job (film_id);
create index job_open on kernel.job (state) where state in ('queued', 'running', 'retrying');

create table kernel.job_step (
  job_id uuid not null references kernel.job on delete cascade,
  ordinal integer not null,
  code text not null,
  state text not null,
  output json,
  facts json,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (job_id, code)
);

create table kernel.idempotency (
  scope text not null,
  key text not null,
  request_hash text not null,
  status integer not null default 200,
  answer json,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_by_age on kernel.idempotency (created_at);

create table kernel.audit (
  sequence bigint primary key,
  at timestamptz not null,
  organisation_id uuid,
  actor uuid,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  -- json, not jsonb: the hash covers the text as it was written.
  facts json not null,
  previous_hash text not null,
  hash text not null
);
create index audit_by_organisation on kernel.audit (organisation_id, sequence desc);
create index audit_by_subject on kernel.audit (subject_id, sequence desc);

create function kernel.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table %.% is append-only', tg_table_schema, tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger audit_append_only before update or delete on kernel.audit
  for each row execute function kernel.refuse_change();
create trigger audit_keeps_all before truncate on kernel.audit
  for each statement execute function kernel.refuse_change();

create table kernel.webhook (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  url text not null,
  events text[] not null,
  secret text not null,
  created_at timestamptz not null default now()
);
create index webhook_by_organisation on kernel.webhook (organisation_id);

create table kernel.webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references kernel.webhook on delete cascade,
  event text not null,
  payload text not null,
  attempts integer not null default 0,
  status integer,
  at timestamptz not null default now(),
  delivered_at timestamptz
);
create index webhook_delivery_by_webhook on kernel.webhook_delivery (webhook_id, at desc);
