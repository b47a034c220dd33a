import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemContext } from '../../src/kernel/context.ts';
import { openDatabase, openPool } from '../../src/kernel/database/database.ts';
import { startEmbedded } from '../../src/kernel/database/supervisor.ts';
import { refusalOf } from '../../src/kernel/http/faults.ts';
import { defineJob } from '../../src/kernel/jobs/definition.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { makeSmallDisk, mountFault, type SmallDisk } from '../support/small-disk.ts';

const reason = mountFault();
if (reason !== undefined) console.warn(`the tests of a full disk are skipped: ${reason}`);

const MB = 1024 * 1024;

async function within<Value>(ms: number, ask: () => Promise<Value | undefined>): Promise<Value> {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.skipIf(reason !== undefined)('a full disk', () => {
  let disk: SmallDisk;
  let server: TestServer;
  let person: TestPerson;
  let kernel: Kernel;
  const job = defineJob({
    kind: 'test.store',
    input: z.object({ bytes: z.number() }),
    retries: 0,
    run: ({ input, step }) =>
      step('store', () =>
        kernel.objects.put(
          (async function* () {
            for (let at = 0; at < input.bytes; at += MB) yield randomBytes(MB);
          })(),
        ),
      ),
  });
  beforeAll(async () => {
    disk = makeSmallDisk(40);
    server = await createTestServer({
      environment: { YINGLIAN_DATA: disk.folder, YINGLIAN_DISK_RESERVE_MB: '1' },
      halls: (opened) => {
        kernel = opened;
        return [{ name: 'test', routes: [], jobs: [job] }];
      },
    });
    person = await server.newOrganisation('post_house');
  });
  afterAll(async () => {
    await server?.close();
    disk?.remove();
  });

  const append = (id: string, offset: number, bytes: Uint8Array) =>
    person.client.files.append({ params: { id }, query: { offset }, bytes });
  type Health = { ready: boolean; findings: string[]; disk: { freeBytes: number } };
  const health = async () =>
    (await (await server.app.request('http://test.local/health')).json()) as Health;
  const full = { problem: { code: 'unavailable', findings: [{ code: 'insufficient_space' }] } };

  it('[KF1] refuses an upload that cannot fit before it begins', async () => {
    const begun = person.client.files.createUpload({ body: { name: 'big', sizeBytes: 60 * MB } });
    await expect(begun).rejects.toMatchObject({
      problem: {
        code: 'unavailable',
        status: 503,
        findings: [{ code: 'insufficient_space', facts: { neededBytes: 60 * MB } }],
      },
    });
    expect((await health()).findings).toEqual([]);
  });

  it('[KF2] keeps what it acknowledged of an upload and goes on when there is room', async () => {
    const bytes = new Uint8Array(randomBytes(8 * MB));
    const small = new Uint8Array(randomBytes(MB));
    const first = await person.client.files.createUpload({ body: { name: 'a', sizeBytes: MB } });
    const done = await append(first.id, 0, small);
    const { id } = await person.client.files.createUpload({
      body: { name: 'b', sizeBytes: 8 * MB },
    });
    expect((await append(id, 0, bytes.subarray(0, 3 * MB))).offsetBytes).toBe(3 * MB);
    disk.fill(2 * MB);
    // There is room enough to begin, and none to end: the write itself fails.
    await expect(append(id, 3 * MB, bytes.subarray(3 * MB))).rejects.toMatchObject(full);
    disk.fill(0);
    expect(await health()).toMatchObject({ ready: true, findings: ['insufficient_space'] });
    const held = (await person.client.files.upload({ params: { id } })).offsetBytes;
    expect(held).toBeGreaterThanOrEqual(3 * MB);
    expect(held).toBeLessThan(8 * MB);
    await expect(append(id, held, bytes.subarray(held))).rejects.toMatchObject(full);
    const kept = await person.client.files.download({
      params: { id: done.fileId ?? '' },
      query: {},
    });
    expect(Buffer.from(await kept.arrayBuffer()).equals(small)).toBe(true);
    disk.empty();
    const whole = await append(id, held, bytes.subarray(held));
    expect(whole.state).toBe('complete');
    const file = await person.client.files.download({
      params: { id: whole.fileId ?? '' },
      query: {},
    });
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('[KF3] lets a job wait for room and finish, without counting that as its fault', async () => {
    disk.fill(2 * MB);
    const id = await kernel.write(systemContext(), ({ enqueue }) =>
      enqueue(job, { bytes: 6 * MB }),
    );
    const read = async (state: string) => {
      const row = await kernel.database
        .selectFrom('kernel.job')
        .select(['state', 'failures', 'findings'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (row.state === 'failed') throw new Error('the job failed');
      return row.state === state ? row : undefined;
    };
    const waiting = await within(60_000, () => read('retrying'));
    expect(waiting.failures).toBe(0);
    expect(waiting.findings).toMatchObject([{ code: 'insufficient_space' }]);
    disk.empty();
    const done = await within(60_000, () => read('done'));
    expect(done).toMatchObject({ failures: 0, findings: [] });
  });

  it('[KF4] tells how much room there is', async () => {
    const text = await (await server.app.request('http://test.local/metrics')).text();
    const free = Number(/^yinglian_disk_bytes\{kind="free"\} (\d+)$/m.exec(text)?.[1]);
    expect(free).toBe((await health()).disk.freeBytes);
    expect(text).toContain(`yinglian_disk_bytes{kind="total"} ${40 * MB}`);
    expect(text).toContain(`yinglian_disk_bytes{kind="reserve"} ${MB}`);
  });
});

describe.skipIf(reason !== undefined)('a database on a full disk', () => {
  it('[KF5] refuses with "no room", loses no row that it acknowledged, and goes on', async () => {
    const disk = makeSmallDisk(160);
    const embedded = await startEmbedded({ folder: disk.folder, watch: true });
    const pool = openPool(embedded.connection, { connections: 2 });
    const database = openDatabase(pool);
    try {
      await sql`create table kept (n integer, t text)`.execute(database);
      const insert = (n: number) =>
        sql`
        insert into kept select ${n}, string_agg(md5(random()::text), '')
        from generate_series(1, 4000)`.execute(database);
      let acknowledged = 0;
      disk.fill(MB);
      let fault: unknown;
      for (let n = 0; n < 2000 && fault === undefined; n++) {
        await insert(n).then(
          () => void (acknowledged += 1),
          (thrown: unknown) => {
            fault = thrown;
          },
        );
      }
      expect(refusalOf(fault)?.code).toBe('unavailable');
      expect(['insufficient_space', 'unreachable_database']).toContain(
        refusalOf(fault)?.findings[0]?.code,
      );
      disk.empty();
      const count = () =>
        sql<{ rows: bigint }>`select count(*) as rows from kept`.execute(database).then(
          ({ rows }) => Number(rows[0]?.rows),
          () => undefined,
        );
      expect(await within(60_000, count)).toBeGreaterThanOrEqual(acknowledged);
      await within(60_000, () =>
        insert(9999).then(
          () => true,
          () => undefined,
        ),
      );
    } finally {
      await pool.end();
      await embedded.stop();
      disk.remove();
    }
  });
});
