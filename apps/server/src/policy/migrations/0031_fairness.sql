-- Opinions of the fair-competition review for a whole call or for one item of it, decisions on
-- unclear words for one item, and calls whose reviewed claims are defended before a panel.

create table policy.fairness (
  call_id uuid not null references policy.call,
  number integer not null,
  item text,
  conclusion text not null check (conclusion in ('passes', 'exception', 'fails')),
  quote text not null,
  reason text not null,
  by_id uuid not null,
  by_name text not null,
  on_date date not null,
  created_at timestamptz not null default now(),
  primary key (call_id, number)
);
create trigger fairness_append_only before update or delete on policy.fairness
  for each row execute function kernel.refuse_change();

alter table policy.parameter_decision add column item text, add column quote text;
alter table policy.call add column defence boolean not null default false;
