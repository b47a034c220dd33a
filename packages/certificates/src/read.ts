import {
  accepted,
  clipText,
  decodeUtf8,
  finding,
  type Finding,
  fromBase64,
  type HashName,
  type InstantMs,
  isoDate,
  dayNumber,
  type Outcome,
  refused,
  toBase64,
  toHex,
} from '@yinglian/core';
import { foreignKind } from '@yinglian/xml';
import {
  bitsOf,
  booleanOf,
  contentsOf,
  DerFault,
  type DerValue,
  expectTag,
  innerOf,
  integerBits,
  integerOf,
  members,
  oidOf,
  readAll,
  readDer,
  TAG,
  wholeOf,
} from './der.ts';
import {
  type Certificate,
  type CertificateExtensions,
  type CertificateKey,
  KEY_USAGES,
  type KeyUsage,
} from './model.ts';
import { readName } from './names.ts';

/** Certificates of the field have about a kilobyte; long chains of names a few. */
const CERTIFICATE_BYTES_MAX = 64 * 1024;
/** A maker's bundle of a whole production year. */
const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;
const CERTIFICATES_MAX = 20_000;

/** Object identifiers of algorithms, extensions and containers that are read here. */
export const OIDS = Object.freeze({
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha1WithRsa: '1.2.840.113549.1.1.5',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  signedData: '1.2.840.113549.1.7.2',
});

const SIGNATURE_HASHES: ReadonlyMap<string, HashName> = new Map([
  [OIDS.sha1WithRsa, 'sha1'],
  [OIDS.sha256WithRsa, 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
]);

/** Reads one certificate in DER. Nothing is judged but that it can be read. */
export function readCertificate(bytes: Uint8Array): Outcome<Certificate> {
  if (bytes.length > CERTIFICATE_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: CERTIFICATE_BYTES_MAX };
    return refused(finding('excessive_certificate_size', 'error', { facts }));
  }
  try {
    // A copy: the bytes of a whole bundle should not live as long as one certificate of it.
    // `slice` would not copy a Buffer of Node.
    const value = readDer(new Uint8Array(bytes));
    if (value.end !== bytes.length) throw new DerFault('bytes after the certificate');
    return accepted(parseCertificate(value));
  } catch (error) {
    if (!(error instanceof DerFault)) throw error;
    return refused(unreadable(error.message));
  }
}

function unreadable(reason: string): Finding {
  const facts = { reason: clipText(reason) };
  return finding('invalid_certificate', 'error', { facts, clause: 'RFC 5280 4.1' });
}

function parseCertificate(value: DerValue): Certificate {
  const [signed, algorithm, signature] = members(value);
  const fields = members(signed);
  let at = 0;
  let version = 1;
  if (fields[0]?.tag === 0xa0) {
    version = Number(integerOf(innerOf(fields[0]))) + 1;
    at++;
  }
  const [serial, innerAlgorithm, issuer, validity, subject, keyInfo] = fields.slice(at);
  const [from, until] = members(validity).map(readTime);
  if (from === undefined || until === undefined) throw new DerFault('validity without two times');
  const extensions = fields.slice(at + 6).find((field) => field.tag === 0xa3);
  const signatureAlgorithm = oidOf(members(algorithm)[0]);
  return {
    der: value.bytes,
    signedPart: wholeOf(signed!),
    version,
    serial: integerOf(serial),
    signatureAlgorithm,
    signedAlgorithm: oidOf(members(innerAlgorithm)[0]),
    signatureHash: SIGNATURE_HASHES.get(signatureAlgorithm),
    signature: bitsOf(signature),
    issuer: readName(issuer),
    subject: readName(subject),
    notBefore: from.instant,
    notAfter: until.instant,
    unusualTime: from.unusual || until.unusual,
    key: readKey(keyInfo),
    extensions: readExtensions(extensions),
  };
}

/** UTCTime reaches from 1950 to 2049 (RFC 5280 4.1.2.5.1). */
const UTC_TIME_PIVOT = 50;
const UTC_TIME_YEAR_MAX = 2049;
const LETTER_Z = 0x5a;

