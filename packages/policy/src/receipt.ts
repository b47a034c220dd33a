import {
  accepted,
  canonicalJson,
  type Cryptography,
  digestJson,
  type Fen,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { collectFacts } from './amounts.ts';
import { assess, type Claim, openBook } from './assess.ts';
import { type BudgetClaim, type BudgetMode, divideBudget, type FitRule } from './budget.ts';
import { collectAsked } from './conditions.ts';
import { generalCode } from './general.ts';
import type { Instrument, ParameterDecision } from './model.ts';
import { claimShape, decisionsShape, instrumentShape, parseDocument } from './read.ts';
import {
  day,
  flag,
  list,
  money,
  object,
  oneOf,
  type Reader,
  readShape,
  record,
  text,
} from './shape.ts';
import {
  type EarlierPayment,
  stackClaims,
  type StackClaim,
  type StackReadings,
} from './stacking.ts';

/**
 * A receipt holds everything its result was computed from: the rules as they read, the facts, the
 * days, the decisions on unclear words. Whoever has it can compute the result again, for ever,
 * whatever the rules have become, and gets the same bytes or knows that they are not the same.
 */
export type Receipt = {
  readonly schema: 'yinglian.policy.receipt/1';
  /** The semantics it was computed with; a program that no longer knows them says so. */
  readonly engine: number;
  readonly stage: ReceiptStage;
  readonly input: unknown;
  readonly result: unknown;
  /** SHA-256 of the canonical JSON of all of the above. */
  readonly digest: string;
};

/** Which of the three stages a receipt is of. */
export type ReceiptStage = 'bound' | 'stacking' | 'budget';

/** The semantics of this program. It grows when, and only when, a result could differ. */
export const ENGINE = 1;

/** Input of a receipt of stage 1. */
export type BoundInput = {
  readonly instrument: Instrument;
  readonly decisions: readonly ParameterDecision[];
  readonly eventDate: IsoDate;
  readonly knownOn: IsoDate;
  readonly claim: Claim;
};

/** Input of stage 2, money as digits. */
export type StackingInput = {
  readonly claims: readonly Digits<StackClaim>[];
  readonly paid: readonly Digits<EarlierPayment>[];
  readonly remaining: Readonly<Record<string, string>>;
  readonly readings: StackReadings;
};

/** Input of stage 3, money as digits. */
export type BudgetInput = {
  readonly claims: readonly Digits<BudgetClaim>[];
  readonly budgetFen: string;
  readonly mode: BudgetMode;
  readonly fit: FitRule;
};

type Digits<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Fen ? string : Shape[Name];
};

const stackClaim = object({
  id: text,
  instrument: text,
  jurisdiction: oneOf('nation', 'province', 'city'),
  own: flag,
  item: text,
  kinds: list(text),
  objects: list(text),
  costs: list(text),
  appliedOn: day,
  amountFen: money,
  caps: list(text),
});

const SHAPES: Readonly<Record<ReceiptStage, Reader>> = {
  bound: object({
    instrument: instrumentShape,
    decisions: decisionsShape,
    eventDate: day,
    knownOn: day,
    claim: claimShape,
  }),
  stacking: object({
    claims: list(stackClaim),
    paid: list(
      object(
        {
          instrument: text,
          jurisdiction: oneOf('nation', 'province', 'city'),
          item: text,
          kinds: list(text),
          objects: list(text),
          paidFen: money,
        },
        { claim: text },
      ),
    ),
    remaining: record(money),
    readings: object({
      scope: oneOf('province', 'province_and_cities', 'all'),
      within: oneOf('no_ban', 'ban'),
      topUp: oneOf('difference', 'none'),
      sameCost: oneOf('exclusive', 'up_to_highest'),
    }),
  }),
  budget: object({
    claims: list(object({ id: text, amountFen: money, appliedAt: text }, { score: text })),
    budgetFen: money,
    mode: oneOf('full', 'rank', 'pro_rata', 'first_come'),
    fit: oneOf('stop', 'skip', 'cut'),
  }),
};

/** Computes one stage from its input. */
function run(stage: ReceiptStage, input: unknown): unknown {
  switch (stage) {
    case 'bound': {
      const { instrument, decisions, eventDate, knownOn, claim } = input as BoundInput;
      return assess(openBook(instrument, { eventDate, knownOn, decisions }), claim);
    }
    case 'stacking': {
      const { claims, paid, remaining, readings } = input as StackingInput;
      return stackClaims(
        claims.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
        {
          paid: paid.map((each) => ({ ...each, paidFen: BigInt(each.paidFen) })),
          remaining: Object.fromEntries(
            Object.entries(remaining).map(([group, fen]) => [group, BigInt(fen)]),
          ),
          readings,
        },
      );
    }
    case 'budget': {
      const { claims, budgetFen, mode, fit } = input as BudgetInput;
      return divideBudget(
        claims.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
        BigInt(budgetFen),
        { mode, fit },
      );
    }
  }
}

