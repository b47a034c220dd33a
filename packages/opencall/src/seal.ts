import {
  accepted,
  canonicalJson,
  clipText,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  finding,
  fromBase64,
  fromHex,
  type Outcome,
  refused,
  toBase64,
  toHex,
} from '@yinglian/core';
import { z } from 'zod';
import { type Bid, bidShape } from './bid.ts';
import { readDocument } from './documents.ts';
import { hybridOpen, hybridSeal } from './hybrid.ts';
import type { KeyPair, Sealing } from './sealing.ts';
import { joinShares, type Share, splitSecret } from './shares.ts';

/**
 * A bid is encrypted where it is written, under a key that nobody else has. The key is shared out
 * among named openers, each share encrypted to its opener; so many of them as the threshold says
 * open the bid together after the hour, also when its bidder stays away. What the bid said is
 * fixed by its commitment: another text, salt, round or bidder gives another one.
 */
export const sealedBidShape = z.object({
  schema: z.literal('yinglian.opencall.sealed-bid/1'),
  round: z.string().max(100),
  bidder: z.string().max(100),
  commitment: z.string().regex(/^[0-9a-f]{64}$/),
  nonce: z.string().max(40),
  cipher: z.string().max(8_000_000),
  /** Openers who together open it; 0 where only the bidder can. */
  threshold: z.number().int().min(0).max(15),
  shares: z
    .array(
      z.object({
        opener: z.string().max(100),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
        enc: z.string().max(200),
        cipher: z.string().max(200),
      }),
    )
    .max(15),
});
/** What is handed in: everything but the means to open it. */
export type SealedBid = z.infer<typeof sealedBidShape>;

/** What the bidder keeps, and nobody else ever sees before the hour. */
export const bidKeyShape = z.object({
  schema: z.literal('yinglian.opencall.bid-key/1'),
  round: z.string().max(100),
  bidder: z.string().max(100),
  commitment: z.string().regex(/^[0-9a-f]{64}$/),
  key: z.string().regex(/^[0-9a-f]{64}$/),
});
/** The bidder's own key file. */
export type BidKey = z.infer<typeof bidKeyShape>;

/** An opener as the round names them. */
export type Opener = {
  readonly id: string;
  /** Uncompressed point of P-256, base64. */
  readonly publicKey: string;
};

/** Openers of one round at most; a commission has fewer. */
export const OPENERS_MAX = 15;
/** One person alone never opens a bid. */
export const THRESHOLD_MIN = 2;
/** The cipher's length tells the bid's only to this many bytes. */
export const PADDING_BYTES = 16 * 1024;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const LENGTH_BYTES = 4;
const POINT_BYTES = 65;
const SHARE_INFO = encodeUtf8('yinglian.opencall.share/1');

/** Whether named openers can do their work: enough of them, each once, with keys. */
export function checkOpeners(openers: readonly Opener[], threshold: number): Outcome<void> {
  const facts = { threshold, count: openers.length };
  if (openers.length === 0 && threshold === 0) return accepted(undefined);
  if (threshold < THRESHOLD_MIN || threshold > openers.length || openers.length > OPENERS_MAX) {
    return refused(finding('invalid_threshold', 'error', { facts }));
  }
  const keys = new Set(openers.map(({ publicKey }) => publicKey));
  const ids = new Set(openers.map(({ id }) => id));
  if (ids.size < openers.length || keys.size < openers.length) {
    return refused(finding('duplicate_opener', 'error'));
  }
  const broken = openers.find(({ publicKey }) => bytesOf(publicKey)?.length !== POINT_BYTES);
  if (broken !== undefined) {
    return refused(finding('invalid_opener_key', 'error', { facts: { opener: broken.id } }));
  }
  // With no opener to spare, one who falls ill keeps every bid shut.
  return threshold < openers.length
    ? accepted(undefined)
    : accepted(undefined, [finding('missing_spare_opener', 'warning', { facts })]);
}

/** The commitment to a bid: SHA-256 over the canonical JSON of bid, salt, round and bidder. */
export async function commitmentOf(
  sealing: Pick<Sealing, 'sha256'>,
  given: {
    readonly round: string;
    readonly bidder: string;
    readonly salt: string;
    readonly bid: unknown;
  },
): Promise<string> {
  const { round, bidder, salt, bid } = given;
  const text = canonicalJson({ schema: 'yinglian.opencall.bid/1', round, bidder, salt, bid });
  return toHex(await sealing.sha256(encodeUtf8(text)));
}

