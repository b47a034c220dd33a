import {
  addDays,
  addRatio,
  filmCodeKey,
  type Fen,
  type IsoDate,
  multiplyRatio,
  ONE,
  parseRatio,
  parseYuan,
  type Ratio,
  ratio,
  ZERO,
} from '@yinglian/core';
import type {
  FundRate,
  Ladder,
  Share,
  Split,
  SplitClause,
  TheatricalTerms,
  VatMethod,
} from '../terms/theatrical.ts';
import { chooseClause, mostSpecific, provinceScore, type Site, vatScore } from './choose.ts';
import type { BookDay } from './facts.ts';
import {
  type LinearForm,
  makeProfile,
  nodeForm,
  type PlanNode,
  type Profile,
  vatCoefficient,
} from './plan.ts';
import {
  bookDays,
  capSchedule,
  type DayTotal,
  FIRST_DAY,
  ladderSchedule,
  rateOn,
} from './schedule.ts';
import {
  capKey,
  floorKey,
  floorRates,
  ladderKey,
  type Schedule,
  type ShareAddress,
  shareNode,
} from './share-rates.ts';

/** What one site sold on one day. */
export type DayCell = {
  readonly site: Site;
  readonly date: IsoDate;
  baseFen: Fen;
  admissions: bigint;
};

/** Why a fact cannot be settled; the caller makes a finding of it. */
export type Unresolved = { readonly unresolved: string; readonly at: string };
/** Whether no clause could be told for a site and a day. */
export const isUnresolved = (value: Profile | Unresolved): value is Unresolved =>
  'unresolved' in value;

/**
 * Turns terms into profiles: for every site and day the clauses that hold, and for shares that move
 * (ladders, caps) the rate of the day, computed from the film's daily totals.
 */
export type Resolver = {
  profileAt(site: Site, date: IsoDate): Profile | Unresolved;
  /** The profiles of all sites that no clause tells from this one, for {@link profileIn}. */
  rowOf(site: Site): ProfileRow;
  /** As {@link profileAt}, for a caller that keeps the row of each site. */
  profileIn(row: ProfileRow, site: Site, date: IsoDate): Profile | Unresolved;
  /** First and last day of the stretch around `date` in which nothing in the terms changes. */
  stretchAt(date: IsoDate): { readonly from: IsoDate; readonly to: IsoDate | undefined };
  /**
   * Whether a site is settled otherwise before the last of these days. What the rows themselves
   * move has counted a row on its first day, so that no later turn of it cuts the row.
   */
  changesWithin(site: Site, days: { readonly from: IsoDate; readonly to: IsoDate }): boolean;
  /** The profile of clauses chosen elsewhere, at the moving rates of a day. */
  profileOf(chooser: Chooser, date: IsoDate): Profile | Unresolved;
  /** Days on which something in the terms changes, in order. */
  readonly boundaries: readonly IsoDate[];
  readonly profiles: ReadonlyMap<string, Profile>;
  /** The moving rates with the daily totals they were computed from, for whoever checks them. */
  readonly schedules: ReadonlyMap<string, Schedule>;
};

/** Profiles by stretch of dates. */
export type ProfileRow = (Profile | Unresolved | undefined)[];

type State = {
  readonly terms: TheatricalTerms;
  readonly splits: readonly Split[];
  readonly schedules: Map<string, Schedule>;
  boundaries: IsoDate[];
  intervals: Map<IsoDate, number>;
  /** Sites that no clause tells apart share one row of profiles by interval. */
  sites: Map<Site, ProfileRow>;
  classes: Map<string, ProfileRow>;
  /** Whether anything changes between two intervals, by class of sites. */
  crossings: Map<ProfileRow, Map<string, boolean>>;
  /** Keys of the rates that follow the rows' own sums and divide them exactly. */
  readonly ownSums: Set<string>;
  /** Stretches by interval, each worked out once. */
  stretches: Stretch[];
  readonly asked: readonly (keyof Site)[];
  profiles: Map<string, Profile>;
};

/** A resolver that computes ladders and caps from the rows’ days and the books. */
export function makeResolver(
  terms: TheatricalTerms,
  cells: readonly DayCell[],
  books: { readonly [name: string]: readonly BookDay[] },
): Resolver {
  const state = newState(terms, new Map());
  resolveShares(state, cells, books);
  return faceOf(state);
}

/** A resolver for schedules computed elsewhere: how a receiver checks a statement. */
export function resolverFromSchedules(
  terms: TheatricalTerms,
  schedules: ReadonlyMap<string, Schedule>,
): Resolver {
  return faceOf(newState(terms, new Map(schedules)));
}

