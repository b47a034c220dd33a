import {
  type Cryptography,
  digest,
  type HashName,
  type InstantMs,
  type PublicKeyBytes,
  toBase64,
} from '@yinglian/core';
import { contentsOf, readDer } from './der.ts';
import { type DistinguishedName, NAME_ATTRIBUTES, nameValues } from './names.ts';

/** Bits of keyUsage (RFC 5280 4.2.1.3), in their order. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
/** A use that a certificate allows for its key. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** The public key of a certificate. */
export type CertificateKey = {
  /** SubjectPublicKeyInfo DER. */
  readonly info: PublicKeyBytes;
  /** The content of the BIT STRING: what a dnQualifier is the hash of. */
  readonly bits: Uint8Array;
  /** Object identifier of the algorithm; RSA is 1.2.840.113549.1.1.1. */
  readonly algorithm: string;
  /** Of an RSA key; 0 for any other. */
  readonly modulusBits: number;
  readonly exponent: bigint;
};

/** The extensions that ST 430-2 speaks of, and what is critical beside them. */
export type CertificateExtensions = {
  readonly basicConstraints?: {
    readonly critical: boolean;
    readonly authority: boolean;
    readonly pathLength?: number;
  };
  readonly keyUsage?: { readonly critical: boolean; readonly usages: ReadonlySet<KeyUsage> };
  readonly authorityKey?: { readonly keyId?: Uint8Array; readonly serial?: bigint };
  readonly subjectKeyId?: Uint8Array;
  /** Object identifiers of critical extensions that nobody here understands. */
  readonly unknownCritical: readonly string[];
};

/** A certificate as read: facts only, nothing judged. */
export type Certificate = {
  readonly der: Uint8Array;
  /** The signed part, with its tag and length. */
  readonly signedPart: Uint8Array;
  readonly version: number;
  readonly serial: bigint;
  /** Object identifiers: of the signature, and the same as the signed part says it. */
  readonly signatureAlgorithm: string;
  readonly signedAlgorithm: string;
  /** Undefined when the signature is not RSA with a hash of the field. */
  readonly signatureHash: HashName | undefined;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
  /** Whether a year before 2050 was written as GeneralizedTime, or a later one as UTCTime. */
  readonly unusualTime: boolean;
  readonly key: CertificateKey;
  readonly extensions: CertificateExtensions;
};

/** SHA-1 of nothing: in a device list, trust in whatever the suite is made of (ISDCF Doc 5). */
export const ASSUME_TRUST_THUMBPRINT = '2jmj7l5rSw0yVb/vlWAYkK/YBwk=';

/**
 * The thumbprint the whole field uses: base64 of the SHA-1 of the signed part with its tag and
 * length. ST 430-2 5.4 reads as if they were left out; see {@link thumbprintByText}.
 */
export function thumbprintOf(certificate: Certificate, cryptography: Cryptography): string {
  return toBase64(thumbprintBytes(certificate, cryptography));
}

/** {@link thumbprintOf} as its 20 bytes. */
export function thumbprintBytes(certificate: Certificate, cryptography: Cryptography): Uint8Array {
  return digest(cryptography, 'sha1', certificate.signedPart);
}

/** The other reading of ST 430-2 5.4: without tag and length. Lists of some makers carry it. */
export function thumbprintByText(certificate: Certificate, cryptography: Cryptography): string {
  const contents = contentsOf(readDer(certificate.signedPart));
  return toBase64(digest(cryptography, 'sha1', contents));
}

/** The dnQualifier a key has: base64 of the SHA-1 of its bits (ST 430-2 5.3.1). */
export function qualifierOf(keyBits: Uint8Array, cryptography: Cryptography): string {
  return toBase64(digest(cryptography, 'sha1', keyBits));
}

/** Roles before the first dot of the common name; none for a CA (ST 430-2 5.3.4). */
export function rolesOf(certificate: Certificate): string[] {
  const name = nameValues(certificate.subject, NAME_ATTRIBUTES.commonName)[0] ?? '';
  const dot = name.indexOf('.');
  return dot < 0
    ? []
    : name
        .slice(0, dot)
        .split(' ')
        .filter((role) => role !== '');
}

/** What follows the roles: maker, model, serial of a device; the name of a signer or CA. */
export function entityOf(certificate: Certificate): string {
  const name = nameValues(certificate.subject, NAME_ATTRIBUTES.commonName)[0] ?? '';
  return name.slice(name.indexOf('.') + 1);
}

/** Whether a certificate may serve for that; one that names no usages may serve for any. */
export function allowsUsage(certificate: Certificate, usage: KeyUsage): boolean {
  return certificate.extensions.keyUsage?.usages.has(usage) !== false;
}

/** Whether a certificate may sign others. */
export function isAuthority(certificate: Certificate): boolean {
  return certificate.extensions.basicConstraints?.authority === true;
}
