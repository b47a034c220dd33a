import {
  assert,
  concatBytes,
  type Cryptography,
  digest,
  equalBytes,
  fromHex,
  type RandomBytes,
  toHex,
  type Uuid,
  uuidBytes,
  uuidFromBytes,
} from '@yinglian/core';
import { berBytes, KEY_BYTES, readBer, writeBer } from './klv.ts';
import { encryptedTriplet, type Label, type LabelSet } from './labels.ts';
import { decodeUint, encodeUint } from './property-types.ts';

/** ST 429-6:2006 6.9: the known plaintext of the check value. */
const CHECK_VALUE = Uint8Array.from('CHUKCHUKCHUKCHUK', (char) => char.charCodeAt(0));
const BLOCK_BYTES = 16;
const MIC_BYTES = 20;
/** Context id, plaintext offset, source key, source length: each with a 4-byte BER length. */
const FIXED_ITEMS_BYTES = 4 * 4 + 16 + 8 + 16 + 8;
/** Track file id, sequence number, MIC, each with a 4-byte BER length. */
const INTEGRITY_PACK_BYTES = 3 * 4 + 16 + 8 + MIC_BYTES;
/** The same three items without a code: lengths of zero. */
const EMPTY_PACK_BYTES = 3 * 4;
const INTEROP_MIC_SALT = fromHex('00112233445566778899aabbccddeeff');

/** The key of the message integrity code, derived from the essence key (ST 429-6:2006 6.10). */
export function micKey(cryptography: Cryptography, key: Uint8Array, labels: LabelSet): Uint8Array {
  assert(key.length === BLOCK_BYTES, 'an essence key has 16 bytes');
  if (labels === 'interop') {
    return digest(cryptography, 'sha1', concatBytes(key, INTEROP_MIC_SALT)).slice(0, BLOCK_BYTES);
  }
  const seed = new Uint8Array(20);
  seed.set(key);
  const first = compressSha1(seed);
  return compressSha1(addModulo(seed, first)).slice(0, BLOCK_BYTES);
}

/** (1 + a + b) mod 2^160, big endian (FIPS 186-2 change notice, Appendix 3.1). */
function addModulo(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(20);
  let carry = 1;
  for (let i = 19; i >= 0; i--) {
    carry += a[i]! + b[i]!;
    sum[i] = carry & 0xff;
    carry >>= 8;
  }
  return sum;
}

