import {
  accepted,
  addDays,
  compareRatio,
  daysBetween,
  divideRounded,
  type Fen,
  filmCodeKey,
  finding,
  type Finding,
  hasErrors,
  type IsoDate,
  type Outcome,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  refused,
  ZERO,
} from '@yinglian/core';
import {
  type Derivation,
  derive,
  derivedConstant,
  derivedFacts,
  derivedRound,
} from '../derivation.ts';
import type { RentalClause, RentalMethod, RentalTerms } from '../terms/rental.ts';
import {
  type BookDay,
  type BoxOfficeFact,
  type CinemaRegister,
  lastDay,
  type Period,
} from '../theatrical/facts.ts';

const WEEK_DAYS = 7;

/** A row of sales with the time of day, which decides the week at its turn. */
export type RentalFact = BoxOfficeFact & { readonly start?: string };

/** What is agreed with one cinema for its run of the film. */
export type Engagement = {
  readonly cinemaCode: string;
  /** Week 1 begins here instead of on the terms' start. */
  readonly start?: IsoDate;
  /** House allowance of a week for this cinema; it may be agreed after the run. */
  readonly allowance?: string;
  /** A percentage agreed after the run, applied at the end in place of the clause's. */
  readonly agreedRate?: string;
};

/** What a rental settlement needs beyond the terms and the rows. */
export type RentalContext = {
  /** Every week that has begun by the end of the period is settled as known so far. */
  readonly period: Period;
  readonly register: CinemaRegister;
  readonly engagements?: readonly Engagement[];
  readonly books?: { readonly [name: string]: readonly BookDay[] };
  readonly stated?: readonly { readonly id: string; readonly fen: Fen }[];
};

/** What one cinema owes for one week. */
export type RentalLine = {
  /** Cinema, clause and week. */
  readonly id: string;
  readonly cinemaCode: string;
  readonly clause: string;
  readonly week: number;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: Fen;
  readonly rentalToDateFen: Fen;
  readonly priorFen: Fen;
  /** Of this statement: the difference, which a percentage agreed later changes. */
  readonly rentalFen: Fen;
  readonly derivation: Derivation;
};

/** The rental of a period, line by line. */
export type RentalSettlement = {
  readonly kind: 'rental';
  readonly terms: RentalTerms;
  readonly period: Period;
  readonly lines: readonly RentalLine[];
  readonly rentalFen: Fen;
  readonly exceptions: readonly { readonly factId: string; readonly finding: Finding }[];
};

/** Settles engagements week by week; the distributor's rental is rounded once per week. */
export function settleRental(
  terms: RentalTerms,
  facts: readonly RentalFact[],
  context: RentalContext,
): Outcome<RentalSettlement> {
  const findings = [...checkRental(terms), ...missingBooks(terms, context)];
  if (hasErrors(findings)) return refused(...findings);
  const exceptions: { factId: string; finding: Finding }[] = [];
  const weeks = collectWeeks(terms, facts, context, exceptions);
  const prior = new Map((context.stated ?? []).map((line) => [line.id, line.fen]));
  const lines: RentalLine[] = [];
  for (const engagement of groupEngagements(weeks).values()) {
    for (const { week, rental } of rentals(terms, engagement, context)) {
      const made = lineOf(terms, week, rental, prior);
      prior.delete(made.id);
      lines.push(made);
    }
  }
  for (const [id, fen] of prior) if (fen !== 0n) lines.push(goneLine(id, fen, context.period));
  lines.sort((a, b) => (a.id < b.id ? -1 : 1));
  const rentalFen = lines.reduce((left, line) => left + line.rentalFen, 0n);
  return accepted(
    { kind: 'rental', terms, period: context.period, lines, rentalFen, exceptions },
    findings,
  );
}

