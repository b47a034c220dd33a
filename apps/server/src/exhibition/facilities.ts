import {
  type Cryptography,
  finding,
  type Finding,
  hasErrors,
  parseCinemaCode,
} from '@yinglian/core';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import { found, invalid, versionConflict } from '../kernel/refusal.ts';
import type { Work, Write } from '../kernel/write.ts';
import { carryOut, certain } from './carry-out.ts';
import { readDeviceCertificate } from './certificates.ts';
import {
  ensureSource,
  insertResolution,
  readWords,
  sayFacts,
  type SourceKind,
} from './facts/repository.ts';
import { isTimeZone } from './local-time.ts';
import type { PlannedCinema } from './plan.ts';
import {
  type CinemaFields,
  type CinemaRecord,
  cinemasByCode,
  type CircuitRecord,
  devicesNow,
  insertCinema,
  insertCircuit,
  insertScreen,
  installDevice,
  type Keyed,
  listCinemas,
  listCircuits,
  type Listing,
  listScreens,
  type ScreenRecord,
  screensByName,
  updateCinema,
  updateScreen,
} from './repository.ts';

export type FacilityParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly cryptography: Cryptography;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type CircuitFields = Pick<CircuitRecord, 'name' | 'code' | 'organisationId'>;
type Placing = 'taxpayer' | 'zone' | 'cityClass' | 'latitude' | 'longitude';
export type CinemaWrite = Omit<CinemaFields, 'findings' | Placing> &
  Partial<Pick<CinemaFields, Placing>>;
/** What a cinema need not be given with. */
const UNPLACED = {
  taxpayer: null,
  zone: null,
  cityClass: null,
  latitude: null,
  longitude: null,
} as const;
export type ScreenWrite = Pick<ScreenRecord, 'cinemaId' | 'name' | 'number' | 'seats' | 'formats'>;
export type DeviceWrite = {
  readonly kind: 'media_block' | 'projector' | 'server' | 'other';
  readonly maker: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly certificatePem: string;
  readonly since?: string | undefined;
};
export type CinemaQuery = Listing & { readonly circuitId?: string | undefined };
export type ScreenQuery = CinemaQuery & { readonly cinemaId?: string | undefined };

export type FacilityService = ReturnType<typeof createFacilityService>;

