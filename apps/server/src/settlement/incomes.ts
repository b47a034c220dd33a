import type { SettlementInput, WaterfallTerms } from '@yinglian/settlement';
import { sql } from 'kysely';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { readCurrentInputs } from './input-repository.ts';
import type { Run } from './facts.ts';

/**
 * What runs through a waterfall: the totals of statements that were issued for its films, once
 * each, and what was recorded besides. A statement of all circuits stands for the sheets of its
 * days; without one the sheets count themselves.
 */
export async function readIncomes(
  database: Queryable,
  run: Run,
  terms: WaterfallTerms,
): Promise<{ records: SettlementInput[]; statementIds: string[] }> {
  const films = await filmsOf(database, run, terms);
  const issued = await readIssued(database, run, [...films.keys()]);
  const taken = issued.filter((each) => !isCovered(each, issued));
  const incomes = taken.flatMap((each) => incomesOf(each, films.get(each.film_id) ?? ''));
  const recorded = await readCurrentInputs(database, run.organisation_id, [...films.keys()]);
  const records = recorded.map(({ filmId, record }) =>
    record.kind === 'income'
      ? { ...record, key: `input/${record.key}`, film: films.get(filmId) ?? record.film }
      : record,
  );
  return { records: [...incomes, ...records], statementIds: taken.map((each) => each.id) };
}

/** The films that the terms name by title, code or id; a lone name is the run's own film. */
async function filmsOf(
  database: Queryable,
  run: Run,
  terms: WaterfallTerms,
): Promise<Map<string, string>> {
  const [first] = terms.films;
  if (terms.films.length === 1) return new Map([[run.film_id, first!]]);
  const names = [...terms.films];
  const result = await sql<{ id: string; name: string }>`
    select f.id, wanted.name from film.film f
    join unnest(${names}::text[]) as wanted (name) on wanted.name in (f.title, f.title_english,
        f.id::text)
      or exists (select 1 from film.version v
        where v.film_id = f.id and lower(v.film_code) = lower(wanted.name))
    where f.id in ${filmsReachedBy(run.organisation_id, 'settlement')}
    order by f.id, wanted.name`.execute(database);
  const films = new Map(result.rows.map((row) => [row.id, row.name]));
  if (!films.has(run.film_id)) films.set(run.film_id, first!);
  return films;
}

type Issued = {
  readonly id: string;
  readonly number: string;
  readonly film_id: string;
  readonly kind: string;
  readonly terms_kind: string;
  readonly first_date: string;
  readonly last_date: string;
  readonly total_fen: bigint;
  readonly gross_fen: bigint;
  readonly admissions: string | null;
  readonly conceded: string;
};

async function readIssued(
  database: Queryable,
  run: Run,
  films: readonly string[],
): Promise<Issued[]> {
  const result = await sql<Issued>`
    select s.id, s.number, s.film_id, s.kind, s.terms_kind, s.first_date, s.last_date,
      s.total_fen, s.gross_fen, s.proof -> 'statement' -> 'totals' ->> 'admissions' as admissions,
      (select coalesce(sum(d.conceded_fen), 0)::text from settlement.dispute d
        where d.statement_id = s.id) as conceded
    from settlement.statement s
    where s.organisation_id = ${run.organisation_id} and s.film_id = any(${[...films]}::uuid[])
      and s.state in ('issued', 'accepted', 'disputed') and s.last_date <= ${run.last_date}::date
      and ((s.terms_kind = 'theatrical' and s.kind in ('circuit', 'distributor'))
        or (s.terms_kind = 'rental' and s.kind = 'exhibitor')
        or (s.terms_kind = 'streaming' and s.kind = 'platform'))
    order by s.last_date, s.number`.execute(database);
  return result.rows;
}

/** A circuit's sheet whose days the statement of all circuits states too. */
function isCovered(sheet: Issued, all: readonly Issued[]): boolean {
  if (sheet.terms_kind !== 'theatrical' || sheet.kind !== 'circuit') return false;
  return all.some(
    (each) =>
      each.kind === 'distributor' &&
      each.film_id === sheet.film_id &&
      each.first_date <= sheet.last_date &&
      each.last_date >= sheet.first_date,
  );
}

function incomesOf(statement: Issued, film: string): SettlementInput[] {
  const income: SettlementInput = {
    kind: 'income',
    key: `statement/${statement.number}`,
    date: statement.last_date,
    source: statement.terms_kind,
    film,
    amountFen: String(statement.total_fen),
    grossFen: String(statement.gross_fen),
    ...(statement.admissions === null ? {} : { admissions: statement.admissions }),
  };
  if (statement.conceded === '0') return [income];
  return [
    income,
    {
      kind: 'income',
      key: `conceded/${statement.number}`,
      date: statement.last_date,
      source: statement.terms_kind,
      film,
      amountFen: `-${statement.conceded}`,
    },
  ];
}
