import type { policyCandidateSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { type Book, type GivenFacts, type Match, matchItems, objectKey } from '@yinglian/policy';
import {
  type Claimant,
  feedClaim,
  type FedClaim,
  feedsFor,
  type RegisterDefinition,
  rowsOf,
} from '@yinglian/register';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../../kernel/database/database.ts';
import { type Filing, filingFaults } from '../act.ts';
import { takenFault } from '../claims.ts';
import { bookOf, type PolicyParts, todayOf } from '../parts.ts';
import type { CallRecord } from '../repository.ts';
import { matchView } from '../views.ts';
import {
  definitionOf,
  type EntryRow,
  listEntered,
  readDocuments,
  registeredOf,
} from './repository.ts';
import { headlineOf } from './views.ts';

/** A beneficiary of an entry, with what the department holds of it and what stands in the way. */
export type Candidate = {
  readonly row: EntryRow;
  readonly claimant: Claimant;
  readonly fed: FedClaim;
  readonly filing: Filing;
  readonly book: Book;
  readonly match: Match;
  readonly findings: readonly Finding[];
};

/**
 * Whom the department of a call could give an item without application: beneficiaries of the
 * standing entries in its registers and those of the departments that check with it.
 */
export async function candidatesOf(
  parts: Pick<PolicyParts, 'now' | 'newId'>,
  database: Queryable,
  asked: { readonly call: CallRecord; readonly item: string },
): Promise<readonly Candidate[]> {
  const { call, item } = asked;
  const on = todayOf(parts);
  const keepers = new Set([call.departmentId, ...call.jointIds]);
  const wanted = { instrument: call.instrument, item };
  const books = new Map<string, Book>();
  const candidates: Candidate[] = [];
  for (const row of await listEntered(database, {})) {
    const register = definitionOf(row.kind);
    if (!keepers.has(row.department_id)) continue;
    if (feedsFor(register, row.fields, wanted).length === 0) continue;
    const entry = await registeredOf(database, row);
    for (const claimant of await claimantsOf(database, row, register)) {
      const fed = feedClaim(register, entry, { ...wanted, claimant, on });
      if (!fed.ok) continue;
      const { eventDate } = fed.value;
      const known = books.get(eventDate);
      const book = known ?? (await bookOf(database, call.instrument, { eventDate, knownOn: on }));
      books.set(eventDate, book);
      if (book.chosen.get(item)?.rule?.speed !== 'without_application') continue;
      const held = await heldFacts(database, { row, claimant, call });
      const facts = { ...held, ...fed.value.facts };
      const found = { row, claimant, fed: fed.value, book };
      const filing = { ...filingOf(call, found, facts), id: parts.newId(), item };
      candidates.push(await weighed(database, { ...found, filing }, { call, on }));
    }
  }
  return candidates;
}

/** A candidate as the desk of the department sees it. */
export function candidateView(
  candidate: Candidate,
): z.output<typeof policyCandidateSchema> {
  const { row, claimant, fed, book, match, findings } = candidate;
  return {
    entryId: row.id,
    number: row.number ?? '',
    headline: headlineOf(row),
    applicantId: claimant.id,
    applicant: claimant.name,
    share: fed.share,
    eventDate: fed.eventDate,
    match: matchView(book, match),
    findings: [...findings],
  };
}

function filingOf(
  call: CallRecord,
  { row, claimant, fed }: Pick<Candidate, 'row' | 'claimant' | 'fed'>,
  facts: GivenFacts,
): Omit<Filing, 'id' | 'item'> {
  return {
    instrument: call.instrument,
    year: call.year,
    object: fed.object,
    label: fed.share === '' ? '' : claimant.name,
    applicant_id: claimant.id,
    event_date: fed.eventDate,
    applied_on: null,
    facts,
    history_rules: call.historyRules as Filing['history_rules'],
    cancelled_on: call.cancelledOn,
    opens_on: call.opensOn,
    closes_on: call.closesOn,
    source_entry_id: row.id,
    source_share: fed.share,
  };
}

/** What keeps it from being filed, as with any claim, and that it was not claimed already. */
async function weighed(
  database: Queryable,
  given: Omit<Candidate, 'match' | 'findings'>,
  { call, on }: { readonly call: CallRecord; readonly on: string },
): Promise<Candidate> {
  const { row, fed, filing, book } = given;
  const documents = new Set((await readDocuments(database, row.id)).map(({ code }) => code));
  const brought = new Set(
    fed.evidence.flatMap(({ code, from }) =>
      from === 'extract' || documents.has(from) ? [code] : [],
    ),
  );
  const { findings } = await filingFaults(database, filing, { today: on, late: false, brought });
  const place = { callId: call.id, applicantId: filing.applicant_id };
  const taken = await takenFault(database, place, filing);
  const match = matchItems(book, filing.facts).find(({ item }) => item === filing.item)!;
  return { ...given, match, findings: taken === undefined ? findings : [...findings, taken] };
}

/** The organisations of the network that an entry may benefit; the feed decides which it does. */
async function claimantsOf(
  database: Queryable,
  row: EntryRow,
  { beneficiary }: RegisterDefinition,
): Promise<readonly Claimant[]> {
  let query = database
    .selectFrom('kernel.organisation')
    .select(['id', 'name', 'credit_code as code'])
    .orderBy('id');
  if (beneficiary.by === 'holder') {
    query = query.where('id', '=', row.holder_id);
  } else {
    const rows = rowsOf(row.fields, beneficiary.field);
    const values = (column: string) => rows.map((each) => String(each[column] ?? '').trim());
    query = query.where(({ or, eb }) =>
      or([
        eb(sql`upper(trim(credit_code))`, 'in', ['', ...values(beneficiary.code)].map(upper)),
        eb('name', 'in', ['', ...values(beneficiary.name)]),
      ]),
    );
  }
  return query.execute();
}

const upper = (text: string) => text.toUpperCase();

/** Facts of earlier filed claims that rest on the same entry; each says which claim it is from. */
async function heldFacts(
  database: Queryable,
  { row, claimant, call }: Pick<Candidate, 'row' | 'claimant'> & { readonly call: CallRecord },
): Promise<GivenFacts> {
  const result = await sql<{ id: string; facts: GivenFacts }>`
    select claim.id, claim.facts from policy.claim as claim
    join policy.call as call on call.id = claim.call_id
    where claim.source_entry_id = ${row.id} and claim.applicant_id = ${claimant.id}
      and claim.applied_on is not null and call.instrument = ${call.instrument}
      and call.department_id = ${call.departmentId}
      and claim.object_key = ${objectKey(row.number ?? '')}
    order by claim.applied_on, claim.id
  `.execute(database);
  return Object.fromEntries(
    result.rows.flatMap(({ id, facts }) =>
      Object.entries(facts).map(([name, fact]) => [name, { source: `claim:${id}`, ...fact }]),
    ),
  );
}
