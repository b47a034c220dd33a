import { daysBetween, finding, isIsoDate } from '@yinglian/core';
import {
  type CaseStanding,
  type CaseStep,
  type CaseVerdict,
  MEASURES,
  nextCase,
  type Rule,
  RULE_CODES,
  rowStanding,
  RULES,
  RULES_EDITION,
} from '@yinglian/screening';
import { sql } from 'kysely';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { grantFiles } from '../../kernel/files/grants.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import { jsonText, type Work, type Write } from '../../kernel/write.ts';
import type { ExamineJob } from './examine.ts';
import {
  appendEvent,
  type CaseEvent,
  type CaseRecord,
  type ExaminationRecord,
  listCases,
  listExaminations,
  readRules,
  setStandings,
  type StoredCase,
  type WholeCase,
  wholeCase,
} from './repository.ts';

export type CaseParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly job: ExamineJob;
};

type CaseFilter = {
  readonly state?: string | undefined;
  readonly rule?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly filmId?: string | undefined;
};
type RowChange = {
  readonly reportId: string;
  readonly line: number;
  readonly admissions: number;
  readonly grossFen: string;
};
type Actor = { readonly organisationId: string; readonly userId: string | null };

const DAYS_MAX = 400;
const EXPORT_MAX = 50_000;

export type CaseService = ReturnType<typeof createCaseService>;

