import type { Finding, Outcome } from '@yinglian/core';
import { checkTheatrical } from './checks.ts';
import type { Terms } from './terms/parse.ts';
import type { BoxOfficeFact, SettleContext } from './theatrical/facts.ts';
import { type Settlement, settleTheatrical } from './theatrical/settle.ts';

/** What is wrong with terms, whatever their kind, before they are used. */
export function checkTerms(terms: Terms): Finding[] {
  return checkTheatrical(terms);
}

/** Settles box-office rows under theatrical terms. */
export function settle(
  terms: Terms,
  facts: readonly BoxOfficeFact[],
  context: SettleContext,
): Outcome<Settlement> {
  return settleTheatrical(terms, facts, context);
}
