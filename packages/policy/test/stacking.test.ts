import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applicantGroups,
  capGroups,
  type EarlierPayment,
  HUNAN_2023_55,
  openBook,
  remainingCaps,
  type StackClaim,
  stackClaims,
  type StackReadings,
  type StackResult,
} from '../src/index.ts';
import { ask, decided, IN_FORCE, wan, yuan } from './support.ts';

const OWN = HUNAN_2023_55.code;
/** The proof was run with 10,000; every run does fewer. */
const CASES = Number(process.env['YINGLIAN_POLICY_CASES'] ?? 200);

function claim(id: string, fen: bigint, more: Partial<StackClaim> = {}): StackClaim {
  return {
    id,
    instrument: OWN,
    jurisdiction: 'province',
    own: (more.instrument ?? OWN) === OWN,
    item: 'M8.5',
    kinds: ['k'],
    objects: ['o'],
    costs: [],
    appliedOn: '2025-03-01',
    amountFen: fen,
    caps: [],
    ...more,
  };
}

const other = (id: string, fen: bigint, more: Partial<StackClaim> = {}): StackClaim =>
  claim(id, fen, { instrument: 'other', item: 'X1', ...more });

function stack(
  claims: readonly StackClaim[],
  options: Parameters<typeof stackClaims>[1] = {},
): StackResult {
  const found = stackClaims(claims, options);
  if (!found.ok) throw new Error(found.findings.map(({ code }) => code).join());
  return found.value;
}

const paidTo = (result: StackResult) =>
  Object.fromEntries(result.chosen.map(({ id, fen }) => [id, fen]));

