import { finding } from '@yinglian/core';
import { mergeFacts } from '@yinglian/facility';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { afterName, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { cinemaClocks } from '../clocks.ts';
import { instantOfDay, isTimeZone } from '../local-time.ts';
import { listScreens, reinstallDevice } from '../repository.ts';
import {
  bringForward,
  type ConflictRow,
  ensureSource,
  FACT_NAMES,
  factRecord,
  type FactRecord,
  insertResolution,
  listConflicts,
  readWords,
  sayFacts,
  type SubjectKind,
} from './repository.ts';

export type FactParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

type Statement = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly facts: Readonly<Record<string, string | null>>;
};
type Resolution = {
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly fact: string;
  readonly value: string | null;
  readonly reason: string;
};

const SCREENS_MAX = 500;
const EXPORT_MAX = 50_000;
const NOON_MS = 12 * 3_600_000;

export type FactService = ReturnType<typeof createFactService>;

/** Facts of cinemas and screens with their origin, on any day and as known at any time. */
export function createFactService({ database, write, requireAccess, newId, now }: FactParts) {
  return {
    async facts(
      context: Context,
      cinemaId: string,
      query: { readonly on?: string | undefined; readonly known?: string | undefined },
    ) {
      await requireAccess(context, 'exhibition.read', { kind: 'cinema', ids: [cinemaId] });
      const timeZone = found((await cinemaClocks(database, [cinemaId])).get(cinemaId));
      // The middle of the day: what was changed on that morning was so on that day.
      const on =
        query.on === undefined ? now().getTime() : instantOfDay(query.on, timeZone) + NOON_MS;
      const known = query.known === undefined ? now().getTime() : Date.parse(query.known);
      return {
        on: new Date(on).toISOString(),
        known: new Date(known).toISOString(),
        rows: await factsOfCinema(database, cinemaId, { on, known }),
      };
    },

    async state(context: Context, said: Statement): Promise<{ rows: FactRecord[] }> {
      const { subjectKind, subjectId } = said;
      const { organisationId, userId } = await requireAccess(context, 'exhibition.write', {
        kind: subjectKind,
        ids: [subjectId],
      });
      checkStatement(said);
      const cinemaId = await cinemaOf(database, subjectKind, subjectId);
      const timeZone = found((await cinemaClocks(database, [cinemaId])).get(cinemaId));
      const validFrom = new Date(instantOfDay(said.validFrom, timeZone));
      const validTo =
        said.validTo === null ? null : new Date(instantOfDay(said.validTo, timeZone, 1));
      return write(context, async (work) => {
        const sourceId = await ensureSource(work.transaction, {
          organisationId,
          kind: 'page',
          newId,
        });
        const at = now();
        await sayFacts(work.transaction, {
          subjectKind,
          subjectId,
          facts: said.facts,
          sourceId,
          validFrom,
          validTo,
          at,
          userId,
          newId,
        });
        await bringForward(work.transaction, subjectKind, subjectId, at);
        note(work, said, 'exhibition.facts_stated', {
          facts: Object.keys(said.facts),
          from: said.validFrom,
        });
        const time = { on: Math.max(at.getTime(), validFrom.getTime()), known: at.getTime() };
        const rows = await factsOfCinema(work.transaction, cinemaId, time);
        return { rows: rows.filter((each) => each.subjectId === subjectId) };
      });
    },

    async conflicts(
      context: Context,
      query: PageQuery & { readonly cinemaId?: string | undefined },
    ): Promise<Page<ConflictRow>> {
      await requireAccess(context, 'exhibition.read');
      const after = afterName(query);
      const rows = await listConflicts(database, { ...query, after });
      return pageOf(
        rows,
        query,
        (each) => [each.fact, each.subjectId],
        (each) => each,
      );
    },

    /** All of them, for a file. */
    async allConflicts(context: Context): Promise<ConflictRow[]> {
      await requireAccess(context, 'exhibition.read');
      return (await listConflicts(database, { limit: EXPORT_MAX })).slice(0, EXPORT_MAX);
    },

    async resolve(context: Context, resolution: Resolution): Promise<FactRecord> {
      const { subjectKind, subjectId, fact, value, reason } = resolution;
      const { userId } = await requireAccess(context, 'exhibition.write', {
        kind: subjectKind,
        ids: [subjectId],
      });
      if (fact !== 'mediaBlock') checkFact(subjectKind, fact, value);
      return write(context, async (work) => {
        const at = now();
        await insertResolution(work.transaction, {
          ...resolution,
          id: newId(),
          at,
          userId,
          userName: context.user?.name ?? '',
        });
        if (fact === 'mediaBlock' && value !== null) {
          const done = await reinstallDevice(work.transaction, subjectId, value, at, newId());
          if (!done) throw invalid(finding('unknown_device', 'error', { facts: { text: value } }));
        } else {
          await bringForward(work.transaction, subjectKind, subjectId, at);
        }
        note(work, resolution, 'exhibition.conflict_resolved', { fact, value, reason });
        const cinemaId = await cinemaOf(work.transaction, subjectKind, subjectId);
        const time = { on: at.getTime(), known: at.getTime() };
        const rows = await factsOfCinema(work.transaction, cinemaId, time);
        return found(rows.find((each) => each.subjectId === subjectId && each.fact === fact));
      });
    },
  };
}

