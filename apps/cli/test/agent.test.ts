import { randomBytes } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAgent } from '../src/agent/agent.ts';
import { openNeighbour } from '../src/agent/line.ts';
import { isOpen, parseWindow, planFiles } from '../src/agent/plan.ts';
import { folderName, safeName, safeParts } from '../src/agent/publish.ts';
import { shareStore } from '../src/agent/share.ts';
import { openStore } from '../src/agent/store.ts';
import { systemdUnit } from '../src/agent/unit.ts';
import { folder, freshSite, ID, kinds, network, offer, optionsIn, PIECE } from './support-agent.ts';
import { digestOf } from './support-site.ts';

freshSite();

describe('the agent of a cinema', () => {
  it('fetches a package whole, shows it at once, and says so', async () => {
    const bytes = randomBytes(PIECE * 9 + 77);
    const film = offer(1, {
      'ASSETMAP.xml': Buffer.from('<a/>'),
      'sub/pic.mxf': bytes,
      'empty.txt': Buffer.alloc(0),
    });
    const agent = await createAgent(optionsIn('a'));
    expect(await agent.round()).toEqual({ fetched: 3, waiting: 0, faults: 0 });
    const place = join(folder, 'a', 'ingest', folderName(film));
    expect(readFileSync(join(place, 'sub', 'pic.mxf')).equals(bytes)).toBe(true);
    expect(statSync(join(place, 'empty.txt')).size).toBe(0);
    expect(network.reports.at(-1)?.packages).toEqual([
      { id: film.id, state: 'verified', heldBytes: bytes.length + 4 },
    ]);
    const sent = network.sentBytes;
    expect(await agent.round()).toEqual({ fetched: 0, waiting: 0, faults: 0 });
    expect(network.sentBytes).toBe(sent);
    expect(readdirSync(join(folder, 'a', 'ingest')).filter((each) => each.startsWith('.'))).toEqual(
      [],
    );
  });

  it('loses no more than the piece under way when the line breaks', async () => {
    const bytes = randomBytes(PIECE * 40);
    offer(1, { 'pic.mxf': bytes });
    network.breakAfter = PIECE * 13 + 500;
    const agent = await createAgent(optionsIn('a'));
    expect((await agent.round()).fetched).toBe(1);
    // Three streams, each with one piece under way at most.
    expect(network.sentBytes).toBeLessThanOrEqual(bytes.length + 3 * PIECE);
    expect(await agent.store.has({ digest: digestOf(bytes), sizeBytes: bytes.length })).toBe(true);
  });

  it('goes on after a kill with what it has', async () => {
    const bytes = randomBytes(PIECE * 40);
    offer(1, { 'pic.mxf': bytes });
    const stop = new AbortController();
    // The window closes in the middle; then the process is gone and another begins.
    let calls = 0;
    const first = await createAgent(
      optionsIn('a', {
        signal: stop.signal,
        throttle: {
          take: async () => {
            if (++calls === 20) stop.abort();
          },
        },
      }),
    );
    await expect(first.round()).rejects.toThrow();
    const before = network.sentBytes;
    const held = await first.store.heldBytes(
      { digest: digestOf(bytes), sizeBytes: bytes.length },
      PIECE,
    );
    expect(held).toBeGreaterThan(0);
    const second = await createAgent(optionsIn('a'));
    expect((await second.round()).fetched).toBe(1);
    expect(network.sentBytes - before).toBe(bytes.length - held);
  });

  it('takes no wrong byte, whoever sends it', async () => {
    const bytes = randomBytes(PIECE * 3);
    offer(1, { 'pic.mxf': bytes });
    network.isCorrupt = true;
    const agent = await createAgent(optionsIn('a'));
    expect((await agent.round()).fetched).toBe(1);
    expect(digestOf(readFileSync(agent.store.pathOf(digestOf(bytes))))).toBe(digestOf(bytes));
  });

  it('finds on its disk what is not as it came, and fetches it again', async () => {
    const bytes = randomBytes(PIECE * 2);
    const wanted = { digest: digestOf(bytes), sizeBytes: bytes.length };
    offer(1, { 'pic.mxf': bytes });
    const store = await openStore(join(folder, 'a'));
    const part = await store.openPart(wanted, PIECE);
    await part.write(randomBytes(PIECE), 0);
    await part.mark(0);
    await part.close();
    const agent = await createAgent(optionsIn('a'));
    expect((await agent.round()).fetched).toBe(1);
    expect(digestOf(readFileSync(store.pathOf(wanted.digest)))).toBe(wanted.digest);
  });

  it('asks a neighbour first, and the network for what the neighbour spoils', async () => {
    const bytes = randomBytes(PIECE * 20);
    offer(1, { 'pic.mxf': bytes });
    const near = await createAgent(optionsIn('near'));
    await near.round();
    const shared = await shareStore(near.store, { host: '127.0.0.1', port: 0 });
    network.sentBytes = 0;
    const neighbours = [openNeighbour('http://127.0.0.1:9'), openNeighbour(shared.url)];
    const agent = await createAgent(optionsIn('b', { neighbours }));
    expect((await agent.round()).fetched).toBe(1);
    expect(network.sentBytes).toBe(0);
    const path = near.store.pathOf(digestOf(bytes));
    const spoiled = readFileSync(path);
    spoiled[PIECE + 5]! ^= 1;
    writeFileSync(path, spoiled);
    const other = await createAgent(optionsIn('c', { neighbours: [openNeighbour(shared.url)] }));
    expect((await other.round()).fetched).toBe(1);
    expect(network.sentBytes).toBeLessThan(bytes.length);
    expect(digestOf(readFileSync(other.store.pathOf(digestOf(bytes))))).toBe(digestOf(bytes));
    const stranger = await fetch(`${shared.url}/objects/../state.json`);
    expect(stranger.status).toBe(404);
    await shared.close();
  });

  it('brings only what a second package adds', async () => {
    const [common, added] = [randomBytes(PIECE * 5), randomBytes(PIECE)];
    offer(1, { 'a.mxf': common });
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    const sent = network.sentBytes;
    const second = offer(2, { 'x/a.mxf': common, 'b.mxf': added });
    await agent.round();
    expect(network.sentBytes - sent).toBe(added.length);
    const place = join(folder, 'a', 'ingest', folderName(second), 'x', 'a.mxf');
    expect(readFileSync(place).equals(common)).toBe(true);
  });

  it('keeps its hours, except for what is needed soon', async () => {
    const hour = 3_600_000;
    offer(1, { 'later.mxf': randomBytes(10) }, Date.now() + 72 * hour);
    const soon = offer(2, { 'soon.mxf': randomBytes(10) }, Date.now() + 5 * hour);
    const local = new Date(Date.now() + 8 * hour).getUTCHours();
    const shut = parseWindow(`${(local + 2) % 24}:00-${(local + 3) % 24}:00`)!;
    const agent = await createAgent(
      optionsIn('a', {
        policy: { windows: [shut], urgentHours: 24 },
      }),
    );
    expect(await agent.round()).toEqual({ fetched: 1, waiting: 1, faults: 0 });
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([folderName(soon)]);
  });

  it('reads its hours from the network’s clock when its own is wrong', async () => {
    const hour = 3_600_000;
    offer(1, { 'later.mxf': randomBytes(10) }, Date.now() + 72 * hour);
    const local = new Date(Date.now() + 8 * hour).getUTCHours();
    const open = parseWindow(`${local}:00-${(local + 2) % 24}:00`)!;
    const agent = await createAgent(
      optionsIn('a', {
        policy: { windows: [open], urgentHours: 24 },
        now: () => Date.now() + 7 * hour,
      }),
    );
    expect((await agent.round()).fetched).toBe(1);
    expect(kinds()).toContain('clock');
  });

  it('takes a withdrawn package away at once, another after some days', async () => {
    const first = offer(1, { 'a.mxf': randomBytes(100) });
    const second = offer(2, { 'b.mxf': randomBytes(100) });
    let now = Date.now();
    const agent = await createAgent(optionsIn('a', { now: () => now }));
    await agent.round();
    network.work.packages = [];
    network.work.withdrawn = [first.id];
    await agent.round();
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([folderName(second)]);
    expect(network.reports.at(-1)?.packages).toEqual([
      { id: first.id, state: 'removed', heldBytes: 0 },
    ]);
    now += 8 * 86_400_000;
    network.work.now = new Date(now).toISOString();
    await agent.round();
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([]);
    expect(existsSync(agent.store.pathOf(second.files[0]!.digest))).toBe(false);
  });

  it('says that the disk is full instead of filling it', async () => {
    offer(1, { 'a.mxf': randomBytes(100) });
    const agent = await createAgent(optionsIn('a', { reserveBytes: Number.MAX_SAFE_INTEGER }));
    expect(await agent.round()).toEqual({ fetched: 0, waiting: 1, faults: 0 });
    expect(kinds()).toContain('full');
  });

  it('puts keys where their screen looks, and removes them when they end', async () => {
    const key = Buffer.from('<DCinemaSecurityMessage/>');
    network.files.set(digestOf(key), key);
    network.work.keys = [
      {
        id: ID(9),
        packageId: ID(1),
        name: 'KDM_片.xml',
        screenName: '../1号',
        digest: digestOf(key),
        sizeBytes: key.length,
        notBefore: network.work.now,
        notAfter: network.work.now,
      },
    ];
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    const path = join(folder, 'a', 'keys', safeName('../1号'), 'KDM_片.xml');
    expect(readFileSync(path).equals(key)).toBe(true);
    network.work.keys = [];
    await agent.round();
    expect(existsSync(path)).toBe(false);
  });

  it('follows no path out of its package', async () => {
    offer(1, { '../../outside': randomBytes(10) });
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    expect(kinds()).toContain('fault');
    expect(existsSync(join(folder, 'outside'))).toBe(false);
    expect(
      readdirSync(join(folder, 'a', 'ingest')).filter((each) => !each.startsWith('.')),
    ).toEqual([]);
  });

  it('publishes every name that the network takes, and counts one that it does not', async () => {
    const names = ['影'.repeat(80), 'e\u0301.txt', '.hidden', ' blank ', '1/2/3/4/5/6/7/8/9/10/11'];
    const film = offer(1, Object.fromEntries(names.map((each) => [each, randomBytes(9)])));
    const agent = await createAgent(optionsIn('a'));
    expect((await agent.round()).faults).toBe(0);
    for (const name of names) {
      expect(existsSync(join(folder, 'a', 'ingest', folderName(film), name))).toBe(true);
    }
    offer(2, { ['影'.repeat(86)]: randomBytes(9) });
    expect((await agent.round()).faults).toBe(1);
    expect(network.reports.at(-1)?.packages[1]?.state).toBe('arriving');
  });

  it('fills its ingest folder again where somebody emptied it', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(100), 'b.mxf': randomBytes(50) });
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    const place = join(folder, 'a', 'ingest', folderName(film));
    rmSync(join(place, 'a.mxf'));
    const sent = network.sentBytes;
    await agent.round();
    rmSync(join(folder, 'a', 'ingest'), { recursive: true });
    await (await createAgent(optionsIn('a'))).round();
    expect(readdirSync(place)).toEqual(['a.mxf', 'b.mxf']);
    expect(network.sentBytes).toBe(sent);
    expect(network.reports.at(-1)?.packages[0]?.state).toBe('verified');
  });

  it('takes a withdrawn package away though it forgot that it put it there', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(100) });
    const other = { ...offer(2, { 'b.mxf': randomBytes(100) }) };
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    writeFileSync(join(folder, 'a', 'state.json'), '');
    network.work.packages = network.work.packages.filter((each) => each.id === other.id);
    network.work.withdrawn = [film.id];
    await agent.round();
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([folderName(other)]);
  });

  it('outlives a network that is away', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(100) });
    const agent = await createAgent(optionsIn('a'));
    await agent.round();
    network.isDown = true;
    expect(await agent.round()).toEqual({ fetched: 0, waiting: 0, faults: 0 });
    expect(readdirSync(join(folder, 'a', 'ingest'))).toEqual([folderName(film)]);
    network.isDown = false;
    expect((await agent.round()).faults).toBe(0);
  });
});