/** What is wrong with rental terms before use. */
export function checkRental(terms: RentalTerms): Finding[] {
  const findings: Finding[] = [];
  const parties = new Set(terms.parties.map((each) => each.id));
  for (const party of [terms.exhibitor, terms.distributor]) {
    if (!parties.has(party))
      findings.push(finding('unknown_party', 'error', { facts: { party }, clause: 'parties' }));
  }
  const scopes = new Map<string, string>();
  for (const clause of terms.clauses) {
    const scope = JSON.stringify([clause.versions, clause.cinemas, clause.circuits]);
    const other = scopes.get(scope);
    if (other !== undefined)
      findings.push(
        finding('overlapping_segments', 'error', { facts: { other }, clause: clause.id }),
      );
    scopes.set(scope, clause.id);
    findings.push(...checkMethod(clause));
  }
  return findings;
}

function checkMethod({ id, method }: RentalClause): Finding[] {
  const findings: Finding[] = [];
  const rates =
    'weeks' in method
      ? [...method.weeks, ...('over' in method ? [method.over] : [])]
      : 'over' in method
        ? [method.over]
        : method.kind === 'national_scale'
          ? method.tiers.map((tier) => tier.rate)
          : [];
  for (const rate of rates) {
    if (compareRatio(parseRatio(rate)!, ratio(1n)) > 0) {
      findings.push(
        finding('excessive_shares', 'error', {
          facts: { shares: rate, total: '100%' },
          clause: id,
        }),
      );
    }
  }
  if (method.kind === 'national_scale') {
    for (const [index, tier] of method.tiers.entries()) {
      const before = method.tiers[index - 1];
      if (
        before === undefined
          ? parseYuan(tier.above) !== 0n
          : parseYuan(tier.above)! <= parseYuan(before.above)!
      ) {
        const code = before === undefined ? 'missing_first_tier' : 'unreachable_tier';
        findings.push(finding(code, 'error', { facts: { above: tier.above }, clause: id }));
      }
    }
  }
  return findings;
}

function missingBooks(terms: RentalTerms, context: RentalContext): Finding[] {
  return terms.clauses.flatMap(({ id, method }) =>
    method.kind === 'national_scale' && context.books?.[method.book] === undefined
      ? [finding('missing_book', 'error', { facts: { book: method.book }, clause: id })]
      : [],
  );
}

type Week = {
  readonly cinemaCode: string;
  readonly clause: RentalClause;
  readonly number: number;
  readonly from: IsoDate;
  screenings: number;
  admissions: number;
  grossFen: Fen;
};

function collectWeeks(
  terms: RentalTerms,
  facts: readonly RentalFact[],
  context: RentalContext,
  exceptions: { factId: string; finding: Finding }[],
): Map<string, Week> {
  const versions = new Map(terms.film.versions.map((each) => [filmCodeKey(each.code), each.label]));
  const starts = new Map(
    context.engagements?.map((each) => [each.cinemaCode, each.start ?? terms.start]),
  );
  const weeks = new Map<string, Week>();
  for (const fact of facts) {
    if (fact.date > context.period.to) continue;
    const version = versions.get(filmCodeKey(fact.filmCode));
    const circuit = context.register[fact.cinemaCode]?.circuit;
    const clause =
      version === undefined
        ? undefined
        : chooseClause(terms, { version, circuit, cinemaCode: fact.cinemaCode });
    const start = starts.get(fact.cinemaCode) ?? terms.start;
    const early = fact.start !== undefined && fact.start < terms.startTime ? 1 : 0;
    const days = daysBetween(start, fact.date) - early;
    const last = lastDay(fact);
    const code =
      version === undefined
        ? 'unknown_film'
        : clause === undefined
          ? 'missing_segment'
          : days < 0
            ? 'early_screening'
            : weekOf(days) !== weekOf(last === fact.date ? days : daysBetween(start, last))
              ? 'straddling_row'
              : last > context.period.to
                ? 'unfinished_row'
                : undefined;
    if (code !== undefined || clause === undefined) {
      const { filmCode, date } = fact;
      const facts = { filmCode, date, start, lastDate: last, to: context.period.to };
      exceptions.push({
        factId: fact.id,
        finding: finding(code ?? 'missing_segment', 'error', { facts, at: { fact: fact.id } }),
      });
      continue;
    }
    const number = weekOf(days);
    const id = lineId(fact.cinemaCode, clause.id, number);
    const week = weeks.get(id) ?? {
      cinemaCode: fact.cinemaCode,
      clause,
      number,
      from: addDays(start, (number - 1) * WEEK_DAYS),
      screenings: 0,
      admissions: 0,
      grossFen: 0n,
    };
    week.screenings += fact.screenings;
    week.admissions += fact.admissions;
    week.grossFen += fact.grossFen;
    weeks.set(id, week);
  }
  return weeks;
}

