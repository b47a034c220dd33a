import { describe, expect, it } from 'vitest';
import {
  BUNDLE_SCHEMA,
  type BundleStep,
  HUNAN_2023_55,
  makeReceipt,
  replayBundle,
  sealBundle,
  STACK_DEFAULTS,
} from '../src/index.ts';
import { CRYPTOGRAPHY, facts, wan } from './support.ts';

const GRANT = String(wan(120));
const claim = {
  item: 'M8.5',
  appliedOn: '2025-07-01',
  facts: facts({ 'base.kind': 'base', 'base.cost': String(wan(500)), 'base.construction': '0' }),
  review: { recommendedFen: GRANT },
};
const days = { eventDate: '2025-06-30', knownOn: '2025-12-31' };
const instrument = HUNAN_2023_55;
const bound = makeReceipt(CRYPTOGRAPHY, 'bound', { instrument, decisions: [], ...days, claim });
const stacking = makeReceipt(CRYPTOGRAPHY, 'stacking', {
  claims: [
    {
      id: 'c1',
      instrument: instrument.code,
      jurisdiction: 'province',
      own: true,
      item: 'M8.5',
      kinds: [],
      objects: ['base 1'],
      costs: [],
      appliedOn: '2025-07-01',
      amountFen: GRANT,
      caps: [],
    },
  ],
  paid: [],
  remaining: {},
  readings: STACK_DEFAULTS,
});
const LEFT = String(wan(100));
const division = makeReceipt(CRYPTOGRAPHY, 'budget', {
  claims: [{ id: 'c1', amountFen: GRANT, appliedAt: '2025-07-01T00:00:00Z', score: '90' }],
  budgetFen: LEFT,
  mode: 'rank',
  fit: 'cut',
});
const WAY = [
  ['submit', 'applicant', 'firm'],
  ['pass_check', 'officer', 'officer'],
  ['recommend', 'recommender', 'city'],
  ['pass_joint', 'officer', 'officer'],
  ['review', 'reviewer', 'expert'],
  ['propose', 'officer', 'second'],
  ['publish', 'officer', 'officer'],
  ['decide', 'approver', 'approver'],
] as const;
const steps: readonly BundleStep[] = WAY.map(([action, role, who], index) => ({
  number: index + 1,
  action,
  actorId: who,
  actor: who,
  role,
  on: `2025-08-0${index + 1}`,
  at: `2025-08-0${index + 1}T01:00:00Z`,
  reason: '理由',
  rule: null,
  receipts: action === 'propose' ? [bound.digest, stacking.digest] : [],
}));
const content = {
  schema: BUNDLE_SCHEMA,
  claim: { id: 'c1', item: 'M8.5', eventDate: '2025-06-30', state: 'decided', grantFen: LEFT },
  notice: { until: '2025-08-07' },
  objections: [{ at: '2025-08-07T01:00:00Z', answeredAt: '2025-08-07T02:00:00Z' }],
  divisions: [
    { at: '2025-08-05T02:00:00Z', digest: division.digest, fen: LEFT, receipt: division },
  ],
  steps,
  receipts: [bound, stacking],
} as const;

const codes = (document: unknown) =>
  replayBundle(CRYPTOGRAPHY, JSON.parse(JSON.stringify(document))).findings.map(
    ({ code }) => code,
  );
/** Whoever alters a record can seal it anew; what it says must still follow. */
const altered = (more: object) => codes(sealBundle(CRYPTOGRAPHY, { ...content, ...more }));
const withClaim = (more: object) => altered({ claim: { ...content.claim, ...more } });
const withStep = (action: string, more: object) =>
  altered({ steps: steps.map((each) => (each.action === action ? { ...each, ...more } : each)) });

describe('the record of a claim', () => {
  it('[PO31] follows from itself, with and without the receipts of others', () => {
    expect(altered({})).toEqual([]);
    const [{ receipt: _, ...kept }] = content.divisions;
    expect(altered({ divisions: [kept] })).toEqual([]);
    expect(codes({ ...sealBundle(CRYPTOGRAPHY, content), extra: 1 })).toEqual([
      'mismatched_bundle_digest',
    ]);
    expect(codes({ ...sealBundle(CRYPTOGRAPHY, content), claim: {} })).toEqual([
      'mismatched_bundle_digest',
    ]);
    for (const wrong of [null, 7, [], {}, { schema: BUNDLE_SCHEMA, digest: '' }]) {
      expect(codes(wrong)).toHaveLength(1);
    }
    expect(altered({ steps: null })).toEqual(['invalid_document']);
  });

  it('[PO31] an altered grant, division or receipt is found though it is sealed anew', () => {
    expect(withClaim({ grantFen: GRANT })).toEqual(['mismatched_bundle_grant']);
    expect(withClaim({ grantFen: null })).toEqual(['mismatched_bundle_grant']);
    expect(withClaim({ item: 'M8.4' })).toEqual(['mismatched_bundle_grant']);
    expect(withClaim({ eventDate: '2025-06-29' })).toEqual(['mismatched_bundle_grant']);
    expect(altered({ divisions: [] })).toEqual(['mismatched_bundle_grant']);
    expect(altered({ divisions: [{ ...content.divisions[0], fen: GRANT }] })).toEqual([
      'mismatched_bundle_division',
      'mismatched_bundle_grant',
    ]);
    expect(altered({ receipts: [bound] })).toEqual(['mismatched_bundle_grant']);
    expect(altered({ receipts: [bound, { ...stacking, result: {} }] })).toEqual([
      'mismatched_receipt_digest',
      'mismatched_bundle_grant',
    ]);
  });

  it('[PO31] an altered step, its order, person or day is found', () => {
    expect(withClaim({ state: 'paid' })).toEqual(['mismatched_bundle_state']);
    expect(withStep('review', { action: 'propose' })).toContain('unexpected_case_action');
    expect(altered({ steps: steps.toReversed() })).toContain('unexpected_case_action');
    expect(altered({ steps: steps.filter(({ number }) => number !== 3) })).toContain(
      'unexpected_case_action',
    );
    expect(withStep('decide', { actorId: 'second' })).toEqual(['missing_second_person']);
    expect(withStep('recommend', { reason: ' ' })).toEqual(['missing_case_reason']);
    expect(withStep('publish', { on: '2025-08-01' })).toEqual(['backward_case_step']);
    expect(altered({ notice: { until: '2025-08-08' } })).toEqual(['unfinished_notice']);
    const open = [{ at: '2025-08-07T01:00:00Z', answeredAt: null }];
    expect(altered({ objections: open })).toEqual(['open_objection']);
    const late = [{ at: '2025-08-07T01:00:00Z', answeredAt: '2025-08-09T01:00:00Z' }];
    expect(altered({ objections: late })).toEqual(['open_objection']);
  });
});
