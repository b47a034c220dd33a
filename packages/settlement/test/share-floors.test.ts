import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildStatement,
  checkTerms,
  explainLine,
  checkDerivation,
  renderedText,
  renderTerms,
  sealPeriod,
  verifyStatement,
} from '../src/index.ts';
import { cryptography } from './cryptography.ts';
import { byParty, codesOf, fact, settled, terms } from './support.ts';

const floorTerms = (shares: object[], changes: object = {}) =>
  terms({
    fund: undefined,
    vat: undefined,
    splits: [{ id: 'main', of: 'net', clauses: [{ id: 'all', shares }] }],
    ...changes,
  });
/** The distributor has 40 % and at least 1,000 yuan; the circuit 10 %; the cinema the rest. */
const SHARES = [
  { to: 'distributor', share: '40%', floor: '1000' },
  { to: 'circuit', share: '10%' },
  { to: 'cinema', share: 'rest' },
];
const dated = (day: number, yuan: number) =>
  fact(BigInt(yuan) * 100n, { date: `2026-03-${String(day).padStart(2, '0')}` });

describe('floors of shares', () => {
  it('[ST39] takes the rest until the floor is reached, then waits for its own share', () => {
    const used = floorTerms(SHARES);
    const after = (...yuan: number[]) =>
      byParty(
        settled(
          used,
          yuan.map((each, index) => dated(index + 1, each)),
        ),
      );
    // 600 in: 90 % of it, as the circuit keeps its 10 %.
    expect(after(600)).toEqual({ distributor: 54_000n, circuit: 6_000n, cinema: 0n });
    // 2,000 in: the floor of 1,000; its own share would be 800.
    expect(after(600, 1400)).toEqual({ distributor: 100_000n, circuit: 20_000n, cinema: 80_000n });
    expect(after(2000)).toEqual({ distributor: 100_000n, circuit: 20_000n, cinema: 80_000n });
    // 5,000 in: its own share of 2,000 is more than the floor.
    expect(after(600, 1400, 3000)).toEqual({
      distributor: 200_000n,
      circuit: 50_000n,
      cinema: 250_000n,
    });
  });

  it('[ST39] comes to the greater of share and floor, whatever the days and refunds', () => {
    const used = floorTerms(SHARES);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -300, max: 900 }), { minLength: 1, maxLength: 12 }),
        (amounts) => {
          let total = 0n;
          const kept = amounts.filter((each) => {
            if (total + BigInt(each) < 0n) return false;
            total += BigInt(each);
            return true;
          });
          const settlement = settled(
            used,
            kept.map((each, index) => dated(index + 1, each)),
          );
          const sums = byParty(settlement);
          const own = total * 40n;
          const lifted = total * 90n < 100_000n ? total * 90n : 100_000n;
          const expected = own > lifted ? own : lifted;
          expect(Number((sums['distributor'] ?? 0n) - expected)).toBeLessThanOrEqual(12);
          expect(Number((sums['distributor'] ?? 0n) - expected)).toBeGreaterThanOrEqual(-12);
          const all = Object.values(sums).reduce((left, each) => left + each, 0n);
          expect(all).toBe(total * 100n);
          for (const line of settlement.lines)
            for (const { derivation } of explainLine(settlement, line))
              expect(checkDerivation(derivation)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[ST39] is recomputed by the receiver, read in both languages, and checked before use', () => {
    const used = floorTerms(SHARES);
    const facts = [dated(1, 600), dated(2, 1400), dated(3, 3000)];
    const statement = buildStatement(
      settled(used, facts),
      { id: 'S', nonce: '00112233445566778899aabbccddeeff', party: 'distributor', facts },
      cryptography,
    );
    const { bundles } = sealPeriod([{ statement, terms: used }], cryptography);
    const data = JSON.stringify(bundles[0]);
    expect(verifyStatement(JSON.parse(data), cryptography).ok).toBe(true);
    const other = JSON.parse(data.replace('"floor":"1000"', '"floor":"900"')) as unknown;
    expect(verifyStatement(other, cryptography).ok).toBe(false);
    expect(renderedText(renderTerms(used, 'zh-CN'))).toContain('全片保底 1000 元');
    expect(renderedText(renderTerms(used, 'en'))).toContain('at least 1000 yuan over the run');
    expect(codesOf(checkTerms(used))).toEqual([]);
    const [first, second, rest] = SHARES;
    for (const shares of [
      [first!, { to: 'cinema', share: '60%' }],
      [first!, { ...second!, floor: '10' }, rest!],
      [first!, { to: 'circuit', perTicket: '1' }, rest!],
      [
        { to: 'distributor', share: '40%' },
        { ...rest!, floor: '10' },
      ],
      [first!, { to: 'circuit', share: '10%', of: 'gross' }, rest!],
    ]) {
      expect(codesOf(checkTerms(floorTerms(shares)))).toContain('unexpected_floor');
    }
    const under = [{ ...first!, cap: '999.99' }, second!, rest!];
    expect(codesOf(checkTerms(floorTerms(under)))).toEqual(['excessive_minimum']);
  });
});

