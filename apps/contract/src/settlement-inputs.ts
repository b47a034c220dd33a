import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, fen, id, instant, page, pageQuery,
} from './shapes.ts';

/** What is settled besides tickets, and the figures that come of a settlement. */

export const INPUT_KINDS = ['income', 'expense', 'usage', 'book', 'rate', 'engagement'] as const;
const inputKind = z.enum(INPUT_KINDS);
const filmOf = z.object({ filmId: id });

export const inputSchema = z.object({
  id, filmId: id, kind: inputKind, key: z.string(), revision: count,
  date: businessDate.nullable(), createdAt: instant, by: z.string(),
  /** As the settlement package's schema of inputs says; null where it is withdrawn. */
  data: z.unknown(),
});
const recorded = z.object({ added: count, changed: count, unchanged: count });

/** The hash of every set of statements, published so that a receiver can compare it. */
export const rootSchema = z.object({
  organisation: z.string(), root: z.string(), from: businessDate, to: businessDate,
  statements: count, settledAt: instant,
});
export const partyBalanceSchema = z.object({
  party: z.string(), name: z.object({ zh: z.string(), en: z.string() }).nullable(),
  side: z.enum(['receivable', 'payable']).nullable(),
  statements: count, statedFen: fen, openFen: fen, disputedFen: fen, settledFen: fen,
});

export const settlementInputs = {
  inputs: endpoint({
    method: 'GET', path: '/api/settlement/inputs', permission: 'settlement.read',
    summary: { zh: '收入、支出与其他结算数据', en: 'Incomes, expenses and other inputs' },
    query: pageQuery.extend({ filmId: id, kind: inputKind.optional() }),
    result: page(inputSchema), errors: ['not_found'],
  }),
  recordInputs: endpoint({
    method: 'POST', path: '/api/settlement/inputs', permission: 'settlement.write', creates: true,
    summary: { zh: '登记结算数据', en: 'Record inputs; the same key again is a correction' },
    body: filmOf.extend({ records: z.array(z.record(z.string(), z.unknown())).min(1).max(2000) }),
    result: recorded, errors: ['not_found', 'invalid'],
  }),
  importInputs: endpoint({
    method: 'POST', path: '/api/settlement/inputs/import', permission: 'settlement.write',
    creates: true,
    summary: { zh: '从表格导入结算数据', en: 'Import inputs from CSV or XLSX' },
    body: filmOf.extend({ kind: inputKind, fileId: id, commit: z.boolean().default(false) }),
    result: recorded.extend({ rows: count, findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  withdrawInput: endpoint({
    method: 'POST', path: '/api/settlement/inputs/:id/withdraw', permission: 'settlement.write',
    summary: { zh: '撤回一条结算数据', en: 'Withdraw an input; what it was stays on record' },
    params: byId, result: inputSchema, errors: ['not_found', 'conflict'],
  }),
};

export const settlementFigures = {
  roots: endpoint({
    method: 'GET', path: '/api/settlement/roots', permission: 'signed_in',
    summary: { zh: '已公布的结算根', en: 'Published roots of statements' }, query: pageQuery,
    result: page(rootSchema),
  }),
  balances: endpoint({
    method: 'GET', path: '/api/settlement/balances', permission: 'settlement.read',
    summary: { zh: '各方往来余额', en: 'What stands between us and each party of a film' },
    query: filmOf, result: z.object({ rows: z.array(partyBalanceSchema) }),
    errors: ['not_found'],
  }),
  curve: endpoint({
    method: 'GET', path: '/api/settlement/curve', permission: 'settlement.read',
    summary: { zh: '票房走势', en: 'The run of a film, day by day' }, query: filmOf,
    result: z.object({ rows: z.array(z.object({ date: businessDate, grossFen: fen,
      admissions: count, totalFen: fen })) }),
    errors: ['not_found'],
  }),
};
