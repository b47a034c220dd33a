import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import {
  type Certificate,
  type CertificateBundle,
  orderChain,
  readBundle,
  readCertificates,
} from '@yinglian/certificates';
import {
  decodeUtf8,
  type Finding,
  fromHex,
  type Outcome,
  parseUuid,
  type PrivateKeyBytes,
  toHex,
  type Uuid,
} from '@yinglian/core';
import { createFileSink, nodeCryptography, readArchive, readPrivateKey } from '@yinglian/host';
import { type ContentKey, isKeyType, openKdm } from '@yinglian/kdm';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** What a refused outcome ends a command with: its findings said, one JSON document, code 1. */
export function taken<Value>(terminal: Terminal, outcome: Outcome<Value>, file?: string): Value {
  if (outcome.ok) return outcome.value;
  const findings = outcome.findings.map((each) =>
    file === undefined ? each : { ...each, at: { file, ...each.at } },
  );
  terminal.answer({ findings });
  sayFindings(terminal, findings, ALL_TEXTS);
  // The findings have said it all.
  throw new CommandFault('', EXIT.faulty);
}

/** A private key in a file. Whatever is wrong with it, nothing of it is quoted. */
export async function givenPrivateKey(path: string): Promise<PrivateKeyBytes> {
  const key = readPrivateKey(await readGiven(path), process.env['YINGLIAN_KEY_PASSPHRASE']);
  if (key !== undefined) return key;
  throw new CommandFault(`${path}: no RSA private key`, EXIT.misused);
}

/** Certificates of one or several files. */
export async function givenCertificates(
  terminal: Terminal,
  paths: readonly string[],
): Promise<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (const path of paths) all.push(...taken(terminal, readCertificates(await readGiven(path))));
  return all;
}

/** A chain in order, leaf first. */
export async function givenChain(
  terminal: Terminal,
  paths: readonly string[],
): Promise<readonly Certificate[]> {
  return taken(terminal, orderChain(await givenCertificates(terminal, paths), nodeCryptography));
}

/** Options that name a signer. */
export type SignerOptions = { readonly signer?: readonly string[]; readonly signerKey?: string };

/** The signer of a command; undefined where none was named. */
export async function givenSigner(terminal: Terminal, options: SignerOptions) {
  if (options.signer === undefined && options.signerKey === undefined) return undefined;
  if (options.signer === undefined || options.signerKey === undefined) {
    throw new CommandFault('--signer and --signer-key belong together', EXIT.misused);
  }
  return {
    chain: await givenChain(terminal, options.signer),
    privateKey: await givenPrivateKey(options.signerKey),
  };
}

/** Files below files, folders and archives, in the order of their paths. */
export async function givenFiles(
  terminal: Terminal,
  paths: readonly string[],
): Promise<{ files: { path: string; bytes: Uint8Array }[]; findings: Finding[] }> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  const findings: Finding[] = [];
  for (const given of paths) {
    for (const path of await filesBelow(resolve(given))) {
      terminal.signal.throwIfAborted();
      const bytes = await readGiven(path);
      const shown = relative(process.cwd(), path).split(sep).join('/');
      // A workbook is a ZIP too, and one document.
      const archive = /\.xlsx$/i.test(path) ? undefined : readArchive(bytes);
      if (archive === undefined) files.push({ path: shown, bytes });
      else {
        findings.push(
          ...archive.findings.map((each) => ({ ...each, at: { file: shown, ...each.at } })),
        );
        for (const each of archive.ok ? archive.value : []) {
          files.push({ path: `${shown}/${each.path}`, bytes: each.bytes });
        }
      }
    }
  }
  return { files, findings };
}

const DEPTH_MAX = 16;

async function filesBelow(path: string, depth = 0): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  if (depth >= DEPTH_MAX) return [];
  const found: string[] = [];
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isFile()) found.push(join(path, entry.name));
    else if (entry.isDirectory())
      found.push(...(await filesBelow(join(path, entry.name), depth + 1)));
  }
  return found;
}