/** Suspicions as cases: the cinema is heard, somebody decides, and where money hangs two do. */
export function createCaseService(parts: CaseParts) {
  const { database, write, requireAccess, newId, now, job } = parts;
  const one = async (queryable: Queryable, actor: Actor, id: string): Promise<StoredCase> =>
    found((await listCases(queryable, { ...actor, ids: [id], limit: 1 }))[0], { id });
  const ruleSet = async (queryable: Queryable, organisationId: string) => {
    const { version, reason, rules } = await readRules(queryable, organisationId);
    return {
      edition: RULES_EDITION,
      version,
      reason,
      rules: (rules ?? RULES).map((rule) => ({ ...rule, thresholds: { ...rule.thresholds } })),
      measures: MEASURES.map((each) => ({ ...each })),
    };
  };

  /** One step of a case, and what its rows are worth after it. */
  async function take(
    context: Context,
    actor: Actor,
    taken: {
      readonly id: string;
      readonly version: number;
      readonly step: Omit<CaseStep, 'by' | 'at'>;
      readonly side: 'examiner' | 'cinema';
      readonly text: string;
      readonly fileIds?: readonly string[];
      readonly rows?: readonly RowChange[];
      /** Who may read the files from now on. */
      readonly grantTo?: string;
    },
  ): Promise<WholeCase> {
    const { id, step } = taken;
    return write(context, async (work) => {
      const before = await one(work.transaction, actor, id);
      const standing = await standingOf(work.transaction, id);
      const at = now();
      const money =
        step.verdict === 'upheld' ? await amountOf(work, before, taken.rows ?? []) : undefined;
      const next = nextCase(standing, {
        ...step,
        by: actor.userId ?? '',
        at: at.getTime(),
        ...(money === undefined ? {} : { amountFen: money }),
      });
      if (!next.ok) throw conflict(...next.findings);
      const { state, verdict, amountFen, proposedBy } = next.value;
      const done = await sql`update exhibition.screening_case set state = ${state},
          asked_at = ${instant(next.value.askedAt)},
          answered_at = ${instant(next.value.answeredAt)},
          verdict = ${verdict ?? null}, amount_fen = ${amountFen},
          proposed_by = ${proposedBy ?? null},
          decided_at = ${state === 'decided' ? at : null},
          owner_id = coalesce(owner_id, ${taken.side === 'examiner' ? actor.userId : null}),
          owner_name = coalesce(owner_name,
            ${taken.side === 'examiner' ? (context.user?.name ?? '') : null}),
          version = version + 1, updated_at = ${at}
        where id = ${id} and version = ${taken.version}`.execute(work.transaction);
      if (done.numAffectedRows !== 1n)
        throw versionConflict(before.row, { version: taken.version });
      const { transaction } = work;
      await carryRows(work, before, next.value, step.action === 'propose' ? taken.rows : undefined);
      const event: CaseEvent = {
        at,
        side: taken.side,
        organisationId: actor.organisationId,
        organisation: context.organisation?.name ?? '',
        person: context.user?.name ?? '',
        action: step.action,
        text: taken.text,
        ...(taken.fileIds === undefined ? {} : { fileIds: taken.fileIds }),
      };
      await appendEvent(transaction, id, event);
      const { grantTo, fileIds = [] } = taken;
      if (grantTo !== undefined) {
        await grantFiles(
          transaction,
          fileIds.map((fileId) => ({ fileId, organisationId: grantTo })),
        );
      }
      note(work, before, step.action, { state, ...(verdict === undefined ? {} : { verdict }) });
      return wholeCase(transaction, await one(transaction, actor, id));
    });
  }

  return {
    async rules(context: Context) {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      return ruleSet(database, organisationId);
    },

    async setRules(
      context: Context,
      request: {
        readonly version: number;
        readonly reason: string;
        readonly rules: readonly {
          code: string;
          enabled: boolean;
          severity: Rule['severity'];
          thresholds: Readonly<Record<string, number>>;
        }[];
      },
    ) {
      const { organisationId } = await requireAccess(context, 'settlement.write');
      const rules = checkRules(request.rules);
      return write(context, async (work) => {
        const before = await ruleSet(work.transaction, organisationId);
        if (before.version !== request.version) throw versionConflict(before, request);
        await sql`insert into exhibition.rule_set (organisation_id, version, reason, rules, made_at,
            made_by)
          values (${organisationId}, ${request.version + 1}, ${request.reason},
            ${jsonText(rules)}::json, ${now()}, ${context.user?.name ?? ''})`.execute(
          work.transaction,
        );
        work.audit({
          action: 'exhibition.rules_set',
          subjectKind: 'organisation',
          subjectId: organisationId,
          facts: { version: request.version + 1, reason: request.reason },
        });
        work.changed({ kind: 'rules', id: organisationId });
        return ruleSet(work.transaction, organisationId);
      });
    },

    async examine(
      context: Context,
      request: {
        readonly from: string;
        readonly to: string;
        readonly circuitId: string | null;
        readonly cinemaId: string | null;
        readonly filmId: string | null;
      },
    ): Promise<ExaminationRecord> {
      const { from, to, circuitId, cinemaId, filmId } = request;
      const { organisationId } = await requireAccess(context, 'settlement.write');
      const of = (kind: string, id: string | null) => (id === null ? [] : [{ kind, ids: [id] }]);
      await requireAccess(
        context,
        'exhibition.read',
        ...of('circuit', circuitId),
        ...of('cinema', cinemaId),
      );
      if (filmId !== null) await requireAccess(context, 'film.read', ...of('film', filmId));
      checkDays(from, to);
      const id = newId();
      return write(context, async (work) => {
        const { version } = await readRules(work.transaction, organisationId);
        const jobId = await work.enqueue(job, { examinationId: id }, { filmId });
        await sql`insert into exhibition.examination (id, organisation_id, first_date, last_date,
            circuit_id, cinema_id, film_id, edition, rules_version, job_id)
          values (${id}, ${organisationId}, ${from}, ${to}, ${circuitId}, ${cinemaId}, ${filmId},
            ${RULES_EDITION}, ${version}, ${jobId})`.execute(work.transaction);
        work.audit({
          action: 'exhibition.examination_ordered',
          subjectKind: 'examination',
          subjectId: id,
          facts: { from, to },
        });
        work.changed({ kind: 'examination', id, filmId });
        const listing = { organisationId, ids: [id], limit: 1 };
        return found((await listExaminations(work.transaction, listing))[0]?.row);
      });
    },

    async examinations(context: Context, query: PageQuery): Promise<Page<ExaminationRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const rows = await listExaminations(database, { organisationId, after, limit: query.limit });
      return pageOfListed(rows, query);
    },

    async list(context: Context, query: PageQuery & CaseFilter): Promise<Page<CaseRecord>> {
      const actor = await requireAccess(context, 'exhibition.read');
      const rows = await listCases(database, { ...query, ...actor, after: afterInstant(query) });
      return pageOfListed(rows, query);
    },

    async all(context: Context, filter: CaseFilter): Promise<CaseRecord[]> {
      const actor = await requireAccess(context, 'exhibition.read');
      const rows = await listCases(database, { ...filter, ...actor, limit: EXPORT_MAX });
      return rows.slice(0, EXPORT_MAX).map((each) => each.row);
    },

    async get(context: Context, id: string): Promise<WholeCase> {
      const records = { kind: 'screening_case', ids: [id] };
      const actor = await requireAccess(context, 'exhibition.read', records);
      return wholeCase(database, await one(database, actor, id));
    },

    async ask(context: Context, id: string, body: { readonly version: number; text: string }) {
      const records = { kind: 'screening_case', ids: [id] };
      const actor = await requireAccess(context, 'settlement.write', records);
      return take(context, actor, { id, ...body, step: { action: 'ask' }, side: 'examiner' });
    },

    async answer(
      context: Context,
      id: string,
      body: { readonly version: number; readonly text: string; readonly fileIds: string[] },
    ) {
      const actor = await requireAccess(
        context,
        'exhibition.report',
        { kind: 'screening_case', ids: [id] },
        { kind: 'file', ids: body.fileIds },
      );
      const examiner = await examinerOf(database, id);
      const step = { action: 'answer' } as const;
      return take(context, actor, { id, ...body, step, side: 'cinema', grantTo: examiner });
    },

    async decide(
      context: Context,
      id: string,
      body: {
        readonly version: number;
        readonly verdict: CaseVerdict;
        readonly text: string;
        readonly rows: readonly RowChange[];
      },
    ) {
      const records = { kind: 'screening_case', ids: [id] };
      const actor = await requireAccess(context, 'settlement.write', records);
      const { verdict, ...rest } = body;
      const step = { action: 'propose', verdict } as const;
      return take(context, actor, { id, ...rest, step, side: 'examiner' });
    },

    async confirm(
      context: Context,
      id: string,
      body: { readonly version: number; readonly agree: boolean; readonly text: string },
    ) {
      const records = { kind: 'screening_case', ids: [id] };
      const actor = await requireAccess(context, 'settlement.issue', records);
      const { agree, ...rest } = body;
      const action = agree ? 'confirm' : 'send_back';
      return take(context, actor, { id, ...rest, step: { action }, side: 'examiner' });
    },
  };
}

