import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assert } from '@yinglian/core';
import {
  type BoxOfficeFact,
  CLICKHOUSE,
  type CompileInput,
  compileSettlement,
  DUCKDB,
  partsOfRows,
  quoted,
  roundingModes,
  type RoundingPolicy,
  type Settlement,
  type SqlPlan,
  tailRules,
  type TheatricalTerms,
} from '../src/index.ts';
import { CHDB_FOLDER, openClickHouse } from './clickhouse.ts';
import { type Database, loadFacts, openDatabase } from './duckdb.ts';
import { randomFacts, randomTerms } from './random.ts';
import { codesOf, CONTEXT, fact, settled, taken, terms } from './support.ts';

let duckdb: Database;
let clickHouse: ReturnType<typeof openClickHouse> | undefined;
beforeAll(async () => {
  duckdb = await openDatabase();
  if (CHDB_FOLDER === undefined)
    console.warn('ClickHouse is skipped: YINGLIAN_CHDB names no folder with chdb installed');
  else clickHouse = openClickHouse(CHDB_FOLDER);
});
afterAll(() => clickHouse?.close());

const RUN = { from: '2026-03-01', to: '2026-03-31' };
const HAS = { hall: true, equipment: true, fee: true, ticketType: true };

async function execute(
  database: Database,
  inputs: readonly CompileInput[],
  facts: readonly BoxOfficeFact[],
): Promise<{ plan: SqlPlan; lines: Map<string, Record<string, bigint>> }> {
  const plan = taken(
    compileSettlement(inputs, {
      period: RUN,
      dialect: database.dialect,
      facts: 'facts',
      cinemas: 'cinemas',
      has: HAS,
    }),
  );
  await loadFacts(database, facts, CONTEXT.register);
  for (const table of plan.tables) await database.load(table);
  const lines = new Map<string, Record<string, bigint>>();
  const rows = await database.rows(plan.query);
  const text = (value: unknown) => (value === null ? undefined : String(value));
  const fen = partsOfRows(
    plan,
    rows.map((row) => ({
      profile: Number(row['profile']),
      filmCode: String(row['film_code']),
      cinemaCode: String(row['cinema_code']),
      circuit: text(row['circuit']),
      equipment: text(row['equipment']),
      hall: text(row['hall']),
      baseFen: BigInt(row['base_fen'] as bigint),
      admissions: BigInt(row['admissions'] as bigint),
      parts: Object.keys(row)
        .filter((key) => key.startsWith('part_'))
        .map((key) => BigInt(row[key] as bigint)),
    })),
  );
  for (const [index, row] of rows.entries()) {
    const profile = plan.profiles.get(Number(row['profile']))!;
    const id = [
      row['film_code'],
      row['cinema_code'],
      row['equipment'] ?? '',
      profile.byHall ? (row['hall'] ?? '') : '',
      profile.key,
    ].join('/');
    assert(!lines.has(id), 'a line comes once');
    const parts: Record<string, bigint> = {
      base: BigInt(row['base_fen'] as bigint),
      admissions: BigInt(row['admissions'] as bigint),
      gross: BigInt(row['gross_fen'] as bigint),
    };
    profile.terminals.forEach((terminal, i) => {
      parts[terminal.node] = fen[index]![i]!;
    });
    lines.set(id, parts);
  }
  return { plan, lines };
}

function interpreted(settlements: readonly Settlement[]): Map<string, Record<string, bigint>> {
  const lines = new Map<string, Record<string, bigint>>();
  for (const settlement of settlements) {
    for (const { id, toDate } of settlement.lines) {
      const { rounding_tail: _tail, ...parts } = toDate.parts;
      lines.set(id, {
        base: toDate.measures.baseFen,
        admissions: toDate.measures.admissions,
        gross: toDate.measures.grossFen,
        ...parts,
      });
    }
  }
  return lines;
}

async function agree(
  cases: readonly { terms: TheatricalTerms; facts: readonly BoxOfficeFact[] }[],
  database: Database = duckdb,
) {
  const settlements = cases.map((each) => settled(each.terms, each.facts, { period: RUN }));
  const inputs = cases.map((each, i) => ({
    terms: each.terms,
    schedules: settlements[i]!.schedules,
  }));
  const { plan, lines } = await execute(
    database,
    inputs,
    cases.flatMap((each) => each.facts),
  );
  const expected = interpreted(settlements);
  expect(lines.size).toBe(expected.size);
  for (const [id, parts] of expected) expect(lines.get(id), id).toEqual(parts);
  return { plan, lines };
}

/** Each case under film codes of its own, so that hundreds run in one query. */
function numbered(terms: TheatricalTerms, facts: readonly BoxOfficeFact[], serial: number) {
  const recode = (code: string) =>
    `${code.slice(0, 4)}${String(serial).padStart(4, '0')}${code.slice(8)}`;
  return {
    terms: {
      ...terms,
      id: `t${serial}`,
      film: {
        ...terms.film,
        versions: terms.film.versions.map((each) => ({ ...each, code: recode(each.code) })),
      },
    },
    facts: facts.map((each) => ({ ...each, filmCode: recode(each.filmCode) })),
  };
}

