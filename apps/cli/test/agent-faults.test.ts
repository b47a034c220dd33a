import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { createAgent } from '../src/agent/agent.ts';
import { isNearHost, openNeighbour } from '../src/agent/line.ts';
import { parseWindow, windowTexts } from '../src/agent/plan.ts';
import { folderName } from '../src/agent/publish.ts';
import { type Throttle } from '../src/agent/rate.ts';
import { shareStore } from '../src/agent/share.ts';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';
import {
  events,
  folder,
  freshSite,
  kinds,
  network,
  offer,
  optionsIn,
  PIECE,
} from './support-agent.ts';
import { digestOf } from './support-site.ts';

const HOUR_MS = 3_600_000;

freshSite();

const titlesReady = () => events.flatMap((each) => (each.kind === 'published' ? [each.title] : []));

/** Lets so many bytes through, then does something once, and goes on after it. */
function afterBytes(limit: number, action: () => void | Promise<void>): Throttle {
  let seen = 0;
  let running: Promise<void> | undefined;
  return {
    async take(bytes) {
      seen += bytes;
      if (seen >= limit) running ??= Promise.resolve(action());
      await running;
    },
  };
}

/** Long enough for the agent to have asked again, and to have drawn its conclusions. */
const LOOK_MS = 40;
const heard = () => pause(LOOK_MS * 8);

