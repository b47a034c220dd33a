import type { circuitSchema, cinemaSchema, screenSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { jsonText } from '../kernel/write.ts';
import type { DeviceTable, ExhibitionTables } from './tables.ts';

export type CircuitRecord = z.output<typeof circuitSchema>;
export type CinemaRecord = z.output<typeof cinemaSchema>;
export type ScreenRecord = z.output<typeof screenSchema>;
export type DeviceRecord = NonNullable<ScreenRecord['device']>;

const tables = (database: Queryable) => database.withTables<ExhibitionTables>();

/** The last row of the page before: its sort key and id. */
export type After = readonly [sortKey: string, id: string];
export type Listing = {
  readonly search?: string | undefined;
  readonly after?: After | undefined;
  readonly limit: number;
};
export type Keyed<Row> = { readonly row: Row; readonly sortKey: string };

const likeOf = (search: string) => `%${search.trim().replace(/[\\%_]/g, '\\$&')}%`;

type CircuitRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  name: string;
  code: string | null;
  organisation_id: string | null;
  cinemas: bigint;
};

export async function listCircuits(
  database: Queryable,
  listing: Listing & { readonly ids?: readonly string[] },
): Promise<Keyed<CircuitRecord>[]> {
  const { search, after, limit, ids } = listing;
  const result = await sql<CircuitRow>`
    select circuit.*, (select count(*) from exhibition.cinema where circuit_id = circuit.id)
      as cinemas
    from exhibition.circuit
    where ${ids === undefined ? sql`true` : sql`circuit.id = any(${[...ids]}::uuid[])`}
      and ${search === undefined ? sql`true` : sql`circuit.name ilike ${likeOf(search)}`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(circuit.name, circuit.id) > (${after[0]}, ${after[1]}::uuid)`
      }
    order by circuit.name, circuit.id limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.name,
    row: {
      ...versionedOf(row),
      name: row.name,
      code: row.code,
      organisationId: row.organisation_id,
      cinemas: Number(row.cinemas),
    },
  }));
}

export async function insertCircuit(
  transaction: Transaction,
  circuit: {
    id: string;
    keeperId: string;
    name: string;
    code: string | null;
    organisationId: string | null;
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('exhibition.circuit')
    .values({
      id: circuit.id,
      keeper_id: circuit.keeperId,
      name: circuit.name,
      code: circuit.code,
      organisation_id: circuit.organisationId,
    })
    .execute();
}

type CinemaRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  name: string;
  name_english: string | null;
  code: string | null;
  circuit_id: string | null;
  organisation_id: string | null;
  province: string | null;
  city: string | null;
  address: string | null;
  time_zone: string;
  email: string | null;
  equipment: string | null;
  taxpayer: string | null;
  zone: string | null;
  city_class: string | null;
  latitude: number | null;
  longitude: number | null;
  findings: unknown;
  circuit_name: string | null;
  screens: bigint;
  devices_ready: bigint;
};

