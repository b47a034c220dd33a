import {
  accepted,
  assert,
  type Cryptography,
  dateFromDayNumber,
  digest,
  finding,
  type Finding,
  type InstantMs,
  type Outcome,
  type PrivateKeyBytes,
  type PublicKeyBytes,
  refused,
} from '@yinglian/core';
import {
  bitsOf,
  der,
  derBits,
  derBoolean,
  derInteger,
  derOid,
  derSequence,
  derText,
  members,
  readDer,
  TAG,
} from './der.ts';
import { type Certificate, qualifierOf } from './model.ts';
import { isPrintable, NAME_ATTRIBUTES, nameValues, writeName } from './names.ts';
import type { LeafUsage } from './check.ts';
import { OIDS, readCertificate } from './read.ts';

/** What a new certificate should say. Times are instants, cut to whole seconds. */
export type CertificateRequest = {
  /** `authority`: a root (self-signed) or an intermediate; `leaf`: a signer or a device. */
  readonly kind: 'authority' | 'leaf';
  /** O: the root's name. Left out below a root, it is the root's. */
  readonly organization?: string;
  readonly organizationUnit: string;
  /** Roles of a leaf, `CS` for a signer, `SM` and others for devices; none for an authority. */
  readonly roles?: readonly string[];
  /** What follows the roles and the dot: `maker.model.serial`, or a name. */
  readonly entity: string;
  readonly publicKey: PublicKeyBytes;
  /** Positive, at most 64 bits. Fresh from random bytes, unless the issuer counts. */
  readonly serial: bigint;
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
  /** Of a leaf; both unless told. Media blocks of two certificates have one each. */
  readonly usages?: readonly LeafUsage[];
  /** How many authorities may follow below an authority. */
  readonly pathLength?: number;
};

/** Who signs a new certificate. */
export type CertificateIssuer = {
  readonly privateKey: PrivateKeyBytes;
  /** Left out for a root, which signs itself. */
  readonly certificate?: Certificate;
};

/** ST 430-2 5.2: an unsigned integer of at most 64 bits. */
const SERIAL_MAX = (1n << 64n) - 1n;
const PATH_LENGTH_DEFAULT = 2;
/** RFC 5280 appendix A: upper bound of a common name. */
const COMMON_NAME_MAX = 64;

/**
 * Makes a certificate by ST 430-2: X.509 version 3, SHA-256 with RSA, PrintableString names with
 * the dnQualifier of the key, the extensions the standard asks for. Refused when the request breaks
 * a rule that the result would carry around for years.
 */
export async function makeCertificate(
  request: CertificateRequest,
  issuer: CertificateIssuer,
  cryptography: Cryptography,
): Promise<Outcome<Certificate>> {
  const parent = issuer.certificate;
  const organization =
    request.organization ?? (parent && nameValues(parent.subject, NAME_ATTRIBUTES.organization)[0]);
  const commonName = `${(request.roles ?? []).join(' ')}.${request.entity}`;
  const findings = checkRequest(request, parent, organization ?? '', commonName);
  if (findings.length > 0) return refused(...findings);

  const keyBits = bitsOf(members(readDer(request.publicKey))[1]);
  const subject = writeName({
    organization: organization!,
    organizationUnit: request.organizationUnit,
    commonName,
    qualifier: qualifierOf(keyBits, cryptography),
  });
  const subjectKeyId = digest(cryptography, 'sha1', keyBits);
  const algorithm = derSequence(derOid(OIDS.sha256WithRsa), der(TAG.null));
  const signed = derSequence(
    der(0xa0, derInteger(2n)),
    derInteger(request.serial),
    algorithm,
    parent?.subject.bytes ?? subject,
    derSequence(derTime(request.notBefore), derTime(request.notAfter)),
    subject,
    request.publicKey,
    der(0xa3, derSequence(...extensionsOf(request, parent, { subject, subjectKeyId }))),
  );
  const signature = await cryptography.signRsa('sha256', issuer.privateKey, signed);
  const made = readCertificate(derSequence(signed, algorithm, derBits(signature)));
  assert(made.ok, 'a certificate made here can be read here');
  return accepted(made.value);
}

