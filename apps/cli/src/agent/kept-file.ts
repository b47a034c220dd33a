import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file that is there as a whole or as it was, whenever the power goes. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(text);
    // Renamed before it is on the disk, a power cut would leave an empty file under the name.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** The new name is on the disk too; not every system lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const sealOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A value under its seal: what a failing disk tore or turned is not taken for it. */
export async function writeSealed(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, `${sealOf(text)}\n${text}`);
}

/** What was sealed; undefined when it is not there, or not as it was written. */
export async function readSealed(path: string): Promise<unknown> {
  const whole = await readFile(path, 'utf8').catch(() => '');
  const end = whole.indexOf('\n');
  const text = whole.slice(end + 1);
  if (end < 0 || whole.slice(0, end) !== sealOf(text)) return undefined;
  return JSON.parse(text) as unknown;
}