/** 10 % of the first 1,000 yuan and 40 % beyond, at least 500 and at most 2,000; circuit 10 %. */
const LADDER = (mode: string, book = 'facts') => [
  {
    to: 'distributor',
    ladder: {
      mode,
      measure: 'gross',
      book,
      tiers: [
        { above: '0', share: '10%' },
        { above: '1000', share: '40%' },
      ],
    },
    floor: '500',
    cap: '2000',
  },
  { to: 'circuit', share: '10%' },
  { to: 'cinema', share: 'rest' },
];

type Rung = { readonly above: number; readonly share: number };
const RUNGS: readonly Rung[] = [
  { above: 0, share: 10 },
  { above: 1000, share: 40 },
];

/** What the ladder alone gives of the days, in hundredths of a yuan, by its definition. */
function ladderAlone(mode: string, days: readonly number[]): number {
  const gross = days.reduce((left, each) => left + each, 0);
  const at = (total: number) => (total > RUNGS[1]!.above ? RUNGS[1]!.share : RUNGS[0]!.share);
  if (mode === 'retroactive') return gross * at(gross);
  if (mode === 'marginal') {
    const beyond = Math.max(0, gross - RUNGS[1]!.above);
    return (gross - beyond) * RUNGS[0]!.share + beyond * RUNGS[1]!.share;
  }
  let [before, sum] = [0, 0];
  for (const each of days) {
    sum += each * (before >= RUNGS[1]!.above ? RUNGS[1]!.share : RUNGS[0]!.share);
    before += each;
  }
  return sum;
}

