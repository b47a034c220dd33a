import { pipeline } from 'node:stream/promises';
import { zip } from 'fflate';
import { pack } from 'tar-stream';
import type { Download } from '../kernel/http/routes.ts';
import { downloadBytes } from '../kernel/http/routes.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import { webStream } from '../kernel/objects/web-stream.ts';
import type { KeyRecord } from './key-repository.ts';
import type { PackageRecord } from './repository.ts';

/** A whole package as one TAR that is made while it is sent: nothing is copied before. */
export function packageArchive(objects: ObjectStore, film: PackageRecord): Download {
  const folder = safeName(film.title);
  return {
    name: `${folder}.tar`,
    mediaType: 'application/x-tar',
    body: async () => {
      const archive = pack();
      void (async () => {
        for (const { path, file } of film.files) {
          const name = `${folder}/${path}`;
          const entry = archive.entry({
            name,
            size: file.sizeBytes,
            mtime: new Date(film.createdAt),
          });
          await pipeline(await objects.stream(file.digest), entry);
        }
        archive.finalize();
      })().catch((thrown: unknown) => archive.destroy(thrown as Error));
      return webStream(archive as AsyncIterable<Uint8Array>);
    },
  };
}

/** Keys in one ZIP, a folder for each cinema when there are several. */
export async function keyArchive(
  objects: ObjectStore,
  keys: readonly KeyRecord[],
  name: string,
): Promise<Download> {
  return downloadBytes(name, 'application/zip', await archiveBytes(objects, keys));
}

/** The ZIP itself. */
export async function archiveBytes(
  objects: ObjectStore,
  keys: readonly KeyRecord[],
): Promise<Uint8Array> {
  const cinemas = new Set(keys.map((key) => key.cinemaName));
  const entries: Record<string, Uint8Array> = {};
  for (const key of keys) {
    const folder = cinemas.size > 1 ? `${safeName(key.cinemaName)}/` : '';
    let entry = `${folder}${key.file.name}`;
    // Devices without a serial may share a name; no key may push another one out.
    for (let copy = 2; entries[entry] !== undefined; copy++) {
      entry = `${folder}${key.file.name.replace(/\.xml$/, '')}_${copy}.xml`;
    }
    const source = await objects.open(key.file.digest);
    try {
      entries[entry] = await source.read(0, source.sizeBytes);
    } finally {
      await source.close();
    }
  }
  return new Promise<Uint8Array>((resolve, reject) => {
    zip(entries, { level: 6 }, (error, data) => (error === null ? resolve(data) : reject(error)));
  });
}

function safeName(name: string): string {
  return name
    .replace(/[\\/:*?"<>|\p{Cc}]/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 80);
}
