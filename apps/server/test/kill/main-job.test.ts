import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@yinglian/contract';
import { nodeCryptography } from '@yinglian/host';
import { createMediaEngine } from '@yinglian/media';
import { verifyStatement } from '@yinglian/settlement';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPidFile } from '../../src/kernel/database/postmaster.ts';
import { cinemaFields, makeMaker } from '../halls/support.ts';
import { clientWithCookie } from '../support/client.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';
import { seeded } from '../support/seeded.ts';

/** Fifty in a run by hand; five in every run of the tests, which has others to do. */
const KILLS = Number(process.env['YINGLIAN_MAIN_JOB_KILLS'] ?? 5);
const SEED = Number(process.env['YINGLIAN_KILL_SEED'] ?? 20_261_122);
/**
 * A life of the server ends a random moment after a random number of steps forward, so that kills
 * fall all along the main job; or after a time that grows while nothing moves, so that a step
 * longer than a life is finished in the end on any machine.
 */
const STEPS_A_LIFE_MAX = 3;
const MOMENT_MS = 350;
const LIFE_MS_MAX = 2000;
const PATIENCE = 1.6;
/** Every so many kills PostgreSQL is killed too, as a power cut would. */
const DATABASE_EVERY = 4;
const FRAMES = 24;
const MONTH = { from: '2026-10-01', to: '2026-10-31' };
const WITHIN_MS = 240_000 + KILLS * 15_000;

