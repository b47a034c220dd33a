import { z } from 'zod';
import { OBJECTION_SUBJECTS } from './policy-objections.ts';
import { findingList } from './problems.ts';
import { businessDate, count, fen, id, instant, longText, name, versioned } from './shapes.ts';

/**
 * Policy: what a company may claim and why, how a department decides, and what an auditor can
 * compute again. The calculator and the notices are public; a figure is "at most", never a promise.
 */

const words = z.object({ zh: z.string().max(2_000), en: z.string().max(2_000) });
const clause = z.object({ start: count, end: count, quote: z.string() });
export const policyCode = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const factValue = z.union([
  z.boolean(),
  z.number(),
  z.string().max(2_000),
  z.array(z.string().max(200)).max(100).readonly(),
]);
const factName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9_.]*$/);
/** Facts by name; money is fen in digits. */
export const policyFacts = z.record(
  factName,
  z.object({
    value: factValue,
    source: z.string().max(200).exactOptional(),
    date: businessDate.exactOptional(),
    verifier: z.string().max(100).exactOptional(),
  }),
);

export const POLICY_BENEFITS = [
  'reward',
  'subsidy',
  'priority',
  'reference',
  'programme',
  'task',
  'information',
  'general',
] as const;
export const POLICY_STATUSES = [
  'eligible',
  'not_eligible',
  'unknown',
  'to_human',
  'no_claim',
] as const;

export const policyItemSchema = z.object({
  item: z.string(),
  rule: z.string(),
  title: words,
  clause,
  measure: z.string(),
  heading: z.string(),
  lead: z.string(),
  others: z.array(z.string()),
  benefit: z.enum(POLICY_BENEFITS),
  beneficiaries: z.array(z.string()),
  object: z.string().nullable(),
  speed: z.string(),
  frequency: z.string(),
  evidence: z.array(z.object({ code: z.string(), label: words, required: z.boolean() })),
  parameters: z.array(z.string()),
  systems: z.array(z.string()),
  publicMoney: z.boolean(),
});
export const policyFactSchema = z.object({
  name: z.string(),
  kind: z.enum(['yes_no', 'money', 'count', 'date', 'choice', 'choices', 'text']),
  label: words,
  /** What to look at before answering, where the author says so. */
  help: words.nullable(),
  choices: z.array(z.object({ value: z.string(), label: words })),
  assumed: z.boolean(),
});
export const policyParameterSchema = z.object({
  code: z.string(),
  title: words,
  quote: z.string(),
  kind: z.enum(['reading', 'rate', 'days']),
  /** The law that the quote is from, where the instrument itself is silent. */
  law: z.string().nullable(),
  readings: z.array(z.object({ value: z.string(), words, supported: z.boolean() })),
  default: z.string(),
  inUse: z.string(),
  reason: words,
  decidedFrom: businessDate.nullable(),
  decidedBy: z.string().nullable(),
  /** What was decided for single items, which outranks what holds for all. */
  items: z.array(
    z.object({
      item: z.string(),
      inUse: z.string(),
      quote: z.string(),
      reason: z.string(),
      decidedFrom: businessDate,
      decidedBy: z.string(),
    }),
  ),
});
export const policyInstrumentSchema = z.object({
  code: z.string(),
  number: z.string(),
  registration: z.string(),
  title: words,
  issuer: z.string(),
  from: businessDate,
  to: businessDate,
  items: z.array(policyItemSchema),
  facts: z.array(policyFactSchema),
  parameters: z.array(policyParameterSchema),
});

