import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FINDING_TEXTS,
  matchBankLines,
  type OpenItem,
  type PaymentOrder,
  readBankFile,
  readPaymentFile,
  writePaymentFile,
} from '@yinglian/ledger';
import { codesOf, cryptography, taken } from './support.ts';

const read = (text: string) => readBankFile(text, cryptography);
const TWO_COLUMNS = `账户明细查询,,,,,,
账号：6222***,,,,,,
交易日期,交易流水号,借方发生额,贷方发生额,账户余额,对方户名,附言
2026-04-02,A1,,"1,234.56",11234.56,甲院线,S-2026-0001 三月片款
2026-04-03,A2,100.00,,11134.56,丙公司,宣传费
20260405,A3,,0.01,11134.57,乙院线,
合计,,100.00,1234.57,,,
`;

describe('files', () => {
  it('[LE17] reads bank files with the same ids each time', () => {
    const lines = taken(read(TWO_COLUMNS));
    expect(lines.map(({ id, date, fen, counterparty }) => [id, date, fen, counterparty])).toEqual([
      ['A1', '2026-04-02', 123_456n, '甲院线'],
      ['A2', '2026-04-03', -10_000n, '丙公司'],
      ['A3', '2026-04-05', 1n, '乙院线'],
    ]);
    const line = '2026-04-02;12.50;A;x\n';
    const one = `Date;Amount;Counterparty;Memo\n${line}${line}2026-04-03;-3;B;y\n`;
    const first = taken(read(one));
    expect(first.map((each) => each.fen)).toEqual([1_250n, 1_250n, -300n]);
    expect(new Set(first.map((each) => each.id)).size).toBe(3);
    expect(taken(read(`\n${one}`)).map((each) => each.id)).toEqual(first.map((each) => each.id));
    const newestFirst = TWO_COLUMNS.split('\n');
    newestFirst.splice(3, 3, ...newestFirst.slice(3, 6).toReversed());
    expect(read(newestFirst.join('\n')).findings).toEqual([]);
  });

  it('[LE18] refuses a file whole, and warns of balances that do not follow', () => {
    const bad = TWO_COLUMNS.replace('"1,234.56"', '12.345');
    expect(codesOf(read(bad))).toEqual(['excessive_precision']);
    expect(codesOf(read(TWO_COLUMNS.replace('100.00,,', '100.00,100.00,')))).toEqual([
      'ambiguous_amount',
    ]);
    expect(codesOf(read(TWO_COLUMNS.replace('A2', 'A1')))).toEqual(['duplicate_serial']);
    expect(codesOf(read('a,b\n1,2\n'))).toEqual(['missing_bank_heading']);
    const moved = read(TWO_COLUMNS.replace('11134.56', '11134.57'));
    expect(moved.ok).toBe(true);
    expect(moved.findings.map((each) => each.code)).toContain('mismatched_balance');
  });

  const item = (name: string, openFen: bigint, party: string): OpenItem => ({
    item: name,
    side: 'receivable',
    party,
    openedOn: '2026-03-05',
    dueOn: '2026-04-04',
    amountFen: openFen,
    openFen,
    disputedFen: 0n,
  });

  it('[LE19] matches lines to documents', () => {
    const lines = taken(
      read(`日期,收入,支出,对方户名,摘要
2026-04-02,100.00,,甲电影院线有限公司,付s-2026-0001
2026-04-03,50.00,,乙院线,
2026-04-04,70.00,,丙院线,合并
2026-04-05,9.00,,丁院线,不明
2026-04-05,,9.00,丁院线,付出
`),
    );
    const items = [
      item('S-2026-0001', 10_000n, 'a'),
      item('S-2026-0002', 5_000n, 'b'),
      item('S-2026-0003', 3_000n, 'c'),
      item('S-2026-0004', 4_000n, 'c'),
    ];
    const parties = { 甲电影院线有限公司: 'a', 乙院线: 'b', 丙院线: 'c' };
    const matched = matchBankLines(lines, items, parties);
    expect(matched.allocations.map(({ expected, by }) => [expected, by])).toEqual([
      [['S-2026-0001'], 'reference'],
      [['S-2026-0002'], 'amount'],
      [['S-2026-0003', 'S-2026-0004'], 'one_for_several'],
    ]);
    expect(matched.differences.map((each) => each.kind)).toEqual([
      'combined_receipt',
      'unexpected_receipt',
    ]);
  });

  const order: PaymentOrder = {
    payee: '某制片公司',
    account: '6222 0000 1111 2222',
    bank: '中国银行,北京分行',
    amountFen: 1_234_567n,
    purpose: '《某片》"三月"分账款',
    reference: 'S-2026-0009',
  };

  it('[LE20] writes payment files that read back, and no formulas', () => {
    const text = fc.string({ maxLength: 40 });
    const account = fc.stringMatching(/^[0-9]{8,20}$/);
    const any = fc.record({
      payee: text,
      account,
      bank: text,
      amountFen: fc.bigInt({ min: -5n, max: 10n ** 15n }),
      purpose: text,
      reference: text,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (orders) => {
        const written = writePaymentFile([order, ...orders]);
        if (!written.ok) return;
        expect(taken(readPaymentFile(written.value))).toEqual([order, ...orders]);
        for (const { payee, bank, purpose } of orders)
          expect([payee, bank, purpose].join('\n')).not.toMatch(/^[=+\-@]/m);
      }),
    );
    const file = taken(writePaymentFile([order]));
    expect(file).toContain('合计,1,,,12345.67');
    expect(
      codesOf(readPaymentFile(file.replace('合计,1,,,12345.67', '合计,1,,,12345.68'))),
    ).toEqual(['mismatched_parts']);
    for (const [change, code] of [
      [{ purpose: '=cmd|1' }, 'invalid_payment_text'],
      [{ payee: ' ' }, 'missing_payee'],
      [{ account: '' }, 'missing_payee'],
      [{ amountFen: 0n }, 'invalid_amount'],
    ] as const)
      expect(codesOf(writePaymentFile([{ ...order, ...change }]))).toContain(code);
    expect(codesOf(writePaymentFile([]))).toEqual(['empty_payments']);
  });

  it('[LE21] meets broken files with findings', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.nat(), (junk, at) => {
        const cut = at % TWO_COLUMNS.length;
        for (const text of [junk, TWO_COLUMNS.slice(0, cut) + junk + TWO_COLUMNS.slice(cut)]) {
          for (const outcome of [read(text), readPaymentFile(text)])
            if (!outcome.ok) expect(outcome.findings.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[LE22] words every code in both languages', async () => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const folder = new URL('../src/', import.meta.url);
    const source = readdirSync(folder)
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n');
    const emitted = [...source.matchAll(/(?:finding|add)\(\s*'([a-z]+_[a-z_]+)'/g)].map(
      (m) => m[1]!,
    );
    expect(emitted.length).toBeGreaterThan(20);
    for (const code of emitted) {
      expect(FINDING_TEXTS[code]?.zh, code).toMatch(/[一-鿿]/);
      expect(FINDING_TEXTS[code]?.en, code).toMatch(/^[^一-鿿]+$/);
    }
  });
});
