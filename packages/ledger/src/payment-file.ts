import { readDelimited, readMoney } from '@yinglian/boxoffice';
import {
  accepted,
  type Fen,
  finding,
  type Finding,
  formatYuan,
  type Outcome,
  refused,
} from '@yinglian/core';

/** One payment that a bank is asked to make. */
export type PaymentOrder = {
  readonly payee: string;
  readonly account: string;
  readonly bank: string;
  readonly amountFen: Fen;
  readonly purpose: string;
  /** The document that it pays; the bank gives it back on the payee's statement. */
  readonly reference: string;
};

/** The columns of the file, bank-neutral: every bank's form takes these. */
export const PAYMENT_HEADINGS = Object.freeze([
  '序号',
  '收款户名',
  '收款账号',
  '开户行',
  '金额',
  '用途',
  '参考号',
]);
const TOTAL = '合计';
const TEXT_MAX = 140;

/**
 * The payment file: UTF-8 with a byte order mark, comma separated, one line per payment, amounts in
 * yuan with two decimals, and a last line with the number of payments and their sum.
 */
export function writePaymentFile(orders: readonly PaymentOrder[]): Outcome<string> {
  const findings = orders.flatMap(checkOrder);
  if (orders.length === 0) findings.push(finding('empty_payments', 'error'));
  if (findings.length > 0) return refused(...findings);
  const total = orders.reduce((left, each) => left + each.amountFen, 0n);
  const rows = [
    PAYMENT_HEADINGS,
    ...orders.map((each, index) => [
      String(index + 1),
      each.payee,
      each.account,
      each.bank,
      formatYuan(each.amountFen),
      each.purpose,
      each.reference,
    ]),
    [TOTAL, String(orders.length), '', '', formatYuan(total), '', ''],
  ];
  return accepted(`\ufeff${rows.map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`);
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A text that a spreadsheet would run as a formula, or that breaks a line, is refused. */
function checkOrder(order: PaymentOrder, index: number): Finding[] {
  const at = { payment: index + 1 };
  const findings: Finding[] = [];
  for (const name of ['payee', 'account', 'bank', 'purpose', 'reference'] as const) {
    const text = order[name];
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    const unsafe = /^[=+\-@]/.test(text) || /[\u0000-\u001f\u007f]/.test(text);
    if (unsafe || text.length > TEXT_MAX) {
      findings.push(finding('invalid_payment_text', 'error', { facts: { name, text }, at }));
    }
  }
  if (order.payee.trim() === '')
    findings.push(finding('missing_payee', 'error', { facts: { name: 'payee' }, at }));
  if (!/^[0-9A-Z -]{5,40}$/i.test(order.account))
    findings.push(finding('missing_payee', 'error', { facts: { name: 'account' }, at }));
  if (order.amountFen <= 0n) {
    const facts = { amount: String(order.amountFen) };
    findings.push(finding('invalid_amount', 'error', { facts, at }));
  }
  return findings;
}

/** Reads a payment file back; count and sum of its last line have to hold. */
export function readPaymentFile(text: string): Outcome<PaymentOrder[]> {
  const rows = readDelimited(text.replace(/^\ufeff/, ''), ',');
  if (!rows.ok) return rows;
  const [heading, ...lines] = rows.value.map((row) => row.cells);
  const foot = lines.pop();
  if (heading?.join() !== PAYMENT_HEADINGS.join() || foot?.[0] !== TOTAL) {
    return refused(finding('missing_bank_heading', 'error', { facts: { heading: TOTAL } }));
  }
  const orders: PaymentOrder[] = [];
  for (const [index, cells] of lines.entries()) {
    const [, payee = '', account = '', bank = '', amount = '', purpose = '', reference = ''] =
      cells;
    const read = readMoney(amount, 'yuan');
    if (!('value' in read)) {
      const at = { payment: index + 1 };
      return refused(finding(read.fault, 'error', { facts: { text: amount }, at }));
    }
    orders.push({ payee, account, bank, amountFen: read.value, purpose, reference });
  }
  const total = orders.reduce((left, each) => left + each.amountFen, 0n);
  if (foot[1] !== String(orders.length) || foot[4] !== formatYuan(total)) {
    const facts = { amount: formatYuan(total), parts: foot[4] ?? '' };
    return refused(finding('mismatched_parts', 'error', { facts }));
  }
  return accepted(orders);
}
