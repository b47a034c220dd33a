import {
  accepted,
  daysFromTo,
  filmCodeKey,
  finding,
  type Outcome,
  parseYuan,
  refused,
} from '@yinglian/core';
import type { RoundingPolicy } from '../terms/common.ts';
import type { TheatricalTerms, TicketPrice } from '../terms/theatrical.ts';
import type { Period } from '../theatrical/facts.ts';
import type { Profile } from '../theatrical/plan.ts';
import { resolverFromSchedules } from '../theatrical/resolver.ts';
import type { Schedule } from '../theatrical/share-rates.ts';
import { standardOn } from '../theatrical/base.ts';
import { type CompiledStretch, compileStretches } from './choices.ts';
import { type Dialect, type PlanTable, quoted } from './dialect.ts';
import { chainsOf, columnsOf, interpretedProfiles } from './numerators.ts';
import { allocationColumns, independentColumns } from './rounding.ts';

/** Terms of one film with the moving rates that its day totals gave. */
export type CompileInput = {
  readonly terms: TheatricalTerms;
  readonly schedules: ReadonlyMap<string, Schedule>;
};

/** The query of many films, with the tables it reads and the profiles of its lines. */
export type SqlPlan = {
  readonly dialect: Dialect;
  readonly tables: readonly PlanTable[];
  /**
   * One row per line: film_code, cinema_code, circuit, equipment, hall, profile, screenings,
   * admissions, gross_fen, base_fen, part_1 … part_n. Parts are in the order of the profile's
   * terminals; those beyond them are 0.
   */
  readonly query: string;
  /** Rows that nothing settles: film_code, cinema_code, rows, gross_fen. */
  readonly exceptions: string;
  /** The number in column `profile` → the profile. */
  readonly profiles: ReadonlyMap<number, Profile>;
  /**
   * Profiles whose parts the query does not work out: those whose fractions do not fit the engine's
   * integers (the day on which a ladder or a cap is crossed), and all where the terms round step by
   * step, on totals, or to a named tail. The query sums their lines; {@link partsOfRows} and
   * {@link partsOfRow} round them.
   */
  readonly interpreted: ReadonlySet<number>;
  /** The number in column `profile` → the terms it is of. */
  readonly termsOf: ReadonlyMap<number, TheatricalTerms>;
  readonly rounding: RoundingPolicy;
};

/** What to read, of which days, and in which dialect. */
export type CompileOptions = {
  /** Rows of these days are read. For to-date figures `from` is the first day of the run. */
  readonly period: Period;
  readonly dialect: Dialect;
  /**
   * Relation or table function with film_code (upper case), cinema_code, hall, equipment (owned,
   * leased or null), business_date, screenings, admissions, gross_fen, service_fee_fen,
   * ticket_type.
   */
  readonly facts: string;
  /** Relation with cinema_code, circuit, province, city, taxpayer, equipment. */
  readonly cinemas: string;
  /** Columns that the facts really have beyond the needed ones. */
  readonly has?: {
    readonly hall?: boolean;
    readonly equipment?: boolean;
    readonly fee?: boolean;
    readonly ticketType?: boolean;
  };
};

/**
 * Compiles the terms of many films into one query over columns of rows that gives every line the
 * same fen as the interpreter. All terms share one rounding policy, per line.
 */
export function compileSettlement(
  inputs: readonly CompileInput[],
  options: CompileOptions,
): Outcome<SqlPlan> {
  const refusal = unsupported(inputs);
  if (refusal !== undefined) return refusal;
  const { dialect, period } = options;
  const numbers = new Map<string, number>();
  const profiles = new Map<number, Profile>();
  const shapes = new Map<string, number>();
  const termsOf = new Map<number, TheatricalTerms>();
  const stretches: (readonly (string | bigint | null)[])[] = [];
  const choices: (readonly (string | bigint | null)[])[] = [];
  for (const { terms, schedules } of inputs) {
    const resolver = resolverFromSchedules(terms, schedules);
    for (const { code, label } of terms.film.versions) {
      const compiled = compileStretches(terms, resolver, label, period, dialect);
      if (compiled === undefined)
        return refused(finding('excessive_profiles', 'error', { facts: { terms: terms.id } }));
      for (const stretch of compiled) {
        const number = BigInt(stretches.length + 1);
        const shape = BigInt(numberOf(shapes, stretch.expression));
        const circuit = needsCircuit(terms) ? 1n : 0n;
        // What holds on all days needs no date: 0 stands for every day of the film.
        const days = compiled.length === 1 ? 0n : number;
        const { from, to } = stretch;
        stretches.push([filmCodeKey(code), days, number, from, to, shape, circuit]);
        choices.push(...choiceRows(terms, stretch, number, { numbers, profiles, termsOf }));
      }
    }
  }
  const compiled = { stretches, choices, shapes, profiles, termsOf };
  const interpreted = interpretedProfiles(inputs[0]!.terms.rounding, profiles, dialect);
  if (inputs[0]!.terms.rounding.place === 'row' && interpreted.size > 0) {
    // A fraction that only the interpreter can hold would have to be worked out row by row there.
    const facts = { terms: termsOf.get([...interpreted][0]!)!.id, place: 'row', method: 'wide' };
    return refused(finding('unsupported_rounding', 'error', { facts }));
  }
  return accepted(assemble(inputs, options, compiled, interpreted));
}

