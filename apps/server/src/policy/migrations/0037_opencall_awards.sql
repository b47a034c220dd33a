-- Awards of open calls as any other: the receipt of what was weighed against them, and what the
-- ledger says that they hold.

alter table policy.opencall_bid add column award_receipt json;
create index entry_by_opencall_bid on policy.entry (opencall_bid_id)
  where opencall_bid_id is not null;
create view policy.opencall_award as
  select bid.id, bid.bidder_id as applicant_id, catalogue.year,
    coalesce(round.terms ->> 'instrument', 'hunan-2023-55') as instrument,
    coalesce(round.terms ->> 'item', 'M2.2') as item,
    array[round.entry ->> 'title', bid.opened -> 'proposal' ->> 'title'] as objects,
    held.fen
  from policy.opencall_bid as bid
  join policy.opencall_round as round on round.id = bid.round_id
  join policy.opencall_catalogue as catalogue on catalogue.id = round.catalogue_id
  join lateral (
    select sum(case when move = 'reserve' then fen
      when move in ('release', 'uncommit', 'recover') then -fen else 0 end)::bigint as fen
    from policy.entry where opencall_bid_id = bid.id
  ) as held on held.fen > 0;
