import type { opencallRoundSchema } from '@yinglian/contract';
import { parseRatio } from '@yinglian/core';
import { decimalText } from '@yinglian/opencall';

/** A round as everybody sees it. */
export type Round = (typeof opencallRoundSchema)['_output'];

/** Exact points with two places. */
export function pointsText(text: string | null | undefined): string {
  const exact = text === null || text === undefined ? undefined : parseRatio(text);
  return exact === undefined ? '—' : decimalText(exact, 2);
}
