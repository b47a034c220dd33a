import {
  accepted,
  addDays,
  daysBetween,
  finding,
  type Finding,
  isIsoDate,
  type Outcome,
  parseRatio,
  refused,
  shareFen,
} from '@yinglian/core';
import { z } from 'zod';
import { INPUT_KINDS, type InputRow, type SettlementInputs } from './inputs.ts';
import { readYaml } from './terms/parse.ts';
import type { TheatricalTerms } from './terms/theatrical.ts';
import type { CinemaRegister } from './theatrical/facts.ts';
import type { Case } from './what-if.ts';

const day = z.string().refine(isIsoDate);
const text = z.string().min(1).max(500);
const fen = z.string().regex(/^-?\d{1,30}$/);
/** A whole number, or the text of one, as YAML has it here. */
const count = z.union([
  z.number().int().min(-1e9).max(1e9),
  z
    .string()
    .regex(/^-?\d{1,9}$/)
    .transform(Number),
]);

const rowChange = z.strictObject({
  /** Rows that are changed; days are those on which a row begins. */
  where: z.strictObject({
    id: text.optional(),
    cinemaCode: text.optional(),
    filmCode: text.optional(),
    hall: text.optional(),
    from: day.optional(),
    to: day.optional(),
  }),
  /** Of one row. */
  grossFen: fen.optional(),
  admissions: count.optional(),
  screenings: count.optional(),
  /** The gross of every row times this: `90%`. */
  times: z
    .string()
    .refine((value) => parseRatio(value) !== undefined)
    .optional(),
  /** The day that rows move to; one of several days keeps its length. */
  date: day.optional(),
});

const changesSchema = z.strictObject({
  rows: z.array(rowChange).max(500).default([]),
  /** A city in another class of the settlement standard. */
  cities: z
    .array(z.strictObject({ city: text, cityClass: text }))
    .max(500)
    .default([]),
  /** A cinema that the register knows otherwise. */
  cinemas: z
    .array(
      z.strictObject({
        cinemaCode: text,
        circuit: text.optional(),
        city: text.optional(),
        province: text.optional(),
        taxpayer: z.enum(['general', 'small_scale']).optional(),
        equipment: z.enum(['owned', 'leased']).optional(),
      }),
    )
    .max(500)
    .default([]),
  /** An income, an expense or another record of another amount or day. */
  records: z
    .array(
      z.strictObject({
        kind: z.enum(INPUT_KINDS),
        key: text,
        amountFen: fen.optional(),
        date: day.optional(),
      }),
    )
    .max(500)
    .default([]),
});
/** Facts as they might have been: nothing of it is kept. */
export type FactChanges = z.infer<typeof changesSchema>;

/** Changes of facts as data, or where they are wrong. */
export function parseFactChanges(data: unknown): Outcome<FactChanges> {
  const parsed = changesSchema.safeParse(data);
  if (parsed.success) return accepted(parsed.data);
  const paths = parsed.error.issues.map((each) => each.path.map(String).join('.'));
  return refused(...paths.map((path) => finding('invalid_change', 'error', { facts: { path } })));
}

/** Changes of facts as a person writes them, YAML or JSON; an empty text changes nothing. */
export function parseFactChangesText(text: string): Outcome<FactChanges> {
  const read = readYaml(text);
  return read.ok ? parseFactChanges(read.value ?? {}) : read;
}

/** A sharing of tickets with its facts changed; a change that changes nothing is refused. */
export function changedCase(current: Case, changes: FactChanges): Outcome<Case> {
  const findings: Finding[] = [];
  const terms = withCities(current.terms, changes.cities, findings);
  const { register, equipment } = withCinemas(current.context.register, changes.cinemas, findings);
  const facts = changedRows(current.facts, changes.rows, findings).map((fact) => {
    const device = equipment.get(fact.cinemaCode);
    return device === undefined ? fact : { ...fact, equipment: device };
  });
  findings.push(...unused('records', changes.records));
  if (findings.length > 0) return refused(...findings);
  return accepted({ terms, facts, context: { ...current.context, register } });
}

/** Inputs of other terms with their facts changed. */
export function changedInputs(
  inputs: SettlementInputs,
  changes: FactChanges,
): Outcome<SettlementInputs> {
  const findings: Finding[] = [];
  const counted = inputs.rows.map((row) => ({
    ...row,
    screenings: Number(row.screenings),
    admissions: Number(row.admissions),
    grossFen: BigInt(row.grossFen),
  }));
  const rows = changedRows(counted, changes.rows, findings).map((row): InputRow => ({
    ...row,
    screenings: String(row.screenings),
    admissions: String(row.admissions),
    grossFen: String(row.grossFen),
  }));
  const records = [...inputs.records];
  for (const [index, { kind, key, ...changed }] of changes.records.entries()) {
    const at = records.findIndex((each) => each.kind === kind && each.key === key);
    const known = records[at];
    const fits = Object.keys(changed).every((name) => known !== undefined && name in known);
    if (known === undefined || !fits || Object.keys(changed).length === 0)
      findings.push(...unmatched('records', index));
    else records[at] = { ...known, ...changed } as typeof known;
  }
  findings.push(...unused('cities', changes.cities), ...unused('cinemas', changes.cinemas));
  return findings.length > 0 ? refused(...findings) : accepted({ records, rows });
}

