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
 * The files of all wanted packages that are not paused, what somebody put first before all, then
 * what is needed first; a file of two packages comes once,
 * with the earlier of them. Small files of one package come before large ones: its lists say what
 * the rest is.
 */
export function planFiles(
  packages: SiteWork['packages'],
  nowMs: number,
  policy: Policy,
): PlannedFile[] {
  const seen = new Set<string>();
  const ordered = packages
    .filter((each) => !each.paused)
    .toSorted(
      (a, b) =>
        Number(b.first) - Number(a.first) || Date.parse(a.neededAt) - Date.parse(b.neededAt),
    );
  return ordered.flatMap((each) => {
    const isSoon = Date.parse(each.neededAt) - nowMs <= policy.urgentHours * HOUR_MS;
    const isUrgent = each.first || isSoon;
    return each.files
      .toSorted((a, b) => a.sizeBytes - b.sizeBytes)
      .filter(({ digest }) => !seen.has(digest) && seen.add(digest))
      .map(({ digest, sizeBytes }) => ({ digest, sizeBytes, packageId: each.id, isUrgent }));
  });
}

/** `480` as `08:00`. */
export function clockText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The hours of the line on the cinema's clock, and on a box's whose clock is off by so much. */
export function windowTexts(
  windows: readonly Window[],
  offsetMs: number,
): { readonly cinema: string; readonly box: string } {
  const shift = Math.round(offsetMs / 60_000);
  const moved = (minute: number) =>
    (((minute + shift) % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY;
  const text = (change: (minute: number) => number) =>
    windows
      .map((each) => `${clockText(change(each.fromMinute))}-${clockText(change(each.toMinute))}`)
      .join(' ');
  return { cinema: text((minute) => minute), box: text(moved) };
}
