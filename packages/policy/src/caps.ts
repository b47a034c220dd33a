import type { Fen } from '@yinglian/core';
import type { Cap, CapDimension, Rule } from './model.ts';

/** Where a claim stands, as far as ceilings care. */
export type ClaimPlace = {
  /** The group of affiliates that counts as one applicant. */
  readonly applicant: string;
  /** The yearly round of the call, for example `2026`. */
  readonly round: string;
  readonly object: string;
  readonly label: string;
};

/** A cap group of a claim: its key and its limit. */
export type CapGroup = { readonly group: string; readonly limitFen: Fen };

/** The cap groups of a claim under the readings in use. */
export function capGroups(
  rule: Pick<Rule, 'caps'>,
  place: ClaimPlace,
  readings: ReadonlyMap<string, string>,
): CapGroup[] {
  return rule.caps
    .filter(({ when }) => when === undefined || readings.get(when.parameter) === when.value)
    .map((cap) => ({ group: keyOf(cap, place), limitFen: BigInt(cap.limitFen) }));
}

const ORDER: readonly CapDimension[] = ['applicant', 'round', 'object', 'label'];

/** The name of a thing without case, spaces, punctuation and width: 4K 基地 and ４Ｋ基地 are one. */
export function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]/gu, '');
}

/** What a thing is told by: its name in any spelling. */
export function objectKey(object: string): string {
  return plainName(object) || object.trim();
}

/** JSON, so that no name can be mistaken for two. */
function keyOf(cap: Cap, place: ClaimPlace): string {
  const parts = ORDER.filter((each) => cap.per.includes(each)).map((each) => [each, place[each]]);
  return JSON.stringify([cap.code, ...parts]);
}

/** What is left of cap groups after earlier grants; several claims name the same group. */
export function remainingCaps(
  groups: readonly CapGroup[],
  granted: readonly { readonly groups: readonly string[]; readonly fen: Fen }[],
): Record<string, Fen> {
  const remaining: Record<string, Fen> = {};
  for (const { group, limitFen } of groups) {
    // A department may have tightened the rule meanwhile: the lower limit holds.
    const known = remaining[group];
    if (known === undefined || limitFen < known) remaining[group] = limitFen;
  }
  for (const { groups: own, fen } of granted) {
    for (const group of new Set(own)) {
      const left = remaining[group];
      if (left === undefined) continue;
      remaining[group] = left > fen ? left - fen : 0n;
    }
  }
  return remaining;
}

/** One holding between two firms, in basis points: 5,000 is half. */
export type Control = {
  readonly holder: string;
  readonly held: string;
  readonly shareBasisPoints: number;
  /** The same actual controller, whatever the share. */
  readonly controls: boolean;
};

/** Half or more makes an affiliate; unconfirmed by the instrument, so a department may set it. */
export const CONTROL_BASIS_POINTS = 5_000;

/**
 * Which applicants count as one: affiliates by control, in any chain. The group has the name of
 * its first member in order, so that it does not depend on the order of the list.
 */
export function applicantGroups(
  applicants: readonly string[],
  controls: readonly Control[],
  threshold: number = CONTROL_BASIS_POINTS,
): Map<string, string> {
  const parent = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    while (parent.has(at) && parent.get(at) !== at) at = parent.get(at)!;
    return at;
  };
  for (const { holder, held, shareBasisPoints, controls: rules } of controls) {
    if (!rules && shareBasisPoints < threshold) continue;
    const [a, b] = [root(holder), root(held)].toSorted();
    if (a !== b) parent.set(b!, a!);
  }
  return new Map(applicants.map((each) => [each, root(each)]));
}
