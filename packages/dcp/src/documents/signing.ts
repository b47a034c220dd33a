import type { Cryptography, PrivateKeyBytes } from '@yinglian/core';
import { type Certificate, keyInfoOf } from '@yinglian/certificates';
import {
  ALGORITHMS,
  element,
  indentElement,
  signDocument,
  type XmlDocument,
  XMLDSIG_NAMESPACE,
  type XmlElement,
} from '@yinglian/xml';
import type { Standard } from './namespaces.ts';

/** Who signs packages: a chain of ST 430-2, leaf first, and the leaf's key. */
export type PackageSigner = {
  readonly chain: readonly Certificate[];
  readonly privateKey: PrivateKeyBytes;
};

const PREFIX = 'dsig';

/**
 * Adds the Signer element and the enveloped signature as the last children of the root
 * (ST 429-7:2006 10, ST 429-8:2007 7; Interop signs with SHA-1).
 */
export async function signPackageDocument(
  document: XmlDocument,
  standard: Standard,
  signer: PackageSigner,
  cryptography: Cryptography,
): Promise<XmlDocument> {
  const { root } = document;
  const withSigner = indentElement({
    ...root,
    children: [...root.children, signerElement(root.namespace, signer)],
  });
  return signDocument(
    { ...document, root: withSigner },
    {
      privateKey: signer.privateKey,
      canonicalization: ALGORITHMS.c14n,
      signatureMethod: standard === 'smpte' ? ALGORITHMS.rsaSha256 : ALGORITHMS.rsaSha1,
      digestMethod: ALGORITHMS.sha1,
      covers: 'enveloped',
      keyInfo: keyInfoOf(signer.chain),
      prefix: PREFIX,
    },
    cryptography,
  );
}

function signerElement(namespace: string, signer: PackageSigner): XmlElement {
  const leaf = signer.chain[0]!;
  const part = (name: string, children: (XmlElement | string)[]) =>
    element(`${PREFIX}:${name}`, XMLDSIG_NAMESPACE, { children });
  return element('Signer', namespace, {
    declarations: { [PREFIX]: XMLDSIG_NAMESPACE },
    children: [
      part('X509Data', [
        part('X509IssuerSerial', [
          part('X509IssuerName', [leaf.issuer.text]),
          part('X509SerialNumber', [String(leaf.serial)]),
        ]),
        part('X509SubjectName', [leaf.subject.text]),
      ]),
    ],
  });
}
