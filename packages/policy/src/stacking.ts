import {
  type Fen,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  accepted,
  refused,
} from '@yinglian/core';
import type { Jurisdiction } from './model.ts';
import { bestChoice, type ChoiceProblem } from './choice.ts';
import { PACKING_CELLS_MAX } from './packing.ts';

/**
 * Stage 2: not both, the higher wins (不重复享受、就高), over all claims of one applicant group,
 * solved exactly. The result is a proposal that the applicant confirms.
 */

/** One claim as the stacking sees it: of this instrument or of another. */
export type StackClaim = {
  readonly id: string;
  /** Code of the instrument; claims of one instrument do not exclude one another (A6). */
  readonly instrument: string;
  readonly jurisdiction: Jurisdiction;
  /** Whether it is a claim of the instrument that is being run. Ties go to it. */
  readonly own: boolean;
  readonly item: string;
  /** The 同类 classes it belongs to, as the lead department listed them (A4). */
  readonly kinds: readonly string[];
  /** The objects it is about: project, centre, course, base, product. */
  readonly objects: readonly string[];
  /** Fingerprints of the costs it is claimed for: one invoice, one claim. */
  readonly costs: readonly string[];
  readonly appliedOn: IsoDate;
  /** G₀: the lesser of bound and recommendation. */
  readonly amountFen: Fen;
  /** The cap groups it counts against. */
  readonly caps: readonly string[];
};

/** Money that was paid before, inside the same world of objects and classes. */
export type EarlierPayment = {
  readonly instrument: string;
  readonly jurisdiction: Jurisdiction;
  readonly item: string;
  readonly kinds: readonly string[];
  readonly objects: readonly string[];
  readonly paidFen: Fen;
  /** The claim it was paid for, where that is known. */
  readonly claim?: string;
};

/** What is left of each cap group, earlier grants deducted. */
export type CapRemaining = { readonly [group: string]: Fen };

/** The readings that stage 2 asks for, with the defaults of the instrument. */
export type StackReadings = {
  /** A5 */
  readonly scope: 'province' | 'province_and_cities' | 'all';
  /** A6 */
  readonly within: 'no_ban' | 'ban';
  /** A8 */
  readonly topUp: 'difference' | 'none';
  /** The option of European law: costs that are the same cumulate up to the highest. */
  readonly sameCost: 'exclusive' | 'up_to_highest';
};

/** The defaults of A5, A6 and A8. */
export const STACK_DEFAULTS: StackReadings = Object.freeze({
  scope: 'province',
  within: 'no_ban',
  topUp: 'difference',
  sameCost: 'exclusive',
});

/** Why a claim gets nothing in the proposal. */
export type Exclusion = {
  readonly id: string;
  readonly reason: 'conflict' | 'already_paid' | 'no_room' | 'nothing_due' | 'lower_total';
  /** The chosen claims it cannot stand beside. */
  readonly against: readonly string[];
  /** What all claims together would have paid, had this one been taken. */
  readonly alternativeTotalFen: Fen;
};

/** The proposal. */
export type StackResult = {
  readonly totalFen: Fen;
  readonly chosen: readonly { readonly id: string; readonly fen: Fen }[];
  readonly excluded: readonly Exclusion[];
  /** Pairs that exclude each other, for the picture. */
  readonly conflicts: readonly (readonly [string, string])[];
};

/** Claims of one applicant group in one run; more is a mistake of whoever sends them. */
export const STACK_CLAIMS_MAX = 400;