describe('not both, the higher wins', () => {
  it('[PO9] T11: 120 of another and 100 of this', () => {
    const result = stack([claim('this', wan(100)), other('that', wan(120))]);
    expect(paidTo(result)).toEqual({ that: wan(120) });
  });

  it('[PO9] T12: 60 of the lower is paid, the higher is 120', () => {
    const claims = [claim('low', wan(100)), other('high', wan(120))];
    const paid: EarlierPayment[] = [
      {
        instrument: OWN,
        jurisdiction: 'province',
        item: 'M8.5',
        kinds: ['k'],
        objects: ['o'],
        paidFen: wan(60),
        claim: 'low',
      },
    ];
    expect(paidTo(stack(claims, { paid }))).toEqual({ high: wan(60) });
    const none = stack(claims, { paid, readings: { topUp: 'none' } });
    expect(none.totalFen).toBe(0n);
    expect(none.excluded.map(({ reason }) => reason)).toEqual(['already_paid', 'already_paid']);
  });

  /** A: this instrument, 30 % to 200. B: another, 50 % to 100. */
  it.each([
    ['T13', '1,500,000', 'B', '750,000'],
    ['T14', '2,500,000', 'B', '1,000,000'],
    ['T15', '3,333,333.33', 'B', '1,000,000'],
    ['T16', '3,333,333.34', 'A', '1,000,000'],
    ['T17', '10,000,000', 'A', '2,000,000'],
  ])('[PO9] %s: at a cost of %s it is %s', (_, cost, winner, fen) => {
    const { bound } = ask('M8.5', { 'base.kind': 'base', 'base.cost': yuan(cost).toString() });
    if (bound.state !== 'known') throw new Error('the bound is known');
    const half = yuan(cost) / 2n;
    const result = stack([claim('A', bound.fen), other('B', half < wan(100) ? half : wan(100))]);
    expect(paidTo(result)).toEqual({ [winner]: yuan(fen) });
  });

  it('[PO9] T18: two centres of one firm are two objects', () => {
    const result = stack([
      claim('a', wan(500), { item: 'M4.2', objects: ['centre 1'] }),
      claim('b', wan(500), { item: 'M4.2', objects: ['centre 2'] }),
    ]);
    expect(result.totalFen).toBe(wan(1000));
  });

  it('[PO9] T19: 80 against 60 and 60, where greedy is wrong', () => {
    const result = stack([
      other('A', wan(80), { objects: ['x', 'y'] }),
      claim('B', wan(60), { objects: ['x'] }),
      claim('C', wan(60), { objects: ['y'] }),
    ]);
    expect(paidTo(result)).toEqual({ B: wan(60), C: wan(60) });
    expect(result.excluded).toEqual([
      { id: 'A', reason: 'conflict', against: ['B', 'C'], alternativeTotalFen: wan(80) },
    ]);
  });

  it('[PO9] several claims of one instrument are compared by their sums', () => {
    const result = stack([
      claim('a', wan(50), { item: 'M8.4' }),
      claim('b', wan(40), { item: 'M8.5' }),
      other('c', wan(80)),
    ]);
    expect(paidTo(result)).toEqual({ a: wan(50), b: wan(40) });
    const banned = stack(
      [claim('a', wan(50), { item: 'M8.4' }), claim('b', wan(40)), other('c', wan(80))],
      { readings: { within: 'ban' } },
    );
    expect(paidTo(banned)).toEqual({ c: wan(80) });
  });

  it('[PO9] cities and the state are outside unless decided (A5)', () => {
    const claims = (readings: Partial<StackReadings>) =>
      stack(
        [
          claim('p', 3n),
          other('c', 2n, { jurisdiction: 'city', instrument: 'city' }),
          other('n', 1n, { jurisdiction: 'nation', instrument: 'nation' }),
        ],
        { readings },
      ).totalFen;
    expect(claims({})).toBe(6n);
    expect(claims({ scope: 'province_and_cities' })).toBe(4n);
    expect(claims({ scope: 'all' })).toBe(3n);
  });

  it('[PO9] one invoice, one claim, whatever the instrument or class', () => {
    const result = stack([
      claim('a', 5n, { objects: ['1'], costs: ['invoice 7'] }),
      claim('b', 6n, { objects: ['2'], kinds: ['z'], costs: ['invoice 7'] }),
    ]);
    expect(paidTo(result)).toEqual({ b: 6n });
  });

  it('[PO9] the option of one cost up to the highest amount', () => {
    const readings = { sameCost: 'up_to_highest' } as const;
    const result = stack([claim('a', 60n), other('b', 100n)], { readings });
    expect(result.totalFen).toBe(100n);
  });

  it('[PO11] ties go to this instrument, then the earlier, then the item, then the claim', () => {
    expect(paidTo(stack([other('b', 5n), claim('a', 5n)]))).toEqual({ a: 5n });
    const late = other('l', 5n, { instrument: 'one', appliedOn: '2025-05-01' });
    const early = other('e', 5n, { instrument: 'two', appliedOn: '2025-04-01' });
    expect(paidTo(stack([late, early]))).toEqual({ e: 5n });
    // One claim rather than two for the same total.
    const two = [claim('x', 3n, { item: 'M1' }), claim('y', 2n, { item: 'M2' })];
    expect(paidTo(stack([...two, other('z', 5n)]))).toEqual({ z: 5n });
  });

  it('[PO11] every exclusion says why and what the alternative pays', () => {
    const result = stack(
      [
        claim('a', 100n, { objects: ['1'], caps: ['g'] }),
        claim('b', 70n, { objects: ['2'], caps: ['g'], appliedOn: '2025-04-01' }),
        claim('zero', 0n, { objects: ['3'] }),
      ],
      { remaining: { g: 100n } },
    );
    expect(paidTo(result)).toEqual({ a: 100n });
    expect(result.excluded).toEqual([
      { id: 'zero', reason: 'nothing_due', against: [], alternativeTotalFen: 100n },
      { id: 'b', reason: 'no_room', against: [], alternativeTotalFen: 100n },
    ]);
  });

  it('[PO11] refuses what it cannot decide, and what is no claim', () => {
    const codes = (claims: readonly StackClaim[], remaining = {}) => {
      const found = stackClaims(claims, { remaining });
      return found.ok ? [] : found.findings.map(({ code }) => code);
    };
    expect(codes([claim('a', 1n), claim('a', 2n)])).toEqual(['duplicate_claim']);
    expect(codes([claim('a', -1n)])).toEqual(['negative_amount']);
    // Three ceilings that cross: by halves 15.5 of them, in whole fen 15.
    const crossing = ['ab', 'bc', 'ca', 'abc'].map((caps, index) =>
      claim(`${index}`, 9n, { objects: [caps], caps: [...caps] }),
    );
    const tight = { a: 10n, b: 10n, c: 11n };
    expect(stack(crossing, { remaining: tight }).totalFen).toBe(15n);
    // What would take longer than anybody waits is said, not guessed.
    const knot = Array.from({ length: 60 }, (_, index) =>
      claim(`${index}`, 1_000_003n, {
        objects: [`${index}`],
        caps: [1, 2, 3, 5, 7].map((step) => `${(index * step) % 31}`),
      }),
    );
    const rooms = Object.fromEntries(
      Array.from({ length: 31 }, (_, group) => [`${group}`, 1_500_001n + BigInt(group)]),
    );
    expect(codes(knot, rooms)).toEqual(['undecided_stacking']);
    expect(codes(Array.from({ length: 401 }, (_, i) => claim(`${i}`, 1n)))).toEqual([
      'excessive_claim_count',
    ]);
  });
});

