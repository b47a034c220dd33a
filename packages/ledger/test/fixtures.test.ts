import { existsSync, readFileSync } from 'node:fs';
import { parseYuan } from '@yinglian/core';
import { balanceOf, checkBook, type EntryDraft, newBook, postAll } from '@yinglian/ledger';
import { describe, expect, it } from 'vitest';
import { cryptography, taken } from './support.ts';

const FOLDER = new URL('../../../../shared/fixtures/settle/ledger/', import.meta.url);
const present = existsSync(FOLDER);
if (!present) console.log('skipped: fixtures settle/ledger are absent');

type Line = { readonly account: string; readonly fen: bigint };

/** Transactions of a plain-text journal: a day and a text, then accounts with signed amounts. */
function transactionsOf(text: string): { date: string; memo: string; lines: Line[] }[] {
  return text
    .split(/\n\s*\n/)
    .filter((block) => /^\d{4}-/.test(block))
    .map((block) => {
      const [head = '', ...lines] = block.split('\n').filter((line) => line.trim() !== '');
      return {
        date: head.slice(0, 10),
        memo: head.slice(11),
        lines: lines.map((line) => {
          const [, account, amount] = /^\s+(\S+)\s+(-?[\d.]+) CNY$/.exec(line)!;
          return { account: account!, fen: parseYuan(amount!)! };
        }),
      };
    });
}

/** Debits against credits, each as far as both go; every account of the journal is a party here. */
function transfersOf(lines: readonly Line[]): EntryDraft['transfers'] {
  const open = lines.map((line) => ({ ...line }));
  const transfers: EntryDraft['transfers'][number][] = [];
  for (const debit of open.filter((line) => line.fen > 0n)) {
    for (const credit of open.filter((line) => line.fen < 0n)) {
      const fen = debit.fen < -credit.fen ? debit.fen : -credit.fen;
      if (fen === 0n) continue;
      debit.fen -= fen;
      credit.fen += fen;
      transfers.push({
        debit: { account: 'bank', party: debit.account },
        credit: { account: 'income', party: credit.account },
        fen,
      });
    }
  }
  return transfers;
}

describe('a settlement journal of another program', () => {
  it.skipIf(!present)('[LE1] journal: the balances that hledger and ledger come to', () => {
    const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
    const expected = JSON.parse(read('expected-balances.json')) as {
      balances_fen: Record<string, string>;
      transactions: number;
    };
    const transactions = transactionsOf(read('settlement.journal'));
    expect(transactions).toHaveLength(expected.transactions);
    const drafts = transactions.map(({ date, memo, lines }, index): EntryDraft => ({
      key: `t${index}`,
      kind: 'adjustment',
      date,
      memo,
      transfers: transfersOf(lines),
    }));
    const { book } = taken(postAll(newBook('甲'), drafts, cryptography));
    const balances = Object.fromEntries(
      Object.keys(expected.balances_fen).map((party) => [
        party,
        String(
          balanceOf(book, { account: 'bank', party }) +
            balanceOf(book, { account: 'income', party }),
        ),
      ]),
    );
    expect(balances).toEqual(expected.balances_fen);
    expect(checkBook(book, cryptography)).toEqual([]);
  });
});
