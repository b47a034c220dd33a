import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '@yinglian/core';
import {
  adjustmentEntry,
  ageItems,
  applicationEntry,
  balanceOf,
  type Book,
  checkBook,
  decisionEntry,
  disputeEntry,
  dueDate,
  type EntryDraft,
  newBook,
  openItems,
  openOf,
  paymentEntry,
  post,
  type Role,
  statementEntry,
  writeOffEntry,
} from '@yinglian/ledger';
import { codesOf, cryptography, taken } from './support.ts';

const RUNS = Number(process.env['LEDGER_RUNS'] ?? 60);
const ROLES: Role[] = ['receivable', 'payable'];
const of = (key: string, item = 'S-1', date = '2026-03-05') => ({
  key,
  item,
  date,
  party: '甲院线',
});
const posted = (book: Book, draft: EntryDraft | Outcome<EntryDraft>): Book =>
  taken(post(book, 'ok' in draft ? taken(draft) : draft, cryptography)).book;
const stated = (role: Role, amountFen = 10_000n, more = {}) =>
  posted(
    newBook('a'),
    statementEntry(role, { ...of('s'), amountFen, dueOn: '2026-04-04', ...more }),
  );
const disputedOf = (role: Role) =>
  role === 'receivable' ? ('receivable_disputed' as const) : ('payable_disputed' as const);

