import {
  compareRatio,
  type Finding,
  finding,
  type IsoDate,
  parseRatio,
  type Ratio,
} from '@yinglian/core';
import type { Milestone } from './bid.ts';
import {
  type AcceptanceRule,
  type Indicator,
  type IndicatorVerdict,
  judgeMeasurement,
  type Measurement,
} from './indicators.ts';
import type { MilestoneState } from './project.ts';

/**
 * 赛马: several winners of one task work side by side until the day of a checkpoint; then one goes
 * on. What the others reached by then is paid, the rest of their money goes back to the budget,
 * and nobody is marked: to be outrun is no fault.
 */
export type RaceTerms = {
  /** Steps that are due on this day or before belong to the race; later ones wait for it. */
  readonly checkpoint: IsoDate;
  readonly indicators: readonly Indicator[];
  readonly rule: AcceptanceRule;
};

/** One of those who run: its steps with what was measured in each. */
export type Racer = {
  readonly code: string;
  readonly milestones: readonly (Pick<Milestone, 'code' | 'due' | 'title'> & {
    readonly state: MilestoneState;
    readonly measurements: readonly Measurement[];
  })[];
};

/** Where one racer stands at the checkpoint. */
export type RaceStanding = {
  readonly code: string;
  /** Every step of the race is paid, so that it may go on. */
  readonly finished: boolean;
  /** Steps that somebody still has to judge or to pay. */
  readonly unsettled: readonly string[];
  readonly results: readonly {
    readonly indicator: string;
    readonly value: string | null;
    readonly verdict: IndicatorVerdict['verdict'];
  }[];
  /** Racers that are nowhere worse by measured values, and better somewhere. */
  readonly behind: readonly string[];
};

/** Whether the terms of a round make a race: more than one winner, and a day before the last. */
export function checkRaceTerms(given: {
  readonly checkpoint: IsoDate | null;
  readonly awards: number;
  readonly due: IsoDate;
}): Finding[] {
  const { checkpoint, awards, due } = given;
  if (checkpoint === null || (awards >= 2 && checkpoint < due)) return [];
  return [finding('invalid_race', 'error', { facts: { checkpoint, awards, due } })];
}

/** Whether a step waits until it is decided who goes on. */
export function waitsForRace(
  milestone: Pick<Milestone, 'due'>,
  race: { readonly checkpoint: IsoDate | null; readonly decided: boolean },
): boolean {
  return race.checkpoint !== null && !race.decided && milestone.due > race.checkpoint;
}

/** Why nothing may be done on a step yet; empty where it does not wait. */
export function waitingFaults(
  milestone: Pick<Milestone, 'due'>,
  race: { readonly checkpoint: IsoDate | null; readonly decided: boolean },
): Finding[] {
  if (!waitsForRace(milestone, race)) return [];
  return [finding('undecided_race', 'error', { facts: { checkpoint: race.checkpoint ?? '' } })];
}

const UNSETTLED: ReadonlySet<MilestoneState> = new Set(['submitted', 'accepted', 'ordered']);

/** Holds the racers against one another by what laboratories measured. */
export function raceStandings(
  { checkpoint, indicators, rule }: RaceTerms,
  racers: readonly Racer[],
): RaceStanding[] {
  const standing = racers.map((racer) => {
    const own = racer.milestones.filter(({ due }) => due <= checkpoint);
    const told = own.filter(({ state }) => state === 'paid').flatMap((each) => each.measurements);
    const results = indicators.map((indicator) => {
      // Before acceptance a value is the racer's own, and decides nothing.
      const measured = told.findLast((each) => each.indicator === indicator.code);
      const { verdict } = judgeMeasurement(indicator, measured, rule);
      const value = measured === undefined ? null : `${measured.value} ${measured.unit}`;
      const exact = verdict === 'unmeasured' ? undefined : parseRatio(measured?.value ?? '');
      return { indicator: indicator.code, value, verdict, exact };
    });
    return {
      code: racer.code,
      finished: own.length > 0 && own.every(({ state }) => state === 'paid'),
      unsettled: own.filter(({ state }) => UNSETTLED.has(state)).map(({ title }) => title),
      results,
    };
  });
  return standing.map((one) => ({
    ...one,
    results: one.results.map(({ indicator, value, verdict }) => ({ indicator, value, verdict })),
    behind: standing
      .filter((other) => other !== one && isAhead(indicators, other.results, one.results))
      .map(({ code }) => code),
  }));
}

type Exact = readonly { readonly exact: Ratio | undefined }[];

/** Nowhere worse and somewhere better; a value that is missing is worse than any. */
function isAhead(indicators: readonly Indicator[], one: Exact, other: Exact): boolean {
  const orders = indicators.map((indicator, place) =>
    order(indicator, one[place]!.exact, other[place]!.exact),
  );
  return orders.every((each) => each >= 0) && orders.some((each) => each > 0);
}

function order(indicator: Indicator, one: Ratio | undefined, other: Ratio | undefined): number {
  if (one === undefined || other === undefined) {
    return Number(one !== undefined) - Number(other !== undefined);
  }
  switch (indicator.operator) {
    case 'at_least':
    case 'above':
      return compareRatio(one, other);
    case 'at_most':
    case 'below':
      return compareRatio(other, one);
    default:
      // Inside a range nothing is better than anything else.
      return 0;
  }
}

/**
 * Whether one racer may go on: it reached its checkpoint, nothing of any racer is left to judge or
 * to pay, and the day has passed unless all have arrived. That another is ahead of the chosen one
 * everywhere is told, because people have to say why.
 */
export function checkRaceChoice(
  { checkpoint }: Pick<RaceTerms, 'checkpoint'>,
  standings: readonly RaceStanding[],
  choice: { readonly code: string; readonly on: IsoDate },
): Finding[] {
  const chosen = standings.find(({ code }) => code === choice.code);
  if (chosen === undefined || !chosen.finished) {
    return [finding('unfinished_racer', 'error', { facts: { racer: choice.code } })];
  }
  const found = standings.flatMap(({ code, unsettled }) =>
    unsettled.map((step) =>
      finding('unsettled_race_step', 'error', { facts: { racer: code, step } }),
    ),
  );
  const arrived = standings.every(({ finished }) => finished);
  if (!arrived && choice.on <= checkpoint) {
    found.push(finding('early_race_decision', 'error', { facts: { checkpoint } }));
  }
  const behind = chosen.behind.filter((code) =>
    standings.some((each) => each.code === code && each.finished),
  );
  if (behind.length > 0) {
    found.push(finding('dominated_racer', 'warning', { facts: { racer: choice.code, behind } }));
  }
  return found;
}
