// Table: the endpoints of open calls, one short entry after the other.
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { objectionAnswer, objectionFields, objectionReceipt } from './policy-objections.ts';
import { policyCode, policyHistoryRule } from './policy-shapes.ts';
import { findingList } from './problems.ts';
import {
  businessDate,
  byId,
  count,
  expectedVersion,
  fen,
  id,
  instant,
  name,
  page,
  pageQuery,
} from './shapes.ts';

/**
 * Open calls 攻关目录、揭榜挂帅: a catalogue that anybody reads, bids that nobody opens before the
 * hour, experts that are drawn, marks that are signed, and money for measured results.
 */

const words = z.object({ zh: z.string(), en: z.string() });
const code = z.string().trim().min(1).max(100);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const reason = z.string().trim().max(5_000).default('');
/** A document whose own rules are those of `@yinglian/opencall`; faults come back as findings. */
const document = z.unknown();
/** Those against one catalogue or round, where it is named. */
const objectionQuery = pageQuery.extend({ subjectId: id.optional() });
const list = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row) });
const step = z.object({
  action: z.string(),
  actor: z.string(),
  role: z.string(),
  on: businessDate,
  reason: z.string(),
});
const action = z.object({ action: z.string(), label: words, role: z.string() });

const indicator = z.object({
  code: z.string(),
  name: z.string(),
  unit: z.string(),
  operator: z.string(),
  threshold: z.string(),
  upper: z.string().nullable(),
  method: z.string(),
});
export const opencallEntrySchema = z.object({
  code: z.string(),
  title: z.string(),
  need: z.string(),
  field: z.string(),
  programme: z.string(),
  indicators: z.array(indicator),
  due: businessDate,
  budgetFen: fen.nullable(),
  rights: z.string(),
  proposer: z.string(),
});
export const opencallCatalogueSchema = z.object({
  id,
  version: count,
  departmentId: id,
  department: z.string(),
  year: z.number().int(),
  title: z.string(),
  state: z.string(),
  edition: count,
  noticeFrom: businessDate.nullable(),
  noticeUntil: businessDate.nullable(),
  entries: z.array(opencallEntrySchema),
});
export const opencallRoundSchema = z.object({
  id,
  version: count,
  title: z.string(),
  departmentId: id,
  department: z.string(),
  catalogueId: id,
  entry: opencallEntrySchema,
  state: z.string(),
  opensAt: instant,
  closesAt: instant,
  revealUntil: instant,
  threshold: count,
  openers: z.array(z.object({ id: z.string(), publicKey: z.string() })),
  rubric: z.array(
    z.object({
      code: z.string(),
      title: z.string(),
      weight: z.string(),
      max: count,
    }),
  ),
  view: z.string(),
  awards: count,
  /** The day of a race (赛马) after which one of the winners goes on. */
  checkpoint: businessDate.nullable(),
  instrument: z.string(),
  item: z.string(),
  historyRules: z.array(policyHistoryRule),
  passPoints: z.string(),
  excludedMax: count,
  seedCommitment: hex,
  poolDigest: hex.nullable(),
  noticeFrom: businessDate.nullable(),
  noticeUntil: businessDate.nullable(),
  /** What is told once the hour has struck: when each sealed bid came in, by its commitment. */
  received: z.array(z.object({ commitment: hex, at: instant })).nullable(),
  /** What is told once the result is on notice. */
  result: z
    .array(
      z.object({
        bidder: z.string(),
        rank: count,
        points: z.string(),
        chosen: z.boolean(),
        grantFen: fen.nullable(),
      }),
    )
    .nullable(),
});
/** What the public is shown of a round's result, and nothing else. */
export const OPENCALL_RESULT_FIELDS = ['bidder', 'rank', 'points', 'chosen', 'grantFen'] as const;

const bidState = z.enum(['sealed', 'withdrawn', 'opened', 'refused', 'unopenable', 'lapsed']);
export const opencallReceiptSchema = z.object({
  id,
  commitment: hex,
  receivedAt: instant,
  state: bidState,
  findings: findingList,
  alias: z.string().nullable(),
});
/** How the winners of a race stand at its checkpoint; null where the round is no race. */
export const opencallRaceSchema = z
  .object({
    checkpoint: businessDate,
    decided: z
      .object({ projectId: id, reason: z.string(), by: z.string(), on: businessDate })
      .nullable(),
    racers: z.array(
      z.object({
        projectId: id,
        bidder: z.string(),
        state: z.string(),
        finished: z.boolean(),
        steps: z.array(z.object({ title: z.string(), due: businessDate, state: z.string() })),
        results: z.array(
          z.object({
            indicator: z.string(),
            value: z.string().nullable(),
            verdict: z.string(),
          }),
        ),
        /** Racers that are nowhere worse, and better somewhere. */
        behind: z.array(z.string()),
      }),
    ),
  })
  .nullable();
