import type { factSchema } from '@yinglian/contract';
import {
  type FactAssertion,
  type FactResolution,
  mergeFacts,
  type MergedFact,
} from '@yinglian/facility';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { jsonText } from '../../kernel/write.ts';

export type FactRecord = z.output<typeof factSchema>;
export type SourceKind = 'page' | 'list' | 'sheet' | 'feed';
export type SubjectKind = 'cinema' | 'screen';

/** Who goes first where nobody has set it otherwise: people, then lists, then sheets. */
const PRECEDENCE: Readonly<Record<SourceKind, number>> = {
  page: 10,
  list: 20,
  feed: 20,
  sheet: 40,
};

/** Facts of a cinema that are columns of the register, by their names here. */
const CINEMA_COLUMNS = {
  name: 'name',
  province: 'province',
  city: 'city',
  address: 'address',
  email: 'email',
  timeZone: 'time_zone',
  equipment: 'equipment',
  taxpayer: 'taxpayer',
  zone: 'zone',
  cityClass: 'city_class',
  latitude: 'latitude',
  longitude: 'longitude',
} as const;
const NEEDED: ReadonlySet<string> = new Set(['name', 'timeZone']);
/** Facts that a cinema and a screen can be given; a device's certificate comes by itself. */
export const FACT_NAMES: Readonly<Record<SubjectKind, readonly string[]>> = {
  cinema: [...Object.keys(CINEMA_COLUMNS), 'circuit'],
  screen: ['seats', 'formats'],
};

export type Said = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  /** Left-out facts are not spoken of; null says that there is none. */
  readonly facts: Readonly<Record<string, string | null | undefined>>;
  readonly sourceId: string;
  readonly validFrom: Date;
  readonly validTo?: Date | null;
  readonly at: Date;
  readonly userId: string | null;
  readonly newId: () => string;
  /** A device that was put in ends the time of every other, whoever spoke of it. */
  readonly endsOthers?: boolean;
};

/** The source of an organisation's pages, lists or sheets; made when it first speaks. */
export async function ensureSource(
  transaction: Transaction,
  source: {
    readonly organisationId: string;
    readonly kind: SourceKind;
    readonly name?: string;
    readonly newId: () => string;
  },
): Promise<string> {
  const { organisationId, kind, name = '' } = source;
  await sql`insert into exhibition.source (id, organisation_id, name, kind, precedence)
    values (${source.newId()}, ${organisationId}, ${name}, ${kind}, ${PRECEDENCE[kind]})
    on conflict (organisation_id, kind, name) do nothing`.execute(transaction);
  const result = await sql<{ id: string }>`select id from exhibition.source
    where organisation_id = ${organisationId} and kind = ${kind} and name = ${name}`.execute(
    transaction,
  );
  return result.rows[0]!.id;
}

/**
 * Writes down what a source says. What it said before is ended from then on: the former word is
 * retracted and written again with its end, so that what was known when stays readable.
 */
export async function sayFacts(transaction: Transaction, said: Said): Promise<void> {
  const names = Object.keys(said.facts).filter((name) => said.facts[name] !== undefined);
  if (names.length === 0) return;
  const standing = await sql<{
    id: string;
    fact: string;
    value: string | null;
    source_id: string;
    valid_from: Date;
  }>`select id, fact, value, source_id, valid_from from exhibition.assertion
    where subject_id = ${said.subjectId} and fact = any(${names}::text[])
      and retracted_at is null and valid_to is null
    order by valid_from, recorded_at`.execute(transaction);
  for (const name of names) {
    const value = said.facts[name] ?? null;
    const words = standing.rows.filter((each) => each.fact === name);
    const own = words.filter((each) => each.source_id === said.sourceId);
    const isOver = said.validTo !== undefined && said.validTo !== null;
    if (!isOver && own.at(-1)?.value === value && own.at(-1)!.valid_from <= said.validFrom)
      continue;
    const ended = isOver ? [] : said.endsOthers === true ? words : own;
    for (const word of ended) await endWord(transaction, word, said);
    // A source that never spoke of a fact need not say that there is none.
    if (value === null && own.length === 0) continue;
    await sql`insert into exhibition.assertion (id, subject_kind, subject_id, fact, value,
        source_id, valid_from, valid_to, recorded_at, recorded_by)
      values (${said.newId()}, ${said.subjectKind}, ${said.subjectId}, ${name}, ${value},
        ${said.sourceId}, ${said.validFrom}, ${said.validTo ?? null}, ${said.at}, ${said.userId})
    `.execute(transaction);
  }
}

