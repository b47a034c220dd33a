import type { instrumentVersionSchema } from '@yinglian/contract';
import { canonicalJson, digestJson, type Finding, finding, type Outcome } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  atMost,
  assess,
  checkInstrument,
  checkRevision,
  conflictingFacts,
  type Instrument,
  openBook,
  parseAuthored,
  readInstrument,
  ruleId,
} from '@yinglian/policy';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { downloadBytes } from '../../kernel/http/routes.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { departmentOf, type PolicyParts, todayOf } from '../parts.ts';
import { readDecisions, readOpenClaims } from '../repository.ts';
import { instrumentOf, listInstruments } from './store.ts';

type VersionRecord = z.output<typeof instrumentVersionSchema>;
type Authored = { readonly document: string; readonly text: string | null };
type VersionRow = {
  readonly id: string;
  readonly code: string;
  readonly created_at: Date;
  readonly department_id: string;
  readonly department: string;
  readonly state: VersionRecord['state'];
  readonly digest: string;
  readonly content: Instrument;
  readonly source_text: string | null;
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly proposed_by: string;
  readonly proposed_name: string;
  readonly decided_name: string | null;
  readonly decided_on: string | null;
  readonly number: number | null;
};

export type InstrumentsService = ReturnType<typeof createInstrumentsService>;

/** Instruments of departments: checked as they are written, published by other eyes. */
export function createInstrumentsService(parts: PolicyParts) {
  const { database, write, requireAccess, newId } = parts;

  return {
    async check(context: Context, given: Authored) {
      await requireAccess(context, 'policy.manage');
      const department = await departmentOf(database, context);
      const read = authoredInstrument(given);
      if (!read.ok) {
        const { findings } = read;
        return { code: null, items: 0, publishable: false, findings, changes: [] };
      }
      const instrument = read.value;
      const findings = await faultsOf(database, instrument, {
        text: given.text,
        department,
        on: todayOf(parts),
      });
      return {
        code: instrument.code,
        items: itemsOf(instrument),
        publishable: isPublishable(findings),
        findings,
        changes: await changesOf(database, instrument, todayOf(parts)),
      };
    },

    async propose(context: Context, given: Authored & { reason: string }): Promise<VersionRecord> {
      const { organisationId, userId } = await requireAccess(context, 'policy.manage');
      const department = await departmentOf(database, context);
      const read = authoredInstrument(given);
      if (!read.ok) throw invalid(...read.findings);
      const instrument = read.value;
      const on = todayOf(parts);
      const findings = await faultsOf(database, instrument, { text: given.text, department, on });
      if (!isPublishable(findings)) throw invalid(...findings);
      const id = newId();
      await write(context, async (work) => {
        const digest = digestJson(nodeCryptography, instrument);
        await sql`
          insert into policy.instrument_version (id, code, department_id, state, digest, content,
            source_text, reason, findings, proposed_by, proposed_name)
          values (${id}, ${instrument.code}, ${organisationId}, 'proposed', ${digest},
            ${canonicalJson(instrument)}, ${given.text}, ${given.reason}, ${jsonText(findings)},
            ${userId}, ${context.user?.name ?? ''})
        `.execute(work.transaction);
        work.audit({
          action: 'policy.instrument_proposed',
          subjectKind: 'policy_instrument',
          subjectId: id,
          facts: { code: instrument.code, digest },
        });
        work.changed({ kind: 'policy_instrument', id });
      });
      return versionView(found(await readVersion(database, id), { id }));
    },

    async proposals(context: Context) {
      // Whoever publishes must see what there is to publish, and is no officer.
      const { organisationId } = await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      const rows = await listVersions(database, sql`version.department_id = ${organisationId}`);
      return { rows: rows.map(versionView) };
    },

    async decide(context: Context, id: string, publish: boolean): Promise<VersionRecord> {
      const { organisationId, userId } = await requireAccess(context, 'policy.decide');
      const department = await departmentOf(database, context);
      await write(context, async (work) => {
        const { transaction } = work;
        const row = await readVersion(transaction, id, true);
        if (row === undefined || row.department_id !== organisationId) throw found(null, { id });
        if (row.state !== 'proposed') throw conflict(finding('decided_instrument', 'error'));
        if (row.proposed_by === userId) {
          const facts = { action: 'publish', guard: 'four_eyes', until: '' };
          throw conflict(finding('missing_second_person', 'error', { facts }));
        }
        if (publish) await refuseOutdated(transaction, row, department);
        const today = todayOf(parts);
        const content = publish ? await recordedOn(transaction, row, today) : row.content;
        await sql`
          update policy.instrument_version
          set state = ${publish ? 'published' : 'rejected'}, decided_by = ${userId},
            content = ${canonicalJson(content)},
            digest = ${digestJson(nodeCryptography, content)},
            decided_name = ${context.user?.name ?? ''}, decided_on = ${today},
            number = case when ${publish} then (
              select coalesce(max(number), 0) + 1 from policy.instrument_version as other
              where other.code = ${row.code}) end
          where id = ${id}
        `.execute(transaction);
        work.audit({
          action: publish ? 'policy.instrument_published' : 'policy.instrument_rejected',
          subjectKind: 'policy_instrument',
          subjectId: id,
          facts: { code: row.code, digest: row.digest },
        });
        work.changed({ kind: 'policy_instrument', id });
      });
      return versionView(found(await readVersion(database, id), { id }));
    },

    async versions(code: string) {
      await instrumentOf(database, code);
      const rows = await listVersions(
        database,
        sql`version.code = ${code} and version.state = 'published'`,
      );
      return { rows: rows.map(versionView) };
    },

    async document(code: string) {
      const instrument = await instrumentOf(database, code);
      const bytes = new TextEncoder().encode(`${JSON.stringify(instrument, null, 2)}\n`);
      return downloadBytes(`${code}.json`, 'application/json', bytes);
    },
  };

  /** What was published meanwhile may be in the way of what was proposed before. */
  async function refuseOutdated(
    transaction: Transaction,
    row: VersionRow,
    department: string,
  ): Promise<void> {
    // Two departments that publish one code come one after the other.
    await sql`select pg_advisory_xact_lock(hashtext(${`instrument ${row.code}`}))`.execute(
      transaction,
    );
    const faults = await faultsOf(transaction, row.content, {
      text: row.source_text,
      department,
      // Publishing itself gives new rules their day.
      on: '',
    });
    if (!isPublishable(faults)) throw invalid(...faults);
  }
}

