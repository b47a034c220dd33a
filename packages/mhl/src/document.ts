import { type ByteSource, type Finding, finding } from '@yinglian/core';
import { openXmlFeed, type XmlEvents } from '@yinglian/xml';
import { detectEncoding, openDecoder, SNIFF_BYTES } from './decode.ts';

/** Bytes of one manifest: four million files at 500 bytes each. */
export const MANIFEST_BYTES_MAX = 2 * 1024 ** 3;
const CHUNK_BYTES = 1 << 20;
/** Records of a list are at most six deep; metadata may bring its own. */
const DEPTH_MAX = 64;

/** How a document was read to its end, or what kept it from that. */
export type DocumentReading = {
  readonly findings: readonly Finding[];
  /** False when the reading stopped before the end of the document. */
  readonly whole: boolean;
  readonly encoding: string;
};

/**
 * Reads an XML document piece by piece in whatever encoding it has, in memory that does not grow
 * with its length.
 */
export async function readDocument(
  source: ByteSource,
  events: XmlEvents,
): Promise<DocumentReading> {
  const stop = (encoding: string, ...findings: readonly Finding[]): DocumentReading => ({
    findings,
    whole: false,
    encoding,
  });
  if (source.sizeBytes > MANIFEST_BYTES_MAX) {
    const facts = { bytes: source.sizeBytes, limit: MANIFEST_BYTES_MAX };
    return stop('', finding('excessive_document_size', 'error', { facts }));
  }
  const head = await source.read(0, SNIFF_BYTES);
  if (head.length === 0) return stop('', finding('empty_document', 'error'));
  const { encoding, markBytes, findings } = detectEncoding(head);
  const decoder = openDecoder(encoding);
  if (decoder === undefined) {
    return stop(encoding, finding('unknown_text_encoding', 'error', { facts: { encoding } }));
  }
  const feed = openXmlFeed(events, { depth: DEPTH_MAX });
  const garbled = () => finding('invalid_text_encoding', 'error', { facts: { encoding } });
  for (let at = markBytes; at < source.sizeBytes; at += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, source.sizeBytes - at);
    const bytes = await source.read(at, length);
    const text = decoder.write(bytes);
    if (text === undefined) return stop(encoding, ...findings, garbled());
    const stopped = feed.write(text);
    if (stopped !== undefined) return stop(encoding, ...findings, stopped);
    if (bytes.length < length) break;
  }
  const last = decoder.end();
  if (last === undefined) return stop(encoding, ...findings, garbled());
  const stopped = feed.write(last) ?? feed.end();
  if (stopped !== undefined) return stop(encoding, ...findings, stopped);
  return { findings, whole: true, encoding };
}
