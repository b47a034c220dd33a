-- What was played and sold, and what is made of it.

create table exhibition.log (
  id uuid primary key,
  created_at timestamptz not null default now(),
  cinema_id uuid not null references exhibition.cinema,
  organisation_id uuid not null references kernel.organisation,
  file_id uuid not null references kernel.file,
  digest text not null,
  kind text not null check (kind in ('st430', 'table')),
  device text not null,
  first_at timestamptz,
  last_at timestamptz,
  records integer not null,
  proven integer not null,
  playbacks integer not null,
  fresh integer not null,
  findings json not null default '[]'
);
-- The same bytes of a cinema are taken once, however often they come.
create unique index log_bytes on exhibition.log (cinema_id, digest);
create index log_by_time on exhibition.log (created_at desc, id desc);

-- Runs of records without a gap: laid together they say when a log is whole.
create table exhibition.log_piece (
  log_id uuid not null references exhibition.log on delete cascade,
  cinema_id uuid not null,
  screen_id uuid references exhibition.screen,
  device text not null,
  first_sequence bigint not null,
  last_sequence bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  previous_header_hash text,
  last_header_hash text,
  primary key (log_id, device, first_sequence, first_at)
);
create index log_piece_by_cinema on exhibition.log_piece (cinema_id, first_at);

create table exhibition.playback (
  id uuid primary key,
  log_id uuid not null references exhibition.log,
  cinema_id uuid not null references exhibition.cinema,
  screen_id uuid references exhibition.screen,
  film_id uuid references film.film,
  composition_id uuid,
  title text,
  device text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  whole boolean not null,
  proven boolean not null,
  exceptions text[] not null default '{}'
);
create unique index playback_once
  on exhibition.playback (cinema_id, device, started_at, coalesce(composition_id::text, title, ''));
create index playback_by_cinema on exhibition.playback (cinema_id, started_at);
create index playback_by_time on exhibition.playback (started_at desc, id desc);

create table exhibition.correction (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  report_id uuid not null references exhibition.report,
  organisation_id uuid not null references kernel.organisation,
  state text not null default 'applied'
    check (state in ('applied', 'approved', 'rejected', 'fulfilled')),
  reason text not null,
  rows integer not null,
  screenings bigint not null,
  admissions bigint not null,
  gross_fen bigint not null,
  applied_by uuid not null,
  applied_name text not null,
  decided_by uuid,
  decided_name text,
  decision text,
  approved_at timestamptz,
  fulfilled_by uuid references exhibition.report,
  check (decided_by is distinct from applied_by)
);
create index correction_by_report on exhibition.correction (report_id);
create index correction_by_time on exhibition.correction (created_at desc, id desc);

create table exhibition.rule_set (
  organisation_id uuid not null references kernel.organisation,
  version integer not null,
  reason text not null,
  rules json not null,
  made_at timestamptz not null,
  made_by text not null,
  primary key (organisation_id, version)
);

create table exhibition.examination (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  first_date date not null,
  last_date date not null,
  circuit_id uuid references exhibition.circuit,
  cinema_id uuid references exhibition.cinema,
  film_id uuid references film.film,
  edition text not null,
  rules_version integer not null,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  cinemas integer not null default 0,
  sessions bigint not null default 0,
  opened integer not null default 0,
  standing integer not null default 0,
  cleared integer not null default 0,
  job_id uuid
);
create index examination_by_organisation
  on exhibition.examination (organisation_id, created_at desc, id desc);

create table exhibition.screening_case (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  examination_id uuid not null references exhibition.examination,
  -- The rule, the screen and the first record: the same suspicion is one case however often it is
  -- found.
  mark text not null,
  rule text not null,
  severity text not null,
  edition text not null,
  cinema_id uuid not null references exhibition.cinema,
  screen_id uuid not null references exhibition.screen,
  film_id uuid references film.film,
  at timestamptz not null,
  facts json not null,
  evidence json not null,
  state text not null default 'open'
    check (state in ('open', 'asked', 'answered', 'proposed', 'decided', 'cleared')),
  owner_id uuid,
  owner_name text,
  asked_at timestamptz,
  answered_at timestamptz,
  verdict text check (verdict in ('upheld', 'dismissed', 'tolerated')),
  amount_fen bigint not null default 0,
  proposed_by uuid,
  decided_at timestamptz,
  unique (organisation_id, mark)
);
create index case_by_organisation
  on exhibition.screening_case (organisation_id, created_at desc, id desc);
create index case_by_cinema on exhibition.screening_case (cinema_id, at);

create table exhibition.case_event (
  case_id uuid not null references exhibition.screening_case,
  number integer not null,
  at timestamptz not null,
  side text not null check (side in ('examiner', 'cinema', 'network')),
  organisation_id uuid,
  organisation_name text not null,
  user_name text not null,
  action text not null,
  text text not null,
  file_ids uuid[] not null default '{}',
  primary key (case_id, number)
);
create trigger case_event_append_only before update or delete on exhibition.case_event
  for each row execute function kernel.refuse_change();

-- Rows of reports that a case speaks of, and what they are worth because of it.
create table exhibition.row_standing (
  report_id uuid not null,
  line integer not null,
  case_id uuid not null references exhibition.screening_case,
  standing text not null check (standing in ('held', 'confirmed', 'adjusted', 'excluded')),
  admissions integer,
  gross_fen bigint,
  primary key (report_id, line, case_id),
  foreign key (report_id, line) references exhibition.report_row
);
