-- Appeals of applicants against refusals, one for each refusal; and the end of a mark.

create table policy.appeal (
  id uuid primary key,
  claim_id uuid not null references policy.claim,
  step integer not null,
  text text not null,
  by_id uuid not null,
  by_name text not null,
  made_on date not null,
  made_at timestamptz not null default now(),
  upheld boolean,
  answer text,
  answered_by uuid,
  answered_name text,
  answered_on date,
  unique (claim_id, step)
);

-- What was said of an applicant is never rewritten; that it ended is said beside it.
create table policy.mark_end (
  mark_id uuid primary key references policy.mark,
  ended_on date not null,
  reason text not null,
  by_id uuid not null,
  by_name text not null
);
create trigger mark_end_append_only before update or delete on policy.mark_end
  for each row execute function kernel.refuse_change();

-- A mail that the mail server put off is tried again: what was told is not yet what was mailed.
alter table policy.reminder add column mailed_at timestamptz;
update policy.reminder set mailed_at = now();
create index reminder_unmailed on policy.reminder (organisation_id) where mailed_at is null;
