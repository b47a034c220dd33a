import { compareDates, type IsoDate } from '@yinglian/core';
import type { DateReading, Instrument, ParameterDecision, Rule } from './model.ts';
import { ruleId } from './model.ts';

/**
 * Whether a rule governs a day, and why that version of it.
 * - `not_yet_in_force`, `ended`: with the day; there is no falling through to another version.
 * - `not_found`: no version of the item is known, or none covers the day.
 * - `doubtful`: readings of the text differ for this day, or versions overlap: to a person.
 */
export type Validity = {
  readonly state: 'in_force' | 'not_yet_in_force' | 'ended' | 'not_found' | 'doubtful';
  readonly date: IsoDate;
  /** First and last day under the reading in use. */
  readonly from: IsoDate | null;
  readonly to: IsoDate | null;
  /** The version that was chosen, `M4.2@1`. */
  readonly rule: string | null;
  /** Versions known that day and why each is not the one. */
  readonly passedOver: readonly { readonly rule: string; readonly why: PassedOver }[];
  /** Readings under which the answer would be another. */
  readonly doubts: readonly { readonly parameter: string; readonly reading: string }[];
};

/** Why a version was not chosen. */
export type PassedOver = 'not_yet_in_force' | 'ended' | 'replaced' | 'not_yet_known' | 'overlaps';

/** A parameter with the value in use. */
export type ParameterInUse = {
  readonly code: string;
  readonly value: string;
  readonly decided: ParameterDecision | null;
};

/**
 * The value of every parameter on a day, as it was known on another: for one item, or where none
 * is named for all that have no decision of their own.
 */
export function parametersInUse(
  instrument: Instrument,
  decisions: readonly ParameterDecision[],
  on: IsoDate,
  knownOn: IsoDate,
  item?: string,
): Map<string, ParameterInUse> {
  const inUse = new Map<string, ParameterInUse>();
  for (const { code, default: fallback } of instrument.parameters) {
    let decided: ParameterDecision | null = null;
    for (const each of decisions) {
      if (each.parameter !== code || each.from > on || each.recorded > knownOn) continue;
      if (each.item !== undefined && each.item !== item) continue;
      if (decided === null || later(each, decided)) decided = each;
    }
    inUse.set(code, { code, value: decided?.value ?? fallback, decided });
  }
  return inUse;
}

/**
 * What was decided for one item outranks what was decided for all, whenever. Of two alike the later
 * day governs; of one day the one recorded later; then by its text, to be certain.
 */
function later(a: ParameterDecision, b: ParameterDecision): boolean {
  if ((a.item === undefined) !== (b.item === undefined)) return a.item !== undefined;
  if (a.from !== b.from) return a.from > b.from;
  if (a.recorded !== b.recorded) return a.recorded > b.recorded;
  return a.value > b.value;
}

type Term = { readonly from: IsoDate; readonly to: IsoDate };

/** The term under the readings in use, and under every reading that nobody has decided away. */
function terms(
  instrument: Instrument,
  parameters: ReadonlyMap<string, ParameterInUse>,
): { used: Term; froms: readonly DateReading[]; tos: readonly DateReading[] } {
  const { validity } = instrument;
  const from = open(validity.from, parameters.get(validity.fromParameter));
  const to = open(validity.to, parameters.get(validity.toParameter));
  return { used: { from: from.used, to: to.used }, froms: from.all, tos: to.all };
}

function open(
  readings: readonly DateReading[],
  parameter: ParameterInUse | undefined,
): { used: IsoDate; all: readonly DateReading[] } {
  const chosen = readings.find((each) => each.value === parameter?.value) ?? readings[0]!;
  const decided = parameter !== undefined && parameter.decided !== null;
  return { used: chosen.date, all: decided ? [chosen] : readings };
}

/** Where a day stands against the term of the instrument itself. */
export function instrumentOn(
  instrument: Instrument,
  parameters: ReadonlyMap<string, ParameterInUse>,
  date: IsoDate,
): Pick<Validity, 'state' | 'from' | 'to' | 'doubts'> {
  const { used, froms, tos } = terms(instrument, parameters);
  const late = froms.filter((each) => compareDates(date, each.date) < 0);
  const over = tos.filter((each) => compareDates(date, each.date) > 0);
  const doubts = [
    ...(late.length === froms.length ? [] : late).map((each) => ({
      parameter: instrument.validity.fromParameter,
      reading: each.value,
    })),
    ...(over.length === tos.length ? [] : over).map((each) => ({
      parameter: instrument.validity.toParameter,
      reading: each.value,
    })),
  ];
  const state =
    late.length === froms.length
      ? 'not_yet_in_force'
      : over.length === tos.length
        ? 'ended'
        : doubts.length > 0
          ? 'doubtful'
          : 'in_force';
  return { state, ...used, doubts };
}

/** The version of an item's rule that governs a day, as the register stood on `knownOn`. */
export function ruleOn(
  instrument: Instrument,
  versions: readonly Rule[],
  parameters: ReadonlyMap<string, ParameterInUse>,
  date: IsoDate,
  knownOn: IsoDate,
): { rule: Rule | undefined; validity: Validity } {
  const whole = instrumentOn(instrument, parameters, date);
  const known = versions.filter((rule) => rule.recorded <= knownOn);
  const replaced = new Set(known.map((rule) => rule.replaces));
  const passedOver: { rule: string; why: PassedOver }[] = [];
  const covering: Rule[] = [];
  for (const rule of versions) {
    const why = passed(rule, { known, replaced, date });
    if (why === undefined) covering.push(rule);
    else passedOver.push({ rule: ruleId(rule), why });
  }
  const base = { date, passedOver };
  if (covering.length > 1) {
    for (const rule of covering) passedOver.push({ rule: ruleId(rule), why: 'overlaps' });
    return { rule: undefined, validity: { ...base, ...whole, state: 'doubtful', rule: null } };
  }
  const rule = covering[0];
  if (rule === undefined) {
    const state = stateOf(passedOver);
    return { rule, validity: { ...base, ...whole, doubts: [], state, rule: null } };
  }
  const from = later2(rule.from, whole.from);
  const to = earlier2(rule.to, whole.to);
  return { rule, validity: { ...base, ...whole, from, to, rule: ruleId(rule) } };
}

function passed(
  rule: Rule,
  known: { known: readonly Rule[]; replaced: ReadonlySet<number | undefined>; date: IsoDate },
): PassedOver | undefined {
  if (!known.known.includes(rule)) return 'not_yet_known';
  if (known.replaced.has(rule.version)) return 'replaced';
  if (rule.from !== null && known.date < rule.from) return 'not_yet_in_force';
  return rule.to !== null && known.date > rule.to ? 'ended' : undefined;
}

/** Without a version for the day: not yet if all begin later, ended if all ended, else a gap. */
function stateOf(passedOver: readonly { why: PassedOver }[]): Validity['state'] {
  const reasons = passedOver.map(({ why }) => why);
  const dated = reasons.filter((why) => why === 'not_yet_in_force' || why === 'ended');
  if (dated.length === 0 || new Set(dated).size > 1) return 'not_found';
  return dated[0] === 'ended' ? 'ended' : 'not_yet_in_force';
}

function later2(a: IsoDate | null, b: IsoDate | null): IsoDate | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function earlier2(a: IsoDate | null, b: IsoDate | null): IsoDate | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
