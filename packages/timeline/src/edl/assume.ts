import { type Finding, finding, FRAME_RATES, type FrameRate } from '@yinglian/core';
import { clockOf } from './clock.ts';
import { isGenerated } from './events.ts';
import type { EdlStatement } from './statements.ts';

/** Events looked at for the rate; more would tell nothing new. */
const SAMPLE_MAX = 2000;

/** Rates that lists are written at, the likeliest first. */
const CANDIDATES: readonly FrameRate[] = [
  FRAME_RATES['24'],
  FRAME_RATES['25'],
  FRAME_RATES['30'],
  FRAME_RATES['48'],
  FRAME_RATES['50'],
  FRAME_RATES['60'],
];

/**
 * The rate of a list that does not say it. Drop frame means 29.97 or 59.94; else the first rate at
 * which every label exists and source and record lengths agree most often.
 */
export function assumeRate(statements: readonly EdlStatement[], findings: Finding[]): FrameRate {
  const events = statements.flatMap((each) => (each.kind === 'event' ? [each] : []));
  const sample = events.slice(0, SAMPLE_MAX);
  const drop = statements.some((each) => each.kind === 'fcm' && each.drop);
  const marked = sample.some((each) => /[;,]\d+$/.test(each.recordIn));
  let highest = 0;
  for (const each of events) {
    for (const label of [each.sourceIn, each.sourceOut, each.recordIn, each.recordOut]) {
      highest = Math.max(highest, Number(label.slice(-2)));
    }
  }
  const rate =
    drop || marked
      ? highest >= 30
        ? FRAME_RATES['59.94']
        : FRAME_RATES['29.97']
      : bestOf(statements, highest);
  const facts = { rate: String(Number(rate.numerator) / Number(rate.denominator)) };
  findings.push(finding('assumed_frame_rate', 'note', { facts, clause: 'CMX 3600' }));
  return rate;
}

function bestOf(statements: readonly EdlStatement[], highest: number): FrameRate {
  let best = CANDIDATES[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const rate of CANDIDATES) {
    if (Number(rate.numerator) <= highest) continue;
    const cost = disagreement(statements, rate);
    // A faster clock than the labels need must explain clearly more to be believed.
    if (cost < least) [best, least] = [rate, cost];
    if (least === 0) break;
  }
  return best;
}

/** Events whose lengths disagree, and a little for those whose speed may explain it. */
function disagreement(statements: readonly EdlStatement[], rate: FrameRate): number {
  const clock = clockOf(rate, false);
  let cost = 0;
  let seen = 0;
  let last = 0;
  for (const each of statements) {
    if (each.kind === 'speed' && last > 0) {
      cost -= last * 0.999;
      last = 0;
    }
    if (each.kind !== 'event') continue;
    if (++seen > SAMPLE_MAX) break;
    const source = clock.frames(each.sourceOut) - clock.frames(each.sourceIn);
    const record = clock.frames(each.recordOut) - clock.frames(each.recordIn);
    const disagrees = source !== record && !isGenerated(each.reel) && source !== 0;
    last = disagrees ? 1 : 0;
    // Nothing comes in for longer than it stays.
    cost += last + (each.durationFrames > record && record > 0 ? 1 : 0);
  }
  return cost;
}