function newState(terms: TheatricalTerms, schedules: Map<string, Schedule>): State {
  const state: State = {
    terms,
    splits: orderedSplits(terms.splits),
    schedules,
    boundaries: [],
    intervals: new Map(),
    sites: new Map(),
    classes: new Map(),
    crossings: new Map(),
    ownSums: ownSumKeys(terms),
    stretches: [],
    asked: askedOf(terms),
    profiles: new Map(),
  };
  refresh(state);
  return state;
}

function faceOf(state: State): Resolver {
  return {
    profileOf: (chooser, date) => {
      const plan = buildPlan(state, chooser, date);
      return 'unresolved' in plan ? plan : intern(state, plan);
    },
    get boundaries() {
      return state.boundaries;
    },
    profileAt: (site, date) => profileIn(state, rowOf(state, site), site, date),
    rowOf: (site) => classOf(state, site),
    profileIn: (row, site, date) => profileIn(state, row, site, date),
    stretchAt: (date) => stretchAt(state, date),
    changesWithin: (site, days) => changesWithin(state, site, days),
    profiles: state.profiles,
    schedules: state.schedules,
  };
}

/** Splits so that a pool is filled before it is divided. Terms with circles were refused before. */
export function orderedSplits(splits: readonly Split[]): Split[] {
  const ordered: Split[] = [];
  const known = new Set(['gross', 'net']);
  let waiting = [...splits];
  while (waiting.length > 0) {
    const ready = waiting.filter((split) => known.has(split.of));
    if (ready.length === 0) break;
    for (const split of ready) {
      ordered.push(split);
      for (const clause of split.clauses) for (const share of clause.shares) known.add(share.to);
    }
    waiting = waiting.filter((split) => !ready.includes(split));
  }
  return ordered;
}

function refresh(state: State): void {
  const days = new Set<IsoDate>();
  const add = (each: { from?: string | undefined; to?: string | undefined }) => {
    if (each.from !== undefined) days.add(each.from);
    if (each.to !== undefined) days.add(addDays(each.to, 1));
  };
  const { terms } = state;
  terms.fund?.rates.forEach(add);
  terms.vat?.methods.forEach(add);
  for (const split of terms.splits) for (const clause of split.clauses) add(clause.when);
  for (const { rates } of state.schedules.values()) for (const entry of rates) days.add(entry.from);
  days.delete(FIRST_DAY);
  state.boundaries = [...days].sort();
  state.intervals = new Map();
  state.sites = new Map();
  state.classes = new Map();
  state.crossings = new Map();
  state.stretches = [];
  state.profiles.clear();
}

/** What the clauses of these terms ask about a site; the rest cannot change its profile. */
function askedOf(terms: TheatricalTerms): (keyof Site)[] {
  const scopes = terms.splits.flatMap((split) => split.clauses.map((clause) => clause.when));
  const rates = [...(terms.fund?.rates ?? []), ...(terms.vat?.methods ?? [])];
  const asked = new Set<keyof Site>();
  for (const when of scopes) {
    if (when.versions !== undefined) asked.add('version');
    if (when.equipment !== undefined) asked.add('equipment');
    if (when.circuits !== undefined) asked.add('circuit');
    if (when.cinemas !== undefined) asked.add('cinemaCode');
    if (when.halls !== undefined) asked.add('hall');
    if (when.provinces !== undefined) asked.add('province');
  }
  for (const rate of rates) {
    if (rate.provinces !== undefined) asked.add('province');
    if ('taxpayer' in rate && rate.taxpayer !== undefined) asked.add('taxpayer');
    if ('cinemas' in rate && rate.cinemas !== undefined) asked.add('cinemaCode');
  }
  return [...asked];
}

function rowOf(state: State, site: Site): ProfileRow {
  const known = state.sites.get(site);
  if (known !== undefined) return known;
  const row = classOf(state, site);
  state.sites.set(site, row);
  return row;
}

function classOf(state: State, site: Site): ProfileRow {
  let key = '';
  for (const name of state.asked) key += `${site[name] ?? ''}|`;
  let row = state.classes.get(key);
  if (row === undefined) state.classes.set(key, (row = []));
  return row;
}

function intervalOf(state: State, date: IsoDate): number {
  const known = state.intervals.get(date);
  if (known !== undefined) return known;
  let low = 0;
  let high = state.boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (state.boundaries[middle]! <= date) low = middle + 1;
    else high = middle;
  }
  state.intervals.set(date, low);
  return low;
}

