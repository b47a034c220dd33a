import { type RawBuilder, sql } from 'kysely';

/**
 * Who acts for a cinema, over the aliases `cinema` and `circuit`: itself and its circuit. Where
 * neither is on the network, whoever keeps its record.
 */
export function actsForCinema(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(cinema.organisation_id = ${organisationId}
    or circuit.organisation_id = ${organisationId}
    or (cinema.organisation_id is null and circuit.organisation_id is null
      and cinema.keeper_id = ${organisationId})) is true`;
}
