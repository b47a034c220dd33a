import { posix } from 'node:path';
import { type Fault, resolveImport, type Source, type Span } from './sources.ts';

export const LINE_COLUMNS_MAX = 100;
export const FUNCTION_LINES_MAX = 70;
export const FILE_LINES_MAX = 600;
/** A file that is a table says so, with the reason, in one of its first lines. */
const TABLE_MARKER = /^\s*(?:\/\/|\/?\*+)\s*Table: \S.{9,}/;
const MARKER_LINES = 20;

/** Whether a file declares itself a table; then its length and its lines are its own. */
export function isTable(source: Source): boolean {
  return source.lines.slice(0, MARKER_LINES).some((line) => TABLE_MARKER.test(line));
}

/** Lines, functions and files that are too long to be read at a glance. */
export function sizeFaults(source: Source): Fault[] {
  const table = isTable(source);
  const faults: Fault[] = [];
  if (!table) {
    source.lines.forEach((line, index) => {
      const columns = [...line].length;
      if (columns <= LINE_COLUMNS_MAX || isUnbreakable(line)) return;
      const at = `${source.path}:${index + 1}`;
      faults.push({ rule: 'line too long', at, what: `${columns} columns` });
    });
  }
  const lineCount = source.lines.length - (source.text.endsWith('\n') ? 1 : 0);
  if (!table && lineCount > FILE_LINES_MAX) {
    faults.push({ rule: 'file too long', at: source.path, what: `${lineCount} lines` });
  }
  for (const each of source.functions) {
    // A group of tests is a chapter, not a function.
    const length = ownLines(each, source.functions);
    if (length <= FUNCTION_LINES_MAX || /^describe\b/.test(each.name)) continue;
    const at = `${source.path}:${each.line}`;
    faults.push({ rule: 'function too long', at, what: `${each.name}, ${length} lines` });
  }
  return faults;
}

/**
 * Lines of a function without those of functions inside it, which are counted for themselves: a
 * service that is made of its methods is as long as its longest method.
 */
function ownLines(outer: Span, all: readonly Span[]): number {
  const end = outer.line + outer.lineCount - 1;
  const inner = new Set<number>();
  for (const each of all) {
    const last = each.line + each.lineCount - 1;
    if (each === outer || each.line <= outer.line || last > end || each.lineCount < 3) continue;
    // Its first and its last line belong to the outer one, which writes the call around it.
    for (let line = each.line + 1; line < last; line++) inner.add(line);
  }
  return outer.lineCount - inner.size;
}

/** An address, a digest or a path that nobody can break over two lines. */
function isUnbreakable(line: string): boolean {
  return line.split(/\s+/).some((word) => word.length > LINE_COLUMNS_MAX * 0.7);
}

// The words are put together here so that this file does not contain what it forbids.
const UNFINISHED = new RegExp(
  `\\b(?:${['FIX' + 'ME', 'TO' + 'DO', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`,
);
const FORBIDDEN_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'misc', 'stuff']);

/** Unfinished work, tests that keep others from running, and names that say nothing. */
export function wordFaults(source: Source): Fault[] {
  const faults: Fault[] = [];
  source.lines.forEach((line, index) => {
    const match = UNFINISHED.exec(line);
    if (match === null) return;
    faults.push({ rule: 'unfinished', at: `${source.path}:${index + 1}`, what: match[0] });
  });
  for (const { name, line } of source.calls) {
    if (!/^(?:it|test|describe)\.only(?:\.\w+)?$/.test(name)) continue;
    faults.push({ rule: 'lonely test', at: `${source.path}:${line}`, what: name });
  }
  const parts = source.path.replace(/(?:\.test)?\.\w+$/, '').split('/');
  for (const part of parts.filter((each) => FORBIDDEN_NAMES.has(each))) {
    faults.push({ rule: 'name that says nothing', at: source.path, what: part });
  }
  return faults;
}

/** Exports of packages that nobody has explained. */
export function commentFaults(source: Source): Fault[] {
  if (!/^packages\/[^/]+\/src\//.test(source.path)) return [];
  return source.exports
    .filter((each) => !each.documented)
    .map(({ name, line }) => ({
      rule: 'export without a comment',
      at: `${source.path}:${line}`,
      what: name,
    }));
}

/** A text that is not a source but may name one: package.json, index.html, a build script. */
export type Naming = { readonly path: string; readonly text: string };

const ENTRY = /^(?:packages|apps)\/[^/]+\/src\/(?:index|main)\.tsx?$/;

/**
 * Sources below `src` that no other source imports, no text constant of another source names (a
 * worker, a child process) and no manifest, page or build script mentions.
 */
export function lonelyFaults(sources: readonly Source[], namings: readonly Naming[]): Fault[] {
  const imported = new Set<string>();
  const texts = new Map<string, readonly string[]>();
  for (const source of sources) {
    if (/\.test\.tsx?$/.test(source.path)) continue;
    for (const { specifier } of source.imports) {
      const target = resolveImport(source.path, specifier);
      if (target !== undefined) imported.add(target);
    }
    texts.set(
      source.path,
      source.texts.filter((text) => text.length < 200),
    );
  }
  const candidates = sources.filter(
    ({ path }) =>
      /^(?:packages|apps)\/[^/]+\/src\//.test(path) && !ENTRY.test(path) && !imported.has(path),
  );
  return candidates
    .filter(({ path }) => !isNamed(path, texts, namings))
    .map(({ path }) => ({ rule: 'file nobody imports', at: path, what: posix.basename(path) }));
}

function isNamed(
  path: string,
  texts: ReadonlyMap<string, readonly string[]>,
  namings: readonly Naming[],
): boolean {
  const stem = posix.basename(path).replace(/\.\w+$/, '');
  // Named as a built or a source file: `./child.js`, `/src/main.tsx`, `worker.ts`.
  const mention = new RegExp(`(?:^|[/'"\`])${stem.replaceAll('.', '\\.')}\\.(?:[cm]?js|tsx?)`);
  const workspace = path.split('/', 2).join('/');
  for (const [other, constants] of texts) {
    if (other !== path && constants.some((text) => mention.test(text))) return true;
  }
  return namings.some((each) => each.path.startsWith(workspace) && mention.test(each.text));
}

/** A page has one title, at its top. */
export function titleFaults(path: string, text: string): Fault[] {
  const rule = 'title of a page';
  let fenced = false;
  const titles: number[] = [];
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else if (!fenced && /^# \S/.test(line)) titles.push(index);
  });
  const first = lines.findIndex((line) => line.trim() !== '' && !/^<!--.*-->$/.test(line.trim()));
  if (fenced) return [{ rule, at: path, what: 'a code block is not closed' }];
  if (titles.length !== 1) return [{ rule, at: path, what: `${titles.length} titles of level 1` }];
  if (titles[0] !== first) return [{ rule, at: path, what: 'the title is not the first line' }];
  return [];
}