async function endWord(
  transaction: Transaction,
  word: { readonly id: string; readonly valid_from: Date },
  { validFrom, at, newId }: Said,
): Promise<void> {
  await sql`update exhibition.assertion set retracted_at = ${at} where id = ${word.id}`.execute(
    transaction,
  );
  // A word that begins no sooner than its successor was wrong from the first.
  if (word.valid_from >= validFrom) return;
  await sql`insert into exhibition.assertion (id, subject_kind, subject_id, fact, value, source_id,
      valid_from, valid_to, recorded_at, recorded_by)
    select ${newId()}::uuid, subject_kind, subject_id, fact, value, source_id, valid_from,
      ${validFrom}, ${at}, recorded_by
    from exhibition.assertion where id = ${word.id}`.execute(transaction);
}

export type StoredWord = FactAssertion & {
  readonly subjectId: string;
  readonly sourceName: string;
  readonly kind: SourceKind;
};

/** Every word about some subjects, and the decisions over them. */
export async function readWords(
  database: Queryable,
  subjectIds: readonly string[],
): Promise<{
  readonly words: readonly StoredWord[];
  readonly resolutions: readonly (FactResolution & { readonly subjectId: string })[];
}> {
  const ids = [...subjectIds];
  const words = await sql<{
    id: string;
    subject_id: string;
    fact: string;
    value: string | null;
    source_id: string;
    name: string;
    organisation: string;
    kind: SourceKind;
    precedence: number;
    valid_from: Date;
    valid_to: Date | null;
    recorded_at: Date;
    retracted_at: Date | null;
  }>`select word.*, source.name, source.kind, source.precedence, organisation.name as organisation
    from exhibition.assertion as word
    join exhibition.source on source.id = word.source_id
    join kernel.organisation on organisation.id = source.organisation_id
    where word.subject_id = any(${ids}::uuid[])`.execute(database);
  const resolutions = await sql<{
    subject_id: string;
    fact: string;
    value: string | null;
    resolved_at: Date;
  }>`select subject_id, fact, value, resolved_at from exhibition.resolution
    where subject_id = any(${ids}::uuid[])`.execute(database);
  return {
    words: words.rows.map((row) => ({
      id: row.id,
      subjectId: row.subject_id,
      fact: row.fact,
      value: row.value ?? undefined,
      source: row.source_id,
      sourceName: [row.organisation, row.name].filter((each) => each !== '').join(' · '),
      kind: row.kind,
      precedence: row.precedence,
      validFrom: row.valid_from.getTime(),
      validTo: row.valid_to?.getTime(),
      recordedAt: row.recorded_at.getTime(),
      retractedAt: row.retracted_at?.getTime(),
    })),
    resolutions: resolutions.rows.map((row) => ({
      subjectId: row.subject_id,
      fact: row.fact,
      value: row.value ?? undefined,
      resolvedAt: row.resolved_at.getTime(),
    })),
  };
}

/** What is so of one subject on a day, as known at a time. */
export async function factsOf(
  database: Queryable,
  subjectId: string,
  at: { readonly on: number; readonly known: number },
): Promise<MergedFact[]> {
  const { words, resolutions } = await readWords(database, [subjectId]);
  return mergeFacts(words, at, resolutions);
}

