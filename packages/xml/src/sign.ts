import {
  assert,
  type Cryptography,
  digest,
  encodeUtf8,
  type PrivateKeyBytes,
  toBase64,
} from '@yinglian/core';
import { ALGORITHMS, canonicalizationOf, digestHashOf, signatureHashOf } from './algorithms.ts';
import { canonicalBytes, canonicalDocument } from './canonical.ts';
import {
  element,
  type XmlDocument,
  XMLDSIG_NAMESPACE,
  type XmlElement,
  type XmlNode,
} from './model.ts';
import { attributeValue, elementsWithin, replaceElement } from './query.ts';
import type { SignatureCertificates } from './signature.ts';
import { indentElement } from './write.ts';

/** How a document is signed. */
export type SignOptions = {
  readonly privateKey: PrivateKeyBytes;
  /** Identifiers of xmldsig; see {@link ALGORITHMS}. */
  readonly canonicalization: string;
  readonly signatureMethod: string;
  readonly digestMethod: string;
  /** `enveloped` signs the whole document; otherwise Ids of elements, in this order. */
  readonly covers: 'enveloped' | readonly string[];
  /** One `X509Data` each, the signer's own certificate first. */
  readonly keyInfo: readonly SignatureCertificates[];
  /** Prefix of the signature's elements; `ds` unless told. Empty for a default namespace. */
  readonly prefix?: string;
};

/** Bytes to a base64 line of 64 characters, as PEM has them (RFC 7468) and every reader met. */
const BASE64_LINE_BYTES = 48;

/** Base64 in lines, as long values stand in signatures. */
export function base64Lines(bytes: Uint8Array): string {
  let text = toBase64(bytes.subarray(0, BASE64_LINE_BYTES));
  for (let at = BASE64_LINE_BYTES; at < bytes.length; at += BASE64_LINE_BYTES) {
    text += `\n${toBase64(bytes.subarray(at, at + BASE64_LINE_BYTES))}`;
  }
  return text;
}

/**
 * The document with a signature as the last child of its root. A root that was laid out in lines
 * keeps its layout. The tree must not be touched afterwards.
 */
export async function signDocument(
  document: XmlDocument,
  options: SignOptions,
  cryptography: Cryptography,
): Promise<XmlDocument> {
  const hash = signatureHashOf(options.signatureMethod);
  const digestHash = digestHashOf(options.digestMethod);
  const canonicalization = canonicalizationOf(options.canonicalization);
  assert(hash && digestHash && canonicalization, 'the algorithms are known');
  const uris = options.covers === 'enveloped' ? [''] : options.covers.map((id) => `#${id}`);

  const skeleton = signatureElement(
    options,
    document.root,
    uris.map(() => ''),
    '',
  );
  const placed = appendChild(document.root, skeleton);
  const digests = uris.map((uri) => {
    const bytes =
      uri === ''
        ? encodeUtf8(canonicalDocument({ ...document, root: placed }, { without: skeleton }))
        : canonicalBytes(placed, uniqueElement(placed, uri.slice(1)));
    return toBase64(digest(cryptography, digestHash!, bytes));
  });

  const unsigned = signatureElement(options, document.root, digests, '');
  const root = replaceElement(placed, skeleton, unsigned);
  const signedInfo = unsigned.children.find(
    (child): child is XmlElement => child.kind === 'element' && child.local === 'SignedInfo',
  );
  const bytes = canonicalBytes(root, signedInfo!, canonicalization);
  const value = await cryptography.signRsa(hash!, options.privateKey, bytes);
  const signed = signatureElement(options, document.root, digests, base64Lines(value));
  return { ...document, root: replaceElement(placed, skeleton, signed) };
}

function uniqueElement(root: XmlElement, id: string): XmlElement {
  const found = [...elementsWithin(root)].filter((each) => attributeValue(each, 'Id') === id);
  assert(found.length === 1, 'the Id that is signed belongs to one element');
  return found[0]!;
}

function signatureElement(
  options: SignOptions,
  root: XmlElement,
  digests: readonly string[],
  value: string,
): XmlElement {
  const prefix = options.prefix ?? 'ds';
  const declared = root.declarations.some(
    (each) => each.prefix === prefix && each.namespace === XMLDSIG_NAMESPACE,
  );
  const make = (local: string, children: (XmlNode | string)[], attributes = {}) =>
    element(prefix === '' ? local : `${prefix}:${local}`, XMLDSIG_NAMESPACE, {
      attributes,
      children,
    });
  const method = (local: string, algorithm: string) => make(local, [], { Algorithm: algorithm });
  const enveloped = options.covers === 'enveloped';
  const uris = enveloped ? [''] : (options.covers as readonly string[]).map((id) => `#${id}`);
  const references = uris.map((uri, index) =>
    make(
      'Reference',
      [
        ...(enveloped ? [make('Transforms', [method('Transform', ALGORITHMS.enveloped)])] : []),
        method('DigestMethod', options.digestMethod),
        make('DigestValue', [digests[index]!]),
      ],
      { URI: uri },
    ),
  );
  const signature = make('Signature', [
    make('SignedInfo', [
      method('CanonicalizationMethod', options.canonicalization),
      method('SignatureMethod', options.signatureMethod),
      ...references,
    ]),
    make('SignatureValue', [value]),
    make(
      'KeyInfo',
      options.keyInfo.map((data) => keyInfoData(data, make)),
    ),
  ]);
  const declarations = declared ? [] : [{ prefix, namespace: XMLDSIG_NAMESPACE }];
  return indentElement({ ...signature, declarations }, isLaidOut(root) ? 1 : 0);
}

function keyInfoData(
  data: SignatureCertificates,
  make: (local: string, children: (XmlNode | string)[]) => XmlElement,
): XmlElement {
  const { issuerName, serialNumber, subjectName } = data;
  return make('X509Data', [
    ...(issuerName === undefined || serialNumber === undefined
      ? []
      : [
          make('X509IssuerSerial', [
            make('X509IssuerName', [issuerName]),
            make('X509SerialNumber', [serialNumber]),
          ]),
        ]),
    ...(subjectName === undefined ? [] : [make('X509SubjectName', [subjectName])]),
    ...data.certificates.map((der) => make('X509Certificate', [base64Lines(der)])),
  ]);
}

function isLaidOut(root: XmlElement): boolean {
  const last = root.children.at(-1);
  return last?.kind === 'text' && /^\s*\n\s*$/.test(last.text);
}

function appendChild(root: XmlElement, child: XmlElement): XmlElement {
  if (!isLaidOut(root)) return { ...root, children: [...root.children, child] };
  const children = [
    ...root.children.slice(0, -1),
    { kind: 'text', text: '\n  ' } as const,
    child,
    root.children.at(-1)!,
  ];
  return { ...root, children };
}
