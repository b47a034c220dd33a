import type { Severity } from '@yinglian/core';

/**
 * What a package is judged by.
 * - `auto`: Bv2.1 where a composition claims it; otherwise the standard of the package alone.
 * - `standard`: the standard of the package, whichever it is, without Bv2.1.
 * - `smpte`, `interop`: the same by name.
 * - `bv21`: Bv2.1, whatever the package claims.
 */
export const PROFILE_NAMES = ['auto', 'standard', 'smpte', 'interop', 'bv21'] as const;
/** One name of the list. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** A span of a measure; what is left out is not asked for. */
export type MeasureLimits = {
  readonly least?: number | undefined;
  readonly most?: number | undefined;
};

/** What a house asks beyond the standards; what is left out is not asked for. */
export type HouseLimits = {
  /** Highest rate of any picture of a file, and of the file from end to end. */
  readonly pictureMbitPeak?: number | undefined;
  readonly pictureMbitAverage?: number | undefined;
  /** Pictures a second: `24`, `48`, `30000/1001`. */
  readonly frameRates?: readonly string[] | undefined;
  /** `1998x1080`. */
  readonly pictureSizes?: readonly string[] | undefined;
  /** By configuration: `51`, `71`, `SDS`, `61`, `M`. */
  readonly soundfields?: readonly string[] | undefined;
  /** Sound of each file is measured where one of these is asked for. */
  readonly integratedLufs?: MeasureLimits | undefined;
  readonly leqM?: MeasureLimits | undefined;
  readonly truePeakDbtp?: MeasureLimits | undefined;
  /** Minutes that a composition plays. */
  readonly minutes?: MeasureLimits | undefined;
  readonly encryption?: 'required' | 'forbidden' | undefined;
  readonly signature?: 'required' | undefined;
  /** Names by the convention: what is told of them is an error. */
  readonly naming?: 'required' | undefined;
  /** Markers that some reel has, such as `FFMC`. */
  readonly markers?: readonly string[] | undefined;
  /** Languages of the sound, and of texts that are shown, by their primary tag. */
  readonly soundLanguages?: readonly string[] | undefined;
  readonly textLanguages?: readonly string[] | undefined;
};

/**
 * A house profile: one of the above, with severities of single codes changed or taken out, and
 * limits of the house's own.
 */
export type Profile = {
  readonly base: ProfileName;
  /** How the house calls it; it stands in the report. */
  readonly name?: string | undefined;
  readonly severities?: Readonly<Record<string, Severity | 'ignored'>> | undefined;
  readonly limits?: HouseLimits | undefined;
};

/** The package says what it wants to be. */
export const DEFAULT_PROFILE: Profile = { base: 'auto' };

/** Codes that speak of names. */
const NAME_CODES: readonly string[] = [
  'unconventional_name',
  'invalid_name_field',
  'mismatched_name',
  'unregistered_name_code',
  'obsolete_name_code',
];

/** How grave a code is by a profile; undefined where the rule itself decides. */
export function severityBy(profile: Profile, code: string): Severity | 'ignored' | undefined {
  const own = profile.severities?.[code];
  if (own !== undefined) return own;
  return profile.limits?.naming === 'required' && NAME_CODES.includes(code) ? 'error' : undefined;
}

/** Whether a profile asks how loud sound is. */
export function asksLoudness({ limits }: Profile): boolean {
  const { integratedLufs, leqM, truePeakDbtp } = limits ?? {};
  return [integratedLufs, leqM, truePeakDbtp].some((each) => each !== undefined);
}
