import { createReadStream } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { openDiskStore } from './disk.ts';
import { inTurns } from './in-turns.ts';
import { type Digest, hexOf, MissingObject, type ObjectStore, type StoredObject } from './store.ts';

export type S3Options = {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly prefix: string;
  /** Objects that local programs asked for; the least recently used leave it. */
  readonly cacheFolder: string;
  readonly cacheBytesMax?: number;
  readonly clear?: 'clear' | 'beside';
  /** Objects above this size go up in parts of this size. */
  readonly partBytes?: number;
};

/** Amazon S3 API reference: parts have 5 MiB to 5 GiB, at most 10,000 of them. */
const PART_BYTES = 32 * 1024 * 1024;
const PARTS_MAX = 10_000;
const CACHE_BYTES_MAX = 50 * 1024 ** 3;
const TRIES_MAX = 5;

/**
 * Objects in any S3-compatible bucket, by path-style addresses. Bytes are hashed on the local disk
 * first, because the hash is the name; `put` answers only after the bucket has the whole.
 */
export async function openS3Store(options: S3Options): Promise<ObjectStore> {
  const client = new AwsClient({
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    region: options.region,
    service: 's3',
    retries: 0,
  });
  const cache = await openDiskStore(options.cacheFolder, options.clear);
  const base = `${options.endpoint}/${options.bucket}`;
  const urlOf = (digest: Digest): string => `${base}/${options.prefix}${hexOf(digest)}`;
  const partBytes = options.partBytes ?? PART_BYTES;

  /** Repeats what failed on the way or at the server's end; an answer of 4xx is final. */
  async function call(url: string, init: RequestInit = {}): Promise<Response> {
    for (let tries = 1; ; tries++) {
      try {
        const response = await client.fetch(url, init);
        if (response.status < 500 || tries === TRIES_MAX) return response;
        await response.body?.cancel();
      } catch (thrown) {
        if (tries === TRIES_MAX) throw thrown;
      }
      await pause(100 * 2 ** tries);
    }
  }

  async function expectOk(response: Response, action: string): Promise<Response> {
    if (response.ok) return response;
    const text = (await response.text()).slice(0, 500);
    throw new Error(`the object store refused to ${action}: ${response.status} ${text}`);
  }

  async function sizeOf(digest: Digest): Promise<number | undefined> {
    const response = await call(urlOf(digest), { method: 'HEAD' });
    if (response.status === 404) return undefined;
    await expectOk(response, 'look');
    return Number(response.headers.get('content-length'));
  }

  async function upload(path: string, { digest, sizeBytes }: StoredObject): Promise<void> {
    if ((await sizeOf(digest)) === sizeBytes) return;
    if (sizeBytes <= partBytes) {
      const body = await readPart(path, 0, sizeBytes);
      // The bucket compares: a byte that changed on the way is refused, not stored.
      const headers = {
        'x-amz-content-sha256': hexOf(digest),
        'content-length': String(sizeBytes),
      };
      await expectOk(await call(urlOf(digest), { method: 'PUT', body, headers }), 'store');
    } else {
      await uploadParts(path, urlOf(digest), sizeBytes);
    }
    const stored = await sizeOf(digest);
    if (stored !== sizeBytes) throw new Error('the object store kept another length than it got');
  }

  async function uploadParts(path: string, url: string, sizeBytes: number): Promise<void> {
    const begun = await expectOk(await call(`${url}?uploads=`, { method: 'POST' }), 'begin');
    const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(await begun.text())?.[1];
    if (uploadId === undefined) throw new Error('the object store gave no upload id');
    const id = encodeURIComponent(uploadId);
    try {
      const length = Math.max(partBytes, Math.ceil(sizeBytes / PARTS_MAX));
      const tags: string[] = [];
      for (let offset = 0; offset < sizeBytes; offset += length) {
        const body = await readPart(path, offset, Math.min(length, sizeBytes - offset));
        const number = tags.length + 1;
        const part = await call(`${url}?partNumber=${number}&uploadId=${id}`, {
          method: 'PUT',
          body,
          headers: { 'content-length': String(body.length) },
        });
        await expectOk(part, 'store a part');
        tags.push(part.headers.get('etag') ?? '');
      }
      const parts = tags
        .map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
        .join('');
      const done = await call(`${url}?uploadId=${id}`, {
        method: 'POST',
        body: `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`,
      });
      const answer = await (await expectOk(done, 'complete')).text();
      // The API answers 200 before it is certain; the fault then stands in the body.
      if (answer.includes('<Error>')) {
        throw new Error(`the object store failed: ${answer.slice(0, 500)}`);
      }
    } catch (thrown) {
      await call(`${url}?uploadId=${id}`, { method: 'DELETE' }).catch(() => {});
      throw thrown;
    }
  }

  async function download(digest: Digest): Promise<void> {
    const response = await call(urlOf(digest));
    if (response.status === 404) throw new MissingObject(digest);
    await expectOk(response, 'give');
    const stored = await cache.put((response.body ?? []) as unknown as AsyncIterable<Uint8Array>);
    if (stored.digest !== digest) {
      await rm(await cache.pathOf(stored.digest), { force: true });
      throw new Error(`the object store gave other bytes than ${digest}`);
    }
    await trim(options.cacheFolder, options.cacheBytesMax ?? CACHE_BYTES_MAX, digest);
  }

  const downloads = new Map<Digest, Promise<void>>();
  async function cached(digest: Digest): Promise<string> {
    if ((await cache.sizeOf(digest)) === undefined) {
      const running =
        downloads.get(digest) ?? download(digest).finally(() => downloads.delete(digest));
      downloads.set(digest, running);
      await running;
    }
    const path = await cache.pathOf(digest);
    await utimes(path, new Date(), new Date());
    return path;
  }

  async function fetchRange(digest: Digest, first: number, last: number): Promise<Response> {
    const response = await call(urlOf(digest), { headers: { range: `bytes=${first}-${last}` } });
    if (response.status === 404) throw new MissingObject(digest);
    return expectOk(response, 'give');
  }

  return {
    workFolder: cache.workFolder,
    // The cache may drop a file at any moment.
    localPath: () => undefined,
    sizeOf,
    pathOf: cached,
    async put(bytes) {
      const stored = await cache.put(bytes);
      await upload(await cache.pathOf(stored.digest), stored);
      return stored;
    },
    async putAll(pieces) {
      const stored = await cache.putAll(pieces);
      await inTurns(stored, async (each) => upload(await cache.pathOf(each.digest), each));
      return stored;
    },
    async putFile(path, putOptions = {}) {
      const stored = await cache.putFile(path, putOptions);
      await upload(await cache.pathOf(stored.digest), stored);
      return stored;
    },
    async open(digest) {
      if ((await cache.sizeOf(digest)) !== undefined) return cache.open(digest);
      const sizeBytes = await sizeOf(digest);
      if (sizeBytes === undefined) throw new MissingObject(digest);
      return {
        sizeBytes,
        async read(offset, length) {
          const last = Math.min(sizeBytes, offset + length) - 1;
          if (last < offset) return new Uint8Array(0);
          return new Uint8Array(await (await fetchRange(digest, offset, last)).arrayBuffer());
        },
        close: async () => {},
      };
    },
    async stream(digest, range) {
      if ((await cache.sizeOf(digest)) !== undefined) return cache.stream(digest, range);
      const response =
        range === undefined
          ? await call(urlOf(digest))
          : await fetchRange(digest, range.first, range.last);
      if (response.status === 404) throw new MissingObject(digest);
      await expectOk(response, 'give');
      return response.body ?? (Readable.toWeb(Readable.from([])) as ReadableStream<Uint8Array>);
    },
    async *list() {
      let token = '';
      do {
        const query =
          `list-type=2&prefix=${encodeURIComponent(options.prefix)}` +
          (token === '' ? '' : `&continuation-token=${encodeURIComponent(token)}`);
        const text = await (await expectOk(await call(`${base}?${query}`), 'list')).text();
        for (const [, entry = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const hex = /<Key>[^<]*?([0-9a-f]{64})<\/Key>/.exec(entry)?.[1];
          const sizeBytes = Number(/<Size>(\d+)<\/Size>/.exec(entry)?.[1]);
          if (hex !== undefined) yield { digest: `sha256:${hex}`, sizeBytes };
        }
        token = /<NextContinuationToken>([^<]+)</.exec(text)?.[1] ?? '';
      } while (token !== '');
    },
  };
}

async function readPart(
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (length === 0) return new Uint8Array(0);
  const parts: Buffer[] = [];
  const file = createReadStream(path, { start: offset, end: offset + length - 1 });
  for await (const chunk of file) parts.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(parts));
}

/** Removes what was not used for longest until the cache fits; never what was just asked for. */
async function trim(folder: string, bytesMax: number, keep: Digest): Promise<void> {
  const found: { path: string; sizeBytes: number; usedMs: number }[] = [];
  for (const prefix of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
    for (const name of await readdir(join(folder, prefix))) {
      const path = join(folder, prefix, name);
      const { size, mtimeMs } = await stat(path);
      if (`sha256:${prefix}${name}` !== keep) {
        found.push({ path, sizeBytes: size, usedMs: mtimeMs });
      }
    }
  }
  let total = found.reduce((sum, each) => sum + each.sizeBytes, 0);
  for (const each of found.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= bytesMax) return;
    await rm(each.path, { force: true });
    total -= each.sizeBytes;
  }
}
