-- Claims that a department began (免申即享): the day of the offer, and the account that the
-- applicant confirmed with its consent.
alter table policy.claim add column offered_on date, add column account json;
