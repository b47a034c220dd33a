-- The cut with the shots' names in it, as OTIO: the next cut is compared with this one.
alter table production.cut add column named_file_id uuid references kernel.file;
