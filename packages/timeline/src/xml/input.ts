import { decodeText, encodeUtf8, finding, type Outcome, refused } from '@yinglian/core';
import { readXml, type XmlDocument } from '@yinglian/xml';

/** Elements inside one another: nested sequences stand whole inside one another. */
const DEPTH_MAX = 400;
/** Bytes of one XML cut; the largest seen has 60 MB. */
const BYTES_MAX = 256 * 1024 * 1024;
/** Characters before the root that a document type may stand in. */
const HEAD_MAX = 16_384;

/**
 * Reads the XML of an editing system. Those documents name a document type (`<!DOCTYPE fcpxml>`),
 * which is passed over; one that declares anything (entities above all) is refused.
 */
export function readCutXml(bytes: Uint8Array): Outcome<XmlDocument> {
  if (bytes.length > BYTES_MAX) {
    const facts = { bytes: bytes.length, limit: BYTES_MAX };
    return refused(finding('excessive_timeline_size', 'error', { facts }));
  }
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const text = decodeText(bytes, encoding);
  if (text === undefined) {
    return refused(finding('unknown_text_encoding', 'error', { clause: 'XML 1.0 4.3.3' }));
  }
  const head = text.slice(0, HEAD_MAX);
  const start = head.search(/<!DOCTYPE/i);
  const limits = { bytes: BYTES_MAX * 2, depth: DEPTH_MAX };
  if (start < 0 && encoding === 'utf-8') return readXml(bytes, limits);
  const plain = start < 0 ? text : withoutDocumentType(text, start);
  if (plain === undefined) {
    return refused(finding('unexpected_document_type', 'error', { clause: 'XML 1.0 2.8' }));
  }
  // What was decoded goes on as UTF-8, so its declaration may no longer say otherwise.
  const declared = plain
    .replace(/^\ufeff/, '')
    .replace(/^(<\?xml[^>]*?)\s+encoding=("[^"]*"|'[^']*')/, '$1');
  return readXml(encodeUtf8(declared), limits);
}

/** The text with blanks in place of its document type; undefined where that declares anything. */
function withoutDocumentType(text: string, start: number): string | undefined {
  const end = text.indexOf('>', start);
  const bracket = text.indexOf('[', start);
  if (end < 0 || (bracket >= 0 && bracket < end)) return undefined;
  const type = text.slice(start, end + 1);
  return text.slice(0, start) + type.replace(/[^\r\n]/g, ' ') + text.slice(end + 1);
}