export async function listCinemas(
  database: Queryable,
  listing: Listing & { readonly ids?: readonly string[]; readonly circuitId?: string | undefined },
): Promise<Keyed<CinemaRecord>[]> {
  const { search, after, limit, ids, circuitId } = listing;
  const result = await sql<CinemaRow>`
    select cinema.*, circuit.name as circuit_name,
      (select count(*) from exhibition.screen where cinema_id = cinema.id) as screens,
      (select count(*) from exhibition.screen
        join exhibition.device on device.screen_id = screen.id and device.removed_at is null
        where screen.cinema_id = cinema.id and device.not_after > now()) as devices_ready
    from exhibition.cinema
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${ids === undefined ? sql`true` : sql`cinema.id = any(${[...ids]}::uuid[])`}
      and ${circuitId === undefined ? sql`true` : sql`cinema.circuit_id = ${circuitId}`}
      and ${
        search === undefined
          ? sql`true`
          : sql`(cinema.name ilike ${likeOf(search)} or cinema.code ilike ${likeOf(search)}
            or cinema.city ilike ${likeOf(search)})`
      }
      and ${
        after === undefined
          ? sql`true`
          : sql`(cinema.name, cinema.id) > (${after[0]}, ${after[1]}::uuid)`
      }
    order by cinema.name, cinema.id limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.name,
    row: {
      ...versionedOf(row),
      name: row.name,
      nameEnglish: row.name_english,
      code: row.code,
      circuitId: row.circuit_id,
      organisationId: row.organisation_id,
      province: row.province,
      city: row.city,
      address: row.address,
      timeZone: row.time_zone,
      email: row.email,
      equipment: row.equipment as CinemaRecord['equipment'],
      taxpayer: row.taxpayer as CinemaRecord['taxpayer'],
      zone: row.zone,
      cityClass: row.city_class,
      latitude: row.latitude,
      longitude: row.longitude,
      circuitName: row.circuit_name,
      screens: Number(row.screens),
      devicesReady: Number(row.devices_ready),
      findings: row.findings as CinemaRecord['findings'],
    },
  }));
}

export type CinemaFields = Omit<
  CinemaRecord,
  'id' | 'version' | 'createdAt' | 'updatedAt' | 'circuitName' | 'screens' | 'devicesReady'
>;

function cinemaColumns(cinema: CinemaFields) {
  return {
    name: cinema.name,
    name_english: cinema.nameEnglish,
    code: cinema.code,
    circuit_id: cinema.circuitId,
    organisation_id: cinema.organisationId,
    province: cinema.province,
    city: cinema.city,
    address: cinema.address,
    time_zone: cinema.timeZone,
    email: cinema.email,
    equipment: cinema.equipment,
    taxpayer: cinema.taxpayer,
    zone: cinema.zone,
    city_class: cinema.cityClass,
    latitude: cinema.latitude,
    longitude: cinema.longitude,
    findings: jsonText(cinema.findings),
  };
}

export async function insertCinema(
  transaction: Transaction,
  cinema: CinemaFields & { id: string; keeperId: string },
): Promise<void> {
  await tables(transaction)
    .insertInto('exhibition.cinema')
    .values({ id: cinema.id, keeper_id: cinema.keeperId, ...cinemaColumns(cinema) })
    .execute();
}

/** False when another write came first. */
export async function updateCinema(
  transaction: Transaction,
  id: string,
  version: number,
  cinema: CinemaFields,
): Promise<boolean> {
  const done = await tables(transaction)
    .updateTable('exhibition.cinema')
    .set({ ...cinemaColumns(cinema), version: version + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

/** Cinemas by their 8-digit codes, for files that know no ids. */
export async function cinemasByCode(
  database: Queryable,
  codes: readonly string[],
): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map();
  const rows = await tables(database)
    .selectFrom('exhibition.cinema')
    .select(['id', 'code'])
    .where('code', 'in', codes)
    .execute();
  return new Map(rows.map((row) => [row.code!, row.id]));
}

type ScreenRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  cinema_id: string;
  name: string;
  number: number | null;
  seats: number | null;
  formats: string[];
  cinema_name: string;
  sort_key: string;
};

export async function listScreens(
  database: Queryable,
  listing: Listing & {
    readonly ids?: readonly string[];
    readonly cinemaId?: string | undefined;
    readonly circuitId?: string | undefined;
  },
): Promise<Keyed<ScreenRecord>[]> {
  const { search, after, limit, ids, cinemaId, circuitId } = listing;
  const result = await sql<ScreenRow>`
    select * from (
      select screen.*, cinema.name as cinema_name,
        cinema.name || ' ' || lpad(coalesce(screen.number, 9999)::text, 4, '0') || ' '
          || screen.name as sort_key
      from exhibition.screen join exhibition.cinema on cinema.id = screen.cinema_id
      where ${ids === undefined ? sql`true` : sql`screen.id = any(${[...ids]}::uuid[])`}
        and ${cinemaId === undefined ? sql`true` : sql`cinema.id = ${cinemaId}`}
        and ${circuitId === undefined ? sql`true` : sql`cinema.circuit_id = ${circuitId}`}
        and ${
          search === undefined
            ? sql`true`
            : sql`(cinema.name ilike ${likeOf(search)} or screen.name ilike ${likeOf(search)})`
        }
    ) as listed
    where ${
      after === undefined ? sql`true` : sql`(sort_key, id) > (${after[0]}, ${after[1]}::uuid)`
    }
    order by sort_key, id limit ${limit + 1}`.execute(database);
  const devices = await devicesNow(
    database,
    result.rows.map((row) => row.id),
  );
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      ...versionedOf(row),
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      name: row.name,
      number: row.number,
      seats: row.seats,
      formats: row.formats,
      device: devices.get(row.id)?.record ?? null,
    },
  }));
}

export type StoredDevice = {
  readonly record: DeviceRecord;
  /** DER, the leaf first. */
  readonly certificates: readonly Uint8Array[];
};

/** The media block that stands in each screen now. */
export async function devicesNow(
  database: Queryable,
  screenIds: readonly string[],
): Promise<Map<string, StoredDevice>> {
  if (screenIds.length === 0) return new Map();
  // Certificates as texts in JSON: a list of bytes is read a letter at a time.
  const result = await sql<StoredDeviceRow & { ders: string[] | null }>`
    select id, screen_id, kind, maker, model, serial, thumbprint, subject, issuer, not_before,
      not_after, roles, findings, installed_at, removed_at,
      (select json_agg(encode(der, 'base64') order by at)
        from unnest(certificates) with ordinality as each (der, at)) as ders
    from exhibition.device
    where screen_id = any(${[...screenIds]}::uuid[]) and removed_at is null
      and kind = 'media_block'`.execute(database);
  return new Map(
    result.rows.map((row) => [
      row.screen_id,
      {
        record: deviceRecord(row),
        certificates: (row.ders ?? []).map((each) => Buffer.from(each, 'base64')),
      },
    ]),
  );
}

type StoredDeviceRow = Omit<
  DeviceTable,
  'not_before' | 'not_after' | 'installed_at' | 'removed_at' | 'findings' | 'certificates'
> & {
  not_before: Date | null;
  not_after: Date | null;
  installed_at: Date;
  removed_at: Date | null;
  findings: unknown;
};

function deviceRecord(row: StoredDeviceRow): DeviceRecord {
  return {
    id: row.id,
    screenId: row.screen_id,
    kind: row.kind as DeviceRecord['kind'],
    maker: row.maker,
    model: row.model,
    serial: row.serial,
    certificate:
      row.thumbprint === null
        ? null
        : {
            thumbprint: row.thumbprint,
            subject: row.subject ?? '',
            issuer: row.issuer ?? '',
            notBefore: row.not_before!.toISOString(),
            notAfter: row.not_after!.toISOString(),
            roles: row.roles,
            findings: row.findings as NonNullable<DeviceRecord['certificate']>['findings'],
          },
    from: row.installed_at.toISOString(),
    to: row.removed_at?.toISOString() ?? null,
  };
}

export async function insertScreen(
  transaction: Transaction,
  screen: {
    id: string;
    cinemaId: string;
    name: string;
    number: number | null;
    seats: number | null;
    formats: string[];
  },
): Promise<void> {
  await tables(transaction)
    .insertInto('exhibition.screen')
    .values({
      id: screen.id,
      cinema_id: screen.cinemaId,
      name: screen.name,
      number: screen.number,
      seats: screen.seats,
      formats: screen.formats,
    })
    .execute();
}

/** False when another write came first. */
export async function updateScreen(
  transaction: Transaction,
  id: string,
  version: number,
  screen: { name: string; number: number | null; seats: number | null; formats: string[] },
): Promise<boolean> {
  const done = await tables(transaction)
    .updateTable('exhibition.screen')
    .set({ ...screen, version: version + 1, updated_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

export async function screensByName(
  database: Queryable,
  cinemaId: string,
): Promise<Map<string, string>> {
  const rows = await tables(database)
    .selectFrom('exhibition.screen')
    .select(['id', 'name'])
    .where('cinema_id', '=', cinemaId)
    .execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}

export type NewDevice = {
  readonly id: string;
  readonly screenId: string;
  readonly kind: string;
  readonly maker: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly certificates: readonly Uint8Array[];
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
  /** Since when it stands there, where that was not now. */
  readonly since?: Date | undefined;
};

/** Ends the time of the device that stood there and begins that of the new one. */
export async function installDevice(transaction: Transaction, device: NewDevice): Promise<void> {
  const db = tables(transaction);
  await db
    .updateTable('exhibition.device')
    // One that came later than this one is said to have stood there no time at all.
    .set({ removed_at: sql<Date>`greatest(installed_at, ${device.since ?? sql`now()`})` })
    .where('screen_id', '=', device.screenId)
    .where('kind', '=', device.kind)
    .where('removed_at', 'is', null)
    .execute();
  await db
    .insertInto('exhibition.device')
    .values({
      id: device.id,
      screen_id: device.screenId,
      kind: device.kind,
      maker: device.maker,
      model: device.model,
      serial: device.serial,
      thumbprint: device.thumbprint,
      certificates: device.certificates.map((each) => Buffer.from(each)),
      subject: device.subject,
      issuer: device.issuer,
      not_before: device.notBefore,
      not_after: device.notAfter,
      roles: [...device.roles],
      findings: jsonText(device.findings),
      ...(device.since === undefined ? {} : { installed_at: device.since }),
    })
    .execute();
  await db
    .updateTable('exhibition.screen')
    .set({ version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('id', '=', device.screenId)
    .execute();
}

/** Puts a device back that stood in the screen once; false where none has this thumbprint. */
export async function reinstallDevice(
  transaction: Transaction,
  screenId: string,
  thumbprint: string,
  at: Date,
  newId: string,
): Promise<boolean> {
  const standing = await sql`select 1 from exhibition.device where screen_id = ${screenId}
    and thumbprint = ${thumbprint} and removed_at is null`.execute(transaction);
  if (standing.rows.length > 0) return true;
  await sql`update exhibition.device set removed_at = ${at}
    where screen_id = ${screenId} and kind = 'media_block' and removed_at is null
      and exists (select 1 from exhibition.device as former where former.screen_id = ${screenId}
        and former.thumbprint = ${thumbprint})`.execute(transaction);
  const done = await sql`insert into exhibition.device (id, screen_id, kind, maker, model, serial,
      thumbprint, certificates, subject, issuer, not_before, not_after, roles, findings,
      installed_at)
    select ${newId}::uuid, screen_id, kind, maker, model, serial, thumbprint, certificates, subject,
      issuer, not_before, not_after, roles, findings, ${at}
    from exhibition.device where screen_id = ${screenId} and thumbprint = ${thumbprint}
    order by installed_at desc limit 1`.execute(transaction);
  return done.numAffectedRows === 1n;
}

function versionedOf(row: { id: string; version: number; created_at: Date; updated_at: Date }) {
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
