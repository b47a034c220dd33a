import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloadResponse } from '../../src/kernel/http/download.ts';
import { type Gate, listen } from '../../src/kernel/http/listen.ts';
import { openDiskStore } from '../../src/kernel/objects/disk.ts';
import type { ObjectStore } from '../../src/kernel/objects/store.ts';

const SIZE = 3 * 1024 * 1024 + 17;

describe('a stored file on its way to a socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-body-'));
  const bytes = randomBytes(SIZE);
  let store: ObjectStore;
  let gate: Gate;
  let digest = '';
  let hasPath = true;
  beforeAll(async () => {
    store = await openDiskStore(folder);
    ({ digest } = await store.put(
      (async function* () {
        yield bytes;
      })(),
    ));
    gate = await listen(0, '127.0.0.1');
    gate.serve((request) => {
      const response = downloadResponse(request, {
        name: '片.mxf',
        mediaType: 'application/octet-stream',
        sizeBytes: SIZE,
        etag: `"${digest}"`,
        path: hasPath ? store.localPath(digest) : undefined,
        body: (range) => store.stream(digest, range),
      });
      response.headers.set('x-request-id', 'later');
      return response;
    });
  });
  afterAll(() => {
    gate.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const url = () => `http://127.0.0.1:${gate.port}/file`;
  const get = async (headers: Record<string, string>) => {
    const response = await fetch(url(), { headers });
    const { date, connection, 'keep-alive': kept, ...rest } = Object.fromEntries(response.headers);
    void [date, connection, kept];
    const body = Buffer.from(await response.arrayBuffer());
    const hash = createHash('sha256').update(body).digest('hex');
    return { status: response.status, headers: rest, hash, length: body.length };
  };

  it('[HN5] answers like the slower way, range by range', async () => {
    const ranges = [
      '',
      'bytes=0-0',
      `bytes=${SIZE - 1}-`,
      'bytes=-70000',
      'bytes=65530-1200000',
      'bytes=1048576-2097151',
      `bytes=${SIZE}-`,
    ];
    for (const range of ranges) {
      const headers: Record<string, string> = range === '' ? {} : { range };
      hasPath = true;
      const fast = await get(headers);
      hasPath = false;
      expect(fast, range).toEqual(await get(headers));
      expect(fast.headers['x-request-id']).toBe('later');
    }
    hasPath = true;
    const whole = await get({});
    expect(whole.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
    const many = await Promise.all(
      Array.from({ length: 12 }, () => get({ range: 'bytes=9-2000000' })),
    );
    expect(new Set(many.map((each) => each.hash)).size).toBe(1);
    const head = await fetch(url(), { method: 'HEAD' });
    expect(Number(head.headers.get('content-length'))).toBe(SIZE);
  });

  /** Open descriptors of this process that lead into the store. */
  const open = () =>
    readdirSync('/proc/self/fd').filter((each) => {
      try {
        return readlinkSync(`/proc/self/fd/${each}`).startsWith(folder);
      } catch {
        return false;
      }
    }).length;

  it.skipIf(process.platform !== 'linux')(
    '[HN5] lets go of the file when the reader goes',
    async () => {
      hasPath = true;
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = connect({ host: '127.0.0.1', port: gate.port });
          socket.on('error', () => undefined);
          socket.write('GET /file HTTP/1.1\r\nHost: a\r\n\r\n');
          await new Promise((resolve) => socket.once('data', resolve));
          socket.destroy();
        }),
      );
      for (let n = 0; n < 100 && open() > 0; n++) await pause(50);
      expect(open()).toBe(0);
      expect((await get({})).length).toBe(SIZE);
    },
  );

  it('[HN5] breaks the line when the file is shorter than announced', async () => {
    const path = store.localPath(digest)!;
    writeFileSync(path, bytes.subarray(0, 1000));
    await expect(get({})).rejects.toThrow();
    writeFileSync(path, bytes);
    expect((await get({})).length).toBe(SIZE);
  });
});
