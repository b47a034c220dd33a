-- Who was mailed a reminder already: where the mail server puts one person off, the others are not
-- mailed again.

alter table policy.reminder add column mailed_to text[] not null default '{}';
