import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JobWords, jobWordFaults } from './discipline/job-words.ts';
import {
  allSources,
  describeSource,
  type Fault,
  faultsText,
  filesBelow,
  readText,
  ROOT,
  type Source,
} from './discipline/sources.ts';
import {
  catalogueFaults,
  commentFaults,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  lonelyFaults,
  sizeFaults,
  titleFaults,
  unwordedFaults,
  type Wording,
  wordFaults,
  wordingFaults,
  workshopFaults,
} from './discipline/tidy.ts';

const FILES = filesBelow('').filter((path) => path !== 'package-lock.json' && path !== 'LICENSE');
const TEXT = /\.(?:ts|tsx|mjs|md|json|css|html|sql|yml|yaml|sh|txt)$/;

describe('this repository is tidy', () => {
  let sources: readonly Source[] = [];
  beforeAll(() => {
    sources = allSources();
  });
  const each = (judge: (source: Source) => Fault[]) => faultsText(sources.flatMap(judge));

  it('lines, functions and files are short', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(each(sizeFaults)).toBe('');
  });

  it('nothing is unfinished, nameless or lonely', () => {
    expect(each(wordFaults)).toBe('');
  });

  it('every export of a package is explained', () => {
    expect(each(commentFaults)).toBe('');
  });

  it('every job and every step of it has words', () => {
    const catalogue = readText('apps/web/src/kernel/locale/zh-CN.json');
    const { job: words } = JSON.parse(catalogue) as { job: JobWords };
    const servers = sources.filter(({ path }) => path.startsWith('apps/server/src/'));
    expect(faultsText(servers.flatMap((source) => jobWordFaults(source, words)))).toBe('');
  });

  it('every source is imported or named by somebody', () => {
    const namings = FILES.filter((path) => /\.(?:json|html|mjs)$|vite\.config\.ts$/.test(path)).map(
      (path) => ({ path, text: readText(path) }),
    );
    expect(faultsText(lonelyFaults(sources, namings))).toBe('');
  });

  it('every page has one title', () => {
    const pages = FILES.filter((path) => path.endsWith('.md'));
    expect(faultsText(pages.flatMap((path) => titleFaults(path, readText(path))))).toBe('');
  });

  it('files speak of the work, not of the workshop', () => {
    const texts = FILES.filter((path) => TEXT.test(path));
    expect(faultsText(texts.flatMap((path) => workshopFaults(path, readText(path))))).toBe('');
  });
});

type Codes = { readonly FINDING_TEXTS?: Readonly<Record<string, Wording>> };

describe('every text has both languages', () => {
  const worded = FILES.filter((path) => /^(?:packages|apps)\/[^/]+\/src\/codes\.ts$/.test(path));

  it('every package words its findings', () => {
    const packages = FILES.filter((path) => /^packages\/[^/]+\/package\.json$/.test(path));
    const silent = packages
      .map((path) => path.replace('package.json', 'src/codes.ts'))
      .filter((path) => !existsSync(join(ROOT, path)));
    expect(silent).toEqual([]);
  });

  it('wordings of findings', async () => {
    expect(worded.length).toBeGreaterThan(2);
    const faults: Fault[] = [];
    const sources = allSources();
    for (const path of worded) {
      const { FINDING_TEXTS } = (await import(join(ROOT, path))) as Codes;
      expect(FINDING_TEXTS, `${path} exports FINDING_TEXTS`).toBeDefined();
      faults.push(...wordingFaults(path, FINDING_TEXTS!));
      const folder = path.replace('/src/codes.ts', '');
      faults.push(...unwordedFaults(sources, folder, new Set(Object.keys(FINDING_TEXTS!))));
    }
    expect(faultsText(faults)).toBe('');
  });

  it('catalogues of the product', async () => {
    const catalogue = /(?:^|\/)(zh-CN|en)\.(?:ts|json)$/;
    const found = FILES.filter((path) => path.startsWith('apps/') && catalogue.test(path));
    const faults: Fault[] = [];
    for (const path of found) {
      const other = path.replace(catalogue, (whole, locale: string) =>
        whole.replace(locale, locale === 'en' ? 'zh-CN' : 'en'),
      );
      if (!found.includes(other)) {
        faults.push({ rule: 'missing catalogue', at: path, what: `there is no ${other}` });
      } else if (path.includes('zh-CN')) {
        faults.push(...catalogueFaults(path, await catalogueOf(path), await catalogueOf(other)));
      }
    }
    expect(faultsText(faults)).toBe('');
  });
});

