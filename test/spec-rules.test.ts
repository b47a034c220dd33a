import { describe, expect, it } from 'vitest';
import {
  describeSource,
  faultsText,
  filesBelow,
  isSource,
  readText,
} from './discipline/sources.ts';
import { definedRules, namedRules, ruleFaults } from './discipline/spec-rules.ts';

describe('the rules of this repository', () => {
  const files = ['packages', 'apps', 'test'].flatMap((folder) => filesBelow(folder));
  const specs = files
    .filter((path) => path.endsWith('/SPEC.md'))
    .map((path) => ({ path, text: readText(path) }));
  const tests = files
    .filter((path) => isSource(path) && /\.test\.tsx?$/.test(path))
    // These files quote rules that do not exist in order to prove that they would be found.
    .filter((path) => path !== 'test/spec-rules.test.ts')
    .map((path) => describeSource(path, readText(path)));

  it('every package has a SPEC', () => {
    const packages = files
      .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
      .map((path) => path.replace('package.json', 'SPEC.md'));
    const present = new Set(specs.map((spec) => spec.path));
    expect(packages.filter((path) => !present.has(path))).toEqual([]);
  });

  it('every rule has a test and every test a rule', () => {
    expect(specs.flatMap(definedRules).length).toBeGreaterThan(40);
    expect(faultsText(ruleFaults(specs, tests))).toBe('');
  });
});

describe('the rules test can fail', () => {
  const spec = {
    path: 'packages/x/SPEC.md',
    text: '# X\n\n- [XX1] One.\n- **[XX2]** Two, see [XX1].\n```\n- [XX9] Not a rule.\n```\n',
  };
  const test = (text: string) => describeSource('packages/x/test/x.test.ts', text);
  const faults = (text: string, specs = [spec]) => faultsText(ruleFaults(specs, [test(text)]));

  it('finds rules at the head of items only, outside code', () => {
    expect(definedRules(spec).map((rule) => rule.id)).toEqual(['XX1', 'XX2']);
    const table = { path: 'SPEC.md', text: '| [YY1] | one |\n3. [YY2] two\n## [YY3] three\n' };
    expect(definedRules(table).map((rule) => rule.id)).toEqual(['YY1', 'YY2', 'YY3']);
  });

  it('finds names in every kind of title', () => {
    const named = namedRules(
      test(`
        describe('[XX1] a', () => {
          it.each([1])('[XX2] b %s', () => {});
          test.concurrent(\`[XX3] \${1}\`, () => {});
          it.skipIf(absent)('[XX4] ' + 'c', () => {});
          expect('[XX5]').toBe(1);
          it.skip('[XX6] d', () => {});
          it.todo('[XX7] e');
        });`),
    );
    expect(named.map((each) => each.id)).toEqual(['XX1', 'XX2', 'XX3', 'XX4']);
  });

  it('accepts rules that are tested', () => {
    expect(faults("it('[XX1] [XX2] both', () => {});")).toBe('');
  });

  it('reports a rule without a test', () => {
    expect(faults("it('[XX1] one', () => {});")).toContain('rule without a test: XX2');
  });

  it('reports a test of an unknown rule', () => {
    const text = "it('[XX1] [XX2] [XX3] all', () => {});";
    expect(faults(text)).toBe('packages/x/test/x.test.ts:1  test of an unknown rule: XX3');
  });

  it('reports a rule defined twice, letters shared, and a SPEC without rules', () => {
    const text = "it('[XX1] [XX2] both', () => {});";
    expect(faults(text, [{ ...spec, text: `${spec.text}- [XX1] Again.\n` }])).toContain('twice');
    const other = { path: 'packages/y/SPEC.md', text: '- [XX8] Eight.\n' };
    expect(faults(text, [spec, other])).toContain('letters of two SPECs: XX');
    expect(faults(text, [spec, { ...other, text: '# Y\n' }])).toContain('SPEC without rules');
  });
});
