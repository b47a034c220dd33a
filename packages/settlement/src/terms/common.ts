import { isIsoDate, parseRatio, parseYuan } from '@yinglian/core';
import { z } from 'zod';

/** Terms hold texts only, never numbers: a rate or an amount is what is written, to the digit. */

const RATE = /^\d{1,20}(?:\.\d{1,20})?%?$|^\d{1,20}\/[1-9]\d{0,19}$/;
const AMOUNT = /^\d{1,20}(?:\.\d{1,2})?$/;

/** `43%`, `0.43`, `3/103`: an exact, non-negative fraction. */
export const rateText = z
  .string()
  .regex(RATE)
  .refine((text) => parseRatio(text) !== undefined)
  .describe('An exact rate: 43%, 0.43 or 3/103');
/** Yuan with at most two decimals, without thousands marks. */
export const yuanText = z
  .string()
  .regex(AMOUNT)
  .refine((text) => parseYuan(text) !== undefined)
  .describe('Yuan, at most two decimals');
/** `YYYY-MM-DD`. */
export const dateText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine(isIsoDate)
  .describe('A day, YYYY-MM-DD');
/** The schema of names inside terms. */
export const idText = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/)
  .describe('A name: small letters, digits, underscore');
/** The schema of whole numbers, written as text. */
export const countText = z
  .string()
  .regex(/^\d{1,15}$/)
  .describe('A whole number');
const shortText = z.string().min(1).max(200);

/** The schema of a text in both languages. */
export const localText = z.strictObject({ zh: shortText, en: shortText });

/**
 * Who takes part. `cinema` and `circuit` stand for the cinema and the circuit of each line; every
 * other party is one organisation.
 */
export const party = z.strictObject({
  id: idText,
  role: z
    .enum([
      'cinema',
      'circuit',
      'film_fund',
      'tax_office',
      'digital',
      'distributor',
      'producer',
      'investor',
      'talent',
      'guarantor',
      'promoter',
      'lender',
      'platform',
      'other',
    ])
    .describe('What the party is in the trade'),
  name: localText,
  account: z.string().min(1).max(100).optional().describe('Ledger account of the party'),
});

/** The ways in which a fraction of a fen becomes a fen. */
export const roundingModes = [
  'half_up',
  'half_even',
  'toward_zero',
  'away_from_zero',
  'floor',
  'ceiling',
] as const;
/** The ways in which odd fen are given to the takers. */
export const tailRules = ['largest_remainder', 'first', 'largest_weight', 'last'] as const;

/**
 * Where and how fractions of a fen become fen. Nothing is implied but the default, which is one
 * allocation from the base to the final parties per line, largest remainder, to date.
 */
export const rounding = z
  .strictObject({
    place: z.enum(['line', 'row', 'total']).default('line'),
    method: z.enum(['allocation', 'stepwise', 'independent']).default('allocation'),
    mode: z.enum(roundingModes).default('half_up'),
    tail: z.enum(tailRules).default('largest_remainder'),
    tailParty: idText.optional(),
    periods: z.enum(['to_date', 'each_period']).default('to_date'),
  })
  .describe('Rounding policy, by name');

/** Heads that every kind of terms has. */
export const head = {
  format: z.literal('yinglian-terms/1'),
  id: idText,
  version: countText,
  effective: z.strictObject({ from: dateText, to: dateText.optional() }),
  /** When this version became known; with `effective` it makes the terms bitemporal. */
  recordedOn: dateText,
  title: localText,
  note: z.string().max(2000).optional(),
  parties: z.array(party).min(1).max(200),
};

/** One party of the terms. */
export type Party = z.infer<typeof party>;
/** The rounding that the terms ask for. */
export type RoundingPolicy = z.infer<typeof rounding>;
/** A text in both languages. */
export type LocalText = z.infer<typeof localText>;
