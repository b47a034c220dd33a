import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { parseCodestream, createDecoder, cinemaLimits } from '@yinglian/jpeg2000';
import { fromCinemaXyz } from '@yinglian/dcp';
import { ratio } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cinemaActiveArea,
  type CinemaJob,
  createMediaEngine,
  encodeCinemaFrames,
  type MediaInput,
  type PictureStream,
} from '../src/index.ts';
import { codes, good, make, readNumber, requireFreshBuild, scratch } from './media.ts';

const folder = scratch();
const engine = createMediaEngine();
const film = join(folder.path, 'film.mov');
const wide = join(folder.path, 'wide.mov');
const input: MediaInput = { kind: 'file', path: film };
const CONTAINER = { width: 2048, height: 858 };

function jobIn(name: string, more: Partial<CinemaJob> = {}): CinemaJob {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  return { input, folder: path, container: 'scope_2k', editRate: '24', bitRateMbit: 60, ...more };
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

beforeAll(async () => {
  requireFreshBuild();
  // The shape of the container, so that the number strip fills its width.
  const size = { width: 512, height: 214 };
  await make(engine, film, { preset: 'prores-mov', frames: 4, size, channels: 0 });
  const broad = { width: 2100, height: 100 };
  await make(engine, wide, { preset: 'prores-mov', frames: 1, size: broad, channels: 0 });
}, 120_000);
afterAll(() => folder.remove());

describe('cinema frames', () => {
  it('[ME31] gives legal codestreams of the right pictures, in order, on any threads', async () => {
    const seen: number[] = [];
    const two = good(
      await encodeCinemaFrames(engine, jobIn('two', { workers: 2 }), {
        onFrame: (frame) => void seen.push(frame.number),
      }),
    );
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(two).toMatchObject({ ...CONTAINER, encoded: 4, reused: 0, repeated: 0 });
    const one = good(await encodeCinemaFrames(engine, jobIn('one', { workers: 1, count: 2 })));
    for (const [at, frame] of one.frames.entries()) {
      expect(digest(frame.path)).toBe(digest(two.frames[at]!.path));
    }
    const decoder = await createDecoder();
    const limit = cinemaLimits({ resolution: '2k', frameRate: ratio(24), bitRateMbit: 60 });
    for (const frame of two.frames) {
      const bytes = new Uint8Array(readFileSync(frame.path));
      expect(bytes.length).toBe(frame.sizeBytes);
      expect(bytes.length).toBeLessThanOrEqual(limit.frameBytes);
      expect(parseCodestream(bytes).ok).toBe(true);
      if (frame.number > 1) continue;
      const image = decoder.decode(bytes);
      const planes = image.components as unknown as [Uint16Array, Uint16Array, Uint16Array];
      const rgb = fromCinemaXyz(planes, image.width, image.height, 'rec709');
      expect(readNumber(rgb, image.width, image.height)).toBe(frame.number);
      // The yellow bar of 75 %: red and green at 191, no blue.
      const from = (100 * image.width + Math.floor((image.width * 1.5) / 7)) * 3;
      const [red, green, blue] = rgb.subarray(from, from + 3);
      expect([Math.abs(red! - 191) < 4, Math.abs(green! - 191) < 4, blue! < 12]).toEqual([
        true,
        true,
        true,
      ]);
    }
  }, 120_000);

  it('[ME32] goes on where it was stopped and makes nothing twice', async () => {
    const job = jobIn('two');
    const names = readdirSync(job.folder)
      .filter((each) => each.endsWith('.j2c'))
      .sort();
    expect(names).toHaveLength(4);
    rmSync(join(job.folder, names[0]!));
    const old = new Date(1_000_000_000_000);
    utimesSync(join(job.folder, names[1]!), old, old);
    const again = good(await encodeCinemaFrames(engine, job));
    expect(again).toMatchObject({ encoded: 1, reused: 3 });
    expect(statSync(join(job.folder, names[1]!)).mtimeMs).toBe(old.getTime());
    const manifest = JSON.parse(readFileSync(join(job.folder, 'frames.json'), 'utf8'));
    expect(manifest.frames.map((each: [string, number]) => each[0])).toEqual(
      again.frames.map((each) => each.hash),
    );
    const other = good(await encodeCinemaFrames(engine, { ...job, bitRateMbit: 50, count: 1 }));
    expect(other.encoded).toBe(1);
  }, 120_000);

  it('[ME33] compresses a picture that stands still once', async () => {
    const still = join(folder.path, 'still.mkv');
    const size = { width: 320, height: 180 };
    await make(engine, still, {
      preset: 'ffv1-mkv',
      programme: 'still',
      frames: 8,
      size,
      channels: 0,
    });
    const job = jobIn('still', { input: { kind: 'file', path: still } });
    const made = good(await encodeCinemaFrames(engine, job));
    expect(made).toMatchObject({ encoded: 1, repeated: 7 });
    expect(new Set(made.frames.map((each) => each.path)).size).toBe(1);
    expect(made.frames.map((each) => each.number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  }, 120_000);

  it('[ME41] cuts X′Y′Z′ to 12 bits and does nothing else to it', async () => {
    const job = jobIn('xyz', { space: 'xyz', count: 1 });
    const [frame] = good(await encodeCinemaFrames(engine, job)).frames;
    const image = (await createDecoder()).decode(new Uint8Array(readFileSync(frame!.path)));
    const at = 100 * image.width + Math.floor((image.width * 1.5) / 7);
    const [x, y, z] = image.components.map((plane) => plane[at]!);
    // The yellow bar of 75 %: 191 of 255 in two parts, nothing in the third.
    const expected = (191 / 255) * 4095;
    expect(Math.abs(x! - expected)).toBeLessThan(64);
    expect(Math.abs(y! - expected)).toBeLessThan(64);
    expect(z!).toBeLessThan(64);
  }, 120_000);

  it('[ME42] leaves every pixel where it is asked for no scaling', async () => {
    const job = jobIn('none', { mode: 'none', space: 'xyz', count: 1 });
    const [frame] = good(await encodeCinemaFrames(engine, job)).frames;
    const image = (await createDecoder()).decode(new Uint8Array(readFileSync(frame!.path)));
    const bright = (x: number, y: number) =>
      Math.max(...image.components.map((plane) => plane[y * image.width + x]!));
    // 512 by 214 in the middle of 2048 by 858, black around it.
    expect(bright(1024 - 512 / 4, 429 - 80)).toBeGreaterThan(1000);
    expect([bright(700, 429), bright(1024, 300), bright(1400, 429)].every((v) => v < 64)).toBe(
      true,
    );
    const small = { width: 512, height: 214, pixelAspect: '1/1', rotation: 0 } as PictureStream;
    expect(cinemaActiveArea(small, 'scope_2k', 'none')).toEqual({ width: 512, height: 214 });
    const tall = { ...small, width: 3000, height: 500 } as PictureStream;
    expect(cinemaActiveArea(tall, 'scope_2k', 'none')).toEqual({ width: 2048, height: 500 });
    const cut = jobIn('cut', { mode: 'none', count: 1, input: { kind: 'file', path: wide } });
    expect(good(await encodeCinemaFrames(engine, cut)).frames.length).toBe(1);
  }, 120_000);

  it('[ME40] tells what of its container a picture fills', () => {
    const video = { width: 1920, height: 1080, pixelAspect: '1/1', rotation: 0 } as PictureStream;
    expect(cinemaActiveArea(video, 'flat_2k')).toEqual({ width: 1920, height: 1080 });
    expect(cinemaActiveArea(video, 'scope_2k')).toEqual({ width: 1526, height: 858 });
    expect(cinemaActiveArea(video, 'flat_2k', 'fill')).toEqual({ width: 1998, height: 1080 });
    const lying = { ...video, rotation: 90 } as PictureStream;
    expect(cinemaActiveArea(lying, 'full_2k')).toEqual({ width: 608, height: 1080 });
  });

  it('[ME34] is cancelled, and says what is wrong', async () => {
    const cancel = new AbortController();
    const stopped = await encodeCinemaFrames(engine, jobIn('stopped'), {
      signal: cancel.signal,
      onFrame: () => cancel.abort(),
    });
    expect(codes(stopped.findings)).toEqual(['cancelled_job']);
    const nowhere = { ...jobIn('two'), folder: join(folder.path, 'nowhere') };
    expect(codes((await encodeCinemaFrames(engine, nowhere)).findings)).toEqual(['invalid_job']);
    const fast = { ...jobIn('fast'), bitRateMbit: 900 };
    expect(codes((await encodeCinemaFrames(engine, fast)).findings)).toEqual([
      'failed_compression',
    ]);
  }, 120_000);
});
