-- The books of each organisation: entries of transfers, chained and append-only. A transfer moves an
-- amount from one account to another, so debits equal credits whatever is inserted.

create table settlement.policy (
  organisation_id uuid primary key references kernel.organisation,
  version integer not null default 1,
  four_eyes boolean not null default false,
  payment_days integer not null default 30 check (payment_days between 0 and 720),
  updated_at timestamptz not null default now()
);

create table settlement.book (
  organisation_id uuid primary key references kernel.organisation,
  entry_count bigint not null default 0,
  head text not null default repeat('0', 64)
);

create table settlement.book_entry (
  organisation_id uuid not null references settlement.book,
  number bigint not null check (number > 0),
  key text not null,
  kind text not null,
  date date not null,
  memo text not null,
  opens_item text,
  due_on date,
  reverses bigint,
  restates bigint,
  digest text not null,
  previous text not null,
  hash text not null,
  posted_at timestamptz not null default now(),
  posted_by uuid,
  posted_in xid8 not null default pg_current_xact_id(),
  primary key (organisation_id, number),
  unique (organisation_id, key),
  foreign key (organisation_id, reverses) references settlement.book_entry,
  foreign key (organisation_id, restates) references settlement.book_entry
);
create unique index entry_opens on settlement.book_entry (organisation_id, opens_item)
  where opens_item is not null;
create unique index entry_reverses on settlement.book_entry (organisation_id, reverses)
  where reverses is not null;
create index entry_by_date on settlement.book_entry (organisation_id, date);

create table settlement.book_transfer (
  organisation_id uuid not null,
  number bigint not null,
  line integer not null,
  debit_account text not null,
  debit_party text not null default '',
  debit_item text not null default '',
  credit_account text not null,
  credit_party text not null default '',
  credit_item text not null default '',
  fen bigint not null check (fen > 0),
  primary key (organisation_id, number, line),
  foreign key (organisation_id, number) references settlement.book_entry,
  check ((debit_account, debit_party, debit_item)
    is distinct from (credit_account, credit_party, credit_item))
);

-- A document never turns to the other side; what goes beyond it is an advance.
create table settlement.book_balance (
  organisation_id uuid not null references settlement.book,
  account text not null,
  party text not null,
  item text not null,
  fen numeric not null,
  primary key (organisation_id, account, party, item),
  constraint balance_debit check
    (fen >= 0 or account not in ('receivable', 'receivable_disputed', 'paid_in_advance')),
  constraint balance_credit check
    (fen <= 0 or account not in ('payable', 'payable_disputed', 'received_in_advance'))
);
create index balance_by_item on settlement.book_balance (organisation_id, item);

create table settlement.book_period (
  organisation_id uuid not null references settlement.book,
  sequence integer not null,
  month text not null check (month ~ '^\d{4}-\d{2}$'),
  state text not null check (state in ('closed', 'open')),
  decided_by text not null,
  second text,
  reason text,
  decided_on date not null,
  entries bigint,
  turnover_fen numeric,
  root text,
  primary key (organisation_id, sequence),
  check (state = 'closed' or (second is not null and second <> decided_by and reason <> ''))
);

create function settlement.month_closed(wanted uuid, day date) returns boolean
language sql stable as $$
  select coalesce((select state = 'closed' from settlement.book_period
    where organisation_id = wanted and month = to_char(day, 'YYYY-MM')
    order by sequence desc limit 1), false)
$$;

create function settlement.judge_entry() returns trigger language plpgsql as $$
begin
  if settlement.month_closed(new.organisation_id, new.date) then
    raise exception 'the books of % are closed', to_char(new.date, 'YYYY-MM')
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.number > 1 and not exists (select 1 from settlement.book_entry e
    where e.organisation_id = new.organisation_id and e.number = new.number - 1
      and e.hash = new.previous) then
    raise exception 'entry % does not follow the entry before it', new.number
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger entry_judged before insert on settlement.book_entry
  for each row execute function settlement.judge_entry();

create function settlement.carry_transfers() returns trigger language plpgsql as $$
begin
  if exists (select 1 from fresh join settlement.book_entry e using (organisation_id, number)
    where e.posted_in <> pg_current_xact_id()) then
    raise exception 'a posted entry gets no further transfer'
      using errcode = 'integrity_constraint_violation';
  end if;
  -- A row is made at zero first: a constraint judges what is inserted before what it becomes.
  insert into settlement.book_balance
    select organisation_id, debit_account, debit_party, debit_item, 0 from fresh
    union
    select organisation_id, credit_account, credit_party, credit_item, 0 from fresh
    on conflict do nothing;
  update settlement.book_balance b set fen = b.fen + c.fen from (
      select organisation_id, account, party, item, sum(fen) as fen from (
        select organisation_id, debit_account as account, debit_party as party,
          debit_item as item, fen from fresh
        union all
        select organisation_id, credit_account, credit_party, credit_item, -fen from fresh
      ) sides group by organisation_id, account, party, item
    ) c
    where b.organisation_id = c.organisation_id and b.account = c.account
      and b.party = c.party and b.item = c.item;
  return null;
