import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaEngine } from '@yinglian/media';
import { chosenRate, rateChoices } from '../../src/distribution/conform.ts';
import { archiveKind, unpackSequence } from '../../src/production/media/sequence.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { jobEnded, problemOf, refusalCodes, upload } from './support.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('a sequence of pictures in an archive', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-archive-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let count = 0;
  async function unpack(archive: Uint8Array) {
    const path = join(folder, `archive-${count++}`);
    writeFileSync(path, archive);
    const into = `${path}.pictures`;
    const kind = archiveKind(archive) ?? 'zip';
    const outcome = await unpackSequence({ path, kind }, into, '24', new AbortController().signal);
    const names = readdirSync(into).toSorted();
    const codes = outcome.ok ? [] : outcome.findings.map((each) => each.code);
    return {
      outcome,
      codes,
      pictures: names.map((name) => readFileSync(join(into, name), 'utf8')),
    };
  }

  it('[HC6] takes a ZIP by the numbers of its pictures, stored or deflated', async () => {
    const long = 'x'.repeat(200_000);
    const archive = zipSync({
      'take/shot_0010.png': [bytesOf('third'), { level: 0 }],
      'take/shot_0002.png': [bytesOf(long), { level: 6 }],
      'shot_0003.PNG': bytesOf('second'),
      '__MACOSX/take/._shot_0002.png': bytesOf('no picture'),
      'readme.txt': bytesOf('no picture'),
    });
    const { outcome, pictures } = await unpack(archive);
    expect(outcome).toMatchObject({ ok: true, value: { kind: 'sequence', count: 3 } });
    expect(pictures).toEqual([long, 'second', 'third']);
  });

  it('[HC6] never lets a name of the archive become a path', async () => {
    const archive = zipSync({
      '../../escape.0001.png': bytesOf('1'),
      '/etc/escape.0002.png': bytesOf('2'),
      'C:\\escape.0003.png': bytesOf('3'),
    });
    const { pictures } = await unpack(archive);
    expect(pictures).toEqual(['1', '2', '3']);
    expect(readdirSync(folder).some((name) => name.includes('escape'))).toBe(false);
  });

  it('[HC6] reads archives with the 64-bit fields of long takes', async () => {
    const { outcome, pictures } = await unpack(zip64('frame.7.dpx', 'wide'));
    expect(outcome.ok).toBe(true);
    expect(pictures).toEqual(['wide']);
  });

  it('[HC7] refuses locked, foreign, boastful and mixed archives by name', async () => {
    const plain = () =>
      Buffer.from(zipSync({ 'a.1.png': [bytesOf('x'.repeat(9000)), { level: 6 }] }));
    const central = (archive: Buffer) => archive.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    const locked = plain();
    locked.writeUInt16LE(1, central(locked) + 8);
    expect((await unpack(locked)).codes).toEqual(['unsupported_archive']);
    const foreign = plain();
    foreign.writeUInt16LE(99, central(foreign) + 10);
    expect((await unpack(foreign)).codes).toEqual(['unsupported_archive']);
    const modest = plain();
    modest.writeUInt32LE(10, central(modest) + 24);
    expect((await unpack(modest)).codes).toEqual(['excessive_archive']);
    const boastful = plain();
    boastful.writeUInt32LE(0xffff_fffe, central(boastful) + 24);
    expect((await unpack(boastful)).codes[0]).toMatch(/^(?:truncated|excessive)_archive$/);
    const altered = plain();
    altered.writeUInt32LE(12345, central(altered) + 16);
    expect((await unpack(altered)).codes).toEqual(['truncated_archive']);
    const mixed = zipSync({ 'a.1.png': bytesOf('1'), 'a.2.dpx': bytesOf('2') });
    expect((await unpack(mixed)).codes).toEqual(['mixed_picture_kinds']);
    expect((await unpack(zipSync({ 'notes.txt': bytesOf('1') }))).codes).toEqual([
      'missing_pictures',
    ]);
  });

  it('[HC7] answers every cut and every changed byte with pictures or a finding', async () => {
    const archive = Buffer.from(zipSync({ 'a.1.png': bytesOf('one'), 'a.2.png': bytesOf('two') }));
    const runs = Number(process.env['YINGLIAN_RUNS'] ?? 60);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(archive.length - 1),
        fc.nat(255),
        fc.boolean(),
        async (at, value, cut) => {
          const broken = cut ? archive.subarray(0, at) : Buffer.from(archive);
          if (!cut) broken[at] = value;
          const { outcome, codes } = await unpack(broken);
          if (!outcome.ok) expect(codes[0]).toMatch(/_(?:archive|pictures|kinds)$/);
        },
      ),
      { numRuns: runs },
    );
  });
});