/** Finds the proposal. Input order never changes it. */
export function stackClaims(
  claims: readonly StackClaim[],
  options: {
    readonly paid?: readonly EarlierPayment[];
    readonly remaining?: CapRemaining;
    readonly readings?: Partial<StackReadings>;
  } = {},
): Outcome<StackResult> {
  const readings = { ...STACK_DEFAULTS, ...options.readings };
  const faults = faultsOf(claims, options.remaining ?? {});
  if (faults.length > 0) return refused(...faults);
  const sorted = claims.toSorted(byPriority);
  const setting = { paid: options.paid ?? [], remaining: options.remaining ?? {}, readings };
  const effort = { cells: PACKING_CELLS_MAX };
  const problem = { ...problemOf(sorted, setting), effort };
  const best = bestChoice(problem);
  if (best === undefined) return refused(tooTangled(claims.length));
  const chosen = sorted
    .map(({ id }, index) => ({ id, fen: best.amounts[index]! }))
    .filter(({ fen }) => fen > 0n);
  const excluded: Exclusion[] = [];
  for (const [index, claim] of sorted.entries()) {
    if (best.amounts[index]! > 0n) continue;
    const forced = problem.most[index]! > 0n ? bestChoice({ ...problem, forced: index }) : best;
    if (forced === undefined) return refused(tooTangled(claims.length));
    excluded.push(explain(index, claim, { sorted, problem, best, forced }));
  }
  const conflicts: [string, string][] = [];
  for (const [a, others] of problem.conflicts.entries()) {
    for (const b of others) if (a < b) conflicts.push([sorted[a]!.id, sorted[b]!.id]);
  }
  return accepted({ totalFen: best.totalFen, chosen, excluded, conflicts });
}

function faultsOf(claims: readonly StackClaim[], remaining: CapRemaining): Finding[] {
  if (claims.length > STACK_CLAIMS_MAX) {
    const facts = { count: claims.length, limit: STACK_CLAIMS_MAX };
    return [finding('excessive_claim_count', 'error', { facts })];
  }
  const seen = new Set<string>();
  const faults: Finding[] = [];
  for (const { id, amountFen } of claims) {
    if (seen.has(id)) faults.push(finding('duplicate_claim', 'error', { facts: { claim: id } }));
    if (amountFen < 0n) faults.push(finding('negative_amount', 'error', { facts: { claim: id } }));
    seen.add(id);
  }
  for (const [group, fen] of Object.entries(remaining)) {
    if (fen < 0n) faults.push(finding('exhausted_cap', 'warning', { facts: { group } }));
  }
  return faults.filter(({ severity }) => severity === 'error');
}

function tooTangled(count: number): Finding {
  return finding('undecided_stacking', 'error', { facts: { count } });
}

