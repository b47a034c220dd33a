import { sql } from 'kysely';
import {
  type AccessRule,
  type AccessRules,
  filmRecords,
  ownedRecords,
  reachOf,
} from '../kernel/access/access.ts';
import { actsForCinema, bookingsReachedBy } from './booking/repository.ts';
import { helpAnsweredBy, helpReachedBy } from './keys/help-repository.ts';
import { releasesReachedBy } from './release/repository.ts';

/**
 * A key is seen by who issued it, by the cinema it is for, and by that cinema's circuit; nobody
 * learns from it where else a film plays.
 */
export function keysReachedBy(organisationId: string) {
  return sql<boolean>`(key.organisation_id = ${organisationId}
    or cinema.organisation_id = ${organisationId} or circuit.organisation_id = ${organisationId})`;
}

type ReachRow = { readonly id: string; readonly writable: boolean };

const keyRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select key.id, key.organisation_id = ${organisationId} as writable
    from distribution.key
    join exhibition.screen on screen.id = key.screen_id
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where key.id = any(${[...ids]}::uuid[]) and ${keysReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** A release is its distributor's to change; the film's room and the booked cinemas read it. */
const releaseRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select release.id, release.organisation_id = ${organisationId} as writable
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
        else booking.organisation_id = ${organisationId} end as writable
    from distribution.booking
    join exhibition.cinema on cinema.id = booking.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where booking.id = any(${[...ids]}::uuid[]) and ${bookingsReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** The desk of the film answers; the cinema and its circuit read. */
const helpRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<ReachRow>`
    select help.id, ${helpAnsweredBy(organisationId)} as writable from distribution.help
    join exhibition.cinema on cinema.id = help.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where help.id = any(${[...ids]}::uuid[]) and ${helpReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** Records of a cinema are of whoever acts for it. */
function cinemaRecords(table: string): AccessRule {
  return async (database, { organisationId, ids }) => {
    const result = await sql<ReachRow>`
      select record.id, true as writable from ${sql.table(table)} as record
      join exhibition.cinema on cinema.id = record.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where record.id = any(${[...ids]}::uuid[]) and ${actsForCinema(organisationId)}
    `.execute(database);
    return reachOf(result.rows);
  };
}

export const distributionAccess: AccessRules = {
  site: cinemaRecords('distribution.site'),
  release: releaseRule,
  booking: bookingRule,
  show: cinemaRecords('distribution.show'),
  package: filmRecords('distribution.package'),
  key: keyRule,
  key_order: ownedRecords('distribution.key_order'),
  key_link: ownedRecords('distribution.key_link'),
  help: helpRule,
};
