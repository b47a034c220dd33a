import { DELIVERY_BYTES_MAX, type Delivery, type Mapping, placeColumns } from '@yinglian/boxoffice';
import { filmCodeKey, finding, type Finding } from '@yinglian/core';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable, Transaction } from '../kernel/database/database.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import {
  afterInstant,
  afterNumber,
  type Page,
  pageOf,
  pageOfListed,
  type PageQuery,
} from '../kernel/pages.ts';
import { conflict, found, invalid } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { conspicuousRows } from './conspicuous.ts';
import { readBoxOfficeFile, type ReadDelivery, withHeadings } from './delivery.ts';
import {
  deliveredFirst,
  filmsByCode,
  insertQuarantined,
  insertReport,
  insertRows,
  listReports,
  listRows,
  mappingsOfSenders,
  type ReportRecord,
  reportOfSameBytes,
  type Resolved,
  type RowRecord,
  savedMappings,
} from './report-repository.ts';
import { besideEarlier, overlapFindings } from './earlier.ts';
import { fulfilCorrection, requireCorrection } from './evidence/corrections.ts';
import { cinemasByCode } from './repository.ts';

export type ReportParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type ImportRequest = {
  readonly fileId: string;
  readonly filmId?: string | undefined;
  readonly sender?: string | undefined;
  readonly mapping?: Mapping | undefined;
  readonly faults: 'refuse' | 'quarantine';
  readonly supersedes?: string | undefined;
  readonly correctionId?: string | undefined;
  /** Nobody is there to say what the file replaces: what it tells again as a whole. */
  readonly unattended?: boolean;
  /** The one cinema that sends the file, for rows that name none. */
  readonly cinemaCode?: string | undefined;
};

/** Findings kept with a report; a file with more has one fault, repeated. */
const REPORT_FINDINGS_MAX = 500;

export type ReportService = ReturnType<typeof createReportService>;

