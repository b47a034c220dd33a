-- What arrives together: a card, a roll, a folder. Its files lie in the store; the list says under
-- which path each of them was sent, and which manifests the network wrote beside them.

create table production.arrival (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  name text not null,
  state text not null default 'open' check (state in ('open', 'sealing', 'sealed', 'faulty')),
  counts json,
  findings json not null default '[]',
  job_id uuid,
  sealed_at timestamptz
);
create index arrival_by_film on production.arrival (film_id, created_at desc, id desc);

create table production.arrival_file (
  arrival_id uuid not null references production.arrival on delete cascade,
  path text not null,
  file_id uuid not null references kernel.file,
  digest text not null,
  size_bytes bigint not null,
  modified_at timestamptz,
  origin text not null default 'sent' check (origin in ('sent', 'network')),
  asset_id uuid references production.asset,
  added_at timestamptz not null default now(),
  primary key (arrival_id, path)
);
create index arrival_file_by_digest on production.arrival_file (digest);

-- Found by jobs after the asset was made watchable.
create table production.asset_marks (
  asset_id uuid primary key references production.asset on delete cascade,
  scenes json,
  slate json,
  frame_table json
);
