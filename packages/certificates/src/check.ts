import {
  clipText,
  type Cryptography,
  finding,
  type Finding,
  formatInstant,
  type InstantMs,
  equalBytes,
  type Severity,
} from '@yinglian/core';
import { TAG } from './der.ts';
import { type Certificate, isAuthority, type KeyUsage, qualifierOf, rolesOf } from './model.ts';
import { isPrintable, NAME_ATTRIBUTES, nameValues, sameName } from './names.ts';
import { OIDS } from './read.ts';

/**
 * How hard a certificate is judged.
 * - `field`: as a working system must. What devices in use do wrong without harm is a warning.
 * - `strict`: as ST 430-2 says; for certificates that are made now.
 */
export type CertificateProfile = 'field' | 'strict';

/** The place of a certificate in its chain, which decides what it must be. */
export type CertificatePosition = 'root' | 'intermediate' | 'leaf';

/** How one certificate is judged. */
export type CertificateCheck = {
  readonly position: CertificatePosition;
  readonly profile?: CertificateProfile;
  /** A moment at which it should be valid. Left out, time is not judged. */
  readonly at?: InstantMs;
  /** Roles of which a leaf must have one; left out, any role will do. */
  readonly roles?: readonly string[];
  /** What a leaf's key must be good for; left out, see {@link LeafUsage}. */
  readonly usages?: readonly LeafUsage[];
};

/**
 * A use of a leaf's key. ST 430-2 5.2 has both in one certificate, and so must what is made now;
 * media blocks since 2011 carry two, one to sign with and one that keys are made out to, so that
 * in the field either will do unless the purpose is told.
 */
export type LeafUsage = 'digitalSignature' | 'keyEncipherment';

/** ST 430-2 5.2. */
export const KEY_BITS = 2048;
const KEY_EXPONENT = 65_537n;
const SERIAL_BITS_MAX = 64;
const SERIAL_MAX = 2n ** BigInt(SERIAL_BITS_MAX) - 1n;

/**
 * Roles of common names (ST 430-2 5.3.4, and in use). The standard's own table could not be
 * confirmed word by word, so that a role outside is a note and never refuses anything.
 */
export const KNOWN_ROLES: readonly string[] = [
  'CS',
  'SM',
  'SMS',
  'TMS',
  'MDI',
  'MDA',
  'MDS',
  'MIC',
  'MIE',
  'FMI',
  'FMA',
  'LE',
  'LD',
  'PR',
  'SPB',
  'LS',
  'RES',
  'DKDM',
];

/**
 * Deviations that certificates of devices in use show and that harm nobody: a warning in the
 * `field` profile, an error in `strict`. Everything else is an error in both.
 */
const TOLERATED: ReadonlySet<string> = new Set([
  'excessive_serial_number',
  'empty_serial_number',
  'empty_name_attribute',
  'excessive_name_length',
  'unexpected_name_attribute',
  'unexpected_path_length',
  'unexpected_authority_role',
  'mismatched_authority_serial',
  'unexpected_name_encoding',
  'unexpected_time_encoding',
  'unexpected_key_exponent',
  'missing_path_length',
  'uncritical_basic_constraints',
  'missing_authority_key',
  'unexpected_key_usage',
  'mismatched_organization',
  'missing_certificate_role',
  'excessive_certificate_validity',
]);

/** How grave a deviation is in a profile. */
export function severityOf(code: string, profile: CertificateProfile): Severity {
  return TOLERATED.has(code) && profile === 'field' ? 'warning' : 'error';
}

type Report = (code: string, clause: string, facts?: Finding['facts']) => void;

