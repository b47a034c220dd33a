import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

/** What the discipline tests know of one source file, gathered in one walk of its syntax tree. */
export type Source = {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
  /** Names used that the file itself does not declare, without the names of members. */
  readonly freeNames: readonly Named[];
  /** Calls by their written callee: `Date.now`, `Math.random`, `finding`. */
  readonly calls: readonly Call[];
  readonly functions: readonly Span[];
  readonly exports: readonly Exported[];
  /** Every text constant, also the fixed parts of templates. */
  readonly texts: readonly string[];
};

export type Import = { readonly specifier: string; readonly line: number };
export type Named = { readonly name: string; readonly line: number };
export type Call = Named & {
  readonly made: 'call' | 'new';
  readonly argumentCount: number;
  /** The first argument where it is a text constant. */
  readonly firstText?: string;
};
export type Span = Named & { readonly lineCount: number };
export type Exported = Named & { readonly documented: boolean };

/** A breach of a rule, with the place to look at. */
export type Fault = { readonly rule: string; readonly at: string; readonly what: string };

/** One line per fault, for the message of a failing test. */
export function faultsText(faults: readonly Fault[]): string {
  return faults.map(({ rule, at, what }) => `${at}  ${rule}: ${what}`).join('\n');
}

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', 'generated', 'site', 'out']);

/** Files below a folder of the repository, sorted; build results and hidden folders left out. */
export function filesBelow(folder: string, root: string = ROOT): string[] {
  const absolute = join(root, folder);
  const entries = readdirSync(absolute, { withFileTypes: true });
  const paths = entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      const skipped = SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.');
      return skipped ? [] : filesBelow(path, root);
    }
    return entry.isFile() ? [path] : [];
  });
  return paths.sort();
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function isSource(path: string): boolean {
  return /\.(?:ts|tsx|mts|mjs)$/.test(path) && !path.endsWith('.d.ts');
}

/** All sources of packages, apps, tests, tools and benches. */
export function allSources(): Source[] {
  const folders = ['packages', 'apps', 'test', 'tools', 'bench'];
  const paths = folders.flatMap((folder) => filesBelow(folder)).filter(isSource);
  return paths
    .filter((path) => !path.includes('/assembly/'))
    .map((path) => describeSource(path, readText(path)));
}

type Node = { readonly type: string; readonly start: number; readonly end: number } & {
  readonly [field: string]: unknown;
};

type Gathering = {
  readonly lineOf: (offset: number) => number;
  readonly imports: Import[];
  readonly names: Named[];
  readonly declared: Set<string>;
  readonly borrowed: Set<string>;
  readonly calls: Call[];
  readonly functions: Span[];
  readonly texts: string[];
};

/** Parses one file. A file that cannot be parsed is a fault of its own and throws. */
export function describeSource(path: string, text: string): Source {
  const parsed = parseSync(path, text, {});
  if (parsed.errors.length > 0) throw new SyntaxError(`${path}: ${parsed.errors[0]!.message}`);
  const lineOf = lineFinder(text);
  const all: Gathering = {
    lineOf,
    imports: [],
    names: [],
    declared: new Set(),
    borrowed: new Set(),
    calls: [],
    functions: [],
    texts: [],
  };
  const program = parsed.program as unknown as Node;
  walk(program, undefined, '', all);
  const blocks = parsed.comments
    .filter((comment) => comment.type === 'Block' && comment.value.startsWith('*'))
    .map((comment) => comment.end);
  return {
    path,
    text,
    lines: text.split('\n'),
    imports: all.imports,
    freeNames: all.names.filter(({ name }) => all.borrowed.has(name) || !all.declared.has(name)),
    calls: all.calls,
    functions: all.functions,
    exports: exportsOf(program, text, blocks, lineOf),
    texts: all.texts,
  };
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function walk(node: Node, parent: Node | undefined, field: string, all: Gathering): void {
  visit(node, parent, field, all);
  for (const [name, child] of Object.entries(node)) {
    if (Array.isArray(child)) {
      for (const each of child) if (isNode(each)) walk(each, node, name, all);
    } else if (isNode(child)) walk(child, node, name, all);
  }
}

function visit(node: Node, parent: Node | undefined, field: string, all: Gathering): void {
  const line = all.lineOf(node.start);
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType': {
      const specifier = textOf(node['source']) ?? textOf(node['argument']);
      if (specifier !== undefined) all.imports.push({ specifier, line });
      return;
    }
    case 'Identifier':
      visitName(node, parent, field, line, all);
      return;
    case 'CallExpression':
    case 'NewExpression':
      visitCall(node, line, all);
      return;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const lineCount = all.lineOf(node.end) - line + 1;
      all.functions.push({ name: functionName(node, parent), line, lineCount });
      return;
    }
    case 'ObjectPattern':
      for (const name of patternNames(node)) all.declared.add(name);
      return;
    case 'VariableDeclaration':
      // `declare const process` borrows a name of the host instead of making one.
      if (node['declare'] === true) for (const name of declaredNames(node)) all.borrowed.add(name);
      return;
    case 'Literal':
      if (typeof node['value'] === 'string') all.texts.push(node['value']);
      return;
    case 'TemplateElement':
      all.texts.push(String((node['value'] as { raw: string }).raw));
  }
}

