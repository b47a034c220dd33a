import { addDays } from '@yinglian/core';
import { localTime } from '@yinglian/kdm';

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** When a day begins on a cinema's clock; where clocks skip midnight, it begins at one. */
export function instantOfDay(day: string, timeZone: string, plusDays = 0): number {
  const date = plusDays === 0 ? day : addDays(day, plusDays);
  for (const clock of ['00:00', '01:00']) {
    const time = localTime(`${date}T${clock}`, timeZone, 'first');
    if (time.ok) return time.value.instant;
  }
  return Date.parse(`${date}T00:00:00Z`);
}

/** Minutes east of UTC of a clock at an instant. */
export function offsetMinutesAt(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(instant);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '0';
  const local = Date.parse(
    `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:00Z`,
  );
  return Math.round((local - instant) / 60_000);
}