describe('documents', () => {
  it('[LE10] books a statement, a negative one, and the tax withheld', () => {
    const book = stated('receivable', 10_000n, { withheldFen: 600n });
    expect(balanceOf(book, { account: 'income' })).toBe(-10_000n);
    expect(balanceOf(book, { account: 'withheld_tax' })).toBe(600n);
    expect(openItems(book.entries, '2026-03-31')).toMatchObject([
      { item: 'S-1', side: 'receivable', openFen: 9_400n, dueOn: '2026-04-04', amountFen: 10_000n },
    ]);
    const owed = stated('payable', 10_000n, { withheldFen: 600n });
    expect(balanceOf(owed, { account: 'cost' })).toBe(10_000n);
    expect(balanceOf(owed, { account: 'withheld_tax' })).toBe(-600n);
    expect(balanceOf(owed, { account: 'payable' })).toBe(-9_400n);
    const back = stated('receivable', -700n);
    expect(balanceOf(back, { account: 'received_in_advance' })).toBe(-700n);
    expect(balanceOf(back, { account: 'income' })).toBe(700n);
    expect(dueDate('2026-03-05')).toBe('2026-04-04');
  });

  it('[LE11] credits what is open and keeps what was paid as an advance', () => {
    for (const role of ROLES) {
      let book = stated(role);
      const parts = [{ item: 'S-1', fen: 8_000n }];
      book = posted(
        book,
        paymentEntry(book, role, { ...of('p', 'P-1'), amountFen: 8_000n, parts }),
      );
      book = posted(book, adjustmentEntry(book, role, { ...of('c'), changeFen: -3_000n }));
      expect(openItems(book.entries, '2026-12-31')).toEqual([]);
      const advance = role === 'receivable' ? 'received_in_advance' : 'paid_in_advance';
      expect(openOf(book, role, advance, of('x'))).toBe(1_000n);
      book = posted(
        book,
        adjustmentEntry(book, role, { ...of('u'), changeFen: 500n, restates: 1 }),
      );
      expect(openItems(book.entries, '2026-12-31')).toMatchObject([{ openFen: 500n }]);
      expect(codesOf(adjustmentEntry(book, role, { ...of('z'), changeFen: 0n }))).toEqual([
        'empty_entry',
      ]);
    }
  });

  it('[LE12] holds what is disputed until it is decided', () => {
    for (const role of ROLES) {
      let book = stated(role);
      expect(codesOf(disputeEntry(book, role, { ...of('d'), amountFen: 10_001n }))).toEqual([
        'excessive_dispute',
      ]);
      book = posted(book, disputeEntry(book, role, { ...of('d'), amountFen: 4_000n }));
      expect(openItems(book.entries, '2026-12-31')).toMatchObject([
        { openFen: 6_000n, disputedFen: 4_000n },
      ]);
      const parts = [{ item: 'S-1', fen: 10_000n }];
      const paid = posted(
        book,
        paymentEntry(book, role, { ...of('p', 'P-1'), amountFen: 10_000n, parts }),
      );
      // The held part is not payable: what was paid for it is an advance.
      expect(openOf(paid, role, disputedOf(role), of('x'))).toBe(4_000n);
      const decide = (concededFen: bigint, heldFen = 4_000n) =>
        decisionEntry(book, role, { ...of('e'), heldFen, concededFen });
      expect(codesOf(decide(4_001n))).toEqual(['excessive_dispute']);
      expect(codesOf(decide(0n, 4_001n))).toEqual(['excessive_dispute']);
      const done = posted(book, decide(1_500n));
      expect(openItems(done.entries, '2026-12-31')).toMatchObject([
        { openFen: 8_500n, disputedFen: 0n },
      ]);
      const result = role === 'receivable' ? 'income' : 'cost';
      const sign = role === 'receivable' ? -1n : 1n;
      expect(balanceOf(done, { account: result })).toBe(sign * 8_500n);
    }
  });

  it('[LE13] settles documents, keeps the rest as an advance, and applies it', () => {
    for (const role of ROLES) {
      let book = stated(role);
      const parts = [{ item: 'S-1', fen: 12_000n }];
      const payment = { ...of('p', 'P-1'), amountFen: 13_000n, parts };
      book = posted(book, paymentEntry(book, role, payment));
      expect(openItems(book.entries, '2026-12-31')).toEqual([]);
      const cash = balanceOf(book, { account: 'bank' });
      expect(cash).toBe(role === 'receivable' ? 13_000n : -13_000n);
      const next = statementEntry(role, {
        ...of('s2', 'S-2'),
        amountFen: 5_000n,
        dueOn: '2026-05-01',
      });
      book = posted(book, next);
      const apply = { ...of('ap', 'S-2'), advance: 'P-1' };
      expect(codesOf(applicationEntry(book, role, { ...apply, amountFen: 3_001n }))).toEqual([
        'excessive_application',
      ]);
      book = posted(book, applicationEntry(book, role, { ...apply, amountFen: 3_000n }));
      expect(openItems(book.entries, '2026-12-31')).toMatchObject([
        { item: 'S-2', openFen: 2_000n },
      ]);
      expect(codesOf(paymentEntry(book, role, { ...payment, amountFen: 11_000n }))).toEqual([
        'mismatched_parts',
      ]);
      expect(checkBook(book, cryptography)).toEqual([]);
    }
  });

  it('[LE14] writes off with two persons only', () => {
    for (const role of ROLES) {
      const book = stated(role);
      const rest = { ...of('w'), amountFen: 10_000n, by: '甲' };
      expect(codesOf(writeOffEntry(book, role, { ...rest, second: '甲' }))).toEqual([
        'missing_second',
      ]);
      expect(
        codesOf(writeOffEntry(book, role, { ...rest, second: '乙', amountFen: 10_001n })),
      ).toEqual(['excessive_write_off']);
      const done = posted(book, writeOffEntry(book, role, { ...rest, second: '乙' }));
      expect(openItems(done.entries, '2026-12-31')).toEqual([]);
    }
  });

  it('[LE15] ages what was open on a day, by party, without netting', () => {
    let book = stated('receivable');
    book = posted(
      book,
      statementEntry('receivable', {
        ...of('s2', 'S-2'),
        party: '乙院线',
        amountFen: 7_000n,
        dueOn: '2026-01-01',
      }),
    );
    book = posted(book, disputeEntry(book, 'receivable', { ...of('d'), amountFen: 1_000n }));
    const pay = {
      ...of('p', 'P-1', '2026-05-01'),
      amountFen: 2_000n,
      parts: [{ item: 'S-1', fen: 2_000n }],
    };
    book = posted(book, paymentEntry(book, 'receivable', pay));
    // Before the payment's day it was not there.
    const april = ageItems(openItems(book.entries, '2026-04-05'), 'receivable', '2026-04-05');
    expect(april).toMatchObject([
      {
        party: '甲院线',
        totalFen: 10_000n,
        disputedFen: 1_000n,
        overdueFen: [9_000n, 0n, 0n, 0n, 0n, 0n],
      },
      { party: '乙院线', totalFen: 7_000n, overdueFen: [0n, 0n, 0n, 7_000n, 0n, 0n] },
    ]);
    const may = ageItems(openItems(book.entries, '2026-05-05'), 'receivable', '2026-05-05');
    expect(may[0]).toMatchObject({ totalFen: 8_000n, overdueFen: [0n, 7_000n, 0n, 0n, 0n, 0n] });
    const march = ageItems(openItems(book.entries, '2026-03-10'), 'receivable', '2026-03-10');
    expect(march[0]).toMatchObject({ notDueFen: 9_000n });
    expect(ageItems(openItems(book.entries, '2026-03-10'), 'payable', '2026-03-10')).toEqual([]);
  });

  it('[LE16] leaves open what was stated and changed less what was paid and written off', () => {
    const step = fc.record({
      kind: fc.constantFrom('pay', 'credit', 'more', 'dispute', 'decide', 'write_off', 'apply'),
      fen: fc.bigInt({ min: 1n, max: 6_000n }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), fc.array(step, { maxLength: 14 }), (role, steps) => {
        let book = stated(role);
        const sums = { changed: 0n, conceded: 0n, written: 0n, cash: 0n };
        for (const [i, { kind, fen }] of steps.entries()) {
          const at = of(`k${i}`);
          const [outcome, then] = stepOf(kind, { book, role, at, fen, sums, pay: `P-${i}` });
          if (!outcome.ok) continue;
          book = posted(book, outcome);
          then();
        }
        const [item] = openItems(book.entries, '2026-12-31');
        const left = (item?.openFen ?? 0n) + (item?.disputedFen ?? 0n);
        const advance = role === 'receivable' ? 'received_in_advance' : 'paid_in_advance';
        const held = balanceOf(book, { account: advance });
        const advances = held < 0n ? -held : held;
        expect(left - advances).toBe(
          10_000n + sums.changed - sums.conceded - sums.written - sums.cash,
        );
        expect(checkBook(book, cryptography)).toEqual([]);
      }),
      { numRuns: RUNS * 2 },
    );
  });
});

