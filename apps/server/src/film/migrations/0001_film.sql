-- The spine: a film belongs to the organisation that registered it; a room shares it.

create table film.film (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  owner_id uuid not null references kernel.organisation,
  title text not null,
  title_english text,
  year integer,
  country text,
  synopsis text,
  eidr text,
  isan text,
  licence_number text,
  poster_file_id uuid references kernel.file,
  findings json not null default '[]'
);
create index film_by_owner on film.film (owner_id, created_at desc, id desc);
create unique index film_eidr on film.film (owner_id, eidr) where eidr is not null;

create table film.version (
  id uuid primary key,
  film_id uuid not null references film.film on delete cascade,
  ordinal integer not null,
  format text not null,
  film_code text,
  audio_language text,
  subtitle_languages text[] not null default '{}',
  runtime_seconds integer
);
create index version_by_film on film.version (film_id, ordinal);
-- Film codes are compared without regard to case; they are kept as given.
create index version_by_code on film.version (upper(film_code));

create table film.party (
  film_id uuid not null references film.film on delete cascade,
  ordinal integer not null,
  organisation_id uuid references kernel.organisation,
  name text not null,
  role text not null,
  primary key (film_id, ordinal)
);

create table film.rights_window (
  film_id uuid not null references film.film on delete cascade,
  ordinal integer not null,
  holder text not null,
  territories text[] not null,
  media text not null,
  valid_from date not null,
  valid_to date,
  exclusive boolean not null,
  primary key (film_id, ordinal)
);
