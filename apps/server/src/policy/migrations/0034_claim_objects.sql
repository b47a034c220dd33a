-- What a claim is about, without case, spaces, width and punctuation: two spellings are one thing.
-- The name is the applicant's own: what another firm calls by the same words is another thing.
alter table policy.claim add column object_key text;
update policy.claim set object_key =
  lower(regexp_replace(normalize(object, nfkc), '[[:space:][:punct:]]', '', 'g'));
-- Two spellings that were taken before stay two.
update policy.claim as claim set object_key = claim.object where exists (
  select 1 from policy.claim as other
  where other.id <> claim.id and other.call_id = claim.call_id and other.item = claim.item
    and other.applicant_id = claim.applicant_id and other.label = claim.label
    and other.object_key = claim.object_key
);
alter table policy.claim alter column object_key set not null;
drop index policy.claim_of_object;
create unique index claim_of_object
  on policy.claim (call_id, applicant_id, item, object_key, label)
  where state not in ('withdrawn', 'rejected');
