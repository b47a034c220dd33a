/** What a piece of evidence is, by its bytes: names and declared types prove nothing. */
export type EvidenceKind = 'pdf' | 'jpeg' | 'png' | 'office' | 'text';

/** Bytes of one piece of evidence; a scanned file of many pages has a tenth of it. */
export const EVIDENCE_BYTES_MAX = 50 * 1024 * 1024;

/** Names inside a PDF that make a reader run or open something. */
const ACTIVE_PDF = ['/JavaScript', '/JS', '/Launch', '/EmbeddedFile', '/RichMedia', '/XFA'];
/** Parts of an Office package that carry programs. */
const ACTIVE_OFFICE = ['vbaProject', 'activeX', 'oleObject', 'externalLinks'];

/**
 * Undefined for what is not one of the kinds that cannot run, and for documents of those kinds
 * that carry programs in the open. It is a gate before people open it, not a virus scanner.
 */
export function evidenceKind(bytes: Uint8Array): EvidenceKind | undefined {
  if (begins(bytes, [0x25, 0x50, 0x44, 0x46, 0x2d])) {
    return holds(bytes, ACTIVE_PDF) ? undefined : 'pdf';
  }
  if (begins(bytes, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (begins(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (begins(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    // Names of the parts of a ZIP stand uncompressed in its directory.
    const office = holds(bytes, ['[Content_Types].xml']);
    return office && !holds(bytes, ACTIVE_OFFICE) ? 'office' : undefined;
  }
  return isText(bytes) ? 'text' : undefined;
}

function begins(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function holds(bytes: Uint8Array, names: readonly string[]): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return names.some((name) => buffer.includes(name, 0, 'latin1'));
}

/** UTF-8 without control characters other than white space, and no page or script. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !/[\0-\x08\x0e-\x1f]/.test(text) && !/^\s*(?:#!|<)/.test(text) && !text.startsWith('MZ');
  } catch {
    return false;
  }
}
