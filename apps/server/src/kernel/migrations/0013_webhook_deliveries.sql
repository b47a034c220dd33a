-- Every attempt of a delivery, and a webhook that failed for days is switched off.

alter table kernel.webhook
  add column failing_since timestamptz,
  add column disabled_at timestamptz;

alter table kernel.webhook_delivery
  add column created_at timestamptz not null default now(),
  add column given_up_at timestamptz,
  -- The delivery that this one repeats by hand.
  add column repeats uuid;
create index webhook_delivery_by_age on kernel.webhook_delivery (at);

create table kernel.webhook_attempt (
  delivery_id uuid not null references kernel.webhook_delivery on delete cascade,
  ordinal integer not null,
  at timestamptz not null,
  status integer,
  fault text,
  milliseconds integer not null,
  primary key (delivery_id, ordinal)
);
