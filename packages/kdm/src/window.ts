import {
  accepted,
  assert,
  clipText,
  dayNumber,
  finding,
  type InstantMs,
  isIsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import type { KdmTime, KdmWindow } from './model.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

/** A window on the clocks of the cinema. */
export type LocalWindow = {
  /** `2026-12-01T10:00` or with seconds, on the clocks of the cinema. */
  readonly opens: string;
  readonly closes: string;
  /** IANA name, as facility lists give it: `Asia/Shanghai`, `Europe/Paris`. */
  readonly timeZone: string;
};

/**
 * A window as the cinema means it, each end with its own offset. An hour that clocks repeat opens
 * at its first pass and closes at its second, so that nobody stands before a closed key; an hour
 * that clocks skip does not exist and is refused.
 */
export function cinemaWindow(local: LocalWindow): Outcome<KdmWindow> {
  const opens = localTime(local.opens, local.timeZone, 'first');
  const closes = localTime(local.closes, local.timeZone, 'second');
  if (!opens.ok || !closes.ok) return refused(...opens.findings, ...closes.findings);
  if (opens.value.instant >= closes.value.instant) {
    const facts = { opens: local.opens, closes: local.closes };
    return refused(finding('reversed_window', 'error', { facts, clause: 'ST 430-1 6.1.5' }));
  }
  return accepted({ notBefore: opens.value, notAfter: closes.value });
}

const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?$/;

/** A local time as an instant and its offset; `pass` decides where clocks repeat. */
export function localTime(
  text: string,
  timeZone: string,
  pass: 'first' | 'second',
): Outcome<KdmTime> {
  const match = LOCAL.exec(text.trim());
  const [hours, minutes, seconds] = [2, 3, 4].map((group) => Number(match?.[group] ?? 0));
  if (match === null || !isIsoDate(match[1]!) || hours! > 23 || minutes! > 59 || seconds! > 59) {
    return refused(finding('invalid_local_time', 'error', { facts: { text: clipText(text) } }));
  }
  if (zoneFormat(timeZone) === undefined) {
    const facts = { timeZone: clipText(timeZone) };
    return refused(finding('unknown_time_zone', 'error', { facts }));
  }
  const ofDay = ((hours! * 60 + minutes!) * 60 + seconds!) * 1000;
  const asUtc = dayNumber(match[1]!) * MS_PER_DAY + ofDay;
  // Whatever the clocks do that day, the offset is one of those a day before and a day after.
  const offsets = new Set([
    offsetMinutesAt(asUtc - MS_PER_DAY, timeZone),
    offsetMinutesAt(asUtc + MS_PER_DAY, timeZone),
  ]);
  const times = [...offsets]
    .map((offsetMinutes) => ({ instant: asUtc - offsetMinutes * MS_PER_MINUTE, offsetMinutes }))
    .filter((each) => offsetMinutesAt(each.instant, timeZone) === each.offsetMinutes)
    .sort((a, b) => a.instant - b.instant);
  const chosen = pass === 'first' ? times[0] : times.at(-1);
  if (chosen !== undefined) return accepted(chosen);
  return refused(finding('skipped_local_time', 'error', { facts: { text, timeZone } }));
}

/** Making a format reads the zone's whole table; a national chain needs one zone, a world few. */
const FORMATS_MAX = 600;
const formats = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  // Zones are places; a bare offset would silently lose the change of clocks.
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch {
    return undefined;
  }
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(timeZone, format);
  return format;
}

/** Whether a name is a place whose clocks are known; a bare offset is none. */
export function isTimeZone(name: string): boolean {
  return zoneFormat(name) !== undefined;
}

/** Minutes east of UTC that clocks of a zone show at an instant. */
export function offsetMinutesAt(instant: InstantMs, timeZone: string): number {
  const format = zoneFormat(timeZone);
  assert(format !== undefined, 'the time zone is known');
  const parts = new Map(
    format!.formatToParts(instant).map(({ type, value }) => [type as string, value]),
  );
  const part = (type: string) => parts.get(type) ?? '';
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  const clock = (Number(part('hour')) * 60 + Number(part('minute'))) * 60 + Number(part('second'));
  const shown = dayNumber(date) * MS_PER_DAY + clock * 1000;
  return Math.round((shown - Math.floor(instant / 1000) * 1000) / MS_PER_MINUTE);
}

/** A time with the offset that the clocks of a zone have then. */
export function timeInZone(instant: InstantMs, timeZone: string): KdmTime {
  return { instant, offsetMinutes: offsetMinutesAt(instant, timeZone) };
}
