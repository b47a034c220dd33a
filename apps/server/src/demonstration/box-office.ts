import { addDays, type Fen, ratio, shareFen, weekday } from '@yinglian/core';
import type { MonthSheetRow } from '@yinglian/boxoffice';
import type { CastCinema } from './cast.ts';

/** A run of play made up from a seed: GENERATED data, and labelled so wherever it is shown. */
export type GeneratedRun = {
  readonly filmName: string;
  readonly filmCode: string;
  /** First day of play and how many days it runs; the month sheet covers exactly these. */
  readonly from: string;
  readonly days: number;
  readonly seed: number;
};

const SHOWS_A_DAY = 4;
const PRICES_FEN: readonly Fen[] = [2990n, 3290n, 3490n, 3990n, 4490n];
const FUND = ratio(5n, 100n);
/** 3 % VAT taken out of the price, with 12 % of surcharges on it. */
const TAX = ratio(3n * 112n, 103n * 100n);
const VAT_RATE = ratio(3n, 100n);

/**
 * What a circuit's month sheet says of each of its cinemas. Fund, tax and share are rounded row by
 * row to the fen, as circuits do; our settlement rounds once, so that a fen of difference shows.
 */
export function generateMonthRows(
  cinemas: readonly CastCinema[],
  run: GeneratedRun,
): MonthSheetRow[] {
  return cinemas.map((cinema) => {
    const random = seeded(run.seed ^ Number(cinema.code));
    let screenings = 0;
    let admissions = 0;
    let grossFen: Fen = 0n;
    for (let day = 0; day < run.days; day++) {
      const date = addDays(run.from, day);
      for (const screen of cinema.screens) {
        const shows = Math.max(1, Math.round(SHOWS_A_DAY * decay(day) * (0.6 + random() * 0.6)));
        for (let show = 0; show < shows; show++) {
          const sold = Math.min(
            screen.seats,
            Math.round(screen.seats * filling(date, day, random())),
          );
          const price = PRICES_FEN[Math.floor(random() * PRICES_FEN.length)]!;
          screenings += 1;
          admissions += sold;
          grossFen += BigInt(sold) * price;
        }
      }
    }
    const fundFen = shareFen(grossFen, FUND, 'half_up');
    const taxFen = shareFen(grossFen, TAX, 'half_up');
    const netFen = grossFen - fundFen - taxFen;
    // Leased equipment: 1 % of the 43 goes to the equipment company, 42 to the distributor.
    const shareRate = ratio(cinema.equipment === 'leased' ? 42n : 43n, 100n);
    return {
      cinemaName: cinema.name,
      cinemaCode: cinema.code,
      filmName: run.filmName,
      filmCode: run.filmCode,
      equipment: cinema.equipment,
      from: run.from,
      to: addDays(run.from, run.days - 1),
      screenings,
      admissions,
      grossFen,
      fundFen,
      vatRate: VAT_RATE,
      taxFen,
      netFen,
      shareRate,
      shareFen: shareFen(netFen, shareRate, 'half_up'),
    };
  });
}

/** Shows thin out as the weeks go. */
function decay(day: number): number {
  return 1 / (1 + day / 12);
}

const SATURDAY = 6;

/** The part of the seats that is sold: full at weekends, thin on weekdays, thinner with time. */
function filling(date: string, day: number, luck: number): number {
  const weekend = weekday(date) >= SATURDAY ? 0.34 : 0.13;
  return Math.min(1, weekend * (0.35 + luck * 1.3) * decay(day) * 1.4);
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