const reason = missingBuild();
if (reason !== undefined) console.warn(`the kill test of the main job is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('the main job under a server that is killed', () => {
  let folder = '';
  let film: Uint8Array;
  let server: RealServer;
  /** Ends when the server answers again. */
  let standing = Promise.resolve();
  let key = '';
  let kills = 0;
  let over = false;
  /** Where the main job stood at each kill, and how often it moved on. */
  const points = new Map<string, number>();
  let point = 'idle';
  let steps = 0;
  let restarts = 0;
  const at = (where: string): void => {
    if (where !== point) steps += 1;
    point = where;
  };
  /** What the server has said yes to, and how to see that it still stands by it. */
  const acknowledged: { readonly what: string; readonly check: () => Promise<boolean> }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-main-job-'));
    const output = join(folder, 'film.mp4');
    const engine = createMediaEngine({ scratchFolder: folder });
    const made = await engine.render({
      verb: 'render',
      output,
      preset: 'h264-mp4',
      size: { width: 256, height: 144 },
      frameRate: '24',
      frames: FRAMES,
      title: 'KILL',
      channels: 2,
      programme: 'bars',
    });
    if (!made.ok) throw new Error(made.findings.map((each) => each.code).join());
    film = new Uint8Array(readFileSync(output));
    server = await startRealServer(join(folder, 'data'));
  }, 240_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = clientWithCookie(
    (path, init) => fetch(server.url + path, init),
    () => key,
  );

  /** Asks until there is an answer; a request that was cut off is repeated under its own key. */
  async function ask<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    if (!name.startsWith('wait')) at(name.replace(/ [\w.-]+$/, ''));
    for (;;) {
      await standing;
      key = name;
      const asked = kills;
      try {
        return await action();
      } catch (thrown) {
        const answered = thrown instanceof ProblemError && thrown.problem.status < 500;
        await standing;
        // Only a kill excuses a call that was not answered.
        if (answered || (kills === asked && !(await dying(asked)))) throw thrown;
      }
    }
  }

  /** A dying database is seen by the client a moment before the kill is counted. */
  async function dying(asked: number): Promise<boolean> {
    await pause(200);
    await standing;
    return kills > asked;
  }

  async function finish(name: string, jobId: string): Promise<void> {
    for (;;) {
      const job = await ask(`wait ${name}`, () => client.jobs.get({ params: { id: jobId } }));
      at(`${name.replace(/ \d+$/, '')}: ${job.step ?? job.state}`);
      if (job.state === 'done') return;
      if (job.state === 'failed' || job.state === 'cancelled') {
        const said = `${JSON.stringify(job.findings)} ${server.output().slice(-4000)}`;
        throw new Error(`${job.kind} ${job.state}: ${said}`);
      }
      await pause(60);
    }
  }

  async function upload(name: string, bytes: Uint8Array): Promise<string> {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const made = await ask(`upload ${name}`, () =>
      client.files.createUpload({
        body: { name, sizeBytes: bytes.length, digest },
      }),
    );
    const params = { id: made.id };
    const fileId = await ask(`append ${name}`, async () => {
      const held = await client.files.upload({ params });
      if (held.fileId !== null) return held.fileId;
      const sent = await client.files.append({
        params,
        query: { offset: held.offsetBytes },
        bytes: new Uint8Array(bytes.subarray(held.offsetBytes)),
      });
      return sent.fileId!;
    });
    acknowledged.push({
      what: name,
      check: async () => (await client.files.record({ params: { id: fileId } })).digest === digest,
    });
    return fileId;
  }

  /** One film from a file to an issued statement. */
  async function mainJob(round: number, screenIds: string[]) {
    const filmCode = `0011${String(round).padStart(4, '0')}2026`;
    const { id: filmId } = await ask(`film ${round}`, () =>
      client.film.create({
        body: {
          title: `影片 ${round}`,
          titleEnglish: 'Kill',
          versions: [
            {
              format: '2D',
              filmCode,
              audioLanguage: 'zh',
              subtitleLanguages: [],
              runtimeSeconds: null,
            },
          ],
        },
      }),
    );
    acknowledged.push({
      what: `film ${round}`,
      check: async () =>
        (await client.film.get({ params: { id: filmId } })).versions[0]?.filmCode === filmCode,
    });
    const fileId = await upload(`film-${round}.mp4`, film);
    const asset = await ask(`ingest ${round}`, () =>
      client.production.ingest({ body: { filmId, fileId } }),
    );
    await finish(`ingest ${round}`, asset.jobId!);
    await ask(`accept ${round}`, async () => {
      const stored = await client.production.asset({ params: { id: asset.id } });
      return stored.state === 'accepted'
        ? stored
        : client.production.accept({
            params: { id: asset.id },
            body: { version: stored.version },
          });
    });
    acknowledged.push({
      what: `master ${round}`,
      check: async () =>
        (await client.production.asset({ params: { id: asset.id } })).state === 'accepted',
    });
    const made = await ask(`build ${round}`, () =>
      client.distribution.build({
        body: { filmId, assetId: asset.id, bitRateMbit: 20 },
      }),
    );
    await finish(`build ${round}`, made.jobId!);
    acknowledged.push({
      what: `package ${round}`,
      check: async () =>
        (await client.distribution.package({ params: { id: made.id } })).state === 'passed',
    });
    const order = await ask(`keys ${round}`, () =>
      client.distribution.issueKeys({
        body: {
          packageId: made.id,
          screenIds,
          notBefore: `${day(1)}T00:01`,
          notAfter: `${day(9)}T23:59`,
        },
      }),
    );
    await finish(`keys ${round}`, order.jobId!);
    const runId = await settle(round, filmId, filmCode);
    return { packageId: made.id, runId, fileId };
  }

  async function settle(round: number, filmId: string, filmCode: string): Promise<string> {
    const text = `影院编码,影片编码,日期,场次,人次,票房\n43019011,${filmCode},2026-10-03,${round + 1},30,1234.56\n`;
    const fileId = await upload(`box-${round}.csv`, new TextEncoder().encode(text));
    const report = await ask(`report ${round}`, () =>
      client.exhibition.importReport({ body: { fileId, filmId } }),
    );
    const { rows } = await ask('templates', () => client.settlement.templates());
    const template = rows[0]!.terms as Record<string, unknown>;
    const drawn = await ask(`terms ${round}`, () =>
      client.settlement.createTerms({
        body: {
          filmId,
          title: '国产',
          state: 'agreed',
          terms: {
            ...template,
            film: {
              title: { zh: '片', en: 'Film' },
              versions: [{ code: filmCode, label: '2D' }],
            },
          },
        },
      }),
    );
    const run = await ask(`settle ${round}`, () =>
      client.settlement.settle({
        body: { filmId, termsId: drawn.id, ...MONTH, reportIds: [report.id] },
      }),
    );
    await finish(`settle ${round}`, run.jobId!);
    const page = await ask('statements', () =>
      client.settlement.statements({ query: { runId: run.id } }),
    );
    for (const { id } of page.rows) {
      await ask(`issue ${id}`, async () => {
        const stored = await client.settlement.statement({ params: { id } });
        return stored.state === 'issued'
          ? stored
          : client.settlement.issue({
              params: { id },
              body: { version: stored.version },
            });
      });
      acknowledged.push({
        what: `statement ${round}`,
        check: async () =>
          (await client.settlement.statement({ params: { id } })).state === 'issued',
      });
    }
    return run.id;
  }

  async function killer(): Promise<void> {
    const random = seeded(SEED);
    let lifeMost = LIFE_MS_MAX;
    while (kills < KILLS && !over) {
      const from = steps;
      const until = from + Math.floor(random() * (STEPS_A_LIFE_MAX + 1));
      const deadline = Date.now() + lifeMost;
      while (steps < until && Date.now() < deadline && !over) await pause(10);
      lifeMost = steps > from ? LIFE_MS_MAX : lifeMost * PATIENCE;
      await pause(random() * MOMENT_MS);
      if (over) return;
      points.set(point, (points.get(point) ?? 0) + 1);
      let again = (): void => {};
      standing = new Promise((resolve) => void (again = resolve));
      try {
        if (kills % DATABASE_EVERY === DATABASE_EVERY - 1) killDatabase(join(folder, 'data'));
        await server.kill();
        kills += 1;
        const began = Date.now();
        server = await startRealServer(join(folder, 'data'));
        restarts += Date.now() - began;
        for (const { what, check } of acknowledged.slice()) {
          expect(await check(), `${what} after kill ${kills}`).toBe(true);
        }
      } finally {
        again();
      }
    }
  }

  it(
    '[HK1] loses nothing acknowledged in many kills, and every film reaches its statements',
    async () => {
      const screenIds = await setUp();
      let failed: unknown;
      const killing = killer().catch((thrown: unknown) => void (failed = thrown));
      const rounds: Awaited<ReturnType<typeof mainJob>>[] = [];
      try {
        // Rounds go on until there were enough kills; the last one may end in peace.
        do {
          const round = mainJob(rounds.length, screenIds);
          // Why a server did not come back says more than that nobody answered.
          rounds.push(
            await round.catch(async (thrown: unknown) => {
              await pause(500);
              throw failed ?? thrown;
            }),
          );
          if (failed !== undefined) throw failed;
        } while (kills < KILLS);
      } finally {
        over = true;
        await killing;
      }
      if (failed !== undefined) throw failed;
      expect(kills).toBe(KILLS);
      const restart = Math.round(restarts / kills);
      console.info(
        `${kills} kills over ${rounds.length} films; a restart takes ${restart} ms; killed at:`,
        Object.fromEntries(points),
      );
      expect(points.size).toBeGreaterThan(Math.min(8, KILLS / 3));
      for (const round of rounds) await examine(round, screenIds);
      const { rows } = await client.film.list({ query: { limit: 500 } });
      expect(rows).toHaveLength(rounds.length);
      expect(await client.audit.verify()).toMatchObject({ intact: true });
    },
    WITHIN_MS,
  );

  /** What one round left behind: everything once, and figures that add up. */
  async function examine(
    round: { packageId: string; runId: string; fileId: string },
    screenIds: string[],
  ) {
    const built = await client.distribution.package({ params: { id: round.packageId } });
    expect(built).toMatchObject({ state: 'passed', checked: { error: 0 } });
    expect(built.compositions[0]).toMatchObject({ durationFrames: FRAMES });
    for (const { file } of built.files) {
      const answer = await client.files.download({ params: { id: file.id }, query: {} });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(file.digest);
    }
    const keys = (await client.distribution.keys({ query: { packageId: round.packageId } })).rows;
    expect(keys.map((each) => each.screenId).toSorted()).toEqual(screenIds.toSorted());
    const run = await client.settlement.run({ params: { id: round.runId } });
    const sum = (values: readonly string[]) =>
      values.reduce((total, each) => total + BigInt(each), 0n);
    expect(run.grossFen).toBe('123456');
    expect(sum(run.parties.map((each) => each.amountFen))).toBe(123_456n);
    const { rows } = await client.settlement.statements({ query: { runId: round.runId } });
    expect(new Set(rows.map((each) => each.kind)).size).toBe(rows.length);
    for (const statement of rows) {
      const params = { id: statement.id };
      const lines = await client.settlement.lines({ params, query: {} });
      expect(String(sum(lines.rows.map((each) => each.shareFen)))).toBe(statement.totalFen);
      const proof: unknown = await (await client.settlement.proof({ params })).json();
      const verdict = verifyStatement(proof, nodeCryptography);
      expect(verdict.ok && verdict.findings.every((each) => each.severity !== 'error')).toBe(true);
    }
  }

  async function setUp(): Promise<string[]> {
    key = 'setup';
    await client.session.claimOwnerLink({
      body: {
        token: server.ownerToken ?? '',
        name: '所有者',
        email: 'o@example.org',
        password: 'correct horse battery',
      },
    });
    await client.organisations.create({
      body: { name: '发行方', nameEnglish: null, kind: 'distributor', creditCode: null },
    });
    const { organisation } = await client.session.get();
    key = 'circuit';
    const circuit = await client.exhibition.createCircuit({
      body: { name: '院线', code: null, organisationId: organisation!.id },
    });
    key = 'cinema';
    const cinema = await client.exhibition.createCinema({
      body: cinemaFields({
        name: '影院',
        code: '43019011',
        circuitId: circuit.id,
        equipment: 'owned' as const,
      }),
    });
    const maker = await makeMaker();
    const screenIds: string[] = [];
    for (const number of [1, 2]) {
      key = `screen ${number}`;
      const screen = await client.exhibition.createScreen({
        body: { cinemaId: cinema.id, name: `${number}号厅`, number, seats: 80, formats: ['2D'] },
      });
      key = `device ${number}`;
      await client.exhibition.installDevice({
        params: { id: screen.id },
        body: { kind: 'media_block', certificatePem: (await maker.device(`00000${number}`)).pem },
      });
      screenIds.push(screen.id);
    }
    return screenIds;
  }
});

function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}

/** SIGKILL for the postmaster: its children notice and go. */
function killDatabase(dataFolder: string): void {
  const pointer = join(dataFolder, 'database.place');
  const root = existsSync(pointer)
    ? readFileSync(pointer, 'utf8').trim()
    : join(dataFolder, 'database');
  const found = readPidFile(join(root, 'cluster'));
  if (found === undefined) throw new Error('the database of the test has no postmaster.pid');
  process.kill(found.pid, 'SIGKILL');
}
