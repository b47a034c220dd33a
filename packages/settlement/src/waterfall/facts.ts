import type { Fen, IsoDate, Ratio } from '@yinglian/core';
import type { BookDay, Period } from '../theatrical/facts.ts';

/** Money that came in, with what it was earned on. */
export type Income = {
  readonly id: string;
  readonly date: IsoDate;
  /** Theatrical, streaming, airline, a territory … as the steps name it. */
  readonly source: string;
  readonly film: string;
  /** Minor units of `currency`; yuan's fen when it is left out. Reversals are negative. */
  readonly amountFen: Fen;
  readonly currency?: string;
  /** The box-office gross behind the income, for thresholds on gross. */
  readonly grossFen?: Fen;
  readonly admissions?: number;
};

/** Money spent that somebody may recoup. */
export type Expense = {
  readonly id: string;
  readonly date: IsoDate;
  readonly account: string;
  readonly amountFen: Fen;
};

/** What came in and what was spent. */
export type WaterfallFacts = {
  readonly incomes: readonly Income[];
  readonly expenses: readonly Expense[];
};

/** A day's exchange rate by its named source: yuan for one unit of the currency. */
export type ExchangeRate = {
  readonly date: IsoDate;
  readonly currency: string;
  readonly rate: Ratio;
};

/** What a waterfall needs beyond the terms, the incomes and the expenses. */
export type WaterfallContext = {
  readonly period: Period;
  readonly books?: { readonly [name: string]: readonly BookDay[] };
  readonly rates?: { readonly [source: string]: readonly ExchangeRate[] };
  /** Stated before per line; left out, it is computed from the facts before the period. */
  readonly stated?: readonly { readonly id: string; readonly fen: Fen }[];
  /** Paid out before per party; a party left out was paid nothing. */
  readonly paid?: { readonly [party: string]: Fen };
};
