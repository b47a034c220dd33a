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

const codes = z.array(z.string().min(1).max(60)).min(1).max(20_000);

/** Where and when a clause holds; what is left out does not restrict. */
export const scope = z.strictObject({
  from: dateText.optional(),
  to: dateText.optional(),
  versions: codes.optional().describe('Version labels of the film: 2D, 3D, IMAX …'),
  circuits: codes.optional(),
  cinemas: codes.optional(),
  halls: codes.optional(),
  provinces: codes.optional().describe('First two digits of the cinema code'),
  equipment: z.enum(['owned', 'leased']).optional(),
});

const ladder = z
  .strictObject({
    mode: z
      .enum(['switch_next_day', 'marginal', 'retroactive'])
      .describe('超额累进 marginal; 全额累进 retroactive; or from the day after the threshold'),
    measure: z.enum(['gross', 'net', 'admissions']),
    book: z
      .union([z.literal('facts'), idText])
      .describe('Whose cumulative figure counts: the settled rows, or a named source'),
    threshold: z
      .enum(['reached', 'exceeded'])
      .optional()
      .describe('When a tier begins; by default reached for switch_next_day, exceeded otherwise'),
    tiers: z
      .array(
        z.strictObject({
          above: z.union([yuanText, countText]).describe('Yuan, or admissions; the first is 0'),
          share: rateText,
        }),
      )
      .min(1)
      .max(50),
  })
  .describe('A share that changes with the cumulative total of the film');

/** One taker of a pool. Exactly one of `share`, `ladder` and `perTicket` is given. */
export const share = z
  .strictObject({
    to: idText.describe('A party, or the name of a pool that a later split divides'),
    share: z.union([rateText, z.literal('rest')]).optional(),
    of: idText.optional().describe('The amount the share is taken of, when not of the pool itself'),
    ladder: ladder.optional(),
    perTicket: yuanText.optional().describe('Yuan per admission'),
    cap: yuanText
      .optional()
      .describe('The most that the share may come to over the run of the film'),
    floor: yuanText
      .optional()
      .describe('The least over the run: taken from the rest of the clause until it is reached'),
  })
  .refine(
    (item) =>
      [item.share, item.ladder, item.perTicket].filter((each) => each !== undefined).length === 1,
    'invalid_share',
  );

/** The schema of a split: what is divided, and by which clauses. */
export const split = z.strictObject({
  id: idText,
  of: idText.describe('gross, net, or a pool of an earlier split'),
  total: rateText.default('100%').describe('What the shares must add up to'),
  clauses: z
    .array(
      z.strictObject({
        id: idText,
        when: scope.default({}),
        shares: z.array(share).min(1).max(50),
        note: z.string().max(500).optional(),
      }),
    )
    .min(1)
    .max(500),
});

/** What one admission of a kind of ticket settles at: 卡券, 团体票, 兑换券. The first that fits. */
const ticketPrice = z.strictObject({
  id: idText,
  types: z.array(z.string().min(1).max(60)).min(1).max(100),
  from: dateText.optional(),
  to: dateText.optional(),
  versions: codes.optional(),
  method: z
    .enum(['fixed', 'at_least'])
    .describe('fixed: this sum whatever was paid; at_least: what was paid, but no less'),
  amount: yuanText.describe('Yuan per admission'),
  standard: z
    .enum(['applies', 'exempt'])
    .default('applies')
    .describe('Whether the settlement standard is the least for these tickets too'),
});

const base = z.strictObject({
  serviceFee: z
    .enum(['outside', 'in_gross'])
    .default('outside')
    .describe('in_gross: the rows include it and it is taken out before anything else'),
  excludedTicketTypes: z.array(z.string().min(1).max(60)).max(100).default([]),
  // Without a default: what was issued before the language knew it keeps its digest.
  ticketPrices: z.array(ticketPrice).max(200).optional(),
  standards: z
    .array(
      z.strictObject({
        id: idText,
        from: dateText.optional(),
        to: dateText.optional(),
        versions: codes.optional(),
        cityClass: idText,
        minimum: yuanText.describe('Yuan per admission'),
      }),
    )
    .max(1000)
    .default([])
    .describe('票房结算标准: settle at no less than this per admission'),
  cityClasses: z
    .record(idText, z.array(z.string().regex(/^\d{4}$/)).max(1000))
    .default({})
    .describe('First four digits of cinema codes; a city in no list is in class otherwise'),
  otherCities: idText.default('otherwise'),
  topUpBy: idText.optional().describe('Who owes the difference up to the standard'),
});

const fundRate = z.strictObject({
  id: idText,
  from: dateText.optional(),
  to: dateText.optional(),
  provinces: codes.optional(),
  rate: rateText,
});

const vatMethod = z.strictObject({
  id: idText,
  from: dateText.optional(),
  to: dateText.optional(),
  provinces: codes.optional(),
  cinemas: codes.optional(),
  taxpayer: z.enum(['general', 'small_scale']).optional(),
  method: z
    .enum(['extracted', 'customary', 'small_scale', 'net_factor', 'exempt'])
    .describe(
      'extracted: v(1+s)/(1+v) of the price; customary: the rate of the price; ' +
        'net_factor: net is the factor',
    ),
  rate: rateText.default('0'),
  surcharge: rateText.default('0'),
});

/** The schema of the terms of a theatrical release. */
export const theatricalTerms = z.strictObject({
  ...head,
  kind: z.literal('theatrical'),
  film: z.strictObject({
    title: localText,
    versions: z
      .array(
        z.strictObject({
          code: z.string().regex(/^\d{3}[0-9A-Za-z]\d{8}$/),
          label: z.string().min(1).max(30),
        }),
      )
      .min(1)
      .max(50),
  }),
  base: base.prefault({}),
  fund: z.strictObject({ to: idText, rates: z.array(fundRate).min(1).max(200) }).optional(),
  vat: z.strictObject({ to: idText, methods: z.array(vatMethod).min(1).max(200) }).optional(),
  splits: z.array(split).min(1).max(50),
  segments: z
    .strictObject({ outside: z.enum(['nearest', 'exception']).default('nearest') })
    .prefault({})
    .describe('What holds before the first and after the last date segment; a gap is an exception'),
  rounding: rounding.prefault({}),
});

/** Terms of a theatrical release. */
export type TheatricalTerms = z.infer<typeof theatricalTerms>;
/** What admissions of a kind of ticket settle at. */
export type TicketPrice = NonNullable<TheatricalTerms['base']['ticketPrices']>[number];
/** The least that an admission settles at, with where and when it holds. */
export type Standard = TheatricalTerms['base']['standards'][number];
/** Where a clause holds. */
export type Scope = z.infer<typeof scope>;
/** What one taker gets of a split. */
export type Share = z.infer<typeof share>;
/** A share that moves with a cumulative figure. */
export type Ladder = z.infer<typeof ladder>;
/** One division of an amount among takers. */
export type Split = z.infer<typeof split>;
/** One clause of a split: where it holds, and its shares. */
export type SplitClause = Split['clauses'][number];
/** One way of taking out VAT, with where and when it holds. */
export type VatMethod = z.infer<typeof vatMethod>;
/** One rate of the film fund, with where and when it holds. */
export type FundRate = z.infer<typeof fundRate>;
