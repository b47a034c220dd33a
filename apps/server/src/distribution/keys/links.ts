import { createHash, randomBytes } from 'node:crypto';
import { finding } from '@yinglian/core';
import type { RequireAccess } from '../../kernel/access/access.ts';
import { type Context, systemContext } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { Download } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, notAllowed, notFound, notSignedIn } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { keyArchive } from '../archive.ts';
import {
  cinemaKeys,
  countFetch,
  findLink,
  insertLink,
  linkKeys,
  type LinkRecord,
  listLinks,
  mayOpen,
  revokeLink,
  type StoredLink,
} from './link-repository.ts';

export type LinkParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly objects: ObjectStore;
  readonly settings: { readonly publicUrl: string };
  readonly newId: () => string;
  readonly now: () => Date;
};

export type LinkRequest = {
  readonly cinemaId: string;
  readonly packageId?: string | undefined;
  readonly signedIn: boolean;
  readonly hours: number;
  readonly fetchesMax: number;
};

const TOKEN_BYTES = 32;
const HOUR_MS = 3_600_000;
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export type LinkService = ReturnType<typeof createLinkService>;

/** Links under which one cinema fetches its keys: for a while, a few times, until revoked. */
export function createLinkService(parts: LinkParts) {
  const { database, write, requireAccess, objects, newId, now } = parts;

  /** One answer for a link that never was and one that is over: nothing is given away. */
  async function usable(context: Context, token: string): Promise<StoredLink> {
    const link = await findLink(database, hashOf(token));
    if (link === undefined || link.revoked || link.expiresAt <= now()) throw notFound();
    if (link.fetches >= link.fetchesMax) throw notFound();
    if (!link.signedIn) return link;
    if (context.user === undefined) throw notSignedIn();
    const organisationId = context.organisation?.id;
    if (organisationId === undefined || !(await mayOpen(database, link.id, organisationId))) {
      throw notAllowed({ link: link.id });
    }
    return link;
  }

  return {
    async list(
      context: Context,
      query: PageQuery & { readonly cinemaId?: string | undefined },
    ): Promise<Page<LinkRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listLinks(database, { ...query, organisationId, after }, now());
      return pageOfListed(rows, query);
    },

    async create(context: Context, body: LinkRequest) {
      const { organisationId, userId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'package',
        ids: body.packageId === undefined ? [] : [body.packageId],
      });
      await requireAccess(context, 'exhibition.read', { kind: 'cinema', ids: [body.cinemaId] });
      const keys = await cinemaKeys(database, { organisationId, ...body });
      if (keys.length === 0) throw conflict(finding('missing_cinema_keys', 'error'));
      const token = `ylk_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const id = newId();
      return write(context, async (work) => {
        await insertLink(work.transaction, {
          id,
          organisationId,
          cinemaId: body.cinemaId,
          tokenHash: hashOf(token),
          signedIn: body.signedIn,
          fetchesMax: body.fetchesMax,
          userId: userId!,
          expiresAt: new Date(now().getTime() + body.hours * HOUR_MS),
          keyIds: keys.map((each) => each.id),
        });
        work.audit({
          action: 'distribution.key_link_made',
          subjectKind: 'key_link',
          subjectId: id,
          facts: { cinema: body.cinemaId, keys: keys.length, hours: body.hours },
        });
        const rows = await listLinks(
          work.transaction,
          { organisationId, ids: [id], limit: 1 },
          now(),
        );
        return {
          link: found(rows[0]?.row),
          // Behind the hash, so that no server and no log on the way sees it.
          address: `${parts.settings.publicUrl}/key-link#${token}`,
        };
      });
    },

    async revoke(context: Context, id: string): Promise<void> {
      await requireAccess(context, 'distribution.issue_keys', { kind: 'key_link', ids: [id] });
      await write(context, async (work) => {
        await revokeLink(work.transaction, id, now());
        work.audit({
          action: 'distribution.key_link_revoked',
          subjectKind: 'key_link',
          subjectId: id,
        });
      });
    },

    async open(context: Context, token: string) {
      const link = await usable(context, token);
      const keys = await linkKeys(database, link.id);
      return {
        cinemaName: link.cinemaName,
        timeZone: link.timeZone,
        expiresAt: link.expiresAt.toISOString(),
        fetchesLeft: link.fetchesMax - link.fetches,
        keys: keys.map(({ filmTitle, key }) => ({
          filmTitle,
          screenName: key.screenName,
          fileName: key.file.name,
          notBefore: key.notBefore,
          notAfter: key.notAfter,
        })),
      };
    },

    async fetch(context: Context, token: string): Promise<Download> {
      const link = await usable(context, token);
      const keys = await linkKeys(database, link.id);
      if (keys.length === 0) throw notFound();
      const archive = await keyArchive(
        objects,
        keys.map((each) => each.key),
        'keys.zip',
      );
      // Whoever holds the link is nobody the network knows; the entry says which link it was.
      await write(systemContext(), async (work) => {
        if (!(await countFetch(work.transaction, link.id, now()))) throw notFound();
        work.audit({
          action: 'distribution.key_link_fetched',
          subjectKind: 'key_link',
          subjectId: link.id,
          organisationId: link.organisationId,
          facts: { cinema: link.cinemaId, keys: keys.length, user: context.user?.id ?? null },
        });
        work.changed({ kind: 'key', id: link.id, organisationId: link.organisationId });
      });
      return archive;
    },
  };
}
