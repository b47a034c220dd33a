import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT_NAMES,
  type Book,
  balanceOf,
  bookFrom,
  checkBook,
  closePeriod,
  type EntryDraft,
  newBook,
  post,
  postAll,
  reopenPeriod,
  reversalOf,
  trialBalance,
} from '@yinglian/ledger';
import { codesOf, cryptography, taken } from './support.ts';

const RUNS = Number(process.env['LEDGER_RUNS'] ?? 60);

/** Accounts without a guard, so that any transfer may be posted. */
const FREE = ['bank', 'income', 'cost', 'withheld_tax', 'bank_charges'] as const;
const freeDraft = fc.record({
  date: fc.integer({ min: 1, max: 28 }).map((day) => `2026-03-${String(day).padStart(2, '0')}`),
  transfers: fc.array(
    fc
      .record({
        from: fc.constantFrom(...FREE),
        to: fc.constantFrom(...FREE),
        party: fc.constantFrom('a', 'b'),
        fen: fc.bigInt({ min: 1n, max: 10n ** 14n }),
      })
      .filter((each) => each.from !== each.to)
      .map(({ from, to, party, fen }) => ({
        debit: { account: to, party },
        credit: { account: from, party },
        fen,
      })),
    { minLength: 1, maxLength: 4 },
  ),
});
const drafts = fc
  .array(freeDraft, { minLength: 1, maxLength: 12 })
  .map((list): EntryDraft[] =>
    list.map((each, i) => ({ key: `k${i}`, kind: 'adjustment', memo: '', ...each })),
  );

const draft = (key: string, change: Partial<EntryDraft> = {}): EntryDraft => ({
  key,
  kind: 'statement',
  date: '2026-03-05',
  memo: '三月结算单',
  transfers: [
    {
      debit: { account: 'receivable', party: '甲院线', item: 'S-1' },
      credit: { account: 'income', party: '甲院线', item: 'S-1' },
      fen: 30_960n,
    },
  ],
  ...change,
});
const booked = (...list: EntryDraft[]): Book =>
  taken(postAll(newBook('发行方'), list, cryptography)).book;