/** Circuits, cinemas, screens and the devices in them. */
export function createFacilityService(parts: FacilityParts) {
  const { database, write, requireAccess, cryptography, newId, now } = parts;
  const readCertificate = (pem: string) =>
    readDeviceCertificate(new TextEncoder().encode(pem), now().getTime(), cryptography);

  return {
    async circuits(context: Context, query: Listing): Promise<Keyed<CircuitRecord>[]> {
      await requireAccess(context, 'exhibition.read');
      return listCircuits(database, query);
    },

    async createCircuit(context: Context, fields: CircuitFields): Promise<CircuitRecord> {
      const { organisationId } = await requireAccess(context, 'exhibition.write');
      const id = newId();
      return write(context, async (work) => {
        await insertCircuit(work.transaction, { id, keeperId: organisationId, ...fields });
        record(work, 'circuit', id, 'exhibition.circuit_created', { name: fields.name });
        return circuitById(work.transaction, id);
      });
    },

    async cinemas(context: Context, query: CinemaQuery): Promise<Keyed<CinemaRecord>[]> {
      await requireAccess(context, 'exhibition.read');
      return listCinemas(database, query);
    },

    async cinema(context: Context, id: string): Promise<CinemaRecord> {
      await requireAccess(context, 'exhibition.read', { kind: 'cinema', ids: [id] });
      return cinemaById(database, id);
    },

    async createCinema(context: Context, cinema: CinemaWrite): Promise<CinemaRecord> {
      const { organisationId } = await requireAccess(
        context,
        'exhibition.write',
        ...circuitOf(cinema),
      );
      const findings = checkCinema(cinema);
      const id = newId();
      return write(context, async (work) => {
        await refuseTakenCode(work.transaction, cinema.code, undefined);
        await insertCinema(work.transaction, {
          id,
          keeperId: organisationId,
          ...UNPLACED,
          ...cinema,
          findings,
        });
        record(work, 'cinema', id, 'exhibition.cinema_created', { name: cinema.name });
        await sayOnPage(work, context, { kind: 'cinema', id, facts: cinemaFacts(cinema) });
        return cinemaById(work.transaction, id);
      });
    },

    async updateCinema(
      context: Context,
      id: string,
      { version, ...cinema }: CinemaWrite & { readonly version: number },
    ): Promise<CinemaRecord> {
      await requireAccess(
        context,
        'exhibition.write',
        { kind: 'cinema', ids: [id] },
        ...circuitOf(cinema),
      );
      const findings = checkCinema(cinema);
      return write(context, async (work) => {
        await refuseTakenCode(work.transaction, cinema.code, id);
        const fields = { ...UNPLACED, ...cinema, findings };
        if (!(await updateCinema(work.transaction, id, version, fields))) {
          throw versionConflict(await cinemaById(work.transaction, id), { ...cinema, version });
        }
        record(work, 'cinema', id, 'exhibition.cinema_updated', { version: version + 1 });
        await sayOnPage(work, context, { kind: 'cinema', id, facts: cinemaFacts(cinema) });
        return cinemaById(work.transaction, id);
      });
    },

    async screens(context: Context, query: ScreenQuery): Promise<Keyed<ScreenRecord>[]> {
      await requireAccess(context, 'exhibition.read');
      return listScreens(database, query);
    },

    async createScreen(context: Context, screen: ScreenWrite): Promise<ScreenRecord> {
      await requireAccess(context, 'exhibition.write', { kind: 'cinema', ids: [screen.cinemaId] });
      const id = newId();
      return write(context, async (work) => {
        await refuseTakenName(work.transaction, screen, undefined);
        await insertScreen(work.transaction, { id, ...screen });
        record(work, 'screen', id, 'exhibition.screen_created', { name: screen.name });
        await sayOnPage(work, context, { kind: 'screen', id, facts: screenFacts(screen) });
        return screenById(work.transaction, id);
      });
    },

    async updateScreen(
      context: Context,
      id: string,
      { version, cinemaId, ...screen }: ScreenWrite & { readonly version: number },
    ): Promise<ScreenRecord> {
      await requireAccess(context, 'exhibition.write', { kind: 'screen', ids: [id] });
      const stored = await screenById(database, id);
      if (stored.cinemaId !== cinemaId) {
        const facts = { screen: id, cinema: stored.cinemaId };
        throw invalid(finding('moved_screen', 'error', { facts, at: { field: 'cinemaId' } }));
      }
      return write(context, async (work) => {
        await refuseTakenName(work.transaction, { cinemaId, ...screen }, id);
        if (!(await updateScreen(work.transaction, id, version, screen))) {
          throw versionConflict(await screenById(work.transaction, id), { ...screen, version });
        }
        record(work, 'screen', id, 'exhibition.screen_updated', { version: version + 1 });
        await sayOnPage(work, context, { kind: 'screen', id, facts: screenFacts(screen) });
        return screenById(work.transaction, id);
      });
    },

    /** What a certificate that somebody sent would be taken for, without keeping anything. */
    readCertificate,

    /** The chains of the devices that stand in screens now, by screen. */
    async devices(context: Context, screenIds: readonly string[]) {
      await requireAccess(context, 'exhibition.read');
      return devicesNow(database, screenIds);
    },

    /** Refuses a file as a whole when one of its cinemas is not the caller's to change. */
    async requireFacilities(
      context: Context,
      given: { readonly cinemaIds: readonly string[]; readonly circuitIds: readonly string[] },
    ): Promise<void> {
      await requireAccess(
        context,
        'exhibition.write',
        { kind: 'cinema', ids: given.cinemaIds },
        { kind: 'circuit', ids: given.circuitIds },
      );
    },

    /** Registers all of a judged plan, or, when anything hinders it, nothing. */
    async carryOut(
      context: Context,
      plan: readonly PlannedCinema[],
      words: { readonly kind: SourceKind; readonly name?: string },
    ): Promise<void> {
      const { organisationId: keeperId, userId } = await requireAccess(context, 'exhibition.write');
      await write(context, async (work) => {
        for (const { known, cinema } of plan) {
          if (known === undefined) await refuseTakenCode(work.transaction, cinema.code, undefined);
        }
        await carryOut(
          work,
          {
            newId,
            keeperId,
            record,
            readCertificate: (pem) => certain(readCertificate(pem)),
            sourceId: await ensureSource(work.transaction, {
              organisationId: keeperId,
              ...words,
              newId,
            }),
            at: now(),
            userId,
          },
          plan,
        );
      });
    },

    async installDevice(
      context: Context,
      screenId: string,
      device: DeviceWrite,
    ): Promise<ScreenRecord> {
      await requireAccess(context, 'exhibition.write', { kind: 'screen', ids: [screenId] });
      const certificate = readCertificate(device.certificatePem);
      if (!certificate.ok) throw invalid(...certificate.findings);
      const since = device.since === undefined ? undefined : new Date(device.since);
      if (since !== undefined && since > now()) {
        const at = { field: 'since' };
        throw invalid(finding('early_installation', 'error', { facts: {}, at }));
      }
      return write(context, async (work) => {
        const id = newId();
        await installDevice(work.transaction, {
          ...certificate.value,
          id,
          screenId,
          kind: device.kind,
          maker: device.maker ?? certificate.value.maker,
          model: device.model ?? certificate.value.model,
          serial: device.serial ?? certificate.value.serial,
          since,
        });
        const { thumbprint } = certificate.value;
        if (device.kind === 'media_block') {
          const facts = { mediaBlock: thumbprint };
          await sayOnPage(work, context, { kind: 'screen', id: screenId, facts, since });
        }
        record(work, 'screen', screenId, 'exhibition.device_installed', { device: id, thumbprint });
        return screenById(work.transaction, screenId);
      });
    },
  };

  /**
   * What a person writes is a word like any other, and a decision where others say otherwise: it
   * stands until a source says something new.
   */
  async function sayOnPage(
    work: Work,
    context: Context,
    said: {
      readonly kind: 'cinema' | 'screen';
      readonly id: string;
      readonly facts: Readonly<Record<string, string | null>>;
      readonly since?: Date | undefined;
    },
  ): Promise<void> {
    const { transaction } = work;
    const organisationId = context.organisation?.id ?? '';
    const at = now();
    const userId = context.user?.id ?? null;
    const sourceId = await ensureSource(transaction, { organisationId, kind: 'page', newId });
    const subject = { subjectKind: said.kind, subjectId: said.id };
    const before = await readWords(transaction, [said.id]);
    await sayFacts(transaction, {
      ...subject,
      facts: said.facts,
      sourceId,
      validFrom: said.since ?? at,
      at,
      userId,
      newId,
      endsOthers: said.facts['mediaBlock'] !== undefined,
    });
    const standing = before.words.filter(
      (word) => word.retractedAt === undefined && word.validTo === undefined,
    );
    for (const [fact, value] of Object.entries(said.facts)) {
      const others = standing.filter((word) => word.fact === fact && word.source !== sourceId);
      const own = standing.find((word) => word.fact === fact && word.source === sourceId);
      if (fact === 'mediaBlock' || others.every((word) => (word.value ?? null) === value)) continue;
      // Saved again as it was, without a word about this fact, is no decision over it.
      if (own !== undefined && (own.value ?? null) === value) continue;
      const userName = context.user?.name ?? '';
      const decided = { ...subject, fact, value, reason: '', at, userId, userName };
      await insertResolution(transaction, { id: newId(), ...decided });
    }
  }
}

