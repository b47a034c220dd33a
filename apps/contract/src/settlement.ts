import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import { settlementFigures, settlementInputs } from './settlement-inputs.ts';
import {
  businessDate, byId, count, fen, id, instant, language, name, page, pageQuery,
  versioned,
} from './shapes.ts';

/** Settlement: terms are data; a statement is terms applied to facts; every fen has a reason. */

const localText = z.object({ zh: z.string(), en: z.string() });

export const termsSchema = versioned.extend({
  filmId: id, title: name, kind: z.enum(['theatrical', 'waterfall', 'rental', 'streaming']),
  state: z.enum(['draft', 'agreed', 'replaced']),
  /** The terms language, as published by the settlement package's JSON Schema. */
  terms: z.unknown(), digest: z.string(), findings: findingList,
});

/** How one amount came to be: a clause, its inputs, the arithmetic, the rounding. */
export type Derivation = {
  label: string;
  clause: string | null;
  inputs: { name: string; value: string }[];
  /** Exact: `72000 × 43/100 = 30960`. */
  arithmetic: string | null;
  rounding: string | null;
  amountFen: string | null;
  /** Box-office rows that went in: report and line. */
  rows: { reportId: string; line: number }[];
  parts: Derivation[];
};
export const derivationSchema: z.ZodType<Derivation> = z.object({
  label: z.string(), clause: z.string().nullable(),
  inputs: z.array(z.object({ name: z.string(), value: z.string() })),
  arithmetic: z.string().nullable(), rounding: z.string().nullable(), amountFen: fen.nullable(),
  rows: z.array(z.object({ reportId: z.string(), line: z.number().int() })),
  get parts() { return z.array(derivationSchema); },
}).meta({ id: 'Derivation' });

export const statementLineSchema = z.object({
  id: z.string(), number: count, cinemaName: z.string().nullable(),
  cinemaCode: z.string().nullable(),
  filmName: z.string(), filmCode: z.string().nullable(), equipment: z.string().nullable(),
  from: businessDate, to: businessDate,
  /** Negative where a supplement takes rows back. */
  screenings: z.number().int(), admissions: z.number().int(), grossFen: fen,
  fundFen: fen, vatMethod: z.string(), taxFen: fen, netFen: fen,
  /** As an exact ratio, `43/100`. */
  share: z.string(), shareFen: fen,
  /** Shown when the sender's own figures differ. */
  stated: z.record(z.string(), z.string()),
  /** What the line is for, where it is no row of the monthly sheet: a step, a week, a share. */
  title: localText.nullable(),
  /** To date, and stated before: this line is their difference. */
  toDateFen: fen.nullable(), priorFen: fen.nullable(),
});
export const TERMS_KINDS = ['theatrical', 'waterfall', 'rental', 'streaming'] as const;
export const STATEMENT_KINDS = [
  'circuit', 'distributor', 'producer', 'investor', 'fund', 'tax', 'exhibitor', 'platform', 'party',
] as const;
export const statementSchema = versioned.extend({
  runId: id, filmId: id, number: z.string(), kind: z.enum(STATEMENT_KINDS),
  termsKind: z.enum(TERMS_KINDS),
  party: z.string(), partyName: localText.nullable(), counterparty: z.string().nullable(),
  from: businessDate, to: businessDate,
  /** States what changed in a period that was stated before. */
  supplementary: z.boolean(),
  state: z.enum(['draft', 'checked', 'issued', 'accepted', 'disputed']),
  lines: count, grossFen: fen, fundFen: fen, taxFen: fen, netFen: fen, totalFen: fen,
  /** What of a waterfall's total is withheld, to be paid now, or waits for the threshold. */
  account: z.object({ withheldFen: fen, payableFen: fen, carriedForwardFen: fen }).nullable(),
  termsId: id, termsVersion: count, issuedAt: instant.nullable(), findings: findingList,
  invoice: z.object({ number: z.string(), date: businessDate, amountFen: fen }).nullable(),
  /** Still open in the book of whoever asks; null where the statement is not in it. */
  openFen: fen.nullable(),
  /** How far the statement is in its life; `paid` once nothing of it is open. */
  stage: z.enum(['draft', 'checked', 'issued', 'disputed', 'accepted', 'invoiced', 'paid']),
  /** Drawn up by the asking organisation; otherwise it is the party that reads it. */
  ours: z.boolean(),
});
export const runSchema = versioned.extend({
  filmId: id, termsId: id, kind: z.enum(TERMS_KINDS),
  /** Issued statements whose totals came in as incomes. */
  statementIds: z.array(id), from: businessDate, to: businessDate, reportIds: z.array(id),
  state: z.enum(['running', 'done', 'failed']), jobId: id.nullable(),
  grossFen: fen,
  /** Where the money went, party by party; adds up to the gross. */
  parties: z.array(z.object({ party: z.string(), role: z.string(), name: localText.optional(),
    amountFen: fen })),
  findings: findingList,
});

