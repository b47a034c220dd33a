import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@yinglian/core';
import {
  buildStatement,
  canonicalText,
  isUnderRoot,
  leafHash,
  merklePath,
  merkleRoot,
  rowsDigest,
  sealPeriod,
  type StatementBundle,
  statedAfter,
  termsDigest,
  toJson,
  verifyStatement,
  whatIf,
} from '../src/index.ts';
import { cryptography } from './cryptography.ts';
import { byParty, codesOf, CONTEXT, domestic, fact, settled, taken, terms } from './support.ts';

const LADDER = {
  mode: 'marginal',
  measure: 'gross',
  book: 'facts',
  tiers: [
    { above: '0', share: '43%' },
    { above: '1000.00', share: '45%' },
  ],
};
const MOVING = {
  splits: [
    {
      id: 'main',
      of: 'net',
      clauses: [
        {
          id: 'all',
          shares: [
            { to: 'cinema', share: 'rest' },
            { to: 'circuit', share: '7%' },
            { to: 'distributor', ladder: LADDER },
          ],
        },
      ],
    },
  ],
};
const facts = [
  fact(72_013n, { date: '2026-03-01' }),
  fact(50_007n, { date: '2026-03-05' }),
  fact(31_999n, { date: '2026-03-09', cinemaCode: '42010101' }),
  fact(-3_990n, { date: '2026-03-10', admissions: -1 }),
];
const NONCE = '00112233445566778899aabbccddeeff';

function sealed(changes: Record<string, unknown> = {}) {
  const used = terms(changes);
  const settlement = settled(used, facts);
  const statements = ['distributor', 'film_fund'].map((party) => ({
    terms: used,
    statement: buildStatement(
      settlement,
      { id: `S-${party}`, nonce: NONCE, party, facts },
      cryptography,
    ),
  }));
  return { used, settlement, ...sealPeriod(statements, cryptography) };
}

/** As it arrives at the receiver: through JSON text. */
const received = (bundle: StatementBundle): StatementBundle =>
  JSON.parse(JSON.stringify(bundle)) as StatementBundle;

