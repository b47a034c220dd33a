import { sql } from 'kysely';
import {
  type AccessRule,
  type AccessRules,
  ownedRecords,
  reachOf,
} from '../kernel/access/access.ts';
import { caseRule } from './cases/repository.ts';

/**
 * Cinemas, circuits and screens are a register that everybody in the network reads, as certificates
 * and codes must be found. A record is changed by who keeps it, by the cinema itself, and by the
 * circuit it belongs to.
 */
const cinemaRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select cinema.id, (cinema.keeper_id = ${organisationId}
      or cinema.organisation_id = ${organisationId}
      or circuit.organisation_id = ${organisationId}) is true as writable
    from exhibition.cinema
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where cinema.id = any(${[...ids]}::uuid[])`.execute(database);
  return reachOf(result.rows);
};

const screenRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select screen.id, (cinema.keeper_id = ${organisationId}
      or cinema.organisation_id = ${organisationId}
      or circuit.organisation_id = ${organisationId}) is true as writable
    from exhibition.screen
    join exhibition.cinema on cinema.id = screen.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where screen.id = any(${[...ids]}::uuid[])`.execute(database);
  return reachOf(result.rows);
};

const circuitRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select id, (keeper_id = ${organisationId} or organisation_id = ${organisationId}) is true
      as writable
    from exhibition.circuit where id = any(${[...ids]}::uuid[])`.execute(database);
  return reachOf(result.rows);
};

/**
 * A report is its sender's. Of a film's reports, those in the film's room who settle see all; one
 * circuit never sees another's.
 */
const reportRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select report.id, report.organisation_id = ${organisationId} as writable
    from exhibition.report
    where report.id = any(${[...ids]}::uuid[]) and ${reportsReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

/** The condition over `exhibition.report` that lists and single reads share. */
export function reportsReachedBy(organisationId: string) {
  return sql<boolean>`(report.organisation_id = ${organisationId} or exists (
    select 1 from kernel.room_member as member
    where member.film_id = report.film_id and member.organisation_id = ${organisationId}
      and (member.owner or 'settlement' = any(member.halls))))`;
}

/** Who applied reads its application, and whoever the report reaches decides over it. */
const correctionRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; writable: boolean }>`
    select correction.id, true as writable from exhibition.correction
    join exhibition.report on report.id = correction.report_id
    where correction.id = any(${[...ids]}::uuid[]) and ${reportsReachedBy(organisationId)}
  `.execute(database);
  return reachOf(result.rows);
};

export const exhibitionAccess: AccessRules = {
  correction: correctionRule,
  screening_case: caseRule,
  source: ownedRecords('exhibition.source'),
  cinema: cinemaRule,
  screen: screenRule,
  circuit: circuitRule,
  report: reportRule,
};
