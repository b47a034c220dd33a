import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isPackagePath, type SiteWork } from '@yinglian/contract';
import type { SiteStore } from './store.ts';

type WantedPackage = SiteWork['packages'][number];

const NAME_BYTES_MAX = 120;
/** Of an id, in the name of a folder. */
const ID_CHARACTERS = 8;

/** A name that no file system takes for a path or for something else. */
export function safeName(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\\/:*?"<>|]/gu, '_')
    .trim()
    // After the blanks are gone, or a blank and two dots would be two dots.
    .replace(/^\.+/, '_');
  let name = plain === '' ? '_' : plain;
  while (Buffer.byteLength(name) > NAME_BYTES_MAX) name = name.slice(0, -1);
  return name;
}

/** The parts of a path inside a package; undefined when the network would not take such a path. */
export function safeParts(path: string): string[] | undefined {
  return isPackagePath(path) ? path.split('/') : undefined;
}

/** The folder of a package as a theatre server's ingest sees it. */
export function folderName(wanted: Pick<WantedPackage, 'id' | 'title'>): string {
  return `${safeName(wanted.title)}_${wanted.id.slice(0, ID_CHARACTERS)}`;
}

/**
 * Puts a package whose files are all held into the ingest folder, at once: a server that looks
 * sees the whole package or none of it. The bytes are linked, not copied, on one disk.
 */
export async function publish(
  store: SiteStore,
  ingest: string,
  wanted: WantedPackage,
): Promise<string> {
  const target = join(ingest, folderName(wanted));
  const coming = join(ingest, `.coming-${wanted.id}`);
  await rm(coming, { recursive: true, force: true });
  for (const file of wanted.files) {
    const parts = safeParts(file.path);
    if (parts === undefined) throw new Error(`no path of a package: ${file.path}`);
    const path = join(coming, ...parts);
    await mkdir(dirname(path), { recursive: true });
    await link(store.pathOf(file.digest), path).catch(async (fault: NodeJS.ErrnoException) => {
      if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(fault.code ?? '')) throw fault;
      await copyFile(store.pathOf(file.digest), path);
    });
  }
  await rm(target, { recursive: true, force: true });
  await rename(coming, target);
  return target;
}

/** Whether a package lies in the ingest folder with every file in its length. */
export async function isPublished(ingest: string, wanted: WantedPackage): Promise<boolean> {
  const target = join(ingest, folderName(wanted));
  for (const file of wanted.files) {
    const found = await stat(join(target, file.path)).catch(() => undefined);
    if (found?.isFile() !== true || found.size !== file.sizeBytes) return false;
  }
  return true;
}

/** Takes a package out whose title is forgotten: its folder ends with the id's beginning. */
export async function unpublishUntitled(
  ingest: string,
  id: string,
  kept: ReadonlySet<string>,
): Promise<void> {
  for (const name of await readdir(ingest)) {
    const isIts = name.endsWith(`_${id.slice(0, ID_CHARACTERS)}`) && !kept.has(name);
    if (isIts) await rm(join(ingest, name), { recursive: true, force: true });
  }
}

/** Takes a package out of the ingest folder; its bytes go when nothing else needs them. */
export async function unpublish(
  ingest: string,
  wanted: Pick<WantedPackage, 'id' | 'title'>,
): Promise<void> {
  await rm(join(ingest, folderName(wanted)), { recursive: true, force: true });
  await rm(join(ingest, `.coming-${wanted.id}`), { recursive: true, force: true });
}