/** A maker's delivery: files, folders, ZIP and TAR. */
export async function givenBundle(
  terminal: Terminal,
  paths: readonly string[],
): Promise<{ bundle: CertificateBundle; findings: readonly Finding[] }> {
  const { files, findings } = await givenFiles(terminal, paths);
  const read = readBundle(files, nodeCryptography);
  return { bundle: taken(terminal, read), findings: [...findings, ...read.findings] };
}

/** Content keys as commands hand them to each other, in a file that its owner alone may read. */
export type KeyFile = {
  readonly format: 'yinglian-content-keys/1';
  readonly compositionId: Uuid;
  readonly title: string;
  readonly standard: 'smpte' | 'interop';
  readonly keys: readonly { readonly keyId: Uuid; readonly type: string; readonly key: string }[];
  /** Where the keys are of a package with several compositions: all of them. */
  readonly compositions?: readonly { readonly id: Uuid; readonly title: string }[];
};

/** Writes content keys; they appear nowhere else. */
export async function writeKeyFile(
  path: string,
  about: Pick<KeyFile, 'compositionId' | 'title' | 'standard' | 'compositions'>,
  keys: readonly { keyId: Uuid; type: string; key: Uint8Array }[],
): Promise<void> {
  const file: KeyFile = {
    format: 'yinglian-content-keys/1',
    ...about,
    keys: keys.map(({ keyId, type, key }) => ({ keyId, type, key: toHex(key) })),
  };
  await writeSecret(path, `${JSON.stringify(file, null, 2)}\n`);
}

/** A file that only its owner may read. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const mask = process.umask(0o077);
  try {
    const sink = await createFileSink(resolve(path));
    await sink.write(Buffer.from(text));
    await sink.close();
  } finally {
    process.umask(mask);
  }
}

/** Reads what {@link writeKeyFile} wrote. Its content is quoted in no message. */
export async function readKeyFile(
  path: string,
): Promise<KeyFile & { readonly contentKeys: readonly ContentKey[] }> {
  const wrong = () => new CommandFault(`${path}: no yinglian-content-keys/1`, EXIT.misused);
  let file: KeyFile;
  try {
    file = JSON.parse(decodeUtf8(await readGiven(path)) ?? '') as KeyFile;
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong();
    throw error;
  }
  if (file?.format !== 'yinglian-content-keys/1' || !Array.isArray(file.keys)) throw wrong();
  const contentKeys = file.keys.map(({ keyId, type, key }): ContentKey => {
    if (!parseUuid(keyId).ok || !isKeyType(type) || !/^[0-9a-f]{32}$/i.test(key)) throw wrong();
    return { keyId, keyType: type, key: fromHex(key) };
  });
  return { ...file, contentKeys };
}

/** Options that open encrypted essence. */
export type KeyOptions = {
  readonly keys?: string;
  readonly kdm?: readonly string[];
  readonly kdmKey?: string;
};

/** Keys by id, from a key file and from key messages with the private key that opens them. */
export async function givenKeys(
  terminal: Terminal,
  options: KeyOptions,
): Promise<ReadonlyMap<Uuid, Uint8Array>> {
  const keys = new Map<Uuid, Uint8Array>();
  if (options.keys !== undefined) {
    for (const { keyId, key } of (await readKeyFile(options.keys)).contentKeys)
      keys.set(keyId, key);
  }
  if (options.kdm !== undefined) {
    if (options.kdmKey === undefined) {
      throw new CommandFault('--kdm needs --kdm-key', EXIT.misused);
    }
    const privateKey = await givenPrivateKey(options.kdmKey);
    for (const path of options.kdm) {
      const opened = openKdm(await readGiven(path), privateKey, TOLERANT, nodeCryptography);
      for (const { keyId, key } of taken(terminal, opened).keys) keys.set(keyId, key);
    }
  }
  return keys;
}

/**
 * Whoever looks into a package with a key message is no player: a message of a chain that is cut
 * still holds the right keys. Everything that could make them wrong keys stays an error.
 */
export const TOLERANT = { tolerate: ['incomplete_chain', 'missing_certificate_role'] } as const;
