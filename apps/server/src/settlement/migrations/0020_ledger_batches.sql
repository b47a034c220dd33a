-- Books are posted in batches of thousands: what guards them judges a statement at a time. Every
-- rule of before holds; a rule asked row by row cost more than the posting itself.

-- Entries are never deleted, and a transfer is accepted only beside its entry in one transaction,
-- which carry_transfers asks of each statement: a foreign key would ask the same of each row.
alter table settlement.book_transfer drop constraint book_transfer_organisation_id_number_fkey;

-- Balances change in place, without new keys in their indexes.
alter table settlement.book_balance set (fillfactor = 60);

drop trigger entry_judged on settlement.book_entry;
drop function settlement.judge_entry();
create function settlement.judge_entries() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  select to_char(day, 'YYYY-MM') into wrong from (
      select distinct organisation_id, date_trunc('month', date)::date as day from fresh
    ) months where settlement.month_closed(organisation_id, day) limit 1;
  if found then
    raise exception 'the books of % are closed', wrong
      using errcode = 'integrity_constraint_violation';
  end if;
  -- Only the first of a batch follows an entry of before; a join of all would be planned blindly.
  select c.number::text into wrong from (
      select organisation_id, number, previous,
        lag(hash) over chain as hash_before, lag(number) over chain as number_before
      from fresh window chain as (partition by organisation_id order by number)
    ) c where c.number > 1 and c.previous is distinct from
      case when c.number_before = c.number - 1 then c.hash_before
        else (select e.hash from settlement.book_entry e
          where e.organisation_id = c.organisation_id and e.number = c.number - 1) end
    limit 1;
  if found then
    raise exception 'entry % does not follow the entry before it', wrong
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger entries_judged after insert on settlement.book_entry
  referencing new table as fresh
  for each statement execute function settlement.judge_entries();

create or replace function settlement.carry_transfers() returns trigger language plpgsql as $$
begin
  if exists (select 1 from (select distinct organisation_id, number from fresh) f
    where (select e.posted_in from settlement.book_entry e
      where e.organisation_id = f.organisation_id and e.number = f.number)
      is distinct from pg_current_xact_id()) then
    raise exception 'a posted entry gets no further transfer'
      using errcode = 'integrity_constraint_violation';
  end if;
  -- What is there changes by the difference, what is not begins with it: a constraint sees only
  -- what a balance becomes. Posters wait for the lock of their book, so nothing comes between.
  with deltas as materialized (
    select organisation_id, account, party, item, sum(fen) as fen from (
      select organisation_id, debit_account as account, debit_party as party,
        debit_item as item, fen from fresh
      union all
      select organisation_id, credit_account, credit_party, credit_item, -fen from fresh
    ) sides group by organisation_id, account, party, item
  ), carried as (
    update settlement.book_balance b set fen = b.fen + d.fen from deltas d
    where b.organisation_id = d.organisation_id and b.account = d.account
      and b.party = d.party and b.item = d.item
    returning b.organisation_id, b.account, b.party, b.item
  )
  insert into settlement.book_balance
    select d.organisation_id, d.account, d.party, d.item, d.fen from deltas d
    where not exists (select 1 from carried c where c.organisation_id = d.organisation_id
      and c.account = d.account and c.party = d.party and c.item = d.item);
  return null;
end $$;
