import { z } from 'zod';
import { dateText, head, idText, localText, rateText, rounding, yuanText } from './common.ts';

const weekly = z
  .array(rateText)
  .min(1)
  .max(60)
  .describe('Week 1, week 2, …; the last holds for all later weeks');

/** How the rental of one week is found. */
const method = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sliding'), weeks: weekly }),
  z.strictObject({
    kind: z.literal('floating'),
    weeks: weekly.describe('The highest rate falls on the highest week, whatever its number'),
  }),
  z.strictObject({
    kind: z.literal('over_allowance'),
    over: rateText.describe('90% of what exceeds the house allowance'),
    allowance: yuanText.describe('House allowance of a week, unless the engagement names its own'),
  }),
  z.strictObject({
    kind: z.literal('higher_of'),
    weeks: weekly.describe('The floor: percentage of the base'),
    over: rateText,
    allowance: yuanText,
  }),
  z.strictObject({ kind: z.literal('flat_week'), amount: yuanText }),
  z.strictObject({ kind: z.literal('flat_screening'), amount: yuanText }),
  z.strictObject({
    kind: z.literal('national_scale'),
    book: idText.describe('Whose total of the whole run decides'),
    tiers: z
      .array(z.strictObject({ above: yuanText, rate: rateText }))
      .min(1)
      .max(50),
  }),
]);

const clause = z.strictObject({
  id: idText,
  versions: z
    .array(z.string().min(1).max(60))
    .max(50)
    .optional()
    .describe('A format beats all formats'),
  cinemas: z.array(z.string().min(1).max(60)).max(20_000).optional(),
  circuits: z.array(z.string().min(1).max(60)).max(1000).optional(),
  method,
  minimum: yuanText.optional().describe('Least of a week'),
  note: z.string().max(500).optional(),
});

/** The schema of the terms between a distributor and an exhibitor. */
export const rentalTerms = z.strictObject({
  ...head,
  kind: z.literal('rental'),
  film: z.strictObject({
    title: localText,
    versions: z
      .array(z.strictObject({ code: z.string().min(1).max(60), label: z.string().min(1).max(30) }))
      .min(1)
      .max(50),
  }),
  /** The exhibitor’s side and the distributor’s. */
  exhibitor: idText,
  distributor: idText,
  tax: rateText
    .default('0')
    .describe('Contained in the price and taken out first: base = gross / (1 + tax)'),
  /** The first day of week 1 of every engagement that names no other. */
  start: dateText,
  startTime: z
    .string()
    .regex(/^[0-2]\d:[0-5]\d$/)
    .default('00:00')
    .describe('Weeks turn at this time of day'),
  clauses: z.array(clause).min(1).max(500),
  rounding: rounding.prefault({}),
});

/** Terms of cinema rental. */
export type RentalTerms = z.infer<typeof rentalTerms>;
/** One clause of cinema rental. */
export type RentalClause = RentalTerms['clauses'][number];
/** How a clause turns a week’s gross into rental. */
export type RentalMethod = RentalClause['method'];
