import {
  addRatio,
  compareRatio,
  finding,
  type Finding,
  formatRatio,
  ONE,
  parseRatio,
  parseYuan,
  sumRatios,
  ZERO,
} from '@yinglian/core';
import type { WaterfallStep, WaterfallTerms } from '../terms/waterfall.ts';

/** What is wrong with waterfall terms before any income runs through them. */
export function checkWaterfall(terms: WaterfallTerms): Finding[] {
  const parties = new Set(terms.parties.map((each) => each.id));
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const accounts = new Map<string, string>();
  for (const [index, step] of terms.steps.entries()) {
    if (seen.has(step.id)) findings.push(finding('duplicate_clause', 'error', { clause: step.id }));
    seen.add(step.id);
    for (const to of takersOf(step)) {
      if (parties.has(to)) continue;
      findings.push(finding('unknown_party', 'error', { facts: { party: to }, clause: step.id }));
    }
    findings.push(...checkStep(step, accounts));
    if (takesEverything(step) && index < terms.steps.length - 1) {
      const facts = { step: terms.steps[index + 1]!.id };
      findings.push(finding('unreachable_step', 'error', { facts, clause: step.id }));
    }
  }
  if (!terms.steps.some(takesEverything)) {
    const clause = terms.steps.at(-1)!.id;
    findings.push(finding('incomplete_waterfall', 'warning', { clause }));
  }
  for (const each of terms.parties) {
    if (each.account !== undefined) continue;
    findings.push(
      finding('missing_account', 'warning', { facts: { party: each.id }, clause: 'parties' }),
    );
  }
  return [...findings, ...checkNets(terms), ...checkSides(terms, parties)];
}

/** Named sources whose figures a step looks at. */
export function booksIn(step: WaterfallStep): string[] {
  const per = step.kind === 'flat' ? step.per?.book : undefined;
  return [step.when.reached?.book, per].flatMap((book) => book ?? []);
}

/** Nets are defined once, by steps that have taken their part before anybody participates. */
function checkNets({ nets = [], steps }: WaterfallTerms): Finding[] {
  const findings: Finding[] = [];
  const ids = new Set(steps.map((each) => each.id));
  for (const net of nets) {
    if (ids.has(net.id)) findings.push(finding('duplicate_clause', 'error', { clause: net.id }));
    ids.add(net.id);
    const costs = net.costs;
    if (costs !== undefined && costs.amount === undefined && costs.expenses.length === 0) {
      const facts = { party: net.id };
      findings.push(finding('empty_target', 'error', { facts, clause: net.id }));
    }
    const first = steps.findIndex((each) => each.kind === 'participation' && each.of === net.id);
    for (const step of net.less ?? []) {
      const place = steps.findIndex((each) => each.id === step);
      if (place !== -1 && (first === -1 || place < first)) continue;
      const code = place === -1 ? 'unknown_amount' : 'unordered_net';
      findings.push(finding(code, 'error', { facts: { amount: step }, clause: net.id }));
    }
  }
  const known = new Set(nets.map((each) => each.id));
  for (const step of steps) {
    if (step.kind !== 'participation' || known.has(step.of)) continue;
    const facts = { amount: step.of };
    findings.push(finding('unknown_amount', 'error', { facts, clause: step.id }));
  }
  return findings;
}

function takersOf(step: WaterfallStep): string[] {
  if (step.kind === 'recoup') return step.takers.map((each) => each.to);
  if (step.kind === 'split') return step.shares.map((each) => each.to);
  return step.kind === 'reserve' ? [] : [step.to];
}

/** A whole split without condition or threshold leaves nothing to the steps below. */
function takesEverything(step: WaterfallStep): boolean {
  return (
    step.kind === 'split' &&
    step.until === undefined &&
    Object.keys(step.when).length === 0 &&
    compareRatio(sumRatios(step.shares.map((each) => parseRatio(each.share)!)), ONE) === 0
  );
}

function checkStep(step: WaterfallStep, accounts: Map<string, string>): Finding[] {
  const findings: Finding[] = [];
  const { from, to } = step.when;
  if (from !== undefined && to !== undefined && to < from) {
    findings.push(finding('reversed_dates', 'error', { facts: { from, to }, clause: step.id }));
  }
  if (step.kind === 'split') findings.push(...checkDivision(step));
  if (step.kind === 'flat' && step.per !== undefined) {
    const { measure, every } = step.per;
    const size = measure === 'gross' ? parseYuan(every) : /^\d+$/.test(every) && BigInt(every);
    if (typeof size !== 'bigint' || size <= 0n)
      findings.push(
        finding('invalid_threshold', 'error', { facts: { above: every }, clause: step.id }),
      );
  }
  if (step.kind === 'recoup') {
    for (const target of step.takers) {
      if (target.amount === undefined && target.expenses.length === 0) {
        findings.push(
          finding('empty_target', 'error', { facts: { party: target.to }, clause: step.id }),
        );
      }
      for (const account of target.expenses) {
        const other = accounts.get(account);
        if (other !== undefined) {
          findings.push(
            finding('circular_recoupment', 'error', { facts: { account, other }, clause: step.id }),
          );
        }
        accounts.set(account, step.id);
      }
    }
  }
  return findings;
}

function checkDivision(step: WaterfallStep & { kind: 'split' }): Finding[] {
  const findings: Finding[] = [];
  const total = step.shares.reduce((left, each) => addRatio(left, parseRatio(each.share)!), ZERO);
  const order = compareRatio(total, ONE);
  if (order > 0) {
    const facts = { shares: formatRatio(total), total: '100%' };
    findings.push(finding('excessive_shares', 'error', { facts, clause: step.id }));
  }
  if (step.until?.measure === 'paid') {
    const taker = step.shares.find((each) => each.to === step.until!.of);
    if (taker === undefined || parseRatio(taker.share)!.numerator === 0n) {
      const facts = { party: step.until.of ?? '' };
      findings.push(finding('unreachable_threshold', 'error', { facts, clause: step.id }));
    }
  }
  return findings;
}

function checkSides(terms: WaterfallTerms, parties: ReadonlySet<string>): Finding[] {
  const sides = [
    ...terms.obligations.flatMap(
      (each) =>
        [
          [each.id, each.from],
          [each.id, each.to],
        ] as const,
    ),
    ...terms.withholding.flatMap(
      (each) =>
        [
          [each.id, each.party],
          [each.id, each.to],
        ] as const,
    ),
  ];
  return sides.flatMap(([clause, party]) =>
    parties.has(party) ? [] : [finding('unknown_party', 'error', { facts: { party }, clause })],
  );
}
