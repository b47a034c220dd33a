import { expect, it } from 'vitest';
import { parsePlan, readBookTable, readReceiptTable, runPlan } from '../src/index.ts';

const PLAN = `
format: yinglian-reconciliation/1
reference: tickets
parties:
  - { name: tickets, role: ticketing, files: [a.csv], moneyUnit: fen,
      columns: { screeningId: sid, date: date, cinemaCode: cinema, grossFen: gross } }
  - { name: shop, role: seller, files: [b.csv] }
  - { name: account, role: bank, files: [c.csv], payers: { 某支付: shop },
      pays: { party: shop, fee: 0.6%, from: 2026-03-02 } }
`;
const taken = <Value>(outcome: { ok: true; value: Value } | { ok: false }): Value => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.value;
};
const codes = (text: string) => {
  const parsed = parsePlan(text);
  return parsed.ok ? [] : parsed.findings.map((each) => [each.code, each.facts['path']]);
};

it('[RC17] takes plans, and refuses what names nobody or is no word of theirs', () => {
  expect(codes(PLAN)).toEqual([]);
  expect(codes(PLAN.replace('reference: tickets', 'reference: shop'))).toEqual([
    ['invalid_plan', 'reference'],
  ]);
  expect(codes(PLAN.replace('party: shop', 'party: nobody'))).toEqual([
    ['invalid_plan', 'parties.2.pays'],
  ]);
  expect(codes(PLAN.replace('0.6%', '160%'))).toEqual([['invalid_plan', 'parties.2.pays.fee']]);
  expect(codes(PLAN.replace('name: shop', 'name: tickets'))).not.toEqual([]);
  expect(codes(PLAN.replace('role: seller', 'role: shop'))).toEqual([
    ['invalid_plan', 'parties.1.role'],
  ]);
  expect(codes('a: [')).toMatchObject([['invalid_plan', '']]);
});

it('[RC17] expects of a seller each day of the bank once, less its part', () => {
  const sold = ['2026-03-01', '2026-03-02'].map((date) => ({
    row: date,
    screeningId: date,
    date,
    cinemaCode: '1',
    grossFen: 10_000n,
  }));
  const line = { id: 'B1', payer: '某支付', date: '2026-03-05', amountFen: 9_900n };
  const result = taken(
    runPlan(taken(parsePlan(PLAN)), {
      books: new Map([
        ['tickets', sold],
        ['shop', sold],
      ]),
      receipts: new Map([['account', [{ ...line, memo: 'shop 2026-03-02 x' }]]]),
    }),
  );
  expect(result.rows).toEqual({ tickets: 2, shop: 2, account: 1 });
  expect(result.differences).toMatchObject([
    { kind: 'short_receipt', between: ['shop', 'account'], deltaFen: 40n },
  ]);
});

it('[RC18] reads tables by named columns, below titles, and says where one is wrong', () => {
  const columns = { screeningId: 'sid', date: 'date', cinemaCode: 'cinema', grossFen: 'gross' };
  const read = (...rows: string[]) =>
    readBookTable(
      rows.map((row, i) => ({ line: i + 1, cells: row.split(',') })),
      { columns, moneyUnit: 'fen' },
      'a.csv',
    );
  expect(taken(read('title', 'gross,sid,cinema,date', '100,S1 ,1,2026-03-01', ',,,'))).toEqual([
    { row: 'a.csv:3', screeningId: 'S1 ', date: '2026-03-01', cinemaCode: '1', grossFen: 100n },
  ]);
  expect(read('sid,cinema,date', 'S1,1,2026-03-01')).toMatchObject({
    findings: [{ code: 'missing_table_heading', facts: { heading: 'gross' } }],
  });
  expect(read('gross,sid,cinema,date', 'x,S1,1,2026-03-01')).toMatchObject({
    findings: [{ code: 'invalid_amount', at: { file: 'a.csv', row: 2 } }],
  });
  expect(read('gross,sid,cinema,date', '1,S1,,2026-03-01')).toMatchObject({
    findings: [{ code: 'missing_field', facts: { field: 'cinemaCode' } }],
  });
  const bank = [
    ['day', 'yuan'],
    ['2026-03-01', '12.50'],
  ];
  const lines = bank.map((cells, i) => ({ line: i + 1, cells }));
  const named = { columns: { date: 'day', amountFen: 'yuan' }, moneyUnit: 'yuan' as const };
  expect(taken(readReceiptTable(lines, named, 'b.csv'))).toMatchObject([
    { id: 'b.csv:2', date: '2026-03-01', amountFen: 1250n, payer: '', memo: '' },
  ]);
});