/** Box-office files come in, are understood, and become facts that are never overwritten. */
export function createReportService(parts: ReportParts) {
  const { database, write, requireAccess, readFile, newId, now } = parts;

  const resolve = async (
    queryable: Queryable,
    organisationId: string,
    delivery: Delivery,
  ): Promise<Resolved> => {
    const distinct = (pick: (record: Delivery['records'][number]) => string | undefined) => [
      ...new Set(delivery.records.map(pick).filter((code) => code !== undefined)),
    ];
    return {
      cinemas: await cinemasByCode(
        queryable,
        distinct((record) => record.cinemaCode),
      ),
      films: await filmsByCode(
        queryable,
        organisationId,
        distinct((record) => record.filmCode),
      ),
    };
  };

  return {
    async list(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<ReportRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const { filmId, limit } = query;
      const rows = await listReports(database, { organisationId, filmId, after, limit });
      return pageOfListed(rows, query);
    },

    async get(context: Context, id: string): Promise<ReportRecord> {
      const { organisationId } = await requireAccess(context, 'exhibition.read', {
        kind: 'report',
        ids: [id],
      });
      const rows = await listReports(database, { organisationId, ids: [id], limit: 1 });
      return found(rows[0]?.row, { id });
    },

    async rows(context: Context, id: string, query: PageQuery): Promise<Page<RowRecord>> {
      await requireAccess(context, 'exhibition.read', { kind: 'report', ids: [id] });
      const line = afterNumber(query);
      const after = line === undefined ? undefined : ([id, line] as const);
      const rows = await listRows(database, { reportIds: [id], after, limit: query.limit });
      return pageOf(
        rows,
        query,
        (row) => [String(row.line)],
        (row) => row,
      );
    },

    async preview(
      context: Context,
      request: {
        readonly fileId: string;
        readonly mapping?: Mapping | undefined;
        readonly sender?: string | undefined;
      },
    ): Promise<Preview> {
      const { organisationId } = await requireAccess(context, 'exhibition.report', {
        kind: 'file',
        ids: [request.fileId],
      });
      const file = await readFile(context, request.fileId, DELIVERY_BYTES_MAX);
      const { mapping } = request;
      const senders = await mappingsOfSenders(database, organisationId, SENDERS_MAX);
      const asSender = await readAsSender(file.bytes, senders, request);
      const read =
        asSender.read ?? (await readBoxOfficeFile(file.bytes, { mapping, policy: 'quarantine' }));
      const known =
        read.ok || mapping !== undefined
          ? undefined
          : await readAsBefore(
              file.bytes,
              await savedMappings(database, organisationId, SAVED_MAX),
            );
      if (!read.ok && known === undefined)
        throw invalid(...(await withHeadings(read.findings, file.bytes)));
      const delivery = known ?? (read.ok ? read.value : undefined)!;
      const resolved = await resolve(database, organisationId, delivery);
      const saved = known === undefined ? [] : [finding('saved_mapping', 'note')];
      const supersedes = undefined;
      const beside = { organisationId, delivery, resolved, supersedes };
      const overlaps = overlapFindings(await besideEarlier(database, beside));
      const told = [...asSender.findings, ...saved, ...overlaps, ...delivery.findings];
      const odd = await conspicuousRows(database, delivery, resolved);
      const findings = [...told, ...unknownCodes(delivery, resolved), ...odd];
      return { ...delivery, senders: sendersFitting(delivery, senders), findings };
    },

    async import(context: Context, request: ImportRequest): Promise<ReportRecord> {
      const { organisationId } = await requireAccess(
        context,
        'exhibition.report',
        { kind: 'file', ids: [request.fileId] },
        ...(request.supersedes === undefined
          ? []
          : [{ kind: 'report', ids: [request.supersedes] }]),
      );
      if (request.filmId !== undefined) {
        await requireAccess(context, 'film.read', { kind: 'film', ids: [request.filmId] });
      }
      const file = await readFile(context, request.fileId, DELIVERY_BYTES_MAX);
      const policy = request.faults === 'refuse' ? 'all_or_nothing' : 'quarantine';
      const { mapping, cinemaCode } = request;
      const senders =
        request.sender === undefined || request.unattended === true
          ? []
          : await mappingsOfSenders(database, organisationId, SENDERS_MAX);
      const asSender = await readAsSender(file.bytes, senders, { ...request, policy });
      const read =
        asSender.read ?? (await readBoxOfficeFile(file.bytes, { mapping, cinemaCode, policy }));
      if (!read.ok) throw invalid(...read.findings);
      const delivery = read.value;
      return write(context, async (work) => {
        const same = await reportOfSameBytes(work.transaction, organisationId, file.digest);
        if (same !== undefined && same !== request.supersedes) {
          throw conflict(finding('duplicate_report', 'error', { facts: { report: same } }));
        }
        if (request.supersedes !== undefined) {
          await refuseReplaced(work.transaction, organisationId, request.supersedes);
        }
        const resolved = await resolve(work.transaction, organisationId, delivery);
        const { supersedes, correctionId, overlaps } = await admit(work.transaction, {
          organisationId,
          delivery,
          resolved: { ...resolved, filmId: request.filmId ?? null },
          request,
          at: now(),
        });
        const id = newId();
        const span = spanOf(delivery);
        await insertReport(work.transaction, {
          id,
          organisationId,
          fileId: request.fileId,
          ...span,
          filmId: request.filmId ?? onlyFilm(delivery, resolved),
          sender: request.sender ?? context.organisation?.name ?? '',
          mapping: delivery.mapping,
          totals: delivery.totals,
          rows: delivery.records.length,
          quarantined: delivery.quarantined.length,
          supersedes: supersedes ?? null,
          findings: [
            ...asSender.findings,
            ...overlaps,
            ...delivery.findings,
            ...unknownCodes(delivery, resolved),
          ].slice(0, REPORT_FINDINGS_MAX),
        });
        await insertRows(work.transaction, id, delivery.records, {
          ...resolved,
          filmId: request.filmId ?? null,
        });
        await insertQuarantined(
          work.transaction,
          id,
          delivery.quarantined,
          span.from ?? '1970-01-01',
        );
        if (correctionId !== undefined) {
          await fulfilCorrection(work.transaction, correctionId, id, now());
        }
        const filmId = request.filmId ?? onlyFilm(delivery, resolved);
        work.audit({
          action: 'exhibition.report_imported',
          subjectKind: 'report',
          subjectId: id,
          facts: {
            file: file.digest,
            rows: delivery.records.length,
            grossFen: String(delivery.totals.grossFen),
          },
        });
        work.changed({ kind: 'report', id, filmId });
        const stored = await listReports(work.transaction, { organisationId, ids: [id], limit: 1 });
        return found(stored[0]?.row, { id });
      });
    },
  };
}

/**
 * How a file stands to what its sender told before: what it replaces, and the approval that it
 * needs where it changes or adds to days that are no longer free.
 */
async function admit(
  transaction: Transaction,
  file: {
    readonly organisationId: string;
    readonly delivery: Delivery;
    readonly resolved: Resolved;
    readonly request: ImportRequest;
    readonly at: Date;
  },
) {
  const { delivery, request, at } = file;
  const beside = await besideEarlier(transaction, {
    ...file,
    supersedes: request.supersedes,
    replacesAgain: request.unattended === true,
  });
  const { supersedes, late, changed } = beside;
  // What is set aside is no part of the figures, as the sender sees them before sending.
  const figures = { rows: delivery.records.length, ...figuresOf(delivery) };
  const own = { correctionId: request.correctionId, figures, at };
  let correctionId: string | undefined;
  if (supersedes !== undefined && changed !== undefined) {
    const delivered = await deliveredFirst(transaction, [supersedes]);
    const reportIds = [supersedes];
    const deliveredAt = delivered.get(supersedes)!;
    const correction = { ...own, reportIds, date: changed, deliveredAt };
    correctionId = await requireCorrection(transaction, correction);
  } else if (supersedes === undefined && late !== undefined) {
    const { after, date, deliveredAt } = late;
    const correction = { ...own, reportIds: after, date, deliveredAt };
    correctionId = await requireCorrection(transaction, correction);
  } else if (request.correctionId !== undefined) {
    found(undefined, { id: request.correctionId });
  }
  return { supersedes, correctionId, overlaps: overlapFindings(beside) };
}

