import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  accepted,
  businessDate,
  byId,
  count,
  expectedVersion,
  id,
  instant,
  name,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/** What is known of cinemas, from whom and since when; and which devices are trusted. */

export const SOURCE_KINDS = ['page', 'list', 'sheet', 'feed'] as const;
export const SUBJECT_KINDS = ['cinema', 'screen'] as const;
export const sheetFormat = z.enum(['csv', 'xlsx']).default('xlsx');
const exportQuery = z.object({ format: sheetFormat });

const feedFields = {
  name,
  /** An FLM, or a site list that links to many (ISDCF FLM-x). */
  url: z.url({ protocol: /^https?$/ }).max(1000),
  pollMinutes: z.number().int().min(15).max(10_080).default(1440),
  enabled: z.boolean().default(true),
};
const precedence = z.number().int().min(1).max(1000);

export const sourceSchema = versioned.extend({
  name: z.string(),
  kind: z.enum(SOURCE_KINDS),
  precedence,
  url: z.string().nullable(),
  pollMinutes: z.number().int().nullable(),
  enabled: z.boolean(),
  polledAt: instant.nullable(),
  outcome: z.string().nullable(),
  findings: findingList,
  facts: count,
});

const word = z.object({
  value: z.string().nullable(),
  sourceId: id,
  source: z.string(),
  kind: z.enum(SOURCE_KINDS),
  precedence: z.number(),
  validFrom: instant,
  validTo: instant.nullable(),
  recordedAt: instant,
});
export const factSchema = z.object({
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: id,
  subjectName: z.string(),
  fact: z.string(),
  value: z.string().nullable(),
  resolved: z.boolean(),
  /** Whose word it is; null where somebody decided otherwise. */
  from: word.nullable(),
  conflicts: z.array(word),
});

const conflictSchema = z.object({
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: id,
  cinemaId: id,
  cinemaName: z.string(),
  screenName: z.string().nullable(),
  fact: z.string(),
  words: z.array(word),
});

const watchRow = z.object({
  screenId: id,
  screenName: z.string(),
  cinemaId: id,
  cinemaName: z.string(),
  circuitName: z.string().nullable(),
  maker: z.string().nullable(),
  thumbprint: z.string().nullable(),
  notAfter: instant.nullable(),
  findings: findingList,
});
const watchFilter = {
  cinemaId: id.optional(),
  circuitId: id.optional(),
  /** One finding's code only. */
  code: z.string().max(60).optional(),
};

const trustedDevice = z.object({
  thumbprint: z.string(),
  maker: z.string().nullable(),
  model: z.string().nullable(),
  serial: z.string().nullable(),
  note: z.string(),
  since: z.number().int(),
});
const trustedVersion = z.object({
  version: z.number().int().positive(),
  reason: z.string(),
  by: z.string(),
  at: instant,
  devices: count,
  added: count,
  removed: count,
});

