import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FactAssertion,
  mergeFacts,
  watchCertificate,
  type WatchedCertificate,
} from '../src/index.ts';

const DAY = 86_400_000;
let next = 0;
const says = (
  source: string,
  value: string | undefined,
  over: Partial<FactAssertion> = {},
): FactAssertion => ({
  id: `a${next++}`,
  fact: 'seats',
  value,
  source,
  precedence: source === 'cinema' ? 10 : 20,
  validFrom: 0,
  validTo: undefined,
  recordedAt: 0,
  retractedAt: undefined,
  ...over,
});
const now = { on: 100 * DAY, known: 100 * DAY };

describe('facts of several sources', () => {
  it('[FA15] takes the source that goes first and tells who says otherwise', () => {
    const list = says('list', '120', { recordedAt: 5 });
    const [fact] = mergeFacts([list, says('cinema', '118')], now);
    expect(fact).toMatchObject({ value: '118', resolved: false, conflicts: [list] });
    expect(mergeFacts([says('list', '118'), says('cinema', '118')], now)[0]!.conflicts).toEqual([]);
    const later = mergeFacts([says('list', '1'), says('list', '2', { recordedAt: 9 })], now);
    expect(later[0]).toMatchObject({ value: '2', conflicts: [] });
  });

  it('[FA16] keeps a resolution until a source says something new', () => {
    const both = [says('list', '120'), says('cinema', '118')];
    const heard = [{ fact: 'seats', value: '120', resolvedAt: 50 }];
    const [fact] = mergeFacts(both, now, heard);
    expect(fact).toMatchObject({ value: '120', resolved: true, conflicts: [] });
    expect(fact!.assertion!.source).toBe('list');
    const [fresh] = mergeFacts([...both, says('list', '121', { recordedAt: 60 })], now, heard);
    expect(fresh).toMatchObject({ value: '118', resolved: false });
  });

  it('[FA17] tells what held on a day, and what was known of it when', () => {
    const first = says('cinema', 'old', { validFrom: 0, validTo: 30 * DAY });
    const second = says('cinema', 'new', { validFrom: 30 * DAY, recordedAt: 30 * DAY });
    const at = (on: number, known: number) =>
      mergeFacts([first, second], { on: on * DAY, known: known * DAY })[0]?.value;
    expect([at(3, 90), at(29, 90), at(30, 90), at(90, 90)]).toEqual(['old', 'old', 'new', 'new']);
    expect(at(40, 20)).toBeUndefined();
    // A certificate that was entered a week late was there all the week, and nobody knew.
    const late = says('cinema', 'late', { validFrom: 10 * DAY, recordedAt: 17 * DAY });
    const wrong = { ...first, validTo: undefined, retractedAt: 17 * DAY };
    const was = (known: number) =>
      mergeFacts(
        [wrong, { ...first, id: 'again', validTo: 10 * DAY, recordedAt: 17 * DAY }, late],
        {
          on: 12 * DAY,
          known: known * DAY,
        },
      )[0]?.value;
    expect([was(16), was(17)]).toEqual(['old', 'late']);
  });

  it('[FA15] does not depend on the order of the words', () => {
    const word = fc.record({
      source: fc.constantFrom('cinema', 'list', 'feed'),
      value: fc.constantFrom('1', '2', undefined),
      recordedAt: fc.nat(5),
      validFrom: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.nat(100), (words, turn) => {
        const all = words.map(({ source, value, ...over }) => says(source, value, over));
        const turned = [...all.slice(turn % 8), ...all.slice(0, turn % 8)].toReversed();
        expect(mergeFacts(turned, now)).toEqual(mergeFacts(all, now));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the certificate watch', () => {
  const certificate: WatchedCertificate = {
    thumbprint: 'abc=',
    notBefore: 0,
    notAfter: 200 * DAY,
    roles: ['SM', 'SPB'],
    maker: 'Maker',
    keysOfFormer: 0,
  };
  const list = {
    now: 100 * DAY,
    trusted: new Set(['abc=']),
    makers: new Set(['maker']),
    warnDays: 60,
  };
  const found = (over: Partial<WatchedCertificate>, given: Partial<typeof list> = {}) =>
    watchCertificate({ ...certificate, ...over }, { ...list, ...given }).map((each) => each.code);

  it('[FA18] finds what speaks against keys for it, the gravest first', () => {
    expect(found({})).toEqual([]);
    expect(found({ notAfter: 100 * DAY })).toEqual(['expired_certificate']);
    expect(found({ notAfter: 159 * DAY })).toEqual(['expiring_certificate']);
    expect(found({ notAfter: 160 * DAY })).toEqual([]);
    expect(found({ notBefore: 101 * DAY })).toEqual(['early_certificate']);
    expect(found({ roles: ['LD'] })).toEqual(['mismatched_role']);
    expect(found({ thumbprint: 'x' })).toEqual(['untrusted_device']);
    expect(found({ maker: 'Other' })).toEqual(['unknown_maker']);
    expect(found({ maker: undefined, keysOfFormer: 2 })).toEqual([
      'replaced_certificate',
      'unknown_maker',
    ]);
    const none = watchCertificate(undefined, list).map((each) => each.code);
    expect(none).toEqual(['missing_watched_certificate']);
    const open = { ...list, trusted: undefined, makers: undefined };
    expect(watchCertificate({ ...certificate, thumbprint: 'x', maker: 'y' }, open)).toEqual([]);
  });
});
