import fc from 'fast-check';
import { addDays } from '@yinglian/core';
import {
  type BoxOfficeFact,
  roundingModes,
  type RoundingPolicy,
  tailRules,
  type TheatricalTerms,
} from '../src/index.ts';
import { FILM, terms } from './support.ts';

const FILM_3D = '001200012026';
const CINEMAS = ['43014301', '42010101', '31010101'];

const rate = (max: number) => fc.integer({ min: 0, max }).map((bp) => `${bp}/10000`);

const ladder = fc.record({
  mode: fc.constantFrom('switch_next_day', 'marginal', 'retroactive'),
  measure: fc.constantFrom('gross', 'net', 'admissions'),
  book: fc.constant('facts'),
  tiers: fc
    .tuple(
      rate(3000),
      rate(3000),
      rate(3000),
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 901, max: 4000 }),
    )
    .map(([a, b, c, first, second]) => [
      { above: '0', share: a },
      { above: String(first), share: b },
      { above: String(second), share: c },
    ]),
});

/** A floor, a cap above it or none: of a plain share or of a ladder. */
const floored = fc
  .record({
    own: fc.oneof(
      rate(2000).map((share): object => ({ share })),
      ladder.map((each): object => ({ ladder: each })),
    ),
    floor: fc.integer({ min: 1, max: 400 }),
    cap: fc.option(fc.integer({ min: 400, max: 900 }), { nil: undefined }),
  })
  .map(({ own, floor, cap }): object => ({
    ...own,
    floor: String(floor),
    ...(cap === undefined ? {} : { cap: String(cap) }),
  }));

/** A floor bears no amount per ticket beside it. */
const perTicketBeside = ({ digital }: { digital: object }) => 'perTicket' in digital;

const takers = (moving: boolean) =>
  fc
    .record({
      circuit: fc.oneof(
        { weight: 3, arbitrary: rate(1500).map((share): object => ({ share })) },
        ...(moving ? [{ weight: 1, arbitrary: floored }] : []),
      ),
      digital: fc.oneof(
        rate(500).map((share): object => ({ share })),
        ...(moving
          ? [
              ladder.map((each): object => ({ ladder: each })),
              rate(800).map((share): object => ({ share, cap: '20.00' })),
            ]
          : []),
        fc
          .integer({ min: 0, max: 30 })
          .map((fen): object => ({ perTicket: `0.${String(fen).padStart(2, '0')}` })),
      ),
      side: rate(3900),
    })
    .filter((each) => !('floor' in each.circuit && perTicketBeside(each)));

type Wish = { moving?: boolean; place?: 'line'; periods?: 'to_date'; rounding?: RoundingPolicy };

/** Terms with every kind of clause, small enough that thresholds and caps are really crossed. */
export function randomTerms(wish: Wish = {}): fc.Arbitrary<TheatricalTerms> {
  const shares = takers(wish.moving ?? true).map(({ circuit, digital, side }) => [
    { to: 'circuit', ...circuit },
    { to: 'digital', ...digital },
    { to: 'side', share: side },
    { to: 'cinema', share: 'rest' },
  ]);
  return fc
    .record({
      fund: rate(700),
      surcharge: fc.constantFrom('12%', '10%', '6%', '0%'),
      method: fc.constantFrom('extracted', 'customary', 'exempt', 'small_scale'),
      owned: shares,
      leased: shares,
      late: shares,
      distributor: rate(2000),
      rounding: fc.record({
        place: fc.constantFrom(
          ...(wish.place === undefined ? ['line', 'row', 'line'] : [wish.place]),
        ),
        method: fc.constantFrom('allocation', 'allocation', 'stepwise', 'independent'),
        mode: fc.constantFrom(...roundingModes),
        tail: fc.constantFrom(...tailRules),
        periods: fc.constantFrom(
          ...(wish.periods === undefined ? ['to_date', 'each_period'] : [wish.periods]),
        ),
      }),
      tailParty: fc.constantFrom(undefined, 'distributor'),
    })
    .map((each) =>
      terms({
        film: {
          title: { zh: '片', en: 'film' },
          versions: [
            { code: FILM, label: '2D' },
            { code: FILM_3D, label: '3D' },
          ],
        },
        fund: {
          to: 'film_fund',
          rates: [
            { id: 'standard', rate: each.fund },
            { id: 'exempt', from: '2026-03-10', to: '2026-03-12', provinces: ['42'], rate: '0' },
          ],
        },
        vat: {
          to: 'tax_office',
          methods: [
            { id: 'all', method: each.method, rate: '3%', surcharge: each.surcharge },
            {
              id: 'small',
              taxpayer: 'small_scale',
              method: 'small_scale',
              rate: '1%',
              surcharge: '6%',
            },
          ],
        },
        splits: [
          {
            id: 'main',
            of: 'net',
            clauses: [
              { id: 'owned', when: { equipment: 'owned' }, shares: each.owned },
              {
                id: 'leased',
                when: { equipment: 'leased', to: '2026-03-19' },
                shares: each.leased,
              },
              { id: 'late', when: { equipment: 'leased', from: '2026-03-20' }, shares: each.late },
            ],
          },
          {
            id: 'side',
            of: 'side',
            clauses: [
              {
                id: 'all',
                shares: [
                  { to: 'distributor', share: each.distributor },
                  { to: 'producer', share: 'rest' },
                ],
              },
            ],
          },
        ],
        rounding: wish.rounding ?? {
          ...each.rounding,
          ...(each.tailParty === undefined ? {} : { tailParty: each.tailParty }),
        },
      }),
    );
}

/** Rows of one month in three cinemas, sales and refunds. */
export function randomFacts(max = 25): fc.Arbitrary<BoxOfficeFact[]> {
  const row = fc.record({
    day: fc.nat({ max: 30 }),
    cinema: fc.constantFrom(...CINEMAS),
    film: fc.constantFrom(FILM, FILM_3D),
    admissions: fc.integer({ min: 1, max: 60 }),
    price: fc.integer({ min: 1, max: 9000 }),
    refund: fc.constantFrom(false, false, false, true),
  });
  return fc.array(row, { maxLength: max }).map((rows) =>
    rows.map(({ day, cinema, film, admissions, price, refund }, i) => {
      const sign = refund ? -1 : 1;
      return {
        id: `r${i}`,
        date: addDays('2026-03-01', day),
        filmCode: film,
        cinemaCode: cinema,
        screenings: sign,
        admissions: sign * admissions,
        grossFen: BigInt(sign * admissions * price + (i % 3)),
      };
    }),
  );
}
