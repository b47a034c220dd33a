import {
  accepted,
  compareRatio,
  type Cryptography,
  type Fen,
  finding,
  type Finding,
  formatRatio,
  fromHex,
  hasErrors,
  type Outcome,
  parseYuan,
  type Ratio,
  ratio,
  refused,
  sumFen,
} from '@yinglian/core';
import { z } from 'zod';
import { checkTheatrical } from './checks.ts';
import { isUnderRoot, leafHash, type MerklePath } from './merkle.ts';
import {
  checkSignatures,
  type SignatureOptions,
  type StatementSignature,
  statementSignatureSchema,
} from './signature.ts';
import {
  type Statement,
  statementBytes,
  type StatementLine,
  statementSchema,
  statementTotals,
  shareOfNet,
  termsDigest,
} from './statement.ts';
import { parseTerms } from './terms/parse.ts';
import type { TheatricalTerms } from './terms/theatrical.ts';
import type { Profile } from './theatrical/plan.ts';
import { isUnresolved, type Resolver, resolverFromSchedules } from './theatrical/resolver.ts';
import { capSchedule, type DatedRate, ladderSchedule } from './theatrical/schedule.ts';
import { floorRates, type Schedule, scheduleKeys } from './theatrical/share-rates.ts';
import { roundParts } from './theatrical/rounding.ts';

/** The path of a document to the root of its period. */
export const membershipSchema = z.strictObject({
  root: z.string().regex(/^[0-9a-f]{64}$/),
  index: z.number().int().min(0),
  size: z.number().int().min(1),
  hashes: z.array(z.string()).max(64),
});

const bundleSchema = z.strictObject({
  format: z.literal('yinglian-statement-bundle/1'),
  statement: statementSchema,
  terms: z.unknown(),
  proof: membershipSchema.optional(),
  signatures: z.array(statementSignatureSchema).max(10).optional(),
});

/**
 * A statement with everything its receiver needs to recompute it offline: the terms, the lines'
 * measures, and the path to the published root of the period. Other parties' statements stay out.
 */
export type StatementBundle = {
  readonly format: 'yinglian-statement-bundle/1';
  readonly statement: Statement;
  readonly terms: object;
  readonly proof?: { readonly root: string } & MerklePath;
  /** Of the organisations that issued and accepted it. */
  readonly signatures?: readonly StatementSignature[];
};

const UNPROVED: ReadonlySet<string> = new Set(['unproved_rounding', 'unproved_line']);

/** What the receiver knows from elsewhere. */
export type VerifyOptions = SignatureOptions & {
  /** The root as published elsewhere, in hex; without it the bundle's own is only consistent. */
  readonly publishedRoot?: string;
};

/** A statement that was recomputed, and what did not agree. */
export type Verification = {
  readonly statement: Statement;
  readonly lines: number;
  /** Lines whose amounts cannot be recomputed one by one: only their columns were checked. */
  readonly unprovedLines: number;
  readonly findings: readonly Finding[];
};

/**
 * Recomputes a statement from its bundle: the terms' digest, every ladder and cap from its daily
 * totals, every line from its measures, the column sums, and the path to the root.
 */
export function verifyStatement(
  data: unknown,
  cryptography: Cryptography,
  options: VerifyOptions = {},
): Outcome<Verification> {
  const parsed = bundleSchema.safeParse(data);
  if (!parsed.success) {
    const path = parsed.error.issues[0]!.path.map(String).join('.');
    return refused(finding('invalid_bundle', 'error', { facts: { path } }));
  }
  const { statement, proof, signatures = [] } = parsed.data;
  const terms = parseTerms(parsed.data.terms);
  if (!terms.ok)
    return refused(
      finding('invalid_bundle', 'error', { facts: { path: 'terms' } }),
      ...terms.findings,
    );
  const findings: Finding[] = [];
  if (terms.value.kind !== 'theatrical')
    return refused(finding('invalid_bundle', 'error', { facts: { path: 'terms.kind' } }));
  const used = terms.value;
  findings.push(...checkTheatrical(used).filter((each) => each.severity === 'error'));
  if (termsDigest(used, cryptography) !== statement.terms.digest) {
    findings.push(finding('mismatched_terms', 'error', { facts: { terms: statement.terms.id } }));
  }
  if (hasErrors(findings)) return refused(...findings);
  findings.push(...checkLines(used, statement));
  findings.push(...checkTotals(statement));
  findings.push(...checkProof(statement, proof, cryptography, options));
  findings.push(...checkSignatures(statement, signatures, options));
  if (hasErrors(findings)) return refused(...findings);
  const unprovedLines = findings.filter((each) => UNPROVED.has(each.code)).length;
  return accepted({ statement, lines: statement.lines.length, unprovedLines, findings }, findings);
}

