import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../../cli/src/kernel/environment.ts';
import { registerActs } from '../../../cli/src/network/production-acts.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { problemOf, upload } from './support.ts';

const EDL = `TITLE: v1
FCM: NON-DROP FRAME
001  A001C001 V     C        00:00:41:16 00:00:43:16 01:00:00:00 01:00:02:00
002  A001C002 V     C        00:01:23:08 00:01:25:08 01:00:02:00 01:00:04:00
`;

describe('the rooms of production from the command line', () => {
  let server: TestServer;
  let studio: TestPerson;
  let folder = '';
  let projectId = '';
  let assetId = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-acts-'));
    server = await createTestServer();
    studio = await server.newOrganisation('producer', '星河影业');
    const filmId = (await studio.client.film.create({ body: { title: '长夜' } })).id;
    const body = { filmId, name: '长夜 正片', code: 'CY', frameRate: '24' };
    projectId = (await studio.client.projects.create({ body })).id;
    const fileId = await upload(studio, 'cut.mov', 'a picture');
    const made = await sql<{ id: string }>`
      insert into production.asset (id, organisation_id, film_id, title, state, original_file_id,
        media)
      values (gen_random_uuid(), ${studio.organisationId}, ${filmId}, 'cut.mov', 'ready',
        ${fileId}, ${JSON.stringify(MEDIA)}::json) returning id`.execute(
      server.network.running.kernel.database,
    );
    assetId = made.rows[0]!.id;
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const MEDIA = {
    container: 'mov', durationSeconds: '4', frameCount: 96, audio: [],
    video: { codec: 'h264', width: 1920, height: 1080, frameRate: '24', pixelFormat: null,
      colour: {}, timecode: null },
  };

  /** Runs one command as its own program does, against this network; gives its answer. */
  async function run(...words: string[]): Promise<Record<string, unknown>> {
    let answered: unknown;
    const quiet = () => undefined;
    const environment = {
      server: () => ({ client: studio.client, baseUrl: '' }),
      texts: () => Promise.resolve({}),
      exit: quiet,
      terminal: () => ({
        answer: (value: unknown) => void (answered = value),
        say: quiet, remark: quiet, table: quiet,
        words: (_: string, english: string) => english,
        progress: () => ({ update: quiet, done: quiet }),
        signal: new AbortController().signal,
      }),
    } as unknown as Environment;
    const program = new Command().exitOverride();
    registerActs(program, environment);
    await program.parseAsync(words, { from: 'user' });
    return answered as Record<string, unknown>;
  }

  it('[HPP13] agrees deliverables and keeps shoot days with their reports', async () => {
    const file = join(folder, 'deliverable.json');
    const fields = { name: 'DCP', kind: 'dcp', specification: { width: 1998 } };
    writeFileSync(file, JSON.stringify(fields));
    const made = await run('agree', projectId, file);
    expect(made).toMatchObject({ name: 'DCP', specification: { width: 1998 } });
    writeFileSync(file, JSON.stringify({ ...fields, name: 'DCP 2K' }));
    const changed = await run('agree', projectId, file, '--change', String(made['id']));
    expect(changed).toMatchObject({ id: made['id'], name: 'DCP 2K' });
    const day = await run('add-day', projectId, '3', '--date', '2026-11-20', '--unit', 'B');
    expect(day).toMatchObject({ number: 3, date: '2026-11-20', unit: 'B' });
    const report = join(folder, 'report.csv');
    await run('day-report', String(day['id']), '--kind', 'sound', '--as', 'csv', '--to', report);
    expect(readFileSync(report).length).toBeGreaterThan(0);
    const takes = join(folder, 'takes.ale');
    await run('takes', projectId, '--as', 'ale', '--to', takes);
    expect(readFileSync(takes, 'utf8')).toContain('Heading');
  });

  it('[HPP13] brings sheets of a cut, changes shots and takes it back', async () => {
    const fileId = await upload(studio, 'v1.edl', EDL);
    const body = { projectId, fileId, name: 'v1', commit: true, rate: '24' };
    const { cut } = await studio.client.shots.readCut({ body });
    const sheet = join(folder, 'cut.csv');
    await run('cut-sheet', cut!.id, '--kind', 'counts', '--as', 'csv', '--to', sheet);
    expect(readFileSync(sheet, 'utf8')).toContain('CY_0010');
    const shots = async () =>
      (await studio.client.shots.list({ query: { projectId, limit: 500 } })).rows;
    const change = await run('set-shots', projectId, 'cy_0010', 'CY_0020', '--omit');
    expect(change).toMatchObject({ changed: 2 });
    expect((await shots()).map((each) => each.omitted)).toEqual([true, true]);
    expect(await run('undo', projectId, String(change['changeId']))).toMatchObject({ undone: 2 });
    expect((await shots()).map((each) => each.omitted)).toEqual([false, false]);
  });

  it('[HPP13] says the cut of an asset, asks for approval and shows what was found', async () => {
    const file = join(folder, 'v1.edl');
    writeFileSync(file, EDL);
    expect(await run('set-cut', assetId, file)).toMatchObject({ events: 2 });
    const asked = await run('ask-approval', assetId, studio.userId, '--due', '2027-01-31');
    expect(JSON.stringify(asked)).toContain('2027-01-31');
    expect(await run('marks', assetId)).toHaveProperty('duplicates');
    const unknown = await problemOf(run('marks', projectId));
    expect(unknown.code).toBe('not_found');
  });
});
