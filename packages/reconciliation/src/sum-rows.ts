import { type Fen, filmCodeKey, type IsoDate } from '@yinglian/core';
import type { BookRow } from './model.ts';

/** How finely rows are told apart: what files of every kind can say, or each show. */
export type Grain = 'days' | 'show';

/** One row of a report, as far as it is summed. */
export type SummedRow = {
  /** Where it stands: the evidence. */
  readonly place: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly cinemaCode?: string | null | undefined;
  readonly filmCode?: string | null | undefined;
  readonly hall?: string | null | undefined;
  readonly start?: string | null | undefined;
  readonly admissions: number;
  readonly grossFen: Fen;
};

/**
 * Sums rows, as they come, to what senders of every kind can say: film, cinema and the days that a
 * row covers, or the show where all say it. The places of all rows of a sum stay its evidence.
 */
export function summing(grain: Grain): {
  readonly add: (row: SummedRow) => void;
  readonly rows: () => BookRow[];
} {
  const sums = new Map<string, { row: BookRow; readonly places: string[] }>();
  const add = ({ place, from, to, admissions, grossFen, ...row }: SummedRow): void => {
    const days = to === from ? from : `${from}..${to}`;
    const filmCode = filmCodeKey(row.filmCode ?? '');
    const cinemaCode = row.cinemaCode ?? '';
    const show = grain === 'days' ? [] : [row.hall ?? '', row.start ?? ''];
    const key = [cinemaCode, filmCode, days, ...show].join('/');
    const before = sums.get(key);
    const known = before?.row;
    const places = before?.places ?? [];
    places.push(place);
    const sum = {
      row: '',
      screeningId: key.toUpperCase(),
      date: from,
      cinemaCode,
      filmCode,
      ...(grain === 'show' && typeof row.hall === 'string' ? { hall: row.hall } : {}),
      admissions: (known?.admissions ?? 0) + admissions,
      grossFen: (known?.grossFen ?? 0n) + grossFen,
    };
    sums.set(key, { row: sum, places });
  };
  const rows = () =>
    [...sums.values()].map(({ row, places }) => ({ ...row, row: places.join(' ') }));
  return { add, rows };
}
