import { addMonths, type IsoDate } from '@yinglian/core';
import type { Expert } from './conflicts.ts';

/**
 * Years for which the statements of an expert are kept after leaving, or after the last round the
 * expert sat in: as long as a former tie can still be a conflict, so that a late discovery can be
 * examined. The law asks for the shortest time that the purpose needs (个人信息保护法, article 19).
 */
export const EXPERT_KEPT_YEARS = 3;

/** The day after which nothing but the code of an expert who left is kept. */
export function expertKeptUntil(given: {
  readonly leftOn: IsoDate;
  /** When the last round that the expert sat in was decided; null where there was none. */
  readonly lastSeatOn: IsoDate | null;
  readonly years?: number;
}): IsoDate {
  const { leftOn, lastSeatOn, years = EXPERT_KEPT_YEARS } = given;
  const from = lastSeatOn !== null && lastSeatOn > leftOn ? lastSeatOn : leftOn;
  return addMonths(from, 12 * years);
}

/** Stands where a name stood. */
export const FORGOTTEN = '（已匿名）';

/**
 * What is left of an expert afterwards: fields and region, which figures of a draw rest on. Draws
 * and sheets name experts by codes, and stay what they were.
 */
export function forgetExpert(expert: Expert): Expert {
  return {
    name: FORGOTTEN,
    fields: expert.fields,
    region: expert.region,
    employer: { name: FORGOTTEN, creditCode: null },
    titles: [],
    email: null,
    history: [],
    works: [],
    kin: [],
    holdings: [],
    funding: [],
  };
}
