import {
  addRatio,
  compareRatio,
  type Fen,
  type IsoDate,
  multiplyRatio,
  ONE,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  subtractRatio,
  ZERO,
} from '@yinglian/core';
import { type Derivation, derive, derivedConstant, derivedFacts } from '../derivation.ts';
import type { WaterfallStep, WaterfallTerms } from '../terms/waterfall.ts';
import type { BookDay } from '../theatrical/facts.ts';
import { addToNet, type NetAccount, openNet } from './defined-net.ts';
import type { Expense } from './facts.ts';
import {
  advanceAccount,
  openAccount,
  outstanding,
  payAccount,
  type RecoupAccount,
} from './recoupment.ts';

/** An income in fen of yuan, reversals already taken out of it. */
export type NetIncome = {
  readonly id: string;
  readonly date: IsoDate;
  readonly source: string;
  readonly film: string;
  readonly amountFen: Fen;
  readonly grossFen: Fen;
  readonly admissions: bigint;
};

/** What one step gave one taker out of one income. */
export type Take = {
  readonly income: string;
  readonly date: IsoDate;
  readonly step: string;
  readonly to: string;
  readonly derivation: Derivation;
};

/** What the steps have given out, and where every recoupment stands. */
export type Flow = {
  readonly takes: readonly Take[];
  readonly accounts: ReadonlyMap<string, readonly RecoupAccount[]>;
};

/** The taker of what a reserve holds. */
export const HELD = 'held';
/** The taker of what no step takes. */
export const LEFT_OVER = 'undistributed';

type Bucket = { source: string; film: string; amount: Ratio };
type State = {
  readonly terms: WaterfallTerms;
  readonly books: { readonly [name: string]: readonly BookDay[] };
  readonly accounts: Map<string, RecoupAccount[]>;
  /** Step and taker → received so far. */
  readonly received: Map<string, Ratio>;
  readonly buckets: Map<string, Bucket[]>;
  /** Fees with an advance: what they came to so far, paid or not. */
  readonly accrued: Map<string, Ratio>;
  readonly nets: ReadonlyMap<string, NetAccount>;
  readonly takes: Take[];
  grossBefore: Fen;
  incomeBefore: Fen;
};

/**
 * Runs the incomes through the steps in the order of business date, source and id. Every step is
 * piecewise linear, so an income that crosses a threshold is cut there and the rest runs on.
 */
export function runWaterfall(
  terms: WaterfallTerms,
  incomes: readonly NetIncome[],
  expenses: readonly Expense[],
  books: { readonly [name: string]: readonly BookDay[] },
  asOf: IsoDate,
): Flow {
  const state: State = {
    terms,
    books,
    accounts: new Map(),
    received: new Map(),
    buckets: new Map(),
    accrued: new Map(),
    nets: new Map(
      (terms.nets ?? []).map((net) => [net.id, openNet(net, expenses, terms.effective.from)]),
    ),
    takes: [],
    grossBefore: 0n,
    incomeBefore: 0n,
  };
  for (const step of terms.steps) {
    if (step.kind !== 'recoup') continue;
    const first = terms.effective.from;
    state.accounts.set(
      step.id,
      step.takers.map((each) => openAccount(each, expenses, first)),
    );
  }
  const releases = terms.steps.flatMap((step, index) =>
    step.kind === 'reserve' && step.releaseOn <= asOf
      ? [{ date: step.releaseOn, step, index }]
      : [],
  );
  const ordered = [...incomes].sort(inOrder);
  let next = 0;
  for (const release of releases.sort((a, b) => (a.date < b.date ? -1 : 1))) {
    while (next < ordered.length && ordered[next]!.date < release.date)
      runIncome(state, ordered[next++]!);
    releaseReserve(state, release.step.id, release.index, release.date);
  }
  while (next < ordered.length) runIncome(state, ordered[next++]!);
  for (const accounts of state.accounts.values())
    for (const each of accounts) advanceAccount(each, asOf);
  return { takes: state.takes, accounts: state.accounts };
}

/** Business date, then source, then id: thresholds make the order matter, so it is fixed. */
export function inOrder(a: NetIncome, b: NetIncome): number {
  for (const key of ['date', 'source', 'id'] as const) {
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1;
  }
  return 0;
}

function runIncome(state: State, income: NetIncome): void {
  const amount = derivedFacts('income', income.amountFen, {
    facts: { id: income.id, source: income.source, film: income.film },
  });
  runFrom(state, 0, newRun(income, amount));
  state.grossBefore += income.grossFen;
  state.incomeBefore += income.amountFen;
}

