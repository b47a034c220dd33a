-- Who plays in the demonstration: the only persons one may enter as without a password, and only
-- from this machine or as an operator.

create table demonstration.person (
  user_id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  part text not null unique,
  name text not null,
  created_at timestamptz not null default now()
);

create table demonstration.performance (
  job_id uuid primary key references kernel.job,
  film_id uuid references film.film,
  created_at timestamptz not null default now()
);
