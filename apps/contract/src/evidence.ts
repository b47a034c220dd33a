import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { reportSchema } from './exhibition.ts';
import { sheetFormat } from './exhibition-facts.ts';
import { findingList } from './problems.ts';
import {
  businessDate,
  byId,
  count,
  expectedVersion,
  fen,
  fileRecord,
  id,
  instant,
  longText,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/** What cinemas play, sell and report, and what is made of it. */

const days = { from: businessDate, to: businessDate };
const exportQuery = z.object({ format: sheetFormat });

const logSchema = z.object({
  id,
  cinemaId: id,
  cinemaName: z.string(),
  file: fileRecord,
  kind: z.enum(['st430', 'table']),
  device: z.string(),
  from: instant.nullable(),
  to: instant.nullable(),
  records: count,
  proven: count,
  playbacks: count,
  /** Of them, those that no report before had told. */
  fresh: count,
  receivedAt: instant,
  /** Whether the same bytes were here before; then this is what they gave. */
  repeated: z.boolean(),
  findings: findingList,
});
const holeSchema = z.object({
  cinemaId: id,
  cinemaName: z.string(),
  screenName: z.string().nullable(),
  device: z.string(),
  afterSequence: z.number(),
  beforeSequence: z.number(),
  missing: count,
  from: instant,
  until: instant,
});
const playbackSchema = z.object({
  id,
  cinemaName: z.string(),
  screenName: z.string().nullable(),
  filmTitle: z.string().nullable(),
  title: z.string().nullable(),
  compositionId: z.string().nullable(),
  device: z.string(),
  startedAt: instant,
  endedAt: instant,
  localStart: z.string(),
  whole: z.boolean(),
  proven: z.boolean(),
  exceptions: z.array(z.string()),
});

const correctionFigures = z.object({
  rows: count,
  screenings: count,
  admissions: z.number().int(),
  grossFen: fen,
});
const correctionSchema = versioned.extend({
  reportId: id,
  sender: z.string(),
  state: z.enum(['applied', 'approved', 'rejected', 'fulfilled']),
  reason: z.string(),
  figures: correctionFigures,
  appliedBy: z.string(),
  mine: z.boolean(),
  decidedBy: z.string().nullable(),
  decision: z.string().nullable(),
  approvedAt: instant.nullable(),
  /** Until when the data has to come. */
  dueAt: instant.nullable(),
  fulfilledBy: id.nullable(),
});

const timelinessSchema = z.object({
  cinemaId: id,
  cinemaName: z.string(),
  cinemaCode: z.string().nullable(),
  circuitName: z.string().nullable(),
  days: count,
  reported: count,
  inTime: count,
  missedInRow: count,
  medianHours: z.number().nullable(),
  last: businessDate.nullable(),
  verdict: z.enum(['good', 'late', 'failing']),
});
const timelinessQuery = {
  ...days,
  circuitId: id.optional(),
  verdict: z.enum(['good', 'late', 'failing']).optional(),
};

const programmeCounts = z.object({ cinemas: count, shows: count, findings: findingList });

export const evidence = {
  logs: endpoint({
    method: 'GET',
    path: '/api/exhibition/logs',
    permission: 'exhibition.read',
    summary: { zh: '放映日志', en: 'Playback logs as they came in' },
    query: pageQuery.extend({ cinemaId: id.optional() }),
    result: page(logSchema),
  }),
  takeLog: endpoint({
    method: 'POST',
    path: '/api/exhibition/logs',
    permission: 'exhibition.report',
    summary: { zh: '上报放映日志', en: 'Hand in a playback log; again and in any order' },
    body: z.object({
      fileId: id,
      cinemaId: id,
      /** Of what names no device, or one that the register does not have. */
      screenId: id.optional(),
    }),
    result: logSchema,
    errors: ['not_found', 'invalid'],
  }),
  placeLog: endpoint({
    method: 'POST',
    path: '/api/exhibition/logs/:id/screen',
    permission: 'exhibition.report',
    summary: { zh: '指明日志里设备的影厅', en: 'Say which screen an unknown device stands in' },
    params: byId,
    body: z.object({
      screenId: id,
      /** As the log names it; left out, every one that stands in no screen. */
      device: z.string().max(200).optional(),
    }),
    result: logSchema,
    errors: ['not_found', 'invalid'],
  }),
  playbacks: endpoint({
    method: 'GET',
    path: '/api/exhibition/playbacks',
    permission: 'exhibition.read',
    summary: { zh: '放映记录', en: 'What was played' },
    query: pageQuery.extend({
      cinemaId: id.optional(),
      filmId: id.optional(),
      from: businessDate.optional(),
      to: businessDate.optional(),
    }),
    result: page(playbackSchema),
  }),
  exportPlaybacks: endpoint({
    method: 'GET',
    path: '/api/exhibition/playbacks/export',
    permission: 'exhibition.read',
    summary: { zh: '导出放映记录', en: 'Export what was played' },
    query: exportQuery.extend({ ...days, cinemaId: id.optional(), filmId: id.optional() }),
    bytesOut: '*/*',
  }),
  holes: endpoint({
    method: 'GET',
    path: '/api/exhibition/logs/holes',
    permission: 'exhibition.read',
    summary: { zh: '日志缺口', en: 'Holes in the logs' },
    query: z.object({
      cinemaId: id.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    result: z.object({ rows: z.array(holeSchema) }),
  }),
  importProgramme: endpoint({
    method: 'POST',
    path: '/api/exhibition/programme',
    permission: 'exhibition.report',
    creates: true,
    summary: { zh: '导入排片表', en: 'Import a programme from CSV or XLSX' },
    body: z.object({
      fileId: id,
      /** For sheets that name no cinema. */
      cinemaId: id.optional(),
      commit: z.boolean().default(false),
    }),
    result: programmeCounts,
    errors: ['not_found', 'invalid'],
  }),
  /** JSON Lines `yinglian-box-office/1`; the same bytes answer as they did the first time. */
  feedReport: endpoint({
    method: 'POST',
    path: '/api/exhibition/feeds/box-office',
    permission: 'exhibition.report',
    creates: true,
    summary: { zh: '票房数据接口', en: 'Box office as a feed of lines' },
    bytesIn: true,
    result: reportSchema,
    errors: ['invalid', 'too_large'],
  }),
  corrections: endpoint({
    method: 'GET',
    path: '/api/exhibition/corrections',
    permission: 'exhibition.read',
    summary: { zh: '更正申请', en: 'Applications for corrections' },
    query: pageQuery,
    result: page(correctionSchema),
  }),
  applyForCorrection: endpoint({
    method: 'POST',
    path: '/api/exhibition/corrections',
    permission: 'exhibition.report',
    creates: true,
    summary: { zh: '申请更正（补登、超时退票）', en: 'Apply for a late correction' },
    body: z.object({
      reportId: id,
      reason: z.string().trim().min(1).max(2000),
      figures: correctionFigures,
    }),
    result: correctionSchema,
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  decideCorrection: endpoint({
    method: 'POST',
    path: '/api/exhibition/corrections/:id/decision',
    permission: 'settlement.issue',
    summary: { zh: '批准或退回更正', en: 'Approve or refuse a correction' },
    params: byId,
    body: z
      .object({ agree: z.boolean(), decision: z.string().max(2000).default('') })
      .extend(expectedVersion.shape),
    result: correctionSchema,
    errors: ['not_found', 'conflict'],
  }),
  timeliness: endpoint({
    method: 'GET',
    path: '/api/exhibition/timeliness',
    permission: 'exhibition.read',
    summary: { zh: '各影院上报是否及时', en: 'How punctually cinemas report' },
    query: pageQuery.extend(timelinessQuery),
    result: page(timelinessSchema),
    errors: ['invalid'],
  }),
  exportTimeliness: endpoint({
    method: 'GET',
    path: '/api/exhibition/timeliness/export',
    permission: 'exhibition.read',
    summary: { zh: '导出上报情况', en: 'Export how punctually cinemas report' },
    query: exportQuery.extend(timelinessQuery),
    bytesOut: '*/*',
    errors: ['invalid'],
  }),
};

/** What a site's agent hands in, by its own credential: again, late and in any order. */
export const siteEvidence = {
  log: endpoint({
    method: 'POST',
    path: '/api/site/logs',
    permission: 'public',
    summary: { zh: '接收端上报放映日志', en: 'The agent hands in a playback log' },
    query: z.object({ name: z.string().max(200).default('log.xml') }),
    bytesIn: true,
    result: logSchema,
    errors: ['not_signed_in', 'invalid', 'too_large'],
  }),
  report: endpoint({
    method: 'POST',
    path: '/api/site/box-office',
    permission: 'public',
    summary: { zh: '接收端上报票房', en: 'The agent hands in box office' },
    query: z.object({ name: z.string().max(200).default('box-office.jsonl') }),
    bytesIn: true,
    result: reportSchema,
    errors: ['not_signed_in', 'invalid', 'too_large'],
  }),
  programme: endpoint({
    method: 'POST',
    path: '/api/site/programme',
    permission: 'public',
    summary: { zh: '接收端上报排片', en: 'The agent hands in the programme' },
    query: z.object({ name: z.string().max(200).default('programme.csv') }),
    bytesIn: true,
    result: programmeCounts,
    errors: ['not_signed_in', 'invalid', 'too_large'],
  }),
};

export const caseRule = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'note', 'success']),
  enabled: z.boolean(),
  thresholds: z.record(z.string(), z.number()),
});
const ruleSet = z.object({
  edition: z.string(),
  version: count,
  reason: z.string(),
  rules: z.array(caseRule),
  measures: z.array(
    z.object({
      code: z.string(),
      honest: count,
      falseAlarms: count,
      planted: count,
      found: count,
    }),
  ),
});

const examinationSchema = z.object({
  id,
  createdAt: instant,
  ...days,
  circuitId: id.nullable(),
  cinemaId: id.nullable(),
  filmId: id.nullable(),
  edition: z.string(),
  rulesVersion: count,
  state: z.enum(['running', 'done', 'failed']),
  cinemas: count,
  sessions: count,
  opened: count,
  standing: count,
  cleared: count,
  jobId: id.nullable(),
});

export const CASE_STATE = z.enum(['open', 'asked', 'answered', 'proposed', 'decided', 'cleared']);
const verdict = z.enum(['upheld', 'dismissed', 'tolerated']);
const rowChange = z.object({
  reportId: id,
  line: z.number().int().positive(),
  admissions: z.number().int(),
  grossFen: fen,
});
const caseSchema = versioned.extend({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'note', 'success']),
  edition: z.string(),
  cinemaId: id,
  cinemaName: z.string(),
  screenName: z.string(),
  filmId: id.nullable(),
  filmTitle: z.string().nullable(),
  at: instant,
  localAt: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  state: CASE_STATE,
  owner: z.string().nullable(),
  verdict: verdict.nullable(),
  amountFen: fen,
  /** Until when the cinema may answer, once it was asked. */
  answerBy: instant.nullable(),
  /** Whether we examine, or are asked. */
  side: z.enum(['examiner', 'cinema']),
  proposedByMe: z.boolean(),
});
const evidenceRecord = z.object({
  kind: z.enum(['show', 'play', 'takings']),
  id: z.string(),
  title: z.string(),
  startsAt: z.string(),
  endsAt: z.string().nullable(),
  admissions: z.number().nullable(),
  grossFen: fen.nullable(),
  /** Where the row stands: report and lines. */
  reportId: id.nullable(),
  lines: z.array(z.number()),
});
const wholeCase = caseSchema.extend({
  evidence: z.array(evidenceRecord),
  rows: z.array(
    rowChange.extend({
      standing: z.enum(['held', 'confirmed', 'adjusted', 'excluded']),
      statedAdmissions: z.number().int(),
      statedGrossFen: fen,
    }),
  ),
  events: z.array(
    z.object({
      at: instant,
      side: z.enum(['examiner', 'cinema', 'network']),
      organisation: z.string(),
      person: z.string(),
      action: z.string(),
      text: z.string(),
      files: z.array(fileRecord),
    }),
  ),
});
const caseFilter = {
  state: CASE_STATE.optional(),
  rule: z.string().max(60).optional(),
  cinemaId: id.optional(),
  filmId: id.optional(),
};

