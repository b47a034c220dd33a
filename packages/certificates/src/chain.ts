import {
  accepted,
  type Cryptography,
  equalBytes,
  finding,
  type Finding,
  type InstantMs,
  type Outcome,
  refused,
  toBase64,
} from '@yinglian/core';
import {
  checkCertificate,
  type CertificateProfile,
  isSelfIssued,
  isSignedBy,
  type LeafUsage,
  namesIssuer,
  severityOf,
} from './check.ts';
import { type Certificate, isAuthority } from './model.ts';
import { NAME_ATTRIBUTES, nameValues } from './names.ts';

/** Chains of the field have three or four certificates. */
const CHAIN_LENGTH_MAX = 10;
/** Certificates among which a chain is looked for; each pair is compared once. */
const POOL_MAX = 1000;

/** Authorities of one name with one key identifier: a renewed one and the one before. */
const NAMESAKES_MAX = 4;

/**
 * Puts certificates of one chain in order, leaf first, by names and signatures, from any order and
 * with copies and strangers among them. Without a root it ends where the issuers end.
 *
 * @param leaf the end to begin from; left out, the one certificate that issued none of the others
 */
export function orderChain(
  pool: readonly Certificate[],
  cryptography: Cryptography,
  leaf?: Certificate,
): Outcome<readonly Certificate[]> {
  if (pool.length > POOL_MAX) return refused(excessive(pool.length));
  const distinct = distinctCertificates(pool);
  const start = leaf ?? onlyLeaf(distinct);
  if (start === undefined) {
    const code = distinct.length === 0 ? 'missing_certificate' : 'ambiguous_chain_leaf';
    return refused(finding(code, 'error', { facts: { count: distinct.length } }));
  }
  return accepted(chainAbove(start, distinct, cryptography));
}

/** Certificates, each once, in their order. */
export function distinctCertificates(certificates: readonly Certificate[]): Certificate[] {
  const found = new Map<string, Certificate>();
  for (const each of certificates) {
    const key = toBase64(each.der);
    if (!found.has(key)) found.set(key, each);
  }
  return [...found.values()];
}

function excessive(count: number): Finding {
  const facts = { count, limit: POOL_MAX };
  return finding('excessive_certificate_count', 'error', { facts });
}

/** A certificate and its issuers, as far as a pool without copies has them. */
function chainAbove(
  start: Certificate,
  distinct: readonly Certificate[],
  cryptography: Cryptography,
): readonly Certificate[] {
  const chain = [start];
  while (!isSelfIssued(chain.at(-1)!) && chain.length < CHAIN_LENGTH_MAX) {
    const last = chain.at(-1)!;
    const serial = last.extensions.authorityKey?.serial;
    // A renewed authority keeps name and key: then only the serial tells which one signed.
    const named = distinct
      .filter((each) => !chain.includes(each) && namesIssuer(last, each))
      .sort((a, b) => Number(b.serial === serial) - Number(a.serial === serial));
    // Only namesakes must be told apart by proof; many of them are nobody's honest chain.
    const rivals = named.length > 1 ? named.slice(0, NAMESAKES_MAX) : [];
    const issuer = rivals.find((each) => isSignedBy(last, each, cryptography)) ?? named[0];
    if (issuer === undefined) break;
    chain.push(issuer);
  }
  return chain;
}

function onlyLeaf(pool: readonly Certificate[]): Certificate | undefined {
  const leaves = pool.filter(
    (each) => !pool.some((other) => other !== each && namesIssuer(other, each)),
  );
  // The authorities of a chain that is cut issued nothing in the pool either.
  const ends = leaves.length > 1 ? leaves.filter((each) => !isAuthority(each)) : leaves;
  return ends.length === 1 ? ends[0] : undefined;
}

/** How a chain is judged. Everything left out is not judged. */
export type ChainCheck = {
  readonly profile?: CertificateProfile;
  /** A moment at which every certificate should be valid. */
  readonly at?: InstantMs;
  /** Roles of which the leaf must have one. */
  readonly roles?: readonly string[];
  /** What the leaf's key must be good for; see {@link LeafUsage}. */
  readonly usages?: readonly LeafUsage[];
  /** Roots that are trusted; left out, any complete chain will do. */
  readonly trusted?: readonly Certificate[];
};

/**
 * Judges a chain, leaf first: every certificate by ST 430-2, every signature, names, key
 * identifiers, path lengths, nesting of validity, and the root against those that are trusted.
 * A chain of one certificate that signs itself is a root.
 */
