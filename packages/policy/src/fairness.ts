import type { IsoDate } from '@yinglian/core';

/** What a fair-competition review (公平竞争审查) comes to. */
export const FAIRNESS_CONCLUSIONS = ['passes', 'exception', 'fails'] as const;
/** One of {@link FAIRNESS_CONCLUSIONS}; `exception`: allowed by an exception that the law names. */
export type FairnessConclusion = (typeof FAIRNESS_CONCLUSIONS)[number];

/** One opinion of the review on a call, or on one item of it (A20: 逐项逐批). */
export type FairnessOpinion = {
  /** Null: on every item of the call that has no opinion of its own. */
  readonly item: string | null;
  readonly conclusion: FairnessConclusion;
  /** The words of law that the award rests on. */
  readonly quote: string;
  readonly reason: string;
  readonly by: string;
  readonly on: IsoDate;
};

/**
 * The opinion that stands for an item: the last one on that item, or else the last on the whole
 * call. Opinions are in the order in which they were given; null where nobody gave one.
 */
export function fairnessOf<Opinion extends Pick<FairnessOpinion, 'item'>>(
  opinions: readonly Opinion[],
  item: string,
): Opinion | null {
  const last = (which: string | null) => opinions.findLast((each) => each.item === which);
  return last(item) ?? last(null) ?? null;
}

/** Whether an item may be proposed under its opinion; an adverse one holds it back. */
export function isFair(opinion: Pick<FairnessOpinion, 'conclusion'> | null): boolean {
  return opinion !== null && opinion.conclusion !== 'fails';
}