describe('an agent whose world changes while files come', () => {
  it('gives way to a show of tonight, and goes on where it was', async () => {
    const long = randomBytes(PIECE * 30);
    const soon = randomBytes(PIECE * 3);
    offer(1, { 'long.mxf': long }, Date.now() + 20 * HOUR_MS);
    const throttle = afterBytes(PIECE * 10, async () => {
      offer(2, { 'soon.mxf': soon }, Date.now() + HOUR_MS);
      await heard();
    });
    const agent = await createAgent(optionsIn('a', { throttle, lookMs: LOOK_MS }));
    expect(await agent.round()).toEqual({ fetched: 2, waiting: 0, faults: 0 });
    expect(titlesReady()).toEqual(['片2_FTR', '片1_FTR']);
    // No more than the pieces that were under way came twice.
    expect(network.sentBytes).toBeLessThanOrEqual(long.length + soon.length + 3 * 16 * PIECE);
    expect(digestOf(readFileSync(agent.store.pathOf(digestOf(long))))).toBe(digestOf(long));
  });

  it('ends a package that is taken back half-way, and keeps nothing of it', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(PIECE * 30) });
    const throttle = afterBytes(PIECE * 10, async () => {
      network.work.packages = [];
      network.work.withdrawn = [film.id];
      await heard();
    });
    const agent = await createAgent(optionsIn('a', { throttle, lookMs: LOOK_MS }));
    expect(await agent.round()).toEqual({ fetched: 0, waiting: 0, faults: 0 });
    expect(kinds()).toEqual(expect.arrayContaining(['yielding', 'removed']));
    expect(readdirSync(join(folder, 'a', 'parts'))).toEqual([]);
    expect(network.reports.at(-1)?.packages).toEqual([
      { id: film.id, state: 'removed', heldBytes: 0 },
    ]);
  });

  it('takes no fault from a file that the network stopped giving with its package', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(PIECE * 30) });
    const throttle = afterBytes(PIECE * 10, () => {
      network.work.packages = [];
      network.work.withdrawn = [film.id];
      network.files.clear();
      network.breakEvery = 1;
    });
    const agent = await createAgent(optionsIn('a', { throttle, lookMs: 60_000 }));
    network.breakEvery = PIECE * 8;
    expect(await agent.round()).toEqual({ fetched: 0, waiting: 0, faults: 0 });
  });

  it('goes on with what came while a file failed', async () => {
    offer(1, { 'a.mxf': randomBytes(PIECE * 30) });
    const throttle = afterBytes(PIECE * 10, () => {
      network.files.clear();
      network.breakEvery = 1;
      offer(2, { 'b.mxf': randomBytes(3) });
    });
    const agent = await createAgent(optionsIn('a', { throttle, lookMs: 60_000 }));
    network.breakEvery = PIECE * 8;
    expect(await agent.round()).toMatchObject({ fetched: 1, faults: 1 });
    expect(titlesReady()).toEqual(['片2_FTR']);
  });

  it('holds back what somebody paused, and fetches the rest of it later', async () => {
    const bytes = randomBytes(PIECE * 30);
    const film = offer(1, { 'a.mxf': bytes });
    const throttle = afterBytes(PIECE * 10, async () => {
      film.paused = true;
      await heard();
    });
    const agent = await createAgent(optionsIn('a', { throttle, lookMs: LOOK_MS }));
    expect((await agent.round()).fetched).toBe(0);
    const held = await agent.store.heldBytes(film.files[0]!, PIECE);
    expect(held).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'a', 'ingest', folderName(film)))).toBe(false);
    film.paused = false;
    const sent = network.sentBytes;
    expect((await agent.round()).fetched).toBe(1);
    expect(network.sentBytes - sent).toBe(bytes.length - held);
  });

  it('fetches what somebody put first at any hour', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(10) }, Date.now() + 300 * HOUR_MS);
    const local = new Date(Date.now() + 8 * HOUR_MS).getUTCHours();
    const shut = parseWindow(`${(local + 2) % 24}:00-${(local + 3) % 24}:00`)!;
    const policy = { windows: [shut], urgentHours: 24 };
    const agent = await createAgent(optionsIn('a', { policy }));
    expect((await agent.round()).waiting).toBe(1);
    film.first = true;
    expect((await agent.round()).fetched).toBe(1);
  });

  it('takes from a box beside it at any hour, and at any rate', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(PIECE * 5) }, Date.now() + 300 * HOUR_MS);
    const near = await createAgent(optionsIn('near'));
    await near.round();
    const shared = await shareStore(near.store, { host: '127.0.0.1', port: 0 });
    offer(2, { 'b.mxf': randomBytes(PIECE) }, Date.now() + 300 * HOUR_MS);
    const local = new Date(Date.now() + 8 * HOUR_MS).getUTCHours();
    const shut = parseWindow(`${(local + 2) % 24}:00-${(local + 3) % 24}:00`)!;
    network.sentBytes = 0;
    const throttled = vi.fn(async () => undefined);
    const over = {
      policy: { windows: [shut], urgentHours: 24 },
      neighbours: [openNeighbour('http://127.0.0.1:9'), openNeighbour(shared.url)],
      throttle: { take: throttled },
    };
    const agent = await createAgent(optionsIn('b', over));
    expect(await agent.round()).toEqual({ fetched: 1, waiting: 1, faults: 0 });
    expect(existsSync(join(folder, 'b', 'ingest', folderName(film)))).toBe(true);
    expect([network.sentBytes, throttled.mock.calls.length]).toEqual([0, 0]);
    expect(['10.0.0.5', '[fd00::1]', 'other-box', 'box.local'].every(isNearHost)).toBe(true);
    expect(['8.8.8.8', '172.32.0.1', 'box.example.cn', ''].some(isNearHost)).toBe(false);
    await shared.close();
  });

  it('stops when its hours end, in the middle of a piece', async () => {
    const bytes = randomBytes(PIECE * 30);
    const film = offer(1, { 'a.mxf': bytes }, Date.now() + 72 * HOUR_MS);
    const start = Date.parse('2026-05-01T05:00:00+08:00');
    network.work.now = new Date(start).toISOString();
    film.neededAt = new Date(start + 72 * HOUR_MS).toISOString();
    let now = start;
    const policy = { windows: [parseWindow('00:00-08:00')!], urgentHours: 24 };
    const throttle = afterBytes(PIECE * 9 + 100, async () => {
      now = Date.parse('2026-05-01T08:00:01+08:00');
      network.work.now = new Date(now).toISOString();
      await pause(600);
    });
    const agent = await createAgent(optionsIn('a', { throttle, policy, now: () => now }));
    expect(await agent.round()).toMatchObject({ fetched: 0, waiting: 1 });
    const held = await agent.store.heldBytes(film.files[0]!, PIECE);
    expect(held).toBeLessThan(PIECE * 14);
    now = Date.parse('2026-05-02T01:00:00+08:00');
    network.work.now = new Date(now).toISOString();
    expect((await agent.round()).fetched).toBe(1);
  });

  it('gets on over a line that breaks sooner than a piece takes', async () => {
    const bytes = randomBytes(PIECE * 4);
    offer(1, { 'a.mxf': bytes });
    network.breakEvery = Math.floor(PIECE * 0.7);
    const agent = await createAgent(optionsIn('a'));
    expect((await agent.round()).fetched).toBe(1);
    expect(network.sentBytes).toBeLessThan(bytes.length * 1.3);
  });

  it('asks boxes that the network names, and follows none of them elsewhere', async () => {
    const bytes = randomBytes(PIECE * 8);
    offer(1, { 'a.mxf': bytes });
    const near = await createAgent(optionsIn('near'));
    await near.round();
    const shared = await shareStore(near.store, { host: '127.0.0.1', port: 0 });
    network.work.neighbours = [shared.url];
    network.sentBytes = 0;
    const agent = await createAgent(optionsIn('b', { asksNamed: true }));
    expect((await agent.round()).fetched).toBe(1);
    expect(network.sentBytes).toBe(0);
    const other = await createAgent(optionsIn('c'));
    expect((await other.round()).fetched).toBe(1);
    expect(network.sentBytes).toBe(bytes.length);
    await shared.close();
  });
});

