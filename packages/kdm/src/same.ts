import { type Cryptography } from '@yinglian/core';
import { ASSUME_TRUST_THUMBPRINT, nameMatchesText, thumbprintOf } from '@yinglian/certificates';
import { authenticatorOf } from './conditions.ts';
import { forensicFlags, hasAuthenticator, listsDevices } from './model.ts';
import { formulationOf, type Kdm } from './read.ts';
import type { KdmBatch, KdmRecipient } from './request.ts';

/**
 * Whether a message that was made before says all that a new one for this recipient would say:
 * content, keys, device, window, who is trusted, marking and signer. Ids and dates of issue aside.
 */
export function isSameMessage(
  kdm: Kdm,
  batch: KdmBatch,
  recipient: KdmRecipient,
  cryptography: Cryptography,
): boolean {
  const { chain, window, formulation } = recipient;
  const leaf = chain[0]!;
  const authenticator = hasAuthenticator(formulation)
    ? authenticatorOf(batch, cryptography)
    : undefined;
  return (
    kdm.cplId === batch.cplId &&
    kdm.contentTitle === batch.contentTitle &&
    kdm.recipient?.serialNumber === String(leaf.serial) &&
    nameMatchesText(leaf.subject, kdm.recipient.subjectName) &&
    kdm.notBefore?.instant === window.notBefore.instant &&
    kdm.notAfter?.instant === window.notAfter.instant &&
    sameTexts(
      kdm.keyIds.map((each) => each.keyId),
      batch.keys.map((each) => each.keyId),
    ) &&
    formulationOf(kdm) === formulation &&
    kdm.contentAuthenticator === authenticator &&
    sameTexts(kdm.devices ?? [], devicesOf(recipient, cryptography)) &&
    sameTexts(kdm.forensicFlags, forensicFlags(batch.forensic ?? {})) &&
    isSigner(kdm, batch)
  );
}

function devicesOf(recipient: KdmRecipient, cryptography: Cryptography): string[] {
  if (!listsDevices(recipient.formulation)) return [ASSUME_TRUST_THUMBPRINT];
  return (recipient.trustedDevices ?? []).map((device) =>
    typeof device === 'string' ? device : thumbprintOf(device, cryptography),
  );
}

function isSigner({ signer }: Kdm, batch: KdmBatch): boolean {
  const leaf = batch.signer.chain[0]!;
  return (
    signer?.serialNumber === String(leaf.serial) && nameMatchesText(leaf.issuer, signer.issuerName)
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  const sorted = (texts: readonly string[]) => JSON.stringify([...texts].sort());
  return sorted(a) === sorted(b);
}