const policy = fc
  .record({
    place: fc.constantFrom('line' as const, 'row' as const, 'total' as const),
    method: fc.constantFrom('allocation' as const, 'independent' as const, 'stepwise' as const),
    mode: fc.constantFrom(...roundingModes),
    tail: fc.constantFrom(...tailRules),
    tailParty: fc.option(fc.constantFrom('distributor', 'cinema'), { nil: undefined }),
    periods: fc.constant('each_period' as const),
  })
  .filter(({ place, method }) => place !== 'row' || method !== 'stepwise')
  .map(({ tailParty, ...rest }): RoundingPolicy => ({
    ...rest,
    ...(tailParty === undefined ? {} : { tailParty }),
  }));

/** Row by row the query refuses fractions that only the interpreter can hold. */
function compilable({ terms, facts }: Case): boolean {
  if (terms.rounding.place !== 'row') return true;
  const { schedules } = settled(terms, facts, { period: RUN });
  const options = { period: RUN, dialect: DUCKDB, facts: 'facts', cinemas: 'cinemas', has: HAS };
  return compileSettlement([{ terms, schedules }], options).ok;
}
type Case = { readonly terms: TheatricalTerms; readonly facts: readonly BoxOfficeFact[] };

const tooFine = () =>
  terms({
    rounding: { periods: 'each_period' },
    fund: { to: 'film_fund', rates: [{ id: 'a', rate: `1/${10n ** 19n - 1n}` }] },
  });

/** Ten thousand by the switch; the default is a sample that every run affords. */
const BATCHES = Number(process.env['YINGLIAN_SQL_BATCHES'] ?? '3');
const BATCH = 60;

/** Random terms under one rounding policy a batch, each with rows of its own. */
async function agreeOnRandom(database: Database) {
  const batch = (rounding: RoundingPolicy) =>
    fc.array(fc.tuple(randomTerms({ rounding }), randomFacts(12)), {
      minLength: BATCH,
      maxLength: BATCH,
    });
  await fc.assert(
    fc.asyncProperty(policy.chain(batch), async (cases) => {
      const all = cases.map(([used, facts], i) => numbered(used, facts, i + 1));
      const fitting = all.filter(compilable);
      expect(fitting.length).toBeGreaterThan(BATCH / 4);
      await agree(fitting, database);
    }),
    { numRuns: BATCHES, endOnFailure: true },
  );
}

