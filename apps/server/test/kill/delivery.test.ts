import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { addDays } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase, openPool } from '../../src/kernel/database/database.ts';
import { cinemaFields } from '../halls/support.ts';
import { dropDatabase, newDatabase, urlOf } from '../support/postgres.ts';
import { clientWithCookie } from '../support/client.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';
import { seeded } from '../support/seeded.ts';

/** Fifty in a run by hand: `YINGLIAN_DELIVERY_KILLS=50`. */
const KILLS = Number(process.env['YINGLIAN_DELIVERY_KILLS'] ?? 2);
const SEED = Number(process.env['YINGLIAN_KILL_SEED'] ?? 20_261_123);
const AGENTS = 2;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Enough that every kill finds something under way, however long a busy machine takes for it. */
const FILE_PIECES = Math.max(11, 2 * KILLS);
/** As a browser sends a long file. */
const UPLOAD_BYTES = 8 * 1024 * 1024;
const RATE_MBIT = KILLS > 10 ? 60 : 160;
const WITHIN_MS = 120_000 + KILLS * 20_000;
const AGENT = join(import.meta.dirname, '..', '..', '..', 'cli', 'bin', 'yinglian.mjs');

const reason = missingBuild() ?? (existsSync(AGENT) ? undefined : 'the command line is not built');
if (reason !== undefined) console.warn(`the kill test of delivery is skipped: ${reason}`);

type Range = { readonly first: number; readonly last: number };
const ASKED = /\r\nrange: bytes=(\d+)-(\d+)\r\n/gi;
/** Longer than the head of a request; what came before it is forgotten. */
const HEAD_BYTES = 8192;

/**
 * A wire that counts what goes down to an agent, and hears which bytes it asks for; it leads to
 * wherever the server is now.
 */
