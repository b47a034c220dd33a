import { inflateSync } from 'node:zlib';
import { finding } from '@yinglian/core';
import { invalid } from '../kernel/refusal.ts';
import { readInvoice } from './invoice.ts';

/** What a piece of evidence is, by its bytes: names and declared types prove nothing. */
export type EvidenceKind =
  | 'pdf'
  | 'jpeg'
  | 'png'
  | 'tiff'
  | 'heic'
  | 'office'
  | 'ofd'
  | 'invoice'
  | 'text';

/** Bytes of one piece of evidence; a scanned file of many pages has a tenth of it. */
export const EVIDENCE_BYTES_MAX = 50 * 1024 * 1024;
/** Bytes that the objects of one stream of a PDF are looked at in; larger ones hold no objects. */
const OBJECTS_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes that all streams of objects of one PDF may inflate to; what holds more is a bomb. */
const ALL_OBJECTS_BYTES_MAX = 64 * 1024 * 1024;
/** Streams of objects that are looked into; a document of a thousand pages has some hundreds. */
const OBJECT_STREAMS_MAX = 2_000;

/** Names inside a PDF that make a reader run or open something (ISO 32000-1, 12.6.4 and 7.11.4). */
const ACTIVE_PDF = /\/(?:JavaScript|Launch|EmbeddedFile|RichMedia|XFA|ImportData)(?![A-Za-z])/;
/** The short one stands by chance in pictures: it counts in what is no stream. */
const SHORT_ACTIVE_PDF = /\/JS(?![A-Za-z0-9])/;
/** Parts of an Office package that carry programs, or fetch them; part names know no case. */
const ACTIVE_OFFICE = [
  'vbaproject',
  'vbadata',
  'activex',
  'oleobject',
  'embeddings/',
  'externallinks',
  'macrosheets',
  'ctrlprops',
];
/** Ends of names that a double click runs, whatever the bytes are. */
const RUNNABLE_NAME = new RegExp(
  `\\.(?:${[
    'app bat chm cmd com cpl desktop dll dmg docm dotm exe hta htm html iso jar js jse lnk msc msi',
    'msp pif potm ppam pptm ps1 psm1 py reg scf scr sct sh svg url vb vbe vbs wsc wsf wsh xhtml',
    'xlam xlsm xltm xml',
  ]
    .join(' ')
    .replaceAll(' ', '|')})[\\s.]*$`,
  'iu',
);

/** Refuses a document that people could not open without harm. */
export function refuseUnsafe(file: {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}): void {
  const { name, mediaType, bytes } = file;
  const kind = evidenceKind(bytes);
  const named = !RUNNABLE_NAME.test(name) || (kind === 'invoice' && /\.xml$/i.test(name));
  if (named && kind !== undefined) return;
  throw invalid(finding('unsafe_evidence_type', 'error', { facts: { mediaType } }));
}

/**
 * Undefined for what is not one of the kinds that cannot run, and for documents of those kinds
 * that carry programs. It is a gate before people open it, not a virus scanner.
 */
