import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, hexOf, MissingObject, type ObjectStore, type StoredObject } from './store.ts';
import { inTurns } from './in-turns.ts';
import { webStream } from './web-stream.ts';

const READ_BYTES = 1024 * 1024;
/** How the folders of jobs begin; the job's id follows. */
export const JOB_FOLDER = 'job-';

/** Objects as files: `ab/cdef…` under the folder, `work/` for what is not whole yet. */
export async function openDiskStore(
  folder: string,
  clear: 'clear' | 'beside' = 'clear',
): Promise<ObjectStore> {
  const workFolder = join(folder, 'work');
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  // What a cut-off write left is worth nothing; folders of jobs are what the jobs go on from.
  for (const name of clear === 'clear' ? await readdir(workFolder) : []) {
    if (name.startsWith(JOB_FOLDER)) continue;
    await rm(join(workFolder, name), { recursive: true, force: true });
  }

  const pathFor = (digest: Digest): string => {
    const hex = hexOf(digest);
    return join(folder, hex.slice(0, 2), hex.slice(2));
  };

  /** Renamed only after its bytes are on the disk; then the rename itself is made durable. */
  async function adopt(temporary: string, stored: StoredObject): Promise<StoredObject> {
    const path = pathFor(stored.digest);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(temporary, path);
    await syncFolder(dirname(path));
    await syncFolder(folder);
    return stored;
  }

  async function sizeOf(digest: Digest): Promise<number | undefined> {
    const found = await stat(pathFor(digest)).catch(() => undefined);
    return found?.isFile() === true ? found.size : undefined;
  }

  const store: ObjectStore = {
    workFolder,
    sizeOf,
    localPath: pathFor,
    async put(bytes) {
      const temporary = join(workFolder, randomUUID());
      try {
        return await adopt(temporary, await writeHashed(temporary, bytes));
      } catch (thrown) {
        await rm(temporary, { force: true });
        throw thrown;
      }
    },
    async putAll(pieces) {
      const temporary = pieces.map(() => join(workFolder, randomUUID()));
      try {
        const stored = await inTurns(pieces, (bytes, at) => writeHashed(temporary[at]!, [bytes]));
        const folders = new Set(stored.map((each) => dirname(pathFor(each.digest))));
        for (const each of folders) await mkdir(each, { recursive: true, mode: 0o700 });
        for (const [at, each] of stored.entries()) {
          await rename(temporary[at]!, pathFor(each.digest));
        }
        // Each folder once, whatever the number of objects in it.
        await inTurns([...folders, folder], syncFolder);
        return stored;
      } catch (thrown) {
        for (const each of temporary) await rm(each, { force: true });
        throw thrown;
      }
    },
    async putFile(path, options = {}) {
      const stored =
        options.digest === undefined
          ? await hashFile(path)
          : { digest: options.digest, sizeBytes: (await stat(path)).size };
      if ((await sizeOf(stored.digest)) === stored.sizeBytes) {
        if (options.move === true) await rm(path, { force: true });
        return stored;
      }
      if (options.move !== true) return store.put(createReadStream(path));
      await syncFile(path);
      try {
        // From its place into the store at once: a kill leaves it in the one or in the other.
        return await adopt(path, stored);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EXDEV') throw thrown;
      }
      const temporary = join(workFolder, randomUUID());
      await copyFile(path, temporary);
      await syncFile(temporary);
      await adopt(temporary, stored);
      await rm(path, { force: true });
      return stored;
    },
    async open(digest) {
      return openFile(await store.pathOf(digest));
    },
    async stream(digest, range) {
      const path = await store.pathOf(digest);
      const file = createReadStream(
        path,
        range === undefined ? {} : { start: range.first, end: range.last },
      );
      return webStream(file as AsyncIterable<Uint8Array>);
    },
    async pathOf(digest) {
      const path = pathFor(digest);
      if ((await sizeOf(digest)) === undefined) throw new MissingObject(digest);
      return path;
    },
    async *list() {
      for (const prefix of (await readdir(folder)).toSorted()) {
        if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
        for (const rest of (await readdir(join(folder, prefix))).toSorted()) {
          if (!/^[0-9a-f]{62}$/.test(rest)) continue;
          const digest = `sha256:${prefix}${rest}`;
          yield { digest, sizeBytes: (await stat(pathFor(digest))).size };
        }
      }
    },
  };
  return store;
}

/** Writes a stream to a new file while hashing it, and makes its bytes durable. */
export async function writeHashed(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      let at = 0;
      while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

export async function hashFile(path: string): Promise<StoredObject> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    hash.update(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

async function openFile(path: string) {
  const file = await open(path, 'r');
  const { size: sizeBytes } = await file.stat();
  return {
    sizeBytes,
    filePath: path,
    async read(offset: number, length: number): Promise<Uint8Array> {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const bytes = new Uint8Array(wanted);
      let at = 0;
      while (at < wanted) {
        const { bytesRead } = await file.read(bytes, at, wanted - at, offset + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return at === wanted ? bytes : bytes.subarray(0, at);
    },
    close: () => file.close(),
  };
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is; Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
