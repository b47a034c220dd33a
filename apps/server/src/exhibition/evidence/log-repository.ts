import type { evidence } from '@yinglian/contract';
import { groupBy } from '@yinglian/core';
import { logCoverage, type LogPiece, type Playback } from '@yinglian/playlog';
import type { LogSpan } from '@yinglian/screening';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../../kernel/access/access.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { actsForCinema } from '../acting.ts';
import { placesOfDevices } from './device-places.ts';

export type LogRecord = z.output<typeof evidence.takeLog.result>;
export type PlaybackRecord = z.output<typeof evidence.playbacks.result>['rows'][number];
export type HoleRecord = z.output<typeof evidence.holes.result>['rows'][number];

/** A log as it came: whose it is, where it lies, and of what screen where it says none. */
export type GivenLog = {
  readonly cinemaId: string;
  readonly organisationId: string;
  readonly file: { readonly id: string; readonly name: string; readonly digest: string };
  readonly bytes: Uint8Array;
  readonly screenId?: string | undefined;
};

/** Logs are the cinema's, and of whoever handed them in for it. */
const logsReachedBy = (organisationId: string): RawBuilder<boolean> => sql<boolean>`
  (log.organisation_id = ${organisationId} or ${actsForCinema(organisationId)})`;

/**
 * What was played is seen by the cinema's side, and of a film by those in its room who distribute
 * or settle it; one circuit never sees another's.
 */
export const playbacksReachedBy = (organisationId: string): RawBuilder<boolean> => sql<boolean>`
  (${actsForCinema(organisationId)}
    or playback.film_id in ${filmsReachedBy(organisationId, 'distribution')}
    or playback.film_id in ${filmsReachedBy(organisationId, 'settlement')})`;

