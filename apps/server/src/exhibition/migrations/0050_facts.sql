-- What is said of cinemas and screens: by whom, from when on, and when it was written down. The
-- register's own columns hold what these words come to.

alter table exhibition.cinema add column zone text;
alter table exhibition.cinema add column city_class text;
alter table exhibition.cinema add column latitude double precision;
alter table exhibition.cinema add column longitude double precision;

create table exhibition.source (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  name text not null,
  kind text not null check (kind in ('page', 'list', 'sheet', 'feed')),
  -- The lower goes first.
  precedence integer not null,
  url text,
  poll_minutes integer,
  enabled boolean not null default true,
  etag text,
  last_modified text,
  -- Of a site list: when its newest facility was changed.
  changed_until timestamptz,
  polled_at timestamptz,
  outcome text,
  findings json not null default '[]'
);
create unique index source_name on exhibition.source (organisation_id, kind, name);

-- Never changed: a word that turns out wrong is retracted, and what is right is written anew.
create table exhibition.assertion (
  id uuid primary key,
  subject_kind text not null check (subject_kind in ('cinema', 'screen')),
  subject_id uuid not null,
  fact text not null,
  value text,
  source_id uuid not null references exhibition.source,
  valid_from timestamptz not null,
  valid_to timestamptz,
  recorded_at timestamptz not null,
  recorded_by uuid,
  retracted_at timestamptz,
  check (valid_to is null or valid_to >= valid_from)
);
create index assertion_by_subject on exhibition.assertion (subject_id, fact, recorded_at);
create index assertion_by_source on exhibition.assertion (source_id);

create table exhibition.resolution (
  id uuid primary key,
  subject_kind text not null,
  subject_id uuid not null,
  fact text not null,
  value text,
  reason text not null,
  resolved_at timestamptz not null,
  resolved_by uuid,
  resolved_name text not null
);
create index resolution_by_subject on exhibition.resolution (subject_id, fact, resolved_at);

-- What the register knew already is what its keepers said on their pages.
insert into exhibition.source (id, organisation_id, name, kind, precedence)
  select gen_random_uuid(), keeper_id, '', 'page', 10 from exhibition.cinema group by keeper_id;
insert into exhibition.assertion
    (id, subject_kind, subject_id, fact, value, source_id, valid_from, recorded_at)
  select gen_random_uuid(), 'cinema', cinema.id, said.fact, said.value, source.id,
    cinema.created_at, cinema.created_at
  from exhibition.cinema
  join exhibition.source on source.organisation_id = cinema.keeper_id and source.kind = 'page'
  left join exhibition.circuit on circuit.id = cinema.circuit_id
  cross join lateral (values ('name', cinema.name), ('province', cinema.province),
    ('city', cinema.city), ('address', cinema.address), ('email', cinema.email),
    ('timeZone', cinema.time_zone), ('equipment', cinema.equipment), ('circuit', circuit.name)
  ) as said (fact, value) where said.value is not null;
insert into exhibition.assertion
    (id, subject_kind, subject_id, fact, value, source_id, valid_from, recorded_at)
  select gen_random_uuid(), 'screen', screen.id, said.fact, said.value, source.id,
    screen.created_at, screen.created_at
  from exhibition.screen
  join exhibition.cinema on cinema.id = screen.cinema_id
  join exhibition.source on source.organisation_id = cinema.keeper_id and source.kind = 'page'
  cross join lateral (values ('seats', screen.seats::text),
    ('formats', nullif(array_to_string(screen.formats, '/'), ''))
  ) as said (fact, value) where said.value is not null;
insert into exhibition.assertion
    (id, subject_kind, subject_id, fact, value, source_id, valid_from, valid_to, recorded_at)
  select gen_random_uuid(), 'screen', device.screen_id, 'mediaBlock', device.thumbprint, source.id,
    device.installed_at, device.removed_at, device.installed_at
  from exhibition.device
  join exhibition.screen on screen.id = device.screen_id
  join exhibition.cinema on cinema.id = screen.cinema_id
  join exhibition.source on source.organisation_id = cinema.keeper_id and source.kind = 'page'
  where device.thumbprint is not null and device.kind = 'media_block';

-- The trusted-device list in versions: a device is on it from one version until another.
create table exhibition.trusted_version (
  version integer primary key,
  reason text not null,
  made_at timestamptz not null,
  made_by text not null,
  devices integer not null,
  added integer not null,
  removed integer not null
);
create table exhibition.trusted_device (
  thumbprint text not null,
  since_version integer not null references exhibition.trusted_version,
  until_version integer references exhibition.trusted_version,
  maker text,
  model text,
  serial text,
  note text not null default '',
  primary key (thumbprint, since_version)
);

-- An alarm is raised once for a screen, its certificate and what is wrong, until it is right.
create table exhibition.certificate_alarm (
  screen_id uuid not null references exhibition.screen,
  thumbprint text not null,
  code text not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  primary key (screen_id, thumbprint, code, raised_at)
);
create unique index certificate_alarm_standing
  on exhibition.certificate_alarm (screen_id, thumbprint, code) where cleared_at is null;
