-- Which sequence of a file of several an asset shows, from 0; until somebody says, the first.
alter table production.asset_cut add column timeline integer check (timeline >= 0);
