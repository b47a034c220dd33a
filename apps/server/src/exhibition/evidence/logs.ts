import { type Cell, cellText } from '@yinglian/boxoffice';
import {
  readLogReport,
  checkLog,
  holeFinding,
  isWhole,
  logCoverage,
  type LogHole,
  type LogPiece,
  piecesOf,
  type Playback,
  playbacksOf,
  readPlaybackRows,
  readPlaybackTable,
  type TableClock,
} from '@yinglian/playlog';
import {
  accepted,
  type Cryptography,
  decodeUtf8,
  type Finding,
  finding,
  type Outcome,
} from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { RegisterFile } from '../../kernel/files/files.ts';
import type { ReadStoredFile } from '../../kernel/files/read.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { found, invalid } from '../../kernel/refusal.ts';
import { readSheetFile } from '../../kernel/sheets.ts';
import type { Work, Write } from '../../kernel/write.ts';
import { cinemaClocks } from '../clocks.ts';
import { instantOfDay, offsetMinutesAt } from '../local-time.ts';
import { placesOfDevices, screenAt } from './device-places.ts';
import {
  finishLog,
  type GivenLog,
  insertLog,
  insertPieces,
  insertPlaybacks,
  isNumbered,
  listLogs,
  lostDevices,
  listPlaybacks,
  type LogRecord,
  namePlaybacks,
  placeLog,
  type PlaybackRecord,
  readPieces,
  screenName,
  standingHoles,
  standsIn,
} from './log-repository.ts';

export type LogParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly registerFile: RegisterFile;
  readonly objects: ObjectStore;
  readonly cryptography: Cryptography;
  readonly newId: () => string;
  readonly now: () => Date;
};

export const LOG_BYTES_MAX = 256 * 1024 * 1024;
const FINDINGS_MAX = 200;
const EXPORT_MAX = 200_000;

export type LogService = ReturnType<typeof createLogService>;

