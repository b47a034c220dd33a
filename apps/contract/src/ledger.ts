import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, fen, id, instant, longText, name, page, pageQuery, versioned,
} from './shapes.ts';

/** The books of an organisation, and what happens to statements after they are issued. */

const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/);
const side = z.enum(['receivable', 'payable']);
const item = z.string().min(1).max(200);
const positiveFen = z.string().regex(/^[1-9]\d{0,17}$/);
const asOfQuery = z.object({ side: side.default('receivable'), asOf: businessDate.optional() });

export const accountRefSchema = z.object({
  account: z.string(), party: z.string().nullable(), item: z.string().nullable(),
});
export const bookEntrySchema = z.object({
  number: count, key: z.string(), kind: z.string(), date: businessDate, memo: z.string(),
  opens: z.object({ item: z.string(), dueOn: businessDate }).nullable(),
  reverses: count.nullable(), restates: count.nullable(),
  transfers: z.array(z.object({ debit: accountRefSchema, credit: accountRefSchema, fen })),
  hash: z.string(), previous: z.string(), postedAt: instant,
});
export const openItemSchema = z.object({
  item: z.string(), side, party: z.string().nullable(), openedOn: businessDate, dueOn: businessDate,
  amountFen: fen, openFen: fen, disputedFen: fen,
});
export const trialLineSchema = z.object({
  account: z.string(), number: z.string(), name: z.object({ zh: z.string(), en: z.string() }),
  debitFen: fen, creditFen: fen, balanceFen: fen,
});
export const ageLineSchema = z.object({
  party: z.string().nullable(), notDueFen: fen, overdueFen: z.array(fen), disputedFen: fen,
  totalFen: fen,
});
export const periodSchema = z.object({
  month, state: z.enum(['open', 'closed']), entries: count, turnoverFen: fen,
  root: z.string().nullable(), by: z.string().nullable(), on: businessDate.nullable(),
});
export const policySchema = z.object({
  version: count, fourEyes: z.boolean(), paymentDays: z.number().int().min(0).max(720),
});
export const disputeSchema = versioned.extend({
  statementId: id, statementNumber: z.string(), filmId: id, lineId: z.string().nullable(),
  raisedByUs: z.boolean(), state: z.enum(['open', 'decided', 'withdrawn']),
  amountFen: fen, concededFen: fen, reason: z.string(),
  messages: z.array(z.object({
    at: instant, organisation: z.string(), person: z.string(), text: z.string(),
  })),
});
export const PROPOSAL_KINDS = ['adjustment', 'write_off', 'payment', 'reopen'] as const;
/** What is proposed; each kind has its own subject. */
export const proposalSubjectSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('adjustment'), side, party: name, item,
    changeFen: z.string().regex(/^-?[1-9]\d{0,17}$/), date: businessDate,
    restates: z.number().int().positive().optional() }),
  z.object({ kind: z.literal('write_off'), side, party: name, item, amountFen: positiveFen,
    date: businessDate }),
  z.object({ kind: z.literal('payment'), date: businessDate,
    orders: z.array(z.object({ party: name, item, amountFen: positiveFen })).min(1).max(500) }),
  z.object({ kind: z.literal('reopen'), month }),
]);
export const proposalSchema = versioned.extend({
  state: z.enum(['open', 'approved', 'rejected']), subject: proposalSubjectSchema,
  reason: z.string(), proposedBy: z.string(), decidedBy: z.string().nullable(),
  decision: z.string().nullable(), mine: z.boolean(),
});
export const bankLineSchema = z.object({
  id, serial: z.string(), line: count, date: businessDate, fen, counterparty: z.string(),
  account: z.string(), memo: z.string(), state: z.enum(['open', 'posted']),
  entry: count.nullable(),
  /** Documents that the line seems to settle, and how that was found. */
  suggestion: z.object({
    by: z.string(), party: z.string(), parts: z.array(z.object({ item: z.string(), fen })),
  }).nullable(),
});
export const payeeSchema = z.object({ party: name, name, account: z.string().max(60),
  bank: z.string().max(200) });
