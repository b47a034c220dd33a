import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  accepted, businessDate, byId, count, fileRecord, id, instant, page, pageQuery, ratioText,
  versioned,
} from './shapes.ts';

/** Distribution: a master becomes a package; a package and a screen get a key for a window. */

/** Relative, with plain names: a path of another machine must not become one of ours. */
const PACKAGE_PATH =
  /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\/(?:\/|$))[^\\:*?"<>|\u0000-\u001f\u007f-\u009f]+$/u;
const PATH_CHARACTERS_MAX = 400;
/** What file systems take as one name. */
const NAME_BYTES_MAX = 255;
const utf8 = new TextEncoder();

const isFitting = (path: string) =>
  path.split('/').every((part) => utf8.encode(part).length <= NAME_BYTES_MAX);

/** Whether a package may have a file of this path: the network and its agents say the same. */
export const isPackagePath = (path: string): boolean =>
  path.length <= PATH_CHARACTERS_MAX && PACKAGE_PATH.test(path) && isFitting(path);

const packagePath = z.string().max(PATH_CHARACTERS_MAX).regex(PACKAGE_PATH).refine(isFitting);

export const packageSchema = versioned.extend({
  filmId: id,
  filmVersionId: id.nullable(),
  assetId: id.nullable(),
  title: z.string(),
  standard: z.enum(['smpte', 'interop']),
  state: z.enum(['building', 'checking', 'passed', 'failed']),
  encrypted: z.boolean(),
  compositions: z.array(z.object({
    id, title: z.string(), editRate: ratioText, durationFrames: count, reels: count,
  })),
  files: z.array(z.object({ path: z.string(), file: fileRecord })),
  sizeBytes: count,
  findings: findingList,
  checked: z.object({ error: count, warning: count, note: count, success: count }).nullable(),
  /** Of a version file: the packages whose assets it plays. */
  originalIds: z.array(id),
  /** Of the film's release; null: what the package itself claims. */
  profile: z.string().nullable(),
  /** A withdrawn package must not be shown, wherever it lies. */
  withdrawnAt: instant.nullable(),
  jobId: id.nullable(),
});

export const keySchema = z.object({
  id, packageId: id, compositionId: id,
  screenId: id, cinemaName: z.string(), screenName: z.string(), deviceThumbprint: z.string(),
  notBefore: instant, notAfter: instant,
  file: fileRecord, jobId: id.nullable(), issuedAt: instant, issuedBy: z.string(),
  /** `superseded` and `withdrawn` keys are withheld; a cinema that has one can use it still. */
  state: z.enum(['valid', 'superseded', 'withdrawn']),
  supersededBy: id.nullable(), withdrawnReason: z.string().nullable(),
  /** What is known of its arrival: the surest way counts. */
  receipt: z.enum(['received', 'accepted', 'waiting', 'failed', 'none']),
});

/**
 * How a master's frame rate meets the package's. `keep`: they are the same. `speed`: every picture
 * once, played faster or slower together with the sound. `repeat`: time is kept, pictures are
 * repeated or left out.
 */
export const CONFORMS = ['keep', 'speed', 'repeat'] as const;

export const buildOptions = z.object({
  filmId: id, assetId: id, filmVersionId: id.nullable().default(null),
  /** Composition title; by default built after the DCNC from the film's record. */
  title: z.string().max(200).optional(),
  container: z.enum(['flat', 'scope', 'full']).default('flat'),
  resolution: z.enum(['2k', '4k']).default('2k'),
  /** The package's own rate; by default that of the recommended way. */
  frameRate: ratioText.optional(),
  conform: z.enum(CONFORMS).optional(),
  encrypt: z.boolean().default(true),
  standard: z.enum(['smpte', 'interop']).default('smpte'),
  bitRateMbit: z.number().int().min(20).max(250).default(200),
  audioLanguage: z.string().max(35).default('zh'),
  territory: z.string().max(10).default('CN'),
  rating: z.string().max(20).optional(),
  subtitleFileId: id.optional(),
});

/**
 * A window in each cinema's own clock: `2026-12-01T00:01` to `2026-12-31T23:59`. The server turns
 * it into instants with the cinema's time zone.
 */
export const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);

