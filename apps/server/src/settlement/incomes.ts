import type { Finding } from '@yinglian/core';
import type { SettlementInput, WaterfallTerms } from '@yinglian/settlement';
import { sql } from 'kysely';
import { filmsReachedBy } from '../kernel/access/access.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { readCurrentInputs } from './input-repository.ts';
import type { Run } from './facts.ts';
import { type Issued, issuedIncomes } from './issued-incomes.ts';

/**
 * What runs through a waterfall: the totals of statements that were issued for its films, once
 * each, less what was conceded, and what was recorded besides.
 */
export async function readIncomes(
  database: Queryable,
  run: Run,
  terms: WaterfallTerms,
): Promise<{ records: SettlementInput[]; statementIds: string[]; findings: Finding[] }> {
  const films = await filmsOf(database, run, terms);
  const issued = await readIssued(database, run, [...films.keys()]);
  const { incomes, statementIds, findings } = issuedIncomes(
    issued,
    (filmId) => films.get(filmId) ?? '',
  );
  const recorded = await readCurrentInputs(database, run.organisation_id, [...films.keys()]);
  const records = recorded.map(({ filmId, record }) =>
    record.kind === 'income'
      ? { ...record, key: `input/${record.key}`, film: films.get(filmId) ?? record.film }
      : record,
  );
  return { records: [...incomes, ...records], statementIds, findings };
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

async function readIssued(
  database: Queryable,
  run: Run,
  films: readonly string[],
): Promise<Issued[]> {
  const result = await sql<Issued>`
    select s.id, s.number, s.film_id, s.kind, s.terms_kind, s.counterparty, s.first_date,
      s.last_date, case when s.terms_kind = 'theatrical' and s.kind = 'distributor' then (
        select json_agg(l) from (
          select line ->> 'circuit' as circuit, sum((line ->> 'shareFen')::numeric)::text as fen,
            sum((line ->> 'grossFen')::numeric)::text as gross,
            sum((line ->> 'admissions')::numeric)::text as admissions
          from json_array_elements(s.proof -> 'statement' -> 'lines') as line group by 1
        ) l) end as circuits,
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
