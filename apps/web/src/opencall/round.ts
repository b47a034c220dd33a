import type { opencallDeskSchema, opencallRoundSchema } from '@yinglian/contract';
import { parseRatio } from '@yinglian/core';
import { decimalText } from '@yinglian/opencall';

/** A round as everybody sees it. */
export type Round = (typeof opencallRoundSchema)['_output'];

/** A round as its officers see it. */
export type Desk = (typeof opencallDeskSchema)['_output'];

/** The states of a round that goes its way to the end. */
export const ROUND_STATIONS = [
  'draft',
  'announced',
  'opening',
  'opened',
  'drawn',
  'scored',
  'on_notice',
  'decided',
] as const;

/** Exact points with two places. */
export function pointsText(text: string | null | undefined): string {
  const exact = text === null || text === undefined ? undefined : parseRatio(text);
  return exact === undefined ? '—' : decimalText(exact, 2);
}