type Run = {
  readonly income: NetIncome;
  readonly amount: Derivation;
  /** What steps have taken of this income. */
  readonly taken: Map<string, Ratio>;
  /** Defined nets that this income has been added to, to date. */
  readonly nets: Map<string, Derivation>;
  remaining: Derivation;
};

const newRun = (income: NetIncome, amount: Derivation): Run => ({
  income,
  amount,
  taken: new Map(),
  nets: new Map(),
  remaining: amount,
});

/** Runs an income down the steps; nets take it in even where nobody participates this time. */
function runFrom(state: State, first: number, run: Run): void {
  runSteps(state, first, run);
  for (const id of state.nets.keys()) netToDate(state, id, run);
}

function netToDate(state: State, id: string, run: Run): Derivation {
  const known = run.nets.get(id);
  if (known !== undefined) return known;
  // What a reserve gives back is no new income: what it held was deducted where the net says so.
  const isRelease = run.income.amountFen === 0n;
  const amount = isRelease ? derivedFacts('income', 0n) : run.amount;
  const { date } = run.income;
  const net = addToNet(state.nets.get(id)!, { date, amount, taken: run.taken });
  run.nets.set(id, net);
  return net;
}

function runSteps(state: State, first: number, run: Run): void {
  for (const step of state.terms.steps.slice(first)) {
    if (run.remaining.value.numerator === 0n) return;
    if (applies(state, step, run.income)) runStep(state, step, run);
  }
  if (run.remaining.value.numerator !== 0n) take(state, LEFT_OVER, LEFT_OVER, run.remaining, run);
}

function applies(state: State, step: WaterfallStep, income: NetIncome): boolean {
  const { from, to, sources, films, reached } = step.when;
  if (from !== undefined && income.date < from) return false;
  if (to !== undefined && income.date > to) return false;
  if (sources !== undefined && !sources.includes(income.source)) return false;
  if (films !== undefined && !films.includes(income.film)) return false;
  if (step.kind === 'reserve' && income.date >= step.releaseOn) return false;
  if (reached === undefined) return true;
  return totalOf(state, reached, income.date) >= amountOf(reached.measure, reached.amount);
}

type Source = { readonly book: string; readonly measure: 'gross' | 'admissions' };

/** A named source's figure to date. */
function totalOf(state: State, { book, measure }: Source, date: IsoDate): bigint {
  return (state.books[book] ?? [])
    .filter((day) => day.date <= date)
    .reduce(
      (left, day) =>
        left + (measure === 'gross' ? (day.grossFen ?? 0n) : BigInt(day.admissions ?? 0)),
      0n,
    );
}

const amountOf = (measure: Source['measure'], amount: string) =>
  measure === 'gross' ? parseYuan(amount)! : BigInt(amount);

function take(state: State, step: string, to: string, derivation: Derivation, run: Run): void {
  state.takes.push({ income: run.income.id, date: run.income.date, step, to, derivation });
  const key = `${step}/${to}`;
  state.received.set(key, addRatio(state.received.get(key) ?? ZERO, derivation.value));
  run.taken.set(step, addRatio(run.taken.get(step) ?? ZERO, derivation.value));
}

/** What is taken leaves the income: the next step sees the rest. */
function takeFrom(state: State, step: string, to: string, derivation: Derivation, run: Run): void {
  if (derivation.value.numerator === 0n) return;
  take(state, step, to, derivation, run);
  run.remaining = derive('remaining', 'subtract', [run.remaining, derivation], { clause: step });
}

