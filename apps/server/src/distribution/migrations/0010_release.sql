-- A release is announced in revisions; what was announced is never changed.

create table distribution.release (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  -- The last announced revision; 0 before the first.
  revision integer not null default 0,
  state text not null default 'draft' check (state in ('draft', 'announced', 'withdrawn')),
  plan json not null,
  findings json not null default '[]'
);
create index release_by_film on distribution.release (film_id, created_at desc, id desc);
create index release_by_organisation
  on distribution.release (organisation_id, created_at desc, id desc);

create table distribution.release_revision (
  release_id uuid not null references distribution.release on delete cascade,
  revision integer not null,
  plan json not null,
  announced_at timestamptz not null,
  announced_by text not null,
  primary key (release_id, revision)
);

create table distribution.booking (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  release_id uuid not null references distribution.release,
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  -- A booking outlives a version that its film's record drops later; the format is kept with it.
  film_version_id uuid not null,
  format text not null,
  cinema_id uuid not null references exhibition.cinema,
  screen_ids uuid[] not null,
  first_day date not null,
  last_day date not null check (last_day >= first_day),
  state text not null,
  note text not null default '',
  conflicts json not null default '[]'
);
create index booking_by_release on distribution.booking (release_id, cinema_id);
create index booking_by_cinema on distribution.booking (cinema_id, last_day desc);
create index booking_by_organisation on distribution.booking (organisation_id, created_at desc);
-- A version is offered to a cinema once while the offer or what came of it stands.
create unique index booking_once on distribution.booking (release_id, film_version_id, cinema_id)
  where state in ('offered', 'accepted', 'confirmed');

create table distribution.booking_event (
  booking_id uuid not null references distribution.booking on delete cascade,
  ordinal integer not null,
  at timestamptz not null,
  actor text not null,
  side text not null,
  action text not null,
  state text not null,
  facts json not null default '{}',
  primary key (booking_id, ordinal)
);

-- A package that was withdrawn must not be shown, wherever it lies.
alter table distribution.package add column withdrawn_at timestamptz;

-- A show of a cinema's programme, with the lights of the board, judged whenever something that it
-- needs changes: a board over hundreds of thousands of shows is then a read of one index.
create table distribution.show (
  id uuid primary key,
  cinema_id uuid not null references exhibition.cinema,
  screen_id uuid not null references exhibition.screen,
  film_id uuid references film.film,
  title text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  package_light smallint not null default 1,
  key_light smallint not null default 1,
  window_light smallint not null default 1,
  worst smallint not null default 1,
  findings json not null default '[]',
  help_asked_at timestamptz
);
create index show_by_screen on distribution.show (screen_id, starts_at);
create index show_by_cinema on distribution.show (cinema_id, starts_at);
create index show_by_film on distribution.show (film_id, worst desc, starts_at, id);
create index show_by_time on distribution.show (starts_at);
