import { equalBytes, fromHex, memorySink, memorySource, toHex } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  channelLayout,
  micKey,
  openTrackFile,
  readFrame,
  readResource,
  type ScanEvent,
  type TrackFile,
  TrackFileScanner,
  type TrackFileIdentity,
  writePictureTrackFile,
  writeSoundTrackFile,
  writeTimedTextTrackFile,
  type Frames,
  writeAuxiliaryDataTrackFile,
} from '../src/index.ts';
import { cryptography, fixture, HAS_FIXTURES, seeded } from './fixtures.ts';

const GENERATED = 'generated/dcp';
const KEY = fromHex('00112233445566778899aabbccddeeff');
const ASSET = '12b30dd8-350c-41b1-a8cd-7f3693a0303c';

const identity = (labels: 'smpte' | 'interop'): TrackFileIdentity => ({
  assetId: ASSET,
  labels,
  created: '2026-11-22T20:46:31Z',
  company: 'Yinglian',
  product: 'dcp',
  version: '0.1.0',
});

async function open(bytes: Uint8Array): Promise<TrackFile> {
  const outcome = await openTrackFile(memorySource(bytes));
  expect(outcome.findings.map((each) => each.code)).toEqual([]);
  if (!outcome.ok) throw new Error('not opened');
  return outcome.value;
}

async function frames(file: TrackFile, key?: Uint8Array): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let frame = 0; frame < file.frameCount; frame++) {
    const outcome = await readFrame(file, frame, key && { cryptography, key });
    if (!outcome.ok) throw new Error(outcome.findings[0]!.code);
    all.push(...outcome.value);
  }
  return all;
}

async function written(
  write: (sink: ReturnType<typeof memorySink>) => Promise<{ ok: boolean }>,
): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  const sink = memorySink((whole) => {
    bytes = whole;
  });
  const outcome = await write(sink);
  expect(outcome.ok).toBe(true);
  await sink.close();
  return bytes;
}

const smallCodestream = (): Uint8Array => {
  // SOC, SIZ 64x36 with three 12-bit components, COD, QCD, SOT and rubbish for tile data.
  const siz =
    'ff51002f00030000004000000024000000000000000000000040000000240000000000000000' +
    '00030b01010b01010b0101';
  return fromHex(`ff4f${siz}ff52000c00040001010003030000ff5c00050022ffffff90000a0000000000000001`);
};

