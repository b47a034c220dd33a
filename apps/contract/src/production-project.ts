import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, expectedVersion, id, instant, longText, name, page, pageQuery,
  ratioText, versioned,
} from './shapes.ts';

/** Production: the project that companies share, its shots and cuts, and what is to be done. */

export const STATUS_KINDS = ['waiting', 'working', 'review', 'done', 'hold'] as const;
export const COMPANY_ROLES = [
  'production', 'post_house', 'visual_effects', 'sound', 'colour', 'editorial', 'music', 'other',
] as const;
export const SCOPES = ['whole', 'turnover'] as const;

const code = z.string().trim().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u);
const statusCode = z.string().regex(/^[a-z][a-z0-9_]{0,29}$/);
const handle = z.number().int().min(0).max(10_000);
const frame = z.number().int().min(-2_000_000_000).max(2_000_000_000);
const sheetFormat = z.enum(['csv', 'xlsx']).default('xlsx');
export const ofProject = z.object({ projectId: id });

/** One status: its words, what it counts as, who may set it, and what may come after it. */
const statusSchema = z.object({
  code: statusCode, zh: name, en: name, kind: z.enum(STATUS_KINDS),
  /** The company that does the work may set it too; otherwise the room only. */
  company: z.boolean().default(false),
  next: z.array(statusCode).max(40),
});
const flow = z.array(statusSchema).min(1).max(40);

/** What a show settles once: numbers, handles, names, and the flows of statuses. */
export const projectSettings = z.object({
  firstFrame: frame.default(1001),
  headHandle: handle.default(8), tailHandle: handle.default(8),
  /** `{sequence}_{number:4}` */
  shotTemplate: z.string().trim().min(1).max(80).default('{sequence}_{number:4}'),
  shotStep: z.number().int().min(1).max(1000).default(10),
  shotFlow: flow, taskFlow: flow,
});

export const participantSchema = z.object({
  organisationId: id, organisationName: z.string(), role: z.enum(COMPANY_ROLES),
  scope: z.enum(SCOPES), state: z.enum(['invited', 'joined', 'left']), invitedAt: instant,
  answeredAt: instant.nullable(),
});

export const projectSchema = versioned.extend({
  filmId: id, filmTitle: z.string(), ownerId: id, ownerName: z.string(),
  name: z.string(), code: z.string(), frameRate: ratioText, dropFrame: z.boolean(),
  state: z.enum(['open', 'closed']),
  /** Whether we see the whole of it, or only what was turned over to us. */
  scope: z.enum(SCOPES),
  /** Where we were invited and have not answered, or have left. */
  participation: z.enum(['invited', 'joined', 'left']).nullable(),
  settings: projectSettings,
  participants: z.array(participantSchema),
});

const statusCount = z.object({ status: z.string(), count });
export const overviewSchema = z.object({
  shots: z.object({ total: count, omitted: count, flagged: count,
    byStatus: z.array(statusCount) }),
  tasks: z.object({ total: count, late: count, flagged: count, byStatus: z.array(statusCount),
    byCompany: z.array(z.object({ organisationId: id.nullable(), organisationName: z.string(),
      total: count, done: count, review: count, late: count })) }),
  shoot: z.object({ days: count, takes: count, circled: count, minutes: z.number() }),
  cuts: count,
  turnovers: z.object({ draft: count, sent: count, received: count, withdrawn: count }),
  versions: z.object({ waiting: count, approved: count, total: count }),
  deliverables: z.object({ open: count, submitted: count, accepted: count, rejected: count,
    late: count }),
});

export const changeSchema = z.object({
  id, at: instant, by: z.string(), organisation: z.string().nullable(),
  subjectKind: z.enum(['shot', 'task']), count, field: z.string(),
  /** Of one subject; where a change is of many, of the first. */
  subject: z.string(), before: z.string().nullable(), after: z.string().nullable(),
  undone: z.boolean(), undoes: id.nullable(),
});

const projectFields = z.object({
  name, code, frameRate: ratioText, dropFrame: z.boolean().default(false),
});

