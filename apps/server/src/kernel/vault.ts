import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '@yinglian/core';
import { StartFault } from './start-fault.ts';

/** Seals what must never lie in clear in the database: content keys, private keys, secrets. */
export type Vault = {
  /** AES-256-GCM under a key of the purpose. The same purpose opens it again. */
  seal(purpose: string, plain: Uint8Array): Uint8Array;
  /** Throws when the bytes were changed, or sealed for another purpose or by another server. */
  open(purpose: string, sealed: Uint8Array): Uint8Array;
  /** A secret of 32 bytes that stays the same for the purpose. */
  derive(purpose: string): Uint8Array;
};

const KEY_BYTES = 32;
/** NIST SP 800-38D: 96 bits are the recommended length of a GCM nonce. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_FILE = 'master.key';

/**
 * The master key comes from `YINGLIAN_MASTER_KEY` (64 hexadecimal digits; needed where several
 * servers share one database) or from a file in the data folder that is made at the first start.
 */
export function openVault(dataFolder: string, masterKeyHex: string | undefined): Vault {
  return vaultOf(masterKeyHex === undefined ? keyFromFile(dataFolder) : parseKey(masterKeyHex));
}

function parseKey(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new StartFault('invalid_setting', {
      name: 'YINGLIAN_MASTER_KEY',
      value: '…',
      reason: '64 × [0-9a-f]',
    });
  }
  return Buffer.from(text, 'hex');
}

function keyFromFile(dataFolder: string): Uint8Array {
  const file = join(dataFolder, KEY_FILE);
  if (!existsSync(file)) {
    const fresh = join(dataFolder, `${KEY_FILE}.${process.pid}`);
    const text = `${randomBytes(KEY_BYTES).toString('hex')}\n`;
    writeFileSync(fresh, text, { mode: 0o600, flush: true });
    linkSync(fresh, file);
    rmSync(fresh);
  }
  return parseKey(readFileSync(file, 'utf8').trim());
}

/** A vault over any key of 32 bytes, for those that are kept elsewhere than the server's own. */
export function vaultOf(masterKey: Uint8Array): Vault {
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey, 'yinglian vault 1', purpose, KEY_BYTES));
  return {
    derive,
    seal(purpose, plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', derive(`seal ${purpose}`), nonce);
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return new Uint8Array(Buffer.concat([nonce, body, cipher.getAuthTag()]));
    },
    open(purpose, sealed) {
      assert(sealed.length >= NONCE_BYTES + TAG_BYTES, 'a sealed value has a nonce and a tag');
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', derive(`seal ${purpose}`), nonce);
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
    },
  };
}
