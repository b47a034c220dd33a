import type { Fen, IsoDate } from '@yinglian/core';

/**
 * What a distributor decides about a film's run, as its distribution notice (发行通知) states it.
 * A plan is never changed: a change or an extension is the next revision.
 */
export type ReleasePlan = {
  readonly versions: readonly ReleaseVersion[];
  /** ISO 3166-1 alpha-2, `CN`. */
  readonly territory: string;
  /** In the order of time, without gaps or overlaps, except previews, which stand alone. */
  readonly periods: readonly ReleasePeriod[];
  /** Lists of cities differ from notice to notice; the class of the rest has no cities. */
  readonly cityClasses: readonly CityClass[];
  /** Regions, circuits or cinemas whose dates differ from the run's. */
  readonly zones: readonly ReleaseZone[];
  readonly minimumScreenings: readonly MinimumScreenings[];
  readonly keyMargins: KeyMargins;
  /** What the run's packages are judged by; left out, what each claims itself. */
  readonly packageProfile?: PackageProfile | undefined;
  /** The terms that settle the run; absent until they are agreed. */
  readonly termsId: string | null;
  readonly note: string;
};

/** A profile of package checks by name, with severities of single rules changed by the house. */
export type PackageProfile = {
  readonly base: string;
  readonly severities: Readonly<Record<string, string>>;
  /** The text of a house profile, with limits of its own. */
  readonly house?: string | undefined;
};

/** One film version of the run, with the code under which its box office is reported. */
export type ReleaseVersion = {
  readonly filmVersionId: string;
  /** As the film register names it: `2D`, `3D`, `IMAX`, `CGS` … */
  readonly format: string;
  /** The 12-character film code (影片编码). */
  readonly filmCode: string | null;
};

/** A stretch of the run with one settlement standard; both days are included. */
export type ReleasePeriod = {
  readonly kind: 'preview' | 'run' | 'extension';
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly standards: readonly SettlementStandard[];
};

/** 票房结算标准: what an admission settles for at least, per format and class of city. */
export type SettlementStandard = {
  readonly format: string;
  readonly cityClass: string;
  readonly fen: Fen;
};

/** `cities` is empty for the class that holds every city no other class names. */
export type CityClass = { readonly name: string; readonly cities: readonly string[] };

/** Where a run has other dates. The narrowest zone that names a cinema counts. */
export type ReleaseZone = {
  readonly name: string;
  readonly provinces: readonly string[];
  readonly cities: readonly string[];
  readonly circuitIds: readonly string[];
  readonly cinemaIds: readonly string[];
  readonly from: IsoDate;
  readonly to: IsoDate;
};

/** 最低场次: screenings a day that a cinema promises. */
export type MinimumScreenings = {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly perDay: number;
  /** Whether each day has to reach it, or a week or all of the days on the average. */
  readonly counted?: MinimumCounting | undefined;
};

/** Over what the screenings of a promise are added up; each day, where a plan does not say. */
export const MINIMUM_COUNTINGS = ['day', 'week', 'range'] as const;
/** One of {@link MINIMUM_COUNTINGS}. */
export type MinimumCounting = (typeof MINIMUM_COUNTINGS)[number];

/** How far a key's window reaches beyond the days of the booking, in minutes. */
export type KeyMargins = { readonly beforeMinutes: number; readonly afterMinutes: number };

/**
 * No document of the trade fixes the margins. Half a day before the first day leaves time for a
 * test show; six hours after the last day's midnight let a late show end.
 */
export const KEY_MARGINS_DEFAULT: KeyMargins = { beforeMinutes: 720, afterMinutes: 360 };

/** What a plan needs to know of a cinema. */
export type PlanCinema = {
  readonly id: string;
  readonly circuitId: string | null;
  readonly province: string | null;
  readonly city: string | null;
};

/** Days, both included. */
export type DateRange = { readonly from: IsoDate; readonly to: IsoDate };

/** Bounds of a plan; a national notice of 2015 names 65 cities. */
export const PLAN_LIMITS = {
  versions: 40,
  periods: 40,
  cityClasses: 20,
  citiesInClass: 1000,
  standards: 400,
  zones: 200,
  zoneMembers: 20_000,
  minimumScreenings: 100,
  days: 1100,
} as const;
