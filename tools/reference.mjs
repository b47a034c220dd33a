// Writes what docs/reference says of findings, commands, endpoints and libraries, from the
// catalogues, the program, the contract and the sources themselves, so that it cannot differ from
// what the program does.
//
//   node tools/reference.mjs           writes the pages
//   node tools/reference.mjs --check   only says which page is out of date
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { librariesPage, readLibraries } from './reference-libraries.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pagesFolder = join(root, 'docs', 'reference');

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

/** Every finding, as Markdown. */
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
export function cell(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll('*', '\\*')
    .replaceAll('_', '\\_')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Every command with its arguments and options, as Markdown; `program` is commander's. */
export function commandsPage(program) {
  const lines = [
    '# Commands 全部命令',
    '',
    'Every command of `yinglian` with what it takes. How they work together is in',
    '[the command line](command-line.md). 各命令如何配合，见[命令行](command-line.md)。',
    '',
    'This page is generated from the program: `node tools/reference.mjs`.',
    '',
    'Before every command 置于任何命令之前:',
    '',
    ...optionRows(program),
  ];
  for (const command of sortedByName(program.commands)) {
    lines.push(`## ${command.name()}`, '', ...commandLines(command, []));
  }
  return lines.join('\n');
}

function commandLines(command, before) {
  const names = [...before, command.name()];
  const lines = before.length === 0 ? [] : [`### ${names.join(' ')}`, ''];
  if (command.description() !== '') lines.push(cell(command.description()), '');
  const words = command.registeredArguments.map((each) => {
    const name = each.variadic ? `${each.name()}…` : each.name();
    return each.required ? `<${name}>` : `[${name}]`;
  });
  if (command.commands.length === 0 || words.length > 0)
    lines.push('```', ['yinglian', ...names, ...words].join(' '), '```', '');
  for (const each of command.registeredArguments) {
    if (each.description) lines.push(`- \`${each.name()}\`: ${cell(each.description)}`);
  }
  if (lines.at(-1) !== '') lines.push('');
  lines.push(...optionRows(command));
  for (const each of sortedByName(command.commands)) lines.push(...commandLines(each, names));
  return lines;
}

function optionRows(command) {
  const options = command.options.filter((each) => !each.hidden);
  if (options.length === 0) return [];
  const rows = options.map((each) => {
    const required = each.mandatory ? ' **required 必填**' : '';
    // What comes from the environment of whoever generates the page is left out.
    const value = each.long === '--server' ? undefined : each.defaultValue;
    const isSaid = (typeof value === 'string' && value !== '') || typeof value === 'number';
    const otherwise = isSaid ? ` (\`${value}\`)` : '';
    const flags = each.flags.replaceAll('|', '\\|');
    return `| \`${flags}\` | ${cell(each.description)}${otherwise}${required} |`;
  });
  return ['| option | meaning |', '|---|---|', ...rows, ''];
}

const sortedByName = (commands) =>
  [...commands].sort((a, b) => (a.name() < b.name() ? -1 : a.name() > b.name() ? 1 : 0));

/** Every endpoint, as Markdown; `groups` is the contract. */
export function endpointsPage(groups) {
  const all = Object.values(groups).flatMap((group) => Object.values(group));
  const lines = [
    '# Endpoints 接口',
    '',
    `The ${all.length} endpoints by group, with the permission that each asks for. Shapes of`,
    'requests and answers are served as OpenAPI 3.1 at `/api/openapi.json`. `+` takes an',
    '`Idempotency-Key`.',
    '各接口及其所需权限；请求与应答的形状见 `/api/openapi.json`。',
    '',
    'This page is generated from the contract: `node tools/reference.mjs`.',
    '',
  ];
  for (const [name, group] of Object.entries(groups)) {
    lines.push(`## ${name}`, '', '| endpoint | does | permission |', '|---|---|---|');
    for (const { method, path, summary, permission, creates } of Object.values(group)) {
      const mark = creates === true ? ' +' : '';
      const does = `${cell(summary.zh)}<br>${cell(summary.en)}`;
      lines.push(`| \`${method} ${path}\`${mark} | ${does} | \`${permission}\` |`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** What a workspace exports once it is built. */
const built = (workspace) => import(pathToFileURL(join(root, workspace, 'dist', 'index.js')).href);

async function main() {
  const { createProgram } = await built('apps/cli');
  const { contract } = await built('apps/contract');
  const { program } = createProgram(new AbortController().signal, () => {});
  const pages = {
    'findings.md': findingsPage(await readCatalogues()),
    'commands.md': commandsPage(program),
    'endpoints.md': endpointsPage(contract),
    'libraries.md': librariesPage(await readLibraries(root), cell),
  };
  mkdirSync(pagesFolder, { recursive: true });
  for (const [name, page] of Object.entries(pages)) {
    const target = join(pagesFolder, name);
    if (existsSync(target) && readFileSync(target, 'utf8') === page) continue;
    if (process.argv.includes('--check')) {
      process.stderr.write(`docs/reference/${name} is out of date: node tools/reference.mjs\n`);
      process.exitCode = 1;
      continue;
    }
    writeFileSync(target, page);
    process.stderr.write(`wrote docs/reference/${name}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