function unsupported(inputs: readonly CompileInput[]): Outcome<SqlPlan> | undefined {
  const [first] = inputs;
  if (first === undefined) return refused(finding('empty_terms', 'error'));
  for (const { terms } of inputs) {
    const { place, method } = terms.rounding;
    const same = JSON.stringify(terms.rounding) === JSON.stringify(first.terms.rounding);
    if (same && !(place === 'row' && method === 'stepwise')) continue;
    return refused(
      finding('unsupported_rounding', 'error', { facts: { terms: terms.id, place, method } }),
    );
  }
  return undefined;
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size + 1);
  return numbers.size;
}

type Numbering = {
  readonly numbers: Map<string, number>;
  readonly profiles: Map<number, Profile>;
  readonly termsOf: Map<number, TheatricalTerms>;
};

function choiceRows(
  terms: TheatricalTerms,
  stretch: CompiledStretch,
  number: bigint,
  { numbers, profiles, termsOf }: Numbering,
): (readonly (string | bigint)[])[] {
  return [...stretch.profiles].map(([choice, profile]) => {
    const id = numberOf(numbers, `${terms.id}/${terms.version}/${profile.key}`);
    profiles.set(id, profile);
    termsOf.set(id, terms);
    return [number, BigInt(choice), BigInt(id)];
  });
}

type Compiled = {
  stretches: PlanTable['rows'];
  choices: PlanTable['rows'];
  shapes: ReadonlyMap<string, number>;
  profiles: ReadonlyMap<number, Profile>;
  termsOf: ReadonlyMap<number, TheatricalTerms>;
};

function assemble(
  inputs: readonly CompileInput[],
  options: CompileOptions,
  compiled: Compiled,
  interpreted: ReadonlySet<number>,
): SqlPlan {
  const { dialect } = options;
  const width = Math.max(
    ...[...compiled.profiles.values()].map((profile) => profile.terminals.length),
    1,
  );
  const policy = inputs[0]!.terms.rounding;
  const chains = chainsOf(compiled.profiles, interpreted, { width, dialect, policy });
  const byRow = policy.place === 'row';
  const merged = byRow ? new Set<number>() : mergedProfiles(compiled, interpreted);
  const tables = [
    stretchTable(compiled, dialect),
    choiceTable(compiled, merged, dialect),
    ...chains.map((chain) => chain.table),
    ...baseTables(inputs, options),
  ];
  const shared = (counted: boolean) =>
    `${rowsQuery(inputs, options, { tables, counted, byRow, compiled })},\n${classedQuery(
      inputs,
      options,
      { compiled, counted },
    )}`;
  const query = `WITH ${shared(false)},\n${linesQuery(compiled, merged, {
    materialized: chains.length > 1 ? dialect.materialized : '',
    dialect,
    rowEquipment: options.has?.equipment === true,
    byRow,
  })},\n${
    policy.method === 'allocation'
      ? allocationColumns(policy, width, { dialect, chains })
      : independentColumns(policy, width, { dialect, chains })
  }`;
  return {
    dialect,
    tables,
    profiles: compiled.profiles,
    interpreted,
    rounding: policy,
    termsOf: compiled.termsOf,
    query: `${byRow ? summedRows(query, width) : query}${dialect.settings}`,
    exceptions: `WITH ${shared(true)}
SELECT film_code, cinema_code, sum(fact_rows) AS fact_rows, sum(gross_fen) AS gross_fen
FROM classed LEFT JOIN settle_choices USING (stretch, choice)
WHERE profile IS NULL GROUP BY film_code, cinema_code${dialect.settings}`,
  };
}

