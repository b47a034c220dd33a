import { assertNever, type Finding, type Outcome } from '@yinglian/core';
import { checkTheatrical } from './checks.ts';
import {
  checkRental,
  type RentalContext,
  type RentalFact,
  type RentalSettlement,
  settleRental,
} from './rental/settle.ts';
import {
  checkStreaming,
  settleStreaming,
  type StreamingContext,
  type StreamingFact,
  type StreamingSettlement,
} from './streaming/settle.ts';
import type { Terms } from './terms/parse.ts';
import type { RentalTerms } from './terms/rental.ts';
import type { StreamingTerms } from './terms/streaming.ts';
import type { TheatricalTerms } from './terms/theatrical.ts';
import type { WaterfallTerms } from './terms/waterfall.ts';
import type { BoxOfficeFact, SettleContext } from './theatrical/facts.ts';
import type { Settlement } from './theatrical/lines.ts';
import { settleTheatrical } from './theatrical/settle.ts';
import { checkWaterfall } from './waterfall/checks.ts';
import type { WaterfallContext, WaterfallFacts } from './waterfall/facts.ts';
import { settleWaterfall, type WaterfallSettlement } from './waterfall/settle.ts';

/** What is wrong with terms, whatever their kind, before they are used. */
export function checkTerms(terms: Terms): Finding[] {
  switch (terms.kind) {
    case 'theatrical':
      return checkTheatrical(terms);
    case 'waterfall':
      return checkWaterfall(terms);
    case 'rental':
      return checkRental(terms);
    case 'streaming':
      return checkStreaming(terms);
    default:
      return assertNever(terms);
  }
}

/** Facts and context of each kind of terms, and what settling gives. */
type Kinds = {
  theatrical: [TheatricalTerms, readonly BoxOfficeFact[], SettleContext, Settlement];
  waterfall: [WaterfallTerms, WaterfallFacts, WaterfallContext, WaterfallSettlement];
  rental: [RentalTerms, readonly RentalFact[], RentalContext, RentalSettlement];
  streaming: [StreamingTerms, readonly StreamingFact[], StreamingContext, StreamingSettlement];
};

const SETTLERS: {
  readonly [Kind in keyof Kinds]: (
    terms: Kinds[Kind][0],
    facts: Kinds[Kind][1],
    context: Kinds[Kind][2],
  ) => Outcome<Kinds[Kind][3]>;
} = {
  theatrical: settleTheatrical,
  waterfall: settleWaterfall,
  rental: settleRental,
  streaming: settleStreaming,
};

/** Settles facts under terms of their kind; every amount of the result opens to its derivation. */
export function settle<Kind extends keyof Kinds>(
  terms: Kinds[Kind][0] & { readonly kind: Kind },
  facts: Kinds[Kind][1],
  context: Kinds[Kind][2],
): Outcome<Kinds[Kind][3]> {
  return SETTLERS[terms.kind](terms, facts, context);
}