export function checkChain(
  chain: readonly Certificate[],
  check: ChainCheck,
  cryptography: Cryptography,
): Finding[] {
  const [leaf, ...authorities] = chain;
  if (leaf === undefined) return [finding('missing_certificate', 'error')];
  if (authorities.length === 0 && isSelfIssued(leaf)) {
    return checkAuthorities([leaf], check, cryptography);
  }
  return [
    ...checkLeaf(leaf, authorities, check, cryptography),
    ...checkAuthorities(authorities, check, cryptography),
  ];
}

/**
 * The part of {@link checkChain} that speaks of the leaf and its link to the authorities above.
 * Thousands of devices share a few authorities: who checks many judges those once.
 */
export function checkLeaf(
  leaf: Certificate,
  authorities: readonly Certificate[],
  check: ChainCheck,
  cryptography: Cryptography,
): Finding[] {
  const findings = checkCertificate(leaf, { ...check, position: 'leaf' }, cryptography);
  const issuer = authorities[0];
  if (issuer === undefined) return [...findings, incomplete(leaf)];
  findings.push(...checkLink(leaf, issuer, cryptography, check.profile));
  findings.push(...checkNesting(leaf, issuer, check.profile));
  findings.push(...checkOrganization(leaf, authorities.at(-1)!, check.profile));
  return findings;
}

/** The other part of {@link checkChain}: intermediates in order, up to the root. */
export function checkAuthorities(
  authorities: readonly Certificate[],
  check: ChainCheck,
  cryptography: Cryptography,
): Finding[] {
  return authorities.flatMap((_, index) => checkAuthority(authorities, index, check, cryptography));
}

function checkAuthority(
  authorities: readonly Certificate[],
  index: number,
  check: ChainCheck,
  cryptography: Cryptography,
): Finding[] {
  const certificate = authorities[index]!;
  const last = authorities.at(-1)!;
  const complete = isSelfIssued(last);
  const top = certificate === last;
  const position = top && complete ? 'root' : 'intermediate';
  const findings = checkCertificate(certificate, { ...check, position }, cryptography);
  const issuer = authorities[index + 1] ?? (complete ? certificate : undefined);
  if (issuer !== undefined)
    findings.push(...checkLink(certificate, issuer, cryptography, check.profile));
  if (!top) {
    findings.push(...checkNesting(certificate, authorities[index + 1]!, check.profile));
    findings.push(...checkOrganization(certificate, last, check.profile));
  }
  findings.push(...checkPathLength(certificate, index));
  if (top && !complete) findings.push(incomplete(last));
  if (top) findings.push(...checkTrust(last, complete, check.trusted));
  return findings;
}

/**
 * Judges any certificates together: the devices and signers each with its chain, then the
 * authorities that stand in none of those. Every certificate is judged, and an authority is told
 * of once, however many stand below it. Its value is all of them, in the order they are told of.
 *
 * @param above authorities that chains may go on with, but that are not asked about themselves
 */
export function checkCertificates(
  certificates: readonly Certificate[],
  check: ChainCheck & { readonly above?: readonly Certificate[] },
  cryptography: Cryptography,
): Outcome<readonly Certificate[]> {
  const given = distinctCertificates(certificates);
  const all = distinctCertificates([...given, ...(check.above ?? [])]);
  const named = new Set(all.map(({ issuer }) => issuer.text));
  // A device that issued another is no authority, which is for its chain to tell.
  const issuers = all.filter((each) => isAuthority(each) || named.has(each.subject.text));
  if (issuers.length > POOL_MAX) return refused(excessive(issuers.length));
  const pool = new Set(issuers);
  const ends = given.filter(
    (each) => !pool.has(each) || !given.some((other) => other !== each && namesIssuer(other, each)),
  );
  const leaves = ends.filter((each) => !isAuthority(each));
  const judged = new Map<Certificate, Set<string>>();
  const findings: Finding[] = [];
  // Namesakes issue each other by name, so that some authorities end no chain and are in none.
  for (const start of [...leaves, ...ends, ...given]) {
    if (judged.has(start)) continue;
    const chain = chainAbove(start, issuers, cryptography);
    const upper = isAuthority(start) ? chain : chain.slice(1);
    if (upper !== chain) {
      judged.set(start, new Set());
      findings.push(...checkLeaf(start, upper, check, cryptography));
    }
    findings.push(...untoldOf(upper, judged, check, cryptography));
  }
  return accepted([...judged.keys()], findings);
}

