import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** All sources of this package. */
export function globSources(
  at = join(dirname(fileURLToPath(import.meta.url)), '../src'),
): string[] {
  return readdirSync(at).flatMap((name) => {
    const path = join(at, name);
    return statSync(path).isDirectory() ? globSources(path) : [path];
  });
}
