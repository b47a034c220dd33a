// Writes docs/reference/findings.md: every finding of every package, in both languages, from the
// catalogues themselves, so that the reference cannot differ from what the program says.
//
//   node tools/reference.mjs           writes the page
//   node tools/reference.mjs --check   only says whether the page is up to date
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'docs', 'reference', 'findings.md');

/** The catalogues of all workspaces that are built and have one, in order of their names. */
export async function readCatalogues(from = root) {
  const catalogues = [];
  for (const floor of ['packages', 'apps']) {
    if (!existsSync(join(from, floor))) continue;
    for (const name of readdirSync(join(from, floor)).sort()) {
      const folder = join(from, floor, name);
      const built = join(folder, 'dist', 'codes.js');
      if (!existsSync(join(folder, 'src', 'codes.ts'))) continue;
      if (!existsSync(built)) throw new Error(`${floor}/${name} is not built: npm run build`);
      const { FINDING_TEXTS } = await import(pathToFileURL(built).href);
      if (FINDING_TEXTS === undefined) continue;
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      catalogues.push({
        folder: `${floor}/${name}`,
        name,
        about: manifest.description,
        texts: FINDING_TEXTS,
      });
    }
  }
  return catalogues;
}

/** The page as Markdown. */
export function findingsPage(catalogues) {
  const total = catalogues.reduce((sum, { texts }) => sum + Object.keys(texts).length, 0);
  const lines = [
    '# Findings 检查结果',
    '',
    `The ${total} codes of findings, by package, with their wording in both languages. A name in`,
    'braces stands for a fact of the finding. 花括号中的名称代表该结果携带的事实。',
    '',
    'This page is generated from the catalogues of the packages: `node tools/reference.mjs`.',
    '',
  ];
  for (const { folder, name, about, texts } of catalogues) {
    lines.push(`## ${name}`, '', `${about} (\`${folder}\`)`, '');
    lines.push('| code | 中文 | English |', '|---|---|---|');
    for (const code of Object.keys(texts).sort()) {
      const { zh, en, remedy } = texts[code];
      const row = [zh, en].map((text, i) =>
        withRemedy(text, remedy === undefined ? undefined : i === 0 ? remedy.zh : remedy.en),
      );
      lines.push(`| \`${code}\` | ${row[0]} | ${row[1]} |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

function withRemedy(text, remedy) {
  return remedy === undefined ? cell(text) : `${cell(text)}<br>→ ${cell(remedy)}`;
}

/** A text as the cell of a table: bars, angle brackets and line breaks would end or change it. */
function cell(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll('*', '\\*')
    .replaceAll('_', '\\_')
    .replaceAll(/\s*\n\s*/g, ' ');
}

async function main() {
  const page = findingsPage(await readCatalogues());
  const before = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (process.argv.includes('--check')) {
    if (before === page) return;
    process.stderr.write('docs/reference/findings.md is out of date: node tools/reference.mjs\n');
    process.exitCode = 1;
    return;
  }
  if (before === page) return;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, page);
  process.stderr.write('wrote docs/reference/findings.md\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