function note(
  work: Work,
  { subjectKind, subjectId }: Pick<Statement, 'subjectKind' | 'subjectId'>,
  action: string,
  facts: Record<string, string | string[] | null>,
): void {
  work.audit({ action, subjectKind, subjectId, facts });
  work.changed({ kind: subjectKind, id: subjectId });
}

function checkStatement(said: Statement): void {
  if (said.validTo !== null && said.validTo < said.validFrom) {
    const facts = { from: said.validFrom, to: said.validTo };
    throw invalid(finding('reversed_dates', 'error', { facts }));
  }
  for (const [fact, value] of Object.entries(said.facts)) {
    checkFact(said.subjectKind, fact, value);
  }
}

/** What the columns of the register take; anything else would be a word that nobody can use. */
function checkFact(subjectKind: SubjectKind, fact: string, value: string | null): void {
  const at = { field: fact };
  if (!FACT_NAMES[subjectKind].includes(fact)) {
    throw invalid(finding('unknown_fact', 'error', { facts: { text: fact }, at }));
  }
  if (value === null) return;
  const wrong =
    (fact === 'seats' && !/^\d{1,5}$/.test(value)) ||
    (fact === 'equipment' && !['owned', 'leased'].includes(value)) ||
    (fact === 'taxpayer' && !['general', 'small_scale'].includes(value)) ||
    (fact === 'timeZone' && !isTimeZone(value)) ||
    (fact === 'name' && value.trim() === '') ||
    ((fact === 'latitude' || fact === 'longitude') &&
      !(value.trim() !== '' && Math.abs(Number(value)) <= (fact === 'latitude' ? 90 : 180)));
  if (wrong) throw invalid(finding('invalid_fact', 'error', { facts: { text: value }, at }));
}

async function cinemaOf(
  database: Queryable,
  subjectKind: SubjectKind,
  subjectId: string,
): Promise<string> {
  if (subjectKind === 'cinema') return subjectId;
  const screens = await listScreens(database, { ids: [subjectId], limit: 1 });
  return found(screens[0], { id: subjectId }).row.cinemaId;
}

async function factsOfCinema(
  database: Queryable,
  cinemaId: string,
  at: { readonly on: number; readonly known: number },
): Promise<FactRecord[]> {
  const screens = await listScreens(database, { cinemaId, limit: SCREENS_MAX });
  const names = new Map(screens.map(({ row }) => [row.id, row.name]));
  const { words, resolutions } = await readWords(database, [cinemaId, ...names.keys()]);
  const ofSubject = (subjectKind: SubjectKind, subjectId: string, subjectName: string) =>
    mergeFacts(
      words.filter((each) => each.subjectId === subjectId),
      at,
      resolutions.filter((each) => each.subjectId === subjectId),
    ).map((fact) => factRecord(fact, { subjectKind, subjectId, subjectName }));
  return [
    ...ofSubject('cinema', cinemaId, ''),
    ...[...names].flatMap(([id, screenName]) => ofSubject('screen', id, screenName)),
  ];
}