/** The number of a week, from 1, by the days since the start. */
const weekOf = (days: number) => Math.floor(days / WEEK_DAYS) + 1;

const lineId = (cinemaCode: string, clause: string, week: number) =>
  `${cinemaCode}/${clause}/${String(week).padStart(3, '0')}`;

type Place = { version: string; cinemaCode: string; circuit: string | undefined };

/** A cinema beats a circuit beats a format beats the rest. */
function chooseClause(terms: RentalTerms, place: Place): RentalClause | undefined {
  let best: RentalClause | undefined;
  let bestScore = -1;
  for (const clause of terms.clauses) {
    let score = 0;
    if (clause.cinemas !== undefined)
      score = clause.cinemas.includes(place.cinemaCode) ? score + 4 : -100;
    if (clause.circuits !== undefined)
      score = clause.circuits.includes(place.circuit ?? '') ? score + 2 : -100;
    if (clause.versions !== undefined)
      score = clause.versions.includes(place.version) ? score + 1 : -100;
    if (score > bestScore) {
      best = clause;
      bestScore = score;
    }
  }
  return best;
}

/** The weeks of one cinema under one clause: floating percentages look at them together. */
function groupEngagements(weeks: ReadonlyMap<string, Week>): Map<string, Week[]> {
  const groups = new Map<string, Week[]>();
  for (const week of weeks.values()) {
    const key = `${week.cinemaCode}/${week.clause.id}`;
    groups.set(key, [...(groups.get(key) ?? []), week]);
  }
  for (const group of groups.values()) group.sort((a, b) => a.number - b.number);
  return groups;
}

function rentals(terms: RentalTerms, weeks: readonly Week[], context: RentalContext) {
  const engagement = context.engagements?.find((each) => each.cinemaCode === weeks[0]!.cinemaCode);
  const byGross = [...weeks].sort((a, b) =>
    a.grossFen === b.grossFen ? a.number - b.number : a.grossFen > b.grossFen ? -1 : 1,
  );
  return weeks.map((week) => {
    const base = baseOf(terms, week);
    const found =
      engagement?.agreedRate === undefined
        ? byMethod(week, { base, rank: byGross.indexOf(week), engagement, context })
        : times('agreed', base, engagement.agreedRate, 'agreed');
    const { minimum, id } = week.clause;
    const rental =
      minimum === undefined
        ? found
        : derive('with_minimum', 'greater', [found, amount('minimum', minimum, id)], {
            clause: id,
          });
    return { week, rental };
  });
}

function baseOf(terms: RentalTerms, week: Week): Derivation {
  const gross = derivedFacts('gross', week.grossFen, {
    facts: { screenings: String(week.screenings), admissions: String(week.admissions) },
  });
  const tax = parseRatio(terms.tax)!;
  if (tax.numerator === 0n) return gross;
  const factor = derivedConstant(
    'ex_tax',
    ratio(tax.denominator, tax.denominator + tax.numerator),
    {
      clause: 'tax',
      facts: { tax: terms.tax },
    },
  );
  return derive('base', 'multiply', [gross, factor], { clause: 'tax' });
}

const amount = (name: string, yuan: string, clause: string): Derivation =>
  derivedConstant(name, ratio(parseYuan(yuan)!), { clause, facts: { yuan } });

function times(name: string, base: Derivation, rate: string, clause: string): Derivation {
  const constant = derivedConstant('rate', parseRatio(rate)!, { clause, facts: { rate } });
  return derive(name, 'multiply', [base, constant], { clause });
}

type MethodContext = {
  base: Derivation;
  rank: number;
  engagement: Engagement | undefined;
  context: RentalContext;
};

