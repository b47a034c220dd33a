import { type Cryptography, finding, type Finding, type HashName } from '@yinglian/core';
import {
  childElements,
  readSignature,
  type SignatureCertificates,
  type SignatureCover,
  verifySignature,
  type XmlDocument,
  XMLDSIG_NAMESPACE,
  type XmlSignature,
} from '@yinglian/xml';
import { type ChainCheck, checkChain, orderChain } from './chain.ts';
import type { Certificate } from './model.ts';
import { nameMatchesText } from './names.ts';
import { readCertificate } from './read.ts';

/** `X509Data` of a chain, leaf first, as signatures of the field carry it. */
export function keyInfoOf(chain: readonly Certificate[]): SignatureCertificates[] {
  return chain.map((each) => ({
    issuerName: each.issuer.text,
    serialNumber: String(each.serial),
    certificates: [each.der],
  }));
}

/** Certificates of `X509Data`, in the order written, with what could not be read as findings. */
export function certificatesOfKeyInfo(keyInfo: readonly SignatureCertificates[]): {
  readonly certificates: readonly Certificate[];
  readonly findings: readonly Finding[];
} {
  const certificates: Certificate[] = [];
  const findings: Finding[] = [];
  for (const data of keyInfo) {
    for (const der of data.certificates) {
      const outcome = readCertificate(der);
      if (!outcome.ok) {
        findings.push(...outcome.findings);
        continue;
      }
      certificates.push(outcome.value);
      findings.push(...checkIssuerSerial(data, outcome.value));
    }
  }
  return { certificates, findings };
}

function checkIssuerSerial(data: SignatureCertificates, certificate: Certificate): Finding[] {
  // Where one X509Data holds a whole chain, its one IssuerSerial speaks of the leaf alone.
  if (data.certificates.length !== 1) return [];
  const { issuerName, serialNumber } = data;
  const nameDiffers = issuerName !== undefined && !nameMatchesText(certificate.issuer, issuerName);
  const serialDiffers =
    serialNumber !== undefined &&
    serialNumber.replace(/^0+(?=\d)/, '') !== String(certificate.serial);
  if (!nameDiffers && !serialDiffers) return [];
  const at = { certificate: certificate.subject.text };
  return [finding('mismatched_issuer_serial', 'warning', { at, clause: 'xmldsig-core 4.5.4' })];
}

/** What a signer's key must be good for; that keys can be made out to it is not asked. */
export const SIGNS = { usages: ['digitalSignature'] } as const;

/** How the signer of a document is judged. */
export type SignerCheck = ChainCheck & {
  /** Hashes a signature may use; SHA-1 and SHA-256 unless told. */
  readonly hashes?: readonly HashName[];
};

/** What {@link checkSigner} found. */
export type SignerReport = {
  readonly findings: readonly Finding[];
  /** Leaf first, as far as the document carries it; empty when it cannot be told. */
  readonly chain: readonly Certificate[];
  readonly signature: XmlSignature | undefined;
};

/**
 * Judges the signature that is a direct child of a document's root: that it covers exactly what it
 * must, that its leaf made it, and the chain of that leaf. Findings are empty when all is well.
 *
 * @param covers `[{ kind: 'document' }]` for CPL and PKL; the two parts of a KDM
 */
export function checkSigner(
  document: XmlDocument,
  covers: readonly SignatureCover[],
  check: SignerCheck,
  cryptography: Cryptography,
): SignerReport {
  const elements = childElements(document.root, 'Signature', XMLDSIG_NAMESPACE);
  if (elements.length !== 1) {
    const code = elements.length === 0 ? 'missing_signature' : 'duplicate_signature';
    return { findings: [finding(code, 'error')], chain: [], signature: undefined };
  }
  const read = readSignature(elements[0]!);
  if (!read.ok) return { findings: read.findings, chain: [], signature: undefined };
  const signature = read.value;
  const carried = certificatesOfKeyInfo(signature.keyInfo);
  const findings = [...carried.findings];
  if (carried.certificates.length === 0) {
    findings.push(finding('missing_certificate', 'error', { clause: 'ST 430-3 6.3' }));
    return { findings, chain: [], signature };
  }
  const ordered = orderChain(carried.certificates, cryptography);
  if (!ordered.ok) return { findings: [...findings, ...ordered.findings], chain: [], signature };
  const chain = ordered.value;
  if (chain[0] !== carried.certificates[0]) {
    findings.push(finding('misplaced_signer_certificate', 'warning', { clause: 'ST 430-3 6.3' }));
  }
  if (chain.length < carried.certificates.length) {
    const facts = { count: carried.certificates.length - chain.length };
    findings.push(finding('unexpected_certificate', 'warning', { facts }));
  }
  const publicKey = chain[0]!.key.info;
  const { hashes, ...chainCheck } = check;
  const options = { covers, publicKey, ...(hashes === undefined ? {} : { hashes }) };
  findings.push(...verifySignature(document, signature, options, cryptography));
  const usages = chainCheck.profile === 'strict' ? {} : SIGNS;
  findings.push(...checkChain(chain, { ...usages, ...chainCheck }, cryptography));
  return { findings, chain, signature };
}
