-- Calls by year and direction, and what became of them after they were published: each version
-- with the terms that it changed and the reason for it.

alter table policy.call add column direction text not null default '';
alter table policy.call add column cancelled_on date;
create index call_by_year on policy.call (year, direction);

create table policy.call_change (
  call_id uuid not null references policy.call,
  version integer not null,
  kind text not null check (kind in ('changed', 'extended', 'cancelled')),
  terms json not null,
  reason text not null,
  by_id uuid not null,
  by_name text not null,
  on_date date not null,
  created_at timestamptz not null default now(),
  primary key (call_id, version)
);
create trigger call_change_append_only before update or delete on policy.call_change
  for each row execute function kernel.refuse_change();
