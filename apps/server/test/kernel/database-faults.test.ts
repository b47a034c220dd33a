import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const RECOVERS_WITHIN_MS = 60_000;

/** Asks until the condition holds; gives every answer on the way. */
async function until(ask: () => Promise<number>, wanted: number): Promise<number[]> {
  const answers: number[] = [];
  const deadline = Date.now() + RECOVERS_WITHIN_MS;
  while (Date.now() < deadline) {
    answers.push(await ask());
    if (answers.at(-1) === wanted) return answers;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never ${wanted}: ${[...new Set(answers)].join(', ')}`);
}

describe('a database that goes away', () => {
  let server: TestServer;
  let person: TestPerson;
  let key = '';
  let ran = 0;
  let begun: (() => void) | undefined;
  let hold: Promise<void> = Promise.resolve();
  let kernel: Kernel;
  const job = defineJob({
    kind: 'test.cut',
    input: z.object({}),
    async run({ step, signal }) {
      await step('first', async () => {
        begun?.();
        await Promise.race([
          hold,
          new Promise((resolve) => signal.addEventListener('abort', resolve)),
        ]);
      });
      await step('second', async () => void (ran += 1));
    },
  });
  beforeAll(async () => {
    server = await createTestServer({
      halls: (opened) => {
        kernel = opened;
        return [{ name: 'test', routes: [], jobs: [job] }];
      },
    });
    person = await server.newOrganisation('distributor');
    ({ key } = await person.client.session.createApiKey({ body: { name: 'k' } }));
  });
  afterAll(() => server.close());

  /** Ends every connection to this server's database, as a restart of PostgreSQL would. */
  const cut = (): Promise<unknown> =>
    sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(kernel.database);

  const bearer = { headers: { authorization: `Bearer ${''}` } };

  it('[KV1] answers 503 while its connections are cut, never 500, then 200 by itself', async () => {
    bearer.headers.authorization = `Bearer ${key}`;
    const asked: Promise<number>[] = [];
    for (let round = 0; round < 6; round++) {
      asked.push(
        person.send('/api/jobs').then((each) => each.status),
        Promise.resolve(server.app.request('http://test.local/api/jobs', bearer)).then(
          (each) => each.status,
        ),
        person
          .send('/api/organisations', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              name: `断开 ${round}`,
              nameEnglish: null,
              kind: 'other',
              creditCode: null,
            }),
          })
          .then((each) => each.status),
        person.send('/api/session').then((each) => each.status),
      );
      await cut().catch(() => undefined);
    }
    const seen = new Set(await Promise.all(asked));
    expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await until(async () => (await person.send('/api/jobs')).status, 200);
    await until(
      async () => (await server.app.request('http://test.local/api/jobs', bearer)).status,
      200,
    );
  });

  it('[KV2] takes a job up again that the lost database cut off', async () => {
    const started = new Promise<void>((resolve) => void (begun = resolve));
    let go = (): void => {};
    hold = new Promise((resolve) => void (go = resolve));
    await kernel.write(systemContext(), ({ enqueue }) => enqueue(job, {}));
    await started;
    await cut().catch(() => undefined);
    go();
    await until(async () => ran, 1);
  });

  it('[KV3] wakes jobs that a clock set back would keep waiting', async () => {
    const before = ran;
    let id = '';
    const future = new Date(Date.now() + 3600_000);
    await kernel.write(systemContext(), async ({ enqueue }) => {
      id = await enqueue(job, {}, { startAfter: future });
    });
    // As if the clock had stood an hour later when the job was queued to begin at once.
    await sql`update kernel.job set not_before = null where id = ${id}`.execute(kernel.database);
    const kept = await kernel.write(systemContext(), ({ enqueue }) =>
      enqueue(job, {}, { startAfter: future }),
    );
    await until(async () => ran, before + 1);
    const { rows } = await sql<{ state: string }>`
      select state from kernel.job where id = ${kept}`.execute(kernel.database);
    expect(rows).toEqual([{ state: 'queued' }]);
  });
});

describe('two people at once', () => {
  let server: TestServer;
  let person: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    person = await server.newOrganisation('circuit');
  });
  afterAll(() => server.close());

  const race = async (path: string, body: unknown): Promise<[number, string | undefined][]> => {
    const sent = Array.from({ length: 6 }, () =>
      person.send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
    return Promise.all(
      (await Promise.all(sent)).map(async (response) => {
        const { findings } = (await response.json()) as { findings?: { code: string }[] };
        return [response.status, findings?.[0]?.code] as [number, string | undefined];
      }),
    );
  };

  it('[KV6] lets one of those who make the same thing succeed, others learn of it', async () => {
    const eidr = '10.5240/7791-8534-2C23-9030-8610-5';
    const cinema = {
      code: '43019011',
      name: '同时影院',
      nameEnglish: null,
      circuitId: null,
      address: null,
      organisationId: null,
      province: null,
      city: null,
      email: null,
      equipment: null,
    };
    const cases: [string, unknown, string][] = [
      ['/api/films', { title: '同一部影片', eidr }, 'duplicate_eidr'],
      ['/api/exhibition/cinemas', cinema, 'duplicate_cinema_code'],
    ];
    for (const [path, body, code] of cases) {
      const answers = await race(path, body);
      const made = answers.filter(([status]) => status === 200);
      expect([path, made.length]).toEqual([path, 1]);
      const refused = answers.filter(([status]) => status !== 200);
      // Who comes while the other is under way meets the index (409), who comes later the check.
      expect(refused.map(([, found]) => found)).toEqual(refused.map(() => code));
      expect(refused.filter(([status]) => status !== 409 && status !== 422)).toEqual([]);
    }
  });
});

describe('a wall clock that is set back', () => {
  it('[KV7] keeps sessions, the order of the audit log, and people that may sign in', async () => {
    let shiftMs = 0;
    const server = await createTestServer({ now: () => new Date(Date.now() + shiftMs) });
    try {
      const owner = await server.owner();
      const person = await server.newOrganisation('producer');
      const wrong = () =>
        server.stranger.client.session
          .claimOwnerLink({
            body: { token: 'x'.repeat(43), name: 'x', email: 'x@example.org' },
          })
          .catch((thrown: { problem?: { code: string } }) => thrown.problem?.code);
      for (let n = 0; n < 25; n++) await wrong();
      expect(await wrong()).toBe('too_many');
      const first = await person.client.film.create({ body: { title: '钟在前' } });
      shiftMs = -2 * 3600_000;
      const second = await person.client.film.create({ body: { title: '钟在后' } });
      expect((await person.client.session.get()).user).not.toBeNull();
      // Ids go on growing, and the chain has its own numbers: neither asks the clock.
      expect([second.id, first.id].toSorted()).toEqual([first.id, second.id]);
      expect(await owner.client.audit.verify()).toMatchObject({ intact: true });
      const { rows } = await person.client.audit.list({ query: { search: 'film.create' } });
      expect(rows.map((row) => row.subjectId)).toEqual([second.id, first.id]);
      expect(Date.parse(rows[0]?.at ?? '')).toBeLessThan(Date.parse(rows[1]?.at ?? ''));
      // Nobody stays locked out for the two hours that the clock went back.
      expect(await wrong()).toBe('not_allowed');
    } finally {
      await server.close();
    }
  });
});

describe('faults as refusals', () => {
  const cases: [string, unknown, string | undefined, string | undefined][] = [
    ['a full disk', { code: 'ENOSPC' }, 'unavailable', 'insufficient_space'],
    ['a quota', { code: 'EDQUOT' }, 'unavailable', 'insufficient_space'],
    ['disk_full', { code: '53100' }, 'unavailable', 'insufficient_space'],
    ['a restart', { code: '57P01' }, 'unavailable', 'unreachable_database'],
    ['no socket', { code: 'ENOENT', syscall: 'connect' }, 'unavailable', 'unreachable_database'],
    ['a missing file', { code: 'ENOENT', syscall: 'open' }, undefined, undefined],
    [
      'a wrapped loss',
      new Error('x', { cause: { cause: { code: 'ECONNRESET' } } }),
      'unavailable',
      'unreachable_database',
    ],
    ['a deadlock', { code: '40P01' }, 'unavailable', 'busy_records'],
    [
      'a twin',
      {
        code: '23505',
        constraint: 'a',
        detail: 'Key (o, e)=(1, 10.5240/X) already exists.',
      },
      'conflict',
      'duplicate_eidr',
    ],
    ['a twin unknown', { code: '23505', constraint: 'b' }, 'conflict', 'duplicate_record'],
    ['a lost parent', { code: '23503' }, 'conflict', 'missing_reference'],
    ['a bug', new TypeError('x is undefined'), undefined, undefined],
    ['nothing', null, undefined, undefined],
  ];
  it.each(cases)('[KV4] reads %s', (_name, thrown, code, found) => {
    const refusal = refusalOf(thrown, { a: 'duplicate_eidr' });
    expect([refusal?.code, refusal?.findings[0]?.code]).toEqual([code, found]);
    if (found !== 'duplicate_eidr') return;
    expect(refusal?.findings[0]?.facts).toEqual({ text: '10.5240/X' });
  });
});

describe('the embedded database', () => {
  it('[KV5] rises again when it was killed, with everything it acknowledged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-rise-'));
    const events: string[] = [];
    const embedded = await startEmbedded({
      folder,
      watch: true,
      log: (event) => void events.push(event),
    });
    const pool = openPool(embedded.connection);
    const database = openDatabase(pool);
    try {
      await sql`create table kept (n integer)`.execute(database);
      await sql`insert into kept values (7)`.execute(database);
      const first = embedded.pid;
      process.kill(first, 'SIGKILL');
      const read = () =>
        sql<{ n: number }>`select n from kept`.execute(database).then(
          ({ rows }) => rows[0]?.n ?? 0,
          (thrown: unknown) => {
            expect(refusalOf(thrown)?.findings[0]?.code).toBe('unreachable_database');
            return 503;
          },
        );
      // Its children may answer a moment longer: another process is what counts.
      await until(async () => (embedded.pid === first ? (await read()) && 0 : 1), 1);
      await until(read, 7);
      expect(events.filter((event) => event === 'database_died')).toHaveLength(1);
    } finally {
      await pool.end();
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
