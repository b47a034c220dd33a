import { finding } from '@yinglian/core';
import {
  byPromise,
  checkFacts,
  checkInstrument,
  type GivenFacts,
  type Instrument,
  type Match,
  matchItems,
  nextQuestion,
  ownFacts,
  type ParameterDecision,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { found, invalid, versionConflict } from '../kernel/refusal.ts';
import { jsonText } from '../kernel/write.ts';
import { countEntries, enterLedger, listEntries, readTotals } from './money.ts';
import { bookOf, departmentOf, type PolicyParts, todayOf } from './parts.ts';
import { beginReminding, type RemindJob } from './reminders.ts';
import { listCalls, tables } from './repository.ts';
import { instrumentOf, listInstruments } from './instruments/store.ts';
import { matchView, type MatchView, parameterView } from './views.ts';

/** Entries of a year on its page, the latest; how many there are is told, and the file has all. */
const ENTRIES_SHOWN = 500;

export type DeskService = ReturnType<typeof createDeskService>;
/** What departments do besides the steps of claims, and the profile of a company. */
export function createDeskService(parts: PolicyParts & { readonly remind: RemindJob }) {
  const { database, write, requireAccess, newId, now, remind } = parts;

  const profileOf = async (organisationId: string) => {
    const row = await tables(database)
      .selectFrom('policy.profile')
      .select(['version', 'facts'])
      .where('organisation_id', '=', organisationId)
      .executeTakeFirst();
    return { version: row?.version ?? 0, facts: (row?.facts ?? {}) as GivenFacts };
  };
  const budgetOf = async (departmentId: string, year: number) => ({
    year,
    totals: await readTotals(database, departmentId, year),
    entryCount: await countEntries(database, departmentId, year),
    entries: await listEntries(database, departmentId, year, ENTRIES_SHOWN),
  });

  return {
    async enrol(context: Context, organisationId: string, name: string): Promise<void> {
      await requireAccess(context, 'network.administer');
      const known = await database
        .selectFrom('kernel.organisation')
        .select('id')
        .where('id', '=', organisationId)
        .executeTakeFirst();
      found(known, { id: organisationId });
      await write(context, async (work) => {
        await sql`
          insert into policy.department (organisation_id, name) values (${organisationId}, ${name})
          on conflict (organisation_id) do update set name = excluded.name
        `.execute(work.transaction);
        work.audit({
          action: 'policy.department_enrolled',
          subjectKind: 'organisation',
          subjectId: organisationId,
          facts: { name },
        });
      });
    },

    async profile(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      return profileOf(organisationId);
    },

    async saveProfile(context: Context, sent: { version: number; facts: GivenFacts }) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      await refuseWrongFacts(database, sent.facts);
      const kept = await profileOf(organisationId);
      const facts = ownFacts(sent.facts, kept.facts, todayOf(parts));
      await write(context, async (work) => {
        await beginReminding(work, remind, now());
        const done = await sql`
          insert into policy.profile (organisation_id, facts, version)
          select ${organisationId}, ${jsonText(facts)}, 1 where ${sent.version} = 0
          on conflict (organisation_id) do nothing
        `.execute(work.transaction);
        const changed = await tables(work.transaction)
          .updateTable('policy.profile')
          .set({
            facts: jsonText(facts),
            version: sent.version + 1,
            updated_at: sql<Date>`now()`,
          })
          .where('organisation_id', '=', organisationId)
          .where('version', '=', sent.version)
          .executeTakeFirst();
        if ((done.numAffectedRows ?? 0n) + changed.numUpdatedRows === 0n) {
          throw versionConflict(await profileOf(organisationId), sent);
        }
        work.audit({
          action: 'policy.profile_saved',
          subjectKind: 'organisation',
          subjectId: organisationId,
          facts: { version: sent.version + 1 },
        });
      });
      return profileOf(organisationId);
    },

    async matches(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const { facts } = await profileOf(organisationId);
      const today = todayOf(parts);
      const at = { eventDate: today, knownOn: today };
      const matches: Match[] = [];
      const views: MatchView[] = [];
      for (const { code } of await listInstruments(database)) {
        const book = await bookOf(database, code, at);
        const own = matchItems(book, facts);
        matches.push(...own);
        views.push(...own.map((each) => matchView(book, each)));
      }
      const possible = new Set(
        views
          .filter(({ status }) => ['eligible', 'to_human', 'unknown'].includes(status))
          .map(({ instrument, item }) => `${instrument} ${item}`),
      );
      const calls = await listCalls(database, { openOn: today });
      return {
        matches: views.sort(byPromise),
        ask: nextQuestion(matches),
        calls: calls
          .map(({ row }) => row)
          .filter((call) => call.items.some((item) => possible.has(`${call.instrument} ${item}`))),
      };
    },

    async decideParameter(
      context: Context,
      at: { instrument: string; parameter: string },
      decision: { value: string; from: string; reason: string; item?: string; quote?: string },
    ) {
      const { organisationId } = await requireAccess(context, 'policy.decide');
      const issuedBy = await departmentOf(database, context);
      const recorded = todayOf(parts);
      const made = { ...decision, parameter: at.parameter, recorded, issuedBy };
      const instrument = await instrumentOf(database, at.instrument);
      const faults = checkInstrument(instrument, [made]).filter(
        ({ severity }) => severity === 'error',
      );
      const leads = decidersOf(instrument, made);
      if (!leads.includes(issuedBy)) {
        const name = decision.item ?? at.parameter;
        const facts = { name, leads, department: issuedBy };
        faults.push(finding('foreign_decision', 'error', { facts }));
      }
      if (faults.length > 0) throw invalid(...faults);
      await write(context, async (work) => {
        const id = newId();
        await tables(work.transaction)
          .insertInto('policy.parameter_decision')
          .values({
            id,
            instrument: at.instrument,
            parameter: at.parameter,
            value: decision.value,
            valid_from: decision.from,
            recorded,
            department_id: organisationId,
            issued_by: issuedBy,
            reason: decision.reason,
            item: decision.item ?? null,
            quote: decision.quote ?? null,
          })
          .execute();
        work.audit({
          action: 'policy.parameter_decided',
          subjectKind: 'policy_parameter',
          subjectId: id,
          facts: { parameter: at.parameter, ...decision, quote: undefined, reason: undefined },
        });
      });
      const book = await bookOf(database, at.instrument, {
        eventDate: decision.from > recorded ? decision.from : recorded,
        knownOn: recorded,
      });
      return parameterView(book, at.parameter);
    },

    async budget(context: Context, year: number) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      return budgetOf(organisationId, year);
    },

    async enterBudget(
      context: Context,
      year: number,
      given: { move: 'appropriate' | 'withdraw' | 'carry_over'; fen: string; note: string },
    ) {
      const { organisationId } = await requireAccess(context, 'policy.pay');
      await departmentOf(database, context);
      await write(context, async (work) => {
        const { move, note } = given;
        const toYear = move === 'carry_over' ? { toYear: year + 1 } : {};
        const entry = { move, year, fen: BigInt(given.fen), ...toYear };
        const told = { by: context.user, at: now(), note };
        await enterLedger(work.transaction, organisationId, entry, told);
        work.audit({
          action: `policy.budget_${move}`,
          subjectKind: 'policy_budget',
          subjectId: String(year),
          facts: { fen: given.fen, note },
        });
      });
      return budgetOf(organisationId, year);
    },
  };
}

/**
 * Who may say how words are read: the lead departments of the measures that rest on them, of all
 * measures where the words concern the whole text, and whoever issued it.
 */
function decidersOf(
  instrument: Instrument,
  { parameter, item }: Pick<ParameterDecision, 'parameter' | 'item'>,
): readonly string[] {
  const { rules, measures, issuer } = instrument;
  const resting = rules.filter((rule) =>
    item === undefined ? rule.parameters.includes(parameter) : rule.item === item,
  );
  const numbers = new Set(resting.map(({ measure }) => measure));
  const leads = measures.filter(({ number }) => numbers.size === 0 || numbers.has(number));
  return [...new Set([...leads.map(({ lead }) => lead), issuer])];
}

async function refuseWrongFacts(database: Queryable, facts: GivenFacts): Promise<void> {
  const instruments = await listInstruments(database);
  const definitions = new Map(
    instruments.flatMap((each) => each.facts.map((fact) => [fact.name, fact] as const)),
  );
  const wrong = checkFacts(definitions, facts);
  if (wrong.length > 0) throw invalid(...wrong);
}