export async function listLogs(
  database: Queryable,
  listing: Omit<Listing, 'filmId'> & {
    readonly cinemaId?: string | undefined;
    readonly digest?: string;
  },
): Promise<Listed<LogRecord>[]> {
  const { organisationId, ids, after, limit, cinemaId, digest } = listing;
  const result = await sql<{
    id: string;
    created_at: Date;
    cinema_id: string;
    cinema_name: string;
    kind: LogRecord['kind'];
    device: string;
    first_at: Date | null;
    last_at: Date | null;
    records: number;
    proven: number;
    playbacks: number;
    fresh: number;
    findings: LogRecord['findings'];
    file_id: string;
    file_name: string;
    media_type: string;
    size_bytes: bigint;
    file_digest: string;
    file_created_at: Date;
    sort_key: string;
  }>`select log.*, cinema.name as cinema_name, file.name as file_name, file.media_type,
      file.size_bytes, file.digest as file_digest, file.created_at as file_created_at,
      log.created_at::text as sort_key
    from exhibition.log
    join exhibition.cinema on cinema.id = log.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    join kernel.file on file.id = log.file_id
    where ${logsReachedBy(organisationId)} and ${listedBy('log', { ids, after })}
      and ${cinemaId === undefined ? sql`true` : sql`log.cinema_id = ${cinemaId}`}
      and ${digest === undefined ? sql`true` : sql`log.digest = ${digest}`}
    ${newestFirst('log', limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      file: {
        id: row.file_id,
        name: row.file_name,
        mediaType: row.media_type,
        sizeBytes: Number(row.size_bytes),
        digest: row.file_digest,
        createdAt: row.file_created_at.toISOString(),
      },
      kind: row.kind,
      device: row.device,
      from: row.first_at?.toISOString() ?? null,
      to: row.last_at?.toISOString() ?? null,
      records: row.records,
      proven: row.proven,
      playbacks: row.playbacks,
      fresh: row.fresh,
      receivedAt: row.created_at.toISOString(),
      repeated: false,
      findings: row.findings,
    },
  }));
}

/**
 * Says of playbacks that lack it which film and which screen they are of: by the compositions of
 * packages, by titles of what the cinema announced or booked, and by devices. Packages, programmes
 * and devices often come later than the log.
 */
export async function namePlaybacks(transaction: Transaction, cinemaId: string): Promise<void> {
  await sql`update exhibition.playback set film_id = package.film_id
    from distribution.package
    where playback.cinema_id = ${cinemaId} and playback.film_id is null
      and playback.composition_id is not null
      and exists (select 1 from json_array_elements(package.compositions) as each
        where each->>'id' = playback.composition_id::text)`.execute(transaction);
  await sql`with named as (
      select distinct lower(trim(title)) as title, film_id from (
        select show.title, show.film_id from distribution.show where show.cinema_id = ${cinemaId}
        union select film.title, film.id from film.film where film.id in (
          select show.film_id from distribution.show where show.cinema_id = ${cinemaId}
          union select booking.film_id from distribution.booking
          where booking.cinema_id = ${cinemaId} and booking.state = 'confirmed')
        union select each->>'title', package.film_id
        from distribution.booking join distribution.package
          on package.film_version_id = booking.film_version_id,
          json_array_elements(package.compositions) as each
        where booking.cinema_id = ${cinemaId}
      ) as known where film_id is not null and trim(title) <> ''
    ), certain as (select title, min(film_id::text)::uuid as film_id from named
      group by title having count(distinct film_id) = 1)
    update exhibition.playback set film_id = certain.film_id from certain
    where playback.cinema_id = ${cinemaId} and playback.film_id is null
      and playback.composition_id is null and lower(trim(playback.title)) = certain.title
  `.execute(transaction);
  const lost = await sql<{ device: string }>`select distinct device from exhibition.playback
    where cinema_id = ${cinemaId} and screen_id is null`.execute(transaction);
  const devices = lost.rows.map((row) => row.device);
  for (const [device, places] of await placesOfDevices(transaction, cinemaId, devices)) {
    for (const { screenId, from, until } of places) {
      for (const [table, time] of TIMED) {
        await sql`update ${sql.table(table)} set screen_id = ${screenId}
          where cinema_id = ${cinemaId} and device = ${device} and screen_id is null
            and ${sql.ref(time)} >= ${pgInstant(from)}::timestamptz
            and ${sql.ref(time)} < ${pgInstant(until)}::timestamptz`.execute(transaction);
      }
    }
  }
}

/** Puts what a log tells of devices that stand in no screen into one; gives the playbacks. */
export async function placeLog(
  transaction: Transaction,
  id: string,
  { screenId, device }: { readonly screenId: string; readonly device?: string | undefined },
): Promise<number> {
  const own = sql`log_id = ${id} and screen_id is null
    and ${device === undefined ? sql`true` : sql`device = ${device}`}`;
  await sql`update exhibition.log_piece set screen_id = ${screenId} where ${own}`.execute(
    transaction,
  );
  const placed = await sql`update exhibition.playback set screen_id = ${screenId}
    where ${own}`.execute(transaction);
  return Number(placed.numAffectedRows);
}

/** Devices of a log whose playbacks belong to no screen. */
export async function lostDevices(database: Queryable, id: string): Promise<string[]> {
  const result = await sql<{ device: string }>`
    select device from exhibition.log_piece where log_id = ${id} and screen_id is null
    union select device from exhibition.playback where log_id = ${id} and screen_id is null
  `.execute(database);
  return result.rows.map((row) => row.device);
}

/** What a log becomes, with the time by which its screen is told. */
const TIMED = [
  ['exhibition.playback', 'started_at'],
  ['exhibition.log_piece', 'first_at'],
] as const;

const pgInstant = (time: number): string => {
  if (Number.isFinite(time)) return new Date(time).toISOString();
  return time < 0 ? '-infinity' : 'infinity';
};

export async function insertLog(
  transaction: Transaction,
  made: {
    readonly id: string;
    readonly kind: string;
    readonly device: string;
    readonly records: number;
    readonly proven: number;
    readonly playbacks: readonly Playback[];
    readonly pieces: readonly LogPiece[];
    readonly log: GivenLog;
    readonly at: Date;
  },
): Promise<void> {
  const { log, pieces } = made;
  const times = pieces.flatMap((each) => [each.firstAt, each.lastAt]);
  const at = (time: number) => (Number.isFinite(time) ? new Date(time) : null);
  const first = at(times.reduce((least, each) => Math.min(least, each), Infinity));
  const last = at(times.reduce((most, each) => Math.max(most, each), -Infinity));
  await sql`insert into exhibition.log (id, created_at, cinema_id, organisation_id, file_id, digest,
      kind, device, first_at, last_at, records, proven, playbacks, fresh)
    values (${made.id}, ${made.at}, ${log.cinemaId}, ${log.organisationId}, ${log.file.id},
      ${log.file.digest}, ${made.kind}, ${made.device}, ${first}, ${last}, ${made.records},
      ${made.proven}, ${made.playbacks.length}, 0)`.execute(transaction);
}

export async function finishLog(
  transaction: Transaction,
  id: string,
  done: { readonly fresh?: number; readonly findings: readonly unknown[] },
): Promise<void> {
  await sql`update exhibition.log set fresh = coalesce(${done.fresh ?? null}::integer, fresh),
    findings = ${jsonText(done.findings)}::json where id = ${id}`.execute(transaction);
}

type OfLog = { readonly id: string; readonly cinemaId: string };

export async function insertPieces(
  transaction: Transaction,
  log: OfLog,
  pieces: readonly LogPiece[],
  screenOf: (device: string, at: number) => string | null,
): Promise<void> {
  const rows = pieces.map((each) => ({
    ...each,
    screenId: screenOf(each.device, each.firstAt),
  }));
  await sql`insert into exhibition.log_piece (log_id, cinema_id, screen_id, device, first_sequence,
      last_sequence, first_at, last_at, previous_header_hash, last_header_hash)
    select ${log.id}::uuid, ${log.cinemaId}::uuid, (each->>'screenId')::uuid, each->>'device',
      (each->>'firstSequence')::bigint, (each->>'lastSequence')::bigint,
      to_timestamp((each->>'firstAt')::double precision / 1000),
      to_timestamp((each->>'lastAt')::double precision / 1000),
      each->>'previousHeaderHash', each->>'lastHeaderHash'
    from json_array_elements(${jsonText(rows)}::json) as each
    on conflict do nothing`.execute(transaction);
}

export async function insertPlaybacks(
  transaction: Transaction,
  log: OfLog,
  playbacks: readonly {
    readonly id: string;
    readonly screenId: string | null;
    readonly whole: boolean;
    readonly playback: Playback;
  }[],
): Promise<number> {
  const rows = playbacks.map(({ playback, ...each }) => ({
    ...each,
    compositionId: playback.compositionId ?? null,
    title: playback.title ?? null,
    device: playback.device,
    startedAt: playback.startedAt,
    endedAt: playback.endedAt,
    proven: playback.proven,
    exceptions: playback.exceptions,
  }));
  // A playback whose end a later report tells grows; one told again stays as it is.
  const result = await sql<{ fresh: boolean }>`
    insert into exhibition.playback (id, log_id, cinema_id, screen_id, composition_id,
      title, device, started_at, ended_at, whole, proven, exceptions)
    select (each->>'id')::uuid, ${log.id}::uuid, ${log.cinemaId}::uuid, (each->>'screenId')::uuid,
      (each->>'compositionId')::uuid, each->>'title', each->>'device',
      to_timestamp((each->>'startedAt')::double precision / 1000),
      to_timestamp((each->>'endedAt')::double precision / 1000),
      (each->>'whole')::boolean, (each->>'proven')::boolean,
      array(select json_array_elements_text(each->'exceptions'))
    from json_array_elements(${jsonText(rows)}::json) as each
    on conflict (cinema_id, device, started_at, coalesce(composition_id::text, title, ''))
      do update set ended_at = excluded.ended_at, whole = excluded.whole,
        proven = playback.proven or excluded.proven,
        screen_id = coalesce(playback.screen_id, excluded.screen_id)
      where excluded.ended_at > playback.ended_at or (excluded.proven and not playback.proven)
        or (playback.screen_id is null and excluded.screen_id is not null)
    returning (xmax = 0) as fresh`.execute(transaction);
  return result.rows.filter((row) => row.fresh).length;
}

export type StoredPiece = {
  readonly piece: LogPiece;
  readonly cinemaId: string;
  readonly screenId: string | null;
};

type PieceScope = {
  readonly cinemaIds: readonly string[];
  /** Some of their devices; left out, all. */
  readonly devices?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
};

/** All pieces of a cinema's devices, of some of them or of all. */
export async function readPieces(
  database: Queryable,
  { cinemaIds, devices, from, until }: PieceScope,
): Promise<StoredPiece[]> {
  const result = await sql<{
    cinema_id: string;
    device: string;
    screen_id: string | null;
    first_sequence: bigint;
    last_sequence: bigint;
    first_at: Date;
    last_at: Date;
    previous_header_hash: string | null;
    last_header_hash: string | null;
  }>`select * from exhibition.log_piece where cinema_id = any(${[...cinemaIds]}::uuid[])
      and ${devices === undefined ? sql`true` : sql`device = any(${[...devices]}::text[])`}
      and ${from === undefined ? sql`true` : sql`last_at >= ${from}`}
      and ${until === undefined ? sql`true` : sql`first_at < ${until}`}
    order by first_at`.execute(database);
  return result.rows.map((row) => ({
    cinemaId: row.cinema_id,
    screenId: row.screen_id,
    piece: {
      device: row.device,
      firstSequence: Number(row.first_sequence),
      lastSequence: Number(row.last_sequence),
      firstAt: row.first_at.getTime(),
      lastAt: row.last_at.getTime(),
      previousHeaderHash: row.previous_header_hash ?? undefined,
      lastHeaderHash: row.last_header_hash ?? undefined,
    },
  }));
}

/** When the log of each screen is whole: numbered records laid together, tables as they are. */
export async function logSpansOf(
  database: Queryable,
  scope: Omit<PieceScope, 'devices'>,
): Promise<ReadonlyMap<string, readonly LogSpan[]>> {
  const stored = await readPieces(database, scope);
  // A device that moved has a log of each screen that it stood in.
  const placed = stored.flatMap((each) =>
    each.screenId === null ? [] : [{ ...each, screenId: each.screenId }],
  );
  const spans = [...groupBy(placed, (each) => each.screenId)].flatMap(([screenId, own]) => {
    const pieces = own.map((each) => each.piece);
    const whole = [
      ...logCoverage(pieces.filter(isNumbered)).spans,
      ...pieces
        .filter((piece) => !isNumbered(piece))
        .map(({ firstAt, lastAt }) => ({ from: firstAt, until: lastAt })),
    ];
    const { cinemaId } = own[0]!;
    return whole.map(({ from, until }) => ({ cinemaId, screenId, from, until }));
  });
  return groupBy(spans, (each) => each.cinemaId);
}

const CINEMAS_MAX = 2000;

/** Holes in the logs of the cinemas that an organisation acts for. */
export async function standingHoles(
  database: Queryable,
  query: {
    readonly organisationId: string;
    readonly cinemaId?: string | undefined;
    readonly limit: number;
  },
): Promise<HoleRecord[]> {
  const { organisationId, cinemaId, limit } = query;
  // A table numbers by time, so that between two tables there is no hole to be seen.
  const cinemas = await sql<{ id: string; name: string }>`
    select distinct cinema.id, cinema.name from exhibition.log
    join exhibition.cinema on cinema.id = log.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${logsReachedBy(organisationId)} and log.kind = 'st430'
      and ${cinemaId === undefined ? sql`true` : sql`cinema.id = ${cinemaId}`}
    order by cinema.name limit ${CINEMAS_MAX}`.execute(database);
  const rows: HoleRecord[] = [];
  for (const cinema of cinemas.rows) {
    const pieces = await readPieces(database, { cinemaIds: [cinema.id] });
    const names = await screenNames(
      database,
      pieces.flatMap((each) => each.screenId ?? []),
    );
    const screens = new Map(pieces.map((each) => [each.piece.device, each.screenId]));
    const numbered = pieces.map((each) => each.piece).filter(isNumbered);
    for (const hole of logCoverage(numbered).holes) {
      rows.push({
        cinemaId: cinema.id,
        cinemaName: cinema.name,
        screenName: names.get(screens.get(hole.device) ?? '') ?? null,
        device: hole.device,
        afterSequence: hole.afterSequence,
        beforeSequence: hole.beforeSequence,
        missing: Math.max(0, hole.beforeSequence - hole.afterSequence - 1),
        from: new Date(hole.from).toISOString(),
        until: new Date(hole.until).toISOString(),
      });
    }
    if (rows.length >= limit) break;
  }
  return rows.slice(0, limit);
}

/** A table's pieces carry times for numbers. */
export const isNumbered = (piece: LogPiece): boolean => piece.firstSequence !== piece.firstAt;

export async function screenName(
  database: Queryable,
  id: string | undefined,
): Promise<string | undefined> {
  return id === undefined ? undefined : (await screenNames(database, [id])).get(id);
}

/** Whether a screen is of a cinema. */
export async function standsIn(
  database: Queryable,
  screenId: string,
  cinemaId: string,
): Promise<boolean> {
  const result = await sql`select 1 from exhibition.screen
    where id = ${screenId} and cinema_id = ${cinemaId}`.execute(database);
  return result.rows.length > 0;
}

async function screenNames(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ id: string; name: string }>`select id, name from exhibition.screen
    where id = any(${[...new Set(ids)]}::uuid[])`.execute(database);
  return new Map(result.rows.map((row) => [row.id, row.name]));
}

export async function listPlaybacks(
  database: Queryable,
  listing: {
    readonly organisationId: string;
    readonly cinemaId?: string | undefined;
    readonly filmId?: string | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<PlaybackRecord>[]> {
  const { organisationId, cinemaId, filmId, from, to, after, limit } = listing;
  const local = sql`playback.started_at at time zone cinema.time_zone`;
  const result = await sql<{
    id: string;
    cinema_name: string;
    screen_name: string | null;
    film_title: string | null;
    title: string | null;
    composition_id: string | null;
    device: string;
    started_at: Date;
    ended_at: Date;
    local_start: string;
    whole: boolean;
    proven: boolean;
    exceptions: string[];
    sort_key: string;
  }>`select playback.*, cinema.name as cinema_name, screen.name as screen_name,
      film.title as film_title, playback.started_at::text as sort_key,
      to_char(${local}, 'YYYY-MM-DD"T"HH24:MI') as local_start
    from exhibition.playback
    join exhibition.cinema on cinema.id = playback.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    left join exhibition.screen on screen.id = playback.screen_id
    left join film.film on film.id = playback.film_id
    where ${playbacksReachedBy(organisationId)}
      and ${cinemaId === undefined ? sql`true` : sql`cinema.id = ${cinemaId}`}
      and ${filmId === undefined ? sql`true` : sql`playback.film_id = ${filmId}`}
      and ${from === undefined ? sql`true` : sql`(${local})::date >= ${from}::date`}
      and ${to === undefined ? sql`true` : sql`(${local})::date <= ${to}::date`}
      and ${
        after === undefined
          ? sql`true`
          : sql`(playback.started_at, playback.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
      }
    order by playback.started_at desc, playback.id desc limit ${limit + 1}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      cinemaName: row.cinema_name,
      screenName: row.screen_name,
      filmTitle: row.film_title,
      title: row.title,
      compositionId: row.composition_id,
      device: row.device,
      startedAt: row.started_at.toISOString(),
      endedAt: row.ended_at.toISOString(),
      localStart: row.local_start,
      whole: row.whole,
      proven: row.proven,
      exceptions: row.exceptions,
    },
  }));
}
