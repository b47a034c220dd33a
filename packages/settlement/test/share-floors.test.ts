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
      [{ ...first!, cap: '2000' }, second!, rest!],
      [first!, { ...second!, floor: '10' }, rest!],
      [first!, { to: 'circuit', perTicket: '1' }, rest!],
      [
        { to: 'distributor', share: '40%' },
        { ...rest!, floor: '10' },
      ],
    ]) {
      expect(codesOf(checkTerms(floorTerms(shares)))).toContain('unexpected_floor');
    }
  });
});
