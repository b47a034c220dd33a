-- Departments that work together on a call, firms that count as one, and the division of a budget.

alter table policy.call add column joint_ids uuid[] not null default '{}';
alter table policy.call add column recommender_ids uuid[] not null default '{}';
alter table policy.claim add column recommender_id uuid references policy.department;
alter table policy.claim add column score text;
alter table policy.claim add column divided_fen bigint check (divided_fen >= 0);

create table policy.opinion (
  claim_id uuid not null references policy.claim,
  number integer not null,
  department_id uuid not null references policy.department,
  agrees boolean not null,
  reason text not null,
  by_id uuid not null,
  by_name text not null,
  on_date date not null,
  primary key (claim_id, number)
);
create trigger opinion_append_only before update or delete on policy.opinion
  for each row execute function kernel.refuse_change();

create table policy.control (
  id uuid primary key,
  holder_id uuid not null references kernel.organisation,
  held_id uuid not null references kernel.organisation,
  share_basis_points integer not null check (share_basis_points between 0 and 10000),
  controls boolean not null,
  basis text not null,
  department_id uuid not null references policy.department,
  created_at timestamptz not null default now(),
  ended_on date
);

create table policy.division (
  id uuid primary key,
  call_id uuid not null references policy.call,
  receipt json not null,
  by_id uuid not null,
  by_name text not null,
  created_at timestamptz not null default now()
);
create trigger division_append_only before update or delete on policy.division
  for each row execute function kernel.refuse_change();
