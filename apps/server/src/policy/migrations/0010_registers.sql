-- Registers of what measures rest on. Steps, scores and assessments are only ever added.

create table policy.register (
  id uuid primary key,
  created_at timestamptz not null default now(),
  department_id uuid not null references policy.department,
  kind text not null,
  notice_days integer not null check (notice_days > 0),
  -- The last number that was given, by year: numbers are never given twice.
  numbers json not null default '{}'
);
create unique index register_of_kind on policy.register (department_id, kind);

create table policy.register_round (
  id uuid primary key,
  created_at timestamptz not null default now(),
  register_id uuid not null references policy.register,
  year integer not null,
  title text not null,
  opens_on date not null,
  closes_on date not null,
  places json not null,
  decided_on date,
  decision json
);
create index register_round_of on policy.register_round (register_id, created_at desc);

create table policy.register_entry (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  register_id uuid not null references policy.register,
  round_id uuid references policy.register_round,
  holder_id uuid not null references kernel.organisation,
  number text,
  identity text,
  state text not null,
  fields json not null,
  selected boolean not null default false,
  filed_on date,
  correction_until date,
  notice_from date,
  notice_until date,
  remedy_until date,
  registered_on date,
  valid_until date,
  ended_on date,
  level_asked text
);
create index register_entry_by_time on policy.register_entry (register_id, created_at desc);
create index register_entry_by_holder on policy.register_entry (holder_id, created_at desc);
create unique index register_entry_number on policy.register_entry (register_id, number)
  where number is not null;
-- One thing is entered once, whoever files it and however the name is written.
create unique index register_entry_identity on policy.register_entry (register_id, identity)
  where state not in ('draft', 'refused', 'relinquished', 'withdrawn', 'forgotten');

create table policy.register_step (
  entry_id uuid not null references policy.register_entry,
  number integer not null,
  action text not null,
  actor_id uuid,
  actor text not null,
  role text not null,
  on_date date not null,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (entry_id, number)
);
create trigger register_step_append_only before update or delete on policy.register_step
  for each row execute function kernel.refuse_change();

create table policy.register_document (
  id uuid primary key,
  entry_id uuid not null references policy.register_entry,
  code text not null,
  file_id uuid not null,
  file_name text not null,
  digest text not null,
  size_bytes bigint not null,
  media_type text not null,
  created_at timestamptz not null default now()
);
create index register_document_of on policy.register_document (entry_id);

create table policy.register_score (
  entry_id uuid not null references policy.register_entry,
  reviewer_id uuid not null,
  reviewer text not null,
  points json not null,
  remark text not null,
  created_at timestamptz not null default now(),
  primary key (entry_id, reviewer_id)
);
create trigger register_score_append_only before update or delete on policy.register_score
  for each row execute function kernel.refuse_change();

create table policy.register_assessment (
  entry_id uuid not null references policy.register_entry,
  number integer not null,
  on_date date not null,
  grade text not null,
  passes boolean not null,
  score text not null,
  points json not null,
  by_id uuid not null,
  by_name text not null,
  remark text not null,
  primary key (entry_id, number)
);
create trigger register_assessment_append_only before update or delete
  on policy.register_assessment for each row execute function kernel.refuse_change();

create table policy.register_objection (
  id uuid primary key,
  entry_id uuid not null references policy.register_entry,
  user_id uuid not null,
  by_name text not null,
  text text not null,
  at timestamptz not null,
  answer text,
  answered_by uuid,
  answered_at timestamptz
);
create index register_objection_of on policy.register_objection (entry_id);

-- What a claim rests on: the entry, and the share of the claimant in its award.
alter table policy.claim add column source_entry_id uuid references policy.register_entry;
alter table policy.claim add column source_share text not null default '';
