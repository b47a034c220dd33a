import {
  accepted,
  addDays,
  type Fen,
  finding,
  type Finding,
  hasErrors,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { checkTheatrical } from '../checks.ts';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import {
  type BoxOfficeFact,
  lastDay,
  type Measures,
  type Period,
  type SettleContext,
  type StatedLine,
} from './facts.ts';
import { type Explained, ROUNDING_TAIL, type Settlement, type SettlementLine } from './lines.ts';
import { partsOf } from './parts.ts';
import { type Profile, UNDISTRIBUTED } from './plan.ts';
import type { Site } from './choose.ts';
import {
  type DayCell,
  isUnresolved,
  makeResolver,
  type ProfileRow,
  type Resolver,
} from './resolver.ts';
import { type Exceptions, prepare, type Prepared, type PreparedFact } from './prepare.ts';
import { roundParts } from './rounding.ts';
import { newTotals, roundTotals } from './totals.ts';

/**
 * Settles the film's rows to the end of the period. `facts` are the rows of the whole run so far;
 * rows after the period are left for later, rows before it count for ladders, caps and to-date
 * rounding, and come out as supplementary lines when they differ from what was stated.
 */
export function settleTheatrical(
  terms: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  context: SettleContext,
): Outcome<Settlement> {
  const lines: SettlementLine[] = [];
  const outcome = settleLines(terms, facts, context, (line) => void lines.push(line));
  if (!outcome.ok) return outcome;
  return accepted({ ...outcome.value, lines }, outcome.findings);
}

/**
 * {@link settleTheatrical} for more lines than memory should hold: each line is given away as it is
 * made, in the order of their ids, with the settlement so far for {@link explainLine}. Nothing of a
 * line is kept but its part of the totals.
 */
export function settleLines(
  terms: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  context: SettleContext,
  onLine: (line: SettlementLine, explained: Explained) => void,
): Outcome<Omit<Settlement, 'lines'>> {
  const findings = checkTheatrical(terms);
  findings.push(...missingBooks(terms, context));
  if (hasErrors(findings)) return refused(...findings);
  const prepared = prepare(terms, facts, context);
  const now = evaluate(terms, prepared, context, context.period.to);
  const prior = priorLines(terms, prepared, context, now);
  const exceptions = [...prepared.exceptions, ...now.exceptions];
  if (exceptions.length > 0) {
    const facts = { rows: exceptions.length };
    findings.push(finding('unsettled_rows', 'warning', { facts }));
  }
  findings.push(...outsideTerms(terms, prepared));
  const { profiles, schedules } = now.resolver;
  const totals = newTotals(terms);
  const explained = { terms, profiles };
  const give = (line: SettlementLine) => {
    totals.add(line);
    onLine(line, explained);
  };
  if (terms.rounding.place === 'total') {
    const lines: SettlementLine[] = [];
    eachLine(terms, context.period, { now, prior }, (line) => void lines.push(line));
    for (const line of roundTotals(terms, lines, now.resolver)) give(line);
  } else eachLine(terms, context.period, { now, prior }, give);
  return accepted(
    {
      kind: 'theatrical',
      terms,
      period: context.period,
      totals: totals.parties(),
      receivables: totals.receivables(),
      exceptions,
      profiles,
      schedules,
    },
    findings,
  );
}

/** Rows before or after the days of the terms: another version may hold for them. */
function outsideTerms({ effective }: TheatricalTerms, { rows }: Prepared): Finding[] {
  const { from, to } = effective;
  const outside = rows.filter(({ fact }) => fact.date < from || (to ?? '9999') < lastDay(fact));
  if (outside.length === 0) return [];
  const facts = { rows: outside.length, from, to: to ?? '' };
  return [finding('rows_outside_terms', 'warning', { facts, clause: 'effective' })];
}

function missingBooks(terms: TheatricalTerms, context: SettleContext): Finding[] {
  return terms.splits.flatMap((split) =>
    split.clauses.flatMap((clause) =>
      clause.shares.flatMap((share) => {
        const book = share.ladder?.book;
        if (book === undefined || book === 'facts' || context.books?.[book] !== undefined)
          return [];
        const at = `${split.id}:${clause.id}`;
        return [finding('missing_book', 'error', { facts: { book }, clause: at })];
      }),
    ),
  );
}

type Accumulator = {
  readonly id: string;
  readonly site: Site;
  readonly profile: Profile;
  toDate: MutableMeasures;
  /** The rows of the period alone; `undefined` while there are no others. */
  period: MutableMeasures | undefined;
  /** Parts summed row by row, when the terms round every row. */
  rowParts: Fen[] | undefined;
  rowTail: Fen;
  first: IsoDate;
  last: IsoDate;
  stretchFrom: IsoDate;
  stretchTo: IsoDate;
  factIds: string[];
};
type MutableMeasures = { screenings: bigint; admissions: bigint; grossFen: Fen; baseFen: Fen };
type Evaluation = {
  readonly resolver: Resolver;
  readonly lines: readonly Accumulator[];
  readonly exceptions: Exceptions;
};

const noMeasures = (): MutableMeasures => ({
  screenings: 0n,
  admissions: 0n,
  grossFen: 0n,
  baseFen: 0n,
});

const NO_MEASURES: Measures = Object.freeze(noMeasures());

function addTo(measures: MutableMeasures, row: PreparedFact): void {
  measures.screenings += BigInt(row.fact.screenings);
  measures.admissions += row.admissions;
  measures.grossFen += row.soldFen;
  measures.baseFen += row.baseFen;
}

function evaluate(
  terms: TheatricalTerms,
  prepared: Prepared,
  context: SettleContext,
  asOf: IsoDate,
): Evaluation {
  const rows = prepared.rows.filter((row) => lastDay(row.fact) <= asOf);
  const resolver = makeResolver(terms, moving(terms) ? dayCells(rows) : [], booksTo(context, asOf));
  const keeping: Keeping = { lines: [], byCinema: [] };
  const rowsOf: ProfileRow[] = [];
  const exceptions: Exceptions = [];
  const onlyPeriod = terms.rounding.periods === 'each_period' && context.stated === undefined;
  for (const row of rows) {
    const { fact, place } = row;
    const { site } = place;
    const inPeriod = lastDay(fact) >= context.period.from;
    if (onlyPeriod && !inPeriod) continue;
    const known = (rowsOf[place.index] ??= resolver.rowOf(site));
    const profile = resolver.profileIn(known, site, fact.date);
    const fault = isUnresolved(profile) ? profile : straddling(resolver, fact, site);
    if (fault !== undefined || isUnresolved(profile)) {
      const facts = { date: fact.date };
      const { unresolved, at } = fault!;
      const made = finding(unresolved, 'error', { facts, at: { fact: fact.id }, clause: at });
      exceptions.push({ factId: fact.id, finding: made });
      continue;
    }
    const line = keepLine(keeping, row, profile);
    addRow(terms, line, row, { inPeriod, resolver, period: context.period });
  }
  return { resolver, lines: keeping.lines, exceptions };
}

type Keeping = { readonly lines: Accumulator[]; readonly byCinema: Accumulator[][] };

/**
 * Two halls of a cinema are one line unless a clause that names halls holds. A cinema has few lines
 * of a film, so a short list finds them faster than a map would.
 */
function keepLine(keeping: Keeping, row: PreparedFact, profile: Profile): Accumulator {
  const { site, cinema } = row.place;
  const ofCinema = (keeping.byCinema[cinema] ??= []);
  for (const each of ofCinema) {
    const same = each.profile === profile && each.site.equipment === site.equipment;
    if (same && (!profile.byHall || each.site.hall === site.hall)) return each;
  }
  const line = newLine(site, profile, row.fact.date);
  ofCinema.push(line);
  keeping.lines.push(line);
  return line;
}

function newLine(site: Site, profile: Profile, date: IsoDate): Accumulator {
  const hall = profile.byHall ? (site.hall ?? '') : '';
  return {
    id: `${site.filmCode}/${site.cinemaCode}/${site.equipment ?? ''}/${hall}/${profile.key}`,
    site,
    profile,
    toDate: noMeasures(),
    period: undefined,
    rowParts: undefined,
    rowTail: 0n,
    first: date,
    last: date,
    stretchFrom: '9999-12-31',
    stretchTo: '0001-01-01',
    factIds: [],
  };
}

function addRow(
  terms: TheatricalTerms,
  line: Accumulator,
  row: PreparedFact,
  { inPeriod, resolver, period }: { inPeriod: boolean; resolver: Resolver; period: Period },
): void {
  const { date } = row.fact;
  const last = lastDay(row.fact);
  if (!inPeriod) line.period ??= { ...line.toDate };
  addTo(line.toDate, row);
  if (date < line.first) line.first = date;
  if (last > line.last) line.last = last;
  if (inPeriod) {
    if (line.period !== undefined) addTo(line.period, row);
    line.factIds.push(row.fact.id);
    if (date < line.stretchFrom || last > line.stretchTo) {
      const begun = resolver.stretchAt(date).from;
      const end = resolver.stretchAt(last).to;
      const from = begun > period.from ? begun : period.from;
      const to = end === undefined || end > period.to ? period.to : end;
      if (from < line.stretchFrom) line.stretchFrom = from;
      if (to > line.stretchTo) line.stretchTo = to;
    }
  }
  if (terms.rounding.place === 'row') {
    const rounded = roundParts(line.profile, row.baseFen, row.admissions, terms.rounding);
    line.rowParts =
      line.rowParts === undefined
        ? [...rounded.fen]
        : line.rowParts.map((part, i) => part + rounded.fen[i]!);
    line.rowTail += rounded.tailFen;
  }
}

function straddling(resolver: Resolver, fact: BoxOfficeFact, site: Site) {
  const days = { from: fact.date, to: lastDay(fact) };
  if (days.from === days.to || !resolver.changesWithin(site, days)) return undefined;
  return { unresolved: 'straddling_row', at: 'segments' };
}

function moving(terms: TheatricalTerms): boolean {
  return terms.splits.some((split) =>
    split.clauses.some((clause) =>
      clause.shares.some(
        (share) =>
          share.ladder !== undefined || share.cap !== undefined || share.floor !== undefined,
      ),
    ),
  );
}

function dayCells(rows: readonly PreparedFact[]): DayCell[] {
  const bySite = new Map<Site, Map<IsoDate, DayCell>>();
  const cells: DayCell[] = [];
  for (const { fact, place, baseFen, admissions } of rows) {
    const { site } = place;
    let byDate = bySite.get(site);
    if (byDate === undefined) bySite.set(site, (byDate = new Map()));
    const cell = byDate.get(fact.date);
    if (cell === undefined) {
      const made = { site, date: fact.date, baseFen, admissions };
      byDate.set(fact.date, made);
      cells.push(made);
    } else {
      cell.baseFen += baseFen;
      cell.admissions += admissions;
    }
  }
  return cells;
}

function booksTo(context: SettleContext, asOf: IsoDate) {
  return Object.fromEntries(
    Object.entries(context.books ?? {}).map(([name, days]) => [
      name,
      days.filter((day) => day.date <= asOf),
    ]),
  );
}

function toStated(terms: TheatricalTerms, line: Accumulator, measures: Measures): StatedLine {
  const rounded =
    line.rowParts === undefined
      ? roundParts(line.profile, measures.baseFen, measures.admissions, terms.rounding)
      : { fen: line.rowParts, tailFen: line.rowTail };
  const parts: Record<string, Fen> = {};
  const { terminals } = line.profile;
  for (let i = 0; i < terminals.length; i++) parts[terminals[i]!.node] = rounded.fen[i]!;
  if (rounded.tailFen !== 0n) parts[ROUNDING_TAIL] = rounded.tailFen;
  return { id: line.id, measures, parts };
}

/** What was stated before: as told, or as the rows before the period come to. */
function priorLines(
  terms: TheatricalTerms,
  prepared: Prepared,
  context: SettleContext,
  now: Evaluation,
): { stated: Map<string, StatedLine>; sites: readonly Accumulator[] } {
  if (context.stated !== undefined) {
    return { stated: new Map(context.stated.map((line) => [line.id, line])), sites: now.lines };
  }
  if (terms.rounding.periods === 'each_period') return { stated: new Map(), sites: now.lines };
  const asOf = addDays(context.period.from, -1);
  const before = evaluate(terms, prepared, context, asOf);
  const stated = new Map<string, StatedLine>();
  for (const line of before.lines) {
    stated.set(line.id, toStated(terms, line, line.toDate));
  }
  return { stated, sites: before.lines };
}

type Evaluations = { readonly now: Evaluation; readonly prior: ReturnType<typeof priorLines> };

/** Every line in the order of the ids, with those that were stated and are no more. */
function eachLine(
  terms: TheatricalTerms,
  period: Period,
  { now, prior }: Evaluations,
  give: (line: SettlementLine) => void,
): void {
  // Without anything stated before no id is ever looked up.
  const known = new Set(prior.stated.size === 0 ? [] : now.lines.map((line) => line.id));
  const sites = new Map(prior.stated.size === 0 ? [] : prior.sites.map((line) => [line.id, line]));
  const gone = [...prior.stated.values()].filter((before) => !known.has(before.id));
  for (const item of inOrder<Accumulator | StatedLine>([...now.lines, ...gone])) {
    const made =
      'profile' in item
        ? makeLine(terms, item, {
            toDate: toStated(terms, item, item.toDate),
            prior: prior.stated.size === 0 ? undefined : prior.stated.get(item.id),
            period,
          })
        : reversal(terms, item, sites.get(item.id), period);
    if (made !== undefined) give(made);
  }
}

/** Deliveries mostly come in order; then looking is enough. */
function inOrder<Item extends { readonly id: string }>(items: Item[]): Item[] {
  const sorted = items.every((item, i) => i === 0 || items[i - 1]!.id <= item.id);
  return sorted ? items : items.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

const subtractMeasures = (a: Measures, b: Measures | undefined): Measures =>
  b === undefined
    ? a
    : {
        screenings: a.screenings - b.screenings,
        admissions: a.admissions - b.admissions,
        grossFen: a.grossFen - b.grossFen,
        baseFen: a.baseFen - b.baseFen,
      };

const sameMeasures = (a: Measures, b: Measures) =>
  a.screenings === b.screenings &&
  a.admissions === b.admissions &&
  a.grossFen === b.grossFen &&
  a.baseFen === b.baseFen;

type LineContext = { toDate: StatedLine; prior: StatedLine | undefined; period: Period };

function makeLine(
  terms: TheatricalTerms,
  line: Accumulator,
  { toDate, prior, period }: LineContext,
): SettlementLine | undefined {
  const measures = subtractMeasures(toDate.measures, prior?.measures);
  const touched = line.factIds.length > 0;
  const parts = partsOf(terms, line.site, line.profile.terminals, toDate, prior);
  const silent = !touched && sameMeasures(measures, NO_MEASURES);
  if (silent && parts.every((part) => part.fen === 0n)) return undefined;
  const { site, profile } = line;
  return {
    id: line.id,
    filmCode: site.filmCode,
    version: site.version,
    cinemaCode: site.cinemaCode,
    circuit: site.circuit,
    equipment: site.equipment,
    hall: profile.byHall ? site.hall : undefined,
    province: site.province,
    taxpayer: site.taxpayer,
    from: touched ? line.stretchFrom : line.first,
    to: touched ? line.stretchTo : line.last < period.to ? line.last : period.to,
    kind: !touched
      ? 'supplementary'
      : sameMeasures(measures, line.period ?? line.toDate)
        ? 'regular'
        : 'mixed',
    profile: profile.key,
    measures,
    parts,
    toDate,
    prior,
    factIds: line.factIds,
  };
}

/** A line that was stated and no longer is: all of it goes back. */
function reversal(
  terms: TheatricalTerms,
  before: StatedLine,
  line: Accumulator | undefined,
  period: Period,
): SettlementLine | undefined {
  if (
    sameMeasures(before.measures, noMeasures()) &&
    Object.values(before.parts).every((f) => f === 0n)
  ) {
    return undefined;
  }
  const [filmCode = '', cinemaCode = '', equipment = '', hall = '', ...rest] = before.id.split('/');
  const clauses = terms.splits.flatMap((s) =>
    s.clauses.flatMap((c) =>
      c.shares.map((share) => ({
        node: `${s.id}.${share.to}`,
        party: share.to,
        clause: `${s.id}:${c.id}`,
      })),
    ),
  );
  const takers =
    line?.profile.terminals ??
    Object.keys(before.parts).map((node) => {
      if (node === 'fund') return { node, party: terms.fund?.to ?? node, clause: 'fund' };
      if (node === 'tax') return { node, party: terms.vat?.to ?? node, clause: 'vat' };
      return (
        clauses.find((each) => each.node === node) ?? { node, party: UNDISTRIBUTED, clause: node }
      );
    });
  const site: Site = line?.site ?? {
    filmCode,
    cinemaCode,
    version: '',
    hall: hall === '' ? undefined : hall,
    circuit: undefined,
    equipment: equipment === 'owned' || equipment === 'leased' ? equipment : undefined,
    province: cinemaCode.slice(0, 2),
    taxpayer: 'general',
  };
  const nothing: StatedLine = { id: before.id, measures: noMeasures(), parts: {} };
  return {
    id: before.id,
    filmCode: site.filmCode,
    version: site.version,
    cinemaCode: site.cinemaCode,
    circuit: site.circuit,
    equipment: site.equipment,
    hall: hall === '' ? undefined : site.hall,
    province: site.province,
    taxpayer: site.taxpayer,
    profile: rest.join('/'),
    from: line?.first ?? period.from,
    to: line?.last ?? period.to,
    kind: 'supplementary',
    measures: subtractMeasures(noMeasures(), before.measures),
    parts: partsOf(terms, site, takers, nothing, before),
    toDate: nothing,
    prior: before,
    factIds: [],
  };
}

/** What has been stated once this settlement is issued on top of what was stated before. */
export function statedAfter(
  settlement: Settlement,
  before: readonly StatedLine[] = [],
): StatedLine[] {
  const stated = new Map(before.map((line) => [line.id, line]));
  for (const line of settlement.lines) {
    const old = stated.get(line.id);
    const parts: Record<string, Fen> = { ...old?.parts };
    for (const part of line.parts) parts[part.node] = (parts[part.node] ?? 0n) + part.fen;
    const none = { screenings: 0n, admissions: 0n, grossFen: 0n, baseFen: 0n };
    const base = old?.measures ?? none;
    const measures = {
      screenings: base.screenings + line.measures.screenings,
      admissions: base.admissions + line.measures.admissions,
      grossFen: base.grossFen + line.measures.grossFen,
      baseFen: base.baseFen + line.measures.baseFen,
    };
    stated.set(line.id, { id: line.id, measures, parts });
  }
  return [...stated.values()];
}
