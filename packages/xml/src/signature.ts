import {
  accepted,
  finding,
  type Finding,
  fromBase64,
  type HashName,
  type Outcome,
  refused,
} from '@yinglian/core';
import {
  ALGORITHMS,
  type Canonicalization,
  canonicalizationOf,
  digestHashOf,
  signatureHashOf,
} from './algorithms.ts';
import { XMLDSIG_NAMESPACE, type XmlElement } from './model.ts';
import { attributeValue, childElement, childElements, placeOf, textOf } from './query.ts';

/** One thing a signature says it covers. */
export type SignatureReference = {
  /** As written: empty for the whole document, `#Id` for an element of it. */
  readonly uri: string;
  readonly enveloped: boolean;
  readonly exclusive: boolean;
  readonly inclusivePrefixes: readonly string[];
  readonly hash: HashName;
  readonly digest: Uint8Array;
};

/** One `X509Data`: what it says of a certificate, and the certificates it carries. */
export type SignatureCertificates = {
  readonly issuerName?: string;
  readonly serialNumber?: string;
  readonly subjectName?: string;
  /** DER, in the order written. */
  readonly certificates: readonly Uint8Array[];
};

/** A signature as read: nothing is verified. */
export type XmlSignature = {
  readonly element: XmlElement;
  readonly signedInfo: XmlElement;
  readonly canonicalization: Canonicalization & { readonly inclusivePrefixes: readonly string[] };
  readonly hash: HashName;
  readonly references: readonly SignatureReference[];
  readonly value: Uint8Array;
  readonly keyInfo: readonly SignatureCertificates[];
};

/** A KDM has two references and a CPL one; nothing of the field has more than a handful. */
const REFERENCES_MAX = 16;
/** Chains of the field have three or four certificates. */
const CERTIFICATES_MAX = 64;

/** A fault of reading, carried out of nested readers. */
class Fault extends Error {
  readonly finding: Finding;
  constructor(because: Finding) {
    super(because.code);
    this.finding = because;
  }
}

/** Reads a `ds:Signature`. Nothing is verified here. */
export function readSignature(signature: XmlElement): Outcome<XmlSignature> {
  try {
    return accepted(parseSignature(signature));
  } catch (error) {
    if (error instanceof Fault) return refused(error.finding);
    throw error;
  }
}

/** All certificates of a signature in the order written, as DER. */
export function signatureCertificates(signature: XmlSignature): Uint8Array[] {
  return signature.keyInfo.flatMap((data) => [...data.certificates]);
}

function parseSignature(signature: XmlElement): XmlSignature {
  if (signature.local !== 'Signature' || signature.namespace !== XMLDSIG_NAMESPACE) {
    malformed(signature, 'not a Signature');
  }
  const signedInfo = only(signature, 'SignedInfo');
  const canonicalElement = only(signedInfo, 'CanonicalizationMethod');
  const algorithm = algorithmOf(canonicalElement);
  const canonicalization = canonicalizationOf(algorithm);
  if (canonicalization === undefined) return unknown(canonicalElement, algorithm);
  const method = only(signedInfo, 'SignatureMethod');
  const hash = signatureHashOf(algorithmOf(method));
  if (hash === undefined) return unknown(method, algorithmOf(method));
  const references = childElements(signedInfo, 'Reference', XMLDSIG_NAMESPACE);
  if (references.length === 0) malformed(signedInfo, 'no Reference');
  if (references.length > REFERENCES_MAX) malformed(signedInfo, 'too many References');
  return {
    element: signature,
    signedInfo,
    canonicalization: { ...canonicalization, inclusivePrefixes: prefixesOf(canonicalElement) },
    hash,
    references: references.map(parseReference),
    value: base64(only(signature, 'SignatureValue')),
    keyInfo: parseKeyInfo(signature),
  };
}

