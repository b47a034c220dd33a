import type { IsoDate } from '@yinglian/core';
import { type Benefit, HUNAN_2023_55, type Instrument } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';

/** Instruments that come with the program; a published version takes their place. */
const BUILT_IN: readonly Instrument[] = [HUNAN_2023_55];

/** Parsed contents under their digests: what a digest names never changes. */
const parsed = new Map<string, Instrument>();
/** Instruments kept parsed; a network runs a handful. */
const PARSED_MAX = 50;

type Current = { readonly code: string; readonly digest: string };

/** Every instrument as it is published now, the built-in ones first. */
export async function listInstruments(database: Queryable): Promise<readonly Instrument[]> {
  const result = await sql<Current>`
    select distinct on (code) code, digest from policy.instrument_version
    where state = 'published' order by code, number desc
  `.execute(database);
  const published = new Map(result.rows.map((row) => [row.code, row]));
  const instruments: Instrument[] = [];
  for (const known of BUILT_IN) {
    const later = published.get(known.code);
    instruments.push(later === undefined ? known : await contentOf(database, later));
    published.delete(known.code);
  }
  for (const row of published.values()) instruments.push(await contentOf(database, row));
  return instruments;
}

async function contentOf(database: Queryable, { code, digest }: Current): Promise<Instrument> {
  const key = `${code} ${digest}`;
  const kept = parsed.get(key);
  if (kept !== undefined) return kept;
  const result = await sql<{ content: Instrument }>`
    select content from policy.instrument_version
    where code = ${code} and digest = ${digest} and state = 'published' limit 1
  `.execute(database);
  const { content } = found(result.rows[0], { instrument: code });
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(key, content);
  return content;
}

/** The instrument of a code as it is published now; `not_found` where there is none. */
export async function instrumentOf(database: Queryable, code: string): Promise<Instrument> {
  const instruments = await listInstruments(database);
  return found(
    instruments.find((each) => each.code === code),
    { instrument: code },
  );
}

/** The instrument as it was published by the end of a day; what came later was not known. */
export async function instrumentKnownOn(
  database: Queryable,
  code: string,
  knownOn: IsoDate,
): Promise<Instrument> {
  const result = await sql<Current>`
    select code, digest from policy.instrument_version
    where code = ${code} and state = 'published' and decided_on <= ${knownOn}
    order by number desc limit 1
  `.execute(database);
  const [published] = result.rows;
  if (published !== undefined) return contentOf(database, published);
  return found(
    BUILT_IN.find((each) => each.code === code),
    { instrument: code },
  );
}

/** What kind of benefit an item gives, for cool-downs that leave some kinds out. */
export function benefitOf({ rules }: Instrument, item: string): Benefit {
  return rules.find((rule) => rule.item === item)?.benefit ?? 'information';
}
