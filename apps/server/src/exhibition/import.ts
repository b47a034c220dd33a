import { finding, type Finding, hasErrors } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import { type FacilityService, judgeCinema } from './facilities.ts';
import type { PlannedCinema, PlannedScreen, SheetCinema } from './plan.ts';
import type { CinemaRecord, ScreenRecord } from './repository.ts';

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
  { key: 'taxpayer', zh: '纳税人类型', en: 'taxpayer' },
  { key: 'screen', zh: '影厅', en: 'screen' },
  { key: 'number', zh: '厅号', en: 'number' },
  { key: 'seats', zh: '座位数', en: 'seats' },
  { key: 'formats', zh: '制式', en: 'formats' },
  { key: 'certificate', zh: '设备证书', en: 'certificate' },
] as const;
type Key = (typeof FACILITY_COLUMNS)[number]['key'];

const EQUIPMENT: Readonly<Record<string, 'owned' | 'leased'>> = {
  自购: 'owned',
  owned: 'owned',
  租赁: 'leased',
  leased: 'leased',
};

const TAXPAYERS: Readonly<Record<string, 'general' | 'small_scale'>> = {
  一般纳税人: 'general',
  一般: 'general',
  general: 'general',
  小规模纳税人: 'small_scale',
  小规模: 'small_scale',
  small_scale: 'small_scale',
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
      at,
      name: screen,
      number: whole('number', text, at, findings),
      seats: whole('seats', text, at, findings),
      formats: (text('formats') ?? '2D').split(/[,，;；、/]\s*/).filter((each) => each !== ''),
      tellsFormats: text('formats') !== null,
      certificate: text('certificate'),
      maker: null,
      model: null,
      serial: null,
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
  const taxpayer = text('taxpayer');
  if (taxpayer !== null && TAXPAYERS[taxpayer.toLowerCase()] === undefined) {
    findings.push(finding('unknown_taxpayer', 'error', { facts: { text: taxpayer }, at }));
  }
  return {
    at,
    circuit: text('circuit'),
    timeZone: null,
    cinema: {
      name,
      code: text('cinemaCode'),
      province: text('province'),
      city: text('city'),
      address: text('address'),
      email: text('email'),
      equipment: equipment === null ? null : (EQUIPMENT[equipment.toLowerCase()] ?? null),
      taxpayer: taxpayer === null ? null : (TAXPAYERS[taxpayer.toLowerCase()] ?? null),
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
  'circuits' | 'cinemas' | 'screens' | 'readCertificate' | 'requireFacilities' | 'carryOut'
>;

const PAGE = 500;
const TIME_ZONE = 'Asia/Shanghai';

/**
 * Adds what is not there: circuits by name, cinemas by code (or name), screens by name or number,
 * devices where a certificate is given that does not stand there yet. Of what is there, the file is
 * one source among several: a person's word goes before it, and where they differ is a conflict to
 * be decided. Everything is judged before anything is written, and what is
 * written is written together or not at all.
 */
export async function importFacilities(
  facilities: Facilities,
  context: Context,
  { cinemas, findings }: ReturnType<typeof readFacilityRows>,
  commit: boolean,
  words: Parameters<FacilityService['carryOut']>[2],
): Promise<ImportCounts> {
  const counts = { cinemas: 0, screens: 0, devices: 0, changed: 0, findings };
  if (hasErrors(findings)) return counts;
  const circuits = await circuitsByName(facilities, context);
  const plan: PlannedCinema[] = [];
  for (const each of cinemas) plan.push(await planCinema(facilities, context, each, circuits));
  const all = [...findings, ...plan.flatMap((each) => each.findings)];
  if (hasErrors(all)) return { ...counts, findings: all };
  for (const each of plan) {
    const equipped = each.screens.filter((screen) => screen.certificate !== null);
    counts.cinemas += each.known === undefined ? 1 : 0;
    counts.screens += each.screens.filter((screen) => screen.known === undefined).length;
    counts.devices += equipped.length;
    counts.changed += equipped.filter((screen) => screen.known?.device != null).length;
  }
  await facilities.requireFacilities(context, {
    cinemaIds: plan.flatMap((each) => each.known?.id ?? []),
    circuitIds: plan.flatMap((each) => (each.known === undefined ? (each.circuitId ?? []) : [])),
  });
  if (commit) await facilities.carryOut(context, plan, words);
  return { ...counts, findings: all };
}

async function planCinema(
  facilities: Facilities,
  context: Context,
  sheet: SheetCinema,
  circuits: ReadonlyMap<string, string>,
): Promise<PlannedCinema> {
  const { code, name } = sheet.cinema;
  const known = (await facilities.cinemas(context, { search: code ?? name, limit: PAGE }))
    .map(({ row }) => row)
    .find((row) => (code === null ? row.name === name : row.code === code));
  const standing =
    known === undefined
      ? []
      : (await facilities.screens(context, { cinemaId: known.id, limit: PAGE })).map(
          ({ row }) => row,
        );
  const timeZone = sheet.timeZone ?? TIME_ZONE;
  const oddities = judgeCinema({ code, timeZone });
  const findings: Finding[] = oddities.map((each) => ({
    ...each,
    at: { ...each.at, ...sheet.at },
  }));
  const taken = new Set<string>();
  const screens = sheet.screens.map(({ at, ...screen }) => {
    if (taken.has(screen.name)) {
      const facts = { text: screen.name };
      findings.push(finding('duplicate_screen_name', 'error', { facts, at }));
    }
    taken.add(screen.name);
    const stored = standingScreen(standing, screen);
    const judged = judgeCertificate(facilities, { at, certificate: screen.certificate }, stored);
    findings.push(...judged.findings);
    return { ...screen, known: stored, certificate: judged.certificate };
  });
  const { circuit } = sheet;
  return {
    circuit,
    circuitId: circuit === null ? null : (circuits.get(circuit) ?? null),
    cinema: {
      ...sheet.cinema,
      organisationId: null,
      nameEnglish: null,
      timeZone,
      zone: null,
      cityClass: null,
      latitude: null,
      longitude: null,
    },
    tellsClock: sheet.timeZone !== null,
    known,
    screens,
    oddities,
    findings,
  };
}

/** By its name; facility lists often have nothing but the number of an auditorium. */
function standingScreen(
  standing: readonly ScreenRecord[],
  screen: Pick<PlannedScreen, 'name' | 'number'>,
): ScreenRecord | undefined {
  const named = standing.find((each) => each.name === screen.name);
  if (named !== undefined || screen.number === null || screen.name !== String(screen.number)) {
    return named;
  }
  const numbered = standing.filter((each) => each.number === screen.number);
  return numbered.length === 1 ? numbered[0] : undefined;
}

/** PEM to install, or nothing where that certificate stands already. */
function judgeCertificate(
  facilities: Facilities,
  { at, certificate }: Pick<SheetCinema['screens'][number], 'at' | 'certificate'>,
  stored: ScreenRecord | undefined,
): { readonly certificate: string | null; readonly findings: Finding[] } {
  if (certificate === null) return { certificate: null, findings: [] };
  const standing = stored?.device?.certificate?.thumbprint;
  // Our own export names a certificate by its thumbprint.
  if (certificate === standing) return { certificate: null, findings: [] };
  const read = facilities.readCertificate(certificate);
  const place = { ...at, field: 'certificate' };
  if (!read.ok) {
    return { certificate: null, findings: read.findings.map((each) => ({ ...each, at: place })) };
  }
  return { certificate: read.value.thumbprint === standing ? null : certificate, findings: [] };
}

async function circuitsByName(
  facilities: Facilities,
  context: Context,
): Promise<Map<string, string>> {
  const rows = await facilities.circuits(context, { limit: PAGE });
  return new Map(rows.map(({ row }): [string, string] => [row.name, row.id]));
}

const TAXPAYER_WORDS = { general: '一般纳税人', small_scale: '小规模纳税人' } as const;

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
      cinema.taxpayer === null ? '' : TAXPAYER_WORDS[cinema.taxpayer],
      screen?.name ?? '',
      screen?.number == null ? '' : String(screen.number),
      screen?.seats == null ? '' : String(screen.seats),
      (screen?.formats ?? []).join('/'),
      screen?.device?.certificate?.thumbprint ?? '',
    ]);
  });
  return [FACILITY_COLUMNS.map((column) => column.zh), ...rows];
}
