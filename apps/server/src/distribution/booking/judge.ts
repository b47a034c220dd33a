import { finding, type Finding } from '@yinglian/core';
import { bookingConflicts, type ReleasePlan } from '@yinglian/release';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { conflict } from '../../kernel/refusal.ts';
import { type ChangeListener, jsonText } from '../../kernel/write.ts';
import { planOf } from '../release/plan.ts';
import { readRevisions } from '../release/repository.ts';
import {
  type BookingRecord,
  type OfferCinema,
  packageStateOf,
  readOfferCinemas,
} from './repository.ts';

type Announced = { readonly plan: ReleasePlan; readonly filmId: string };

/** The plan that binds everyone: the last announced one of a release that stands. */
export async function announcedPlan(database: Queryable, releaseId: string): Promise<Announced> {
  const revisions = await readRevisions(database, releaseId);
  const last = revisions.at(-1);
  if (last === undefined) throw conflict(finding('unannounced_release', 'error'));
  return { plan: planOf(last.plan), filmId: last.filmId };
}

/** What bookings stand in: plans, cinemas with screens, packages; read once for all of them. */
export type Surroundings = {
  readonly plans: ReadonlyMap<string, Announced>;
  readonly cinemas: ReadonlyMap<string, OfferCinema>;
  readonly packages: ReadonlyMap<string, Awaited<ReturnType<typeof packageStateOf>>>;
};

/** What a booking is of, and where. */
type Place = Pick<BookingRecord, 'releaseId' | 'filmVersionId' | 'cinemaId'>;

/** Reads what some bookings stand in. */
export async function readSurroundings(
  database: Queryable,
  records: readonly Place[],
): Promise<Surroundings> {
  const plans = new Map<string, Announced>();
  for (const id of new Set(records.map((each) => each.releaseId))) {
    plans.set(id, await announcedPlan(database, id));
  }
  const packages = new Map<string, Awaited<ReturnType<typeof packageStateOf>>>();
  for (const id of new Set(records.map((each) => each.filmVersionId))) {
    packages.set(id, await packageStateOf(database, id));
  }
  const cinemas = await readOfferCinemas(database, {
    cinemaIds: records.map((each) => each.cinemaId),
  });
  return { plans, packages, cinemas: new Map(cinemas.map((each) => [each.id, each])) };
}

/** What stands in the way of a booking as the register and the packages are now. */
export function conflictsOf(
  known: Surroundings,
  booking: Place & {
    readonly from: string;
    readonly to: string;
    readonly format: string;
    readonly screenIds: readonly string[];
  },
): Finding[] {
  const cinema = known.cinemas.get(booking.cinemaId)!;
  return bookingConflicts(known.plans.get(booking.releaseId)!.plan, {
    ...known.packages.get(booking.filmVersionId)!,
    cinema,
    days: { from: booking.from, to: booking.to },
    format: booking.format,
    screens: cinema.screens.filter((each) => booking.screenIds.includes(each.id)),
  });
}

/** Bookings judged in one round: a package may be booked by a nation. */
const BOOKINGS_A_ROUND = 2000;

type Row = Parameters<typeof conflictsOf>[1] & { readonly id: string; readonly conflicts: string };

/**
 * Judges standing bookings again when a certificate, a screen, a cinema, a package or the plan of
 * their release changes: a conflict that was mended goes, and a new one is seen before the keys are
 * wanted.
 */
export const rejudgeOnChange: ChangeListener = async (transaction, changes) => {
  const idsOf = (kind: string) =>
    changes.filter((each) => each.kind === kind).map((each) => each.id);
  const [screens, cinemas, packages, releases] = [
    idsOf('screen'),
    idsOf('cinema'),
    idsOf('package'),
    idsOf('release'),
  ];
  if (screens.length + cinemas.length + packages.length + releases.length === 0) return;
  const concerned = sql`(booking.cinema_id = any(${cinemas}::uuid[])
    or booking.release_id = any(${releases}::uuid[])
    or booking.cinema_id in (
      select cinema_id from exhibition.screen where id = any(${screens}::uuid[]))
    or booking.film_version_id in (
      select film_version_id from distribution.package where id = any(${packages}::uuid[])))`;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const result = await sql<Row>`
      select booking.id, booking.release_id as "releaseId", booking.cinema_id as "cinemaId",
        booking.film_version_id as "filmVersionId", booking.format,
        booking.screen_ids as "screenIds", booking.first_day::text as from,
        booking.last_day::text as to, booking.conflicts::text as conflicts
      from distribution.booking
      join distribution.release on release.id = booking.release_id and release.revision > 0
      where booking.state in ('offered', 'accepted', 'confirmed')
        and booking.last_day >= current_date - 1 and ${concerned} and booking.id > ${after}::uuid
      order by booking.id limit ${BOOKINGS_A_ROUND}`.execute(transaction);
    await rejudge(transaction, result.rows);
    if (result.rows.length < BOOKINGS_A_ROUND) return;
    after = result.rows.at(-1)!.id;
  }
};

/** Writes what has changed; a booking's version is not its conflicts' business. */
async function rejudge(transaction: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const known = await readSurroundings(transaction, rows);
  const judged = rows.map((row) => ({ id: row.id, conflicts: conflictsOf(known, row) }));
  const before = new Map(rows.map((row) => [row.id, jsonText(JSON.parse(row.conflicts))]));
  const changed = judged.filter((each) => before.get(each.id) !== jsonText(each.conflicts));
  if (changed.length === 0) return;
  await sql`
    update distribution.booking set conflicts = each->'conflicts'
    from json_array_elements(${jsonText(changed)}::json) as each
    where booking.id = (each->>'id')::uuid`.execute(transaction);
}
