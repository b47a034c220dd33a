import type { Fen, Finding, IsoDate } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import type { Measures, Period, StatedLine } from './facts.ts';
import type { Profile } from './plan.ts';
import type { Resolver } from './resolver.ts';

/** What one node of the plan gives to one party in one line. */
export type LinePart = {
  readonly node: string;
  readonly party: string;
  /** The cinema or circuit that stands for a party of that role in this line. */
  readonly holder: string | undefined;
  readonly clause: string;
  readonly fen: Fen;
};

/** What one cinema’s rows of one film come to under the same clauses. */
export type SettlementLine = {
  /** Film code, cinema, equipment, hall where a clause names halls, and the clauses that hold. */
  readonly id: string;
  readonly filmCode: string;
  readonly version: string;
  readonly cinemaCode: string;
  readonly circuit: string | undefined;
  readonly equipment: 'owned' | 'leased' | undefined;
  /** Only where a clause that names halls holds. */
  readonly hall: string | undefined;
  readonly province: string;
  readonly taxpayer: 'general' | 'small_scale';
  readonly from: IsoDate;
  readonly to: IsoDate;
  /**
   * - `regular`: rows of the period. - `supplementary`: corrects an earlier period.
   * - `mixed`: both at once.
   */
  readonly kind: 'regular' | 'supplementary' | 'mixed';
  readonly profile: string;
  /** Of this statement: to date less stated before. */
  readonly measures: Measures;
  readonly parts: readonly LinePart[];
  readonly toDate: StatedLine;
  readonly prior: StatedLine | undefined;
  /** Rows of the period and late rows behind the line, as many as the context keeps. */
  readonly factIds: readonly string[];
};

/** A party’s sum over the lines, by cinema or circuit where it stands for one. */
export type PartyTotal = {
  readonly party: string;
  readonly holder: string | undefined;
  readonly fen: Fen;
};

/** What somebody outside the split owes: the top-up of a promoter to the settlement standard. */
export type Receivable = {
  readonly from: string;
  readonly cinemaCode: string;
  readonly filmCode: string;
  readonly fen: Fen;
};

/** A theatrical settlement of a period, with all that explains it. */
export type Settlement = {
  readonly kind: 'theatrical';
  readonly terms: TheatricalTerms;
  readonly period: Period;
  readonly lines: readonly SettlementLine[];
  readonly totals: readonly PartyTotal[];
  readonly receivables: readonly Receivable[];
  /** Rows that no clause settles, each with its finding; they are in no line. */
  readonly exceptions: readonly { readonly factId: string; readonly finding: Finding }[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly schedules: Resolver['schedules'];
};

/** What {@link SettlementLine}s are explained from. */
export type Explained = Pick<Settlement, 'terms' | 'profiles'>;

/** The part of rounding that no party takes, where the terms ask for it to be shown. */
export const ROUNDING_TAIL = 'rounding_tail';
