import { accepted, finding, type Outcome, refused } from '@yinglian/core';

/** The one part of the WHATWG Encoding standard this package needs; Node and browsers have it. */
declare const TextDecoder: new (
  label: string,
  options?: { fatal?: boolean; ignoreBOM?: boolean },
) => { decode(bytes: Uint8Array): string };

/** The encodings in which deliveries arrive. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

/** The text of a file and the encoding it was read in. */
export type DecodedText = {
  readonly text: string;
  readonly encoding: TextEncoding;
  /** A mark at the start said so; otherwise the bytes were tried. */
  readonly marked: boolean;
};

/** A delivery read whole; a national day at screening grain in CSV is about 60 MB. */
export const DELIVERY_BYTES_MAX = 512 * 1024 * 1024;

const MARKS: readonly { encoding: TextEncoding; bytes: readonly number[] }[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/**
 * Bytes to text. A byte order mark decides; without one the bytes are UTF-8 when they are valid
 * UTF-8, and GB18030 (a superset of GBK and GB 2312) otherwise. Nothing is replaced in silence:
 * bytes that fit neither are refused.
 */
export function decodeText(bytes: Uint8Array, declared?: TextEncoding): Outcome<DecodedText> {
  if (bytes.length > DELIVERY_BYTES_MAX) {
    const facts = { sizeBytes: bytes.length, limitBytes: DELIVERY_BYTES_MAX };
    return refused(finding('excessive_file_size', 'error', { facts }));
  }
  const mark = MARKS.find((each) => each.bytes.every((value, i) => bytes[i] === value));
  if (mark !== undefined) {
    const text = tryDecode(bytes.subarray(mark.bytes.length), mark.encoding);
    if (text === undefined) return unreadable(mark.encoding);
    const contradicted = declared !== undefined && declared !== mark.encoding;
    const facts = { declared: declared ?? '', found: mark.encoding };
    return accepted(
      { text, encoding: mark.encoding, marked: true },
      contradicted ? [finding('mismatched_encoding', 'warning', { facts })] : [],
    );
  }
  const candidates: readonly TextEncoding[] =
    declared === undefined ? ['utf-8', 'gb18030'] : [declared];
  for (const encoding of candidates) {
    const text = tryDecode(bytes, encoding);
    if (text !== undefined) return accepted({ text, encoding, marked: false });
  }
  return unreadable(candidates.join(', '));
}

function unreadable(tried: string): Outcome<DecodedText> {
  return refused(finding('invalid_encoding', 'error', { facts: { tried } }));
}

function tryDecode(bytes: Uint8Array, encoding: TextEncoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
