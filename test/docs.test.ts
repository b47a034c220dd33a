import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { filesBelow, readText, ROOT } from './discipline/sources.ts';
import type { Wording } from './discipline/tidy.ts';

type Link = { readonly target: string; readonly fragment: string | undefined };
type Page = {
  readonly html: string;
  readonly title: string;
  readonly links: readonly Link[];
  readonly ids: ReadonlySet<string>;
};
type Site = {
  findPages(from: string): string[];
  pageAddress(path: string): string;
  headingId(text: string): string;
  renderPage(path: string, markdown: string, isFolder?: (target: string) => boolean): Page;
  brokenLinks(pages: ReadonlyMap<string, Page>, from: string): string[];
  buildSite(from: string, out: string): Promise<number>;
};
type Catalogue = {
  readonly folder: string;
  readonly name: string;
  readonly about: string;
  readonly texts: Readonly<Record<string, Wording>>;
};
type Reference = {
  findingsPage(catalogues: readonly Catalogue[]): string;
  commandsPage(program: object): string;
  endpointsPage(groups: object): string;
  cell(text: string): string;
};
type Libraries = {
  readLibraries(root: string): Promise<readonly { readonly values: readonly object[] }[]>;
  librariesPage(libraries: object, cell: Reference['cell']): string;
};

// The tools are plain JavaScript, because they run before anything is compiled.
const site = (await import(join(ROOT, 'tools/docs-site.mjs'))) as Site;
const reference = (await import(join(ROOT, 'tools/reference.mjs'))) as Reference;

const libraries = (await import(join(ROOT, 'tools/reference-libraries.mjs'))) as Libraries;

const folders: string[] = [];
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-docs-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the documentation of this repository', () => {
  it('has no link that leads nowhere', () => {
    const isFolder = () => false;
    const pages = new Map(
      site
        .findPages(ROOT)
        .map((path) => [path, site.renderPage(path, readText(path), isFolder)] as const),
    );
    expect(pages.size).toBeGreaterThan(5);
    expect(site.brokenLinks(pages, ROOT)).toEqual([]);
  });

  it('explains every setting that a program reads', () => {
    const guides = filesBelow('docs/guides').map(readText).join('\n');
    const sources = filesBelow('apps').filter((path) => /^apps\/[^/]+\/src\/.*\.ts$/.test(path));
    const named = sources.flatMap(
      (path) => readText(path).match(/\bYINGLIAN_[A-Z0-9_]*[A-Z0-9]/g) ?? [],
    );
    // `_FILE` names a file with the value, wherever the guide says so once.
    const settings = new Set(named.map((name) => name.replace(/_FILE$/, '')));
    expect(settings.size).toBeGreaterThan(20);
    expect([...settings].filter((name) => !guides.includes(`${name}`)).sort()).toEqual([]);
  });

  it('lists every finding as the packages word it', async () => {
    const paths = ['packages', 'apps']
      .flatMap((floor) => filesBelow(floor))
      .filter((path) => /^[^/]+\/[^/]+\/src\/codes\.ts$/.test(path));
    const catalogues: Catalogue[] = [];
    for (const path of paths.toSorted()) {
      const folder = path.replace('/src/codes.ts', '');
      const { description } = JSON.parse(readText(`${folder}/package.json`)) as {
        readonly description: string;
      };
      const { FINDING_TEXTS } = (await import(join(ROOT, path))) as {
        readonly FINDING_TEXTS?: Catalogue['texts'];
      };
      if (FINDING_TEXTS === undefined) continue;
      const name = folder.split('/')[1]!;
      catalogues.push({ folder, name, about: description, texts: FINDING_TEXTS });
    }
    // `packages` before `apps`, as the tool reads them.
    const ordered = ['packages', 'apps'].flatMap((floor) =>
      catalogues.filter((each) => each.folder.startsWith(`${floor}/`)),
    );
    expect(outOfDate('findings.md', reference.findingsPage(ordered))).toBe('');
  });

  it('lists every command as the program takes it', async () => {
    const { createProgram } = await import('@yinglian/cli');
    const { program } = createProgram(new AbortController().signal, () => undefined);
    expect(outOfDate('commands.md', reference.commandsPage(program))).toBe('');
  });

  it('lists every endpoint of the contract', async () => {
    const { contract } = await import('@yinglian/contract');
    expect(outOfDate('endpoints.md', reference.endpointsPage(contract))).toBe('');
  });

  it('lists every library with what it exports, all of it explained', async () => {
    const all = await libraries.readLibraries(ROOT);
    expect(all.length).toBeGreaterThan(15);
    expect(all.flatMap((each) => each.values)).not.toContainEqual(
      expect.objectContaining({ says: '' }),
    );
    expect(outOfDate('libraries.md', libraries.librariesPage(all, reference.cell))).toBe('');
  });
});

