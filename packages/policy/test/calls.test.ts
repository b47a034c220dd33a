import { describe, expect, it } from 'vitest';
import {
  callChangeKind,
  callChanges,
  type CallTerms,
  checkCallChange,
  checkCancelledCall,
} from '../src/index.ts';

const call: CallTerms = {
  title: '课程补助',
  direction: '人才',
  items: ['M8.4', 'M8.5'],
  opensOn: '2026-03-01',
  closesOn: '2026-06-30',
  noticeDays: 5,
  correctionDays: 5,
  objectionDays: 15,
  guide: '',
};
const standing = { on: '2026-05-01', cancelledOn: null, claimed: ['M8.4'] };
const codes = (more: Partial<CallTerms>, at: object = {}) =>
  checkCallChange(call, { ...call, ...more }, { ...standing, ...at }).map(({ code }) => code);

describe('calls after they were published', () => {
  it('[PO32] terms are put off and never cut short', () => {
    expect(codes({ closesOn: '2026-07-31' })).toEqual([]);
    expect(codes({ closesOn: '2026-06-29' })).toEqual(['shortened_call']);
    expect(codes({ closesOn: '2026-07-31' }, { on: '2026-08-01' })).toEqual(['shortened_call']);
    expect(codes({ closesOn: '2026-08-31' }, { on: '2026-08-01' })).toEqual([]);
    expect(codes({ noticeDays: 7, correctionDays: 5, objectionDays: 20 })).toEqual([]);
    expect(codes({ noticeDays: 4, objectionDays: 14 })).toEqual([
      'shortened_call',
      'shortened_call',
    ]);
    expect(codes({ opensOn: '2026-04-01' })).toEqual(['opened_call']);
    expect(codes({ opensOn: '2026-04-01' }, { on: '2026-02-01' })).toEqual([]);
    expect(codes({ opensOn: '2026-01-01' }, { on: '2026-02-01' })).toEqual(['opened_call']);
  });

  it('[PO32] what is claimed stays called for, and a version changes something', () => {
    expect(codes({ items: ['M8.4'] })).toEqual([]);
    expect(codes({ items: ['M8.5', 'M6.2'] })).toEqual(['claimed_call_item']);
    expect(codes({})).toEqual(['unchanged_call']);
    expect(codes({ items: ['M8.4', 'M8.5', 'M8.5'] })).toEqual(['unchanged_call']);
    expect(codes({ title: '别的' }, { cancelledOn: '2026-04-01' })).toEqual(['cancelled_call']);
  });

  it('[PO32] an extension is told apart, and what is proposed keeps a call from its end', () => {
    const kindOf = (more: Partial<CallTerms>) =>
      callChangeKind(callChanges(call, { ...call, ...more }));
    expect(kindOf({ closesOn: '2026-07-31' })).toBe('extended');
    expect(kindOf({ closesOn: '2026-07-31', guide: '补充说明' })).toBe('changed');
    expect(callChanges(call, { ...call, items: ['M8.4'], direction: '' })).toEqual([
      { term: 'direction', before: '人才', after: '' },
      { term: 'items', before: 'M8.4 M8.5', after: 'M8.4' },
    ]);
    expect(checkCancelledCall(null, 0)).toEqual([]);
    expect(checkCancelledCall(null, 2).map(({ code }) => code)).toEqual(['granted_call']);
    expect(checkCancelledCall('2026-04-01', 2).map(({ code }) => code)).toEqual(['cancelled_call']);
  });
});
