import {
  accepted,
  assertNever,
  type Cryptography,
  type Fen,
  finding,
  type Finding,
  hasErrors,
  isIsoDate,
  type Outcome,
  parseYuan,
  ratio,
  refused,
  sumFen,
} from '@yinglian/core';
import { z } from 'zod';
import { type Derivation, derive, derivedConstant, derivedFacts } from './derivation.ts';
import {
  booksOf,
  engagementsOf,
  expensesOf,
  incomesOf,
  ratesOf,
  rentalFactsOf,
  type SettlementInputs,
  settlementInputsSchema,
  usageOf,
} from './inputs.ts';
import { toJson } from './json.ts';
import { type RentalSettlement, settleRental } from './rental/settle.ts';
import { checkSignatures, type StatementSignature, statementSignatureSchema } from './signature.ts';
import { digestJson, termsDigest } from './statement.ts';
import { settleStreaming, type StreamingSettlement } from './streaming/settle.ts';
import { parseTerms } from './terms/parse.ts';
import type { RentalTerms } from './terms/rental.ts';
import type { StreamingTerms } from './terms/streaming.ts';
import type { WaterfallTerms } from './terms/waterfall.ts';
import type { Period } from './theatrical/facts.ts';
import {
  checkProof,
  membershipSchema,
  type StatementBundle,
  type Verification,
  type VerifyOptions,
  verifyStatement,
} from './verify.ts';
import { settleWaterfall, type WaterfallSettlement, withheldFen } from './waterfall/settle.ts';

/** Terms whose results are stated to one party at a time, to date. */
export type PartyTerms = WaterfallTerms | RentalTerms | StreamingTerms;
/** What settling {@link PartyTerms} gives. */
export type PartySettlement = WaterfallSettlement | RentalSettlement | StreamingSettlement;

const fen = z.string().regex(/^-?\d{1,40}$/);
const count = z.string().regex(/^-?\d{1,18}$/);
const day = z.string().refine(isIsoDate);
const text = z.string().max(500);
const hex = z.string().regex(/^[0-9a-f]{64}$/);

const partyLineSchema = z.strictObject({
  id: text,
  /** The step, clause, obligation or withholding of the terms that says so. */
  clause: text,
  from: day,
  to: day,
  cinemaCode: text.optional(),
  week: count.optional(),
  screenings: count.optional(),
  admissions: count.optional(),
  grossFen: fen.optional(),
  toDateFen: fen,
  priorFen: fen,
  fen,
});

/** The statement to one party of a waterfall, a rental or a streaming contract, as it is issued. */
export const partyStatementSchema = z.strictObject({
  format: z.literal('yinglian-party-statement/1'),
  id: text,
  nonce: z.string().regex(/^[0-9a-f]{32,128}$/),
  kind: z.enum(['waterfall', 'rental', 'streaming']),
  terms: z.strictObject({ id: text, version: text, digest: hex }),
  party: text,
  /** Only the cinemas of this circuit, or of those that the register puts in none. */
  circuit: text.optional(),
  period: z.strictObject({ from: day, to: day }),
  currency: z.literal('CNY'),
  lines: z.array(partyLineSchema).max(200_000),
  totalFen: fen,
  /** What of the total is withheld, payable now, or waits for the payment threshold. */
  account: z.strictObject({
    withheldToDateFen: fen,
    withheldPriorFen: fen,
    paidFen: fen,
    payableFen: fen,
    carriedForwardFen: fen,
  }),
  inputsDigest: hex,
});
/** The statement to one party as its schema describes it. */
export type PartyStatement = z.infer<typeof partyStatementSchema>;
/** One line of it. */
export type PartyStatementLine = PartyStatement['lines'][number];

/** A line with the derivation of its figure. */
export type PartyLine = { readonly line: PartyStatementLine; readonly derivation: Derivation };

/** What was stated to the party before: by line, what was withheld, and what was to be paid. */
export type StatedBefore = {
  readonly lines: ReadonlyMap<string, Fen>;
  readonly withheldFen: Fen;
  readonly paidFen: Fen;
};
/** A party to which nothing was stated yet. */
export const NOTHING_STATED: StatedBefore = Object.freeze({
  lines: new Map<string, Fen>(),
  withheldFen: 0n,
  paidFen: 0n,
});