function runStep(state: State, step: WaterfallStep, run: Run): void {
  switch (step.kind) {
    case 'fee': {
      const base = step.of === 'income' ? run.amount : run.remaining;
      const rate = derivedConstant('rate', parseRatio(step.rate)!, {
        clause: step.id,
        facts: { rate: step.rate },
      });
      const whole = derive('fee', 'multiply', [base, rate], { clause: step.id });
      const earned =
        step.after === undefined ? whole : beyondAdvance(state, step.id, step.after, whole);
      const wanted = [earned, run.remaining];
      if (step.cap !== undefined) wanted.push(leftUnderCap(state, step, step.cap));
      return takeFrom(
        state,
        step.id,
        step.to,
        derive('take', 'lesser', wanted, { clause: step.id }),
        run,
      );
    }
    case 'participation': {
      const facts = { rate: step.rate };
      const rate = derivedConstant('rate', parseRatio(step.rate)!, { clause: step.id, facts });
      const net = netToDate(state, step.of, run);
      const entitled = derive('entitled', 'multiply', [net, rate], { clause: step.id });
      return takeOwed(state, step, entitled, run);
    }
    case 'flat': {
      const times = derivedConstant('times', ratio(eventsOf(state, step, run.income.date)), {
        clause: step.id,
      });
      const each = derivedConstant('flat', ratio(parseYuan(step.amount)!), { clause: step.id });
      const entitled = derive('entitled', 'multiply', [each, times], { clause: step.id });
      return takeOwed(state, step, entitled, run);
    }
    case 'per_ticket': {
      const each = derivedConstant('per_ticket', ratio(parseYuan(step.amount)!), {
        clause: step.id,
      });
      const admissions = derivedFacts('admissions', run.income.admissions);
      const wanted = derive('tickets', 'multiply', [admissions, each], { clause: step.id });
      const taken = derive('take', 'lesser', [wanted, run.remaining], { clause: step.id });
      return takeFrom(state, step.id, step.to, taken, run);
    }
    case 'recoup':
      return runRecoup(state, step, run);
    case 'split':
      return runSplit(state, step, run);
    case 'reserve': {
      const rate = derivedConstant('rate', parseRatio(step.rate)!, {
        clause: step.id,
        facts: { rate: step.rate },
      });
      const held = derive('held', 'multiply', [run.remaining, rate], { clause: step.id });
      const buckets = state.buckets.get(step.id) ?? [];
      buckets.push({ source: run.income.source, film: run.income.film, amount: held.value });
      state.buckets.set(step.id, buckets);
      return takeFrom(state, step.id, HELD, held, run);
    }
  }
}

type Owed = WaterfallStep & { kind: 'participation' | 'flat' };

/** What is owed to date less what was received; what an income cannot bear waits for the next. */
function takeOwed(state: State, step: Owed, entitled: Derivation, run: Run): void {
  const clause = step.id;
  const received = state.received.get(`${step.id}/${step.to}`) ?? ZERO;
  const before = derivedConstant('received_before', received, { clause });
  const open = derive('owed', 'subtract', [entitled, before], { clause });
  const positive = derive('positive', 'greater', [open, derivedConstant('nothing', ZERO)], {
    clause,
  });
  const wanted = [positive, run.remaining];
  if (step.kind === 'participation' && step.cap !== undefined)
    wanted.push(leftUnderCap(state, step, step.cap));
  takeFrom(state, step.id, step.to, derive('take', 'lesser', wanted, { clause }), run);
}

function leftUnderCap(
  state: State,
  { id, to }: { readonly id: string; readonly to: string },
  cap: string,
): Derivation {
  const left = subtractRatio(ratio(parseYuan(cap)!), state.received.get(`${id}/${to}`) ?? ZERO);
  return derivedConstant('left_under_cap', left, { clause: id, facts: { cap } });
}

/** How often what a flat sum is paid for has happened: once, or each time a figure is reached. */
function eventsOf(state: State, step: WaterfallStep & { kind: 'flat' }, date: IsoDate): bigint {
  if (step.per === undefined) return 1n;
  const { measure, every, most } = step.per;
  const events = totalOf(state, step.per, date) / amountOf(measure, every);
  return most !== undefined && events > BigInt(most) ? BigInt(most) : events;
}

/** A fee accrues unpaid until it has earned its advance; the income is cut at that point. */
function beyondAdvance(state: State, step: string, after: string, fee: Derivation): Derivation {
  const before = state.accrued.get(step) ?? ZERO;
  state.accrued.set(step, addRatio(before, fee.value));
  const accrued = derivedConstant('accrued_before', before, { clause: step });
  const advance = derivedConstant('advance', ratio(parseYuan(after)!), {
    clause: step,
    facts: { after },
  });
  const total = derive('accrued', 'add', [accrued, fee], { clause: step });
  const above = derive('above_advance', 'subtract', [total, advance], { clause: step });
  const paid = derive('beyond', 'greater', [above, derivedConstant('nothing', ZERO)], {
    clause: step,
  });
  return derive('earned', 'lesser', [fee, paid], { clause: step });
}

