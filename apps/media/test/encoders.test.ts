import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ratio } from '@yinglian/core';
import { fromCinemaXyz, type XyzPlanes } from '@yinglian/dcp';
import { checkCinema, createDecoder, createEncoder } from '@yinglian/jpeg2000';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childRunner } from '../src/cinema/child-runner.ts';
import { HeldFault, heldEncoder } from '../src/cinema/held-encoder.ts';
import type { CinemaSettings } from '../src/cinema/messages.ts';
import { findCinemaEncoder } from '../src/cinema/programs.ts';
import { type CinemaJob, createMediaEngine, encodeCinemaFrames } from '../src/index.ts';
import { codes, good, make, readNumber, requireFreshBuild, scratch } from './media.ts';

const folder = scratch();
const engine = createMediaEngine();
const film = join(folder.path, 'film.mov');
const there = {
  openjpeg: (await findCinemaEncoder('openjpeg')).ok,
  ffmpeg: (await findCinemaEncoder('ffmpeg')).ok,
};
for (const [encoder, isThere] of Object.entries(there)) {
  if (!isThere) console.log(`skipped: the encoder ${encoder} is not installed`);
}

function jobIn(name: string, more: Partial<CinemaJob>): CinemaJob {
  const path = join(folder.path, name);
  mkdirSync(path, { recursive: true });
  const input = { kind: 'file', path: film } as const;
  return { input, folder: path, container: 'scope_2k', editRate: '24', ...more };
}

/** A program of this name that speaks as OpenJPEG does when asked, and else does what is told. */
function program(name: string, body: string): string {
  const path = join(folder.path, name);
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = -h ]; then echo 'openjp2 library v2.5.9'; exit 1; fi\n${body}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

beforeAll(async () => {
  requireFreshBuild();
  const size = { width: 512, height: 214 };
  await make(engine, film, { preset: 'prores-mov', frames: 3, size, channels: 0 });
}, 120_000);
afterAll(() => folder.remove());

/** Two pictures of each encoder, at rates that its own cinema switches do and do not know. */
const CASES = [
  { encoder: 'openjpeg', editRate: '25', bitRateMbit: 60, container: 'scope_2k' },
  { encoder: 'openjpeg', editRate: '24', bitRateMbit: 250, container: 'scope_4k' },
  { encoder: 'ffmpeg', editRate: '24', bitRateMbit: 250, container: 'scope_2k' },
] as const;

