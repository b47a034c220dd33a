import type { Fen } from '@yinglian/core';
import { type Effort, PACKING_CELLS_MAX } from './packing.ts';
import { type CapSet, shareUnderCaps } from './sharing.ts';

/**
 * The exact optimisation under "not both": a weighted independent set whose weights also share
 * ceilings. Greedy is wrong here (80 against 60 + 60), so every connected component is solved by
 * branch and bound; a component that is not decided within the limit is refused, never guessed.
 */
export type ChoiceProblem = {
  /** The most that each claim could be paid, in order of priority. */
  readonly most: readonly Fen[];
  /** For each claim, the claims it cannot stand beside. */
  readonly conflicts: readonly (readonly number[])[];
  readonly caps: readonly { readonly members: readonly number[]; readonly limitFen: Fen }[];
  /** A claim that must be paid something: to say what an alternative would have paid. */
  readonly forced?: number;
  /** What packing may still cost, where one question asks for several choices. */
  readonly effort?: Effort;
};

/** The best choice: what each claim is paid. */
export type Choice = { readonly totalFen: Fen; readonly amounts: readonly Fen[] };

/** Branches examined in one component before it is refused. */
export const BRANCHES_MAX = 100_000;

/**
 * The largest total; among equals the fewest claims; among those the one that is first in order of
 * priority. Undefined when a component is too tangled to be decided.
 */
export function bestChoice(problem: ChoiceProblem): Choice | undefined {
  const amounts = problem.most.map(() => 0n);
  const effort = problem.effort ?? { cells: PACKING_CELLS_MAX };
  let totalFen = 0n;
  for (const component of componentsOf(problem)) {
    const forced = component.includes(problem.forced ?? -1) ? problem.forced : undefined;
    const found = new Search(problem, component, { forced, effort }).run();
    if (found === undefined) return undefined;
    for (const [index, fen] of found.amounts) amounts[index] = fen;
    totalFen += found.totalFen;
  }
  return { totalFen, amounts };
}

/** Claims that touch each other through a conflict or a common ceiling. */
function componentsOf(problem: ChoiceProblem): number[][] {
  const neighbours = problem.most.map((_, index) => new Set(problem.conflicts[index]));
  for (const { members } of problem.caps) {
    const first = members[0]!;
    for (const member of members) {
      neighbours[first]!.add(member);
      neighbours[member]!.add(first);
    }
  }
  const seen = new Set<number>();
  const components: number[][] = [];
  for (const start of problem.most.keys()) {
    if (seen.has(start)) continue;
    const component = [start];
    seen.add(start);
    for (const index of component) {
      for (const next of neighbours[index]!) {
        if (seen.has(next)) continue;
        seen.add(next);
        component.push(next);
      }
    }
    components.push(component.toSorted((a, b) => a - b));
  }
  return components;
}

type Found = { readonly totalFen: Fen; readonly amounts: ReadonlyMap<number, Fen> };

/** Branch and bound over one component. */
class Search {
  readonly problem: ChoiceProblem;
  readonly order: readonly number[];
  readonly caps: readonly { readonly members: ReadonlySet<number>; readonly limitFen: Fen }[];
  readonly forced: number | undefined;
  best: Found = { totalFen: 0n, amounts: new Map() };
  bestCount = 0;
  /** Whether a choice that holds the forced claim was found. */
  met = false;
  branches = 0;
  /** Whether ceilings were met that cannot be shared out exactly with the effort there is. */
  tangled = false;
  readonly effort: Effort;

  constructor(
    problem: ChoiceProblem,
    component: readonly number[],
    { forced, effort }: { readonly forced: number | undefined; readonly effort: Effort },
  ) {
    this.problem = problem;
    this.effort = effort;
    this.forced = forced;
    this.order = component.filter((index) => problem.most[index]! > 0n);
    const inside = new Set(this.order);
    const caps = problem.caps.map(({ members, limitFen }) => ({
      members: new Set(members.filter((each) => inside.has(each))),
      limitFen,
    }));
    this.caps = binding(caps, problem.most);
    this.met = forced === undefined;
  }

  run(): Found | undefined {
    this.visit([...this.order], []);
    return this.tangled || this.branches > BRANCHES_MAX ? undefined : this.best;
  }

