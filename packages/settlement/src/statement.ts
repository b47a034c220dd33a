import {
  type Cryptography,
  digest,
  divideRatio,
  formatRatio,
  isIsoDate,
  ratio,
  sumFen,
  toHex,
} from '@yinglian/core';
import { z } from 'zod';
import { canonicalText, type Json, toJson } from './json.ts';
import type { BoxOfficeFact, StatedLine } from './theatrical/facts.ts';
import { type Profile } from './theatrical/plan.ts';
import type { Settlement, SettlementLine } from './theatrical/lines.ts';

/** The one part of the WHATWG Encoding standard this file needs. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const fen = z.string().regex(/^-?\d{1,40}$/);
const rateText = z.string().regex(/^-?\d{1,80}(?:\/[1-9]\d{0,79})?$/);
const count = z.string().regex(/^-?\d{1,18}$/);
const day = z.string().refine(isIsoDate);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(500);

const measures = z.strictObject({
  screenings: count,
  admissions: count,
  grossFen: fen,
  baseFen: fen,
});
const stated = z.strictObject({ measures, fundFen: fen, taxFen: fen, shareFen: fen });

const statementLine = z.strictObject({
  id: z.string().max(4000),
  filmCode: text,
  version: text,
  cinemaCode: text,
  cinemaName: text.optional(),
  circuit: text.optional(),
  equipment: z.enum(['owned', 'leased']).optional(),
  hall: text.optional(),
  province: text,
  taxpayer: z.enum(['general', 'small_scale']),
  from: day,
  to: day,
  kind: z.enum(['regular', 'supplementary', 'mixed']),
  ...measures.shape,
  fundFen: fen,
  vatRate: rateText,
  taxFen: fen,
  netFen: fen,
  shareRate: rateText,
  shareFen: fen,
  /** Nodes of the plan that make up the share. */
  nodes: z.array(text).min(1).max(50),
  toDate: stated,
  prior: stated.optional(),
  /** SHA-256 over the rows behind the line, where the issuer gives it. */
  rowsDigest: hex.optional(),
  /** Of a line whose rows are gone: which of the statement's `former` stated it last. */
  former: z.number().int().min(0).max(1000).optional(),
});

const schedule = z.strictObject({
  key: text,
  rates: z.array(z.strictObject({ from: day, rate: rateText, label: text })).max(5000),
  days: z.array(z.strictObject({ date: day, amount: rateText })).max(5000),
});

/** What an earlier statement was computed with, so that taking its lines back can be checked. */
const formerStatement = z.strictObject({
  id: text,
  termsDigest: hex,
  schedules: z.array(schedule).max(5000),
});

const totals = z.strictObject({
  ...measures.shape,
  fundFen: fen,
  taxFen: fen,
  netFen: fen,
  shareFen: fen,
});

/** The statement as it is issued, stored, hashed and sent. Amounts are decimal strings of fen. */
export const statementSchema = z.strictObject({
  format: z.literal('yinglian-statement/1'),
  id: text,
  nonce: z.string().regex(/^[0-9a-f]{32,128}$/),
  terms: z.strictObject({ id: text, version: text, digest: hex }),
  party: text,
  holder: text.optional(),
  circuit: text.optional(),
  cinemaCode: text.optional(),
  period: z.strictObject({ from: day, to: day }),
  currency: z.literal('CNY'),
  lines: z.array(statementLine).max(2_000_000),
  totals,
  schedules: z.array(schedule).max(5000),
  former: z.array(formerStatement).max(1000).optional(),
});

/** A statement as its schema describes it. */
export type Statement = z.infer<typeof statementSchema>;
/** One line of a statement. */
export type StatementLine = Statement['lines'][number];
/** The totals of a statement. */
export type StatementTotals = Statement['totals'];

/** Which lines a statement takes from a settlement, and how it is numbered. */
export type StatementSelection = {
  /** Document number of the issuer. */
  readonly id: string;
  /** 16 to 64 random bytes in hex, so that nobody can guess a statement from its hash. */
  readonly nonce: string;
  /** For whom. A party with the role cinema or circuit also needs its `holder`. */
  readonly party: string;
  readonly holder?: string;
  /** Only the lines of this circuit: the monthly sheet between it and the party. */
  readonly circuit?: string;
  readonly cinemaCode?: string;
  /** The rows settled, when the statement shall carry their digests. */
  readonly facts?: readonly BoxOfficeFact[];
  readonly cinemaNames?: { readonly [cinemaCode: string]: string };
};

/** What one party is due, line by line with the 17 columns, ready to be issued. */
export function buildStatement(
  settlement: Settlement,
  selection: StatementSelection,
  cryptography: Cryptography,
): Statement {
  const rows =
    selection.facts === undefined
      ? undefined
      : new Map(selection.facts.map((fact) => [fact.id, fact]));
  const lines = settlement.lines
    .filter((line) => selection.circuit === undefined || line.circuit === selection.circuit)
    .filter(
      (line) => selection.cinemaCode === undefined || line.cinemaCode === selection.cinemaCode,
    )
    .filter((line) => ownParts(line, selection).length > 0)
    .map((line) => statementLineOf(settlement, line, selection, { rows, cryptography }));
  const { terms, period } = settlement;
  return {
    format: 'yinglian-statement/1',
    id: selection.id,
    nonce: selection.nonce,
    terms: { id: terms.id, version: terms.version, digest: termsDigest(terms, cryptography) },
    party: selection.party,
    ...(selection.holder === undefined ? {} : { holder: selection.holder }),
    ...(selection.circuit === undefined ? {} : { circuit: selection.circuit }),
    ...(selection.cinemaCode === undefined ? {} : { cinemaCode: selection.cinemaCode }),
    period: { ...period },
    currency: 'CNY',
    lines,
    totals: statementTotals(lines),
    schedules: [...settlement.schedules].map(([key, { rates, days }]) => ({
      key,
      rates: rates.map((each) => ({
        from: each.from,
        rate: formatRatio(each.rate),
        label: each.label,
      })),
      days: days.map((each) => ({ date: each.date, amount: formatRatio(each.amount) })),
    })),
  };
}

