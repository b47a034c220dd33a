-- What was issued stays: it cannot go back to a draft, be removed, or have its past rewritten.

create or replace function settlement.refuse_issued_change() returns trigger language plpgsql as $$
begin
  if old.state not in ('issued', 'accepted', 'disputed') then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  if tg_op = 'DELETE' then
    raise exception 'statement % is issued', old.number
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.state not in ('issued', 'accepted', 'disputed') or new.version < old.version
    or (to_jsonb(new) - 'state' - 'version' - 'updated_at')
      is distinct from (to_jsonb(old) - 'state' - 'version' - 'updated_at') then
    raise exception 'statement % is issued', old.number
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger statement_issued_stays before delete on settlement.statement
  for each row execute function settlement.refuse_issued_change();

create function settlement.refuse_emptying() returns trigger language plpgsql as $$
begin
  raise exception 'issued statements cannot be emptied away'
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger statement_not_emptied before truncate on settlement.statement
  execute function settlement.refuse_emptying();
create trigger line_not_emptied before truncate on settlement.statement_line
  execute function settlement.refuse_emptying();

-- A line cannot be moved into an issued statement either.
create or replace function settlement.refuse_issued_line() returns trigger language plpgsql as $$
begin
  if exists (select 1 from settlement.statement s
    where s.id in (
      case when tg_op = 'INSERT' then null else old.statement_id end,
      case when tg_op = 'DELETE' then null else new.statement_id end)
      and s.state in ('issued', 'accepted', 'disputed')) then
    raise exception 'lines of an issued statement do not change'
      using errcode = 'integrity_constraint_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
