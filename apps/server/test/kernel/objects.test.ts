import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDiskStore } from '../../src/kernel/objects/disk.ts';
import { openS3Store } from '../../src/kernel/objects/s3.ts';
import { MissingObject, type ObjectStore } from '../../src/kernel/objects/store.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const bucket = 'films';
let folder = '';
let s3: S3Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yinglian-objects-'));
  s3 = await startS3Server(bucket);
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const s3Store = (cache: string) =>
  openS3Store({
    endpoint: s3.endpoint,
    bucket,
    region: 'us-east-1',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    prefix: 'objects/',
    cacheFolder: join(folder, cache),
    partBytes: 64 * 1024,
  });
const stores: Record<string, () => Promise<ObjectStore>> = {
  disk: () => openDiskStore(join(folder, 'disk')),
  's3-compatible': () => s3Store('cache'),
  's3-compatible with a cold cache': () => s3Store(`cold-${randomBytes(4).toString('hex')}`),
};

const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function* inChunks(bytes: Uint8Array, length = 10_000) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe.each(Object.entries(stores))('objects on %s', (_name, openStore) => {
  it.each([0, 1, 64 * 1024, 200_001])('[KO1] keeps %i bytes under their hash', async (length) => {
    const bytes = randomBytes(length);
    const writer = await openStore();
    const stored = await writer.put(inChunks(bytes));
    expect(stored).toEqual({ digest: digestOf(bytes), sizeBytes: length });
    expect(await writer.put(inChunks(bytes, 777))).toEqual(stored);
    const store = await openStore();
    expect(await store.sizeOf(stored.digest)).toBe(length);
    const source = await store.open(stored.digest);
    expect(Buffer.from(await source.read(0, length + 5)).equals(bytes)).toBe(true);
    const tail = Buffer.from(await source.read(Math.max(0, length - 3), 10));
    expect(tail.equals(bytes.subarray(Math.max(0, length - 3)))).toBe(true);
    await source.close();
    const whole = await new Response(await store.stream(stored.digest)).arrayBuffer();
    expect(Buffer.from(whole).equals(bytes)).toBe(true);
    if (length > 20) {
      const part = await store.stream(stored.digest, { first: 5, last: 14 });
      const read = Buffer.from(await new Response(part).arrayBuffer());
      expect(read.equals(bytes.subarray(5, 15))).toBe(true);
    }
    expect(readFileSync(await store.pathOf(stored.digest)).equals(bytes)).toBe(true);
    const listed = [];
    for await (const each of store.list()) if (each.digest === stored.digest) listed.push(each);
    expect(listed).toEqual([stored]);
    const absent = digestOf(randomBytes(8));
    await expect(store.pathOf(absent)).rejects.toBeInstanceOf(MissingObject);
    await expect(store.sizeOf('sha256:../../etc/passwd')).rejects.toThrow(/64 hexadecimal/);
  });

  it('[KO2] leaves nothing behind when the bytes break off', async () => {
    const store = await openStore();
    async function* broken() {
      yield randomBytes(100);
      throw new Error('the line broke');
    }
    await expect(store.put(broken())).rejects.toThrow('the line broke');
    expect(readdirSync(store.workFolder)).toEqual([]);
  });
});

describe('a bucket that misbehaves', () => {
  it('[KO3] refuses bytes that are not what their name says, rides out short faults', async () => {
    const bytes = randomBytes(1000);
    const { digest } = await (await s3Store('good')).put(inChunks(bytes));
    const cold = await s3Store('fresh');
    s3.failNext(2);
    expect(readFileSync(await cold.pathOf(digest)).equals(bytes)).toBe(true);
    s3.objects.set(`objects/${digest.slice(7)}`, randomBytes(1000));
    await expect((await s3Store('other')).pathOf(digest)).rejects.toThrow(/other bytes/);
  });
});

describe('uploads and downloads', () => {
  let server: TestServer;
  let person: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    person = await server.newOrganisation('post_house');
  });
  afterAll(() => server.close());

  const bytes = new Uint8Array(randomBytes(300_000));

  it('[KO4] goes on where it broke off, even when the file ran ahead of the record', async () => {
    const body = { name: '素材.mov', sizeBytes: bytes.length, digest: digestOf(bytes) };
    const { id } = await person.client.files.createUpload({ body });
    const params = { id };
    const first = await person.client.files.append({
      params,
      query: { offset: 0 },
      bytes: bytes.subarray(0, 100_000),
    });
    expect(first).toMatchObject({ offsetBytes: 100_000, state: 'open' });
    const wrong = person.client.files.append({
      params,
      query: { offset: 50_000 },
      bytes: bytes.subarray(50_000),
    });
    await expect(wrong).rejects.toMatchObject({
      problem: { code: 'conflict', findings: [{ facts: { expected: 100_000 } }] },
    });
    const part = join(server.dataFolder, 'uploads', `${id}.part`);
    writeFileSync(part, Buffer.concat([readFileSync(part), randomBytes(999)]));
    const done = await person.client.files.append({
      params,
      query: { offset: 100_000 },
      bytes: bytes.subarray(100_000),
    });
    expect(done.state).toBe('complete');
    const place = { id: done.fileId ?? '' };
    const file = await person.client.files.download({ params: place, query: {} });
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('[KO5] refuses bytes that do not have the announced hash', async () => {
    const body = { name: 'x', sizeBytes: 4, digest: digestOf(bytes) };
    const { id } = await person.client.files.createUpload({ body });
    const params = { id };
    const wrong = person.client.files.append({
      params,
      query: { offset: 0 },
      bytes: new Uint8Array(4),
    });
    await expect(wrong).rejects.toMatchObject({
      problem: { code: 'invalid', findings: [{ code: 'mismatched_hash' }] },
    });
    const excess = person.client.files.append({
      params,
      query: { offset: 0 },
      bytes: new Uint8Array(5),
    });
    await expect(excess).rejects.toMatchObject({ problem: { code: 'too_large' } });
    expect((await person.client.files.upload({ params })).state).toBe('open');
  });

  it('[KO6] gives one range, and says when it lies outside', async () => {
    const body = { name: 'é".txt', sizeBytes: 6 };
    const { id } = await person.client.files.createUpload({ body });
    const done = await person.client.files.append({
      params: { id },
      query: { offset: 0 },
      bytes: new TextEncoder().encode('abcdef'),
    });
    const get = (range: string) => person.send(`/api/files/${done.fileId}`, { headers: { range } });
    const cases: [string, number, string][] = [
      ['bytes=1-3', 206, 'bcd'],
      ['bytes=-2', 206, 'ef'],
      ['bytes=4-', 206, 'ef'],
      ['bytes=2-99', 206, 'cdef'],
      ['bytes=6-', 416, ''],
      ['bytes=0-0,2-2', 200, 'abcdef'],
    ];
    for (const [range, status, text] of cases) {
      const response = await get(range);
      expect([range, response.status, await response.text()]).toEqual([range, status, text]);
    }
    const head = await get('bytes=0-1');
    expect(head.headers.get('content-range')).toBe('bytes 0-1/6');
    expect(head.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%A9%22.txt");
  });
});
