import type { shareLinkSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';

export type ShareLink = z.output<typeof shareLinkSchema>;

/** A link as it is found by its token. */
export type StoredLink = {
  readonly id: string;
  readonly organisation_id: string;
  readonly organisation: string;
  readonly film_id: string;
  readonly asset_id: string;
  readonly title: string;
  readonly label: string;
  readonly password_hash: string | null;
  readonly expires_at: Date;
  readonly download: boolean;
  readonly comment: boolean;
  readonly watermark: boolean;
  readonly viewers_max: number;
  readonly revoked_at: Date | null;
  readonly failures: number;
  readonly failed_at: Date | null;
};

export async function insertLink(
  transaction: Transaction,
  link: {
    readonly id: string;
    readonly organisationId: string;
    readonly filmId: string;
    readonly assetId: string;
    readonly label: string;
    readonly tokenHash: string;
    readonly passwordHash: string | null;
    readonly expiresAt: Date;
    readonly download: boolean;
    readonly comment: boolean;
    readonly watermark: boolean;
    readonly viewersMax: number;
    readonly userId: string | null;
  },
): Promise<void> {
  await sql`
    insert into production.share_link (id, organisation_id, film_id, asset_id, label, token_hash,
      password_hash, expires_at, download, comment, watermark, viewers_max, created_by)
    values (${link.id}, ${link.organisationId}, ${link.filmId}, ${link.assetId}, ${link.label},
      ${link.tokenHash}, ${link.passwordHash}, ${link.expiresAt}, ${link.download},
      ${link.comment}, ${link.watermark}, ${link.viewersMax}, ${link.userId})
  `.execute(transaction);
}

export async function listLinks(
  database: Queryable,
  listing: Listing,
  now: Date,
): Promise<Listed<ShareLink>[]> {
  const result = await sql<
    StoredLink & {
      created_at: Date;
      viewers: bigint;
      creator: string | null;
      sort_key: string;
    }
  >`
    select link.*, asset.title, person.name as creator, link.created_at::text as sort_key,
      (select count(*) from production.share_viewer where link_id = link.id) as viewers
    from production.share_link as link
    join production.asset on asset.id = link.asset_id
    left join identity."user" as person on person.id = link.created_by
    where link.organisation_id = ${listing.organisationId} and ${listedBy('link', listing)}
    ${newestFirst('link', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      assetId: row.asset_id,
      assetTitle: row.title,
      label: row.label,
      hasPassword: row.password_hash !== null,
      expiresAt: row.expires_at.toISOString(),
      download: row.download,
      comment: row.comment,
      watermark: row.watermark,
      viewersMax: row.viewers_max,
      viewers: Number(row.viewers),
      state: row.revoked_at !== null ? 'revoked' : row.expires_at <= now ? 'expired' : 'open',
      createdBy: row.creator ?? '',
    },
  }));
}

export async function findLink(
  database: Queryable,
  where: { readonly tokenHash: string } | { readonly id: string },
): Promise<StoredLink | undefined> {
  const chosen =
    'id' in where ? sql`link.id = ${where.id}` : sql`link.token_hash = ${where.tokenHash}`;
  const result = await sql<StoredLink>`
    select link.*, asset.title, organisation.name as organisation
    from production.share_link as link
    join production.asset on asset.id = link.asset_id
    join kernel.organisation on organisation.id = link.organisation_id
    where ${chosen}`.execute(database);
  return result.rows[0];
}

/** Counts a wrong password; a pause after some of them makes guessing hopeless. */
export async function countFailure(database: Queryable, id: string, now: Date): Promise<void> {
  await sql`update production.share_link set failures = failures + 1, failed_at = ${now}
    where id = ${id}`.execute(database);
}

export async function forgetFailures(transaction: Transaction, id: string): Promise<void> {
  await sql`update production.share_link set failures = 0
    where id = ${id} and failures > 0`.execute(transaction);
}

export async function revokeLink(transaction: Transaction, id: string, now: Date): Promise<void> {
  await sql`update production.share_link set revoked_at = coalesce(revoked_at, ${now})
    where id = ${id}`.execute(transaction);
}

export type StoredViewer = {
  readonly id: string;
  readonly link_id: string;
  readonly name: string;
  readonly code: string;
  readonly entered_at: Date;
  readonly seen_at: Date;
  readonly views: number;
  readonly job_id: string | null;
  readonly file_id: string | null;
};

/** False when as many as may have entered have done so. */
export async function insertViewer(
  transaction: Transaction,
  viewer: {
    readonly id: string;
    readonly linkId: string;
    readonly name: string;
    readonly code: string;
    readonly passHash: string;
    readonly viewersMax: number;
  },
): Promise<boolean> {
  // The link's row is held, so that two who enter at once do not both take the last place.
  await sql`select 1 from production.share_link where id = ${viewer.linkId} for update`.execute(
    transaction,
  );
  const result = await sql`
    insert into production.share_viewer (id, link_id, name, code, pass_hash)
    select ${viewer.id}, ${viewer.linkId}, ${viewer.name}, ${viewer.code}, ${viewer.passHash}
    where (select count(*) from production.share_viewer where link_id = ${viewer.linkId})
      < ${viewer.viewersMax}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function findViewer(
  database: Queryable,
  where: { readonly passHash: string } | { readonly id: string },
): Promise<StoredViewer | undefined> {
  const chosen = 'id' in where ? sql`id = ${where.id}` : sql`pass_hash = ${where.passHash}`;
  const result = await sql<StoredViewer>`
    select * from production.share_viewer where ${chosen}`.execute(database);
  return result.rows[0];
}

export async function listViewers(database: Queryable, linkId: string) {
  const result = await sql<StoredViewer>`
    select * from production.share_viewer where link_id = ${linkId}
    order by entered_at, id`.execute(database);
  return result.rows.map((row) => ({
    id: row.id,
    name: row.name,
    code: row.code,
    enteredAt: row.entered_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    views: row.views,
  }));
}

export async function setViewerJob(
  transaction: Transaction,
  id: string,
  jobId: string,
): Promise<void> {
  await sql`update production.share_viewer set job_id = ${jobId} where id = ${id}`.execute(
    transaction,
  );
}

export async function setViewerFile(
  transaction: Transaction,
  id: string,
  fileId: string,
): Promise<void> {
  await sql`update production.share_viewer set file_id = ${fileId} where id = ${id}`.execute(
    transaction,
  );
}

export async function countView(database: Queryable, id: string, now: Date): Promise<void> {
  await sql`update production.share_viewer set views = views + 1, seen_at = ${now}
    where id = ${id}`.execute(database);
}
