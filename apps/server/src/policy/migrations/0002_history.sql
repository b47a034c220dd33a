-- Cool-downs and bars of a call, and marks against applicants who broke the rules.

alter table policy.call add column history_rules json not null default '[]';

create table policy.mark (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  department_id uuid not null references policy.department,
  kind text not null,
  from_year integer not null,
  to_year integer not null check (to_year >= from_year),
  reason text not null,
  created_at timestamptz not null default now()
);
create index mark_by_organisation on policy.mark (organisation_id);
create trigger mark_append_only before update or delete on policy.mark
  for each row execute function kernel.refuse_change();
