import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

type Budgets = { firstPageScriptKilobytes: number; routeScriptKilobytes: number };
type Chunk = Rolldown.OutputChunk;

const FILE = join(dirname(fileURLToPath(import.meta.url)), '../budgets.json');
const FIRST_PAGE = 'first/first-page.tsx';
const BYTES_PER_KILOBYTE = 1000;

/**
 * Stops a build whose script has outgrown `budgets.json`: what the first page needs, and what any
 * other route adds to it. Sizes are those of gzip, which every server and proxy speaks.
 */
export function budgets(): Plugin {
  const limits = JSON.parse(readFileSync(FILE, 'utf8')) as Budgets;
  return {
    name: 'yinglian-budgets',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
      const byName = new Map(chunks.map((each) => [each.fileName, each]));
      const entry = chunks.find((each) => each.isEntry);
      const first = chunks.find((each) => each.facadeModuleId?.endsWith(FIRST_PAGE));
      if (entry === undefined || first === undefined) {
        this.error(`the bundle has no entry or no ${FIRST_PAGE}: nothing to measure`);
      }
      const opened = closure([entry, first], byName);
      const firstPage = kilobytes(opened);
      this.info(`first page: ${firstPage} kB of script`);
      if (firstPage > limits.firstPageScriptKilobytes) {
        this.error(
          `the first page has ${firstPage} kB of compressed script, the budget is ` +
            `${limits.firstPageScriptKilobytes} kB (budgets.json)`,
        );
      }
      for (const chunk of chunks.filter((each) => each.isDynamicEntry)) {
        const added = [...closure([chunk], byName)].filter((each) => !opened.has(each));
        const size = kilobytes(new Set(added));
        if (size > limits.routeScriptKilobytes) {
          this.error(
            `${chunk.name} adds ${size} kB of compressed script, the budget is ` +
              `${limits.routeScriptKilobytes} kB (budgets.json)`,
          );
        }
      }
    },
  };
}

function closure(roots: readonly Chunk[], byName: ReadonlyMap<string, Chunk>): Set<Chunk> {
  const found = new Set<Chunk>();
  const waiting = [...roots];
  for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
    if (found.has(chunk)) continue;
    found.add(chunk);
    for (const name of chunk.imports) {
      const next = byName.get(name);
      if (next !== undefined) waiting.push(next);
    }
  }
  return found;
}

function kilobytes(chunks: ReadonlySet<Chunk>): number {
  const bytes = [...chunks].reduce((sum, each) => sum + gzipSync(each.code).length, 0);
  return Math.round(bytes / BYTES_PER_KILOBYTE);
}
