-- The files of a take are asked for by its asset, and the table holds every frame of every roll.
create index arrival_file_by_asset on production.arrival_file (asset_id)
  where asset_id is not null;
