import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract, type EndpointShape } from '@yinglian/contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { exportNetwork } from '../../src/kernel/backup/export.ts';
import { importNetwork } from '../../src/kernel/backup/import.ts';
import { unprivilegedAccount } from '../../src/kernel/database/account.ts';
import { run } from '../../src/kernel/database/binaries.ts';
import type { Connection } from '../../src/kernel/database/supervisor.ts';
import { makeTemplate } from '../support/postgres.ts';
import { cinemaFields, jobEnded, upload } from '../halls/support.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const BIN = process.env['YINGLIAN_TEST_POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';
const present = existsSync(join(BIN, 'pg_ctl'));
if (!present) console.warn(`the external PostgreSQL test is skipped: nothing at ${BIN}`);

describe.skipIf(!present)('an external PostgreSQL by its address', () => {
  const account = unprivilegedAccount();
  let folder = '';
  let server: TestServer;
  let external: Connection;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-external-'));
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'external');
    for (const path of [folder, data, secret]) {
      if (account !== undefined) chownSync(path, account.uid, account.gid);
    }
    const made = await run(
      join(BIN, 'initdb'),
      [
        '-D',
        data,
        '-U',
        'yinglian',
        '-A',
        'scram-sha-256',
        `--pwfile=${secret}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      account,
    );
    expect(made.output).toContain('Success');
    const started = await run(
      join(BIN, 'pg_ctl'),
      [
        '-D',
        data,
        '-w',
        '-l',
        join(folder, 'log'),
        '-o',
        `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off`,
        'start',
      ],
      account,
    );
    expect(started.code).toBe(0);
    external = {
      host: folder,
      port: 5432,
      user: 'yinglian',
      password: 'external',
      database: 'postgres',
    };
    await makeTemplate(external);
    server = await createTestServer({ connection: external });
  });
  afterAll(async () => {
    await server?.close();
    const data = join(folder, 'data');
    await run(join(BIN, 'pg_ctl'), ['-D', data, '-m', 'fast', '-w', 'stop'], account);
    rmSync(folder, { recursive: true, force: true });
  });

  let owner: TestPerson;
  let circuit: TestPerson;
  const ids: string[] = [];

  it('[KS12] takes box office to statements, hall by hall, on PostgreSQL 15', async () => {
    owner = await server.newOrganisation('distributor', '发行方');
    circuit = await server.newOrganisation('circuit', '甲院线');
    const mono = { audioLanguage: null, subtitleLanguages: [], runtimeSeconds: null };
    const version = { format: '2D' as const, filmCode: '051400392020', ...mono };
    const film = await owner.client.film.create({ body: { title: '某片', versions: [version] } });
    expect((await owner.client.film.list({ query: { search: '某' } })).rows).toHaveLength(1);
    await owner.client.rooms.admit({
      params: { id: film.id, organisationId: circuit.organisationId },
      body: { halls: ['exhibition', 'production', 'distribution', 'settlement'] },
    });
    const { exhibition } = circuit.client;
    const own = await exhibition.createCircuit({
      body: { name: '甲院线', code: null, organisationId: circuit.organisationId },
    });
    const cinema = await exhibition.createCinema({
      body: cinemaFields({ circuitId: own.id, equipment: 'owned', code: '43019011' }),
    });
    const screen = await exhibition.createScreen({
      body: { cinemaId: cinema.id, name: '1', number: 1, seats: 120, formats: ['2D'] },
    });
    const text =
      '影院编码,影片编码,日期,场次,人次,票房,设备归属\n' +
      '43019011,051400392020,2020-08-15,1,13,720.00,自购\n';
    const report = await exhibition.importReport({
      body: { fileId: await upload(circuit, 'box.csv', text), filmId: film.id },
    });
    const { settlement } = owner.client;
    const { rows: templates } = await settlement.templates();
    const terms = templates.find((each) => each.code === 'domestic_57_43')?.terms;
    const versions = [{ code: '051400392020', label: '2D' }];
    const made = await settlement.createTerms({
      body: {
        filmId: film.id,
        title: '国产',
        terms: {
          ...(terms as Record<string, unknown>),
          film: { title: { zh: '某片', en: 'A film' }, versions },
        },
      },
    });
    await settlement.updateTerms({
      params: { id: made.id },
      body: { version: made.version, title: made.title, terms: made.terms, state: 'agreed' },
    });
    const august = { from: '2020-08-01', to: '2020-08-31' };
    const run = await settlement.settle({
      body: { filmId: film.id, termsId: made.id, ...august, reportIds: [report.id] },
    });
    const job = await jobEnded(owner, run.jobId ?? '');
    expect([job.state, job.findings.map((each) => each.code)]).toEqual(['done', []]);
    const { rows } = await settlement.statements({ query: { runId: run.id } });
    expect(rows.length).toBeGreaterThan(0);
    ids.push(
      film.id,
      cinema.id,
      screen.id,
      report.id,
      made.id,
      run.id,
      rows[0]?.id ?? '',
      report.file.id,
      run.jobId ?? '',
      owner.organisationId,
    );
  });

  it('[KS13] answers every reading endpoint without a fault on PostgreSQL 15', async () => {
    const faults: string[] = [];
    let tried = 0;
    for (const [group, members] of Object.entries(contract)) {
      for (const [name, shape] of Object.entries(members as Record<string, EndpointShape>)) {
        if (shape.method !== 'GET' || shape.events !== undefined) continue;
        const places = shape.path.includes(':') ? ids : [''];
        for (const person of shape.path.includes(':') ? [owner] : [owner, circuit]) {
          for (const id of places) {
            const response = await person.send(shape.path.replace(/:[A-Za-z]+/g, id));
            await response.body?.cancel();
            tried += 1;
            if (response.status >= 500) faults.push(`${group}.${name} ${response.status}`);
          }
        }
      }
    }
    expect(faults).toEqual([]);
    expect(tried).toBeGreaterThan(150);
  });

  it('[KB8] goes in one file from PostgreSQL 15 to the embedded one and back', async () => {
    const { kernel, connection } = server.network.running;
    const parts = { dataFolder: server.dataFolder, objects: kernel.objects, withObjects: false };
    const now = (): Date => new Date();
    const up = join(folder, 'up.tar');
    const report = await exportNetwork({ ...parts, connection, target: up, now });
    const database = `newer_${Date.now()}`;
    const newer = { ...inject('postgres'), database };
    const admin = new pg.Client({ ...inject('postgres') });
    await admin.connect();
    try {
      await admin.query(`create database ${database}`);
      const load = (source: string, target: Connection) =>
        importNetwork({
          source,
          connection: target,
          dataFolder: server.dataFolder,
          masterKeyGiven: true,
          objects: kernel.objects,
        });
      const raised = await load(up, newer);
      expect(raised).toMatchObject({ findings: [] });
      const down = join(folder, 'down.tar');
      const again = await exportNetwork({ ...parts, connection: newer, target: down, now });
      expect(again.rows).toBe(report.rows);
      const older: Connection = { ...external, database: 'back' };
      const client = new pg.Client({ ...external });
      await client.connect();
      await client.query('create database back');
      await client.end();
      const lowered = await load(down, older);
      expect(lowered).toEqual({ ...raised, rows: raised.rows });
    } finally {
      await admin.query(`drop database if exists ${database} with (force)`);
      await admin.end();
    }
  });

  it('[KS11] carries migrations, sessions, halls and the audit on PostgreSQL 15', async () => {
    expect(server.network.running.databaseVersion).toMatch(/^1[5-9]\./);
    const person = await server.newOrganisation('producer', '制片方');
    const film = await person.client.film.create({ body: { title: '外部数据库上的影片' } });
    const { rows } = await person.client.film.list({ query: {} });
    expect(rows.map((row) => row.id)).toEqual([film.id]);
    const owner = await server.owner();
    expect(await owner.client.audit.verify()).toMatchObject({ intact: true });
  });
});
