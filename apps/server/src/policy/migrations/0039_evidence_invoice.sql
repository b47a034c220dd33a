-- What an electronic invoice in XML says of itself: number, day, amount and parties.

alter table policy.evidence add column invoice json;