/** Every line by the schedules it was computed with; one that is taken back, by its own. */
function checkLines(terms: TheatricalTerms, statement: Statement): Finding[] {
  const findings: Finding[] = [];
  const resolverOf = (schedules: Statement['schedules']) =>
    resolverFromSchedules(terms, checkSchedules(terms, schedules, findings));
  const present = resolverOf(statement.schedules);
  const former = (statement.former ?? []).map((each) =>
    each.termsDigest === statement.terms.digest ? resolverOf(each.schedules) : undefined,
  );
  for (const line of statement.lines) {
    const resolver = line.former === undefined ? present : former[line.former];
    if (resolver === undefined) findings.push(...checkUnproved(statement, line));
    else findings.push(...checkLine(terms, resolver, statement, line));
  }
  return findings;
}

/** Moving rates are recomputed from the daily totals that the statement carries. */
function checkSchedules(
  terms: TheatricalTerms,
  stated: Statement['schedules'],
  findings: Finding[],
): Map<string, Schedule> {
  const schedules = new Map(
    stated.map(({ key, rates, days }): [string, Schedule] => {
      const totals = days.map(({ date, amount }) => ({ date, amount: parseSigned(amount) }));
      return [
        key,
        { rates: rates.map((e) => ({ ...e, rate: parseSigned(e.rate) })), days: totals },
      ];
    }),
  );
  // A cap that is left out would not be looked at.
  for (const key of scheduleKeys(terms)) {
    if (!schedules.has(key)) {
      findings.push(finding('mismatched_schedule', 'error', { facts: { key } }));
    }
  }
  for (const [key, { rates }] of schedules) {
    const expected = expectedRates(terms, key, schedules);
    if (expected === undefined || !sameRates(rates, expected)) {
      findings.push(finding('mismatched_schedule', 'error', { facts: { key } }));
    }
  }
  return schedules;
}

function parseSigned(text: string): Ratio {
  const [above, below] = text.split('/');
  return ratio(BigInt(above!), BigInt(below ?? '1'));
}

/** A floor looks at the ladders and caps beside it, which are checked by themselves. */
function expectedRates(
  terms: TheatricalTerms,
  key: string,
  schedules: ReadonlyMap<string, Schedule>,
): readonly DatedRate[] | undefined {
  const [splitId, clauseId, index, limit] = key.split('/');
  const split = terms.splits.find((each) => each.id === splitId);
  const clause = split?.clauses.find((each) => each.id === clauseId);
  const share = clause?.shares[Number(index)];
  if (split === undefined || clause === undefined || share === undefined) return undefined;
  const { days } = schedules.get(key)!;
  const { cap, floor, ladder } = share;
  if (limit === 'floor') {
    const address = { split, clause, share, index: Number(index) };
    return floor === undefined ? undefined : floorRates(schedules, address, days);
  }
  if (limit === 'cap')
    return cap === undefined ? undefined : capSchedule(ratio(parseYuan(cap)!), days);
  return ladder === undefined ? undefined : ladderSchedule(ladder, days);
}

function sameRates(a: readonly DatedRate[], b: readonly DatedRate[]): boolean {
  return (
    a.length === b.length &&
    a.every((each, i) => {
      const other = b[i]!;
      return (
        each.from === other.from &&
        each.label === other.label &&
        compareRatio(each.rate, other.rate) === 0
      );
    })
  );
}

function checkLine(
  terms: TheatricalTerms,
  resolver: Resolver,
  statement: Statement,
  line: StatementLine,
): Finding[] {
  const profile = profileOf(resolver, line);
  const at = { line: line.id };
  if (profile === undefined)
    return computedOf(line).shareFen === '0'
      ? checkColumns(line)
      : [finding('unknown_profile', 'error', { at })];
  const findings = checkColumns(line);
  if (!line.nodes.every((node) => ownsNode(profile, node, statement.party))) {
    findings.push(finding('mismatched_party', 'error', { facts: { party: statement.party }, at }));
  }
  const shareRate = formatRatio(shareOfNet(profile, line.nodes));
  if (shareRate !== line.shareRate) {
    findings.push(
      finding('mismatched_rate', 'error', {
        facts: { said: line.shareRate, expected: shareRate },
        at,
      }),
    );
  }
  if (terms.rounding.place !== 'line') {
    findings.push(
      finding('unproved_rounding', 'warning', { facts: { place: terms.rounding.place }, at }),
    );
    return findings;
  }
  return [...findings, ...checkStated(terms, profile, line)];
}

