import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, notAllowed, notFound } from '../../kernel/refusal.ts';
import type { JobDefinition } from '../../kernel/jobs/definition.ts';
import type { Write } from '../../kernel/write.ts';
import {
  countFailure,
  findLink,
  findViewer,
  forgetFailures,
  insertLink,
  insertViewer,
  listLinks,
  listViewers,
  revokeLink,
  setViewerJob,
  type ShareLink,
  type StoredLink,
  type StoredViewer,
} from './link-repository.ts';
import { readAsset } from './asset.ts';

export type LinkParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly settings: { readonly publicUrl: string };
  readonly newId: () => string;
  readonly now: () => Date;
  readonly watermarkJob: JobDefinition<{ viewerId: string }>;
};

export type LinkRequest = {
  readonly assetId: string;
  readonly label: string;
  readonly password?: string | undefined;
  readonly hours: number;
  readonly download: boolean;
  readonly comment: boolean;
  readonly watermark: boolean;
  readonly viewersMax: number;
};

/** A link with whoever holds it. */
export type Entered = { readonly link: StoredLink; readonly viewer: StoredViewer };

export type ShareLinkService = ReturnType<typeof createShareLinkService>;

const TOKEN_BYTES = 32;
const HOUR_MS = 3_600_000;
/** So many wrong passwords in a row, and the next one is looked at only after a pause. */
const FAILURES_MAX = 5;
const PAUSE_MS = 60_000;
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 7;

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const newToken = (kind: string): string =>
  `${kind}_${randomBytes(TOKEN_BYTES).toString('base64url')}`;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const SALT_BYTES = 16;
const KEY_BYTES = 32;

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password.normalize('NFKC'), salt, KEY_BYTES);
  return `${salt.toString('base64')}:${key.toString('base64')}`;
}

async function isPassword(password: string, stored: string): Promise<boolean> {
  const [salt = '', key = ''] = stored.split(':').map((each) => Buffer.from(each, 'base64'));
  const derived = await derive(password.normalize('NFKC'), Buffer.from(salt), KEY_BYTES);
  return timingSafeEqual(derived, Buffer.from(key));
}

/** Letters without those that are taken for one another. */
function newCode(): string {
  return Array.from(randomBytes(CODE_LENGTH), (each) => CODE_LETTERS[each % 32]).join('');
}

