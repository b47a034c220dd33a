import { readCertificate, writePemChain } from '@yinglian/certificates';
import {
  accepted,
  type Cryptography,
  finding,
  type Finding,
  type InstantMs,
  type Outcome,
  parseCinemaCode,
  refused,
} from '@yinglian/core';
import {
  type Auditorium,
  checkFacility,
  type Device,
  type Facility,
  readFacilityList,
  securityManagers,
  writeFacilityList,
} from '@yinglian/facility';
import { unzip, zip } from 'fflate';
import type { SheetCinema } from './plan.ts';
import type { CinemaRecord, ScreenRecord, StoredDevice } from './repository.ts';

/** Facility list messages (SMPTE ST 430-16, ISDCF FLM-x): one of them, or a ZIP of many. */

const MESSAGES_MAX = 20_000;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const MESSAGES_BYTES_MAX = 256 * 1024 * 1024;

/** What a file of cinemas is, by its first bytes; a workbook is a ZIP too. */
export async function facilityMessages(
  bytes: Uint8Array,
): Promise<Outcome<ReadonlyMap<string, Uint8Array>> | undefined> {
  if (looksLikeXml(bytes)) return accepted(new Map([['', bytes]]));
  if (!(bytes[0] === 0x50 && bytes[1] === 0x4b)) return undefined;
  let [count, total, workbook] = [0, 0, false];
  const entries = await new Promise<Record<string, Uint8Array> | undefined>((resolve) => {
    unzip(
      bytes,
      {
        filter: ({ name, originalSize }) => {
          workbook ||= name === '[Content_Types].xml';
          if (workbook || !/\.(?:xml|flmx?)$/i.test(name) || name.includes('__MACOSX/'))
            return false;
          count += 1;
          total += originalSize;
          return (
            count <= MESSAGES_MAX &&
            originalSize <= MESSAGE_BYTES_MAX &&
            total <= MESSAGES_BYTES_MAX
          );
        },
      },
      (error, data) => resolve(error === null ? data : undefined),
    );
  });
  if (workbook) return undefined;
  if (entries === undefined) return refused(finding('truncated_archive', 'error'));
  const found = new Map(Object.entries(entries));
  if (found.size < count) return refused(finding('excessive_archive', 'error'));
  return found.size === 0 ? refused(finding('missing_facilities', 'error')) : accepted(found);
}

function looksLikeXml(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0;
  const head = new TextDecoder().decode(bytes.subarray(start, start + 200)).trimStart();
  return head.startsWith('<?xml') || /^<[A-Za-z_]/.test(head);
}

/**
 * Cinemas of messages. What a message breaks of the standard is told and does not keep its cinema
 * out; what cannot be read at all does.
 */
export function readFacilityMessages(
  messages: ReadonlyMap<string, Uint8Array>,
  at: InstantMs,
  cryptography: Cryptography,
): { readonly cinemas: readonly SheetCinema[]; readonly findings: readonly Finding[] } {
  const cinemas: SheetCinema[] = [];
  const findings: Finding[] = [];
  for (const [file, bytes] of messages) {
    const placed = (each: Finding): Finding =>
      file === '' ? each : { ...each, at: { file, ...each.at } };
    const read = readFacilityList(bytes, cryptography);
    findings.push(...read.findings.map(placed));
    if (!read.ok) continue;
    const judged = checkFacility(read.value, { at }, cryptography);
    for (const each of judged) {
      findings.push(placed(each.severity === 'error' ? { ...each, severity: 'warning' } : each));
    }
    cinemas.push(cinemaOf(read.value, file));
  }
  return { cinemas, findings };
}

function cinemaOf(facility: Facility, file: string): SheetCinema {
  const address = facility.addresses.physical ?? facility.addresses.shipping;
  const email =
    facility.kdmDelivery.find((each) => each.kind === 'email')?.to ??
    facility.contacts.find((each) => each.email !== undefined)?.email;
  return {
    at: file === '' ? {} : { file },
    circuit: facility.circuit ?? null,
    timeZone: facility.timeZone ?? null,
    cinema: {
      name: facility.name,
      code: codeOf(facility),
      province: address?.province ?? null,
      city: address?.city ?? null,
      address: [address?.street, address?.street2].filter(Boolean).join(' ') || null,
      email: email ?? null,
      equipment: null,
      taxpayer: null,
    },
    screens: facility.auditoriums.map((each) => screenOf(each, file)),
  };
}