function checkRequest(
  request: CertificateRequest,
  parent: Certificate | undefined,
  organization: string,
  commonName: string,
): Finding[] {
  const findings: Finding[] = [];
  const texts = { O: organization, OU: request.organizationUnit, CN: commonName };
  for (const [attribute, text] of Object.entries(texts)) {
    if (isPrintable(text) && text.length <= COMMON_NAME_MAX) continue;
    const facts = { attribute, text };
    findings.push(finding('invalid_name_text', 'error', { facts, clause: 'ST 430-2 5.3.1' }));
  }
  if (request.serial <= 0n || request.serial > SERIAL_MAX) {
    const facts = { serial: String(request.serial) };
    findings.push(finding('invalid_serial_number', 'error', { facts, clause: 'ST 430-2 5.2' }));
  }
  if (request.notBefore >= request.notAfter) findings.push(finding('reversed_validity', 'error'));
  if (request.kind === 'leaf' && (request.roles ?? []).length === 0) {
    findings.push(finding('missing_certificate_role', 'error', { clause: 'ST 430-2 5.3.4' }));
  }
  if (request.kind === 'authority' && (request.roles ?? []).length > 0) {
    findings.push(finding('unexpected_certificate_role', 'error', { clause: 'ST 430-2 5.3.4' }));
  }
  if (parent !== undefined) findings.push(...checkNesting(request, parent));
  else if (request.kind === 'leaf') findings.push(finding('missing_certificate_issuer', 'error'));
  return findings;
}

function checkNesting(request: CertificateRequest, parent: Certificate): Finding[] {
  const inside = request.notBefore >= parent.notBefore && request.notAfter <= parent.notAfter;
  const constraints = parent.extensions.basicConstraints;
  const findings: Finding[] = [];
  if (!inside) {
    findings.push(finding('excessive_certificate_validity', 'error', { clause: 'ST 430-2 6.2' }));
  }
  if (constraints?.authority !== true) findings.push(finding('unexpected_issuer_leaf', 'error'));
  if (request.kind === 'authority' && constraints?.pathLength === 0) {
    findings.push(finding('excessive_chain_length', 'error', { clause: 'RFC 5280 4.2.1.9' }));
  }
  return findings;
}

function leafUsage({ usages }: CertificateRequest): Uint8Array {
  const has = (usage: LeafUsage) => usages === undefined || usages.includes(usage);
  const bits = (has('digitalSignature') ? 0x80 : 0) | (has('keyEncipherment') ? 0x20 : 0);
  // DER counts no bits behind the last one that is set.
  return derBits(Uint8Array.of(bits), bits & 0x20 ? 5 : 7);
}

function extensionsOf(
  request: CertificateRequest,
  parent: Certificate | undefined,
  own: { subject: Uint8Array; subjectKeyId: Uint8Array },
): Uint8Array[] {
  const extension = (id: string, critical: boolean, value: Uint8Array) =>
    derSequence(derOid(id), ...(critical ? [derBoolean(true)] : []), der(TAG.octetString, value));
  const authority = request.kind === 'authority';
  const parentLength = parent?.extensions.basicConstraints?.pathLength;
  const below = parentLength === undefined ? PATH_LENGTH_DEFAULT : parentLength - 1;
  const pathLength = request.pathLength ?? Math.max(0, below);
  const constraints = authority
    ? derSequence(derBoolean(true), derInteger(BigInt(pathLength)))
    : derSequence();
  // Bits from the left: keyCertSign 5 and cRLSign 6; digitalSignature 0 and keyEncipherment 2.
  const usage = authority ? derBits(Uint8Array.of(0x06), 1) : leafUsage(request);
  const keyId = parent?.extensions.subjectKeyId ?? own.subjectKeyId;
  const issuerName = parent?.issuer.bytes ?? own.subject;
  const issuerSerial = derInteger(parent?.serial ?? request.serial).subarray(2);
  const authorityKey = derSequence(
    der(0x80, keyId),
    der(0xa1, der(0xa4, issuerName)),
    der(0x82, issuerSerial),
  );
  return [
    extension(OIDS.basicConstraints, true, constraints),
    extension(OIDS.keyUsage, true, usage),
    extension(OIDS.subjectKeyIdentifier, false, der(TAG.octetString, own.subjectKeyId)),
    extension(OIDS.authorityKeyIdentifier, false, authorityKey),
  ];
}

