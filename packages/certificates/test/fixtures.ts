import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Certificate, readCertificates } from '@yinglian/certificates';

export const FIXTURES = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../shared/fixtures/dcp',
);
export const HAS_FIXTURES = existsSync(FIXTURES);
if (!HAS_FIXTURES) console.warn('skipped: the fixtures are not beside the checkout');

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
if (!HAS_OPENSSL) console.warn('skipped: openssl is not installed');

export function certificatesIn(path: string): readonly Certificate[] {
  const outcome = readCertificates(readFileSync(join(FIXTURES, path)));
  if (!outcome.ok) throw new Error(`${path}: ${outcome.findings.map((each) => each.code).join()}`);
  return outcome.value;
}

/** A generated chain, leaf first. */
export function fixtureChain(name: 'filmnet' | 'acmeplayers' | 'oldstar'): readonly Certificate[] {
  return ['leaf.signed', 'intermediate.signed', 'ca.self-signed'].flatMap((file) => [
    ...certificatesIn(`generated/chains/${name}/${file}.pem`),
  ]);
}

export async function withFolder<T>(body: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-certificates-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
