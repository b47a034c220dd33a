import type { releaseSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { comparePlans } from '@yinglian/release';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import { jsonText } from '../../kernel/write.ts';
import { planOf, type WirePlan } from './plan.ts';

export type ReleaseRecord = z.output<typeof releaseSchema>;
type State = ReleaseRecord['state'];

/** The distributor itself, and whoever shares the film's room for distribution. */
export function releasesWorkedOnBy(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(release.organisation_id = ${organisationId} or exists (
    select 1 from kernel.room_member as member
    where member.film_id = release.film_id and member.organisation_id = ${organisationId}
      and (member.owner or 'distribution' = any(member.halls))))`;
}

/** Also the cinemas and circuits that were offered the film: they receive what is announced. */
export function releasesReachedBy(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(${releasesWorkedOnBy(organisationId)} or (release.revision > 0 and exists (
    select 1 from distribution.booking
    join exhibition.cinema on cinema.id = booking.cinema_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    where booking.release_id = release.id
      and (cinema.organisation_id = ${organisationId}
        or circuit.organisation_id = ${organisationId}))))`;
}

type ReleaseRow = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  film_id: string;
  film_title: string;
  distributor: string;
  revision: number;
  state: State;
  plan: WirePlan;
  announced: WirePlan | null;
  findings: Finding[];
  works: boolean;
  counts: Partial<ReleaseRecord['bookings']> | null;
  sort_key: string;
};

export type ReleaseListing = Listing & { readonly search?: string | undefined };

/** Bookings are counted per state; others than the distributor's side see the announced plan. */
export async function listReleases(
  database: Queryable,
  listing: ReleaseListing,
): Promise<Listed<ReleaseRecord>[]> {
  const { organisationId, search } = listing;
  const like = `%${(search ?? '').trim().replace(/[\\%_]/g, '\\$&')}%`;
  const result = await sql<ReleaseRow>`
    select release.*, film.title as film_title, organisation.name as distributor,
      release.created_at::text as sort_key, announced.plan as announced,
      ${releasesWorkedOnBy(organisationId)} as works,
      (select json_object_agg(state, number) from (
        select booking.state, count(*) as number from distribution.booking
        join exhibition.cinema on cinema.id = booking.cinema_id
        left join exhibition.circuit on circuit.id = cinema.circuit_id
        where booking.release_id = release.id and (${releasesWorkedOnBy(organisationId)}
          or cinema.organisation_id = ${organisationId}
          or circuit.organisation_id = ${organisationId})
        group by booking.state) as counted) as counts
    from distribution.release
    join film.film on film.id = release.film_id
    join kernel.organisation on organisation.id = release.organisation_id
    left join distribution.release_revision as announced
      on announced.release_id = release.id and announced.revision = release.revision
    where ${releasesReachedBy(organisationId)}
      and ${listedBy('release', listing)}
      and ${search === undefined ? sql`true` : sql`film.title ilike ${like}`}
    ${newestFirst('release', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({ sortKey: row.sort_key, row: releaseOf(row) }));
}

const NO_BOOKINGS = {
  offered: 0,
  accepted: 0,
  declined: 0,
  confirmed: 0,
  withdrawn: 0,
  cancelled: 0,
};

function releaseOf(row: ReleaseRow): ReleaseRecord {
  const plan = row.works || row.announced === null ? row.plan : row.announced;
  return {
    id: row.id,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    filmId: row.film_id,
    filmTitle: row.film_title,
    distributor: row.distributor,
    revision: row.revision,
    state: row.state,
    plan,
    findings: row.works ? row.findings.map(wireFinding) : [],
    changes: row.announced === null ? [] : changesOf(row.announced, plan),
    bookings: { ...NO_BOOKINGS, ...row.counts },
  };
}

/** What a plan changes against an earlier one, as the contract sends it. */
export function changesOf(before: WirePlan, after: WirePlan): ReleaseRecord['changes'] {
  return comparePlans(planOf(before), planOf(after)).map((each) => ({
    ...each,
    path: [...each.path],
  }));
}

export async function insertRelease(
  transaction: Transaction,
  release: {
    readonly id: string;
    readonly organisationId: string;
    readonly filmId: string;
    readonly plan: WirePlan;
    readonly findings: readonly Finding[];
  },
): Promise<void> {
  await sql`
    insert into distribution.release (id, organisation_id, film_id, plan, findings)
    values (${release.id}, ${release.organisationId}, ${release.filmId},
      ${jsonText(release.plan)}, ${jsonText(release.findings)})`.execute(transaction);
}

/** Gives whether the expected version was still there. */
export async function updateRelease(
  transaction: Transaction,
  id: string,
  change: {
    readonly version: number;
    readonly plan?: WirePlan;
    readonly findings?: readonly Finding[];
    readonly state?: State;
    readonly revision?: number;
    readonly now: Date;
  },
): Promise<boolean> {
  const { plan, findings, state, revision } = change;
  const result = await sql`
    update distribution.release set version = version + 1, updated_at = ${change.now},
      plan = ${plan === undefined ? sql`plan` : sql`${jsonText(plan)}::json`},
      findings = ${findings === undefined ? sql`findings` : sql`${jsonText(findings)}::json`},
      state = ${state === undefined ? sql`state` : sql`${state}`},
      revision = ${revision === undefined ? sql`revision` : sql`${revision}`}
    where id = ${id} and version = ${change.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

export type RevisionRecord = {
  readonly filmId: string;
  readonly revision: number;
  readonly announcedAt: string;
  readonly announcedBy: string;
  readonly plan: WirePlan;
};

/** Every announced revision, the first one first. */
export async function readRevisions(
  database: Queryable,
  releaseId: string,
): Promise<RevisionRecord[]> {
  const result = await sql<{
    film_id: string;
    revision: number;
    announced_at: Date;
    announced_by: string;
    plan: WirePlan;
  }>`
    select announced.*, release.film_id from distribution.release_revision as announced
    join distribution.release on release.id = announced.release_id
    where announced.release_id = ${releaseId} order by announced.revision`.execute(database);
  return result.rows.map((row) => ({
    filmId: row.film_id,
    revision: row.revision,
    announcedAt: row.announced_at.toISOString(),
    announcedBy: row.announced_by,
    plan: row.plan,
  }));
}

export async function insertRevision(
  transaction: Transaction,
  releaseId: string,
  made: Omit<RevisionRecord, 'filmId'>,
): Promise<void> {
  await sql`
    insert into distribution.release_revision
      (release_id, revision, plan, announced_at, announced_by)
    values (${releaseId}, ${made.revision}, ${jsonText(made.plan)}, ${made.announcedAt},
      ${made.announcedBy})`.execute(transaction);
}

/** Names of the circuits and cinemas that a plan's zones list. */
export async function memberNames(
  database: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ id: string; name: string }>`
    select id, name from exhibition.cinema where id = any(${[...ids]}::uuid[])
    union all select id, name from exhibition.circuit where id = any(${[...ids]}::uuid[])
  `.execute(database);
  return new Map(result.rows.map((row) => [row.id, row.name]));
}

/** Bookings that a withdrawal ends. Gives their ids. */
export async function closeBookings(
  transaction: Transaction,
  releaseId: string,
  now: Date,
): Promise<string[]> {
  const result = await sql<{ id: string }>`
    update distribution.booking
    set state = case when state = 'confirmed' then 'cancelled' else 'withdrawn' end,
      version = version + 1, updated_at = ${now}
    where release_id = ${releaseId} and state in ('offered', 'accepted', 'confirmed')
    returning id`.execute(transaction);
  return result.rows.map((row) => row.id);
}
