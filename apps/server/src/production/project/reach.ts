import { type RawBuilder, sql } from 'kysely';
import type { AccessRule } from '../../kernel/access/access.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';

/**
 * Assets that an organisation reaches, as a subquery for `where asset.id in …`: all of its rooms,
 * what it brought in itself, and what was turned over to it.
 */
export function assetsReachedBy(organisationId: string): RawBuilder<string> {
  return sql<string>`(select reach.asset_id from production.asset_reach as reach
    where reach.organisation_id = ${organisationId})`;
}

/**
 * Whoever is in the film's room changes an asset. A company outside it works on what it brought
 * in, but does not accept it; of what was turned over to it, it may only speak.
 */
export const assetRule: AccessRule = async (database, { organisationId, permission, ids }) => {
  const result = await sql<{ id: string; way: 'room' | 'own' | 'turnover' }>`
    select reach.asset_id as id, reach.way from production.asset_reach as reach
    where reach.asset_id = any(${[...ids]}::uuid[])
      and reach.organisation_id = ${organisationId}`.execute(database);
  const writes = (way: string) =>
    way === 'room' ||
    (way === 'own' && permission !== 'production.accept') ||
    permission === 'production.review';
  return {
    readable: new Set(result.rows.map((row) => row.id)),
    writable: new Set(result.rows.filter((row) => writes(row.way)).map((row) => row.id)),
  };
};

/** Films into which an organisation may bring media: its rooms, and where it takes part. */
export const workplaceRule: AccessRule = async (database, { organisationId, ids }) => {
  const result = await sql<{ id: string }>`
    select member.film_id as id from kernel.room_member as member
    where member.film_id = any(${[...ids]}::uuid[]) and member.organisation_id = ${organisationId}
      and (member.owner or 'production' = any(member.halls))
    union
    select project.film_id from production.project
    join production.participant on participant.project_id = project.id
    where project.film_id = any(${[...ids]}::uuid[]) and participant.state = 'joined'
      and participant.organisation_id = ${organisationId}`.execute(database);
  const films = new Set(result.rows.map((row) => row.id));
  return { readable: films, writable: films };
};

/** Whether the organisation stands outside the film's room: what it brings in is held for it. */
export async function isOutsideRoom(
  database: Queryable,
  filmId: string,
  organisationId: string,
): Promise<boolean> {
  const result = await sql<{ inside: boolean }>`
    select exists (select 1 from kernel.room_member as member
      where member.film_id = ${filmId} and member.organisation_id = ${organisationId}
        and (member.owner or 'production' = any(member.halls))) as inside`.execute(database);
  return !result.rows[0]!.inside;
}

/** Keeps an asset to the company that brought it in, until it delivers it as a version. */
export async function holdAsset(transaction: Transaction, assetId: string): Promise<void> {
  await sql`update production.asset set held = true where id = ${assetId}`.execute(transaction);
}

/** Opens an asset that was held, with its files, to the film's room. */
export async function releaseAsset(transaction: Transaction, assetId: string): Promise<void> {
  await sql`
    update kernel.file set film_id = asset.film_id, hall = 'production'
    from production.asset
    where asset.id = ${assetId} and asset.held and (file.id in (asset.original_file_id,
      asset.sound_file_id, asset.proxy_file_id, asset.filmstrip_file_id, asset.waveform_file_id,
      asset.poster_file_id) or file.id in (select part.file_id
        from production.arrival_file as part where part.asset_id = asset.id))`.execute(transaction);
  await sql`update production.asset set held = false where id = ${assetId}`.execute(transaction);
}

export type RoomParty = {
  readonly organisationId: string;
  readonly name: string;
  readonly way: 'room' | 'own' | 'turnover';
};

/** Who may see an asset, and through what: each company once, by its widest way. */
export async function roomOf(database: Queryable, assetId: string): Promise<RoomParty[]> {
  const result = await sql<RoomParty>`
    select distinct on (organisation.name, organisation.id)
      organisation.id as "organisationId", organisation.name, reach.way
    from production.asset_reach as reach
    join kernel.organisation on organisation.id = reach.organisation_id
    where reach.asset_id = ${assetId}
    order by organisation.name, organisation.id,
      array_position(array['room', 'own', 'turnover'], reach.way)`.execute(database);
  return result.rows;
}

/**
 * Gives the files of assets to those who reach them by a turnover, and takes them back from those
 * who no longer do. Call it where a turnover changes and where an asset gets new files.
 */
export async function shareAssetFiles(
  transaction: Transaction,
  assetIds: readonly string[],
): Promise<void> {
  if (assetIds.length === 0) return;
  await sql`
    with file as (
      select asset.id as asset_id, each.file_id, each.original
      from production.asset
      cross join lateral (values (asset.original_file_id, true), (asset.sound_file_id, true),
        (asset.proxy_file_id, false), (asset.filmstrip_file_id, false),
        (asset.waveform_file_id, false), (asset.poster_file_id, false))
        as each (file_id, original)
      where asset.id = any(${[...assetIds]}::uuid[]) and each.file_id is not null
      union
      select part.asset_id, part.file_id, true from production.arrival_file as part
      where part.asset_id = any(${[...assetIds]}::uuid[])
    ), wanted as (
      select distinct file.file_id, turnover.organisation_id
      from file
      join production.turnover_asset as turned on turned.asset_id = file.asset_id
        and (turned.original or not file.original)
      join production.turnover on turnover.id = turned.turnover_id
        and turnover.state in ('sent', 'received')
      join production.participant on participant.project_id = turnover.project_id
        and participant.organisation_id = turnover.organisation_id
        and participant.state = 'joined'
    ), taken as (
      delete from kernel.file_grant as given using file
      where given.file_id = file.file_id and not exists (select 1 from wanted
        where wanted.file_id = given.file_id and wanted.organisation_id = given.organisation_id)
    )
    insert into kernel.file_grant (file_id, organisation_id)
    select file_id, organisation_id from wanted
    on conflict do nothing`.execute(transaction);
}

/**
 * Gives a company the lists and manifests of what was turned over to it in a project, and takes
 * back those of turnovers that were withdrawn, or all of them where its part has ended.
 */
export async function shareTurnoverFiles(
  transaction: Transaction,
  projectId: string,
  organisationId: string,
): Promise<void> {
  await sql`
    with file as (
      select turnover.manifest_file_id as file_id, turnover.state from production.turnover
      where turnover.project_id = ${projectId} and turnover.organisation_id = ${organisationId}
        and turnover.manifest_file_id is not null
      union all
      select listed.file_id, turnover.state from production.turnover_file as listed
      join production.turnover on turnover.id = listed.turnover_id
      where turnover.project_id = ${projectId} and turnover.organisation_id = ${organisationId}
    ), wanted as (
      select file.file_id from file
      where file.state in ('sent', 'received')
        and exists (select 1 from production.participant as part
          where part.project_id = ${projectId} and part.organisation_id = ${organisationId}
            and part.state = 'joined')
    ), taken as (
      delete from kernel.file_grant as given using file
      where given.file_id = file.file_id and given.organisation_id = ${organisationId}
        and not exists (select 1 from wanted where wanted.file_id = given.file_id)
    )
    insert into kernel.file_grant (file_id, organisation_id)
    select file_id, ${organisationId}::uuid from wanted
    on conflict do nothing`.execute(transaction);
}
