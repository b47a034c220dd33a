import { assert } from '@yinglian/core';

/** Patterns one manifest may carry; every path is tried against each of them. */
export const PATTERNS_MAX = 1000;
const PATTERN_CHARACTERS_MAX = 4096;

type Segment =
  | { readonly kind: 'any' }
  | { readonly kind: 'glob'; readonly glob: readonly Token[] };
type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] };
type Range = readonly [from: string, to: string];

type Rule = {
  readonly segments: readonly Segment[];
  readonly foldersOnly: boolean;
  readonly negated: boolean;
};

/** Decides which files and folders a history leaves out. */
export type IgnoreRules = {
  readonly patterns: readonly string[];
  /**
   * Whether the path itself is ignored; what is below an ignored folder is never asked for, so a
   * `!` pattern cannot bring it back, as in .gitignore.
   */
  ignores(path: string, isFolder: boolean): boolean;
  /** The same for a path whose folders were not asked for on the way. */
  ignoresDeep(path: string, isFolder: boolean): boolean;
};

/**
 * Patterns in the syntax of .gitignore, matched against paths relative to the scope of the history
 * and nothing above it: a history below a folder called `tmp` does not vanish for a pattern `tmp/`.
 * The last pattern that matches decides. Matching takes time in the product of the lengths, however
 * the pattern is made.
 */
export function ignoreRules(patterns: readonly string[]): IgnoreRules {
  const kept = [...new Set(patterns)].slice(0, PATTERNS_MAX);
  const rules = kept.flatMap((pattern) => {
    const rule = parseRule(pattern);
    return rule === undefined ? [] : [rule];
  });
  const ignores = (path: string, isFolder: boolean): boolean => {
    const names = path.split('/');
    for (let i = rules.length - 1; i >= 0; i--) {
      const rule = rules[i]!;
      if (rule.foldersOnly && !isFolder) continue;
      if (matchSegments(rule.segments, names)) return !rule.negated;
    }
    return false;
  };
  return {
    patterns: kept,
    ignores,
    ignoresDeep: (path, isFolder) => {
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
        if (ignores(path.slice(0, at), true)) return true;
      }
      return ignores(path, isFolder);
    },
  };
}

function parseRule(pattern: string): Rule | undefined {
  if (pattern.length > PATTERN_CHARACTERS_MAX || pattern.startsWith('#')) return undefined;
  let text = trimEnd(pattern.replace(/\r$/, ''));
  const negated = text.startsWith('!');
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith('/') && !text.endsWith('\\/');
  if (foldersOnly) text = text.slice(0, -1);
  if (text === '' || text === '/') return undefined;
  // A slash anywhere but at the end ties the pattern to the root of the scope.
  const anchored = text.includes('/');
  const parts = text.replace(/^\//, '').split('/');
  const segments: Segment[] = anchored ? [] : [{ kind: 'any' }];
  for (const part of parts) {
    if (part === '**') {
      if (segments.at(-1)?.kind !== 'any') segments.push({ kind: 'any' });
    } else {
      segments.push({ kind: 'glob', glob: parseGlob(part) });
    }
  }
  // `a/**` is everything inside a, not a itself.
  if (parts.at(-1) === '**') segments.push({ kind: 'glob', glob: [{ kind: 'star' }] });
  return { segments, foldersOnly, negated };
}

/** Spaces at the end do not count unless a backslash stands before them. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === ' ' && text[end - 2] !== '\\') end -= 1;
  return text.slice(0, end);
}

function parseGlob(part: string): readonly Token[] {
  const tokens: Token[] = [];
  const chars = [...part];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'one' });
    } else if (char === '\\' && i + 1 < chars.length) {
      tokens.push({ kind: 'char', char: chars[++i]! });
    } else if (char === '[') {
      const set = parseSet(chars, i);
      if (set === undefined) {
        tokens.push({ kind: 'char', char });
      } else {
        tokens.push(set.token);
        i = set.end;
      }
    } else {
      tokens.push({ kind: 'char', char });
    }
  }
  return tokens;
}

/** `[a-z]`, `[!a]`, `[]x]`; undefined where no bracket closes it. */
function parseSet(
  chars: readonly string[],
  start: number,
): { readonly token: Token; readonly end: number } | undefined {
  let i = start + 1;
  const negated = chars[i] === '!' || chars[i] === '^';
  if (negated) i += 1;
  const ranges: Range[] = [];
  for (let first = true; i < chars.length; first = false) {
    let from = chars[i]!;
    if (from === ']' && !first) {
      return { token: { kind: 'set', negated, ranges }, end: i };
    }
    if (from === '\\' && i + 1 < chars.length) from = chars[++i]!;
    i += 1;
    const to = chars[i + 1];
    if (chars[i] === '-' && to !== undefined && to !== ']') {
      ranges.push([from, to]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return undefined;
}

/** Two places to go back to suffice: the last `**` and, inside a name, the last `*`. */
function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  let at = 0;
  let name = 0;
  let anyAt = -1;
  let anyName = 0;
  while (name < names.length) {
    const segment = segments[at];
    if (segment?.kind === 'any') {
      anyAt = at++;
      anyName = name;
      if (at === segments.length) return true;
    } else if (segment !== undefined && matchGlob(segment.glob, names[name]!)) {
      at += 1;
      name += 1;
    } else if (anyAt >= 0) {
      at = anyAt + 1;
      name = ++anyName;
    } else {
      return false;
    }
  }
  assert(at <= segments.length, 'a match does not run past its pattern');
  return at === segments.length;
}

function matchGlob(glob: readonly Token[], name: string): boolean {
  const chars = [...name];
  let at = 0;
  let char = 0;
  let starAt = -1;
  let starChar = 0;
  while (char < chars.length) {
    const token = glob[at];
    if (token?.kind === 'star') {
      starAt = at++;
      starChar = char;
    } else if (token !== undefined && matchOne(token, chars[char]!)) {
      at += 1;
      char += 1;
    } else if (starAt >= 0) {
      at = starAt + 1;
      char = ++starChar;
    } else {
      return false;
    }
  }
  while (glob[at]?.kind === 'star') at += 1;
  return at === glob.length;
}

function matchOne(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  if (token.kind === 'set') {
    return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated;
  }
  return true;
}
