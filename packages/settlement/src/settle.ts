import { assertNever, type Finding } from '@yinglian/core';
import { checkTheatrical } from './checks.ts';
import type { Terms } from './terms/parse.ts';
import { checkWaterfall } from './waterfall/checks.ts';

/** What is wrong with terms, whatever their kind, before they are used. */
export function checkTerms(terms: Terms): Finding[] {
  switch (terms.kind) {
    case 'theatrical':
      return checkTheatrical(terms);
    case 'waterfall':
      return checkWaterfall(terms);
    default:
      return assertNever(terms);
  }
}
