-- Departments call, companies claim, every step and every fen is kept. Steps, decisions and the
-- entries of the ledger are only ever added.

create table policy.department (
  organisation_id uuid primary key references kernel.organisation,
  name text not null,
  created_at timestamptz not null default now()
);

create table policy.parameter_decision (
  id uuid primary key,
  instrument text not null,
  parameter text not null,
  value text not null,
  valid_from date not null,
  recorded date not null,
  department_id uuid not null references policy.department,
  issued_by text not null,
  reason text not null,
  created_at timestamptz not null default now()
);
create trigger decision_append_only before update or delete on policy.parameter_decision
  for each row execute function kernel.refuse_change();

create table policy.holiday_year (
  year integer primary key,
  source text not null,
  free text not null,
  worked text not null,
  department_id uuid not null references policy.department,
  updated_at timestamptz not null default now()
);

create table policy.profile (
  organisation_id uuid primary key references kernel.organisation,
  version integer not null default 1,
  facts json not null,
  updated_at timestamptz not null default now()
);

create table policy.call (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  department_id uuid not null references policy.department,
  instrument text not null,
  title text not null,
  year integer not null,
  items text[] not null,
  opens_on date not null,
  closes_on date not null,
  notice_days integer not null check (notice_days > 0),
  correction_days integer not null check (correction_days > 0),
  guide text not null,
  fairness_opinion text
);
create index call_by_time on policy.call (created_at desc, id desc);

create table policy.claim (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  call_id uuid not null references policy.call,
  applicant_id uuid not null references kernel.organisation,
  item text not null,
  object text not null,
  label text not null,
  event_date date not null,
  applied_on date,
  facts json not null,
  others json not null,
  state text not null,
  correction_until date,
  notice_from date,
  notice_until date,
  recommended_fen bigint check (recommended_fen >= 0),
  grant_fen bigint check (grant_fen >= 0),
  cap_groups text[] not null default '{}'
);
create index claim_by_call on policy.claim (call_id, created_at desc);
create index claim_by_applicant on policy.claim (applicant_id, created_at desc);
-- One live claim per item and object in a call: the same thing is not claimed twice.
create unique index claim_of_object on policy.claim (call_id, item, object, label)
  where state not in ('withdrawn', 'rejected');

create table policy.step (
  claim_id uuid not null references policy.claim,
  number integer not null,
  action text not null,
  actor_id uuid,
  actor text not null,
  role text not null,
  on_date date not null,
  reason text not null,
  rule text,
  receipts json not null default '[]',
  created_at timestamptz not null default now(),
  primary key (claim_id, number)
);
create trigger step_append_only before update or delete on policy.step
  for each row execute function kernel.refuse_change();

create table policy.evidence (
  id uuid primary key,
  claim_id uuid not null references policy.claim,
  code text not null,
  number text,
  file_id uuid not null,
  file_name text not null,
  digest text not null,
  created_at timestamptz not null default now()
);
create index evidence_by_claim on policy.evidence (claim_id);
create index evidence_by_digest on policy.evidence (digest);

create table policy.objection (
  id uuid primary key,
  claim_id uuid not null references policy.claim,
  user_id uuid not null,
  by_name text not null,
  text text not null,
  at timestamptz not null,
  answer text,
  answered_by uuid,
  answered_at timestamptz
);
create index objection_by_claim on policy.objection (claim_id);

-- Where the treasury gives from it goes below zero; nothing else ever does, whoever writes.
create table policy.balance (
  department_id uuid not null references policy.department,
  account text not null,
  fen bigint not null,
  primary key (department_id, account),
  check (fen >= 0 or account like '%/treasury')
);

create table policy.entry (
  department_id uuid not null references policy.department,
  number integer not null,
  year integer not null,
  to_year integer,
  move text not null,
  fen bigint not null check (fen > 0),
  claim_id uuid references policy.claim,
  by_name text not null,
  at timestamptz not null,
  note text not null,
  primary key (department_id, number)
);
create trigger entry_append_only before update or delete on policy.entry
  for each row execute function kernel.refuse_change();
