-- A project is the work on a film (its picture, its trailer) and the companies that share it. A
-- company takes part with the whole of it, or with what was turned over to it and nothing else.

create table production.project (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  name text not null,
  code text not null,
  frame_rate text not null,
  drop_frame boolean not null default false,
  -- First frame number, handles, naming of shots, flows of statuses.
  settings json not null default '{}',
  state text not null default 'open' check (state in ('open', 'closed')),
  unique (film_id, code)
);
create index project_by_owner on production.project (organisation_id, created_at desc, id desc);

create table production.participant (
  project_id uuid not null references production.project,
  organisation_id uuid not null references kernel.organisation,
  role text not null,
  scope text not null check (scope in ('whole', 'turnover')),
  state text not null default 'invited' check (state in ('invited', 'joined', 'left')),
  invited_at timestamptz not null default now(),
  invited_by uuid,
  answered_at timestamptz,
  answered_by uuid,
  primary key (project_id, organisation_id)
);
create index participant_by_organisation on production.participant (organisation_id);

-- What was handed to a vendor. Until it is sent, and once it is withdrawn, it opens nothing.
create table production.turnover (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  organisation_id uuid not null references kernel.organisation,
  number integer not null,
  name text not null,
  note text not null default '',
  state text not null default 'draft'
    check (state in ('draft', 'sent', 'received', 'withdrawn')),
  sent_at timestamptz,
  sent_by uuid,
  received_at timestamptz,
  received_by uuid,
  manifest_file_id uuid references kernel.file,
  unique (project_id, organisation_id, number)
);
create index turnover_by_receiver on production.turnover (organisation_id, state);

create table production.turnover_asset (
  turnover_id uuid not null references production.turnover on delete cascade,
  asset_id uuid not null references production.asset,
  purpose text not null default 'plate',
  -- Whether the original itself may be fetched, or only what was made of it to watch.
  original boolean not null default true,
  primary key (turnover_id, asset_id)
);
create index turnover_asset_by_asset on production.turnover_asset (asset_id);

create table production.version (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  project_id uuid not null references production.project,
  -- Who made it.
  organisation_id uuid not null references kernel.organisation,
  subject_kind text not null check (subject_kind in ('shot', 'sequence', 'cut', 'film')),
  subject_id uuid not null,
  -- The line of work within the subject, such as `comp`; numbers count within it.
  name text not null default '',
  number integer not null check (number > 0),
  asset_id uuid not null references production.asset,
  task_id uuid,
  note text not null default '',
  state text not null default 'submitted'
    check (state in ('submitted', 'approved', 'changes', 'rejected', 'withdrawn')),
  decided_at timestamptz,
  decided_by uuid,
  unique (subject_kind, subject_id, name, number)
);
create index version_by_subject on production.version
  (subject_kind, subject_id, created_at desc, id desc);
create index version_by_asset on production.version (asset_id);
create index version_by_project on production.version (project_id, created_at desc, id desc);

-- What a company that is not of the film's room brought in and has not delivered yet: its own
-- work in progress, which nobody else sees.
alter table production.asset add column held boolean not null default false;

-- Who reaches an asset, and how: through the film's room, as the company that brought it in, or
-- by a turnover.
create view production.asset_reach as
  select asset.id as asset_id, member.organisation_id, 'room'::text as way
  from production.asset
  join kernel.room_member as member on member.film_id = asset.film_id
    and (member.owner or 'production' = any(member.halls))
  where not asset.held
  union all
  select asset.id, participant.organisation_id, 'own'
  from production.asset
  join production.project on project.film_id = asset.film_id
  join production.participant on participant.project_id = project.id
    and participant.organisation_id = asset.organisation_id and participant.state = 'joined'
  union all
  select turned.asset_id, turnover.organisation_id, 'turnover'
  from production.turnover_asset as turned
  join production.turnover on turnover.id = turned.turnover_id
    and turnover.state in ('sent', 'received')
  join production.participant on participant.project_id = turnover.project_id
    and participant.organisation_id = turnover.organisation_id and participant.state = 'joined';