/** Parts that were rounded row by row come together in lines. */
function summedRows(query: string, width: number): string {
  const line = 'film_code, cinema_code, circuit, equipment, hall, profile';
  const sums = ['screenings', 'admissions', 'gross_fen', 'base_fen'].concat(
    columnsOf(width, (i) => `part_${i + 1}`),
  );
  return `SELECT ${line}, ${sums.map((each) => `sum(${each}) AS ${each}`).join(', ')}
FROM (${query}) AS rounded_rows GROUP BY ${line}`;
}

function table(
  name: string,
  rows: PlanTable['rows'],
  columns: readonly (readonly [string, string])[],
): PlanTable {
  return { name, rows, columns: columns.map(([column, type]) => ({ name: column, type })) };
}

function stretchTable({ stretches }: Compiled, dialect: Dialect): PlanTable {
  return table('settle_stretches', stretches, [
    ['film_code', dialect.text],
    ['day_stretch', dialect.whole],
    ['stretch', dialect.whole],
    ['first_day', dialect.date],
    ['last_day', dialect.date],
    ['shape', dialect.whole],
    ['needs_circuit', dialect.whole],
  ]);
}

function choiceTable(
  { choices, profiles }: Compiled,
  merged: ReadonlySet<number>,
  dialect: Dialect,
): PlanTable {
  const rows = choices.map(([stretch, choice, profile]) => {
    const id = Number(profile);
    const flags = [profiles.get(id)!.byHall ? 1n : 0n, merged.has(id) ? 1n : 0n];
    return [stretch!, choice!, profile!, ...flags];
  });
  return table('settle_choices', rows, [
    ['stretch', dialect.whole],
    ['choice', dialect.whole],
    ['profile', dialect.whole],
    ['by_hall', dialect.whole],
    ['merged', dialect.whole],
  ]);
}

/** The settlement standard by film, day and class of city; only where some terms have one. */
function baseTables(
  inputs: readonly CompileInput[],
  { period, dialect }: CompileOptions,
): PlanTable[] {
  const standards: (string | bigint)[][] = [];
  const classes: (string | bigint)[][] = [];
  for (const { terms } of inputs) {
    if (terms.base.standards.length === 0) continue;
    const names = [...new Set([...Object.keys(terms.base.cityClasses), terms.base.otherCities])];
    for (const { code, label } of terms.film.versions) {
      const film = filmCodeKey(code);
      for (const [name, cities] of Object.entries(terms.base.cityClasses)) {
        for (const city of cities) classes.push([film, city, name]);
      }
      for (const day of daysFromTo(period.from, period.to)) {
        for (const name of names) {
          const found = standardOn(terms, { cityClass: name, version: label }, day);
          if (found === undefined) continue;
          const isOther = name === terms.base.otherCities ? 1n : 0n;
          standards.push([film, day, name, parseYuan(found.minimum)!, isOther]);
        }
      }
    }
  }
  if (standards.length === 0) return [];
  return [
    table('settle_standards', standards, [
      ['film_code', dialect.text],
      ['business_date', dialect.date],
      ['city_class', dialect.text],
      ['minimum_fen', dialect.whole],
      ['is_other', dialect.whole],
    ]),
    table('settle_cities', classes, [
      ['film_code', dialect.text],
      ['city', dialect.text],
      ['city_class', dialect.text],
    ]),
  ];
}

const namesHalls = (inputs: readonly CompileInput[]) =>
  inputs.some(({ terms }) =>
    terms.splits.some((split) => split.clauses.some((clause) => clause.when.halls !== undefined)),
  );

type RowsGiven = {
  readonly tables: readonly PlanTable[];
  readonly counted: boolean;
  readonly byRow: boolean;
  readonly compiled: Compiled;
};

/**
 * Rows to sums per film, cinema, equipment and stretch: the only pass over all rows. Most films
 * have one stretch in a period, so only the days of the others are joined.
 */
