/** Beginnings of files that people hand in by mistake, as Latin-1 text. */
const BEGINNINGS: readonly (readonly [kind: string, beginning: RegExp])[] = [
  ['JPEG', /^\xff\xd8\xff/],
  ['PNG', /^\x89PNG\r\n/],
  ['GIF', /^GIF8[79]a/],
  ['TIFF', /^(?:II\*\0|MM\0\*)/],
  ['DPX', /^(?:SDPX|XPDS)/],
  ['PDF', /^%PDF-/],
  // An empty ZIP and one of several volumes begin in ways of their own; so do Office's documents.
  ['ZIP', /^PK(?:\x03\x04|\x05\x06|\x07\x08)/],
  ['gzip', /^\x1f\x8b/],
  ['7z', /^7z\xbc\xaf\x27\x1c/],
  ['RAR', /^Rar!\x1a\x07/],
  ['Office', /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/],
  ['MXF', /^\x06\x0e\x2b\x34/],
  ['QuickTime/MP4', /^[\s\S]{4}ftyp/],
  ['WAVE', /^(?:RIFF|RF64|BW64)[\s\S]{4}WAVE/],
  ['JPEG 2000', /^(?:\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/],
  ['PEM', /^-----BEGIN [A-Z0-9 ]+-----/],
  ['HTML', /^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+)?html[\s>]/i],
];

const HEAD_BYTES = 64;

/** The kind of a file that is well known and no document of the trade; undefined for all others. */
export function foreignKind(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  return BEGINNINGS.find(([, beginning]) => beginning.test(head))?.[0];
}
