import type { buildOptions } from '@yinglian/contract';
import { finding } from '@yinglian/core';
import type { Cryptography } from '@yinglian/core';
import type { z } from 'zod';
import { readFilms } from '../film/face.ts';
import type { RequireAccess } from '../kernel/access/access.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Queryable } from '../kernel/database/database.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../kernel/pages.ts';
import { conflict, found, invalid, type Refusal } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { type AssetSource, readSource } from '../production/face.ts';
import {
  chosenRate,
  rateChoices,
  type RateRequest,
  type SourceRate,
  undecidedRate,
} from './conform.ts';
import type { Custody } from './custody/custody.ts';
import type { IssueInput } from './issue.ts';
import {
  type KeyListing,
  type KeyRecord,
  listKeys,
  readReadiness,
  type ReadinessRow,
} from './key-repository.ts';
import { type Ordered, ordererOf, orderKeys } from './order-keys.ts';
import type { KeyRequest } from './keys/request.ts';
import { insertPackage, listPackages, type PackageRecord, setPackageJob } from './repository.ts';
import { makeSigner, readSigner } from './signer.ts';

export type BuildRequest = z.output<typeof buildOptions>;

export type DistributionParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly buildJob: JobDefinition<{ packageId: string }>;
  readonly checkJob: JobDefinition<{ packageId: string }>;
  readonly issueJob: JobDefinition<IssueInput>;
};

export type KeyQuery = PageQuery & Pick<KeyListing, 'filmId' | 'packageId' | 'screenId' | 'search'>;

/** A package that is not built yet, or never was, has nothing to check or to send. */
export function unfinished(state: string): Refusal {
  return conflict(finding('unfinished_package', 'error', { facts: { state } }));
}

/** The master's own rate; an asset that is not looked through yet has none. */
function sourceRateOf(source: AssetSource): SourceRate {
  const video = source.media?.video;
  if (video == null) {
    throw conflict(finding('unready_asset', 'error', { facts: { state: source.state } }));
  }
  return { frameRate: video.frameRate, variable: video.variableRate === true };
}

export type DistributionService = ReturnType<typeof createDistributionService>;

/** Packages are built from masters and judged; keys are issued for screens and windows. */
export function createDistributionService(parts: DistributionParts) {
  const { database, write, requireAccess, custody, newId, now } = parts;

  const readOne = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listPackages(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });

  return {
    async packages(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<PackageRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const { filmId, limit } = query;
      const rows = await listPackages(database, { organisationId, filmId, after, limit });
      return pageOfListed(rows, query);
    },

    async package(context: Context, id: string): Promise<PackageRecord> {
      const { organisationId } = await requireAccess(context, 'distribution.read', {
        kind: 'package',
        ids: [id],
      });
      return readOne(database, organisationId, id);
    },

    async build(context: Context, request: BuildRequest): Promise<PackageRecord> {
      const { organisationId } = await requireAccess(context, 'distribution.build', {
        kind: 'film',
        ids: [request.filmId],
      });
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [request.assetId] });
      const source = await readSource(database, request.assetId);
      if (source.filmId !== request.filmId) {
        throw conflict(finding('foreign_asset', 'error', { facts: { asset: request.assetId } }));
      }
      const rate = sourceRateOf(source);
      const choices = rateChoices(rate, request);
      if (chosenRate(choices, request) === undefined) {
        throw invalid(undecidedRate(rate.frameRate, choices));
      }
      const film = found((await readFilms(database, [request.filmId])).get(request.filmId));
      const id = newId();
      return write(context, async (work) => {
        // Both signing and encryption need it; one that is there stays.
        if ((await readSigner(work.transaction, custody, organisationId)) === undefined) {
          await makeSigner(
            work,
            { ...parts, id: newId(), now: now() },
            { id: organisationId, name: context.organisation?.name ?? '' },
          );
        }
        await insertPackage(work.transaction, {
          id,
          organisationId,
          filmId: request.filmId,
          assetId: request.assetId,
          filmVersionId: request.filmVersionId,
          title: request.title ?? film.title,
          standard: request.standard,
          encrypted: request.encrypt,
          options: request,
        });
        const jobId = await work.enqueue(
          parts.buildJob,
          { packageId: id },
          { filmId: request.filmId },
        );
        await setPackageJob(work.transaction, id, jobId, 'building');
        work.audit({
          action: 'distribution.package_ordered',
          subjectKind: 'package',
          subjectId: id,
          facts: { film: request.filmId, asset: request.assetId },
        });
        work.changed({ kind: 'package', id, filmId: request.filmId });
        return readOne(work.transaction, organisationId, id);
      });
    },

    /** The ways in which a master's frame rate may meet a package's. */
    async rates(context: Context, assetId: string, request: RateRequest) {
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [assetId] });
      const source = await readSource(database, assetId);
      const { frameRate: sourceRate, variable } = sourceRateOf(source);
      return {
        sourceRate,
        variable,
        durationSeconds: source.media?.durationSeconds ?? null,
        choices: rateChoices({ frameRate: sourceRate, variable }, request),
      };
    },

    async check(context: Context, id: string): Promise<string> {
      const { organisationId } = await requireAccess(context, 'distribution.build', {
        kind: 'package',
        ids: [id],
      });
      const stored = await readOne(database, organisationId, id);
      if (stored.files.length === 0) throw unfinished(stored.state);
      return write(context, async (work) => {
        const jobId = await work.enqueue(
          parts.checkJob,
          { packageId: id },
          { filmId: stored.filmId },
        );
        await setPackageJob(work.transaction, id, jobId, 'checking');
        work.audit({ action: 'distribution.check_ordered', subjectKind: 'package', subjectId: id });
        work.changed({ kind: 'package', id, filmId: stored.filmId });
        return jobId;
      });
    },

    async keys(context: Context, query: KeyQuery): Promise<Page<KeyRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listKeys(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    /** All keys of a package that the caller reaches, for an archive. */
    async keysOf(
      context: Context,
      query: {
        readonly packageId: string;
        readonly cinemaId?: string | undefined;
        readonly jobId?: string | undefined;
      },
      limit: number,
    ): Promise<KeyRecord[]> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      // What is withheld is in no archive, for nobody.
      const rows = await listKeys(database, { ...query, organisationId, inUse: true, limit });
      return rows.slice(0, limit).map((each) => each.row);
    },

    async issueKeys(context: Context, request: KeyRequest): Promise<Ordered> {
      const { organisationId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'package',
        ids: [request.packageId],
      });
      await requireAccess(context, 'exhibition.read', { kind: 'screen', ids: request.screenIds });
      const stored = await readOne(database, organisationId, request.packageId);
      return write(context, async (work) => {
        const order = { stored, request, reason: 'chosen' as const };
        return (await orderKeys(work, parts, ordererOf(context), [order]))[0]!;
      });
    },

    async readiness(
      context: Context,
      query: { readonly packageId: string; readonly date: string; readonly limit: number },
    ): Promise<ReadinessRow[]> {
      const { organisationId } = await requireAccess(context, 'distribution.read', {
        kind: 'package',
        ids: [query.packageId],
      });
      return readReadiness(database, query.packageId, organisationId, query);
    },
  };
}
