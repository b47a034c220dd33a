import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { openHalls } from '../../src/halls.ts';
import { exportNetwork } from '../../src/kernel/backup/export.ts';
import { importNetwork } from '../../src/kernel/backup/import.ts';
import { recordTables } from '../../src/kernel/backup/tables.ts';
import { systemContext } from '../../src/kernel/context.ts';
import { readMigrations } from '../../src/kernel/database/migrations.ts';
import type { Connection } from '../../src/kernel/database/supervisor.ts';
import { defineJob } from '../../src/kernel/jobs/definition.ts';
import { openDiskStore } from '../../src/kernel/objects/disk.ts';
import { openS3Store } from '../../src/kernel/objects/s3.ts';
import { openNetwork } from '../../src/network.ts';
import { openLog } from '../../src/kernel/log.ts';
import { readSettings } from '../../src/kernel/settings.ts';
import { urlOf } from '../support/postgres.ts';
import { missingBuild, startRealServer } from '../support/real-server.ts';
import { startS3Server } from '../support/s3-server.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const job = defineJob({
  kind: 'test.later',
  input: z.object({}),
  run: async ({ step }) => step('only', async () => 'ran'),
});

describe('a network in one file', () => {
  let folder = '';
  let server: TestServer;
  let person: TestPerson;
  let source = '';
  let uploadId = '';
  let fileId = '';
  let jobId = '';
  const bytes = new Uint8Array(randomBytes(300_000));
  const blanks: Connection[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-export-'));
    source = join(folder, 'network.tar');
    server = await createTestServer();
    person = await server.newOrganisation('circuit', '导出院线');
    const { client } = person;
    for (let n = 0; n < 30; n++) {
      // Quotes, brackets, backslashes and line ends are what row texts could trip over.
      await client.film.create({ body: { title: `影片“${n}” (a,"b\\c")\n第二行 {x}` } });
    }
    const cinema = await client.exhibition.createCinema({
      body: {
        code: '43019011',
        name: '导出影院',
        nameEnglish: null,
        circuitId: null,
        address: null,
        organisationId: null,
        province: null,
        city: null,
        email: null,
        equipment: null,
      },
    });
    await client.exhibition.createScreen({
      body: { cinemaId: cinema.id, name: '1', number: 1, seats: 100, formats: ['2D', '3D'] },
    });
    await client.webhooks.create({ body: { url: 'http://127.0.0.1:9/', events: ['none'] } });
    const whole = await client.files.createUpload({
      body: { name: 'a.bin', sizeBytes: bytes.length },
    });
    fileId =
      (
        await client.files.append({
          params: { id: whole.id },
          query: { offset: 0 },
          bytes,
        })
      ).fileId ?? '';
    const half = await client.files.createUpload({
      body: { name: 'b.bin', sizeBytes: bytes.length },
    });
    uploadId = half.id;
    await client.files.append({
      params: { id: uploadId },
      query: { offset: 0 },
      bytes: bytes.subarray(0, 100_000),
    });
    const { kernel } = server.network.running;
    jobId = await kernel.write(systemContext(), ({ enqueue }) =>
      enqueue(job, {}, { startAfter: new Date(Date.now() + 3600_000) }),
    );
    await exportNetwork({
      connection: server.network.running.connection,
      dataFolder: server.dataFolder,
      objects: kernel.objects,
      withObjects: true,
      target: source,
      now: () => new Date(),
    });
  });
  afterAll(async () => {
    await server.close();
    for (const blank of blanks)
      await query(
        inject('postgres'),
        `drop database ${blank.database}
      with (force)`,
      );
    rmSync(folder, { recursive: true, force: true });
  });

  async function query(connection: Connection, text: string): Promise<unknown[]> {
    const client = new pg.Client({ ...connection });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }
  async function blank(): Promise<Connection> {
    const database = `import_${randomBytes(6).toString('hex')}`;
    const base = { ...inject('postgres'), database: 'postgres' };
    await query(base, `create database ${database}`);
    const connection = { ...base, database };
    blanks.push(connection);
    return connection;
  }
  /** Each table's rows as one hash, jobs' places in the queue left out. */
  async function contents(connection: Connection | string): Promise<Record<string, string>> {
    const client = new pg.Client(
      typeof connection === 'string' ? { connectionString: connection } : { ...connection },
    );
    await client.connect();
    const found: Record<string, string> = {};
    for (const { name, columns } of await recordTables(client)) {
      if (name === 'kernel.migration') continue;
      const kept = columns.filter(
        (column) => name !== 'kernel.job' || !['state', 'instance', 'message_id'].includes(column),
      );
      const { rows } = await client.query<{ hash: string }>(`
        select count(*) || ' ' || md5(coalesce(string_agg(row(${kept.join(', ')})::text, E'\\n'
          order by row(${kept.join(', ')})::text), '')) as hash from ${name}`);
      found[name] = rows[0]?.hash ?? '';
    }
    await client.end();
    return found;
  }
  const importInto = async (
    connection: Connection,
    place: string,
    from = source,
    migrations = readMigrations(),
  ) =>
    importNetwork({
      source: from,
      connection,
      dataFolder: join(folder, place),
      masterKeyGiven: false,
      migrations,
      objects: await openDiskStore(join(folder, place, 'objects')),
    });

  it('[KB3] comes back with every row, object and secret, and goes on', async () => {
    const connection = await blank();
    const report = await importInto(connection, 'one');
    expect(report.findings).toEqual([]);
    expect(report.objects).toBe(1);
    const ours = await contents(server.network.running.connection);
    expect(await contents(connection)).toEqual(ours);
    expect(Object.keys(ours).length).toBeGreaterThan(40);
    const settings = readSettings({
      YINGLIAN_DATA: join(folder, 'one'),
      YINGLIAN_DATABASE_URL: urlOf(connection),
      YINGLIAN_PUBLIC_URL: 'http://test.local',
    });
    const network = await openNetwork({ settings, log: openLog('silent') }, (kernel) => [
      ...(openHalls(kernel) as never[]),
      { name: 'test', routes: [], jobs: [job] },
    ]);
    try {
      const { database, vault, objects } = network.running.kernel;
      const file = await database
        .selectFrom('kernel.file')
        .select('digest')
        .where('id', '=', fileId)
        .executeTakeFirstOrThrow();
      const stored = await new Response(await objects.stream(file.digest)).arrayBuffer();
      expect(Buffer.from(stored).equals(bytes)).toBe(true);
      const hook = await database
        .selectFrom('kernel.webhook')
        .select('secret')
        .executeTakeFirstOrThrow();
      const secret = vault.open('webhook secret', Buffer.from(hook.secret, 'base64'));
      expect(Buffer.from(secret).toString()).toMatch(/^whsec_/);
      // The session of before is one of the rows, so its holder goes on with the upload.
      const cookie = await sessionCookie(person);
      const rest = await network.app.request(
        `http://test.local/api/uploads/${uploadId}?offset=100000`,
        { method: 'PATCH', headers: { cookie }, body: bytes.subarray(100_000) },
      );
      expect(await rest.json()).toMatchObject({ state: 'complete' });
      const deadline = Date.now() + 60_000;
      let state = '';
      while (state !== 'done' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        state = (
          await database
            .selectFrom('kernel.job')
            .select('state')
            .where('id', '=', jobId)
            .executeTakeFirstOrThrow()
        ).state;
      }
      expect(state).toBe('done');
    } finally {
      await network.close();
    }
  });

  async function sessionCookie(of: TestPerson): Promise<string> {
    let cookie = '';
    const { app } = server;
    const original = app.request.bind(app);
    app.request = ((url: string, init: RequestInit) => {
      cookie = new Headers(init.headers).get('cookie') ?? cookie;
      return original(url, init);
    }) as typeof app.request;
    await of.client.session.get();
    app.request = original as typeof app.request;
    return cookie;
  }

  it('[KB4] is refused where a byte, an end or an entry is wrong, and nothing stays', async () => {
    const connection = await blank();
    const whole = readFileSync(source);
    const damaged = join(folder, 'damaged.tar');
    const spoil = async (code: string, change: (copy: Buffer) => Buffer) => {
      writeFileSync(damaged, change(Buffer.from(whole)));
      const { findings } = await importInto(connection, 'bad', damaged);
      expect([code, findings.map((each) => each.code).includes(code)]).toEqual([code, true]);
      const [row] = await query(
        connection,
        'select count(*)::int as n from kernel.organisation',
      ).catch(() => [{ n: 0 }]);
      expect(row).toEqual({ n: 0 });
    };
    const object = whole.indexOf(Buffer.from(bytes.subarray(0, 64)));
    await spoil('mismatched_hash', (copy) => {
      copy[object + 1000]! ^= 1;
      return copy;
    });
    await spoil('invalid_manifest', (copy) => copy.subarray(0, Math.floor(copy.length / 2)));
    await spoil('invalid_manifest', () => Buffer.from('no archive at all'));
    await spoil('missing_manifest', () => Buffer.alloc(0));
    rmSync(join(folder, 'bad'), { recursive: true, force: true });
  });

  it('[KB5] goes into the same or a newer network that is empty, into no other', async () => {
    const known = readMigrations();
    const newer = [
      ...known,
      {
        name: 'demonstration/9999_later',
        hash: 'x',
        sql: "alter table kernel.organisation add column later text not null default 'new'",
      },
    ];
    const connection = await blank();
    expect((await importInto(connection, 'newer', source, newer)).findings).toEqual([]);
    const [row] = await query(connection, 'select later from kernel.organisation limit 1');
    expect(row).toEqual({ later: 'new' });
    const again = await importInto(connection, 'newer', source, newer);
    expect(again.findings.map((each) => each.code)).toEqual(['occupied_network']);
    const other = await blank();
    const older = await importInto(other, 'older', source, known.slice(0, -1));
    expect(older.findings.map((each) => each.code)).toEqual(['unknown_migration']);
    const changed = known.map((each, at) => (at === 0 ? { ...each, hash: 'changed' } : each));
    const differs = await importInto(other, 'older', source, changed);
    expect(differs.findings.map((each) => each.code)).toEqual(['mismatched_migration']);
  });

  it('[KB6] leaves objects in a bucket when asked, and misses those that are gone', async () => {
    const s3 = await startS3Server('films');
    const bucket = (cache: string) =>
      openS3Store({
        endpoint: s3.endpoint,
        bucket: 'films',
        region: 'r',
        accessKeyId: 'i',
        secretAccessKey: 's',
        prefix: '',
        cacheFolder: join(folder, cache),
      });
    const objects = await bucket('cache');
    await objects.put(
      (async function* () {
        yield bytes;
      })(),
    );
    const target = join(folder, 'lean.tar');
    const taken = await exportNetwork({
      connection: server.network.running.connection,
      dataFolder: server.dataFolder,
      objects,
      withObjects: false,
      target,
      now: () => new Date(),
    });
    expect(taken.objects).toBe(0);
    expect(statSync(target).size).toBeLessThan(statSync(source).size);
    const load = async (place: string) =>
      importNetwork({
        source: target,
        connection: await blank(),
        dataFolder: join(folder, place),
        masterKeyGiven: false,
        objects: await bucket(`cache-${place}`),
      });
    expect((await load('kept')).findings).toEqual([]);
    s3.objects.clear();
    expect((await load('gone')).findings.map((each) => each.code)).toEqual(['missing_file']);
    await s3.close();
  });
});