const linkedPartySchema = z.object({
  party: z.string(), role: z.string(), name: localText, organisationId: id.nullable(),
  organisation: z.string().nullable(),
});

export const settlement = {
  ...settlementInputs,
  ...settlementFigures,
  termsList: endpoint({
    method: 'GET', path: '/api/settlement/terms', permission: 'settlement.read',
    summary: { zh: '条款', en: 'Terms' }, query: pageQuery.extend({ filmId: id.optional() }),
    result: page(termsSchema),
  }),
  terms: endpoint({
    method: 'GET', path: '/api/settlement/terms/:id', permission: 'settlement.read',
    summary: { zh: '条款详情', en: 'One set of terms' }, params: byId, result: termsSchema,
    errors: ['not_found'],
  }),
  createTerms: endpoint({
    method: 'POST', path: '/api/settlement/terms', permission: 'settlement.write', creates: true,
    summary: { zh: '订立条款', en: 'Draw up terms' },
    body: z.object({ filmId: id, title: name, terms: z.unknown(),
      /** Only what stands on agreed terms can be issued. */
      state: z.enum(['draft', 'agreed']).default('draft') }),
    result: termsSchema,
    errors: ['invalid', 'not_found'],
  }),
  updateTerms: endpoint({
    method: 'PUT', path: '/api/settlement/terms/:id', permission: 'settlement.write',
    summary: { zh: '修改条款', en: 'Change terms; agreed ones get a new version' }, params: byId,
    body: z.object({ version: z.number().int().positive(), title: name, terms: z.unknown(),
      state: z.enum(['draft', 'agreed']) }),
    result: termsSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  checkTerms: endpoint({
    method: 'POST', path: '/api/settlement/terms/check', permission: 'settlement.read',
    summary: { zh: '检查条款并试算', en: 'Check terms and read them in plain words' },
    body: z.object({ terms: z.unknown(), language: language.default('zh-CN') }),
    result: z.object({ findings: findingList, text: z.string().nullable(),
      example: derivationSchema.nullable() }),
  }),
  templates: endpoint({
    method: 'GET', path: '/api/settlement/templates', permission: 'settlement.read',
    summary: { zh: '条款范本', en: 'Ready-made terms to start from' },
    result: z.object({ rows: z.array(z.object({ code: z.string(),
      title: z.object({ zh: z.string(), en: z.string() }), terms: z.unknown() })) }),
  }),
  termsSchema: endpoint({
    method: 'GET', path: '/api/settlement/terms-schema', permission: 'settlement.read',
    summary: { zh: '条款语言的 JSON Schema', en: 'The JSON Schema of the terms language' },
    result: z.object({ schema: z.unknown() }),
  }),
  runs: endpoint({
    method: 'GET', path: '/api/settlement/runs', permission: 'settlement.read',
    summary: { zh: '结算批次', en: 'Settlement runs' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(runSchema),
  }),
  run: endpoint({
    method: 'GET', path: '/api/settlement/runs/:id', permission: 'settlement.read',
    summary: { zh: '结算批次详情', en: 'One run' }, params: byId, result: runSchema,
    errors: ['not_found'],
  }),
  settle: endpoint({
    method: 'POST', path: '/api/settlement/runs', permission: 'settlement.write', creates: true,
    summary: { zh: '结算', en: 'Settle a film for a period' },
    /** Reports are read by terms of tickets; a waterfall takes issued statements and inputs. */
    body: z.object({ filmId: id, termsId: id, from: businessDate, to: businessDate,
      reportIds: z.array(id).max(1000).default([]) }),
    result: runSchema, errors: ['not_found', 'invalid'],
  }),
  statements: endpoint({
    method: 'GET', path: '/api/settlement/statements', permission: 'settlement.read',
    summary: { zh: '结算单', en: 'Statements' },
    query: pageQuery.extend({ filmId: id.optional(), runId: id.optional() }),
    result: page(statementSchema),
  }),
  statement: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id', permission: 'settlement.read',
    summary: { zh: '结算单详情', en: 'One statement' }, params: byId, result: statementSchema,
    errors: ['not_found'],
  }),
  lines: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/lines', permission: 'settlement.read',
    summary: { zh: '结算单的行', en: 'Lines of a statement' }, params: byId, query: pageQuery,
    result: page(statementLineSchema), errors: ['not_found'],
  }),
  explain: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/lines/:lineId',
    permission: 'settlement.read',
    summary: { zh: '这一行为什么是这个数', en: 'Why a figure is what it is' },
    params: z.object({ id, lineId: z.string().max(200) }),
    query: z.object({ language: language.default('zh-CN') }), result: derivationSchema,
    errors: ['not_found'],
  }),
  issue: endpoint({
    method: 'POST', path: '/api/settlement/statements/:id/issue', permission: 'settlement.issue',
    summary: { zh: '出具结算单', en: 'Issue a statement' }, params: byId,
    body: z.object({ version: z.number().int().positive() }), result: statementSchema,
    errors: ['not_found', 'conflict'],
  }),
  check: endpoint({
    method: 'POST', path: '/api/settlement/statements/:id/check', permission: 'settlement.write',
    summary: { zh: '核对结算单', en: 'Mark a statement as checked' }, params: byId,
    body: z.object({ version: z.number().int().positive() }), result: statementSchema,
    errors: ['not_found', 'conflict'],
  }),
  accept: endpoint({
    method: 'POST', path: '/api/settlement/statements/:id/accept', permission: 'settlement.issue',
    summary: { zh: '确认结算单', en: 'Accept a statement as its party' }, params: byId,
    body: z.object({ version: z.number().int().positive() }), result: statementSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  invoice: endpoint({
    method: 'POST', path: '/api/settlement/statements/:id/invoice', permission: 'settlement.write',
    summary: { zh: '登记发票', en: 'Record the invoice of an accepted statement' }, params: byId,
    body: z.object({ version: z.number().int().positive(), number: name, date: businessDate }),
    result: statementSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  linkParties: endpoint({
    method: 'PUT', path: '/api/settlement/terms/:id/parties', permission: 'settlement.write',
    summary: { zh: '指定参与方的机构', en: 'Say which organisation stands behind a party' },
    params: byId,
    body: z.object({ parties: z.array(z.object({ party: z.string().max(63),
      organisationId: id.nullable() })).max(200) }),
    result: z.object({ rows: z.array(linkedPartySchema) }), errors: ['not_found', 'invalid'],
  }),
  parties: endpoint({
    method: 'GET', path: '/api/settlement/terms/:id/parties', permission: 'settlement.read',
    summary: { zh: '参与方及其机构', en: 'Parties of terms and their organisations' },
    params: byId, result: z.object({ rows: z.array(linkedPartySchema) }), errors: ['not_found'],
  }),
  whatIf: endpoint({
    method: 'POST', path: '/api/settlement/runs/:id/what-if', permission: 'settlement.read',
    summary: { zh: '如果条款或事实改为…', en: 'Who gains and loses when terms or facts are others' },
    params: byId,
    /** Other terms, or changes of rows, cities, cinemas and records; what is left out stays. */
    body: z.object({ terms: z.unknown().optional(), changes: z.unknown().optional() }),
    result: z.object({ findings: findingList, changes: z.array(z.object({ party: z.string(),
      name: localText.nullable(), holder: z.string().nullable(),
      beforeFen: fen, afterFen: fen, differenceFen: fen })) }),
    errors: ['not_found', 'invalid'],
  }),
  spreadsheet: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/xlsx', permission: 'settlement.read',
    summary: { zh: '下载结算单（XLSX）', en: 'Download as XLSX' }, params: byId,
    query: z.object({ language: language.default('zh-CN') }),
    bytesOut: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    errors: ['not_found'],
  }),
  print: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/print', permission: 'settlement.read',
    summary: { zh: '打印页', en: 'A page to print' }, params: byId,
    query: z.object({ language: language.default('zh-CN') }), bytesOut: 'text/html',
    errors: ['not_found'],
  }),
  pdf: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/pdf', permission: 'settlement.read',
    summary: { zh: '结算单 PDF', en: 'The statement as PDF' }, params: byId,
    query: z.object({ language: language.default('zh-CN') }), bytesOut: 'application/pdf',
    errors: ['not_found'],
  }),
  proof: endpoint({
    method: 'GET', path: '/api/settlement/statements/:id/proof', permission: 'settlement.read',
    summary: { zh: '下载可独立复核的证明', en: 'Download the proof to recompute offline' },
    params: byId, bytesOut: 'application/json', errors: ['not_found'],
  }),
};