export async function insertResolution(
  transaction: Transaction,
  resolution: {
    readonly id: string;
    readonly subjectKind: SubjectKind;
    readonly subjectId: string;
    readonly fact: string;
    readonly value: string | null;
    readonly reason: string;
    readonly at: Date;
    readonly userId: string | null;
    readonly userName: string;
  },
): Promise<void> {
  const { id, subjectKind, subjectId, fact, value, reason, at, userId, userName } = resolution;
  await sql`insert into exhibition.resolution (id, subject_kind, subject_id, fact, value, reason,
      resolved_at, resolved_by, resolved_name)
    values (${id}, ${subjectKind}, ${subjectId}, ${fact}, ${value}, ${reason}, ${at}, ${userId},
      ${userName})`.execute(transaction);
}

/** Brings the register's columns to what the words come to now; gives the facts that changed. */
export async function bringForward(
  transaction: Transaction,
  subjectKind: SubjectKind,
  subjectId: string,
  at: Date,
): Promise<string[]> {
  const time = { on: at.getTime(), known: at.getTime() };
  const facts = await factsOf(transaction, subjectId, time);
  const values = new Map(facts.map((each) => [each.fact, each.value ?? null]));
  const changed =
    subjectKind === 'cinema'
      ? await bringCinema(transaction, subjectId, values)
      : await bringScreen(transaction, subjectId, values);
  if (changed.length > 0) {
    await sql`update ${sql.table(`exhibition.${subjectKind}`)}
      set version = version + 1, updated_at = ${at} where id = ${subjectId}`.execute(transaction);
  }
  return changed;
}

async function bringCinema(
  transaction: Transaction,
  id: string,
  values: ReadonlyMap<string, string | null>,
): Promise<string[]> {
  const result = await sql<Record<string, unknown>>`select cinema.*, circuit.name as circuit
    from exhibition.cinema left join exhibition.circuit on circuit.id = cinema.circuit_id
    where cinema.id = ${id}`.execute(transaction);
  const row = result.rows[0];
  if (row === undefined) return [];
  const changed: string[] = [];
  for (const [fact, column] of Object.entries(CINEMA_COLUMNS)) {
    const value = values.get(fact);
    if (value === undefined || (value === null && NEEDED.has(fact))) continue;
    if (textOf(row[column]) === value) continue;
    changed.push(fact);
    const isNumber = fact === 'latitude' || fact === 'longitude';
    await sql`update exhibition.cinema
      set ${sql.ref(column)} = ${isNumber && value !== null ? Number(value) : value}
      where id = ${id}`.execute(transaction);
  }
  const circuit = values.get('circuit');
  if (circuit !== undefined && circuit !== null && circuit !== row['circuit']) {
    // Only a circuit of the register; a name that nobody registered stays a word.
    const moved = await sql`update exhibition.cinema set circuit_id = circuit.id
      from exhibition.circuit where cinema.id = ${id} and circuit.name = ${circuit}`.execute(
      transaction,
    );
    if (moved.numAffectedRows === 1n) changed.push('circuit');
  }
  return changed;
}

async function bringScreen(
  transaction: Transaction,
  id: string,
  values: ReadonlyMap<string, string | null>,
): Promise<string[]> {
  const result = await sql<{ seats: number | null; formats: string[] }>`
    select seats, formats from exhibition.screen where id = ${id}`.execute(transaction);
  const row = result.rows[0];
  if (row === undefined) return [];
  const changed: string[] = [];
  const seats = values.get('seats');
  if (seats !== undefined && textOf(row.seats) !== seats) {
    changed.push('seats');
    await sql`update exhibition.screen set seats = ${seats === null ? null : Number(seats)}
      where id = ${id}`.execute(transaction);
  }
  const formats = values.get('formats');
  if (formats !== undefined && formats !== null && row.formats.join('/') !== formats) {
    changed.push('formats');
    await sql`update exhibition.screen set formats = ${formats.split('/')}::text[]
      where id = ${id}`.execute(transaction);
  }
  return changed;
}

const textOf = (value: unknown) =>
  value === null || value === undefined ? null : String(value as string | number);

