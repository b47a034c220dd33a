import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cryptography, RandomBytes } from '@yinglian/core';

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

/** Fixed bytes for repeatable tests: SHA-256 over a counter. */
export function seeded(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      parts.push(createHash('sha256').update(`${seed}/${counter++}`).digest());
    }
    return new Uint8Array(Buffer.concat(parts).subarray(0, length));
  };
}

const plain = (bytes: Buffer) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/** The hashes and ciphers that track files need; signatures are tested with the host's port. */
export const cipherPort: Pick<Cryptography, 'hash' | 'hmac' | 'encryptAesCbc' | 'decryptAesCbc'> = {
  hash: (name) => {
    const hash = createHash(name);
    return { update: (bytes) => void hash.update(bytes), digest: () => plain(hash.digest()) };
  },
  hmac: (name, key) => {
    const hmac = createHmac(name, key);
    return { update: (bytes) => void hmac.update(bytes), digest: () => plain(hmac.digest()) };
  },
  encryptAesCbc: (key, iv, bytes) =>
    plain(createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false).update(bytes)),
  decryptAesCbc: (key, iv, bytes) =>
    plain(createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false).update(bytes)),
};
export const cryptography = cipherPort as Cryptography;