/** Words of how and where this is being made; a reader of the project has no use for them. */
const MAKERS = ['cl' + 'aude', 'anth' + 'ropic', 'chat' + 'gpt', 'open' + 'ai', 'co' + 'pilot'];
const PHRASES = [
  'sub-?age' + 'nts?',
  'language mod' + 'els?',
  'issue ?#' + '\\d+',
  'the bri' + 'ef (?:says|asks)',
  'as instr' + 'ucted',
];
const WORKSHOP: readonly RegExp[] = [
  new RegExp(`\\b(?:${[...MAKERS, ...PHRASES].join('|')})\\b`, 'i'),
  new RegExp(`(?:^|[\\s"'\`(=])/(?:${'wo' + 'rk'}|${'ro' + 'ot'}|home/\\w+)/`),
];

/** Speech about the workshop instead of the work. */
export function workshopFaults(path: string, text: string): Fault[] {
  return text.split('\n').flatMap((line, index) => {
    const match = WORKSHOP.map((pattern) => pattern.exec(line)).find((each) => each !== null);
    if (match === undefined) return [];
    const at = `${path}:${index + 1}`;
    return [{ rule: 'speaks of the workshop', at, what: match[0].trim() }];
  });
}

export type Wording = {
  readonly zh: string;
  readonly en: string;
  readonly remedy?: { readonly zh: string; readonly en: string };
};

/** Wordings of findings: both languages there, the same placeholders in both. */
export function wordingFaults(at: string, texts: Readonly<Record<string, Wording>>): Fault[] {
  return Object.entries(texts).flatMap(([code, { zh, en, remedy }]) => {
    const faults = pairFaults(at, code, zh, en);
    if (!/^[a-z]+(?:_[a-z0-9]+)+$/.test(code)) {
      faults.push({ rule: 'code of a finding', at, what: `${code} is not adjective_noun` });
    }
    if (remedy === undefined) return faults;
    return [...faults, ...pairFaults(at, `${code}.remedy`, remedy.zh, remedy.en)];
  });
}

/** One text in two languages. */
function pairFaults(at: string, name: string, zh: unknown, en: unknown): Fault[] {
  const rule = 'missing translation';
  if (typeof zh !== 'string' || zh.trim() === '') return [{ rule, at, what: `${name} has no zh` }];
  if (typeof en !== 'string' || en.trim() === '') return [{ rule, at, what: `${name} has no en` }];
  const [ours, theirs] = [placeholders(zh), placeholders(en)];
  if (ours === theirs) return [];
  return [{ rule: 'mismatched placeholders', at, what: `${name}: zh {${ours}}, en {${theirs}}` }];
}

function placeholders(text: string): string {
  const names = [...text.matchAll(/\{\{?\s*([\w.]+)/g)].map((match) => match[1]!);
  return [...new Set(names)].sort().join(', ');
}

/** Plural forms that one language has and the other does not need (i18next's suffixes). */
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

/** Two catalogues of the product: the same keys, texts and placeholders in both languages. */
export function catalogueFaults(at: string, zh: unknown, en: unknown): Fault[] {
  const [chinese, english] = [leaves(zh), leaves(en)];
  const keys = new Set([...chinese.keys(), ...english.keys()]);
  return [...keys].flatMap((key) => pairFaults(at, key, chinese.get(key), english.get(key)));
}

function leaves(value: unknown, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, each] of Object.entries(value)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof each === 'string') found.set(key.replace(PLURAL, ''), each);
    else for (const [inner, text] of leaves(each, key)) found.set(inner, text);
  }
  return found;
}

/** Codes that a package's sources emit as text constants but its catalogue does not word. */
export function unwordedFaults(
  sources: readonly Source[],
  folder: string,
  worded: ReadonlySet<string>,
): Fault[] {
  return sources
    .filter(({ path }) => path.startsWith(`${folder}/src/`))
    .flatMap(({ path, calls }) =>
      calls
        .filter(({ name, firstText }) => name === 'finding' && firstText !== undefined)
        .filter(({ firstText }) => !worded.has(firstText!))
        .map(({ firstText, line }) => ({
          rule: 'finding without wording',
          at: `${path}:${line}`,
          what: firstText!,
        })),
    );
}
