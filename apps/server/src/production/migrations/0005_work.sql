-- What a project consists of: what was shot, what is cut, what is to be done, what is delivered.
-- Frames are whole numbers of the record's own rate; seconds are never stored.

-- An episode holds sequences; a sequence holds shots.
create table production.sequence (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  parent_id uuid references production.sequence,
  kind text not null check (kind in ('episode', 'sequence')),
  code text not null,
  name text not null default '',
  ordinal integer not null default 0
);
-- Two episodes may each have a sequence 010.
create unique index sequence_by_code on production.sequence
  (project_id, coalesce(parent_id, '00000000-0000-0000-0000-000000000000'::uuid), code);

create table production.cut (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  sequence_id uuid references production.sequence,
  number integer not null,
  name text not null,
  format text not null,
  file_id uuid not null references kernel.file,
  frame_rate text not null,
  frame_count integer not null,
  by_name text not null,
  counts json not null,
  findings json not null default '[]'
);
-- Each line of cuts (an episode, a reel, the film) counts its own.
create unique index cut_by_number on production.cut
  (project_id, coalesce(sequence_id, '00000000-0000-0000-0000-000000000000'::uuid), number);

create table production.shot (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  sequence_id uuid references production.sequence,
  code text not null,
  description text not null default '',
  ordinal integer not null,
  status text not null,
  omitted boolean not null default false,
  -- Where it stands in the cut that was read last, and what of its source is used.
  cut_id uuid references production.cut,
  record_in integer,
  frame_count integer,
  clip text not null default '',
  reel text not null default '',
  source_in integer,
  source_out integer,
  speed text not null default '1',
  -- What was given out: frame numbers as the show counts them, handles included.
  first_frame integer not null default 1001,
  head_handle integer not null default 8,
  tail_handle integer not null default 8,
  -- Source frames that were given out; a cut that goes beyond them asks for a rescan.
  scanned_in integer,
  scanned_out integer,
  -- What the last cut changed, until somebody has seen it.
  changes json not null default '[]',
  thumbnail_file_id uuid references kernel.file,
  unique (project_id, code)
);
create index shot_by_order on production.shot (project_id, ordinal, id);
create index shot_by_sequence on production.shot (sequence_id);

create table production.task (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  shot_id uuid references production.shot,
  sequence_id uuid references production.sequence,
  name text not null,
  description text not null default '',
  organisation_id uuid references kernel.organisation,
  assignee text not null default '',
  due_on date,
  priority integer not null default 2 check (priority between 1 and 4),
  status text not null,
  -- What a new cut did to its shot, until somebody has seen it.
  flagged boolean not null default false,
  unique nulls not distinct (project_id, shot_id, sequence_id, name)
);
create index task_by_project on production.task (project_id, created_at desc, id desc);
create index task_by_shot on production.task (shot_id);
create index task_by_company on production.task (organisation_id, status);

create table production.turnover_shot (
  turnover_id uuid not null references production.turnover on delete cascade,
  shot_id uuid not null references production.shot,
  primary key (turnover_id, shot_id)
);
create index turnover_shot_by_shot on production.turnover_shot (shot_id);

create table production.shoot_day (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  number integer not null,
  unit text not null default '',
  date date,
  place text not null default '',
  note text not null default '',
  unique (project_id, unit, number)
);

create table production.roll (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  day_id uuid not null references production.shoot_day,
  kind text not null check (kind in ('camera', 'sound')),
  name text not null,
  device text not null default '',
  note text not null default '',
  -- The manifest that travels with it, and what it lists.
  manifest_file_id uuid references kernel.file,
  file_count integer,
  size_bytes bigint,
  verified boolean,
  unique (day_id, kind, name)
);

create table production.take (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  day_id uuid not null references production.shoot_day,
  roll_id uuid references production.roll,
  sound_roll_id uuid references production.roll,
  ordinal integer not null,
  scene text not null default '',
  take text not null default '',
  camera text not null default '',
  clip text not null,
  frame_rate text not null,
  start_frame bigint,
  frame_count integer,
  drop_frame boolean not null default false,
  circled boolean not null default false,
  comment text not null default '',
  -- Every other column of the list it came from.
  facts json not null default '{}',
  size_bytes bigint,
  digest text,
  asset_id uuid references production.asset,
  unique (day_id, clip)
);
create index take_by_project on production.take (project_id, clip);
create index take_by_day on production.take (day_id, ordinal);

create table production.deliverable (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  name text not null,
  kind text not null,
  specification json not null,
  -- Who is to deliver it; null is the house itself.
  organisation_id uuid references kernel.organisation,
  due_on date,
  -- Who alone accepts it; null is whoever may accept.
  acceptor_id uuid,
  four_eyes boolean not null default false,
  -- What falls due to whoever delivers it when it is accepted.
  amount_fen bigint check (amount_fen >= 0),
  category text not null default '',
  state text not null default 'open'
    check (state in ('open', 'submitted', 'accepted', 'rejected', 'cancelled')),
  submission integer not null default 0,
  asset_id uuid references production.asset,
  language text,
  submitted_by uuid,
  submitted_at timestamptz,
  findings json not null default '[]',
  accepted_at timestamptz,
  -- The record of settlement that pays it.
  due_key text
);
create index deliverable_by_project on production.deliverable
  (project_id, created_at desc, id desc);
create index deliverable_by_company on production.deliverable (organisation_id);

-- Every word on a submission, in the order it was given.
create table production.deliverable_decision (
  deliverable_id uuid not null references production.deliverable,
  ordinal integer not null,
  submission integer not null,
  at timestamptz not null default now(),
  user_id uuid,
  user_name text not null,
  decision text not null check (decision in ('submitted', 'accepted', 'rejected')),
  note text not null default '',
  asset_id uuid,
  primary key (deliverable_id, ordinal)
);
create trigger decision_append_only before update or delete on production.deliverable_decision
  for each row execute function kernel.refuse_change();

-- What changed in shots and tasks, one row for each field: history, and what an undo goes back to.
create table production.change (
  id uuid not null,
  project_id uuid not null references production.project,
  subject_kind text not null check (subject_kind in ('shot', 'task')),
  subject_id uuid not null,
  field text not null,
  before text,
  after text,
  at timestamptz not null default now(),
  by_id uuid,
  by_name text not null,
  organisation_id uuid,
  -- The change that this one took back.
  undoes uuid,
  primary key (id, subject_kind, subject_id, field)
);
create index change_by_subject on production.change (subject_kind, subject_id, at desc);
create index change_by_project on production.change (project_id, at desc, id desc);
