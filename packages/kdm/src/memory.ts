import { type Cryptography, equalBytes, type Finding, hasErrors } from '@yinglian/core';
import type { Certificate } from '@yinglian/certificates';

/** Media blocks of a large national circuit, with the authorities of all makers. */
const REMEMBERED_MAX = 20_000;

/**
 * Certificates that were seen before, so that a screen that gets a key every week is not proved
 * anew each time: reading its key and proving its signature cost a fifth of signing its message.
 * A server keeps one memory for all its batches; a batch without one makes its own.
 *
 * Only what does not change is remembered: that these very bytes were signed by that very key, and
 * what their form shows. Times, windows, trust and everything else are judged for every message.
 */
export class CertificateMemory {
  readonly #known = new Map<number, Remembered>();
  /** Signed parts that are proved, with the key and the signature that proved them. */
  #proved = new WeakMap<Uint8Array, { readonly key: Uint8Array; readonly signature: Uint8Array }>();

  /** The same certificate as one seen before, all bytes compared, or this one from now on. */
  recognise(certificate: Certificate): Certificate {
    return this.#remembered(certificate).certificate;
  }

  #remembered(certificate: Certificate): Remembered {
    const place = placeOf(certificate.signature);
    const known = this.#known.get(place);
    if (known !== undefined && sameCertificate(known.certificate, certificate)) return known;
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    const fresh: Remembered = { certificate, authorities: undefined, findings: [] };
    this.#known.set(place, fresh);
    return fresh;
  }

  /** What was found about a leaf below these very recognised authorities, or finds it now. */
  judgeLeaf(
    certificate: Certificate,
    authorities: readonly Certificate[],
    judge: (leaf: Certificate) => readonly Finding[],
  ): { readonly leaf: Certificate; readonly findings: readonly Finding[] } {
    const known = this.#remembered(certificate);
    const leaf = known.certificate;
    if (known.authorities !== undefined && sameList(known.authorities, authorities)) {
      return { leaf, findings: known.findings };
    }
    const findings = judge(leaf);
    if (!hasErrors(findings)) {
      known.authorities = authorities;
      known.findings = findings;
    }
    return { leaf, findings };
  }

  /** The same cryptography, which proves a recognised certificate once only. */
  over(cryptography: Cryptography): Cryptography {
    return {
      ...cryptography,
      verifyRsa: (hash, key, bytes, signature) => {
        const proof = this.#proved.get(bytes);
        if (proof?.key === key && proof.signature === signature) return true;
        const right = cryptography.verifyRsa(hash, key, bytes, signature);
        // A failure is not remembered: it is reported, and costs whoever sent it.
        if (right) this.#proved.set(bytes, { key, signature });
        return right;
      },
    };
  }
}

/**
 * Where a certificate is looked up: 48 bits of its signature, which are as good as a hash and cost
 * nothing, where a text of issuer and serial would cost as much as half a key block. Two that share
 * a place push one another out and are proved again; what counts is that all bytes are compared.
 */
function placeOf(signature: Uint8Array): number {
  let place = 0;
  for (let i = 0; i < 6; i++) place = place * 256 + (signature[i] ?? 0);
  return place;
}

type Remembered = {
  readonly certificate: Certificate;
  /** Those it was last judged below, where nothing stood against it. */
  authorities: readonly Certificate[] | undefined;
  findings: readonly Finding[];
};

function sameCertificate(a: Certificate, b: Certificate): boolean {
  return a === b || equalBytes(a.der, b.der);
}

/** Whether two lists hold the same certificates, recognised ones, in the same order. */
export function sameList(a: readonly Certificate[], b: readonly Certificate[]): boolean {
  return a.length === b.length && a.every((certificate, index) => certificate === b[index]);
}
