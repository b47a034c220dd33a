/**
 * The cryptography that packages need, as a port. Packages say *what* is hashed, signed and
 * wrapped; the host says with which machinery (OpenSSL through Node, a token, a key service).
 */

/** Hashes the trade uses; SHA-1 and MD5 only where a standard still names them. */
export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'md5';

/** A hash fed piece by piece; after `digest` it is spent. */
export type RunningHash = {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
};

/** A private key as its holder sees it: PKCS#8 DER. Never logged, never put into a finding. */
export type PrivateKeyBytes = Uint8Array;
/** SubjectPublicKeyInfo DER. */
export type PublicKeyBytes = Uint8Array;

/** All the cryptography that packages ask of their host. */
export type Cryptography = {
  hash(name: HashName): RunningHash;
  /** One whole message at once, where the host can do that for less than a running hash. */
  digest?(name: HashName, bytes: Uint8Array): Uint8Array;
  hmac(name: HashName, key: Uint8Array): RunningHash;
  /** AES-128-CBC without padding: the length is a multiple of 16. */
  encryptAesCbc(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array;
  decryptAesCbc(key: Uint8Array, iv: Uint8Array, cipher: Uint8Array): Uint8Array;
  encryptAesEcb(key: Uint8Array, plain: Uint8Array): Uint8Array;
  /** RSAES-OAEP with SHA-1 and MGF1-SHA-1, as ST 430-3 names it (rsa-oaep-mgf1p). */
  encryptRsaOaep(key: PublicKeyBytes, plain: Uint8Array): Uint8Array;
  /** Undefined when the key does not open it. */
  decryptRsaOaep(key: PrivateKeyBytes, cipher: Uint8Array): Uint8Array | undefined;
  /** RSASSA-PKCS1-v1_5. May be asynchronous: a token or a thread pool may do the work. */
  signRsa(hash: HashName, key: PrivateKeyBytes, bytes: Uint8Array): Promise<Uint8Array>;
  verifyRsa(hash: HashName, key: PublicKeyBytes, bytes: Uint8Array, signature: Uint8Array): boolean;
};

/** One whole message through one hash. */
export function digest(cryptography: Cryptography, name: HashName, bytes: Uint8Array): Uint8Array {
  if (cryptography.digest !== undefined) return cryptography.digest(name, bytes);
  const running = cryptography.hash(name);
  running.update(bytes);
  return running.digest();
}

/** Where fresh bytes come from; a seeded one makes builds repeatable. */
export type RandomBytes = (length: number) => Uint8Array;