const obstacle = z.object({
  fact: z.string().nullable(),
  parameter: z.string().nullable(),
  quote: z.string().nullable(),
  found: factValue.nullable(),
  wanted: factValue.nullable(),
});
export const policyMatchSchema = z.object({
  instrument: z.string(),
  item: z.string(),
  title: words,
  rule: z.string().nullable(),
  status: z.enum(POLICY_STATUSES),
  /** `known`, `unset` (标准待定), `unknown` (facts are missing) or `none` (no money). */
  bound: z.enum(['known', 'unset', 'unknown', 'none']),
  /** "At most"; null where the instrument prints no standard. Never a promise. */
  atMostFen: fen.nullable(),
  basis: z.object({ label: words, fen: fen.nullable() }).nullable(),
  missing: z.array(z.string()),
  whyNot: z.array(obstacle),
  assumed: z.array(z.string()),
  /** Which reading of which unclear words was used. */
  readings: z.array(z.object({ code: z.string(), value: z.string(), decided: z.boolean() })),
  validity: z.object({
    state: z.enum(['in_force', 'not_yet_in_force', 'ended', 'not_found', 'doubtful']),
    from: businessDate.nullable(),
    to: businessDate.nullable(),
  }),
  findings: findingList,
});
export const byInstrument = z.object({ instrument: policyCode });
export const policyQuestion = z.object({
  facts: policyFacts,
  eventDate: businessDate.optional(),
  /** With what was known at the end of that day; today's where it is left out. */
  knownOn: businessDate.optional(),
});

const quote = z.string().max(500);
const exempt = z.array(z.enum(POLICY_BENEFITS)).max(10);
/** Cool-downs and bars of a call, each with the words it comes from. */
export const policyHistoryRule = z.discriminatedUnion('bar', [
  z.object({ bar: z.literal('same_year'), exempt, quote }),
  z.object({
    bar: z.literal('years_in_a_row'),
    years: z.number().int().min(1).max(20),
    exempt,
    quote,
  }),
  z.object({ bar: z.literal('same_object'), quote }),
  z.object({ bar: z.literal('same_type'), quote }),
  z.object({ bar: z.literal('mark'), marks: z.array(policyCode).min(1).max(20), quote }),
]);

export const FAIRNESS_CONCLUSIONS = ['passes', 'exception', 'fails'] as const;
/** An opinion of the fair-competition review, on a whole call or on one item of it. */
export const policyFairnessWrite = z.object({
  item: policyCode.nullable().default(null),
  conclusion: z.enum(FAIRNESS_CONCLUSIONS),
  /** The words of law that the award rests on. */
  quote: z.string().trim().min(2).max(2_000),
  reason: z.string().trim().min(2).max(5_000),
});

/** What a version of a published call does; extended: only its end was put off. */
export const CALL_CHANGES = ['changed', 'extended', 'cancelled'] as const;
/** The terms of a call that change by versions. */
export const CALL_TERMS = [
  'title',
  'direction',
  'items',
  'opensOn',
  'closesOn',
  'noticeDays',
  'correctionDays',
  'objectionDays',
  'guide',
] as const;
const direction = z.string().trim().max(100);
/** The year and direction that calls are looked for by. */
export const policyCallFilter = z.object({
  year: z.coerce.number().int().min(2000).max(2200).optional(),
  direction: direction.optional(),
  /** Those alone that are open today. */
  open: z.stringbool().optional(),
});

