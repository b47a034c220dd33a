import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTerms, FINDING_TEXTS, settle, settlementBase, termsInForce } from '../src/index.ts';
import { byParty, CONTEXT, codesOf, fact, PARTIES, settled, terms } from './support.ts';

const split = (clauses: object[], others: object[] = [], of = 'net') => ({
  splits: [{ id: 'main', of, clauses }, ...others],
});
const shares = (...list: [string, string][]) => list.map(([to, share]) => ({ to, share }));
const whole = shares(['cinema', '57%'], ['distributor', '43%']);
const found = (changes: Record<string, unknown>) => codesOf(checkTerms(terms(changes)));
const ladder = (tiers: [string, string][]) => ({
  mode: 'marginal',
  measure: 'gross',
  book: 'facts',
  tiers: tiers.map(([above, share]) => ({ above, share })),
});

describe('static checks', () => {
  it('[ST29] good terms have no findings', () => {
    expect(found({})).toEqual([]);
  });

  const CASES: [string, Record<string, unknown>][] = [
    [
      'excessive_shares',
      split([{ id: 'a', shares: shares(['cinema', '60%'], ['distributor', '43%']) }]),
    ],
    [
      'incomplete_shares',
      split([{ id: 'a', shares: shares(['cinema', '50%'], ['distributor', '43%']) }]),
    ],
    [
      'duplicate_rest',
      split([{ id: 'a', shares: shares(['cinema', 'rest'], ['distributor', 'rest']) }]),
    ],
    [
      'missing_rest',
      split([
        { id: 'a', shares: [...shares(['cinema', '50%']), { to: 'digital', perTicket: '1' }] },
      ]),
    ],
    ['unexpected_cap', split([{ id: 'a', shares: [{ to: 'cinema', share: 'rest', cap: '5' }] }])],
    ['unknown_party', split([{ id: 'a', shares: shares(['nobody', '100%']) }])],
    ['unknown_amount', split([{ id: 'a', shares: whole }], [], 'somewhere')],
    [
      'unknown_amount',
      split([
        {
          id: 'a',
          shares: [...shares(['cinema', 'rest']), { to: 'digital', share: '1%', of: 'later' }],
        },
      ]),
    ],
    [
      'circular_split',
      {
        splits: [
          { id: 'main', of: 'net', clauses: [{ id: 'a', shares: whole }] },
          { id: 'x', of: 'pool_a', clauses: [{ id: 'a', shares: shares(['pool_b', '100%']) }] },
          { id: 'y', of: 'pool_b', clauses: [{ id: 'a', shares: shares(['pool_a', '100%']) }] },
        ],
      },
    ],
    [
      'duplicate_split',
      split(
        [{ id: 'a', shares: whole }],
        [{ id: 'b', of: 'net', clauses: [{ id: 'a', shares: whole }] }],
      ),
    ],
    [
      'duplicate_clause',
      split([
        { id: 'a', when: { equipment: 'owned' }, shares: whole },
        { id: 'a', shares: whole },
      ]),
    ],
    [
      'missing_split',
      {
        splits: [
          { id: 'x', of: 'pool_a', clauses: [{ id: 'a', shares: shares(['pool_a', '100%']) }] },
        ],
      },
    ],
    [
      'overlapping_segments',
      split([
        { id: 'a', when: { to: '2026-03-10' }, shares: whole },
        { id: 'b', when: { from: '2026-03-10' }, shares: whole },
      ]),
    ],
    [
      'missing_segment',
      split([
        { id: 'a', when: { to: '2026-03-10' }, shares: whole },
        { id: 'b', when: { from: '2026-03-12' }, shares: whole },
      ]),
    ],
    [
      'reversed_dates',
      split([{ id: 'a', when: { from: '2026-03-10', to: '2026-03-09' }, shares: whole }]),
    ],
    [
      'unreachable_tier',
      split([
        {
          id: 'a',
          shares: [
            ...shares(['cinema', 'rest']),
            {
              to: 'distributor',
              ladder: ladder([
                ['0', '43%'],
                ['300', '45%'],
                ['300', '47%'],
              ]),
            },
          ],
        },
      ]),
    ],
    [
      'missing_first_tier',
      split([
        {
          id: 'a',
          shares: [
            ...shares(['cinema', 'rest']),
            { to: 'distributor', ladder: ladder([['5', '43%']]) },
          ],
        },
      ]),
    ],
    [
      'invalid_threshold',
      split([
        {
          id: 'a',
          shares: [
            ...shares(['cinema', 'rest']),
            {
              to: 'distributor',
              ladder: {
                ...ladder([
                  ['0', '43%'],
                  ['1.5', '44%'],
                ]),
                measure: 'admissions',
              },
            },
          ],
        },
      ]),
    ],
    ['missing_account', { parties: PARTIES.map(({ id, role, name }) => ({ id, role, name })) }],
    ['duplicate_party', { parties: [...PARTIES, PARTIES[0]] }],
    ['duplicate_city', { base: { cityClasses: { a: ['4301'], b: ['4301'] } } }],
    ['unknown_city_class', { base: { standards: [{ id: 's', cityClass: 'c', minimum: '30' }] } }],
    ['incompatible_rounding', { rounding: { place: 'total' } }],
  ];
  for (const [code, changes] of CASES) {
    it(`[ST29] finds ${code}`, () => expect(found(changes)).toContain(code));
  }

  it('[ST29] tells the days that no rate, standard or price covers', () => {
    const days = (from: string, to?: string) => ({ from, ...(to === undefined ? {} : { to }) });
    const [one, two] = [days('2026-01-01', '2026-03-31'), days('2026-05-01')];
    const fund = (...rates: object[]) =>
      found({ fund: { to: 'digital', rates: rates.map((each, i) => ({ id: `f${i}`, ...each })) } });
    const rate = { rate: '5%' };
    expect(fund({ ...one, ...rate }, { ...two, ...rate })).toEqual(['missing_segment']);
    expect(fund({ ...one, ...rate }, { ...two, ...rate }, rate)).toEqual([]);
    const province = { provinces: ['11'], ...rate };
    expect(fund({ ...one, ...province }, { ...two, ...province }, rate)).toEqual([]);
    expect(fund({ ...one, ...province }, { ...two, ...province })).toEqual(['missing_segment']);
    expect(fund({ ...one, ...rate }, { ...days('2026-04-01'), ...rate })).toEqual([]);
    const price = { types: ['团体票'], method: 'fixed', amount: '20' };
    const prices = (...list: object[]) =>
      found({ base: { ticketPrices: list.map((each, i) => ({ id: `p${i}`, ...each })) } });
    expect(prices({ ...price, ...one }, { ...price, ...two })).toEqual(['missing_segment']);
    expect(prices(price, price)).toEqual(['overlapping_segments']);
    expect(prices(price, { ...price, ...two })).toEqual(['overlapping_segments']);
    // The narrower one first is how the language says an exception.
    expect(prices({ ...price, ...two }, price)).toEqual([]);
    expect(prices(price, { ...price, types: ['兑换券'] })).toEqual([]);
  });

  it('[ST29] terms with an error settle nothing', () => {
    const outcome = settle(terms(CASES[0]![1]), [fact(100n)], CONTEXT);
    expect(outcome.ok).toBe(false);
    expect(outcome.findings[0]).toMatchObject({
      code: 'excessive_shares',
      clause: 'main:a',
      facts: { shares: '103%', total: '100%' },
    });
  });
});

