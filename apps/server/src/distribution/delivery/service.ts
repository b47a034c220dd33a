import { createHash, randomBytes } from 'node:crypto';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { Download } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notFound, notSignedIn } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { judgeShowsOf } from '../board/repository.ts';
import { BLOCK_PIECES, PIECE_BYTES, pieceReader } from './pieces.ts';
import { workTag } from './revision.ts';
import { type DeliveryQuery, isCircuitOf, listDeliveries, steerDeliveries } from './deliveries.ts';
import {
  findSite,
  insertSite,
  listSites,
  readWork,
  revokeSite,
  screensOf,
  type Site,
  siteMayRead,
  type SiteRecord,
  storeReport,
  withdrawPackage,
} from './repository.ts';
import { listRecalls } from './recalls.ts';

type RecallQuery = Omit<Parameters<typeof listRecalls>[1], 'organisationId'>;

export type DeliveryParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly newId: () => string;
  readonly now: () => Date;
};

export type ReportBody = {
  readonly agentVersion: string;
  readonly now: string;
  readonly freeBytes: number;
  readonly packages: readonly { id: string; state: string; heldBytes: number }[];
  readonly keys: readonly string[];
  readonly shareUrl?: string | null | undefined;
};

export type Wish = {
  readonly packageId: string;
  readonly cinemaIds: readonly string[];
  readonly paused?: boolean | undefined;
  readonly first?: boolean | undefined;
};

const TOKEN_BYTES = 32;
/** An agent asks for a file range by range; what it may read is looked up once a while. */
const REMEMBERED_MS = 30_000;
const REMEMBERED_MAX = 20_000;

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export type DeliveryService = ReturnType<typeof createDeliveryService>;

