import {
  accepted,
  addDays,
  divideRounded,
  type Fen,
  finding,
  type Finding,
  hasErrors,
  type IsoDate,
  type Outcome,
  parseRatio,
  parseYuan,
  type Ratio,
  refused,
  sumFen,
} from '@yinglian/core';
import { type Derivation, derive, derivedFacts, derivedRound } from '../derivation.ts';
import type { WaterfallTerms } from '../terms/waterfall.ts';
import type { Period } from '../theatrical/facts.ts';
import { allocateExact } from '../theatrical/rounding.ts';
import { booksIn, checkWaterfall } from './checks.ts';
import type { ExchangeRate, Income, WaterfallContext, WaterfallFacts } from './facts.ts';
import { type Flow, inOrder, type NetIncome, runWaterfall, type Take } from './flow.ts';
import { outstanding } from './recoupment.ts';

/** What one taker gets from one step in the period. */
export type WaterfallLine = {
  /** Step and taker. */
  readonly id: string;
  readonly step: string;
  readonly party: string;
  readonly toDateFen: Fen;
  readonly priorFen: Fen;
  /** Of this statement. */
  readonly fen: Fen;
  readonly derivation: Derivation;
};

/** Where a recoupment stands at the end of the period. */
export type RecoupPosition = {
  readonly step: string;
  readonly party: string;
  readonly recouped: Ratio;
  readonly outstanding: Ratio;
};

/** What stands to a party’s account: due, withheld, payable and carried. */
export type PartyAccount = {
  readonly party: string;
  readonly dueToDateFen: Fen;
  readonly withheldToDateFen: Fen;
  readonly paidFen: Fen;
  /** To be paid now; what lies under the payment threshold is carried forward instead. */
  readonly payableFen: Fen;
  readonly carriedForwardFen: Fen;
};

/** What a waterfall gives out in a period. */
export type WaterfallSettlement = {
  readonly kind: 'waterfall';
  readonly terms: WaterfallTerms;
  readonly period: Period;
  readonly lines: readonly WaterfallLine[];
  readonly positions: readonly RecoupPosition[];
  readonly accounts: readonly PartyAccount[];
  /** Sums owed whatever the income, due to the end of the period. */
  readonly obligations: readonly {
    id: string;
    from: string;
    to: string;
    fen: Fen;
    dueInPeriod: boolean;
  }[];
  readonly takes: readonly Take[];
};

/** Settles the incomes to the end of the period through the waterfall of the terms. */
export function settleWaterfall(
  terms: WaterfallTerms,
  facts: WaterfallFacts,
  context: WaterfallContext,
): Outcome<WaterfallSettlement> {
  const findings = [...checkWaterfall(terms), ...missingInputs(terms, facts, context)];
  if (hasErrors(findings)) return refused(...findings);
  const now = evaluate(terms, facts, context, context.period.to);
  findings.push(...now.findings);
  if (hasErrors(findings)) return refused(...findings);
  const prior =
    context.stated === undefined
      ? new Map(
          evaluate(terms, facts, context, addDays(context.period.from, -1)).lines.map((line) => [
            line.id,
            line.fen,
          ]),
        )
      : new Map(context.stated.map((line) => [line.id, line.fen]));
  const lines = joinLines(now.lines, prior);
  return accepted(
    {
      kind: 'waterfall',
      terms,
      period: context.period,
      lines,
      positions: positionsOf(now.flow),
      accounts: accountsOf(terms, lines, context),
      obligations: terms.obligations
        .filter((each) => each.dueOn <= context.period.to)
        .map(({ id, from, to, amount, dueOn }) => ({
          id,
          from,
          to,
          fen: parseYuan(amount)!,
          dueInPeriod: dueOn >= context.period.from,
        })),
      takes: now.flow.takes,
    },
    findings,
  );
}

type Entitlement = { id: string; step: string; party: string; exact: Derivation; fen: Fen };

