import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import { objectionFields, policyObjectionCaseSchema } from './policy-objections.ts';
import {
  POLICY_STATES,
  policyCallChange,
  policyCallSchema,
  policyClaimSchema,
  policyCode,
  policyFairnessWrite,
  policyMatchSchema,
} from './policy-shapes.ts';
import {
  businessDate,
  byId,
  count,
  expectedVersion,
  fen,
  id,
  instant,
  page,
  pageQuery,
} from './shapes.ts';

/** The desk of a department: objections, appeals, divisions, marks; and every list as a file. */

const onClaim = {
  id,
  claimId: id,
  object: z.string(),
  applicant: z.string(),
  state: z.enum(POLICY_STATES),
  by: z.string(),
  text: z.string(),
};
export const policyDeskObjectionSchema = z.object({ ...onClaim, ...objectionFields });
export const policyAppealSchema = z.object({
  ...onClaim,
  /** The step that it is against, counted from one. */
  step: count,
  madeOn: businessDate,
  /** Null while it waits. */
  upheld: z.boolean().nullable(),
  answer: z.string().nullable(),
  answeredBy: z.string().nullable(),
  answeredOn: businessDate.nullable(),
});
export const policyMarkSchema = z.object({
  id,
  organisationId: id,
  organisation: z.string(),
  department: z.string(),
  kind: policyCode,
  fromYear: z.number().int(),
  toYear: z.number().int(),
  reason: z.string(),
  endedOn: businessDate.nullable(),
  endReason: z.string().nullable(),
});
export const policyDivisionRecordSchema = z.object({
  id,
  at: instant,
  by: z.string(),
  mode: z.enum(['full', 'rank', 'pro_rata', 'first_come']),
  fit: z.enum(['stop', 'skip', 'cut']),
  budgetFen: fen,
  grantedFen: fen,
  claims: count,
});
/** What a department could offer from its registers, and what stands in the way. */
export const policyCandidateSchema = z.object({
  entryId: id,
  number: z.string(),
  headline: z.string(),
  applicantId: id,
  applicant: z.string(),
  share: z.string(),
  eventDate: businessDate,
  match: policyMatchSchema,
  findings: findingList,
});
/** Where recovered money goes: its own year, the running one, or the treasury. */
export const RECOVERY_WAYS = ['year', 'carry_over', 'treasury'] as const;
export const policyRecoverySchema = z.object({
  /** The claim, or the bid of an open call, that the money was paid for. */
  subject: id,
  title: z.string(),
  instrument: z.string(),
  year: z.number().int(),
  fen,
});
const format = z.enum(['csv', 'xlsx']).default('xlsx');
const year = z.coerce.number().int().min(2000).max(2200);
/** Lists that anybody may take away. */
export const POLICY_PUBLIC_LISTS = ['notices', 'calls', 'holidays', 'readings'] as const;
/** Lists of an organisation; those of departments are refused to others. */
export const POLICY_DESK_LISTS = [
  'claims',
  'budget',
  'objections',
  'appeals',
  'controls',
  'marks',
  'divisions',
] as const;

