-- Terms may speak of kinds of tickets, of the price of each, and of the time of day at which weeks
-- turn: what a sender's row says of them is kept beside its figures.
alter table exhibition.report_row add column ticket_type text;
alter table exhibition.report_row add column price_fen bigint;
alter table exhibition.report_row add column start_time text;
