import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BoxOfficeFact,
  buildStatement,
  sealPeriod,
  type Statement,
  supplementStatement,
  type TheatricalTerms,
  verifyStatement,
} from '../src/index.ts';
import { cryptography } from './cryptography.ts';
import { codesOf, fact, settled, terms } from './support.ts';

const NONCE = '00112233445566778899aabbccddeeff';
const MARCH = { from: '2026-03-01', to: '2026-03-31' };
const APRIL = { from: '2026-04-01', to: '2026-04-30' };
const ladderOf = (mode: 'marginal' | 'retroactive') => ({
  splits: [
    {
      id: 'main',
      of: 'net',
      clauses: [
        {
          id: 'all',
          shares: [
            { to: 'cinema', share: 'rest' },
            {
              to: 'distributor',
              ladder: {
                mode,
                measure: 'gross',
                book: 'facts',
                tiers: [
                  { above: '0', share: '43%' },
                  { above: '1000.00', share: '45%' },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
});
const MODES = [undefined, ladderOf('marginal'), ladderOf('retroactive')] as const;

function state(
  used: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  period: typeof MARCH,
  issued: readonly Statement[] = [],
): Statement {
  const statement = buildStatement(
    settled(used, facts, { period }),
    { id: 'S', nonce: NONCE, party: 'distributor', facts },
    cryptography,
  );
  return supplementStatement(statement, issued);
}

const verdict = (used: TheatricalTerms, statement: Statement) => {
  const { bundles } = sealPeriod([{ statement, terms: used }], cryptography);
  const outcome = verifyStatement(JSON.parse(JSON.stringify(bundles[0])), cryptography);
  return { ok: outcome.ok, codes: codesOf(outcome.findings) };
};

describe('supplements', () => {
  it('[ST36] states late rows, rows that are gone, and nothing where nothing changed', () => {
    const used = terms();
    const rows = [fact(100_000n), fact(50_000n, { cinemaCode: '42010101' })];
    const first = state(used, rows, MARCH);
    const same = state(used, rows, MARCH, [first]);
    expect(same.lines).toEqual([]);
    expect(same.totals.shareFen).toBe('0');
    const late = [rows[0]!, fact(10_000n, { date: '2026-03-30' })];
    const second = state(used, late, MARCH, [first]);
    expect(second.lines.map((line) => [line.cinemaCode, line.grossFen, line.kind])).toEqual([
      ['43014301', '10000', 'supplementary'],
      ['42010101', '-50000', 'supplementary'],
    ]);
    expect(verdict(used, second)).toEqual({ ok: true, codes: ['unpublished_root'] });
    expect(state(used, late, MARCH, [first, second]).lines).toEqual([]);
    const once = state(used, late, MARCH);
    const total = BigInt(first.totals.shareFen) + BigInt(second.totals.shareFen);
    expect(total).toBe(BigInt(once.totals.shareFen));
  });

  it('[ST36] takes back a line whose rate late rows of an earlier month have moved', () => {
    const used = terms(ladderOf('marginal'));
    const march = fact(2n, { date: '2026-03-01' });
    const april = fact(40_000n, { date: '2026-04-01' });
    const first = state(used, [march, april], APRIL);
    const late = [march, fact(150_000n, { date: '2026-03-02' })];
    const second = state(used, late, APRIL, [first]);
    expect(second.lines.map((line) => [line.grossFen, line.former])).toEqual([['-40000', 0]]);
    expect(verdict(used, second)).toEqual({ ok: true, codes: ['unpublished_root'] });
    const [line] = second.lines;
    const prior = { ...line!.prior!, shareFen: String(BigInt(line!.prior!.shareFen) + 1n) };
    const shareFen = String(BigInt(line!.shareFen) - 1n);
    const forged = { ...second, lines: [{ ...line!, prior, shareFen }] };
    expect(verdict(used, forged).codes).toContain('mismatched_amount');
    const other = { ...second.former![0]!, termsDigest: '0'.repeat(64) };
    expect(verdict(used, { ...second, former: [other] })).toEqual({
      ok: true,
      codes: ['unproved_line', 'unpublished_root'],
    });
    expect(verdict(used, { ...second, former: [] }).codes).toContain('unknown_profile');
  });

  it('[ST36] whatever comes late: the supplements add up to the period settled once', () => {
    const row = fc.record({
      gross: fc.integer({ min: -5000, max: 90_000 }),
      day: fc.integer({ min: 1, max: 28 }),
      month: fc.constantFrom('03', '04'),
      cinemaCode: fc.constantFrom('43014301', '42010101', '31010101'),
    });
    const make = (each: {
      gross: number;
      day: number;
      month: string;
      cinemaCode: string;
    }): BoxOfficeFact =>
      fact(BigInt(each.gross), {
        date: `2026-${each.month}-${String(each.day).padStart(2, '0')}`,
        cinemaCode: each.cinemaCode,
      });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.array(row, { maxLength: 5 }),
        fc.nat(),
        fc.constantFrom(...MODES),
        (known, late, gone, ladder) => {
          const used = terms(ladder ?? {});
          const before = known.map(make);
          const after = [...before.filter((_, i) => i !== gone % 9), ...late.map(make)];
          for (const period of [MARCH, APRIL]) {
            const first = state(used, before, period);
            const second = state(used, after, period, [first]);
            expect(state(used, after, period, [first, second]).lines).toEqual([]);
            const once = state(used, after, period);
            expect(BigInt(first.totals.shareFen) + BigInt(second.totals.shareFen)).toBe(
              BigInt(once.totals.shareFen),
            );
            expect(verdict(used, second).ok).toBe(true);
            const back = state(used, before, period, [first, second]);
            expect(BigInt(second.totals.shareFen) + BigInt(back.totals.shareFen)).toBe(0n);
            expect(verdict(used, back).ok).toBe(true);
          }
        },
      ),
      { numRuns: Number(process.env['YINGLIAN_RUNS'] ?? 25) },
    );
  });
});