async function countingWire(target: () => number) {
  const sockets = new Set<Socket>();
  const wire = { port: 0, bytes: 0, asked: [] as Range[], close: () => undefined as void };
  const server: Server = createServer((agent) => {
    const up = connect(target(), '127.0.0.1');
    for (const each of [agent, up]) {
      sockets.add(each);
      each.on('close', () => sockets.delete(each));
      each.on('error', () => undefined);
    }
    up.on('data', (chunk) => void (wire.bytes += chunk.length));
    let head = '';
    agent.on('data', (chunk) => {
      head += chunk.toString('latin1');
      let heard = 0;
      for (const match of head.matchAll(ASKED)) {
        wire.asked.push({ first: Number(match[1]), last: Number(match[2]) });
        heard = match.index + match[0].length;
      }
      head = head.slice(Math.max(heard, head.length - HEAD_BYTES));
    });
    agent.pipe(up).pipe(agent);
    up.on('close', () => agent.destroy());
    agent.on('close', () => up.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  wire.port = (server.address() as { port: number }).port;
  wire.close = () => {
    server.close();
    for (const each of sockets) each.destroy();
  };
  return wire;
}

describe.skipIf(reason !== undefined)('delivery under kills', () => {
  const random = seeded(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-delivery-'));
  const common = randomBytes(FILE_PIECES * PIECE_BYTES - 1234);
  const digest = `sha256:${createHash('sha256').update(common).digest('hex')}`;
  let connection: Awaited<ReturnType<typeof newDatabase>>;
  let server: RealServer;
  const boxes: {
    token: string;
    wire: Awaited<ReturnType<typeof countingWire>>;
    child?: ChildProcess;
    kills: number;
    said: string;
    /** A one for each piece that it had when this life began. */
    held: Uint8Array;
  }[] = [];

  const client = clientWithCookie((path, init) => fetch(server.url + path, init));

  const portOf = () => Number(new URL(server.url).port);
  const boot = () =>
    startRealServer(join(folder, 'data'), {
      YINGLIAN_DATABASE_URL: urlOf(connection),
      YINGLIAN_LOG: 'warn',
    });

  beforeAll(async () => {
    if (reason !== undefined) return;
    connection = await newDatabase(inject('postgres'));
    server = await boot();
    await client.session.claimOwnerLink({
      body: {
        token: server.ownerToken ?? '',
        name: '所有者',
        email: 'o@example.org',
        password: 'correct horse battery',
      },
    });
    const { id: organisationId } = await client.organisations.create({
      body: { name: '发行方', nameEnglish: null, kind: 'distributor', creditCode: null },
    });
    await offer(organisationId);
  }, WITHIN_MS);
  afterAll(async () => {
    for (const box of boxes) {
      box.child?.kill('SIGKILL');
      box.wire.close();
    }
    if (reason === undefined) {
      await server.stop();
      await dropDatabase(connection);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** One package, booked by every cinema; each cinema has a box with a wire of its own. */
  async function offer(organisationId: string): Promise<void> {
    const film = await client.film.create({
      body: {
        title: '远路',
        versions: [
          {
            format: '2D',
            filmCode: '001100022026',
            audioLanguage: null,
            subtitleLanguages: [],
            runtimeSeconds: null,
          },
        ],
      },
    });
    const body = { name: 'pic.mxf', sizeBytes: common.length, digest };
    const upload = await client.files.createUpload({ body });
    let fileId: string | null = null;
    for (let offset = 0; offset < common.length; offset += UPLOAD_BYTES) {
      const bytes = new Uint8Array(common.subarray(offset, offset + UPLOAD_BYTES));
      const call = { params: { id: upload.id }, query: { offset }, bytes };
      ({ fileId } = await client.files.append(call));
    }
    const pool = openPool(connection);
    const database = openDatabase(pool);
    const [version] = film.versions;
    const packageId = '0199aaaa-0000-7000-8000-000000000001';
    const today = new Date().toISOString().slice(0, 10);
    await sql`insert into distribution.package (id, organisation_id, film_id, film_version_id,
      title, standard, state, encrypted, options, size_bytes) values (${packageId},
      ${organisationId}, ${film.id}, ${version!.id}, '远路_FTR', 'smpte', 'passed', false, '{}',
      ${common.length})`.execute(database);
    await sql`insert into distribution.package_file
      values (${packageId}, 'sub/pic.mxf', ${fileId})`.execute(database);
    await sql`insert into distribution.release (id, organisation_id, film_id, plan)
      values (${packageId}, ${organisationId}, ${film.id}, '{}')`.execute(database);
    for (let n = 0; n < AGENTS; n++) {
      const cinema = await client.exhibition.createCinema({
        body: cinemaFields({ name: `影院 ${n}` }),
      });
      await sql`insert into distribution.booking (id, release_id, organisation_id, film_id,
        film_version_id, format, cinema_id, screen_ids, first_day, last_day, state)
        values (${cinema.id}, ${packageId}, ${organisationId}, ${film.id}, ${version!.id}, '2D',
        ${cinema.id}, '{}', ${today}, ${addDays(today, 9)}, 'confirmed')`.execute(database);
      const made = await client.sites.create({ body: { cinemaId: cinema.id, name: 'box' } });
      const wire = await countingWire(portOf);
      boxes.push({
        token: made.token,
        wire,
        kills: 0,
        said: '',
        held: new Uint8Array(FILE_PIECES),
      });
    }
    await pool.end();
  }

  const placeOf = (n: number) => join(folder, `site-${n}`);

  /** `yinglian agent` as it runs in a cinema, with a line that leaves time for kills. */
  function startAgent(n: number): void {
    const box = boxes[n]!;
    const flags = ['--folder', placeOf(n), '--rate-mbit', String(RATE_MBIT), '--every', '1'];
    const url = `http://127.0.0.1:${box.wire.port}`;
    box.child = spawn(process.execPath, [AGENT, '--server', url, 'agent', ...flags], {
      env: { ...process.env, YINGLIAN_SITE_TOKEN: box.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => void (box.said += chunk.toString());
    box.child.stdout!.on('data', hear);
    box.child.stderr!.on('data', hear);
  }

  async function killAgent(n: number): Promise<void> {
    const box = boxes[n]!;
    const gone = new Promise((resolve) => box.child!.once('exit', resolve));
    box.child!.kill('SIGKILL');
    await gone;
    box.kills += 1;
    await pause(50);
    endLife(n);
    startAgent(n);
  }

  /** Nothing that a life began with was asked for again in it, whoever was killed meanwhile. */
  function endLife(n: number): void {
    const box = boxes[n]!;
    const again = box.wire.asked.splice(0).filter(({ first, last }) => {
      const pieces = box.held.subarray(first / PIECE_BYTES, Math.floor(last / PIECE_BYTES) + 1);
      return pieces.includes(1);
    });
    expect(again, `box ${n}`).toEqual([]);
    box.held = heldPieces(n);
  }

  /** A one for each piece that a box has: what must never come again. */
  function heldPieces(n: number): Uint8Array {
    const parts = join(placeOf(n), 'parts');
    const map = existsSync(parts)
      ? readdirSync(parts).find((each) => each.endsWith('.map'))
      : undefined;
    if (map !== undefined) return new Uint8Array(readFileSync(join(parts, map)));
    return new Uint8Array(FILE_PIECES).fill(isWhole(n) ? 1 : 0);
  }

  const heldBytes = (n: number) => heldPieces(n).reduce((sum, each) => sum + each, 0) * PIECE_BYTES;

  const published = (n: number) =>
    join(placeOf(n), 'ingest', '远路_FTR_0199aaaa', 'sub', 'pic.mxf');
  const isWhole = (n: number) => existsSync(published(n));

  it(
    '[HN6] brings every package whole, and sends none from its start again',
    async () => {
      for (let n = 0; n < AGENTS; n++) startAgent(n);
      let serverKills = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const from = boxes.reduce((sum, _, n) => sum + heldBytes(n), 0);
        const share = (AGENTS * common.length * 0.6) / (KILLS + 1);
        const until = from + random() * share;
        const late = Date.now() + 20_000;
        for (;;) {
          const held = boxes.reduce((sum, _, n) => sum + heldBytes(n), 0);
          if (held >= until || Date.now() > late) break;
          await pause(10);
        }
        if (boxes.every((_, n) => isWhole(n))) break;
        const missing = boxes.findIndex((_, n) => !isWhole(n));
        if (random() < 0.4) {
          await server.kill();
          serverKills += 1;
          server = await boot();
        } else {
          await killAgent(isWhole(kill % AGENTS) ? missing : kill % AGENTS);
        }
      }
      const deadline = Date.now() + WITHIN_MS / 2;
      while (!boxes.every((_, n) => isWhole(n)) && Date.now() < deadline) await pause(100);
      const agentKills = boxes.reduce((sum, each) => sum + each.kills, 0);
      if (process.env['YINGLIAN_DELIVERY_KILLS'] !== undefined) {
        expect(serverKills + agentKills).toBe(KILLS);
      }
      const extra = boxes.map((box) => box.wire.bytes - common.length);
      console.info(
        `${serverKills} kills of the server, ${agentKills} of agents; ` +
          `bytes beyond the package: ${extra.join(', ')} of ${common.length}`,
      );
      for (const [n, box] of boxes.entries()) {
        const state = `${box.child?.exitCode} ${heldBytes(n)} ${box.said.slice(-2000)}`;
        expect(isWhole(n), state).toBe(true);
        const bytes = readFileSync(published(n));
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest.slice(7));
        endLife(n);
      }
    },
    WITHIN_MS,
  );
});
