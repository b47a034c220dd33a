import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TELLS_FOLDER, tellsOfRun } from './planted.ts';

/** Written down from the first test to the last; then nothing of a planted key may be in it. */
export default function setup(): (() => void) | undefined {
  // Every project of the run begins here; the first one keeps the book.
  if (process.env[TELLS_FOLDER] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-tells-'));
  process.env[TELLS_FOLDER] = folder;
  const recorder = pathToFileURL(join(import.meta.dirname, 'say-child.mjs')).href;
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import=${recorder}`.trim();
  return () => {
    const tells = tellsOfRun(folder);
    delete process.env[TELLS_FOLDER];
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
    if (tells.length > 0) {
      // The runner prints what a teardown throws, and ends as if nothing had been.
      process.exitCode = 1;
      throw new Error(`keys were said, kept in ${folder}:\n${tells.slice(0, 50).join('\n')}`);
    }
    rmSync(folder, { recursive: true, force: true });
  };
}
