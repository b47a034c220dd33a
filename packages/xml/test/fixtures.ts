import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { XmlDocument } from '@yinglian/xml';
import { readXml } from '@yinglian/xml';
import { encodeUtf8 } from '@yinglian/core';

export const FIXTURES = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../shared/fixtures/dcp',
);

export const HAS_FIXTURES = existsSync(FIXTURES);
if (!HAS_FIXTURES) console.warn('skipped: the fixtures are not beside the checkout');

export const HAS_XMLSEC = spawnSync('xmlsec1', ['--version']).status === 0;
if (!HAS_XMLSEC) console.warn('skipped: xmlsec1 is not installed');

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
if (!HAS_OPENSSL) console.warn('skipped: openssl is not installed');

/** All files below a folder of the fixtures whose name ends so. */
export function fixtureFiles(folder: string, ending: string): string[] {
  const found: string[] = [];
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(ending)) found.push(path);
    }
  };
  walk(join(FIXTURES, folder));
  return found.sort();
}

export function parsed(text: string): XmlDocument {
  const outcome = readXml(encodeUtf8(text));
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome.value;
}

/** Runs a body with a folder that is gone afterwards. */
export async function withFolder<T>(body: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-xml-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether xmlsec1 accepts a document whose signer's certificate is given as PEM. */
export function xmlsecAccepts(file: string, options: readonly string[] = ['--insecure']): boolean {
  const ids = ['AuthenticatedPublic', 'AuthenticatedPrivate', 'part'].flatMap((name) => [
    '--id-attr:Id',
    name,
  ]);
  return spawnSync('xmlsec1', ['--verify', ...options, ...ids, file]).status === 0;
}

/** A self-signed certificate of a PKCS#8 key, made by openssl: PEM and DER files in `folder`. */
export function selfSigned(folder: string, pkcs8: Uint8Array): Buffer {
  writeFileSync(join(folder, 'key.der'), pkcs8);
  const key = ['-key', join(folder, 'key.der'), '-keyform', 'DER'];
  const subject = ['-subj', '/O=test/CN=CS.test', '-days', '3650', '-sha256'];
  return execFileSync('openssl', ['req', '-new', '-x509', ...key, ...subject, '-outform', 'DER']);
}
