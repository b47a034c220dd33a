-- Terms keep every agreed version; a run applies one version to chosen reports; its statements
-- are frozen with the derivation of every line.

create table settlement.terms (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  title text not null,
  state text not null,
  terms json not null,
  digest text not null,
  findings json not null default '[]'
);
create index terms_by_film on settlement.terms (film_id, created_at desc);

create table settlement.terms_version (
  terms_id uuid not null references settlement.terms,
  version integer not null,
  recorded_at timestamptz not null default now(),
  state text not null,
  title text not null,
  terms json not null,
  digest text not null,
  primary key (terms_id, version)
);
create trigger terms_version_append_only before update or delete on settlement.terms_version
  for each row execute function kernel.refuse_change();

create table settlement.run (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  terms_id uuid not null,
  terms_version integer not null,
  first_date date not null,
  last_date date not null,
  report_ids uuid[] not null,
  state text not null,
  job_id uuid,
  gross_fen bigint not null default 0,
  parties json not null default '[]',
  findings json not null default '[]',
  foreign key (terms_id, terms_version) references settlement.terms_version (terms_id, version)
);
create index run_by_film on settlement.run (film_id, created_at desc);

create table settlement.statement (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  run_id uuid not null references settlement.run,
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  number text not null,
  kind text not null,
  party text not null,
  party_organisation_id uuid references kernel.organisation,
  counterparty text,
  first_date date not null,
  last_date date not null,
  state text not null,
  line_count integer not null,
  gross_fen bigint not null,
  fund_fen bigint not null,
  tax_fen bigint not null,
  net_fen bigint not null,
  total_fen bigint not null,
  terms_id uuid not null,
  terms_version integer not null,
  issued_at timestamptz,
  issued_by uuid,
  findings json not null default '[]',
  proof json,
  unique (organisation_id, number)
);
create index statement_by_run on settlement.statement (run_id);
create index statement_by_film on settlement.statement (film_id, created_at desc);

create table settlement.statement_line (
  statement_id uuid not null references settlement.statement,
  number integer not null,
  line_id text not null,
  line json not null,
  derivation json not null,
  primary key (statement_id, number),
  unique (statement_id, line_id)
);

-- What was issued is never edited: a correction is a supplementary statement.
create function settlement.refuse_issued_change() returns trigger language plpgsql as $$
begin
  if old.state in ('issued', 'accepted', 'disputed') and (
    (to_jsonb(new) - 'state' - 'version' - 'updated_at')
    is distinct from (to_jsonb(old) - 'state' - 'version' - 'updated_at')
  ) then
    raise exception 'statement % is issued', old.number
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger statement_issued before update on settlement.statement
  for each row execute function settlement.refuse_issued_change();

create function settlement.refuse_issued_line() returns trigger language plpgsql as $$
begin
  if exists (select 1 from settlement.statement s
    where s.id = coalesce(old.statement_id, new.statement_id)
      and s.state in ('issued', 'accepted', 'disputed')) then
    raise exception 'lines of an issued statement do not change'
      using errcode = 'integrity_constraint_violation';
  end if;
  return coalesce(new, old);
end $$;
create trigger line_of_issued before insert or update or delete on settlement.statement_line
  for each row execute function settlement.refuse_issued_line();
