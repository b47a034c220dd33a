import { decodeUtf8 } from '@yinglian/core';

/** Texts longer than this are seldom met twice. */
const REMEMBERED_BYTES_MAX = 48;
/** Places of the memory, powers of two; a newer text takes the place of an older one. */
const PLACES_MAX = 32_768;
const PLACES_MIN = 64;
/** Bytes of a document for which there is one place. */
const BYTES_PER_PLACE = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Texts between quotes, made from the bytes of a document. A cut says the same names a hundred
 * thousand times: a text that was met lately is found again by its bytes, so that it is made once
 * and held once, and no text keeps the document alive.
 */
export class Strings {
  readonly #bytes: Uint8Array;
  readonly #remembered: (string | undefined)[];
  /** The bits of a hash that name a place. */
  readonly #mask: number;
  /** Where the last text ended: at its closing quote, or at what no text may hold. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    let places = PLACES_MIN;
    while (places < PLACES_MAX && places * BYTES_PER_PLACE < bytes.length) places *= 2;
    this.#remembered = Array.from({ length: places });
    this.#mask = places - 1;
  }

  /**
   * The text that begins at a byte and ends before a quote without an escape; undefined where there
   * is an escape, a byte of control or the end of the document first: {@link end} says where.
   * Null where it is not UTF-8.
   */
  plain(start: number): string | null | undefined {
    const bytes = this.#bytes;
    let hash = 0;
    let high = 0;
    let at = start;
    let code = bytes[at]!;
    while (code !== QUOTE && code !== BACKSLASH && code >= 0x20) {
      hash = (Math.imul(hash, 31) + code) | 0;
      high |= code;
      code = bytes[++at]!;
    }
    this.end = at;
    if (code !== QUOTE) return undefined;
    if (high >= 0x80) return decodeUtf8(bytes.subarray(start, at)) ?? null;
    const length = at - start;
    if (length > REMEMBERED_BYTES_MAX) return ascii(bytes, start, at);
    const place = (hash ^ (hash >>> 13)) & this.#mask;
    const known = this.#remembered[place];
    if (known !== undefined && known.length === length && this.#isAt(known, start)) return known;
    const made = ascii(bytes, start, at);
    this.#remembered[place] = made;
    return made;
  }

  #isAt(text: string, start: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) !== bytes[start + i]) return false;
    }
    return true;
  }
}

/** Arguments of one call; engines allow many more. */
const CALL_MAX = 4096;

function ascii(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= CALL_MAX) {
    // Applied, not spread: spreading goes through the iterator, at several times the cost.
    return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }
  return decodeUtf8(bytes.subarray(start, end)) ?? '';
}
