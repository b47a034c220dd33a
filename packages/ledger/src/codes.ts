import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** Wording of every finding of this package; `{name}` stands for a fact. */
export const FINDING_TEXTS: FindingTexts = Object.freeze({
  ambiguous_amount: {
    zh: '收入与支出须恰有一项非零',
    en: 'Exactly one of income and outgo has to be there',
  },
  circular_transfer: {
    zh: '借贷双方是同一账户“{account}”',
    en: 'Both sides of the transfer are account “{account}”',
  },
  closed_period: {
    zh: '{month} 已结账',
    en: 'The books of {month} are closed',
    remedy: {
      zh: '请记入未结账的期间，并注明所更正的凭证；或由两人决定重开。',
      en: 'Post in an open period and name what is restated, or have two persons reopen it.',
    },
  },
  duplicate_item: { zh: '单据 {item} 已入账', en: 'Document {item} is posted already' },
  duplicate_reversal: {
    zh: '第 {number} 号凭证已由第 {other} 号冲销',
    en: 'Entry {number} is reversed already, by entry {other}',
  },
  duplicate_serial: { zh: '流水号 {serial} 重复', en: 'Serial number {serial} occurs twice' },
  empty_entry: { zh: '凭证没有分录', en: 'The entry has no transfer' },
  empty_payments: { zh: '没有要付的款项', en: 'There is nothing to pay' },
  excessive_application: {
    zh: '冲抵 {amount} 分超出预收付 {advance} 分或未清 {open} 分',
    en: '{amount} fen are more than the advance ({advance}) or what is open ({open})',
  },
  excessive_dispute: {
    zh: '单据 {item}：{amount} 分超出可争议的 {open} 分',
    en: 'Document {item}: {amount} fen are more than the {open} there are',
  },
  excessive_precision: { zh: '金额“{text}”细于分', en: 'Amount “{text}” is finer than a fen' },
  excessive_transfers: { zh: '分录超过 {limit} 条', en: 'There are more than {limit} transfers' },
  excessive_write_off: {
    zh: '单据 {item}：核销 {amount} 分超出未清 {open} 分',
    en: 'Document {item}: {amount} fen are more than the {open} that are open',
  },
  invalid_amount: { zh: '金额须大于零', en: 'The amount has to be above zero' },
  invalid_date: { zh: '“{text}”不是日期', en: '“{text}” is no date' },
  invalid_key: { zh: '凭证的幂等键无效', en: 'The key of the entry is not valid' },
  invalid_payment_text: {
    zh: '“{text}”不能写入付款文件',
    en: '“{text}” cannot stand in a payment file',
  },
  later_period_closed: {
    zh: '须先重开 {later}，才能重开 {month}',
    en: '{later} has to be opened before {month}',
  },
  mismatched_balance: {
    zh: '余额与各笔相加不符',
    en: 'The balance is not the sum of the entries',
  },
  mismatched_chain: {
    zh: '第 {number} 号凭证或其前的凭证被改动',
    en: 'Entry {number}, or one before it, was changed',
  },
  mismatched_key: {
    zh: '同一幂等键 {key} 的内容不同',
    en: 'Key {key} was used with other contents',
  },
  mismatched_parts: {
    zh: '各部分 {parts} 与金额 {amount} 不符',
    en: 'The parts ({parts}) do not fit the amount ({amount})',
  },
  mismatched_seal: {
    zh: '{month} 的内容与结账时不符',
    en: 'The books of {month} are not those that were closed',
  },
  missing_bank_heading: {
    zh: '找不到表头“{heading}”',
    en: 'No heading “{heading}” was found',
  },
  missing_entry: { zh: '没有第 {number} 号凭证', en: 'There is no entry {number}' },
  missing_payee: { zh: '收款方缺少“{name}”', en: 'The payee lacks its {name}' },
  missing_reason: { zh: '须写明理由', en: 'A decision says why' },
  missing_second: {
    zh: '须由另一人复核',
    en: 'A second person has to agree',
  },
  open_period: { zh: '{month} 没有结账', en: 'The books of {month} are not closed' },
  overdrawn_account: {
    zh: '单据 {item} 会超出 {amount} 分',
    en: 'Document {item} would be overdrawn by {amount} fen',
  },
  unclosed_period: { zh: '须先结 {earlier}', en: '{earlier} has to be closed first' },
  unfinished_period: { zh: '{month} 还没有过完', en: '{month} is not over yet' },
  unknown_account: { zh: '没有账户“{account}”', en: 'There is no account “{account}”' },
});