function runRecoup(state: State, step: WaterfallStep & { kind: 'recoup' }, run: Run): void {
  const accounts = state.accounts.get(step.id)!;
  for (const account of accounts) advanceAccount(account, run.income.date);
  const corridor = derivedConstant('corridor', parseRatio(step.corridor)!, {
    clause: step.id,
    facts: { rate: step.corridor },
  });
  let available =
    step.corridor === '100%'
      ? run.remaining
      : derive('corridor', 'multiply', [run.remaining, corridor], { clause: step.id });
  const total = accounts.reduce((left, each) => addRatio(left, outstanding(each)), ZERO);
  const short = compareRatio(available.value, total) < 0;
  const pot = available;
  for (const account of accounts) {
    const owed = outstanding(account);
    if (compareRatio(owed, ZERO) <= 0) continue;
    const open = derivedConstant('outstanding', owed, {
      clause: step.id,
      facts: { to: account.target.to },
    });
    let taken: Derivation;
    if (step.between === 'pari_passu' && short) {
      const part = derivedConstant(
        'part',
        ratio(owed.numerator * total.denominator, owed.denominator * total.numerator),
        {
          clause: step.id,
          facts: { to: account.target.to },
        },
      );
      taken = derive('take', 'multiply', [pot, part], { clause: step.id });
    } else taken = derive('take', 'lesser', [available, open], { clause: step.id });
    if (taken.value.numerator === 0n) continue;
    payAccount(account, taken.value);
    takeFrom(state, step.id, account.target.to, taken, run);
    available = derive('available', 'subtract', [available, taken], { clause: step.id });
  }
}

function runSplit(state: State, step: WaterfallStep & { kind: 'split' }, run: Run): void {
  const portion = splitPortion(state, step, run);
  if (portion === undefined) return;
  for (const { to, share } of step.shares) {
    const rate = derivedConstant('rate', parseRatio(share)!, {
      clause: step.id,
      facts: { rate: share },
    });
    takeFrom(
      state,
      step.id,
      to,
      derive('take', 'multiply', [portion, rate], { clause: step.id }),
      run,
    );
  }
}

/** The part of the remaining income that lies before the step's threshold. */
function splitPortion(
  state: State,
  step: WaterfallStep & { kind: 'split' },
  run: Run,
): Derivation | undefined {
  const { until } = step;
  if (until === undefined) return run.remaining;
  const threshold = ratio(parseYuan(until.amount)!);
  if (until.measure === 'paid') {
    const received = state.received.get(`${step.id}/${until.of}`) ?? ZERO;
    const left = subtractRatio(threshold, received);
    if (compareRatio(left, ZERO) <= 0) return undefined;
    const share = parseRatio(step.shares.find((each) => each.to === until.of)!.share)!;
    const room = derivedConstant(
      'room',
      ratio(left.numerator * share.denominator, left.denominator * share.numerator),
      {
        clause: step.id,
        facts: { until: until.amount, of: until.of! },
      },
    );
    return derive('portion', 'lesser', [run.remaining, room], { clause: step.id });
  }
  const before = until.measure === 'gross' ? state.grossBefore : state.incomeBefore;
  const size = until.measure === 'gross' ? run.income.grossFen : run.income.amountFen;
  const left = subtractRatio(threshold, ratio(before));
  if (compareRatio(left, ZERO) <= 0) return undefined;
  const fraction =
    size <= 0n || compareRatio(left, ratio(size)) >= 0
      ? ONE
      : ratio(left.numerator, left.denominator * size);
  const part = derivedConstant('before_threshold', fraction, {
    clause: step.id,
    facts: { until: until.amount, before: String(before), size: String(size) },
  });
  return derive('portion', 'multiply', [run.remaining, part], { clause: step.id });
}

/** On its day a reserve is given back to the steps below it, income by income. */
function releaseReserve(state: State, stepId: string, index: number, date: IsoDate): void {
  for (const [i, { source, film, amount }] of (state.buckets.get(stepId) ?? []).entries()) {
    const id = `release:${stepId}:${i}`;
    const income: NetIncome = {
      id,
      date,
      source,
      film,
      amountFen: 0n,
      grossFen: 0n,
      admissions: 0n,
    };
    const released = derivedConstant('released', amount, {
      clause: stepId,
      facts: { source, film },
    });
    const back = derivedConstant('released', multiplyRatio(amount, ratio(-1)), { clause: stepId });
    const run = newRun(income, released);
    take(state, stepId, HELD, back, run);
    runFrom(state, index + 1, run);
  }
  state.buckets.set(stepId, []);
}