function rowsQuery(
  inputs: readonly CompileInput[],
  options: CompileOptions,
  { tables, counted, byRow, compiled }: RowsGiven,
): string {
  const { dialect, has = {} } = options;
  const byDay = compiled.stretches.some(([, days]) => days !== 0n);
  // Columns that nothing asks for would only widen the groups.
  const extras = [
    ...(has.hall === true && namesHalls(inputs) ? ['r.hall AS hall'] : []),
    ...(has.equipment === true ? ['r.equipment AS row_equipment'] : []),
  ];
  const keys = [
    'r.film_code AS film_code',
    'r.cinema_code AS cinema_code',
    ...(byDay ? ['d.stretch AS joined_stretch'] : []),
    ...extras,
  ];
  const inGross = inputs.filter(({ terms }) => terms.base.serviceFee === 'in_gross');
  const sold =
    has.fee === true && inGross.length > 0
      ? `(r.gross_fen - CASE WHEN ${filmsIn(inGross, dialect)}
    THEN coalesce(r.service_fee_fen, 0) ELSE 0 END)`
      : 'r.gross_fen';
  const excluded = has.ticketType === true ? excludedTypes(inputs, dialect) : [];
  const standards = tables.some((each) => each.name === 'settle_standards');
  const day = (value: string) => dialect.cast(quoted(dialect, value), dialect.date);
  const { from, to } = options.period;
  const where = [
    `r.business_date BETWEEN ${day(from)} AND ${day(to)}`,
    ...excluded.map((each) => `NOT (${each})`),
  ].join(' AND ');
  const joins = standards
    ? `\n  JOIN ${options.cinemas} c ON c.cinema_code = r.cinema_code
  LEFT JOIN settle_cities k ON k.film_code = r.film_code AND k.city = c.city
  LEFT JOIN settle_standards s ON s.film_code = r.film_code AND s.business_date = r.business_date
    AND (s.city_class = k.city_class OR (k.city_class IS NULL AND s.is_other = 1))`
    : '';
  const sum = (value: string) => dialect.cast(byRow ? value : `sum(${value})`, dialect.whole);
  const priced = has.ticketType === true ? pricedExpression(inputs, sold, dialect) : sold;
  const standing = standards ? baseExpression(priced, dialect) : priced;
  const settled =
    has.ticketType === true ? exempted(inputs, { priced, standing }, dialect) : standing;
  const base = based(inputs) ? `,\n    ${sum(settled)} AS base_fen` : '';
  const grouping = byRow ? '' : `\n  GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`;
  const rows = byRow ? '1' : 'count(*)';
  const days = `settle_days AS (
  SELECT film_code, stretch, ${dialect.daysBetween('first_day', 'last_day')} AS business_date
  FROM settle_stretches WHERE day_stretch > 0
),
`;
  const dayJoin = `
  LEFT JOIN settle_days d
    ON d.film_code = r.film_code AND d.business_date = r.business_date`;
  return `${byDay ? days : ''}sums AS (
  SELECT ${keys.join(', ')},${counted ? ` ${rows} AS fact_rows,` : ''}
    ${sum('r.screenings')} AS screenings, ${sum('r.admissions')} AS admissions,
    ${sum(sold)} AS gross_fen${base}
  FROM ${options.facts} r${byDay ? dayJoin : ''}${joins}
  WHERE ${where}${grouping}
)`;
}

/** The settlement base is not what was sold: a standard or a ticket's own price moves it. */
const based = (inputs: readonly CompileInput[]) =>
  inputs.some(
    ({ terms: { base } }) => base.standards.length + (base.ticketPrices?.length ?? 0) > 0,
  );

type PriceCase = { readonly price: TicketPrice; readonly condition: string };

/** For which rows a price of the terms holds; the first that fits is the first of the cases. */
function priceCases(inputs: readonly CompileInput[], dialect: Dialect): PriceCase[] {
  const day = (value: string) => dialect.cast(quoted(dialect, value), dialect.date);
  return inputs.flatMap(({ terms }) =>
    (terms.base.ticketPrices ?? []).map((price) => {
      const films = terms.film.versions
        .filter((each) => price.versions === undefined || price.versions.includes(each.label))
        .map((each) => quoted(dialect, filmCodeKey(each.code)));
      const types = price.types.map((each) => quoted(dialect, each));
      return {
        price,
        condition: [
          films.length === 0 ? '1 = 0' : `r.film_code IN (${films.join(', ')})`,
          `coalesce(r.ticket_type, '') IN (${types.join(', ')})`,
          ...(price.from === undefined ? [] : [`r.business_date >= ${day(price.from)}`]),
          ...(price.to === undefined ? [] : [`r.business_date <= ${day(price.to)}`]),
        ].join(' AND '),
      };
    }),
  );
}

