-- Open calls: a catalogue and its editions, rounds with sealed bids, experts that are drawn,
-- signed sheets, contracts and what was measured. Steps, editions and sheets are only ever added.

create table policy.opencall_catalogue (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  department_id uuid not null references policy.department,
  year integer not null,
  title text not null,
  state text not null,
  notice_days integer not null check (notice_days > 0),
  notice_from date,
  notice_until date,
  entries json not null default '[]'
);

create table policy.opencall_edition (
  catalogue_id uuid not null references policy.opencall_catalogue,
  number integer not null,
  entries json not null,
  digest text not null,
  changes json not null,
  published_at timestamptz not null,
  primary key (catalogue_id, number)
);
create trigger opencall_edition_append_only before update or delete on policy.opencall_edition
  for each row execute function kernel.refuse_change();

create table policy.opencall_demand (
  id uuid primary key,
  created_at timestamptz not null default now(),
  catalogue_id uuid not null references policy.opencall_catalogue,
  organisation_id uuid not null references kernel.organisation,
  need text not null,
  entry text
);
create index opencall_demand_by_catalogue on policy.opencall_demand (catalogue_id);

create table policy.opencall_step (
  subject_id uuid not null,
  part text not null default '',
  number integer not null,
  action text not null,
  actor_id uuid,
  actor text not null,
  role text not null,
  on_date date not null,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (subject_id, part, number)
);
create trigger opencall_step_append_only before update or delete on policy.opencall_step
  for each row execute function kernel.refuse_change();

create table policy.opencall_objection (
  id uuid primary key,
  kind text not null,
  subject_id uuid not null,
  department_id uuid not null references policy.department,
  user_id uuid not null,
  by_name text not null,
  text text not null,
  at timestamptz not null,
  answer text,
  answered_by uuid,
  answered_at timestamptz
);
create index opencall_objection_by_subject on policy.opencall_objection (subject_id);

-- Public keys alone: what opens and signs stays with its person.
create table policy.opencall_key (
  user_id uuid primary key,
  sealing text not null,
  signing text not null,
  updated_at timestamptz not null default now()
);

create table policy.opencall_round (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  department_id uuid not null references policy.department,
  catalogue_id uuid not null references policy.opencall_catalogue,
  entry json not null,
  state text not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  reveal_until timestamptz not null,
  -- When somebody first saw that the hour had struck; no clock takes it back.
  struck_at timestamptz,
  openers json not null,
  terms json not null,
  seed_sealed bytea not null,
  seed_commitment text not null,
  pool json,
  pool_digest text,
  draw json,
  result json,
  chosen text[] not null default '{}',
  notice_from date,
  notice_until date,
  check (opens_at < closes_at and closes_at < reveal_until)
);
create index opencall_round_by_time on policy.opencall_round (created_at desc, id desc);

create table policy.opencall_bid (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  round_id uuid not null references policy.opencall_round,
  bidder_id uuid not null references kernel.organisation,
  commitment text not null,
  received_at timestamptz not null,
  state text not null,
  -- What came in, encrypted where it was written; gone when it is withdrawn.
  sealed json,
  opened json,
  salt text,
  alias text,
  blind json,
  findings json not null default '[]',
  grant_fen bigint check (grant_fen >= 0),
  unique (round_id, bidder_id)
);

-- After the hour a sealed bid is what it was: neither the service nor anybody else replaces it.
create function policy.refuse_late_seal() returns trigger language plpgsql as $$
begin
  if new.commitment is distinct from old.commitment
    or (new.sealed is not null and new.sealed::text is distinct from old.sealed::text) then
    if exists (select 1 from policy.opencall_round as round
      where round.id = old.round_id and round.struck_at is not null) then
      raise exception 'a sealed bid does not change after its hour';
    end if;
  end if;
  return new;
end $$;
create trigger opencall_bid_sealed before update on policy.opencall_bid
  for each row execute function policy.refuse_late_seal();

create table policy.opencall_share (
  bid_id uuid not null references policy.opencall_bid,
  place integer not null,
  opener_id uuid not null,
  bytes text not null,
  at timestamptz not null,
  primary key (bid_id, place)
);

create table policy.opencall_expert (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  user_id uuid not null unique,
  profile json not null,
  state text not null
);

create table policy.opencall_seat (
  round_id uuid not null references policy.opencall_round,
  expert_id uuid not null references policy.opencall_expert,
  candidate text not null,
  state text not null,
  reason text not null default '',
  signing text not null,
  primary key (round_id, expert_id)
);

create table policy.opencall_sheet (
  round_id uuid not null references policy.opencall_round,
  expert_id uuid not null references policy.opencall_expert,
  alias text not null,
  number integer not null,
  sheet json not null,
  signature text not null,
  at timestamptz not null,
  primary key (round_id, expert_id, alias, number)
);
create trigger opencall_sheet_append_only before update or delete on policy.opencall_sheet
  for each row execute function kernel.refuse_change();

create table policy.opencall_project (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  department_id uuid not null references policy.department,
  applicant_id uuid not null references kernel.organisation,
  round_id uuid not null references policy.opencall_round,
  bid_id uuid not null unique references policy.opencall_bid,
  year integer not null,
  state text not null,
  grant_fen bigint not null check (grant_fen >= 0),
  milestones json not null,
  termination json
);

create table policy.opencall_milestone (
  project_id uuid not null references policy.opencall_project,
  code text not null,
  state text not null,
  measurements json not null default '[]',
  primary key (project_id, code)
);

create table policy.opencall_change (
  id uuid primary key,
  created_at timestamptz not null default now(),
  project_id uuid not null references policy.opencall_project,
  by_id uuid,
  milestones json not null,
  reason text not null,
  findings json not null,
  state text not null
);

-- Money of an open call goes through the same ledger; its entries name the bid.
alter table policy.entry add column opencall_bid_id uuid references policy.opencall_bid;