  /** `open` are undecided claims, in order of priority; `chosen` those taken. */
  visit(open: readonly number[], chosen: readonly number[]): void {
    this.branches += 1;
    if (this.tangled || this.branches > BRANCHES_MAX) return;
    if (this.met && this.hopeless(open, chosen)) return;
    const next = open[0];
    if (next === undefined) {
      this.judge(chosen);
      return;
    }
    const against = this.problem.conflicts[next]!;
    const rest = open.slice(1);
    if (this.forced === undefined || !against.includes(this.forced)) {
      const left = against.length === 0 ? rest : rest.filter((each) => !against.includes(each));
      this.visit(left, [...chosen, next]);
    }
    if (next !== this.forced) this.visit(rest, chosen);
  }

  judge(chosen: readonly number[]): void {
    const shared = shareUnderCaps(chosen, this.problem.most, this.caps, this.forced, this.effort);
    if (shared === 'tangled') {
      this.tangled = true;
      return;
    }
    if (this.forced !== undefined && (shared.get(this.forced) ?? 0n) === 0n) return;
    let totalFen = 0n;
    for (const fen of shared.values()) totalFen += fen;
    const found = { totalFen, amounts: shared };
    const count = [...found.amounts.values()].filter((fen) => fen > 0n).length;
    // Include-first in order of priority: the first of equals is the one that goes first.
    const better =
      !this.met ||
      found.totalFen > this.best.totalFen ||
      (found.totalFen === this.best.totalFen && count < this.bestCount);
    if (!better) return;
    this.met = true;
    this.best = found;
    this.bestCount = count;
  }

  /** Whether nothing below can be better than the best: neither a larger sum nor fewer claims. */
  hopeless(open: readonly number[], chosen: readonly number[]): boolean {
    const { most } = this.problem;
    let sure = 0n;
    for (const index of chosen) sure += most[index]!;
    const cover = sure + this.coverOf(open);
    const capped = this.cappedBound(open, chosen);
    const bound = capped < cover ? capped : cover;
    if (bound < this.best.totalFen) return true;
    if (bound > this.best.totalFen) return false;
    const lacking = this.best.totalFen - sure;
    if (lacking <= 0n) return chosen.length >= this.bestCount;
    let largest = 0n;
    for (const index of open) if (most[index]! > largest) largest = most[index]!;
    if (largest === 0n) return true;
    const needed = Number((lacking + largest - 1n) / largest);
    return chosen.length + needed >= this.bestCount;
  }

  /** Open claims covered by groups of mutual conflict: at most the largest of each is paid. */
  coverOf(open: readonly number[]): Fen {
    const { most, conflicts } = this.problem;
    const groups: { members: number[]; largest: Fen }[] = [];
    for (const index of open) {
      const against = conflicts[index]!;
      const home =
        against.length === 0
          ? undefined
          : groups.find(({ members }) => members.every((each) => against.includes(each)));
      if (home === undefined) {
        groups.push({ members: [index], largest: most[index]! });
      } else {
        home.members.push(index);
        if (most[index]! > home.largest) home.largest = most[index]!;
      }
    }
    return groups.reduce((sum, { largest }) => sum + largest, 0n);
  }

  /** A bound from the ceilings: claims are counted at the first ceiling that holds them. */
  cappedBound(open: readonly number[], chosen: readonly number[]): Fen {
    const all = [...chosen, ...open];
    const counted = new Set<number>();
    let bound = 0n;
    for (const { members, limitFen } of this.caps) {
      let sum = 0n;
      for (const index of all) {
        if (!members.has(index) || counted.has(index)) continue;
        counted.add(index);
        sum += this.problem.most[index]!;
      }
      bound += sum < limitFen ? sum : limitFen;
    }
    for (const index of all) if (!counted.has(index)) bound += this.problem.most[index]!;
    return bound;
  }
}

/** Only ceilings that can bind: not those of nobody, nor those inside a tighter one. */
function binding(caps: readonly CapSet[], most: readonly Fen[]): CapSet[] {
  const tight = caps.filter(({ members, limitFen }) => {
    let sum = 0n;
    for (const each of members) sum += most[each]!;
    return sum > limitFen;
  });
  return tight.filter(
    (cap, index) =>
      !tight.some((other, at) => {
        if (at === index || other.limitFen > cap.limitFen) return false;
        const inside = [...cap.members].every((each) => other.members.has(each));
        const same = inside && cap.members.size === other.members.size;
        return inside && (!same || other.limitFen < cap.limitFen || at < index);
      }),
  );
}
