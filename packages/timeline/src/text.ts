import { decodeText, finding, type Finding } from '@yinglian/core';

/** Encodings that text lists of the trade come in. */
export type ListEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'windows-1252';

/** Text of a list, how it was encoded, and what is doubtful about that. */
export type ListText = {
  readonly text: string;
  readonly encoding: ListEncoding;
  readonly findings: readonly Finding[];
};

/** The runtime's decoder, for the two encodings that the shared port does not name. */
declare const TextDecoder: new (encoding: string) => { decode(bytes: Uint8Array): string };

/**
 * Text of an edit list or log: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else
 * GB 18030 where all high bytes come in pairs as Chinese text has them, else Windows-1252. What
 * was guessed is a note. The byte order mark is not part of the text.
 */
export function decodeList(bytes: Uint8Array, encoding?: ListEncoding): ListText {
  if (encoding !== undefined) return { text: decodeAs(bytes, encoding), encoding, findings: [] };
  const marked = markedEncoding(bytes);
  if (marked !== undefined)
    return { text: decodeAs(bytes, marked), encoding: marked, findings: [] };
  const utf8 = decodeText(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8', findings: [] };
  const guessed = hasPairedBytes(bytes) ? 'gb18030' : 'windows-1252';
  const note = finding('assumed_text_encoding', 'note', { facts: { encoding: guessed } });
  return { text: decodeAs(bytes, guessed), encoding: guessed, findings: [note] };
}

function markedEncoding(bytes: Uint8Array): ListEncoding | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  // Lists begin with ASCII, so a UTF-16 one has a zero in every pair of its first bytes.
  if (first !== 0 && second === 0 && bytes[3] === 0) return 'utf-16le';
  if (first === 0 && second !== 0 && bytes[2] === 0) return 'utf-16be';
  return undefined;
}

function decodeAs(bytes: Uint8Array, encoding: ListEncoding): string {
  return new TextDecoder(encoding).decode(bytes).replace(/^\ufeff/, '');
}

/**
 * Whether the bytes are GB 18030, and look like Chinese: rare characters of names have a second
 * byte below 0x80, as two letters of Windows-1252 may by chance, so most must have both above it.
 */
function hasPairedBytes(bytes: Uint8Array): boolean {
  let [high, mixed] = [0, 0];
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const [second, third, fourth] = [bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
    if (lead === 0x80 || lead === 0xff || second === 0x7f || second === 0xff) return false;
    if (second >= 0x30 && second <= 0x39) {
      // Four bytes: a digit in the second and in the last place.
      if (third < 0x81 || third === 0xff || fourth < 0x30 || fourth > 0x39) return false;
      high++;
      at += 4;
      continue;
    }
    if (second < 0x40) return false;
    if (second >= 0x80) high++;
    else mixed++;
    at += 2;
  }
  return high > mixed;
}

/** The text in an encoding; undefined for characters it has no place for. */
export function encodeUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + 2 * text.length);
  bytes[0] = 0xff;
  bytes[1] = 0xfe;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 + 2 * i] = unit & 0xff;
    bytes[3 + 2 * i] = unit >> 8;
  }
  return bytes;
}
