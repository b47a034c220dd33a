import { randomUUID } from 'node:crypto';
import { contract, type RequestOf } from '@yinglian/contract';
import type { Mapping } from '@yinglian/boxoffice';
import { hasErrors } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { ReadStoredFile } from '../kernel/files/read.ts';
import { downloadBytes, mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { afterName, type Page, pageOfListed, type PageQuery } from '../kernel/pages.ts';
import { invalid } from '../kernel/refusal.ts';
import { downloadSheet, readSheetFile } from '../kernel/sheets.ts';
import type { FacilityService } from './facilities.ts';
import { importFacilities, readFacilityRows, writeFacilityRows } from './import.ts';
import {
  facilityMessages,
  type FacilityToWrite,
  readFacilityMessages,
  writeFacilityMessages,
} from './messages.ts';
import type { ReportService } from './reports.ts';
import type { CinemaRecord, Keyed, ScreenRecord } from './repository.ts';
import type { RowRecord } from './report-repository.ts';

export type ExhibitionRouteParts = {
  readonly facilities: FacilityService;
  readonly reports: ReportService;
  readonly requireAccess: RequireAccess;
  readonly readFile: ReadStoredFile;
  readonly now: () => Date;
};

const SHEET_BYTES_MAX = 32 * 1024 * 1024;
const EXPORT_PAGE = 500;

export function exhibitionRoutes(parts: ExhibitionRouteParts): MountedGroup {
  const { facilities, reports, requireAccess, readFile, now } = parts;
  return mountGroup('exhibition', contract.exhibition, {
    circuits: async ({ query }, context) =>
      keyedPage(await facilities.circuits(context, listing(query)), query),
    createCircuit: ({ body }, context) => facilities.createCircuit(context, body),
    cinemas: async ({ query }, context) =>
      keyedPage(
        await facilities.cinemas(context, { ...listing(query), circuitId: query.circuitId }),
        query,
      ),
    cinema: ({ params }, context) => facilities.cinema(context, params.id),
    createCinema: ({ body }, context) => facilities.createCinema(context, body),
    updateCinema: ({ params, body }, context) => facilities.updateCinema(context, params.id, body),
    screens: async ({ query }, context) =>
      keyedPage(
        await facilities.screens(context, {
          ...listing(query),
          cinemaId: query.cinemaId,
          circuitId: query.circuitId,
        }),
        query,
      ),
    createScreen: ({ body }, context) => facilities.createScreen(context, body),
    updateScreen: ({ params, body }, context) => facilities.updateScreen(context, params.id, body),
    installDevice: ({ params, body }, context) =>
      facilities.installDevice(context, params.id, body),
    async importFacilities({ body }, context) {
      await requireAccess(context, 'exhibition.write', { kind: 'file', ids: [body.fileId] });
      const file = await readFile(context, body.fileId, SHEET_BYTES_MAX);
      const { kind, ...read } = await readCinemas(file.bytes, now().getTime());
      const counts = await importFacilities(facilities, context, read, body.commit, { kind });
      if (body.commit && hasErrors(counts.findings)) throw invalid(...counts.findings);
      return counts;
    },
    async exportFacilities({ query }, context) {
      const listed = await facilitiesOf(facilities, context);
      if (query.format !== 'flm') {
        const screens = new Map(listed.map((each) => [each.cinema.id, each.screens]));
        const rows = writeFacilityRows(
          listed.map((each) => each.cinema),
          screens,
        );
        return downloadSheet('cinemas', '影院', rows, query.format);
      }
      const written = await writeFacilityMessages(listed, { now: now(), newId: randomUUID });
      if (!written.ok) throw invalid(...written.findings);
      return downloadBytes('facilities.flm.zip', 'application/zip', written.value);
    },
    reports: ({ query }, context) => reports.list(context, query),
    report: ({ params }, context) => reports.get(context, params.id),
    async reportRows({ params, query }, context) {
      const page = await reports.rows(context, params.id, query);
      return { rows: page.rows.map(rowView), next: page.next };
    },
    async previewReport({ body }, context) {
      const preview = await reports.preview(context, {
        fileId: body.fileId,
        mapping: mappingOf(body.mapping),
        sender: body.sender,
      });
      return {
        level: preview.mapping.level,
        encoding: preview.encoding,
        header: [...preview.headings],
        senders: [...preview.senders],
        mapping: preview.mapping,
        sample: preview.sample.map((row) => [...row]),
        rows: preview.totals.rows,
        grossFen: String(preview.totals.grossFen),
        screenings: preview.totals.screenings,
        admissions: preview.totals.admissions,
        findings: preview.findings,
      };
    },
    importReport: ({ body }, context) =>
      reports.import(context, { ...body, mapping: mappingOf(body.mapping) }),
  });
}

type WireMapping = RequestOf<typeof contract.exhibition.importReport>['body']['mapping'];

function mappingOf(mapping: WireMapping): Mapping | undefined {
  if (mapping === undefined) return undefined;
  const { constants, ...rest } = mapping;
  return (constants === undefined ? rest : { ...rest, constants }) as Mapping;
}

function listing(query: PageQuery & { readonly search?: string | undefined }) {
  return {
    search: query.search,
    after: afterName(query),
    limit: query.limit,
  };
}

function keyedPage<Row extends { readonly id: string }>(
  rows: readonly Keyed<Row>[],
  query: PageQuery,
): Page<Row> {
  return pageOfListed(rows, query);
}

function rowView(row: RowRecord) {
  return { ...row, grossFen: String(row.grossFen), stated: { ...row.stated } };
}

/** Cinemas of a file of any kind that is taken: facility lists, one or many, or a sheet. */
async function readCinemas(bytes: Uint8Array, at: number) {
  const messages = await facilityMessages(bytes);
  if (messages !== undefined) {
    if (!messages.ok) throw invalid(...messages.findings);
    const read = readFacilityMessages(messages.value, at, nodeCryptography);
    return { ...read, kind: 'list' as const };
  }
  const rows = await readSheetFile(bytes);
  if (!rows.ok) throw invalid(...rows.findings);
  return { ...readFacilityRows(rows.value), kind: 'sheet' as const };
}

async function facilitiesOf(
  facilities: FacilityService,
  context: Context,
): Promise<FacilityToWrite[]> {
  const cinemas = await everything<CinemaRecord>((after) =>
    facilities.cinemas(context, { after, limit: EXPORT_PAGE }),
  );
  const screens = await everything<ScreenRecord>((after) =>
    facilities.screens(context, { after, limit: EXPORT_PAGE }),
  );
  const devices = await facilities.devices(
    context,
    screens.map((each) => each.id),
  );
  const byCinema = new Map<string, ScreenRecord[]>();
  for (const screen of screens) {
    const own = byCinema.get(screen.cinemaId);
    if (own === undefined) byCinema.set(screen.cinemaId, [screen]);
    else own.push(screen);
  }
  return cinemas.map((cinema) => ({ cinema, screens: byCinema.get(cinema.id) ?? [], devices }));
}

async function everything<Row extends { readonly id: string }>(
  read: (after: readonly [string, string] | undefined) => Promise<readonly Keyed<Row>[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: readonly [string, string] | undefined;
  for (;;) {
    const rows = await read(after);
    const shown = rows.slice(0, EXPORT_PAGE);
    all.push(...shown.map((each) => each.row));
    const last = shown.at(-1);
    if (rows.length <= EXPORT_PAGE || last === undefined) return all;
    after = [last.sortKey, last.row.id];
  }
}
