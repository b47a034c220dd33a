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
import type { TheatricalTerms } from '../terms/theatrical.ts';
import type { Period } from '../theatrical/facts.ts';
import type { Profile } from '../theatrical/plan.ts';
import { resolverFromSchedules, type Schedule } from '../theatrical/resolver.ts';
import { covers } from '../theatrical/choose.ts';
import { type CompiledStretch, compileStretches } from './choices.ts';
import { type Dialect, quoted } from './dialect.ts';
import { allocationColumns, type Arithmetic, independentColumns } from './rounding.ts';

/** Terms of one film with the moving rates that its day totals gave. */
export type CompileInput = {
  readonly terms: TheatricalTerms;
  readonly schedules: ReadonlyMap<string, Schedule>;
};

/** A small table that the query joins; the host loads it under its name. */
export type PlanTable = {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | bigint | null)[])[];
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

/** Lines with more takers than this are not compiled. */
export const TERMINALS_MAX = 40;
/** Bits left for base × numerator beyond the denominator: amounts up to 10^14 yuan. */
const AMOUNT_BITS = 56;

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
        const shape = numberOf(shapes, stretch.expression);
        stretches.push([filmCodeKey(code), number, stretch.from, stretch.to, BigInt(shape)]);
        choices.push(...choiceRows(terms, stretch, number, { numbers, profiles, termsOf }));
      }
    }
  }
  const compiled = { stretches, choices, shapes, profiles, termsOf };
  const interpreted = interpretedOf(inputs[0]!.terms.rounding, profiles, dialect);
  if (inputs[0]!.terms.rounding.place === 'row' && interpreted.size > 0) {
    // A fraction that only the interpreter can hold would have to be worked out row by row there.
    const facts = { terms: termsOf.get([...interpreted][0]!)!.id, place: 'row', method: 'wide' };
    return refused(finding('unsupported_rounding', 'error', { facts }));
  }
  return accepted(assemble(inputs, options, compiled, interpreted));
}

function interpretedOf(
  policy: RoundingPolicy,
  profiles: ReadonlyMap<number, Profile>,
  dialect: Dialect,
): Set<number> {
  const all = sumsOnly(policy);
  return new Set(
    [...profiles]
      .filter(([, each]) => all || bits(each) + AMOUNT_BITS > dialect.wideBits)
      .map(([id]) => id),
  );
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

/** What the engine cannot round by itself it only sums. */
function sumsOnly({ place, method, tailParty }: RoundingPolicy): boolean {
  if (place === 'row') return false;
  return place === 'total' || method === 'stepwise' || tailParty !== undefined;
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

/** Bits by which a remainder's key is longer, for the order of the takers. */
const ORDER_BITS = 6;

const bitLength = (value: bigint) => (value < 0n ? -value : value).toString(2).length;

/** The remainder's key adds six bits for the order of the takers. */
function bits(profile: Profile): number {
  const numerators = [...profile.baseNumerators, ...profile.ticketNumerators];
  return Math.max(bitLength(profile.denominator), ...numerators.map(bitLength)) + ORDER_BITS;
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
  const tables = [
    stretchTable(compiled, dialect),
    table('settle_choices', compiled.choices, [
      ['stretch', dialect.whole],
      ['choice', dialect.whole],
      ['profile', dialect.whole],
    ]),
    profileTable(compiled.profiles, interpreted, { width, dialect }),
    ...baseTables(inputs, options),
  ];
  const classed = classedQuery(inputs, options, compiled.shapes);
  const days = `settle_days AS (
  SELECT film_code, stretch, ${dialect.daysBetween('first_day', 'last_day')} AS business_date
  FROM settle_stretches
)`;
  const byRow = policy.place === 'row';
  const shared = (counted: boolean) =>
    `${days},\n${rowsQuery(inputs, options, { tables, counted, byRow })},\n${classed}`;
  const arithmetic = arithmeticOf(compiled.profiles, interpreted);
  const query = `WITH ${shared(false)},\n${linesQuery(compiled, interpreted, {
    materialized: arithmetic.narrow && arithmetic.wide ? dialect.materialized : '',
    shared: dialect.materialized,
    rowEquipment: options.has?.equipment === true,
    byRow,
  })},\n${roundedQuery(policy, width, { dialect, arithmetic })}`;
  return {
    dialect,
    tables,
    profiles: compiled.profiles,
    interpreted,
    rounding: policy,
    termsOf: compiled.termsOf,
    query: byRow ? summedRows(query, width) : query,
    exceptions: `WITH ${shared(true)}
SELECT film_code, cinema_code, sum(fact_rows) AS fact_rows, sum(gross_fen) AS gross_fen
FROM classed LEFT JOIN settle_choices USING (stretch, choice)
WHERE profile IS NULL GROUP BY film_code, cinema_code`,
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
    ['stretch', dialect.whole],
    ['first_day', dialect.date],
    ['last_day', dialect.date],
    ['shape', dialect.whole],
  ]);
}

function profileTable(
  profiles: ReadonlyMap<number, Profile>,
  interpreted: ReadonlySet<number>,
  { width, dialect }: { width: number; dialect: Dialect },
): PlanTable {
  const rows = [...profiles].map(([id, profile]) => {
    const wide = interpreted.has(id);
    return [
      BigInt(id),
      profile.byHall ? 1n : 0n,
      wide || isNarrow(profile) ? 1n : 0n,
      wide ? 0n : BigInt(profile.terminals.length),
      wide ? 1n : profile.denominator,
      ...columnsOf(width, (i) => (wide ? 0n : (profile.baseNumerators[i] ?? 0n))),
      ...columnsOf(width, (i) => (wide ? 0n : (profile.ticketNumerators[i] ?? 0n))),
    ];
  });
  return table('settle_profiles', rows, [
    ['profile', dialect.whole],
    ['by_hall', dialect.whole],
    ['narrow', dialect.whole],
    ['takers', dialect.whole],
    ['denominator', dialect.wide],
    ...columnsOf(width, (i) => [`base_${i + 1}`, dialect.wide] as const),
    ...columnsOf(width, (i) => [`ticket_${i + 1}`, dialect.wide] as const),
  ]);
}

/** One item for each column of a width, from index 0. */
export function columnsOf<Item>(width: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: width }, (_, i) => make(i));
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
          const found = terms.base.standards.find(
            (each) =>
              each.cityClass === name &&
              covers(each, day) &&
              (each.versions === undefined || each.versions.includes(label)),
          );
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