describe('a ladder with a floor and a cap', () => {
  const after = (mode: string, ...yuan: number[]) =>
    byParty(
      settled(
        floorTerms(LADDER(mode)),
        yuan.map((each, index) => dated(index + 1, each)),
      ),
    );

  it('[ST40] the floor, then the ladder, then the cap, by hand', () => {
    // 400 in: all but the circuit's tenth, as the floor of 500 is not reached.
    expect(after('marginal', 400)).toEqual({ distributor: 36_000n, circuit: 4000n, cinema: 0n });
    // 1,500 in: the ladder alone would give 100 + 200; the floor holds.
    expect(after('marginal', 400, 1100)).toEqual({
      distributor: 50_000n,
      circuit: 15_000n,
      cinema: 85_000n,
    });
    // 3,000 in: 100 + 800.
    expect(after('marginal', 400, 1100, 1500)['distributor']).toBe(90_000n);
    // The whole run at 40 % once 1,000 are exceeded; the next day's rate when it switches.
    expect(after('retroactive', 400, 1100, 1500)['distributor']).toBe(120_000n);
    expect(after('switch_next_day', 400, 1100, 1500)['distributor']).toBe(75_000n);
    // 9,000 in: the ladder would give 3,300; the cap holds, and nothing is taken afterwards.
    expect(after('marginal', 400, 8600)['distributor']).toBe(200_000n);
    expect(after('marginal', 400, 8600, 700)).toEqual({
      distributor: 200_000n,
      circuit: 97_000n,
      cinema: 673_000n,
    });
    // Refunds bring it back under the cap, and under the floor.
    expect(after('marginal', 400, 8600, -6000)['distributor']).toBe(90_000n);
    expect(after('marginal', 400, 8600, -8600)['distributor']).toBe(36_000n);
  });

  it('[ST40] comes to the greater of ladder and floor and never above the cap', () => {
    const modes = ['marginal', 'retroactive', 'switch_next_day'] as const;
    const yuan = fc.integer({ min: 1, max: 1500 });
    fc.assert(
      fc.property(
        fc.constantFrom(...modes),
        fc.array(yuan, { minLength: 1, maxLength: 10 }),
        (mode, days) => {
          const settlement = settled(
            floorTerms(LADDER(mode)),
            days.map((each, index) => dated(index + 1, each)),
          );
          const gross = days.reduce((left, each) => left + each, 0);
          const own = ladderAlone(mode, days);
          const raised = Math.max(own, Math.min(gross * 90, 50_000));
          const fen = Number(byParty(settlement)['distributor'] ?? 0n);
          expect(Math.abs(fen - Math.min(raised, 200_000))).toBeLessThanOrEqual(days.length + 1);
          for (const line of settlement.lines) {
            for (const { derivation, fen: part } of explainLine(settlement, line)) {
              expect(checkDerivation(derivation)).toEqual([]);
              expect(part).toBeGreaterThanOrEqual(0n);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[ST40] takes what ladders and caps beside it leave', () => {
    const [first, , rest] = LADDER('marginal');
    const beside = { to: 'circuit', share: '20%', cap: '100' };
    const used = floorTerms([first!, beside, rest!]);
    expect(codesOf(checkTerms(used))).toEqual([]);
    // 500 in the first day: the circuit has its 100, the floor takes the other 400; 100 are open.
    const one = byParty(settled(used, [dated(1, 500)]));
    expect(one).toEqual({ distributor: 40_000n, circuit: 10_000n, cinema: 0n });
    // The circuit is at its cap: the floor's last 100 leave 100 to the cinema.
    const two = byParty(settled(used, [dated(1, 500), dated(2, 200)]));
    expect(two).toEqual({ distributor: 50_000n, circuit: 10_000n, cinema: 10_000n });
  });

  it('[ST40] is recomputed by the receiver, who sees a floor or a cap that was left out', () => {
    const used = floorTerms(LADDER('marginal', 'fund_office'));
    const facts = [dated(1, 600), dated(2, 1400), dated(3, 7000)];
    const books = { fund_office: facts.map(({ date, grossFen }) => ({ date, grossFen })) };
    const settlement = settled(used, facts, { books });
    const statement = buildStatement(
      settlement,
      { id: 'S', nonce: '00112233445566778899aabbccddeeff', party: 'distributor', facts },
      cryptography,
    );
    const verified = (changed: typeof statement) => {
      const { bundles } = sealPeriod([{ statement: changed, terms: used }], cryptography);
      return codesOf(
        verifyStatement(JSON.parse(JSON.stringify(bundles[0])), cryptography).findings,
      );
    };
    expect(statement.schedules.map((each) => each.key)).toEqual(['main/all/0', 'main/all/0/floor']);
    expect(verified(statement)).toEqual(['unpublished_root']);
    const [ladder, floor] = statement.schedules;
    expect(verified({ ...statement, schedules: [ladder!] })).toContain('mismatched_schedule');
    const other = { ...floor!, rates: floor!.rates.map((each) => ({ ...each, rate: '1/10' })) };
    expect(verified({ ...statement, schedules: [ladder!, other] })).toContain(
      'mismatched_schedule',
    );
    const zh = renderedText(renderTerms(used, 'zh-CN'));
    expect(zh).toContain('，全片封顶 2000 元，全片保底 500 元');
    expect(zh).toContain('1000');
  });
});