const instant = (time: number | undefined) => (time === undefined ? null : new Date(time));

function note(
  work: Work,
  { row }: StoredCase,
  action: string,
  facts: Record<string, string>,
): void {
  work.audit({
    action: `exhibition.case_${action}`,
    subjectKind: 'case',
    subjectId: row.id,
    facts: { rule: row.rule, ...facts },
  });
  work.changed({ kind: 'case', id: row.id, filmId: row.filmId });
}

async function standingOf(database: Queryable, id: string): Promise<CaseStanding> {
  const result = await sql<{
    state: CaseStanding['state'];
    asked_at: Date | null;
    answered_at: Date | null;
    proposed_by: string | null;
    verdict: CaseVerdict | null;
    amount_fen: bigint;
  }>`select * from exhibition.screening_case where id = ${id} for update`.execute(database);
  const row = found(result.rows[0], { id });
  return {
    state: row.state,
    askedAt: row.asked_at?.getTime(),
    answeredAt: row.answered_at?.getTime(),
    proposedBy: row.proposed_by ?? undefined,
    verdict: row.verdict ?? undefined,
    amountFen: row.amount_fen,
  };
}

async function examinerOf(database: Queryable, id: string): Promise<string> {
  const result = await sql<{ organisation_id: string }>`
    select organisation_id from exhibition.screening_case where id = ${id}`.execute(database);
  return found(result.rows[0], { id }).organisation_id;
}

/** The rows of reports that a case speaks of. */
const rowsOf = ({ evidence }: StoredCase) =>
  evidence.flatMap(({ reportId, lines }) =>
    reportId === null ? [] : lines.map((line) => ({ reportId, line })),
  );

