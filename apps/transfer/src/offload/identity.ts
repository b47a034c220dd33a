import type { BigIntStats } from 'node:fs';

/** What makes a file the same file: a rewritten, replaced or touched one differs. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.dev}-${stats.ino}-${stats.size}-${stats.mtimeNs}`;
}
