import type { bookingSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { type BookingSide, type BookingState, bookingActions } from '@yinglian/release';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';

export type BookingRecord = z.output<typeof bookingSchema>;

/**
 * Who acts for a cinema: itself and its circuit. Where neither is on the network, whoever keeps
 * its record notes down what it said by telephone.
 */
export function actsForCinema(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(cinema.organisation_id = ${organisationId}
    or circuit.organisation_id = ${organisationId}
    or (cinema.organisation_id is null and circuit.organisation_id is null
      and cinema.keeper_id = ${organisationId})) is true`;
}

/** The two sides of a booking; nobody else learns where a film was offered. */
export function bookingsReachedBy(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(booking.organisation_id = ${organisationId}
    or ${actsForCinema(organisationId)})`;
}

export type BookingListing = Listing & {
  readonly releaseId?: string | undefined;
  readonly cinemaId?: string | undefined;
  readonly state?: BookingState | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly search?: string | undefined;
};

export type StoredBooking = {
  readonly record: BookingRecord;
  readonly sortKey: string;
};

type BookingRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  release_id: string;
  film_id: string;
  film_title: string;
  film_version_id: string;
  format: string;
  cinema_id: string;
  cinema_name: string;
  circuit_name: string | null;
  city: string | null;
  screens: { id: string; name: string }[] | null;
  first_day: string;
  last_day: string;
  state: BookingState;
  note: string;
  conflicts: Finding[];
  is_distributor: boolean;
  is_cinema: boolean;
  sort_key: string;
};

const given = (value: unknown, condition: RawBuilder<unknown>) =>
  value === undefined ? sql`true` : condition;

