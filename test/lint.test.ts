import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './discipline/sources.ts';

/** What the project's own linter settings say of one file at a place of a house like ours. */
function lint(path: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-lint-'));
  try {
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    copyFileSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.json'));
    // The linter looks for its type-aware half from where it is run.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    const bin = join(ROOT, 'node_modules', '.bin', 'oxlint');
    const done = spawnSync(bin, [path], { cwd: folder, encoding: 'utf8' });
    return done.status === 0 ? '' : `${done.stdout}${done.stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the linter can fail', () => {
  it.each([
    ['packages/x/src/a.ts', "import 'node:fs';\n", 'no-restricted-imports'],
    ['packages/x/src/a.ts', 'export const e = process.env;\n', 'no-restricted-globals'],
    ['apps/x/src/a.ts', 'export const e: any = 1;\n', 'no-explicit-any'],
    ['apps/x/src/a.ts', 'async function f() {}\nf();\n', 'no-floating-promises'],
    ['apps/x/src/a.ts', 'export const e = (a: number) => a == 1;\n', 'eqeqeq'],
  ])('%s with %j', (path, text, rule) => {
    expect(lint(path, text)).toContain(rule);
  });

  it('and passes what is sound', () => {
    expect(lint('packages/x/src/a.ts', 'export const a = (b: number) => b === 1;\n')).toBe('');
  });
});
