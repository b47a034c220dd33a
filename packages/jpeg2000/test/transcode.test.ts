import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ratio } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkCinema,
  createDecoder,
  createEncoder,
  type Decoder,
  type EncodeOptions,
  type Encoder,
  parseCodestream,
  PROGRESSIONS,
  type Samples,
  transcodeHeaders,
  type TranscodeOptions,
} from '../src/index.ts';
import { largestDifference, picture, random } from './pictures.ts';

const hasOpenJpeg = spawnSync('opj_decompress', ['-h']).error === undefined;
if (!hasOpenJpeg) console.log('skipped: opj_decompress is not installed');

let encoder: Encoder;
let decoder: Decoder;
let folder: string;

beforeAll(async () => {
  encoder = await createEncoder();
  decoder = await createDecoder();
  folder = mkdtempSync(join(tmpdir(), 'jpeg2000-transcode-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function transcoded(stream: Uint8Array, options: TranscodeOptions): Uint8Array {
  const outcome = transcodeHeaders(stream, options);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

/** Random streams of many kinds, and something to make of each. */
function* cases(count: number) {
  const next = random(11);
  const between = (a: number, b: number) => a + Math.floor(next() * (b - a + 1));
  const one = <T>(of: readonly T[]): T => of[between(0, of.length - 1)]!;
  for (let run = 0; run < count; run++) {
    const image = picture({
      width: between(1, 90),
      height: between(1, 90),
      components: one([1, 3, 4]),
      bitDepth: between(8, 12),
      material: one(['noise', 'grain', 'edges'] as const),
      seed: run,
    });
    const options: EncodeOptions = {
      reversible: next() < 0.5,
      levels: between(0, 5),
      progression: one(PROGRESSIONS),
      precinctsLog2: [between(3, 6), between(3, 6)],
      packetMarkers: next() < 0.5,
      ...(next() < 0.5 ? { tileWidth: between(30, 60), tileHeight: between(30, 60) } : {}),
      ...(next() < 0.5 ? { layerBytes: [200, 800] } : {}),
    };
    const wanted: TranscodeOptions = {
      ...(next() < 0.8 ? { progression: one(PROGRESSIONS) } : {}),
      ...(next() < 0.3 ? { packHeaders: one(['main', 'part'] as const) } : {}),
      ...(next() < 0.5 ? { tileParts: 'resolution' as const } : {}),
      packetMarkers: next() < 0.3,
    };
    yield { stream: encoder.encode(image, options), options, wanted, image };
  }
}

function openJpegDecodes(stream: Uint8Array, count: number, bitDepth: number): Samples[] {
  const file = join(folder, 'made.j2k');
  const raw = join(folder, 'made.rawl');
  writeFileSync(file, stream);
  execFileSync('opj_decompress', ['-i', file, '-o', raw], { stdio: 'pipe' });
  const bytes = readFileSync(raw);
  const size = bitDepth > 8 ? 2 : 1;
  const samples = bytes.length / size / count;
  return Array.from({ length: count }, (_, c) =>
    Int32Array.from({ length: samples }, (__, i) =>
      size === 2 ? bytes.readUInt16LE(2 * (c * samples + i)) : bytes[c * samples + i]!,
    ),
  );
}

describe('transcoding headers', () => {
  it('[JT1] any order, cut and packing of the packets gives the same picture', () => {
    for (const { stream, wanted } of cases(25)) {
      const made = transcoded(stream, wanted);
      const before = decoder.decode(stream);
      const after = decoder.decode(made);
      expect(after.findings).toEqual([]);
      expect(largestDifference(before.components, after.components)).toBe(0);
      const parsed = parseCodestream(made);
      if (!parsed.ok) throw new Error('refused');
      const { parameters, partLengths, tileParts } = parsed.value;
      if (wanted.progression !== undefined) {
        expect(parameters.coding!.progression).toBe(wanted.progression);
      }
      expect(partLengths.map((each) => each.bytes)).toEqual(tileParts.map((p) => p.statedBytes));
    }
  });

  it('[JT1] there and back again is the stream that it was', () => {
    for (const { stream, options, wanted } of cases(12)) {
      const back = transcoded(transcoded(stream, wanted), {
        progression: options.progression!,
        packetMarkers: options.packetMarkers!,
      });
      expect(Buffer.compare(back, stream)).toBe(0);
    }
  });

  it.skipIf(!hasOpenJpeg)('[JT1] OpenJPEG decodes what was made', { timeout: 240_000 }, () => {
    for (const { stream, wanted, image } of cases(25)) {
      const { components } = decoder.decode(stream);
      const theirs = openJpegDecodes(transcoded(stream, wanted), components.length, image.bitDepth);
      expect(largestDifference(components, theirs)).toBeLessThanOrEqual(1);
    }
  });

  it('[JT5] another number of guard bits gives the same picture, and the same stream back', () => {
    const image = picture({
      width: 90,
      height: 70,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    for (const reversible of [true, false]) {
      const options = { reversible, layerBytes: [900, 3000], guardBits: 2 };
      const stream = encoder.encode(image, options);
      const less = transcoded(stream, { guardBits: 1 });
      const parsed = parseCodestream(less);
      if (!parsed.ok) throw new Error('refused');
      expect(parsed.value.parameters.quantisation!.guardBits).toBe(1);
      const after = decoder.decode(less);
      expect(after.findings).toEqual([]);
      expect(largestDifference(decoder.decode(stream).components, after.components)).toBe(0);
      expect(Buffer.compare(transcoded(less, { guardBits: 2 }), transcoded(stream, {}))).toBe(0);
    }
  });

  it('[JT5] a plane that is used and blocks of several segments are refused', () => {
    const size = { width: 64, height: 64, components: 1, bitDepth: 12 };
    const image = picture({ ...size, material: 'edges' });
    // Untransformed, black takes every plane that one guard bit gives.
    const stream = encoder.encode(image, { reversible: true, levels: 0, guardBits: 1 });
    const codes = (bytes: Uint8Array, options: TranscodeOptions) =>
      transcodeHeaders(bytes, options).findings.map(({ code }) => code);
    expect(codes(stream, { guardBits: 0 })).toEqual(['mismatched_guard_bits']);
    const bypass = stream.slice();
    const parsed = parseCodestream(stream);
    if (!parsed.ok) throw new Error('refused');
    // SPcod (Table A.15): the style of the blocks.
    bypass[parsed.value.segments.find(({ marker }) => marker === 0xff52)!.offset + 12] = 1;
    expect(codes(bypass, { guardBits: 1 })).toEqual(['unexpected_block_style']);
  });

  it('[JT2] a stream with the right coding becomes a cinema frame', () => {
    const image = picture({
      width: 700,
      height: 400,
      components: 3,
      bitDepth: 12,
      material: 'grain',
    });
    for (const resolution of ['2k', '4k'] as const) {
      const levels = resolution === '2k' ? 5 : 6;
      const stream = encoder.encode(image, {
        reversible: false,
        baseStep: 1,
        levels,
        blockWidth: 32,
        blockHeight: 32,
        precinctsLog2: [7, 8],
        progression: 'LRCP',
        guardBits: resolution === '2k' ? 1 : 2,
        packetMarkers: true,
        bytesMax: 100_000,
      });
      const options = { resolution, frameRate: ratio(24) };
      const severe = (bytes: Uint8Array) =>
        checkCinema(bytes, options).filter((each) => each.severity === 'error');
      expect(severe(stream).length).toBeGreaterThan(2);
      const made = transcoded(stream, { cinema: resolution });
      expect(severe(made)).toEqual([]);
      expect(
        largestDifference(decoder.decode(made).components, decoder.decode(stream).components),
      ).toBe(0);
    }
  });

  it('[JT3] what is cut off, or cannot be cut so finely, is refused', () => {
    const image = picture({ width: 90, height: 90, components: 3, bitDepth: 8, material: 'grain' });
    const stream = encoder.encode(image, { progression: 'RPCL', precinctsLog2: [3] });
    const codes = (bytes: Uint8Array, options: TranscodeOptions = {}) =>
      transcodeHeaders(bytes, options).findings.map((each) => `${each.severity} ${each.code}`);
    expect(codes(stream.slice(0, stream.length - 200))).toEqual(['error truncated_codestream']);
    expect(codes(stream, { progression: 'PCRL', tileParts: 'component' })).toEqual([
      'error excessive_tile_parts',
    ]);
    expect(codes(stream.slice(0, 30))[0]).toMatch(/^error truncated/);
    const next = random(3);
    for (let run = 0; run < 60; run++) {
      const bytes = stream.slice();
      bytes[Math.floor(next() * 160)] = Math.floor(next() * 256);
      const outcome = transcodeHeaders(bytes, { progression: 'LRCP' });
      if (!outcome.ok) expect(outcome.findings[0]!.severity).toBe('error');
    }
  });

  it('[JT4] comments and profile are what was asked for', () => {
    const image = picture({ width: 30, height: 30, components: 1, bitDepth: 8, material: 'grain' });
    const stream = encoder.encode(image);
    const read = (options: TranscodeOptions) => {
      const parsed = parseCodestream(transcoded(stream, options));
      if (!parsed.ok) throw new Error('refused');
      return { profile: parsed.value.size.profile, comments: parsed.value.comments };
    };
    expect(read({})).toEqual({ profile: 0, comments: ['Yinglian'] });
    expect(read({ comment: 'Reel 2', profile: 2 })).toEqual({ profile: 2, comments: ['Reel 2'] });
    expect(read({ comment: '' }).comments).toEqual([]);
  });
});