/** Judges one certificate by ST 430-2, apart from its signature, which its chain proves. */
export function checkCertificate(
  certificate: Certificate,
  check: CertificateCheck,
  cryptography: Cryptography,
): Finding[] {
  const findings: Finding[] = [];
  const profile = check.profile ?? 'field';
  const at = { certificate: certificate.subject.text, serial: String(certificate.serial) };
  const report: Report = (code, clause, facts = {}) => {
    findings.push(finding(code, severityOf(code, profile), { facts, at, clause }));
  };
  checkForm(certificate, report);
  checkNames(certificate, report, cryptography);
  checkNameValues(certificate, check.position, report);
  checkExtensions(certificate, check, report);
  if (check.position === 'leaf') findings.push(...checkRoles(certificate, check, profile));
  if (check.at !== undefined) findings.push(...checkTime(certificate, check.at));
  return findings;
}

function checkForm(certificate: Certificate, report: Report): void {
  const { key, serial } = certificate;
  if (certificate.version !== 3) {
    report('invalid_certificate_version', 'ST 430-2 5.2', { version: certificate.version });
  }
  if (serial < 0n) report('negative_serial_number', 'ST 430-2 5.2', { serial: String(serial) });
  if (serial === 0n) report('empty_serial_number', 'RFC 5280 4.1.2.2');
  if (serial > SERIAL_MAX || serial < -SERIAL_MAX) {
    report('excessive_serial_number', 'ST 430-2 5.2', { limit: SERIAL_BITS_MAX });
  }
  if (certificate.signatureAlgorithm !== certificate.signedAlgorithm) {
    report('mismatched_signature_algorithm', 'RFC 5280 4.1.1.2');
  }
  if (certificate.signatureHash !== 'sha256') {
    const algorithm = certificate.signatureHash ?? certificate.signatureAlgorithm;
    report('unexpected_certificate_hash', 'ST 430-2 5.2', { algorithm });
  }
  if (key.algorithm !== OIDS.rsaEncryption) {
    report('unexpected_key_algorithm', 'ST 430-2 5.2', { algorithm: key.algorithm });
  } else {
    if (key.modulusBits !== KEY_BITS) {
      report('invalid_key_size', 'ST 430-2 5.2', { bits: key.modulusBits, expected: KEY_BITS });
    }
    if (key.exponent !== KEY_EXPONENT) {
      report('unexpected_key_exponent', 'ST 430-2 5.2', { exponent: String(key.exponent) });
    }
  }
  if (certificate.unusualTime) report('unexpected_time_encoding', 'RFC 5280 4.1.2.5');
  if (certificate.notBefore >= certificate.notAfter)
    report('reversed_validity', 'RFC 5280 4.1.2.5');
}

const NAME_RULES = [
  ['O', NAME_ATTRIBUTES.organization, 'ST 430-2 5.3.2'],
  ['OU', NAME_ATTRIBUTES.organizationUnit, 'ST 430-2 5.3.3'],
  ['CN', NAME_ATTRIBUTES.commonName, 'ST 430-2 5.3.4'],
  ['dnQualifier', NAME_ATTRIBUTES.qualifier, 'ST 430-2 5.3.1'],
] as const;

function checkNames(certificate: Certificate, report: Report, cryptography: Cryptography): void {
  const { subject } = certificate;
  for (const [attribute, type, clause] of NAME_RULES) {
    const count = nameValues(subject, type).length;
    if (count === 0) report('missing_name_attribute', clause, { attribute });
    if (count > 1) report('duplicate_name_attribute', clause, { attribute });
  }
  const odd = subject.attributes.filter(
    (each) => each.tag !== TAG.printableString || (each.value !== '' && !isPrintable(each.value)),
  );
  if (odd.length > 0) {
    const attributes = NAME_RULES.filter(([, type]) => odd.some((each) => each.type === type));
    report('unexpected_name_encoding', 'ST 430-2 5.3', {
      attributes: attributes.map(([attribute]) => attribute),
    });
  }
  const qualifier = nameValues(subject, NAME_ATTRIBUTES.qualifier)[0];
  const expected = qualifierOf(certificate.key.bits, cryptography);
  if (qualifier !== undefined && qualifier !== expected) {
    report('mismatched_name_qualifier', 'ST 430-2 5.3.1', { qualifier, expected });
  }
}

