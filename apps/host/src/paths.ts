import { sep } from 'node:path';

/** Longest relative path accepted; file systems of the field allow 255 per part. */
const PATH_CHARACTERS_MAX = 1024;
const PART_BYTES_MAX = 255;

/**
 * Parts of a relative path with `/`, or undefined when it could name something outside its folder
 * or something another system cannot store: absolute paths, `..`, drive letters, back slashes,
 * empty parts, control characters, names reserved on Windows with a stream (`a:b`).
 */
export function pathParts(path: string): readonly string[] | undefined {
  if (path === '' || path.length > PATH_CHARACTERS_MAX) return undefined;
  const parts = path.split('/');
  return parts.every(isSafePart) ? parts : undefined;
}

function isSafePart(part: string): boolean {
  if (part === '' || part === '.' || part === '..') return false;
  // eslint-disable-next-line no-control-regex
  if (/[\\:\u0000-\u001f\u007f]/.test(part)) return false;
  return Buffer.byteLength(part) <= PART_BYTES_MAX;
}

/**
 * The form in which two spellings of a name are one file on some disk: composed, without case.
 * macOS composes, Windows and macOS ignore case; a package must survive all of them.
 */
export function foldedPath(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** The path with the separator of this machine. */
export function nativePath(parts: readonly string[]): string {
  return parts.join(sep);
}
