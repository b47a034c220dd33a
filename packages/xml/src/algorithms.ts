import type { HashName } from '@yinglian/core';

/** Algorithm identifiers of XML signatures (xmldsig-core section 6, RFC 9231) and encryption. */
export const ALGORITHMS = Object.freeze({
  c14n: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  c14nWithComments: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  exclusiveWithComments: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  rsaSha1: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  rsaSha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  rsaOaepMgf1p: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
});

/** One of the four canonical forms. */
export type Canonicalization = {
  readonly algorithm: string;
  readonly exclusive: boolean;
  readonly comments: boolean;
};

const CANONICALIZATIONS: ReadonlyMap<string, Canonicalization> = new Map(
  [
    { algorithm: ALGORITHMS.c14n, exclusive: false, comments: false },
    { algorithm: ALGORITHMS.c14nWithComments, exclusive: false, comments: true },
    { algorithm: ALGORITHMS.exclusive, exclusive: true, comments: false },
    { algorithm: ALGORITHMS.exclusiveWithComments, exclusive: true, comments: true },
  ].map((each) => [each.algorithm, each]),
);

const DIGESTS: ReadonlyMap<string, HashName> = new Map([
  [ALGORITHMS.sha1, 'sha1'],
  [ALGORITHMS.sha256, 'sha256'],
]);

const SIGNATURES: ReadonlyMap<string, HashName> = new Map([
  [ALGORITHMS.rsaSha1, 'sha1'],
  [ALGORITHMS.rsaSha256, 'sha256'],
]);

/** The canonical form behind an identifier; undefined for any other transform. */
export function canonicalizationOf(algorithm: string): Canonicalization | undefined {
  return CANONICALIZATIONS.get(algorithm);
}

/** The hash behind a DigestMethod; undefined for what the field does not use. */
export function digestHashOf(algorithm: string): HashName | undefined {
  return DIGESTS.get(algorithm);
}

/** The hash behind an RSA SignatureMethod; HMAC and others are not signatures of anybody. */
export function signatureHashOf(algorithm: string): HashName | undefined {
  return SIGNATURES.get(algorithm);
}
