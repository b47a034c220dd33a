import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import { assetsReachedBy } from './reach.ts';

/** One version in the stack of a subject; `assetId` is what is watched. */
export type StackedVersion = {
  readonly id: string;
  readonly projectId: string;
  readonly subjectKind: 'shot' | 'sequence' | 'cut' | 'film';
  readonly subjectId: string;
  /** The line of work, such as `comp`; empty where a subject has one line only. */
  readonly name: string;
  readonly number: number;
  readonly assetId: string;
  readonly title: string;
  readonly state: 'submitted' | 'approved' | 'changes' | 'rejected' | 'withdrawn';
  readonly createdAt: string;
};

/**
 * Versions of the subjects that an asset is a version of, the newest first: only those whose
 * media the organisation reaches.
 */
export async function stackOf(
  database: Queryable,
  organisationId: string,
  assetId: string,
): Promise<StackedVersion[]> {
  const result = await sql<Omit<StackedVersion, 'createdAt'> & { at: Date }>`
    select version.id, version.project_id as "projectId", version.subject_kind as "subjectKind",
      version.subject_id as "subjectId", version.name, version.number,
      version.asset_id as "assetId", asset.title, version.state, version.created_at as at
    from production.version
    join production.asset on asset.id = version.asset_id
    where version.asset_id in ${assetsReachedBy(organisationId)}
      and (version.subject_kind, version.subject_id) in (
        select known.subject_kind, known.subject_id from production.version as known
        where known.asset_id = ${assetId})
    order by version.created_at desc, version.id desc`.execute(database);
  return result.rows.map(({ at, ...row }) => ({ ...row, createdAt: at.toISOString() }));
}
