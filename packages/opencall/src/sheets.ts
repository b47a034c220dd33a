import {
  accepted,
  canonicalJson,
  encodeUtf8,
  finding,
  fromBase64,
  type Outcome,
  refused,
  toBase64,
} from '@yinglian/core';
import { z } from 'zod';
import type { Sealing } from './sealing.ts';

const code = z.string().min(1).max(100);

/** A reviewer's sheet on one proposal, as it is signed. */
export const scoreSheetShape = z.object({
  schema: z.literal('yinglian.opencall.sheet/1'),
  round: code,
  /** The name the proposal has while it is read blind. */
  proposal: code,
  /** The name the reviewer has while the review is blind. */
  reviewer: code,
  marks: z.record(z.string().max(40), z.string().max(20)),
  comment: z.string().trim().min(1).max(10_000),
  /** 是否认出申报单位: a reviewer who knows whose it is says so. */
  recognised: z.boolean(),
});
/** A reviewer's sheet. */
export type ScoreSheet = z.infer<typeof scoreSheetShape>;

/** Signs a sheet on the reviewer's own machine; base64 of r ‖ s. */
export async function signSheet(
  sealing: Pick<Sealing, 'sign'>,
  privateKey: Uint8Array,
  sheet: ScoreSheet,
): Promise<string> {
  return toBase64(await sealing.sign(privateKey, encodeUtf8(canonicalJson(sheet))));
}

/** Whether a sheet is the one that was signed, by the holder of this public key (base64). */
export async function verifySheet(
  sealing: Pick<Sealing, 'verify'>,
  given: { readonly publicKey: string; readonly sheet: ScoreSheet; readonly signature: string },
): Promise<Outcome<void>> {
  const facts = { reviewer: given.sheet.reviewer, proposal: given.sheet.proposal };
  try {
    const good = await sealing.verify(
      fromBase64(given.publicKey),
      encodeUtf8(canonicalJson(given.sheet)),
      fromBase64(given.signature),
    );
    if (good) return accepted(undefined);
  } catch {
    // What is no base64 signs nothing.
  }
  return refused(finding('mismatched_signature', 'error', { facts }));
}