/** This instrument, then the earlier application, then the item, then the claim's own name. */
function byPriority(a: StackClaim, b: StackClaim): number {
  if (a.own !== b.own) return a.own ? -1 : 1;
  if (a.appliedOn !== b.appliedOn) return a.appliedOn < b.appliedOn ? -1 : 1;
  if (a.item !== b.item) return a.item < b.item ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

type Setting = {
  readonly paid: readonly EarlierPayment[];
  readonly remaining: CapRemaining;
  readonly readings: StackReadings;
};

function problemOf(claims: readonly StackClaim[], setting: Setting): ChoiceProblem {
  const { readings } = setting;
  const exclusive = readings.sameCost === 'exclusive';
  const conflicts = claims.map((claim, index) =>
    claims.flatMap((other, at) => {
      if (at === index) return [];
      const sameCost = claim.costs.some((cost) => other.costs.includes(cost));
      return sameCost || (exclusive && excludes(claim, other, readings)) ? [at] : [];
    }),
  );
  const most = claims.map((claim) => mostOf(claim, setting));
  const groups = new Map<string, { members: number[]; limitFen: Fen }>();
  for (const [index, claim] of claims.entries()) {
    for (const code of new Set(claim.caps)) {
      const limitFen = setting.remaining[code];
      if (limitFen === undefined) continue;
      const group = groups.get(code) ?? { members: [], limitFen: limitFen > 0n ? limitFen : 0n };
      group.members.push(index);
      groups.set(code, group);
    }
  }
  const caps = [...groups.values()];
  if (!exclusive) caps.push(...sharedCaps(claims, most, readings));
  return { most, conflicts, caps };
}

/**
 * c ~ c′: the same object, the same class, different instruments, both in the scope of A5. With
 * the other reading of A6 also within one instrument.
 */
export function excludes(
  a: Pick<StackClaim, 'instrument' | 'jurisdiction' | 'kinds' | 'objects' | 'item'>,
  b: Pick<StackClaim, 'instrument' | 'jurisdiction' | 'kinds' | 'objects' | 'item'>,
  readings: StackReadings,
): boolean {
  if (!inScope(a.jurisdiction, readings) || !inScope(b.jurisdiction, readings)) return false;
  if (a.instrument === b.instrument && (readings.within === 'no_ban' || a.item === b.item)) {
    return false;
  }
  return (
    a.objects.some((each) => b.objects.includes(each)) &&
    a.kinds.some((each) => b.kinds.includes(each))
  );
}

function inScope(jurisdiction: Jurisdiction, { scope }: StackReadings): boolean {
  if (jurisdiction === 'province') return true;
  return jurisdiction === 'city' ? scope !== 'province' : scope === 'all';
}

/** max(0, G₀ − paid(K)), or nothing at all where a top-up is not paid (A8). */
function mostOf(claim: StackClaim, { paid, readings }: Setting): Fen {
  let before = 0n;
  for (const payment of paid) if (counts(claim, payment, readings)) before += payment.paidFen;
  if (before > 0n && readings.topUp === 'none') return 0n;
  return claim.amountFen > before ? claim.amountFen - before : 0n;
}

function counts(claim: StackClaim, payment: EarlierPayment, readings: StackReadings): boolean {
  if (payment.claim !== undefined && payment.claim === claim.id) return true;
  if (excludes(claim, payment, readings)) return true;
  const sameItem = claim.instrument === payment.instrument && claim.item === payment.item;
  return sameItem && claim.objects.some((each) => payment.objects.includes(each));
}

/** Under `up_to_highest` claims of one object and class share the highest of their amounts. */
function sharedCaps(
  claims: readonly StackClaim[],
  most: readonly Fen[],
  readings: StackReadings,
): { members: number[]; limitFen: Fen }[] {
  const groups = new Map<string, number[]>();
  for (const [index, claim] of claims.entries()) {
    if (!inScope(claim.jurisdiction, readings)) continue;
    for (const object of new Set(claim.objects)) {
      for (const kind of new Set(claim.kinds)) {
        const key = JSON.stringify([object, kind]);
        groups.set(key, [...(groups.get(key) ?? []), index]);
      }
    }
  }
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => {
      // Claims of one instrument do not exclude one another, so their sum is what competes.
      const sums = new Map<string, Fen>();
      for (const index of members) {
        const { instrument } = claims[index]!;
        sums.set(instrument, (sums.get(instrument) ?? 0n) + most[index]!);
      }
      const limitFen = [...sums.values()].reduce((best, each) => (each > best ? each : best), 0n);
      return { members, limitFen };
    });
}

function explain(
  index: number,
  claim: StackClaim,
  found: {
    sorted: readonly StackClaim[];
    problem: ChoiceProblem;
    best: { totalFen: Fen; amounts: readonly Fen[] };
    forced: { totalFen: Fen };
  },
): Exclusion {
  const against = found.problem.conflicts[index]!.filter((at) => found.best.amounts[at]! > 0n).map(
    (at) => found.sorted[at]!.id,
  );
  const reason =
    claim.amountFen === 0n
      ? 'nothing_due'
      : found.problem.most[index] === 0n
        ? 'already_paid'
        : against.length > 0
          ? 'conflict'
          : roomFor(index, found.problem, found.best.amounts)
            ? 'lower_total'
            : 'no_room';
  const alternativeTotalFen = found.forced.totalFen;
  return { id: claim.id, reason, against, alternativeTotalFen };
}

function roomFor(index: number, problem: ChoiceProblem, amounts: readonly Fen[]): boolean {
  return problem.caps.every(({ members, limitFen }) => {
    if (!members.includes(index)) return true;
    return members.reduce((sum, at) => sum + amounts[at]!, 0n) < limitFen;
  });
}
