import {
  type Cryptography,
  digest,
  encodeUtf8,
  equalBytes,
  finding,
  type Finding,
  type HashName,
  type PublicKeyBytes,
} from '@yinglian/core';
import { canonicalBytes, canonicalDocument } from './canonical.ts';
import type { XmlDocument, XmlElement } from './model.ts';
import { attributeValue, elementsWithin, pathTo, placeOf } from './query.ts';
import type { SignatureReference, XmlSignature } from './signature.ts';

/** What a signature must cover: the whole document around it, or one element by its Id. */
export type SignatureCover =
  | { readonly kind: 'document' }
  | { readonly kind: 'element'; readonly id: string; readonly element: XmlElement };

/** What a signature must be. */
export type VerifyOptions = {
  /** All that must be covered. A signature that covers more, or less, is refused. */
  readonly covers: readonly SignatureCover[];
  /** Of the signer, from a certificate the caller trusts or will judge. */
  readonly publicKey: PublicKeyBytes;
  /** Hashes accepted for digests and signature; SHA-1 and SHA-256 unless told. */
  readonly hashes?: readonly HashName[];
};

const FIELD_HASHES: readonly HashName[] = ['sha1', 'sha256'];

/**
 * Verifies a signature over elements that the caller names. That naming is the defence against
 * wrapping: a right signature over some other element with the right Id is a finding here.
 * An empty result means that everything in `covers` is what the holder of the key signed.
 */
export function verifySignature(
  document: XmlDocument,
  signature: XmlSignature,
  options: VerifyOptions,
  cryptography: Cryptography,
): Finding[] {
  const findings = checkIds(document.root, signature);
  const hashes = options.hashes ?? FIELD_HASHES;
  for (const hash of [signature.hash, ...signature.references.map((each) => each.hash)]) {
    if (hashes.includes(hash)) continue;
    const facts = { algorithm: hash };
    findings.push(finding('unexpected_signature_algorithm', 'error', { facts }));
  }
  const left = new Set(options.covers);
  for (const reference of signature.references) {
    const cover = [...left].find((each) => coverUri(each) === reference.uri);
    if (cover === undefined) {
      findings.push(fault('unexpected_signature_reference', reference, signature));
      continue;
    }
    left.delete(cover);
    findings.push(...checkReference(document, signature, reference, cover, cryptography));
  }
  for (const cover of left) {
    const facts = { uri: coverUri(cover) };
    const at = placeOf(signature.element);
    findings.push(finding('missing_signature_reference', 'error', { facts, at }));
  }
  if (!verifyValue(document.root, signature, options.publicKey, cryptography)) {
    const at = placeOf(signature.element);
    findings.push(
      finding('mismatched_signature_value', 'error', { at, clause: 'xmldsig-core 3.2.2' }),
    );
  }
  return findings;
}

/** Whether the value is that of the key over the SignedInfo; digests are not looked at. */
export function verifyValue(
  root: XmlElement,
  signature: XmlSignature,
  publicKey: PublicKeyBytes,
  cryptography: Cryptography,
): boolean {
  if (pathTo(root, signature.signedInfo) === undefined) return false;
  const bytes = canonicalBytes(root, signature.signedInfo, signature.canonicalization);
  return cryptography.verifyRsa(signature.hash, publicKey, bytes, signature.value);
}

function coverUri(cover: SignatureCover): string {
  return cover.kind === 'document' ? '' : `#${cover.id}`;
}

function fault(code: string, reference: SignatureReference, signature: XmlSignature): Finding {
  return finding(code, 'error', {
    facts: { uri: reference.uri },
    at: placeOf(signature.element),
    clause: 'xmldsig-core 3.2.1',
  });
}

/** Every Id that a reference names has one element, or nobody can say what is signed. */
function checkIds(root: XmlElement, signature: XmlSignature): Finding[] {
  const wanted = new Set(signature.references.map((each) => each.uri.replace(/^#/, '')));
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const each of elementsWithin(root)) {
    for (const id of idsOf(each)) {
      if (!wanted.has(id)) continue;
      if (seen.has(id)) {
        findings.push(
          finding('duplicate_element_id', 'error', {
            facts: { id },
            at: placeOf(each),
            clause: 'xmldsig-core 4.4.3.3',
          }),
        );
      }
      seen.add(id);
    }
  }
  return findings;
}

/** Spellings that readers without a schema take for an identifier. */
const ID_ATTRIBUTES: readonly string[] = ['Id', 'ID', 'id'];

function idsOf(of: XmlElement): string[] {
  if (of.attributes.length === 0) return [];
  return of.attributes
    .filter((each) => ID_ATTRIBUTES.includes(each.local))
    .map((each) => each.value);
}

function checkReference(
  document: XmlDocument,
  signature: XmlSignature,
  reference: SignatureReference,
  cover: SignatureCover,
  cryptography: Cryptography,
): Finding[] {
  const { exclusive, inclusivePrefixes } = reference;
  // A same-document reference leaves comments out, whatever its transforms say (4.4.3.3).
  const options = { exclusive, inclusivePrefixes, comments: false };
  let bytes: Uint8Array;
  if (cover.kind === 'document') {
    // Without this transform the signature would have to contain its own digest.
    if (!reference.enveloped)
      return [fault('unexpected_signature_reference', reference, signature)];
    bytes = encodeUtf8(canonicalDocument(document, { ...options, without: signature.element }));
  } else {
    const named =
      attributeValue(cover.element, 'Id') === cover.id &&
      pathTo(document.root, cover.element) !== undefined;
    if (!named || reference.enveloped) {
      const facts = { id: cover.id };
      return [
        finding('mismatched_reference_target', 'error', { facts, at: placeOf(cover.element) }),
      ];
    }
    bytes = canonicalBytes(document.root, cover.element, options);
  }
  const found = digest(cryptography, reference.hash, bytes);
  if (equalBytes(found, reference.digest)) return [];
  return [fault('mismatched_signature_digest', reference, signature)];
}