/** Fields in which an identifier is the name of a member or of something elsewhere, not a use. */
const MEMBER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ['property'],
  Property: ['key'],
  MethodDefinition: ['key'],
  PropertyDefinition: ['key'],
  AccessorProperty: ['key'],
  TSPropertySignature: ['key'],
  TSMethodSignature: ['key'],
  TSQualifiedName: ['right'],
  TSNamedTupleMember: ['label'],
  TSEnumMember: ['id'],
  ImportSpecifier: ['imported'],
  ExportSpecifier: ['exported'],
  LabeledStatement: ['label'],
  BreakStatement: ['label'],
  ContinueStatement: ['label'],
  MetaProperty: ['meta', 'property'],
};
const DECLARING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ArrowFunctionExpression: ['params'],
  TSFunctionType: ['params'],
  TSMethodSignature: ['params'],
  ClassDeclaration: ['id'],
  ClassExpression: ['id'],
  TSTypeAliasDeclaration: ['id'],
  TSInterfaceDeclaration: ['id'],
  TSTypeParameter: ['name'],
  ImportSpecifier: ['local'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  CatchClause: ['param'],
  ArrayPattern: ['elements'],
  RestElement: ['argument'],
  AssignmentPattern: ['left'],
};

function visitName(
  node: Node,
  parent: Node | undefined,
  field: string,
  line: number,
  all: Gathering,
): void {
  const name = String(node['name']);
  if (parent === undefined) return;
  const computed = parent['computed'] === true;
  if (DECLARING_FIELDS[parent.type]?.includes(field)) {
    all.declared.add(name);
    return;
  }
  if (!computed && MEMBER_FIELDS[parent.type]?.includes(field)) return;
  all.names.push({ name, line });
}

function patternNames(pattern: Node): string[] {
  return (pattern['properties'] as readonly Node[]).flatMap((property) => {
    const value = property['value'];
    const bound = isNode(value) && value.type === 'AssignmentPattern' ? value['left'] : value;
    return isNode(bound) && bound.type === 'Identifier' ? [String(bound['name'])] : [];
  });
}

function visitCall(node: Node, line: number, all: Gathering): void {
  const parts = node['arguments'] as readonly Node[];
  const firstText = textOf(parts[0]);
  all.calls.push({
    name: calleeName(node['callee'] as Node),
    made: node.type === 'NewExpression' ? 'new' : 'call',
    argumentCount: parts.length,
    line,
    ...(firstText === undefined ? {} : { firstText }),
  });
}

/** `a.b.c` of a member chain; `it.each()` for what a call returns; '' for anything else. */
function calleeName(node: Node): string {
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'MemberExpression' && node['computed'] !== true) {
    const object = calleeName(node['object'] as Node);
    return `${object}.${String((node['property'] as Node)['name'])}`;
  }
  if (node.type === 'CallExpression') return `${calleeName(node['callee'] as Node)}()`;
  return '';
}

function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type === 'TSLiteralType') return textOf(node['literal']);
  if (node.type === 'TemplateLiteral') {
    const parts = node['quasis'] as readonly { readonly value: { readonly raw: string } }[];
    return parts.map((part) => part.value.raw).join('');
  }
  if (node.type === 'BinaryExpression' && node['operator'] === '+') {
    return (textOf(node['left']) ?? '') + (textOf(node['right']) ?? '');
  }
  return undefined;
}

function functionName(node: Node, parent: Node | undefined): string {
  const own = node['id'];
  if (isNode(own)) return String(own['name']);
  const named = parent?.['id'] ?? parent?.['key'];
  if (isNode(named) && named.type === 'Identifier') return String(named['name']);
  if (parent?.type === 'CallExpression') return `${calleeName(parent['callee'] as Node)}(…)`;
  return 'a function';
}

function exportsOf(
  program: Node,
  text: string,
  blocks: readonly number[],
  lineOf: (offset: number) => number,
): Exported[] {
  const documented = (node: Node) =>
    blocks.some((end) => end <= node.start && text.slice(end, node.start).trim() === '');
  const found = new Map<string, Exported>();
  for (const node of program['body'] as readonly Node[]) {
    const isExport =
      node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration';
    const declaration = node['declaration'];
    if (!isExport || !isNode(declaration)) continue;
    for (const name of declaredNames(declaration)) {
      // Overloads share the comment of their first signature.
      const before = found.get(name)?.documented ?? false;
      found.set(name, {
        name,
        line: lineOf(node.start),
        documented: before || documented(node),
      });
    }
  }
  return [...found.values()];
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type === 'VariableDeclaration') {
    const all = declaration['declarations'] as readonly Node[];
    return all.flatMap((each) => {
      const id = each['id'];
      return isNode(id) && id.type === 'Identifier' ? [String(id['name'])] : [];
    });
  }
  const id = declaration['id'];
  return isNode(id) ? [String(id['name'])] : ['default'];
}

/** A relative import as a path of the repository, or undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const clean = specifier.replace(/\?.*$/, '');
  return posix.normalize(posix.join(posix.dirname(from), clean));
}

/** The path relative to the repository with `/`, for absolute paths of this machine. */
export function repositoryPath(absolute: string): string {
  return relative(ROOT, absolute).split(sep).join('/');
}