/** Settles terms of the three kinds to date, nothing stated before, from inputs as data. */
export function settleInputs(
  terms: PartyTerms,
  inputs: SettlementInputs,
  period: Period,
): Outcome<PartySettlement> {
  const { records, rows } = inputs;
  const books = booksOf(records);
  switch (terms.kind) {
    case 'waterfall':
      return settleWaterfall(
        terms,
        { incomes: incomesOf(records), expenses: expensesOf(records) },
        { period, books, rates: ratesOf(records), stated: [] },
      );
    case 'rental': {
      const register = Object.fromEntries(
        rows.map((row) => [
          row.cinemaCode,
          row.circuit === undefined ? {} : { circuit: row.circuit },
        ]),
      );
      const engagements = engagementsOf(records);
      const context = { period, register, books, engagements, stated: [] };
      return settleRental(terms, rentalFactsOf(rows), context);
    }
    case 'streaming':
      return settleStreaming(terms, usageOf(records), { period, statedFen: 0n });
    default:
      return assertNever(terms);
  }
}

/** Those of the inputs that the settlement of these terms reads, for one circuit where asked. */
export function inputsFor(
  terms: PartyTerms,
  { records, rows }: SettlementInputs,
  circuit?: string,
): SettlementInputs {
  if (terms.kind !== 'rental') {
    const kinds = terms.kind === 'streaming' ? ['usage'] : ['income', 'expense', 'book', 'rate'];
    return { records: records.filter((each) => kinds.includes(each.kind)), rows: [] };
  }
  const own = circuit === undefined ? rows : rows.filter((row) => (row.circuit ?? '') === circuit);
  const cinemas = new Set(own.map((row) => row.cinemaCode));
  return {
    records: records.filter(
      (each) =>
        each.kind === 'book' || (each.kind === 'engagement' && cinemas.has(each.cinemaCode)),
    ),
    rows: own,
  };
}

/** Whom the statement is for, and how it is numbered. */
export type PartySelection = {
  readonly id: string;
  readonly nonce: string;
  readonly party: string;
  readonly circuit?: string;
};

/** The statement of one party with the derivation of every line. */
export type DrawnPartyStatement = {
  readonly statement: PartyStatement;
  readonly inputs: SettlementInputs;
  readonly lines: readonly PartyLine[];
};

/** Draws up what one party is due to date, less what was stated to it before. */
export function buildPartyStatement(
  settlement: PartySettlement,
  inputs: SettlementInputs,
  selection: PartySelection,
  stated: StatedBefore,
  cryptography: Cryptography,
): DrawnPartyStatement {
  const { terms, period } = settlement;
  const { party, circuit } = selection;
  const own = inputsFor(terms, inputs, circuit);
  const lines = linesOf(settlement, selection, own, stated.lines);
  return {
    inputs: own,
    lines,
    statement: {
      format: 'yinglian-party-statement/1',
      id: selection.id,
      nonce: selection.nonce,
      kind: settlement.kind,
      terms: { id: terms.id, version: terms.version, digest: termsDigest(terms, cryptography) },
      party,
      ...(circuit === undefined ? {} : { circuit }),
      period: { ...period },
      currency: 'CNY',
      lines: lines.map((each) => each.line),
      totalFen: String(sumFen(lines.map((each) => BigInt(each.line.fen)))),
      account: accountOf(settlement, party, lines, stated),
      inputsDigest: digestJson(toJson(own), cryptography),
    },
  };
}

/** The parties that a settlement gives something to, in the order of the terms. */
export function partiesDue(settlement: PartySettlement): string[] {
  const { terms } = settlement;
  if (terms.kind === 'rental') return [terms.distributor];
  if (terms.kind === 'streaming') return [terms.licensor];
  return terms.parties
    .map((each) => each.id)
    .filter((id) => toDateLines(settlement, { party: id }, undefined).length > 0);
}

type Due = {
  readonly id: string;
  readonly clause: string;
  readonly toDate: Derivation;
  readonly shown?: Partial<PartyStatementLine>;
};

const wholeFen = (derivation: Derivation): Fen => derivation.value.numerator;

function toDateLines(
  settlement: PartySettlement,
  { party, circuit }: Pick<PartySelection, 'party' | 'circuit'>,
  own: SettlementInputs | undefined,
): Due[] {
  switch (settlement.kind) {
    case 'waterfall':
      return waterfallLines(settlement, party);
    case 'streaming':
      return [{ id: 'share', clause: 'components', toDate: settlement.derivation.inputs[0]! }];
    case 'rental': {
      const cinemas = new Set(own?.rows.map((row) => row.cinemaCode));
      return settlement.lines
        .filter((line) => circuit === undefined || cinemas.has(line.cinemaCode))
        .map((line) => ({
          id: line.id,
          clause: line.clause,
          toDate: line.derivation.inputs[0]!,
          shown: {
            from: line.from,
            to: line.to,
            cinemaCode: line.cinemaCode,
            week: String(line.week),
            screenings: String(line.screenings),
            admissions: String(line.admissions),
            grossFen: String(line.grossFen),
          },
        }));
    }
    default:
      return assertNever(settlement);
  }
}

