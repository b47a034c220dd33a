import { sql } from 'kysely';
import { type AccessRule, type AccessRules, filmRecords } from '../kernel/access/access.ts';
import { actsForCinema, bookingsReachedBy } from './booking/repository.ts';
import { releasesReachedBy } from './release/repository.ts';

/**
 * A key is seen by who issued it, by the cinema it is for, and by that cinema's circuit; nobody
 * learns from it where else a film plays.
 */
export function keysReachedBy(organisationId: string) {
  return sql<boolean>`(key.organisation_id = ${organisationId}
    or cinema.organisation_id = ${organisationId} or circuit.organisation_id = ${organisationId})`;
}

const keyRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select key.id, key.organisation_id = ${organisationId} as own
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where key.id = any(${[...ids]}::uuid[]) and ${keysReachedBy(organisationId)}
  `.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

type ReachRow = { readonly id: string; readonly own: boolean };
const reachOf = (rows: readonly ReachRow[]) => ({
  readable: new Set(rows.map((row) => row.id)),
  writable: new Set(rows.filter((row) => row.own).map((row) => row.id)),
});

/** A release is its distributor's to change; the film's room and the booked cinemas read it. */
const releaseRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select release.id, release.organisation_id = ${organisationId} as own
    from distribution.release
    where release.id = any(${[...ids]}::uuid[]) and ${releasesReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** Both sides change a booking; which of its ways each may go, the table of bookings says. */
const bookingRule: AccessRule = async (database, { organisationId, ids, permission }) => {
  const result = await sql<ReachRow>`
    select booking.id, case when ${permission} = 'exhibition.book'
        then ${actsForCinema(organisationId)}
        else booking.organisation_id = ${organisationId} end as own
    from distribution.booking
    join exhibition.cinema on cinema.id = booking.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where booking.id = any(${[...ids]}::uuid[]) and ${bookingsReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** A show is its cinema's. */
const showRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select show.id, true as own from distribution.show
    join exhibition.cinema on cinema.id = show.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where show.id = any(${[...ids]}::uuid[]) and ${actsForCinema(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** A site agent belongs to whoever acts for its cinema. */
const siteRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select site.id, true as own from distribution.site
    join exhibition.cinema on cinema.id = site.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where site.id = any(${[...ids]}::uuid[]) and ${actsForCinema(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

export const distributionAccess: AccessRules = {
  site: siteRule,
  release: releaseRule,
  booking: bookingRule,
  show: showRule,
  package: filmRecords('distribution.package'),
  key: keyRule,
};