function pricedExpression(inputs: readonly CompileInput[], sold: string, dialect: Dialect): string {
  const cases = priceCases(inputs, dialect).map(({ price, condition }) => {
    const fen = parseYuan(price.amount)!;
    const amount =
      price.method === 'fixed' ? `${fen} * r.admissions` : atLeast(sold, String(fen), dialect);
    return `WHEN ${condition} THEN ${dialect.cast(amount, dialect.whole)}`;
  });
  return cases.length === 0 ? sold : `(CASE ${cases.join('\n      ')} ELSE ${sold} END)`;
}

/** Tickets whose price stands by itself are not lifted to the standard. */
function exempted(
  inputs: readonly CompileInput[],
  { priced, standing }: { readonly priced: string; readonly standing: string },
  dialect: Dialect,
): string {
  const cases = priceCases(inputs, dialect);
  if (!cases.some(({ price }) => price.standard === 'exempt')) return standing;
  const whens = cases.map(
    ({ price, condition }) =>
      `WHEN ${condition} THEN ${price.standard === 'exempt' ? priced : standing}`,
  );
  return `CASE ${whens.join('\n      ')} ELSE ${standing} END`;
}

/** The greater of the amount and so much for each admission, mirrored for refunds. */
function atLeast(amount: string, each: string, { cast, whole }: Dialect): string {
  const abs = (value: string) => cast(`abs(${value})`, whole);
  const magnitude = `greatest(${abs(amount)}, ${each} * ${abs('r.admissions')})`;
  return `CASE WHEN ${amount} < 0 OR r.admissions < 0 THEN -${magnitude} ELSE ${magnitude} END`;
}

/** max(sold, standard × admissions), mirrored for refunds. */
function baseExpression(sold: string, dialect: Dialect): string {
  return `CASE WHEN s.minimum_fen IS NULL THEN ${sold}
      ELSE ${atLeast(sold, 's.minimum_fen', dialect)} END`;
}

const codesOf = ({ terms }: CompileInput, dialect: Dialect) =>
  terms.film.versions.map((each) => quoted(dialect, filmCodeKey(each.code)));

function filmsIn(inputs: readonly CompileInput[], dialect: Dialect): string {
  return `r.film_code IN (${inputs.flatMap((input) => codesOf(input, dialect)).join(', ')})`;
}

function excludedTypes(inputs: readonly CompileInput[], dialect: Dialect): string[] {
  return inputs.flatMap((input) => {
    const types = input.terms.base.excludedTicketTypes;
    if (types.length === 0) return [];
    const list = types.map((type) => quoted(dialect, type)).join(', ');
    return [`${filmsIn([input], dialect)} AND coalesce(r.ticket_type, '') IN (${list})`];
  });
}

/** The clauses that hold, by the scope of each, as one number per group of rows. */
function classedQuery(
  inputs: readonly CompileInput[],
  options: CompileOptions,
  { compiled: { shapes, stretches }, counted }: { compiled: Compiled; counted: boolean },
): string {
  const byDay = stretches.some(([, days]) => days !== 0n);
  const whens = [...shapes]
    .map(([expression, shape]) => `WHEN ${shape} THEN ${expression}`)
    .join('\n      ');
  const { dialect, has = {} } = options;
  const equipment =
    has.equipment === true ? 'coalesce(g.row_equipment, c.equipment)' : 'c.equipment';
  const byHall = has.hall === true && namesHalls(inputs);
  const noHall = dialect.cast('NULL', dialect.nullableText);
  // Named one by one: where names meet, engines name the columns of `*` differently.
  const columns = [
    ...['film_code', 'cinema_code', 'screenings', 'admissions', 'gross_fen'].map(
      (each) => `g.${each} AS ${each}`,
    ),
    ...(counted ? ['g.fact_rows AS fact_rows'] : []),
    `${based(inputs) ? 'g.base_fen' : 'g.gross_fen'} AS base_fen`,
    `${byHall ? 'g.hall' : noHall} AS hall`,
    `${equipment} AS equipment`,
  ].join(', ');
  const choice = dialect.cast(`CASE shape\n      ${whens}\n    END`, dialect.whole);
  const stretch = byDay ? 'coalesce(g.joined_stretch, 0)' : '0';
  return `sited AS (
  SELECT ${columns}, t.stretch AS stretch, t.shape AS shape,
    t.needs_circuit AS needs_circuit, c.circuit AS circuit, c.province AS province,
    c.taxpayer AS taxpayer
  FROM sums g JOIN ${options.cinemas} c ON c.cinema_code = g.cinema_code
    JOIN settle_stretches t ON t.film_code = g.film_code AND t.day_stretch = ${stretch}
),
classed AS (
  SELECT *, ${choice} AS choice
  FROM sited
  WHERE NOT (needs_circuit = 1 AND circuit IS NULL)
)`;
}

