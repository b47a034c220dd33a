-- Who entered a move of money, so that what was recovered is returned by another person.

alter table policy.entry add column by_id uuid;
