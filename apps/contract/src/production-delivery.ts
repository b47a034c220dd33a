import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { ofProject } from './production-project.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, expectedVersion, fen, id, instant, longText, name, page, pageQuery,
  ratioText, versioned,
} from './shapes.ts';

/** Production: what goes to a vendor, what comes back, and what the film is delivered as. */

export const TURNOVER_PURPOSES = ['plate', 'reference', 'scan', 'sound', 'grade', 'other'] as const;
export const VERSION_STATES = [
  'submitted', 'approved', 'changes', 'rejected', 'withdrawn',
] as const;
export const VERSION_SUBJECTS = ['shot', 'sequence', 'cut', 'film'] as const;
const turnedAsset = z.object({
  assetId: id, purpose: z.enum(TURNOVER_PURPOSES).default('plate'),
  /** Whether the original may be fetched, or only what was made of it to watch. */
  original: z.boolean().default(true),
});

/** A cut that goes along as what its department works from. */
const turnedCut = z.object({
  cutId: id, department: z.enum(['vfx', 'sound', 'colour']),
  /** The whole of it, or only the shots of the turnover in their places. */
  whole: z.boolean().default(false),
  /** Of what is written for people in its lists. */
  language: z.enum(['zh-CN', 'en']).default('zh-CN'),
});

export const turnoverSchema = versioned.extend({
  projectId: id, projectName: z.string(), organisationId: id, organisationName: z.string(),
  number: count, name: z.string(), note: z.string(),
  state: z.enum(['draft', 'sent', 'received', 'withdrawn']),
  sentAt: instant.nullable(), receivedAt: instant.nullable(), manifestFileId: id.nullable(),
  shots: z.array(z.object({ id, code: z.string() })),
  assets: z.array(turnedAsset.extend({ title: z.string(), fileId: id.nullable(),
    fileName: z.string(), sizeBytes: count, digest: z.string() })),
  cut: turnedCut.extend({ name: z.string(), number: count }).nullable(),
  /** Once it is sent: the lists of the department, and all of them as one package. */
  files: z.array(z.object({ path: z.string(), fileId: id, sizeBytes: count,
    digest: z.string() })),
  findings: findingList,
  /** Whether it is ours to change, or was sent to us. */
  ours: z.boolean(),
});
const turnoverFields = z.object({
  name, note: longText.default(''), shotIds: z.array(id).max(5000).default([]),
  assets: z.array(turnedAsset).max(5000).default([]), cut: turnedCut.nullable().default(null),
});