export const policyDesk = {
  call: endpoint({
    method: 'GET',
    path: '/api/policy/calls/:id',
    permission: 'public',
    summary: { zh: '一个申报通知', en: 'One call' },
    params: byId,
    result: policyCallSchema,
    errors: ['not_found'],
  }),
  recoveries: endpoint({
    method: 'GET',
    path: '/api/policy/recoveries',
    permission: 'policy.read',
    summary: { zh: '已收回待退回的资金', en: 'Money that came back and waits for a budget' },
    result: z.object({ rows: z.array(policyRecoverySchema) }),
    errors: ['not_allowed'],
  }),
  returnRecovered: endpoint({
    method: 'POST',
    path: '/api/policy/recoveries/return',
    permission: 'policy.pay',
    creates: true,
    summary: { zh: '把收回的资金退回预算', en: 'Return recovered money to a budget' },
    body: z.object({
      /** The claim, or the bid of an open call. */
      subject: id,
      to: z.enum(RECOVERY_WAYS),
      note: z.string().trim().min(2).max(2_000),
    }),
    result: z.object({ rows: z.array(policyRecoverySchema) }),
    errors: ['not_found', 'not_allowed', 'conflict'],
  }),
  directions: endpoint({
    method: 'GET',
    path: '/api/policy/directions',
    permission: 'public',
    summary: { zh: '申报通知的年度和方向', en: 'Years and directions of calls' },
    result: z.object({
      rows: z.array(z.object({ year: z.number().int(), direction: z.string(), calls: count })),
    }),
  }),
  changeCall: endpoint({
    method: 'POST',
    path: '/api/policy/calls/:id/changes',
    permission: 'policy.manage',
    summary: { zh: '变更或延期已发布的通知', en: 'Change or extend a published call' },
    params: byId,
    body: policyCallChange.extend(expectedVersion.shape),
    result: policyCallSchema,
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  cancelCall: endpoint({
    method: 'POST',
    path: '/api/policy/calls/:id/cancel',
    permission: 'policy.manage',
    summary: { zh: '取消已发布的通知', en: 'Cancel a published call' },
    params: byId,
    body: expectedVersion.extend({ reason: z.string().trim().min(2).max(5_000) }),
    result: policyCallSchema,
    errors: ['not_found', 'not_allowed', 'conflict'],
  }),
  candidates: endpoint({
    method: 'GET',
    path: '/api/policy/calls/:id/candidates',
    permission: 'policy.manage',
    summary: { zh: '免申即享候选单位', en: 'Who could be given an item without application' },
    params: byId,
    query: z.object({ item: policyCode }),
    result: z.object({ rows: z.array(policyCandidateSchema) }),
    errors: ['not_found', 'not_allowed', 'invalid'],
  }),
  offer: endpoint({
    method: 'POST',
    path: '/api/policy/calls/:id/offers',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '提出免申即享', en: 'Offer an item without application' },
    params: byId,
    body: z.object({
      item: policyCode,
      /** Entries of registers; every beneficiary of each is offered its claim. */
      entryIds: z.array(id).min(1).max(200),
      reason: z.string().trim().max(5_000).default(''),
    }),
    result: z.object({ rows: z.array(z.object({ claimId: id, applicant: z.string() })) }),
    errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
  }),
  recordFairness: endpoint({
    method: 'POST',
    path: '/api/policy/calls/:id/fairness',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '登记公平竞争审查意见', en: 'Record an opinion of the fair-competition review' },
    params: byId,
    body: policyFairnessWrite,
    result: policyCallSchema,
    errors: ['not_found', 'not_allowed', 'invalid'],
  }),
  objections: endpoint({
    method: 'GET',
    path: '/api/policy/desk/objections',
    permission: 'policy.read',
    summary: { zh: '全部异议', en: 'Objections to all proposals of the department' },
    query: pageQuery.extend({ open: z.stringbool().optional() }),
    result: page(policyDeskObjectionSchema),
    errors: ['not_allowed'],
  }),
  ownObjections: endpoint({
    method: 'GET',
    path: '/api/policy/objections/own',
    permission: 'signed_in',
    summary: { zh: '我提出的异议和答复', en: 'What I objected to, with the answers' },
    query: pageQuery,
    result: page(policyObjectionCaseSchema),
  }),
  findObjection: endpoint({
    method: 'POST',
    path: '/api/policy/objections/find',
    permission: 'public',
    summary: { zh: '凭回执查询异议答复', en: 'The answer to an objection, by its receipt' },
    body: z.object({ token: z.string().trim().min(20).max(100) }),
    result: policyObjectionCaseSchema,
    errors: ['not_found'],
  }),
  appeals: endpoint({
    method: 'GET',
    path: '/api/policy/appeals',
    permission: 'policy.read',
    summary: { zh: '申诉', en: 'Appeals that concern us' },
    query: pageQuery.extend({ claimId: id.optional() }),
    result: page(policyAppealSchema),
  }),
  appeal: endpoint({
    method: 'POST',
    path: '/api/policy/claims/:id/appeals',
    permission: 'policy.apply',
    creates: true,
    summary: { zh: '对不予支持申诉', en: 'Appeal against a refusal' },
    params: byId,
    body: z.object({ text: z.string().trim().min(5).max(5_000) }),
    result: policyAppealSchema,
    errors: ['not_found', 'conflict'],
  }),
  dismissAppeal: endpoint({
    method: 'POST',
    path: '/api/policy/appeals/:id/dismiss',
    permission: 'policy.decide',
    summary: { zh: '申诉不成立', en: 'Dismiss an appeal' },
    params: byId,
    body: z.object({ answer: z.string().trim().min(2).max(5_000) }),
    result: policyAppealSchema,
    errors: ['not_found', 'not_allowed', 'conflict'],
  }),
  divisions: endpoint({
    method: 'GET',
    path: '/api/policy/calls/:id/divisions',
    permission: 'policy.read',
    summary: { zh: '预算分配记录', en: 'Divisions of the budget of a call' },
    params: byId,
    result: z.object({ rows: z.array(policyDivisionRecordSchema) }),
    errors: ['not_found', 'not_allowed'],
  }),
  divisionReceipt: endpoint({
    method: 'GET',
    path: '/api/policy/divisions/:id/receipt',
    permission: 'policy.read',
    summary: { zh: '分配的计算凭据', en: 'The receipt of a division' },
    params: byId,
    bytesOut: 'application/json',
    errors: ['not_found', 'not_allowed'],
  }),
  callClaims: endpoint({
    method: 'GET',
    path: '/api/policy/calls/:id/claims',
    permission: 'policy.read',
    summary: { zh: '一个通知的全部申报', en: 'All claims of a call, in short' },
    params: byId,
    query: pageQuery,
    result: page(
      policyClaimSchema.pick({
        id: true,
        applicant: true,
        item: true,
        object: true,
        state: true,
        score: true,
        recommendedFen: true,
        dividedFen: true,
        grantFen: true,
      }),
    ),
    errors: ['not_found', 'not_allowed'],
  }),
  marks: endpoint({
    method: 'GET',
    path: '/api/policy/marks',
    permission: 'policy.read',
    summary: { zh: '失信与违规记录', en: 'Marks against applicants' },
    result: z.object({ rows: z.array(policyMarkSchema) }),
    errors: ['not_allowed'],
  }),
  endMark: endpoint({
    method: 'POST',
    path: '/api/policy/marks/:id/end',
    permission: 'policy.audit',
    summary: { zh: '撤销失信记录', en: 'End a mark' },
    params: byId,
    body: z.object({ reason: z.string().trim().min(2).max(2_000) }),
    errors: ['not_found', 'not_allowed'],
  }),
  publicList: endpoint({
    method: 'GET',
    path: '/api/policy/public-lists/:list',
    permission: 'public',
    summary: { zh: '导出公开清单', en: 'A public list as a file' },
    params: z.object({ list: z.enum(POLICY_PUBLIC_LISTS) }),
    query: z.object({ format }),
    bytesOut: '*/*',
  }),
  list: endpoint({
    method: 'GET',
    path: '/api/policy/lists/:list',
    permission: 'policy.read',
    summary: { zh: '导出清单', en: 'A list as a file' },
    params: z.object({ list: z.enum(POLICY_DESK_LISTS) }),
    query: z.object({ format, year: year.optional() }),
    bytesOut: '*/*',
    errors: ['not_allowed'],
  }),
};
