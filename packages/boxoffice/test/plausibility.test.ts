import { describe, expect, it } from 'vitest';
import type { Finding } from '@yinglian/core';
import {
  type BoxOfficeRecord,
  examinePlausibility,
  FRENCH_PLAUSIBILITY,
  type PlausibilityFacts,
} from '../src/index.ts';

let row = 1;
const show = (changes: Partial<BoxOfficeRecord> = {}): BoxOfficeRecord => ({
  level: 'screening',
  sourceRow: ++row,
  raw: [],
  cinemaCode: '43014301',
  hall: '1',
  date: '2026-03-01',
  start: '19:00',
  filmCode: '001100012026',
  admissions: 40,
  grossFen: 160_000n,
  ...changes,
});
const ticket = (id: number, changes: Partial<BoxOfficeRecord> = {}): BoxOfficeRecord => ({
  level: 'ticket',
  sourceRow: ++row,
  raw: [],
  cinemaCode: '43014301',
  hall: '1',
  date: '2026-03-01',
  start: '19:00',
  filmCode: '001100012026',
  ticketId: `A${String(id).padStart(6, '0')}`,
  priceFen: 4000n,
  ...changes,
});
const FACTS: PlausibilityFacts = { seats: { '43014301/1': 100 }, minutes: { '001100012026': 120 } };
const found = (records: BoxOfficeRecord[], facts: PlausibilityFacts = FACTS): Finding[] =>
  examinePlausibility(records, facts);
const codes = (records: BoxOfficeRecord[], facts?: PlausibilityFacts) =>
  found(records, facts).map((each) => each.code);