export const opencallDeskSchema = z.object({
  round: opencallRoundSchema,
  steps: z.array(step),
  actions: z.array(action),
  bids: z.array(
    z.object({
      id,
      state: bidState,
      bidder: z.string(),
      alias: z.string().nullable(),
      shares: count,
      receivedAt: instant,
      findings: findingList,
      bid: document,
    }),
  ),
  seats: z.array(
    z.object({
      expertId: id,
      candidate: z.string(),
      name: z.string(),
      employer: z.string(),
      state: z.string(),
      sheets: count,
      recognised: count,
    }),
  ),
  openSeats: count,
  candidates: count,
  conflicts: z.array(z.object({ expertId: id, name: z.string(), findings: findingList })),
  scores: document,
  findings: findingList,
  race: opencallRaceSchema,
  openObjections: count,
});
export const opencallExpertSchema = z.object({
  id,
  state: z.enum(['applied', 'admitted', 'dismissed', 'left']),
  profile: document,
});
const sealedForOpener = z.object({ id, sealed: document });
export const opencallReviewSchema = z.object({
  roundId: id,
  title: z.string(),
  state: z.string(),
  candidate: z.string(),
  entry: opencallEntrySchema,
  rubric: opencallRoundSchema.shape.rubric,
  proposals: z.array(
    z.object({
      alias: z.string(),
      proposal: document,
      sheet: document,
    }),
  ),
});
const milestone = z.object({
  code: z.string(),
  title: z.string(),
  due: businessDate,
  share: z.string(),
  amountFen: fen,
  state: z.string(),
  /** Whether it waits until a race is decided. */
  waits: z.boolean(),
  indicators: z.array(indicator),
  measurements: document,
  /** The laboratory's reports that were handed in with the values. */
  reports: z.array(z.object({ fileId: id, fileName: z.string(), digest: hex })),
  verdicts: z.array(z.object({ indicator: z.string(), verdict: z.string() })),
  findings: findingList,
  actions: z.array(z.string()),
  steps: z.array(step),
});
export const opencallProjectSchema = z.object({
  id,
  version: count,
  title: z.string(),
  applicantId: id,
  applicant: z.string(),
  departmentId: id,
  department: z.string(),
  roundId: id,
  code: z.string(),
  state: z.string(),
  acceptance: z.enum(['simple', 'guarded']),
  grantFen: fen,
  /** Whether there is a receipt of how the award was weighed. */
  weighed: z.boolean(),
  paidFen: fen,
  milestones: z.array(milestone),
  changes: z.array(
    z.object({
      id,
      reason: z.string(),
      state: z.string(),
      milestones: document,
      findings: findingList,
    }),
  ),
  termination: z
    .object({
      kind: z.string(),
      reason: z.string(),
      repayFen: fen,
      blame: z.boolean(),
      repaid: z.boolean(),
    })
    .nullable(),
});
const objection = z.object({
  ...objectionFields,
  kind: z.enum(['catalogue', 'round']),
  subjectId: id,
});
const demand = z.object({ id, catalogueId: id, need: z.string(), entry: z.string().nullable() });
/** All that everybody is told of a contract: what was reached, measured by whom. */
export const opencallOutcomeSchema = z.object({
  bidder: z.string(),
  state: z.string(),
  diligent: z.boolean(),
  milestones: z.array(
    z.object({
      title: z.string(),
      state: z.string(),
      results: z.array(
        z.object({
          indicator: z.string(),
          required: z.string(),
          value: z.string(),
          laboratory: z.string(),
          verdict: z.string(),
        }),
      ),
    }),
  ),
});
/** What the public is shown of a contract, and nothing else. */
export const OPENCALL_OUTCOME_FIELDS = ['bidder', 'state', 'diligent', 'milestones'] as const;
const sheetFormat = z.object({ format: z.enum(['csv', 'xlsx']).default('xlsx') });
const share = z.object({
  index: z.number().int().min(1).max(255),
  bytes: z.string().regex(/^[0-9a-f]{64}$/),
});

