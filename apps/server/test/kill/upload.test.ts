import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clientWithCookie } from '../support/client.ts';
import { dropDatabase, newDatabase, urlOf } from '../support/postgres.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';
import { seeded } from '../support/seeded.ts';

/** The real one by hand: `YINGLIAN_UPLOAD_GB=5`, with 30 broken lines and five kills. */
const GIGABYTES = Number(process.env['YINGLIAN_UPLOAD_GB'] ?? 0.05);
const [BREAKS, KILLS] = GIGABYTES >= 1 ? [30, 5] : [3, 1];
const SIZE = Math.round(GIGABYTES * 1e9) + 1234;
/** What the command line sends in one request, and what a break may cost. */
const PIECE_BYTES = 16 * 1024 * 1024;
const OWNER = { name: '所有者', email: 'o@example.org', password: 'correct horse battery' };
const WITHIN_MS = 240_000 + GIGABYTES * 300_000;
const CLI = join(import.meta.dirname, '..', '..', '..', 'cli', 'bin', 'yinglian.mjs');

const reason = missingBuild() ?? (existsSync(CLI) ? undefined : 'the command line is not built');
if (reason !== undefined) console.warn(`the kill test of uploads is skipped: ${reason}`);

const OFFSET_ASKED = /PATCH \/api\/uploads\/[0-9a-f-]+\?offset=(\d+)&/g;
const OFFSET_HELD = /"offsetBytes":(\d+)/g;

/** A line to wherever the server is now, which can be cut, and which listens to both ends. */
async function breakingLine(target: () => number) {
  const sockets = new Set<Socket>();
  const line = {
    port: 0,
    sentBytes: 0,
    held: 0,
    /** Requests that began before what the server had acknowledged. */
    repeats: [] as string[],
    cut: () => {
      for (const each of sockets) each.destroy();
    },
    close: () => server.close(),
  };
  const server = createServer((near) => {
    const far = connect(target(), '127.0.0.1');
    for (const each of [near, far]) {
      sockets.add(each);
      each.on('close', () => sockets.delete(each));
      each.on('error', () => undefined);
    }
    near.on('data', (bytes: Buffer) => {
      line.sentBytes += bytes.length;
      for (const [, offset] of bytes.toString('latin1').matchAll(OFFSET_ASKED)) {
        if (Number(offset) < line.held) line.repeats.push(`${offset} after ${line.held}`);
      }
    });
    far.on('data', (bytes: Buffer) => {
      for (const [, offset] of bytes.toString('latin1').matchAll(OFFSET_HELD)) {
        line.held = Math.max(line.held, Number(offset));
      }
    });
    near.pipe(far).pipe(near);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  line.port = (server.address() as { port: number }).port;
  return line;
}

describe.skipIf(reason !== undefined)('an upload under kills', () => {
  const random = seeded(20_261_123);
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-upload-'));
  let connection: Awaited<ReturnType<typeof newDatabase>>;
  let server: RealServer;
  const client = clientWithCookie((path, init) => fetch(server.url + path, init));
  const boot = () =>
    startRealServer(join(folder, 'data'), {
      YINGLIAN_DATABASE_URL: urlOf(connection),
      YINGLIAN_LOG: 'warn',
    });

  beforeAll(async () => {
    if (reason !== undefined) return;
    connection = await newDatabase(inject('postgres'));
    server = await boot();
  });
  afterAll(async () => {
    if (reason === undefined) {
      await server.stop();
      await dropDatabase(connection);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Bytes that nothing can guess; gives their hash. */
  function writeRoll(path: string): string {
    const hash = createHash('sha256');
    const block = Buffer.allocUnsafe(4 * 1024 * 1024);
    const file = openSync(path, 'w');
    for (let left = SIZE; left > 0; left -= block.length) {
      const part = randomFillSync(block).subarray(0, Math.min(left, block.length));
      hash.update(part);
      writeSync(file, part);
    }
    closeSync(file);
    return `sha256:${hash.digest('hex')}`;
  }

  it(
    '[KO9] arrives identical over a breaking line to a server that dies',
    async () => {
      await client.session.claimOwnerLink({
        body: { token: server.ownerToken ?? '', ...OWNER },
      });
      await client.organisations.create({
        body: { name: '后期', nameEnglish: null, kind: 'post_house', creditCode: null },
      });
      const film = await client.film.create({ body: { title: '片', versions: [] } });
      const { key } = await client.session.createApiKey({ body: { name: 'cart' } });
      const roll = join(folder, 'A001.mov');
      const digest = writeRoll(roll);
      const line = await breakingLine(() => Number(new URL(server.url).port));
      const began = performance.now();
      const sender = spawn(
        process.execPath,
        [CLI, '--json', 'upload', roll, '--film', film.id, '--state', join(folder, 'state.json')],
        {
          env: {
            ...process.env,
            YINGLIAN_SERVER: `http://127.0.0.1:${line.port}`,
            YINGLIAN_KEY: key,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let [said, wrong] = ['', ''];
      sender.stdout.on('data', (bytes: Buffer) => void (said += bytes.toString()));
      sender.stderr.on('data', (bytes: Buffer) => void (wrong += bytes.toString()));
      const ended = new Promise<number | null>((resolve) => sender.on('close', resolve));
      // Faults come at places of the file, so that a slow machine sees as many as a quick one.
      const places = Array.from({ length: BREAKS + KILLS }, (_, n) =>
        Math.floor(((n + random()) * SIZE * 0.9) / (BREAKS + KILLS)),
      );
      for (const [n, place] of places.entries()) {
        while (line.sentBytes < place && sender.exitCode === null) await pause(5);
        if (n % Math.ceil((BREAKS + KILLS) / KILLS) === 1) {
          await server.kill();
          server = await boot();
        } else {
          line.cut();
        }
        // What is sent again counts as sent; the next place is further on.
        await pause(50);
      }
      expect([await ended, wrong]).toEqual([0, '']);
      const seconds = (performance.now() - began) / 1000;
      expect(line.repeats).toEqual([]);
      const overhead = 1024 * 1024 + SIZE * 0.001;
      expect(line.sentBytes).toBeLessThan(SIZE + (BREAKS + KILLS) * PIECE_BYTES + overhead);
      const { id } = JSON.parse(said) as { id: string };
      const { rows } = await client.arrivals.files({ params: { id }, query: {} });
      const { fileId, ...arrived } = rows.find((each) => each.path === 'A001.mov')!;
      expect(arrived).toMatchObject({ digest, sizeBytes: SIZE });
      const stored = await fetch(`${server.url}/api/files/${fileId}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      const hash = createHash('sha256');
      for await (const bytes of stored.body!) hash.update(bytes as Uint8Array);
      expect(`sha256:${hash.digest('hex')}`).toBe(digest);
      line.close();
      console.info(
        `${SIZE} bytes, ${BREAKS} broken lines, ${KILLS} kills: ` +
          `${((line.sentBytes - SIZE) / 1e6).toFixed(1)} MB sent again, ${seconds.toFixed(1)} s`,
      );
    },
    WITHIN_MS,
  );
});