export const turnovers = {
  list: endpoint({
    method: 'GET', path: '/api/production/turnovers', permission: 'production.read',
    summary: { zh: '交接单', en: 'Turnovers' },
    query: pageQuery.extend({ projectId: id.optional() }), result: page(turnoverSchema),
  }),
  get: endpoint({
    method: 'GET', path: '/api/production/turnovers/:id', permission: 'production.read',
    summary: { zh: '交接单详情', en: 'One turnover' }, params: byId, result: turnoverSchema,
    errors: ['not_found'],
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/turnovers', permission: 'production.write',
    creates: true, summary: { zh: '准备交接', en: 'Prepare a turnover' },
    body: turnoverFields.extend({ projectId: id, organisationId: id }), result: turnoverSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/production/turnovers/:id', permission: 'production.write',
    summary: { zh: '修改交接单', en: 'Change a turnover that is not sent' }, params: byId,
    body: turnoverFields.extend(expectedVersion.shape), result: turnoverSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  act: endpoint({
    method: 'POST', path: '/api/production/turnovers/:id/act', permission: 'production.write',
    summary: { zh: '发出、签收或收回', en: 'Send, receive or withdraw' }, params: byId,
    body: expectedVersion.extend({ act: z.enum(['send', 'receive', 'withdraw']) }),
    result: turnoverSchema, errors: ['not_found', 'conflict', 'not_allowed'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/production/turnovers/:id/sheet', permission: 'production.read',
    summary: { zh: '交接清单', en: 'What was turned over, as a sheet' }, params: byId,
    query: z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') }), bytesOut: '*/*',
    errors: ['not_found'],
  }),
};

export const versionSchema = versioned.extend({
  projectId: id, organisationId: id, organisationName: z.string(),
  subjectKind: z.enum(VERSION_SUBJECTS), subjectId: id, subject: z.string(), name: z.string(),
  number: count, assetId: id, assetTitle: z.string(), posterFileId: id.nullable(),
  taskId: id.nullable(), note: z.string(), state: z.enum(VERSION_STATES),
  decidedAt: instant.nullable(),
});

export const versions = {
  list: endpoint({
    method: 'GET', path: '/api/production/versions', permission: 'production.read',
    summary: { zh: '版本', en: 'Versions' },
    query: pageQuery.extend({ projectId: id.optional(), subjectId: id.optional(),
      assetId: id.optional(), state: z.enum(VERSION_STATES).optional() }),
    result: page(versionSchema),
  }),
  deliver: endpoint({
    method: 'POST', path: '/api/production/versions', permission: 'production.write',
    creates: true, summary: { zh: '提交版本', en: 'Deliver a version' },
    body: z.object({ projectId: id, subjectKind: z.enum(VERSION_SUBJECTS), subjectId: id,
      /** The line of work, such as `comp`. */
      name: z.string().trim().max(60).default(''),
      /** The next one, unless it is given. */
      number: z.number().int().positive().max(99_999).optional(),
      assetId: id, taskId: id.nullable().default(null), note: longText.default('') }),
    result: versionSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  decide: endpoint({
    method: 'POST', path: '/api/production/versions/:id/decide', permission: 'production.review',
    summary: { zh: '批准、退回或撤回版本', en: 'Approve, send back or withdraw' }, params: byId,
    body: expectedVersion.extend({
      state: z.enum(['approved', 'changes', 'rejected', 'withdrawn']),
      note: longText.optional() }),
    result: versionSchema, errors: ['not_found', 'conflict', 'not_allowed'],
  }),
};

const anyOf = z.array(z.string().trim().min(1).max(60)).max(40);
/** What a deliverable has to be; what is not said is not asked for. */
export const specificationSchema = z.object({
  containers: anyOf.optional(), videoCodecs: anyOf.optional(),
  width: count.optional(), height: count.optional(), frameRate: ratioText.optional(),
  pixelFormats: anyOf.optional(),
  /** Length in frames. */
  framesFrom: count.optional(), framesTo: count.optional(),
  startTimecode: z.string().max(20).optional(),
  audioCodecs: anyOf.optional(), sampleRateHz: count.optional(),
  /** Channels of each sound track, in order. */
  channels: z.array(count).max(64).optional(),
  loudnessLufs: z.number().min(-70).max(0).optional(),
  loudnessToleranceLu: z.number().min(0).max(20).optional(),
  truePeakMaxDb: z.number().min(-40).max(6).optional(),
  languages: anyOf.optional(),
}).strict();
export type DeliverySpecification = z.output<typeof specificationSchema>;

export const deliverableSchema = versioned.extend({
  projectId: id, name: z.string(), kind: z.string(), specification: specificationSchema,
  organisationId: id.nullable(), organisationName: z.string().nullable(),
  dueOn: businessDate.nullable(), late: z.boolean(), acceptorId: id.nullable(),
  acceptorName: z.string().nullable(), fourEyes: z.boolean(), amountFen: fen.nullable(),
  category: z.string(),
  state: z.enum(['open', 'submitted', 'accepted', 'rejected', 'cancelled']), submission: count,
  assetId: id.nullable(), assetTitle: z.string().nullable(), language: z.string().nullable(),
  submittedAt: instant.nullable(), acceptedAt: instant.nullable(), findings: findingList,
  /** The record of settlement that pays it. */
  dueKey: z.string().nullable(),
  decisions: z.array(z.object({ submission: count, at: instant, by: z.string(),
    decision: z.enum(['submitted', 'accepted', 'rejected']), note: z.string() })),
});
const deliverableFields = z.object({
  name, kind: z.string().trim().min(1).max(60), specification: specificationSchema,
  organisationId: id.nullable().default(null), dueOn: businessDate.nullable().default(null),
  acceptorId: id.nullable().default(null), fourEyes: z.boolean().default(false),
  amountFen: fen.refine((text) => !text.startsWith('-')).nullable().default(null),
  /** The account of settlement's terms that it is paid under: `post_production`. */
  category: z.string().regex(/^(?:[a-z][a-z0-9_]{0,62})?$/).default(''),
});

export const deliverables = {
  list: endpoint({
    method: 'GET', path: '/api/production/deliverables', permission: 'production.read',
    summary: { zh: '交付物', en: 'Deliverables' },
    query: pageQuery.extend({ projectId: id.optional() }), result: page(deliverableSchema),
  }),
  presets: endpoint({
    method: 'GET', path: '/api/production/deliverables/presets', permission: 'production.read',
    summary: { zh: '常用交付规格', en: 'Usual specifications' },
    result: z.object({ rows: z.array(z.object({ code: z.string(), zh: z.string(),
      en: z.string(), kind: z.string(), specification: specificationSchema })) }),
  }),
  acceptors: endpoint({
    method: 'GET', path: '/api/production/deliverables/acceptors', permission: 'production.read',
    summary: { zh: '可以验收的人', en: 'Who may accept' }, query: ofProject,
    result: z.object({ rows: z.array(z.object({ id, name: z.string() })) }),
    errors: ['not_found'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/production/deliverables/export', permission: 'production.read',
    summary: { zh: '导出交付物', en: 'Deliverables as a sheet' },
    query: ofProject.extend({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
    bytesOut: '*/*', errors: ['not_found'],
  }),
  get: endpoint({
    method: 'GET', path: '/api/production/deliverables/:id', permission: 'production.read',
    summary: { zh: '交付物详情', en: 'One deliverable' }, params: byId, result: deliverableSchema,
    errors: ['not_found'],
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/deliverables', permission: 'production.write',
    creates: true, summary: { zh: '约定交付物', en: 'Agree a deliverable' },
    body: deliverableFields.extend({ projectId: id }), result: deliverableSchema,
    errors: ['not_found', 'invalid'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/production/deliverables/:id', permission: 'production.write',
    summary: { zh: '修改交付物', en: 'Change a deliverable that is not accepted' }, params: byId,
    body: deliverableFields.extend(expectedVersion.shape), result: deliverableSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  submit: endpoint({
    method: 'POST', path: '/api/production/deliverables/:id/submit',
    permission: 'production.write',
    summary: { zh: '提交交付物，按规格检查', en: 'Submit it; it is held against its specification' },
    params: byId, body: expectedVersion.extend({ assetId: id,
      language: z.string().trim().max(35).nullable().default(null),
      note: longText.default('') }),
    result: deliverableSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  decide: endpoint({
    method: 'POST', path: '/api/production/deliverables/:id/decide',
    permission: 'production.accept',
    summary: { zh: '验收或退回', en: 'Accept or reject' }, params: byId,
    body: expectedVersion.extend({ decision: z.enum(['accepted', 'rejected']),
      note: longText.default(''),
      /** Accepts although findings say that it is not what was agreed; the note says why. */
      despite: z.boolean().default(false) }),
    result: deliverableSchema, errors: ['not_found', 'conflict', 'not_allowed', 'invalid'],
  }),
};
