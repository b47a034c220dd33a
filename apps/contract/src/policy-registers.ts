import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { objectionAnswer, objectionFields, objectionReceipt } from './policy-objections.ts';
import { policyClaimSchema, policyCode } from './policy-shapes.ts';
import { findingList } from './problems.ts';
import {
  businessDate,
  byId,
  count,
  digest,
  expectedVersion,
  id,
  name,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/**
 * Registers of what measures rest on: selected projects, first-of-kind products, platforms,
 * courses, training bodies, talents. What each says and how it lives is data of its definition.
 */

const words = z.object({ zh: z.string(), en: z.string() });
const plain = z.union([
  z.boolean(),
  z.number(),
  z.string().max(5_000),
  z.array(z.string().max(200)).max(100).readonly(),
]);
const fieldName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_]*$/);
const row = z.record(fieldName, plain);
/** What an entry says, by field; a table is a list of rows. */
export const registerFields = z.record(
  fieldName,
  z.union([plain, z.array(row).max(500).readonly()]),
);
const points = z.record(policyCode, z.number().int().min(0).max(1_000));

export const REGISTER_STATES = [
  'draft',
  'filed',
  'correction',
  'checked',
  'proposed',
  'on_notice',
  'registered',
  'warned',
  'upgrading',
  'upgrade_notice',
  'routed',
  'recommended',
  'withdrawn',
  'relinquished',
  'refused',
  'forgotten',
] as const;
export const REGISTER_STANDINGS = ['none', 'standing', 'warned', 'lapsed', 'ended'] as const;

const choice = z.object({ value: z.string(), label: words });
const fieldKind = z.enum([
  'yes_no',
  'money',
  'count',
  'date',
  'choice',
  'choices',
  'text',
  'table',
]);
const column = z.object({
  name: z.string(),
  kind: fieldKind,
  label: words,
  required: z.boolean(),
  choices: z.array(choice),
});
const criterion = z.object({
  code: z.string(),
  label: words,
  most: count,
  least: count.nullable(),
});
export const registerKindSchema = z.object({
  kind: z.string(),
  title: words,
  about: words,
  fields: z.array(
    column.extend({ published: z.boolean(), personal: z.boolean(), columns: z.array(column) }),
  ),
  documents: z.array(z.object({ code: z.string(), label: words, required: z.boolean() })),
  headline: z.string(),
  selects: z.boolean(),
  criteria: z.array(criterion),
  levels: z.array(z.string()),
  feeds: z.array(z.object({ instrument: z.string(), item: z.string() })),
  /** The field whose values may have places of their own in a round. */
  categoryField: z.string().nullable(),
  /** Months that an entry holds; null where it has no end. */
  validMonths: count.nullable(),
  /** Months between two assessments. */
  assessedEveryMonths: count.nullable(),
  /** The states through which an entry comes into the register. */
  stations: z.array(z.enum(REGISTER_STATES)),
});
export const registerSchema = z.object({
  id,
  kind: z.string(),
  title: words,
  department: z.string(),
  departmentId: id,
  noticeDays: count,
  entered: count,
});
export const registerRoundSchema = z.object({
  id,
  registerId: id,
  year: z.number().int(),
  title: z.string(),
  opensOn: businessDate,
  closesOn: businessDate,
  places: z.object({ total: count, byCategory: z.record(policyCode, count) }),
  decidedOn: businessDate.nullable(),
});
export const registerRankingSchema = z.object({
  round: registerRoundSchema,
  rows: z.array(
    z.object({
      entryId: id,
      headline: z.string(),
      rank: count,
      score: z.string().nullable(),
      shown: z.string().nullable(),
      scores: count,
      trimmed: z.boolean(),
      why: z.string(),
    }),
  ),
  findings: findingList,
});

/** All that the public page of a register ever shows; a test holds the answer to this list. */
export const publishedEntrySchema = z.object({
  number: z.string(),
  standing: z.enum(REGISTER_STANDINGS),
  registeredOn: businessDate,
  validUntil: businessDate.nullable(),
  fields: registerFields,
});
/** All that a notice of a register ever shows. */
export const registerNoticeSchema = z.object({
  entryId: id,
  kind: z.string(),
  department: z.string(),
  holder: z.string(),
  fields: registerFields,
  from: businessDate,
  until: businessDate,
});
export const REGISTER_PUBLISHED = Object.keys(publishedEntrySchema.shape);
export const REGISTER_NOTICE = Object.keys(registerNoticeSchema.shape);