export const projects = {
  list: endpoint({
    method: 'GET', path: '/api/production/projects', permission: 'production.read',
    summary: { zh: '制作项目', en: 'Projects' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(projectSchema),
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/projects', permission: 'production.write',
    creates: true, summary: { zh: '建立制作项目', en: 'Begin a project' },
    body: projectFields.extend({ filmId: id, settings: projectSettings.partial().optional() }),
    result: projectSchema, errors: ['not_found', 'invalid', 'conflict'],
  }),
  get: endpoint({
    method: 'GET', path: '/api/production/projects/:id', permission: 'production.read',
    summary: { zh: '制作项目详情', en: 'One project' }, params: byId, result: projectSchema,
    errors: ['not_found'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/production/projects/:id', permission: 'production.write',
    summary: { zh: '修改制作项目', en: 'Change a project' }, params: byId,
    body: projectFields.extend({ settings: projectSettings,
      state: z.enum(['open', 'closed']) }).extend(expectedVersion.shape),
    result: projectSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  overview: endpoint({
    method: 'GET', path: '/api/production/projects/:id/overview', permission: 'production.read',
    summary: { zh: '项目总览', en: 'How a project stands' }, params: byId, result: overviewSchema,
    errors: ['not_found'],
  }),
  invite: endpoint({
    method: 'PUT', path: '/api/production/projects/:id/participants/:organisationId',
    permission: 'production.write',
    summary: { zh: '邀请单位参加', en: 'Ask a company to take part, within a scope' },
    params: byId.extend({ organisationId: id }),
    body: z.object({ role: z.enum(COMPANY_ROLES), scope: z.enum(SCOPES) }),
    result: projectSchema, errors: ['not_found', 'conflict'],
  }),
  answer: endpoint({
    method: 'POST', path: '/api/production/projects/:id/answer', permission: 'production.write',
    summary: { zh: '答复邀请或退出', en: 'Join, decline or leave' }, params: byId,
    body: z.object({ join: z.boolean() }), result: projectSchema,
    errors: ['not_found', 'conflict'],
  }),
  dismiss: endpoint({
    method: 'DELETE', path: '/api/production/projects/:id/participants/:organisationId',
    permission: 'production.write',
    summary: { zh: '请单位离开', en: 'End a company’s part' },
    params: byId.extend({ organisationId: id }), result: projectSchema, errors: ['not_found'],
  }),
  history: endpoint({
    method: 'GET', path: '/api/production/projects/:id/history', permission: 'production.read',
    summary: { zh: '项目变更记录', en: 'What changed, and who changed it' }, params: byId,
    query: pageQuery.extend({ subjectId: id.optional() }), result: page(changeSchema),
    errors: ['not_found'],
  }),
  undo: endpoint({
    method: 'POST', path: '/api/production/projects/:id/undo', permission: 'production.write',
    summary: { zh: '撤销变更', en: 'Take a change back' }, params: byId,
    body: z.object({ changeId: id }),
    result: z.object({ undone: count, left: count }), errors: ['not_found', 'conflict'],
  }),
  exportOmc: endpoint({
    method: 'GET', path: '/api/production/projects/:id/omc', permission: 'production.read',
    summary: { zh: '导出 OMC', en: 'The project as MovieLabs OMC JSON' }, params: byId,
    bytesOut: 'application/json', errors: ['not_found'],
  }),
  importOmc: endpoint({
    method: 'POST', path: '/api/production/projects/:id/omc', permission: 'production.write',
    creates: true, summary: { zh: '导入 OMC', en: 'Take shots and tasks from OMC JSON' },
    params: byId, body: z.object({ fileId: id, commit: z.boolean().default(false) }),
    result: z.object({ shots: count, sequences: count, tasks: count, known: count,
      findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
};

export const sequenceSchema = versioned.extend({
  projectId: id, parentId: id.nullable(), kind: z.enum(['episode', 'sequence']),
  code: z.string(), name: z.string(), ordinal: z.number().int(), shots: count,
});
const sequenceFields = z.object({
  parentId: id.nullable().default(null), kind: z.enum(['episode', 'sequence']).default('sequence'),
  code, name: z.string().trim().max(200).default(''), ordinal: frame.default(0),
});

const cutChange = z.object({ kind: z.string(), frames: z.number().int().nullable(),
  cutId: id, cut: z.string() });
export const shotSchema = versioned.extend({
  projectId: id, sequenceId: id.nullable(), sequence: z.string().nullable(), code: z.string(),
  description: z.string(), ordinal: z.number().int(), status: z.string(), omitted: z.boolean(),
  cutId: id.nullable(), recordIn: frame.nullable(), frameCount: count.nullable(),
  clip: z.string(), reel: z.string(), sourceIn: frame.nullable(), sourceOut: frame.nullable(),
  speed: z.string(),
  /** Frame numbers as the show counts them: first and last with handles, cut in and out. */
  firstFrame: frame, cutIn: frame, cutOut: frame.nullable(), lastFrame: frame.nullable(),
  headHandle: handle, tailHandle: handle,
  changes: z.array(cutChange), thumbnailFileId: id.nullable(),
  tasks: z.array(z.object({ id, name: z.string(), status: z.string(),
    organisationName: z.string().nullable(), dueOn: businessDate.nullable(),
    flagged: z.boolean() })),
  latest: z.object({ id, name: z.string(), number: count, state: z.string(), assetId: id })
    .nullable(),
});
const shotWrite = z.object({
  sequenceId: id.nullable().default(null), code, description: longText.default(''),
  frameCount: count.nullable().default(null), headHandle: handle.optional(),
  tailHandle: handle.optional(), firstFrame: frame.optional(),
});
export const shotQuery = z.object({
  projectId: id, sequenceId: id.optional(), status: statusCode.optional(),
  organisationId: id.optional(),
  /** Only those that the last cut changed. */
  flagged: z.stringbool().optional(), omitted: z.stringbool().optional(),
  search: z.string().max(200).optional(),
});

export const cutSchema = versioned.extend({
  projectId: id, sequenceId: id.nullable(), number: count, name: z.string(), format: z.string(),
  fileId: id, frameRate: ratioText, frameCount: count, by: z.string(),
  counts: z.record(z.string(), count), findings: findingList,
});
export const cutLineSchema = z.object({
  shot: z.string(), clip: z.string(), kinds: z.array(z.string()),
  words: z.object({ zh: z.string(), en: z.string() }),
  known: z.boolean(), recordIn: frame.nullable(), recordOut: frame.nullable(),
  sourceIn: frame.nullable(), sourceOut: frame.nullable(), headFrames: z.number().int(),
  tailFrames: z.number().int(), shiftFrames: z.number().int(),
});
const CUT_SHEETS = ['changes', 'counts', 'pulls'] as const;

export const shots = {
  sequences: endpoint({
    method: 'GET', path: '/api/production/sequences', permission: 'production.read',
    summary: { zh: '集与场', en: 'Episodes and sequences' }, query: ofProject,
    result: z.object({ rows: z.array(sequenceSchema) }), errors: ['not_found'],
  }),
  addSequence: endpoint({
    method: 'POST', path: '/api/production/sequences', permission: 'production.write',
    creates: true, summary: { zh: '添加集或场', en: 'Add an episode or a sequence' },
    body: sequenceFields.extend({ projectId: id }), result: sequenceSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  changeSequence: endpoint({
    method: 'PUT', path: '/api/production/sequences/:id', permission: 'production.write',
    summary: { zh: '修改集或场', en: 'Change an episode or a sequence' }, params: byId,
    body: sequenceFields.extend(expectedVersion.shape), result: sequenceSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  list: endpoint({
    method: 'GET', path: '/api/production/shots', permission: 'production.read',
    summary: { zh: '镜头', en: 'Shots' }, query: pageQuery.extend(shotQuery.shape),
    result: page(shotSchema), errors: ['not_found'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/production/shots/export', permission: 'production.read',
    summary: { zh: '导出镜头', en: 'Shots as a sheet' },
    query: shotQuery.extend({ format: sheetFormat }), bytesOut: '*/*', errors: ['not_found'],
  }),
  get: endpoint({
    method: 'GET', path: '/api/production/shots/:id', permission: 'production.read',
    summary: { zh: '镜头详情', en: 'One shot' }, params: byId, result: shotSchema,
    errors: ['not_found'],
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/shots', permission: 'production.write', creates: true,
    summary: { zh: '添加镜头', en: 'Add a shot' }, body: shotWrite.extend({ projectId: id }),
    result: shotSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  update: endpoint({
    method: 'PUT', path: '/api/production/shots/:id', permission: 'production.write',
    summary: { zh: '修改镜头', en: 'Change a shot' }, params: byId,
    body: shotWrite.extend(expectedVersion.shape), result: shotSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  change: endpoint({
    method: 'POST', path: '/api/production/shots/change', permission: 'production.write',
    summary: { zh: '批量修改镜头', en: 'Change many shots at once' },
    body: z.object({ projectId: id, ids: z.array(id).min(1).max(5000),
      status: statusCode.optional(), sequenceId: id.nullable().optional(),
      omitted: z.boolean().optional(),
      /** Takes the marks of the last cut away. */
      seen: z.literal(true).optional() }),
    result: z.object({ changeId: id, changed: count, findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  cuts: endpoint({
    method: 'GET', path: '/api/production/cuts', permission: 'production.read',
    summary: { zh: '剪辑版本', en: 'Cuts' }, query: pageQuery.extend({ projectId: id }),
    result: page(cutSchema), errors: ['not_found'],
  }),
  readCut: endpoint({
    method: 'POST', path: '/api/production/cuts', permission: 'production.write', creates: true,
    summary: { zh: '读入剪辑', en: 'Make shots of a cut, or bring them to the next one' },
    body: z.object({ projectId: id, fileId: id, sequenceId: id.nullable().default(null),
      name: z.string().trim().max(200).default(''), rate: ratioText.optional(),
      /** Which timeline of a file that holds several, from 0. */
      timeline: count.default(0),
      commit: z.boolean().default(false) }),
    result: z.object({ cut: cutSchema.nullable(), counts: z.record(z.string(), count),
      timelines: z.array(z.string()), lines: z.array(cutLineSchema), added: count,
      changed: count, omitted: count, flaggedTasks: count, findings: findingList }),
    errors: ['not_found', 'invalid', 'too_large'],
  }),
  cutSheet: endpoint({
    method: 'GET', path: '/api/production/cuts/:id/sheet', permission: 'production.read',
    summary: { zh: '剪辑变更表、计数表与提取表', en: 'Change list, count sheet or pull list' },
    params: byId,
    query: z.object({ kind: z.enum(CUT_SHEETS).default('changes'),
      /** `edl`, of changes: a pair of lists and one of moves, in a ZIP. */
      format: z.enum(['html', 'csv', 'xlsx', 'pdf', 'edl']).default('html'),
      language: z.enum(['zh-CN', 'en']).default('zh-CN') }),
    bytesOut: '*/*', errors: ['not_found', 'conflict', 'invalid'],
  }),
};

export const taskSchema = versioned.extend({
  projectId: id, shotId: id.nullable(), sequenceId: id.nullable(), subject: z.string(),
  thumbnailFileId: id.nullable(), name: z.string(), description: z.string(),
  organisationId: id.nullable(), organisationName: z.string().nullable(), assignee: z.string(),
  dueOn: businessDate.nullable(), late: z.boolean(), priority: z.number().int().min(1).max(4),
  status: z.string(), flagged: z.boolean(),
});
export const taskQuery = z.object({
  projectId: id, shotId: id.optional(), organisationId: id.optional(),
  status: statusCode.optional(), late: z.stringbool().optional(),
  flagged: z.stringbool().optional(), search: z.string().max(200).optional(),
});

export const tasks = {
  list: endpoint({
    method: 'GET', path: '/api/production/tasks', permission: 'production.read',
    summary: { zh: '任务', en: 'Tasks' }, query: pageQuery.extend(taskQuery.shape),
    result: page(taskSchema), errors: ['not_found'],
  }),
  exportFile: endpoint({
    method: 'GET', path: '/api/production/tasks/export', permission: 'production.read',
    summary: { zh: '导出任务', en: 'Tasks as a sheet' },
    query: taskQuery.extend({ format: sheetFormat }), bytesOut: '*/*', errors: ['not_found'],
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/tasks', permission: 'production.write', creates: true,
    summary: { zh: '下达任务', en: 'Give tasks to shots or sequences' },
    body: z.object({ projectId: id, names: z.array(name).min(1).max(20),
      shotIds: z.array(id).max(5000).default([]), sequenceIds: z.array(id).max(500).default([]),
      organisationId: id.nullable().default(null), assignee: z.string().max(200).default(''),
      dueOn: businessDate.nullable().default(null), description: longText.default(''),
      priority: z.number().int().min(1).max(4).default(2) }),
    result: z.object({ added: count, known: count }), errors: ['not_found', 'invalid'],
  }),
  change: endpoint({
    method: 'POST', path: '/api/production/tasks/change', permission: 'production.write',
    summary: { zh: '批量修改任务', en: 'Change many tasks at once' },
    body: z.object({ projectId: id, ids: z.array(id).min(1).max(5000),
      status: statusCode.optional(), organisationId: id.nullable().optional(),
      assignee: z.string().max(200).optional(), dueOn: businessDate.nullable().optional(),
      priority: z.number().int().min(1).max(4).optional(), seen: z.literal(true).optional() }),
    result: z.object({ changeId: id, changed: count, findings: findingList }),
    errors: ['not_found', 'invalid', 'not_allowed'],
  }),
};