/** RFC 5280 A.1: upper bounds of all the attributes that ST 430-2 knows. */
const NAME_CHARACTERS_MAX = 64;

function checkNameValues(
  { subject }: Certificate,
  position: CertificatePosition,
  report: Report,
): void {
  for (const { type, value } of subject.attributes) {
    const attribute = NAME_RULES.find(([, known]) => known === type)?.[0];
    if (attribute === undefined) {
      report('unexpected_name_attribute', 'ST 430-2 5.3', { attribute: type });
    } else if (value === '') report('empty_name_attribute', 'ST 430-2 5.3', { attribute });
    else if (value.length > NAME_CHARACTERS_MAX) {
      const facts = { attribute, length: value.length, limit: NAME_CHARACTERS_MAX };
      report('excessive_name_length', 'RFC 5280 A.1', facts);
    }
  }
  if (position === 'leaf') return;
  const name = nameValues(subject, NAME_ATTRIBUTES.commonName)[0] ?? '';
  // An authority has no role: its name begins with the dot.
  if (name !== '' && !name.startsWith('.')) {
    report('unexpected_authority_role', 'ST 430-2 5.3.4', { name: clipText(name) });
  }
}

const LEAF_USAGES: readonly LeafUsage[] = ['digitalSignature', 'keyEncipherment'];

function checkExtensions(certificate: Certificate, check: CertificateCheck, report: Report): void {
  const { position } = check;
  const { basicConstraints, keyUsage, authorityKey, unknownCritical } = certificate.extensions;
  const authority = position !== 'leaf';
  if (basicConstraints === undefined) {
    report('missing_basic_constraints', 'ST 430-2 5.2');
  } else {
    if (authority && !basicConstraints.authority) report('unexpected_issuer_leaf', 'ST 430-2 6.2');
    if (!authority && basicConstraints.authority) {
      report('unexpected_leaf_authority', 'ST 430-2 5.2');
    }
    // A leaf has nobody below it; some makers write a zero.
    if (!authority && (basicConstraints.pathLength ?? 0) > 0) {
      report('unexpected_path_length', 'ST 430-2 5.2', { length: basicConstraints.pathLength! });
    }
    if (authority && basicConstraints.pathLength === undefined) {
      report('missing_path_length', 'ST 430-2 5.2');
    }
    if (authority && !basicConstraints.critical) {
      report('uncritical_basic_constraints', 'RFC 5280 4.2.1.9');
    }
  }
  checkUsage(keyUsage?.usages, check, report);
  if (authorityKey === undefined && position !== 'root') {
    report('missing_authority_key', 'ST 430-2 5.2');
  }
  if (unknownCritical.length > 0) {
    report('unknown_critical_extension', 'RFC 5280 4.2', { extensions: unknownCritical });
  }
}

function checkUsage(
  usages: ReadonlySet<KeyUsage> | undefined,
  check: CertificateCheck,
  report: Report,
): void {
  const authority = check.position !== 'leaf';
  const either = check.usages === undefined && check.profile !== 'strict';
  const needed = authority ? (['keyCertSign'] as const) : (check.usages ?? LEAF_USAGES);
  if (usages === undefined) {
    report('missing_key_usage', 'ST 430-2 5.2', { usages: needed });
    return;
  }
  const missing = needed.filter((usage) => !usages.has(usage));
  const enough = !authority && either && missing.length < needed.length;
  if (missing.length > 0 && !enough) {
    report('missing_key_usage', 'ST 430-2 5.2', { usages: missing });
  }
  const allowed: readonly KeyUsage[] = authority ? ['keyCertSign', 'cRLSign'] : LEAF_USAGES;
  const extra = [...usages].filter((usage) => !allowed.includes(usage));
  if (extra.includes('keyCertSign')) report('unexpected_signing_usage', 'ST 430-2 6.2');
  else if (extra.length > 0) report('unexpected_key_usage', 'ST 430-2 5.2', { usages: extra });
}