export const distribution = {
  packages: endpoint({
    method: 'GET', path: '/api/distribution/packages', permission: 'distribution.read',
    summary: { zh: '发行包', en: 'Packages' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(packageSchema),
  }),
  package: endpoint({
    method: 'GET', path: '/api/distribution/packages/:id', permission: 'distribution.read',
    summary: { zh: '发行包详情', en: 'One package' }, params: byId, result: packageSchema,
    errors: ['not_found'],
  }),
  build: endpoint({
    method: 'POST', path: '/api/distribution/packages', permission: 'distribution.build',
    creates: true, summary: { zh: '制作发行包', en: 'Build a package' },
    body: buildOptions, result: packageSchema, errors: ['not_found', 'invalid'],
  }),
  rates: endpoint({
    method: 'GET', path: '/api/distribution/rates/:id', permission: 'distribution.read',
    summary: { zh: '母版可用的帧率', en: 'Rates that a master may be packaged at' }, params: byId,
    query: z.object({ standard: z.enum(['smpte', 'interop']).default('smpte'),
      resolution: z.enum(['2k', '4k']).default('2k') }),
    result: z.object({
      sourceRate: ratioText, variable: z.boolean(), durationSeconds: ratioText.nullable(),
      /** The recommended way first. */
      choices: z.array(z.object({
        conform: z.enum(CONFORMS), frameRate: ratioText,
        /** How much faster than the master it plays. */
        speed: ratioText,
        /** A change nobody sees or hears; taken where nobody chooses. */
        unseen: z.boolean(),
        /** Within Bv2.1 (RDD 52 7.2), which every player plays. */
        everywhere: z.boolean(), recommended: z.boolean(),
      })),
    }),
    errors: ['not_found', 'conflict'],
  }),
  check: endpoint({
    method: 'POST', path: '/api/distribution/packages/:id/check', permission: 'distribution.build',
    summary: { zh: '检查发行包', en: 'Check a package again' }, params: byId, result: accepted,
    errors: ['not_found'],
  }),
  /** Uploaded files become a package from another house, and are judged on arrival. */
  take: endpoint({
    method: 'POST', path: '/api/distribution/packages/intake', permission: 'distribution.build',
    creates: true,
    summary: { zh: '收取外来发行包并检查', en: 'Take in a package that another house made' },
    body: z.object({
      filmId: id, filmVersionId: id.nullable().default(null),
      title: z.string().max(200).optional(),
      files: z.array(z.object({ path: packagePath, fileId: id })).min(1).max(5000),
    }),
    result: packageSchema, errors: ['not_found', 'invalid'],
  }),
  certificate: endpoint({
    method: 'POST', path: '/api/distribution/certificate', permission: 'distribution.build',
    summary: { zh: '本组织的证书链，用于索取 DKDM', en: 'Our certificate chain, to be sent a DKDM' },
    body: z.object({}), result: z.object({ pem: z.string() }),
  }),
  takeDkdm: endpoint({
    method: 'POST', path: '/api/distribution/packages/:id/dkdm', permission: 'distribution.build',
    summary: { zh: '导入 DKDM：内容密钥进入保管', en: 'Take a DKDM; its keys go into custody' },
    params: byId, body: z.object({ fileId: id }),
    result: z.object({ keys: count, jobId: id }), errors: ['not_found', 'invalid', 'conflict'],
  }),
  download: endpoint({
    method: 'GET', path: '/api/distribution/packages/:id/archive', permission: 'distribution.read',
    summary: { zh: '下载整个发行包（TAR）', en: 'Download a whole package as TAR' }, params: byId,
    bytesOut: 'application/x-tar', errors: ['not_found'],
  }),
  keys: endpoint({
    method: 'GET', path: '/api/distribution/keys', permission: 'distribution.read',
    summary: { zh: '密钥', en: 'Keys' },
    query: pageQuery.extend({ filmId: id.optional(), packageId: id.optional(),
      screenId: id.optional() }),
    result: page(keySchema),
  }),
  issueKeys: endpoint({
    method: 'POST', path: '/api/distribution/keys', permission: 'distribution.issue_keys',
    creates: true, summary: { zh: '签发密钥', en: 'Issue keys for chosen screens' },
    body: z.object({
      packageId: id, screenIds: z.array(id).min(1).max(100_000),
      notBefore: localTime, notAfter: localTime,
      formulation: z.enum(['modified-transitional-1', 'multiple-modified-transitional-1', 'dci-any',
        'dci-specific']).default('modified-transitional-1'),
      forensicPicture: z.boolean().default(true), forensicSound: z.boolean().default(true),
    }),
    /** Without a job where a second person has to agree first. */
    result: z.object({ jobId: id.nullable(), orderId: id }),
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  keyArchive: endpoint({
    method: 'GET', path: '/api/distribution/keys/archive', permission: 'distribution.read',
    summary: { zh: '打包下载密钥（ZIP）', en: 'Download keys as ZIP' },
    query: z.object({ packageId: id, cinemaId: id.optional(), jobId: id.optional() }),
    bytesOut: 'application/zip', errors: ['not_found'],
  }),
  /** What the certificate board shows: screens of the network without a usable certificate. */
  readiness: endpoint({
    method: 'GET', path: '/api/distribution/readiness', permission: 'distribution.read',
    summary: { zh: '银幕就绪情况', en: 'Which screens are ready for a film on a day' },
    query: z.object({ packageId: id, date: businessDate, limit: z.coerce.number().int().max(2000)
      .default(500) }),
    result: z.object({ rows: z.array(z.object({
      screenId: id, cinemaName: z.string(), screenName: z.string(),
      certificate: z.enum(['valid', 'expired', 'missing']),
      key: z.enum(['valid', 'late', 'missing']),
    })) }),
    errors: ['not_found'],
  }),
};