const rowKey = (row: { readonly reportId: string; readonly line: number }) =>
  `${row.reportId}:${row.line}`;

/** What an upheld case takes from the takings: all of its rows, less what they should be. */
async function amountOf(
  work: Work,
  stored: StoredCase,
  changes: readonly RowChange[],
): Promise<bigint> {
  const own = rowsOf(stored);
  const keys = new Set(own.map(rowKey));
  const foreign = changes.find((each) => !keys.has(rowKey(each)));
  if (foreign !== undefined) {
    const facts = { report: foreign.reportId, line: foreign.line };
    throw invalid(finding('foreign_case_row', 'error', { facts }));
  }
  const result = await sql<{ sum: bigint | null }>`
    select sum(row.gross_fen)::bigint as sum
    from json_array_elements(${jsonText(own)}::json) as each
    join exhibition.report_row as row on row.report_id = (each->>'reportId')::uuid
      and row.line = (each->>'line')::integer`.execute(work.transaction);
  const stated = result.rows[0]?.sum ?? 0n;
  return stated - changes.reduce((sum, each) => sum + BigInt(each.grossFen), 0n);
}

/** Writes what the rows are worth; what was proposed waits beside them until it is confirmed. */
async function carryRows(
  work: Work,
  stored: StoredCase,
  next: CaseStanding,
  changes: readonly RowChange[] | undefined,
): Promise<void> {
  const own = rowsOf(stored);
  if (own.length === 0) return;
  const proposed = changes ?? (await proposedRows(work, stored.row.id));
  const byKey = new Map(proposed.map((each) => [rowKey(each), each]));
  const isUpheld = next.verdict === 'upheld';
  const rows = own.map((row) => {
    const change = isUpheld ? byKey.get(rowKey(row)) : undefined;
    return {
      ...row,
      standing: rowStanding(next, change !== undefined),
      admissions: change?.admissions ?? null,
      grossFen: change?.grossFen ?? null,
    };
  });
  await setStandings(work.transaction, stored.row.id, rows);
}

async function proposedRows(work: Work, caseId: string): Promise<RowChange[]> {
  const result = await sql<{
    report_id: string;
    line: number;
    admissions: number;
    gross_fen: bigint;
  }>`select report_id, line, admissions, gross_fen from exhibition.row_standing
    where case_id = ${caseId} and gross_fen is not null`.execute(work.transaction);
  return result.rows.map((row) => ({
    reportId: row.report_id,
    line: row.line,
    admissions: row.admissions,
    grossFen: String(row.gross_fen),
  }));
}

function checkDays(from: string, to: string): void {
  if (!isIsoDate(from) || !isIsoDate(to) || from > to) {
    throw invalid(finding('reversed_dates', 'error', { facts: { from, to } }));
  }
  if (daysBetween(from, to) > DAYS_MAX) {
    throw invalid(finding('excessive_period', 'error', { facts: { days: DAYS_MAX } }));
  }
}

/** Rules may be switched, weighed and measured otherwise; what each looks for stays the same. */
function checkRules(
  given: readonly {
    readonly code: string;
    readonly enabled: boolean;
    readonly severity: Rule['severity'];
    readonly thresholds: Readonly<Record<string, number>>;
  }[],
): Rule[] {
  return RULES.map((rule) => {
    const set = given.find((each) => each.code === rule.code) ?? rule;
    for (const [name, value] of Object.entries(set.thresholds)) {
      if (Object.hasOwn(rule.thresholds, name) && Number.isFinite(value) && value >= 0) continue;
      const facts = { text: name, rule: rule.code };
      throw invalid(finding('invalid_threshold', 'error', { facts }));
    }
    const unknown = given.find((each) => !(RULE_CODES as readonly string[]).includes(each.code));
    if (unknown !== undefined) {
      throw invalid(finding('unknown_rule', 'error', { facts: { text: unknown.code } }));
    }
    return {
      code: rule.code,
      severity: set.severity,
      enabled: set.enabled,
      thresholds: { ...rule.thresholds, ...set.thresholds },
    };
  });
}