/** Sites and what they fetch: an agent sees its own cinema's packages and keys, nothing else. */
export function createDeliveryService(parts: DeliveryParts) {
  const { database, write, requireAccess, objects, newId, now } = parts;
  const readPieces = pieceReader(database, objects);
  const allowed = new Map<string, number>();
  const known = new Map<string, { readonly site: Site; readonly until: number }>();
  /** Counts what took a right away: an answer read before is not remembered after. */
  let takings = 0;
  const forgetAll = (): void => {
    takings += 1;
    known.clear();
    allowed.clear();
  };

  async function siteOf(headers: Headers): Promise<Site> {
    const token = /^Site\s+(\S{20,200})$/i.exec(headers.get('authorization') ?? '')?.[1];
    if (token === undefined) throw notSignedIn();
    const tokenHash = hashOf(token);
    const remembered = known.get(tokenHash);
    if (remembered !== undefined && remembered.until > now().getTime()) return remembered.site;
    const before = takings;
    const site = await findSite(database, tokenHash);
    if (site === undefined) throw notSignedIn();
    if (known.size >= REMEMBERED_MAX) known.clear();
    if (before === takings) known.set(tokenHash, { site, until: now().getTime() + REMEMBERED_MS });
    return site;
  }

  /** The same answer for a file of others and for none. */
  async function certain(site: Site, digest: string): Promise<number> {
    const name = `${site.id} ${digest}`;
    const until = allowed.get(name) ?? 0;
    if (until < now().getTime()) {
      const before = takings;
      if (!(await siteMayRead(database, site, digest))) throw notFound({ digest });
      if (allowed.size >= REMEMBERED_MAX) allowed.clear();
      if (before === takings) allowed.set(name, now().getTime() + REMEMBERED_MS);
    }
    return found(await objects.sizeOf(digest), { digest });
  }

  function carryOut(context: Context, wish: Wish) {
    return write(context, async (work) => {
      const changed = await steerDeliveries(work.transaction, wish, now());
      if (changed === 0) throw notFound({ id: wish.packageId });
      const { paused, first, cinemaIds } = wish;
      work.audit({
        action: 'distribution.delivery_steered',
        subjectKind: 'package',
        subjectId: wish.packageId,
        facts: { cinemas: cinemaIds.length, paused: paused ?? null, first: first ?? null },
      });
      work.changed({ kind: 'delivery', id: wish.packageId });
      return { changed };
    });
  }

  return {
    /** For what agents hand in to other halls. */
    siteOf,

    async list(
      context: Context,
      query: PageQuery & { readonly cinemaId?: string | undefined; search?: string | undefined },
    ): Promise<Page<SiteRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listSites(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    async create(
      context: Context,
      body: { readonly cinemaId: string; readonly name: string; readonly forCircuit: boolean },
    ) {
      const { organisationId } = await requireAccess(context, 'exhibition.write', {
        kind: 'cinema',
        ids: [body.cinemaId],
      });
      // What all its cinemas booked, a circuit alone may gather in one place.
      if (body.forCircuit && !(await isCircuitOf(database, organisationId, body.cinemaId))) {
        throw invalid(finding('foreign_circuit', 'error', { facts: { cinema: body.cinemaId } }));
      }
      const token = `yls_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const id = newId();
      return write(context, async (work) => {
        const tokenHash = hashOf(token);
        await insertSite(work.transaction, { id, organisationId, ...body, tokenHash });
        await judgeShowsOf(work.transaction, await screensOf(work.transaction, body.cinemaId));
        work.audit({
          action: 'distribution.site_registered',
          subjectKind: 'site',
          subjectId: id,
          facts: { cinema: body.cinemaId },
        });
        work.changed({ kind: 'site', id });
        const rows = await listSites(work.transaction, { organisationId, ids: [id], limit: 1 });
        return { site: found(rows[0]?.row), token };
      });
    },

    async revoke(context: Context, id: string): Promise<void> {
      await requireAccess(context, 'exhibition.write', { kind: 'site', ids: [id] });
      await write(context, async (work) => {
        await revokeSite(work.transaction, id, now());
        work.after(forgetAll);
        work.audit({ action: 'distribution.site_revoked', subjectKind: 'site', subjectId: id });
        work.changed({ kind: 'site', id });
      });
    },

    async deliveries(context: Context, query: Omit<DeliveryQuery, 'organisationId'>) {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      return listDeliveries(database, { ...query, organisationId });
    },

    async recalls(context: Context, query: RecallQuery) {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      return listRecalls(database, { ...query, organisationId });
    },

    /** The sender's wish for what it sends. */
    async steer(context: Context, wish: Wish) {
      await requireAccess(context, 'distribution.release', {
        kind: 'package',
        ids: [wish.packageId],
      });
      return carryOut(context, wish);
    },

    /** The wish of a cinema, or its circuit, for what it receives. */
    async steerArrival(context: Context, wish: Wish) {
      const ids = [...new Set(wish.cinemaIds)];
      await requireAccess(context, 'exhibition.write', { kind: 'cinema', ids });
      return carryOut(context, wish);
    },

    async withdrawPackage(context: Context, id: string) {
      await requireAccess(context, 'distribution.release', { kind: 'package', ids: [id] });
      return write(context, async (work) => {
        const done = await withdrawPackage(work.transaction, id, now());
        if (done.length === 0) throw conflict(finding('withdrawn_package', 'error'));
        work.after(forgetAll);
        for (const each of done) {
          work.audit({
            action: 'distribution.package_withdrawn',
            subjectKind: 'package',
            subjectId: each.id,
            facts: each.id === id ? {} : { original: id },
          });
          work.changed({ kind: 'package', id: each.id, filmId: each.filmId });
        }
        return { withdrawn: done.map((each) => ({ id: each.id, title: each.title })) };
      });
    },

    /** Undefined where the box has been told all of it already. */
    async work(headers: Headers, isKnown: (etag: string) => boolean) {
      const site = await siteOf(headers);
      // Before the records are read: what changes meanwhile is told twice rather than never.
      if (isKnown(await workTag(database, site, now()))) return undefined;
      return {
        now: now().toISOString(),
        cinema: { id: site.cinemaId, name: site.cinemaName, timeZone: site.timeZone },
        ...(await readWork(database, site)),
      };
    },

    async file(headers: Headers, digest: string): Promise<Download> {
      const site = await siteOf(headers);
      const sizeBytes = await certain(site, digest);
      return {
        name: digest.slice(7),
        mediaType: 'application/octet-stream',
        sizeBytes,
        etag: `"${digest}"`,
        path: objects.localPath(digest),
        body: (range) => objects.stream(digest, range),
      };
    },

    async pieces(headers: Headers, digest: string, block: number) {
      const site = await siteOf(headers);
      await certain(site, digest);
      const hashes = await readPieces(digest, block);
      return { pieceBytes: PIECE_BYTES, blockPieces: BLOCK_PIECES, hashes };
    },

    async report(headers: Headers, body: ReportBody): Promise<void> {
      const site = await siteOf(headers);
      const at = now();
      const clockOffsetMs = Date.parse(body.now) - at.getTime();
      // A machine speaks, not a person: its word changes no record of the register.
      await write(systemContext(), async (work) => {
        const changed = await storeReport(work.transaction, site, { ...body, clockOffsetMs }, at);
        if (!changed) return;
        await judgeShowsOf(work.transaction, await screensOf(work.transaction, site.cinemaId));
        work.changed({ kind: 'site', id: site.id });
      });
    },
  };
}