function ownParts(line: SettlementLine, selection: { party: string; holder?: string | undefined }) {
  return line.parts.filter(
    (part) =>
      part.party === selection.party &&
      (selection.holder === undefined || part.holder === selection.holder),
  );
}

type LineContext = {
  rows: ReadonlyMap<string, BoxOfficeFact> | undefined;
  cryptography: Cryptography;
};

function statementLineOf(
  settlement: Settlement,
  line: SettlementLine,
  selection: StatementSelection,
  context: LineContext,
): StatementLine {
  const own = ownParts(line, selection);
  const nodes = own.map((part) => part.node);
  const profile = settlement.profiles.get(line.profile);
  const fundFen = partFen(line, 'fund');
  const taxFen = partFen(line, 'tax');
  const cinemaName = selection.cinemaNames?.[line.cinemaCode];
  const { measures: m } = line;
  return {
    id: line.id,
    filmCode: line.filmCode,
    version: line.version,
    cinemaCode: line.cinemaCode,
    ...(cinemaName === undefined ? {} : { cinemaName }),
    ...(line.circuit === undefined ? {} : { circuit: line.circuit }),
    ...(line.equipment === undefined ? {} : { equipment: line.equipment }),
    ...(line.hall === undefined ? {} : { hall: line.hall }),
    province: line.province,
    taxpayer: line.taxpayer,
    from: line.from,
    to: line.to,
    kind: line.kind,
    screenings: String(m.screenings),
    admissions: String(m.admissions),
    grossFen: String(m.grossFen),
    baseFen: String(m.baseFen),
    fundFen: String(fundFen),
    vatRate: profile === undefined ? '0' : formatRatio(profile.vatRate),
    taxFen: String(taxFen),
    netFen: String(m.baseFen - fundFen - taxFen),
    shareRate: profile === undefined ? '0' : formatRatio(shareOfNet(profile, nodes)),
    shareFen: String(sumFen(own.map((part) => part.fen))),
    nodes,
    toDate: statedOf(line.toDate, nodes),
    ...(line.prior === undefined ? {} : { prior: statedOf(line.prior, nodes) }),
    ...(context.rows === undefined
      ? {}
      : {
          rowsDigest: rowsDigest(
            line.factIds.map((id) => context.rows!.get(id)!),
            context.cryptography,
          ),
        }),
  };
}

const partFen = (line: SettlementLine, node: string) =>
  line.parts.find((part) => part.node === node)?.fen ?? 0n;

/** Column 16: what the nodes take of the net. Amounts per admission are outside this rate. */
export function shareOfNet(profile: Profile, nodes: readonly string[]) {
  const numerator = (names: readonly string[]) =>
    profile.terminals.reduce(
      (left, terminal, i) =>
        names.includes(terminal.node) ? left + profile.baseNumerators[i]! : left,
      0n,
    );
  const net = profile.denominator - numerator(['fund', 'tax']);
  return net === 0n ? ratio(0n) : divideRatio(ratio(numerator(nodes)), ratio(net));
}

function statedOf(line: StatedLine, nodes: readonly string[]): StatementLine['toDate'] {
  const { screenings, admissions, grossFen, baseFen } = line.measures;
  return {
    measures: {
      screenings: String(screenings),
      admissions: String(admissions),
      grossFen: String(grossFen),
      baseFen: String(baseFen),
    },
    fundFen: String(line.parts['fund'] ?? 0n),
    taxFen: String(line.parts['tax'] ?? 0n),
    shareFen: String(sumFen(nodes.map((node) => line.parts[node] ?? 0n))),
  };
}

/** Column sums of lines, as the foot of the sheet. */
export function statementTotals(lines: readonly StatementLine[]): StatementTotals {
  const total = (name: keyof StatementTotals) =>
    String(lines.reduce((left, line) => left + BigInt(line[name]), 0n));
  return {
    screenings: total('screenings'),
    admissions: total('admissions'),
    grossFen: total('grossFen'),
    baseFen: total('baseFen'),
    fundFen: total('fundFen'),
    taxFen: total('taxFen'),
    netFen: total('netFen'),
    shareFen: total('shareFen'),
  };
}

/** SHA-256 of the canonical text, in hex. */
export function digestJson(value: Json, cryptography: Cryptography): string {
  return toHex(digest(cryptography, 'sha256', new TextEncoder().encode(canonicalText(value))));
}

/** SHA-256 of the canonical text of the terms, in hex. */
export function termsDigest(terms: object, cryptography: Cryptography): string {
  return digestJson(toJson(terms), cryptography);
}

/** Rows in the order of their ids, so that the order of a delivery does not matter. */
export function rowsDigest(facts: readonly BoxOfficeFact[], cryptography: Cryptography): string {
  const ordered = [...facts].sort((a, b) => (a.id < b.id ? -1 : 1));
  return digestJson(toJson(ordered), cryptography);
}

/** The bytes that a statement's leaf in the period's tree is made of. */
export function statementBytes(statement: object): Uint8Array {
  return new TextEncoder().encode(canonicalText(toJson(statement)));
}
