-- A site agent's credential is kept as its hash; what it says of its cinema is kept beside it.

create table distribution.site (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  cinema_id uuid not null references exhibition.cinema,
  name text not null,
  token_hash text not null unique,
  revoked_at timestamptz,
  last_seen_at timestamptz,
  agent_version text,
  clock_offset_ms bigint,
  free_bytes bigint
);
create index site_by_cinema on distribution.site (cinema_id);

create table distribution.site_package (
  site_id uuid not null references distribution.site on delete cascade,
  package_id uuid not null references distribution.package on delete cascade,
  state text not null,
  held_bytes bigint not null default 0,
  updated_at timestamptz not null,
  primary key (site_id, package_id)
);
create index site_package_by_package on distribution.site_package (package_id);

create table distribution.site_key (
  site_id uuid not null references distribution.site on delete cascade,
  key_id uuid not null references distribution.key on delete cascade,
  received_at timestamptz not null,
  primary key (key_id, site_id)
);

-- Hashes of the pieces of an object, a block at a time; computed once, when first asked for.
create table distribution.piece_block (
  digest text not null,
  block integer not null,
  hashes bytea not null,
  primary key (digest, block)
);
