import type { planSchema } from '@yinglian/contract';
import type { ReleasePlan } from '@yinglian/release';
import type { z } from 'zod';

/** A plan as the contract and the database hold it: amounts are decimal texts. */
export type WirePlan = z.output<typeof planSchema>;

/** The plan that rules work on; the contract has checked that amounts are numbers of fen. */
export function planOf(wire: WirePlan): ReleasePlan {
  return {
    ...wire,
    periods: wire.periods.map((period) => ({
      ...period,
      standards: period.standards.map((each) => ({ ...each, fen: BigInt(each.fen) })),
    })),
  };
}
