-- A package with its verdict; a key with its screen and its window: one record each.

create table distribution.package (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  film_version_id uuid references film.version on delete set null,
  asset_id uuid references production.asset,
  title text not null,
  standard text not null,
  state text not null,
  encrypted boolean not null,
  options json not null,
  compositions json not null default '[]',
  size_bytes bigint not null default 0,
  findings json not null default '[]',
  checked json,
  job_id uuid
);
create index package_by_film on distribution.package (film_id, created_at desc, id desc);

create table distribution.package_file (
  package_id uuid not null references distribution.package on delete cascade,
  path text not null,
  file_id uuid not null references kernel.file,
  primary key (package_id, path)
);

-- Content keys, each sealed under the network's own key; clear bytes exist only in the job that
-- encrypts and in the job that issues.
create table distribution.content_key (
  package_id uuid not null references distribution.package on delete cascade,
  key_id uuid not null,
  composition_id uuid not null,
  key_type text not null,
  sealed_key bytea not null,
  primary key (package_id, key_id, composition_id)
);

-- The signer of this network: its chain in public, its private key sealed.
create table distribution.signer (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  created_at timestamptz not null default now(),
  -- DER, leaf first.
  certificates bytea[] not null,
  sealed_private_key bytea not null,
  retired_at timestamptz
);
create unique index signer_in_use on distribution.signer (organisation_id) where retired_at is null;

create table distribution.key (
  id uuid primary key,
  package_id uuid not null references distribution.package,
  composition_id uuid not null,
  organisation_id uuid not null references kernel.organisation,
  screen_id uuid not null references exhibition.screen,
  device_id uuid not null references exhibition.device,
  device_thumbprint text not null,
  not_before timestamptz not null,
  not_after timestamptz not null check (not_after > not_before),
  file_id uuid not null references kernel.file,
  job_id uuid not null,
  issued_at timestamptz not null default now(),
  issued_by uuid not null
);
create index key_by_package on distribution.key (package_id, issued_at desc, id desc);
create index key_by_screen on distribution.key (screen_id, not_after desc);
-- A job that is resumed issues each key once.
create unique index key_once on distribution.key (job_id, composition_id, screen_id);
