import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unprivilegedAccount } from '../../src/kernel/database/account.ts';
import { run } from '../../src/kernel/database/binaries.ts';
import type { Connection } from '../../src/kernel/database/supervisor.ts';
import { makeTemplate } from '../support/postgres.ts';
import { createTestServer, type TestServer } from '../support/server.ts';

const BIN = process.env['YINGLIAN_TEST_POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';
const present = existsSync(join(BIN, 'pg_ctl'));
if (!present) console.warn(`the external PostgreSQL test is skipped: nothing at ${BIN}`);

describe.skipIf(!present)('an external PostgreSQL by its address', () => {
  const account = unprivilegedAccount();
  let folder = '';
  let server: TestServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-external-'));
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'external');
    for (const path of [folder, data, secret]) {
      if (account !== undefined) chownSync(path, account.uid, account.gid);
    }
    const made = await run(join(BIN, 'initdb'), ['-D', data, '-U', 'yinglian', '-A',
      'scram-sha-256', `--pwfile=${secret}`, '--encoding=UTF8', '--locale=C'], account);
    expect(made.output).toContain('Success');
    const started = await run(join(BIN, 'pg_ctl'), ['-D', data, '-w', '-l', join(folder, 'log'),
      '-o', `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off`, 'start'],
      account);
    expect(started.code).toBe(0);
    const connection: Connection = {
      host: folder, port: 5432, user: 'yinglian', password: 'external', database: 'postgres',
    };
    await makeTemplate(connection);
    server = await createTestServer({ connection });
  });
  afterAll(async () => {
    await server?.close();
    const data = join(folder, 'data');
    await run(join(BIN, 'pg_ctl'), ['-D', data, '-m', 'fast', '-w', 'stop'], account);
    rmSync(folder, { recursive: true, force: true });
  });

  it('[KS11] carries migrations, sessions, halls and the audit on PostgreSQL 15', async () => {
    expect(server.network.running.databaseVersion).toMatch(/^1[5-9]\./);
    const person = await server.newOrganisation('producer');
    const film = await person.client.film.create({ body: { title: '外部数据库上的影片' } });
    const { rows } = await person.client.film.list({ query: {} });
    expect(rows.map((row) => row.id)).toEqual([film.id]);
    const owner = await server.owner();
    expect(await owner.client.audit.verify()).toMatchObject({ intact: true });
  });
});