type Stretch = { readonly from: IsoDate; readonly to: IsoDate | undefined };

function stretchAt(state: State, date: IsoDate): Stretch {
  const interval = intervalOf(state, date);
  const known = state.stretches[interval];
  if (known !== undefined) return known;
  const next = state.boundaries[interval];
  const stretch = {
    from: interval === 0 ? FIRST_DAY : state.boundaries[interval - 1]!,
    to: next === undefined ? undefined : addDays(next, -1),
  };
  state.stretches[interval] = stretch;
  return stretch;
}

type Days = { readonly from: IsoDate; readonly to: IsoDate };

function changesWithin(state: State, site: Site, { from, to }: Days): boolean {
  const first = intervalOf(state, from);
  const last = intervalOf(state, to);
  if (first >= last) return false;
  const row = classOf(state, site);
  let known = state.crossings.get(row);
  if (known === undefined) state.crossings.set(row, (known = new Map()));
  const key = `${first}-${last}`;
  let changes = known.get(key);
  if (changes === undefined) {
    const pinned = { ...state, schedules: pinnedSchedules(state, from) };
    const pathOn = (day: IsoDate) => {
      const plan = buildPlan(pinned, chooserFor(state.terms, site, day), day);
      return 'unresolved' in plan ? plan.unresolved : plan.path.join('+');
    };
    const path = pathOn(from);
    changes = state.boundaries.slice(first, last).some((day) => pathOn(day) !== path);
    known.set(key, changes);
  }
  return changes;
}

/** The moving rates, those of the rows' own sums held as they are on a day. */
function pinnedSchedules({ schedules, ownSums }: State, date: IsoDate): Map<string, Schedule> {
  return new Map(
    [...schedules].map(([key, schedule]) =>
      ownSums.has(key)
        ? [key, { ...schedule, rates: [{ ...rateOn(schedule.rates, date), from: FIRST_DAY }] }]
        : [key, schedule],
    ),
  );
}

/** A ladder that turns on the next day is none of these: which rows lie before it, days decide. */
function ownSumKeys(terms: TheatricalTerms): Set<string> {
  const keys = terms.splits.flatMap((split) =>
    split.clauses.flatMap((clause) =>
      clause.shares.flatMap((share, index) => {
        const address = { split, clause, share, index };
        const { ladder } = share;
        const own = ladder?.book === 'facts' && ladder.mode === 'marginal';
        return [capKey(address), floorKey(address), ...(own ? [ladderKey(address)] : [])];
      }),
    ),
  );
  return new Set(keys);
}

/** Which clause of each kind holds: asked by site and day, or given by a compiler. */
export type Chooser = {
  fund(): FundRate | undefined;
  vat(): VatMethod | undefined;
  clause(split: Split): SplitClause | undefined;
};

function chooserFor(terms: TheatricalTerms, site: Site, date: IsoDate): Chooser {
  return {
    fund: () => mostSpecific(terms.fund?.rates ?? [], date, (each) => provinceScore(each, site)),
    vat: () => mostSpecific(terms.vat?.methods ?? [], date, (each) => vatScore(each, site)),
    clause: (split) => chooseClause(split, site, date, terms.segments.outside),
  };
}

function profileIn(state: State, row: ProfileRow, site: Site, date: IsoDate): Profile | Unresolved {
  const interval = intervalOf(state, date);
  const known = row[interval];
  if (known !== undefined) return known;
  const plan = buildPlan(state, chooserFor(state.terms, site, date), date);
  const made = 'unresolved' in plan ? plan : intern(state, plan);
  row[interval] = made;
  return made;
}

function intern(state: State, plan: Plan): Profile {
  const key = plan.path.join('+');
  const known = state.profiles.get(key);
  if (known !== undefined) return known;
  const profile = makeProfile(key, plan.nodes, plan);
  state.profiles.set(key, profile);
  return profile;
}

const NOT_HERE: Unresolved = { unresolved: 'missing_segment', at: '' };

type Plan = { nodes: PlanNode[]; path: string[]; vatRate: Ratio; byHall: boolean };

