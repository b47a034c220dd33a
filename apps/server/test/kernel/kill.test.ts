import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientWithCookie } from '../support/client.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';

/** More for a release: `YINGLIAN_KILLS=50`. */
const KILLS = Number(process.env['YINGLIAN_KILLS'] ?? 4);
const reason = missingBuild();
if (reason !== undefined) console.warn(`the kill test is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('a server that is killed', () => {
  let folder = '';
  let server: RealServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-kill-'));
    server = await startRealServer(folder);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = clientWithCookie(
    (path, init) => fetch(server.url + path, init),
    () => key,
  );
  let key = 'first';
  const digestOf = (bytes: Uint8Array): string =>
    `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  it(
    '[KX1] loses nothing acknowledged, and repeats what was not acknowledged exactly once',
    async () => {
      const person = { name: '所有者', email: 'o@example.org', password: 'correct horse battery' };
      await client.session.claimOwnerLink({ body: { token: server.ownerToken ?? '', ...person } });
      await client.organisations.create({
        body: { name: '制片厂', nameEnglish: null, kind: 'producer', creditCode: null },
      });
      const titles: string[] = [];
      const files: { id: string; digest: string }[] = [];
      let kills = 0;
      for (let n = 0; kills < KILLS; n++) {
        const killed =
          n % 3 === 2
            ? new Promise<void>((resolve) => {
                setTimeout(() => void server.kill().then(resolve), Math.random() * 120);
              })
            : undefined;
        // The one request in flight is repeated with its key until it is answered.
        const title = `影片 ${n}`;
        key = `film ${n}`;
        await persist(
          async () => client.film.create({ body: { title } }),
          () => killed,
        );
        titles.push(title);
        const bytes = new Uint8Array(randomBytes(200_000));
        key = `upload ${n}`;
        const body = { name: `${n}.bin`, sizeBytes: bytes.length, digest: digestOf(bytes) };
        const upload = await persist(
          () => client.files.createUpload({ body }),
          () => killed,
        );
        const done = await persist(
          async () => {
            const { offsetBytes, state, fileId } = await client.files.upload({
              params: { id: upload.id },
            });
            if (state === 'complete') return { fileId };
            return client.files.append({
              params: { id: upload.id },
              query: { offset: offsetBytes },
              bytes: bytes.subarray(offsetBytes),
            });
          },
          () => killed,
        );
        files.push({ id: done.fileId ?? '', digest: body.digest });
        if (killed === undefined) continue;
        await killed;
        kills += 1;
        await startAgain();
        await check(titles, files);
      }
      expect(kills).toBe(KILLS);
    },
    60_000 + KILLS * 20_000,
  );

  async function persist<Result>(
    action: () => Promise<Result>,
    killed: () => Promise<void> | undefined,
  ): Promise<Result> {
    for (let tries = 0; ; tries++) {
      try {
        return await action();
      } catch (thrown) {
        const pending = killed();
        if (tries > 3 || pending === undefined) {
          throw new Error(`refused without a kill; ${server.output()}`, { cause: thrown });
        }
        await pending;
        await startAgain();
      }
    }
  }
  async function startAgain(): Promise<void> {
    const alive = await fetch(`${server.url}/health`).then(
      (each) => each.ok,
      () => false,
    );
    if (!alive) server = await startRealServer(folder);
  }

  type KeptFile = { readonly id: string; readonly digest: string };

  async function check(titles: readonly string[], files: readonly KeptFile[]) {
    const { rows } = await client.film.list({ query: { limit: 500 } });
    // Each exactly once: a repeat with the same key must not make a second film.
    expect(rows.map((row) => row.title).toSorted()).toEqual([...titles].toSorted());
    for (const { id, digest } of files.slice(-3)) {
      const file = await client.files.download({ params: { id }, query: {} });
      expect(digestOf(new Uint8Array(await file.arrayBuffer()))).toBe(digest);
    }
    expect(await client.audit.verify()).toMatchObject({ intact: true });
  }

  it('[KX2] says so when the port or the folder is taken', async () => {
    const folderTaken = startRealServer(folder);
    await expect(folderTaken).rejects.toThrow(/数据目录[\s\S]*is in use by another Yinglian/);
    const other = createServer((socket) => void socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const portTaken = startRealServer(join(folder, 'other'), { PORT: String(port) });
    await expect(portTaken).rejects.toThrow(/端口[\s\S]*is already taken/);
    await new Promise((resolve) => other.close(resolve));
  });
});
