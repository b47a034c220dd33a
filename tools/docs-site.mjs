// Builds the static site docs/site from the Markdown of the repository: README, ARCHITECTURE,
// CONTRIBUTING, everything in docs, every SPEC.md, and the generated reference. Pages keep their
// places, links between Markdown files become links between pages, and every link inside the site
// is checked: a broken one fails the build.
//
//   node tools/docs-site.mjs [--out FOLDER]
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import { findingsPage, readCatalogues } from './reference.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CHAPTERS = [
  { title: 'Start 入门', holds: (path) => /^(?:README|CONTRIBUTING|CHANGELOG)\.md$/.test(path) },
  {
    title: 'Shape 架构',
    holds: (path) => path === 'ARCHITECTURE.md' || path.startsWith('docs/decisions/'),
  },
  { title: 'Guides 指南', holds: (path) => path.startsWith('docs/guides/') },
  { title: 'Reference 参考', holds: (path) => path.startsWith('docs/reference/') },
  { title: 'Rules 规则', holds: (path) => path.endsWith('/SPEC.md') },
  { title: 'More 其他', holds: () => true },
];

/** Paths of all pages of the repository, relative, with `/`. */
export function findPages(from) {
  const top = readdirSync(from).filter((name) => /^[A-Z]+\.md$/.test(name));
  const specs = ['packages', 'apps'].flatMap((floor) =>
    !existsSync(join(from, floor))
      ? []
      : readdirSync(join(from, floor))
          .map((name) => `${floor}/${name}/SPEC.md`)
          .filter((path) => existsSync(join(from, path))),
  );
  const docs = existsSync(join(from, 'docs')) ? below(from, 'docs') : [];
  return [...top, ...specs, ...docs.filter((path) => path.endsWith('.md'))].sort();
}

function below(from, folder) {
  return readdirSync(join(from, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (path === 'docs/site' || entry.name.startsWith('.')) return [];
    return entry.isDirectory() ? below(from, path) : [path];
  });
}