export const differenceSchema = z.object({
  id, filmId: id, reconciliationId: id, key: z.string(), kind: z.string(),
  kindName: z.object({ zh: z.string(), en: z.string() }),
  date: businessDate, cinemaCode: z.string(), between: z.array(z.string()),
  deltaFen: fen, deltaAdmissions: z.number().int(),
  evidence: z.array(z.object({ reportId: id, line: count })),
  since: businessDate, days: count, cured: z.boolean(),
  state: z.enum(['open', 'explained', 'accepted', 'adjusted', 'disputed']),
  assignee: z.string().nullable(),
  decisions: z.array(z.object({ on: businessDate, by: z.string(), to: z.string(),
    comment: z.string(), assignee: z.string().nullable(), adjustment: z.string().nullable() })),
});
/** What a party of a comparison of reports may be. */
export const COMPARED_ROLES = ['ticketing', 'circuit', 'equipment', 'fund', 'seller'] as const;
/** The levels at which all parties stand side by side, from the film down to the show. */
export const COMPARED_LEVELS = ['film', 'circuit', 'cinema', 'day', 'hall', 'screening'] as const;
/** One side of a reconciliation: who reports, what they are, and in which files. */
export const comparedPartySchema = z.object({
  name, role: z.enum(COMPARED_ROLES),
  reports: z.array(id).min(1).max(200),
});
export const reconciliationSchema = z.object({
  id, createdAt: instant, filmId: id, parties: z.array(comparedPartySchema),
  toleranceFen: fen, keys: count, agreeing: count, open: count,
});
/** One item of a level, with the sums of each party in the order of the reconciliation. */
export const levelRowSchema = z.object({
  key: z.string(), agrees: z.boolean(),
  sums: z.array(z.object({ admissions: z.number().int(), grossFen: fen }).nullable()),
});
/** One night's recomputation of a book, its sealed months and its issued statements. */
export const nightCheckSchema = z.object({
  date: businessDate, number: count, at: instant, entries: count, statements: count,
  root: z.string().nullable(), findings: findingList,
});
export const boardRowSchema = z.object({
  filmId: id, film: z.string(), reports: count, runs: count,
  grossFen: fen, statements: z.object({
    draft: count, checked: count, issued: count, accepted: count, disputed: count,
  }),
  dueFen: fen, openFen: fen, disputedFen: fen, differences: count,
});

const read = 'settlement.read' as const;
const write = 'settlement.write' as const;
const issue = 'settlement.issue' as const;