/** Links by which people outside watch one version: for a while, by name, until revoked. */
export function createShareLinkService(parts: LinkParts) {
  const { database, write, requireAccess, newId, now } = parts;

  /** One answer for a link that never was and one that is over: nothing is given away. */
  function usable(link: StoredLink | undefined): StoredLink {
    if (link === undefined || link.revoked_at !== null || link.expires_at <= now()) {
      throw notFound();
    }
    return link;
  }

  /** Whoever entered, while their link is open. */
  async function entered(pass: string): Promise<Entered> {
    const viewer = await findViewer(database, { passHash: hashOf(pass) });
    if (viewer === undefined) throw notFound();
    return { viewer, link: usable(await findLink(database, { id: viewer.link_id })) };
  }

  async function checkPassword(link: StoredLink, password: string | undefined): Promise<void> {
    if (link.password_hash === null) return;
    const paused =
      link.failures >= FAILURES_MAX &&
      link.failed_at !== null &&
      now().getTime() - link.failed_at.getTime() < PAUSE_MS;
    if (paused) throw conflict(finding('excessive_attempts', 'error'));
    if (password !== undefined && (await isPassword(password, link.password_hash))) return;
    await countFailure(database, link.id, now());
    throw notAllowed({ reason: 'password' });
  }

  return {
    entered,

    async links(
      context: Context,
      query: PageQuery & { readonly filmId?: string | undefined },
    ): Promise<Page<ShareLink>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const { filmId, limit } = query;
      const listing = { organisationId, filmId, after: afterInstant(query), limit };
      const rows = await listLinks(database, listing, now());
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.id],
        (each) => each.row,
      );
    },

    async createLink(context: Context, body: LinkRequest) {
      const { organisationId, userId } = await requireAccess(context, 'production.write', {
        kind: 'asset',
        ids: [body.assetId],
      });
      const asset = await readAsset(database, organisationId, body.assetId);
      if (asset.proxyFileId === null) {
        throw conflict(finding('unready_asset', 'error', { facts: { state: asset.state } }));
      }
      const token = newToken('ylr');
      const passwordHash = body.password === undefined ? null : await hashPassword(body.password);
      const id = newId();
      return write(context, async (work) => {
        await insertLink(work.transaction, {
          ...body,
          id,
          organisationId,
          filmId: asset.filmId,
          tokenHash: hashOf(token),
          passwordHash,
          userId,
          expiresAt: new Date(now().getTime() + body.hours * HOUR_MS),
        });
        work.audit({
          action: 'production.link_made',
          subjectKind: 'share_link',
          subjectId: id,
          facts: {
            asset: body.assetId,
            label: body.label,
            hours: body.hours,
            password: passwordHash !== null,
            download: body.download,
            watermark: body.watermark,
          },
        });
        work.changed({ kind: 'share_link', id, filmId: asset.filmId });
        const rows = await listLinks(
          work.transaction,
          { organisationId, ids: [id], limit: 1 },
          now(),
        );
        return {
          link: found(rows[0]?.row),
          // Behind the hash, so that no server and no log on the way sees it.
          address: `${parts.settings.publicUrl}/review-link#${token}`,
        };
      });
    },

    async revokeLink(context: Context, id: string): Promise<void> {
      await requireAccess(context, 'production.write', { kind: 'share_link', ids: [id] });
      await write(context, async (work) => {
        await revokeLink(work.transaction, id, now());
        work.audit({ action: 'production.link_revoked', subjectKind: 'share_link', subjectId: id });
        work.changed({ kind: 'share_link', id });
      });
    },

    async linkViewers(context: Context, id: string) {
      await requireAccess(context, 'production.read', { kind: 'share_link', ids: [id] });
      return listViewers(database, id);
    },

    async open(token: string) {
      const link = usable(await findLink(database, { tokenHash: hashOf(token) }));
      return {
        organisation: link.organisation,
        title: link.title,
        label: link.label,
        needsPassword: link.password_hash !== null,
        expiresAt: link.expires_at.toISOString(),
      };
    },

    async enter(body: {
      readonly token: string;
      readonly name: string;
      readonly password?: string | undefined;
    }) {
      const link = usable(await findLink(database, { tokenHash: hashOf(body.token) }));
      await checkPassword(link, body.password);
      const pass = newToken('ylv');
      const viewer = {
        id: newId(),
        linkId: link.id,
        name: body.name,
        code: newCode(),
        passHash: hashOf(pass),
        viewersMax: link.viewers_max,
      };
      // Whoever holds the link is nobody the network knows; the entry says which link it was.
      await write(systemContext(), async (work) => {
        if (!(await insertViewer(work.transaction, viewer))) {
          throw conflict(
            finding('excessive_viewers', 'error', {
              facts: { limit: link.viewers_max },
            }),
          );
        }
        await forgetFailures(work.transaction, link.id);
        if (link.watermark) {
          const jobId = await work.enqueue(
            parts.watermarkJob,
            { viewerId: viewer.id },
            { filmId: link.film_id, organisationId: link.organisation_id },
          );
          await setViewerJob(work.transaction, viewer.id, jobId);
        }
        work.audit({
          action: 'production.link_entered',
          subjectKind: 'share_link',
          subjectId: link.id,
          organisationId: link.organisation_id,
          facts: { viewer: viewer.id, name: body.name, code: viewer.code },
        });
        work.changed({ kind: 'share_link', id: link.id, organisationId: link.organisation_id });
      });
      return { pass, code: viewer.code };
    },
  };
}
