-- Cinemas are a register that the whole network reads; who keeps a record may change it.

create table exhibition.circuit (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  keeper_id uuid not null references kernel.organisation,
  name text not null,
  code text,
  organisation_id uuid references kernel.organisation
);

create table exhibition.cinema (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  keeper_id uuid not null references kernel.organisation,
  name text not null,
  name_english text,
  code text,
  circuit_id uuid references exhibition.circuit,
  organisation_id uuid references kernel.organisation,
  province text,
  city text,
  address text,
  time_zone text not null default 'Asia/Shanghai',
  email text,
  equipment text,
  findings json not null default '[]'
);
create unique index cinema_code on exhibition.cinema (code) where code is not null;
create index cinema_by_circuit on exhibition.cinema (circuit_id);
create index cinema_by_organisation on exhibition.cinema (organisation_id);

create table exhibition.screen (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  cinema_id uuid not null references exhibition.cinema,
  name text not null,
  number integer,
  seats integer,
  formats text[] not null default '{}'
);
create unique index screen_name on exhibition.screen (cinema_id, name);

-- A device stands in a screen for a time; its successor ends it. The past stays readable: which
-- certificate did this screen have on that day?
create table exhibition.device (
  id uuid primary key,
  screen_id uuid not null references exhibition.screen,
  kind text not null,
  maker text,
  model text,
  serial text,
  thumbprint text,
  -- DER of the leaf, then of its issuers, in order.
  certificates bytea[] not null default '{}',
  subject text,
  issuer text,
  not_before timestamptz,
  not_after timestamptz,
  roles text[] not null default '{}',
  findings json not null default '[]',
  installed_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index device_in_screen on exhibition.device (screen_id)
  where removed_at is null and kind = 'media_block';
create index device_by_screen on exhibition.device (screen_id, installed_at desc);
create index device_by_thumbprint on exhibition.device (thumbprint);

-- A report is never overwritten: a correction is a new report that supersedes the old one.
create table exhibition.report (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid references film.film,
  sender text not null,
  level text not null,
  file_id uuid not null references kernel.file,
  state text not null,
  row_count integer not null,
  quarantined integer not null,
  first_date date,
  last_date date,
  screenings bigint not null,
  admissions bigint not null,
  gross_fen bigint not null,
  supersedes uuid references exhibition.report,
  findings json not null default '[]',
  mapping json not null
);
create index report_by_film on exhibition.report (film_id, created_at desc);
create index report_by_organisation on exhibition.report (organisation_id, created_at desc);
-- The same bytes from the same sender are imported once.
create unique index report_file on exhibition.report (organisation_id, file_id)
  where state = 'imported';

create table exhibition.report_row (
  report_id uuid not null references exhibition.report on delete cascade,
  line integer not null,
  cinema_id uuid references exhibition.cinema,
  cinema_code text,
  cinema_name text,
  film_id uuid references film.film,
  film_code text,
  film_name text,
  hall text,
  first_date date not null,
  last_date date not null,
  equipment text,
  screenings integer not null,
  admissions integer not null,
  gross_fen bigint not null,
  service_fee_fen bigint not null default 0,
  stated json not null default '{}',
  raw json not null,
  quarantined boolean not null default false,
  findings json not null default '[]',
  primary key (report_id, line)
);
create index report_row_by_film on exhibition.report_row (film_id, first_date);
