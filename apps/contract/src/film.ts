import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, expectedVersion, id, instant, longText, name, page, pageQuery, versioned,
} from './shapes.ts';

/** The spine: a film, its versions, identifiers, parties and rights. Every hall hangs on it. */

export const VERSION_FORMATS = [
  '2D', '3D', 'IMAX', 'IMAX 3D', 'CGS', 'CGS 3D', 'CINITY', 'DOLBY_CINEMA', 'LED', 'OTHER',
] as const;
export const PARTY_ROLES = [
  'producer', 'co_producer', 'investor', 'lead_distributor', 'co_distributor', 'post_house',
  'equipment_company', 'sales_agent', 'promoter',
] as const;

export const filmVersionSchema = z.object({
  id,
  format: z.enum(VERSION_FORMATS),
  /** 12-character film code, 影片编码 */
  filmCode: z.string().max(12).nullable(),
  audioLanguage: z.string().max(35).nullable(),
  subtitleLanguages: z.array(z.string().max(35)).default([]),
  runtimeSeconds: z.number().int().positive().nullable(),
});
export const partySchema = z.object({
  organisationId: id.nullable(), name, role: z.enum(PARTY_ROLES),
});
export const rightSchema = z.object({
  holder: name,
  /** ISO 3166 codes, or `*` for the world. */
  territories: z.array(z.string().min(1).max(6)).min(1),
  media: z.enum(['theatrical', 'streaming', 'television', 'other']),
  from: businessDate, to: businessDate.nullable(), exclusive: z.boolean(),
});

const filmFields = z.object({
  title: name,
  titleEnglish: z.string().max(200).nullable(),
  year: z.number().int().min(1888).max(2200).nullable(),
  country: z.string().max(60).nullable(),
  synopsis: longText.nullable(),
  eidr: z.string().max(60).nullable(),
  isan: z.string().max(60).nullable(),
  /** 公映许可证号 */
  licenceNumber: z.string().max(60).nullable(),
  versions: z.array(filmVersionSchema).max(100),
  parties: z.array(partySchema).max(200),
  rights: z.array(rightSchema).max(500),
});
export const filmSchema = versioned.extend(filmFields.shape).extend({
  ownerId: id, posterFileId: id.nullable(), findings: findingList,
});
export const filmWrite = filmFields.extend({
  versions: z.array(filmVersionSchema.extend({ id: id.optional() })).max(100),
}).partial().required({ title: true });

export const LIFE_STAGES = [
  'shoot', 'ingest', 'review', 'master', 'package', 'keys', 'show', 'report', 'settle',
] as const;
export const lifeSchema = z.object({
  filmId: id,
  stages: z.array(z.object({
    stage: z.enum(LIFE_STAGES),
    state: z.enum(['empty', 'running', 'done', 'late', 'failed']),
    at: instant.nullable(),
    /** What there is to count: masters, packages, keys, screens, rows, statements. */
    count: z.number().int().nonnegative(),
    jobId: id.nullable(),
  })),
});

export const film = {
  list: endpoint({
    method: 'GET', path: '/api/films', permission: 'film.read',
    summary: { zh: '影片', en: 'Films' }, query: pageQuery, result: page(filmSchema),
  }),
  create: endpoint({
    method: 'POST', path: '/api/films', permission: 'film.write', creates: true,
    summary: { zh: '登记影片', en: 'Register a film' },
    body: filmWrite, result: filmSchema, errors: ['invalid'],
  }),
  get: endpoint({
    method: 'GET', path: '/api/films/:id', permission: 'film.read',
    summary: { zh: '影片详情', en: 'One film' }, params: byId, result: filmSchema,
    errors: ['not_found'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/films/:id', permission: 'film.write',
    summary: { zh: '修改影片', en: 'Change a film' },
    params: byId, body: filmWrite.extend(expectedVersion.shape), result: filmSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  life: endpoint({
    method: 'GET', path: '/api/films/:id/life', permission: 'film.read',
    summary: { zh: '影片的一生', en: "The film's life as one line" },
    params: byId, result: lifeSchema, errors: ['not_found'],
  }),
  duplicates: endpoint({
    method: 'GET', path: '/api/films/duplicates', permission: 'film.read',
    summary: { zh: '疑似重复的影片', en: 'Films that seem to be the same' },
    result: z.object({ groups: z.array(z.object({
      reason: z.string(), films: z.array(z.object({ id, title: z.string() })) })) }),
  }),
  importFile: endpoint({
    method: 'POST', path: '/api/films/import', permission: 'film.write', creates: true,
    summary: { zh: '从 CSV/XLSX 导入影片', en: 'Import films from CSV or XLSX' },
    body: z.object({ fileId: id, commit: z.boolean().default(false) }),
    result: z.object({ added: z.number().int(), changed: z.number().int(),
      findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/films/export', permission: 'film.read',
    summary: { zh: '导出影片', en: 'Export films' },
    query: z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') }), bytesOut: '*/*',
  }),
};
