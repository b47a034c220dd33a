import { nodeCryptography } from '@yinglian/host';
import { finding, type Finding, hasErrors } from '@yinglian/core';
import {
  checkTerms,
  parseTerms,
  renderedText,
  renderTerms,
  type Terms,
  termsDigest,
} from '@yinglian/settlement';
import { listReports } from '../exhibition/face.ts';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import { afterInstant, afterNumber, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../kernel/refusal.ts';
import type { Vault } from '../kernel/vault.ts';
import type { Write } from '../kernel/write.ts';
import { organisationsInRoom, readLinks, setLink } from './parties.ts';
import { readSignatures } from './signing.ts';
import { createIssuing } from './issuing.ts';
import { type Thought, whatIfOf } from './what-if.ts';
import type { Language } from './derivation.ts';
import {
  insertRun,
  type LineRecord,
  listLines,
  listRuns,
  listStatements,
  readDerivation,
  readProof,
  type RunRecord,
  setRunJob,
  type StatementRecord,
} from './repository.ts';
import {
  insertTerms,
  listTerms,
  readTermsVersion,
  type TermsRecord,
  updateTerms,
} from './terms-repository.ts';

export type SettlementParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly vault: Vault;
  readonly settleJob: JobDefinition<{ runId: string }>;
};

export type SettleRequest = {
  readonly filmId: string;
  readonly termsId: string;
  readonly from: string;
  readonly to: string;
  readonly reportIds: readonly string[];
};

type FilmQuery = PageQuery & { readonly filmId?: string | undefined };
type Keyed<Row> = { readonly row: Row; readonly sortKey: string };

export type SettlementService = ReturnType<typeof createSettlementService>;

