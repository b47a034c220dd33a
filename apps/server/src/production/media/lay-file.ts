import { constants } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';

/** A link where the store's disk has them, else a copy: symbolic links are no files of a roll. */
export async function layFile(stored: string, target: string, linkFile = link): Promise<void> {
  await linkFile(stored, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') await copyFile(stored, target, constants.COPYFILE_FICLONE);
  });
}
