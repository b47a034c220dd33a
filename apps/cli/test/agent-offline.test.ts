import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAgent } from '../src/agent/agent.ts';
import { LineFault as Refused, openNeighbour } from '../src/agent/line.ts';
import { folderName } from '../src/agent/publish.ts';
import { shareStore } from '../src/agent/share.ts';
import { folder, freshSite, ID, kinds, network, offer, optionsIn } from './support-agent.ts';
import { digestOf } from './support-site.ts';

const DAY_MS = 86_400_000;

freshSite();

const ingestOf = (name: string) => readdirSync(join(folder, name, 'ingest'));

/** A box that holds what the network offers, and gives it to others. */
async function neighbourWithAll() {
  const agent = await createAgent(optionsIn('near'));
  await agent.round();
  return shareStore(agent.store, { host: '127.0.0.1', port: 0 });
}

describe('an agent without a line', () => {
  it('fetches from a neighbour what it was told of, publishes it, and says so once', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(300_000), 'b.xml': randomBytes(90) });
    const near = await neighbourWithAll();
    const neighbours = [openNeighbour(near.url)];
    const policy = { windows: [{ fromMinute: 0, toMinute: 1 }], urgentHours: 0 };
    try {
      // It hears what is wanted, outside the hours of the line, while no neighbour is there yet.
      const now = () => Date.parse('2026-05-01T12:00:00+08:00');
      network.work.now = new Date(now()).toISOString();
      network.work.packages[0]!.neededAt = new Date(now() + 9 * DAY_MS).toISOString();
      const alone = await createAgent(optionsIn('a', { policy, now }));
      expect(await alone.round()).toMatchObject({ fetched: 0, waiting: 2 });
      network.isDown = true;
      const sent = network.sentBytes;
      // A new process: nothing is left but what lies on the disk.
      const agent = await createAgent(optionsIn('a', { policy, now, neighbours }));
      expect(await agent.round()).toEqual({ fetched: 2, waiting: 0, faults: 0 });
      expect(ingestOf('a')).toEqual([folderName(film)]);
      expect(network.sentBytes).toBe(sent);
      await agent.round();
      expect(kinds().filter((each) => each === 'offline')).toHaveLength(1);
    } finally {
      await near.close();
    }
  });

  it('takes nothing from a neighbour that is not what was announced', async () => {
    offer(1, { 'a.mxf': randomBytes(300_000) });
    const near = await neighbourWithAll();
    const good = network.files.get(network.work.packages[0]!.files[0]!.digest)!;
    try {
      const stored = network.work.packages[0]!.files[0]!.digest.slice(7);
      const place = join(folder, 'near', 'objects', stored.slice(0, 2), stored.slice(2));
      const policy = { windows: [{ fromMinute: 0, toMinute: 1 }], urgentHours: 0 };
      const now = () => Date.parse('2026-05-01T12:00:00+08:00');
      network.work.now = new Date(now()).toISOString();
      network.work.packages[0]!.neededAt = new Date(now() + 9 * DAY_MS).toISOString();
      await (await createAgent(optionsIn('a', { policy, now }))).round();
      network.isDown = true;
      writeFileSync(place, randomBytes(good.length));
      const neighbours = [openNeighbour(near.url)];
      const agent = await createAgent(optionsIn('a', { policy, now, neighbours }));
      expect((await agent.round()).faults).toBe(1);
      expect(ingestOf('a')).toEqual([]);
      writeFileSync(place, good);
      expect((await agent.round()).fetched).toBe(1);
      expect(ingestOf('a')).toHaveLength(1);
    } finally {
      await near.close();
    }
  });

  it('cleans, holds its hand-in back, and hands in when the line is there again', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(100) });
    let day = 0;
    const now = () => Date.parse(network.work.now) + day * DAY_MS;
    const outbox = join(folder, 'a', 'outbox');
    const agent = await createAgent(optionsIn('a', { now, outbox }));
    await agent.round();
    network.work.packages = [];
    await agent.round();
    expect(ingestOf('a')).toEqual([folderName(film)]);
    network.isDown = true;
    mkdirSync(join(outbox, 'logs'), { recursive: true });
    writeFileSync(join(outbox, 'logs', 'l.csv'), 'a');
    day = 8;
    expect((await agent.round()).faults).toBe(0);
    expect(ingestOf('a')).toEqual([]);
    expect(network.handedIn).toEqual([]);
    network.isDown = false;
    network.work.now = new Date(now()).toISOString();
    day = 0;
    await agent.round();
    expect(network.handedIn.map((each) => each.path)).toEqual(['/api/site/logs?name=l.csv']);
  });

  it('does not believe a torn list, and a refused credential is no lost line', async () => {
    offer(1, { 'a.mxf': randomBytes(100) });
    await (await createAgent(optionsIn('a'))).round();
    const path = join(folder, 'a', 'work.sealed');
    const whole = readFileSync(path, 'utf8');
    network.isDown = true;
    writeFileSync(path, whole.slice(0, -10));
    await expect((await createAgent(optionsIn('a'))).round()).rejects.toThrow();
    writeFileSync(path, whole);
    expect(await (await createAgent(optionsIn('a'))).round()).toMatchObject({ faults: 0 });
    network.isDown = false;
    network.work.packages = [];
    const refused = { ...optionsIn('a').line, work: () => Promise.reject(new Refused(401, 'no')) };
    await expect((await createAgent(optionsIn('a', { line: refused }))).round()).rejects.toThrow();
  });
});

describe('an agent that lost its memory', () => {
  it('finds what it published, keeps it its days, and takes it away', async () => {
    const film = offer(1, { 'a.mxf': randomBytes(100) });
    const other = offer(2, { 'b.mxf': randomBytes(100) });
    const byHand = join(folder, 'a', 'ingest', 'FILM_OV_20260101');
    let day = 0;
    const start = Date.parse(network.work.now);
    const now = () => start + day * DAY_MS;
    const key = randomBytes(60);
    network.files.set(digestOf(key), key);
    const moment = network.work.now;
    network.work.keys = [{ id: ID(7), packageId: film.id, name: 'k.xml', screenName: '1',
      digest: digestOf(key), sizeBytes: 60, notBefore: moment, notAfter: moment }];
    await (await createAgent(optionsIn('a', { now }))).round();
    mkdirSync(byHand);
    const keyPath = join(folder, 'a', 'keys', '1', 'k.xml');
    expect(existsSync(keyPath)).toBe(true);
    rmSync(join(folder, 'a', 'state.json'));
    network.work.packages = network.work.packages.filter((each) => each.id === other.id);
    network.work.keys = [];
    const sent = network.sentBytes;
    const agent = await createAgent(optionsIn('a', { now }));
    await agent.round();
    // What was there is known again: nothing is fetched or published anew.
    expect(network.sentBytes).toBe(sent);
    expect(existsSync(keyPath)).toBe(false);
    const all = [folderName(film), folderName(other), 'FILM_OV_20260101'];
    expect(ingestOf('a').toSorted()).toEqual(all.toSorted());
    day = 8;
    network.work.now = new Date(now()).toISOString();
    await agent.round();
    // What others put there is none of its business.
    expect(ingestOf('a').toSorted()).toEqual(all.slice(1).toSorted());
    expect(readdirSync(join(folder, 'a', 'published'))).toHaveLength(1);
  });
});