/** What the steps gave, what is owed whatever the income, and what is withheld for the party. */
function waterfallLines(settlement: WaterfallSettlement, party: string): Due[] {
  const { terms, lines, obligations } = settlement;
  const steps = lines
    .filter((line) => line.party === party)
    .map((line) => ({ id: line.id, clause: line.step, toDate: line.derivation.inputs[0]! }));
  const owed = obligations
    .filter((each) => each.to === party)
    .map((each) => ({
      id: `obligation/${each.id}`,
      clause: each.id,
      toDate: derivedConstant('obligation', ratio(each.fen), { clause: each.id }),
    }));
  const kept = terms.withholding
    .filter((each) => each.to === party)
    .map((each) => ({
      id: `withholding/${each.id}`,
      clause: each.id,
      toDate: derivedFacts('withheld', withheldFen(terms, lines, each), {
        clause: each.id,
        facts: { from: each.party, rate: each.rate },
      }),
    }));
  return [...steps, ...owed, ...kept];
}

function linesOf(
  settlement: PartySettlement,
  selection: PartySelection,
  own: SettlementInputs,
  stated: ReadonlyMap<string, Fen>,
): PartyLine[] {
  const due = toDateLines(settlement, selection, own);
  const known = new Set(due.map((each) => each.id));
  const gone = [...stated]
    .filter(([id, amount]) => amount !== 0n && !known.has(id))
    .map(([id]): Due => ({
      id,
      clause: id.split('/')[0] ?? id,
      toDate: derivedFacts('to_date', 0n),
    }));
  return [...due, ...gone].map(({ id, clause, toDate, shown }) => {
    const priorFen = stated.get(id) ?? 0n;
    const toDateFen = wholeFen(toDate);
    return {
      line: {
        id,
        clause,
        ...settlement.period,
        ...shown,
        toDateFen: String(toDateFen),
        priorFen: String(priorFen),
        fen: String(toDateFen - priorFen),
      },
      derivation: derive('due', 'difference', [toDate, derivedFacts('stated_before', priorFen)]),
    };
  });
}

/** What is withheld and what waits: only waterfalls know of either. */
function accountOf(
  settlement: PartySettlement,
  party: string,
  lines: readonly PartyLine[],
  stated: StatedBefore,
): PartyStatement['account'] {
  const dueFen = sumFen(lines.map((each) => BigInt(each.line.toDateFen)));
  let withheldToDateFen = 0n;
  let threshold = 0n;
  if (settlement.kind === 'waterfall') {
    const { terms } = settlement;
    threshold = parseYuan(terms.payment.threshold)!;
    withheldToDateFen = sumFen(
      terms.withholding
        .filter((each) => each.party === party)
        .map((each) => withheldFen(terms, settlement.lines, each)),
    );
  }
  const open = dueFen - withheldToDateFen - stated.paidFen;
  const waits = open < threshold;
  return {
    withheldToDateFen: String(withheldToDateFen),
    withheldPriorFen: String(stated.withheldFen),
    paidFen: String(stated.paidFen),
    payableFen: String(waits ? 0n : open),
    carriedForwardFen: String(waits ? open : 0n),
  };
}

const partyBundleSchema = z.strictObject({
  format: z.literal('yinglian-party-statement-bundle/1'),
  statement: partyStatementSchema,
  terms: z.unknown(),
  inputs: settlementInputsSchema,
  proof: membershipSchema.optional(),
  signatures: z.array(statementSignatureSchema).max(10).optional(),
});

/** A party's statement with the terms and all inputs that its receiver recomputes it from. */
export type PartyStatementBundle = {
  readonly format: 'yinglian-party-statement-bundle/1';
  readonly statement: PartyStatement;
  readonly terms: object;
  readonly inputs: SettlementInputs;
  readonly proof?: NonNullable<StatementBundle['proof']>;
  readonly signatures?: readonly StatementSignature[];
};

