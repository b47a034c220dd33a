import type { InstantMs } from '@yinglian/core';

/** What one source says of one fact, from when on, and when it was written down here. */
export type FactAssertion = {
  readonly id: string;
  /** `name`, `seats`, `timeZone`, `mediaBlock` … */
  readonly fact: string;
  /** As text, so that sources compare; undefined where the source says that there is none. */
  readonly value: string | undefined;
  readonly source: string;
  /** The lower goes first: the cinema itself 10, a maintainer's list 20 … */
  readonly precedence: number;
  readonly validFrom: InstantMs;
  /** Undefined while it holds. */
  readonly validTo: InstantMs | undefined;
  readonly recordedAt: InstantMs;
  /** When it was found to be wrong here; undefined while it stands. */
  readonly retractedAt: InstantMs | undefined;
};

/** Somebody's decision which assertion is right, made while these values were on the table. */
export type FactResolution = {
  readonly fact: string;
  readonly value: string | undefined;
  readonly resolvedAt: InstantMs;
};

/** A fact as it is taken, with where it comes from and who says otherwise. */
export type MergedFact = {
  readonly fact: string;
  readonly value: string | undefined;
  /** Undefined where a resolution gives a value that no source says. */
  readonly assertion: FactAssertion | undefined;
  readonly resolved: boolean;
  /** Other sources' differing words, unless a resolution has heard them. */
  readonly conflicts: readonly FactAssertion[];
};

/**
 * Facts as they were on a day, as far as they were known at a time: of each source its last word,
 * of several sources the one with the lower precedence, and of equals the later word. A resolution
 * stands until a source says something new; to the days before it, it speaks only where somebody
 * said then what it decided.
 */
export function mergeFacts(
  assertions: readonly FactAssertion[],
  at: { readonly on: InstantMs; readonly known: InstantMs },
  resolutions: readonly FactResolution[] = [],
): MergedFact[] {
  const standing = assertions.filter(
    ({ validFrom, validTo, recordedAt, retractedAt }) =>
      recordedAt <= at.known &&
      (retractedAt === undefined || retractedAt > at.known) &&
      validFrom <= at.on &&
      (validTo === undefined || validTo > at.on),
  );
  const facts = new Map<string, Map<string, FactAssertion>>();
  for (const each of standing) {
    const bySource = facts.get(each.fact) ?? new Map<string, FactAssertion>();
    const before = bySource.get(each.source);
    if (before === undefined || isLater(each, before)) bySource.set(each.source, each);
    facts.set(each.fact, bySource);
  }
  return [...facts]
    .map(([fact, bySource]) => {
      const words = [...bySource.values()].toSorted(byPrecedence);
      const heard = resolutions
        .filter((each) => each.fact === fact && each.resolvedAt <= at.known)
        .toSorted((a, b) => b.resolvedAt - a.resolvedAt)[0];
      return mergeFact(fact, words, heard, at.on);
    })
    .toSorted((a, b) => (a.fact < b.fact ? -1 : 1));
}

function mergeFact(
  fact: string,
  words: readonly FactAssertion[],
  heard: FactResolution | undefined,
  on: InstantMs,
): MergedFact {
  const first = words[0]!;
  const fresh = heard === undefined || words.some((word) => word.recordedAt > heard.resolvedAt);
  const assertion = words.find((word) => word.value === heard?.value);
  if (heard !== undefined && !fresh && (heard.resolvedAt <= on || assertion !== undefined)) {
    return { fact, value: heard.value, assertion, resolved: true, conflicts: [] };
  }
  const conflicts = words.filter((word) => word.value !== first.value);
  return { fact, value: first.value, assertion: first, resolved: false, conflicts };
}

/** Of one source: what holds from later on, and of the same time what was written down later. */
function isLater(a: FactAssertion, b: FactAssertion): boolean {
  if (a.validFrom !== b.validFrom) return a.validFrom > b.validFrom;
  if (a.recordedAt !== b.recordedAt) return a.recordedAt > b.recordedAt;
  return a.id > b.id;
}

const byPrecedence = (a: FactAssertion, b: FactAssertion) =>
  a.precedence - b.precedence || b.recordedAt - a.recordedAt || (a.id < b.id ? 1 : -1);