const readings: fc.Arbitrary<Partial<StackReadings>> = fc.record({
  scope: fc.constantFrom('province', 'province_and_cities', 'all'),
  within: fc.constantFrom('no_ban', 'ban'),
  topUp: fc.constantFrom('difference', 'none'),
});

const claims = fc.array(
  fc.record({
    fen: fc.integer({ min: 0, max: 12 }),
    instrument: fc.constantFrom(OWN, 'x', 'y'),
    jurisdiction: fc.constantFrom('province', 'province', 'city') as fc.Arbitrary<'province'>,
    item: fc.constantFrom('M1', 'M2'),
    kinds: fc.subarray(['k', 'l'], { minLength: 1 }),
    objects: fc.subarray(['o', 'p', 'q'], { minLength: 1, maxLength: 2 }),
    costs: fc.subarray(['i']),
    day: fc.integer({ min: 1, max: 3 }),
    caps: fc.tuple(fc.subarray(['f', 'g'], { maxLength: 1 }), fc.subarray(['s', 't'])),
  }),
  { maxLength: 7 },
);
type Drawn = (typeof claims extends fc.Arbitrary<infer Value> ? Value : never)[number];

const made = (drawn: readonly Drawn[]): StackClaim[] =>
  drawn.map(({ fen, day, caps, ...rest }, index) =>
    claim(`${index}`, BigInt(fen), {
      ...rest,
      own: rest.instrument === OWN,
      appliedOn: `2025-03-0${day}`,
      // Two families at most: one of {f, g}, and of {s, t} the first.
      caps: [...caps[0], ...caps[1].slice(0, 1)],
    }),
  );
const limits = fc.record({
  f: fc.bigInt({ min: 0n, max: 20n }),
  g: fc.bigInt({ min: 0n, max: 20n }),
  s: fc.bigInt({ min: 0n, max: 20n }),
  t: fc.bigInt({ min: 0n, max: 20n }),
});

type Used = Partial<StackReadings>;
type Limits = Readonly<Record<string, bigint>>;
type Ceiling = { readonly ids: ReadonlySet<string>; readonly limit: bigint };

const shares = (x: readonly string[], y: readonly string[]) => x.some((each) => y.includes(each));

/** The words of the clause, written again without looking at the engine. */
function conflicting(
  a: Pick<StackClaim, 'instrument' | 'jurisdiction' | 'item' | 'objects' | 'kinds'>,
  b: Pick<StackClaim, 'instrument' | 'jurisdiction' | 'item' | 'objects' | 'kinds'>,
  { scope = 'province', within }: Used,
): boolean {
  const widest = { province: 1, province_and_cities: 2, all: 3 }[scope];
  const width = { province: 1, city: 2, nation: 3 };
  if (width[a.jurisdiction] > widest || width[b.jurisdiction] > widest) return false;
  if (a.instrument === b.instrument && (within !== 'ban' || a.item === b.item)) return false;
  return shares(a.objects, b.objects) && shares(a.kinds, b.kinds);
}

