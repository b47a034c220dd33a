import type { sites } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import { filmsReachedBy } from '../../kernel/access/access.ts';
import type { Queryable } from '../../kernel/database/database.ts';
import { actsForCinema } from '../booking/repository.ts';

export type Recalls = z.output<typeof sites.recalls.result>;

/**
 * Where withdrawn packages came to, for who distributes the film and for the cinemas: first what
 * still lies there.
 */
export async function listRecalls(
  database: Queryable,
  query: {
    readonly organisationId: string;
    readonly packageId?: string | undefined;
    readonly only?: 'held' | undefined;
    readonly limit: number;
  },
): Promise<Recalls> {
  const { organisationId, packageId, only, limit } = query;
  const result = await sql<{
    package_id: string;
    title: string;
    withdrawn_at: Date;
    cinema_id: string;
    cinema_name: string;
    site_name: string;
    held: boolean;
    updated_at: Date;
    last_seen_at: Date | null;
    total: bigint;
    all_held: bigint;
  }>`
    with recalled as (
      select package.id as package_id, package.title, package.withdrawn_at, cinema.id as cinema_id,
        cinema.name as cinema_name, site.name as site_name, site.last_seen_at, kept.updated_at,
        kept.state <> 'removed' as held
      from distribution.package
      join distribution.site_package as kept on kept.package_id = package.id
      join distribution.site on site.id = kept.site_id and site.revoked_at is null
      join exhibition.cinema on cinema.id = site.cinema_id
      left join exhibition.circuit on circuit.id = cinema.circuit_id
      where package.withdrawn_at is not null
        and (package.organisation_id = ${organisationId}
          or package.film_id in ${filmsReachedBy(organisationId, 'distribution')}
          or ${actsForCinema(organisationId)})
        and ${packageId === undefined ? sql`true` : sql`package.id = ${packageId}`}
    ), counted as (
      select *, count(*) over () as total, count(*) filter (where held) over () as all_held
      from recalled
    )
    select * from counted where ${only === undefined ? sql`true` : sql`held`}
    order by held desc, withdrawn_at desc, cinema_name, site_name limit ${limit}`.execute(database);
  const [head] = result.rows;
  return {
    total: Number(head?.total ?? 0n),
    held: Number(head?.all_held ?? 0n),
    rows: result.rows.map((row) => ({
      packageId: row.package_id,
      title: row.title,
      withdrawnAt: row.withdrawn_at.toISOString(),
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      siteName: row.site_name,
      state: row.held ? ('held' as const) : ('removed' as const),
      updatedAt: row.updated_at.toISOString(),
      lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    })),
  };
}