/** Findings of authorities, without what was told of each in another chain. */
function untoldOf(
  authorities: readonly Certificate[],
  judged: Map<Certificate, Set<string>>,
  check: ChainCheck,
  cryptography: Cryptography,
): Finding[] {
  const findings: Finding[] = [];
  for (const [index, certificate] of authorities.entries()) {
    const told = judged.get(certificate) ?? new Set();
    const first = !judged.has(certificate);
    judged.set(certificate, told);
    // What stands above is the same in every chain; only how much stands below is not.
    const found = first
      ? checkAuthority(authorities, index, check, cryptography)
      : checkPathLength(certificate, index);
    for (const each of found) {
      if (!first && told.has(each.code)) continue;
      told.add(each.code);
      findings.push(each);
    }
  }
  return findings;
}

function incomplete(last: Certificate): Finding {
  const at = { certificate: last.subject.text };
  const facts = { issuer: last.issuer.text };
  return finding('incomplete_chain', 'error', { facts, at, clause: 'ST 430-2 6.2' });
}

function checkLink(
  certificate: Certificate,
  issuer: Certificate,
  cryptography: Cryptography,
  profile: CertificateProfile = 'field',
): Finding[] {
  const at = { certificate: certificate.subject.text };
  if (!namesIssuer(certificate, issuer)) {
    const facts = { issuer: certificate.issuer.text, found: issuer.subject.text };
    return [
      finding('mismatched_certificate_issuer', 'error', { facts, at, clause: 'ST 430-2 6.2' }),
    ];
  }
  const serial = certificate.extensions.authorityKey?.serial;
  const findings: Finding[] = [];
  if (serial !== undefined && serial !== issuer.serial) {
    const facts = { serial: String(serial), found: String(issuer.serial) };
    const severity = severityOf('mismatched_authority_serial', profile);
    const clause = 'RFC 5280 4.2.1.1';
    findings.push(finding('mismatched_authority_serial', severity, { facts, at, clause }));
  }
  if (isSignedBy(certificate, issuer, cryptography)) return findings;
  const facts = { issuer: issuer.subject.text };
  const clause = 'ST 430-2 6.2';
  findings.push(finding('mismatched_certificate_signature', 'error', { facts, at, clause }));
  return findings;
}

function checkNesting(
  certificate: Certificate,
  issuer: Certificate,
  profile: CertificateProfile = 'field',
): Finding[] {
  const inside =
    certificate.notBefore >= issuer.notBefore && certificate.notAfter <= issuer.notAfter;
  if (inside) return [];
  const at = { certificate: certificate.subject.text };
  const facts = { issuer: issuer.subject.text };
  const severity = profile === 'strict' ? 'error' : 'warning';
  const clause = 'ST 430-2 6.2';
  return [finding('excessive_certificate_validity', severity, { facts, at, clause })];
}

/** `below` authorities stand under this one; the leaf does not count. */
function checkPathLength(certificate: Certificate, below: number): Finding[] {
  const limit = certificate.extensions.basicConstraints?.pathLength;
  if (limit === undefined || below <= limit) return [];
  const at = { certificate: certificate.subject.text };
  const facts = { limit, length: below };
  return [finding('excessive_chain_length', 'error', { facts, at, clause: 'RFC 5280 4.2.1.9' })];
}

function checkOrganization(
  certificate: Certificate,
  root: Certificate,
  profile: CertificateProfile = 'field',
): Finding[] {
  const organizationOf = (of: Certificate) =>
    nameValues(of.subject, NAME_ATTRIBUTES.organization)[0];
  const organization = organizationOf(certificate);
  const expected = organizationOf(root);
  if (organization === undefined || expected === undefined || organization === expected) return [];
  const facts = { organization, expected };
  const at = { certificate: certificate.subject.text };
  const severity = profile === 'strict' ? 'error' : 'warning';
  return [finding('mismatched_organization', severity, { facts, at, clause: 'ST 430-2 5.3.2' })];
}

function checkTrust(
  last: Certificate,
  complete: boolean,
  trusted: readonly Certificate[] | undefined,
): Finding[] {
  if (trusted === undefined || !complete) return [];
  if (trusted.some((root) => equalBytes(root.der, last.der))) return [];
  const at = { certificate: last.subject.text };
  return [finding('untrusted_root', 'error', { at, clause: 'ST 430-2 6.2' })];
}

/** The span in which every certificate of a chain is valid; empty when `from` is after `until`. */
export function chainValidity(chain: readonly Certificate[]): {
  readonly from: InstantMs;
  readonly until: InstantMs;
} {
  return {
    from: Math.max(...chain.map((each) => each.notBefore)),
    until: Math.min(...chain.map((each) => each.notAfter)),
  };
}