/** Playback logs of cinemas: once each, in whatever order and however often they come. */
export function createLogService(parts: LogParts) {
  const { database, write, requireAccess, readFile } = parts;

  return {
    async logs(
      context: Context,
      query: PageQuery & { readonly cinemaId?: string | undefined },
    ): Promise<Page<LogRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const rows = await listLogs(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    async take(
      context: Context,
      request: {
        readonly fileId: string;
        readonly cinemaId: string;
        readonly screenId?: string | undefined;
      },
    ): Promise<LogRecord> {
      const { cinemaId, screenId } = request;
      const { organisationId } = await requireAccess(
        context,
        'exhibition.report',
        { kind: 'cinema', ids: [cinemaId] },
        ...(screenId === undefined ? [] : [{ kind: 'screen', ids: [screenId] }]),
        { kind: 'file', ids: [request.fileId] },
      );
      const file = await readFile(context, request.fileId, LOG_BYTES_MAX);
      const log = { cinemaId, organisationId, file, bytes: file.bytes, screenId };
      return write(context, (work) => takeLog(parts, work, log));
    },

    async place(
      context: Context,
      id: string,
      place: { readonly screenId: string; readonly device?: string | undefined },
    ): Promise<LogRecord> {
      const { organisationId } = await requireAccess(context, 'exhibition.report', {
        kind: 'screen',
        ids: [place.screenId],
      });
      const listing = { organisationId, ids: [id], limit: 1 };
      const { row } = found((await listLogs(database, listing))[0], { id });
      await requireAccess(context, 'exhibition.report', { kind: 'cinema', ids: [row.cinemaId] });
      if (!(await standsIn(database, place.screenId, row.cinemaId))) {
        throw invalid(
          finding('foreign_screen', 'error', { facts: { screen: place.screenId } }),
        );
      }
      return write(context, (work) => placeAgain(work, organisationId, row, place));
    },

    async playbacks(
      context: Context,
      query: PageQuery & {
        readonly cinemaId?: string | undefined;
        readonly filmId?: string | undefined;
        readonly from?: string | undefined;
        readonly to?: string | undefined;
      },
    ): Promise<Page<PlaybackRecord>> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const after = afterInstant(query);
      const rows = await listPlaybacks(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    async allPlaybacks(
      context: Context,
      query: {
        readonly from: string;
        readonly to: string;
        readonly cinemaId?: string | undefined;
        readonly filmId?: string | undefined;
      },
    ): Promise<PlaybackRecord[]> {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const rows = await listPlaybacks(database, { ...query, organisationId, limit: EXPORT_MAX });
      return rows.slice(0, EXPORT_MAX).map((each) => each.row);
    },

    async holes(
      context: Context,
      query: { readonly cinemaId?: string | undefined; readonly limit: number },
    ) {
      const { organisationId } = await requireAccess(context, 'exhibition.read');
      const rows = await standingHoles(database, { ...query, organisationId });
      return { rows };
    },
  };
}

/**
 * Takes a log: the same bytes answer as they did, and a playback that an earlier log told is not
 * told twice. A hole of the device's log as it now lies together is among the findings.
 */
export async function takeLog(
  parts: Pick<LogParts, 'newId' | 'now' | 'cryptography'>,
  work: Work,
  log: GivenLog,
): Promise<LogRecord> {
  const { transaction } = work;
  const { cinemaId, file } = log;
  const own = { organisationId: log.organisationId, cinemaId, limit: 1 };
  const [known] = await listLogs(transaction, { ...own, digest: file.digest });
  if (known !== undefined) {
    const { screenId } = log;
    const place = screenId === undefined ? undefined : { screenId };
    return { ...(await placeAgain(work, log.organisationId, known.row, place)), repeated: true };
  }
  const timeZone = found((await cinemaClocks(transaction, [cinemaId])).get(cinemaId));
  const read = await readLog(parts, log, offsetMinutesAt(parts.now().getTime(), timeZone));
  if (!read.ok) throw invalid(...read.findings);
  const { playbacks, pieces } = namedAfter(read.value, await screenName(transaction, log.screenId));
  const devices = [...new Set([...playbacks, ...pieces].map((each) => each.device))];
  const places = await placesOfDevices(transaction, cinemaId, devices);
  const screenOf = (device: string, at: number) =>
    screenAt(places, device, at) ?? log.screenId ?? null;
  const findings = [...read.findings];
  for (const device of devices) {
    if (places.has(device) || log.screenId !== undefined) continue;
    findings.push(finding('unknown_log_device', 'warning', { facts: { device } }));
  }
  const id = parts.newId();
  await insertLog(transaction, { ...read.value, playbacks, pieces, id, log, at: parts.now() });
  await insertPieces(transaction, { id, cinemaId }, pieces, screenOf);
  const fresh = await insertPlaybacks(
    transaction,
    { id, cinemaId },
    playbacks.map((each) => ({
      id: parts.newId(),
      screenId: screenOf(each.device, each.startedAt),
      whole: isWhole(each),
      playback: each,
    })),
  );
  await namePlaybacks(transaction, cinemaId);
  const stored = await readPieces(transaction, { cinemaIds: [cinemaId], devices });
  const { holes } = logCoverage(stored.map((each) => each.piece).filter(isNumbered));
  findings.push(...holes.slice(-FINDINGS_MAX).map((hole: LogHole) => holeFinding(hole)));
  await finishLog(transaction, id, {
    fresh,
    findings: findings.slice(0, FINDINGS_MAX).map(wireFinding),
  });
  work.audit({
    action: 'exhibition.log_taken',
    subjectKind: 'cinema',
    subjectId: cinemaId,
    organisationId: log.organisationId,
    facts: { log: id, file: file.digest, playbacks: playbacks.length, fresh },
  });
  work.changed({ kind: 'log', id, organisationId: log.organisationId });
  const [made] = await listLogs(transaction, { ...own, digest: file.digest });
  return found(made).row;
}

/** Devices may have been registered since, or somebody says where they stand. */
async function placeAgain(
  work: Work,
  organisationId: string,
  log: LogRecord,
  place: { readonly screenId: string; readonly device?: string | undefined } | undefined,
): Promise<LogRecord> {
  const { transaction } = work;
  const { id, cinemaId } = log;
  await namePlaybacks(transaction, cinemaId);
  const placed = place === undefined ? 0 : await placeLog(transaction, id, place);
  const lost = new Set(await lostDevices(transaction, id));
  const findings = log.findings.filter(
    ({ code, facts }) => code !== 'unknown_log_device' || lost.has(String(facts['device'])),
  );
  await finishLog(transaction, id, { findings });
  if (place !== undefined) {
    work.audit({
      action: 'exhibition.log_placed',
      subjectKind: 'cinema',
      subjectId: cinemaId,
      organisationId,
      facts: { log: id, screen: place.screenId, device: place.device ?? '', playbacks: placed },
    });
  }
  work.changed({ kind: 'log', id, organisationId });
  return { ...log, findings };
}

/** A table that names no device is of the screen it was handed in for, and of no other. */
function namedAfter({ playbacks, pieces }: ReadLog, name: string | undefined) {
  if (name === undefined) return { playbacks, pieces };
  const named = <Of extends { readonly device: string }>(each: Of): Of =>
    each.device === '' ? { ...each, device: name } : each;
  return { playbacks: playbacks.map(named), pieces: pieces.map(named) };
}

type ReadLog = {
  readonly kind: 'st430' | 'table';
  readonly device: string;
  readonly records: number;
  readonly proven: number;
  readonly playbacks: readonly Playback[];
  readonly pieces: readonly LogPiece[];
};

/** A security log by its first character, or a table of a theatre management system. */
async function readLog(
  { cryptography }: Pick<LogParts, 'cryptography'>,
  { bytes, file }: GivenLog,
  offsetMinutes: number,
): Promise<Outcome<ReadLog>> {
  const first = new TextDecoder()
    .decode(bytes.subarray(0, 64))
    .replace(/^\ufeff/, '')
    .trimStart();
  if (!first.startsWith('<')) return readTable(bytes, file.name, offsetMinutes);
  const report = readLogReport(bytes);
  if (!report.ok) return report;
  const { findings, proof } = checkLog(report.value, { profile: 'field' }, cryptography);
  const { device, records } = report.value;
  return accepted(
    {
      kind: 'st430',
      device: device.id?.value ?? device.serial ?? '',
      records: records.length,
      proven: proof.proven.filter(Boolean).length,
      playbacks: playbacksOf(report.value, proof),
      pieces: piecesOf(report.value, proof.lastHeaderHash),
    },
    [...report.findings, ...findings],
  );
}

/** A table numbers nothing: it is whole as far as it goes, and proves nothing. */
async function readTable(
  bytes: Uint8Array,
  name: string,
  offsetMinutes: number,
): Promise<Outcome<ReadLog>> {
  const table = await readPlaybacks(bytes, name, { offsetMinutes });
  if (!table.ok) return table;
  const byDevice = new Map<string, Playback[]>();
  for (const each of table.value) {
    byDevice.set(each.device, [...(byDevice.get(each.device) ?? []), each]);
  }
  const pieces = [...byDevice].map(([device, own]): LogPiece => {
    const firstAt = Math.min(...own.map((each) => each.startedAt));
    const lastAt = Math.max(...own.map((each) => each.endedAt));
    const span = { firstSequence: firstAt, lastSequence: lastAt, firstAt, lastAt };
    return { device, ...span, previousHeaderHash: undefined, lastHeaderHash: undefined };
  });
  const findings: readonly Finding[] = table.findings;
  return accepted(
    {
      kind: 'table',
      device: [...byDevice.keys()][0] ?? '',
      records: table.value.length,
      proven: 0,
      playbacks: table.value,
      pieces,
    },
    findings,
  );
}

/** Text in UTF-8; what is not is a workbook, or of an older encoding, as Chinese systems write. */
async function readPlaybacks(bytes: Uint8Array, name: string, clock: TableClock) {
  if (decodeUtf8(bytes) !== undefined) return readPlaybackTable(bytes, name, clock);
  const sheet = await readSheetFile(bytes);
  if (!sheet.ok) return sheet;
  return readPlaybackRows(
    sheet.value.map((row) => row.map((cell) => cellText(cell as Cell))),
    name,
    clock,
  );
}

/** The first moment of a day and the first after another, on a cinema's clock. */
export function spanOfDays(from: string, to: string, timeZone: string) {
  return { from: instantOfDay(from, timeZone), until: instantOfDay(to, timeZone, 1) };
}
