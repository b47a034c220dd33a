import { groupBy } from '@yinglian/core';
import type { Evidence, Session, Takings } from './model.ts';
import type { Rule } from './rules.ts';

/** A day of a screen whose takings are, one after the other, those of other screens. */
export type CopiedDay = {
  readonly screenId: string;
  /** The sessions that agree, of this screen and of the others of its cinema. */
  readonly sessions: readonly Session[];
  /** How many sessions of the screen agree in a row. */
  readonly alike: number;
  /** How many screens have the same. */
  readonly others: number;
};

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
/** A business day begins at six. */
const DAY_BEGINS_MS = 6 * 3_600_000;

type Sold = { readonly takings: Takings; readonly session: Session | undefined };
/** What one screen sold on one day, in the order of time. */
type Day = { readonly screenId: string; readonly own: boolean; readonly sold: readonly Sold[] };

/**
 * Days that were copied: the same admissions and sums in the same order in two screens. A figure
 * that many screens have, as one price makes it, says nothing.
 */
export function copiedDays(
  sessions: readonly Session[],
  { screens, elsewhere = [] }: Pick<Evidence, 'screens' | 'elsewhere'>,
  rule: Rule,
): CopiedDay[] {
  const { leastSessions = 0, leastAdmissions = 0, mostScreens = 0 } = rule.thresholds;
  const offsets = new Map(screens.map((each) => [each.id, each.offsetMinutes]));
  const usual = screens[0]?.offsetMinutes ?? 0;
  const sold = [
    ...sessions.flatMap((session) =>
      session.takings === undefined ? [] : [{ takings: session.takings, session }],
    ),
    ...elsewhere.map((takings) => ({ takings, session: undefined })),
  ].filter(({ takings }) => takings.admissions >= leastAdmissions);
  const byDay = groupBy(sold, ({ takings }) => {
    const offset = offsets.get(takings.screenId) ?? usual;
    return String(
      Math.floor((takings.startsAt + offset * MS_PER_MINUTE - DAY_BEGINS_MS) / MS_PER_DAY),
    );
  });
  return [...byDay.values()].flatMap((ofDay) => {
    const days = daysOf(ofDay);
    const alike = pairsOf(days, mostScreens)
      .map((pair) => ({ ...pair, matched: inOrder(pair.one.sold, pair.two.sold) }))
      .filter(({ matched }) => matched.length >= leastSessions);
    return toldOnce(alike);
  });
}

function daysOf(sold: readonly Sold[]): Day[] {
  return [...groupBy(sold, ({ takings }) => takings.screenId)].map(([screenId, own]) => ({
    screenId,
    own: own[0]!.session !== undefined,
    sold: own.toSorted((a, b) => a.takings.startsAt - b.takings.startsAt),
  }));
}

const figureOf = ({ takings }: Sold) => `${takings.admissions} ${takings.grossFen}`;

type Pair = { readonly one: Day; readonly two: Day };

/** Screens of which one is to be accused at least, and that have a rare figure in common. */
function pairsOf(days: readonly Day[], mostScreens: number): Pair[] {
  const byFigure = new Map<string, Set<Day>>();
  for (const day of days) {
    for (const sold of day.sold) {
      const figure = figureOf(sold);
      byFigure.set(figure, (byFigure.get(figure) ?? new Set()).add(day));
    }
  }
  const pairs = new Map<string, Pair>();
  for (const having of byFigure.values()) {
    if (having.size < 2 || having.size > mostScreens) continue;
    const some = [...having].toSorted((a, b) => (a.screenId < b.screenId ? -1 : 1));
    for (const [index, one] of some.entries()) {
      for (const two of some.slice(index + 1)) {
        if (one.own || two.own) pairs.set(`${one.screenId}\n${two.screenId}`, { one, two });
      }
    }
  }
  return [...pairs.values()];
}

/** The longest run of sessions that both days have in one order, as pairs. */
function inOrder(one: readonly Sold[], two: readonly Sold[]): (readonly [Sold, Sold])[] {
  const best = Array.from({ length: one.length + 1 }, () =>
    Array.from({ length: two.length + 1 }, () => 0),
  );
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = two.length - 1; j >= 0; j--) {
      const isSame = figureOf(one[i]!) === figureOf(two[j]!);
      best[i]![j] = isSame
        ? best[i + 1]![j + 1]! + 1
        : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  const matched: (readonly [Sold, Sold])[] = [];
  for (let [i, j] = [0, 0]; i < one.length && j < two.length;) {
    if (figureOf(one[i]!) === figureOf(two[j]!)) matched.push([one[i++]!, two[j++]!]);
    else if (best[i + 1]![j]! >= best[i]![j + 1]!) i += 1;
    else j += 1;
  }
  return matched;
}

/** Of two screens of a cinema the later by name is told, with both; of others, its own alone. */
function toldOnce(
  alike: readonly (Pair & { readonly matched: readonly (readonly [Sold, Sold])[] })[],
): CopiedDay[] {
  const told = alike.map(({ one, two, matched }) => {
    const pairs = two.own ? matched.map(([a, b]) => [b, a] as const) : matched;
    const screenId = two.own ? two.screenId : one.screenId;
    return { screenId, pairs };
  });
  return [...groupBy(told, (each) => each.screenId)].map(([screenId, own]) => {
    const longest = own.toSorted((a, b) => b.pairs.length - a.pairs.length)[0]!.pairs;
    const sessions = [...longest.map(([sold]) => sold), ...longest.map(([, other]) => other)];
    return {
      screenId,
      sessions: sessions.flatMap((each) => each.session ?? []),
      alike: longest.length,
      others: own.length,
    };
  });
}
