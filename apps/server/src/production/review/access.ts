import { sql } from 'kysely';
import type { AccessRule, AccessRules } from '../../kernel/access/access.ts';
import { assetRule } from '../project/reach.ts';

/** Records that hang on an asset are reached, and changed, by whoever reaches the asset so. */
function throughAsset(table: string): AccessRule {
  return async (database, question) => {
    const result = await sql<{ id: string; asset_id: string }>`
      select id, asset_id from ${sql.table(table)}
      where id = any(${[...question.ids]}::uuid[])`.execute(database);
    const ids = [...new Set(result.rows.map((row) => row.asset_id))];
    const reach = await assetRule(database, { ...question, ids });
    const where = (assets: ReadonlySet<string>) =>
      new Set(result.rows.filter((row) => assets.has(row.asset_id)).map((row) => row.id));
    return { readable: where(reach.readable), writable: where(reach.writable) };
  };
}

/** A remark is read with its asset, an internal one by its own company alone. */
const noteRule: AccessRule = async (database, question) => {
  const reach = await throughAsset('production.note')(database, question);
  const hidden = await sql<{ id: string }>`
    select id from production.note where id = any(${[...question.ids]}::uuid[])
      and internal and organisation_id <> ${question.organisationId}`.execute(database);
  const gone = new Set(hidden.rows.map((row) => row.id));
  const shown = (ids: ReadonlySet<string>) => new Set([...ids].filter((id) => !gone.has(id)));
  return { readable: shown(reach.readable), writable: shown(reach.writable) };
};

/** A link is its maker's company's. */
const linkRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string }>`
    select id from production.share_link
    where id = any(${[...ids]}::uuid[]) and organisation_id = ${organisationId}`.execute(database);
  const own = new Set(result.rows.map((row) => row.id));
  return { readable: own, writable: own };
};

export const reviewAccess: AccessRules = {
  note: noteRule,
  approval: throughAsset('production.approval'),
  review_room: throughAsset('production.review_room'),
  share_link: linkRule,
};
