import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { CommandFault, EXIT } from './exit-codes.ts';

/** Names in the order of the numbers in them: frame 2 before frame 10. */
export const byNumber = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true });

/**
 * Files as given, and of each given folder those whose name fits, in the order of their numbers.
 * A folder without any is a fault that says so.
 */
export async function filesGiven(paths: readonly string[], fits: RegExp): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => !name.startsWith('.') && fits.test(name));
    if (names.length === 0) {
      throw new CommandFault(`${path}: 没有匹配的文件 no file of ${fits.source}`, EXIT.misused);
    }
    files.push(...names.toSorted(byNumber).map((name) => join(path, name)));
  }
  return files;
}

/**
 * Where the result for each file goes: one file for one, else a folder. Two files of one name
 * would overwrite each other there, which is a fault.
 */
export function targetsOf(files: readonly string[], out: string, extension: string): string[] {
  if (files.length === 1 && extname(out) !== '') return [resolve(out)];
  const taken = new Map<string, string>();
  return files.map((file) => {
    const target = resolve(join(out, `${basename(file, extname(file))}${extension}`));
    const other = taken.get(target);
    if (other !== undefined) {
      throw new CommandFault(`${other}, ${file} → ${target}`, EXIT.misused);
    }
    taken.set(target, file);
    return target;
  });
}