function evaluate(
  terms: WaterfallTerms,
  facts: WaterfallFacts,
  context: WaterfallContext,
  asOf: IsoDate,
): { flow: Flow; lines: Entitlement[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const known = facts.incomes.filter((each) => each.date <= asOf);
  const incomes = netIncomes(
    known.map((each) => inYuan(terms, each, context)),
    findings,
  );
  const expenses = facts.expenses.filter((each) => each.date <= asOf);
  const books = Object.fromEntries(
    Object.entries(context.books ?? {}).map(([name, days]) => [
      name,
      days.filter((day) => day.date <= asOf),
    ]),
  );
  const flow = runWaterfall(terms, incomes, expenses, books, asOf);
  return { flow, lines: entitlements(terms, flow, incomes), findings };
}

/** All takers in the order of the steps, rounded together so that they add up to the incomes. */
function entitlements(
  terms: WaterfallTerms,
  flow: Flow,
  incomes: readonly NetIncome[],
): Entitlement[] {
  const byTaker = new Map<string, Take[]>();
  for (const take of flow.takes) {
    const id = `${take.step}/${take.to}`;
    const takes = byTaker.get(id);
    if (takes === undefined) byTaker.set(id, [take]);
    else takes.push(take);
  }
  const rank = (step: string) => terms.steps.findIndex((each) => each.id === step) >>> 0;
  const groups = [...byTaker].sort(([a, [first]], [b, [second]]) =>
    rank(first!.step) === rank(second!.step)
      ? a < b
        ? -1
        : 1
      : rank(first!.step) - rank(second!.step),
  );
  const exact = groups.map(([, takes]) => sumTakes(takes));
  const total = sumFen(incomes.map((each) => each.amountFen));
  const { method, mode, tail } = terms.rounding;
  const fen =
    method === 'allocation'
      ? allocateExact(
          exact.map((each) => each.value),
          total,
          tail,
        )
      : exact.map((each) => divideRounded(each.value.numerator, each.value.denominator, mode));
  return groups.map(([id, takes], i) => ({
    id,
    step: takes[0]!.step,
    party: takes[0]!.to,
    exact: exact[i]!,
    fen: fen[i]!,
  }));
}

function sumTakes(takes: readonly Take[]): Derivation {
  return takes.length === 1
    ? takes[0]!.derivation
    : derive(
        'sum_of_incomes',
        'add',
        takes.map((each) => each.derivation),
        { clause: takes[0]!.step },
      );
}

function joinLines(
  lines: readonly Entitlement[],
  prior: ReadonlyMap<string, Fen>,
): WaterfallLine[] {
  const parts = String(lines.length);
  const made = lines.map((line): WaterfallLine => {
    const priorFen = prior.get(line.id) ?? 0n;
    const toDate = derivedRound('to_date', 'allocate', line.exact, line.fen, {
      clause: line.step,
      facts: { tail: 'last', parts },
    });
    return {
      id: line.id,
      step: line.step,
      party: line.party,
      toDateFen: line.fen,
      priorFen,
      fen: line.fen - priorFen,
      derivation: derive(line.id, 'difference', [toDate, derivedFacts('stated_before', priorFen)]),
    };
  });
  for (const [id, priorFen] of prior) {
    if (priorFen === 0n || lines.some((line) => line.id === id)) continue;
    const [step = '', party = ''] = id.split('/');
    const derivation = derive(id, 'difference', [
      derivedFacts('to_date', 0n),
      derivedFacts('stated_before', priorFen),
    ]);
    made.push({ id, step, party, toDateFen: 0n, priorFen, fen: -priorFen, derivation });
  }
  return made;
}

function inYuan(terms: WaterfallTerms, income: Income, context: WaterfallContext): Income {
  const rate = exchangeRate(terms, income, context);
  if (rate === undefined) return income;
  const amountFen = divideRounded(
    income.amountFen * rate.numerator,
    rate.denominator,
    terms.rounding.mode,
  );
  return { ...income, amountFen };
}

function exchangeRate(
  terms: WaterfallTerms,
  income: Income,
  context: WaterfallContext,
): Ratio | undefined {
  if (income.currency === undefined || income.currency === 'CNY') return undefined;
  const rule = terms.currencies.find((each) => each.currency === income.currency);
  const first = addDays(income.date, -Number(rule?.lastWithinDays ?? '0'));
  let last: ExchangeRate | undefined;
  for (const each of context.rates?.[rule?.rateSource ?? ''] ?? []) {
    if (each.currency !== income.currency || each.date < first || each.date > income.date) continue;
    if (last === undefined || each.date > last.date) last = each;
  }
  return last?.rate;
}

function missingInputs(
  terms: WaterfallTerms,
  facts: WaterfallFacts,
  context: WaterfallContext,
): Finding[] {
  const findings: Finding[] = [];
  for (const step of terms.steps) {
    for (const book of booksIn(step)) {
      if (context.books?.[book] === undefined)
        findings.push(finding('missing_book', 'error', { facts: { book }, clause: step.id }));
    }
  }
  for (const income of facts.incomes) {
    const at = { income: income.id };
    if (!terms.films.includes(income.film)) {
      findings.push(finding('unknown_film', 'error', { facts: { filmCode: income.film }, at }));
    }
    const foreign = income.currency !== undefined && income.currency !== 'CNY';
    if (foreign && exchangeRate(terms, income, context) === undefined) {
      const facts = { currency: income.currency!, date: income.date };
      findings.push(finding('missing_rate', 'error', { facts, at }));
    }
  }
  return findings;
}

/**
 * A reversal takes away the newest income of its source and film first: what was given out last
 * goes back first, and the difference to what was stated comes out by itself.
 */
function netIncomes(incomes: readonly Income[], findings: Finding[]): NetIncome[] {
  const net: { -readonly [Key in keyof NetIncome]: NetIncome[Key] }[] = [];
  const ordered = incomes
    .map((each): NetIncome => ({
      id: each.id,
      date: each.date,
      source: each.source,
      film: each.film,
      amountFen: each.amountFen,
      grossFen: each.grossFen ?? 0n,
      admissions: BigInt(each.admissions ?? 0),
    }))
    .sort(reversalsLast);
  for (const income of ordered) {
    if (income.amountFen >= 0n) {
      net.push({ ...income });
      continue;
    }
    let open = -income.amountFen;
    let { grossFen, admissions } = income;
    for (const earlier of net.toReversed()) {
      if (open === 0n) break;
      if (earlier.source !== income.source || earlier.film !== income.film) continue;
      const part = earlier.amountFen < open ? earlier.amountFen : open;
      earlier.amountFen -= part;
      earlier.grossFen += grossFen;
      earlier.admissions += admissions;
      grossFen = 0n;
      admissions = 0n;
      open -= part;
    }
    if (open > 0n) {
      const facts = { income: income.id, open: String(open) };
      findings.push(finding('excessive_reversal', 'error', { facts, at: { income: income.id } }));
    }
  }
  return net;
}

/** What is taken back on a day is taken from what came in on it, whatever their ids. */
function reversalsLast(a: NetIncome, b: NetIncome): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  const [first, second] = [a.amountFen < 0n, b.amountFen < 0n];
  return first === second ? inOrder(a, b) : first ? 1 : -1;
}