export const cases = {
  rules: endpoint({
    method: 'GET',
    path: '/api/exhibition/rules',
    permission: 'exhibition.read',
    summary: { zh: '核查规则与误报率', en: 'The rules and how often they are wrong' },
    result: ruleSet,
  }),
  setRules: endpoint({
    method: 'PUT',
    path: '/api/exhibition/rules',
    permission: 'settlement.write',
    summary: { zh: '调整核查规则', en: 'Set the rules: thresholds, gravity, on or off' },
    body: z.object({
      version: count,
      reason: z.string().trim().min(1).max(1000),
      rules: z.array(caseRule).max(50),
    }),
    result: ruleSet,
    errors: ['invalid', 'conflict'],
  }),
  examine: endpoint({
    method: 'POST',
    path: '/api/exhibition/examinations',
    permission: 'settlement.write',
    creates: true,
    summary: { zh: '核对场次、日志、票房与密钥', en: 'Join shows, plays, tickets and keys' },
    body: z.object({
      ...days,
      circuitId: id.nullable().default(null),
      cinemaId: id.nullable().default(null),
      filmId: id.nullable().default(null),
    }),
    result: examinationSchema,
    errors: ['not_found', 'invalid'],
  }),
  examinations: endpoint({
    method: 'GET',
    path: '/api/exhibition/examinations',
    permission: 'exhibition.read',
    summary: { zh: '历次核对', en: 'Examinations' },
    query: pageQuery,
    result: page(examinationSchema),
  }),
  list: endpoint({
    method: 'GET',
    path: '/api/exhibition/cases',
    permission: 'exhibition.read',
    summary: { zh: '疑点案件', en: 'Cases' },
    query: pageQuery.extend(caseFilter),
    result: page(caseSchema),
  }),
  get: endpoint({
    method: 'GET',
    path: '/api/exhibition/cases/:id',
    permission: 'exhibition.read',
    summary: { zh: '一个案件及其证据', en: 'One case with its evidence' },
    params: byId,
    result: wholeCase,
    errors: ['not_found'],
  }),
  ask: endpoint({
    method: 'POST',
    path: '/api/exhibition/cases/:id/question',
    permission: 'settlement.write',
    summary: { zh: '请影院说明', en: 'Ask the cinema for its statement' },
    params: byId,
    body: z.object({ text: longText }).extend(expectedVersion.shape),
    result: wholeCase,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  answer: endpoint({
    method: 'POST',
    path: '/api/exhibition/cases/:id/answer',
    permission: 'exhibition.report',
    summary: { zh: '影院答复', en: "The cinema's statement" },
    params: byId,
    body: z
      .object({ text: longText.min(1), fileIds: z.array(id).max(20).default([]) })
      .extend(expectedVersion.shape),
    result: wholeCase,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  decide: endpoint({
    method: 'POST',
    path: '/api/exhibition/cases/:id/decision',
    permission: 'settlement.write',
    summary: { zh: '作出结论', en: 'Decide a case; with money, propose its end' },
    params: byId,
    body: z
      .object({
        verdict,
        text: longText.default(''),
        /** Rows as they should be; rows of an upheld case that are left out count for nothing. */
        rows: z.array(rowChange).max(500).default([]),
      })
      .extend(expectedVersion.shape),
    result: wholeCase,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  confirm: endpoint({
    method: 'POST',
    path: '/api/exhibition/cases/:id/confirmation',
    permission: 'settlement.issue',
    summary: { zh: '复核结论', en: 'Confirm what another person proposed, or send it back' },
    params: byId,
    body: z
      .object({ agree: z.boolean(), text: longText.default('') })
      .extend(expectedVersion.shape),
    result: wholeCase,
    errors: ['not_found', 'conflict'],
  }),
  export: endpoint({
    method: 'GET',
    path: '/api/exhibition/cases/export',
    permission: 'exhibition.read',
    summary: { zh: '导出案件', en: 'Export cases' },
    query: exportQuery.extend(caseFilter),
    bytesOut: '*/*',
  }),
};