function readTime(value: DerValue): { instant: InstantMs; unusual: boolean } {
  const general = value.tag === TAG.generalizedTime;
  if (!general) expectTag(value, TAG.utcTime);
  const digits = value.end - value.from - 1;
  const ofYear = general ? 4 : 2;
  // Year, month, day, hours and minutes; seconds are left out by a few.
  const whole = digits === ofYear + 10;
  if (!whole && digits !== ofYear + 8) throw new DerFault('invalid time');
  if (value.bytes[value.end - 1] !== LETTER_Z) throw new DerFault('invalid time');
  const written = digitsAt(value, 0, ofYear);
  const year = general ? written : written + (written < UTC_TIME_PIVOT ? 2000 : 1900);
  const [month, day] = [digitsAt(value, ofYear, 2), digitsAt(value, ofYear + 2, 2)];
  const [hours, minutes] = [digitsAt(value, ofYear + 4, 2), digitsAt(value, ofYear + 6, 2)];
  const seconds = whole ? digitsAt(value, ofYear + 8, 2) : 0;
  const date = isoDate(year, month, day);
  if (date === undefined || hours > 23 || minutes > 59 || seconds > 59) {
    throw new DerFault('invalid time');
  }
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const unusual = (general && year <= UTC_TIME_YEAR_MAX) || !whole;
  return { instant: dayNumber(date) * 86_400_000 + ofDay, unusual };
}

function digitsAt(value: DerValue, offset: number, count: number): number {
  let number = 0;
  for (let at = value.from + offset; at < value.from + offset + count; at++) {
    const digit = value.bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) throw new DerFault('invalid time');
    number = number * 10 + digit;
  }
  return number;
}

function readKey(info: DerValue | undefined): CertificateKey {
  const [algorithmPair, bitString] = members(info);
  const algorithm = oidOf(members(algorithmPair)[0]);
  const bits = bitsOf(bitString);
  if (algorithm !== OIDS.rsaEncryption) {
    return { info: wholeOf(info!), bits, algorithm, modulusBits: 0, exponent: 0n };
  }
  const [modulus, exponent] = members(readDer(bits));
  const modulusBits = integerBits(modulus);
  return { info: wholeOf(info!), bits, algorithm, modulusBits, exponent: integerOf(exponent) };
}

const EXTENSIONS_MAX = 64;

function readExtensions(wrapper: DerValue | undefined): CertificateExtensions {
  const unknownCritical: string[] = [];
  const known: { -readonly [Key in keyof CertificateExtensions]?: CertificateExtensions[Key] } = {};
  const list = wrapper === undefined ? [] : members(innerOf(wrapper));
  if (list.length > EXTENSIONS_MAX) throw new DerFault('too many extensions');
  for (const extension of list) {
    const [idValue, ...rest] = members(extension);
    const id = oidOf(idValue);
    const critical = rest[0]?.tag === TAG.boolean ? booleanOf(rest[0]) : false;
    const value = innerOf(expectTag(rest.at(-1), TAG.octetString));
    if (id === OIDS.basicConstraints) known.basicConstraints = readConstraints(value, critical);
    else if (id === OIDS.keyUsage) known.keyUsage = { critical, usages: readUsages(value) };
    else if (id === OIDS.authorityKeyIdentifier) known.authorityKey = readAuthorityKey(value);
    else if (id === OIDS.subjectKeyIdentifier) {
      known.subjectKeyId = contentsOf(expectTag(value, TAG.octetString));
    } else if (critical) unknownCritical.push(id);
  }
  return { ...known, unknownCritical };
}

function readConstraints(
  value: DerValue,
  critical: boolean,
): NonNullable<CertificateExtensions['basicConstraints']> {
  const fields = members(value);
  const authority = fields[0]?.tag === TAG.boolean ? booleanOf(fields[0]) : false;
  const length = fields.find((field) => field.tag === TAG.integer);
  if (length === undefined) return { critical, authority };
  return { critical, authority, pathLength: Number(integerOf(length)) };
}

function readUsages(value: DerValue): ReadonlySet<KeyUsage> {
  const bytes = contentsOf(expectTag(value, TAG.bitString)).subarray(1);
  return new Set(
    KEY_USAGES.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0),
  );
}

