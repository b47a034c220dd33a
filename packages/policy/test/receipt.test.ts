import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson, digestJson } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BoundInput,
  type BudgetInput,
  checkInstrument,
  DOCUMENT_CHARACTERS_MAX,
  HUNAN_2023_55,
  makeReceipt,
  parseDocument,
  readClaim,
  readDecisions,
  readInstrument,
  type Receipt,
  receiptText,
  replayReceipt,
  STACK_DEFAULTS,
  type StackingInput,
} from '../src/index.ts';
import { CRYPTOGRAPHY, decided, facts, wan } from './support.ts';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), 'golden');

const bound = (item: string, values: Parameters<typeof facts>[0], more = {}): BoundInput => ({
  instrument: HUNAN_2023_55,
  decisions: [decided('R4.4', '1/20')],
  eventDate: '2025-06-30',
  knownOn: '2025-12-31',
  claim: { item, appliedOn: '2025-07-01', facts: facts(values) },
  ...more,
});
const stackClaim = (id: string, amountFen: string, instrument: string) => ({
  id,
  instrument,
  jurisdiction: 'province' as const,
  own: instrument === HUNAN_2023_55.code,
  item: 'M8.5',
  kinds: ['training-base'],
  objects: ['base 1'],
  costs: [],
  appliedOn: '2025-03-01',
  amountFen,
  caps: ['g'],
});
const STACKING: StackingInput = {
  claims: [stackClaim('a', '100', HUNAN_2023_55.code), stackClaim('b', '120', 'other')],
  paid: [],
  remaining: { g: '110' },
  readings: STACK_DEFAULTS,
};
const BUDGET: BudgetInput = {
  claims: ['a', 'b', 'c'].map((id) => ({
    id,
    amountFen: String(wan(100)),
    appliedAt: '2025-03-01T00:00:00+08:00',
  })),
  budgetFen: String(wan(200)),
  mode: 'pro_rata',
  fit: 'stop',
};

const KEPT: Readonly<Record<string, () => Receipt>> = {
  'bound-m8.5': () =>
    makeReceipt(
      CRYPTOGRAPHY,
      'bound',
      bound('M8.5', { 'base.kind': 'college', 'base.cost': String(wan(900)) }),
    ),
  'bound-m4.4': () =>
    makeReceipt(
      CRYPTOGRAPHY,
      'bound',
      bound('M4.4', {
        'applicant.kind': 'enterprise',
        'applicant.leading': true,
        'orders.this_year': String(wan(1000)),
        'orders.last_year': String(wan(800)),
      }),
    ),
  'bound-m4.2-refused': () =>
    makeReceipt(CRYPTOGRAPHY, 'bound', bound('M4.2', { 'centre.recognised': 'city' })),
  stacking: () => makeReceipt(CRYPTOGRAPHY, 'stacking', STACKING),
  budget: () => makeReceipt(CRYPTOGRAPHY, 'budget', BUDGET),
};

const codesOf = (text: string) => {
  const replayed = replayReceipt(CRYPTOGRAPHY, text);
  return replayed.ok ? [] : [...new Set(replayed.findings.map(({ code }) => code))];
};

/** Anybody can write a receipt and its digest. */
const signed = (content: object) =>
  canonicalJson({ ...content, digest: digestJson(CRYPTOGRAPHY, content) });

/** White space between members changes no receipt. */
function isSame(mutated: string, text: string): boolean {
  try {
    return canonicalJson(JSON.parse(mutated)) === text;
  } catch {
    return false;
  }
}

