import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { contract, ResultOf } from '@yinglian/contract';
import { addDays } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentEvent, type AgentOptions, createAgent } from '../../../cli/src/agent/agent.ts';
import { openLine } from '../../../cli/src/agent/line.ts';
import { parseWindow } from '../../../cli/src/agent/plan.ts';
import { foldRevisions } from '../../src/distribution/delivery/revision.ts';
import { createTestServer, type TestServer } from '../support/server.ts';
import {
  allDone,
  FILM_CODE,
  install,
  keysInside,
  type KeyScene,
  plantPackage,
  setKeyScene,
  today,
} from './keys-support.ts';
import { cinemaFields, upload } from './support.ts';

const HOUR_MS = 3_600_000;
const BASE = 'http://test.local';
/** Long enough that a recall finds it half-way. */
const FILE_BYTES = 6 * 1024 * 1024;

/** The real agent against the real hall: nothing between them but the network's own answers. */
describe('an agent and the network it belongs to', () => {
  let server: TestServer;
  let scene: KeyScene;
  let folder = '';
  let token = '';
  const bytes = randomBytes(FILE_BYTES);
  let second: Awaited<ReturnType<typeof bookSecondVersion>>;
  let ordered: ResultOf<typeof contract.releases.issueKeys>;
  const answers: { path: string; status: number; sizeBytes: number }[] = [];

  beforeAll(async () => {
    server = await createTestServer();
    scene = await setKeyScene(server);
    folder = mkdtempSync(join(tmpdir(), 'yinglian-site-'));
    await addFile(scene.packageId, 'pic.mxf', bytes);
    const cinemaId = scene.cinemas[0]!.id;
    const made = await scene.circuit.client.sites.create({ body: { cinemaId, name: '机房' } });
    token = made.token;
    second = await bookSecondVersion();
    const params = { id: scene.releaseId };
    ordered = await scene.distributor.client.releases.issueKeys({ params, body: {} });
    await allDone(scene.distributor, ordered.jobIds);
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function addFile(packageId: string, path: string, content: Uint8Array): Promise<void> {
    const fileId = await upload(scene.distributor, path, new Uint8Array(content));
    const { database } = server.network.running.kernel;
    await sql`insert into distribution.package_file
      values (${packageId}, ${path}, ${fileId})`.execute(database);
  }

  /** The other cinema shows another version in its second screen, on the same days. */
  async function bookSecondVersion() {
    const { database } = server.network.running.kernel;
    const [versionId, bookingId] = [randomUUID(), randomUUID()];
    const { filmId, releaseId, distributor } = scene;
    await sql`insert into film.version (id, film_id, ordinal, format)
      values (${versionId}, ${filmId}, 1, '3D')`.execute(database);
    const [, cinema] = scene.cinemas;
    const [, screen] = cinema!.screens;
    await sql`insert into distribution.booking (id, release_id, organisation_id, film_id,
        film_version_id, format, cinema_id, screen_ids, first_day, last_day, state)
      select ${bookingId}, release_id, organisation_id, film_id, ${versionId}, '3D', cinema_id,
        array[${screen!.id}::uuid], first_day, last_day, state from distribution.booking
      where release_id = ${releaseId} and cinema_id = ${cinema!.id}`.execute(database);
    return { screen: screen!, ...(await plantPackage(server, distributor, { filmId, versionId })) };
  }

  /** As over a real line: answers come compressed, and are unpacked before anybody reads them. */
  const overTheWire: typeof fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set('accept-encoding', 'gzip, deflate');
    const sent = await server.app.request(String(url), { ...init, headers });
    const packed = sent.headers.get('content-encoding') === 'gzip' ? sent.body : null;
    const response =
      packed === null
        ? sent
        : new Response(packed.pipeThrough(new DecompressionStream('gzip')), sent);
    const text = await response.clone().arrayBuffer();
    const { pathname } = new URL(String(url));
    answers.push({ path: pathname, status: response.status, sizeBytes: text.byteLength });
    return response;
  };

  function agentIn(name: string, over: Partial<AgentOptions> = {}) {
    const events: AgentEvent[] = [];
    const place = join(folder, name);
    const options: AgentOptions = {
      folder: place,
      ingest: join(place, 'ingest'),
      outbox: join(place, 'outbox'),
      line: openLine({ serverUrl: BASE, token, fetch: overTheWire }),
      neighbours: [],
      throttle: { take: async () => undefined },
      policy: { windows: [], urgentHours: 24 },
      keepDays: 7,
      reserveBytes: 0,
      version: 'test',
      signal: new AbortController().signal,
      say: (event) => void events.push(event),
      ...over,
    };
    return { place, events, ready: createAgent(options) };
  }

  const keysIn = (place: string, screen: string) => {
    const path = join(place, 'keys', screen);
    return existsSync(path) ? readdirSync(path).toSorted() : [];
  };
  const board = async () =>
    (await scene.circuit.client.shows.board({ query: { hours: 72 } })).rows.map((each) => [
      each.screenName,
      each.worst,
      ...each.findings.map((one) => one.code),
    ]);

  /** As the ticketing system or the theatre's own puts a file there, some time ago. */
  function leave(place: string, kind: string, name: string, text: string): void {
    const path = join(place, 'outbox', kind);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), text);
    const then = new Date(Date.now() - HOUR_MS);
    utimesSync(join(path, name), then, then);
  }
  const sheet = (...rows: string[]) =>
    `影院编码,影厅,影片编码,影片,放映日期,开场时间,散场时间\n${rows
      .map((row) => `11046801,${row}`)
      .join('\n')}\n`;

  it('[HN14] issues keys of two versions in one job', async () => {
    expect([ordered.jobIds.length, ordered.screens, ordered.proposals]).toEqual([1, 3, []]);
    const { distributor } = scene;
    const query = { packageId: second.packageId };
    const { rows } = await distributor.client.distribution.keys({ query });
    expect(rows.map((each) => each.screenId)).toEqual([second.screen.id]);
    const inside = await keysInside(distributor, rows[0]!.file.id, second.screen.privateKey);
    expect(inside).toEqual(second.contentKeys.map((each) => each.toString('hex')).toSorted());
    const job = await distributor.client.jobs.get({ params: { id: ordered.jobIds[0]! } });
    expect([job.progress, job.result]).toEqual([1, { keys: 3 }]);
  });

  it('[HN7] brings a package and its keys, and the cinema’s own files back', async () => {
    const { place, events, ready } = agentIn('a');
    const agent = await ready;
    const day = addDays(today, 1);
    leave(place, 'programme', 'p.csv', sheet(`1,${FILM_CODE},长夜,${day},20:00,22:00`));
    const line = { cinemaCode: '11046801', filmCode: FILM_CODE, date: addDays(today, -1) };
    const sold = { start: '20:00', hall: '1', admissions: 40, grossFen: '140000' };
    const head = { format: 'yinglian-box-office/1', level: 'screening', source: '售票系统' };
    const feed = [head, { ...line, ...sold }].map((each) => JSON.stringify(each)).join('\n');
    leave(place, 'box-office', 'b.ndjson', feed);
    leave(place, 'box-office', 'again.ndjson', feed);
    expect(await agent.round()).toMatchObject({ fetched: 1, waiting: 0, faults: 0 });
    const published = events.flatMap((each) => (each.kind === 'published' ? [each.folder] : []));
    expect(readFileSync(join(published[0]!, 'pic.mxf')).equals(bytes)).toBe(true);
    expect(keysIn(place, '1')).toHaveLength(1);
    expect(keysIn(place, '2')).toEqual([]);
    const handed = events.flatMap((each) => (each.kind === 'handed' ? [each.name] : []));
    expect(handed.toSorted()).toEqual(['box-office/again.ndjson', 'programme/p.csv']);
    const reports = await scene.circuit.client.exhibition.reports({ query: {} });
    expect(reports.rows.map((each) => each.admissions)).toEqual([40]);
    expect(await board()).toEqual([['1', 'green']]);
  });

  const record = (sequence: number) => `<LogRecordElement><LogRecordHeader>
    <EventID>urn:uuid:0190f6b2-0000-7000-8000-0000000000${String(10 + sequence)}</EventID>
    <TimeStamp>${addDays(today, -1)}T0${sequence}:00:00+08:00</TimeStamp>
    <EventSequence>${sequence}</EventSequence>
    <DeviceSourceID><PrimaryID idtype="CertThumbprint">DEV1</PrimaryID></DeviceSourceID>
    <EventClass>x</EventClass><EventType>Operations</EventType></LogRecordHeader>
    </LogRecordElement>`;
  const log = (...numbers: number[]) => `<LogReport
    xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/">
    <reportDate>${addDays(today, -1)}T12:00:00+08:00</reportDate>
    ${numbers.map(record).join('')}</LogReport>`;

  it('[HN8] takes logs twice, in any order and with a hole, and names the hole alone', async () => {
    const { evidence } = scene.circuit.client;
    const { place, events, ready } = agentIn('a');
    const agent = await ready;
    leave(place, 'logs', '3.xml', log(7, 8));
    leave(place, 'logs', '4.xml', log(1, 2));
    leave(place, 'logs', '5.xml', log(7, 8));
    await agent.round();
    const holes = async () => (await evidence.holes({ query: {} })).rows;
    expect(await holes()).toMatchObject([{ device: 'DEV1', afterSequence: 2, beforeSequence: 7 }]);
    expect((await evidence.logs({ query: {} })).rows).toHaveLength(2);
    // Sent by a box that forgot what it sent: the network still tells one log once.
    const other = agentIn('b', { asksNamed: false });
    leave(other.place, 'logs', 'x.xml', log(1, 2));
    await (await other.ready).round();
    expect((await evidence.logs({ query: {} })).rows).toHaveLength(2);
    leave(place, 'logs', '6.xml', log(3, 4, 5, 6));
    await agent.round();
    expect(await holes()).toEqual([]);
    leave(place, 'logs', 'no-log.xml', '<LogReport>');
    await agent.round();
    expect(events.at(-1)).toMatchObject({ kind: 'refused', name: 'logs/no-log.xml' });
  });

  it('[HN9] tells a box nothing while nothing changes, and every change at once', async () => {
    const { ready } = agentIn('a');
    const agent = await ready;
    const asked = async () => {
      answers.length = 0;
      await agent.round();
      return answers.filter((each) => each.path === '/api/site/work').map((each) => each.status);
    };
    expect(await asked()).toEqual([200]);
    expect(await asked()).toEqual([304]);
    expect(answers.map((each) => each.sizeBytes)).toEqual([0]);
    const cinemaIds = [scene.cinemas[0]!.id];
    const wish = { packageId: scene.packageId, cinemaIds };
    const { sites } = scene.distributor.client;
    const changes = [
      () => sites.steer({ body: { ...wish, first: true } }),
      () => sites.steer({ body: { ...wish, first: false } }),
      () => scene.circuit.client.exhibition.updateCinema(renamed()),
      () => folded(),
    ];
    const seen: number[][] = [];
    for (const change of changes) {
      await change();
      seen.push(await asked());
    }
    expect(seen).toEqual([[200], [200], [200], [304]]);
    // Another cinema's affairs are none of this one's.
    const [, other] = scene.cinemas;
    await sites.steer({ body: { ...wish, cinemaIds: [other!.id], first: true } });
    expect(await asked()).toEqual([304]);
  });

  const renamed = () => {
    const { circuitId } = scene;
    const fields = cinemaFields({ name: '星光影城（新）', code: '11046801', circuitId });
    return {
      params: { id: scene.cinemas[0]!.id },
      body: { ...(fields as object), version: 1 } as never,
    };
  };
  /** Connections come and go; what they counted is put together, and counts as before. */
  const folded = async () => {
    const { database } = server.network.running.kernel;
    await sql`update distribution.work_revision set writer = -writer where writer > 0`.execute(
      database,
    );
    expect(await foldRevisions(database)).toBeGreaterThan(0);
    const rows = await sql`select 1 from distribution.work_revision where writer <> 0`.execute(
      database,
    );
    expect(rows.rows).toEqual([]);
  };

  it('[HN10] gives a new device its key, and takes the key of the former away', async () => {
    const { place, ready } = agentIn('a');
    const agent = await ready;
    const before = keysIn(place, '1');
    const [screen] = scene.cinemas[0]!.screens;
    await install(scene.circuit, scene.maker, screen!.id, 'new-block');
    expect(await board()).toMatchObject([['1', 'red', 'replaced_device']]);
    const { keys } = scene.distributor.client;
    const [order] = (await keys.orders({ query: { state: 'proposed' } })).rows;
    const approved = await scene.colleague.client.keys.approve({
      params: { id: order!.id },
      body: {},
    });
    await allDone(scene.distributor, [approved.jobId!]);
    await agent.round();
    expect(keysIn(place, '1')).toHaveLength(1);
    expect(keysIn(place, '1')).not.toEqual(before);
    expect(await board()).toEqual([['1', 'green']]);
  });

  it('[HN15] judges a booking again when a certificate comes or goes', async () => {
    const { distributor, cinemas, circuit, maker } = scene;
    const [, cinema] = cinemas;
    const [screen] = cinema!.screens;
    const { database } = server.network.running.kernel;
    const conflicts = async () => {
      const query = { cinemaId: cinema!.id };
      const rows = (await distributor.client.bookings.list({ query })).rows;
      return rows.flatMap((each) => each.conflicts.map((one) => one.code)).toSorted();
    };
    expect(await conflicts()).toEqual([]);
    const soon = new Date(Date.now() + 24 * HOUR_MS).toISOString();
    await sql`update exhibition.device set not_after = ${soon}
      where screen_id = ${screen!.id} and removed_at is null`.execute(database);
    const renamed = { cinemaId: cinema!.id, name: '1', number: 1, seats: 91, formats: [] };
    const { exhibition } = circuit.client;
    const params = { id: screen!.id };
    const screens = (await exhibition.screens({ query: { cinemaId: cinema!.id } })).rows;
    const { version } = screens.find((each) => each.id === screen!.id)!;
    await exhibition.updateScreen({ params, body: { ...renamed, version } });
    expect(await conflicts()).toEqual(['expired_screen_certificate']);
    await install(circuit, maker, screen!.id, 'longer');
    expect(await conflicts()).toEqual([]);
  });

  it('[HN11] follows a booking that moves an hour before the show', async () => {
    const { place, ready } = agentIn('a');
    const agent = await ready;
    const soon = new Date(Date.now() + HOUR_MS + 8 * HOUR_MS).toISOString();
    const [day, clock] = [soon.slice(0, 10), soon.slice(11, 16)];
    const [end] = [new Date(Date.parse(soon) + HOUR_MS).toISOString().slice(11, 16)];
    leave(place, 'programme', 'moved.csv', sheet(`2,${FILM_CODE},长夜,${day},${clock},${end}`));
    await agent.round();
    expect(await board()).toContainEqual(expect.arrayContaining(['2', 'red', 'missing_key']));
    const [, second] = scene.cinemas[0]!.screens;
    const query = { releaseId: scene.releaseId };
    const booking = (await scene.circuit.client.bookings.list({ query })).rows.find(
      (each) => each.cinemaId === scene.cinemas[0]!.id,
    )!;
    const move = { action: 'move' as const, bookingIds: [booking.id], screenIds: [second!.id] };
    await scene.circuit.client.bookings.answer({ body: move });
    await keysOrdered();
    await agent.round();
    expect(keysIn(place, '2')).toHaveLength(1);
    expect(keysIn(place, '1')).toEqual([]);
    expect(await board()).toContainEqual(['2', 'green']);
  });

  /** The orders that followed from a change by themselves, carried out. */
  async function keysOrdered(): Promise<void> {
    const { rows } = await scene.distributor.client.keys.orders({ query: { state: 'ordered' } });
    await allDone(
      scene.distributor,
      rows.flatMap((each) => each.jobId ?? []),
    );
  }

  it('[HN12] keeps the hours of the cinema though its own clock is hours off', async () => {
    const wrongMs = 9 * HOUR_MS;
    const shown = new Date(Date.now() + 8 * HOUR_MS);
    const hour = (offset: number) => String((shown.getUTCHours() + offset) % 24).padStart(2, '0');
    const open = [parseWindow(`${hour(0)}:00-${hour(1)}:59`)!];
    const shut = [parseWindow(`${hour(9)}:00-${hour(10)}:59`)!];
    const wrong = { now: () => Date.now() + wrongMs };
    const late = agentIn('c', { ...wrong, policy: { windows: shut, urgentHours: -1e6 } });
    expect(await (await late.ready).round()).toMatchObject({ fetched: 0, waiting: 1 });
    const right = agentIn('d', { ...wrong, policy: { windows: open, urgentHours: -1e6 } });
    expect(await (await right.ready).round()).toMatchObject({ fetched: 1, waiting: 0 });
    const [site] = (await scene.circuit.client.sites.list({ query: {} })).rows;
    expect(Math.round(site!.clockOffsetMs! / HOUR_MS)).toBe(9);
    expect(right.events.some((each) => each.kind === 'clock')).toBe(true);
  });

  it('[HN16] gives up a version alone, and with its original all that hangs on it', async () => {
    const { filmId, distributor } = scene;
    const { versions } = await distributor.client.film.get({ params: { id: filmId } });
    const film = { filmId, versionId: versions[0]!.id };
    const [pictures, titles] = [randomBytes(90_000), randomBytes(70_000)];
    const original = (await plantPackage(server, distributor, film)).packageId;
    await addFile(original, 'original.mxf', pictures);
    const versionOfIt = async () => {
      const { packageId } = await plantPackage(server, distributor, film);
      await sql`update distribution.package set original_ids = array[${original}::uuid]
        where id = ${packageId}`.execute(server.network.running.kernel.database);
      await addFile(packageId, 'titles.mxf', titles);
      return packageId;
    };
    const { place, ready } = agentIn('f');
    const agent = await ready;
    const shown = async () => {
      await agent.round();
      const files = readdirSync(join(place, 'ingest'), { recursive: true, encoding: 'utf8' });
      return files.filter((each) => each.endsWith('.mxf')).map((each) => each.split('/').at(-1));
    };
    const withdraw = async (id: string) =>
      (await distributor.client.sites.withdrawPackage({ params: { id } })).withdrawn.length;
    const first = await versionOfIt();
    expect((await shown()).toSorted()).toEqual(['original.mxf', 'titles.mxf']);
    expect(await withdraw(first)).toBe(1);
    expect(await shown()).toEqual(['original.mxf']);
    await versionOfIt();
    expect((await shown()).toSorted()).toEqual(['original.mxf', 'titles.mxf']);
    expect(await withdraw(original)).toBe(2);
    // What is left to play is the film's earlier package, and nothing of the pair.
    expect(await shown()).toEqual(['pic.mxf']);
    for (const content of [pictures, titles]) {
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      expect(await agent.store.has({ digest, sizeBytes: content.length })).toBe(false);
    }
    rmSync(place, { recursive: true, force: true });
  });

  it('[HN13] takes a package back while it comes, and leaves nothing of it', async () => {
    let seen = 0;
    const params = { id: scene.packageId };
    const cinemaId = scene.cinemas[0]!.id;
    const other = await scene.circuit.client.sites.create({ body: { cinemaId, name: '二号' } });
    const recalled = agentIn('e', {
      line: openLine({ serverUrl: BASE, token: other.token, fetch: overTheWire }),
      lookMs: 20,
      throttle: {
        async take(count) {
          seen += count;
          if (seen < FILE_BYTES / 3 || seen - count >= FILE_BYTES / 3) return;
          await scene.distributor.client.sites.withdrawPackage({ params });
          await pause(200);
        },
      },
    });
    const agent = await recalled.ready;
    expect(await agent.round()).toMatchObject({ fetched: 0, faults: 0 });
    await agent.round();
    expect(readdirSync(join(recalled.place, 'ingest'))).toEqual([]);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    expect(await agent.store.has({ digest, sizeBytes: bytes.length })).toBe(false);
    expect(keysIn(recalled.place, '2')).toEqual([]);
    // A box that held all of it gives it up as well.
    const whole = agentIn('a');
    await (await whole.ready).round();
    expect(whole.events).toContainEqual(expect.objectContaining({ kind: 'removed' }));
    expect(readdirSync(join(whole.place, 'ingest'))).toEqual([]);
    expect(await board()).toContainEqual(expect.arrayContaining(['2', 'red', 'withdrawn_package']));
  });
});
