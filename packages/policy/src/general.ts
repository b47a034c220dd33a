import type { GeneralPart, Instrument } from './model.ts';
import { STACK_DEFAULTS, type StackReadings } from './stacking.ts';

/**
 * The readings that the engine itself asks for. Every instrument numbers its unclear words in its
 * own way, so it names which of its parameters plays which part; the first one, written before
 * there were others, has the numbers below.
 */
export const GENERAL_CODES: Readonly<Record<GeneralPart, string>> = Object.freeze({
  term: 'A3',
  scope: 'A5',
  within: 'A6',
  topUp: 'A8',
  rounding: 'A19',
  sameCost: 'sameCost',
});

/** What the engine can compute of each part; the first is taken where nothing is decided. */
export const GENERAL_READINGS = Object.freeze({
  term: ['event_and_application', 'event', 'application'],
  scope: ['province', 'province_and_cities', 'all'],
  within: ['no_ban', 'ban'],
  topUp: ['difference', 'none'],
  rounding: ['fen', 'yuan'],
  sameCost: ['exclusive', 'up_to_highest'],
} as const) satisfies Readonly<Record<GeneralPart, readonly string[]>>;

/** The parameter of an instrument that plays a part. */
export function generalCode(instrument: Pick<Instrument, 'general'>, part: GeneralPart): string {
  return instrument.general?.[part] ?? GENERAL_CODES[part];
}

/** The parameter that says until when a refusal may be appealed, unless an instrument names one. */
export const APPEAL_CODE = 'L1';

/** The code of the parameter of an instrument for its term of appeal. */
export function appealCode(instrument: Pick<Instrument, 'general'>): string {
  return instrument.general?.appeal ?? APPEAL_CODE;
}

type Known = { readonly instrument: Instrument; readonly readings: ReadonlyMap<string, string> };

/** The reading of a part that is in use; what the engine does not know is the first of the list. */
export function generalReading<Part extends GeneralPart>(
  { instrument, readings }: Known,
  part: Part,
): (typeof GENERAL_READINGS)[Part][number] {
  const value = readings.get(generalCode(instrument, part));
  const known: readonly string[] = GENERAL_READINGS[part];
  const found = value !== undefined && known.includes(value) ? value : known[0];
  return found as (typeof GENERAL_READINGS)[Part][number];
}

/** The readings of stage 2 under the decisions in use. */
export function stackReadings(book: Known): StackReadings {
  return {
    ...STACK_DEFAULTS,
    scope: generalReading(book, 'scope'),
    within: generalReading(book, 'within'),
    topUp: generalReading(book, 'topUp'),
    sameCost: generalReading(book, 'sameCost'),
  };
}
