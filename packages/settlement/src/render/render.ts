import { assertNever } from '@yinglian/core';
import type { Terms } from '../terms/parse.ts';
import { renderRental, renderStreaming, renderWaterfall } from './others.ts';
import type { Locale } from './phrases.ts';
import { type RenderedTerms, renderTheatrical } from './theatrical.ts';

/** Terms of any kind in plain words. */
export function renderTerms(terms: Terms, locale: Locale): RenderedTerms {
  switch (terms.kind) {
    case 'theatrical':
      return renderTheatrical(terms, locale);
    case 'waterfall':
      return renderWaterfall(terms, locale);
    case 'rental':
      return renderRental(terms, locale);
    case 'streaming':
      return renderStreaming(terms, locale);
    default:
      return assertNever(terms);
  }
}