/** The plan of a site on a day; with `until`, only as far as that share, which is its last node. */
function buildPlan(
  state: State,
  chooser: Chooser,
  date: IsoDate,
  until?: ShareAddress,
): Plan | Unresolved {
  const plan = deductionPlan(state.terms, chooser);
  if ('unresolved' in plan) return plan;
  const amounts = new Map<string, string>([
    ['gross', 'base'],
    ['net', 'net'],
  ]);
  const parties = new Set(state.terms.parties.map((each) => each.id));
  for (const split of state.splits) {
    const pool = amounts.get(split.of);
    // A clause that holds here may fill no such pool: then there is nothing to divide.
    if (pool === undefined) continue;
    const clause = chooser.clause(split);
    if (clause === undefined) return { unresolved: 'missing_segment', at: split.id };
    if (until?.split === split && until.clause !== clause) return NOT_HERE;
    if (clause.when.halls !== undefined) plan.byHall = true;
    plan.path.push(`${split.id}:${clause.id}`);
    const taken: string[] = [];
    let rest: { share: Share; id: string } | undefined;
    for (const [index, share] of clause.shares.entries()) {
      const address = { split, clause, share, index };
      const id = nodeId(address);
      if (share.share === 'rest') {
        rest = { share, id };
        continue;
      }
      const stop = until?.clause === clause && until.index === index;
      const of = share.of === undefined ? pool : amounts.get(share.of);
      if (of === undefined) return { unresolved: 'unknown_amount', at: `${split.id}:${clause.id}` };
      const node = shareNode(state.schedules, {
        address,
        id,
        of,
        date,
        bare: stop,
        path: plan.path,
      });
      plan.nodes.push(withTaker(node, share.to, parties));
      if (stop) return plan;
      taken.push(id);
      if (!parties.has(share.to)) amounts.set(share.to, id);
    }
    if (rest !== undefined) {
      const node: PlanNode = {
        op: 'less',
        id: rest.id,
        of: pool,
        minus: taken,
        clause: `${split.id}:${clause.id}`,
      };
      plan.nodes.push(withTaker(node, rest.share.to, parties));
      if (!parties.has(rest.share.to)) amounts.set(rest.share.to, rest.id);
    }
  }
  return plan;
}

/** Two shares of one clause may go to the same party; their nodes still need two names. */
function nodeId({ split, clause, share, index }: ShareAddress): string {
  const { length } = clause.shares.slice(0, index).filter((each) => each.to === share.to);
  return `${split.id}.${share.to}${length === 0 ? '' : `_${length + 1}`}`;
}

function withTaker(node: PlanNode, to: string, parties: ReadonlySet<string>): PlanNode {
  return node.op === 'base' || !parties.has(to) ? node : { ...node, to };
}

function deductionPlan(terms: TheatricalTerms, chooser: Chooser): Plan | Unresolved {
  const nodes: PlanNode[] = [{ op: 'base', id: 'base' }];
  const path: string[] = [];
  const minus: string[] = [];
  let fundRate = ZERO;
  let vatRate = ZERO;
  if (terms.fund !== undefined) {
    const chosen = chooser.fund();
    if (chosen === undefined) return { unresolved: 'missing_segment', at: 'fund' };
    fundRate = parseRatio(chosen.rate)!;
    const words = { rate: chosen.rate };
    const clause = `fund:${chosen.id}`;
    nodes.push({
      op: 'share',
      id: 'fund',
      of: 'base',
      rate: fundRate,
      clause,
      to: terms.fund.to,
      words,
    });
    path.push(clause);
    minus.push('fund');
  }
  if (terms.vat !== undefined) {
    const chosen = chooser.vat();
    if (chosen === undefined) return { unresolved: 'missing_segment', at: 'vat' };
    const rate = vatCoefficient(chosen, fundRate);
    if (chosen.method !== 'exempt' && chosen.method !== 'net_factor')
      vatRate = parseRatio(chosen.rate)!;
    const words = { method: chosen.method, rate: chosen.rate, surcharge: chosen.surcharge };
    const clause = `vat:${chosen.id}`;
    nodes.push({ op: 'share', id: 'tax', of: 'base', rate, clause, to: terms.vat.to, words });
    path.push(clause);
    minus.push('tax');
  }
  nodes.push({ op: 'less', id: 'net', of: 'base', minus, clause: 'net' });
  return { nodes, path, vatRate, byHall: false };
}