describe('statements', () => {
  it('[ST11] a statement carries the 17 columns and adds up', () => {
    const { settlement, bundles } = sealed();
    const { statement } = bundles[0]!;
    expect(statement.lines).toHaveLength(2);
    expect(statement.totals.shareFen).toBe(String(byParty(settlement)['distributor']));
    for (const line of statement.lines) {
      const net = BigInt(line.baseFen) - BigInt(line.fundFen) - BigInt(line.taxFen);
      expect(BigInt(line.netFen)).toBe(net);
      expect(line).toMatchObject({
        shareRate: '43/100',
        vatRate: '3/100',
        from: '2026-03-01',
        to: '2026-03-31',
      });
    }
    const circuitOnly = buildStatement(
      settlement,
      { id: 'x', nonce: NONCE, party: 'distributor', circuit: 'circuit-b' },
      cryptography,
    );
    expect(circuitOnly.lines.map((line) => line.cinemaCode)).toEqual(['42010101']);
    const cinema = buildStatement(
      settlement,
      { id: 'y', nonce: NONCE, party: 'cinema', holder: '42010101' },
      cryptography,
    );
    expect(cinema.lines).toHaveLength(1);
  });

  it('[ST45] says of how many lines the amounts cannot be recomputed', () => {
    const verdict = (changes: object) => {
      const { bundles } = sealed(changes as Record<string, unknown>);
      const outcome = verifyStatement(received(bundles[0]!), cryptography);
      const warned = outcome.findings.filter((each) => each.severity === 'warning');
      return [taken(outcome).unprovedLines, codesOf(warned)];
    };
    expect(verdict({ rounding: { place: 'row' } })).toEqual([
      2,
      expect.arrayContaining(['unproved_rounding', 'unproved_rounding']),
    ]);
    expect(verdict({})[0]).toBe(0);
  });

  it('[ST12] a receiver recomputes it offline, ladders included', () => {
    for (const changes of [
      {},
      MOVING,
      { rounding: { method: 'stepwise', tailParty: 'distributor' } },
    ]) {
      const { bundles, root } = sealed(changes);
      for (const bundle of bundles) {
        const verified = verifyStatement(received(bundle), cryptography, { publishedRoot: root });
        expect(codesOf(verified.findings)).toEqual(['matched_root']);
        expect(taken(verified).lines).toBeGreaterThan(0);
      }
    }
  });

  it('[ST13] any figure, rate, clause, total or path that was changed is found', () => {
    const { bundles, root } = sealed(MOVING);
    const tamper = (change: (bundle: ReturnType<typeof loose>) => void) => {
      const bundle = loose(received(bundles[0]!));
      change(bundle);
      const verified = verifyStatement(bundle, cryptography, { publishedRoot: root });
      expect(verified.ok).toBe(false);
      return codesOf(verified.findings);
    };
    expect(
      tamper((b) => {
        b.statement.lines[0]!['shareFen'] = '1';
      }),
    ).toContain('mismatched_amount');
    expect(
      tamper((b) => {
        b.statement.lines[0]!['grossFen'] = '1';
      }),
    ).toContain('mismatched_amount');
    expect(
      tamper((b) => {
        b.statement.lines[0]!['shareRate'] = '1/2';
      }),
    ).toContain('mismatched_rate');
    expect(
      tamper((b) => {
        b.statement.lines[0]!['province'] = '11';
      }),
    ).toContain('mismatched_proof');
    expect(
      tamper((b) => {
        b.statement.totals['shareFen'] = '1';
      }),
    ).toContain('mismatched_total');
    expect(
      tamper((b) => {
        b.statement.schedules[0]!.days[0]!.amount = '1';
      }),
    ).toContain('mismatched_schedule');
    expect(
      tamper((b) => {
        b.terms['version'] = '2';
      }),
    ).toContain('mismatched_terms');
    expect(
      tamper((b) => {
        b.statement['party'] = 'producer';
      }),
    ).toContain('mismatched_party');
    expect(
      tamper((b) => {
        b.proof.hashes[0] = 'ab'.repeat(32);
      }),
    ).toContain('mismatched_proof');
    expect(
      tamper((b) => {
        b.statement['id'] = 'other';
      }),
    ).toContain('mismatched_proof');
    expect(codesOf(verifyStatement({ format: 'x' }, cryptography).findings)).toEqual([
      'invalid_bundle',
    ]);
    const elsewhere = verifyStatement(received(bundles[0]!), cryptography, {
      publishedRoot: 'ab'.repeat(32),
    });
    expect(codesOf(elsewhere.findings)).toEqual(['mismatched_root']);
  });

  it('[ST13] forging both the share and its to-date figure still fails', () => {
    const { bundles } = sealed();
    const bundle = loose(received(bundles[0]!));
    const line = bundle.statement.lines[0]!;
    const more = String(BigInt(String(line['shareFen'])) + 1n);
    line['shareFen'] = more;
    (line['toDate'] as Record<string, unknown>)['shareFen'] = more;
    delete (bundle as Partial<typeof bundle>).proof;
    expect(codesOf(verifyStatement(bundle, cryptography).findings)).toContain('mismatched_amount');
  });

  it('[ST13] a hostile bundle is refused, never a crash', () => {
    const { bundles, root } = sealed(MOVING);
    const text = JSON.stringify(bundles[0]);
    const leaves = [...text.matchAll(/"[^"]*"(?=[,}\]])/g)].map((match) => match.index);
    const hostile = fc.constantFrom(
      '""',
      '"1/0"',
      '"-1"',
      '"9999-99-99"',
      '"2026-02-30"',
      'null',
      '1e400',
      '"x"',
      '[]',
      '{}',
      `"${'9'.repeat(90)}"`,
      '"0/7"',
      '"__proto__"',
    );
    fc.assert(
      fc.property(fc.constantFrom(...leaves), hostile, (at, value) => {
        const end = text.indexOf('"', at + 1) + 1;
        const spoilt = text.slice(0, at) + value + text.slice(end);
        if (value === text.slice(at, end)) return;
        const data: unknown = JSON.parse(spoilt.replaceAll('1e400', '1e300'));
        expect(verifyStatement(data, cryptography, { publishedRoot: root }).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('[ST13] terms keep their digest whatever the language learns later', () => {
    // A new part of the language with a default would change what was issued before it.
    expect(termsDigest(terms(), cryptography)).toBe(
      '29f048c97ee7c7b1349f9c13925d5d299978506c834efbae5fdfb9f814509d2c',
    );
  });

  it('[ST14] the tree is that of RFC 6962 and its paths lead to the root', () => {
    // Known roots of the certificate-transparency reference tests.
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const leaves = inputs.map((input) => leafHash(cryptography, fromHex(input)));
    expect(toHex(merkleRoot(cryptography, leaves))).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
    expect(toHex(merkleRoot(cryptography, leaves.slice(0, 3)))).toBe(
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (size, seed) => {
        const some = Array.from({ length: size }, (_, i) =>
          leafHash(cryptography, Uint8Array.of(i)),
        );
        const root = merkleRoot(cryptography, some);
        const index = seed % size;
        const path = merklePath(cryptography, some, index);
        expect(isUnderRoot(cryptography, some[index]!, path, root)).toBe(true);
        if (size > 1) {
          const other = some[(index + 1) % size]!;
          expect(isUnderRoot(cryptography, other, path, root)).toBe(false);
          expect(
            isUnderRoot(cryptography, some[index]!, { ...path, index: (index + 1) % size }, root),
          ).toBe(false);
        }
      }),
    );
  });

  it('[ST15] the digest of rows does not depend on their order', () => {
    expect(rowsDigest(facts, cryptography)).toBe(rowsDigest([...facts].reverse(), cryptography));
    expect(rowsDigest(facts, cryptography)).not.toBe(rowsDigest(facts.slice(1), cryptography));
    expect(canonicalText(toJson({ b: 1n, a: [{ numerator: 3n, denominator: 4n }] }))).toBe(
      '{"a":["3/4"],"b":"1"}',
    );
  });

  it('[ST16] what was stated is carried; late rows come as supplementary lines, once', () => {
    const used = terms();
    const march = settled(used, facts);
    const stated = statedAfter(march);
    const april = { period: { from: '2026-04-01', to: '2026-04-30' }, stated };
    expect(settled(used, facts, april).lines).toEqual([]);
    const late = [
      ...facts,
      fact(10_000n, { date: '2026-03-20' }),
      fact(20_000n, { date: '2026-04-02' }),
    ];
    const next = settled(used, late, april);
    expect(next.lines.map((line) => [line.cinemaCode, line.kind])).toEqual([['43014301', 'mixed']]);
    expect(next.lines[0]!.measures.grossFen).toBe(30_000n);
    const whole = byParty(
      settled(used, late, { period: { from: '2026-01-01', to: '2026-04-30' } }),
    );
    const sum = byParty(march);
    for (const [party, fen] of Object.entries(byParty(next))) sum[party] = (sum[party] ?? 0n) + fen;
    expect(sum).toEqual(whole);
    const again = settled(used, late, { ...april, stated: statedAfter(next, stated) });
    expect(again.lines.filter((line) => line.parts.some((part) => part.fen !== 0n))).toEqual([]);
    const removed = settled(used, facts.slice(0, 2), april);
    expect(removed.lines.map((line) => line.kind)).toEqual(['supplementary', 'supplementary']);
    expect(removed.lines.find((line) => line.cinemaCode === '42010101')!.measures.grossFen).toBe(
      -31_999n,
    );
  });

  it('[ST17] what-if names who gains and who loses', () => {
    const result = taken(
      whatIf(
        { terms: terms(), facts, context: CONTEXT },
        {
          terms: terms({
            splits: [
              {
                id: 'main',
                of: 'net',
                clauses: [
                  {
                    id: 'all',
                    shares: [
                      { to: 'cinema', share: '48%' },
                      { to: 'circuit', share: '7%' },
                      { to: 'distributor', share: '45%' },
                    ],
                  },
                ],
              },
            ],
          }),
        },
      ),
    );
    const distributor = result.changes.find((each) => each.party === 'distributor')!;
    expect(distributor.differenceFen).toBe(distributor.afterFen - distributor.beforeFen);
    expect(distributor.differenceFen > 0n).toBe(true);
    expect(result.changes.reduce((left, each) => left + each.differenceFen, 0n)).toBe(0n);
    expect(domestic()['kind']).toBe('theatrical');
  });
});

type Loose = {
  statement: Record<string, unknown> & {
    lines: Record<string, unknown>[];
    totals: Record<string, unknown>;
    schedules: { days: { amount: string }[] }[];
  };
  terms: Record<string, unknown>;
  proof: { hashes: string[] };
};
const loose = (bundle: StatementBundle) => bundle as unknown as Loose;
