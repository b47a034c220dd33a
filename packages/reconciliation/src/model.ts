import type { Fen, IsoDate } from '@yinglian/core';

/** One row of one party's book, with the place where it stands in that party's delivery. */
export type BookRow = {
  /** Source file and row: the evidence. */
  readonly row: string;
  /** The screening's number, where the source has one. */
  readonly screeningId?: string;
  /** Ticket type or channel, where a book has a row for each: the parts of a screening add up. */
  readonly part?: string;
  readonly date: IsoDate;
  readonly cinemaCode: string;
  readonly filmCode?: string;
  /** The circuit that the cinema belongs to, where the source says so. */
  readonly circuit?: string;
  /** Who sold, where one source reports for several sellers. */
  readonly seller?: string;
  readonly hall?: string;
  readonly start?: string;
  readonly admissions?: number;
  readonly grossFen?: Fen;
  /** Sold through this source's channel, for the source that knows its channels. */
  readonly onlineAdmissions?: number;
  readonly onlineGrossFen?: Fen;
};

/** The rows of one source. */
export type Book = { readonly source: string; readonly rows: readonly BookRow[] };

/** What is wrong between two books. The list is closed; every kind says how it was found. */
export const DIFFERENCE_KINDS = [
  'id_format_noise',
  'duplicate_row',
  'missing_row',
  'unexpected_row',
  'business_day_shift',
  'film_code_swapped',
  'admissions_differ',
  'gross_differs',
  'gross_differs_small',
  'channel_exceeds',
  'sold_but_not_played',
  'played_with_zero_sales',
  'played_but_unreported',
  'missing_receipt',
  'short_receipt',
  'excess_receipt',
  'split_receipt',
  'combined_receipt',
  'wrong_reference',
  'unexpected_receipt',
] as const;
/** One kind of the closed list. */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One difference. Two are never netted against each other. */
export type Difference = {
  /** The same difference in a later run has the same id, so that decisions stay with it. */
  readonly id: string;
  readonly kind: DifferenceKind;
  /** The two books, the reference first. */
  readonly between: readonly [string, string];
  readonly key: string;
  readonly date: IsoDate;
  readonly cinemaCode?: string;
  readonly filmCode?: string;
  /** Reference less the other, in fen; 0 where only a code or a day is wrong. */
  readonly deltaFen: Fen;
  readonly deltaAdmissions: number;
  /** Rows of both books that show it. */
  readonly evidence: readonly string[];
};

/** Keys and tolerances as data. */
export type ReconciliationRules = {
  /** The book that the others are compared with. */
  readonly reference: string;
  /** Books that must say the same, row by row. */
  readonly equals: readonly {
    readonly source: string;
    /** Differences of gross up to this are accepted in silence. Default 0. */
    readonly toleranceFen?: Fen;
    /** Differences of gross up to this, with equal admissions, are of the small kind. */
    readonly smallFen?: Fen;
  }[];
  /** Books that hold a part of the reference's sales: sellers. */
  readonly channels?: readonly { readonly source: string }[];
  /** Playback logs, matched by cinema, hall, day and start. */
  readonly playback?: readonly { readonly source: string }[];
};

/** Film codes and ids compare without case and spaces. */
export const keyText = (text: string): string => text.trim().toUpperCase();