/** The texts of a catalogue: its JSON, its default export, or its one named export. */
async function catalogueOf(path: string): Promise<unknown> {
  if (path.endsWith('.json')) return JSON.parse(readText(path)) as unknown;
  const loaded = (await import(join(ROOT, path))) as Readonly<Record<string, unknown>>;
  return loaded['default'] ?? Object.values(loaded)[0];
}

describe('the tidy test can fail', () => {
  const source = (text: string, path = 'packages/x/src/a.ts') => describeSource(path, text);
  const rules = (faults: readonly Fault[]) => faults.map((each) => each.rule);
  const long = `const a = '${'word '.repeat(25)}';\n`;

  it('long lines', () => {
    expect(rules(sizeFaults(source(long)))).toEqual(['line too long']);
    expect(sizeFaults(source(`// Table: copied from annex B of a standard\n${long}`))).toEqual([]);
    expect(rules(sizeFaults(source(`// Table: short\n${long}`)))).toEqual(['line too long']);
    expect(sizeFaults(source(`const a = '${'f'.repeat(128)}';\n`))).toEqual([]);
    expect(sizeFaults(source(`const a = '${'影片 '.repeat(25)}';\n`))).toEqual([]);
  });

  it('long functions and files', () => {
    const body = 'f();\n'.repeat(FUNCTION_LINES_MAX);
    const made = rules(
      sizeFaults(source(`function f() {\n${body}}\nconst g = () => {\n${body}};`)),
    );
    expect(made).toEqual(['function too long', 'function too long']);
    expect(rules(sizeFaults(source(`it('x', () => {\n${body}});`)))).toEqual(['function too long']);
    expect(sizeFaults(source(`describe('x', () => {\n${body}});`))).toEqual([]);
    expect(sizeFaults(source('f();\n'.repeat(FILE_LINES_MAX)))).toEqual([]);
    expect(rules(sizeFaults(source('f();\n'.repeat(FILE_LINES_MAX + 1))))).toEqual([
      'file too long',
    ]);
  });

  it('unfinished work, lonely tests, empty names', () => {
    expect(rules(wordFaults(source(`// ${'TO' + 'DO'}: later`)))).toEqual(['unfinished']);
    expect(rules(wordFaults(source("it.only('x', () => {});")))).toEqual(['lonely test']);
    expect(rules(wordFaults(source("describe.only.each([1])('x', f);")))).toEqual(['lonely test']);
    const nameless = source('f();', 'apps/server/src/utils/a.ts');
    expect(rules(wordFaults(nameless))).toEqual(['name that says nothing']);
    expect(rules(wordFaults(source('f();', 'apps/x/src/helpers.ts')))).toHaveLength(1);
    expect(wordFaults(source('const todos = 1; // a to-do list'))).toEqual([]);
  });

  it('exports without a comment', () => {
    const text = `
      /** One. */
      export const one = 1;
      export const two = 2;
      // Not a doc comment.
      export function three() {}
      /** Four. */

      export type Four = 4;
      export { one as five };`;
    expect(commentFaults(source(text)).map((each) => each.what)).toEqual(['two', 'three']);
    expect(commentFaults(source(text, 'apps/server/src/a.ts'))).toEqual([]);
  });

  it('files nobody imports', () => {
    const house = [
      source(
        "import './b.ts';\nnew URL('./child.js', import.meta.url);",
        'packages/x/src/index.ts',
      ),
      source('f();', 'packages/x/src/b.ts'),
      source('f();', 'packages/x/src/child.ts'),
      source('f();', 'packages/x/src/built.ts'),
      source('f();', 'packages/x/src/lost.ts'),
      source("import '../src/lost.ts';", 'packages/x/test/a.test.ts'),
    ];
    const namings = [
      { path: 'packages/x/build.mjs', text: "build('src/built.ts')" },
      { path: 'packages/y/package.json', text: '"./src/lost.ts"' },
    ];
    expect(lonelyFaults(house, namings).map((each) => each.at)).toEqual(['packages/x/src/lost.ts']);
  });

  it('pages without one title at the top', () => {
    expect(titleFaults('a.md', '<!-- note -->\n# One\n\n```sh\n# a comment\n```\n')).toEqual([]);
    for (const text of [
      'text\n',
      '## Two\n',
      'text\n\n# One\n',
      '# One\n\n# Two\n',
      '# A\n```\n',
    ]) {
      expect(titleFaults('a.md', text), text).toHaveLength(1);
    }
  });

  it('speech about the workshop', () => {
    const spoken = [
      '/wo' + 'rk/main/x',
      'Cl' + 'aude wrote',
      'see issue #' + '12',
      "'/ro" + "ot/x'",
    ];
    for (const text of spoken) expect(workshopFaults('a.md', text), text).toHaveLength(1);
    expect(workshopFaults('a.md', 'a framework/, the work of a session, issue a key')).toEqual([]);
  });

  it('missing languages and placeholders', () => {
    const good: Wording = { zh: '{a} 错', en: 'wrong {a}' };
    expect(wordingFaults('x', { wrong_thing: good })).toEqual([]);
    expect(rules(wordingFaults('x', { wrong: good }))).toEqual(['code of a finding']);
    const faults = (wording: object) =>
      rules(wordingFaults('x', { wrong_thing: wording as Wording }));
    expect(faults({ en: 'x' })).toEqual(['missing translation']);
    expect(faults({ zh: '错', en: ' ' })).toEqual(['missing translation']);
    expect(faults({ ...good, remedy: { zh: '{b}', en: '' } })).toEqual(['missing translation']);
    expect(faults({ zh: '{b} 错', en: 'wrong {a}' })).toEqual(['mismatched placeholders']);
    const emitting = [source("finding('odd_thing', 'note'); finding(code, 'note');")];
    expect(unwordedFaults(emitting, 'packages/x', new Set(['odd_thing']))).toEqual([]);
    expect(rules(unwordedFaults(emitting, 'packages/x', new Set()))).toHaveLength(1);
  });

  it('catalogues that differ', () => {
    const zh = { page: { title: '影片', count: '{{count}} 部' } };
    const en = {
      page: { title: 'Film', count_one: '{{count}} film', count_other: '{{count}} films' },
    };
    expect(catalogueFaults('x', zh, en)).toEqual([]);
    expect(catalogueFaults('x', zh, { page: { title: 'Film' } })).toHaveLength(1);
    expect(catalogueFaults('x', { ...zh, more: '多' }, en)).toHaveLength(1);
    expect(catalogueFaults('x', { t: '{{a}}' }, { t: '{{b}}' })).toHaveLength(1);
  });

  it('jobs without words', () => {
    const words = { kind: { hall_work: '做' }, step: { read: '读' } };
    const judge = (text: string) => jobWordFaults(source(text), words).map(({ what }) => what);
    expect(judge("defineJob({ kind: 'hall.work' }); job.step('read', f);")).toEqual([]);
    expect(judge("defineJob<In>({ kind: 'hall.rest' })")).toEqual(['hall.rest']);
    expect(judge("await job.step('write', f); job.write<A>('keep', g);")).toEqual([
      'write',
      'keep',
    ]);
    expect(judge('job.step(`read ${at}`, f); job.step(`mail ${at}`, f);')).toEqual(['mail']);
  });
});
