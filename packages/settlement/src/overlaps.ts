import { addDays, finding, type Finding, type IsoDate } from '@yinglian/core';

type Ranged = {
  readonly id: string;
  readonly from?: IsoDate | undefined;
  readonly to?: IsoDate | undefined;
};

/** What an item is restricted to, by what it is restricted in; nothing where it holds for all. */
export type Restrictions = { readonly [dimension: string]: readonly string[] | undefined };

/**
 * Pairs of items of which neither is narrower and both hold somewhere on some day: their order in
 * the file would decide. The later of each pair is named with the earlier.
 */
export function checkOverlaps<Item extends Ranged>(
  items: readonly Item[],
  restrictionsOf: (item: Item) => Restrictions,
  clauseOf: (item: Item) => string,
): Finding[] {
  return besideEarlier(items, { restrictionsOf, clauseOf, clash: meet, severity: 'error' });
}

type Beside<Item> = {
  readonly restrictionsOf: (item: Item) => Restrictions;
  readonly clauseOf: (item: Item) => string;
  /** Whether the earlier one takes what the later one holds for, on a day of both. */
  readonly clash: (earlier: Sets, later: Sets) => boolean;
  readonly severity: Finding['severity'];
};

/** Every item that shares days with an earlier one which clashes with it, named with the first. */
function besideEarlier<Item extends Ranged>(
  items: readonly Item[],
  { restrictionsOf, clauseOf, clash, severity }: Beside<Item>,
): Finding[] {
  const scoped = items.map((item) => ({ item, sets: setsOf(restrictionsOf(item)) }));
  return scoped.flatMap(({ item, sets }, index) => {
    const other = scoped
      .slice(0, index)
      .find((each) => clash(each.sets, sets) && shareDays(each.item, item));
    if (other === undefined) return [];
    const facts = { other: other.item.id };
    return [finding('overlapping_segments', severity, { facts, clause: clauseOf(item) })];
  });
}

/** A dated rule is narrower than one that always holds, where the engine takes it so. */
export const datedness = ({ from, to }: Ranged): Restrictions =>
  from === undefined && to === undefined ? {} : { dated: ['dated'] };

type Sets = ReadonlyMap<string, ReadonlySet<string>>;

const setsOf = (restrictions: Restrictions): Sets =>
  new Map(
    Object.entries(restrictions).flatMap(([dimension, allowed]) =>
      allowed === undefined ? [] : [[dimension, new Set(allowed)] as const],
    ),
  );

/** Restricted in the same dimensions, and alike somewhere in each. */
const meet = (one: Sets, other: Sets) => one.size === other.size && covers(one, other);

/** Restricted in no dimension that the later is not, and alike somewhere in each. */
function covers(earlier: Sets, later: Sets): boolean {
  return [...earlier].every(([dimension, allowed]) => {
    const second = later.get(dimension);
    return second !== undefined && [...allowed].some((each) => second.has(each));
  });
}

const shareDays = (one: Ranged, other: Ranged) =>
  (one.from === undefined || other.to === undefined || one.from <= other.to) &&
  (other.from === undefined || one.to === undefined || other.from <= one.to);

/**
 * Days between two items of the same restrictions on which neither they nor anything broader
 * holds: a change of rates whose new one begins too late.
 */
export function checkGaps<Item extends Ranged>(
  items: readonly Item[],
  restrictionsOf: (item: Item) => Restrictions,
  clauseOf: (item: Item) => string,
): Finding[] {
  const scoped = items.map((item) => ({ item, sets: setsOf(restrictionsOf(item)) }));
  return scoped.flatMap(({ item, sets }) => {
    if (item.from === undefined) return [];
    const others = scoped.filter((each) => each.item !== item && holdsFor(each.sets, sets));
    const before = others
      .filter((each) => each.sets.size === sets.size)
      .flatMap(({ item: { to } }) => (to !== undefined && to < item.from! ? [to] : []))
      .toSorted()
      .at(-1);
    if (before === undefined) return [];
    const gap = { from: addDays(before, 1), to: addDays(item.from, -1) };
    if (gap.from > gap.to || others.some((each) => shareDays(each.item, { id: '', ...gap })))
      return [];
    return [finding('missing_segment', 'warning', { facts: gap, clause: clauseOf(item) })];
  });
}

/** Whether what holds for one set of restrictions holds for all that the other names. */
function holdsFor(broad: Sets, narrow: Sets): boolean {
  return [...broad].every(([dimension, allowed]) => {
    const second = narrow.get(dimension);
    return second !== undefined && [...second].every((each) => allowed.has(each));
  });
}

/**
 * Items of a list of which the first that fits holds, where an earlier one of no narrower
 * restrictions takes days and values of a later one: the later is not what its writer thinks.
 */
export function checkOrder<Item extends Ranged>(
  items: readonly Item[],
  restrictionsOf: (item: Item) => Restrictions,
  clauseOf: (item: Item) => string,
): Finding[] {
  return besideEarlier(items, { restrictionsOf, clauseOf, clash: covers, severity: 'warning' });
}
