import { FINDING_TEXTS as CERTIFICATE_TEXTS } from '@yinglian/certificates';
import type { FindingTexts } from '@yinglian/core';
import { FINDING_TEXTS as CODESTREAM_TEXTS } from '@yinglian/jpeg2000';
import { FINDING_TEXTS as XML_TEXTS } from '@yinglian/xml';
import { COMPOSITION_TEXTS } from './texts/composition.ts';
import { ESSENCE_TEXTS } from './texts/essence.ts';
import { HOUSE_TEXTS } from './texts/house.ts';
import { STRUCTURE_TEXTS } from './texts/structure.ts';

/** What each code of this package says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  ...STRUCTURE_TEXTS,
  ...COMPOSITION_TEXTS,
  ...ESSENCE_TEXTS,
  ...HOUSE_TEXTS,
} as const satisfies FindingTexts;

/**
 * Words for everything that a verification report may hold: a report also carries findings of the
 * packages that judge documents, certificates and codestreams. Where two have a code in common,
 * the words of this package are meant.
 */
export const REPORT_TEXTS: FindingTexts = Object.freeze({
  ...XML_TEXTS,
  ...CERTIFICATE_TEXTS,
  ...CODESTREAM_TEXTS,
  ...FINDING_TEXTS,
});
