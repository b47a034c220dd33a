-- Posting, measured: a rule about months was asked of each entry as it was planned before the
-- months were told apart, and every entry asked for its book again.

-- A book is never taken away, and judge_entries asks once whether each one is there.
alter table settlement.book_entry drop constraint book_entry_organisation_id_fkey;
create trigger book_kept before delete on settlement.book
  for each row execute function kernel.refuse_change();
create trigger book_not_emptied before truncate on settlement.book
  execute function settlement.refuse_book_emptying();

-- Room on each page for a new version of every row on it.
alter table settlement.book_balance set (fillfactor = 45);

create or replace function settlement.judge_entries() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  with months as materialized (
    select distinct organisation_id, date_trunc('month', date::timestamp)::date as day from fresh
  )
  select to_char(day, 'YYYY-MM') into wrong from months
    where settlement.month_closed(organisation_id, day) limit 1;
  if found then
    raise exception 'the books of % are closed', wrong
      using errcode = 'integrity_constraint_violation';
  end if;
  with books as materialized (select distinct organisation_id from fresh)
  select organisation_id::text into wrong from books
    where not exists (select 1 from settlement.book b
      where b.organisation_id = books.organisation_id) limit 1;
  if found then
    raise exception 'there is no book of %', wrong using errcode = 'foreign_key_violation';
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

create or replace function settlement.carry_transfers() returns trigger language plpgsql as $$
declare
  absent bigint;
begin
  if exists (select 1 from (select distinct organisation_id, number from fresh) f
    where (select e.posted_in from settlement.book_entry e
      where e.organisation_id = f.organisation_id and e.number = f.number)
      is distinct from pg_current_xact_id()) then
    raise exception 'a posted entry gets no further transfer'
      using errcode = 'integrity_constraint_violation';
  end if;
  -- What is there changes by the difference: a constraint sees only what a balance becomes.
  -- Posters wait for the lock of their book, so nothing comes between the two statements.
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
    returning 1
  )
  select (select count(*) from deltas) - (select count(*) from carried) into absent;
  if absent = 0 then
    return null;
  end if;
  -- What is not there begins with its difference.
  insert into settlement.book_balance
    select organisation_id, account, party, item, sum(fen) from (
      select organisation_id, debit_account as account, debit_party as party,
        debit_item as item, fen from fresh
      union all
      select organisation_id, credit_account, credit_party, credit_item, -fen from fresh
    ) sides
    where not exists (select 1 from settlement.book_balance b
      where b.organisation_id = sides.organisation_id and b.account = sides.account
        and b.party = sides.party and b.item = sides.item)
    group by organisation_id, account, party, item;
  return null;
end $$;
