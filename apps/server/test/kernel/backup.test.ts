import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup, takeBackup } from '../../src/kernel/backup/base.ts';
import { lockFolder } from '../../src/kernel/folder-lock.ts';
import { makeOwnerLink } from '../../src/kernel/identity/session.ts';
import { openLog } from '../../src/kernel/log.ts';
import { readSettings } from '../../src/kernel/settings.ts';
import { type Network, openNetwork } from '../../src/network.ts';
import { clientWithCookie } from '../support/client.ts';

describe('backup and restore', () => {
  let base = '';
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'yinglian-backup-'));
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const open = (folder: string): Promise<Network> =>
    openNetwork(
      {
        settings: readSettings({ YINGLIAN_DATA: folder, YINGLIAN_PUBLIC_URL: 'http://test.local' }),
        log: openLog('silent'),
      },
      () => [],
    );

  const connect = (network: Network) =>
    clientWithCookie(async (path, init) => network.app.request(`http://test.local${path}`, init));

  it('[KB1] restores every change that was acknowledged before the backup ended', async () => {
    const first = await open(join(base, 'one'));
    const client = connect(first);
    const link = await makeOwnerLink(first.running.kernel.database, 'http://test.local');
    const token = link?.split('#')[1] ?? '';
    const person = { name: '所有者', email: 'o@example.org', password: 'correct horse battery' };
    await client.session.claimOwnerLink({ body: { token, ...person } });
    const organisation = { nameEnglish: null, kind: 'producer', creditCode: null } as const;
    await client.organisations.create({ body: { name: '备份之前', ...organisation } });
    const upload = await client.files.createUpload({ body: { name: 'a.txt', sizeBytes: 5 } });
    const done = await client.files.append({
      params: { id: upload.id },
      query: { offset: 0 },
      bytes: new TextEncoder().encode('hello'),
    });
    // Writers go on while the files are copied.
    let working = true;
    const names: string[] = [];
    const writer = (async () => {
      for (let n = 0; working; n++) {
        await client.organisations.create({ body: { name: `忙 ${n}`, ...organisation } });
        names.push(`忙 ${n}`);
      }
    })();
    const embedded = first.running.embedded!;
    const target = join(base, 'backup');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const acknowledged = [...names];
    const report = await takeBackup({
      dataFolder: join(base, 'one'),
      connection: embedded.connection,
      clusterFolder: embedded.dataFolder,
      target,
      now: () => new Date(),
    });
    working = false;
    await writer;
    expect(report.objects).toBe(1);
    expect(names.length).toBeGreaterThan(acknowledged.length);
    await first.close();

    const restored = await restoreBackup(target, join(base, 'two'));
    expect(restored.findings).toEqual([]);
    expect(restored.auditEntries).toBeGreaterThanOrEqual(acknowledged.length + 3);
    const second = await open(join(base, 'two'));
    const again = connect(second);
    await again.session.signIn({ body: person });
    const all = await again.organisations.list({ query: { limit: 500 } });
    const found = new Set(all.rows.map((row) => row.name));
    expect(acknowledged.filter((name) => !found.has(name))).toEqual([]);
    expect(found).toContain('备份之前');
    const file = await again.files.download({ params: { id: done.fileId ?? '' }, query: {} });
    expect(await file.text()).toBe('hello');
    await second.close();
  });

  it('[KB2] refuses an occupied folder and a backup that was changed', async () => {
    const source = join(base, 'backup');
    const occupied = await restoreBackup(source, join(base, 'two'));
    expect(occupied.findings.map((each) => each.code)).toEqual(['occupied_folder']);
    const lock = lockFolder(join(base, 'two'));
    expect(() => lockFolder(join(base, 'two'))).toThrow(/in use/);
    lock.release();
    const prefixes = await readdir(join(source, 'objects'));
    const prefix = prefixes.find((name) => name !== 'work') ?? '';
    const [rest = ''] = await readdir(join(source, 'objects', prefix));
    appendFileSync(join(source, 'objects', prefix, rest), '!');
    const changed = await restoreBackup(source, join(base, 'three'));
    expect(changed.findings.map((each) => each.code)).toEqual(['mismatched_hash']);
  });
});
