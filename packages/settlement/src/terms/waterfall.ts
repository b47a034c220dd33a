import { z } from 'zod';
import {
  countText,
  dateText,
  head,
  idText,
  localText,
  rateText,
  rounding,
  yuanText,
} from './common.ts';

const names = z.array(z.string().min(1).max(60)).min(1).max(1000);

/** When a step takes part; what is left out does not restrict. */
const when = z.strictObject({
  from: dateText.optional(),
  to: dateText.optional(),
  sources: names.optional(),
  films: names.optional(),
  /** A named source's cumulative figure has reached an amount by the day of the income. */
  reached: z
    .strictObject({
      book: idText,
      measure: z.enum(['gross', 'admissions']),
      amount: z.union([yuanText, countText]),
    })
    .optional(),
});

const interest = z.strictObject({
  rate: rateText.describe('Per year of 365 days'),
  method: z.enum(['simple', 'compound']).describe('compound: capitalised at the end of each year'),
  from: dateText.optional().describe('Accrues from this day; by default from each expense'),
});

/** Something to be recouped: fixed sums, expenses booked to accounts, or both. */
const target = z.strictObject({
  to: idText,
  amount: yuanText.optional(),
  paidOn: dateText.optional().describe('Day of the fixed sum, from which interest accrues'),
  expenses: z.array(idText).max(50).default([]).describe('Expense accounts'),
  cap: yuanText.optional().describe('Most of the expenses that may be recouped'),
  premium: rateText.default('100%').describe('Recouped at this multiple: 110% of an investment'),
  interest: interest.optional(),
});

const base = { id: idText, when: when.prefault({}), note: z.string().max(500).optional() };

const fee = z.strictObject({
  ...base,
  kind: z.literal('fee'),
  to: idText,
  rate: rateText,
  of: z.enum(['income', 'remaining']).default('income'),
  cap: yuanText.optional().describe('Most over the whole run'),
  after: yuanText
    .optional()
    .describe(
      'Only what the fee comes to beyond this is paid: an advance it has to earn back first',
    ),
});

const perTicket = z.strictObject({
  ...base,
  kind: z.literal('per_ticket'),
  to: idText,
  amount: yuanText.describe('Yuan per admission'),
});

const recoup = z.strictObject({
  ...base,
  kind: z.literal('recoup'),
  takers: z.array(target).min(1).max(50),
  between: z.enum(['pari_passu', 'ranked']).default('pari_passu'),
  corridor: rateText.default('100%').describe('At most this part of what remains of each income'),
});

const division = z.strictObject({
  ...base,
  kind: z.literal('split'),
  shares: z
    .array(z.strictObject({ to: idText, share: rateText }))
    .min(1)
    .max(50),
  until: z
    .strictObject({
      measure: z.enum(['paid', 'gross', 'income']),
      of: idText.optional().describe('paid: the party whose receipts of this step count'),
      amount: yuanText,
    })
    .optional()
    .describe('The income is cut where the threshold is crossed; the rest runs on'),
});

const reserve = z.strictObject({
  ...base,
  kind: z.literal('reserve'),
  rate: rateText.describe('Of what remains of each income'),
  releaseOn: dateText,
});

const participation = z.strictObject({
  ...base,
  kind: z.literal('participation'),
  to: idText,
  rate: rateText,
  of: idText.describe('A net that the terms define'),
  cap: yuanText.optional().describe('Most over the whole run'),
});

const flat = z.strictObject({
  ...base,
  kind: z.literal('flat'),
  to: idText,
  amount: yuanText.describe('Paid once, or for each event'),
  per: z
    .strictObject({
      book: idText,
      measure: z.enum(['gross', 'admissions']),
      every: z.union([yuanText, countText]).describe('An event is each time this is reached again'),
      most: countText.optional().describe('Events that are paid at most'),
    })
    .optional(),
});

/** A net by its own definition: what it is reckoned on and what is deducted, whoever gets that. */
const definedNet = z.strictObject({
  id: idText,
  name: localText,
  less: z.array(idText).min(1).max(50).optional().describe('What these steps take of the income'),
  rates: z
    .array(z.strictObject({ id: idText, rate: rateText }))
    .min(1)
    .max(20)
    .optional()
    .describe('Parts of each income that are deducted by agreement, whatever was spent'),
  costs: target.omit({ to: true }).optional().describe('Borne before there is any net'),
});

/** The schema of the terms by which incomes are given out in steps. */
export const waterfallTerms = z.strictObject({
  ...head,
  kind: z.literal('waterfall'),
  /** Films whose incomes run through one waterfall together: cross-collateral. */
  films: names,
  currencies: z
    .array(
      z.strictObject({
        currency: z.string().regex(/^[A-Z]{3}$/),
        rateSource: idText,
        // Without a default: what was issued before the language knew it keeps its digest.
        lastWithinDays: countText
          .optional()
          .describe('The last rate published up to so many days before; else the day’s own'),
      }),
    )
    .max(50)
    .default([]),
  steps: z
    .array(
      z.discriminatedUnion('kind', [
        fee,
        perTicket,
        recoup,
        division,
        reserve,
        participation,
        flat,
      ]),
    )
    .min(1)
    .max(200),
  // Without a default: what was issued before the language knew it keeps its digest.
  nets: z.array(definedNet).min(1).max(50).optional(),
  /** Sums owed whatever the income: a minimum guarantee with its instalments. */
  obligations: z
    .array(
      z.strictObject({ id: idText, from: idText, to: idText, amount: yuanText, dueOn: dateText }),
    )
    .max(100)
    .default([]),
  withholding: z
    .array(z.strictObject({ id: idText, party: idText, to: idText, rate: rateText }))
    .max(50)
    .default([]),
  payment: z
    .strictObject({ threshold: yuanText.default('0') })
    .prefault({})
    .describe('What is due below the threshold is carried forward'),
  rounding: rounding.prefault({}),
});

/** Terms of a waterfall. */
export type WaterfallTerms = z.infer<typeof waterfallTerms>;
/** One step of a waterfall. */
export type WaterfallStep = WaterfallTerms['steps'][number];
/** What a step of recoupment earns back. */
export type RecoupTarget = z.infer<typeof target>;
/** A net that participations are measured on. */
export type DefinedNet = z.infer<typeof definedNet>;
