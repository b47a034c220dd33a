-- A file that one organisation made for another: a key for a cinema, a statement for its party.
-- The grant lets the other read the file; it gives nothing else of the film away.

create table kernel.file_grant (
  file_id uuid not null references kernel.file on delete cascade,
  organisation_id uuid not null references kernel.organisation,
  granted_at timestamptz not null default now(),
  primary key (file_id, organisation_id)
);
