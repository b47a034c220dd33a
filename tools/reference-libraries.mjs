// What each library under packages/ gives: its functions, classes and constants with the first
// sentence of their documentation, read from the source that declares them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A docstring that ends right before an exported value, and the value's name. */
const COMMENT = String.raw`(?:/\*\*((?:[^*]|\*(?!/))*)\*/\n)?`;
const EXPORT = String.raw`export (?:declare )?(?:async )?(?:function\*?|class|const) (\w+)`;
const DOCUMENTED = new RegExp(COMMENT + EXPORT, 'g');

/** Every library with what it exports, in order of names. */
export async function readLibraries(root) {
  const libraries = [];
  for (const folder of readdirSync(join(root, 'packages')).sort()) {
    const home = join(root, 'packages', folder);
    const entry = join(home, 'dist', 'index.js');
    if (!existsSync(join(home, 'package.json'))) continue;
    if (!existsSync(entry)) throw new Error(`packages/${folder} is not built: npm run build`);
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const exported = Object.keys(await import(pathToFileURL(entry).href)).sort();
    const sentences = documented(join(home, 'src'));
    libraries.push({
      folder: `packages/${folder}`,
      name: manifest.name,
      about: manifest.description,
      uses: Object.keys(manifest.dependencies ?? {}).sort(),
      values: exported.map((name) => ({ name, says: sentences.get(name) ?? '' })),
    });
  }
  return libraries;
}

/** By name, the first sentence of what its documentation says. */
function documented(folder) {
  const sentences = new Map();
  const files = readdirSync(folder, { recursive: true }).filter((each) => each.endsWith('.ts'));
  for (const file of files.sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, comment, name] of text.matchAll(DOCUMENTED)) {
      if (comment !== undefined) sentences.set(name, firstSentence(comment));
    }
  }
  return sentences;
}

function firstSentence(comment) {
  const text = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^.*?[.:](?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}

/** The libraries as Markdown; `cell` makes a text fit a table. */
export function librariesPage(libraries, cell) {
  const lines = [
    '# Libraries 程序库',
    '',
    `The ${libraries.length} libraries under \`packages/\`. Each stands alone: no clock, no`,
    'network, no Node; time, random bytes, cryptography and files come in as arguments',
    '(`@yinglian/host` has them for Node). Rules are numbered in the `SPEC.md` beside the',
    'code; types are in the declarations.',
    '各程序库皆可单独使用：不取时钟、不联网、不依赖 Node；规则逐条编号，见各自的 `SPEC.md`。',
    '',
    'This page is generated from the sources: `node tools/reference.mjs`.',
    '',
  ];
  for (const { folder, name, about, uses, values } of libraries) {
    lines.push(`## ${name}`, '', `${about}. [Rules](../../${folder}/SPEC.md).`);
    if (uses.length > 0) lines.push(`Uses ${uses.map((each) => `\`${each}\``).join(', ')}.`);
    lines.push('', '| export | what it is |', '|---|---|');
    for (const value of values) lines.push(`| \`${value.name}\` | ${cell(value.says)} |`);
    lines.push('');
  }
  return lines.join('\n');
}
