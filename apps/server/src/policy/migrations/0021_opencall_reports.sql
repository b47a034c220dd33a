-- Reports of laboratories that were handed in with measured values: the values name them by digest.

create table policy.opencall_report (
  project_id uuid not null references policy.opencall_project,
  milestone text not null,
  file_id uuid not null,
  file_name text not null,
  digest text not null,
  at timestamptz not null default now(),
  primary key (project_id, milestone, file_id)
);