function parseReference(reference: XmlElement): SignatureReference {
  const uri = attributeValue(reference, 'URI');
  if (uri === undefined) malformed(reference, 'Reference without URI');
  const method = only(reference, 'DigestMethod');
  const hash = digestHashOf(algorithmOf(method));
  if (hash === undefined) return unknown(method, algorithmOf(method));
  let enveloped = false;
  let exclusive = false;
  let inclusivePrefixes: readonly string[] = [];
  const list = childElement(reference, 'Transforms', XMLDSIG_NAMESPACE);
  for (const transform of list === undefined ? [] : childElements(list)) {
    const algorithm = algorithmOf(transform);
    const canonical = canonicalizationOf(algorithm);
    if (algorithm === ALGORITHMS.enveloped) enveloped = true;
    else if (canonical === undefined) unknown(transform, algorithm);
    else {
      exclusive = canonical!.exclusive;
      inclusivePrefixes = prefixesOf(transform);
    }
  }
  const digest = base64(only(reference, 'DigestValue'));
  return { uri: uri!, enveloped, exclusive, inclusivePrefixes, hash, digest };
}

function parseKeyInfo(signature: XmlElement): SignatureCertificates[] {
  const infos = childElements(signature, 'KeyInfo', XMLDSIG_NAMESPACE);
  if (infos.length > 1) malformed(signature, 'more than one KeyInfo');
  return infos.flatMap((info) => readKeyInfo(info));
}

/** The `X509Data` of a `ds:KeyInfo`; facility lists carry device certificates in the same form. */
export function readKeyInfoCertificates(keyInfo: XmlElement): Outcome<SignatureCertificates[]> {
  try {
    return accepted(readKeyInfo(keyInfo));
  } catch (error) {
    if (error instanceof Fault) return refused(error.finding);
    throw error;
  }
}

function readKeyInfo(keyInfo: XmlElement): SignatureCertificates[] {
  let count = 0;
  return childElements(keyInfo, 'X509Data', XMLDSIG_NAMESPACE).map((data) => {
    const text = (parent: XmlElement | undefined, local: string) => {
      const child = parent && childElement(parent, local, XMLDSIG_NAMESPACE);
      return child === undefined ? undefined : textOf(child);
    };
    const issuerSerial = childElement(data, 'X509IssuerSerial', XMLDSIG_NAMESPACE);
    const issuerName = text(issuerSerial, 'X509IssuerName');
    const serialNumber = text(issuerSerial, 'X509SerialNumber');
    const subjectName = text(data, 'X509SubjectName');
    const elements = childElements(data, 'X509Certificate', XMLDSIG_NAMESPACE);
    count += elements.length;
    if (count > CERTIFICATES_MAX) malformed(keyInfo, 'too many certificates');
    return {
      ...(issuerName === undefined ? {} : { issuerName }),
      ...(serialNumber === undefined ? {} : { serialNumber }),
      ...(subjectName === undefined ? {} : { subjectName }),
      certificates: elements.map(base64),
    };
  });
}

/** `ec:InclusiveNamespaces PrefixList`; `#default` is the default namespace. */
function prefixesOf(method: XmlElement): string[] {
  const list = childElement(method, 'InclusiveNamespaces', ALGORITHMS.exclusive);
  const names = list === undefined ? '' : (attributeValue(list, 'PrefixList') ?? '');
  return names
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => (name === '#default' ? '' : name));
}

function only(parent: XmlElement, local: string): XmlElement {
  const found = childElements(parent, local, XMLDSIG_NAMESPACE);
  if (found.length !== 1) malformed(parent, `${found.length} of ${local}`);
  return found[0]!;
}

function algorithmOf(method: XmlElement): string {
  return attributeValue(method, 'Algorithm') ?? '';
}

function base64(of: XmlElement): Uint8Array {
  try {
    return fromBase64(textOf(of));
  } catch {
    return malformed(of, 'not base64');
  }
}

function malformed(at: XmlElement, reason: string): never {
  throw new Fault(
    finding('invalid_signature_element', 'error', {
      facts: { reason },
      at: placeOf(at),
      clause: 'xmldsig-core 4',
    }),
  );
}

function unknown(at: XmlElement, algorithm: string): never {
  throw new Fault(
    finding('unexpected_signature_algorithm', 'error', { facts: { algorithm }, at: placeOf(at) }),
  );
}
