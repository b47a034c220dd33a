import { finding, type Outcome, refused } from '@yinglian/core';
import type { Claim } from './assess.ts';
import type { Instrument, ParameterDecision } from './model.ts';
import {
  day,
  factValue,
  flag,
  list,
  money,
  object,
  oneOf,
  orNull,
  pattern,
  type Reader,
  readShape,
  record,
  tagged,
  text,
  whole,
} from './shape.ts';

/** Characters of a document that is read; the largest instrument known has a tenth of it. */
export const DOCUMENT_CHARACTERS_MAX = 4_000_000;

const words = object({ zh: text, en: text });
const clause = object({ start: whole(0, 1e9), end: whole(0, 1e9), quote: text });
const rate = pattern(/^\d{1,12}(?:\/[1-9]\d{0,11})?$/, 'exact fraction');
const count = whole(0, 1e9);
const compare = oneOf('is', 'is_not', 'in', 'has', 'at_least', 'at_most', 'more', 'less');

const condition: Reader = tagged('test', () => ({
  all: object({ test: text, of: list(condition) }, { label: words }),
  any: object({ test: text, of: list(condition) }, { label: words }),
  not: object({ test: text, of: condition }, { label: words }),
  fact: object({ test: text, fact: text, compare, value: factValue }, { quote: text }),
  facts: object({ test: text, fact: text, compare, than: text }, { quote: text }),
  parameter: object({ test: text, parameter: text, value: text }),
}));

const joined = object({ amount: text, of: (...given) => list(amount)(...given) });
const amount: Reader = tagged('amount', () => ({
  fixed: object({ amount: text, fen: money }),
  fact: object({ amount: text, fact: text }),
  rate: object({ amount: text, of: amount, rate }),
  rate_parameter: object({ amount: text, of: amount, parameter: text }),
  least: joined,
  greatest: joined,
  sum: joined,
  difference: object({ amount: text, from: amount, less: amount }),
  per_unit: object({ amount: text, fact: text, fen: money, baseline: count }),
  by_value: object({
    amount: text,
    fact: text,
    table: list(object({ value: factValue, gives: amount })),
  }),
  unset: object({ amount: text }),
}));

const cap = object(
  { code: text, limitFen: money, per: list(oneOf('applicant', 'round', 'object', 'label')) },
  { when: object({ parameter: text, value: text }) },
);

const rule = object(
  {
    item: text,
    version: whole(1, 1e6),
    from: orNull(day),
    to: orNull(day),
    recorded: day,
    issuedBy: text,
    reason: words,
    measure: text,
    title: words,
    clause,
    beneficiaries: list(text),
    object: orNull(text),
    benefit: text,
    frequency: oneOf('yearly_round', 'once_per_object', 'standing', 'none'),
    speed: oneOf('without_application', 'fast', 'prescribed'),
    condition: orNull(condition),
    bound: orNull(amount),
    caps: list(cap),
    sameKind: orNull(text),
    evidence: list(object({ code: text, label: words, required: flag }, { shared: flag })),
    parameters: list(text),
    publicMoney: flag,
    systems: list(text),
  },
  {
    replaces: whole(1, 1e6),
    basis: object({ label: words, of: amount }),
    eligibleCost: amount,
  },
);

const fact = object(
  {
    name: text,
    kind: oneOf('yes_no', 'money', 'count', 'date', 'choice', 'choices', 'text'),
    label: words,
  },
  { help: words, choices: list(object({ value: text, label: words })), whenAbsent: factValue },
);

const parameter = object(
  {
    code: text,
    title: words,
    quote: text,
    readings: list(object({ value: text, words, supported: flag })),
    default: text,
    reason: words,
    kind: oneOf('reading', 'rate', 'days'),
  },
  { law: text },
);

const dates = list(object({ value: text, date: day }));

const instrumentFields = {
  schema: oneOf('yinglian.policy/1'),
  code: pattern(/^[a-z0-9][a-z0-9-]{1,60}$/, 'a-z 0-9 -'),
  number: text,
  registration: text,
  title: words,
  issuer: text,
  jurisdiction: oneOf('nation', 'province', 'city'),
  source: object({ publicity: text, sha256: text, characters: count }),
  validity: object({ fromParameter: text, from: dates, toParameter: text, to: dates }),
  measures: list(
    object({ number: text, heading: text, lead: text, others: list(text), departments: clause }),
  ),
  facts: list(fact),
  parameters: list(parameter),
  rules: list(rule),
};
const general = object(
  {},
  {
    term: text,
    scope: text,
    within: text,
    topUp: text,
    rounding: text,
    sameCost: text,
    appeal: text,
  },
);

/** The shape of an instrument. */
export const instrumentShape: Reader = object(instrumentFields, {
  general,
  recoveries: object({ to: oneOf('year', 'carry_over', 'treasury'), quote: text }),
});

/** The shape of a claim. */
export const claimShape: Reader = object(
  {
    item: text,
    appliedOn: orNull(day),
    facts: record(object({ value: factValue }, { source: text, date: day, verifier: text })),
  },
  { review: object({}, { recommendedFen: money, factor: rate }) },
);

/** The shape of decisions on parameters. */
export const decisionsShape: Reader = list(
  object(
    { parameter: text, value: text, from: day, recorded: day, issuedBy: text, reason: text },
    { item: text, quote: text },
  ),
);

/** Text of JSON to a value; too long or no JSON is a finding. */
export function parseDocument(document: string): Outcome<unknown> {
  if (document.length > DOCUMENT_CHARACTERS_MAX) {
    const facts = { limit: DOCUMENT_CHARACTERS_MAX };
    return refused(finding('excessive_document', 'error', { facts }));
  }
  try {
    return { ok: true, value: JSON.parse(document) as unknown, findings: [] };
  } catch {
    return refused(finding('malformed_document', 'error'));
  }
}

/** Reads an instrument; whether it makes sense is for {@link checkInstrument} to say. */
export function readInstrument(value: unknown): Outcome<Instrument> {
  const read = readShape<Instrument>(value, instrumentShape);
  if (!read.ok) return read;
  const { from, to } = read.value.validity;
  if (from.length > 0 && to.length > 0) return read;
  return refused(finding('missing_validity', 'error', { at: { path: '$.validity' } }));
}

/** Reads a claim. */
export function readClaim(value: unknown): Outcome<Claim> {
  return readShape<Claim>(value, claimShape);
}

/** Reads decisions on parameters. */
export function readDecisions(value: unknown): Outcome<readonly ParameterDecision[]> {
  return readShape<readonly ParameterDecision[]>(value, decisionsShape);
}