const step = z.object({
  action: z.string(),
  actor: z.string(),
  role: z.string(),
  on: businessDate,
  reason: z.string(),
});
export const registerEntrySchema = versioned.extend({
  registerId: id,
  kind: z.string(),
  department: z.string(),
  holderId: id,
  holder: z.string(),
  headline: z.string(),
  number: z.string().nullable(),
  roundId: id.nullable(),
  state: z.enum(REGISTER_STATES),
  standing: z.enum(REGISTER_STANDINGS),
  registeredOn: businessDate.nullable(),
  validUntil: businessDate.nullable(),
  noticeUntil: businessDate.nullable(),
  correctionUntil: businessDate.nullable(),
  remedyUntil: businessDate.nullable(),
  levelAsked: z.string().nullable(),
  fields: registerFields,
  documents: z.array(z.object({ id, code: z.string(), fileId: id, fileName: z.string(), digest })),
  assessments: z.array(
    z.object({
      on: businessDate,
      grade: z.string(),
      passes: z.boolean(),
      score: z.string(),
      by: z.string(),
      remark: z.string(),
    }),
  ),
  steps: z.array(step),
  openObjections: count,
  actions: z.array(z.object({ action: z.string(), role: z.string(), label: words })),
  findings: findingList,
});
const registerObjection = z.object({ ...objectionFields, entryId: id });
const year = z.number().int().min(2000).max(2200);
const entryWrite = z.object({ fields: registerFields, roundId: id.nullable().default(null) });
const format = z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') });