function byMethod(week: Week, { base, rank, engagement, context }: MethodContext): Derivation {
  const { id, method } = week.clause;
  switch (method.kind) {
    case 'sliding':
      return times('sliding', base, weekRate(method.weeks, week.number - 1), id);
    case 'floating':
      return times('floating', base, highestFirst(method.weeks, rank), id);
    case 'over_allowance':
      return overAllowance(method, base, engagement, id);
    case 'higher_of': {
      const floor = times('floor', base, weekRate(method.weeks, week.number - 1), id);
      return derive('higher_of', 'greater', [floor, overAllowance(method, base, engagement, id)], {
        clause: id,
      });
    }
    case 'flat_week':
      return amount('flat', method.amount, id);
    case 'flat_screening':
      return derive(
        'flat',
        'multiply',
        [derivedFacts('screenings', BigInt(week.screenings)), amount('each', method.amount, id)],
        { clause: id },
      );
    case 'national_scale':
      return times('national_scale', base, scaleRate(method, context), id);
  }
}

const weekRate = (weeks: readonly string[], index: number) =>
  weeks[Math.min(index, weeks.length - 1)]!;

function highestFirst(weeks: readonly string[], rank: number): string {
  const ordered = [...weeks].sort((a, b) => compareRatio(parseRatio(b)!, parseRatio(a)!));
  return weekRate(ordered, rank);
}

function overAllowance(
  method: RentalMethod & { kind: 'over_allowance' | 'higher_of' },
  base: Derivation,
  engagement: Engagement | undefined,
  clause: string,
): Derivation {
  const allowance = amount('allowance', engagement?.allowance ?? method.allowance, clause);
  const over = derive('over_allowance', 'subtract', [base, allowance], { clause });
  const positive = derive('positive', 'greater', [over, derivedConstant('nothing', ZERO)], {
    clause,
  });
  return times('share_over', positive, method.over, clause);
}

/** The scale by the total known so far; it moves, and the difference is restated. */
function scaleRate(
  method: RentalMethod & { kind: 'national_scale' },
  context: RentalContext,
): string {
  const total = (context.books?.[method.book] ?? [])
    .filter((day) => day.date <= context.period.to)
    .reduce((left, day) => left + (day.grossFen ?? 0n), 0n);
  return method.tiers.findLast((tier) => total >= parseYuan(tier.above)!)!.rate;
}

function lineOf(
  terms: RentalTerms,
  week: Week,
  rental: Derivation,
  prior: ReadonlyMap<string, Fen>,
): RentalLine {
  const id = lineId(week.cinemaCode, week.clause.id, week.number);
  const value: Ratio = rental.value;
  const fen = divideRounded(value.numerator, value.denominator, terms.rounding.mode);
  const rounded = derivedRound('rental', 'round', rental, fen, {
    facts: { mode: terms.rounding.mode },
  });
  const priorFen = prior.get(id) ?? 0n;
  return {
    id,
    cinemaCode: week.cinemaCode,
    clause: week.clause.id,
    week: week.number,
    from: week.from,
    to: addDays(week.from, WEEK_DAYS - 1),
    screenings: week.screenings,
    admissions: week.admissions,
    grossFen: week.grossFen,
    rentalToDateFen: fen,
    priorFen,
    rentalFen: fen - priorFen,
    derivation: derive('rental', 'difference', [rounded, derivedFacts('stated_before', priorFen)]),
  };
}

function goneLine(id: string, priorFen: Fen, period: Period): RentalLine {
  const [cinemaCode = '', clause = '', week = '0'] = id.split('/');
  return {
    id,
    cinemaCode,
    clause,
    week: Number(week),
    from: period.from,
    to: period.to,
    screenings: 0,
    admissions: 0,
    grossFen: 0n,
    rentalToDateFen: 0n,
    priorFen,
    rentalFen: -priorFen,
    derivation: derive('rental', 'difference', [
      derivedFacts('rental', 0n),
      derivedFacts('stated_before', priorFen),
    ]),
  };
}
