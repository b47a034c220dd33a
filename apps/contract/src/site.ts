import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { businessDate, byId, count, digest, id, instant, name, page, pageQuery } from './shapes.ts';

/** Site agents: a small box in each cinema that fetches what is booked there, and says so. */

export const siteSchema = z.object({
  id,
  cinemaId: id,
  cinemaName: z.string(),
  name: z.string(),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
  agentVersion: z.string().nullable(),
  /** The site's clock minus ours, in milliseconds, as of its last word. */
  clockOffsetMs: z.number().int().nullable(),
  freeBytes: count.nullable(),
  packages: z.object({ verified: count, arriving: count }),
  keysReceived: count,
});

const state = z.enum(['wanted', 'arriving', 'verified', 'removed']);

export const sites = {
  list: endpoint({
    method: 'GET',
    path: '/api/distribution/sites',
    permission: 'distribution.read',
    summary: { zh: '影院接收端', en: 'Site agents' },
    query: pageQuery.extend({ cinemaId: id.optional() }),
    result: page(siteSchema),
  }),
  create: endpoint({
    method: 'POST',
    path: '/api/distribution/sites',
    permission: 'exhibition.write',
    creates: true,
    summary: {
      zh: '登记接收端并给出凭证（只显示一次）',
      en: 'Register a site agent; its credential is shown once',
    },
    body: z.object({ cinemaId: id, name }),
    result: z.object({ site: siteSchema, token: z.string() }),
    errors: ['not_found'],
  }),
  revoke: endpoint({
    method: 'DELETE',
    path: '/api/distribution/sites/:id',
    permission: 'exhibition.write',
    summary: { zh: '停用接收端', en: 'Revoke a site agent' },
    params: byId,
    errors: ['not_found'],
  }),
  deliveries: endpoint({
    method: 'GET',
    path: '/api/distribution/deliveries',
    permission: 'distribution.read',
    summary: { zh: '传输进度', en: 'What is on its way, and where it is' },
    query: z.object({
      releaseId: id.optional(),
      cinemaId: id.optional(),
      limit: z.coerce.number().int().min(1).max(2000).default(500),
    }),
    result: z.object({
      rows: z.array(
        z.object({
          cinemaId: id,
          cinemaName: z.string(),
          siteId: id.nullable(),
          packageId: id,
          title: z.string(),
          state,
          heldBytes: count,
          sizeBytes: count,
          updatedAt: instant.nullable(),
          from: businessDate,
          to: businessDate,
        }),
      ),
    }),
  }),
  withdrawPackage: endpoint({
    method: 'POST',
    path: '/api/distribution/packages/:id/withdrawal',
    permission: 'distribution.release',
    summary: { zh: '撤回发行包', en: 'Withdraw a package from every site' },
    params: byId,
    errors: ['not_found', 'conflict'],
  }),
};

const siteWork = z.object({
  now: instant,
  cinema: z.object({ id, name: z.string(), timeZone: z.string() }),
  packages: z.array(
    z.object({
      id,
      title: z.string(),
      /** When it is first needed: its next show, or its first booked day. */
      neededAt: instant,
      files: z.array(z.object({ path: z.string(), digest, sizeBytes: count })),
    }),
  ),
  /** Packages that must not be shown any more. */
  withdrawn: z.array(id),
  keys: z.array(
    z.object({
      id,
      packageId: id,
      name: z.string(),
      screenName: z.string(),
      digest,
      sizeBytes: count,
      notBefore: instant,
      notAfter: instant,
    }),
  ),
});
export type SiteWork = z.output<typeof siteWork>;

const byDigest = z.object({ digest });

/**
 * What an agent calls. Its credential, `Authorization: Site …`, opens its own cinema and nothing
 * else; the permission `public` only says that no person signs in here.
 */
export const site = {
  work: endpoint({
    method: 'GET',
    path: '/api/site/work',
    permission: 'public',
    summary: { zh: '接收端：应有的内容', en: 'Agent: what should be here' },
    result: siteWork,
    errors: ['not_signed_in'],
  }),
  file: endpoint({
    method: 'GET',
    path: '/api/site/files/:digest',
    permission: 'public',
    summary: { zh: '接收端：取文件（支持断点）', en: 'Agent: a file, by ranges' },
    params: byDigest,
    bytesOut: 'application/octet-stream',
    errors: ['not_signed_in', 'not_found'],
  }),
  pieces: endpoint({
    method: 'GET',
    path: '/api/site/pieces/:digest',
    permission: 'public',
    summary: { zh: '接收端：分块校验值', en: 'Agent: hashes of the pieces of a file' },
    params: byDigest,
    query: z.object({ block: z.coerce.number().int().min(0).default(0) }),
    /** SHA-256 of each piece of the block, in order, as hexadecimal digits. */
    result: z.object({ pieceBytes: count, blockPieces: count, hashes: z.array(z.string()) }),
    errors: ['not_signed_in', 'not_found'],
  }),
  report: endpoint({
    method: 'POST',
    path: '/api/site/report',
    permission: 'public',
    summary: { zh: '接收端：上报状态', en: 'Agent: what is here now' },
    body: z.object({
      agentVersion: z.string().max(40),
      now: instant,
      freeBytes: count,
      packages: z.array(z.object({ id, state, heldBytes: count })).max(5000),
      keys: z.array(id).max(50_000),
    }),
    errors: ['not_signed_in', 'invalid'],
  }),
};
