/** A file of a chosen folder, with its place below that folder. */
export type Chosen = { readonly path: string; readonly file: File };

/** What a system leaves in every folder belongs to no package. */
const LITTER = /(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*|__MACOSX\/.*)$/;
/** ST 429-9 (SMPTE) and the Interop packing specification: one of these maps the assets. */
const MAP = /^(?:ASSETMAP\.xml|ASSETMAP)$/;

/** The files of a folder without the folder's own name, in the order of their paths. */
export function chosenFiles(files: readonly File[]): Chosen[] {
  const paths = files.map((file) => {
    const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
    return { file, path: path.slice(path.indexOf('/') + 1) };
  });
  const kept = paths.filter(({ path }) => !LITTER.test(path));
  // A folder around the package's own is stepped into: the map has to lie at the top.
  const map = kept.map(({ path }) => path).filter((path) => MAP.test(path.split('/').at(-1)!));
  const top = map.length === 1 ? map[0]!.slice(0, map[0]!.lastIndexOf('/') + 1) : '';
  return kept
    .filter(({ path }) => path.startsWith(top))
    .map(({ path, file }) => ({ path: path.slice(top.length), file }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a folder can be a package at all: it has an asset map at its top. */
export const isPackage = (files: readonly Chosen[]): boolean =>
  files.some((each) => MAP.test(each.path));
