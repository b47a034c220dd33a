-- What is said of media: remarks with drawings and answers, approvals, live rooms, and links for
-- people outside. A place is always a frame of an asset, counted from 0, never a time.

alter table production.note
  -- Guests and editing systems have no account.
  alter column author_id drop not null,
  add column parent_id uuid references production.note,
  -- Only the author's company sees it.
  add column internal boolean not null default false,
  -- The newest drawing; the older ones are in note_drawing.
  add column drawing json,
  add column drawing_number integer not null default 0,
  add column mentions uuid[] not null default '{}',
  add column done_by text,
  add column done_at timestamptz,
  -- How it came: written here, by a link for guests, or out of an editing system.
  add column origin text not null default 'room'
    check (origin in ('room', 'link', 'markers')),
  add column link_id uuid;
create index note_by_mention on production.note using gin (mentions);
create index note_by_parent on production.note (parent_id);

create table production.note_drawing (
  note_id uuid not null references production.note on delete cascade,
  number integer not null,
  drawing json not null,
  drawn_by text not null,
  drawn_at timestamptz not null default now(),
  primary key (note_id, number)
);

create table production.approval_request (
  id uuid primary key,
  created_at timestamptz not null default now(),
  asset_id uuid not null references production.asset,
  reviewer_id uuid not null,
  organisation_id uuid not null references kernel.organisation,
  requested_by uuid,
  due_date date,
  unique (asset_id, reviewer_id)
);
create index approval_request_by_reviewer on production.approval_request (reviewer_id);

-- A reviewer's word on one asset; a later one of the same reviewer takes its place.
create table production.approval (
  id uuid primary key,
  created_at timestamptz not null default now(),
  asset_id uuid not null references production.asset,
  organisation_id uuid not null references kernel.organisation,
  reviewer_id uuid not null,
  reviewer_name text not null,
  decision text not null check (decision in ('approved', 'changes', 'rejected')),
  text text not null default '',
  record json not null,
  signature json not null,
  replaced_by uuid references production.approval
);
create index approval_by_asset on production.approval (asset_id, created_at desc, id desc);
create unique index approval_in_force on production.approval (asset_id, reviewer_id)
  where replaced_by is null;

-- A live room. Its state is the sum of its events; what is here saves adding them up again.
create table production.review_room (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  title text not null,
  -- What it was opened on: whoever reaches that may come in.
  asset_id uuid not null references production.asset,
  shown_id uuid not null references production.asset,
  compare json,
  host_id uuid not null,
  control json not null,
  seq bigint not null default 0,
  opened_by text not null,
  closed_at timestamptz
);
create index review_room_by_film on production.review_room (film_id, created_at desc, id desc);
create index review_room_by_asset on production.review_room (asset_id) where closed_at is null;

create table production.review_event (
  room_id uuid not null references production.review_room on delete cascade,
  seq bigint not null,
  at bigint not null,
  by text not null,
  act json not null,
  primary key (room_id, seq)
);

create table production.review_shape (
  room_id uuid not null references production.review_room on delete cascade,
  shape_id text not null,
  seq bigint not null,
  by text not null,
  asset_id uuid not null,
  frame integer not null check (frame >= 0),
  shape json not null,
  primary key (room_id, shape_id)
);

create table production.review_remark (
  room_id uuid not null references production.review_room on delete cascade,
  note_id uuid not null,
  seq bigint not null,
  version integer not null,
  primary key (room_id, note_id)
);

-- One row for each open line; a row that is not renewed belongs to a server that died.
create table production.review_presence (
  connection_id uuid primary key,
  room_id uuid not null references production.review_room on delete cascade,
  user_id uuid not null,
  name text not null,
  organisation text not null,
  joined_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
create index review_presence_by_room on production.review_presence (room_id);

create table production.share_link (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  asset_id uuid not null references production.asset,
  label text not null,
  token_hash text not null unique,
  password_hash text,
  expires_at timestamptz not null,
  download boolean not null,
  comment boolean not null,
  watermark boolean not null,
  viewers_max integer not null,
  created_by uuid,
  revoked_at timestamptz,
  failures integer not null default 0,
  failed_at timestamptz
);
create index share_link_by_owner on production.share_link
  (organisation_id, created_at desc, id desc);
create index share_link_by_asset on production.share_link (asset_id);

-- Somebody who entered by a link: what they watch carries their name.
create table production.share_viewer (
  id uuid primary key,
  link_id uuid not null references production.share_link,
  name text not null,
  -- Printed into the picture, in letters that every machine can draw.
  code text not null,
  pass_hash text not null unique,
  entered_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  views integer not null default 0,
  job_id uuid,
  file_id uuid references kernel.file,
  unique (link_id, code)
);

-- The cut that an asset is a picture of.
create table production.asset_cut (
  asset_id uuid primary key references production.asset,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  file_id uuid not null references kernel.file,
  set_by text not null
);