describe('foreign encoders', () => {
  for (const one of CASES) {
    const { encoder, editRate, bitRateMbit, container } = one;
    it.skipIf(!there[encoder])(
      `[ME43] compresses with ${encoder}, ${container} at ${editRate}`,
      async () => {
        const job = jobIn(`${encoder}-${container}`, { ...one, count: 1, firstFrame: 1 });
        const made = good(await encodeCinemaFrames(engine, job));
        expect(made).toMatchObject({ encoded: 1, lowered: 0 });
        const bytes = new Uint8Array(readFileSync(made.frames[0]!.path));
        const resolution = container === 'scope_4k' ? '4k' : '2k';
        const frameRate = ratio(BigInt(editRate));
        const found = checkCinema(bytes, { resolution, frameRate, bitRateMbit });
        // Not even a warning: Bv2.1 makes errors of them.
        expect(found).toEqual([]);
        const image = (await createDecoder()).decode(bytes);
        const planes = image.components as unknown as XyzPlanes;
        const rgb = fromCinemaXyz(planes, image.width, image.height, 'rec709');
        expect(readNumber(rgb, image.width, image.height)).toBe(1);
        const again = good(await encodeCinemaFrames(engine, job));
        expect(again).toMatchObject({ encoded: 0, reused: 1 });
        expect(readdirSync(job.folder).filter((name) => name.startsWith('.'))).toEqual([]);
      },
      120_000,
    );
  }

  it('[ME43] names a missing program, and refuses what only the own engine does', async () => {
    const nowhere = { encoderProgram: join(folder.path, 'nowhere') };
    for (const encoder of ['openjpeg', 'ffmpeg'] as const) {
      const job = jobIn('missing', { encoder, ...nowhere });
      const { findings } = await encodeCinemaFrames(engine, job);
      expect(codes(findings)).toEqual(['missing_encoder']);
      expect(findings[0]!.facts).toMatchObject({ encoder });
    }
    const job = jobIn('missing', { encoder: 'openjpeg', psnrMax: 40 });
    expect(codes((await encodeCinemaFrames(engine, job)).findings)).toEqual(['invalid_job']);
  });

  const size = { width: 256, height: 128 };
  const settings: CinemaSettings = {
    ...size,
    resolution: '2k',
    editRate: '24',
    bitRateMbit: 2,
    space: 'xyz',
    transfer: 'gamma_2.6',
    white: 'none',
    psnrMax: null,
    encoder: 'openjpeg',
    encoderVersion: '2.5.9',
  };
  const noise = (seed: number) =>
    Uint16Array.from({ length: 256 * 128 }, (_, at) => ((at + seed) * 2_654_435_761) % 4096);
  const planes: XyzPlanes = [noise(1), noise(2), noise(3)];

  it('[ME44] makes a picture smaller that is over, and counts it', async () => {
    const own = await createEncoder();
    const aims: number[] = [];
    const image = { ...size, bitDepth: 12, components: planes };
    const held = heldEncoder(
      {
        encode(_, aim) {
          aims.push(aim);
          // Half as much again as it was asked for.
          const bitRateMbit = (aim * 1.5 * 8 * 24) / 1e6;
          const options = { resolution: '2k', frameRate: ratio(24n), bitRateMbit } as const;
          return Promise.resolve(own.encodeCinema(image, options).codestream);
        },
        close: () => Promise.resolve(),
      },
      settings,
    );
    const coded = await held.encode(planes);
    expect(coded.lowered).toBe(true);
    expect(aims.length).toBe(2);
    expect(coded.codestream.length).toBeLessThanOrEqual(Math.floor(2e6 / 8 / 24));
  });

  it('[ME44] refuses what cannot be brought down, and what breaks the profile', async () => {
    const own = await createEncoder();
    const image = { ...size, bitDepth: 12, components: planes };
    const options = { resolution: '2k', frameRate: ratio(24n), bitRateMbit: 20 } as const;
    const large = own.encodeCinema(image, options).codestream;
    const foreign = (bytes: Uint8Array) => ({
      encode: () => Promise.resolve(bytes),
      close: () => Promise.resolve(),
    });
    const fault = async (bytes: Uint8Array) =>
      (await heldEncoder(foreign(bytes), settings)
        .encode(planes)
        .catch((each: unknown) => each)) as HeldFault;
    expect(codes((await fault(large)).findings)).toEqual(['excessive_codestream']);
    const unnamed = large.slice();
    unnamed[7] = 0;
    expect(codes((await fault(unnamed)).findings)).toContain('mismatched_profile');
    expect((await fault(unnamed)).findings[0]!.code).toBe('illegal_codestream');
  });

  it('[ME44] tells which picture a foreign program failed at', async () => {
    const broken = program('broken', 'echo no memory >&2; exit 3');
    const job = jobIn('broken-work', { encoder: 'openjpeg', encoderProgram: broken });
    const { findings } = await encodeCinemaFrames(engine, job);
    expect(codes(findings)).toEqual(['failed_compression']);
    expect(String(findings[0]!.facts['reason'])).toContain('no memory');
    const junk = program('junk', 'while [ "$1" != -o ]; do shift; done; echo junk > "$2"');
    const foreign = { encoder: 'openjpeg', encoderProgram: junk, workers: 1 } as const;
    const other = jobIn('junk-work', foreign);
    const refusal = (await encodeCinemaFrames(engine, other)).findings;
    expect(refusal[0]).toMatchObject({ code: 'illegal_codestream', at: { frame: 0 } });
  }, 60_000);

  it('[ME44] tells what went wrong first, and then how the program ended', async () => {
    const said =
      'echo "[WARNING] slow" >&2; echo no memory >&2; echo "error code: -22" >&2; exit 3';
    const runner = childRunner(program('talking', said));
    await expect(runner.run([])).rejects.toThrow(/talking: no memory \(3\)$/);
    await runner.close();
  });

  it('[ME45] ends its children when it is cancelled and leaves nothing', async () => {
    const mark = join(folder.path, 'pid');
    const slow = program('slow', `echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 600`);
    const job = jobIn('slow-work', { encoder: 'openjpeg', encoderProgram: slow, workers: 1 });
    const cancel = new AbortController();
    const running = encodeCinemaFrames(engine, job, { signal: cancel.signal });
    while (!existsSync(mark)) await new Promise((later) => setTimeout(later, 20));
    cancel.abort();
    expect(codes((await running).findings)).toEqual(['cancelled_job']);
    const child = readFileSync(mark, 'utf8').trim();
    expect(() => process.kill(Number(child), 0)).toThrow('ESRCH');
    expect(readdirSync(job.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 60_000);
});
