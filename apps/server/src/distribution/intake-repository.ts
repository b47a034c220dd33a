import { formatRatio, ratio, type Uuid } from '@yinglian/core';
import { type Profile, readHouseProfile, type VerificationReport } from '@yinglian/dcp';
import { sql } from 'kysely';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { jsonText } from '../kernel/write.ts';

/** What a release asks: a profile, and with it the text of a house profile. */
type AskedProfile = Profile & { readonly house?: string };

/** The profile that the film's announced releases ask of a version; the latest one counts. */
export async function profileOf(
  database: Queryable,
  of: { readonly filmId: string; readonly filmVersionId: string | null },
): Promise<Profile | undefined> {
  const result = await sql<{ profile: AskedProfile | null }>`
    select announced.plan->'packageProfile' as profile from distribution.release
    join distribution.release_revision as announced
      on announced.release_id = release.id and announced.revision = release.revision
    where release.film_id = ${of.filmId} and release.state = 'announced'
      and (${of.filmVersionId}::text is null or exists (
        select 1 from json_array_elements(announced.plan->'versions') as each
        where each->>'filmVersionId' = ${of.filmVersionId}::text))
    order by announced.announced_at desc limit 1`.execute(database);
  const asked = result.rows[0]?.profile;
  return asked == null ? undefined : withHouse(asked);
}

/** What the release says itself comes before what its house profile says. */
function withHouse({ house, ...own }: AskedProfile): Profile {
  const read = readHouseProfile(house ?? '{}');
  if (!read.ok) return own;
  const base = own.base === 'auto' ? read.value.base : own.base;
  return { ...read.value, base, severities: { ...read.value.severities, ...own.severities } };
}

/** Passed packages of a film that hold some of these assets: the originals of a version file. */
export async function originalsOf(
  database: Queryable,
  of: { readonly packageId: string; readonly filmId: string },
  assets: readonly string[],
): Promise<string[]> {
  if (assets.length === 0) return [];
  const result = await sql<{ id: string }>`
    select id from distribution.package
    where film_id = ${of.filmId} and id <> ${of.packageId} and state = 'passed'
      and withdrawn_at is null and asset_ids && ${[...assets]}::uuid[]
    order by created_at`.execute(database);
  return result.rows.map((row) => row.id);
}

/** Assets that the compositions of a folder name and the folder does not hold. */
export function externalAssets(report: VerificationReport): Uuid[] {
  const held = new Set(report.assets.map((each) => each.id));
  return [...new Set(report.compositions.flatMap((each) => [...each.externalAssets]))].filter(
    (id) => !held.has(id),
  );
}

/** What the documents of a package say of it, as JSON. */
export type PackageIdentity = {
  readonly compositions: readonly {
    readonly id: string;
    readonly title: string;
    readonly reels: number;
    readonly editRate: string;
    readonly durationFrames: number;
  }[];
  readonly standard: string;
  readonly encrypted: boolean;
};

/** What the headers of a folder say of the compositions that are its own. */
export function identityOf(report: VerificationReport, own: readonly string[]): PackageIdentity {
  const mine = report.compositions.filter((each) => own.includes(each.id));
  return {
    compositions: mine.map((each) => ({
      id: each.id,
      title: each.composition.title,
      reels: each.composition.reels.length,
      editRate:
        each.editRate === undefined
          ? '24'
          : formatRatio(ratio(each.editRate.numerator, each.editRate.denominator)),
      durationFrames: each.durationFrames ?? 0,
    })),
    standard: report.packages[0]?.standard ?? 'smpte',
    encrypted: mine.some((each) => each.encrypted),
  };
}

/** What a built package holds, for version files that will need it. */
export async function keepAssets(
  transaction: Transaction,
  packageId: string,
  built: { readonly own: readonly string[]; readonly profile: Profile | null },
): Promise<void> {
  await sql`
    update distribution.package set asset_ids = ${[...built.own]}::uuid[],
      profile = ${built.profile === null ? null : jsonText(built.profile)}::json
    where id = ${packageId}`.execute(transaction);
}

/** What a package turned out to be: of one from outside also what a build would have known. */
export async function keepIdentity(
  transaction: Transaction,
  packageId: string,
  identity: PackageIdentity & {
    readonly own: readonly string[];
    readonly originals: readonly string[];
    readonly missing: readonly string[];
    readonly profile: Profile | null;
    readonly taken: boolean;
  },
): Promise<void> {
  const { own, originals, missing, profile, compositions } = identity;
  await sql`
    update distribution.package set asset_ids = ${[...own]}::uuid[],
      original_ids = ${[...originals]}::uuid[], missing_assets = ${[...missing]}::uuid[],
      profile = ${profile === null ? null : jsonText(profile)}::json
    where id = ${packageId}`.execute(transaction);
  if (!identity.taken) return;
  await sql`
    update distribution.package set compositions = ${jsonText(compositions)}::json,
      standard = ${identity.standard}, encrypted = ${identity.encrypted},
      title = coalesce(${compositions[0]?.title ?? null}, title)
    where id = ${packageId}`.execute(transaction);
}

/** Version files of a film that failed for want of assets that are here now. */
export async function waitingFor(
  transaction: Transaction,
  filmId: string,
  assets: readonly string[],
): Promise<string[]> {
  const result = await sql<{ id: string }>`
    select id from distribution.package
    where film_id = ${filmId} and state = 'failed' and missing_assets && ${[...assets]}::uuid[]
  `.execute(transaction);
  return result.rows.map((row) => row.id);
}