/** A cinema's fields as words. The circuit is a word of the register's keeper too. */
export function cinemaFacts(
  cinema: Omit<CinemaWrite, 'circuitId' | 'organisationId' | 'nameEnglish' | 'code'>,
): Record<string, string | null> {
  const { name, province, city, address, email, timeZone, equipment } = cinema;
  const { taxpayer, zone, cityClass, latitude, longitude } = { ...UNPLACED, ...cinema };
  const text = (value: number | null) => (value === null ? null : String(value));
  return {
    name,
    province,
    city,
    address,
    email,
    timeZone,
    equipment,
    taxpayer,
    zone,
    cityClass,
    latitude: text(latitude),
    longitude: text(longitude),
  };
}

/** A screen's fields as words. */
export function screenFacts(
  screen: Pick<ScreenWrite, 'seats' | 'formats'>,
): Record<string, string | null> {
  return {
    seats: screen.seats === null ? null : String(screen.seats),
    formats: screen.formats.length === 0 ? null : screen.formats.join('/'),
  };
}

function record(
  work: Work,
  kind: string,
  id: string,
  action: string,
  facts: Record<string, string | number>,
): void {
  work.audit({ action, subjectKind: kind, subjectId: id, facts });
  work.changed({ kind, id });
}

function circuitOf(cinema: CinemaWrite) {
  return cinema.circuitId === null ? [] : [{ kind: 'circuit', ids: [cinema.circuitId] }];
}

