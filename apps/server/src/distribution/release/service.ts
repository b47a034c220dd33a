import type { Finding } from '@yinglian/core';
import { finding, hasErrors } from '@yinglian/core';
import { readHouseProfile } from '@yinglian/dcp';
import { checkPlan, noticeOf, noticePage } from '@yinglian/release';
import { readFilms } from '../../film/face.ts';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Queryable } from '../../kernel/database/database.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, versionConflict } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { appendEvents } from '../booking/events.ts';
import { planOf, type WirePlan } from './plan.ts';
import {
  changesOf,
  closeBookings,
  insertRelease,
  insertRevision,
  listReleases,
  memberNames,
  readRevisions,
  type ReleaseRecord,
  updateRelease,
} from './repository.ts';

export type ReleaseParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type ReleaseService = ReturnType<typeof createReleaseService>;

/** Releases are planned, announced in revisions, extended by further ones, and withdrawn. */
export function createReleaseService(parts: ReleaseParts) {
  const { database, write, requireAccess, newId, now } = parts;
  const readOne = async (queryable: Queryable, organisationId: string, id: string) =>
    found((await listReleases(queryable, { organisationId, ids: [id], limit: 1 }))[0]?.row, { id });

  /** The plan's own faults, and versions that are not of the film. */
  async function judge(filmId: string, plan: WirePlan): Promise<Finding[]> {
    const film = found((await readFilms(database, [filmId])).get(filmId), { id: filmId });
    const known = new Set(film.versions.map((each) => each.id));
    const foreign = plan.versions.filter((each) => !known.has(each.filmVersionId));
    return [
      ...checkPlan(planOf(plan)),
      ...readHouseProfile(plan.packageProfile.house ?? '{}').findings,
      ...foreign.map((each) =>
        finding('foreign_version', 'error', { facts: { version: each.filmVersionId } }),
      ),
    ];
  }

  async function change(
    context: Context,
    id: string,
    version: number,
    act: (
      stored: ReleaseRecord,
      organisationId: string,
    ) => Promise<{
      readonly action: string;
      readonly set: Omit<Parameters<typeof updateRelease>[2], 'version' | 'now'>;
      readonly also?: (transaction: Parameters<typeof updateRelease>[0]) => Promise<void>;
    }>,
  ): Promise<ReleaseRecord> {
    const { organisationId } = await requireAccess(context, 'distribution.release', {
      kind: 'release',
      ids: [id],
    });
    const stored = await readOne(database, organisationId, id);
    const { action, set, also } = await act(stored, organisationId);
    return write(context, async (work) => {
      const { transaction } = work;
      if (!(await updateRelease(transaction, id, { ...set, version, now: now() }))) {
        throw versionConflict(await readOne(transaction, organisationId, id), set.plan ?? {});
      }
      await also?.(transaction);
      work.audit({
        action,
        subjectKind: 'release',
        subjectId: id,
        facts: { film: stored.filmId, revision: set.revision ?? stored.revision },
      });
      work.changed({ kind: 'release', id, filmId: stored.filmId });
      return readOne(transaction, organisationId, id);
    });
  }

  return {
    async list(
      context: Context,
      query: PageQuery & {
        readonly filmId?: string | undefined;
        readonly search?: string | undefined;
      },
    ): Promise<Page<ReleaseRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const rows = await listReleases(database, {
        ...query,
        organisationId,
        after: afterInstant(query),
      });
      return pageOfListed(rows, query);
    },

    async get(context: Context, id: string): Promise<ReleaseRecord> {
      const { organisationId } = await requireAccess(context, 'distribution.read', {
        kind: 'release',
        ids: [id],
      });
      return readOne(database, organisationId, id);
    },

    async create(
      context: Context,
      body: { readonly filmId: string; readonly plan: WirePlan },
    ): Promise<ReleaseRecord> {
      const { organisationId } = await requireAccess(context, 'distribution.release', {
        kind: 'film',
        ids: [body.filmId],
      });
      const findings = await judge(body.filmId, body.plan);
      const id = newId();
      return write(context, async (work) => {
        await insertRelease(work.transaction, { id, organisationId, ...body, findings });
        work.audit({
          action: 'distribution.release_planned',
          subjectKind: 'release',
          subjectId: id,
          facts: { film: body.filmId },
        });
        work.changed({ kind: 'release', id, filmId: body.filmId });
        return readOne(work.transaction, organisationId, id);
      });
    },

    update: (context: Context, id: string, body: { plan: WirePlan; version: number }) =>
      change(context, id, body.version, async (stored) => {
        if (stored.state === 'withdrawn') throw withdrawn();
        const findings = await judge(stored.filmId, body.plan);
        return { action: 'distribution.release_changed', set: { plan: body.plan, findings } };
      }),

    announce: (context: Context, id: string, version: number) =>
      change(context, id, version, async (stored) => {
        if (stored.state === 'withdrawn') throw withdrawn();
        const findings = await judge(stored.filmId, stored.plan);
        if (hasErrors(findings)) throw invalid(...findings);
        if (stored.revision > 0 && stored.changes.length === 0) {
          throw conflict(finding('unchanged_release', 'error'));
        }
        const revision = stored.revision + 1;
        const made = {
          revision,
          plan: stored.plan,
          announcedAt: now().toISOString(),
          announcedBy: context.user?.name ?? '',
        };
        return {
          action: 'distribution.release_announced',
          set: { revision, state: 'announced', findings },
          also: (transaction) => insertRevision(transaction, id, made),
        };
      }),

    withdraw: (context: Context, id: string, version: number) =>
      change(context, id, version, async (stored) => {
        if (stored.state === 'withdrawn') throw withdrawn();
        return {
          action: 'distribution.release_withdrawn',
          set: { state: 'withdrawn' },
          also: async (transaction) => {
            const closed = await closeBookings(transaction, id, now());
            await appendEvents(transaction, closed, {
              at: now(),
              actor: context.user?.name ?? '',
              side: 'distributor',
              action: 'withdraw',
              facts: { release: id },
            });
          },
        };
      }),

    async revisions(context: Context, id: string) {
      await requireAccess(context, 'distribution.read', { kind: 'release', ids: [id] });
      const rows = await readRevisions(database, id);
      return rows
        .map((row, index) => ({
          ...row,
          changes: index === 0 ? [] : changesOf(rows[index - 1]!.plan, row.plan),
        }))
        .toReversed();
    },

    /** An announced revision as a page; without a number the last, or the draft before any. */
    async notice(
      context: Context,
      id: string,
      query: { readonly language: 'zh-CN' | 'en'; readonly revision?: number | undefined },
    ): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'distribution.read', {
        kind: 'release',
        ids: [id],
      });
      const release = await readOne(database, organisationId, id);
      const rows = await readRevisions(database, id);
      const wanted = query.revision ?? release.revision;
      const row = rows.find((each) => each.revision === wanted);
      if (row === undefined && (query.revision !== undefined || release.revision > 0)) {
        found(undefined, { id, revision: wanted });
      }
      const plan = planOf(row?.plan ?? release.plan);
      const names = await memberNames(
        database,
        plan.zones.flatMap((each) => [...each.circuitIds, ...each.cinemaIds]),
      );
      const notice = noticeOf(
        plan,
        {
          film: release.filmTitle,
          distributor: release.distributor,
          names,
          revision: row?.revision ?? release.revision + 1,
          announced: row?.announcedAt.slice(0, 10) ?? null,
        },
        query.language,
      );
      const page = Buffer.from(noticePage(notice, query.language), 'utf8');
      return downloadBytes(`${notice.title}.html`, 'text/html; charset=utf-8', page);
    },
  };
}

function withdrawn() {
  return conflict(finding('withdrawn_release', 'error'));
}
