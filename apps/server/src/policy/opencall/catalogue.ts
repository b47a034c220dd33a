import {
  canonicalJson,
  digestJson,
  type Finding,
  finding,
  formatRatio,
  hasErrors,
} from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  CATALOGUE_FLOW,
  CATALOGUE_UNMET,
  type CatalogueAction,
  type CatalogueEntry,
  type CatalogueGuard,
  type CatalogueRole,
  type CatalogueState,
  checkEntries,
  compareCatalogues,
  entryShape,
  readDocument,
  similarNeeds,
} from '@yinglian/opencall';
import { isAnotherPerson, walk } from '@yinglian/policy';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { conflict, found, versionConflict } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { departmentOf, todayOf } from '../parts.ts';
import { noticeEnd, type OpencallParts, personOf, requireRole, taken, valid } from './parts.ts';
import {
  addStep,
  type CatalogueRow,
  countObjections,
  listCatalogues,
  readSteps,
  stepViews,
  updateRow,
} from './store.ts';
import { catalogueView, entryView } from './views.ts';

type Demand = { id: string; by: string; need: string; entry: string | null };
type OwnDemand = Omit<Demand, 'by'> & { catalogueId: string };
type Edition = {
  number: number;
  digest: string;
  published_at: Date;
  changes: { code: string; change: string }[];
};