describe('journal', () => {
  it('[LE1] comes to zero, and every balance is the sum of its entries', () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const book = booked(...list);
        expect(balanceOf(book, {})).toBe(0n);
        const trial = trialBalance(book.entries);
        const sum = (name: 'debitFen' | 'creditFen') =>
          trial.reduce((left, each) => left + each[name], 0n);
        expect(sum('debitFen')).toBe(sum('creditFen'));
        for (const line of trial)
          expect(balanceOf(book, { account: line.account })).toBe(line.balanceFen);
        expect(checkBook(book, cryptography)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('[LE2] posts a key once and refuses it with other contents', () => {
    const book = booked(draft('a'));
    const again = taken(post(book, draft('a'), cryptography));
    expect(again.repeated).toBe(true);
    expect(again.book.entries).toHaveLength(1);
    expect(again.entry).toEqual(book.entries[0]);
    expect(codesOf(post(book, draft('a', { memo: '别的' }), cryptography))).toEqual([
      'mismatched_key',
    ]);
  });

  it('[LE3] reverses exactly, once, and edits nothing', () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const book = booked(...list);
        const before = JSON.stringify([...booked(...list.slice(0, -1)).balances.values()], big);
        const last = book.entries.at(-1)!;
        const back = reversalOf(last, { key: 'back', date: last.date, memo: '' });
        const after = taken(post(book, back, cryptography)).book;
        const value = [...after.balances.values()];
        const sorted = (text: string) => [...text].sort().join('');
        expect(sorted(JSON.stringify(value, big))).toBe(sorted(before));
        expect(after.entries.slice(0, -1)).toEqual(book.entries);
        expect(codesOf(post(after, { ...back, key: 'twice' }, cryptography))).toContain(
          'duplicate_reversal',
        );
      }),
      { numRuns: RUNS },
    );
    const nothing = { ...draft('x'), kind: 'reversal' as const, reverses: 9 };
    expect(codesOf(post(newBook('a'), nothing, cryptography))).toContain('missing_entry');
  });

  it('[LE4] posts several together or not at all', () => {
    const book = booked(draft('a'));
    const good = draft('b', { transfers: [], kind: 'receipt' });
    const outcome = postAll(
      book,
      [draft('c', { opens: { item: 'S-2', dueOn: '2026-04-01' } }), good],
      cryptography,
    );
    expect(codesOf(outcome)).toEqual(['empty_entry']);
    expect(book.entries).toHaveLength(1);
    expect(book.byKey.has('c')).toBe(false);
  });

  it('[LE5] never overdraws a document, while a bank account may be overdrawn', () => {
    const pay = (fen: bigint) =>
      draft('p', {
        kind: 'receipt',
        transfers: [
          {
            debit: { account: 'bank' },
            credit: { account: 'receivable', party: '甲院线', item: 'S-1' },
            fen,
          },
        ],
      });
    expect(codesOf(post(booked(draft('a')), pay(30_961n), cryptography))).toEqual([
      'overdrawn_account',
    ]);
    const paid = taken(post(booked(draft('a')), pay(30_960n), cryptography)).book;
    expect(balanceOf(paid, { item: 'S-1', account: 'receivable' })).toBe(0n);
    const spend = draft('s', {
      transfers: [
        { debit: { account: 'bank_charges' }, credit: { account: 'bank' }, fen: 10n ** 9n },
      ],
    });
    const spent = taken(post(paid, spend, cryptography)).book;
    expect(balanceOf(spent, { account: 'bank' })).toBe(30_960n - 10n ** 9n);
  });

  it('[LE6] refuses what is no entry', () => {
    const one = draft('a').transfers[0]!;
    const cases: [Partial<EntryDraft>, string][] = [
      [{ transfers: [{ ...one, fen: 0n }] }, 'invalid_amount'],
      [{ transfers: [{ ...one, fen: -5n }] }, 'invalid_amount'],
      [{ transfers: [{ ...one, fen: 2n ** 63n }] }, 'invalid_amount'],
      [{ transfers: [{ ...one, credit: one.debit }] }, 'circular_transfer'],
      [{ transfers: [{ ...one, debit: { account: 'gold' as 'bank' } }] }, 'unknown_account'],
      [{ transfers: [] }, 'empty_entry'],
      [{ date: '2026-02-30' }, 'invalid_date'],
      [{ key: '' }, 'invalid_key'],
    ];
    for (const [change, code] of cases)
      expect(codesOf(post(newBook('a'), draft('a', change), cryptography))).toContain(code);
    const twice = draft('b', { opens: { item: 'S-1', dueOn: '2026-04-01' } });
    const opened = booked(draft('a', { opens: { item: 'S-1', dueOn: '2026-04-01' } }));
    expect(codesOf(post(opened, twice, cryptography))).toEqual(['duplicate_item']);
  });

  it('[LE7] finds every change of the chain', () => {
    fc.assert(
      fc.property(drafts, fc.nat(), fc.integer({ min: 0, max: 4 }), (list, at, kind) => {
        const book = booked(...list);
        const index = at % book.entries.length;
        const entries = [...book.entries];
        const victim = entries[index]!;
        if (kind === 0) entries[index] = { ...victim, memo: 'x' };
        if (kind === 1) entries[index] = { ...victim, date: '2026-03-29' };
        if (kind === 2) {
          const [first, ...others] = victim.transfers;
          entries[index] = {
            ...victim,
            transfers: [{ ...first!, fen: first!.fen + 1n }, ...others],
          };
        }
        if (kind === 3) entries.splice(index, 0, victim);
        if (kind === 4 && index < entries.length - 1) entries.splice(index, 1);
        else if (kind === 4) entries[index] = { ...victim, hash: '0'.repeat(64) };
        expect(checkBook(bookFrom('a', entries, []), cryptography)).not.toEqual([]);
      }),
      { numRuns: RUNS },
    );
    const book = booked(draft('a'));
    const [key, balance] = [...book.balances][0]!;
    const bent = new Map(book.balances).set(key, { ...balance, fen: balance.fen + 1n });
    const found = checkBook({ ...book, balances: bent }, cryptography);
    expect(found.map((each) => each.code)).toContain('mismatched_balance');
  });

  it('[LE8] refuses entries in closed months, which close in order', () => {
    const book = booked(draft('a', { date: '2026-02-10' }), draft('b', { date: '2026-03-10' }));
    const close = (month: string, on: string) =>
      closePeriod(book, { month, by: '会计', on }, cryptography);
    expect(codesOf(close('2026-03', '2026-03-31'))).toEqual(['unfinished_period']);
    expect(codesOf(close('2026-03', '2026-04-02'))).toEqual(['unclosed_period']);
    const closed = taken(close('2026-02', '2026-03-02'));
    expect(closed.seal).toMatchObject({ entries: 1, turnoverFen: 30_960n, month: '2026-02' });
    const late = draft('c', { date: '2026-02-20' });
    expect(codesOf(post(closed.book, late, cryptography))).toEqual(['closed_period']);
    const restated = { ...late, date: '2026-03-20', restates: 1 };
    expect(taken(post(closed.book, restated, cryptography)).entry.restates).toBe(1);
    const again = closePeriod(
      closed.book,
      { month: '2026-02', by: 'x', on: '2026-05-01' },
      cryptography,
    );
    expect(codesOf(again)).toEqual(['closed_period']);
  });

  it('[LE9] reopens by two persons with a reason, the latest first, and finds broken seals', () => {
    let book = booked(draft('a', { date: '2026-02-10' }), draft('b', { date: '2026-03-10' }));
    for (const month of ['2026-02', '2026-03'])
      book = taken(closePeriod(book, { month, by: '甲', on: '2026-05-01' }, cryptography)).book;
    const decision = { month: '2026-02', on: '2026-05-02', by: '甲', second: '乙', reason: '补登' };
    expect(codesOf(reopenPeriod(book, decision))).toEqual(['later_period_closed']);
    const march = { ...decision, month: '2026-03' };
    expect(codesOf(reopenPeriod(book, { ...march, second: '甲' }))).toEqual(['missing_second']);
    expect(codesOf(reopenPeriod(book, { ...march, reason: ' ' }))).toEqual(['missing_reason']);
    const opened = taken(reopenPeriod(book, march));
    expect(opened.periods.map((each) => each.to)).toEqual(['closed', 'closed', 'open']);
    const more = taken(post(opened, draft('c', { date: '2026-03-11' }), cryptography)).book;
    expect(checkBook(more, cryptography)).toEqual([]);
    expect(codesOf(reopenPeriod(more, march))).toEqual(['open_period']);
    const broken = bookFrom('a', more.entries.slice(1), book.periods);
    expect(checkBook(broken, cryptography).map((each) => each.code)).toContain('mismatched_seal');
  });

  it('[LE1] knows every account of its chart', () => {
    expect(new Set(ACCOUNT_NAMES).size).toBe(ACCOUNT_NAMES.length);
  });
});

const big = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
