import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ignoreRules, PATTERNS_MAX } from '../src/index.ts';

const cases: readonly (readonly [
  pattern: string,
  path: string,
  folder: boolean,
  ignored: boolean,
])[] = [
  ['.DS_Store', '.DS_Store', false, true],
  ['.DS_Store', 'a/b/.DS_Store', false, true],
  ['ascmhl/', 'A001/ascmhl', true, true],
  ['ascmhl/', 'ascmhl', false, false],
  ['*.tmp', 'a/x.tmp', false, true],
  ['*.tmp', 'a/x.tmpx', false, false],
  ['/*.tmp', 'x.tmp', false, true],
  ['/*.tmp', 'a/x.tmp', false, false],
  ['a/b', 'a/b', false, true],
  ['a/b', 'c/a/b', false, false],
  ['**/a/b', 'c/d/a/b', false, true],
  ['a/**/b', 'a/b', false, true],
  ['a/**/b', 'a/x/y/b', false, true],
  ['a/**', 'a', true, false],
  ['a/**', 'a/x', false, true],
  ['a?c', 'abc', false, true],
  ['a?c', 'a/c', false, false],
  ['[a-c]x', 'bx', false, true],
  ['[!a-c]x', 'bx', false, false],
  ['[]]x', ']x', false, true],
  ['[x', '[x', false, true],
  ['\\*x', '*x', false, true],
  ['\\*x', 'ax', false, false],
  ['\\#x', '#x', false, true],
  ['#x', '#x', false, false],
  ['x   ', 'x', false, true],
  ['x\\ ', 'x ', false, true],
  ['影?', '影片', false, true],
  ['tmp/', 'tmp', true, true],
];

describe('patterns', () => {
  it.each(cases)('[MH10] %s against %s', (pattern, path, folder, ignored) => {
    expect(ignoreRules([pattern]).ignores(path, folder)).toBe(ignored);
  });

  it('[MH11] the last match decides; below an ignored folder nothing comes back', () => {
    const rules = ignoreRules(['*.mov', '!keep.mov', 'proxies/', '!proxies/keep.mov']);
    expect(rules.ignores('a.mov', false)).toBe(true);
    expect(rules.ignores('a/keep.mov', false)).toBe(false);
    expect(rules.ignoresDeep('proxies/keep.mov', false)).toBe(true);
  });

  it('[MH12] no pattern takes more than the product of the lengths', () => {
    const name = 'a'.repeat(2000);
    const patterns = [`${'*a'.repeat(500)}b`, `${'**/'.repeat(500)}b`, '[a-z]*'.repeat(300)];
    const deep = Array.from({ length: 500 }, () => 'a').join('/');
    for (const pattern of patterns) {
      expect(ignoreRules([pattern]).ignores(`${name}/${deep}`, false)).toBeTypeOf('boolean');
    }
    expect(ignoreRules(Array.from({ length: 5000 }, (_, i) => `p${i}`)).patterns.length).toBe(
      PATTERNS_MAX,
    );
  });

  it('[MH12] no text throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 5 }),
        fc.string({ minLength: 1 }),
        (patterns, path) => {
          expect(ignoreRules(patterns).ignores(path, false)).toBeTypeOf('boolean');
        },
      ),
      { numRuns: 300 },
    );
  });
});
