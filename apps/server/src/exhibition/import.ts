import { finding, type Finding, hasErrors } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import type { CinemaWrite, FacilityService } from './facilities.ts';
import type { CinemaRecord, CircuitRecord, ScreenRecord } from './repository.ts';

/** Cinemas as rows of a sheet: one row a screen; rows of one cinema code are one cinema. */
export const FACILITY_COLUMNS = [
  { key: 'circuit', zh: '院线', en: 'circuit' },
  { key: 'cinemaCode', zh: '影院编码', en: 'cinema code' },
  { key: 'cinema', zh: '影院名称', en: 'cinema' },
  { key: 'province', zh: '省份', en: 'province' },
  { key: 'city', zh: '城市', en: 'city' },
  { key: 'address', zh: '地址', en: 'address' },
  { key: 'email', zh: '邮箱', en: 'email' },
  { key: 'equipment', zh: '设备归属', en: 'equipment' },
  { key: 'screen', zh: '影厅', en: 'screen' },
  { key: 'number', zh: '厅号', en: 'number' },
  { key: 'seats', zh: '座位数', en: 'seats' },
  { key: 'formats', zh: '制式', en: 'formats' },
  { key: 'certificate', zh: '设备证书', en: 'certificate' },
] as const;
type Key = (typeof FACILITY_COLUMNS)[number]['key'];

export type SheetCinema = {
  readonly row: number;
  readonly circuit: string | null;
  readonly cinema: Omit<CinemaWrite, 'circuitId' | 'organisationId' | 'nameEnglish' | 'timeZone'>;
  readonly screens: {
    readonly row: number; readonly name: string; readonly number: number | null;
    readonly seats: number | null; readonly formats: string[]; readonly certificate: string | null;
  }[];
};

const EQUIPMENT: Readonly<Record<string, 'owned' | 'leased'>> = {
  自购: 'owned', owned: 'owned', 租赁: 'leased', leased: 'leased',
};

/** Reads rows whose first holds headings in either language, in any order. */
export function readFacilityRows(rows: readonly (readonly unknown[])[]): {
  readonly cinemas: readonly SheetCinema[];
  readonly findings: readonly Finding[];
} {
  const headings = (rows[0] ?? []).map((cell) => keyOf(String(cell ?? '')));
  const findings: Finding[] = [];
  if (!headings.includes('cinema')) {
    findings.push(finding('missing_heading', 'error', { facts: { heading: '影院名称 / cinema' } }));
    return { cinemas: [], findings };
  }
  const cinemas = new Map<string, SheetCinema>();
  for (const [index, row] of rows.slice(1).entries()) {
    const at = { row: index + 2 };
    const cells = new Map(headings.map((key, column) => [key, String(row[column] ?? '').trim()]));
    const text = (key: Key) => cells.get(key) || null;
    const name = text('cinema');
    if (name === null) {
      if ([...cells.values()].some((cell) => cell !== '')) {
        findings.push(finding('missing_cinema_name', 'error', { at }));
      }
      continue;
    }
    const key = text('cinemaCode') ?? name;
    const cinema = cinemas.get(key) ?? readCinema(name, text, at, findings);
    cinemas.set(key, cinema);
    const screen = text('screen');
    if (screen === null) continue;
    cinema.screens.push({
      row: at.row, name: screen, number: whole('number', text, at, findings),
      seats: whole('seats', text, at, findings),
      formats: (text('formats') ?? '2D').split(/[,，;；、/]\s*/).filter((each) => each !== ''),
      certificate: text('certificate'),
    });
  }
  return { cinemas: [...cinemas.values()], findings };
}

function readCinema(
  name: string,
  text: (key: Key) => string | null,
  at: { readonly row: number },
  findings: Finding[],
): SheetCinema {
  const equipment = text('equipment');
  if (equipment !== null && EQUIPMENT[equipment.toLowerCase()] === undefined) {
    findings.push(finding('unknown_equipment', 'error', { facts: { text: equipment }, at }));
  }
  return {
    row: at.row,
    circuit: text('circuit'),
    cinema: {
      name, code: text('cinemaCode'), province: text('province'), city: text('city'),
      address: text('address'), email: text('email'),
      equipment: equipment === null ? null : (EQUIPMENT[equipment.toLowerCase()] ?? null),
    },
    screens: [],
  };
}

function whole(
  key: 'number' | 'seats',
  text: (key: Key) => string | null,
  at: { readonly row: number },
  findings: Finding[],
): number | null {
  const cell = text(key);
  if (cell === null) return null;
  if (/^\d{1,6}$/.test(cell)) return Number(cell);
  findings.push(finding('invalid_count', 'error', { facts: { text: cell }, at: { ...at, field: key } }));
  return null;
}

