import {
  type Certificate,
  checkChain,
  entityOf,
  orderChain,
  readCertificates,
  rolesOf,
  thumbprintOf,
} from '@yinglian/certificates';
import {
  accepted,
  type Cryptography,
  type Finding,
  finding,
  type InstantMs,
  type Outcome,
  refused,
} from '@yinglian/core';

/** What a screen's record keeps of a device's certificate. */
export type DeviceCertificate = {
  /** DER, the leaf first. */
  readonly certificates: readonly Uint8Array[];
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly roles: readonly string[];
  readonly maker: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly findings: readonly Finding[];
};

/** Without these a certificate cannot receive a key at all; every other fault is graded. */
const FATAL: ReadonlySet<string> = new Set(['unsupported_key', 'invalid_key', 'short_key']);

/**
 * Reads what a cinema or a maker sent: PEM, DER or a chain of them. An incomplete chain is kept
 * with its finding, as makers often send the leaf alone.
 */
export function readDeviceCertificate(
  bytes: Uint8Array,
  at: InstantMs,
  cryptography: Cryptography,
): Outcome<DeviceCertificate> {
  const read = readCertificates(bytes);
  if (!read.ok) return read;
  const chain = orderChain(read.value, cryptography);
  if (!chain.ok) return refused(...read.findings, ...chain.findings);
  const leaf = chain.value[0]!;
  const findings = [
    ...read.findings,
    ...checkChain(chain.value, { profile: 'field', at }, cryptography),
  ];
  const fatal = findings.filter((each) => FATAL.has(each.code));
  if (leaf.key.modulusBits === 0) fatal.push(finding('unsupported_key', 'error'));
  if (fatal.length > 0) return refused(...fatal);
  const { maker, model, serial } = deviceNames(leaf);
  return accepted(
    {
      certificates: chain.value.map((each) => each.der),
      thumbprint: thumbprintOf(leaf, cryptography),
      subject: leaf.subject.text,
      issuer: leaf.issuer.text,
      notBefore: new Date(leaf.notBefore).toISOString(),
      notAfter: new Date(leaf.notAfter).toISOString(),
      roles: rolesOf(leaf),
      maker,
      model,
      serial,
      findings,
    },
    findings,
  );
}

/** `maker.model.serial` after the roles (ST 430-2 5.3.4); makers differ: parts may be missing. */
function deviceNames(leaf: Certificate) {
  const parts = entityOf(leaf).split('.');
  const serial = parts.length >= 2 ? parts.at(-1)! : null;
  return { maker: parts[0] || null, model: parts.length >= 3 ? parts[1]! : null, serial };
}