/** The wire's form of a merged fact. */
export function factRecord(
  fact: MergedFact,
  subject: Pick<FactRecord, 'subjectKind' | 'subjectId' | 'subjectName'>,
): FactRecord {
  return {
    ...subject,
    fact: fact.fact,
    value: fact.value ?? null,
    resolved: fact.resolved,
    from: fact.assertion === undefined ? null : wordRecord(fact.assertion as StoredWord),
    conflicts: fact.conflicts.map((each) => wordRecord(each as StoredWord)),
  };
}

function wordRecord(word: StoredWord): NonNullable<FactRecord['from']> {
  return {
    value: word.value ?? null,
    sourceId: word.source,
    source: word.sourceName,
    kind: word.kind,
    precedence: word.precedence,
    validFrom: new Date(word.validFrom).toISOString(),
    validTo: word.validTo === undefined ? null : new Date(word.validTo).toISOString(),
    recordedAt: new Date(word.recordedAt).toISOString(),
  };
}

export type ConflictRow = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  readonly screenName: string | null;
  readonly fact: string;
  readonly words: NonNullable<FactRecord['from']>[];
};

/** Facts on which the last words of several sources differ and nobody has decided since. */
export async function listConflicts(
  database: Queryable,
  listing: {
    readonly cinemaId?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<ConflictRow[]> {
  const { cinemaId, after, limit } = listing;
  const result = await sql<{
    subject_kind: SubjectKind;
    subject_id: string;
    cinema_id: string;
    cinema_name: string;
    screen_name: string | null;
    fact: string;
    words: (NonNullable<FactRecord['from']> & { validFrom: string })[];
  }>`with several as (
      select subject_id, fact from exhibition.assertion
      where retracted_at is null and valid_to is null
      group by subject_id, fact having count(distinct source_id) > 1
    ), words as (
      select distinct on (word.subject_id, word.fact, word.source_id) word.*, source.name,
        source.kind,
        source.precedence, organisation.name as organisation
      from exhibition.assertion as word
      join several using (subject_id, fact)
      join exhibition.source on source.id = word.source_id
      join kernel.organisation on organisation.id = source.organisation_id
      where word.retracted_at is null and word.valid_to is null
      order by word.subject_id, word.fact, word.source_id, word.valid_from desc,
        word.recorded_at desc, word.id desc
    ), conflict as (
      select subject_kind, subject_id, fact, max(recorded_at) as recorded_at,
        json_agg(json_build_object('value', value, 'sourceId', source_id,
          'source', concat_ws(' · ', organisation, nullif(name, '')), 'kind', kind,
          'precedence', precedence, 'validFrom', valid_from, 'validTo', valid_to,
          'recordedAt', recorded_at) order by precedence, recorded_at desc) as words
      from words group by subject_kind, subject_id, fact
      having count(distinct coalesce(value, '')) > 1
    )
    select conflict.subject_kind, conflict.subject_id, conflict.fact, conflict.words,
      cinema.id as cinema_id, cinema.name as cinema_name, screen.name as screen_name
    from conflict
    left join exhibition.screen on screen.id = conflict.subject_id
    join exhibition.cinema on cinema.id = coalesce(screen.cinema_id, conflict.subject_id)
    where not exists (select 1 from exhibition.resolution
        where resolution.subject_id = conflict.subject_id and resolution.fact = conflict.fact
          and resolution.resolved_at >= conflict.recorded_at)
      and ${cinemaId === undefined ? sql`true` : sql`cinema.id = ${cinemaId}`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(conflict.fact, conflict.subject_id) > (${after[0]}, ${after[1]}::uuid)`
      }
    order by conflict.fact, conflict.subject_id limit ${limit + 1}`.execute(database);
  const instant = (text: string) => new Date(text).toISOString();
  return result.rows.map((row) => ({
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    screenName: row.screen_name,
    fact: row.fact,
    words: row.words.map((word) => ({
      ...word,
      validFrom: instant(word.validFrom),
      validTo: word.validTo === null ? null : instant(word.validTo),
      recordedAt: instant(word.recordedAt),
    })),
  }));
}

/** Findings as they are kept with a source. */
export const keptFindings = (findings: readonly unknown[]): string => jsonText(findings);