/** G₀ less what was paid inside the group of the claim. */
function dueOf(each: StackClaim, paid: readonly EarlierPayment[], used: Used): bigint {
  const before = paid
    .filter(
      (one) =>
        conflicting(each, one, used) ||
        (one.instrument === each.instrument &&
          one.item === each.item &&
          shares(one.objects, each.objects)),
    )
    .reduce((sum, { paidFen }) => sum + paidFen, 0n);
  if (before > 0n && used.topUp === 'none') return 0n;
  return each.amountFen > before ? each.amountFen - before : 0n;
}

/** Ceilings of the list, and under `up_to_highest` those of every object and class. */
function ceilingsOf(list: readonly StackClaim[], remaining: Limits, due: Limits, used: Used) {
  const ceilings: Ceiling[] = Object.entries(remaining).map(([group, limit]) => ({
    ids: new Set(list.filter(({ caps }) => caps.includes(group)).map(({ id }) => id)),
    limit,
  }));
  if (used.sameCost !== 'up_to_highest') return ceilings;
  const within = list.filter((each) => conflicting({ ...each, instrument: '?' }, each, used));
  for (const object of new Set(within.flatMap(({ objects }) => objects))) {
    for (const kind of new Set(within.flatMap(({ kinds }) => kinds))) {
      const own = within.filter((e) => e.objects.includes(object) && e.kinds.includes(kind));
      const sums = [...new Set(own.map(({ instrument }) => instrument))].map((name) =>
        own.reduce((sum, e) => (e.instrument === name ? sum + due[e.id]! : sum), 0n),
      );
      const limit = sums.reduce((most, sum) => (sum > most ? sum : most), 0n);
      ceilings.push({ ids: new Set(own.map(({ id }) => id)), limit });
    }
  }
  return ceilings;
}

/** The best total by looking at every subset and every whole amount under the ceilings. */
function bruteForce(
  list: readonly StackClaim[],
  remaining: Limits,
  used: Used,
  paid: readonly EarlierPayment[] = [],
): bigint {
  const due = Object.fromEntries(list.map((each) => [each.id, dueOf(each, paid, used)]));
  const ceilings = ceilingsOf(list, remaining, due, used);
  const clashing = (a: StackClaim, b: StackClaim): boolean =>
    shares(a.costs, b.costs) || (used.sameCost !== 'up_to_highest' && conflicting(a, b, used));
  let best = 0n;
  for (let mask = 0; mask < 1 << list.length; mask++) {
    const chosen = list.filter((_, index) => (mask >> index) & 1);
    if (chosen.some((a, i) => chosen.some((b, j) => i < j && clashing(a, b)))) continue;
    const total = mostUnder(chosen, due, ceilings);
    if (total > best) best = total;
  }
  return best;
}

