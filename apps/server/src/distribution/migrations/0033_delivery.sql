-- A delivery held back or put first, by the one who sends or by the one who receives.

create table distribution.delivery_steer (
  cinema_id uuid not null references exhibition.cinema,
  package_id uuid not null references distribution.package on delete cascade,
  paused boolean not null default false,
  first boolean not null default false,
  changed_at timestamptz not null,
  primary key (cinema_id, package_id)
);

-- A box that holds what any cinema of its circuit booked; and where its neighbours find it.
alter table distribution.site add column for_circuit boolean not null default false;
alter table distribution.site add column share_url text;