describe('plausibility', () => {
  it('[BO20] ordinary rows are not conspicuous', () => {
    expect(found([show(), show({ start: '21:00' }), show({ hall: '2' })])).toEqual([]);
    expect(found([ticket(1), ticket(2), ticket(3)])).toEqual([]);
    expect(found([])).toEqual([]);
  });

  it('[BO21] more admissions than seats, with the row as evidence', () => {
    const record = show({ admissions: 101 });
    expect(found([record])).toMatchObject([
      {
        code: 'oversold_screening',
        facts: { seats: 100, admissions: 101, rows: [String(record.sourceRow)] },
      },
    ]);
    expect(codes([show({ admissions: 100 })])).toEqual([]);
    expect(codes([show({ admissions: 11, seats: 10 })])).toEqual(['oversold_screening']);
  });

  it('[BO21] all rows of a show count together', () => {
    const channels = [
      show({ channel: '窗口', admissions: 60 }),
      show({ channel: '网售', admissions: 41 }),
    ];
    expect(found(channels)).toMatchObject([
      { code: 'oversold_screening', facts: { seats: 100, admissions: 101, count: 2 } },
    ]);
    const five = { seats: { '43014301/1': 5 } };
    const tickets = [1, 2, 3, 4, 5, 6].map((id) => ticket(id));
    expect(codes(tickets, five)).toEqual(['oversold_screening']);
    expect(codes([...tickets, ticket(6, { operation: 'refund' })], five)).toEqual([]);
    // Rows that tell no show are not one.
    const untimed = ({ start: _start, ...record }: BoxOfficeRecord) => record;
    const two = [show({ admissions: 60 }), show({ admissions: 60 })].map(untimed);
    expect(codes(two)).toEqual([]);
  });

  it('[BO40] a screening does not change, nor under the French statute its tariffs', () => {
    const one = { screeningId: 'S1' };
    expect(codes([ticket(1, one), ticket(2, one)])).toEqual([]);
    const moved = [ticket(1, one), ticket(2, { ...one, start: '19:30' })];
    expect(found(moved)).toMatchObject([
      { code: 'changed_screening', facts: { field: 'start', second: '2026-03-01 19:30' } },
    ]);
    const other = ticket(2, { ...one, hall: '2', filmCode: '001100022026' });
    expect(codes([ticket(1, one), other])).toEqual(['changed_screening', 'changed_screening']);
    const typed = (id: number, priceFen: bigint) =>
      ticket(id, { ...one, ticketType: 'A', priceFen });
    const prices = [typed(1, 4000n), typed(2, 3500n)];
    expect(codes(prices)).toEqual([]);
    const french = (records: BoxOfficeRecord[]) =>
      examinePlausibility(records, FACTS, FRENCH_PLAUSIBILITY).map((each) => each.code);
    expect(french(prices)).toEqual(['several_prices']);
    expect(french([typed(1, 4000n), typed(2, 4000n)])).toEqual([]);
    // Numbers begin with one.
    expect(french([ticket(3), ticket(4)])).toEqual(['broken_sequence']);
    expect(french([ticket(1)])).toEqual([]);
  });

  it('[BO22] shows of one hall overlap', () => {
    expect(found([show(), show({ start: '20:59' })])).toMatchObject([
      { code: 'overlapping_screenings', facts: { gapMinutes: 119, filmMinutes: 120, count: 2 } },
    ]);
    expect(codes([show(), show({ start: '20:59', hall: '2' })])).toEqual([]);
    // Nobody registered the film, yet one hall cannot show two at once.
    const short = show({ start: '19:20', filmCode: '001100022026' });
    expect(codes([show(), short], {})).toEqual(['crowded_screenings']);
    expect(codes([show({ ticketType: 'A' }), show({ ticketType: 'B' })])).toEqual([]);
    const late = show({ start: '25:00' });
    const early = show({ date: '2026-03-02', start: '02:30' });
    expect(codes([late, early])).toEqual(['overlapping_screenings']);
    // A short one within a long one hides no third, and rows by ticket type are one.
    const within = [show({ ticketType: 'A', start: '19:20', filmCode: '001100022026' })];
    within.push({ ...within[0]!, ticketType: 'B' });
    const third = show({ start: '20:40' });
    const pair = ['overlapping_screenings', 'overlapping_screenings'];
    const lengths = { minutes: { [show().filmCode!]: 120, '001100022026': 10 } };
    expect(codes([show(), ...within, third], lengths)).toEqual(pair);
  });

  it('[BO23] refunds after the start and sales after the end', () => {
    const at = (changes: Partial<BoxOfficeRecord>) =>
      codes([ticket(1, { issuedOn: '2026-03-01', ...changes })]);
    expect(at({ operation: 'refund', issuedAt: '19:00' })).toEqual(['refund_after_start']);
    expect(at({ operation: 'refund', issuedAt: '18:59' })).toEqual([]);
    expect(at({ issuedAt: '19:30' })).toEqual([]);
    // Two hours of film and half an hour before it.
    expect(at({ issuedAt: '21:30' })).toEqual([]);
    expect(at({ issuedAt: '21:31' })).toEqual(['sale_after_end']);
    expect(at({ issuedOn: '2026-03-02', issuedAt: '01:00' })).toEqual(['sale_after_end']);
    expect(at({ operation: 'late_entry', issuedOn: '2026-03-02', issuedAt: '01:00' })).toEqual([
      'excessive_late_entries',
    ]);
  });

  it('[BO24] the average price lies below the standard', () => {
    const facts = { standardFen: () => 3500n };
    expect(codes([show({ admissions: 10, grossFen: 35_000n })], facts)).toEqual([]);
    expect(found([show({ admissions: 10, grossFen: 34_999n })], facts)).toMatchObject([
      { code: 'price_below_standard', facts: { average: '34.99', standard: '35.00' } },
    ]);
    expect(codes([show({ admissions: -1, grossFen: -1000n })], facts)).toEqual([]);
  });

  it('[BO25] free tickets, late entries, missing days in excess', () => {
    const free = show({ grossFen: 0n, admissions: 10 });
    expect(codes([free, show({ hall: '2', admissions: 90 })])).toEqual([]);
    expect(codes([free, show({ hall: '2', admissions: 80 })])).toEqual([
      'excessive_free_admissions',
    ]);
    const nineteen = Array.from({ length: 19 }, (_, i) => show({ hall: String(i + 2) }));
    expect(codes([...nineteen, show({ operation: 'late_entry' })])).toEqual([]);
    expect(codes([...nineteen.slice(1), show({ operation: 'late_entry' })])).toEqual([
      'excessive_late_entries',
    ]);
    const period = { from: '2026-03-01', to: '2026-03-02' };
    expect(codes([show()], { period })).toEqual(['low_reporting_rate']);
    expect(codes([show(), show({ date: '2026-03-02' })], { period })).toEqual([]);
  });

  it('[BO26] ticket numbers run without a gap', () => {
    expect(found([ticket(3), ticket(1), ticket(6)])).toMatchObject([
      { code: 'broken_sequence', facts: { missing: '1' } },
      { code: 'broken_sequence', facts: { missing: '2' } },
    ]);
    expect(codes([ticket(1), ticket(2, { ticketId: 'x' }), ticket(9)])).toEqual([]);
  });

  it('[BO27] the same figures show after show', () => {
    const run = (length: number) =>
      Array.from({ length }, (_, i) => show({ date: `2026-03-0${i + 1}` }));
    expect(codes(run(5))).toEqual([]);
    expect(found(run(6))).toMatchObject([
      { code: 'repeated_figures', facts: { shows: 6, count: 6 } },
    ]);
  });

  it('[BO28] full houses at night', () => {
    expect(codes([show({ start: '02:00', admissions: 95 })])).toEqual(['full_night_screening']);
    expect(codes([show({ start: '25:30', admissions: 95 })])).toEqual(['full_night_screening']);
    expect(codes([show({ start: '02:00', admissions: 94 })])).toEqual([]);
    expect(codes([show({ start: '14:00', admissions: 99 })])).toEqual([]);
  });

  it('[BO29] films that no register knows', () => {
    const facts = { knownFilms: new Set(['001100012026']) };
    expect(codes([show(), show({ hall: '2', filmCode: '001199992026' })], facts)).toEqual([
      'unregistered_film',
    ]);
  });
});