/** The yearly catalogue: demands, a draft that is tested, notice, editions. */
export function createCatalogueService(parts: OpencallParts) {
  const { database, write, requireAccess, newId, now } = parts;

  const one = async (id: string) =>
    found((await listCatalogues(database, { ids: [id] }))[0], { id });
  const demandsOf = async (id: string): Promise<Demand[]> => {
    const result = await sql<Demand>`
      select demand.id, organisation.name as by, demand.need, demand.entry
      from policy.opencall_demand as demand
      join kernel.organisation as organisation on organisation.id = demand.organisation_id
      where demand.catalogue_id = ${id} order by demand.created_at, demand.id limit 500
    `.execute(database);
    return result.rows;
  };

  return {
    async list() {
      const rows = await listCatalogues(database);
      return {
        rows: rows.map((row) => {
          const { entries: _, ...view } = catalogueView(row);
          return view;
        }),
      };
    },

    get: async (id: string) => catalogueView(await one(id)),

    async create(context: Context, given: { year: number; title: string; noticeDays: number }) {
      const { organisationId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      const id = newId();
      await write(context, async (work) => {
        await sql`
          insert into policy.opencall_catalogue (id, department_id, year, title, state, notice_days)
          values (${id}, ${organisationId}, ${given.year}, ${given.title}, 'collecting',
            ${given.noticeDays})
        `.execute(work.transaction);
        const facts = { year: given.year };
        work.audit({
          action: 'opencall.catalogue_begun',
          subjectKind: 'opencall_catalogue',
          subjectId: id,
          facts,
        });
      });
      return catalogueView(await one(id));
    },

    async desk(context: Context, id: string) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_catalogue', ids: [id] });
      const row = await one(id);
      const demands = await demandsOf(id);
      const editions = await sql<Edition>`
        select number, digest, published_at, changes from policy.opencall_edition
        where catalogue_id = ${id} order by number desc
      `.execute(database);
      const similar = similarNeeds(demands).map(({ one: a, other, share }) => ({
        one: a,
        other,
        share: formatRatio(share),
      }));
      return {
        catalogue: catalogueView(row),
        draft: row.entries.map(entryView),
        findings: checkEntries(row.entries),
        demands,
        similar,
        editions: editions.rows.map((each) => ({
          number: each.number,
          digest: each.digest,
          changes: each.changes,
          publishedAt: each.published_at.toISOString(),
        })),
        steps: stepViews(await readSteps(database, id)),
        actions: CATALOGUE_FLOW.filter(({ from }) => from.includes(row.state)).map(
          ({ action }) => action,
        ),
      };
    },

    async save(
      context: Context,
      id: string,
      given: { version: number; entries: unknown[]; merged: Record<string, string> },
    ) {
      await requireAccess(context, 'policy.manage', { kind: 'opencall_catalogue', ids: [id] });
      const entries = valid(readDocument(z.array(entryShape), given.entries));
      await write(context, async (work) => {
        const row = await locked(work.transaction, id, given.version);
        // What is on notice or published is changed by taking it back or by a new edition.
        if (!DRAFTING.has(row.state)) throw conflict(finding('invalid_state', 'error'));
        await updateRow(work.transaction, 'catalogue', id, { entries: jsonText(entries) });
        for (const [demand, entry] of Object.entries(given.merged)) {
          await sql`
            update policy.opencall_demand set entry = ${entry === '' ? null : entry}
            where id = ${demand} and catalogue_id = ${id}
          `.execute(work.transaction);
        }
        work.audit({
          action: 'opencall.catalogue_saved',
          subjectKind: 'opencall_catalogue',
          subjectId: id,
          facts: { entries: entries.map(({ code }) => code) },
        });
      });
      return catalogueView(await one(id));
    },

    async act(
      context: Context,
      id: string,
      given: { version: number; action: string; reason: string },
    ) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_catalogue', ids: [id] });
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await locked(transaction, id, given.version);
        const steps = await readSteps<CatalogueRole>(transaction, id);
        const wanted = CATALOGUE_FLOW.find(
          ({ action, from }) => action === given.action && from.includes(row.state),
        );
        if (wanted !== undefined) requireRole(context, row.department_id, wanted.role);
        const on = todayOf(parts);
        const role = wanted?.role ?? 'officer';
        const person = personOf(context);
        const step = { action: given.action, actor: person.actor, role, on, reason: given.reason };
        const judge = await guardsOf(row, step, steps);
        const action = taken(
          walk<CatalogueState, CatalogueRole, CatalogueGuard, CatalogueAction>(
            CATALOGUE_FLOW,
            { state: row.state, steps },
            step,
            judge,
          ),
        );
        await addStep(transaction, { id }, { ...step, actorName: person.actorName });
        const notice =
          action.to === 'on_notice'
            ? { notice_from: on, notice_until: await noticeEnd(transaction, on, row.notice_days) }
            : {};
        await updateRow(transaction, 'catalogue', id, { state: action.to, ...notice });
        if (action.action === 'publish') await publish(transaction, row);
        work.audit({
          action: `opencall.catalogue_${action.action}`,
          subjectKind: 'opencall_catalogue',
          subjectId: id,
          facts: { state: action.to },
        });
        work.changed({ kind: 'opencall_catalogue', id });
      });
      return catalogueView(await one(id));
    },

    async ownDemands(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      const result = await sql<OwnDemand>`
        select id, catalogue_id as "catalogueId", need, entry from policy.opencall_demand
        where organisation_id = ${organisationId} order by created_at desc, id limit 500
      `.execute(database);
      return { rows: result.rows };
    },

    async propose(context: Context, id: string, need: string): Promise<void> {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      const row = await one(id);
      if (row.state !== 'collecting')
        throw conflict(
          finding('closed_call', 'error', {
            facts: { from: '', to: '' },
          }),
        );
      await write(context, async (work) => {
        const demand = newId();
        await sql`
          insert into policy.opencall_demand (id, catalogue_id, organisation_id, need)
          values (${demand}, ${id}, ${organisationId}, ${need})
        `.execute(work.transaction);
        work.audit({
          action: 'opencall.demand_made',
          subjectKind: 'opencall_catalogue',
          subjectId: id,
          facts: { demand },
        });
      });
    },
  };

  async function locked(transaction: typeof database, id: string, version: number) {
    const [row] = await listCatalogues(transaction, { ids: [id], lock: true });
    const known = found(row, { id });
    if (known.version !== version) throw versionConflict(catalogueView(known), { version });
    return known;
  }

  async function guardsOf(
    row: CatalogueRow,
    step: { readonly actor: string; readonly on: string; readonly reason: string },
    steps: Awaited<ReturnType<typeof readSteps<CatalogueRole>>>,
  ) {
    const objections = await countObjections(database, row.id);
    const untestable: readonly Finding[] = checkEntries(row.entries);
    const holds: Record<CatalogueGuard, (action: CatalogueAction) => boolean> = {
      testable: () => !hasErrors(untestable),
      reason_given: () => step.reason.trim() !== '',
      notice_over: () => row.notice_until !== null && step.on > row.notice_until,
      no_open_objection: () => objections === 0,
      four_eyes: (action) => isAnotherPerson(action, steps, step.actor),
    };
    return {
      holds: (guard: CatalogueGuard, action: CatalogueAction) => holds[guard](action),
      unmet: CATALOGUE_UNMET,
      facts: { until: row.notice_until ?? '' },
    };
  }

  async function publish(transaction: typeof database, row: CatalogueRow): Promise<void> {
    const same = (a: CatalogueEntry, b: CatalogueEntry) => canonicalJson(a) === canonicalJson(b);
    const changes = compareCatalogues(row.published ?? [], row.entries, same);
    await sql`
      insert into policy.opencall_edition
        (catalogue_id, number, entries, digest, changes, published_at)
      values (${row.id}, ${row.edition + 1}, ${jsonText(row.entries)},
        ${digestJson(nodeCryptography, row.entries)}, ${jsonText(changes)}, ${now()})
    `.execute(transaction);
  }
}

const DRAFTING: ReadonlySet<CatalogueState> = new Set([
  'collecting',
  'merging',
  'arguing',
  'revising',
]);
