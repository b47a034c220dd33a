-- An asset is a delivered original and what was made from it. Accepted, it is the master.

create table production.asset (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  title text not null,
  state text not null,
  original_file_id uuid not null references kernel.file,
  sound_file_id uuid references kernel.file,
  sequence_frame_rate text,
  media json,
  proxy_file_id uuid references kernel.file,
  filmstrip_file_id uuid references kernel.file,
  filmstrip json,
  waveform_file_id uuid references kernel.file,
  poster_file_id uuid references kernel.file,
  loudness json,
  findings json not null default '[]',
  job_id uuid,
  accepted_at timestamptz,
  accepted_by uuid
);
create index asset_by_film on production.asset (film_id, created_at desc, id desc);

create table production.note (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  asset_id uuid not null references production.asset,
  organisation_id uuid not null references kernel.organisation,
  author_id uuid not null,
  author_name text not null,
  frame integer not null check (frame >= 0),
  to_frame integer check (to_frame >= frame),
  text text not null,
  state text not null default 'open'
);
create index note_by_asset on production.note (asset_id, frame, created_at);
