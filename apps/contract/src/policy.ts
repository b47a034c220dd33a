import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate,
  byId,
  count,
  expectedVersion,
  fen,
  id,
  instant,
  longText,
  name,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/**
 * Policy: what a company may claim and why, how a department decides, and what an auditor can
 * compute again. The calculator and the notices are public; a figure is "at most", never a promise.
 */

const words = z.object({ zh: z.string().max(2_000), en: z.string().max(2_000) });
const clause = z.object({ start: count, end: count, quote: z.string() });
const code = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const factValue = z.union([
  z.boolean(),
  z.number(),
  z.string().max(2_000),
  z.array(z.string().max(200)).max(100).readonly(),
]);
const factName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9_.]*$/);
/** Facts by name; money is fen in digits. */
export const policyFacts = z.record(
  factName,
  z.object({
    value: factValue,
    source: z.string().max(200).exactOptional(),
    date: businessDate.exactOptional(),
    verifier: z.string().max(100).exactOptional(),
  }),
);

export const POLICY_BENEFITS = [
  'reward',
  'subsidy',
  'priority',
  'reference',
  'programme',
  'task',
  'information',
  'general',
] as const;
export const POLICY_STATUSES = [
  'eligible',
  'not_eligible',
  'unknown',
  'to_human',
  'no_claim',
] as const;

export const policyItemSchema = z.object({
  item: z.string(),
  rule: z.string(),
  title: words,
  clause,
  measure: z.string(),
  heading: z.string(),
  lead: z.string(),
  others: z.array(z.string()),
  benefit: z.enum(POLICY_BENEFITS),
  beneficiaries: z.array(z.string()),
  object: z.string().nullable(),
  speed: z.string(),
  frequency: z.string(),
  evidence: z.array(z.object({ code: z.string(), label: words, required: z.boolean() })),
  parameters: z.array(z.string()),
  systems: z.array(z.string()),
  publicMoney: z.boolean(),
});
export const policyFactSchema = z.object({
  name: z.string(),
  kind: z.enum(['yes_no', 'money', 'count', 'date', 'choice', 'choices', 'text']),
  label: words,
  choices: z.array(z.object({ value: z.string(), label: words })),
  assumed: z.boolean(),
});
export const policyParameterSchema = z.object({
  code: z.string(),
  title: words,
  quote: z.string(),
  kind: z.enum(['reading', 'rate']),
  readings: z.array(z.object({ value: z.string(), words, supported: z.boolean() })),
  default: z.string(),
  inUse: z.string(),
  reason: words,
  decidedFrom: businessDate.nullable(),
  decidedBy: z.string().nullable(),
});
export const policyInstrumentSchema = z.object({
  code: z.string(),
  number: z.string(),
  registration: z.string(),
  title: words,
  issuer: z.string(),
  from: businessDate,
  to: businessDate,
  items: z.array(policyItemSchema),
  facts: z.array(policyFactSchema),
  parameters: z.array(policyParameterSchema),
});

const obstacle = z.object({
  fact: z.string().nullable(),
  parameter: z.string().nullable(),
  quote: z.string().nullable(),
  found: factValue.nullable(),
  wanted: factValue.nullable(),
});
export const policyMatchSchema = z.object({
  item: z.string(),
  rule: z.string().nullable(),
  status: z.enum(POLICY_STATUSES),
  /** `known`, `unset` (标准待定), `unknown` (facts are missing) or `none` (no money). */
  bound: z.enum(['known', 'unset', 'unknown', 'none']),
  /** "At most"; null where the instrument prints no standard. Never a promise. */
  atMostFen: fen.nullable(),
  basis: z.object({ label: words, fen: fen.nullable() }).nullable(),
  missing: z.array(z.string()),
  whyNot: z.array(obstacle),
  assumed: z.array(z.string()),
  validity: z.object({
    state: z.enum(['in_force', 'not_yet_in_force', 'ended', 'not_found', 'doubtful']),
    from: businessDate.nullable(),
    to: businessDate.nullable(),
  }),
  findings: findingList,
});
const byInstrument = z.object({ instrument: code });
const question = z.object({ facts: policyFacts, eventDate: businessDate.optional() });

export const policyCallSchema = versioned.extend({
  departmentId: id,
  department: z.string(),
  instrument: z.string(),
  title: name,
  year: z.number().int(),
  items: z.array(z.string()),
  opensOn: businessDate,
  closesOn: businessDate,
  noticeDays: count,
  correctionDays: count,
  guide: z.string(),
  fairnessOpinion: z.string().nullable(),
});
const callWrite = z.object({
  instrument: code,
  title: name,
  year: z.number().int().min(2000).max(2200),
  items: z.array(code).min(1).max(100),
  opensOn: businessDate,
  closesOn: businessDate,
  /** Working days of the public notice. */
  noticeDays: z.number().int().min(1).max(60).default(5),
  /** Working days for the one correction. */
  correctionDays: z.number().int().min(1).max(60).default(5),
  guide: longText.default(''),
  /** The opinion of the fair-competition review; nothing is proposed without it. */
  fairnessOpinion: z.string().max(10_000).nullable().default(null),
});

