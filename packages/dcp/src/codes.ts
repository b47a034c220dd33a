import type { FindingTexts } from '@yinglian/core';
import { COMPOSITION_TEXTS } from './texts/composition.ts';
import { ESSENCE_TEXTS } from './texts/essence.ts';
import { STRUCTURE_TEXTS } from './texts/structure.ts';

/** What each code of this package says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  ...STRUCTURE_TEXTS,
  ...COMPOSITION_TEXTS,
  ...ESSENCE_TEXTS,
} as const satisfies FindingTexts;
