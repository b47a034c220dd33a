-- When a job was asked to begin. A job without it is due at once, whatever a wall clock that was
-- set back makes of the times in its message.
alter table kernel.job add column not_before timestamptz;
