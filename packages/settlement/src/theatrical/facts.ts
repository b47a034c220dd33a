import type { Fen, IsoDate } from '@yinglian/core';

/** What was sold, at any grain from one ticket to one month, as the settlement reads it. */
export type BoxOfficeFact = {
  /** Source and row: how a statement's line finds its way back to the delivery. */
  readonly id: string;
  readonly date: IsoDate;
  /** Last day, for rows that cover several. */
  readonly lastDate?: IsoDate;
  readonly filmCode: string;
  readonly cinemaCode: string;
  readonly hall?: string;
  readonly equipment?: 'owned' | 'leased';
  readonly screenings: number;
  readonly admissions: number;
  /** Settlement gross; refunds are negative rows with negative admissions. */
  readonly grossFen: Fen;
  readonly serviceFeeFen?: Fen;
  /** Price of each admission of the row; with it the settlement standard is exact per ticket. */
  readonly priceFen?: Fen;
  readonly ticketType?: string;
};

/** The day on which a row is whole; it belongs to the period of that day. */
export const lastDay = ({ date, lastDate }: BoxOfficeFact): IsoDate =>
  lastDate === undefined || lastDate < date ? date : lastDate;

/** What registers say about a cinema. Province and city default to the cinema code's digits. */
export type CinemaFacts = {
  readonly name?: string;
  readonly circuit?: string;
  readonly province?: string;
  readonly city?: string;
  readonly taxpayer?: 'general' | 'small_scale';
  readonly equipment?: 'owned' | 'leased';
  readonly hallEquipment?: { readonly [hall: string]: 'owned' | 'leased' };
};

/** What is known of each cinema, by its code. */
export type CinemaRegister = { readonly [cinemaCode: string]: CinemaFacts };

/** One day of a named source's figures for the film (all versions together). */
export type BookDay = {
  readonly date: IsoDate;
  readonly grossFen?: Fen;
  readonly netFen?: Fen;
  readonly admissions?: number;
};

/** The days of a settlement, both ends included. */
export type Period = { readonly from: IsoDate; readonly to: IsoDate };

/** What a settlement needs beyond the terms and the rows. */
export type SettleContext = {
  readonly period: Period;
  readonly register: CinemaRegister;
  /** Daily figures by source name, for ladders that follow somebody else's book. */
  readonly books?: { readonly [name: string]: readonly BookDay[] };
  /** What earlier statements said; left out, it is computed from the facts before the period. */
  readonly stated?: readonly StatedLine[];
};

/** Additive measures of a line. `baseFen` is the settlement base, after standard and fee. */
export type Measures = {
  readonly screenings: bigint;
  readonly admissions: bigint;
  readonly grossFen: Fen;
  readonly baseFen: Fen;
};

/** A line's amounts as stated to date: the sum over all earlier statements. */
export type StatedLine = {
  readonly id: string;
  readonly measures: Measures;
  /** Node of the plan → fen. */
  readonly parts: { readonly [node: string]: Fen };
};
