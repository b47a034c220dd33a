/**
 * The cryptography of sealed bids as a port. It is asynchronous because a browser's is; one
 * implementation over WebCrypto serves browsers, the command line and the server alike.
 */
export type Sealing = {
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Promise<Uint8Array>;
  /** AES-GCM with a tag of 16 bytes behind the cipher; the key has 16 or 32 bytes. */
  encryptGcm(key: Uint8Array, given: GcmText): Promise<Uint8Array>;
  /** Undefined when key, nonce, additional data or cipher are not those that were sealed. */
  decryptGcm(key: Uint8Array, given: GcmText): Promise<Uint8Array | undefined>;
  /** A new pair for ECDH on P-256: the public point uncompressed, the private key as PKCS #8. */
  newAgreementKey(): Promise<KeyPair>;
  /** The x coordinate of the shared point; undefined for a point that is not on the curve. */
  agree(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array | undefined>;
  /** A new pair for ECDSA on P-256. */
  newSigningKey(): Promise<KeyPair>;
  /** ECDSA on P-256 with SHA-256, as r ‖ s (IEEE P1363). */
  sign(privateKey: Uint8Array, bytes: Uint8Array): Promise<Uint8Array>;
  verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
  random(length: number): Uint8Array;
};

/** What goes into AES-GCM, and what comes out of it on the other side. */
export type GcmText = {
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly text: Uint8Array;
};

/** An uncompressed point of P-256, 65 bytes, and its private key as PKCS #8 DER. */
export type KeyPair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };

type Bytes = Uint8Array<ArrayBuffer>;
type Named = { readonly name: string };

/** The part of WebCrypto's `SubtleCrypto` that is needed; every browser and Node have it. */
export type WebSubtle = {
  digest(algorithm: Named, bytes: Bytes): Promise<ArrayBuffer>;
  importKey(
    format: 'raw' | 'pkcs8',
    bytes: Bytes,
    algorithm: Named,
    extractable: boolean,
    usages: string[],
  ): Promise<object>;
  exportKey(format: 'raw' | 'pkcs8', key: object): Promise<unknown>;
  generateKey(algorithm: Named, extractable: boolean, usages: string[]): Promise<unknown>;
  encrypt(algorithm: Named, key: object, bytes: Bytes): Promise<ArrayBuffer>;
  decrypt(algorithm: Named, key: object, bytes: Bytes): Promise<ArrayBuffer>;
  sign(algorithm: Named, key: object, bytes: Bytes): Promise<ArrayBuffer>;
  verify(algorithm: Named, key: object, signature: Bytes, bytes: Bytes): Promise<boolean>;
  deriveBits(algorithm: Named, key: object, length: number): Promise<ArrayBuffer>;
};

const CURVE = 'P-256';
const POINT_BITS = 256;
const TAG_BITS = 128;
const HASH_BYTES = 32;

/** The port over WebCrypto. `random` fills an array with fresh bytes, as `getRandomValues` does. */
export function webSealing(subtle: WebSubtle, random: (length: number) => Uint8Array): Sealing {
  const gcm = ({ nonce, aad }: GcmText) => ({
    name: 'AES-GCM',
    iv: own(nonce),
    additionalData: own(aad),
    tagLength: TAG_BITS,
  });
  const gcmKey = (key: Uint8Array) =>
    subtle.importKey('raw', own(key), { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
  const ecdh = { name: 'ECDH', namedCurve: CURVE };
  const ecdsa = { name: 'ECDSA', namedCurve: CURVE };
  const ecdsaWithSha256 = { name: 'ECDSA', hash: 'SHA-256' };
  const newPair = async (algorithm: Named, usages: string[]): Promise<KeyPair> => {
    const pair = (await subtle.generateKey(algorithm, true, usages)) as {
      readonly publicKey: object;
      readonly privateKey: object;
    };
    const exported = async (format: 'raw' | 'pkcs8', key: object) =>
      new Uint8Array((await subtle.exportKey(format, key)) as ArrayBuffer);
    return {
      publicKey: await exported('raw', pair.publicKey),
      privateKey: await exported('pkcs8', pair.privateKey),
    };
  };
  return {
    random,
    sha256: async (bytes) => new Uint8Array(await subtle.digest({ name: 'SHA-256' }, own(bytes))),
    async hmacSha256(key, bytes) {
      // WebCrypto takes no empty key; one of zeros is the same key (RFC 2104 section 2).
      const given = key.length === 0 ? new Uint8Array(HASH_BYTES) : key;
      const hmac = { name: 'HMAC', hash: 'SHA-256' };
      const held = await subtle.importKey('raw', own(given), hmac, false, ['sign']);
      return new Uint8Array(await subtle.sign({ name: 'HMAC' }, held, own(bytes)));
    },
    encryptGcm: async (key, given) =>
      new Uint8Array(await subtle.encrypt(gcm(given), await gcmKey(key), own(given.text))),
    decryptGcm: async (key, given) =>
      orUndefined(async () => subtle.decrypt(gcm(given), await gcmKey(key), own(given.text))),
    newAgreementKey: () => newPair(ecdh, ['deriveBits']),
    agree: (privateKey, publicKey) =>
      orUndefined(async () => {
        const held = await subtle.importKey('pkcs8', own(privateKey), ecdh, false, ['deriveBits']);
        const other = await subtle.importKey('raw', own(publicKey), ecdh, false, []);
        const algorithm = { name: 'ECDH', public: other };
        return subtle.deriveBits(algorithm, held, POINT_BITS);
      }),
    newSigningKey: () => newPair(ecdsa, ['sign', 'verify']),
    async sign(privateKey, bytes) {
      const held = await subtle.importKey('pkcs8', own(privateKey), ecdsa, false, ['sign']);
      return new Uint8Array(await subtle.sign(ecdsaWithSha256, held, own(bytes)));
    },
    async verify(publicKey, bytes, signature) {
      try {
        const held = await subtle.importKey('raw', own(publicKey), ecdsa, false, ['verify']);
        return await subtle.verify(ecdsaWithSha256, held, own(signature), own(bytes));
      } catch {
        // A key that is no point of the curve verifies nothing.
        return false;
      }
    },
  };
}

/** A copy in memory of its own, which is all that WebCrypto takes. */
function own(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

/** WebCrypto throws for what does not open; here that is an answer. */
async function orUndefined(attempt: () => Promise<ArrayBuffer>): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await attempt());
  } catch {
    return undefined;
  }
}
