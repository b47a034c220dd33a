/** Longest path a manifest may hold, in UTF-16 units; systems of the field allow 4096 bytes. */
export const PATH_CHARACTERS_MAX = 4096;

/**
 * Whether a path of a manifest stays inside its scope on every system: relative, with `/`, without
 * empty, `.` and `..` parts, no drive letter (ASC MHL 6.5.1).
 */
export function isScopedPath(path: string): boolean {
  if (path === '' || path.length > PATH_CHARACTERS_MAX || path.includes('\u0000')) return false;
  if (/^[A-Za-z]:[\\/]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A path below a folder; the folder may be the root, the empty path. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The folder of a path; empty at the root. */
export function parentPath(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is that of a folder or below it; everything is below the root. */
export function isInside(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** A path relative to a folder that it is below. */
export function relativeTo(path: string, folder: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}

/**
 * The form in which a name is the same on every disk: composed. macOS keeps names decomposed, and a
 * list made there must verify elsewhere.
 */
export function composedPath(path: string): string {
  return path.normalize('NFC');
}

/** Order of code points, as UTF-8 bytes sort and as the reference tool lists. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    // Surrogates stand for code points above every other unit.
    return weight(left) - weight(right);
  }
  return a.length - b.length;
}

function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
