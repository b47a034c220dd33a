-- Terms of every kind are settled, not only the sharing of tickets. What is settled besides tickets
-- is recorded once by its sender's key; a correction is a further revision, never an overwrite.

create table settlement.input (
  id uuid primary key,
  created_at timestamptz not null default now(),
  organisation_id uuid not null references kernel.organisation,
  film_id uuid not null references film.film,
  kind text not null
    check (kind in ('income', 'expense', 'usage', 'book', 'rate', 'engagement')),
  key text not null,
  revision integer not null check (revision > 0),
  date date,
  -- Null where the record is withdrawn.
  data json,
  by_name text not null,
  unique (organisation_id, film_id, kind, key, revision)
);
create index input_by_film on settlement.input (organisation_id, film_id, created_at desc);
create trigger input_append_only before update or delete on settlement.input
  for each row execute function kernel.refuse_change();

alter table settlement.run add column kind text not null default 'theatrical';
-- The issued statements whose totals came in as incomes.
alter table settlement.run add column statement_ids uuid[] not null default '{}';

alter table settlement.statement add column terms_kind text not null default 'theatrical';
-- Issued statements of the same party that this one goes on from.
alter table settlement.statement add column follows uuid[] not null default '{}';
alter table settlement.statement add column supplementary boolean not null default false;
alter table settlement.statement add column party_name json;
alter table settlement.statement add column account json;

-- Which organisation of the network stands behind a party of the terms.
create table settlement.terms_party (
  terms_id uuid not null references settlement.terms,
  party text not null,
  organisation_id uuid not null references kernel.organisation,
  primary key (terms_id, party)
);

-- An accepted statement is invoiced by whoever is owed; the number is the invoice's own.
create table settlement.statement_invoice (
  statement_id uuid primary key references settlement.statement,
  organisation_id uuid not null references kernel.organisation,
  created_at timestamptz not null default now(),
  number text not null,
  date date not null,
  amount_fen bigint not null,
  by_name text not null
);
create trigger invoice_append_only before update or delete on settlement.statement_invoice
  for each row execute function kernel.refuse_change();

-- Every night each book, its sealed months and its issued statements are recomputed.
create table settlement.night_check (
  organisation_id uuid not null references kernel.organisation,
  date date not null,
  number integer not null,
  at timestamptz not null default now(),
  entries bigint not null,
  statements bigint not null,
  -- Over all statements issued so far, in the order of their issue.
  root text,
  findings json not null default '[]',
  primary key (organisation_id, date, number)
);
create trigger night_check_append_only before update or delete on settlement.night_check
  for each row execute function kernel.refuse_change();