/** Seals a bid where it was written. */
export async function sealBid(
  sealing: Sealing,
  given: {
    readonly round: string;
    readonly bidder: string;
    readonly bid: Bid;
    readonly openers: readonly Opener[];
    readonly threshold: number;
  },
): Promise<Outcome<{ readonly sealed: SealedBid; readonly key: BidKey }>> {
  const { round, bidder, bid, openers, threshold } = given;
  const checked = checkOpeners(openers, threshold);
  if (!checked.ok) return checked;
  const salt = toHex(sealing.random(KEY_BYTES));
  const key = sealing.random(KEY_BYTES);
  const nonce = sealing.random(NONCE_BYTES);
  const commitment = await commitmentOf(sealing, { round, bidder, salt, bid });
  const head = { round, bidder, commitment, threshold };
  const text = padded(encodeUtf8(canonicalJson({ salt, bid })));
  const cipher = await sealing.encryptGcm(key, { nonce, aad: headBytes(head), text });
  const parts =
    threshold === 0
      ? []
      : splitSecret(key, { threshold, count: openers.length }, (length) => sealing.random(length));
  const shares: SealedBid['shares'] = [];
  for (const [place, opener] of openers.entries()) {
    const { bytes } = parts[place]!;
    const point = bytesOf(opener.publicKey)!;
    const aad = shareBytes(commitment, opener.id, place);
    const text = await hybridSeal(sealing, point, { info: SHARE_INFO, aad, plain: bytes });
    if (text === undefined) {
      return refused(finding('invalid_opener_key', 'error', { facts: { opener: opener.id } }));
    }
    shares.push({
      opener: opener.id,
      digest: await digestOfShare(sealing, commitment, { index: place + 1, bytes }),
      enc: toBase64(text.enc),
      cipher: toBase64(text.cipher),
    });
  }
  const sealed: SealedBid = {
    schema: 'yinglian.opencall.sealed-bid/1',
    ...head,
    nonce: toBase64(nonce),
    cipher: toBase64(cipher),
    shares,
  };
  const own: BidKey = {
    schema: 'yinglian.opencall.bid-key/1',
    round,
    bidder,
    commitment,
    key: toHex(key),
  };
  return accepted({ sealed, key: own }, checked.findings);
}

/** Whether what came in was sealed for this round, this bidder and these openers. */
export function checkSealed(
  sealed: SealedBid,
  wanted: {
    readonly round: string;
    readonly bidder: string;
    readonly openers: readonly Opener[];
    readonly threshold: number;
  },
): Outcome<void> {
  const own = sealed.round === wanted.round && sealed.bidder === wanted.bidder;
  if (!own) return refused(finding('foreign_sealed_bid', 'error'));
  const named = wanted.openers.map(({ id }) => id).join('\n');
  const same = sealed.shares.map(({ opener }) => opener).join('\n') === named;
  if (!same || sealed.threshold !== wanted.threshold) {
    return refused(finding('mismatched_openers', 'error'));
  }
  const whole =
    bytesOf(sealed.nonce)?.length === NONCE_BYTES && bytesOf(sealed.cipher) !== undefined;
  return whole ? accepted(undefined) : refused(finding('invalid_sealed_bid', 'error'));
}

/** One opener's share of a bid's key, on the opener's own machine. */
export async function openShare(
  sealing: Sealing,
  sealed: SealedBid,
  opener: { readonly id: string; readonly keys: KeyPair },
): Promise<Outcome<Share>> {
  const facts = { opener: opener.id };
  const place = sealed.shares.findIndex((each) => each.opener === opener.id);
  if (place < 0) return refused(finding('missing_share', 'error', { facts }));
  const { enc, cipher } = sealed.shares[place]!;
  const [point, text] = [bytesOf(enc), bytesOf(cipher)];
  const bytes =
    point === undefined || text === undefined
      ? undefined
      : await hybridOpen(sealing, opener.keys, {
          enc: point,
          cipher: text,
          info: SHARE_INFO,
          aad: shareBytes(sealed.commitment, opener.id, place),
        });
  if (bytes === undefined) return refused(finding('unreadable_share', 'error', { facts }));
  return verifyShare(sealing, sealed, { index: place + 1, bytes });
}

/** Whether a share is the one that was dealt: nobody spoils an opening without being named. */
export async function verifyShare(
  sealing: Pick<Sealing, 'sha256'>,
  sealed: SealedBid,
  share: Share,
): Promise<Outcome<Share>> {
  const dealt = sealed.shares[share.index - 1];
  if (dealt === undefined) return refused(finding('missing_share', 'error'));
  const digest = await digestOfShare(sealing, sealed.commitment, share);
  if (digest === dealt.digest) return accepted(share);
  return refused(finding('mismatched_share', 'error', { facts: { opener: dealt.opener } }));
}

