import { accepted, finding, isIsoDate, type Outcome, refused, weekday } from '@yinglian/core';
import type { HolidayYear } from './workdays.ts';

/** Days of one year that a file may name; an announcement names about forty. */
const DAYS_MAX = 200;
/** Characters of a file. */
const FILE_CHARACTERS_MAX = 200_000;

type Day = { readonly date: string; readonly off: boolean };

/**
 * Reads the days off and the days made up of one year from a file, as people have it: JSON of the
 * form `{ year, papers, days: [{ date, isOffDay }] }` that public lists of the announcements use,
 * or lines of `date,休` and `date,班` (`off` and `work`). The source is what the file or the caller
 * names. Weekends that are free anyway are left out, so that one year reads alike from both.
 */
export function readHolidayFile(document: string, source: string): Outcome<HolidayYear> {
  if (document.length > FILE_CHARACTERS_MAX) {
    const facts = { limit: FILE_CHARACTERS_MAX };
    return refused(finding('excessive_document', 'error', { facts }));
  }
  const read = /^\s*\{/.test(document) ? fromJson(document, source) : fromLines(document, source);
  if (read === undefined) return refused(finding('malformed_document', 'error'));
  const { days, from } = read;
  const wrong = days.find(({ date }) => !isIsoDate(date));
  if (wrong !== undefined || days.length === 0 || days.length > DAYS_MAX) {
    const facts = { date: wrong?.date.slice(0, 40) ?? '', count: days.length, limit: DAYS_MAX };
    return refused(finding('invalid_holiday', 'error', { facts }));
  }
  const years = new Set(days.map(({ date }) => date.slice(0, 4)));
  if (years.size > 1) {
    const facts = { years: [...years].sort().join(' ') };
    return refused(finding('mixed_holiday_years', 'error', { facts }));
  }
  const both = days.filter(({ date }, index) => days.findIndex((d) => d.date === date) < index);
  if (both.length > 0) {
    return refused(finding('duplicate_holiday', 'error', { facts: { date: both[0]!.date } }));
  }
  const list = (wanted: (day: Day) => boolean): string =>
    days
      .filter(wanted)
      .map(({ date }) => date.slice(5))
      .sort()
      .join(' ');
  return accepted({
    year: Number([...years][0]),
    source: from,
    free: list(({ date, off }) => off && weekday(date) <= 5),
    worked: list(({ date, off }) => !off && weekday(date) > 5),
  });
}

function fromJson(document: string, source: string): { days: Day[]; from: string } | undefined {
  try {
    const value = JSON.parse(document) as { papers?: unknown; days?: unknown };
    if (!Array.isArray(value.days)) return undefined;
    const days = (value.days as readonly unknown[]).map((each) => {
      const { date, isOffDay } = each as { date?: unknown; isOffDay?: unknown };
      if (typeof date !== 'string' || typeof isOffDay !== 'boolean') throw new Error('no day');
      return { date, off: isOffDay };
    });
    const [paper] = Array.isArray(value.papers) ? (value.papers as readonly unknown[]) : [];
    return { days, from: source || (typeof paper === 'string' ? paper.slice(0, 200) : '') };
  } catch {
    return undefined;
  }
}

const OFF: ReadonlySet<string> = new Set(['休', 'off']);
const WORK: ReadonlySet<string> = new Set(['班', 'work']);

function fromLines(document: string, source: string): { days: Day[]; from: string } | undefined {
  const days: Day[] = [];
  for (const line of document.split(/\r?\n/)) {
    const [date = '', kind = ''] = line.split(/[,;\t]/).map((cell) => cell.trim().toLowerCase());
    if (date === '' || (days.length === 0 && !/^\d/.test(date))) continue;
    if (!OFF.has(kind) && !WORK.has(kind)) return undefined;
    days.push({ date, off: OFF.has(kind) });
  }
  return days.length === 0 ? undefined : { days, from: source };
}