function checkRoles(
  certificate: Certificate,
  check: CertificateCheck,
  profile: CertificateProfile,
): Finding[] {
  const findings: Finding[] = [];
  const at = { certificate: certificate.subject.text };
  const clause = 'ST 430-2 5.3.4';
  const roles = rolesOf(certificate);
  if (roles.length === 0) {
    const severity = severityOf('missing_certificate_role', profile);
    findings.push(finding('missing_certificate_role', severity, { at, clause }));
  }
  const twice = roles.filter((role, index) => roles.indexOf(role) < index);
  if (twice.length > 0) {
    const facts = { roles: twice };
    findings.push(finding('duplicate_certificate_role', 'note', { facts, at, clause }));
  }
  const unknown = roles.filter((role) => !KNOWN_ROLES.includes(role));
  if (unknown.length > 0) {
    findings.push(
      finding('unknown_certificate_role', 'note', { facts: { roles: unknown }, at, clause }),
    );
  }
  const { roles: wanted } = check;
  if (wanted !== undefined && roles.length > 0 && !roles.some((role) => wanted.includes(role))) {
    const facts = { roles, expected: wanted };
    const severity = profile === 'strict' ? 'error' : 'warning';
    findings.push(finding('mismatched_certificate_role', severity, { facts, at, clause }));
  }
  return findings;
}

/**
 * Outside its validity a certificate is a warning with its date and never an error: players go on
 * with what an expired signer has signed (DCSS 1.4.4). Who issues something new judges harder.
 */
export function checkTime(certificate: Certificate, moment: InstantMs): Finding[] {
  const at = { certificate: certificate.subject.text };
  const clause = 'DCSS 1.4.4 9.4.3.5';
  if (moment > certificate.notAfter) {
    const facts = { until: formatInstant(certificate.notAfter), moment: formatInstant(moment) };
    return [finding('expired_certificate', 'warning', { facts, at, clause })];
  }
  if (moment < certificate.notBefore) {
    const facts = { from: formatInstant(certificate.notBefore), moment: formatInstant(moment) };
    return [finding('premature_certificate', 'warning', { facts, at, clause })];
  }
  return [];
}

/** Certificates whose validity ends before `at` plus `days`, the first to end first. */
export function expiringCertificates(
  certificates: readonly Certificate[],
  options: { readonly at: InstantMs; readonly days: number },
): Certificate[] {
  const limit = options.at + options.days * 86_400_000;
  return certificates
    .filter((each) => each.notAfter < limit)
    .sort((a, b) => a.notAfter - b.notAfter);
}

/** Whether a certificate names that issuer, also by key identifier where both have one. */
export function namesIssuer(certificate: Certificate, issuer: Certificate): boolean {
  if (!sameName(certificate.issuer, issuer.subject)) return false;
  const wanted = certificate.extensions.authorityKey?.keyId;
  const found = issuer.extensions.subjectKeyId;
  return wanted === undefined || found === undefined || equalBytes(wanted, found);
}

/** Whether `issuer`'s key made the signature of `certificate`. */
export function isSignedBy(
  certificate: Certificate,
  issuer: Certificate,
  cryptography: Cryptography,
): boolean {
  const { signatureHash, signature, signedPart } = certificate;
  if (signatureHash === undefined || issuer.key.algorithm !== OIDS.rsaEncryption) return false;
  return cryptography.verifyRsa(signatureHash, issuer.key.info, signedPart, signature);
}

/** Whether a certificate is a root: an authority that names itself as its issuer. */
export function isSelfIssued(certificate: Certificate): boolean {
  return sameName(certificate.issuer, certificate.subject) && isAuthority(certificate);
}
