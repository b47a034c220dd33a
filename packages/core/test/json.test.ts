import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFault, CANONICAL_DEPTH_MAX, canonicalJson, digestJson } from '../src/index.ts';
import { nodeCryptography } from './node-cryptography.ts';

/** The same value with the members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, each]) => [name, shuffled(each)] as const);
  return Object.fromEntries(members.reverse());
}

describe('canonical JSON', () => {
  it('[CO37] one text for one value, which JSON reads back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('[CO37] the example of RFC 8785 section 3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('[CO37] members are sorted by UTF-16 code units, as RFC 8785 section 3.2.3 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)[0]).toBe('One');
    expect([...canonicalJson(value).matchAll(/:"(\w+)/g)].map((match) => match[1])).toEqual([
      'Carriage',
      'One',
      'Control',
      'Latin',
      'Euro',
      'Emoji',
      'Hebrew',
    ]);
  });

  it('[CO37] big integers are decimal strings and undefined members are left out', () => {
    expect(canonicalJson({ b: 2n ** 70n, a: undefined, c: -0 })).toBe(
      '{"b":"1180591620717411303424","c":0}',
    );
    expect(canonicalJson({ fen: 5n })).toBe(canonicalJson({ fen: '5' }));
    expect(canonicalJson(Object.assign(Object.create(null) as object, { z: 1 }))).toBe('{"z":1}');
  });

  it('[CO37] the digest is that of the text in UTF-8', () => {
    expect(digestJson(nodeCryptography, {})).toBe(
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    );
    expect(digestJson(nodeCryptography, { 片: '影' })).not.toBe(digestJson(nodeCryptography, {}));
  });

  it('[CO38] the limit of depth is exact', () => {
    const nested = (levels: number): unknown => (levels === 0 ? {} : [nested(levels - 1)]);
    const inMembers = (levels: number): unknown =>
      levels === 0 ? [] : { a: inMembers(levels - 1) };
    for (const make of [nested, inMembers]) {
      expect(() => canonicalJson(make(CANONICAL_DEPTH_MAX))).not.toThrow();
      expect(() => canonicalJson(make(CANONICAL_DEPTH_MAX + 1))).toThrow(AssertionFault);
    }
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  let deep: unknown = 1;
  for (let i = 0; i <= CANONICAL_DEPTH_MAX; i++) deep = [deep];
  it.each([
    [NaN],
    [Infinity],
    ['\ud800'],
    [{ '\udc00': 1 }],
    [undefined],
    [[undefined]],
    [Array(1)],
    [() => 1],
    [Symbol('x')],
    [new Date(0)],
    [new Map([[1, 2]])],
    [new Uint8Array(2)],
    [{ at: new Date(0) }],
    [circle],
    [deep],
  ])('[CO38] what JSON cannot carry is a fault (%#)', (value) => {
    expect(() => canonicalJson(value)).toThrow(AssertionFault);
  });
});
