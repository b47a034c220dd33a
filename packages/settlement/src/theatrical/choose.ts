import type { IsoDate } from '@yinglian/core';
import type { Scope, Split, SplitClause } from '../terms/theatrical.ts';

/** Everything about a place of sale that a clause may ask for. */
export type Site = {
  readonly filmCode: string;
  readonly version: string;
  readonly cinemaCode: string;
  readonly hall: string | undefined;
  readonly equipment: 'owned' | 'leased' | undefined;
  readonly circuit: string | undefined;
  readonly province: string;
  readonly taxpayer: 'general' | 'small_scale';
};

type Dated = { readonly from?: string | undefined; readonly to?: string | undefined };

/** Whether a day is within the days of an item, both ends included. */
export function covers(each: Dated, date: IsoDate): boolean {
  return (
    (each.from === undefined || each.from <= date) && (each.to === undefined || each.to >= date)
  );
}

/** The covering item with the highest score; the first of equals. A negative score excludes. */
export function mostSpecific<Item extends Dated>(
  items: readonly Item[],
  date: IsoDate,
  score: (item: Item) => number,
): Item | undefined {
  let best: Item | undefined;
  let bestScore = -1;
  for (const item of items) {
    if (!covers(item, date)) continue;
    const itemScore = score(item);
    if (itemScore > bestScore) {
      best = item;
      bestScore = itemScore;
    }
  }
  return best;
}

/** A dated rule beats an undated one at the same breadth, so that an exemption needs no gap. */
export const dated = (each: Dated) => (each.from === undefined && each.to === undefined ? 0 : 1);

/** How narrowly a rule fits a site’s province; negative when it does not. */
export function provinceScore(
  each: { provinces?: string[] | undefined } & Dated,
  site: Site,
): number {
  if (each.provinces === undefined) return dated(each);
  return each.provinces.includes(site.province) ? 2 + dated(each) : -1;
}

/** How narrowly a VAT method fits a site: cinema before taxpayer before province. */
export function vatScore(
  each: {
    provinces?: string[] | undefined;
    cinemas?: string[] | undefined;
    taxpayer?: string | undefined;
  } & Dated,
  site: Site,
): number {
  const ofProvince = provinceScore(each, site);
  if (ofProvince < 0) return -1;
  if (each.taxpayer !== undefined && each.taxpayer !== site.taxpayer) return -1;
  if (each.cinemas !== undefined && !each.cinemas.includes(site.cinemaCode)) return -1;
  return ofProvince + (each.taxpayer === undefined ? 0 : 4) + (each.cinemas === undefined ? 0 : 8);
}

/** Weights of restrictions: a hall is narrower than everything that can be said of its cinema. */
export const SCOPE_WEIGHTS = Object.freeze({
  halls: 32,
  cinemas: 16,
  circuits: 8,
  equipment: 4,
  versions: 2,
  provinces: 1,
});

/** How narrowly a clause fits a site; negative when it does not. Narrower restrictions win. */
export function scopeScore(when: Scope, site: Site): number {
  let score = 0;
  const test = (
    allowed: readonly string[] | undefined,
    value: string | undefined,
    weight: number,
  ) => {
    if (allowed === undefined || score < 0) return;
    score = value !== undefined && allowed.includes(value) ? score + weight : -1;
  };
  test(when.halls, site.hall, SCOPE_WEIGHTS.halls);
  test(when.cinemas, site.cinemaCode, SCOPE_WEIGHTS.cinemas);
  test(when.circuits, site.circuit, SCOPE_WEIGHTS.circuits);
  test(
    when.equipment === undefined ? undefined : [when.equipment],
    site.equipment,
    SCOPE_WEIGHTS.equipment,
  );
  test(when.versions, site.version, SCOPE_WEIGHTS.versions);
  test(when.provinces, site.province, SCOPE_WEIGHTS.provinces);
  return score;
}

/** The clause of a split for a site on a day; outside all date segments the nearest one. */
export function chooseClause(
  split: Split,
  site: Site,
  date: IsoDate,
  outside: 'nearest' | 'exception',
): SplitClause | undefined {
  const fitting = split.clauses
    .map((clause) => ({ clause, score: scopeScore(clause.when, site) }))
    .filter((each) => each.score >= 0);
  let best: { clause: SplitClause; score: number } | undefined;
  for (const each of fitting) {
    if (covers(each.clause.when, date) && (best === undefined || each.score > best.score))
      best = each;
  }
  if (best !== undefined || outside === 'exception') return best?.clause;
  const before = fitting.every(
    (each) => each.clause.when.from !== undefined && each.clause.when.from > date,
  );
  const after = fitting.every(
    (each) => each.clause.when.to !== undefined && each.clause.when.to < date,
  );
  if (!before && !after) return undefined;
  return nearest(
    fitting.map((each) => each.clause),
    before,
  );
}

function nearest(clauses: readonly SplitClause[], first: boolean): SplitClause | undefined {
  return nearestFirst(clauses, first)[0];
}

/** Clauses still to come by their start, or clauses gone by their end, the nearest first. */
export function nearestFirst(clauses: readonly SplitClause[], upcoming: boolean): SplitClause[] {
  return [...clauses].sort((a, b) => {
    const [left, right] = upcoming ? [a.when.from!, b.when.from!] : [b.when.to!, a.when.to!];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
