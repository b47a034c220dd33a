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
  /** Holds what any cinema of its circuit booked, for all of them. */
  forCircuit: z.boolean(),
  /** Where other boxes on its network may fetch what it holds. */
  shareUrl: z.string().nullable(),
});

const state = z.enum(['wanted', 'arriving', 'verified', 'removed']);

/** One package to some cinemas: held back, or before everything else; what is not said stays. */
const steerBody = z.object({
  packageId: id,
  cinemaIds: z.array(id).min(1).max(20_000),
  paused: z.boolean().optional(),
  first: z.boolean().optional(),
});
const steerResult = z.object({ changed: count });

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
    body: z.object({ cinemaId: id, name, forCircuit: z.boolean().default(false) }),
    result: z.object({ site: siteSchema, token: z.string() }),
    errors: ['not_found', 'invalid'],
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
      packageId: id.optional(),
      state: state.optional(),
      /** A part of the cinema's name. */
      search: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(50_000).default(500),
    }),
    result: z.object({
      /** Of all that the query asks for, not only of the rows. */
      total: count,
      complete: count,
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
          /** The next show, or the first booked day. */
          neededAt: instant,
          paused: z.boolean(),
          first: z.boolean(),
          /** Whose word it is: the sender holds back what it sends, a cinema what it receives. */
          mine: z.enum(['sender', 'cinema']),
        }),
      ),
    }),
  }),
  recalls: endpoint({
    method: 'GET',
    path: '/api/distribution/recalls',
    permission: 'distribution.read',
    summary: { zh: '已撤回的发行包还在哪里', en: 'Where withdrawn packages still lie' },
    query: z.object({
      packageId: id.optional(),
      /** Only where a box has not said yet that it is gone. */
      only: z.enum(['held']).optional(),
      limit: z.coerce.number().int().min(1).max(50_000).default(500),
    }),
    result: z.object({
      total: count,
      held: count,
      rows: z.array(
        z.object({
          packageId: id,
          title: z.string(),
          withdrawnAt: instant,
          cinemaId: id,
          cinemaName: z.string(),
          siteName: z.string(),
          state: z.enum(['held', 'removed']),
          updatedAt: instant,
          /** When the box spoke last: one that is off line does not know yet. */
          lastSeenAt: instant.nullable(),
        }),
      ),
    }),
  }),
  steer: endpoint({
    method: 'POST',
    path: '/api/distribution/deliveries/steer',
    permission: 'distribution.release',
    summary: { zh: '发行方：暂停或优先传输', en: 'Sender: hold a delivery back, or put it first' },
    body: steerBody,
    result: steerResult,
    errors: ['not_found'],
  }),
  steerArrival: endpoint({
    method: 'POST',
    path: '/api/distribution/arrivals/steer',
    permission: 'exhibition.write',
    summary: { zh: '影院：暂停或优先接收', en: 'Cinema: hold an arrival back, or put it first' },
    body: steerBody,
    result: steerResult,
    errors: ['not_found'],
  }),
  withdrawPackage: endpoint({
    method: 'POST',
    path: '/api/distribution/packages/:id/withdrawal',
    permission: 'distribution.release',
    summary: {
      zh: '撤回发行包（连同依赖它的 VF）',
      en: 'Withdraw a package, and what hangs on it, from every site',
    },
    params: byId,
    /** The package first, then the version files that do not play without it. */
    result: z.object({ withdrawn: z.array(z.object({ id, title: z.string() })) }),
    errors: ['not_found', 'conflict'],
  }),
};

/** More than any cinema books, and any package holds: an answer beyond is refused whole. */
const WORK_PACKAGES_MAX = 20_000;
const PACKAGE_FILES_MAX = 100_000;
const WORK_KEYS_MAX = 200_000;
const NEIGHBOURS_MAX = 32;
/** Host and port, and nothing that leads further. */
const shareUrl = z.string().regex(/^https?:\/\/[\w.[\]:-]{1,253}$/);

const siteWork = z.object({
  now: instant,
  cinema: z.object({ id, name: z.string(), timeZone: z.string() }),
  packages: z
    .array(
      z.object({
        id,
        title: z.string().max(500),
        /** When it is first needed: its next show, or its first booked day. */
        neededAt: instant,
        files: z
          .array(z.object({ path: z.string().max(1000), digest, sizeBytes: count }))
          .max(PACKAGE_FILES_MAX),
        /** Not now; what has arrived is kept. */
        paused: z.boolean().default(false),
        /** Before all others, at any hour. */
        first: z.boolean().default(false),
      }),
    )
    .max(WORK_PACKAGES_MAX),
  /** Packages that must not be shown any more. */
  withdrawn: z.array(id),
  /** Boxes of the same cinema or circuit that may hold some of it. */
  neighbours: z.array(shareUrl).max(NEIGHBOURS_MAX).default([]),
  keys: z
    .array(
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
    )
    .max(WORK_KEYS_MAX),
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
      shareUrl: shareUrl.nullish(),
    }),
    errors: ['not_signed_in', 'invalid'],
  }),
};
