import type { frameTable, mediaMarks } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Transaction } from '../../kernel/database/database.ts';
import { found } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { assetsReachedBy } from '../project/reach.ts';
import { hasSlateReader } from './slate.ts';

export type MediaMarks = z.output<typeof mediaMarks>;
export type FrameTable = z.output<typeof frameTable>;

export type FoundMarks = {
  readonly scenes?: MediaMarks['scenes'];
  readonly slate?: MediaMarks['slate'];
  readonly frameTable?: FrameTable | null;
};

/** Keeps what a step of the ingest found; what it did not look for stays as it was. */
export async function keepMarks(
  transaction: Transaction,
  assetId: string,
  marks: FoundMarks,
): Promise<void> {
  const json = (value: unknown) => (value === undefined || value === null ? null : jsonText(value));
  await sql`
    insert into production.asset_marks (asset_id, scenes, slate, frame_table)
    values (${assetId}, ${json(marks.scenes)}::json, ${json(marks.slate)}::json,
      ${json(marks.frameTable)}::json)
    on conflict (asset_id) do update set
      scenes = coalesce(excluded.scenes, production.asset_marks.scenes),
      slate = coalesce(excluded.slate, production.asset_marks.slate),
      frame_table = coalesce(excluded.frame_table, production.asset_marks.frame_table)
  `.execute(transaction);
}

/** What was found in an asset besides what its record says. */
export function createMarksService({
  database,
  requireAccess,
}: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
}) {
  return {
    async marks(context: Context, id: string): Promise<MediaMarks> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'asset',
        ids: [id],
      });
      const result = await sql<Pick<MediaMarks, 'scenes' | 'slate'>>`
        select scenes, slate from production.asset_marks where asset_id = ${id}`.execute(database);
      const same = await sql<{ assetId: string; title: string }>`
        select other.id as "assetId", other.title
        from production.asset as asset
        join kernel.file as file on file.id = asset.original_file_id
        join kernel.file as same on same.digest = file.digest
        join production.asset as other on other.original_file_id = same.id
          and other.film_id = asset.film_id and other.id <> asset.id
        where asset.id = ${id} and other.id in ${assetsReachedBy(organisationId)}
        order by other.created_at limit 50`.execute(database);
      const { scenes = null, slate = null } = result.rows[0] ?? {};
      return { scenes, slate, slateReader: await hasSlateReader(), duplicates: same.rows };
    },

    async frameTable(context: Context, id: string): Promise<FrameTable> {
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [id] });
      const result = await sql<{ frame_table: FrameTable | null }>`
        select frame_table from production.asset_marks where asset_id = ${id}`.execute(database);
      return found(result.rows[0]?.frame_table ?? undefined, { id });
    },
  };
}
