import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createMediaEngine } from '@yinglian/media';
import { createGeneration, manifestDate, verifyTree } from '@yinglian/mhl';
import { diskTree, loadHashing, openHashPool } from '@yinglian/transfer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAYLIGHT, NEUTRAL, rawFrame } from '../../../media/test/dng.ts';
import { clipsIn, sequenceFindings } from '../../src/production/media/arrival/clips.ts';
import { layFile } from '../../src/production/media/lay-file.ts';
import { pictureHeader } from '../../src/production/media/picture-header.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, upload } from './support.ts';

const digestOf = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('media that arrives', () => {
  let server: TestServer;
  let person: TestPerson;
  let other: TestPerson;
  let folder: string;
  let filmId: string;
  beforeAll(async () => {
    server = await createTestServer();
    folder = mkdtempSync(join(tmpdir(), 'yinglian-arrivals-'));
    person = await server.newOrganisation('post_house');
    other = await server.newOrganisation('producer');
    filmId = await newFilm(person);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function newFilm({ client }: TestPerson): Promise<string> {
    const body = { title: '到料', titleEnglish: null, versions: [] };
    return (await client.film.create({ body })).id;
  }

  /** A card on disk, with a history of the first offload. */
  async function card(name: string, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
    const at = join(folder, name);
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(at, path)), { recursive: true });
      writeFileSync(join(at, path), bytes);
    }
    const pool = openHashPool(1);
    const made = await createGeneration(diskTree(at, pool), await loadHashing(), {
      formats: ['md5'], startedAt: Date.now(), now: Date.now,
      creator: {
        creationDate: manifestDate(Date.now()), hostname: 'cart',
        tool: { name: 'test', version: '1' }, authors: [],
      },
    });
    await pool.close();
    expect(made.findings).toEqual([]);
    return at;
  }

  const filesIn = (at: string, below = ''): string[] =>
    readdirSync(join(at, below)).flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      return statSync(join(at, path)).isDirectory() ? filesIn(at, path) : [path];
    });

  async function arrive(
    at: string, name: string, change: (path: string) => Uint8Array | undefined,
  ) {
    const arrival = await person.client.arrivals.create({ body: { filmId, name } });
    const files = [];
    for (const path of filesIn(at)) {
      const bytes = change(path);
      if (bytes === undefined) continue;
      const id = await upload(person, path.split('/').at(-1)!, bytes);
      const modifiedAt = statSync(join(at, path)).mtime.toISOString();
      files.push({ path, fileId: id, modifiedAt });
    }
    await person.client.arrivals.add({ params: { id: arrival.id }, body: { files } });
    return arrival.id;
  }

  async function seal(id: string, ingest = false, rate?: string) {
    const { version } = await person.client.arrivals.one({ params: { id } });
    const { jobId } = await person.client.arrivals.seal({
      params: { id },
      body: { version, ingest, ...(rate === undefined ? {} : { sequenceFrameRate: rate }) },
    });
    const job = await server.jobDone(person.client, jobId);
    expect(job.findings).toEqual([]);
    expect(job.state).toBe('done');
    return person.client.arrivals.one({ params: { id } });
  }

  it('[HMA1] is put together from uploads and known content, and shows duplicates', async () => {
    const bytes = new Uint8Array(randomBytes(5000));
    const { client } = person;
    const fileId = await upload(person, 'A001.mov', bytes);
    const first = await client.arrivals.create({ body: { filmId, name: 'A001' } });
    const known = { path: 'CLIPS/A001.mov', digest: digestOf(bytes) };
    const unknown = { path: 'CLIPS/A002.mov', digest: digestOf(randomBytes(9)) };
    const params = { id: first.id };
    expect(await client.arrivals.add({ params, body: { files: [known, unknown] } }))
      .toEqual({ added: 1, unknown: ['CLIPS/A002.mov'] });
    const second = await client.arrivals.create({ body: { filmId, name: 'A001 again' } });
    await client.arrivals.add({
      params: { id: second.id }, body: { files: [{ path: 'A001.mov', fileId }] },
    });
    expect(await client.arrivals.one({ params: { id: second.id } }))
      .toMatchObject({ files: 1, sizeBytes: 5000, duplicates: 1, state: 'open' });
    const { rows } = await client.arrivals.files({
      params: { id: second.id }, query: { duplicates: '1' },
    });
    expect(rows).toMatchObject([{
      path: 'A001.mov', same: [{ arrivalId: first.id, arrival: 'A001', path: 'CLIPS/A001.mov' }],
    }]);
    for (const path of ['../A.mov', '/A.mov', 'a//b', 'a\\b', 'C:/a', 'a/./b', ' ', 'a\u0007']) {
      const problem = await problemOf(client.arrivals.add({
        params, body: { files: [{ path, fileId }] },
      }));
      expect([path, problem.code]).toEqual([path, 'invalid']);
    }
    // Somebody else's content is not found by its hash.
    const theirs = await other.client.arrivals.create({
      body: { filmId: await newFilm(other), name: 'x' },
    });
    expect(await other.client.arrivals.add({ params: { id: theirs.id }, body: { files: [known] } }))
      .toEqual({ added: 0, unknown: ['CLIPS/A001.mov'] });
  });

  it('[HMA2] is sealed by a generation that verifies on any disk', async () => {
    const at = await card('B001', {
      'CLIPS/B001C001.bin': randomBytes(200_000),
      'CLIPS/影 é.bin': randomBytes(10),
      'empty.txt': new Uint8Array(0),
    });
    const id = await arrive(at, 'B001', (path) => readFileSync(join(at, path)));
    const sealed = await seal(id);
    expect(sealed).toMatchObject({
      state: 'sealed', findings: [],
      counts: { verified: 3, failed: 0, missing: 0, renamed: 0 },
    });
    const { rows } = await person.client.arrivals.files({ params: { id }, query: {} });
    const written = rows.filter((each) => each.origin === 'network').map((each) => each.path);
    expect(written).toHaveLength(2);
    expect(written.some((path) => /^ascmhl\/0002_B001_.*\.mhl$/.test(path))).toBe(true);
    const back = join(folder, 'back', 'B001');
    for (const { path, fileId, modifiedAt } of rows) {
      mkdirSync(dirname(join(back, path)), { recursive: true });
      const file = await person.client.files.download({ params: { id: fileId }, query: {} });
      writeFileSync(join(back, path), await bytesOf(file));
      if (modifiedAt !== null) expect(Number.isNaN(Date.parse(modifiedAt))).toBe(false);
    }
    const list = written.find((path) => path.endsWith('.mhl'))!;
    const manifest = readFileSync(join(back, list), 'utf8');
    expect(manifest).toContain('<process>transfer</process>');
    expect(manifest).toContain('xxh128');
    const pool = openHashPool(1);
    const verified = await verifyTree(diskTree(back, pool), await loadHashing(), {
      everyFormat: true, folders: true,
    });
    await pool.close();
    expect(verified.findings).toEqual([]);
    expect(verified.counts.verified).toBe(3);
    // Sealed again it goes on to the third generation.
    expect(await seal(id)).toMatchObject({ state: 'sealed', counts: { failed: 0 } });
    const again = await person.client.arrivals.files({ params: { id }, query: {} });
    expect(again.rows.filter((each) => /0003_.*\.mhl$/.test(each.path))).toHaveLength(1);
  });

  it('[HMA3] says which file is not what its list says, and takes nothing of it in', async () => {
    const at = await card('C001', { 'a.bin': randomBytes(900), 'b.bin': randomBytes(900) });
    const id = await arrive(at, 'C001', (path) => {
      const bytes = Uint8Array.from(readFileSync(join(at, path)));
      if (path === 'a.bin') bytes[450]! ^= 1;
      return path === 'b.bin' ? undefined : bytes;
    });
    const sealed = await seal(id, true);
    expect(sealed).toMatchObject({ state: 'faulty', counts: { failed: 1, missing: 1 } });
    expect(sealed.findings.some((each) => each.at['path'] === 'a.bin')).toBe(true);
    expect((await person.client.production.assets({ query: { filmId } })).rows).toEqual([]);
  });

  it('[HMA3] holds it against lists of MHL v1 too', async () => {
    const at = join(folder, 'D001');
    mkdirSync(at);
    const clip = randomBytes(500);
    writeFileSync(join(at, 'clip.bin'), clip);
    const md5 = createHash('md5').update(clip).digest('hex');
    writeFileSync(join(at, 'D001.mhl'), '<?xml version="1.0"?><hashlist version="1.1">'
      + `<hash><file>clip.bin</file><size>500</size><md5>${md5}</md5></hash></hashlist>`);
    const right = await arrive(at, 'D001', (path) => readFileSync(join(at, path)));
    expect(await seal(right)).toMatchObject({ state: 'sealed' });
    const wrong = await arrive(at, 'D001', (path) =>
      (path === 'clip.bin' ? randomBytes(500) : readFileSync(join(at, path))));
    expect(await seal(wrong)).toMatchObject({ state: 'faulty' });
  });

  it('[HMA7] keeps what was proven, and takes a better file into a faulty roll', async () => {
    const at = await card('F001', { 'a.bin': randomBytes(900), 'b.bin': randomBytes(900) });
    const id = await arrive(at, 'F001', (path) => readFileSync(join(at, path)));
    expect(await seal(id)).toMatchObject({ state: 'sealed' });
    const other = await upload(person, 'a.bin', new Uint8Array(randomBytes(900)));
    const add = (arrivalId: string, path: string, fileId: string) =>
      person.client.arrivals.add({
        params: { id: arrivalId }, body: { files: [{ path, fileId }] },
      });
    const refused = async () => (await problemOf(add(id, 'a.bin', other))).findings?.[0]?.code;
    expect(await refused()).toBe('sealed_media');
    expect(await person.client.arrivals.one({ params: { id } })).toMatchObject({ state: 'sealed' });
    // More may come to it, which opens nothing that was proven.
    expect(await add(id, 'c.bin', other)).toMatchObject({ added: 1 });
    expect(await refused()).toBe('sealed_media');
    const faulty = await arrive(at, 'F001', (path) =>
      (path === 'a.bin' ? randomBytes(900) : readFileSync(join(at, path))));
    expect(await seal(faulty)).toMatchObject({ state: 'faulty' });
    const right = await upload(person, 'a.bin', readFileSync(join(at, 'a.bin')));
    expect(await add(faulty, 'a.bin', right)).toMatchObject({ added: 1 });
  });

  it('[HMA4] is nobody else\u2019s to see or to change', async () => {
    const { id } = await person.client.arrivals.create({ body: { filmId, name: 'secret' } });
    const params = { id };
    const files = [{ path: 'a', digest: digestOf(new Uint8Array(1)) }];
    for (const call of [
      () => other.client.arrivals.one({ params }),
      () => other.client.arrivals.files({ params, query: {} }),
      () => other.client.arrivals.add({ params, body: { files } }),
      () => other.client.arrivals.seal({ params, body: { version: 1 } }),
    ]) {
      expect((await problemOf(call())).code).toBe('not_found');
    }
    const listed = await other.client.arrivals.list({ query: {} });
    expect(listed.rows.some((each) => each.id === id)).toBe(false);
    const empty = await problemOf(person.client.arrivals.seal({ params, body: { version: 1 } }));
    expect(empty.findings?.[0]?.code).toBe('empty_arrival');
  });

  it('[HMA5] is one asset for each take, however many files it is', () => {
    const paths = [
      'A1.RDC/A1_C1_001.R3D', 'A1.RDC/A1_C1_002.R3D', 'A2_C1_001.R3D', 'sound.wav',
      'B1/B1.0000002.ari', 'B1/B1.0000001.ari', 'C001_2601.mov', 'C002_2601.mov',
    ];
    const clips = clipsIn(paths.map((path) => ({ path })));
    expect(clips.map(({ title, files }) => [title, files.length, files[0]!.path])).toEqual([
      ['A1_C1', 2, 'A1.RDC/A1_C1_001.R3D'], ['A2_C1', 1, 'A2_C1_001.R3D'],
      ['B1', 2, 'B1/B1.0000001.ari'],
      ['C001_2601', 1, 'C001_2601.mov'], ['C002_2601', 1, 'C002_2601.mov'],
    ]);
  });

  it('[HMA8] tells sequences by their numbers, gaps by name and stills apart', () => {
    const frames = (stem: string, numbers: readonly number[], ending: string) =>
      numbers.map((each) => ({ path: `${stem}${String(each).padStart(4, '0')}${ending}` }));
    const files = [
      ...frames('A/A001C001.', [1001, 1002, 1005, 1006, 1007, 1009], '.dpx'),
      ...frames('B/', [1, 2], '.exr'), { path: 'B/3.exr' }, { path: 'grade_0001.tif' },
      ...frames('IMG_', [3, 90], '.TIF'), { path: 'B1.ari' },
    ];
    const clips = clipsIn(files.toReversed());
    expect(clips.map(({ title, files: each }) => [title, each.length])).toEqual([
      ['B1', 1], ['B', 3], ['A001C001', 6],
    ]);
    expect(clips.find(({ title }) => title === 'A001C001')?.frames).toMatchObject({
      name: 'A001C001.####.dpx', first: 1001, last: 1009, missing: [[1003, 1004], [1008, 1008]],
    });
    expect(sequenceFindings(files).map(({ code, facts }) => [code, facts])).toEqual([
      ['missing_frames', { name: 'A001C001.####.dpx', first: 1001, last: 1009, count: 3,
        numbers: ['1003–1004', '1008'] }],
      ['sparse_sequence', { name: 'IMG_####.TIF', count: 2, first: 3, last: 90 }],
    ]);
  });

  it('[HMA8] reads rate and timecode of DPX and EXR headers, and none of what is cut off', () => {
    const dpx = Buffer.alloc(2048, 0xff);
    dpx.write('SDPX', 0, 'latin1');
    dpx.writeUInt32BE(0x01020317, 1920);
    dpx.writeFloatBE(23.976, 1940);
    expect(pictureHeader(dpx, '.dpx'))
      .toEqual({ frameRate: '24000/1001', timecode: '01:02:03:17' });
    dpx.writeUInt32BE(0x0102032f, 1920);
    expect(pictureHeader(dpx, '.dpx').timecode).toBeNull();
    expect(pictureHeader(dpx.subarray(0, 1930), '.dpx'))
      .toEqual({ frameRate: null, timecode: null });
    const attribute = (name: string, type: string, ...words: number[]) => {
      const value = Buffer.alloc(words.length * 4 + 4);
      [words.length * 4, ...words].forEach((word, at) => value.writeUInt32LE(word, at * 4));
      return Buffer.concat([Buffer.from(`${name}\0${type}\0`, 'latin1'), value]);
    };
    const exr = Buffer.concat([
      Buffer.from([0x76, 0x2f, 0x31, 1, 2, 0, 0, 0]),
      attribute('framesPerSecond', 'rational', 30_000, 1001),
      attribute('timeCode', 'timecode', 0x10_59_58_42, 0), Buffer.from([0]),
    ]);
    expect(pictureHeader(exr, '.exr')).toEqual({
      frameRate: '30000/1001', timecode: '10:59:58;02',
    });
    expect(pictureHeader(exr.subarray(0, 40), '.exr').frameRate).toBeNull();
  });

  const kinds = ['dpx', 'exr', 'tif'];
  it.each(kinds)('[HMA8] %s frames play as one asset, gaps bridged', async (kind) => {
    const at = join(folder, `frames-${kind}`);
    mkdirSync(at, { recursive: true });
    const start = { dpx: 1001, exr: 0, tif: 86_400 }[kind]!;
    const drawn = spawnSync('ffmpeg', [
      '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=160x90:r=25', '-frames:v', '12',
      '-start_number', String(start), ...(kind === 'dpx' ? ['-timecode', '10:00:00:00'] : []),
      join(at, `S001.%06d.${kind}`),
    ]);
    expect(drawn.stderr.toString()).toBe('');
    const nameOf = (number: number) => `S001.${String(number).padStart(6, '0')}.${kind}`;
    const late = readFileSync(join(at, nameOf(start + 4)));
    rmSync(join(at, nameOf(start + 4)));
    const id = await arrive(at, `S-${kind}`, (path) => readFileSync(join(at, path)));
    const sealed = await seal(id, true, '25');
    expect(sealed).toMatchObject({ state: 'sealed' });
    expect(sealed.findings.map(({ code, facts }) => [code, facts['numbers']]))
      .toEqual([['missing_frames', [String(start + 4)]]]);
    const { rows } = await person.client.arrivals.files({ params: { id }, query: {} });
    const assetIds = [...new Set(rows.flatMap((row) => row.assetId ?? []))];
    expect(assetIds).toHaveLength(1);
    const params = { id: assetIds[0]! };
    const first = await person.client.production.asset({ params });
    expect((await server.jobDone(person.client, first.jobId!)).state).toBe('done');
    const asset = await person.client.production.asset({ params });
    expect(asset).toMatchObject({ title: 'S001', state: 'ready', media: {
      frameCount: 12, video: { frameRate: '25' },
      frames: { name: `S001.######.${kind}`, first: start, last: start + 11, missing: 1 },
    } });
    expect(asset.findings.map(({ code }) => code)).toEqual(['missing_frames']);
    // The frame that was missing comes, and the take is made anew with it.
    const file = await upload(person, nameOf(start + 4), late);
    await person.client.arrivals.add({
      params: { id }, body: { files: [{ path: nameOf(start + 4), fileId: file }] },
    });
    expect((await seal(id, true, '25')).findings).toEqual([]);
    const again = await person.client.production.asset({ params });
    expect(again.jobId).not.toBe(asset.jobId);
    expect((await server.jobDone(person.client, again.jobId!)).state).toBe('done');
    const whole = await person.client.production.asset({ params });
    expect(whole.media?.frames).toMatchObject({ missing: 0 });
    expect(whole.findings).toEqual([]);
  }, 240_000);

  it('[HMA8] DNG frames are developed, with the rate and timecode of their headers', async () => {
    const at = join(folder, 'frames-dng');
    mkdirSync(at, { recursive: true });
    for (let frame = 0; frame < 6; frame++) {
      writeFileSync(join(at, `A001_${String(frame).padStart(4, '0')}.dng`), rawFrame(160, 90, 5));
    }
    const { neutral, daylight } = pictureHeader(rawFrame(16, 9, 0), '.dng');
    expect(neutral).toEqual(NEUTRAL);
    expect(daylight).toEqual(DAYLIGHT.map((each) => expect.closeTo(each, 9) as number));
    const id = await arrive(at, 'A001', (path) => readFileSync(join(at, path)));
    expect(await seal(id, true)).toMatchObject({ state: 'sealed', findings: [] });
    const { rows } = await person.client.arrivals.files({ params: { id }, query: {} });
    const params = { id: rows.find((row) => row.assetId !== null)!.assetId! };
    const { jobId } = await person.client.production.asset({ params });
    expect((await server.jobDone(person.client, jobId!)).state).toBe('done');
    const asset = await person.client.production.asset({ params });
    expect(asset).toMatchObject({ title: 'A001', state: 'ready', media: {
      frameCount: 6, video: { frameRate: '24', timecode: '01:00:05:00' },
    } });
    expect(asset.proxyFileId).not.toBeNull();
    expect(asset.findings.map(({ code }) => code)).toEqual(['simplified_development']);
  }, 120_000);

  it('[HMA2] is laid out as files where the store has no links', async () => {
    const stored = join(folder, 'stored');
    writeFileSync(stored, 'content');
    const target = join(folder, 'laid-out');
    const refuse = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    await layFile(stored, target, refuse);
    expect(lstatSync(target).isFile()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('content');
  });

  it('[HMA5] becomes assets in which cuts and duplicates are found', async () => {
    const engine = createMediaEngine({ scratchFolder: folder });
    const output = join(folder, 'take.mov');
    const rendered = await engine.render({
      verb: 'render', output, preset: 'h264-mp4', size: { width: 160, height: 90 },
      frameRate: '24', frames: 48, title: 'T', channels: 2,
    });
    expect(rendered.ok).toBe(true);
    const at = await card('E001', {
      'E001C001.mov': readFileSync(output), 'E001C002.mov': readFileSync(output),
      'notes.txt': new TextEncoder().encode('take 1'),
    });
    const id = await arrive(at, 'E001', (path) => readFileSync(join(at, path)));
    await seal(id, true);
    const { rows } = await person.client.arrivals.files({ params: { id }, query: {} });
    const assetIds = rows.flatMap(({ assetId }) => (assetId === null ? [] : [assetId]));
    expect(assetIds).toHaveLength(2);
    for (const assetId of assetIds) {
      const { jobId } = await person.client.production.asset({ params: { id: assetId } });
      expect((await server.jobDone(person.client, jobId!)).state).toBe('done');
    }
    const marks = await person.client.media.marks({ params: { id: assetIds[0]! } });
    expect(marks.duplicates).toEqual([{ assetId: assetIds[1], title: 'E001C002' }]);
    expect(Array.isArray(marks.scenes)).toBe(true);
    expect(marks.slateReader).toBe(spawnSync('tesseract', ['--version']).error === undefined);
  }, 240_000);
});