/** The registers: what anybody may see, what a holder files, what a department decides. */
export const registers = {
  kinds: endpoint({
    method: 'GET',
    path: '/api/registers/kinds',
    permission: 'public',
    summary: { zh: '登记簿的种类和内容', en: 'Kinds of registers and what they hold' },
    result: z.object({ rows: z.array(registerKindSchema) }),
  }),
  list: endpoint({
    method: 'GET',
    path: '/api/registers',
    permission: 'public',
    summary: { zh: '登记簿', en: 'Registers' },
    result: z.object({ rows: z.array(registerSchema) }),
  }),
  published: endpoint({
    method: 'GET',
    path: '/api/registers/:id/published',
    permission: 'public',
    summary: { zh: '登记簿公开内容', en: 'What a register publishes' },
    params: byId,
    query: pageQuery,
    result: page(publishedEntrySchema),
    errors: ['not_found'],
  }),
  exportPublished: endpoint({
    method: 'GET',
    path: '/api/registers/:id/export',
    permission: 'public',
    summary: { zh: '导出公开名单', en: 'Export what is published' },
    params: byId,
    query: format,
    bytesOut: '*/*',
    errors: ['not_found'],
  }),
  notices: endpoint({
    method: 'GET',
    path: '/api/registers/notices',
    permission: 'public',
    summary: { zh: '登记公示', en: 'Notices of registers' },
    result: z.object({ rows: z.array(registerNoticeSchema) }),
  }),
  rounds: endpoint({
    method: 'GET',
    path: '/api/registers/:id/rounds',
    permission: 'public',
    summary: { zh: '遴选批次', en: 'Rounds of selection' },
    params: byId,
    result: z.object({ rows: z.array(registerRoundSchema) }),
    errors: ['not_found'],
  }),
  open: endpoint({
    method: 'POST',
    path: '/api/registers',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '设立登记簿', en: 'Open a register' },
    body: z.object({ kind: policyCode, noticeDays: z.number().int().min(1).max(60).default(5) }),
    result: registerSchema,
    errors: ['not_allowed', 'invalid', 'conflict'],
  }),
  openRound: endpoint({
    method: 'POST',
    path: '/api/registers/:id/rounds',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '发布遴选批次', en: 'Open a round of selection' },
    params: byId,
    body: z.object({
      year,
      title: name,
      opensOn: businessDate,
      closesOn: businessDate,
      places: z.object({
        total: z.number().int().min(1).max(10_000),
        byCategory: z.record(policyCode, count.max(10_000)).default({}),
      }),
    }),
    result: registerRoundSchema,
    errors: ['not_found', 'not_allowed', 'invalid'],
  }),
  ranking: endpoint({
    method: 'GET',
    path: '/api/registers/rounds/:id/ranking',
    permission: 'policy.manage',
    summary: { zh: '遴选排名', en: 'Ranking of a round' },
    params: byId,
    result: registerRankingSchema,
    errors: ['not_found', 'conflict'],
  }),
  decideRound: endpoint({
    method: 'POST',
    path: '/api/registers/rounds/:id/decide',
    permission: 'policy.manage',
    summary: { zh: '确定入选', en: 'Decide a round' },
    params: byId,
    body: z.object({ reason: z.string().trim().min(2).max(5_000) }),
    result: registerRankingSchema,
    errors: ['not_found', 'not_allowed', 'conflict'],
  }),
  score: endpoint({
    method: 'POST',
    path: '/api/registers/entries/:id/scores',
    permission: 'policy.review',
    creates: true,
    summary: { zh: '评审打分', en: 'Score an entry' },
    params: byId,
    body: z.object({ points, remark: z.string().trim().max(2_000).default('') }),
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  entries: endpoint({
    method: 'GET',
    path: '/api/registers/entries',
    permission: 'policy.read',
    summary: { zh: '登记事项', en: 'Entries' },
    query: pageQuery.extend({
      registerId: id.optional(),
      roundId: id.optional(),
      state: z.enum(REGISTER_STATES).optional(),
    }),
    result: page(registerEntrySchema),
  }),
  entry: endpoint({
    method: 'GET',
    path: '/api/registers/entries/:id',
    permission: 'policy.read',
    summary: { zh: '一项登记', en: 'One entry' },
    params: byId,
    result: registerEntrySchema,
    errors: ['not_found'],
  }),
  createEntry: endpoint({
    method: 'POST',
    path: '/api/registers/:id/entries',
    permission: 'policy.apply',
    creates: true,
    summary: { zh: '起草登记', en: 'Draft an entry' },
    params: byId,
    body: entryWrite,
    result: registerEntrySchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  updateEntry: endpoint({
    method: 'PUT',
    path: '/api/registers/entries/:id',
    permission: 'policy.apply',
    summary: { zh: '修改登记', en: 'Change an entry' },
    params: byId,
    body: entryWrite.extend(expectedVersion.shape),
    result: registerEntrySchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  addDocument: endpoint({
    method: 'POST',
    path: '/api/registers/entries/:id/documents',
    permission: 'policy.apply',
    creates: true,
    summary: { zh: '添加登记材料', en: 'Add a document' },
    params: byId,
    body: z.object({ fileId: id, code: policyCode }),
    result: registerEntrySchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  act: endpoint({
    method: 'POST',
    path: '/api/registers/entries/:id/act',
    permission: 'policy.read',
    summary: { zh: '办理一步', en: 'Take a step of the life' },
    params: byId,
    body: expectedVersion.extend({
      action: policyCode,
      reason: z.string().trim().max(5_000).default(''),
      level: policyCode.exactOptional(),
    }),
    result: registerEntrySchema,
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  assess: endpoint({
    method: 'POST',
    path: '/api/registers/entries/:id/assessments',
    permission: 'policy.review',
    creates: true,
    summary: { zh: '评估', en: 'Assess an entry' },
    params: byId,
    body: z.object({ points, remark: z.string().trim().max(2_000).default('') }),
    result: registerEntrySchema,
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  due: endpoint({
    method: 'GET',
    path: '/api/registers/due',
    permission: 'policy.manage',
    summary: { zh: '到期提醒', en: 'What is due' },
    result: z.object({
      rows: z.array(
        z.object({
          entryId: id,
          number: z.string(),
          headline: z.string(),
          what: z.enum(['assessment', 'renewal', 'remedy', 'keeping', 'insurance']),
          by: businessDate,
          late: z.boolean(),
        }),
      ),
    }),
    errors: ['not_allowed'],
  }),
  object: endpoint({
    method: 'POST',
    path: '/api/registers/entries/:id/objections',
    permission: 'signed_in',
    creates: true,
    summary: { zh: '对登记公示提出异议', en: 'Object to an entry on notice' },
    params: byId,
    body: z.object({ text: z.string().trim().min(5).max(5_000) }),
    result: registerObjection.extend(objectionReceipt),
    errors: ['not_found', 'conflict'],
  }),
  objections: endpoint({
    method: 'GET',
    path: '/api/registers/entries/:id/objections',
    permission: 'policy.manage',
    summary: { zh: '登记异议', en: 'Objections to an entry' },
    params: byId,
    result: z.object({ rows: z.array(registerObjection) }),
    errors: ['not_found'],
  }),
  answerObjection: endpoint({
    method: 'POST',
    path: '/api/registers/objections/:id/answer',
    permission: 'policy.manage',
    summary: { zh: '答复登记异议', en: 'Answer an objection' },
    params: byId,
    body: objectionAnswer,
    result: registerObjection,
    errors: ['not_found', 'conflict'],
  }),
  sources: endpoint({
    method: 'GET',
    path: '/api/policy/claims/:id/sources',
    permission: 'policy.apply',
    summary: { zh: '可作申报依据的登记', en: 'Entries that a claim can rest on' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({
          entryId: id,
          number: z.string(),
          headline: z.string(),
          department: z.string(),
          share: z.string(),
          facts: z.array(z.string()),
          evidence: z.array(z.string()),
        }),
      ),
    }),
    errors: ['not_found'],
  }),
  fill: endpoint({
    method: 'POST',
    path: '/api/policy/claims/:id/fill',
    permission: 'policy.apply',
    summary: { zh: '用登记填写申报', en: 'Fill a claim from an entry' },
    params: byId,
    body: expectedVersion.extend({ entryId: id }),
    result: policyClaimSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
};