describe('track files, written and read back', () => {
  it('[DCP1] a picture file gives back every codestream and its description', async () => {
    const source = Array.from({ length: 30 }, (_, i) => {
      const frame = new Uint8Array(200 + 37 * i);
      frame.set(smallCodestream());
      return frame;
    });
    for (const labels of ['smpte', 'interop'] as const) {
      const bytes = await written((sink) =>
        writePictureTrackFile(
          sink,
          { cryptography, random: seeded('a') },
          {
            identity: identity(labels),
            editRate: { numerator: 24, denominator: 1 },
            frames: source,
          },
        ),
      );
      const file = await open(bytes);
      expect(file.info).toMatchObject({
        labels,
        assetId: ASSET,
        essence: 'jpeg2000',
        durationFrames: 30,
        trackDurationFrames: 30,
        editRate: { numerator: 24, denominator: 1 },
        encryption: undefined,
        picture: { widthPixels: 64, heightPixels: 36, codestream: { capabilities: 3 } },
      });
      expect(await frames(file)).toEqual(source);
    }
  });

  it('[DCP2] the same input and seed give the same bytes', async () => {
    const source = [1, 2, 3].map(() => smallCodestream());
    const options = {
      identity: identity('smpte'),
      editRate: { numerator: 25, denominator: 1 },
      frames: source,
      encryption: { key: KEY, keyId: ASSET },
    };
    const once = await written((sink) =>
      writePictureTrackFile(sink, { cryptography, random: seeded('b') }, options),
    );
    const announced = await written((sink) =>
      writePictureTrackFile(
        {
          ...sink,
          patch: async () => {
            throw new Error('patched');
          },
        },
        { cryptography, random: seeded('b') },
        { ...options, expected: { durationFrames: 3, elementBytes: source.map((f) => f.length) } },
      ),
    );
    expect(equalBytes(once, announced)).toBe(true);
    const other = await written((sink) =>
      writePictureTrackFile(sink, { cryptography, random: seeded('c') }, options),
    );
    expect(equalBytes(once, other)).toBe(false);
  });

  it('[DCP3] encrypted frames open with the key and with no other', async () => {
    const source = Array.from({ length: 5 }, (_, i) => {
      const frame = new Uint8Array(96 + 16 * i + i);
      frame.set(smallCodestream());
      return frame;
    });
    for (const labels of ['smpte', 'interop'] as const) {
      for (const plaintextOffset of [0, 70]) {
        const bytes = await written((sink) =>
          writePictureTrackFile(
            sink,
            { cryptography, random: seeded('d') },
            {
              identity: identity(labels),
              editRate: { numerator: 24, denominator: 1 },
              frames: source,
              encryption: { key: KEY, keyId: ASSET, plaintextOffset },
            },
          ),
        );
        const file = await open(bytes);
        expect(file.info.encryption).toMatchObject({
          keyId: ASSET,
          knownCipher: true,
          integrity: true,
        });
        expect(file.info.essence).toBe('jpeg2000');
        expect(await frames(file, KEY)).toEqual(source);
        const wrong = await readFrame(file, 0, { cryptography, key: KEY.map((b) => b ^ 1) });
        expect(wrong.ok ? '' : wrong.findings[0]!.code).toBe('mismatched_key');
        const none = await readFrame(file, 0);
        expect(none.ok ? '' : none.findings[0]!.code).toBe('missing_key');
      }
    }
  });

  it('[DCP4] one flipped bit in an encrypted frame breaks its integrity code', async () => {
    const bytes = await written((sink) =>
      writePictureTrackFile(
        sink,
        { cryptography, random: seeded('e') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          frames: [smallCodestream()],
          encryption: { key: KEY, keyId: ASSET },
        },
      ),
    );
    const file = await open(bytes);
    const at = file.partitions[1]!.essenceOffset + 20 + 68 + 4 + 40;
    bytes[at]! ^= 4;
    const outcome = await readFrame(await open(bytes), 0, { cryptography, key: KEY });
    expect(outcome.ok ? '' : outcome.findings[0]!.code).toBe('mismatched_integrity_code');
  });

  it('[DCP5] sound is cut into edit units, labelled, and filled up with silence', async () => {
    const layout = channelLayout('51', { accessible: ['HI', 'VIN'] });
    const perFrame = 2000 * 8 * 3;
    const pcm = Uint8Array.from({ length: perFrame * 2 + 5000 }, (_, i) => i % 251);
    const pieces = function* (): Generator<Uint8Array> {
      for (let at = 0; at < pcm.length; at += 7777) yield pcm.subarray(at, at + 7777);
    };
    const bytes = await written((sink) =>
      writeSoundTrackFile(
        sink,
        { cryptography, random: seeded('f') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          samples: pieces(),
          samplingRateHz: 48_000,
          channelCount: 8,
          layout,
          language: 'en-US',
        },
      ),
    );
    const file = await open(bytes);
    expect(file.info.sound).toMatchObject({ channelCount: 8, bits: 24, configuration: 4 });
    expect(file.info.sound!.soundfields.map((each) => each.symbol)).toEqual(['sg51']);
    expect(file.info.sound!.channels.map((each) => [each.channel, each.symbol])).toEqual([
      [1, 'chL'],
      [2, 'chR'],
      [3, 'chC'],
      [4, 'chLFE'],
      [5, 'chLs'],
      [6, 'chRs'],
      [7, 'chHI'],
      [8, 'chVIN'],
    ]);
    expect(file.index.editUnitBytes).toBe(perFrame + 20);
    const all = await frames(file);
    expect(all.length).toBe(3);
    const joined = Buffer.concat(all);
    expect(equalBytes(joined.subarray(0, pcm.length), pcm)).toBe(true);
    expect(joined.subarray(pcm.length).every((byte) => byte === 0)).toBe(true);
  });

  it('[DCP6] rates that do not divide into whole samples are refused', async () => {
    const outcome = await writeSoundTrackFile(
      memorySink(() => {}),
      { cryptography, random: seeded('g') },
      {
        identity: identity('smpte'),
        editRate: { numerator: 30_000, denominator: 1001 },
        samples: [],
        samplingRateHz: 48_000,
        channelCount: 2,
      },
    );
    expect(outcome.findings[0]!.code).toBe('mismatched_sampling_rate');
  });

  it('[DCP7] timed text keeps its document and resources', async () => {
    const document = new TextEncoder().encode('<SubtitleReel/>');
    const resources = [1, 2, 3].map((i) => ({
      id: `00000000-0000-4000-8000-00000000000${i}`,
      mediaType: 'image/png',
      bytes: Uint8Array.from({ length: 100 * i }, () => i),
    }));
    for (const encryption of [undefined, { key: KEY, keyId: ASSET }]) {
      const bytes = await written((sink) =>
        writeTimedTextTrackFile(
          sink,
          { cryptography, random: seeded('h') },
          {
            identity: identity('smpte'),
            editRate: { numerator: 24, denominator: 1 },
            document,
            resourceId: '7e73f2c3-9b6f-4b46-8a27-71d12a5d6ae3',
            durationFrames: 240,
            resources,
            namespaceName: 'http://www.smpte-ra.org/schemas/428-7/2010/DCST',
            ...(encryption === undefined ? {} : { encryption }),
          },
        ),
      );
      const file = await open(bytes);
      expect(file.info).toMatchObject({ essence: 'timed_text', durationFrames: 240 });
      expect(
        file.info.timedText!.resources.map(({ id, mediaType }) => ({ id, mediaType })),
      ).toEqual(resources.map(({ id, mediaType }) => ({ id, mediaType })));
      expect((await frames(file, encryption?.key))[0]).toEqual(document);
      const element = await readResource(file, file.info.timedText!.resources[2]!.streamId);
      expect(element!.encrypted).toBe(encryption !== undefined);
      if (encryption === undefined) expect(element!.value).toEqual(resources[2]!.bytes);
    }
  });

  it('[DCP8] a stereoscopic file gives back both eyes of a frame', async () => {
    const source = Array.from({ length: 8 }, (_, i) => {
      const frame = new Uint8Array(120 + i);
      frame.set(smallCodestream());
      return frame;
    });
    const bytes = await written((sink) =>
      writePictureTrackFile(
        sink,
        { cryptography, random: seeded('i') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          frames: source,
          stereoscopic: true,
        },
      ),
    );
    const file = await open(bytes);
    expect(file.info).toMatchObject({
      essence: 'stereoscopic',
      durationFrames: 4,
      picture: { sampleRate: { numerator: 48, denominator: 1 } },
    });
    expect(await frames(file)).toEqual(source);
  });

  it('[DCP9] auxiliary data is kept as it is', async () => {
    const source = [1, 2, 3].map((i) => Uint8Array.from({ length: 50 * i }, () => i));
    const bytes = await written((sink) =>
      writeAuxiliaryDataTrackFile(
        sink,
        { cryptography, random: seeded('j') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          frames: source,
          atmos: {
            id: ASSET,
            firstFrame: 0,
            channelCountMaximum: 10,
            objectCountMaximum: 118,
            version: 1,
          },
        },
      ),
    );
    const file = await open(bytes);
    expect(file.info).toMatchObject({ essence: 'atmos', data: { atmosId: ASSET } });
    expect(await frames(file)).toEqual(source);
  });

  it('[DCP10] a file without its end is read by scanning', async () => {
    const source = [1, 2, 3, 4].map(() => smallCodestream());
    const bytes = await written((sink) =>
      writePictureTrackFile(
        sink,
        { cryptography, random: seeded('k') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          frames: source,
        },
      ),
    );
    const essence = (await open(bytes)).partitions[1]!.essenceOffset;
    const cut = bytes.subarray(0, essence + 3 * (20 + source[0]!.length));
    const outcome = await openTrackFile(memorySource(cut));
    expect(outcome.findings.map((each) => each.code)).toEqual([
      'missing_random_index',
      'missing_index',
    ]);
    if (!outcome.ok) throw new Error('not opened');
    expect(outcome.value.indexed).toBe('scan');
    expect(await frames(outcome.value)).toEqual(source.slice(0, 3));
  });

  it('[DCP11] a scan in pieces of any size meets the same things', async () => {
    const bytes = await written((sink) =>
      writePictureTrackFile(
        sink,
        { cryptography, random: seeded('l') },
        {
          identity: identity('smpte'),
          editRate: { numerator: 24, denominator: 1 },
          frames: [1, 2, 3].map(() => smallCodestream()) as Frames,
        },
      ),
    );
    const scan = (size: number): string[] => {
      const seen: string[] = [];
      const scanner = new TrackFileScanner((event: ScanEvent) => {
        seen.push(
          event.kind === 'element' ? `element ${event.offset} ${toHex(event.value!)}` : event.kind,
        );
      });
      for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
      scanner.finish();
      return seen;
    };
    const whole = scan(bytes.length);
    expect(whole.map((each) => each.split(' ')[0])).toEqual([
      'partition',
      'header',
      'partition',
      'element',
      'element',
      'element',
      'partition',
      'index',
      'random_index',
    ]);
    for (const size of [1, 7, 19, 20, 21, 1000]) expect(scan(size)).toEqual(whole);
  });
});