describe('the plan of an agent', () => {
  it('names nothing that leads elsewhere', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const name = safeName(text);
        expect(name).not.toMatch(/[\\/\p{Cc}]/u);
        expect(name).not.toMatch(/^\./);
        expect(name.length).toBeGreaterThan(0);
      }),
    );
    expect([' ..', '\t.', '... x', '  '].map(safeName)).toEqual(['_', '_.', '_ x', '_']);
    for (const path of ['../a', '/a', 'a//b', './a', 'a/..', 'a\\b', 'C:/x', '']) {
      expect(safeParts(path)).toBeUndefined();
    }
    expect(safeParts('sub/pic.mxf')).toEqual(['sub', 'pic.mxf']);
  });

  it('knows hours over midnight, on the clock of the cinema', () => {
    const night = [parseWindow('22:00-06:30')!];
    const at = (clock: string) => Date.parse(`2026-05-01T${clock}:00+08:00`);
    expect(
      ['21:59', '22:00', '23:59', '00:00', '06:29', '06:30'].map((clock) =>
        isOpen(night, at(clock), 'Asia/Shanghai'),
      ),
    ).toEqual([false, true, true, true, true, false]);
    expect(isOpen(night, at('05:00'), 'Europe/Paris')).toBe(true);
    for (const wrong of ['', '8-9', '08:60-09:00', '25:00-26:00', '08:00-08:00']) {
      expect(parseWindow(wrong)).toBeUndefined();
    }
  });

  it('puts first what is needed first, and each file once', () => {
    const file = (name: string, sizeBytes: number) => ({ path: name, digest: name, sizeBytes });
    const now = Date.parse('2026-05-01T12:00:00Z');
    const planned = planFiles(
      [
        {
          paused: false,
          first: false,
          id: ID(1),
          title: 'a',
          neededAt: '2026-05-09T12:00:00Z',
          files: [file('x', 5), file('y', 9)],
        },
        {
          paused: false,
          first: false,
          id: ID(2),
          title: 'b',
          neededAt: '2026-05-01T20:00:00Z',
          files: [file('z', 7), file('y', 9), file('cpl', 1)],
        },
      ],
      now,
      { windows: [], urgentHours: 24 },
    );
    expect(planned.map((each) => [each.digest, each.isUrgent])).toEqual([
      ['cpl', true],
      ['z', true],
      ['y', true],
      ['x', false],
    ]);
  });

  it('writes a unit without the credential', () => {
    const unit = systemdUnit({
      user: 'site',
      folder: '/srv/site',
      serverUrl: 'https://n.test',
      program: ['/usr/bin/node', '/opt/yinglian.mjs'],
      writable: [],
      options: ['--window', '00:00-08:00'],
    });
    expect(unit).toContain('--window 00:00-08:00');
    expect(unit).toContain('LoadCredential=token:');
    expect(unit).not.toContain('yls_');
  });
});
