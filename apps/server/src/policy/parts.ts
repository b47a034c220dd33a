import { type Finding, finding, formatInstant, CHINA_OFFSET_MINUTES } from '@yinglian/core';
import { type Book, openBook, type WorkCalendar, workCalendar } from '@yinglian/policy';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { notAllowed } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { readDecisions, readDepartment, readHolidays } from './repository.ts';
import { instrumentOf } from './instruments/store.ts';

/** What the services of the hall take from the kernel. */
export type PolicyParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

/** The day in China, where every term of the administration is counted. */
export function todayOf({ now }: Pick<PolicyParts, 'now'>): string {
  return formatInstant(now().getTime(), CHINA_OFFSET_MINUTES).slice(0, 10);
}

/** The instrument at a day of events, as it is known now. */
export async function bookOf(
  database: Queryable,
  instrument: string,
  at: { readonly eventDate: string; readonly knownOn: string },
): Promise<Book> {
  const known = await instrumentOf(database, instrument);
  return openBook(known, { ...at, decisions: await readDecisions(database, instrument) });
}

export async function calendarOf(database: Queryable): Promise<WorkCalendar> {
  return workCalendar(await readHolidays(database));
}

/** The name under which the acting organisation is enrolled as a department; else a refusal. */
export async function departmentOf(database: Queryable, context: Context): Promise<string> {
  const organisationId = context.organisation?.id;
  const name =
    organisationId === undefined ? undefined : await readDepartment(database, organisationId);
  if (name === undefined) throw notAllowed({ reason: 'no_department' });
  return name;
}

/** Largest amount the records database can hold with room for sums. */
const FEN_MAX = 10n ** 17n;

/** An amount from the wire; undefined with a finding when the database could not hold it. */
export function storableFen(text: string): bigint | Finding {
  const fen = BigInt(text);
  if (fen >= 0n && fen <= FEN_MAX) return fen;
  return finding('excessive_value', 'error', { facts: { maximum: String(FEN_MAX) } });
}