/** One stored entry whose sizes and places are told in 64 bits, as archives over 4 GiB do. */
function zip64(name: string, text: string): Uint8Array {
  const content = bytesOf(text);
  const [named, all] = [Buffer.from(name), 0xffff_ffff];
  const crc = Buffer.from(zipSync({ a: [content, { level: 0 }] })).readUInt32LE(14);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(named.length, 26);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(content.length), 4);
  extra.writeBigUInt64LE(BigInt(content.length), 12);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(crc, 16);
  for (const at of [20, 24, 42]) central.writeUInt32LE(all, at);
  central.writeUInt16LE(named.length, 28);
  central.writeUInt16LE(extra.length, 30);
  const offset = local.length + named.length + content.length;
  const directory = Buffer.concat([central, named, extra]);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  [1, 1, directory.length, offset].forEach((value, index) => {
    end64.writeBigUInt64LE(BigInt(value), 24 + index * 8);
  });
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + directory.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(0xffff, 10);
  end.writeUInt32LE(all, 12);
  end.writeUInt32LE(all, 16);
  return Buffer.concat([local, named, content, directory, end64, locator, end]);
}

describe('a frame rate that is none of a cinema', () => {
  const smpte = { standard: 'smpte', resolution: '2k' } as const;
  const even = (frameRate: string) => ({ frameRate, variable: false });
  const first = (rate: string, request: Parameters<typeof rateChoices>[1] = smpte) =>
    rateChoices(even(rate), request)[0];

  it.each([
    ['24', 'keep', '24', '1'],
    ['25', 'keep', '25', '1'],
    ['24000/1001', 'speed', '24', '1001/1000'],
    ['30000/1001', 'speed', '30', '1001/1000'],
    ['60000/1001', 'speed', '60', '1001/1000'],
    ['15', 'repeat', '24', '1'],
  ])('[HD15] recommends for %s: %s %s', (rate, conform, frameRate, speed) => {
    expect(first(rate)).toMatchObject({ conform, frameRate, speed, recommended: true });
  });

  it('[HD15] follows what each standard takes', () => {
    const interop = rateChoices(even('25'), { standard: 'interop', resolution: '2k' });
    expect(interop[0]).toMatchObject({ conform: 'speed', frameRate: '24', speed: '24/25' });
    expect(interop.every((each) => ['24', '48'].includes(each.frameRate))).toBe(true);
    const fourK = rateChoices(even('48'), { standard: 'smpte', resolution: '4k' });
    expect(fourK).toMatchObject([{ conform: 'repeat', frameRate: '24' }]);
    expect(rateChoices({ frameRate: '30', variable: true }, smpte)[0]).toMatchObject({
      conform: 'repeat',
      frameRate: '30',
      unseen: true,
    });
  });

  it('[HD16] takes unasked only what nobody sees or hears', () => {
    const taken = (rate: string, request: object = {}) => {
      const asked = { ...smpte, ...request };
      return chosenRate(rateChoices(even(rate), asked), asked);
    };
    expect(taken('24000/1001')).toMatchObject({ conform: 'speed', frameRate: '24' });
    expect(taken('15')).toBeUndefined();
    expect(taken('15', { conform: 'repeat' })).toMatchObject({ frameRate: '24' });
    expect(taken('24000/1001', { conform: 'keep' })).toBeUndefined();
    expect(taken('25', { frameRate: '24' })).toBeUndefined();
    expect(taken('25', { conform: 'speed', frameRate: '24' })).toMatchObject({ speed: '24/25' });
  });
});

