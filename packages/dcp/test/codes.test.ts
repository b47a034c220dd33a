import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FINDING_TEXTS, RULES } from '../src/index.ts';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '../src');

/** Every code that stands in the sources where a finding is made. */
function emittedCodes(): Set<string> {
  const codes = new Set<string>(Object.keys(RULES));
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(SOURCES, name), 'utf8');
    const calls =
      /(?:\bfinding|\bno|\.add|\.addFrame|report)\(\s*(?:check,\s*)?'([a-z]+(?:_[a-z]+)+)'/g;
    for (const match of text.matchAll(calls)) codes.add(match[1]!);
  }
  return codes;
}

describe('codes', () => {
  it('[DCP50] every code has a text in both languages, and every text belongs to a code', () => {
    const emitted = [...emittedCodes()].sort();
    expect(emitted.length).toBeGreaterThan(120);
    expect(Object.keys(FINDING_TEXTS).sort()).toEqual(emitted);
    for (const text of Object.values(FINDING_TEXTS)) {
      expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(text.en).toMatch(/^[A-Z{“\d]/);
    }
  });
});
