import { z } from 'zod';
import { countText, dateText, head, idText, rateText, rounding, yuanText } from './common.ts';

const component = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hours'),
    id: idText,
    mode: z.enum(['marginal', 'whole']),
    tiers: z
      .array(z.strictObject({ above: countText, price: yuanText.describe('Yuan per hour') }))
      .min(1)
      .max(50),
  }),
  z.strictObject({
    kind: z.literal('income'),
    id: idText,
    /** Which income of the facts counts: member, ads, single pay … */
    incomes: z.array(idText).min(1).max(20),
    mode: z.enum(['marginal', 'whole']),
    tiers: z
      .array(z.strictObject({ above: yuanText, share: rateText }))
      .min(1)
      .max(50),
  }),
  z.strictObject({
    kind: z.literal('views'),
    id: idText,
    price: yuanText.describe('Yuan per valid view or viewer'),
  }),
]);

/** The schema of the terms between a licensor and a platform. */
export const streamingTerms = z.strictObject({
  ...head,
  kind: z.literal('streaming'),
  platform: idText,
  licensor: idText,
  /** The share window: days from the release, that day included. */
  release: dateText,
  windowDays: countText.optional(),
  components: z
    .array(
      z.strictObject({
        component,
        coefficient: rateText
          .default('100%')
          .describe('Episode, acquisition or innovation coefficient'),
        from: dateText.optional(),
        to: dateText.optional(),
      }),
    )
    .min(1)
    .max(50),
  cap: yuanText.optional().describe('Most over the whole window'),
  minimum: yuanText
    .optional()
    .describe('Least over the whole window; what is missing falls due on its last day'),
  rounding: rounding.prefault({}),
});

/** Terms of a streaming platform. */
export type StreamingTerms = z.infer<typeof streamingTerms>;
/** One component of what a platform pays. */
export type StreamingComponent = StreamingTerms['components'][number];