/** Where a Markdown file stands in the site. */
export function pageAddress(path) {
  if (path === 'README.md') return 'index.html';
  if (path === 'docs/README.md') return 'docs/index.html';
  return path
    .replace(/^docs\//, '')
    .replace(/(?:^|\/)README\.md$/, '/index.html')
    .replace(/\.md$/, '.html')
    .replace(/^\//, '')
    .toLowerCase();
}

/** The id of a heading, as hosts of repositories make it, so that links work in both places. */
export function headingId(text) {
  return text
    .toLowerCase()
    .replace(/<[^>]*>/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function escapeHtml(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * One page: its HTML, its title, the ids of its headings and the links it makes inside the
 * repository, as `{ target, fragment }` with targets relative to the repository. `isFolder` says
 * of a target whether it is a folder, which a site of pages has nothing to show for.
 */
export function renderPage(path, markdown, isFolder = () => false) {
  const page = { path, title: undefined, contents: [], links: [], ids: new Set(), isFolder };
  const html = new Marked({ gfm: true, renderer: rendererOf(page) }).parse(markdown);
  const { title = path, contents, links, ids } = page;
  return { html, title, contents, links, ids };
}

function rendererOf(page) {
  return {
    heading({ tokens, depth }) {
      const html = this.parser.parseInline(tokens);
      const text = this.parser.parseInline(tokens, this.parser.textRenderer);
      const id = freshId(page.ids, text);
      if (depth === 1) page.title ??= text;
      if (depth === 2) page.contents.push({ id, html: html.replace(/<\/?a\b[^>]*>/g, '') });
      return `<h${depth} id="${escapeHtml(id)}">${html}</h${depth}>\n`;
    },
    link({ href, title, tokens }) {
      const text = this.parser.parseInline(tokens);
      const address = addressOf(page, href);
      if (address === undefined) return text;
      const about = title ? ` title="${escapeHtml(title)}"` : '';
      return `<a href="${escapeHtml(address)}"${about}>${text}</a>`;
    },
    image({ href, text }) {
      const address = addressOf(page, href) ?? '';
      return `<img src="${escapeHtml(address)}" alt="${escapeHtml(text)}" loading="lazy">`;
    },
    table({ header, rows }) {
      const cells = (row, tag) =>
        row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('');
      const head = `<thead><tr>${cells(header, 'th')}</tr></thead>`;
      const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
      // The frame scrolls by itself so that a wide table does not push the page sideways.
      const table = `<table>${head}<tbody>${body}</tbody></table>`;
      return `<div class="wide" tabindex="0">${table}</div>\n`;
    },
    html({ text }) {
      // Only line breaks and comments pass: pages hold no markup of their own.
      return /^(?:<br ?\/?>|<!--[^]*?-->\s*)$/.test(text) ? text : escapeHtml(text);
    },
  };
}

function freshId(ids, text) {
  const base = headingId(text) || 'section';
  let id = base;
  for (let again = 1; ids.has(id); again++) id = `${base}-${again}`;
  ids.add(id);
  return id;
}

/** The address in the site for a link of a page; undefined when there is nothing to lead to. */
function addressOf(page, href) {
  if (/^(?:https?|mailto):/i.test(href)) return href;
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return undefined;
  const [file, encoded] = href.split('#', 2);
  const fragment = encoded === undefined ? undefined : decodeURIComponent(encoded);
  const folder = posix.dirname(page.path);
  const target = file === '' ? page.path : posix.normalize(posix.join(folder, decodeURI(file)));
  page.links.push({ target, fragment });
  if (file === '') return href;
  if (page.isFolder(target)) return undefined;
  const there = target.endsWith('.md') ? pageAddress(target) : assetAddress(target);
  const relative = posix.relative(posix.dirname(pageAddress(page.path)), there);
  return fragment === undefined ? relative : `${relative}#${encodeURIComponent(fragment)}`;
}

function assetAddress(target) {
  return target.replace(/^docs\//, '');
}

/** Links that lead nowhere, each `page: link`. */
export function brokenLinks(pages, from) {
  return [...pages].flatMap(([path, page]) =>
    page.links.flatMap(({ target, fragment }) => {
      const shown = `${path}: ${target}${fragment === undefined ? '' : `#${fragment}`}`;
      const other = pages.get(target);
      const found = fragment === undefined || other?.ids.has(fragment);
      if (other !== undefined) return found ? [] : [shown];
      if (target.startsWith('..')) return [`${shown} leaves the repository`];
      return existsSync(join(from, target)) ? [] : [shown];
    }),
  );
}

function chapterList(pages, current) {
  const left = new Set(pages.keys());
  return CHAPTERS.map(({ title, holds }) => {
    const own = [...left].filter(holds);
    for (const path of own) left.delete(path);
    if (own.length === 0) return '';
    const items = own.map((path) => {
      const href = posix.relative(posix.dirname(pageAddress(current)), pageAddress(path));
      const here = path === current ? ' aria-current="page"' : '';
      const title = escapeHtml(pages.get(path).title);
      return `<li><a href="${escapeHtml(href)}"${here}>${title}</a></li>`;
    });
    return `<h2>${title}</h2><ul>${items.join('')}</ul>`;
  }).join('\n');
}

/** A list of the chapters of a long page. */
function contentsOf({ contents }) {
  if (contents.length < 4) return '';
  const items = contents.map(({ id, html }) => `<li><a href="#${escapeHtml(id)}">${html}</a></li>`);
  const list = `<ul>${items.join('')}</ul>`;
  return `<details class="contents"><summary>Contents 目录</summary>${list}</details>`;
}

/** The whole document around a page. */
export function framePage(pages, path) {
  const page = pages.get(path);
  const up = posix.relative(posix.dirname(pageAddress(path)), 'site.css');
  const language = /\p{Script=Han}/u.test(page.title) ? 'zh-CN' : 'en';
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · Yinglian 影联</title>
<link rel="stylesheet" href="${up}">
</head>
<body>
<a class="skip" href="#content">Skip to the text 跳到正文</a>
<div class="frame">
<nav aria-label="Pages 页面">
${chapterList(pages, path)}
</nav>
<main id="content">
${contentsOf(page)}
${page.html}
</main>
</div>
</body>
</html>
`;
}

/** Builds the site; returns how many pages it has. Throws when a link leads nowhere. */
export async function buildSite(from, out) {
  const texts = new Map(
    findPages(from).map((path) => [path, readFileSync(join(from, path), 'utf8')]),
  );
  texts.set('docs/reference/findings.md', findingsPage(await readCatalogues(from)));
  if (!texts.has('README.md')) texts.set('README.md', '# Yinglian 影联\n');
  const isFolder = (target) =>
    existsSync(join(from, target)) && statSync(join(from, target)).isDirectory();
  const pages = new Map(
    [...texts].sort().map(([path, text]) => [path, renderPage(path, text, isFolder)]),
  );
  const broken = brokenLinks(pages, from);
  if (broken.length > 0) throw new Error(`links that lead nowhere:\n${broken.join('\n')}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  cpSync(join(root, 'tools', 'docs-site.css'), join(out, 'site.css'));
  for (const path of pages.keys()) {
    const file = join(out, pageAddress(path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, framePage(pages, path));
  }
  copyTargets(pages, from, out);
  return pages.size;
}

/** Pictures and other files that pages link to go with them. */
function copyTargets(pages, from, out) {
  const all = [...pages.values()].flatMap((page) => page.links.map((link) => link.target));
  for (const target of new Set(all)) {
    if (pages.has(target) || !statSync(join(from, target)).isFile()) continue;
    const file = join(out, assetAddress(target));
    mkdirSync(dirname(file), { recursive: true });
    cpSync(join(from, target), file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--out');
  const out = at < 0 ? join(root, 'docs', 'site') : process.argv[at + 1];
  try {
    const count = await buildSite(root, out);
    process.stderr.write(`${count} pages in ${out}\n`);
  } catch (fault) {
    process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
    process.exitCode = 1;
  }
}
