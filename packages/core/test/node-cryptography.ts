import { createHash, createHmac } from 'node:crypto';
import type { Cryptography, HashName, RunningHash } from '../src/index.ts';

const refuse = (): never => {
  throw new Error('these tests only hash');
};

function running(hash: { update(bytes: Uint8Array): unknown; digest(): Uint8Array }): RunningHash {
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => new Uint8Array(hash.digest()),
  };
}

/** The hashing half of the port, by Node: all that this package itself asks for. */
export const nodeCryptography: Cryptography = {
  hash: (name: HashName) => running(createHash(name)),
  hmac: (name: HashName, key: Uint8Array) => running(createHmac(name, key)),
  encryptAesCbc: refuse,
  decryptAesCbc: refuse,
  encryptAesEcb: refuse,
  encryptRsaOaep: refuse,
  decryptRsaOaep: refuse,
  signRsa: refuse,
  verifyRsa: refuse,
};
