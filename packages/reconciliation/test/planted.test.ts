import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '@yinglian/core';
import { type BookRow, compileTwoBooks, reconcile } from '../src/index.ts';

const RUNS = Number(process.env['RECONCILIATION_RUNS'] ?? 12);
const SMALL_FEN = 100n;

/** What happens to a show in the second book, and what has to be found of it. */
const FAULTS = {
  none: undefined,
  missing_show: 'missing_row',
  extra_show: 'unexpected_row',
  double_report: 'duplicate_row',
  wrong_price: 'gross_differs',
  rounded_price: 'gross_differs_small',
  wrong_code: 'film_code_swapped',
  swapped_version: 'film_code_swapped',
  shifted_session: 'business_day_shift',
  late_refund: 'admissions_differ',
  inflated: 'admissions_differ',
  spoilt_number: 'id_format_noise',
} as const;
type Fault = keyof typeof FAULTS;

const show = fc.record({
  cinema: fc.integer({ min: 1, max: 4 }),
  hall: fc.integer({ min: 1, max: 3 }),
  day: fc.integer({ min: 1, max: 20 }),
  slot: fc.integer({ min: 0, max: 3 }),
  film: fc.integer({ min: 1, max: 30 }),
  admissions: fc.integer({ min: 2, max: 150 }),
  fault: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fault>('none') },
    { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(FAULTS) as Fault[])) },
  ),
});
type Show = typeof show extends fc.Arbitrary<infer Value> ? Value : never;

const idOf = ({ cinema, hall, day, slot }: Show) => `C${cinema}H${hall}D${day}S${slot}`;
const PRICE = 3_500n;

function rowOf(each: Show): BookRow {
  const film = String(each.film).padStart(4, '0');
  return {
    row: idOf(each),
    screeningId: idOf(each),
    date: `2026-03-${String(each.day).padStart(2, '0')}`,
    cinemaCode: `1100000${each.cinema}`,
    filmCode: `0011${film}2026`,
    hall: String(each.hall),
    start: `1${each.slot}:00`,
    admissions: each.admissions,
    grossFen: BigInt(each.admissions) * PRICE,
  };
}

function spoilt(row: BookRow, fault: Fault): BookRow[] {
  const { admissions = 0, grossFen = 0n, filmCode = '' } = row;
  switch (fault) {
    case 'missing_show':
      return [];
    case 'double_report':
      return [row, row];
    case 'wrong_price':
      return [{ ...row, grossFen: grossFen - 500n * BigInt(admissions) }];
    case 'rounded_price':
      return [{ ...row, grossFen: grossFen + 30n }];
    case 'wrong_code':
      return [{ ...row, filmCode: `009${filmCode.slice(3)}` }];
    case 'swapped_version':
      return [{ ...row, filmCode: `0014${filmCode.slice(4)}` }];
    case 'shifted_session':
      return [{ ...row, date: addDays(row.date, 1) }];
    case 'late_refund':
      return [{ ...row, admissions: admissions - 1, grossFen: grossFen - PRICE }];
    case 'inflated':
      return [{ ...row, admissions: admissions + 7, grossFen: grossFen + 7n * PRICE }];
    case 'spoilt_number':
      return [{ ...row, screeningId: ` ${row.screeningId!.toLowerCase()}` }];
    default:
      return [row];
  }
}

describe('planted faults', () => {
  it('[RC13] finds exactly what was planted, by rows and by SQL', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const load = async (table: string, rows: readonly BookRow[]) => {
      await connection.run(`CREATE OR REPLACE TABLE ${table} (screening_id VARCHAR,
        business_date DATE, cinema_code VARCHAR, film_code VARCHAR, admissions BIGINT,
        gross_fen BIGINT)`);
      const values = rows.map(
        (row) =>
          `('${row.screeningId}', '${row.date}', '${row.cinemaCode}', '${row.filmCode}',
          ${row.admissions}, ${row.grossFen})`,
      );
      if (values.length > 0) await connection.run(`INSERT INTO ${table} VALUES ${values.join()}`);
    };
    const shows = fc.uniqueArray(show, { selector: idOf, minLength: 20, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(shows, async (list) => {
        const reference = list.filter((each) => each.fault !== 'extra_show').map(rowOf);
        const other = list.flatMap((each) => spoilt(rowOf(each), each.fault));
        const planted = list
          .flatMap((each) => {
            const kind = FAULTS[each.fault];
            return kind === undefined ? [] : [`${kind}/${idOf(each)}`];
          })
          .sort();
        const books = [
          { source: 'ticketing', rows: reference },
          { source: 'circuit', rows: other },
        ];
        const rules = {
          reference: 'ticketing',
          equals: [{ source: 'circuit', smallFen: SMALL_FEN }],
        };
        const outcome = reconcile(books, rules);
        if (!outcome.ok) throw new Error('refused');
        const found = outcome.value.differences.map((each) => `${each.kind}/${each.key}`);
        expect(found.sort()).toEqual(planted);
        await load('ticketing', reference);
        await load('circuit', other);
        const plan = compileTwoBooks({
          reference: 'ticketing',
          other: 'circuit',
          smallFen: SMALL_FEN,
        });
        await connection.run(plan.checksum);
        const rows = (await connection.runAndReadAll(plan.drill)).getRowObjects();
        const said = rows.map((row) => `${String(row['kind'])}/${String(row['screening_id'])}`);
        expect(said.sort()).toEqual(planted);
      }),
      { numRuns: RUNS },
    );
  });
});