export function evidenceKind(bytes: Uint8Array): EvidenceKind | undefined {
  if (begins(bytes, [0x25, 0x50, 0x44, 0x46, 0x2d])) return isActivePdf(bytes) ? undefined : 'pdf';
  if (begins(bytes, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (begins(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (begins(bytes, [0x49, 0x49, 0x2a, 0x00]) || begins(bytes, [0x4d, 0x4d, 0x00, 0x2a])) {
    return 'tiff';
  }
  if (HEIC.test(latin1(bytes.subarray(4, 12)))) return 'heic';
  if (begins(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    // Names of the parts of a ZIP stand uncompressed in its directory.
    const plain = latin1(bytes);
    const text = plain.toLowerCase();
    const office = text.includes('[content_types].xml');
    const parts = office ? [] : partsOfZip(plain);
    if (parts.some((name) => /^\/?ofd\.xml$/i.test(name))) {
      return parts.every(isStill) ? 'ofd' : undefined;
    }
    return office && !ACTIVE_OFFICE.some((part) => text.includes(part)) ? 'office' : undefined;
  }
  if (readInvoice(bytes) !== undefined) return 'invoice';
  return isText(bytes) ? 'text' : undefined;
}

/** Brands of pictures of telephones (ISO/IEC 23008-12). */
const HEIC = /^ftyp(?:heic|heix|heim|heis|mif1)$/;

/** The names in the directory of a ZIP; invoices of GB/T 33190 (OFD) are one. */
function partsOfZip(text: string): string[] {
  const names: string[] = [];
  for (let at = text.indexOf('PK\u0001\u0002'); at !== -1;) {
    const length = text.charCodeAt(at + 28) | (text.charCodeAt(at + 29) << 8);
    names.push(text.slice(at + 46, at + 46 + length));
    at = text.indexOf('PK\u0001\u0002', at + 46 + length);
  }
  return names;
}

/** Pages and descriptions of a document are XML; whatever else runs is not let in as attachment. */
function isStill(name: string): boolean {
  return /\.xml$/i.test(name) || !RUNNABLE_NAME.test(name);
}

function begins(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Names may be written with `#4A` for `J` (ISO 32000-1, 7.3.5): a reader reads them so. */
function unescapeNames(text: string): string {
  return text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/**
 * Looks at what is written in the open, and into the streams that hold objects, one after the
 * other: none is kept, and all of them together inflate to no more than a document needs.
 */
function isActivePdf(bytes: Uint8Array): boolean {
  const text = latin1(bytes);
  const encrypted = /\/Encrypt(?![A-Za-z])/.test(text);
  let room = ALL_OBJECTS_BYTES_MAX;
  let looked = 0;
  let at = 0;
  for (;;) {
    const begin = text.indexOf('stream', at);
    const end = begin === -1 ? -1 : text.indexOf('endstream', begin + 6);
    if (begin === -1 || end === -1) return isActive(text.slice(at));
    const head = text.slice(at, begin);
    const body = text.slice(begin + 6, end);
    if (isActive(head) || ACTIVE_PDF.test(unescapeNames(body))) return true;
    at = end + 'endstream'.length;
    if (!holdsPacked(head, body)) continue;
    looked += 1;
    if (looked > OBJECT_STREAMS_MAX || room === 0) return true;
    const from = begin + 6 + (/^\r?\n/.exec(body)?.[0].length ?? 0);
    const most = Math.min(room, OBJECTS_BYTES_MAX);
    const read = inflated(bytes.subarray(from, end), most);
    room -= read.bytes;
    // What is encrypted is nobody's to read here; its names in the open were looked at.
    if (read.text === undefined && !encrypted) return true;
    if (read.text !== undefined && ACTIVE_PDF.test(unescapeNames(read.text))) return true;
  }
}

/** Whether what stands in no stream names something that runs. */
function isActive(open: string): boolean {
  const names = unescapeNames(open);
  return ACTIVE_PDF.test(names) || SHORT_ACTIVE_PDF.test(names);
}

/** Whether a stream holds objects that are compressed; plain ones begin with their numbers. */
function holdsPacked(head: string, body: string): boolean {
  const own = unescapeNames(head.slice(head.lastIndexOf(' obj')));
  return /\/ObjStm(?![A-Za-z])/.test(own) && !/^\s*\d+ \d+/.test(body.slice(0, 40));
}

/** What a stream inflates to and the bytes that it took, also where it failed on the way. */
function inflated(packed: Uint8Array, most: number): { text?: string; bytes: number } {
  try {
    const text = inflateSync(packed, { maxOutputLength: most }).toString('latin1');
    return { text, bytes: text.length };
  } catch {
    // What does not even begin as zlib does (RFC 1950, 2.2) failed at once.
    const [method = 0, flags = 0] = packed;
    const begun = (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
    return { bytes: begun ? most : 0 };
  }
}

/**
 * UTF-8, or GB 18030 as sheets are saved here, without control characters other than white space,
 * and no page, script or formula.
 */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return isPlain(new TextDecoder(encoding, { fatal: true }).decode(bytes));
    } catch {
      continue;
    }
  }
  return false;
}

function isPlain(text: string): boolean {
  if (/[\0-\x08\x0e-\x1f]/.test(text) || runsProgram(text)) return false;
  return !/^\s*(?:#!|<)/.test(text) && !text.startsWith('MZ');
}

/**
 * A cell that asks a sheet to run a program: =cmd|'/C calc'!A0. One look at each character, for a
 * text may be of any length and hold nothing but their beginnings.
 */
function runsProgram(text: string): boolean {
  let atStart = true;
  let begun = false;
  let piped = false;
  for (const char of text) {
    if (char === ',' || char === ';' || char === '\n') {
      atStart = true;
      begun = false;
      piped = false;
    } else if (begun) {
      if (piped && char === '!') return true;
      piped ||= char === '|';
    } else if (BEGINS_CELL.has(char)) {
      atStart = true;
    } else if (atStart) {
      begun = BEGINS_FORMULA.has(char);
      atStart = !begun && char.trim() === '';
    }
  }
  return false;
}

const BEGINS_CELL: ReadonlySet<string> = new Set(['\t', '"', '\r', '\u2028', '\u2029']);
const BEGINS_FORMULA: ReadonlySet<string> = new Set(['=', '+', '-', '@']);
