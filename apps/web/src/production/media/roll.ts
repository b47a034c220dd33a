import { isLeftBySystem } from '@yinglian/offload';
import { startUpload } from '../../kernel/uploads.ts';

/** A file of a roll, under its path inside of it. */
export type RollFile = { readonly path: string; readonly file: File };

/** Files under way at once: more do not make a line quicker. */
const LANES = 2;

/** A chosen folder as a roll: its name, and its files by their paths below it. */
export function rollFiles(files: readonly File[]): {
  readonly name: string;
  readonly files: readonly RollFile[];
} {
  const [name = ''] = (files[0]?.webkitRelativePath ?? '').split('/');
  return {
    name,
    files: files
      .map((file) => ({ file, path: file.webkitRelativePath.split('/').slice(1).join('/') }))
      .filter(({ path }) => path !== '' && !isLeftBySystem(path))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Sends all files, each put into the roll as soon as it is there whole. */
export async function sendRoll(arrivalId: string, files: readonly RollFile[]): Promise<void> {
  const waiting = [...files];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await startUpload(next.file, {
        kind: 'arrival',
        arrivalId,
        path: next.path,
        modifiedAt: new Date(next.file.lastModified).toISOString(),
      });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