export const policyCallSchema = versioned.extend({
  departmentId: id,
  department: z.string(),
  instrument: z.string(),
  title: name,
  year: z.number().int(),
  /** What the call is for within its year (方向); empty where it is for all of it. */
  direction: z.string(),
  cancelledOn: businessDate.nullable(),
  /** What became of it after it was published, by version; values as they are told. */
  changes: z.array(
    z.object({
      version: count,
      kind: z.enum(CALL_CHANGES),
      terms: z.array(z.object({ term: z.enum(CALL_TERMS), before: z.string(), after: z.string() })),
      reason: z.string(),
      on: businessDate,
    }),
  ),
  items: z.array(z.string()),
  opensOn: businessDate,
  closesOn: businessDate,
  noticeDays: count,
  correctionDays: count,
  objectionDays: count,
  guide: z.string(),
  fairnessOpinion: z.string().nullable(),
  /** Opinions of the fair-competition review in their order, on the call or on one item (A20). */
  fairness: z.array(
    z.object({
      item: z.string().nullable(),
      conclusion: z.enum(FAIRNESS_CONCLUSIONS),
      quote: z.string(),
      reason: z.string(),
      by: z.string(),
      on: businessDate,
    }),
  ),
  /** Whether reviewed claims are defended before the panel (答辩). */
  defence: z.boolean(),
  historyRules: z.array(policyHistoryRule),
  /** Departments whose opinion the joint check waits for. */
  jointIds: z.array(id),
  /** City bodies of which a claim names one; empty: the department itself recommends. */
  recommenderIds: z.array(id),
});
export const policyCallWrite = z.object({
  instrument: policyCode,
  title: name,
  year: z.number().int().min(2000).max(2200),
  direction: direction.default(''),
  items: z.array(policyCode).min(1).max(100),
  opensOn: businessDate,
  closesOn: businessDate,
  /** Working days of the public notice. */
  noticeDays: z.number().int().min(1).max(60).default(5),
  /** Working days for the one correction. */
  correctionDays: z.number().int().min(1).max(60).default(5),
  /** Working days in which an objection is answered. */
  objectionDays: z.number().int().min(1).max(60).default(15),
  guide: longText.default(''),
  /** The opinion of the fair-competition review; nothing is proposed without it. */
  fairnessOpinion: z.string().max(10_000).nullable().default(null),
  defence: z.boolean().default(false),
  historyRules: z.array(policyHistoryRule).max(20).default([]),
  jointIds: z.array(id).max(20).default([]),
  recommenderIds: z.array(id).max(200).default([]),
});
const days = z.number().int().min(1).max(60);
/** What a new version of a call says; what is left out stays. */
export const policyCallChange = z.object({
  reason: z.string().trim().min(2).max(5_000),
  title: name.exactOptional(),
  direction: direction.exactOptional(),
  items: z.array(policyCode).min(1).max(100).exactOptional(),
  opensOn: businessDate.exactOptional(),
  closesOn: businessDate.exactOptional(),
  noticeDays: days.exactOptional(),
  correctionDays: days.exactOptional(),
  objectionDays: days.exactOptional(),
  guide: longText.exactOptional(),
});

export const POLICY_STATES = [
  'draft',
  'offered',
  'submitted',
  'correction',
  'checked',
  'recommended',
  'joint_checked',
  'reviewed',
  'defending',
  'defended',
  'proposed',
  'on_notice',
  'decided',
  'funds_ordered',
  'paid',
  'evaluated',
  'closed',
  'recovering',
  'recovered',
  'rejected',
  'withdrawn',
] as const;
const otherBenefit = z.object({
  instrument: name,
  jurisdiction: z.enum(['nation', 'province', 'city']),
  amountFen: fen,
  paidFen: fen.default('0'),
});
export const policyClaimWrite = z.object({
  item: policyCode,
  /** What is supported once: the centre, project, course, base or product, by its own number. */
  object: name,
  label: z.string().max(200).default(''),
  eventDate: businessDate,
  facts: policyFacts,
  /** Other support for the same object and class, applied for or received. */
  others: z.array(otherBenefit).max(50).default([]),
  /** The city body that recommends, where the call names some. */
  recommenderId: id.nullable().default(null),
});
const invoiceParty = z.object({ name: z.string(), taxNumber: z.string() });
/** An electronic invoice (数电票) as it was read. */
export const policyInvoiceSchema = z.object({
  number: z.string(),
  issuedOn: businessDate,
  /** With tax; below zero for a red one that takes another back. */
  fen: z.string(),
  seller: invoiceParty,
  buyer: invoiceParty,
});
/** Where money is paid to; with an offer that is confirmed, the consent as well. */
export const policyAccount = z.object({
  holder: name,
  bank: name,
  number: z
    .string()
    .trim()
    .regex(/^[0-9A-Za-z -]{5,40}$/),
});
export const policyClaimSchema = versioned.extend({
  callId: id,
  callTitle: z.string(),
  direction: z.string(),
  applicantId: id,
  applicant: z.string(),
  item: z.string(),
  object: z.string(),
  label: z.string(),
  eventDate: businessDate,
  facts: policyFacts,
  others: z.array(otherBenefit),
  state: z.enum(POLICY_STATES),
  match: policyMatchSchema,
  recommenderId: id.nullable(),
  recommender: z.string().nullable(),
  /** Of the expert review, as decimal text. */
  score: z.string().nullable(),
  /** What the division of the budget left for it; null before there was one. */
  dividedFen: fen.nullable(),
  opinions: z.array(
    z.object({
      department: z.string(),
      agrees: z.boolean(),
      reason: z.string(),
      by: z.string(),
      on: businessDate,
    }),
  ),
  recommendedFen: fen.nullable(),
  grantFen: fen.nullable(),
  correctionUntil: businessDate.nullable(),
  noticeUntil: businessDate.nullable(),
  openObjections: count,
  evidence: z.array(
    z.object({
      id,
      code: z.string(),
      number: z.string().nullable(),
      /** What an electronic invoice in XML says of itself; null for every other document. */
      invoice: policyInvoiceSchema.nullable(),
      fileId: id,
      fileName: z.string(),
      digest: z.string(),
    }),
  ),
  /** The day on which the department offered it without application (免申即享). */
  offeredOn: businessDate.nullable(),
  /** For the applicant and its department alone. */
  account: policyAccount.nullable(),
  /** The entry of a register that facts and documents were taken from. */
  source: z.object({ entryId: id, number: z.string(), share: z.string() }).nullable(),
  steps: z.array(
    z.object({
      action: z.string(),
      actor: z.string(),
      role: z.string(),
      on: businessDate,
      reason: z.string(),
      rule: z.string().nullable(),
    }),
  ),
  /** What the caller could do now; guards are looked at when it is done. */
  actions: z.array(z.object({ action: z.string(), role: z.string(), label: words })),
  findings: findingList,
});
export const policyReminderSchema = z.object({
  kind: z.enum([
    'call_opened',
    'call_closing',
    'call_changed',
    'call_extended',
    'call_cancelled',
    'correction_due',
    'notice_running',
    'state_changed',
    'facts_stale',
    'objection_due',
  ]),
  /** The id of the call, the claim or the objection, or the names of facts. */
  subject: z.string(),
  title: z.string(),
  by: businessDate.nullable(),
  /** What an objection is against; null for everything else. */
  against: z.object({ kind: z.enum(OBJECTION_SUBJECTS), id }).nullable(),
  urgent: z.boolean(),
});
export const policyNoticeSchema = z.object({
  claimId: id,
  callTitle: z.string(),
  applicant: z.string(),
  item: z.string(),
  title: words,
  grantFen: fen,
  from: businessDate,
  until: businessDate,
});
/** All that a public notice ever shows; a test holds the page and the answer to this list. */
export const POLICY_NOTICE_FIELDS = Object.keys(policyNoticeSchema.shape);