export const facilities = {
  sources: endpoint({
    method: 'GET',
    path: '/api/exhibition/sources',
    permission: 'exhibition.read',
    summary: { zh: '影院资料的来源', en: 'Where facts of cinemas come from' },
    query: pageQuery,
    result: page(sourceSchema),
  }),
  createFeed: endpoint({
    method: 'POST',
    path: '/api/exhibition/sources',
    permission: 'exhibition.write',
    creates: true,
    summary: { zh: '登记设施清单订阅（FLM-x）', en: 'Subscribe to a feed of facility lists' },
    body: z.object({ ...feedFields, precedence: precedence.default(20) }),
    result: sourceSchema,
    errors: ['invalid', 'conflict'],
  }),
  updateSource: endpoint({
    method: 'PUT',
    path: '/api/exhibition/sources/:id',
    permission: 'exhibition.write',
    summary: { zh: '修改来源的次序与轮询', en: 'Change a source: its precedence, its polling' },
    params: byId,
    body: z
      .object({
        precedence,
        enabled: z.boolean(),
        url: feedFields.url.nullable().default(null),
        pollMinutes: feedFields.pollMinutes.nullable(),
      })
      .extend(expectedVersion.shape),
    result: sourceSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  pollSource: endpoint({
    method: 'POST',
    path: '/api/exhibition/sources/:id/poll',
    permission: 'exhibition.write',
    creates: true,
    summary: { zh: '立即读取订阅', en: 'Read a feed now' },
    params: byId,
    body: z.object({}),
    result: accepted,
    errors: ['not_found', 'invalid'],
  }),
  /** What was so on a day, as far as it was known at a time. */
  facts: endpoint({
    method: 'GET',
    path: '/api/exhibition/cinemas/:id/facts',
    permission: 'exhibition.read',
    summary: { zh: '影院资料：某日的情况与出处', en: 'Facts of a cinema on a day, with origin' },
    params: byId,
    query: z.object({ on: businessDate.optional(), known: instant.optional() }),
    result: z.object({ on: instant, known: instant, rows: z.array(factSchema) }),
    errors: ['not_found'],
  }),
  stateFacts: endpoint({
    method: 'POST',
    path: '/api/exhibition/facts',
    permission: 'exhibition.write',
    creates: true,
    summary: { zh: '登记自某日起的资料', en: 'State facts that hold from a day on' },
    body: z.object({
      subjectKind: z.enum(SUBJECT_KINDS),
      subjectId: id,
      validFrom: businessDate,
      validTo: businessDate.nullable().default(null),
      facts: z.record(z.string().max(40), z.string().max(1000).nullable()),
    }),
    result: z.object({ rows: z.array(factSchema) }),
    errors: ['not_found', 'invalid'],
  }),
  conflicts: endpoint({
    method: 'GET',
    path: '/api/exhibition/conflicts',
    permission: 'exhibition.read',
    summary: { zh: '来源之间的出入', en: 'Facts on which sources disagree' },
    query: pageQuery.extend({ cinemaId: id.optional() }),
    result: page(conflictSchema),
  }),
  resolve: endpoint({
    method: 'POST',
    path: '/api/exhibition/conflicts/resolutions',
    permission: 'exhibition.write',
    creates: true,
    summary: { zh: '确定采用哪一个', en: 'Decide which word is right' },
    body: z.object({
      subjectKind: z.enum(SUBJECT_KINDS),
      subjectId: id,
      fact: z.string().max(40),
      value: z.string().max(1000).nullable(),
      reason: z.string().trim().min(1).max(1000),
    }),
    result: factSchema,
    errors: ['not_found', 'invalid'],
  }),
  exportConflicts: endpoint({
    method: 'GET',
    path: '/api/exhibition/conflicts/export',
    permission: 'exhibition.read',
    summary: { zh: '导出出入清单', en: 'Export the conflicts' },
    query: exportQuery,
    bytesOut: '*/*',
  }),
  watch: endpoint({
    method: 'GET',
    path: '/api/exhibition/certificates/watch',
    permission: 'exhibition.read',
    summary: { zh: '证书监看', en: 'Certificates that need attention' },
    query: pageQuery.extend(watchFilter),
    result: page(watchRow),
  }),
  exportWatch: endpoint({
    method: 'GET',
    path: '/api/exhibition/certificates/watch/export',
    permission: 'exhibition.read',
    summary: { zh: '导出证书监看', en: 'Export the certificate watch' },
    query: exportQuery.extend(watchFilter),
    bytesOut: '*/*',
  }),
  lookNow: endpoint({
    method: 'POST',
    path: '/api/exhibition/certificates/watch',
    permission: 'exhibition.write',
    creates: true,
    summary: { zh: '立即检查证书并发出提醒', en: 'Look at all certificates now, with alarms' },
    body: z.object({}),
    result: accepted,
  }),
  trustedVersions: endpoint({
    method: 'GET',
    path: '/api/exhibition/trusted-devices/versions',
    permission: 'exhibition.read',
    summary: { zh: '可信设备名单的各版', en: 'Versions of the trusted-device list' },
    result: z.object({ rows: z.array(trustedVersion) }),
  }),
  trustedDevices: endpoint({
    method: 'GET',
    path: '/api/exhibition/trusted-devices',
    permission: 'exhibition.read',
    summary: { zh: '可信设备名单', en: 'The trusted-device list' },
    query: pageQuery.extend({ version: z.coerce.number().int().positive().optional() }),
    result: page(trustedDevice),
  }),
  importTrusted: endpoint({
    method: 'POST',
    path: '/api/exhibition/trusted-devices',
    permission: 'network.administer',
    creates: true,
    summary: { zh: '更新可信设备名单', en: 'Bring the trusted-device list forward' },
    body: z.object({
      /** CSV or XLSX with a column of thumbprints, or certificates in PEM. */
      fileId: id,
      /** `replace`: the file is the whole list; `add` and `remove`: it is what changes. */
      mode: z.enum(['replace', 'add', 'remove']).default('add'),
      reason: z.string().trim().min(1).max(1000),
      commit: z.boolean().default(false),
    }),
    result: z.object({ added: count, removed: count, unchanged: count, findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  exportTrusted: endpoint({
    method: 'GET',
    path: '/api/exhibition/trusted-devices/export',
    permission: 'exhibition.read',
    summary: { zh: '导出可信设备名单', en: 'Export the trusted-device list' },
    query: exportQuery.extend({ version: z.coerce.number().int().positive().optional() }),
    bytesOut: '*/*',
  }),
};