export async function listBookings(
  database: Queryable,
  listing: BookingListing,
): Promise<StoredBooking[]> {
  const { organisationId, releaseId, cinemaId, state, from, to } = listing;
  const like = `%${(listing.search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<BookingRow>`
    select booking.id, booking.version, booking.created_at, booking.updated_at,
      booking.release_id, booking.film_id, film.title as film_title, booking.film_version_id,
      booking.format, booking.cinema_id, cinema.name as cinema_name,
      circuit.name as circuit_name, cinema.city,
      (select json_agg(json_build_object('id', screen.id, 'name', screen.name)
          order by screen.number, screen.name)
        from exhibition.screen where screen.id = any(booking.screen_ids)) as screens,
      booking.first_day::text, booking.last_day::text, booking.state, booking.note,
      booking.conflicts, booking.organisation_id = ${organisationId} as is_distributor,
      ${actsForCinema(organisationId)} as is_cinema, booking.created_at::text as sort_key
    from distribution.booking
    join film.film on film.id = booking.film_id
    join exhibition.cinema on cinema.id = booking.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where ${bookingsReachedBy(organisationId)}
      and ${listedBy('booking', listing)}
      and ${given(releaseId, sql`booking.release_id = ${releaseId}`)}
      and ${given(cinemaId, sql`booking.cinema_id = ${cinemaId}`)}
      and ${given(state, sql`booking.state = ${state}`)}
      and ${given(from, sql`booking.last_day >= ${from}::date`)}
      and ${given(to, sql`booking.first_day <= ${to}::date`)}
      and ${given(listing.search, sql`(cinema.name ilike ${like} or film.title ilike ${like})`)}
    ${newestFirst('booking', listing.limit)}`.execute(database);
  return result.rows.map(storedOf);
}

function storedOf(row: BookingRow): StoredBooking {
  const sides: BookingSide[] = [];
  if (row.is_distributor) sides.push('distributor');
  if (row.is_cinema) sides.push('cinema');
  const actions = [...new Set(sides.flatMap((side) => bookingActions(row.state, side)))];
  return {
    sortKey: row.sort_key,
    record: {
      id: row.id,
      version: row.version,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      releaseId: row.release_id,
      filmId: row.film_id,
      filmTitle: row.film_title,
      filmVersionId: row.film_version_id,
      format: row.format,
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      circuitName: row.circuit_name,
      city: row.city,
      screens: row.screens ?? [],
      from: row.first_day,
      to: row.last_day,
      state: row.state,
      note: row.note,
      conflicts: row.conflicts.map(wireFinding),
      actions,
    },
  };
}

export type NewBooking = {
  readonly id: string;
  readonly cinemaId: string;
  readonly screenIds: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly conflicts: readonly Finding[];
};
export type OfferFields = {
  readonly releaseId: string;
  readonly organisationId: string;
  readonly filmId: string;
  readonly filmVersionId: string;
  readonly format: string;
  readonly note: string;
};

/** Puts offers in; a cinema that has one of this version already keeps it. Gives what was put. */
export async function insertOffers(
  transaction: Transaction,
  fields: OfferFields,
  bookings: readonly NewBooking[],
): Promise<string[]> {
  if (bookings.length === 0) return [];
  const result = await sql<{ id: string }>`
    insert into distribution.booking (id, release_id, organisation_id, film_id, film_version_id,
      format, cinema_id, screen_ids, first_day, last_day, state, note, conflicts)
    select (each->>'id')::uuid, ${fields.releaseId}::uuid, ${fields.organisationId}::uuid,
      ${fields.filmId}::uuid, ${fields.filmVersionId}::uuid, ${fields.format},
      (each->>'cinemaId')::uuid,
      array(select json_array_elements_text(each->'screenIds')::uuid),
      (each->>'from')::date, (each->>'to')::date, 'offered', ${fields.note}, each->'conflicts'
    from json_array_elements(${jsonText(bookings)}::json) as each
    on conflict (release_id, film_version_id, cinema_id)
      where state in ('offered', 'accepted', 'confirmed') do nothing
    returning id`.execute(transaction);
  return result.rows.map((row) => row.id);
}

export type BookingChange = {
  readonly id: string;
  readonly version: number;
  readonly state: BookingState;
  readonly to?: string | undefined;
  readonly screenIds?: readonly string[] | undefined;
  readonly conflicts: readonly Finding[];
};

/** Writes changes that still find the version they were made from. Gives the ids it changed. */
export async function updateBookings(
  transaction: Transaction,
  changes: readonly BookingChange[],
  now: Date,
): Promise<Set<string>> {
  if (changes.length === 0) return new Set();
  const result = await sql<{ id: string }>`
    update distribution.booking
    set state = change->>'state', version = booking.version + 1, updated_at = ${now},
      last_day = coalesce((change->>'to')::date, last_day),
      screen_ids = case when change->'screenIds' is null then screen_ids
        else array(select json_array_elements_text(change->'screenIds')::uuid) end,
      conflicts = change->'conflicts'
    from json_array_elements(${jsonText(changes)}::json) as change
    where booking.id = (change->>'id')::uuid and booking.version = (change->>'version')::integer
    returning booking.id`.execute(transaction);
  return new Set(result.rows.map((row) => row.id));
}

export type OfferCinema = {
  readonly id: string;
  readonly circuitId: string | null;
  readonly province: string | null;
  readonly city: string | null;
  readonly screens: readonly {
    readonly id: string;
    readonly name: string;
    readonly formats: readonly string[];
    /** The last day of the present media block's certificate on the cinema's clock. */
    readonly certificateUntil: string | null;
  }[];
};

/** Cinemas with their screens and certificates, by their ids or by their circuits'. */
export async function readOfferCinemas(
  database: Queryable,
  wanted: { readonly cinemaIds: readonly string[]; readonly circuitIds?: readonly string[] },
): Promise<OfferCinema[]> {
  const result = await sql<{
    id: string;
    circuit_id: string | null;
    province: string | null;
    city: string | null;
    screens: OfferCinema['screens'] | null;
  }>`
    select cinema.id, cinema.circuit_id, cinema.province, cinema.city,
      (select json_agg(json_build_object('id', screen.id, 'name', screen.name,
          'formats', screen.formats,
          'certificateUntil', (device.not_after at time zone cinema.time_zone)::date::text)
          order by screen.number, screen.name)
        from exhibition.screen
        left join exhibition.device on device.screen_id = screen.id
          and device.removed_at is null and device.kind = 'media_block'
        where screen.cinema_id = cinema.id) as screens
    from exhibition.cinema
    where cinema.id = any(${[...wanted.cinemaIds]}::uuid[])
      or cinema.circuit_id = any(${[...(wanted.circuitIds ?? [])]}::uuid[])
    order by cinema.id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    circuitId: row.circuit_id,
    province: row.province,
    city: row.city,
    screens: row.screens ?? [],
  }));
}

/** Whether a film version has a package that passed, only others, or none; and if it is locked. */
export async function packageStateOf(
  database: Queryable,
  filmVersionId: string,
): Promise<{ readonly package: 'ready' | 'unchecked' | 'missing'; readonly encrypted: boolean }> {
  const result = await sql<{ passed: boolean; encrypted: boolean }>`
    select state = 'passed' as passed, encrypted from distribution.package
    where film_version_id = ${filmVersionId} and withdrawn_at is null
    order by (state = 'passed') desc, created_at desc limit 1`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return { package: 'missing', encrypted: true };
  return { package: row.passed ? 'ready' : 'unchecked', encrypted: row.encrypted };
}
