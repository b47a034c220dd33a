import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, contract, createClient, type OutputOf } from '@yinglian/contract';
import { applyEvent, type RoomState } from '@yinglian/review';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase, openPool } from '../../src/kernel/database/database.ts';
import { dropDatabase, newDatabase, urlOf } from '../support/postgres.ts';
import { missingBuild, type RealServer, startRealServer } from '../support/real-server.ts';

/** More by hand: `YINGLIAN_ROOM_ACTS=200 YINGLIAN_ROOM_KILLS=5`. */
const ACTS = Number(process.env['YINGLIAN_ROOM_ACTS'] ?? 8);
const KILLS = Number(process.env['YINGLIAN_ROOM_KILLS'] ?? 1);
const PEOPLE = Number(process.env['YINGLIAN_ROOM_PEOPLE'] ?? 20);
const NOTES = Number(process.env['YINGLIAN_ROOM_NOTES'] ?? 40);
const WITHIN_MS = 180_000;
const ASSET = '0199aaaa-0000-7000-8000-0000000000a1';
const PASSWORD = 'correct horse battery';

const reason = missingBuild();
if (reason !== undefined) console.warn(`the test of live rooms is skipped: ${reason}`);

type Told = OutputOf<typeof contract.review.roomEvents.events>;

/** Somebody in the room: a session, and a line that comes back when it breaks. */
type Member = {
  readonly client: Client<typeof contract>;
  readonly headers: () => Record<string, string>;
  userId: string;
  state: RoomState | undefined;
  /** Remarks heard of. */
  readonly heard: Set<string>;
  /** Shapes that the server said it took. */
  readonly taken: string[];
  lines: number;
};

