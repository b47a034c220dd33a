import type { Fen, InstantMs, IsoDate } from '@yinglian/core';
import { type Level, LEVELS } from './fields.ts';

/** What a file tells of a film at a cinema on a day, or in the days of one row. */
export type ToldDay = {
  readonly cinemaCode: string;
  /** Whatever names the film in both files alike. */
  readonly film: string;
  /** The hall and the start of the show; empty where the row is not of one. */
  readonly show: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: Fen;
};

/** A file that came before and still counts. */
export type EarlierFile = {
  readonly id: string;
  readonly level: Level;
  /** When its figures came first, whatever has corrected them since. */
  readonly deliveredAt: InstantMs;
  /** The film that the whole file is about, where it is about one. */
  readonly film: string | undefined;
  readonly days: readonly ToldDay[];
  /** Whether `days` is all that it tells. */
  readonly isAll: boolean;
};

/** A new file beside what its sender told before. */
export type Beside = {
  /** Earlier files that tell of the same film, cinema and day, with the first such day. */
  readonly overlaps: readonly { readonly id: string; readonly date: IsoDate }[];
  /** The one earlier file that the new one tells again as a whole, and may stand for. */
  readonly again: string | undefined;
  /** The earliest day that comes after its cinema's later days were told of. */
  readonly late:
    | {
        readonly date: IsoDate;
        /** The files after which it comes, the one that tells of the day itself first. */
        readonly after: readonly string[];
        readonly deliveredAt: InstantMs;
      }
    | undefined;
};

const placeOf = ({ cinemaCode, film, show, from, to }: ToldDay): string =>
  JSON.stringify([cinemaCode, film, show, from, to]);

/** Whether rows of a level say which they are: tickets, and shows without a place, do not. */
const isNamed = (level: Level, days: readonly ToldDay[]): boolean =>
  level === 'screening' ? days.every((each) => each.show !== '') : level !== 'ticket';

/**
 * Looks for what a file repeats or adds to. A day counts as told of when an earlier file of the
 * sender tells of its cinema on that day or a later one; a file about one film speaks of no other,
 * and a sheet that sums what finer files told adds nothing to them.
 */
export function compareWithEarlier(
  days: readonly ToldDay[],
  level: Level,
  earlier: readonly EarlierFile[],
): Beside {
  const places = new Set(days.map(placeOf));
  const finer = (file: EarlierFile) => LEVELS.indexOf(level) <= LEVELS.indexOf(file.level);
  const overlaps = earlier.flatMap((file) => {
    const date = firstOverlap(days, file);
    return date === undefined ? [] : [{ id: file.id, date }];
  });
  const told = new Set(overlaps.map((each) => each.id));
  const whole = earlier.filter(
    (file) =>
      file.isAll &&
      file.level === level &&
      isNamed(level, file.days) &&
      file.days.every((each) => places.has(placeOf(each))),
  );
  return {
    overlaps,
    again: whole.length === 1 && overlaps.length === 1 ? whole[0]!.id : undefined,
    late: earliestLate(days, earlier.filter(finer), told),
  };
}

function earliestLate(
  days: readonly ToldDay[],
  earlier: readonly EarlierFile[],
  overlapping: ReadonlySet<string>,
): Beside['late'] {
  const last = earlier.map((file) => ({ file, last: lastDays(file) }));
  const sorted = days.toSorted((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0));
  for (const day of sorted) {
    const after = last
      .filter(({ file }) => file.film === undefined || file.film === day.film)
      .filter(({ last: known }) => (known.get(day.cinemaCode) ?? '') >= day.to)
      .map(({ file }) => file)
      .toSorted((a, b) => Number(overlapping.has(b.id)) - Number(overlapping.has(a.id)));
    if (after.length === 0) continue;
    const deliveredAt = Math.min(...after.map((file) => file.deliveredAt));
    return { date: day.to, after: after.map((file) => file.id), deliveredAt };
  }
  return undefined;
}

function lastDays(file: EarlierFile): ReadonlyMap<string, IsoDate> {
  const last = new Map<string, IsoDate>();
  for (const { cinemaCode, to } of file.days) {
    if (to > (last.get(cinemaCode) ?? '')) last.set(cinemaCode, to);
  }
  return last;
}

function firstOverlap(days: readonly ToldDay[], file: EarlierFile): IsoDate | undefined {
  const known = new Map<string, ToldDay[]>();
  for (const day of file.days) {
    const place = JSON.stringify([day.cinemaCode, day.film]);
    const own = known.get(place);
    if (own === undefined) known.set(place, [day]);
    else own.push(day);
  }
  let first: IsoDate | undefined;
  for (const { cinemaCode, film, show, from, to } of days) {
    const same = known.get(JSON.stringify([cinemaCode, film])) ?? [];
    const isSame = (each: ToldDay) => each.show === show || each.show === '' || show === '';
    if (!same.some((each) => isSame(each) && each.from <= to && each.to >= from)) continue;
    if (first === undefined || from < first) first = from;
  }
  return first;
}

/** The earliest day whose figures a correction changes, adds or takes away. */
export function earliestChange(
  before: readonly ToldDay[],
  after: readonly ToldDay[],
): IsoDate | undefined {
  const figures = (days: readonly ToldDay[]) =>
    new Map(
      days.map((each) => [
        placeOf(each),
        { to: each.to, text: `${each.screenings} ${each.admissions} ${each.grossFen}` },
      ]),
    );
  const [old, now] = [figures(before), figures(after)];
  let first: IsoDate | undefined;
  for (const [place, { to }] of [...old, ...now]) {
    if (old.get(place)?.text === now.get(place)?.text) continue;
    if (first === undefined || to < first) first = to;
  }
  return first;
}