export const POLICY_STATES = [
  'draft',
  'submitted',
  'correction',
  'checked',
  'recommended',
  'joint_checked',
  'reviewed',
  'proposed',
  'on_notice',
  'decided',
  'funds_ordered',
  'paid',
  'evaluated',
  'closed',
  'recovering',
  'recovered',
  'rejected',
  'withdrawn',
] as const;
const otherBenefit = z.object({
  instrument: name,
  jurisdiction: z.enum(['nation', 'province', 'city']),
  amountFen: fen,
  paidFen: fen.default('0'),
});
const claimWrite = z.object({
  item: code,
  /** What is supported once: the centre, project, course, base or product, by its own number. */
  object: name,
  label: z.string().max(200).default(''),
  eventDate: businessDate,
  facts: policyFacts,
  /** Other support for the same object and class, applied for or received. */
  others: z.array(otherBenefit).max(50).default([]),
});
export const policyClaimSchema = versioned.extend({
  callId: id,
  callTitle: z.string(),
  applicantId: id,
  applicant: z.string(),
  item: z.string(),
  object: z.string(),
  label: z.string(),
  eventDate: businessDate,
  facts: policyFacts,
  others: z.array(otherBenefit),
  state: z.enum(POLICY_STATES),
  match: policyMatchSchema,
  recommendedFen: fen.nullable(),
  grantFen: fen.nullable(),
  correctionUntil: businessDate.nullable(),
  noticeUntil: businessDate.nullable(),
  openObjections: count,
  evidence: z.array(
    z.object({
      id,
      code: z.string(),
      number: z.string().nullable(),
      fileName: z.string(),
      digest: z.string(),
    }),
  ),
  steps: z.array(
    z.object({
      action: z.string(),
      actor: z.string(),
      role: z.string(),
      on: businessDate,
      reason: z.string(),
      rule: z.string().nullable(),
    }),
  ),
  /** What the caller could do now; guards are looked at when it is done. */
  actions: z.array(z.object({ action: z.string(), role: z.string(), label: words })),
  findings: findingList,
});
export const policyNoticeSchema = z.object({
  claimId: id,
  callTitle: z.string(),
  applicant: z.string(),
  item: z.string(),
  title: words,
  grantFen: fen,
  from: businessDate,
  until: businessDate,
});
/** All that a public notice ever shows; a test holds the page and the answer to this list. */
export const POLICY_NOTICE_FIELDS = Object.keys(policyNoticeSchema.shape);

export const policyObjectionSchema = z.object({
  id,
  claimId: id,
  by: z.string(),
  text: z.string(),
  at: instant,
  answer: z.string().nullable(),
  answeredAt: instant.nullable(),
});

const ACCOUNTS = ['treasury', 'available', 'reserved', 'committed', 'paid', 'recovered'] as const;
const totals = z.object(
  Object.fromEntries(ACCOUNTS.map((account) => [account, fen])) as Record<
    (typeof ACCOUNTS)[number],
    typeof fen
  >,
);
export const policyBudgetSchema = z.object({
  year: z.number().int(),
  totals,
  entries: z.array(
    z.object({
      number: count,
      move: z.string(),
      fen,
      claimId: id.nullable(),
      by: z.string(),
      at: instant,
      note: z.string(),
    }),
  ),
});
export const policyReportSchema = z.object({
  year: z.number().int(),
  totals,
  items: z.array(
    z.object({
      item: z.string(),
      title: words,
      claims: count,
      refused: count,
      grantedFen: fen,
      paidFen: fen,
    }),
  ),
  states: z.array(z.object({ state: z.enum(POLICY_STATES), claims: count })),
});
const byYear = z.object({ year: z.coerce.number().int().min(2000).max(2200) });