function needsCircuit(terms: TheatricalTerms): boolean {
  const circuits = new Set(
    terms.parties.filter((each) => each.role === 'circuit').map((each) => each.id),
  );
  return terms.splits.some((split) =>
    split.clauses.some((clause) => clause.shares.some((share) => circuits.has(share.to))),
  );
}

type LinesGiven = {
  readonly materialized: string;
  readonly dialect: Dialect;
  readonly rowEquipment: boolean;
  readonly byRow: boolean;
};

/** Stretches with the same clauses and tiers are one line; halls only where a clause names them. */
function linesQuery(
  { profiles }: Compiled,
  merged: ReadonlySet<number>,
  { materialized, dialect, rowEquipment, byRow }: LinesGiven,
): string {
  const byHall = byRow || [...profiles.values()].some((profile) => profile.byHall);
  const named = 'CASE WHEN by_hall = 1 THEN hall END';
  const measures = 'profile, screenings, admissions, gross_fen, base_fen';
  const line = `film_code, cinema_code, circuit, equipment, ${byHall ? named : 'hall'} AS line_hall,
    ${measures}`;
  const joins = 'classed JOIN settle_choices USING (stretch, choice)';
  if (merged.size === 0) {
    return `profiled AS ${materialized}(\n  SELECT ${line}\n  FROM ${joins}\n)`;
  }
  // A cinema has one circuit, and one equipment unless the rows say it: no need to group by them.
  const equipment = rowEquipment ? 'equipment' : 'min(equipment) AS equipment';
  const hall = byHall ? 'line_hall' : 'min(line_hall) AS line_hall';
  const keys = ['1', '2', '6', ...(rowEquipment ? ['4'] : []), ...(byHall ? ['5'] : [])];
  const sums = ['screenings', 'admissions', 'gross_fen', 'base_fen']
    .map((each) => `${dialect.cast(`sum(${each})`, dialect.whole)} AS ${each}`)
    .join(',\n    ');
  const grouped = `SELECT film_code, cinema_code, min(circuit) AS circuit, ${equipment}, ${hall},
    profile, ${sums}
  FROM joined`;
  const grouping = `GROUP BY ${keys.join(', ')}`;
  if (dialect.materialized === '' || merged.size * 2 > profiles.size) {
    return `joined AS (\n  SELECT ${line}\n  FROM ${joins}\n),
profiled AS ${materialized}(\n  ${grouped} ${grouping}\n)`;
  }
  // Most profiles hold in one stretch alone: their rows are lines already and need no grouping.
  return `joined AS ${dialect.materialized}(\n  SELECT ${line}, merged\n  FROM ${joins}\n),
profiled AS ${materialized}(
  SELECT film_code, cinema_code, circuit, equipment, line_hall, ${measures}
  FROM joined WHERE merged = 0
  UNION ALL
  ${grouped} WHERE merged = 1 ${grouping}
)`;
}

/** Profiles of which a film and cinema may have several rows, which are one line. */
function mergedProfiles(compiled: Compiled, interpreted: ReadonlySet<number>): Set<number> {
  const merged = new Set<number>(interpreted);
  for (const [id, profile] of compiled.profiles) if (profile.byHall) merged.add(id);
  const filmOf = new Map(compiled.stretches.map(([film, , stretch]) => [stretch, film]));
  const stretchOf = new Map<string, string | bigint | null>();
  for (const [stretch, , profile] of compiled.choices) {
    const key = `${profile}/${filmOf.get(stretch!)}`;
    if (stretchOf.has(key) && stretchOf.get(key) !== stretch) merged.add(Number(profile));
    stretchOf.set(key, stretch!);
  }
  return merged;
}
