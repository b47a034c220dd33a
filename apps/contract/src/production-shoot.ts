import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { ofProject } from './production-project.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, expectedVersion, id, longText, name, page, pageQuery, ratioText,
  versioned,
} from './shapes.ts';

/** Production: what was shot, day by day: rolls, takes, and the reports of camera and sound. */

export const dayFields = z.object({
  number: count, unit: z.string().trim().max(60).default(''),
  date: businessDate.nullable().default(null), place: z.string().trim().max(200).default(''),
  note: longText.default(''),
});
export const daySchema = versioned.extend({
  projectId: id, number: count, unit: z.string(), date: businessDate.nullable(),
  place: z.string(), note: z.string(), rolls: count, takes: count, circled: count,
  /** Of all takes whose length is known. */
  seconds: z.number(),
});
export const rollSchema = versioned.extend({
  dayId: id, kind: z.enum(['camera', 'sound']), name: z.string(), device: z.string(),
  note: z.string(), manifestFileId: id.nullable(), fileCount: count.nullable(),
  sizeBytes: count.nullable(),
  /** Whether the manifest says that every copy was read back and agreed. */
  verified: z.boolean().nullable(), takes: count,
});
export const takeSchema = versioned.extend({
  projectId: id, dayId: id, rollId: id.nullable(), roll: z.string().nullable(),
  soundRoll: z.string().nullable(), scene: z.string(), take: z.string(), camera: z.string(),
  clip: z.string(), frameRate: ratioText, startTimecode: z.string().nullable(),
  endTimecode: z.string().nullable(), frameCount: count.nullable(), circled: z.boolean(),
  comment: z.string(), facts: z.record(z.string(), z.string()), sizeBytes: count.nullable(),
  digest: z.string().nullable(), assetId: id.nullable(),
});
export const takeQuery = z.object({
  projectId: id, dayId: id.optional(), rollId: id.optional(), scene: z.string().max(60).optional(),
  circled: z.stringbool().optional(), search: z.string().max(200).optional(),
});

export const shoot = {
  days: endpoint({
    method: 'GET', path: '/api/production/days', permission: 'production.read',
    summary: { zh: '拍摄日', en: 'Shoot days' }, query: ofProject,
    result: z.object({ rows: z.array(daySchema) }), errors: ['not_found'],
  }),
  addDay: endpoint({
    method: 'POST', path: '/api/production/days', permission: 'production.write', creates: true,
    summary: { zh: '添加拍摄日', en: 'Add a shoot day' }, body: dayFields.extend({ projectId: id }),
    result: daySchema, errors: ['not_found', 'conflict'],
  }),
  changeDay: endpoint({
    method: 'PUT', path: '/api/production/days/:id', permission: 'production.write',
    summary: { zh: '修改拍摄日', en: 'Change a shoot day' }, params: byId,
    body: dayFields.extend(expectedVersion.shape), result: daySchema,
    errors: ['not_found', 'conflict'],
  }),
  day: endpoint({
    method: 'GET', path: '/api/production/days/:id', permission: 'production.read',
    summary: { zh: '拍摄日详情', en: 'One shoot day with its rolls' }, params: byId,
    result: daySchema.extend({ rollRows: z.array(rollSchema) }), errors: ['not_found'],
  }),
  report: endpoint({
    method: 'GET', path: '/api/production/days/:id/report', permission: 'production.read',
    summary: { zh: '摄影报告与录音报告', en: 'Camera report or sound report' }, params: byId,
    query: z.object({ kind: z.enum(['camera', 'sound']).default('camera'),
      format: z.enum(['html', 'pdf', 'csv', 'xlsx']).default('html'),
      language: z.enum(['zh-CN', 'en']).default('zh-CN') }),
    bytesOut: '*/*', errors: ['not_found'],
  }),
  takes: endpoint({
    method: 'GET', path: '/api/production/takes', permission: 'production.read',
    summary: { zh: '条次', en: 'Takes' }, query: pageQuery.extend(takeQuery.shape),
    result: page(takeSchema), errors: ['not_found'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/production/takes/export', permission: 'production.read',
    summary: { zh: '导出条次', en: 'Takes as a sheet' },
    query: takeQuery.extend({ format: z.enum(['csv', 'xlsx', 'ale']).default('xlsx') }),
    bytesOut: '*/*', errors: ['not_found'],
  }),
  changeTake: endpoint({
    method: 'PUT', path: '/api/production/takes/:id', permission: 'production.write',
    summary: { zh: '修改条次', en: 'Change a take' }, params: byId,
    body: z.object({ scene: z.string().trim().max(60), take: z.string().trim().max(60),
      circled: z.boolean(), comment: longText }).extend(expectedVersion.shape),
    result: takeSchema, errors: ['not_found', 'conflict'],
  }),
  readLog: endpoint({
    method: 'POST', path: '/api/production/days/read', permission: 'production.write',
    creates: true,
    summary: { zh: '读入场记、摄影清单或校验清单', en: 'Takes from ALE, CSV, XLSX or MHL' },
    body: z.object({ projectId: id, fileId: id,
      /** Where the list says no day of its own; a day that is not there yet is made. */
      day: dayFields.pick({ number: true, unit: true, date: true }).partial()
        .extend({ number: count }).optional(),
      roll: z.object({ kind: z.enum(['camera', 'sound']).default('camera'),
        name: name.optional() }).optional(),
      rate: ratioText.optional(), commit: z.boolean().default(false) }),
    result: z.object({ format: z.string(), days: count, rolls: count, added: count,
      changed: count, unchanged: count,
      rows: z.array(z.object({ clip: z.string(), scene: z.string(), take: z.string(),
        roll: z.string(), start: z.string().nullable(), frameCount: count.nullable(),
        known: z.boolean() })),
      findings: findingList }),
    errors: ['not_found', 'invalid', 'too_large'],
  }),
};