/** The most that compatible claims can be paid: by amounts, remembering what was seen. */
function mostUnder(chosen: readonly StackClaim[], due: Limits, ceilings: readonly Ceiling[]) {
  const seen = new Map<string, bigint>();
  const go = (index: number, left: readonly bigint[]): bigint => {
    const next = chosen[index];
    if (next === undefined) return 0n;
    const key = `${index} ${left.join()}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    let best = 0n;
    for (let fen = 0n; fen <= due[next.id]!; fen++) {
      const rest = left.map((each, at) => (ceilings[at]!.ids.has(next.id) ? each - fen : each));
      if (rest.some((each) => each < 0n)) break;
      const total = fen + go(index + 1, rest);
      if (total > best) best = total;
    }
    seen.set(key, best);
    return best;
  };
  return go(
    0,
    ceilings.map(({ limit }) => limit),
  );
}

const earlier = fc.array(
  fc.record({
    paidFen: fc.bigInt({ min: 1n, max: 8n }),
    instrument: fc.constantFrom(OWN, 'x', 'y'),
    jurisdiction: fc.constantFrom('province', 'city') as fc.Arbitrary<'province'>,
    item: fc.constantFrom('M1', 'M2'),
    kinds: fc.subarray(['k', 'l'], { minLength: 1 }),
    objects: fc.subarray(['o', 'p', 'q'], { minLength: 1, maxLength: 2 }),
  }),
  { maxLength: 2 },
);

describe('the optimum', () => {
  it(
    '[PO10] equals brute force on random small cases',
    () => {
      fc.assert(
        fc.property(claims, limits, readings, earlier, (drawn, remaining, used, paid) => {
          const list = made(drawn);
          const result = stack(list, { remaining, readings: used, paid });
          expect(result.totalFen).toBe(bruteForce(list, remaining, used, paid));
          const given = paidTo(result);
          for (const each of list) expect((given[each.id] ?? 0n) <= each.amountFen).toBe(true);
          for (const [group, limit] of Object.entries(remaining)) {
            const members = list.filter(({ caps }) => caps.includes(group));
            const sum = members.reduce((total, { id }) => total + (given[id] ?? 0n), 0n);
            expect(sum <= limit).toBe(true);
          }
          for (const [a, b] of result.conflicts) expect(given[a] && given[b]).toBeFalsy();
          for (const { alternativeTotalFen } of result.excluded) {
            expect(alternativeTotalFen <= result.totalFen).toBe(true);
          }
        }),
        { numRuns: CASES },
      );
    },
    60_000 + CASES * 50,
  );

  const few = fc.array(
    fc.record({
      fen: fc.integer({ min: 0, max: 5 }),
      instrument: fc.constantFrom(OWN, 'x'),
      jurisdiction: fc.constant('province' as const),
      item: fc.constantFrom('M1', 'M2'),
      kinds: fc.subarray(['k', 'l'], { minLength: 1 }),
      objects: fc.subarray(['o', 'p', 'q', 'r'], { minLength: 1, maxLength: 2 }),
      costs: fc.constant([]),
      caps: fc.subarray(['f', 'g', 's', 't']),
    }),
    { maxLength: 5 },
  );

  it(
    '[PO10] equals brute force where ceilings cross in any way, and costs add up to the highest',
    () => {
      const small = fc.bigInt({ min: 0n, max: 9n });
      const rooms = fc.record({ f: small, g: small, s: small, t: small });
      const sameCost = fc.constantFrom('exclusive' as const, 'up_to_highest' as const);
      fc.assert(
        fc.property(few, rooms, sameCost, earlier, (drawn, remaining, how, paid) => {
          const list = drawn.map(({ fen, ...rest }, index) =>
            claim(`${index}`, BigInt(fen), { ...rest, own: rest.instrument === OWN }),
          );
          const used = { sameCost: how };
          const result = stack(list, { remaining, readings: used, paid });
          expect(result.totalFen).toBe(bruteForce(list, remaining, used, paid));
          expect(stack(list.toReversed(), { remaining, readings: used, paid })).toEqual(result);
        }),
        { numRuns: CASES },
      );
    },
    60_000 + CASES * 50,
  );

  it('[PO10] does not depend on the order of claims', () => {
    fc.assert(
      fc.property(claims, limits, fc.infiniteStream(fc.nat()), (drawn, remaining, keys) => {
        const list = made(drawn);
        const shuffled = list
          .map((each) => ({ each, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        expect(stack(shuffled, { remaining })).toEqual(stack(list, { remaining }));
      }),
      { numRuns: 300 },
    );
  });

  it('[PO10] never falls when a claim is added', () => {
    fc.assert(
      fc.property(claims, claims, limits, readings, (drawn, more, remaining, used) => {
        const list = made([...drawn, ...more.slice(0, 1)]);
        const before = stack(list.slice(0, drawn.length), { remaining, readings: used });
        const after = stack(list, { remaining, readings: used });
        expect(after.totalFen >= before.totalFen).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('[PO10] forty claims of several instruments are decided', () => {
    const list = Array.from({ length: 40 }, (_, index) =>
      other(`${index}`, BigInt(1 + ((index * 7919) % 97)), {
        instrument: `i${index % 5}`,
        objects: [`o${index % 8}`, `o${(index * 3) % 8}`],
      }),
    );
    const result = stack(list);
    expect(result.chosen.length + result.excluded.length).toBe(40);
    expect(stack(list.toReversed())).toEqual(result);
  });
});

describe('ceilings', () => {
  const rule = (item: string) => HUNAN_2023_55.rules.find((each) => each.item === item)!;
  const groups = (item: string, decisions = [] as ReturnType<typeof decided>[]) => {
    const book = openBook(HUNAN_2023_55, { eventDate: IN_FORCE, knownOn: IN_FORCE, decisions });
    return (object: string, label = 'l', round = '2025') =>
      capGroups(rule(item), { applicant: 'firm', round, object, label }, book.readings);
  };

  it('[PO12] T9: two projects at 70 of one firm in one round are 100; 140 per project', () => {
    const total = (decisions: ReturnType<typeof decided>[]) => {
      const own = groups('M6.2', decisions);
      const two = ['p1', 'p2'].map((object) => ({ object, caps: own(object) }));
      const list = two.map(({ object, caps }) =>
        claim(object, wan(70), { item: 'M6.2', objects: [object], caps: caps.map((c) => c.group) }),
      );
      const remaining = remainingCaps(
        two.flatMap(({ caps }) => caps),
        [],
      );
      return stack(list, { remaining }).totalFen;
    };
    expect(total([])).toBe(wan(100));
    expect(total([decided('A10', 'per_project')])).toBe(wan(140));
  });

  it('[PO12] rounds, labels and bodies count as the reading says', () => {
    const count = (list: readonly { group: string }[][]) =>
      new Set(list.flat().map(({ group }) => group)).size;
    const rounds = groups('M8.4');
    expect(count([rounds('c', 'l', '2025'), rounds('c', 'l', '2026')])).toBe(2);
    const forEver = groups('M8.4', [decided('A12', 'per_unit')]);
    expect(count([forEver('c', 'l', '2025'), forEver('d', 'l', '2026')])).toBe(1);
    expect(count([groups('M8.5')('b', 'base'), groups('M8.5')('b', 'college')])).toBe(1);
    const labels = groups('M8.5', [decided('A13', 'per_label')]);
    expect(count([labels('b', 'base'), labels('b', 'college')])).toBe(2);
  });

  it('[PO12] earlier grants count: an upgrade of a centre pays the difference (A11)', () => {
    const caps = groups('M4.2')('centre');
    const remaining = remainingCaps(caps, [
      { groups: caps.map(({ group }) => group), fen: wan(300) },
    ]);
    const list = [claim('up', wan(500), { item: 'M4.2', caps: caps.map(({ group }) => group) })];
    expect(stack(list, { remaining }).totalFen).toBe(wan(200));
    const gone = remainingCaps(caps, [{ groups: caps.map(({ group }) => group), fen: wan(900) }]);
    expect(stack(list, { remaining: gone }).totalFen).toBe(0n);
  });

  it('[PO12] affiliates by control count as one applicant', () => {
    const control = (holder: string, held: string, shareBasisPoints: number, controls = false) => ({
      holder,
      held,
      shareBasisPoints,
      controls,
    });
    const links = [control('c', 'b', 5_000), control('b', 'a', 5_100), control('d', 'e', 4_999)];
    const found = applicantGroups(['a', 'b', 'c', 'd', 'e'], links);
    expect([...found.values()]).toEqual(['a', 'a', 'a', 'd', 'e']);
    expect([...applicantGroups(['a', 'b', 'c'], links.toReversed()).values()]).toEqual([
      'a',
      'a',
      'a',
    ]);
    expect(applicantGroups(['e'], [control('d', 'e', 1, true)]).get('e')).toBe('d');
  });
});