const reason = missingBuild();
if (reason !== undefined) console.warn(`the commands are not tried: ${reason}`);

describe.skipIf(reason !== undefined)('the commands over a whole network', () => {
  const CLI = join(import.meta.dirname, '..', '..', '..', 'cli', 'bin', 'yinglian.mjs');
  const yinglian = (...words: string[]) => {
    const done = spawnSync(process.execPath, [CLI, '--json', ...words], {
      encoding: 'utf8',
      timeout: 200_000,
    });
    return { code: done.status, out: done.stdout, said: done.stderr };
  };

  it('[KB7] work beside a running server, and bring the network back by their words', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-commands-'));
    const data = join(folder, 'data');
    const server = await startRealServer(data);
    try {
      const file = join(folder, 'all.tar');
      const made = yinglian('export', file, '--data', data);
      expect(made.code, made.said).toBe(0);
      expect(JSON.parse(made.out)).toMatchObject({ target: file, objects: 0 });
      const copy = join(folder, 'copy');
      expect(yinglian('backup', copy, '--data', data).code).toBe(0);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      const back = yinglian('restore', copy, '--data', join(folder, 'back'));
      expect(back.code, back.said).toBe(0);
      expect(JSON.parse(back.out)).toMatchObject({ findings: [] });
      const read = yinglian('import', file, '--data', join(folder, 'read'));
      expect(read.code, read.said).toBe(0);
      expect(existsSync(join(folder, 'read', 'master.key'))).toBe(true);
      expect(readFileSync(join(folder, 'read', 'master.key'))).toEqual(
        readFileSync(join(data, 'master.key')),
      );
      expect(yinglian('import').code).toBe(2);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 300_000);
});
