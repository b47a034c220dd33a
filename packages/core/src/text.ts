/**
 * Text and bytes. `TextEncoder` and `TextDecoder` belong to every runtime (Node, browsers, workers)
 * but not to the ES library that packages compile against, so their shape is declared here once.
 */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  encoding: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** The encodings that files of the trade are met in and every runtime can decode. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const ENCODER = new TextEncoder();

/** A lone surrogate becomes U+FFFD; nothing else is changed. */
export function encodeUtf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/**
 * Undefined when the bytes are not wholly of that encoding. A byte order mark stays in the text.
 */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return decodeText(bytes, 'utf-8');
}

/** Characters of somebody's input that a finding repeats; the rest would only fill reports. */
export const FACT_TEXT_MAX = 120;

/** Input shortened for a fact, with `…` where something was cut; never half a character. */
export function clipText(text: string, limit: number = FACT_TEXT_MAX): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)}…`;
}