/** Rows to sums per film, cinema, equipment and stretch: the only pass over all rows. */
function rowsQuery(
  inputs: readonly CompileInput[],
  options: CompileOptions,
  { tables, counted, byRow }: { tables: readonly PlanTable[]; counted: boolean; byRow: boolean },
): string {
  const { dialect, has = {} } = options;
  // Columns that nothing asks for would only widen the groups.
  const extras = [
    ...(has.hall === true && namesHalls(inputs) ? ['r.hall AS hall'] : []),
    ...(has.equipment === true ? ['r.equipment AS row_equipment'] : []),
  ];
  const keys = [
    'r.film_code AS film_code',
    'r.cinema_code AS cinema_code',
    'd.stretch AS stretch',
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
  const where =
    excluded.length === 0
      ? ''
      : `\n  WHERE ${excluded.map((each) => `NOT (${each})`).join(' AND ')}`;
  const joins = standards
    ? `\n  JOIN ${options.cinemas} c ON c.cinema_code = r.cinema_code
  LEFT JOIN settle_cities k ON k.film_code = r.film_code AND k.city = c.city
  LEFT JOIN settle_standards s ON s.film_code = r.film_code AND s.business_date = r.business_date
    AND (s.city_class = k.city_class OR (k.city_class IS NULL AND s.is_other = 1))`
    : '';
  const sum = (value: string) => (byRow ? value : `sum(${value})`);
  const base = standards ? `,\n    ${sum(baseExpression(sold))} AS base_fen` : '';
  const grouping = byRow ? '' : `\n  GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`;
  const rows = byRow ? '1' : 'count(*)';
  return `sums AS (
  SELECT ${keys.join(', ')},${counted ? ` ${rows} AS fact_rows,` : ''}
    ${sum('r.screenings')} AS screenings, ${sum('r.admissions')} AS admissions,
    ${sum(sold)} AS gross_fen${base}
  FROM ${options.facts} r JOIN settle_days d
    ON d.film_code = r.film_code AND d.business_date = r.business_date${joins}${where}${grouping}
)`;
}

/** max(sold, standard × admissions), mirrored for refunds. */
function baseExpression(sold: string): string {
  const magnitude = `greatest(abs(${sold}), s.minimum_fen * abs(r.admissions))`;
  return `CASE WHEN s.minimum_fen IS NULL THEN ${sold}
      WHEN ${sold} < 0 OR r.admissions < 0 THEN -${magnitude} ELSE ${magnitude} END`;
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
  shapes: ReadonlyMap<string, number>,
): string {
  const whens = [...shapes]
    .map(([expression, shape]) => `WHEN ${shape} THEN ${expression}`)
    .join('\n      ');
  const circuit = inputs.filter(({ terms }) => needsCircuit(terms));
  const codes = circuit.flatMap((each) => codesOf(each, options.dialect)).join(', ');
  const where =
    circuit.length === 0 ? '' : `\n  WHERE NOT (film_code IN (${codes}) AND circuit IS NULL)`;
  const { has = {} } = options;
  const equipment =
    has.equipment === true ? 'coalesce(g.row_equipment, c.equipment)' : 'c.equipment';
  const hall =
    has.hall === true && namesHalls(inputs)
      ? ''
      : `, ${options.dialect.cast('NULL', options.dialect.nullableText)} AS hall`;
  const base = inputs.some(({ terms }) => terms.base.standards.length > 0)
    ? ''
    : ', g.gross_fen AS base_fen';
  return `sited AS (
  SELECT g.*${base}${hall}, ${equipment} AS equipment, t.shape AS shape,
    c.circuit AS circuit, c.province AS province, c.taxpayer AS taxpayer
  FROM sums g JOIN ${options.cinemas} c ON c.cinema_code = g.cinema_code
    JOIN settle_stretches t ON t.stretch = g.stretch
),
classed AS (
  SELECT *, CASE shape
      ${whens}
    END AS choice
  FROM sited${where}
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

/** Stretches with the same clauses and tiers are one line; halls only where a clause names them. */
function linesQuery(
  compiled: Compiled,
  interpreted: ReadonlySet<number>,
  given: { materialized: string; shared: string; rowEquipment: boolean; byRow: boolean },
): string {
  const { materialized, shared, rowEquipment, byRow } = given;
  const byHall = byRow || [...compiled.profiles.values()].some((profile) => profile.byHall);
  const named = 'CASE WHEN by_hall = 1 THEN hall END';
  const hall = byHall ? named : 'hall';
  const line = `film_code, cinema_code, circuit, equipment, ${hall} AS line_hall, profile`;
  // A cinema has one circuit, and one equipment unless the rows say it: no need to group by them.
  const equipment = rowEquipment ? 'equipment' : 'min(equipment) AS equipment';
  const grouped = `film_code, cinema_code, min(circuit) AS circuit, ${equipment},
    ${byHall ? named : 'min(hall)'} AS line_hall, profile`;
  const keys = ['1', '2', '6', ...(rowEquipment ? ['4'] : []), ...(byHall ? ['5'] : [])];
  const joins =
    'classed JOIN settle_choices USING (stretch, choice) JOIN settle_profiles USING (profile)';
  const merged = byRow ? new Set<string>() : mergedProfiles(compiled, interpreted);
  const single = `SELECT ${line}, screenings, admissions, gross_fen, base_fen, admissions AS tickets
  FROM ${joins}`;
  if (merged.size === 0) return `profiled AS ${materialized}(\n  ${single}\n)`;
  const sums = `SELECT ${grouped}, sum(screenings) AS screenings, sum(admissions) AS admissions,
    sum(gross_fen) AS gross_fen, sum(base_fen) AS base_fen, sum(admissions) AS tickets
  FROM ${joins}`;
  const grouping = `GROUP BY ${keys.join(', ')}`;
  if (shared === '' || merged.size * 2 > compiled.profiles.size) {
    return `profiled AS ${materialized}(\n  ${sums} ${grouping}\n)`;
  }
  // Most profiles hold in one stretch alone: their rows are lines already and need no grouping.
  const list = [...merged].join(', ');
  return `joined AS ${shared}(SELECT * FROM ${joins}),
profiled AS ${materialized}(
  ${single.replace(joins, 'joined')} WHERE profile NOT IN (${list})
  UNION ALL
  ${sums.replace(joins, 'joined')} WHERE profile IN (${list}) ${grouping}
)`;
}

/** Profiles of which a film and cinema may have several rows, which are one line. */
function mergedProfiles(compiled: Compiled, interpreted: ReadonlySet<number>): Set<string> {
  const merged = new Set<string>([...interpreted].map(String));
  for (const [id, profile] of compiled.profiles) if (profile.byHall) merged.add(String(id));
  const filmOf = new Map(compiled.stretches.map(([film, stretch]) => [stretch, film]));
  const stretchOf = new Map<string, string | bigint | null>();
  for (const [stretch, , profile] of compiled.choices) {
    const key = `${profile}/${filmOf.get(stretch!)}`;
    if (stretchOf.has(key) && stretchOf.get(key) !== stretch) merged.add(String(profile));
    stretchOf.set(key, stretch!);
  }
  return merged;
}

/**
 * Profiles whose numbers are below 2^30 are allocated in 64 bits, the others in the wide type. The
 * base is divided by the denominator first, so that no product exceeds 2^60.
 */
const NARROW_BITS = 30;

function isNarrow(profile: Profile): boolean {
  return bits(profile) - ORDER_BITS <= NARROW_BITS;
}

function arithmeticOf(
  profiles: ReadonlyMap<number, Profile>,
  interpreted: ReadonlySet<number>,
): Arithmetic {
  const compiled = [...profiles]
    .filter(([id]) => !interpreted.has(id))
    .map(([, profile]) => profile);
  return {
    narrow: compiled.some(isNarrow) || interpreted.size > 0 || compiled.length === 0,
    wide: compiled.some((profile) => !isNarrow(profile)),
  };
}

function roundedQuery(
  policy: RoundingPolicy,
  width: number,
  { dialect, arithmetic }: { dialect: Dialect; arithmetic: Arithmetic },
): string {
  return policy.method === 'allocation'
    ? allocationColumns(policy, width, { dialect, arithmetic })
    : independentColumns(policy, width, dialect);
}