function readAuthorityKey(value: DerValue): NonNullable<CertificateExtensions['authorityKey']> {
  const fields = members(value);
  const keyId = fields.find((field) => field.tag === 0x80);
  const serial = fields.find((field) => field.tag === 0x82);
  return {
    ...(keyId === undefined ? {} : { keyId: contentsOf(keyId) }),
    ...(serial === undefined ? {} : { serial: BigInt(`0x0${toHex(contentsOf(serial))}`) }),
  };
}

/**
 * All certificates in a file, whatever its form: DER, several DER one after the other, PKCS#7, PEM
 * with any text around it (several, PKCS#7 in PEM), or bare base64. What cannot be read is a
 * finding; what can be read comes back beside it. Copies of one certificate come back once.
 */
export function readCertificates(bytes: Uint8Array): Outcome<readonly Certificate[]> {
  if (bytes.length > BUNDLE_BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: BUNDLE_BYTES_MAX };
    return refused(finding('excessive_certificate_size', 'error', { facts }));
  }
  const findings: Finding[] = [];
  const kind = foreignKind(bytes);
  if (kind !== undefined && kind !== 'PEM') {
    return refused(
      finding('unexpected_file_kind', 'error', { facts: { kind } }),
      finding('missing_certificate', 'error'),
    );
  }
  const blocks = bytes[0] === TAG.sequence ? [bytes] : textBlocks(bytes, findings);
  const found = new Map<string, Certificate>();
  for (const block of blocks) {
    for (const outcome of certificatesIn(block)) {
      if (!outcome.ok) findings.push(...outcome.findings);
      else if (found.size < CERTIFICATES_MAX) {
        found.set(toBase64(outcome.value.signature), outcome.value);
      }
    }
  }
  if (found.size > 0) return accepted([...found.values()], findings);
  return refused(...findings, finding('missing_certificate', 'error'));
}

const PEM = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g;
const CERTIFICATE_LABELS: readonly string[] = [
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'PKCS7',
  'CMS',
];

function textBlocks(bytes: Uint8Array, findings: Finding[]): Uint8Array[] {
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, '');
  if (text === undefined) {
    findings.push(finding('unreadable_certificate', 'error'));
    return [];
  }
  const blocks: string[] = [];
  for (const match of text.matchAll(PEM)) {
    if (CERTIFICATE_LABELS.includes(match[1]!)) blocks.push(match[2]!);
  }
  if (blocks.length === 0 && text.trim() !== '' && !text.includes('-----')) blocks.push(text);
  return blocks.flatMap((block) => {
    try {
      const bytes = fromBase64(block);
      // Words of a letter may be base64 as well; only a SEQUENCE can be a certificate.
      if (bytes[0] === TAG.sequence) return [bytes];
      findings.push(finding('unreadable_certificate', 'error'));
      return [];
    } catch {
      findings.push(finding('unreadable_certificate', 'error'));
      return [];
    }
  });
}

function certificatesIn(block: Uint8Array): Outcome<Certificate>[] {
  let values: DerValue[];
  try {
    values = readAll(block);
    const [contentType, content] = readAll(values[0] === undefined ? block : contentsOf(values[0]));
    if (contentType?.tag === TAG.oid && oidOf(contentType) === OIDS.signedData) {
      // SignedData (RFC 2315 9.1): the certificates are the member tagged [0].
      const parts = members(content === undefined ? readDer(block) : innerOf(content));
      const list = parts.find((part) => part.tag === 0xa0);
      values = list === undefined ? [] : readAll(contentsOf(list));
    }
  } catch (error) {
    if (!(error instanceof DerFault)) throw error;
    return [refused(unreadable(error.message))];
  }
  // After a TRUSTED CERTIFICATE openssl keeps its own settings, which are no certificate.
  const certificates = values.filter((value, index) => index === 0 || looksLike(value));
  return certificates.map((value) => readCertificate(wholeOf(value)));
}

function looksLike(value: DerValue): boolean {
  return (
    value.tag === TAG.sequence &&
    value.bytes[value.from] === TAG.sequence &&
    value.end - value.begin > 200
  );
}