function keyOf(heading: string): Key | undefined {
  const key = heading.normalize('NFKC').trim().toLowerCase();
  return FACILITY_COLUMNS.find((column) => key === column.zh || key === column.en || key === column.key)
    ?.key;
}

export type ImportCounts = {
  cinemas: number; screens: number; devices: number; changed: number;
  readonly findings: readonly Finding[];
};

/** The part of the facility service an import needs. */
type Facilities = Pick<FacilityService,
  'circuits' | 'createCircuit' | 'cinemas' | 'createCinema' | 'screens' | 'createScreen'
  | 'installDevice'>;

const PAGE = 500;

/**
 * Adds what is not there: circuits by name, cinemas by code (or name), screens by name, devices
 * where a certificate is given. What is there stays as it is; a sheet does not undo a correction.
 */
export async function importFacilities(
  facilities: Facilities,
  context: Context,
  rows: readonly (readonly unknown[])[],
  commit: boolean,
): Promise<ImportCounts> {
  const { cinemas, findings } = readFacilityRows(rows);
  const counts = { cinemas: 0, screens: 0, devices: 0, changed: 0, findings };
  if (hasErrors(findings)) return counts;
  if (!commit) {
    for (const each of cinemas) {
      counts.cinemas += 1;
      counts.screens += each.screens.length;
      counts.devices += each.screens.filter((screen) => screen.certificate !== null).length;
    }
    return counts;
  }
  const circuits = new Map((await facilities.circuits(context, { limit: PAGE }))
    .map(({ row }): [string, CircuitRecord] => [row.name, row]));
  for (const each of cinemas) {
    let circuit = each.circuit === null ? undefined : circuits.get(each.circuit);
    if (circuit === undefined && each.circuit !== null) {
      circuit = await facilities.createCircuit(context,
        { name: each.circuit, code: null, organisationId: null });
      circuits.set(each.circuit, circuit);
    }
    await importCinema(facilities, context, each, circuit?.id ?? null, counts);
  }
  return counts;
}

async function importCinema(
  facilities: Facilities,
  context: Context,
  sheet: SheetCinema,
  circuitId: string | null,
  counts: Omit<ImportCounts, 'findings'>,
): Promise<void> {
  const search = sheet.cinema.code ?? sheet.cinema.name;
  const known = (await facilities.cinemas(context, { search, limit: PAGE }))
    .map(({ row }) => row)
    .find((row) => (sheet.cinema.code === null
      ? row.name === sheet.cinema.name
      : row.code === sheet.cinema.code));
  const cinema: CinemaRecord = known ?? await facilities.createCinema(context, {
    ...sheet.cinema, circuitId, organisationId: null, nameEnglish: null, timeZone: 'Asia/Shanghai',
  });
  if (known === undefined) counts.cinemas += 1;
  const standing = new Map((await facilities.screens(context, { cinemaId: cinema.id, limit: PAGE }))
    .map(({ row }): [string, ScreenRecord] => [row.name, row]));
  for (const { certificate, row: _, ...screen } of sheet.screens) {
    let stored = standing.get(screen.name);
    if (stored === undefined) {
      stored = await facilities.createScreen(context, { cinemaId: cinema.id, ...screen });
      counts.screens += 1;
    }
    if (certificate === null) continue;
    await facilities.installDevice(context, stored.id, {
      kind: 'media_block', maker: null, model: null, serial: null, certificatePem: certificate,
    });
    counts.devices += 1;
  }
}

/** Rows for a sheet, headings first. */
export function writeFacilityRows(
  cinemas: readonly CinemaRecord[],
  screens: ReadonlyMap<string, readonly ScreenRecord[]>,
): string[][] {
  const rows = cinemas.flatMap((cinema) => {
    const own = screens.get(cinema.id) ?? [];
    const listed = own.length === 0 ? [undefined] : own;
    return listed.map((screen) => [
      cinema.circuitName ?? '', cinema.code ?? '', cinema.name, cinema.province ?? '',
      cinema.city ?? '', cinema.address ?? '', cinema.email ?? '',
      cinema.equipment === null ? '' : cinema.equipment === 'owned' ? '自购' : '租赁',
      screen?.name ?? '', screen?.number == null ? '' : String(screen.number),
      screen?.seats == null ? '' : String(screen.seats), (screen?.formats ?? []).join('/'),
      screen?.device?.certificate?.thumbprint ?? '',
    ]);
  });
  return [FACILITY_COLUMNS.map((column) => column.zh), ...rows];
}