/** ST 430-16 names facilities by URN; a Chinese one ends in the cinema code of eight digits. */
function codeOf(facility: Facility): string | null {
  for (const id of [facility.id, ...facility.alternateIds]) {
    const code = /(?:^|[^0-9])(\d{8})$/.exec(id)?.[1];
    if (code !== undefined && parseCinemaCode(code).ok) return code;
  }
  return null;
}

function screenOf(auditorium: Auditorium, file: string): SheetCinema['screens'][number] {
  const { name } = auditorium;
  const manager = auditorium.suites.flatMap(securityManagers)[0];
  const chain = manager?.chains[0];
  return {
    at: { ...(file === '' ? {} : { file }), auditorium: name },
    name,
    number: /^\d{1,4}$/.test(name) ? Number(name) : null,
    seats: auditorium.seatingCapacity ?? null,
    formats: ['2D'],
    tellsFormats: false,
    certificate: chain === undefined ? null : writePemChain(chain),
    maker: manager?.manufacturer ?? null,
    model: manager?.model ?? null,
    serial: manager?.serial ?? null,
  };
}

export type FacilityToWrite = {
  readonly cinema: CinemaRecord;
  readonly screens: readonly ScreenRecord[];
  readonly devices: ReadonlyMap<string, StoredDevice>;
};

/** Under this name our codes are unique: ST 430-16 asks for a URN of the sender's own domain. */
const FACILITY_DOMAIN = 'yinglian.network';

/** One message a cinema, in one ZIP; each file is named by its cinema's code, or else its id. */
export async function writeFacilityMessages(
  facilities: readonly FacilityToWrite[],
  parts: { readonly now: Date; readonly newId: () => string },
): Promise<Outcome<Uint8Array>> {
  const entries: Record<string, Uint8Array> = {};
  for (const each of facilities) {
    const written = writeFacilityList(facilityOf(each, parts));
    if (!written.ok) return written;
    entries[`FLM_${each.cinema.code ?? each.cinema.id}.xml`] = written.value;
  }
  return accepted(
    await new Promise<Uint8Array>((resolve, reject) => {
      zip(entries, { level: 6 }, (error, data) => (error === null ? resolve(data) : reject(error)));
    }),
  );
}

function facilityOf(
  { cinema, screens, devices }: FacilityToWrite,
  parts: { readonly now: Date; readonly newId: () => string },
): Facility {
  const { province, city, address, email, circuitName } = cinema;
  const physical = {
    ...(address === null ? {} : { street: address }),
    ...(city === null ? {} : { city }),
    ...(province === null ? {} : { province }),
  };
  return {
    dialect: 'st430-16',
    messageId: parts.newId(),
    // Whole seconds: not every reader of these lists takes fractions.
    issueDate: Math.floor(parts.now.getTime() / 1000) * 1000,
    partial: false,
    id: `urn:x-facilityID:${FACILITY_DOMAIN}:${cinema.code ?? cinema.id}`,
    alternateIds: [],
    name: cinema.name,
    timeZone: cinema.timeZone,
    ...(circuitName === null ? {} : { circuit: circuitName }),
    contacts: email === null ? [] : [{ name: cinema.name, email }],
    addresses: Object.keys(physical).length === 0 ? {} : { physical },
    kdmDelivery: email === null ? [] : [{ kind: 'email', to: email }],
    dcpDelivery: [],
    devices: [],
    auditoriums: screens.map((screen) => ({
      name: screen.name,
      ...(screen.seats === null ? {} : { seatingCapacity: screen.seats }),
      suites: suitesOf(devices.get(screen.id)),
      otherDevices: [],
    })),
  };
}

function suitesOf(stored: StoredDevice | undefined): { readonly devices: readonly Device[] }[] {
  const certificate = stored?.record.certificate;
  if (stored === undefined || certificate == null) return [];
  const { maker, model, serial } = stored.record;
  const chain = stored.certificates.flatMap((der) => {
    const read = readCertificate(new Uint8Array(der));
    return read.ok ? [read.value] : [];
  });
  const device: Device = {
    type: 'SM',
    identifier: { kind: 'CertThumbprint', value: certificate.thumbprint },
    ...(serial === null ? {} : { serial }),
    ...(maker === null ? {} : { manufacturer: maker }),
    ...(model === null ? {} : { model }),
    active: true,
    chains: [chain],
  };
  return [{ devices: [device] }];
}