/** Terms, runs and statements. What is issued never changes. */
export function createSettlementService(parts: SettlementParts) {
  const { database, write, requireAccess, newId } = parts;

  const page = <Row extends { readonly id: string }>(
    rows: readonly Keyed<Row>[],
    query: PageQuery,
  ) =>
    pageOf(
      rows,
      query,
      (each) => [each.sortKey, each.row.id],
      (each) => each.row,
    );
  const oneTerms = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listTerms(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });
  const oneRun = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listRuns(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });
  const oneStatement = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listStatements(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, {
      id,
    });

  return {
    async termsList(context: Context, query: FilmQuery): Promise<Page<TermsRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { filmId, limit } = query;
      return page(
        await listTerms(database, { organisationId, filmId, after: afterInstant(query), limit }),
        query,
      );
    },

    async terms(context: Context, id: string): Promise<TermsRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'terms',
        ids: [id],
      });
      return oneTerms(database, organisationId, id);
    },

    async createTerms(
      context: Context,
      made: {
        readonly filmId: string;
        readonly title: string;
        readonly terms: unknown;
        readonly state?: 'draft' | 'agreed' | undefined;
      },
    ): Promise<TermsRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'film',
        ids: [made.filmId],
      });
      const judged = judge(made.terms);
      const state = made.state ?? 'draft';
      if (state === 'agreed' && hasErrors(judged.findings)) throw invalid(...judged.findings);
      const id = newId();
      return write(context, async (work) => {
        await insertTerms(work.transaction, {
          id,
          organisationId,
          filmId: made.filmId,
          title: made.title,
          state,
          ...judged,
        });
        work.audit({
          action: 'settlement.terms_drawn_up',
          subjectKind: 'terms',
          subjectId: id,
          facts: { film: made.filmId, digest: judged.digest },
        });
        work.changed({ kind: 'terms', id, filmId: made.filmId });
        return oneTerms(work.transaction, organisationId, id);
      });
    },

    async updateTerms(
      context: Context,
      id: string,
      {
        version,
        ...made
      }: {
        readonly version: number;
        readonly title: string;
        readonly terms: unknown;
        readonly state: 'draft' | 'agreed';
      },
    ): Promise<TermsRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'terms',
        ids: [id],
      });
      const judged = judge(made.terms);
      if (made.state === 'agreed' && hasErrors(judged.findings)) throw invalid(...judged.findings);
      return write(context, async (work) => {
        const fields = { title: made.title, state: made.state, ...judged };
        if (!(await updateTerms(work.transaction, id, version, fields))) {
          throw versionConflict(await oneTerms(work.transaction, organisationId, id), {
            version,
            ...made,
          });
        }
        const stored = await oneTerms(work.transaction, organisationId, id);
        work.audit({
          action: 'settlement.terms_changed',
          subjectKind: 'terms',
          subjectId: id,
          facts: { version: stored.version, state: stored.state, digest: stored.digest },
        });
        work.changed({ kind: 'terms', id, filmId: stored.filmId });
        return stored;
      });
    },

    async checkTerms(context: Context, data: unknown, language: Language) {
      await requireAccess(context, 'settlement.read');
      const parsed = parseTerms(data);
      if (!parsed.ok) return { findings: parsed.findings, text: null, example: null };
      const findings = [...parsed.findings, ...checkTerms(parsed.value)];
      const text = hasErrors(findings) ? null : renderedText(renderTerms(parsed.value, language));
      return { findings, text, example: null };
    },

    async runs(context: Context, query: FilmQuery): Promise<Page<RunRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { filmId, limit } = query;
      return page(
        await listRuns(database, { organisationId, filmId, after: afterInstant(query), limit }),
        query,
      );
    },

    async run(context: Context, id: string): Promise<RunRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'run',
        ids: [id],
      });
      return oneRun(database, organisationId, id);
    },

    async settle(context: Context, request: SettleRequest): Promise<RunRecord> {
      const { organisationId } = await requireAccess(
        context,
        'settlement.write',
        { kind: 'film', ids: [request.filmId] },
        { kind: 'terms', ids: [request.termsId] },
      );
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids: request.reportIds });
      if (request.from > request.to) {
        throw invalid(
          finding('reversed_dates', 'error', { facts: { from: request.from, to: request.to } }),
        );
      }
      const reports = await listReports(database, {
        organisationId,
        ids: request.reportIds,
        limit: request.reportIds.length,
      });
      const replaced = reports.filter(({ row }) => row.state !== 'imported');
      if (replaced.length > 0) {
        throw conflict(
          ...replaced.map(({ row }) =>
            finding('superseded_report', 'error', { facts: { report: row.id } }),
          ),
        );
      }
      const terms = await oneTerms(database, organisationId, request.termsId);
      if (terms.filmId !== request.filmId) {
        throw invalid(finding('foreign_terms', 'error', { facts: { terms: terms.id } }));
      }
      if (hasErrors(terms.findings)) throw invalid(...terms.findings);
      const ofTickets = terms.kind === 'theatrical' || terms.kind === 'rental';
      if (ofTickets && request.reportIds.length === 0) {
        throw invalid(finding('missing_reports', 'error'));
      }
      const id = newId();
      return write(context, async (work) => {
        await insertRun(work.transaction, {
          id,
          organisationId,
          ...request,
          reportIds: ofTickets ? request.reportIds : [],
          kind: terms.kind,
          termsVersion: terms.version,
        });
        const jobId = await work.enqueue(
          parts.settleJob,
          { runId: id },
          { filmId: request.filmId },
        );
        await setRunJob(work.transaction, id, jobId);
        work.audit({
          action: 'settlement.run_ordered',
          subjectKind: 'run',
          subjectId: id,
          facts: {
            film: request.filmId,
            terms: terms.id,
            version: terms.version,
            from: request.from,
            to: request.to,
            reports: [...request.reportIds],
          },
        });
        work.changed({ kind: 'run', id, filmId: request.filmId });
        return oneRun(work.transaction, organisationId, id);
      });
    },

    async statements(
      context: Context,
      query: FilmQuery & { readonly runId?: string | undefined },
    ): Promise<Page<StatementRecord>> {
      const { organisationId } = await requireAccess(context, 'settlement.read');
      const { filmId, runId, limit } = query;
      return page(
        await listStatements(database, {
          organisationId,
          filmId,
          runId,
          after: afterInstant(query),
          limit,
        }),
        query,
      );
    },

    async statement(context: Context, id: string): Promise<StatementRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'statement',
        ids: [id],
      });
      return oneStatement(database, organisationId, id);
    },

    async lines(context: Context, id: string, query: PageQuery): Promise<Page<LineRecord>> {
      await requireAccess(context, 'settlement.read', { kind: 'statement', ids: [id] });
      const rows = await listLines(database, id, {
        limit: query.limit + 1,
        after: afterNumber(query),
      });
      return pageOf(
        rows,
        query,
        (row) => [String(row.number)],
        (row) => row,
      );
    },

    /** The statement with all its lines, for documents. */
    async whole(context: Context, id: string) {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'statement',
        ids: [id],
      });
      const statement = await oneStatement(database, organisationId, id);
      return { statement, lines: await listLines(database, id, { limit: statement.lines }) };
    },

    async explained(context: Context, id: string, lineId: string) {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'statement',
        ids: [id],
      });
      const statement = await oneStatement(database, organisationId, id);
      const stored = found(await readDerivation(database, id, lineId), { line: lineId });
      const { terms } = await readTermsVersion(database, statement.termsId, statement.termsVersion);
      return { ...stored, terms: terms as Terms };
    },

    async proof(context: Context, id: string): Promise<{ number: string; bundle: unknown }> {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'statement',
        ids: [id],
      });
      const statement = await oneStatement(database, organisationId, id);
      const proof = found(await readProof(database, id)) as object;
      const signatures = await readSignatures(database, id);
      const bundle = signatures.length === 0 ? proof : { ...proof, signatures };
      return { number: statement.number, bundle };
    },

    /** Settles the run's reports again under other terms or facts; nothing is kept. */
    async whatIf(context: Context, id: string, thought: Thought) {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'run',
        ids: [id],
      });
      const run = await oneRun(database, organisationId, id);
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids: run.reportIds });
      return whatIfOf(database, id, thought);
    },

    /** Parties of the terms with the organisations that stand behind them. */
    async parties(context: Context, id: string) {
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'terms',
        ids: [id],
      });
      const { terms } = await oneTerms(database, organisationId, id);
      return { rows: await linkedParties(database, id, terms as Terms) };
    },

    async linkParties(
      context: Context,
      id: string,
      links: readonly { readonly party: string; readonly organisationId: string | null }[],
    ) {
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'terms',
        ids: [id],
      });
      return write(context, async (work) => {
        const { terms: data, filmId } = await oneTerms(work.transaction, organisationId, id);
        const terms = data as Terms;
        await refuseStrangers(work.transaction, { terms, filmId }, links);
        for (const each of links)
          await setLink(work.transaction, id, each.party, each.organisationId);
        work.audit({
          action: 'settlement.parties_linked',
          subjectKind: 'terms',
          subjectId: id,
          facts: { links: links.map((each) => ({ ...each })) },
        });
        work.changed({ kind: 'terms', id, filmId });
        return { rows: await linkedParties(work.transaction, id, terms) };
      });
    },

    ...createIssuing(parts),
  };
}

