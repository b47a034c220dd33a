/** What a file or a resource is by its first bytes. */
export type ContentKind = 'mxf' | 'xml' | 'png' | 'font' | 'other';

const MXF_MAGIC = [0x06, 0x0e, 0x2b, 0x34];

/** Looks at the first bytes, since names and types of files are often wrong. */
export function contentKind(head: Uint8Array): ContentKind {
  if (MXF_MAGIC.every((byte, i) => head[i] === byte)) return 'mxf';
  const text = String.fromCharCode(...head.subarray(0, 64));
  if (/^(\xef\xbb\xbf)?\s*</.test(text)) return 'xml';
  if (text.startsWith('\x89PNG')) return 'png';
  if (/^(\0\x01\0\0|OTTO|true|ttcf|wOFF)/.test(text)) return 'font';
  return 'other';
}

/** A resource of a timed text file as it was met. */
export type MetResource = { readonly bytes: number; readonly kind: ContentKind };

/** Media types of ST 429-5:2009 9.3 and those that makers write for fonts. */
const MEDIA_TYPES: readonly (readonly [ContentKind, RegExp])[] = [
  ['font', /^(?:application\/(?:x-)?(?:font-)?(?:x-)?(?:opentype|truetype|ttf|otf)|font\/\w+)$/i],
  ['png', /^image\/png$/i],
];

/** What a resource of a media type has to be; undefined for a type that is none of them. */
export function kindOfMediaType(mediaType: string): ContentKind | undefined {
  return MEDIA_TYPES.find(([, pattern]) => pattern.test(mediaType.trim()))?.[0];
}
