import { fromBase64, toBase64 } from '@yinglian/core';
import { type KeyPair, type Sealing, webSealing } from '@yinglian/opencall';

/** The browser's own cryptography; undefined on plain HTTP, where browsers withhold it. */
export function browserSealing(): Sealing | undefined {
  const subtle = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle;
  if (subtle === undefined) return undefined;
  return webSealing(subtle, (length) => crypto.getRandomValues(new Uint8Array(length)));
}

/** A person's own keys as a file; the same form as that of the command line. */
export type KeyFile = {
  readonly schema: 'yinglian.opencall.keys/1';
  readonly sealing: { readonly publicKey: string; readonly privateKey: string };
  readonly signing: { readonly publicKey: string; readonly privateKey: string };
};

export async function newKeyFile(sealing: Sealing): Promise<KeyFile> {
  const text = ({ publicKey, privateKey }: KeyPair) => ({
    publicKey: toBase64(publicKey),
    privateKey: toBase64(privateKey),
  });
  return {
    schema: 'yinglian.opencall.keys/1',
    sealing: text(await sealing.newAgreementKey()),
    signing: text(await sealing.newSigningKey()),
  };
}

/** What a chosen file holds, when it is a key file of this form. */
export function keyFileOf(value: unknown): KeyFile | undefined {
  const held = value as Partial<KeyFile> | null | undefined;
  const isPair = (pair: Partial<KeyFile['sealing']> | undefined) =>
    typeof pair?.publicKey === 'string' && typeof pair.privateKey === 'string';
  if (held?.schema !== 'yinglian.opencall.keys/1') return undefined;
  return isPair(held.sealing) && isPair(held.signing) ? (held as KeyFile) : undefined;
}

export function pairOf(keys: { publicKey: string; privateKey: string }): KeyPair {
  return { publicKey: fromBase64(keys.publicKey), privateKey: fromBase64(keys.privateKey) };
}

/** Gives a document to its owner as a file. */
export function keepFile(name: string, value: unknown): void {
  const blob = new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** JSON in a file that somebody chose; undefined when it is none. */
export async function readFile(file: File): Promise<unknown> {
  try {
    return JSON.parse(await file.text()) as unknown;
  } catch {
    return undefined;
  }
}
