import { sql } from 'kysely';
import type { AccessRule, AccessRules } from '../kernel/access/access.ts';
import { assetRule, workplaceRule } from './project/reach.ts';

/** A note is read by all of the room; it is changed by the organisation that wrote it. */
const noteRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string; own: boolean }>`
    select note.id, note.organisation_id = ${organisationId} as own
    from production.note
    join production.asset on asset.id = note.asset_id
    join kernel.room_member as member on member.film_id = asset.film_id
    where note.id = any(${[...ids]}::uuid[]) and member.organisation_id = ${organisationId}
      and (member.owner or 'production' = any(member.halls))`.execute(database);
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => row.own).map((row) => row.id)),
  };
};

export const productionAccess: AccessRules = {
  asset: assetRule,
  workplace: workplaceRule,
  note: noteRule,
};
