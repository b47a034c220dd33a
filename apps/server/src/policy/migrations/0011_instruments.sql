-- Instruments that departments publish beside the one that comes with the program, and later
-- versions of either. A version that was published is never changed or taken away.

create table policy.instrument_version (
  id uuid primary key,
  created_at timestamptz not null default now(),
  code text not null,
  department_id uuid not null references policy.department,
  state text not null check (state in ('proposed', 'published', 'rejected')),
  digest text not null,
  content json not null,
  source_text text,
  reason text not null,
  findings json not null,
  proposed_by uuid not null,
  proposed_name text not null,
  decided_by uuid,
  decided_name text,
  decided_on date,
  number integer
);
create index instrument_version_of on policy.instrument_version (code, created_at desc);
create unique index instrument_version_number on policy.instrument_version (code, number)
  where number is not null;

create function policy.keep_published() returns trigger language plpgsql as $$
begin
  if old.state <> 'proposed' then
    raise exception 'a decided version of an instrument is never changed';
  end if;
  if tg_op = 'DELETE' then
    raise exception 'a version of an instrument is never taken away';
  end if;
  return new;
end $$;
create trigger instrument_version_kept before update or delete on policy.instrument_version
  for each row execute function policy.keep_published();