describe.skipIf(!HAS_FIXTURES)('track files of other makers', () => {
  it('[DCP12] the MIC key follows FIPS 186-2 in SMPTE files', () => {
    expect(toHex(micKey(cryptography, KEY, 'smpte'))).toBe('f0dab9984a88d8502f793fad1ae959b8');
  });

  it('[DCP13] encrypted frames of other makers authenticate and open', async () => {
    for (const path of ['picture', 'sound']) {
      const file = await open(fixture(`${GENERATED}/smpte-encrypted/${path}.mxf`));
      expect((await frames(file, KEY)).length).toBe(24);
    }
    const plainPicture = await frames(
      await open(fixture(`${GENERATED}/interop-plain/picture.mxf`)),
    );
    expect(plainPicture.every((frame) => toHex(frame.subarray(0, 4)) === 'ff4fff51')).toBe(true);
  });

  it('[DCP14] every whole track file of the fixtures is understood', async () => {
    const expected: [string, string, number][] = [
      ['generated/dcp/smpte-plain/picture.mxf', 'jpeg2000', 24],
      ['generated/dcp/smpte-plain/sound.mxf', 'pcm', 24],
      ['generated/dcp/interop-plain/sound.mxf', 'pcm', 24],
      ['libdcp/ref-DCP/dcp_test3/j2c_c6035f97-b07d-4e1c-944d-603fc2ddc242.mxf', 'jpeg2000', 24],
      ['libdcp/ref-DCP/dcp_test5/audio.mxf', 'pcm', 24],
      ['libdcp/data/subs.mxf', 'timed_text', 1],
      ['libdcp/data/2014.mxf', 'timed_text', 1],
      ['libdcp/data/dummy.mxf', 'timed_text', 1],
      ['clairmeta-data/MXF/atmos.mxf', 'atmos', 600],
      ['clairmeta-data/MXF/audio_smpte.mxf', 'pcm', 24],
      ['clairmeta-data/MXF/subtitle_smpte.mxf', 'timed_text', 1],
    ];
    for (const [path, essence, count] of expected) {
      const outcome = await openTrackFile(memorySource(fixture(path)));
      if (!outcome.ok) throw new Error(`${path}: ${outcome.findings[0]!.code}`);
      expect([path, outcome.value.info.essence, outcome.value.frameCount]).toEqual([
        path,
        essence,
        count,
      ]);
      expect(outcome.findings, path).toEqual([]);
      const last = await readFrame(outcome.value, count - 1);
      expect([path, last.ok]).toEqual([path, true]);
    }
    const subs = await open(fixture('libdcp/data/subs.mxf'));
    const png = await readResource(subs, subs.info.timedText!.resources[0]!.streamId);
    expect(toHex(png!.value.subarray(0, 8))).toBe('89504e470d0a1a0a');
  });
});
