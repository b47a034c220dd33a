import { MarkerWriter } from './markers.ts';

/** A PPM or PPT segment: its place among its like, and what it carries. */
export type PackedSegment = { readonly index: number; readonly bytes: Uint8Array };

/** The contents of segments in the order of their indices (A.7.4, A.7.5). */
export function joinPacked(segments: readonly PackedSegment[]): Uint8Array {
  return joinBytes(segments.toSorted((a, b) => a.index - b.index).map((each) => each.bytes));
}

/** Pieces one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Bytes of Nppm, the length of the headers of one tile-part (A.7.4). */
const LENGTH_BYTES = 4;

/**
 * The packet headers of each tile-part, in the order of the file, from joined PPM segments. A cut
 * off length takes what is left: the packets then end early, and are found missing.
 */
export function splitPacked(joined: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const view = new DataView(joined.buffer, joined.byteOffset, joined.byteLength);
  let at = 0;
  while (at + LENGTH_BYTES <= joined.length) {
    const length = view.getUint32(at);
    at += LENGTH_BYTES;
    parts.push(joined.subarray(at, at + length));
    at += length;
  }
  return parts;
}

/** Contents of one segment: Lppm and Zppm take three bytes of what Lppm counts. */
const SEGMENT_BYTES_MAX = 65_535 - 3;

/**
 * Headers as one or more PPM or PPT segments.
 *
 * @param first index of the first one; those of a tile are counted through its parts
 */
export function packedSegments(marker: number, headers: Uint8Array, first = 0): Uint8Array {
  const writer = new MarkerWriter();
  for (let at = 0, index = first; at < headers.length; at += SEGMENT_BYTES_MAX, index++) {
    writer.segment(marker, (out) => {
      out.u8(index & 0xff);
      for (const byte of headers.subarray(at, at + SEGMENT_BYTES_MAX)) out.u8(byte);
    });
  }
  return writer.take();
}

/** The headers of one tile-part with Nppm in front (A.7.4). */
export function withLength(headers: Uint8Array): Uint8Array {
  const out = new Uint8Array(LENGTH_BYTES + headers.length);
  new DataView(out.buffer).setUint32(0, headers.length);
  out.set(headers, LENGTH_BYTES);
  return out;
}

/** How many segments `headers` take. */
export function segmentCount(headers: Uint8Array): number {
  return Math.ceil(headers.length / SEGMENT_BYTES_MAX);
}