/** Computes a stage and keeps everything it was computed from. */
export function makeReceipt(
  cryptography: Cryptography,
  stage: ReceiptStage,
  input: BoundInput | StackingInput | BudgetInput,
): Receipt {
  const kept = stage === 'bound' ? excerpted(input as BoundInput) : input;
  // Through canonical text, so that the result is what a reader of the file will have.
  const plain = JSON.parse(canonicalJson(kept)) as unknown;
  const result = JSON.parse(canonicalJson(run(stage, plain))) as unknown;
  const content = {
    schema: 'yinglian.policy.receipt/1' as const,
    engine: ENGINE,
    stage,
    input: plain,
    result,
  };
  return { ...content, digest: digestJson(cryptography, content) };
}

/** The text of a receipt: canonical JSON, the same bytes every time. */
export function receiptText(receipt: Receipt): string {
  return canonicalJson(receipt);
}

/** What a replay found; `fresh` is the result as this program computes it. */
export type Replay = { readonly receipt: Receipt; readonly fresh: unknown };

/**
 * Reads a receipt and computes it again. Refused when it was altered, when its result does not
 * follow from its input, or when it was made with semantics this program does not know.
 */
export function replayReceipt(cryptography: Cryptography, document: string): Outcome<Replay> {
  const parsed = parseDocument(document);
  if (!parsed.ok) return parsed;
  const anything: Reader = () => true;
  const outer = readShape<Receipt>(
    parsed.value,
    object({
      schema: oneOf('yinglian.policy.receipt/1'),
      engine: anything,
      stage: oneOf('bound', 'stacking', 'budget'),
      input: anything,
      result: anything,
      digest: text,
    }),
  );
  if (!outer.ok) return outer;
  const receipt = outer.value;
  if (receipt.engine !== ENGINE) {
    const facts = { engine: String(receipt.engine).slice(0, 20), known: ENGINE };
    return refused(finding('unknown_engine', 'error', { facts }));
  }
  const input = readShape<unknown>(receipt.input, SHAPES[receipt.stage]);
  if (!input.ok) return input;
  const { digest, ...content } = receipt;
  // The depth of the result is not known before it is written, so writing may refuse it.
  const computed = canonicalOrNothing(content, cryptography);
  if (computed !== digest) {
    return refused(finding('mismatched_receipt_digest', 'error', { facts: { digest } }));
  }
  const fresh = computedOrNothing(receipt.stage, input.value);
  if (fresh === undefined || canonicalJson(fresh) !== canonicalJson(receipt.result)) {
    return refused(finding('mismatched_receipt_result', 'error', { facts: { digest } }));
  }
  return accepted({ receipt, fresh });
}

/** Rules that nobody checked may ask for what cannot be computed: no result follows from them. */
function computedOrNothing(stage: ReceiptStage, input: unknown): unknown {
  try {
    return JSON.parse(canonicalJson(run(stage, input)));
  } catch {
    return undefined;
  }
}

function canonicalOrNothing(content: unknown, cryptography: Cryptography): string | undefined {
  try {
    return digestJson(cryptography, content);
  } catch {
    return undefined;
  }
}

/** The part of an instrument that one claim can touch, so that receipts stay small. */
function excerpted(input: BoundInput): BoundInput {
  const { instrument, claim } = input;
  const rules = instrument.rules.filter(({ item }) => item === claim.item);
  const names = new Set<string>();
  const codes = new Set([
    ...rules.flatMap(({ parameters }) => parameters),
    instrument.validity.fromParameter,
    instrument.validity.toParameter,
    generalCode(instrument, 'term'),
    generalCode(instrument, 'rounding'),
  ]);
  for (const each of rules) {
    if (each.condition !== null) collectAsked(each.condition, names, codes);
    if (each.bound !== null) collectFacts(each.bound, names);
    if (each.basis !== undefined) collectFacts(each.basis.of, names);
    if (each.eligibleCost !== undefined) collectFacts(each.eligibleCost, names);
    for (const { when } of each.caps) if (when !== undefined) codes.add(when.parameter);
  }
  const known = new Set(instrument.facts.map(({ name }) => name));
  const facts = Object.fromEntries(
    // What no rule of the whole instrument knows stays, because it is reported.
    Object.entries(claim.facts).filter(([name]) => names.has(name) || !known.has(name)),
  );
  return {
    ...input,
    claim: { ...claim, facts },
    decisions: input.decisions.filter(
      ({ parameter, item }) => codes.has(parameter) && (item === undefined || item === claim.item),
    ),
    instrument: {
      ...instrument,
      rules,
      measures: instrument.measures.filter((each) =>
        rules.some(({ measure }) => measure === each.number),
      ),
      facts: instrument.facts.filter(({ name }) => names.has(name)),
      parameters: instrument.parameters.filter(({ code }) => codes.has(code)),
    },
  };
}