describe('an agent that is told nonsense', () => {
  const refuses = async () => {
    const agent = await createAgent(optionsIn('a'));
    await expect(agent.round()).rejects.toThrow();
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([]);
  };

  it('unpacks no answer without end', async () => {
    const body = gzipSync(Buffer.alloc(80 * 1024 * 1024, 32), { level: 1 });
    expect(body.length).toBeLessThan(1_000_000);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    network.workAnswer = { headers, body };
    await refuses();
  });

  it.each([
    ['a list that is none', '[1, 2'],
    ['too many neighbours', { neighbours: Array.from({ length: 99 }, () => 'http://a') }],
    ['a neighbour that is a path', { neighbours: ['http://a/../b?c'] }],
    ['a path without end', { packages: [{ files: [{ path: 'a/'.repeat(5000) }] }] }],
    ['a digest that is a path', { packages: [{ files: [{ digest: 'sha256:../../x' }] }] }],
    ['a length below nothing', { packages: [{ files: [{ sizeBytes: -1 }] }] }],
    ['more packages than any cinema has', { packages: Array.from({ length: 20_001 }, () => ({})) }],
  ])('refuses %s', async (_, wrong) => {
    const film = offer(1, { 'a.mxf': randomBytes(10) });
    const work = typeof wrong === 'string' ? wrong : JSON.stringify(merged(film, wrong));
    network.workAnswer = { headers: {}, body: Buffer.from(work) };
    await refuses();
  });

  /** The list of work with one thing wrong in it. */
  function merged(film: ReturnType<typeof offer>, wrong: object) {
    const { packages } = wrong as { packages?: { files?: object[] }[] };
    if (packages === undefined) return { ...network.work, ...wrong };
    const files = (each: { files?: object[] }) =>
      (each.files ?? [{}]).map((file) => ({ ...film.files[0], ...file }));
    return {
      ...network.work,
      packages: packages.map((each) => ({ ...film, files: files(each) })),
    };
  }

  it.each([
    { pieceBytes: 1 },
    { pieceBytes: 2 ** 40 },
    { blockPieces: 0 },
    { blockPieces: 10 ** 9 },
    { hashes: Array.from({ length: 9 }, () => 'aa') },
  ])('refuses pieces such as %j', async (wrong) => {
    offer(1, { 'a.mxf': randomBytes(10) });
    Object.assign(network.pieces, wrong);
    const agent = await createAgent(optionsIn('a'));
    expect(await agent.round()).toMatchObject({ fetched: 0, faults: 1 });
  });
});

describe('what a cinema hands in', () => {
  const outbox = () => join(folder, 'outbox');
  const put = (kind: string, name: string, text: string) => {
    mkdirSync(join(outbox(), kind), { recursive: true });
    const path = join(outbox(), kind, name);
    writeFileSync(path, text);
    utimesSync(path, new Date(), new Date(Date.now() - 60_000));
    return path;
  };
  const round = async (laterMs = 0) => {
    const now = () => Date.now() + laterMs;
    const agent = await createAgent(optionsIn('a', { outbox: outbox(), now }));
    return agent.round();
  };
  const paths = () => network.handedIn.map((each) => each.path);

  it('is sent once, whatever its name and however often it is put there', async () => {
    put('logs', '1号厅.xml', '<log/>');
    put('box-office', '2026-05-01.jsonl', '{}');
    put('programme', '五月.csv', 'a,b');
    await round();
    expect(paths()).toEqual([
      `/api/site/logs?name=${encodeURIComponent('1号厅.xml')}`,
      '/api/site/box-office?name=2026-05-01.jsonl',
      `/api/site/programme?name=${encodeURIComponent('五月.csv')}`,
    ]);
    expect(readdirSync(join(outbox(), 'logs'))).toEqual([]);
    put('logs', '1号厅.xml', '<log/>');
    put('logs', 'copy.xml', '<log/>');
    await round();
    expect(network.handedIn).toHaveLength(3);
    expect(readdirSync(join(outbox(), 'sent', 'logs'))).toHaveLength(3);
  });

  it('waits while it is written, and while the network is away', async () => {
    writeFileSync(put('logs', 'a.xml', '<log>'), '<log/>');
    network.handInStatus = 503;
    put('logs', 'b.xml', '<log2/>');
    await round();
    expect(readdirSync(join(outbox(), 'logs'))).toEqual(['a.xml', 'b.xml']);
    expect(network.handedIn).toHaveLength(1);
    network.handInStatus = 201;
    await round();
    expect(network.handedIn).toHaveLength(2);
    expect(readdirSync(join(outbox(), 'logs'))).toEqual(['a.xml']);
  });

  it('lies aside with the reason where it is refused, and stops nothing behind it', async () => {
    network.handInStatus = 422;
    put('logs', 'a.xml', '<hole/>');
    put('logs', 'b.xml', '<other/>');
    await round();
    expect(network.handedIn).toHaveLength(2);
    const refused = join(outbox(), 'refused', 'logs');
    expect(readFileSync(join(refused, 'a.xml.reason.txt'), 'utf8')).toContain('hole between');
    expect(readdirSync(join(outbox(), 'logs'))).toEqual([]);
  });

  it('is settled where two looks saw the same, whatever clock stamped it', async () => {
    const path = put('logs', 'a.xml', '<log>');
    const ahead = new Date(Date.now() + 365 * 24 * HOUR_MS);
    utimesSync(path, ahead, ahead);
    await round();
    writeFileSync(path, '<log>more');
    utimesSync(path, ahead, ahead);
    await round(10_000);
    expect(network.handedIn).toHaveLength(0);
    await round(20_000);
    expect(network.handedIn).toHaveLength(1);
  });

  it('is not cut where an upload stalls', async () => {
    const path = put('logs', 'a.xml', '<log>');
    utimesSync(path, new Date(), new Date(Date.now() - 20_000));
    await round();
    expect(network.handedIn).toHaveLength(0);
  });

  it('is told once that it is a folder', async () => {
    mkdirSync(join(outbox(), 'logs', 'may'), { recursive: true });
    await round();
    await round();
    expect(events.filter((each) => each.kind === 'refused')).toEqual([
      expect.objectContaining({ name: 'logs/may' }),
    ]);
  });

  it('is no link to another file of the box', async () => {
    writeFileSync(join(folder, 'secret'), 'token');
    mkdirSync(join(outbox(), 'logs'), { recursive: true });
    symlinkSync(join(folder, 'secret'), join(outbox(), 'logs', 'a.xml'));
    await round();
    expect(network.handedIn).toEqual([]);
  });
});

