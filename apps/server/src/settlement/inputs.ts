import { type Finding, finding } from '@yinglian/core';
import {
  canonicalText,
  checkReplacement,
  inputCells,
  type InputKind,
  readInputTable,
  type SettlementInput,
  settlementInputSchema,
  toJson,
} from '@yinglian/settlement';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid } from '../kernel/refusal.ts';
import { readSheetFile } from '../kernel/sheets.ts';
import { type Work, type Write } from '../kernel/write.ts';
import { readFilms } from '../film/face.ts';
import {
  type InputOwner,
  type InputRecord,
  insertInputs,
  listInputs,
  lockInputs,
  readRevisions,
} from './input-repository.ts';

export type InputParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly newId: () => string;
};

/** A table of incomes is small; a platform's daily usage of years still fits. */
const TABLE_BYTES_MAX = 16 * 1024 * 1024;
const FAULTS_MAX = 200;

/** An expense of a film that another hall tells of: an accepted deliverable. */
export type Due = {
  readonly organisationId: string;
  readonly filmId: string;
  readonly key: string;
  readonly date: string;
  readonly account: string;
  readonly amountFen: bigint;
};

type Counted = { added: number; changed: number; unchanged: number };

/** Incomes, expenses, usage, books, rates and engagements of a film, kept revision by revision. */
export function createInputs(parts: InputParts) {
  const { database, write, requireAccess, readFile, newId } = parts;
  const ofFilm = (context: Context, filmId: string) =>
    requireAccess(context, 'settlement.write', { kind: 'film', ids: [filmId] });

  const titleOf = async (filmId: string) =>
    found((await readFilms(database, [filmId])).get(filmId)).title;

  async function keep(
    context: Context,
    work: Work,
    owner: InputOwner,
    records: readonly SettlementInput[],
    judge: (replaced: readonly Finding[]) => void = () => {},
  ): Promise<Counted> {
    // Whoever else records of this film waits, so that what is judged here is what is replaced.
    await lockInputs(work.transaction, owner);
    const { counted, fresh, replaced } = await compared(work.transaction, owner, records);
    judge(replaced);
    const inputs = fresh.map(({ data, revision }) => ({
      id: newId(),
      ...owner,
      kind: data.kind,
      key: data.key,
      data,
      revision: revision + 1,
      date: data.kind === 'engagement' ? null : data.date,
      by: context.user?.name ?? '',
    }));
    await insertInputs(work.transaction, inputs);
    if (inputs.length > 0) {
      work.audit({
        action: 'settlement.inputs_recorded',
        subjectKind: 'film',
        subjectId: owner.filmId,
        facts: counted,
      });
      work.changed({ kind: 'settlement_input', id: inputs[0]!.id, filmId: owner.filmId });
    }
    return counted;
  }

  return {
    /** What another hall made due, kept in that hall's own transaction; once by its key. */
    async recordDue(context: Context, work: Work, due: Due): Promise<void> {
      const { organisationId, filmId, key, date, account } = due;
      const amountFen = String(due.amountFen);
      const records = parseRecords([{ kind: 'expense', key, date, account, amountFen }]);
      await keep(context, work, { organisationId, filmId }, records);
    },

    async inputs(
      context: Context,
      query: PageQuery & { readonly filmId: string; readonly kind?: InputKind | undefined },
    ): Promise<Page<InputRecord>> {
      const { filmId, kind, limit } = query;
      const { organisationId } = await requireAccess(context, 'settlement.read', {
        kind: 'film',
        ids: [filmId],
      });
      const after = afterInstant(query);
      const rows = await listInputs(database, { organisationId, filmId, kind, after, limit });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async recordInputs(
      context: Context,
      { filmId, records }: { readonly filmId: string; readonly records: readonly object[] },
    ): Promise<Counted> {
      const { organisationId } = await ofFilm(context, filmId);
      const title = await titleOf(filmId);
      const parsed = parseRecords(records.map((each) => withFilm(each, title)));
      return write(context, (work) => keep(context, work, { organisationId, filmId }, parsed));
    },

    /** Reads a table and, where asked, keeps all of it; a fault in one cell keeps nothing. */
    async importInputs(
      context: Context,
      request: {
        readonly filmId: string;
        readonly kind: InputKind;
        readonly fileId: string;
        readonly commit: boolean;
      },
    ): Promise<Counted & { rows: number; findings: readonly Finding[] }> {
      const { filmId, kind, fileId, commit } = request;
      const { organisationId } = await ofFilm(context, filmId);
      const { bytes } = await readFile(context, fileId, TABLE_BYTES_MAX);
      const sheet = await readSheetFile(bytes);
      if (!sheet.ok) throw invalid(...sheet.findings);
      const film = kind === 'income' ? await titleOf(filmId) : undefined;
      const read = readInputTable(kind, inputCells(kind, sheet.value, film));
      if (!read.ok) {
        if (commit) throw invalid(...read.findings);
        return { added: 0, changed: 0, unchanged: 0, rows: 0, findings: read.findings };
      }
      const rows = read.value.length;
      const owner = { organisationId, filmId };
      if (!commit) {
        const { counted, replaced } = await compared(database, owner, read.value);
        const findings = [...read.findings, ...replaced].slice(0, FAULTS_MAX);
        return { ...counted, rows, findings };
      }
      const once = (replaced: readonly Finding[]) => {
        if (replaced.length > 0) throw invalid(...replaced.slice(0, FAULTS_MAX));
      };
      const kept = await write(context, (work) => keep(context, work, owner, read.value, once));
      return { ...kept, rows, findings: read.findings };
    },

    async withdrawInput(context: Context, id: string): Promise<InputRecord> {
      const { organisationId } = await requireAccess(context, 'settlement.write', {
        kind: 'settlement_input',
        ids: [id],
      });
      return write(context, async (work) => {
        const listing = { organisationId, ids: [id], limit: 1 };
        const row = found((await listInputs(work.transaction, listing))[0]?.row, { id });
        if (row.data === null) throw conflict(finding('withdrawn_input', 'error'));
        const made = {
          id: newId(),
          organisationId,
          filmId: row.filmId,
          kind: row.kind,
          key: row.key,
          revision: row.revision + 1,
          date: row.date,
          data: null,
          by: context.user?.name ?? '',
        };
        await insertInputs(work.transaction, [made]);
        work.audit({
          action: 'settlement.input_withdrawn',
          subjectKind: 'settlement_input',
          subjectId: made.id,
          facts: { film: row.filmId, kind: row.kind, key: row.key },
        });
        work.changed({ kind: 'settlement_input', id: made.id, filmId: row.filmId });
        const after = await listInputs(work.transaction, { ...listing, ids: [made.id] });
        return after[0]!.row;
      });
    },
  };
}

/** What records would add and change, and which payments without a key they would replace. */
async function compared(
  database: Queryable,
  owner: InputOwner,
  records: readonly SettlementInput[],
) {
  const known = await readRevisions(database, owner, records);
  const counted = { added: 0, changed: 0, unchanged: 0 };
  const replaced: Finding[] = [];
  const fresh = records.flatMap((data) => {
    const before = known.get(`${data.kind}/${data.key}`);
    if (before !== undefined && sameData(before.data, data)) {
      counted.unchanged += 1;
      return [];
    }
    counted[before === undefined ? 'added' : 'changed'] += 1;
    replaced.push(...checkReplacement(data, before?.data));
    return [{ data, revision: before?.revision ?? 0 }];
  });
  return { counted, fresh, replaced };
}

/** An income that names no film is of the film it is recorded for. */
function withFilm(record: object, title: string): object {
  const { kind, film } = record as { kind?: unknown; film?: unknown };
  return kind === 'income' && film === undefined ? { ...record, film: title } : record;
}

function parseRecords(records: readonly object[]): SettlementInput[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const parsed = records.flatMap((record, index) => {
    const result = settlementInputSchema.safeParse(record);
    if (!result.success) {
      const field = result.error.issues[0]!.path.map(String).join('.');
      findings.push(finding('invalid_cell', 'error', { facts: { field }, at: { row: index + 1 } }));
      return [];
    }
    const name = `${result.data.kind}/${result.data.key}`;
    if (seen.has(name)) {
      const facts = { key: result.data.key };
      findings.push(finding('duplicate_record', 'error', { facts, at: { row: index + 1 } }));
    }
    seen.add(name);
    return [result.data];
  });
  if (findings.length > 0) throw invalid(...findings.slice(0, FAULTS_MAX));
  return parsed;
}

/** Whether two records say the same, whatever order their parts are in. */
function sameData(a: unknown, b: unknown): boolean {
  return canonicalText(toJson(a)) === canonicalText(toJson(b));
}
