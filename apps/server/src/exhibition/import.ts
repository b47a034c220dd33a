import { finding, type Finding, hasErrors } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import { type CinemaWrite, type FacilityService, judgeCinema } from './facilities.ts';
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
    readonly row: number;
    readonly name: string;
    readonly number: number | null;
    readonly seats: number | null;
    readonly formats: string[];
    readonly certificate: string | null;
  }[];
};

const EQUIPMENT: Readonly<Record<string, 'owned' | 'leased'>> = {
  自购: 'owned',
  owned: 'owned',
  租赁: 'leased',
  leased: 'leased',
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
      row: at.row,
      name: screen,
      number: whole('number', text, at, findings),
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
      name,
      code: text('cinemaCode'),
      province: text('province'),
      city: text('city'),
      address: text('address'),
      email: text('email'),
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
  findings.push(
    finding('invalid_count', 'error', { facts: { text: cell }, at: { ...at, field: key } }),
  );
  return null;
}

function keyOf(heading: string): Key | undefined {
  const key = heading.normalize('NFKC').trim().toLowerCase();
  return FACILITY_COLUMNS.find(
    (column) => key === column.zh || key === column.en || key === column.key,
  )?.key;
}

export type ImportCounts = {
  cinemas: number;
  screens: number;
  devices: number;
  changed: number;
  readonly findings: readonly Finding[];
};

/** The part of the facility service an import needs. */
type Facilities = Pick<
  FacilityService,
  | 'circuits'
  | 'createCircuit'
  | 'cinemas'
  | 'createCinema'
  | 'requireCinemas'
  | 'screens'
  | 'createScreen'
  | 'installDevice'
  | 'readCertificate'
>;

const PAGE = 500;
const TIME_ZONE = 'Asia/Shanghai';

/**
 * Adds what is not there: circuits by name, cinemas by code (or name), screens by name, devices
 * where a certificate is given that does not stand there yet. What is there stays as it is; a
 * sheet does not undo a correction. Everything is judged before anything is written.
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
  const plan: PlannedCinema[] = [];
  for (const each of cinemas) plan.push(await planCinema(facilities, context, each));
  const faults = plan.flatMap((each) => each.findings);
  for (const each of plan) {
    counts.cinemas += each.known === undefined ? 1 : 0;
    counts.screens += each.screens.filter((screen) => screen.known === undefined).length;
    counts.devices += each.screens.filter((screen) => screen.certificate !== null).length;
  }
  if (hasErrors(faults)) {
    return { cinemas: 0, screens: 0, devices: 0, changed: 0, findings: [...findings, ...faults] };
  }
  await facilities.requireCinemas(
    context,
    plan.flatMap((each) => each.known?.id ?? []),
  );
  if (commit) await carryOut(facilities, context, plan);
  return { ...counts, findings: [...findings, ...faults] };
}

type PlannedScreen = SheetCinema['screens'][number] & { readonly known: ScreenRecord | undefined };
type PlannedCinema = {
  readonly sheet: SheetCinema;
  readonly known: CinemaRecord | undefined;
  readonly screens: readonly PlannedScreen[];
  readonly findings: readonly Finding[];
};

async function planCinema(
  facilities: Facilities,
  context: Context,
  sheet: SheetCinema,
): Promise<PlannedCinema> {
  const { code, name } = sheet.cinema;
  const known = (await facilities.cinemas(context, { search: code ?? name, limit: PAGE }))
    .map(({ row }) => row)
    .find((row) => (code === null ? row.name === name : row.code === code));
  const standing =
    known === undefined
      ? []
      : await facilities.screens(context, { cinemaId: known.id, limit: PAGE });
  const byName = new Map(standing.map(({ row }): [string, ScreenRecord] => [row.name, row]));
  const findings: Finding[] = judgeCinema({ code, timeZone: TIME_ZONE }).map((each) => ({
    ...each,
    at: { ...each.at, row: sheet.row },
  }));
  const screens = sheet.screens.map((screen) => {
    const stored = byName.get(screen.name);
    const judged = judgeCertificate(facilities, screen, stored);
    findings.push(...judged.findings);
    return { ...screen, known: stored, certificate: judged.certificate };
  });
  return { sheet, known, screens, findings };
}

/** PEM to install, or nothing where that certificate stands already. */
function judgeCertificate(
  facilities: Facilities,
  screen: SheetCinema['screens'][number],
  stored: ScreenRecord | undefined,
): { readonly certificate: string | null; readonly findings: Finding[] } {
  const { certificate } = screen;
  if (certificate === null) return { certificate: null, findings: [] };
  const standing = stored?.device?.certificate?.thumbprint;
  // Our own export names a certificate by its thumbprint.
  if (certificate === standing) return { certificate: null, findings: [] };
  const read = facilities.readCertificate(certificate);
  const at = { row: screen.row, field: 'certificate' };
  if (!read.ok) {
    return { certificate: null, findings: read.findings.map((each) => ({ ...each, at })) };
  }
  return { certificate: read.value.thumbprint === standing ? null : certificate, findings: [] };
}

async function carryOut(
  facilities: Facilities,
  context: Context,
  plan: readonly PlannedCinema[],
): Promise<void> {
  const circuits = new Map(
    (await facilities.circuits(context, { limit: PAGE })).map(
      ({ row }): [string, CircuitRecord] => [row.name, row],
    ),
  );
  for (const { sheet, known, screens } of plan) {
    let circuit = sheet.circuit === null ? undefined : circuits.get(sheet.circuit);
    if (circuit === undefined && sheet.circuit !== null && known === undefined) {
      circuit = await facilities.createCircuit(context, {
        name: sheet.circuit,
        code: null,
        organisationId: null,
      });
      circuits.set(sheet.circuit, circuit);
    }
    const cinema =
      known ??
      (await facilities.createCinema(context, {
        ...sheet.cinema,
        circuitId: circuit?.id ?? null,
        organisationId: null,
        nameEnglish: null,
        timeZone: TIME_ZONE,
      }));
    for (const { certificate, row: _, known: standing, ...screen } of screens) {
      const stored =
        standing ?? (await facilities.createScreen(context, { cinemaId: cinema.id, ...screen }));
      if (certificate === null) continue;
      await facilities.installDevice(context, stored.id, {
        kind: 'media_block',
        maker: null,
        model: null,
        serial: null,
        certificatePem: certificate,
      });
    }
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
      cinema.circuitName ?? '',
      cinema.code ?? '',
      cinema.name,
      cinema.province ?? '',
      cinema.city ?? '',
      cinema.address ?? '',
      cinema.email ?? '',
      cinema.equipment === null ? '' : cinema.equipment === 'owned' ? '自购' : '租赁',
      screen?.name ?? '',
      screen?.number == null ? '' : String(screen.number),
      screen?.seats == null ? '' : String(screen.seats),
      (screen?.formats ?? []).join('/'),
      screen?.device?.certificate?.thumbprint ?? '',
    ]);
  });
  return [FACILITY_COLUMNS.map((column) => column.zh), ...rows];
}