export const ledger = {
  policy: endpoint({
    method: 'GET', path: '/api/ledger/policy', permission: read,
    summary: { zh: '结算制度', en: 'How this organisation settles' }, result: policySchema,
  }),
  setPolicy: endpoint({
    method: 'PUT', path: '/api/ledger/policy', permission: issue,
    summary: { zh: '修改结算制度', en: 'Change how this organisation settles' },
    body: policySchema, result: policySchema, errors: ['conflict'],
  }),
  board: endpoint({
    method: 'GET', path: '/api/ledger/board', permission: read,
    summary: { zh: '期间看板', en: 'Where a month stands, film by film' },
    query: z.object({ month }),
    result: z.object({ month, closed: z.boolean(), rows: z.array(boardRowSchema) }),
  }),
  entries: endpoint({
    method: 'GET', path: '/api/ledger/entries', permission: read,
    summary: { zh: '凭证', en: 'Entries of the book' },
    query: pageQuery.extend({ item: item.optional() }), result: page(bookEntrySchema),
  }),
  accounts: endpoint({
    method: 'GET', path: '/api/ledger/accounts', permission: read,
    summary: { zh: '试算平衡表', en: 'Trial balance' },
    query: z.object({ from: businessDate.optional(), to: businessDate.optional() }),
    result: z.object({ rows: z.array(trialLineSchema) }),
  }),
  items: endpoint({
    method: 'GET', path: '/api/ledger/items', permission: read,
    summary: { zh: '未清单据', en: 'Open documents' }, query: asOfQuery,
    result: z.object({ asOf: businessDate, rows: z.array(openItemSchema) }),
  }),
  ageing: endpoint({
    method: 'GET', path: '/api/ledger/ageing', permission: read,
    summary: { zh: '账龄', en: 'Ageing by party' }, query: asOfQuery,
    result: z.object({ asOf: businessDate, bounds: z.array(count), rows: z.array(ageLineSchema) }),
  }),
  checkBook: endpoint({
    method: 'GET', path: '/api/ledger/check', permission: read,
    summary: { zh: '复核账本', en: 'Recompute the whole book' },
    result: z.object({ entries: count, head: z.string(), findings: findingList }),
  }),
  nightChecks: endpoint({
    method: 'GET', path: '/api/ledger/checks', permission: read,
    summary: { zh: '夜间复核记录', en: 'What the nightly recomputations found' },
    query: pageQuery, result: page(nightCheckSchema),
  }),
  runNightCheck: endpoint({
    method: 'POST', path: '/api/ledger/checks', permission: write,
    summary: { zh: '立即复核', en: 'Recompute book and statements now' },
    result: nightCheckSchema,
  }),
  periods: endpoint({
    method: 'GET', path: '/api/ledger/periods', permission: read,
    summary: { zh: '会计期间', en: 'Periods' }, result: z.object({ rows: z.array(periodSchema) }),
  }),
  closePeriod: endpoint({
    method: 'POST', path: '/api/ledger/periods/close', permission: issue,
    summary: { zh: '结账', en: 'Close a month' }, body: z.object({ month }),
    result: periodSchema, errors: ['conflict', 'invalid'],
  }),
  apply: endpoint({
    method: 'POST', path: '/api/ledger/applications', permission: write,
    summary: { zh: '以预收付冲抵', en: 'Use an advance for a document' },
    body: z.object({ side, party: name, item, advance: item, amountFen: positiveFen,
      date: businessDate }),
    result: bookEntrySchema, creates: true, errors: ['invalid', 'conflict'],
  }),
  proposals: endpoint({
    method: 'GET', path: '/api/ledger/proposals', permission: read,
    summary: { zh: '待复核事项', en: 'What waits for a second person' },
    query: pageQuery, result: page(proposalSchema),
  }),
  propose: endpoint({
    method: 'POST', path: '/api/ledger/proposals', permission: write, creates: true,
    summary: { zh: '提请复核', en: 'Propose an adjustment, write-off, payment or reopening' },
    body: z.object({ subject: proposalSubjectSchema, reason: longText.min(1) }),
    result: proposalSchema, errors: ['invalid'],
  }),
  decideProposal: endpoint({
    method: 'POST', path: '/api/ledger/proposals/:id/decide', permission: issue,
    summary: { zh: '复核', en: 'Agree or refuse, as a second person' }, params: byId,
    body: z.object({ version: z.number().int().positive(), agree: z.boolean(),
      decision: longText }),
    result: proposalSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  paymentFile: endpoint({
    method: 'GET', path: '/api/ledger/proposals/:id/payment-file', permission: read,
    summary: { zh: '付款文件', en: 'The payment file of an agreed payment' }, params: byId,
    bytesOut: 'text/csv', errors: ['not_found', 'invalid', 'conflict'],
  }),
  payees: endpoint({
    method: 'GET', path: '/api/ledger/payees', permission: read,
    summary: { zh: '收款账户', en: 'Payees and their accounts' },
    result: z.object({ rows: z.array(payeeSchema) }),
  }),
  setPayee: endpoint({
    method: 'PUT', path: '/api/ledger/payees', permission: issue,
    summary: { zh: '登记收款账户', en: 'Register the account of a payee' },
    body: payeeSchema, result: payeeSchema,
  }),
  importBankFile: endpoint({
    method: 'POST', path: '/api/ledger/bank-files', permission: write, creates: true,
    summary: { zh: '导入银行流水', en: 'Import the account statement of a bank' },
    body: z.object({ fileId: id }),
    result: z.object({ lines: count, fresh: count, findings: findingList }),
    errors: ['not_found', 'invalid', 'too_large'],
  }),
  bankLines: endpoint({
    method: 'GET', path: '/api/ledger/bank-lines', permission: read,
    summary: { zh: '银行流水', en: 'Lines of the bank' },
    query: pageQuery.extend({ state: z.enum(['open', 'posted']).optional() }),
    result: page(bankLineSchema),
  }),
  postBankLine: endpoint({
    method: 'POST', path: '/api/ledger/bank-lines/:id/post', permission: write,
    summary: { zh: '入账', en: 'Post a line of the bank' }, params: byId,
    body: z.object({ party: name,
      parts: z.array(z.object({ item, fen: positiveFen })).max(500) }),
    result: bankLineSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  disputes: endpoint({
    method: 'GET', path: '/api/ledger/disputes', permission: read,
    summary: { zh: '争议', en: 'Disputes' },
    query: pageQuery.extend({ statementId: id.optional() }), result: page(disputeSchema),
  }),
  raiseDispute: endpoint({
    method: 'POST', path: '/api/ledger/disputes', permission: write, creates: true,
    summary: { zh: '提出争议', en: 'Dispute part of a statement' },
    body: z.object({ statementId: id, lineId: z.string().max(200).nullable().default(null),
      amountFen: positiveFen, reason: longText.min(1) }),
    result: disputeSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  answerDispute: endpoint({
    method: 'POST', path: '/api/ledger/disputes/:id/messages', permission: write,
    summary: { zh: '回复', en: 'Answer in a dispute' }, params: byId,
    body: z.object({ text: longText.min(1) }), result: disputeSchema, errors: ['not_found'],
  }),
  decideDispute: endpoint({
    method: 'POST', path: '/api/ledger/disputes/:id/decide', permission: issue,
    summary: { zh: '裁定争议', en: 'Concede part of a dispute, uphold the rest' }, params: byId,
    body: z.object({ version: z.number().int().positive(),
      concededFen: z.string().regex(/^\d{1,18}$/), text: longText.min(1) }),
    result: disputeSchema, errors: ['not_found', 'conflict', 'invalid'],
  }),
  withdrawDispute: endpoint({
    method: 'POST', path: '/api/ledger/disputes/:id/withdraw', permission: write,
    summary: { zh: '撤回争议', en: 'Withdraw a dispute' }, params: byId,
    body: z.object({ version: z.number().int().positive() }), result: disputeSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  reconcile: endpoint({
    method: 'POST', path: '/api/ledger/reconciliations', permission: write, creates: true,
    summary: { zh: '对账', en: 'Compare what several senders report' },
    body: z.object({ filmId: id, parties: z.array(comparedPartySchema).min(2).max(12),
      toleranceFen: z.string().regex(/^\d{1,12}$/).default('0') }),
    result: reconciliationSchema, errors: ['not_found', 'invalid'],
  }),
  reconciliation: endpoint({
    method: 'GET', path: '/api/ledger/reconciliations/:id', permission: read,
    summary: { zh: '一次对账', en: 'One reconciliation' }, params: byId,
    result: reconciliationSchema, errors: ['not_found'],
  }),
  reconciliationLevels: endpoint({
    method: 'GET', path: '/api/ledger/reconciliations/:id/levels', permission: read,
    summary: { zh: '各方逐级合计', en: 'Sums of all parties side by side at a level' }, params: byId,
    query: pageQuery.extend({
      level: z.enum(COMPARED_LEVELS).default('film'),
      differing: z.stringbool().default(false),
    }),
    result: page(levelRowSchema), errors: ['not_found', 'invalid'],
  }),
  differences: endpoint({
    method: 'GET', path: '/api/ledger/differences', permission: read,
    summary: { zh: '差异', en: 'Differences to work on' },
    query: pageQuery.extend({ filmId: id.optional(), open: z.stringbool().optional() }),
    result: page(differenceSchema),
  }),
  decideDifference: endpoint({
    method: 'POST', path: '/api/ledger/differences/:id/decide', permission: write,
    summary: { zh: '处理差异', en: 'Explain, accept, adjust or dispute a difference' }, params: byId,
    body: z.object({ to: z.enum(['open', 'explained', 'accepted', 'adjusted', 'disputed']),
      comment: longText.min(1), assignee: name.optional(), adjustment: item.optional() }),
    result: differenceSchema, errors: ['not_found', 'invalid'],
  }),
};
