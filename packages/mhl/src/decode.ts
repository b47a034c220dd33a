import { type Finding, finding } from '@yinglian/core';

/** As much of the Encoding standard as this package needs; Node and browsers have it. */
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes?: Uint8Array, options?: { stream: boolean }): string };

/** Bytes that the encoding is decided by; an XML declaration is shorter. */
export const SNIFF_BYTES = 512;

/** How a manifest's bytes are text, and why. */
export type DetectedEncoding = {
  /** A label of the Encoding standard, or `utf-32le`, `utf-32be`, which it does not know. */
  readonly encoding: string;
  readonly markBytes: number;
  /** What the XML declaration claims, where it can be read. */
  readonly declared?: string;
  readonly findings: readonly Finding[];
};

/** First bytes decide (XML 1.0 appendix F.1): a mark, or how `<` and `?` are spelled. */
const SIGNATURES: readonly (readonly [
  encoding: string,
  mark: boolean,
  bytes: readonly number[],
])[] = [
  ['utf-32le', true, [0xff, 0xfe, 0x00, 0x00]],
  ['utf-32be', true, [0x00, 0x00, 0xfe, 0xff]],
  ['utf-8', true, [0xef, 0xbb, 0xbf]],
  ['utf-16le', true, [0xff, 0xfe]],
  ['utf-16be', true, [0xfe, 0xff]],
  ['utf-32le', false, [0x3c, 0x00, 0x00, 0x00]],
  ['utf-32be', false, [0x00, 0x00, 0x00, 0x3c]],
  ['utf-16le', false, [0x3c, 0x00]],
  ['utf-16be', false, [0x00, 0x3c]],
];

/**
 * The encoding of a document from its first bytes. The declaration decides only among encodings of
 * one byte per ASCII character: where it contradicts the bytes it is wrong, as it is in lists that
 * were converted by hand.
 */
export function detectEncoding(head: Uint8Array): DetectedEncoding {
  const found = SIGNATURES.find(([, , bytes]) => bytes.every((each, i) => head[i] === each));
  if (found !== undefined && found[0] !== 'utf-8') {
    const [encoding, marked, bytes] = found;
    const markBytes = marked ? bytes.length : 0;
    const declared = declaredIn(asciiOf(head.subarray(markBytes)));
    const family = encoding.slice(0, 6);
    const wrong = declared !== undefined && !declared.toLowerCase().startsWith(family);
    return {
      encoding,
      markBytes,
      ...(declared === undefined ? {} : { declared }),
      findings: wrong ? [mismatch(declared, encoding)] : [],
    };
  }
  const markBytes = found === undefined ? 0 : 3;
  const declared = declaredIn(asciiOf(head.subarray(markBytes)));
  if (declared === undefined || found !== undefined) {
    const wrong = declared !== undefined && !/^utf-?8$/i.test(declared);
    const findings = wrong ? [mismatch(declared, 'utf-8')] : [];
    return {
      encoding: 'utf-8',
      markBytes,
      ...(declared === undefined ? {} : { declared }),
      findings,
    };
  }
  // A 16-bit name in a document whose bytes are plainly not 16-bit can only be wrong.
  if (/^(?:utf-?16|utf-?32|ucs-?[24])/i.test(declared)) {
    return { encoding: 'utf-8', markBytes, declared, findings: [mismatch(declared, 'utf-8')] };
  }
  return { encoding: declared.toLowerCase(), markBytes, declared, findings: [] };
}

function mismatch(declared: string, encoding: string): Finding {
  return finding('mismatched_text_encoding', 'warning', {
    facts: { declared, encoding },
    clause: 'XML 1.0 F.1',
  });
}

/** ASCII characters of a text of any width: NUL bytes are what the wider encodings pad with. */
function asciiOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, SNIFF_BYTES)) {
    if (byte !== 0) text += String.fromCharCode(byte);
  }
  return text;
}

function declaredIn(text: string): string | undefined {
  const declaration = /^\s*<\?xml[^>]{0,200}\?>/.exec(text);
  if (declaration === null) return undefined;
  return /encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']/.exec(declaration[0])?.[1];
}

/** Bytes to text in pieces; undefined once bytes do not belong to the encoding. */
export type Decoder = {
  write(bytes: Uint8Array): string | undefined;
  end(): string | undefined;
};

/** A decoder for a label; undefined when nobody knows the label. */
export function openDecoder(encoding: string): Decoder | undefined {
  if (encoding === 'utf-32le' || encoding === 'utf-32be')
    return wideDecoder(encoding === 'utf-32le');
  try {
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    const attempt = (act: () => string) => {
      try {
        return act();
      } catch {
        return undefined;
      }
    };
    return {
      write: (bytes) => attempt(() => decoder.decode(bytes, { stream: true })),
      end: () => attempt(() => decoder.decode()),
    };
  } catch {
    return undefined;
  }
}

/** UTF-32, which browsers dropped and card software did not. */
function wideDecoder(littleEndian: boolean): Decoder {
  let rest = new Uint8Array(0);
  return {
    write: (bytes) => {
      const all = new Uint8Array(rest.length + bytes.length);
      all.set(rest);
      all.set(bytes, rest.length);
      const whole = all.length - (all.length % 4);
      rest = all.slice(whole);
      const view = new DataView(all.buffer, 0, whole);
      let text = '';
      for (let at = 0; at < whole; at += 4) {
        const point = view.getUint32(at, littleEndian);
        if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
        text += String.fromCodePoint(point);
      }
      return text;
    },
    end: () => (rest.length === 0 ? '' : undefined),
  };
}
