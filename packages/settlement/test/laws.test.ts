import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, ratio, subtractRatio, sumFen } from '@yinglian/core';
import {
  allocateParts,
  checkDerivation,
  explainLine,
  nodeDerivations,
  outlineLine,
  type Settlement,
  tailRules,
} from '../src/index.ts';
import { byParty, fact, settled, terms } from './support.ts';
import { randomFacts, randomTerms } from './random.ts';

const RUNS = { numRuns: 150 };
const sumsOf = (settlement: Settlement) =>
  settlement.lines.map((line) => [line.id, line.measures, line.parts.map((part) => part.fen)]);

describe('laws', () => {
  it('[ST18] the parts of every line add up to its base, whatever the policy', () => {
    fc.assert(
      fc.property(randomTerms(), randomFacts(), (used, facts) => {
        const { lines } = settled(used, facts);
        for (const line of lines)
          expect(sumFen(line.parts.map((part) => part.fen))).toBe(line.measures.baseFen);
      }),
      RUNS,
    );
  });

  it('[ST19] the order of rows does not matter', () => {
    fc.assert(
      fc.property(
        randomTerms(),
        randomFacts(),
        fc.infiniteStream(fc.nat()),
        (used, facts, stream) => {
          const keyed = facts.map((each) => [stream.next().value as number, each] as const);
          const shuffled = keyed.sort(([a], [b]) => a - b).map(([, each]) => each);
          expect(sumsOf(settled(used, shuffled))).toEqual(sumsOf(settled(used, facts)));
        },
      ),
      RUNS,
    );
  });

  it('[ST20] refunds mirror sales', () => {
    fc.assert(
      fc.property(randomTerms({ moving: false }), randomFacts(), (used, facts) => {
        const mirrored = facts.map((each) => ({
          ...each,
          grossFen: -each.grossFen,
          admissions: -each.admissions,
          screenings: -each.screenings,
        }));
        const fen = (settlement: Settlement) =>
          settlement.lines.map((line) => line.parts.map((part) => part.fen));
        const opposite = fen(settled(used, mirrored)).map((parts) => parts.map((part) => -part));
        if (used.rounding.mode !== 'floor' && used.rounding.mode !== 'ceiling') {
          expect(opposite).toEqual(fen(settled(used, facts)));
        }
        const both = settled({ ...used, rounding: { ...used.rounding, place: 'line' } }, [
          ...facts,
          ...mirrored.map((each) => ({ ...each, id: `refund-${each.id}` })),
        ]);
        expect(both.totals.every((total) => total.fen === 0n)).toBe(true);
      }),
      RUNS,
    );
  });

  it('[ST21] cutting a row in two changes nothing', () => {
    fc.assert(
      fc.property(
        randomTerms({ place: 'line' }),
        randomFacts(),
        fc.nat({ max: 100 }),
        (used, facts, part) => {
          const cut = facts.flatMap((each) => {
            const grossFen = (each.grossFen * BigInt(part)) / 100n;
            return [
              { ...each, grossFen, admissions: 0, screenings: 0 },
              { ...each, id: `${each.id}-b`, grossFen: each.grossFen - grossFen },
            ];
          });
          expect(sumsOf(settled(used, cut))).toEqual(sumsOf(settled(used, facts)));
        },
      ),
      RUNS,
    );
  });

  it('[ST22] periods settled one by one add up to the run settled at once', () => {
    fc.assert(
      fc.property(
        randomTerms({ place: 'line', periods: 'to_date' }),
        randomFacts(),
        (used, facts) => {
          const bounds = ['2026-03-01', '2026-03-08', '2026-03-16', '2026-03-23', '2026-04-01'];
          const sums: Record<string, bigint> = {};
          for (const [i, from] of bounds.slice(0, -1).entries()) {
            const period = { from, to: addDays(bounds[i + 1]!, -1) };
            for (const [party, fen] of Object.entries(byParty(settled(used, facts, { period })))) {
              sums[party] = (sums[party] ?? 0n) + fen;
            }
          }
          const whole = byParty(settled(used, facts));
          for (const party of new Set([...Object.keys(sums), ...Object.keys(whole)])) {
            expect(sums[party] ?? 0n, party).toBe(whole[party] ?? 0n);
          }
        },
      ),
      RUNS,
    );
  });

  it('[ST23] every derivation holds and ends in the stated fen', () => {
    fc.assert(
      fc.property(randomTerms(), randomFacts(), (used, facts) => {
        const settlement = settled(used, facts);
        if (used.rounding.place === 'total') return;
        for (const line of settlement.lines) {
          for (const part of explainLine(settlement, line)) {
            expect(checkDerivation(part.derivation)).toEqual([]);
            expect(part.derivation.value).toEqual(ratio(part.fen));
          }
        }
      }),
      RUNS,
    );
  });

  it('[ST37] an outline says of every step what the opened derivation says', () => {
    fc.assert(
      fc.property(randomTerms(), randomFacts(), (used, facts) => {
        const settlement = settled(used, facts);
        for (const line of settlement.lines) {
          const { plan, exact } = outlineLine(settlement, line);
          const profile = settlement.profiles.get(line.profile);
          if (used.rounding.place === 'row' || profile === undefined) {
            expect(exact).toEqual([]);
            continue;
          }
          const opened = nodeDerivations(profile, used.rounding, line.toDate.measures);
          expect(plan.steps.map((step) => step.node)).toEqual(profile.nodes);
          for (const [i, { node, denominator }] of plan.steps.entries())
            expect(ratio(exact[i]!, denominator)).toEqual(opened.get(node.id)!.value);
        }
      }),
      RUNS,
    );
  });

  it('[ST37] an outline whose part is not what its step says is refused', () => {
    const settlement = settled(terms(), [fact(123_457n)]);
    const line = settlement.lines[0]!;
    const [first] = line.parts;
    const parts = { ...line.toDate.parts, [first!.node]: first!.fen + 1n };
    const forged = { ...line, toDate: { ...line.toDate, parts } };
    expect(outlineLine(settlement, line).exact.length).toBeGreaterThan(1);
    expect(() => outlineLine(settlement, forged)).toThrow('within a fen');
  });

  it('[ST24] under allocation each part is within a fen of its exact value, by any tail', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        weights,
        fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }),
        fc.constantFrom(...tailRules),
        (list, base, tail) => {
          const total = BigInt(list.reduce((a, b) => a + b, 0));
          const profile = {
            key: '',
            nodes: [],
            terminals: [],
            vatRate: ratio(0),
            byHall: false,
            perTicket: false,
            denominator: total,
            baseNumerators: list.map(BigInt),
            ticketNumerators: list.map(() => 0n),
          };
          const parts = allocateParts(profile, base, 0n, tail);
          expect(sumFen(parts)).toBe(base);
          if (tail === 'last') return;
          for (const [i, part] of parts.entries()) {
            const moved = subtractRatio(ratio(part), ratio(base * BigInt(list[i]!), total));
            const size = moved.numerator < 0n ? -moved.numerator : moved.numerator;
            expect(
              tail === 'largest_remainder' ? size < moved.denominator : size <= moved.denominator,
            ).toBe(true);
          }
        },
      ),
    );
  });

  it('[ST24] machine numbers divide as whole numbers of any size do, up to their last base', () => {
    const profileOf = (list: readonly bigint[], scale: bigint) => ({
      key: '',
      nodes: [],
      terminals: [],
      vatRate: ratio(0),
      byHall: false,
      perTicket: false,
      denominator: list.reduce((sum, each) => sum + each, 0n) * scale,
      baseNumerators: list.map((each) => each * scale),
      ticketNumerators: list.map(() => 0n),
    });
    const weights = fc.array(fc.bigInt({ min: 0n, max: 999_999n }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        weights.filter((list) => list.some((each) => each > 0n)),
        fc.bigInt({ min: -3n, max: 3n }),
        fc.bigInt({ min: 0n, max: 10n ** 11n }),
        fc.constantFrom(...tailRules),
        (list, nearby, any, tail) => {
          const [small, wide] = [profileOf(list, 1n), profileOf(list, 2n ** 60n)];
          const edge = BigInt(Number.MAX_SAFE_INTEGER) / small.denominator;
          for (const base of [edge + nearby, -edge - nearby, any, -any])
            expect(allocateParts(small, base, 0n, tail)).toEqual(
              allocateParts(wide, base, 0n, tail),
            );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[ST25] a column rounded on its total adds up to the rounded total', () => {
    const used = terms({
      rounding: { place: 'total', method: 'independent', periods: 'each_period' },
    });
    const facts = Array.from({ length: 50 }, (_, i) =>
      fact(BigInt(1001 + i * 7), {
        date: addDays('2026-03-01', i % 28),
        cinemaCode: i % 2 ? '43014301' : '42010101',
      }),
    );
    const settlement = settled(used, facts);
    const gross = sumFen(facts.map((each) => each.grossFen));
    const exact = ratio(gross * 9449n * 43n, 10_300n * 100n);
    const half = (2n * exact.numerator + exact.denominator) / (2n * exact.denominator);
    expect(byParty(settlement)['distributor']).toBe(half);
    for (const line of settlement.lines) {
      expect(sumFen(line.parts.map((part) => part.fen))).toBe(line.measures.baseFen);
    }
  });
});
