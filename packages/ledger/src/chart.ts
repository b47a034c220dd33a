/**
 * Accounts of an organisation's book, with the numbers of the Chinese chart of accounts
 * (财会〔2006〕18号, annex). A book has few accounts; whom an amount concerns and which document it
 * belongs to are said beside the account, so that every balance opens down to its documents.
 */
export type AccountName =
  | 'bank'
  | 'receivable'
  | 'receivable_disputed'
  | 'paid_in_advance'
  | 'payable'
  | 'payable_disputed'
  | 'received_in_advance'
  | 'withheld_tax'
  | 'income'
  | 'cost'
  | 'written_off'
  | 'written_back'
  | 'bank_charges';

/** Which side makes an account greater. */
export type Side = 'debit' | 'credit';

/** What the chart says of an account. */
export type ChartAccount = {
  readonly number: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly side: Side;
  /** A document's balance on this account never turns to the other side. */
  readonly guarded: boolean;
};

const account = (
  number: string,
  zh: string,
  en: string,
  side: Side,
  guarded: boolean,
): ChartAccount => Object.freeze({ number, name: Object.freeze({ zh, en }), side, guarded });

/** Every account of a book. A bank account may be overdrawn; a document is never overpaid. */
export const CHART: Readonly<Record<AccountName, ChartAccount>> = Object.freeze({
  bank: account('1002', '银行存款', 'Bank', 'debit', false),
  receivable: account('1122', '应收账款', 'Receivables', 'debit', true),
  receivable_disputed: account('112299', '应收账款—争议', 'Receivables in dispute', 'debit', true),
  paid_in_advance: account('1123', '预付账款', 'Paid in advance', 'debit', true),
  payable: account('2202', '应付账款', 'Payables', 'credit', true),
  payable_disputed: account('220299', '应付账款—争议', 'Payables in dispute', 'credit', true),
  received_in_advance: account('2203', '预收账款', 'Received in advance', 'credit', true),
  withheld_tax: account('2221', '应交税费—代扣', 'Tax withheld', 'credit', false),
  income: account('6001', '主营业务收入', 'Income', 'credit', false),
  cost: account('6401', '主营业务成本', 'Cost', 'debit', false),
  written_off: account('6701', '资产减值损失', 'Written off', 'debit', false),
  written_back: account('6301', '营业外收入', 'Written back', 'credit', false),
  bank_charges: account('6603', '财务费用', 'Bank charges', 'debit', false),
});

/** The names of all accounts, in the order of the chart. */
export const ACCOUNT_NAMES = Object.freeze(Object.keys(CHART) as AccountName[]);

/** An account as one posting names it: for whom, and for which document. */
export type AccountRef = {
  readonly account: AccountName;
  /** The other organisation, by its id or by its name in the terms. */
  readonly party?: string;
  /** The document whose amount this is: a statement, a receipt, a payment. */
  readonly item?: string;
};

/** One text per account, party and document: lengths tell where one ends and the next begins. */
export function accountKey({ account: name, party, item }: AccountRef): string {
  const ofParty = party === undefined ? '-' : `${party.length} ${party}`;
  return item === undefined ? `${name} ${ofParty}` : `${name} ${ofParty} ${item}`;
}