end $$;
create trigger transfers_carried after insert on settlement.book_transfer
  referencing new table as fresh
  for each statement execute function settlement.carry_transfers();

create trigger entry_append_only before update or delete on settlement.book_entry
  for each row execute function kernel.refuse_change();
create trigger transfer_append_only before update or delete on settlement.book_transfer
  for each row execute function kernel.refuse_change();
create trigger period_append_only before update or delete on settlement.book_period
  for each row execute function kernel.refuse_change();
create function settlement.refuse_book_emptying() returns trigger language plpgsql as $$
begin
  raise exception 'books cannot be emptied' using errcode = 'integrity_constraint_violation';
end $$;
create trigger entry_not_emptied before truncate on settlement.book_entry
  execute function settlement.refuse_book_emptying();
create trigger transfer_not_emptied before truncate on settlement.book_transfer
  execute function settlement.refuse_book_emptying();
create trigger period_not_emptied before truncate on settlement.book_period
  execute function settlement.refuse_book_emptying();

-- Who looked at a statement before it went out, and the organisations' signatures on it.
alter table settlement.statement add column checked_by uuid;

create table settlement.signing_key (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  algorithm text not null,
  public_key bytea not null,
  sealed_private_key bytea not null
);
create unique index signing_key_current on settlement.signing_key (organisation_id)
  where retired_at is null;

create table settlement.statement_signature (
  statement_id uuid not null references settlement.statement,
  role text not null check (role in ('issuer', 'acceptor')),
  organisation_id uuid not null references kernel.organisation,
  organisation_name text not null,
  key_id uuid not null references settlement.signing_key,
  signature bytea not null,
  signed_at timestamptz not null default now(),
  primary key (statement_id, role)
);
create trigger signature_append_only before update or delete on settlement.statement_signature
  for each row execute function kernel.refuse_change();

-- A dispute is a case between a statement's two sides; it holds an amount until it is decided.
create table settlement.dispute (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  statement_id uuid not null references settlement.statement,
  line_id text,
  raised_by uuid not null references kernel.organisation,
  state text not null default 'open' check (state in ('open', 'decided', 'withdrawn')),
  amount_fen bigint not null check (amount_fen > 0),
  conceded_fen bigint not null default 0 check (conceded_fen between 0 and amount_fen),
  reason text not null
);
create index dispute_by_statement on settlement.dispute (statement_id);
create table settlement.dispute_message (
  dispute_id uuid not null references settlement.dispute,
  number integer not null,
  at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  organisation_name text not null,
  user_name text not null,
  text text not null,
  primary key (dispute_id, number)
);
create trigger message_append_only before update or delete on settlement.dispute_message
  for each row execute function kernel.refuse_change();

-- What moves money by somebody's word takes a second person.
create table settlement.proposal (
  id uuid primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  kind text not null check (kind in ('adjustment', 'write_off', 'payment', 'reopen')),
  state text not null default 'open' check (state in ('open', 'approved', 'rejected')),
  subject json not null,
  reason text not null,
  proposed_by uuid not null,
  proposed_name text not null,
  decided_by uuid,
  decided_name text,
  decision text,
  check (state = 'open' or decided_by is not null),
  check (decided_by is distinct from proposed_by)
);
create index proposal_by_organisation on settlement.proposal (organisation_id, created_at desc);

create table settlement.payee (
  organisation_id uuid not null references kernel.organisation,
  party text not null,
  name text not null,
  account text not null,
  bank text not null,
  primary key (organisation_id, party)
);

create table settlement.bank_line (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  created_at timestamptz not null default now(),
  file_id uuid not null,
  serial text not null,
  line integer not null,
  date date not null,
  fen bigint not null,
  counterparty text not null,
  account text not null,
  memo text not null,
  state text not null default 'open' check (state in ('open', 'posted')),
  entry_number bigint,
  suggestion json,
  unique (organisation_id, serial)
);

-- Differences between what two senders report; decisions are only added.
create table settlement.reconciliation (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  reference_reports uuid[] not null,
  other_reports uuid[] not null,
  reference_name text not null,
  other_name text not null,
  tolerance_fen bigint not null check (tolerance_fen >= 0),
  keys integer not null,
  agreeing integer not null
);
create table settlement.difference (
  id uuid primary key,
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  reconciliation_id uuid not null references settlement.reconciliation,
  key text not null,
  kind text not null,
  date date not null,
  cinema_code text not null,
  between_books text[] not null,
  delta_fen bigint not null,
  delta_admissions bigint not null,
  evidence json not null,
  since date not null,
  cured boolean not null default false,
  unique (organisation_id, film_id, key)
);
create index difference_by_film on settlement.difference (organisation_id, film_id, since);
create table settlement.difference_decision (
  difference_id uuid not null references settlement.difference,
  number integer not null,
  on_date date not null,
  by_name text not null,
  state text not null,
  comment text not null,
  assignee text,
  adjustment text,
  delta_fen bigint not null,
  primary key (difference_id, number)
);
create trigger difference_decision_append_only
  before update or delete on settlement.difference_decision
  for each row execute function kernel.refuse_change();