/** Opens a bid with the shares of its openers. */
export async function openWithShares(
  sealing: Sealing,
  sealed: SealedBid,
  shares: readonly Share[],
): Promise<Outcome<OpenedBid>> {
  const verified: Share[] = [];
  for (const share of shares) {
    const checked = await verifyShare(sealing, sealed, share);
    if (!checked.ok) return checked;
    if (!verified.some(({ index }) => index === share.index)) verified.push(share);
  }
  if (sealed.threshold === 0 || verified.length < sealed.threshold) {
    const facts = { count: verified.length, threshold: sealed.threshold };
    return refused(finding('missing_shares', 'error', { facts }));
  }
  return openWithKey(sealing, sealed, joinShares(verified.slice(0, sealed.threshold)));
}

/** A bid that was opened and is the one that was committed to. */
export type OpenedBid = { readonly bid: Bid; readonly salt: string };

const openedShape = z.object({ salt: z.string().regex(/^[0-9a-f]{64}$/), bid: z.unknown() });

/** Opens a bid with its key and holds it against its commitment. */
export async function openWithKey(
  sealing: Sealing,
  sealed: SealedBid,
  key: Uint8Array,
): Promise<Outcome<OpenedBid>> {
  const facts = { bidder: sealed.bidder };
  const [nonce, cipher] = [bytesOf(sealed.nonce), bytesOf(sealed.cipher)];
  const usable = nonce?.length === NONCE_BYTES && cipher !== undefined && key.length === KEY_BYTES;
  const text = usable
    ? await sealing.decryptGcm(key, { nonce, aad: headBytes(sealed), text: cipher })
    : undefined;
  if (text === undefined) return refused(finding('unopenable_bid', 'error', { facts }));
  const read = readDocument(openedShape, parsed(unpadded(text)));
  if (!read.ok) return refused(finding('unopenable_bid', 'error', { facts }), ...read.findings);
  const { salt, bid } = read.value;
  const { round, bidder } = sealed;
  // What is inside was never looked at: a lone surrogate has no canonical JSON.
  const found = await commitmentOf(sealing, { round, bidder, salt, bid }).catch(() => '');
  if (found !== sealed.commitment) return refused(finding('altered_bid', 'error', { facts }));
  const shaped = readDocument(bidShape, bid);
  return shaped.ok ? accepted({ bid: shaped.value, salt }) : shaped;
}

/** Reads a bidder's key file for a sealed bid. */
export function keyFor(sealed: SealedBid, own: BidKey): Outcome<Uint8Array> {
  if (own.commitment === sealed.commitment) return accepted(fromHex(own.key));
  return refused(finding('mismatched_bid_key', 'error', { facts: { bidder: sealed.bidder } }));
}

async function digestOfShare(
  sealing: Pick<Sealing, 'sha256'>,
  commitment: string,
  share: Share,
): Promise<string> {
  const head = encodeUtf8(`yinglian.opencall.share-digest/1\n${commitment}\n${share.index}\n`);
  return toHex(await sealing.sha256(concatBytes(head, share.bytes)));
}

type Head = Pick<SealedBid, 'round' | 'bidder' | 'commitment' | 'threshold'>;

function headBytes({ round, bidder, commitment, threshold }: Head): Uint8Array {
  return encodeUtf8(canonicalJson({ round, bidder, commitment, threshold }));
}

function shareBytes(commitment: string, opener: string, place: number): Uint8Array {
  return encodeUtf8(canonicalJson({ commitment, opener, place }));
}

/** The text's length in four bytes, the text, and zeros up to whole blocks. */
function padded(text: Uint8Array): Uint8Array {
  const blocks = Math.ceil((text.length + LENGTH_BYTES) / PADDING_BYTES);
  const whole = new Uint8Array(blocks * PADDING_BYTES);
  new DataView(whole.buffer).setUint32(0, text.length);
  whole.set(text, LENGTH_BYTES);
  return whole;
}

function unpadded(whole: Uint8Array): Uint8Array | undefined {
  if (whole.length < LENGTH_BYTES) return undefined;
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const length = view.getUint32(0);
  const rest = whole.subarray(LENGTH_BYTES + length);
  // Zeros alone, so that one text has one form.
  if (length > whole.length - LENGTH_BYTES) return undefined;
  if (!equalBytes(rest, new Uint8Array(rest.length))) return undefined;
  return whole.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

function parsed(bytes: Uint8Array | undefined): unknown {
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return fromBase64(base64);
  } catch {
    return undefined;
  }
}

/** A commitment as people compare it by eye: its first sixteen digits in groups. */
export function shortCommitment(commitment: string): string {
  return clipText(commitment, 17)
    .slice(0, 16)
    .replace(/(.{4})(?=.)/g, '$1 ');
}