const ACCOUNTS = ['treasury', 'available', 'reserved', 'committed', 'paid', 'recovered'] as const;
const totals = z.object(
  Object.fromEntries(ACCOUNTS.map((account) => [account, fen])) as Record<
    (typeof ACCOUNTS)[number],
    typeof fen
  >,
);
export const policyBudgetSchema = z.object({
  year: z.number().int(),
  totals,
  /** How many entries the year has; the page shows the latest, the file has all. */
  entryCount: count,
  entries: z.array(
    z.object({
      number: count,
      move: z.string(),
      fen,
      claimId: id.nullable(),
      by: z.string(),
      at: instant,
      note: z.string(),
    }),
  ),
});
const reportLine = z.object({
  name: z.string(),
  claims: count,
  refused: count,
  grantedFen: fen,
  paidFen: fen,
});
export const policyReportSchema = z.object({
  year: z.number().int(),
  totals,
  items: z.array(
    z.object({
      item: z.string(),
      title: words,
      claims: count,
      refused: count,
      grantedFen: fen,
      paidFen: fen,
    }),
  ),
  states: z.array(z.object({ state: z.enum(POLICY_STATES), claims: count })),
  measures: z.array(reportLine.extend({ heading: z.string() })),
  /** By the city body that recommended; empty where nobody did. */
  cities: z.array(reportLine),
  /** By the department that leads the call. */
  departments: z.array(reportLine),
});
export const policyDivisionSchema = z.object({
  grants: z.array(
    z.object({ claimId: id, applicant: z.string(), wantedFen: fen, fen, why: z.string() }),
  ),
  grantedFen: fen,
  restFen: fen,
  receipt: z.unknown(),
});
export const policyControlSchema = z.object({
  id,
  holderId: id,
  holder: z.string(),
  heldId: id,
  held: z.string(),
  shareBasisPoints: count,
  controls: z.boolean(),
  basis: z.string(),
});
export const byYear = z.object({ year: z.coerce.number().int().min(2000).max(2200) });
