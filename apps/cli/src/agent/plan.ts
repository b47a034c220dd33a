import type { SiteWork } from '@yinglian/contract';
import { offsetMinutesAt } from '@yinglian/kdm';

/** When the line may be used, on the cinema's clock; `00:00-08:00`, or over midnight. */
export type Window = { readonly fromMinute: number; readonly toMinute: number };

export type Policy = {
  /** Without one, the line is free all day. */
  readonly windows: readonly Window[];
  /** What is needed this soon is fetched at any hour: tonight's show comes first. */
  readonly urgentHours: number;
};

export type PlannedFile = {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly packageId: string;
  readonly isUrgent: boolean;
};

const HOUR_MS = 3_600_000;
const MINUTES_A_DAY = 1440;

/** `00:00-08:00` as minutes of the day; undefined when it is no such thing. */
export function parseWindow(text: string): Window | undefined {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (match === null) return undefined;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  const isWrong = fromMinute > 59 || toMinute > 59 || from > MINUTES_A_DAY || to > MINUTES_A_DAY;
  return isWrong || from === to ? undefined : { fromMinute: from, toMinute: to };
}

/** Whether the line may be used at an instant, on the clock of a time zone. */
export function isOpen(windows: readonly Window[], instantMs: number, timeZone: string): boolean {
  if (windows.length === 0) return true;
  const local = Math.floor(instantMs / 60_000) + offsetMinutesAt(instantMs, timeZone);
  const minute = ((local % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY;
  return windows.some(({ fromMinute, toMinute }) =>
    fromMinute < toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute,
  );
}

/**
 * The files of all wanted packages, what is needed first first; a file of two packages comes once,
 * with the earlier of them. Small files of one package come before large ones: its lists say what
 * the rest is.
 */
export function planFiles(
  packages: SiteWork['packages'],
  nowMs: number,
  policy: Policy,
): PlannedFile[] {
  const seen = new Set<string>();
  const ordered = packages.toSorted((a, b) => Date.parse(a.neededAt) - Date.parse(b.neededAt));
  return ordered.flatMap((each) => {
    const isUrgent = Date.parse(each.neededAt) - nowMs <= policy.urgentHours * HOUR_MS;
    return each.files
      .toSorted((a, b) => a.sizeBytes - b.sizeBytes)
      .filter(({ digest }) => !seen.has(digest) && seen.add(digest))
      .map(({ digest, sizeBytes }) => ({ digest, sizeBytes, packageId: each.id, isUrgent }));
  });
}