const unmatched = (list: string, index: number): Finding[] => [
  finding('unmatched_change', 'error', { facts: { list, number: index + 1 } }),
];
/** What these terms do not look at. */
const unused = (list: string, changes: readonly unknown[]) =>
  changes.flatMap((_, index) => unmatched(list, index));

type ChangedRow = {
  readonly id: string;
  readonly date: string;
  readonly lastDate?: string | undefined;
  readonly cinemaCode: string;
  readonly filmCode: string;
  readonly hall?: string;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: bigint;
  readonly priceFen?: bigint;
};
type RowChange = FactChanges['rows'][number];

function changedRows<Row extends ChangedRow>(
  rows: readonly Row[],
  changes: readonly RowChange[],
  findings: Finding[],
): Row[] {
  let changed = [...rows];
  for (const [index, change] of changes.entries()) {
    const chosen = new Set(changed.filter((row) => isMeant(row, change.where)));
    const { where: _where, ...set } = change;
    const ofOne = set.grossFen ?? set.admissions ?? set.screenings;
    if (chosen.size === 0 || Object.keys(set).length === 0)
      findings.push(...unmatched('rows', index));
    else if (chosen.size > 1 && ofOne !== undefined) {
      const facts = { number: index + 1, count: chosen.size };
      findings.push(finding('ambiguous_change', 'error', { facts }));
    }
    changed = changed.map((row) => (chosen.has(row) ? rowAs(row, set) : row));
  }
  return changed;
}

function isMeant(row: ChangedRow, { from, to, ...same }: RowChange['where']): boolean {
  if ((from !== undefined && row.date < from) || (to !== undefined && row.date > to)) return false;
  return Object.entries(same).every(
    ([name, value]) => value === undefined || row[name as keyof typeof same] === value,
  );
}

function rowAs<Row extends ChangedRow>(row: Row, change: Omit<RowChange, 'where'>): Row {
  const { date, times, admissions, screenings } = change;
  const written = change.grossFen === undefined ? row.grossFen : BigInt(change.grossFen);
  const grossFen = times === undefined ? written : shareFen(written, parseRatio(times)!, 'half_up');
  // A price of each ticket no longer says what the row came to.
  const { priceFen, ...rest } = row;
  const isPriced = priceFen !== undefined && grossFen === row.grossFen && admissions === undefined;
  const moved =
    date === undefined
      ? {}
      : {
          date,
          ...(row.lastDate === undefined
            ? {}
            : { lastDate: addDays(row.lastDate, daysBetween(row.date, date)) }),
        };
  return {
    ...rest,
    ...(isPriced ? { priceFen } : {}),
    ...moved,
    grossFen,
    admissions: admissions ?? row.admissions,
    screenings: screenings ?? row.screenings,
  } as Row;
}

function withCities(
  terms: TheatricalTerms,
  changes: FactChanges['cities'],
  findings: Finding[],
): TheatricalTerms {
  const { base } = terms;
  let { cityClasses } = base;
  for (const { city, cityClass } of changes) {
    const isOther = cityClass === base.otherCities;
    if (!isOther && cityClasses[cityClass] === undefined)
      findings.push(finding('unknown_city_class', 'error', { facts: { cityClass } }));
    cityClasses = Object.fromEntries(
      Object.entries(cityClasses).map(([name, cities]) => [
        name,
        name === cityClass ? [...new Set([...cities, city])] : cities.filter((one) => one !== city),
      ]),
    );
  }
  return changes.length === 0 ? terms : { ...terms, base: { ...base, cityClasses } };
}

function withCinemas(
  register: CinemaRegister,
  changes: FactChanges['cinemas'],
  findings: Finding[],
) {
  const changed: { [code: string]: CinemaRegister[string] } = { ...register };
  const equipment = new Map<string, 'owned' | 'leased'>();
  for (const [index, { cinemaCode, ...facts }] of changes.entries()) {
    if (register[cinemaCode] === undefined || Object.keys(facts).length === 0)
      findings.push(...unmatched('cinemas', index));
    const known = Object.entries(facts).filter(([, value]) => value !== undefined);
    changed[cinemaCode] = { ...changed[cinemaCode], ...Object.fromEntries(known) };
    if (facts.equipment !== undefined) equipment.set(cinemaCode, facts.equipment);
  }
  return { register: changed as CinemaRegister, equipment };
}