export const policy = {
  instruments: endpoint({
    method: 'GET',
    path: '/api/policy/instruments',
    permission: 'public',
    summary: { zh: '政策文件', en: 'Instruments of policy' },
    result: z.object({
      rows: z.array(
        policyInstrumentSchema.pick({
          code: true,
          number: true,
          title: true,
          issuer: true,
          from: true,
          to: true,
        }),
      ),
    }),
  }),
  instrument: endpoint({
    method: 'GET',
    path: '/api/policy/instruments/:instrument',
    permission: 'public',
    summary: { zh: '政策条目、事实和参数', en: 'Items, facts and parameters of an instrument' },
    params: byInstrument,
    result: policyInstrumentSchema,
    errors: ['not_found'],
  }),
  calculate: endpoint({
    method: 'POST',
    path: '/api/policy/instruments/:instrument/calculate',
    permission: 'public',
    summary: { zh: '政策计算器：最高可得多少', en: 'Calculator: at most how much' },
    params: byInstrument,
    body: question,
    result: z.object({ matches: z.array(policyMatchSchema), ask: z.string().nullable() }),
    errors: ['not_found', 'invalid'],
  }),
  receipt: endpoint({
    method: 'POST',
    path: '/api/policy/instruments/:instrument/items/:item/receipt',
    permission: 'public',
    summary: { zh: '一个条目的计算凭据', en: 'The receipt of one item' },
    params: byInstrument.extend({ item: code }),
    body: question,
    result: z.object({ receipt: z.unknown() }),
    errors: ['not_found', 'invalid'],
  }),
  replay: endpoint({
    method: 'POST',
    path: '/api/policy/replay',
    permission: 'public',
    summary: { zh: '重算凭据', en: 'Compute a receipt again' },
    body: z.object({ receipt: z.unknown() }),
    result: z.object({ valid: z.boolean(), findings: findingList }),
  }),
  notices: endpoint({
    method: 'GET',
    path: '/api/policy/notices',
    permission: 'public',
    summary: { zh: '公示', en: 'Public notices' },
    result: z.object({ rows: z.array(policyNoticeSchema) }),
  }),
  calls: endpoint({
    method: 'GET',
    path: '/api/policy/calls',
    permission: 'public',
    summary: { zh: '申报通知', en: 'Calls' },
    query: pageQuery,
    result: page(policyCallSchema),
  }),
  object: endpoint({
    method: 'POST',
    path: '/api/policy/claims/:id/objections',
    permission: 'signed_in',
    creates: true,
    summary: { zh: '对公示提出异议', en: 'Object to a proposal on notice' },
    params: byId,
    body: z.object({ text: z.string().trim().min(5).max(5_000) }),
    result: policyObjectionSchema,
    errors: ['not_found', 'conflict'],
  }),
  profile: endpoint({
    method: 'GET',
    path: '/api/policy/profile',
    permission: 'policy.read',
    summary: { zh: '企业档案', en: 'Profile of the company' },
    result: z.object({ version: count, facts: policyFacts }),
  }),
  saveProfile: endpoint({
    method: 'PUT',
    path: '/api/policy/profile',
    permission: 'policy.apply',
    summary: { zh: '保存企业档案', en: 'Save the profile' },
    body: z.object({ version: count, facts: policyFacts }),
    result: z.object({ version: count, facts: policyFacts }),
    errors: ['conflict', 'invalid'],
  }),
  matches: endpoint({
    method: 'GET',
    path: '/api/policy/matches',
    permission: 'policy.read',
    summary: { zh: '与本企业匹配的条目和通知', en: 'Items and calls for this company' },
    result: z.object({
      matches: z.array(policyMatchSchema),
      ask: z.string().nullable(),
      calls: z.array(policyCallSchema),
    }),
  }),
  claims: endpoint({
    method: 'GET',
    path: '/api/policy/claims',
    permission: 'policy.read',
    summary: { zh: '申报', en: 'Claims' },
    query: pageQuery.extend({ state: z.enum(POLICY_STATES).optional(), callId: id.optional() }),
    result: page(policyClaimSchema),
  }),
  claim: endpoint({
    method: 'GET',
    path: '/api/policy/claims/:id',
    permission: 'policy.read',
    summary: { zh: '一项申报', en: 'One claim' },
    params: byId,
    result: policyClaimSchema,
    errors: ['not_found'],
  }),
  createClaim: endpoint({
    method: 'POST',
    path: '/api/policy/calls/:id/claims',
    permission: 'policy.apply',
    creates: true,
    summary: { zh: '起草申报', en: 'Draft a claim' },
    params: byId,
    body: claimWrite,
    result: policyClaimSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  updateClaim: endpoint({
    method: 'PUT',
    path: '/api/policy/claims/:id',
    permission: 'policy.apply',
    summary: { zh: '修改草稿或补正', en: 'Change a draft or correct' },
    params: byId,
    body: claimWrite.extend(expectedVersion.shape),
    result: policyClaimSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  addEvidence: endpoint({
    method: 'POST',
    path: '/api/policy/claims/:id/evidence',
    permission: 'policy.apply',
    creates: true,
    summary: { zh: '添加证明材料', en: 'Add evidence' },
    params: byId,
    body: z.object({
      fileId: id,
      code,
      /** Number of the invoice, contract or certificate. */
      number: z.string().trim().max(100).nullable().default(null),
    }),
    result: policyClaimSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  act: endpoint({
    method: 'POST',
    path: '/api/policy/claims/:id/act',
    permission: 'policy.read',
    summary: { zh: '办理一步', en: 'Take a step of the flow' },
    params: byId,
    body: expectedVersion.extend({
      action: code,
      reason: z.string().trim().max(5_000).default(''),
      /** With the review: what it recommends. */
      recommendedFen: fen.exactOptional(),
    }),
    result: policyClaimSchema,
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  claimReceipts: endpoint({
    method: 'GET',
    path: '/api/policy/claims/:id/bundle',
    permission: 'policy.read',
    summary: { zh: '决定的完整凭据包', en: 'Bundle: receipts, evidence, steps, notice' },
    params: byId,
    bytesOut: 'application/json',
    errors: ['not_found'],
  }),
  objections: endpoint({
    method: 'GET',
    path: '/api/policy/claims/:id/objections',
    permission: 'policy.manage',
    summary: { zh: '异议', en: 'Objections' },
    params: byId,
    result: z.object({ rows: z.array(policyObjectionSchema) }),
    errors: ['not_found'],
  }),
  answerObjection: endpoint({
    method: 'POST',
    path: '/api/policy/objections/:id/answer',
    permission: 'policy.manage',
    summary: { zh: '答复异议', en: 'Answer an objection' },
    params: byId,
    body: z.object({ answer: z.string().trim().min(2).max(5_000) }),
    result: policyObjectionSchema,
    errors: ['not_found', 'conflict'],
  }),
  createCall: endpoint({
    method: 'POST',
    path: '/api/policy/calls',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '发布申报通知', en: 'Publish a call' },
    body: callWrite,
    result: policyCallSchema,
    errors: ['not_allowed', 'invalid', 'not_found'],
  }),
  decideParameter: endpoint({
    method: 'POST',
    path: '/api/policy/instruments/:instrument/parameters/:parameter/decisions',
    permission: 'policy.decide',
    creates: true,
    summary: { zh: '决定条文读法或比例', en: 'Decide a reading or a rate' },
    params: byInstrument.extend({ parameter: code }),
    body: z.object({
      value: z.string().max(100),
      from: businessDate,
      reason: z.string().trim().min(2).max(5_000),
    }),
    result: policyParameterSchema,
    errors: ['not_allowed', 'not_found', 'invalid'],
  }),
  saveHolidays: endpoint({
    method: 'PUT',
    path: '/api/policy/holidays/:year',
    permission: 'policy.manage',
    summary: { zh: '录入一年的放假安排', en: 'Enter the holidays of a year' },
    params: byYear,
    body: z.object({
      source: name,
      /** `MM-DD`: weekdays that are free, weekend days that are worked. */
      free: z.array(z.string().regex(/^\d{2}-\d{2}$/)).max(120),
      worked: z.array(z.string().regex(/^\d{2}-\d{2}$/)).max(60),
    }),
    errors: ['not_allowed', 'invalid'],
  }),
  budget: endpoint({
    method: 'GET',
    path: '/api/policy/budget/:year',
    permission: 'policy.manage',
    summary: { zh: '预算账', en: 'The budget of a year' },
    params: byYear,
    result: policyBudgetSchema,
    errors: ['not_allowed'],
  }),
  enterBudget: endpoint({
    method: 'POST',
    path: '/api/policy/budget/:year',
    permission: 'policy.pay',
    creates: true,
    summary: { zh: '安排、收回或结转预算', en: 'Appropriate, withdraw or carry over' },
    params: byYear,
    body: z.object({
      move: z.enum(['appropriate', 'withdraw', 'carry_over']),
      fen: z.string().regex(/^[1-9]\d{0,17}$/),
      note: z.string().max(500).default(''),
    }),
    result: policyBudgetSchema,
    errors: ['not_allowed', 'conflict'],
  }),
  report: endpoint({
    method: 'GET',
    path: '/api/policy/report/:year',
    permission: 'policy.manage',
    summary: { zh: '年度报告', en: 'Report of a year' },
    params: byYear,
    result: policyReportSchema,
    errors: ['not_allowed'],
  }),
  exportClaims: endpoint({
    method: 'GET',
    path: '/api/policy/calls/:id/export',
    permission: 'policy.manage',
    summary: { zh: '导出申报', en: 'Export the claims of a call' },
    params: byId,
    query: z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') }),
    bytesOut: '*/*',
    errors: ['not_found', 'not_allowed'],
  }),
  enrol: endpoint({
    method: 'PUT',
    path: '/api/policy/departments/:id',
    permission: 'network.administer',
    summary: { zh: '登记主管部门', en: 'Enrol a department' },
    params: byId,
    body: z.object({ name }),
    errors: ['not_found'],
  }),
};