/** Findings that a record carries; a code that is no code, or a clock that is none, refuses it. */
function checkCinema(cinema: CinemaWrite): Finding[] {
  const findings = judgeCinema(cinema);
  if (hasErrors(findings)) throw invalid(...findings);
  return findings;
}

/** What is wrong or odd about a cinema's code and clock. */
export function judgeCinema(cinema: Pick<CinemaWrite, 'code' | 'timeZone'>): Finding[] {
  const findings: Finding[] = [];
  if (cinema.code !== null) findings.push(...parseCinemaCode(cinema.code).findings);
  if (!isTimeZone(cinema.timeZone)) {
    const facts = { text: cinema.timeZone };
    findings.push(finding('unknown_time_zone', 'error', { facts, at: { field: 'timeZone' } }));
  }
  return findings;
}

async function refuseTakenCode(
  database: Queryable,
  code: string | null,
  ownId: string | undefined,
): Promise<void> {
  if (code === null) return;
  const holder = (await cinemasByCode(database, [code])).get(code);
  if (holder === undefined || holder === ownId) return;
  throw invalid(
    finding('duplicate_cinema_code', 'error', {
      facts: { text: code, cinema: holder },
      at: { field: 'code' },
    }),
  );
}

async function refuseTakenName(
  database: Queryable,
  screen: { readonly cinemaId: string; readonly name: string },
  ownId: string | undefined,
): Promise<void> {
  const holder = (await screensByName(database, screen.cinemaId)).get(screen.name);
  if (holder === undefined || holder === ownId) return;
  throw invalid(
    finding('duplicate_screen_name', 'error', {
      facts: { text: screen.name, screen: holder },
      at: { field: 'name' },
    }),
  );
}

const ONE = { limit: 1 } as const;

async function circuitById(database: Queryable, id: string): Promise<CircuitRecord> {
  return found((await listCircuits(database, { ...ONE, ids: [id] }))[0]?.row, { id });
}

async function cinemaById(database: Queryable, id: string): Promise<CinemaRecord> {
  return found((await listCinemas(database, { ...ONE, ids: [id] }))[0]?.row, { id });
}

async function screenById(database: Queryable, id: string): Promise<ScreenRecord> {
  return found((await listScreens(database, { ...ONE, ids: [id] }))[0]?.row, { id });
}