describe('receipts', () => {
  it('[PO15] those kept in the repository replay to the same bytes for ever', () => {
    // Written once, when a file is missing, and never again: an engine that computes another
    // result must raise ENGINE instead.
    if (process.env['POLICY_GOLDEN'] === 'write') {
      mkdirSync(GOLDEN, { recursive: true });
      for (const [name, make] of Object.entries(KEPT)) {
        const path = join(GOLDEN, `${name}.json`);
        if (!existsSync(path)) writeFileSync(path, `${receiptText(make())}\n`);
      }
    }
    const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const name of files) {
      const text = readFileSync(join(GOLDEN, name), 'utf8').trimEnd();
      const replayed = replayReceipt(CRYPTOGRAPHY, text);
      expect(replayed.ok, `${name}: ${JSON.stringify(replayed.findings)}`).toBe(true);
      if (!replayed.ok) continue;
      expect(receiptText(replayed.value.receipt)).toBe(text);
      expect(canonicalJson(replayed.value.fresh)).toBe(
        canonicalJson(replayed.value.receipt.result),
      );
    }
  });

  it('[PO15] a change of rules changes no receipt, and names the version it used', () => {
    const first = KEPT['bound-m8.5']!();
    const stricter = {
      ...HUNAN_2023_55,
      rules: HUNAN_2023_55.rules.flatMap((rule) =>
        rule.item === 'M8.5'
          ? [rule, { ...rule, version: 2, replaces: 1, recorded: '2025-01-01', condition: null }]
          : [rule],
      ),
    };
    const input = bound('M8.5', { 'base.kind': 'college', 'base.cost': String(wan(900)) });
    const second = makeReceipt(CRYPTOGRAPHY, 'bound', { ...input, instrument: stricter });
    expect((first.result as { rule: string }).rule).toBe('M8.5@1');
    expect((second.result as { rule: string }).rule).toBe('M8.5@2');
    expect(codesOf(receiptText(first))).toEqual([]);
    expect(codesOf(receiptText(second))).toEqual([]);
    // Another item's rules are not part of it: changing them changes no byte.
    const elsewhere = {
      ...HUNAN_2023_55,
      rules: HUNAN_2023_55.rules.filter(({ item }) => item !== 'M4.2'),
    };
    const third = makeReceipt(CRYPTOGRAPHY, 'bound', { ...input, instrument: elsewhere });
    expect(receiptText(third)).toBe(receiptText(first));
  });

  it('[PO15] the excerpt of a receipt answers as the whole instrument does', () => {
    for (const { item } of HUNAN_2023_55.rules) {
      const receipt = makeReceipt(CRYPTOGRAPHY, 'bound', bound(item, { 'applicant.kind': 'park' }));
      expect(codesOf(receiptText(receipt)), item).toEqual([]);
      const { instrument } = receipt.input as BoundInput;
      expect(instrument.rules.map((rule) => rule.item)).toEqual([item]);
      const undefinedNames = checkInstrument(instrument).filter(
        ({ severity }) => severity === 'error',
      );
      expect(undefinedNames).toEqual([]);
    }
  });

  it('[PO15] an altered, invented or future receipt is refused', () => {
    const text = receiptText(KEPT['bound-m8.5']!());
    const altered = text.replace('"90000000', '"95000000');
    expect(altered).not.toBe(text);
    expect(codesOf(altered)).toEqual(['mismatched_receipt_digest']);
    expect(codesOf(text.replace('"engine":1', '"engine":2'))).toEqual(['unknown_engine']);
    // A result that does not follow, signed with its own digest.
    const receipt = KEPT['budget']!();
    const { digest: _, ...content } = receipt;
    const forged = { ...content, result: { ok: true } };
    expect(codesOf(signed(forged))).toEqual(['mismatched_receipt_result']);
    expect(codesOf('{}')).toContain('missing_document_member');
    expect(codesOf('not JSON')).toEqual(['malformed_document']);
    expect(codesOf(' '.repeat(DOCUMENT_CHARACTERS_MAX + 1))).toEqual(['excessive_document']);
  });
});

describe('documents from anywhere', () => {
  it('[PO20] the instrument reads back as itself', () => {
    const parsed = parseDocument(JSON.stringify(HUNAN_2023_55));
    const read = readInstrument(parsed.ok ? parsed.value : undefined);
    expect(read).toEqual({ ok: true, value: HUNAN_2023_55, findings: [] });
    expect(readInstrument({ ...HUNAN_2023_55, more: 1 }).ok).toBe(false);
    const endless = { ...HUNAN_2023_55, validity: { ...HUNAN_2023_55.validity, to: [] } };
    expect(readInstrument(endless).findings[0]?.code).toBe('missing_validity');
  });

  it('[PO20] names the place of what is wrong', () => {
    const read = readClaim({
      item: 'M4.2',
      appliedOn: '2025-02-30',
      facts: { a: { value: null } },
    });
    expect(read.findings.map(({ at }) => at['path'])).toEqual(['$.appliedOn', '$.facts.a.value']);
    expect(readDecisions([{ parameter: 'A1' }]).findings.length).toBeGreaterThan(3);
  });

  it('[PO20] conditions nested beyond reason are refused, not run', () => {
    let condition: unknown = { test: 'parameter', parameter: 'A1', value: 'printed' };
    for (let i = 0; i < 5_000; i++) condition = { test: 'not', of: condition };
    const rules = [{ ...HUNAN_2023_55.rules[0], condition }];
    expect(readInstrument({ ...HUNAN_2023_55, rules }).ok).toBe(false);
    let amount: unknown = { amount: 'unset' };
    for (let i = 0; i < 5_000; i++) amount = { amount: 'rate', of: amount, rate: '1' };
    const wide = [{ ...HUNAN_2023_55.rules[0], bound: amount }];
    expect(readInstrument({ ...HUNAN_2023_55, rules: wide }).ok).toBe(false);
    expect(codesOf(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toEqual(['invalid_document']);
  });

  it('[PO20] rules in a receipt that nobody checked are a finding, never a throw', () => {
    const { digest: _, ...made } = KEPT['bound-m8.5']!();
    const input = made.input as BoundInput;
    const text = { amount: 'fact', fact: 'base.kind' } as const;
    const lone = { test: 'fact', fact: 'base.kind', compare: 'more', value: true } as const;
    for (const more of [
      { parameters: ['A99'] },
      { bound: text },
      { eligibleCost: text },
      { bound: { amount: 'per_unit', fact: 'base.kind', fen: '1', baseline: 0 } },
      { condition: lone },
    ]) {
      const rules = input.instrument.rules.map((rule) => ({ ...rule, ...more }));
      const hostile = { ...made, input: { ...input, instrument: { ...input.instrument, rules } } };
      expect(codesOf(signed({ ...hostile, result: {} }))).toEqual(['mismatched_receipt_result']);
    }
  });

  it('[PO20] no mutation of a receipt throws', () => {
    const text = receiptText(KEPT['stacking']!());
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.nat(40),
        fc.string({ maxLength: 6 }),
        (at, cut, put) => {
          const mutated = text.slice(0, at) + put + text.slice(at + cut);
          const replayed = replayReceipt(CRYPTOGRAPHY, mutated);
          expect(replayed.ok).toBe(isSame(mutated, text));
        },
      ),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readInstrument(value).ok).toBe(false);
        expect(readClaim(value).ok).toBe(false);
        expect(replayReceipt(CRYPTOGRAPHY, JSON.stringify(value)).ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