/** FIPS 186-2's G: the compression function of SHA-1 over one zero-padded block, unpadded. */
function compressSha1(seed: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(seed);
  const view = new DataView(block.buffer);
  const words = new Int32Array(80);
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(4 * i);
  for (let i = 16; i < 80; i++) {
    words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
  }
  const start = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0] as const;
  let [a, b, c, d, e] = start as readonly number[] as [number, number, number, number, number];
  for (let i = 0; i < 80; i++) {
    const [mix, constant] =
      i < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : i < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const next = (rotate(a, 5) + mix! + e + constant! + words[i]!) | 0;
    [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
  }
  const out = new DataView(new ArrayBuffer(20));
  [a, b, c, d, e].forEach((word, i) => out.setInt32(4 * i, (start[i]! + word) | 0));
  return new Uint8Array(out.buffer);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** How one track file is encrypted. The key never leaves this object into a finding or log. */
export type TrackEncryption = {
  readonly key: Uint8Array;
  readonly keyId: Uuid;
  readonly contextId: Uuid;
  readonly assetId: Uuid;
  readonly labels: LabelSet;
  /** Whether each triplet carries a message integrity code. */
  readonly integrity: boolean;
  /** Bytes at the head of each source that stay readable; 0 by default. */
  readonly plaintextOffset: number;
};

/**
 * Encrypts one essence element after another. The parts, laid end to end, are the whole KLV of the
 * encrypted triplet: in parts, because joining them would copy every frame once more.
 */
export type TripletEncryptor = (
  sourceKey: Label,
  source: Uint8Array,
  sequence: number,
) => readonly Uint8Array[];

/** Makes the encryptor of one track file; `random` gives the initialization vectors. */
export function tripletEncryptor(
  cryptography: Cryptography,
  encryption: TrackEncryption,
  random: RandomBytes,
): TripletEncryptor {
  const mac = micKey(cryptography, encryption.key, encryption.labels);
  const template = tripletTemplate(encryption);
  const { key, integrity } = encryption;
  return (sourceKey, source, sequence) => {
    const offset = Math.min(encryption.plaintextOffset, source.length);
    const wholeEnd = source.length - ((source.length - offset) % BLOCK_BYTES);
    const iv = random(BLOCK_BYTES);
    const check = cryptography.encryptAesCbc(key, iv, CHECK_VALUE);
    // The chain goes on from the check value; three calls spare a copy of the frame.
    const body =
      wholeEnd === offset
        ? NOTHING
        : cryptography.encryptAesCbc(key, check, source.subarray(offset, wholeEnd));
    const chained = body.length === 0 ? check : body.subarray(body.length - BLOCK_BYTES);
    const last = cryptography.encryptAesCbc(key, chained, lastBlock(source.subarray(wholeEnd)));
    const esvBytes = 3 * BLOCK_BYTES + offset + body.length;
    const head = tripletHead(template, {
      sourceKey,
      sourceBytes: source.length,
      esvBytes,
      integrity,
      offset,
    });
    const plain = source.subarray(0, offset);
    const esv = [iv, check, plain, body, last];
    const pack = integrityPack(template, integrity ? sequence : undefined);
    if (integrity) {
      const hmac = cryptography.hmac('sha1', mac);
      for (const part of esv) hmac.update(part);
      hmac.update(pack.subarray(0, INTEGRITY_PACK_BYTES - MIC_BYTES));
      pack.set(hmac.digest(), INTEGRITY_PACK_BYTES - MIC_BYTES);
    }
    return [concatBytes(head, iv, check, plain), body, concatBytes(last, pack)];
  };
}

const NOTHING = new Uint8Array(0);

/** What is left of the source, filled up with 0, 1, 2 … to a whole block (ST 429-6:2006 6.8). */
function lastBlock(rest: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(rest);
  for (let i = rest.length, pad = 0; i < BLOCK_BYTES; i++, pad++) block[i] = pad;
  return block;
}

/** Track file id, sequence number and room for the code; three empty items without a code. */
function integrityPack(template: Template, sequence: number | undefined): Uint8Array {
  if (sequence === undefined) {
    const empty = new Uint8Array(EMPTY_PACK_BYTES);
    for (let at = 0; at < empty.length;) at = writeBer(empty, at, 0);
    return empty;
  }
  const pack = new Uint8Array(INTEGRITY_PACK_BYTES);
  let at = writeBer(pack, 0, 16);
  pack.set(template.trackFileId, at);
  at = writeBer(pack, at + 16, 8);
  pack.set(encodeUint(sequence, 8), at);
  writeBer(pack, at + 8, MIC_BYTES);
  return pack;
}

type Template = {
  readonly key: Uint8Array;
  readonly contextId: Uint8Array;
  readonly trackFileId: Uint8Array;
};

function tripletTemplate(encryption: TrackEncryption): Template {
  return {
    key: fromHex(encryptedTriplet(encryption.labels)),
    contextId: uuidBytes(encryption.contextId),
    trackFileId: uuidBytes(encryption.assetId),
  };
}

type TripletShape = {
  readonly sourceKey: Label;
  readonly sourceBytes: number;
  readonly esvBytes: number;
  readonly integrity: boolean;
  readonly offset: number;
};

/** Key and length, the four fixed items, and the length of the encrypted value. */
function tripletHead(template: Template, shape: TripletShape): Uint8Array {
  const { sourceKey, sourceBytes, esvBytes, integrity, offset } = shape;
  const valueBytes =
    FIXED_ITEMS_BYTES +
    berBytes(esvBytes) +
    esvBytes +
    (integrity ? INTEGRITY_PACK_BYTES : EMPTY_PACK_BYTES);
  const bytes = new Uint8Array(
    KEY_BYTES + berBytes(valueBytes) + FIXED_ITEMS_BYTES + berBytes(esvBytes),
  );
  bytes.set(template.key);
  let at = writeBer(bytes, KEY_BYTES, valueBytes);
  const items = [
    template.contextId,
    encodeUint(offset, 8),
    fromHex(sourceKey),
    encodeUint(sourceBytes, 8),
  ];
  for (const item of items) {
    at = writeBer(bytes, at, item.length);
    bytes.set(item, at);
    at += item.length;
  }
  writeBer(bytes, at, esvBytes);
  return bytes;
}

/** Size of the encrypted triplet's KLV for a source of so many bytes. */
export function encryptedElementBytes(
  sourceBytes: number,
  options: { integrity: boolean; plaintextOffset: number },
): number {
  const offset = Math.min(options.plaintextOffset, sourceBytes);
  const esv = offset + Math.floor((sourceBytes - offset) / BLOCK_BYTES) * BLOCK_BYTES + 48;
  const value =
    FIXED_ITEMS_BYTES +
    berBytes(esv) +
    esv +
    (options.integrity ? INTEGRITY_PACK_BYTES : EMPTY_PACK_BYTES);
  return KEY_BYTES + berBytes(value) + value;
}

/** An encrypted triplet taken apart; the arrays are views of the bytes given. */
export type EncryptedTriplet = {
  readonly contextId: Uuid;
  readonly plaintextOffset: number;
  readonly sourceKey: Label;
  readonly sourceBytes: number;
  readonly esv: Uint8Array;
  readonly integrity?: {
    readonly trackFileId: Uuid;
    readonly sequence: number;
    readonly mic: Uint8Array;
    /** What the code is computed over (ST 429-6:2006 6.10.3). */
    readonly covered: Uint8Array;
  };
};

/** Undefined when the value is not a triplet of ST 429-6 Table 4. */
export function parseTriplet(value: Uint8Array): EncryptedTriplet | undefined {
  const items: { at: number; bytes: Uint8Array }[] = [];
  let at = 0;
  while (at < value.length && items.length < 8) {
    const length = readBer(value, at);
    if (length === undefined || typeof length === 'string') return undefined;
    at += length.bytes;
    if (at + length.value > value.length) return undefined;
    items.push({ at, bytes: value.subarray(at, at + length.value) });
    at += length.value;
  }
  const [context, offset, key, size, esv, file, sequence, mic] = items;
  if (
    context?.bytes.length !== 16 ||
    offset?.bytes.length !== 8 ||
    key?.bytes.length !== 16 ||
    size?.bytes.length !== 8 ||
    esv === undefined
  )
    return undefined;
  const sourceBytes = decodeUint(size.bytes);
  const plaintextOffset = decodeUint(offset.bytes);
  if (plaintextOffset > sourceBytes) return undefined;
  const secret = sourceBytes - plaintextOffset;
  const expected = plaintextOffset + Math.floor(secret / BLOCK_BYTES) * BLOCK_BYTES + 48;
  if (esv.bytes.length !== expected) return undefined;
  const withMic =
    mic?.bytes.length === MIC_BYTES && file?.bytes.length === 16 && sequence?.bytes.length === 8;
  return {
    contextId: uuidFromBytes(context.bytes),
    plaintextOffset,
    sourceBytes,
    sourceKey: toHex(key.bytes),
    esv: esv.bytes,
    ...(withMic
      ? {
          integrity: {
            trackFileId: uuidFromBytes(file.bytes),
            sequence: decodeUint(sequence.bytes),
            mic: mic.bytes,
            covered: value.subarray(esv.at, mic.at),
          },
        }
      : {}),
  };
}

/** Opens triplets with one key; the MIC key is derived once. */
export type TripletOpener = {
  /** False when the code is absent or does not match. */
  authentic(triplet: EncryptedTriplet): boolean;
  /** Undefined when the check value is wrong: this is not the key. */
  open(triplet: EncryptedTriplet): Uint8Array | undefined;
  /** Whether the key is the right one, from the check value alone. */
  fits(triplet: EncryptedTriplet): boolean;
};

/** An opener for one key, with its integrity key derived once. */
export function tripletOpener(
  cryptography: Cryptography,
  key: Uint8Array,
  labels: LabelSet,
): TripletOpener {
  const mac = micKey(cryptography, key, labels);
  const fits = (triplet: EncryptedTriplet) =>
    equalBytes(
      CHECK_VALUE,
      cryptography.decryptAesCbc(key, triplet.esv.subarray(0, 16), triplet.esv.subarray(16, 32)),
    );
  return {
    fits,
    authentic: (triplet) => {
      if (triplet.integrity === undefined) return false;
      const hmac = cryptography.hmac('sha1', mac);
      hmac.update(triplet.integrity.covered);
      return equalBytes(hmac.digest(), triplet.integrity.mic);
    },
    open: (triplet) => {
      if (!fits(triplet)) return undefined;
      const { esv, plaintextOffset: offset } = triplet;
      const secret = cryptography.decryptAesCbc(
        key,
        esv.subarray(16, 32),
        esv.subarray(32 + offset),
      );
      const plain = secret.subarray(0, triplet.sourceBytes - offset);
      return offset === 0 ? plain : concatBytes(esv.subarray(32, 32 + offset), plain);
    },
  };
}