function positionsOf(flow: Flow): RecoupPosition[] {
  return [...flow.accounts].flatMap(([step, accounts]) =>
    accounts.map((account) => ({
      step,
      party: account.target.to,
      recouped: account.recouped,
      outstanding: outstanding(account),
    })),
  );
}

function accountsOf(
  terms: WaterfallTerms,
  lines: readonly WaterfallLine[],
  context: WaterfallContext,
): PartyAccount[] {
  const threshold = parseYuan(terms.payment.threshold)!;
  return terms.parties.map(({ id: party }) => {
    const dueToDateFen = sumFen(
      lines.filter((line) => line.party === party).map((line) => line.toDateFen),
    );
    const withheldToDateFen = sumFen(
      terms.withholding
        .filter((each) => each.party === party)
        .map((each) => withheldFen(terms, lines, each)),
    );
    const fromOthers = sumFen(
      terms.withholding
        .filter((each) => each.to === party)
        .map((each) => withheldFen(terms, lines, each)),
    );
    const paidFen = context.paid?.[party] ?? 0n;
    const open = dueToDateFen - withheldToDateFen + fromOthers - paidFen;
    const waits = open < threshold;
    return {
      party,
      dueToDateFen: dueToDateFen + fromOthers,
      withheldToDateFen,
      paidFen,
      payableFen: waits ? 0n : open,
      carriedForwardFen: waits ? open : 0n,
    };
  });
}

/** What one withholding of the terms comes to on what is due to its party to date. */
export function withheldFen(
  terms: WaterfallTerms,
  lines: readonly WaterfallLine[],
  { party, rate }: WaterfallTerms['withholding'][number],
): Fen {
  const due = sumFen(lines.filter((line) => line.party === party).map((line) => line.toDateFen));
  const { numerator, denominator } = parseRatio(rate)!;
  return divideRounded(due * numerator, denominator, terms.rounding.mode);
}