type Preview = ReadDelivery & {
  readonly findings: readonly Finding[];
  /** Senders whose last file had these headings, and whether it was read as this one is. */
  readonly senders: readonly { readonly sender: string; readonly applied: boolean }[];
};
type SenderMapping = { readonly sender: string; readonly mapping: Mapping };

/** Senders whose mappings are remembered. */
const SENDERS_MAX = 50;

/** The file as the sender's last one was read; headings that have changed since are told. */
async function readAsSender(
  bytes: Uint8Array,
  senders: readonly SenderMapping[],
  request: Partial<Pick<ImportRequest, 'mapping' | 'sender' | 'cinemaCode'>> & {
    readonly policy?: 'all_or_nothing' | 'quarantine';
  },
): Promise<{
  readonly read?: Awaited<ReturnType<typeof readBoxOfficeFile>>;
  readonly findings: Finding[];
}> {
  const { mapping, sender, cinemaCode, policy = 'quarantine' } = request;
  const known = senders.find((each) => each.sender === sender);
  if (mapping !== undefined || known === undefined) return { findings: [] };
  const facts = { sender: known.sender };
  const read = await readBoxOfficeFile(bytes, { mapping: known.mapping, cinemaCode, policy });
  const gone = !read.ok && read.findings.some((each) => each.code === 'missing_heading');
  return gone
    ? { findings: [finding('changed_headings', 'warning', { facts })] }
    : { read, findings: [finding('sender_mapping', 'note', { facts })] };
}

function sendersFitting({ headings, mapping }: ReadDelivery, senders: readonly SenderMapping[]) {
  const told = JSON.stringify(sorted(mapping));
  return senders
    .filter((each) => headings.length > 0 && placeColumns(each.mapping, headings).ok)
    .map((each) => ({
      sender: each.sender,
      applied: JSON.stringify(sorted(each.mapping)) === told,
    }));
}

/** What a mapping says, whatever it is called and in whatever order. */
const sorted = ({ columns, constants = {}, level, moneyUnit, rateUnit }: Mapping) => [
  Object.entries(columns).toSorted(),
  Object.entries(constants).toSorted(),
  level,
  moneyUnit,
  rateUnit,
];

/** Earlier mappings that are tried on a file whose headings say nothing. */
const SAVED_MAX = 10;

/** A file as an earlier one of the organisation was read: the newest mapping that fits. */
async function readAsBefore(
  bytes: Uint8Array,
  mappings: readonly Mapping[],
): Promise<ReadDelivery | undefined> {
  for (const mapping of mappings) {
    const read = await readBoxOfficeFile(bytes, { mapping, policy: 'quarantine' });
    if (read.ok) return read.value;
  }
  return undefined;
}

/** What a correction is compared by with what was applied for. */
function figuresOf({ totals }: Delivery) {
  const { screenings, admissions, grossFen } = totals;
  return { screenings, admissions, grossFen };
}

/** A report is corrected once; the next correction supersedes the correction. */
async function refuseReplaced(
  database: Queryable,
  organisationId: string,
  id: string,
): Promise<void> {
  const [known] = await listReports(database, { organisationId, ids: [id], limit: 1 });
  if (found(known, { id }).row.state === 'imported') return;
  throw conflict(finding('superseded_report', 'error', { facts: { report: id } }));
}

/** Codes of cinemas and films that nobody registered: the row counts, but hangs on nothing yet. */
function unknownCodes(delivery: Delivery, resolved: Resolved): Finding[] {
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const record of delivery.records) {
    const { cinemaCode, filmCode, sourceRow } = record;
    const at = { row: sourceRow };
    if (cinemaCode !== undefined && !resolved.cinemas.has(cinemaCode) && !told.has(cinemaCode)) {
      told.add(cinemaCode);
      findings.push(finding('unknown_cinema_code', 'warning', { facts: { text: cinemaCode }, at }));
    }
    if (
      filmCode !== undefined &&
      !told.has(filmCode) &&
      !resolved.films.has(filmCodeKey(filmCode))
    ) {
      told.add(filmCode);
      findings.push(finding('unknown_film_code', 'warning', { facts: { text: filmCode }, at }));
    }
  }
  return findings;
}

/** The film of a file in which all rows speak of one. */
function onlyFilm(delivery: Delivery, resolved: Resolved): string | null {
  const films = new Set(
    delivery.records.map((record) => resolved.films.get(filmCodeKey(record.filmCode ?? ''))),
  );
  const [film] = films;
  return films.size === 1 ? (film ?? null) : null;
}

function spanOf(delivery: Delivery): { readonly from: string | null; readonly to: string | null } {
  let from: string | null = null;
  let to: string | null = null;
  for (const record of delivery.records) {
    const first = record.from ?? record.date;
    const last = record.to ?? record.date;
    if (first !== undefined && (from === null || first < from)) from = first;
    if (last !== undefined && (to === null || last > to)) to = last;
  }
  return { from, to };
}
