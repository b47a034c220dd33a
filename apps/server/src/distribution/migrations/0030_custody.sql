-- The key under which content keys and signers lie, itself wrapped by its keeper: this server, a
-- passphrase, a token or a key service. Records without one lie under the server's own key.

create table distribution.custody (
  id uuid primary key,
  created_at timestamptz not null default now(),
  keeper text not null check (keeper in ('server', 'passphrase', 'token', 'kms')),
  -- What opens it besides the secret: salt and cost, the token's key, the service's key.
  parameters json not null default '{}',
  -- Destroyed when nothing lies under it any more.
  wrapped bytea,
  current boolean not null default false
);
create unique index custody_current on distribution.custody (current) where current;

alter table distribution.content_key add column custody_id uuid references distribution.custody;
alter table distribution.signer add column custody_id uuid references distribution.custody;
create index content_key_custody on distribution.content_key (custody_id);

-- A key is replaced, never changed: the one before stays with what became of it.
alter table distribution.key alter column issued_by drop not null;
alter table distribution.key add column superseded_by uuid;
alter table distribution.key add column superseded_at timestamptz;
alter table distribution.key add column withdrawn_at timestamptz;
alter table distribution.key add column withdrawn_reason text;
create index key_in_use on distribution.key (screen_id, package_id)
  where superseded_at is null and withdrawn_at is null;

-- How an organisation issues: what needs a second person, what follows a booking by itself, and
-- whom an alarm wakes. Null is no limit.
create table distribution.key_policy (
  organisation_id uuid primary key references kernel.organisation,
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  screens_max integer,
  days_max integer,
  early_days_max integer,
  follow text not null default 'issue' check (follow in ('issue', 'propose', 'leave')),
  alarm_hours integer not null default 3,
  alarm_emails text[] not null default '{}',
  contact text not null default '',
  language text not null default 'zh-CN'
);

-- Every order of keys: given at once, or proposed for a second person.
create table distribution.key_order (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  package_id uuid not null references distribution.package,
  screen_ids uuid[] not null,
  request json not null,
  reason text not null,
  state text not null check (state in ('proposed', 'ordered', 'declined', 'withdrawn')),
  -- Which limits it crosses.
  findings json not null default '[]',
  proposed_by uuid,
  decided_by uuid,
  decided_at timestamptz,
  note text not null default '',
  job_id uuid
);
create index key_order_by_organisation
  on distribution.key_order (organisation_id, created_at desc, id desc);
create index key_order_open on distribution.key_order (package_id) where state = 'proposed';

-- A link opens one cinema's keys for a while; only its hash is kept.
create table distribution.key_link (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  cinema_id uuid not null references exhibition.cinema,
  token_hash text not null unique,
  signed_in boolean not null default false,
  expires_at timestamptz not null,
  fetches_max integer not null,
  fetches integer not null default 0,
  last_fetched_at timestamptz,
  revoked_at timestamptz,
  created_by uuid not null
);
create index key_link_by_organisation
  on distribution.key_link (organisation_id, created_at desc, id desc);
create table distribution.key_link_key (
  link_id uuid not null references distribution.key_link on delete cascade,
  key_id uuid not null references distribution.key on delete cascade,
  primary key (link_id, key_id)
);
create index key_link_key_by_key on distribution.key_link_key (key_id);

-- One mail brings one cinema's keys.
create table distribution.key_mail (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  cinema_id uuid not null references exhibition.cinema,
  address text not null,
  language text not null,
  state text not null check (state in ('waiting', 'accepted', 'refused', 'bounced')),
  attempts integer not null default 0,
  answer text not null default '',
  message_id text,
  accepted_at timestamptz,
  job_id uuid,
  sent_by uuid
);
create index key_mail_by_organisation
  on distribution.key_mail (organisation_id, created_at desc, id desc);
create index key_mail_by_message on distribution.key_mail (message_id);
create table distribution.key_mail_key (
  mail_id uuid not null references distribution.key_mail on delete cascade,
  key_id uuid not null references distribution.key on delete cascade,
  primary key (mail_id, key_id)
);
create index key_mail_key_by_key on distribution.key_mail_key (key_id);

-- A cinema asks, the distributor's desk answers; it outlives the programme that it was asked of.
create table distribution.help (
  id uuid primary key,
  created_at timestamptz not null default now(),
  show_id uuid not null,
  cinema_id uuid not null references exhibition.cinema,
  screen_id uuid not null references exhibition.screen,
  film_id uuid references film.film,
  starts_at timestamptz not null,
  title text not null,
  findings json not null,
  asked_by uuid not null,
  note text not null default '',
  answered_by uuid,
  answered_at timestamptz,
  answer text
);
create index help_open on distribution.help (film_id, created_at desc) where answered_at is null;
create index help_by_cinema on distribution.help (cinema_id, created_at desc);
create index help_by_screen on distribution.help (screen_id, starts_at, created_at desc);

-- One alarm for one show and one reason, however often its lights are looked at.
create table distribution.show_alarm (
  organisation_id uuid not null references kernel.organisation,
  screen_id uuid not null references exhibition.screen,
  starts_at timestamptz not null,
  reasons text not null,
  at timestamptz not null default now(),
  primary key (organisation_id, screen_id, starts_at, reasons)
);