/**
 * New rules are known from the day of their publication, whatever their author wrote: record time
 * is a fact of the register.
 */
async function recordedOn(
  database: Queryable,
  { code, content }: VersionRow,
  today: string,
): Promise<Instrument> {
  const before = (await listInstruments(database)).find((each) => each.code === code);
  const known = new Set(before?.rules.map(ruleId));
  const rules = content.rules.map((rule) =>
    known.has(ruleId(rule)) || rule.recorded >= today ? rule : { ...rule, recorded: today },
  );
  return { ...content, rules };
}

function authoredInstrument({ document }: Authored): Outcome<Instrument> {
  const parsed = parseAuthored(document);
  return parsed.ok ? readInstrument(parsed.value) : parsed;
}

function itemsOf({ rules }: Instrument): number {
  return new Set(rules.map(({ item }) => item)).size;
}

function isPublishable(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== 'error');
}

/** Everything that stands in the way of publishing, and what an author should look at. */
async function faultsOf(
  database: Queryable,
  instrument: Instrument,
  at: { readonly text: string | null; readonly department: string; readonly on: string },
): Promise<Finding[]> {
  const all = await listInstruments(database);
  const before = all.find(({ code }) => code === instrument.code);
  const others = all.filter(({ code }) => code !== instrument.code);
  const decisions = before === undefined ? [] : await readDecisions(database, instrument.code);
  return [
    ...checkInstrument(instrument, decisions, at.text ?? undefined),
    ...conflictingFacts(instrument, others),
    ...(before === undefined ? [] : checkRevision(before, instrument, at.on)),
    ...issuerFaults(before, instrument, at.department),
  ];
}

/**
 * A rule is issued by the department that leads its measure; the first version of all of them may
 * come from whoever issued the instrument itself, as the text does.
 */
function issuerFaults(
  before: Instrument | undefined,
  after: Instrument,
  department: string,
): Finding[] {
  const known = new Set(before?.rules.map(ruleId));
  const whole = before === undefined && after.issuer === department;
  return after.rules
    .filter((rule) => !known.has(ruleId(rule)))
    .filter((rule) => {
      const lead = after.measures.find(({ number }) => number === rule.measure)?.lead;
      const foreign = !whole && lead !== undefined && lead !== department;
      return rule.issuedBy !== department || foreign;
    })
    .map((rule) =>
      finding('foreign_issuer', 'error', {
        facts: { rule: ruleId(rule), issuedBy: rule.issuedBy, department },
        at: { rule: ruleId(rule) },
      }),
    );
}

/** Open claims that would be answered otherwise: what a change of rules does to people. */
async function changesOf(database: Queryable, after: Instrument, knownOn: string) {
  const all = await listInstruments(database);
  const before = all.find(({ code }) => code === after.code);
  if (before === undefined) return [];
  const decisions = await readDecisions(database, after.code);
  const changes = [];
  for (const claim of await readOpenClaims(database, after.code)) {
    const at = { eventDate: claim.event_date, knownOn, decisions };
    const asked = { item: claim.item, appliedOn: claim.applied_on, facts: claim.facts };
    const [one, other] = [before, after].map((each) => {
      const { status, bound } = assess(openBook(each, at), asked);
      return { status, atMostFen: atMost(bound)?.toString() ?? null };
    });
    if (canonicalJson(one) === canonicalJson(other)) continue;
    changes.push({
      claimId: claim.id,
      applicant: claim.applicant,
      item: claim.item,
      before: one!,
      after: other!,
    });
  }
  return changes;
}

async function listVersions(
  database: Queryable,
  where: ReturnType<typeof sql>,
  locked = false,
): Promise<VersionRow[]> {
  const result = await sql<VersionRow>`
    select version.*, department.name as department from policy.instrument_version as version
    join policy.department as department on department.organisation_id = version.department_id
    where ${where} order by version.created_at desc, version.id desc limit 200
    ${locked ? sql`for update of version` : sql``}
  `.execute(database);
  return result.rows;
}

async function readVersion(
  database: Queryable,
  id: string,
  locked = false,
): Promise<VersionRow | undefined> {
  return (await listVersions(database, sql`version.id = ${id}`, locked))[0];
}

function versionView(row: VersionRow): VersionRecord {
  return {
    id: row.id,
    code: row.code,
    title: row.content.title,
    number: row.number,
    state: row.state,
    department: row.department,
    digest: row.digest,
    items: itemsOf(row.content),
    reason: row.reason,
    findings: [...row.findings] as VersionRecord['findings'],
    proposedBy: row.proposed_name,
    proposedAt: row.created_at.toISOString(),
    decidedBy: row.decided_name,
    decidedOn: row.decided_on,
  };
}