function outOfDate(name: string, page: string): string {
  const stands = readText(`docs/reference/${name}`) === page;
  return stands ? '' : 'out of date: npm run build && node tools/reference.mjs';
}

describe('the site', () => {
  it('keeps places, headings and links', async () => {
    const from = project({
      'README.md':
        '# Film\n\nSee [the shape](ARCHITECTURE.md#two-nets-两网) and ![p](docs/p.png).\n',
      'ARCHITECTURE.md':
        '# Shape\n\n## Two nets 两网\n\n[up](README.md) [code](src/) `<b>` a<b>c</b>\n',
      'docs/guides/Cinema.md':
        '# Cinema\n\n[home](../../README.md) [shape](../../ARCHITECTURE.md)\n',
      'docs/p.png': 'picture',
      'src/a.ts': '',
    });
    const out = join(from, 'docs/site');
    expect(await site.buildSite(from, out)).toBe(4);
    const home = readFileSync(join(out, 'index.html'), 'utf8');
    expect(home).toContain('href="architecture.html#two-nets-%E4%B8%A4%E7%BD%91"');
    expect(home).toContain('<img src="p.png" alt="p"');
    expect(home).toContain('<html lang="en">');
    expect(readFileSync(join(out, 'p.png'), 'utf8')).toBe('picture');
    const shape = readFileSync(join(out, 'architecture.html'), 'utf8');
    expect(shape).toContain('<h2 id="two-nets-两网">');
    expect(shape).toContain('a&lt;b&gt;c&lt;/b&gt;');
    expect(shape).not.toContain('href="src');
    const guide = readFileSync(join(out, 'guides/cinema.html'), 'utf8');
    expect(guide).toContain('href="../index.html"');
    expect(guide).toContain('href="../site.css"');
  });

  it.each([
    ['[x](gone.md)', 'README.md: gone.md'],
    ['[x](#gone)', 'README.md: README.md#gone'],
    ['[x](docs/a.md#gone)', 'README.md: docs/a.md#gone'],
    ['![x](docs/gone.png)', 'README.md: docs/gone.png'],
    ['[x](../up.md)', 'leaves the repository'],
  ])('refuses %s', async (text, expected) => {
    const from = project({ 'README.md': `# One\n\n${text}\n`, 'docs/a.md': '# A\n' });
    await expect(site.buildSite(from, join(from, 'docs/site'))).rejects.toThrow(expected);
  });

  it('never makes a link that runs', () => {
    const { html } = site.renderPage(
      'a.md',
      '# A\n\n[x](javascript:alert(1)) <script>1</script>\n',
    );
    expect(html).not.toContain('javascript:');
    expect(html).not.toContain('<script>');
  });

  it('gives repeated headings their own ids', () => {
    const page = site.renderPage('a.md', '# A\n\n## Same\n\n## Same\n\n## Same 1\n');
    expect([...page.ids]).toEqual(['a', 'same', 'same-1', 'same-1-1']);
    expect(site.headingId('`npm start` — 启动 (a/b)')).toBe('npm-start--启动-ab');
    expect(site.pageAddress('docs/README.md')).toBe('docs/index.html');
  });

  it('escapes what would break a table of findings', () => {
    const texts = { odd_thing: { zh: 'a|b', en: '<b>*x*_y_', remedy: { zh: '一', en: 'one' } } };
    const page = reference.findingsPage([{ folder: 'packages/x', name: 'x', about: 'X', texts }]);
    const { html } = site.renderPage('findings.md', page);
    expect(html).toContain('<td>a|b<br>→ 一</td><td>&lt;b&gt;*x*_y_<br>→ one</td>');
  });
});
