import { accepted, type Fen, type Outcome } from '@yinglian/core';
import type { SettlementInputs } from './inputs.ts';
import {
  partiesDue,
  type PartySettlement,
  type PartyTerms,
  settleInputs,
} from './party-statement.ts';
import type { Period } from './theatrical/facts.ts';
import { greatestFirst, type PartyChange } from './what-if.ts';

/** Terms that are stated to parties, and what they are settled from. */
export type PartyCase = { readonly terms: PartyTerms; readonly inputs: SettlementInputs };

/** Who is due more and who less to date, of two cases settled side by side. */
export function changesOfParties(
  current: PartyCase,
  changed: PartyCase,
  period: Period,
): Outcome<readonly PartyChange[]> {
  const before = settleInputs(current.terms, current.inputs, period);
  if (!before.ok) return before;
  const after = settleInputs(changed.terms, changed.inputs, period);
  if (!after.ok) return after;
  const [was, is] = [dueToDate(before.value), dueToDate(after.value)];
  const changes = [...new Set([...was.keys(), ...is.keys()])].map((party): PartyChange => {
    const [beforeFen, afterFen] = [was.get(party) ?? 0n, is.get(party) ?? 0n];
    return { party, holder: undefined, beforeFen, afterFen, differenceFen: afterFen - beforeFen };
  });
  return accepted(greatestFirst(changes), after.findings);
}

/** What each party is due to date. */
function dueToDate(settlement: PartySettlement): Map<string, Fen> {
  switch (settlement.kind) {
    case 'waterfall': {
      const sums = new Map(partiesDue(settlement).map((party) => [party, 0n]));
      for (const line of settlement.lines)
        sums.set(line.party, (sums.get(line.party) ?? 0n) + line.toDateFen);
      for (const each of settlement.obligations)
        sums.set(each.to, (sums.get(each.to) ?? 0n) + each.fen);
      return sums;
    }
    case 'rental':
      return new Map([[settlement.terms.distributor, settlement.rentalFen]]);
    case 'streaming':
      return new Map([[settlement.terms.licensor, settlement.toDateFen]]);
  }
}
