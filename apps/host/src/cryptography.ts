import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash as hashOnce,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes as nodeRandomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import {
  assert,
  type Cryptography,
  type PrivateKeyBytes,
  type PublicKeyBytes,
  type RandomBytes,
} from '@yinglian/core';

/**
 * Parsing a key costs about as much as a hundred hashes, and one signer signs thousands of keys:
 * key objects are kept for as long as somebody holds the bytes they came from.
 */
const privateKeys = new WeakMap<PrivateKeyBytes, KeyObject>();
const publicKeys = new WeakMap<PublicKeyBytes, KeyObject>();

function privateKey(bytes: PrivateKeyBytes): KeyObject {
  let key = privateKeys.get(bytes);
  if (key === undefined) {
    key = createPrivateKey({ key: asBuffer(bytes), format: 'der', type: 'pkcs8' });
    privateKeys.set(bytes, key);
  }
  return key;
}

function publicKey(bytes: PublicKeyBytes): KeyObject {
  let key = publicKeys.get(bytes);
  if (key === undefined) {
    key = parsePublicKey(bytes);
    publicKeys.set(bytes, key);
  }
  return key;
}

/** A SubjectPublicKeyInfo of RSA-2048 up to its RSAPublicKey: all but a few of the field's keys. */
const RSA_2048_PREFIX = Buffer.from('30820122300d06092a864886f70d01010105000382010f00', 'hex');
const RSA_2048_INFO_BYTES = 0x122 + 4;

/**
 * OpenSSL 3 takes a quarter of a millisecond to find out what a SubjectPublicKeyInfo holds, a third
 * of an RSA signature. The RSAPublicKey inside it is read thirty times faster.
 */
function parsePublicKey(info: Uint8Array): KeyObject {
  if (info.length === RSA_2048_INFO_BYTES && beginsWith(info, RSA_2048_PREFIX)) {
    const start = RSA_2048_PREFIX.length;
    const inner = Buffer.from(info.buffer, info.byteOffset + start, info.length - start);
    return createPublicKey({ key: inner, format: 'der', type: 'pkcs1' });
  }
  return createPublicKey({ key: asBuffer(info), format: 'der', type: 'spki' });
}

function beginsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Plain arrays go out: a Buffer's `slice` shares memory, which would surprise packages. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const PADDING = constants.RSA_PKCS1_OAEP_PADDING;

/**
 * Cryptography by OpenSSL through Node. Signing runs on the thread pool, so that several signatures
 * use several cores. Malformed keys throw; a cipher text that a key does not open is `undefined`.
 */
export const nodeCryptography: Cryptography = Object.freeze({
  hash: (name) => {
    const hash = createHash(name);
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => plain(hash.digest()),
    };
  },
  digest: (name, bytes) => plain(hashOnce(name, bytes, 'buffer')),
  hmac: (name, key) => {
    const hmac = createHmac(name, key);
    return {
      update: (bytes) => void hmac.update(bytes),
      digest: () => plain(hmac.digest()),
    };
  },
  encryptAesCbc: (key, iv, bytes) => {
    const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    return finish(cipher.update(bytes), cipher.final());
  },
  decryptAesCbc: (key, iv, bytes) => {
    const decipher = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
    return finish(decipher.update(bytes), decipher.final());
  },
  encryptAesEcb: (key, bytes) => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return finish(cipher.update(bytes), cipher.final());
  },
  encryptRsaOaep: (key, bytes) =>
    plain(publicEncrypt({ key: publicKey(key), padding: PADDING, oaepHash: 'sha1' }, bytes)),
  decryptRsaOaep: (key, bytes) => {
    const opened = privateKey(key);
    try {
      return plain(privateDecrypt({ key: opened, padding: PADDING, oaepHash: 'sha1' }, bytes));
    } catch {
      return undefined;
    }
  },
  signRsa: (hash, key, bytes) =>
    new Promise((resolve, reject) => {
      sign(hash, bytes, privateKey(key), (error, signature) => {
        if (error === null) resolve(plain(signature));
        else reject(error);
      });
    }),
  verifyRsa: (hash, key, bytes, signature) => {
    try {
      return verify(hash, bytes, publicKey(key), signature);
    } catch {
      return false;
    }
  },
} satisfies Cryptography);

/** Without padding nothing is left at the end; the check keeps it one array without a copy. */
function finish(body: Buffer, tail: Buffer): Uint8Array {
  assert(tail.length === 0, 'a cipher without padding has no tail');
  return plain(body);
}

/** Fresh bytes from the operating system. */
export const randomBytes: RandomBytes = (length) => plain(nodeRandomBytes(length));

/**
 * Bytes that depend on the seed alone: SHA-256 over seed and counter. For repeatable builds; what
 * must be secret comes from {@link randomBytes}.
 */
export function seededRandomBytes(seed: string | Uint8Array): RandomBytes {
  const seedDigest = createHash('sha256').update('yinglian seed 1\0').update(seed).digest();
  let counter = 0n;
  let block: Buffer = Buffer.alloc(0);
  let used = 0;
  const refill = () => {
    const index = Buffer.alloc(8);
    index.writeBigUInt64BE(counter++);
    block = createHash('sha256').update(seedDigest).update(index).digest();
    used = 0;
  };
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (used === block.length) refill();
      const part = block.subarray(used, used + length - at);
      bytes.set(part, at);
      at += part.length;
      used += part.length;
    }
    return bytes;
  };
}

export type RsaKeyPair = {
  /** PKCS#8 DER. */
  readonly privateKey: PrivateKeyBytes;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: PublicKeyBytes;
};

/** ST 430-2 asks for 2048 bits and the exponent 65537. */
export const RSA_BITS = 2048;
const RSA_BITS_MIN = 1024;
const RSA_BITS_MAX = 8192;
const RSA_EXPONENT = 65_537;

/** A new RSA key pair, made on the thread pool. */
export async function generateRsaKey(bits = RSA_BITS): Promise<RsaKeyPair> {
  assert(bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX, 'an RSA key has 1024 to 8192 bits');
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: bits,
    publicExponent: RSA_EXPONENT,
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
    publicKeyEncoding: { format: 'der', type: 'spki' },
  });
  return { privateKey: plain(pair.privateKey), publicKey: plain(pair.publicKey) };
}

/**
 * A private key as PKCS#8 DER, from DER or PEM, PKCS#1 or PKCS#8. Undefined when it is not an RSA
 * private key (or wants a passphrase): the reason could quote the key, so none is given.
 */
export function readPrivateKey(
  bytes: Uint8Array,
  passphrase?: string,
): PrivateKeyBytes | undefined {
  const buffer = asBuffer(bytes);
  const secret = passphrase === undefined ? {} : { passphrase };
  const forms = buffer.includes('-----BEGIN')
    ? [{ key: buffer, format: 'pem' as const, ...secret }]
    : (['pkcs8', 'pkcs1'] as const).map((type) => ({
        key: buffer,
        format: 'der' as const,
        type,
        ...secret,
      }));
  for (const form of forms) {
    try {
      const key = createPrivateKey(form);
      if (key.asymmetricKeyType !== 'rsa') continue;
      return plain(key.export({ format: 'der', type: 'pkcs8' }));
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The public half of a private key, SubjectPublicKeyInfo DER. */
export function publicKeyOf(key: PrivateKeyBytes): PublicKeyBytes {
  return plain(createPublicKey(privateKey(key)).export({ format: 'der', type: 'spki' }));
}