describe.skipIf(reason !== undefined)('a live room under a storm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-room-'));
  const members: Member[] = [];
  const ended = new AbortController();
  let connection: Awaited<ReturnType<typeof newDatabase>>;
  let server: RealServer;
  let roomId = '';

  const boot = (port?: string) =>
    startRealServer(join(folder, 'data'), {
      YINGLIAN_DATABASE_URL: urlOf(connection),
      YINGLIAN_LOG: 'warn',
      ...(port === undefined ? {} : { PORT: port }),
    });

  function member(): Member {
    let cookie = '';
    const client = createClient(contract, {
      baseUrl: '',
      fetch: async (url, init) => {
        const headers = new Headers(init?.headers);
        if (cookie !== '') headers.set('cookie', cookie);
        const response = await fetch(server.url + String(url), { ...init, headers });
        cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
        return response;
      },
    });
    return {
      client,
      headers: () => ({ cookie }),
      userId: '',
      state: undefined,
      heard: new Set(),
      taken: [],
      lines: 0,
    };
  }

  beforeAll(async () => {
    connection = await newDatabase(inject('postgres'));
    server = await boot();
    const first = member();
    const made = await first.client.session.claimOwnerLink({
      body: {
        token: server.ownerToken ?? '',
        name: '主持',
        email: 'o@example.org',
        password: PASSWORD,
      },
    });
    first.userId = made.user?.id ?? '';
    members.push(first);
    const { id } = await first.client.organisations.create({
      body: { name: '星河', nameEnglish: null, kind: 'producer', creditCode: null },
    });
    const film = await first.client.film.create({ body: { title: '长夜' } });
    for (let n = 1; n < PEOPLE; n++) {
      const { link } = await first.client.organisations.invite({
        params: { id },
        body: { email: `p${n}@example.org`, roles: ['production.reviewer'] },
      });
      const next = member();
      const session = await next.client.organisations.acceptInvitation({
        body: {
          token: link.slice(link.indexOf('#') + 1),
          name: `人员 ${n}`,
          password: PASSWORD,
        },
      });
      next.userId = session.user?.id ?? '';
      members.push(next);
    }
    await plant(id, film.id);
    const room = await first.client.review.openRoom({ body: { assetId: ASSET } });
    roomId = room.id;
  }, WITHIN_MS);
  afterAll(async () => {
    ended.abort();
    // Where the beginning failed there is nothing to end.
    await server?.stop();
    if (connection !== undefined) await dropDatabase(connection);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Media as ingest leaves it: the room needs to know its length, not to show it. */
  async function plant(organisationId: string, filmId: string): Promise<void> {
    const { client } = members[0]!;
    const upload = await client.files.createUpload({ body: { name: 'a.mp4', sizeBytes: 3 } });
    const { fileId } = await client.files.append({
      params: { id: upload.id },
      query: { offset: 0 },
      bytes: new Uint8Array([1, 2, 3]),
    });
    const media = {
      container: 'mp4',
      durationSeconds: '40',
      frameCount: 1000,
      audio: [],
      video: {
        codec: 'h264',
        width: 64,
        height: 36,
        frameRate: '25',
        pixelFormat: null,
        colour: {},
        timecode: null,
      },
    };
    const pool = openPool(connection);
    await sql`insert into production.asset (id, organisation_id, film_id, title, state,
        original_file_id, media)
      values (${ASSET}, ${organisationId}, ${filmId}, 'a.mp4', 'ready', ${fileId},
        ${JSON.stringify(media)})`.execute(openDatabase(pool));
    await pool.end();
  }

  /** Hears the room until the end; a broken line is opened again, as a browser does. */
  async function hear(who: Member): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        const path = `/api/production/review-rooms/${roomId}/events`;
        const response = await fetch(server.url + path, {
          headers: who.headers(),
          signal: ended.signal,
        });
        if (!response.ok) throw new Error(String(response.status));
        who.lines += 1;
        let text = '';
        const decoder = new TextDecoder();
        for await (const chunk of response.body! as unknown as AsyncIterable<Uint8Array>) {
          text += decoder.decode(chunk, { stream: true });
          const parts = text.split('\n\n');
          text = parts.pop() ?? '';
          for (const each of parts) {
            if (each.startsWith('data: ')) take(who, JSON.parse(each.slice(6)) as Told);
          }
        }
      } catch {
        // The server is away: it comes back.
      }
      await pause(50);
    }
  }

  function take(who: Member, told: Told): void {
    if (told.type === 'state') who.state = told.state;
    if (told.type === 'event' && who.state !== undefined) {
      who.state = applyEvent(who.state, told.event as Parameters<typeof applyEvent>[1]);
    }
    for (const each of who.state?.notes ?? []) who.heard.add(each.id);
  }

  /** Sends until the server says yes; a repeat carries the same key, so that it counts once. */
  async function send(who: Member, call: (key: string) => Promise<Response>): Promise<Response> {
    const key = crypto.randomUUID();
    for (;;) {
      const response = await call(key).catch(() => undefined);
      if (response !== undefined && response.status < 500) return response;
      await pause(40);
    }
  }

  const post = (who: Member, path: string, body: unknown) =>
    send(who, (key) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
        headers: { ...who.headers(), 'content-type': 'application/json', 'idempotency-key': key },
      }),
    );

  async function storm(who: Member, index: number): Promise<void> {
    const path = `/api/production/review-rooms/${roomId}/acts`;
    for (let n = 0; n < ACTS; n++) {
      const id = `s-${index}-${n}`;
      const shape = {
        id,
        kind: 'line',
        points: [
          [n / ACTS, 0],
          [1, index / PEOPLE],
        ],
        colour: '#ff0000',
        width: 0.01,
      };
      const drawn = await post(who, path, { acts: [{ kind: 'draw', frame: n, shape }] });
      expect(drawn.status).toBe(200);
      who.taken.push(id);
      if (index === 0) {
        await post(who, path, { acts: [{ kind: 'control', frame: n * 3, speed: n % 2 }] });
      }
      if (n % 4 === 3) {
        const gone = who.taken.shift()!;
        const erased = await post(who, path, { acts: [{ kind: 'erase', shapes: [gone] }] });
        expect(erased.status).toBe(200);
      }
    }
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + WITHIN_MS / 2;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
      await pause(50);
    }
  }

  it(
    '[HV10] ends with the same state on all, every acknowledged act in it once',
    async () => {
      for (const who of members) void hear(who);
      await until('everybody is in', () => members.every((each) => each.state !== undefined));
      const port = new URL(server.url).port;
      let storming = true;
      const restarts = (async () => {
        for (let n = 0; n < KILLS && storming; n++) {
          await pause(400);
          await server.kill();
          server = await boot(port);
        }
      })();
      const began = performance.now();
      await Promise.all(members.map((each, index) => storm(each, index)));
      const seconds = (performance.now() - began) / 1000;
      storming = false;
      await restarts;
      const truth = await members[0]!.client.review.room({ params: { id: roomId } });
      await until('everybody has all', () =>
        members.every((each) => each.state?.seq === truth.state.seq),
      );
      for (const each of members) expect(each.state).toEqual(truth.state);
      const expected = members.flatMap((each) => each.taken).toSorted();
      expect(truth.state.shapes.map((each) => each.shape.id).toSorted()).toEqual(expected);
      const acts = PEOPLE * (ACTS + Math.floor(ACTS / 4)) + ACTS;
      expect(truth.state.seq).toBe(acts);
      // Whoever comes now sees what the others see.
      const late = member();
      Object.assign(late, { headers: members[1]!.headers });
      void hear(late);
      await until('the late one is in', () => late.state !== undefined);
      expect(late.state).toEqual(truth.state);
      console.info(
        `live room: ${acts} acts of ${PEOPLE} people in ${seconds.toFixed(1)} s, ` +
          `${Math.max(...members.map((each) => each.lines))} lines each`,
      );
    },
    WITHIN_MS,
  );

  it(
    '[HV10] brings every remark to everybody',
    async () => {
      const began = performance.now();
      const ids = await Promise.all(
        Array.from({ length: NOTES }, async (_, n) => {
          const who = members[n % members.length]!;
          const answer = await post(who, `/api/production/assets/${ASSET}/notes`, {
            frame: n,
            text: `意见 ${n}`,
          });
          return ((await answer.json()) as { id: string }).id;
        }),
      );
      await until('all have heard all', () =>
        members.every((each) => ids.every((id) => each.heard.has(id))),
      );
      const perMinute = (NOTES / (performance.now() - began)) * 60_000;
      console.info(
        `live room: ${NOTES} remarks heard by ${PEOPLE}: ${perMinute.toFixed(0)} a minute`,
      );
      const { rows } = await members[1]!.client.production.notes({ params: { id: ASSET } });
      expect(rows.map((each) => each.id).toSorted()).toEqual(ids.toSorted());
    },
    WITHIN_MS,
  );
});