describe('the words of an agent', () => {
  it('set a box up by one line, with a credential that root alone reads', async () => {
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const token = `yls_${'a'.repeat(43)}`;
    const root = join(folder, 'root');
    const given = ['--rate-mbit', '2', '--neighbour', 'http://10.0.0.2:4310', '--no-named'];
    const folders = ['--ingest', '/srv/theatre server'];
    const server = ['--server', 'https://network.example'];
    const line = [...server, 'agent', ...given, ...folders, 'install', '--root', root];
    const code = await main([...line, '--token', token]);
    const wrong = await main([...line, '--token', 'yl_another-kind-of-key-altogether']).catch(
      () => EXIT.misused,
    );
    vi.restoreAllMocks();
    expect([code, wrong]).toEqual([EXIT.done, EXIT.misused]);
    const path = join(root, 'etc', 'yinglian', 'site-token');
    expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const unit = join(root, 'etc', 'systemd', 'system', 'yinglian-agent.service');
    const said = readFileSync(unit, 'utf8');
    expect(said).toContain('Environment=YINGLIAN_SERVER=https://network.example\n');
    expect(said).toContain(`${given.join(' ')} --window 00:00-08:00 --token-file`);
    expect(said).toContain('--ingest "/srv/theatre server"');
    expect(said).toContain('ReadWritePaths=/var/lib/yinglian-site "/srv/theatre server"\n');
    expect(said).toContain(`ExecStart=${process.execPath} `);
    expect(said).not.toContain(token);
    expect(existsSync(join(root, 'var', 'lib', 'yinglian-site', 'outbox', 'logs'))).toBe(true);
  });

  it('show its hours on both clocks when its own is wrong', async () => {
    const windows = [parseWindow('00:00-08:00')!];
    expect(windowTexts(windows, 7 * HOUR_MS)).toEqual({
      cinema: '00:00-08:00',
      box: '07:00-15:00',
    });
    expect(windowTexts(windows, -90 * 60_000).box).toBe('22:30-06:30');
    const policy = { windows, urgentHours: 24 };
    const now = () => Date.now() + 7 * HOUR_MS;
    await (await createAgent(optionsIn('a', { policy, now }))).round();
    expect(events[0]).toMatchObject({ kind: 'clock', windows: { box: '07:00-15:00' } });
  });

  it('say what to do where there is no credential', async () => {
    let said = '';
    const keep = (text: unknown) => ((said += String(text)), true);
    vi.spyOn(process.stdout, 'write').mockImplementation(keep);
    vi.spyOn(process.stderr, 'write').mockImplementation(keep);
    vi.stubEnv('YINGLIAN_SITE_TOKEN', '');
    const code = await main(['agent', '--once', '--folder', join(folder, 'x')]);
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    expect(code).toBe(EXIT.misused);
    expect(said).toContain('--token-file /etc/yinglian/site-token --once');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