/** Ladders first: what a cap or a floor looks at moves with them, whatever their order. */
function resolveShares(
  state: State,
  cells: readonly DayCell[],
  books: { readonly [name: string]: readonly BookDay[] },
): void {
  const shares = state.splits.flatMap((split) =>
    split.clauses.flatMap((clause) =>
      clause.shares.map((share, index): ShareAddress => ({ split, clause, share, index })),
    ),
  );
  for (const address of shares) {
    const { ladder } = address.share;
    if (ladder === undefined) continue;
    const days =
      ladder.book === 'facts'
        ? measureDays(state, ladder.measure, cells)
        : bookDays(books[ladder.book] ?? [], ladder.measure);
    state.schedules.set(ladderKey(address), { rates: ladderSchedule(ladder, days), days });
  }
  refresh(state);
  // A clause's caps before its floor, which is taken from what they leave.
  for (const split of state.splits) {
    const limited = shares.filter((each) => each.split === split && isLimited(each.share));
    const floored = limited.filter(({ share }) => share.floor !== undefined);
    for (const address of limited.filter((each) => !floored.includes(each))) {
      const days = shareDays(state, address, cells, 'own');
      const rates = capSchedule(ratio(parseYuan(address.share.cap!)!), days);
      state.schedules.set(capKey(address), { rates, days });
      refresh(state);
    }
    for (const address of floored) {
      const days = shareDays(state, address, cells, 'pool');
      const rates = floorRates(state.schedules, address, days);
      state.schedules.set(floorKey(address), { rates, days });
      refresh(state);
    }
  }
}

const isLimited = ({ cap, floor }: Share) => cap !== undefined || floor !== undefined;

/** Sums cells by day and coefficient first, so that fractions are added once per group. */
function totalDays(
  cells: readonly DayCell[],
  formOf: (cell: DayCell) => LinearForm | undefined,
): DayTotal[] {
  const days = new Map<IsoDate, Map<LinearForm, { base: bigint; admissions: bigint }>>();
  for (const cell of cells) {
    const form = formOf(cell);
    if (form === undefined) continue;
    let groups = days.get(cell.date);
    if (groups === undefined) days.set(cell.date, (groups = new Map()));
    const group = groups.get(form);
    if (group === undefined) groups.set(form, { base: cell.baseFen, admissions: cell.admissions });
    else {
      group.base += cell.baseFen;
      group.admissions += cell.admissions;
    }
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, groups]) => {
      let amount = ZERO;
      for (const [form, { base, admissions }] of groups) {
        amount = addRatio(amount, multiplyRatio(form.base, ratio(base)));
        amount = addRatio(amount, multiplyRatio(form.tickets, ratio(admissions)));
      }
      return { date, amount };
    });
}

const GROSS_FORM: LinearForm = { base: ONE, tickets: ZERO };
const ADMISSIONS_FORM: LinearForm = { base: ZERO, tickets: ONE };

function measureDays(
  state: State,
  measure: Ladder['measure'],
  cells: readonly DayCell[],
): DayTotal[] {
  if (measure === 'gross') return totalDays(cells, () => GROSS_FORM);
  if (measure === 'admissions') return totalDays(cells, () => ADMISSIONS_FORM);
  const interned = new Map<string, LinearForm>();
  return totalDays(cells, (cell) => {
    const plan = deductionPlan(state.terms, chooserFor(state.terms, cell.site, cell.date));
    return 'unresolved' in plan ? undefined : formOf(plan, 'net', interned);
  });
}

/** Daily totals of a share's own amount or of its pool, where its clause holds. */
function shareDays(
  state: State,
  address: ShareAddress,
  cells: readonly DayCell[],
  amount: 'own' | 'pool',
): DayTotal[] {
  const interned = new Map<string, LinearForm>();
  const id = nodeId(address);
  return totalDays(cells, (cell) => {
    const chooser = chooserFor(state.terms, cell.site, cell.date);
    const plan = buildPlan(state, chooser, cell.date, address);
    if ('unresolved' in plan) return undefined;
    const node = plan.nodes.at(-1)!;
    // Where the clause fills no such pool, the plan ends elsewhere.
    if (node.id !== id) return undefined;
    return formOf(plan, amount === 'pool' && node.op === 'share' ? node.of : id, interned);
  });
}

function formOf(plan: Plan, id: string, interned: Map<string, LinearForm>): LinearForm {
  const key = plan.path.join('+');
  const known = interned.get(key);
  if (known !== undefined) return known;
  const forms = new Map<string, LinearForm>();
  for (const node of plan.nodes) forms.set(node.id, nodeForm(node, forms));
  const form = forms.get(id)!;
  interned.set(key, form);
  return form;
}

/** Film code → version label, by the key under which codes compare. */
export function versionsOf(terms: TheatricalTerms): Map<string, string> {
  return new Map(terms.film.versions.map((each) => [filmCodeKey(each.code), each.label]));
}