async function linkedParties(database: Queryable, id: string, terms: Terms) {
  const links = await readLinks(database, id);
  return terms.parties.map((each) => ({
    party: each.id,
    role: each.role,
    name: each.name,
    organisationId: links.get(each.id)?.id ?? null,
    organisation: links.get(each.id)?.name ?? null,
  }));
}

/** Only an organisation that works on the film can stand behind a party of its terms. */
async function refuseStrangers(
  database: Queryable,
  { terms, filmId }: { readonly terms: Terms; readonly filmId: string },
  links: readonly { readonly party: string; readonly organisationId: string | null }[],
): Promise<void> {
  const ids = links.flatMap((each) => each.organisationId ?? []);
  const inside = await organisationsInRoom(database, filmId, ids);
  const findings = links.flatMap((each) => {
    const { party, organisationId } = each;
    const at = { party };
    if (!terms.parties.some((known) => known.id === party))
      return [finding('unknown_party', 'error', { facts: { party }, at })];
    return organisationId === null || inside.has(organisationId)
      ? []
      : [finding('foreign_organisation', 'error', { facts: { party }, at })];
  });
  if (findings.length > 0) throw invalid(...findings);
}

/** Drafts may be wrong, but they must be terms; what is wrong is kept beside them. */
function judge(data: unknown): { terms: Terms; digest: string; findings: readonly Finding[] } {
  const parsed = parseTerms(data);
  if (!parsed.ok) throw invalid(...parsed.findings);
  return {
    terms: parsed.value,
    digest: termsDigest(parsed.value, nodeCryptography),
    findings: [...parsed.findings, ...checkTerms(parsed.value)],
  };
}
