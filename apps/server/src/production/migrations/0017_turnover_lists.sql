-- A turnover may carry a cut: what its department works from is made of it when it is sent.
alter table production.turnover
  add column cut_id uuid references production.cut,
  add column department text check (department in ('vfx', 'sound', 'colour')),
  -- Whether the whole cut goes, or only the shots of the turnover in their places.
  add column whole_cut boolean not null default false,
  add column language text check (language in ('zh-CN', 'en')),
  add column findings json not null default '[]',
  add constraint turnover_cut check ((cut_id is null) = (department is null)
    and (cut_id is null) = (language is null));

-- The lists that were made, and all of them as one package.
create table production.turnover_file (
  turnover_id uuid not null references production.turnover on delete cascade,
  file_id uuid not null references kernel.file,
  path text not null,
  primary key (turnover_id, path)
);
create index turnover_file_by_file on production.turnover_file (file_id);
