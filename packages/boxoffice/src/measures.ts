import type { Fen } from '@yinglian/core';
import type { BoxOfficeRecord } from './record.ts';

/** What a row adds to every sum; what a refund gives back is negative. */
export type Measures = {
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: Fen;
  readonly serviceFeeFen: Fen;
};

/**
 * What each row adds, in the order of the rows. A count that a row does not state is what its level
 * implies: a ticket is one admission, and the first ticket sold of a show is its screening. A
 * refund takes back, whichever sign its sender writes.
 */
export function measuresOf(records: readonly BoxOfficeRecord[]): Measures[] {
  const shows = new Set<string>();
  return records.map((record) => {
    const { operation, level } = record;
    const isRefund = operation === 'refund';
    const grossFen = record.grossFen ?? record.priceFen ?? 0n;
    const admissions = record.admissions ?? (level === 'ticket' ? 1 : 0);
    const serviceFeeFen = record.serviceFeeFen ?? 0n;
    return {
      screenings: record.screenings ?? (isRefund ? 0 : impliedScreenings(record, shows)),
      admissions: isRefund && admissions > 0 ? -admissions : admissions,
      grossFen: isRefund && grossFen > 0n ? -grossFen : grossFen,
      serviceFeeFen: isRefund && serviceFeeFen > 0n ? -serviceFeeFen : serviceFeeFen,
    };
  });
}

/** Tickets that name no show count none. */
function impliedScreenings(record: BoxOfficeRecord, shows: Set<string>): number {
  if (record.level === 'screening') return 1;
  if (record.level !== 'ticket') return 0;
  const { cinemaCode, date, hall, start, screeningId } = record;
  if (screeningId === undefined && start === undefined) return 0;
  const place = screeningId === undefined ? [hall, start] : [screeningId];
  const show = JSON.stringify([cinemaCode, date, ...place]);
  if (shows.has(show)) return 0;
  shows.add(show);
  return 1;
}