const get = <const Rest extends object>(path: string, zh: string, en: string, rest: Rest) => ({
  method: 'GET' as const,
  path: `/api/opencall/${path}`,
  summary: { zh, en },
  ...rest,
});
const post = <const Rest extends object>(path: string, zh: string, en: string, rest: Rest) => ({
  method: 'POST' as const,
  path: `/api/opencall/${path}`,
  summary: { zh, en },
  ...rest,
});

const ACT_ERRORS = ['not_found', 'not_allowed', 'invalid', 'conflict'] as const;
const act = expectedVersion.extend({ action: code, reason });

export const opencall = {
  catalogues: endpoint(
    get('catalogues', '攻关目录', 'Catalogues', {
      permission: 'public',
      result: list(opencallCatalogueSchema.omit({ entries: true })),
    }),
  ),
  catalogue: endpoint(
    get('catalogues/:id', '一年的攻关目录', 'A catalogue', {
      permission: 'public',
      params: byId,
      result: opencallCatalogueSchema,
      errors: ['not_found'],
    }),
  ),
  rounds: endpoint(
    get('rounds', '榜单', 'Rounds of tasks', {
      permission: 'public',
      result: list(opencallRoundSchema),
    }),
  ),
  round: endpoint(
    get('rounds/:id', '一轮揭榜', 'A round', {
      permission: 'public',
      params: byId,
      result: opencallRoundSchema,
      errors: ['not_found'],
    }),
  ),
  drawFile: endpoint(
    get('rounds/:id/draw', '专家抽取的可验证文件', 'The draw, to be replayed', {
      permission: 'public',
      params: byId,
      bytesOut: 'application/json',
      errors: ['not_found'],
    }),
  ),
  outcomes: endpoint(
    get('rounds/:id/outcomes', '验收结果', 'What was reached', {
      permission: 'public',
      params: byId,
      result: list(opencallOutcomeSchema),
      errors: ['not_found'],
    }),
  ),
  exportCatalogue: endpoint(
    get('catalogues/:id/export', '导出目录', 'Export a catalogue', {
      permission: 'public',
      params: byId,
      query: sheetFormat,
      bytesOut: '*/*',
      errors: ['not_found'],
    }),
  ),
  ownObjections: endpoint(
    get('objections/own', '我提出的异议', 'Objections I made', {
      permission: 'signed_in',
      query: objectionQuery,
      result: page(objection),
    }),
  ),
  object: endpoint(
    post('objections', '提出异议', 'Object during a notice', {
      permission: 'signed_in',
      creates: true,
      result: objection.extend(objectionReceipt),
      errors: ['not_found', 'conflict'],
      body: z.object({
        kind: z.enum(['catalogue', 'round']),
        id,
        text: z.string().trim().min(5).max(5_000),
      }),
    }),
  ),
  objections: endpoint(
    get('objections', '异议', 'Objections', {
      permission: 'policy.manage',
      query: objectionQuery,
      result: page(objection),
    }),
  ),
  answerObjection: endpoint(
    post('objections/:id/answer', '答复异议', 'Answer an objection', {
      permission: 'policy.manage',
      params: byId,
      result: objection,
      errors: ['not_found', 'conflict'],
      body: objectionAnswer,
    }),
  ),
  createCatalogue: endpoint(
    post('catalogues', '开始征集', 'Begin a catalogue', {
      permission: 'policy.manage',
      creates: true,
      result: opencallCatalogueSchema,
      errors: ['not_allowed', 'conflict'],
      body: z.object({
        year: z.number().int().min(2000).max(2200),
        title: name,
        noticeDays: z.number().int().min(1).max(60).default(5),
      }),
    }),
  ),
  catalogueDesk: endpoint(
    get('catalogues/:id/desk', '目录的草稿与需求', 'Draft and demands', {
      permission: 'policy.read',
      params: byId,
      errors: ['not_found'],
      result: z.object({
        catalogue: opencallCatalogueSchema,
        draft: z.array(document),
        findings: findingList,
        demands: z.array(
          z.object({ id, by: z.string(), need: z.string(), entry: z.string().nullable() }),
        ),
        similar: z.array(z.object({ one: id, other: id, share: z.string() })),
        editions: z.array(
          z.object({
            number: count,
            digest: hex,
            publishedAt: instant,
            changes: z.array(z.object({ code: z.string(), change: z.string() })),
          }),
        ),
        steps: z.array(step),
        actions: z.array(z.string()),
      }),
    }),
  ),
  saveCatalogue: endpoint({
    method: 'PUT',
    path: '/api/opencall/catalogues/:id',
    permission: 'policy.manage',
    summary: { zh: '保存目录草稿', en: 'Save the draft' },
    params: byId,
    body: expectedVersion.extend({
      entries: z.array(document).max(200),
      /** Which task each demand went into. */
      merged: z.record(id, z.string().max(40)).default({}),
    }),
    result: opencallCatalogueSchema,
    errors: [...ACT_ERRORS],
  }),
  actCatalogue: endpoint(
    post('catalogues/:id/act', '推进目录', 'Take a step', {
      permission: 'policy.read',
      params: byId,
      body: act,
      result: opencallCatalogueSchema,
      errors: [...ACT_ERRORS],
    }),
  ),
  propose: endpoint(
    post('catalogues/:id/demands', '提出需求', 'Hand in a demand', {
      permission: 'policy.apply',
      creates: true,
      params: byId,
      body: z.object({ need: z.string().trim().min(10).max(5_000) }),
      errors: ['not_found', 'conflict'],
    }),
  ),
  ownDemands: endpoint(
    get('demands', '本单位提出的需求', 'Demands of ours', {
      permission: 'policy.apply',
      result: list(demand),
    }),
  ),
  openers: endpoint(
    get('openers', '可任开封人的人员', 'Who can open', {
      permission: 'policy.manage',
      result: list(z.object({ id, name: z.string(), department: z.string() })),
      errors: ['not_allowed'],
    }),
  ),
  createRound: endpoint(
    post('rounds', '起草榜单', 'Draft a round', {
      permission: 'policy.manage',
      creates: true,
      result: opencallRoundSchema,
      errors: ['not_found', 'not_allowed', 'invalid'],
      body: z.object({
        catalogueId: id,
        entry: code,
        opensAt: instant,
        closesAt: instant,
        revealUntil: instant,
        /** Persons who open together; none where only bidders open. */
        openers: z.array(id).max(15),
        threshold: count,
        rubric: document,
        view: z.enum(['mean', 'trimmed', 'additive']).default('trimmed'),
        awards: z.number().int().min(1).max(20).default(1),
        /** The measure that awards are paid under. */
        instrument: policyCode.default('hunan-2023-55'),
        item: policyCode.default('M2.2'),
        /** Cool-downs and bars of the call, as those of any other. */
        historyRules: z.array(policyHistoryRule).max(20).default([]),
        checkpoint: businessDate.nullable().default(null),
        passPoints: z
          .string()
          .regex(/^\d{1,3}(?:\.\d{1,4})?$/)
          .default('60'),
        excludedMax: z.number().int().min(0).max(20).default(3),
        seats: z
          .array(z.object({ field: code, count: z.number().int().min(0).max(50) }))
          .min(1)
          .max(20),
        organisationMax: z.number().int().min(1).max(50).default(1),
        regionMax: z.number().int().min(1).max(50).nullable().default(null),
        loadMax: z.number().int().min(1).max(50).default(3),
        conflictYears: z.number().int().min(0).max(30).default(3),
        noticeDays: z.number().int().min(1).max(60).default(5),
        acceptance: z.enum(['simple', 'guarded']).default('simple'),
      }),
    }),
  ),
  roundDesk: endpoint(
    get('rounds/:id/desk', '经办一轮揭榜', "The officer's desk of a round", {
      permission: 'policy.read',
      params: byId,
      result: opencallDeskSchema,
      errors: ['not_found'],
    }),
  ),
  actRound: endpoint(
    post('rounds/:id/act', '推进一轮揭榜', 'Take a step of a round', {
      permission: 'policy.read',
      params: byId,
      result: opencallDeskSchema,
      errors: [...ACT_ERRORS],
      body: act.extend({
        /** With `publish` after a tie: who is chosen, by alias, with the reason. */
        chosen: z.array(code).max(20).exactOptional(),
      }),
    }),
  ),
  decideRace: endpoint(
    post('rounds/:id/race', '决定由谁继续（赛马）', 'Decide who of a race goes on', {
      permission: 'policy.decide',
      params: byId,
      result: opencallDeskSchema,
      errors: [...ACT_ERRORS],
      body: expectedVersion.extend({
        projectId: id,
        reason: z.string().trim().min(2).max(5_000),
      }),
    }),
  ),
  putOff: endpoint(
    post('rounds/:id/hour', '推迟截止时刻', 'Put the hour off', {
      permission: 'policy.manage',
      params: byId,
      result: opencallRoundSchema,
      errors: [...ACT_ERRORS],
      body: expectedVersion.extend({ closesAt: instant, revealUntil: instant, reason }),
    }),
  ),
  freezePool: endpoint(
    post('rounds/:id/pool', '封存专家库', 'Freeze the pool', {
      permission: 'policy.manage',
      params: byId,
      body: z.object({}),
      result: opencallRoundSchema,
      errors: [...ACT_ERRORS],
    }),
  ),
  awardReceipt: endpoint(
    get('projects/:id/receipt', '立项金额的计算凭据', 'How the award was weighed', {
      permission: 'policy.read',
      params: byId,
      bytesOut: 'application/json',
      errors: ['not_found'],
    }),
  ),
  exportBids: endpoint(
    get('rounds/:id/export', '导出投标与评分', 'Export bids and scores', {
      permission: 'policy.manage',
      params: byId,
      bytesOut: '*/*',
      errors: ['not_found', 'conflict'],
      query: sheetFormat,
    }),
  ),
  ownKey: endpoint(
    get('key', '我的公钥', 'My public keys', {
      permission: 'signed_in',
      result: z.object({
        userId: z.string(),
        sealing: z.string().nullable(),
        signing: z.string().nullable(),
      }),
    }),
  ),
  saveKey: endpoint({
    method: 'PUT',
    path: '/api/opencall/key',
    permission: 'signed_in',
    summary: { zh: '登记我的公钥', en: 'Register my public keys' },
    body: z.object({ sealing: z.string().max(200), signing: z.string().max(200) }),
    errors: ['invalid'],
  }),
  ownBid: endpoint(
    get('rounds/:id/bid', '本单位的密封件', 'Our sealed bid', {
      permission: 'policy.apply',
      params: byId,
      result: opencallReceiptSchema,
      errors: ['not_found'],
    }),
  ),
  handIn: endpoint({
    method: 'PUT',
    path: '/api/opencall/rounds/:id/bid',
    permission: 'policy.apply',
    summary: { zh: '提交或更换密封件', en: 'Hand in a sealed bid, or replace it' },
    params: byId,
    body: z.object({ sealed: document }),
    result: opencallReceiptSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  withdrawBid: endpoint(
    post('rounds/:id/bid/withdrawal', '撤回密封件', 'Withdraw before the hour', {
      permission: 'policy.apply',
      params: byId,
      body: z.object({}),
      result: opencallReceiptSchema,
      errors: ['not_found', 'conflict'],
    }),
  ),
  reveal: endpoint(
    post('rounds/:id/bid/key', '公布自己的密钥', 'Reveal our key after the hour', {
      permission: 'policy.apply',
      params: byId,
      body: z.object({ key: hex }),
      result: opencallReceiptSchema,
      errors: ['not_found', 'invalid', 'conflict'],
    }),
  ),
  sealedBids: endpoint(
    get('rounds/:id/sealed', '待开封的密封件', 'Sealed bids, for openers', {
      permission: 'signed_in',
      params: byId,
      result: list(sealedForOpener),
      errors: ['not_found', 'not_allowed', 'conflict'],
    }),
  ),
  handShare: endpoint(
    post('bids/:id/shares', '提交开封份额', 'Hand in a share', {
      permission: 'signed_in',
      params: byId,
      body: share,
      result: z.object({ state: bidState, shares: count }),
      errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
    }),
  ),
  ownExpert: endpoint(
    get('expert', '我的专家档案', 'My record as an expert', {
      permission: 'signed_in',
      result: opencallExpertSchema,
      errors: ['not_found'],
    }),
  ),
  saveExpert: endpoint({
    method: 'PUT',
    path: '/api/opencall/expert',
    permission: 'signed_in',
    summary: { zh: '申报专家档案', en: 'Declare oneself an expert' },
    body: z.object({ profile: document }),
    result: opencallExpertSchema,
    errors: ['invalid'],
  }),
  experts: endpoint(
    get('experts', '专家库', 'The pool of experts', {
      permission: 'policy.manage',
      result: list(opencallExpertSchema),
      errors: ['not_allowed'],
    }),
  ),
  exportExperts: endpoint(
    get('experts/export', '导出专家库', 'Export the pool', {
      permission: 'policy.manage',
      query: sheetFormat,
      bytesOut: '*/*',
      errors: ['not_allowed'],
    }),
  ),
  leavePool: endpoint(
    post('expert/departure', '退出专家库', 'Leave the pool', {
      permission: 'signed_in',
      body: z.object({}),
      errors: ['not_found', 'conflict'],
    }),
  ),
  admitExpert: endpoint(
    post('experts/:id/admission', '审核入库', 'Admit or dismiss an expert', {
      permission: 'policy.manage',
      params: byId,
      result: opencallExpertSchema,
      errors: ['not_found', 'not_allowed', 'conflict'],
      body: z.object({ admitted: z.boolean(), reason }),
    }),
  ),
  reviews: endpoint(
    get('reviews', '我的盲评', 'My blind reviews', {
      permission: 'signed_in',
      result: list(opencallReviewSchema),
    }),
  ),
  handSheet: endpoint(
    post('rounds/:id/sheets', '提交评分表', 'Hand in a signed sheet', {
      permission: 'signed_in',
      creates: true,
      params: byId,
      body: z.object({ sheet: document, signature: z.string().max(200) }),
      errors: ['not_found', 'not_allowed', 'invalid', 'conflict'],
    }),
  ),
  standDown: endpoint(
    post('rounds/:id/recusals', '回避', 'Stand down, or bar an expert', {
      permission: 'signed_in',
      params: byId,
      errors: ['not_found', 'not_allowed', 'conflict'],
      body: z.object({
        /** The expert, where an officer found a conflict late; oneself otherwise. */
        expertId: id.exactOptional(),
        reason: z.string().trim().min(2).max(2_000),
      }),
    }),
  ),
  projects: endpoint(
    get('projects', '项目', 'Projects', {
      permission: 'policy.read',
      result: list(opencallProjectSchema),
    }),
  ),
  exportProjects: endpoint(
    get('projects/export', '导出项目', 'Export projects', {
      permission: 'policy.read',
      query: sheetFormat,
      bytesOut: '*/*',
    }),
  ),
  project: endpoint(
    get('projects/:id', '一个项目', 'A project', {
      permission: 'policy.read',
      params: byId,
      result: opencallProjectSchema,
      errors: ['not_found'],
    }),
  ),
  measure: endpoint(
    post('projects/:id/measurements', '录入实测值', 'Enter measured values', {
      permission: 'policy.apply',
      params: byId,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
      body: expectedVersion.extend({
        milestone: code,
        measurements: z.array(document).min(1).max(100),
        /** Reports that the values name by their digest. */
        files: z.array(id).max(50).default([]),
      }),
    }),
  ),
  actMilestone: endpoint(
    post('projects/:id/act', '推进节点', 'Take a step of a milestone', {
      permission: 'policy.read',
      params: byId,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
      body: act.extend({ milestone: code }),
    }),
  ),
  askChange: endpoint(
    post('projects/:id/changes', '申请变更', 'Ask for a change', {
      permission: 'policy.apply',
      creates: true,
      params: byId,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
      body: z.object({ milestones: document, reason: z.string().trim().min(2).max(5_000) }),
    }),
  ),
  decideChange: endpoint(
    post('projects/:id/changes/decision', '决定变更', 'Decide a change', {
      permission: 'policy.decide',
      params: byId,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
      body: z.object({
        changeId: id,
        approved: z.boolean(),
        reason: z.string().trim().min(2).max(5_000),
      }),
    }),
  ),
  terminate: endpoint(
    post('projects/:id/termination', '终止项目', 'Terminate a project', {
      permission: 'policy.decide',
      params: byId,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
      body: expectedVersion.extend({
        kind: z.enum(['diligent', 'force_majeure', 'agreed', 'fault']),
        spentFen: z.string().regex(/^\d{1,17}$/),
        reason: z.string().trim().min(2).max(5_000),
        proofs: z
          .array(z.enum(['work_record', 'expense_record', 'cause', 'expert_opinion']))
          .max(4),
      }),
    }),
  ),
  repay: endpoint(
    post('projects/:id/repayment', '登记退回', 'Enter a repayment', {
      permission: 'policy.pay',
      params: byId,
      body: expectedVersion,
      result: opencallProjectSchema,
      errors: [...ACT_ERRORS],
    }),
  ),
};
