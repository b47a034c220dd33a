-- A package may come from outside, and a version file may need others: what it is made of decides.
alter table distribution.package add column asset_ids uuid[] not null default '{}';
-- Assets that it names and does not hold; those of its originals are in the packages below.
alter table distribution.package add column missing_assets uuid[] not null default '{}';
alter table distribution.package add column original_ids uuid[] not null default '{}';
-- By which profile it was judged last.
alter table distribution.package add column profile json;
create index package_assets on distribution.package using gin (asset_ids);
