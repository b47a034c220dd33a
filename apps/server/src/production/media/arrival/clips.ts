/** What the media engine makes watchable; sound alone and documents stay what they are. */
const PICTURE_NAME = /\.(mov|mp4|m4v|mxf|mkv|webm|avi|mts|m2ts|ts|braw|r3d|ari|mpg|mpeg|3gp)$/i;
/** Cameras that write one take as many files: frames of ARRI, segments of RED. */
const PARTS = [/^(.*[^\d])\d{4,}(\.ari)$/i, /^(.+)_\d{3}(\.r3d)$/i];

/** One take of a roll: its name, and its files, first frame or segment first. */
export type ArrivedClip<File> = { readonly title: string; readonly files: readonly File[] };

/** The takes among the files of a roll, in the order of their first files. */
export function clipsIn<File extends { readonly path: string }>(
  files: readonly File[],
): ArrivedClip<File>[] {
  const clips = new Map<string, { readonly title: string; readonly files: File[] }>();
  for (const file of files) {
    if (!PICTURE_NAME.test(file.path)) continue;
    const parts = PARTS.map((each) => each.exec(file.path) ?? undefined).find(Boolean);
    const key = parts === undefined ? file.path : `${parts[1]}*${parts[2]}`;
    const known = clips.get(key);
    if (known !== undefined) {
      known.files.push(file);
      continue;
    }
    // A number stands behind a mark of its own, an ending behind a point.
    const name = parts?.[1]?.replace(/[._-]+$/, '') ?? file.path.replace(/\.[^.]+$/, '');
    clips.set(key, { title: name.split('/').at(-1)!.slice(0, 200), files: [file] });
  }
  const byPath = (a: File, b: File) => (a.path < b.path ? -1 : 1);
  return [...clips.values()].map((each) => ({ ...each, files: each.files.toSorted(byPath) }));
}
