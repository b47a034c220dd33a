import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCertificates } from '@yinglian/certificates';
import { readPrivateKey } from '@yinglian/host';
import type { PackageSigner } from '../src/index.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const FIXTURES = join(ROOT, '../shared/fixtures/dcp');
export const HAS_FIXTURES = existsSync(FIXTURES);
if (!HAS_FIXTURES) console.log('skipped where marked: ../shared/fixtures/dcp is not here');

export function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, path)));
}

/** All files below a fixture folder, by relative path. */
export function fixtureFolder(path: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const base = join(FIXTURES, path);
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const full = join(folder, name);
      if (statSync(full).isDirectory()) walk(full);
      else files.set(relative(base, full), new Uint8Array(readFileSync(full)));
    }
  };
  walk(base);
  return files;
}

export { nodeCryptography as cryptography, seededRandomBytes as seeded } from '@yinglian/host';

/** A chain of the fixtures with its leaf's key, ready to sign packages. */
export function fixtureSigner(name: 'filmnet' | 'acmeplayers' | 'oldstar'): PackageSigner {
  const chain = ['leaf.signed', 'intermediate.signed', 'ca.self-signed'].flatMap((file) => {
    const outcome = readCertificates(fixture(`generated/chains/${name}/${file}.pem`));
    if (!outcome.ok) throw new Error(file);
    return [...outcome.value];
  });
  return { chain, privateKey: readPrivateKey(fixture(`generated/chains/${name}/leaf.key`))! };
}