const MS_PER_DAY = 86_400_000;

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). Seconds are cut off. */
function derTime(instant: InstantMs): Uint8Array {
  const days = Math.floor(instant / MS_PER_DAY);
  const date = dateFromDayNumber(days).replaceAll('-', '');
  const seconds = Math.floor((instant - days * MS_PER_DAY) / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
  const early = Number(date.slice(0, 4)) <= 2049;
  return early
    ? derText(TAG.utcTime, `${date.slice(2)}${clock}Z`)
    : derText(TAG.generalizedTime, `${date}${clock}Z`);
}

/** What a whole new chain should say; all three certificates share names and validity. */
export type ChainRequest = {
  readonly organization: string;
  readonly organizationUnit: string;
  /** Common part of the names; `.name.ROOT`, `.name.INTERMEDIATE` and `roles.name` come of it. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly notBefore: InstantMs;
  readonly notAfter: InstantMs;
  readonly serials: { readonly root: bigint; readonly intermediate: bigint; readonly leaf: bigint };
};

type KeyPair = { readonly privateKey: PrivateKeyBytes; readonly publicKey: PublicKeyBytes };

/** A whole chain, leaf first: what a new signer, or a simulated device, needs to begin. */
export async function makeChain(
  request: ChainRequest,
  keys: { readonly root: KeyPair; readonly intermediate: KeyPair; readonly leaf: KeyPair },
  cryptography: Cryptography,
): Promise<Outcome<readonly [leaf: Certificate, intermediate: Certificate, root: Certificate]>> {
  const { organizationUnit, notBefore, notAfter, serials } = request;
  const shared = { organizationUnit, notBefore, notAfter };
  const root = await makeCertificate(
    {
      ...shared,
      kind: 'authority',
      organization: request.organization,
      entity: `${request.name}.ROOT`,
      publicKey: keys.root.publicKey,
      serial: serials.root,
      pathLength: 2,
    },
    { privateKey: keys.root.privateKey },
    cryptography,
  );
  if (!root.ok) return root;
  const intermediate = await makeCertificate(
    {
      ...shared,
      kind: 'authority',
      entity: `${request.name}.INTERMEDIATE`,
      publicKey: keys.intermediate.publicKey,
      serial: serials.intermediate,
    },
    { privateKey: keys.root.privateKey, certificate: root.value },
    cryptography,
  );
  if (!intermediate.ok) return intermediate;
  const leaf = await makeCertificate(
    {
      ...shared,
      kind: 'leaf',
      roles: request.roles,
      entity: request.name,
      publicKey: keys.leaf.publicKey,
      serial: serials.leaf,
    },
    { privateKey: keys.intermediate.privateKey, certificate: intermediate.value },
    cryptography,
  );
  return leaf.ok ? accepted([leaf.value, intermediate.value, root.value]) : leaf;
}

/** A serial of 63 random bits: positive, never zero, within ST 430-2's 64. */
export function serialFromRandom(random: Uint8Array): bigint {
  assert(random.length === 8, 'a serial takes 8 random bytes');
  const number = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return (number & ((1n << 63n) - 1n)) | 1n;
}