type Step = {
  book: Book;
  role: Role;
  at: ReturnType<typeof of>;
  fen: bigint;
  sums: { changed: bigint; conceded: bigint; written: bigint; cash: bigint };
  pay: string;
};

function stepOf(
  kind: string,
  { book, role, at, fen, sums, pay }: Step,
): [Outcome<EntryDraft>, () => void] {
  switch (kind) {
    case 'pay': {
      const parts = [{ item: 'S-1', fen }];
      const paid = paymentEntry(book, role, { ...at, item: pay, amountFen: fen, parts });
      return [paid, () => void (sums.cash += fen)];
    }
    case 'credit':
      return [
        adjustmentEntry(book, role, { ...at, changeFen: -fen }),
        () => void (sums.changed -= fen),
      ];
    case 'more':
      return [
        adjustmentEntry(book, role, { ...at, changeFen: fen }),
        () => void (sums.changed += fen),
      ];
    case 'dispute':
      return [disputeEntry(book, role, { ...at, amountFen: fen }), () => undefined];
    case 'decide': {
      const held = openOf(book, role, disputedOf(role), at);
      const concededFen = fen < held ? fen : held;
      return [
        decisionEntry(book, role, { ...at, heldFen: held, concededFen }),
        () => void (sums.conceded += concededFen),
      ];
    }
    case 'write_off':
      return [
        writeOffEntry(book, role, { ...at, amountFen: fen, by: '甲', second: '乙' }),
        () => void (sums.written += fen),
      ];
    default:
      return [
        applicationEntry(book, role, { ...at, advance: 'P-0', amountFen: fen }),
        () => undefined,
      ];
  }
}
