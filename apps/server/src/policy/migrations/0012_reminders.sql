-- What companies were told, so that everything is told once.

create table policy.reminder (
  organisation_id uuid not null references kernel.organisation,
  key text not null,
  kind text not null,
  subject text not null,
  title text not null,
  due_on date,
  told_at timestamptz not null default now(),
  mailed integer not null default 0,
  primary key (organisation_id, key)
);

-- One round of reminders orders the next; this row is there once the first was ordered.
create table policy.reminding (single boolean primary key default true check (single));