describe('masters of other rates and forms', () => {
  let server: TestServer;
  let post: TestPerson;
  let folder: string;
  let filmId: string;

  beforeAll(async () => {
    server = await createTestServer();
    folder = mkdtempSync(join(tmpdir(), 'yinglian-masters-'));
    post = await server.newOrganisation('post_house', '后期');
    filmId = (await post.client.film.create({ body: { title: '换算' } })).id;
  }, 240_000);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ingest(name: string, bytes: Uint8Array, more: object = {}) {
    const fileId = await upload(post, name, bytes);
    const asset = await post.client.production.ingest({ body: { filmId, fileId, ...more } });
    await jobEnded(post, asset.jobId!);
    return post.client.production.asset({ params: { id: asset.id } });
  }

  it('[HD16] builds 30 from 29.97: every picture once, sound to the sample', async () => {
    const output = join(folder, 'ntsc.mp4');
    const engine = createMediaEngine({ scratchFolder: folder });
    const made = await engine.render({
      verb: 'render',
      output,
      preset: 'h264-mp4',
      size: { width: 256, height: 144 },
      frameRate: '30000/1001',
      frames: 30,
      title: 'NTSC',
      channels: 2,
      programme: 'black',
    });
    expect(made.ok).toBe(true);
    const asset = await ingest('ntsc.mp4', new Uint8Array(readFileSync(output)));
    const { distribution } = post.client;
    const rates = await distribution.rates({ params: { id: asset.id }, query: {} });
    expect(rates).toMatchObject({ sourceRate: '30000/1001', variable: false });
    expect(rates.choices[0]).toMatchObject({ conform: 'speed', frameRate: '30' });
    const order = { filmId, assetId: asset.id, bitRateMbit: 20, encrypt: false };
    const kept = problemOf(distribution.build({ body: { ...order, conform: 'keep' } }));
    expect((await kept).status).toBe(422);
    expect(await refusalCodes(distribution.build({ body: { ...order, conform: 'keep' } }))).toEqual(
      ['unsupported_frame_rate'],
    );
    const built = await distribution.build({ body: { ...order, conform: 'speed' } });
    await jobEnded(post, built.jobId!);
    const stored = await distribution.package({ params: { id: built.id } });
    expect(stored.compositions).toMatchObject([{ editRate: '30', durationFrames: 30 }]);
    expect(stored.findings.filter((each) => each.severity === 'error')).toEqual([]);
  });

  it('[HC6] shows a ZIP of pictures as a film at the rate that was named', async () => {
    const engine = createMediaEngine({ scratchFolder: folder });
    await engine.render({
      verb: 'render',
      output: join(folder, 'f.%04d.png'),
      preset: 'png',
      frames: 3,
      size: { width: 64, height: 36 },
      frameRate: '24',
      title: 'ZIP',
      channels: 0,
    });
    const archive = zipSync(
      Object.fromEntries(
        [0, 1, 2].map((index) => [
          `scan/f.000${index}.png`,
          new Uint8Array(readFileSync(join(folder, `f.000${index}.png`))),
        ]),
      ),
    );
    expect((await ingest('scan.zip', archive)).findings.map((each) => each.code)).toEqual([
      'missing_sequence_rate',
    ]);
    const asset = await ingest('scan.zip', archive, { sequenceFrameRate: '24000/1001' });
    expect(asset).toMatchObject({
      state: 'ready',
      media: { frameCount: 3, video: { frameRate: '24000/1001', width: 64 } },
    });
  });
});