/** A line of other terms, taken back: its sums are checked, its rate stands in that statement. */
function checkUnproved(statement: Statement, line: StatementLine): Finding[] {
  const at = { line: line.id };
  const former = statement.former?.[line.former!];
  if (former === undefined) return [finding('unknown_profile', 'error', { at })];
  const facts = { statement: former.id };
  return [...checkColumns(line), finding('unproved_line', 'warning', { facts, at })];
}

const ownsNode = (profile: Profile, node: string, party: string) =>
  profile.terminals.some((each) => each.node === node && each.party === party);

/** The profile is found again by the line's site and dates, and must be the one the line names. */
function profileOf(resolver: Resolver, line: StatementLine): Profile | undefined {
  const site = {
    filmCode: line.filmCode,
    version: line.version,
    cinemaCode: line.cinemaCode,
    hall: line.hall,
    equipment: line.equipment,
    circuit: line.circuit,
    province: line.province,
    taxpayer: line.taxpayer,
  };
  for (const date of [line.from, line.to]) {
    const profile = resolver.profileAt(site, date);
    if (!isUnresolved(profile) && line.id.endsWith(`/${profile.key}`)) return profile;
  }
  return undefined;
}

/**
 * What the policy computed: the to-date figures; the prior ones are what was stated. Of a line that
 * is taken back the prior ones were the to-date figures of the statement that stated it last.
 */
const computedOf = (line: StatementLine) =>
  line.former === undefined ? line.toDate : (line.prior ?? line.toDate);

function checkStated(terms: TheatricalTerms, profile: Profile, line: StatementLine): Finding[] {
  const computed = computedOf(line);
  const { baseFen, admissions } = computed.measures;
  const rounded = roundParts(profile, BigInt(baseFen), BigInt(admissions), terms.rounding);
  const fenOf = (nodes: readonly string[]): Fen =>
    sumFen(profile.terminals.map((each, i) => (nodes.includes(each.node) ? rounded.fen[i]! : 0n)));
  const expected = {
    fundFen: fenOf(['fund']),
    taxFen: fenOf(['tax']),
    shareFen: fenOf(line.nodes),
  };
  return (Object.keys(expected) as (keyof typeof expected)[]).flatMap((name) => {
    const said = computed[name];
    if (BigInt(said) === expected[name]) return [];
    const facts = { column: name, said, expected: String(expected[name]) };
    return [finding('mismatched_amount', 'error', { facts, at: { line: line.id } })];
  });
}

/** This statement = to date − stated before, and net = base − fund − tax. */
function checkColumns(line: StatementLine): Finding[] {
  const findings: Finding[] = [];
  const check = (column: string, said: string, expected: bigint) => {
    if (BigInt(said) === expected) return;
    const facts = { column, said, expected: String(expected) };
    findings.push(finding('mismatched_amount', 'error', { facts, at: { line: line.id } }));
  };
  const prior = line.prior;
  for (const name of ['screenings', 'admissions', 'grossFen', 'baseFen'] as const) {
    const before = prior === undefined ? 0n : BigInt(prior.measures[name]);
    check(name, line[name], BigInt(line.toDate.measures[name]) - before);
  }
  for (const name of ['fundFen', 'taxFen', 'shareFen'] as const) {
    check(name, line[name], BigInt(line.toDate[name]) - BigInt(prior?.[name] ?? '0'));
  }
  check('netFen', line.netFen, BigInt(line.baseFen) - BigInt(line.fundFen) - BigInt(line.taxFen));
  return findings;
}

function checkTotals(statement: Statement): Finding[] {
  const expected = statementTotals(statement.lines);
  return (Object.keys(expected) as (keyof typeof expected)[]).flatMap((name) => {
    const said = statement.totals[name];
    if (said === expected[name]) return [];
    return [
      finding('mismatched_total', 'error', {
        facts: { column: name, said, expected: expected[name] },
      }),
    ];
  });
}

/** Whether a document lies under the root of its proof, and that under the published one. */
export function checkProof(
  statement: object,
  proof: StatementBundle['proof'],
  cryptography: Cryptography,
  options: VerifyOptions,
): Finding[] {
  if (proof === undefined) {
    return [finding('missing_proof', options.publishedRoot === undefined ? 'warning' : 'error')];
  }
  const leaf = leafHash(cryptography, statementBytes(statement));
  if (!isUnderRoot(cryptography, leaf, proof, fromHex(proof.root))) {
    return [finding('mismatched_proof', 'error', { facts: { root: proof.root } })];
  }
  if (options.publishedRoot === undefined)
    return [finding('unpublished_root', 'note', { facts: { root: proof.root } })];
  return options.publishedRoot.toLowerCase() === proof.root
    ? [finding('matched_root', 'success', { facts: { root: proof.root } })]
    : [
        finding('mismatched_root', 'error', {
          facts: { root: proof.root, published: options.publishedRoot },
        }),
      ];
}