/** What recomputing a statement of any kind says. */
export type BundleVerification =
  | ({ readonly kind: 'theatrical' } & Verification)
  | {
      readonly kind: PartyStatement['kind'];
      readonly statement: PartyStatement;
      readonly lines: number;
      readonly findings: readonly Finding[];
    };

/** Recomputes a statement of any kind from its bundle, offline. */
export function verifyBundle(
  data: unknown,
  cryptography: Cryptography,
  options: VerifyOptions = {},
): Outcome<BundleVerification> {
  const format = (data as { format?: unknown } | null)?.format;
  if (format === 'yinglian-party-statement-bundle/1')
    return verifyPartyStatement(data, cryptography, options);
  const outcome = verifyStatement(data, cryptography, options);
  return outcome.ok
    ? accepted({ kind: 'theatrical', ...outcome.value }, outcome.findings)
    : outcome;
}

/**
 * Settles the bundle's inputs again under its terms and compares every line, the total, the
 * account, the digests, the path to the root and the signatures.
 */
export function verifyPartyStatement(
  data: unknown,
  cryptography: Cryptography,
  options: VerifyOptions = {},
): Outcome<BundleVerification> {
  const parsed = partyBundleSchema.safeParse(data);
  if (!parsed.success) {
    const path = parsed.error.issues[0]!.path.map(String).join('.');
    return refused(finding('invalid_bundle', 'error', { facts: { path } }));
  }
  const { statement, inputs, proof, signatures = [] } = parsed.data;
  const terms = parseTerms(parsed.data.terms);
  if (!terms.ok || terms.value.kind === 'theatrical' || terms.value.kind !== statement.kind) {
    const path = terms.ok ? 'terms.kind' : 'terms';
    return refused(finding('invalid_bundle', 'error', { facts: { path } }), ...terms.findings);
  }
  const settled = settleInputs(terms.value, inputs, statement.period);
  if (!settled.ok) return settled;
  const { id, nonce, party, circuit } = statement;
  const again = buildPartyStatement(
    settled.value,
    inputs,
    { id, nonce, party, ...(circuit === undefined ? {} : { circuit }) },
    statedIn(statement),
    cryptography,
  );
  const findings = [
    ...compareStatements(statement, again.statement),
    ...checkProof(statement, proof, cryptography, options),
    ...checkSignatures(statement, signatures, options),
  ];
  if (hasErrors(findings)) return refused(...findings);
  const { kind, lines } = statement;
  return accepted({ kind, statement, lines: lines.length, findings }, findings);
}

/** What the statement itself says was stated before it. */
function statedIn({ lines, account }: PartyStatement): StatedBefore {
  return {
    lines: new Map(lines.map((line) => [line.id, BigInt(line.priorFen)])),
    withheldFen: BigInt(account.withheldPriorFen),
    paidFen: BigInt(account.paidFen),
  };
}

function compareStatements(said: PartyStatement, expected: PartyStatement): Finding[] {
  const findings: Finding[] = [];
  if (said.terms.digest !== expected.terms.digest)
    findings.push(finding('mismatched_terms', 'error', { facts: { terms: said.terms.id } }));
  if (said.inputsDigest !== expected.inputsDigest)
    findings.push(finding('mismatched_inputs', 'error'));
  const lines = new Map(expected.lines.map((line) => [line.id, line]));
  for (const line of said.lines) {
    const other = lines.get(line.id);
    lines.delete(line.id);
    findings.push(...compareLine(line, other));
  }
  for (const [id] of lines) findings.push(finding('missing_line', 'error', { at: { line: id } }));
  for (const [column, amount] of Object.entries({
    totalFen: expected.totalFen,
    ...expected.account,
  })) {
    const own = column === 'totalFen' ? said.totalFen : said.account[column as AccountColumn];
    if (own === amount) continue;
    const facts = { column, said: own, expected: amount };
    findings.push(finding('mismatched_total', 'error', { facts }));
  }
  return findings;
}

type AccountColumn = keyof PartyStatement['account'];

function compareLine(line: PartyStatementLine, other: PartyStatementLine | undefined): Finding[] {
  const at = { line: line.id };
  if (other === undefined) return [finding('unexpected_line', 'error', { at })];
  const columns = Object.keys({ ...line, ...other }) as (keyof PartyStatementLine)[];
  return columns
    .filter((column) => line[column] !== other[column])
    .map((column) => {
      const facts = { column, said: line[column] ?? '', expected: other[column] ?? '' };
      return finding('mismatched_amount', 'error', { facts, at });
    });
}