describe('compiled to SQL', () => {
  it('[SQ1] agrees to the fen with the interpreter on random terms and rows', async () => {
    await agreeOnRandom(duckdb);
  }, 900_000);

  it.skipIf(CHDB_FOLDER === undefined)(
    '[SQ6] ClickHouse agrees to the fen on random terms and rows',
    async () => {
      await agreeOnRandom(clickHouse!);
    },
    3_600_000,
  );

  const halls = terms({
    base: {
      serviceFee: 'in_gross',
      excludedTicketTypes: ["it's"],
      cityClasses: { a: ['4301'] },
      otherCities: 'b',
      standards: [
        { id: 'a', cityClass: 'a', minimum: '35.00', to: '2026-03-10' },
        { id: 'a2', cityClass: 'a', minimum: '25.00', from: '2026-03-11' },
        { id: 'b', cityClass: 'b', minimum: '30.00', from: '2026-03-05' },
      ],
    },
    rounding: { periods: 'each_period' },
    splits: [
      {
        id: 'main',
        of: 'net',
        clauses: [
          {
            id: 'early',
            when: { from: '2026-03-04', to: '2026-03-08', equipment: 'owned' },
            shares: [
              { to: 'cinema', share: '60%' },
              { to: 'circuit', share: 'rest' },
            ],
          },
          {
            id: 'owned',
            when: { from: '2026-03-10', equipment: 'owned' },
            shares: [
              { to: 'cinema', share: '57%' },
              { to: 'circuit', share: 'rest' },
            ],
          },
          {
            id: 'special',
            when: { halls: ['5'], cinemas: ['43014301'], from: '2026-03-06' },
            shares: [
              { to: 'cinema', share: '40%' },
              { to: 'circuit', share: 'rest' },
            ],
          },
          {
            id: 'leased',
            when: { equipment: 'leased', circuits: ['circuit-b'] },
            shares: [
              { to: 'cinema', share: '50%' },
              { to: 'digital', share: '1%' },
              { to: 'circuit', share: 'rest' },
            ],
          },
        ],
      },
    ],
  });
  const days = Array.from({ length: 30 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`);
  const rich = days.flatMap((date, i) =>
    ['43014301', '42010101', '31010101'].flatMap((cinemaCode) => [
      fact(BigInt(1000 + i * 137), {
        date,
        cinemaCode,
        hall: String(4 + (i % 2)),
        admissions: 1 + (i % 3),
        serviceFeeFen: 300n,
      }),
      fact(-2500n, { date, cinemaCode, hall: '5', admissions: -1 }),
      fact(9999n, { date, cinemaCode, ticketType: "it's" }),
    ]),
  );

  it('[SQ2] halls, standards, fees, excluded tickets, nearest segments and gaps', async () => {
    const { plan, lines } = await agree([{ terms: halls, facts: rich }]);
    expect(lines.size).toBeGreaterThan(3);
    const exceptions = await duckdb.rows(plan.exceptions);
    const expected = settled(halls, rich, { period: RUN }).exceptions.length;
    expect(expected).toBeGreaterThan(0);
    expect(exceptions.reduce((left, row) => left + Number(row['fact_rows']), 0)).toBe(expected);
  });

  it.skipIf(CHDB_FOLDER === undefined)(
    '[SQ6] ClickHouse agrees on halls, standards, fees, gaps, exceptions and fine fractions',
    async () => {
      const { plan } = await agree([{ terms: halls, facts: rich }], clickHouse!);
      const exceptions = await clickHouse!.rows(plan.exceptions);
      const expected = settled(halls, rich, { period: RUN }).exceptions.length;
      expect(exceptions.reduce((left, row) => left + Number(row['fact_rows']), 0)).toBe(expected);
      const cases = [{ terms: tooFine(), facts: [fact(10n ** 13n), fact(7n)] }];
      // 256 bits hold what 128 do not.
      expect((await agree(cases, clickHouse!)).plan.interpreted.size).toBe(0);
    },
  );

  it('[SQ3] refuses what it cannot say', () => {
    const options = { period: RUN, dialect: DUCKDB, facts: 'facts', cinemas: 'cinemas' };
    const compile = (...used: TheatricalTerms[]) =>
      codesOf(
        compileSettlement(
          used.map((each) => ({ terms: each, schedules: new Map() })),
          options,
        ).findings,
      );
    expect(compile()).toEqual(['empty_terms']);
    const byRow = { place: 'row', periods: 'each_period' };
    expect(compile(terms({ rounding: { ...byRow, method: 'stepwise' } }))).toEqual([
      'unsupported_rounding',
    ]);
    const fine = { to: 'film_fund', rates: [{ id: 'a', rate: `1/${10n ** 19n - 1n}` }] };
    expect(compile(terms({ rounding: byRow, fund: fine }))).toEqual(['unsupported_rounding']);
    expect(compile(terms(), terms({ rounding: { tail: 'last' } }))).toEqual([
      'unsupported_rounding',
    ]);
    const many = Array.from({ length: 160 }, (_, i) => ({
      id: `c${i}`,
      when: { cinemas: [String(i)] },
      shares: [{ to: 'pool', share: '100%' }],
    }));
    const both = terms({
      splits: [
        { id: 'main', of: 'net', clauses: many },
        {
          id: 'next',
          of: 'pool',
          clauses: many.map((each) => ({ ...each, shares: [{ to: 'cinema', share: '100%' }] })),
        },
      ],
    });
    expect(compile(both)).toEqual(['excessive_profiles']);
  });

  it('[SQ5] fractions too fine for the engine are summed there and allocated here', async () => {
    const { plan } = await agree([{ terms: tooFine(), facts: [fact(10n ** 13n), fact(7n)] }]);
    expect(plan.interpreted.size).toBe(1);
  });

  it('[SQ4] texts of terms cannot leave their quotes; ClickHouse has its own types', () => {
    expect(quoted(DUCKDB, "a'; DROP TABLE x; --")).toBe("'a''; DROP TABLE x; --'");
    expect(quoted(CLICKHOUSE, "a\\' OR 1")).toBe("'a\\\\'' OR 1'");
    const heaviest = { ...halls, rounding: { ...halls.rounding, tail: 'largest_weight' as const } };
    const plan = taken(
      compileSettlement([{ terms: heaviest, schedules: new Map() }], {
        period: RUN,
        dialect: CLICKHOUSE,
        facts: 'facts',
        cinemas: 'cinemas',
        has: HAS,
      }),
    );
    expect(plan.query).toContain('intDiv(exact_1, denominator)');
    expect(plan.query).toContain('arrayJoin');
    expect(plan.tables.flatMap((table) => table.columns.map((column) => column.type))).toContain(
      'Int256',
    );
    expect(plan.query).not.toMatch(/HUGEINT|unnest|\/\//);
    // A number beyond 64 bits would be read as a floating one; as a text that is cast it is exact.
    expect(plan.query).not.toMatch(/(?<!['\d])\d{20,}/);
    expect(plan.query).toMatch(/CAST\('\d{60,}' AS Int256\)/);
  });
});
