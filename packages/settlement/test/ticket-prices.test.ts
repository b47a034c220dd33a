import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BoxOfficeFact,
  checkTerms,
  compileSettlement,
  DUCKDB,
  renderedText,
  renderTerms,
  type TheatricalTerms,
} from '../src/index.ts';
import { type Database, loadFacts, openDatabase } from './duckdb.ts';
import { codesOf, CONTEXT, fact, settled, taken, terms } from './support.ts';

const priced = (prices: object[], standards: object[] = []): TheatricalTerms =>
  terms({
    base: {
      ticketPrices: prices,
      standards,
      cityClasses: { first: ['4301'] },
      otherCities: 'other',
    },
  });
const VOUCHER = { id: 'voucher', types: ['兑换券'], method: 'fixed', amount: '30' };
const GROUP = { id: 'group', types: ['团体', '包场'], method: 'at_least', amount: '25' };
const STANDARD = { id: 'first', cityClass: 'first', minimum: '35' };

const sold = (ticketType: string | undefined, yuan: number, admissions = 1): BoxOfficeFact =>
  fact(BigInt(yuan) * 100n, { admissions, ...(ticketType === undefined ? {} : { ticketType }) });
const baseOf = (used: TheatricalTerms, facts: readonly BoxOfficeFact[]): bigint =>
  settled(used, facts).lines.reduce((left, line) => left + line.measures.baseFen, 0n);

describe('prices by kind of ticket', () => {
  let duckdb: Database;
  beforeAll(async () => {
    duckdb = await openDatabase();
  });

  it('[ST38] settles vouchers, groups and cards at the price of the terms', () => {
    const used = priced([VOUCHER, GROUP]);
    // Two vouchers bought for 9 yuan each settle at 30; a group of ten at 20 each at 25.
    expect(baseOf(used, [sold('兑换券', 18, 2)])).toBe(6_000n);
    expect(baseOf(used, [sold('团体', 200, 10)])).toBe(25_000n);
    expect(baseOf(used, [sold('包场', 400, 10)])).toBe(40_000n);
    expect(baseOf(used, [sold('普通', 20), sold(undefined, 21)])).toBe(4_100n);
    expect(baseOf(used, [sold('兑换券', -9, -1)])).toBe(-3_000n);
    expect(baseOf(used, [sold('团体', -20, -1)])).toBe(-2_500n);
  });

  it('[ST38] lifts them to the standard, unless the terms exempt them', () => {
    const lifted = priced([VOUCHER], [STANDARD]);
    expect(baseOf(lifted, [sold('兑换券', 9)])).toBe(3_500n);
    const exempt = priced([{ ...VOUCHER, standard: 'exempt' }], [STANDARD]);
    expect(baseOf(exempt, [sold('兑换券', 9)])).toBe(3_000n);
    expect(baseOf(exempt, [sold('普通', 9)])).toBe(3_500n);
    const dated = priced([
      { ...VOUCHER, to: '2026-02-28' },
      { ...VOUCHER, id: 'b', amount: '31' },
    ]);
    expect(baseOf(dated, [sold('兑换券', 9)])).toBe(3_100n);
    expect(codesOf(checkTerms(exempt))).toEqual([]);
    expect(renderedText(renderTerms(exempt, 'zh-CN'))).toContain(
      '兑换券每人次按 30 元结算，不受结算标准约束。',
    );
    expect(renderedText(renderTerms(priced([GROUP]), 'en'))).toContain('at least 25 yuan');
  });

  it('[ST38] gives the query the same base on random rows', async () => {
    const price = fc.record({
      types: fc.subarray(['兑换券', '团体', "卡'"], { minLength: 1 }),
      method: fc.constantFrom('fixed', 'at_least'),
      amount: fc.integer({ min: 0, max: 60 }).map(String),
      standard: fc.constantFrom('applies', 'exempt'),
      from: fc.option(fc.constantFrom('2026-03-01', '2026-03-15'), { nil: undefined }),
    });
    const row = fc.record({
      type: fc.constantFrom('兑换券', '团体', "卡'", '普通', undefined),
      yuan: fc.integer({ min: -200, max: 500 }),
      admissions: fc.integer({ min: -3, max: 9 }),
      day: fc.integer({ min: 1, max: 28 }),
      cinemaCode: fc.constantFrom('43014301', '42010101'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(price, { minLength: 1, maxLength: 3 }),
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (prices, rows, standard) => {
          const used = priced(
            prices.map((each, index) =>
              Object.fromEntries(
                Object.entries({ id: `p${index}`, ...each }).filter(([, value]) => value),
              ),
            ),
            standard ? [STANDARD] : [],
          );
          const facts = rows.map(({ type, yuan, admissions, day, cinemaCode }) => ({
            ...sold(type, yuan, admissions),
            date: `2026-03-${String(day).padStart(2, '0')}`,
            cinemaCode,
          }));
          expect(await queried(used, facts)).toEqual(
            settled(used, facts)
              .lines.map((line) => [line.cinemaCode, line.measures.baseFen])
              .sort(),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  async function queried(used: TheatricalTerms, facts: readonly BoxOfficeFact[]) {
    const plan = taken(
      compileSettlement([{ terms: used, schedules: new Map() }], {
        period: { from: '2026-03-01', to: '2026-03-31' },
        dialect: DUCKDB,
        facts: 'facts',
        cinemas: 'cinemas',
        has: { hall: true, equipment: true, fee: true, ticketType: true },
      }),
    );
    await loadFacts(duckdb, facts, CONTEXT.register);
    for (const table of plan.tables) await duckdb.load(table);
    const rows = await duckdb.rows(plan.query);
    return rows
      .map((each) => [String(each['cinema_code']), BigInt(each['base_fen'] as bigint)])
      .sort();
  }
});