describe('clauses that hold', () => {
  const owned = { id: 'owned', when: { equipment: 'owned' }, shares: whole };
  const special = {
    id: 'special',
    when: { cinemas: ['43014301'], halls: ['5'] },
    shares: shares(['cinema', '40%'], ['distributor', '60%']),
  };
  const general = { id: 'general', shares: shares(['cinema', '50%'], ['distributor', '50%']) };
  const gross = { fund: undefined, vat: undefined };

  it('[ST30] the narrower clause holds; a hall with its own clause is its own line', () => {
    const used = terms({ ...gross, ...split([general, owned, special]) });
    const facts = [
      fact(10_000n, { hall: '5' }),
      fact(10_000n, { hall: '4' }),
      fact(10_000n, { hall: '3' }),
      fact(10_000n, { cinemaCode: '42010101' }),
    ];
    const { lines } = settled(used, facts);
    expect(
      lines.map((line) => [line.cinemaCode, line.hall, line.profile, line.parts.at(-1)!.fen]),
    ).toEqual([
      ['42010101', undefined, 'main:general', 5_000n],
      ['43014301', undefined, 'main:owned', 8_600n],
      ['43014301', '5', 'main:special', 6_000n],
    ]);
  });

  it('[ST31] outside all segments the nearest holds, a gap is an exception', () => {
    const dated = split([
      { id: 'a', when: { from: '2026-03-05', to: '2026-03-10' }, shares: whole },
      {
        id: 'b',
        when: { from: '2026-03-12', to: '2026-03-20' },
        shares: shares(['cinema', '55%'], ['distributor', '45%']),
      },
    ]);
    const used = terms({ ...gross, ...dated });
    const at = (date: string, changed = used) => settled(changed, [fact(10_000n, { date })]);
    expect(byParty(at('2026-03-01'))['distributor']).toBe(4_300n);
    expect(byParty(at('2026-03-30'))['distributor']).toBe(4_500n);
    const gap = at('2026-03-11');
    expect(gap.lines).toEqual([]);
    expect(gap.exceptions.map((each) => each.finding.code)).toEqual(['missing_segment']);
    const strict = terms({ ...gross, ...dated, segments: { outside: 'exception' } });
    expect(at('2026-03-01', strict).exceptions).toHaveLength(1);
    // One cinema-month is cut into rows where the ratio changes.
    const month = settled(used, [
      fact(1n, { date: '2026-03-06' }),
      fact(1n, { date: '2026-03-13' }),
    ]);
    expect(month.lines.map((line) => [line.from, line.to])).toEqual([
      ['2026-03-05', '2026-03-10'],
      ['2026-03-12', '2026-03-20'],
    ]);
  });

  it('[ST32] rows that nothing settles are exceptions, never dropped', () => {
    const rows = [
      fact(1n, { filmCode: '001199992026' }),
      fact(1n, { cinemaCode: '99999999' }),
      fact(1n, { date: '2026-03-01', lastDate: '2026-03-20', cinemaCode: '43014301' }),
    ];
    const used = terms({
      fund: {
        to: 'film_fund',
        rates: [
          { id: 'a', to: '2026-03-10', rate: '5%' },
          { id: 'b', from: '2026-03-11', rate: '0' },
        ],
      },
    });
    const { exceptions, lines } = settled(used, rows);
    expect(exceptions.map((each) => each.finding.code)).toEqual([
      'unknown_film',
      'unknown_cinema',
      'straddling_row',
    ]);
    expect(lines).toEqual([]);
    const noCircuit = settled(terms(), [fact(1n)], {
      register: { '43014301': { equipment: 'owned' } },
    });
    expect(noCircuit.exceptions[0]!.finding.code).toBe('missing_circuit');
    const missing = settle(
      terms(
        split([
          {
            id: 'a',
            shares: [
              ...shares(['cinema', 'rest']),
              { to: 'distributor', ladder: { ...ladder([['0', '43%']]), book: 'fund_office' } },
            ],
          },
        ]),
      ),
      rows,
      CONTEXT,
    );
    expect(codesOf(missing.findings)).toContain('missing_book');
  });

  it('[ST33] the version in force is chosen by business date and by what was known', () => {
    const versions = [
      terms(),
      terms({ version: '2', recordedOn: '2026-02-01', effective: { from: '2026-01-01' } }),
      terms({
        version: '3',
        recordedOn: '2026-05-01',
        effective: { from: '2026-01-01', to: '2026-01-31' },
      }),
    ];
    const chosen = (date: string, known: string) => termsInForce(versions, date, known)?.version;
    expect(chosen('2026-01-15', '2026-01-15')).toBe('1');
    expect(chosen('2026-01-15', '2026-03-01')).toBe('2');
    expect(chosen('2026-01-15', '2026-06-01')).toBe('3');
    expect(chosen('2026-02-15', '2026-06-01')).toBe('2');
    expect(chosen('2010-01-01', '2026-06-01')).toBeUndefined();
    expect(typeof settlementBase).toBe('function');
  });
});

describe('the package', () => {
  it('[ST34] words every code in both languages', () => {
    const emitted = new Set<string>();
    const visit = (folder: URL) => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(new URL(`${entry.name}/`, folder));
        else {
          const source = readFileSync(new URL(entry.name, folder), 'utf8');
          for (const match of source.matchAll(/(?:[fF]inding|wrong)\(\s*'([a-z_]+)'/g))
            emitted.add(match[1]!);
          for (const match of source.matchAll(/(?:code|unresolved): '([a-z_]+)'/g))
            emitted.add(match[1]!);
        }
      }
    };
    visit(new URL('../src/', import.meta.url));
    expect(emitted.size).toBeGreaterThan(35);
    for (const code of emitted) {
      expect(FINDING_TEXTS[code]?.zh, code).toBeTruthy();
      expect(FINDING_TEXTS[code]?.en, code).toBeTruthy();
    }
  });
});
