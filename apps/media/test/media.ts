import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, Outcome } from '@yinglian/core';
import { createMediaEngine, type MediaEngine, type RenderJob } from '../src/index.ts';
import { STRIP_CELLS, STRIP_SHARE } from '../src/render/scenes.ts';

const here = new URL('..', import.meta.url).pathname;

/** Children run from `dist`: tests of an older build would prove nothing. */
export function requireFreshBuild(): void {
  const newest = (folder: string, ending: string): number =>
    Math.max(
      0,
      ...readdirSync(join(here, folder), { recursive: true, encoding: 'utf8' })
        .filter((each) => each.endsWith(ending))
        .map((each) => statSync(join(here, folder, each)).mtimeMs),
    );
  const built = existsSync(join(here, 'dist/worker.js')) ? newest('dist', '.js') : 0;
  if (built < newest('src', '.ts')) {
    throw new Error('apps/media/dist is older than its sources: run `tsc -b apps/media` first');
  }
}

export type Implementation = { readonly name: string; readonly engine: MediaEngine };

const SYSTEM_FFMPEG = process.env['YINGLIAN_FFMPEG'] ?? '/usr/bin/ffmpeg';

/** Both implementations; the second only where the machine has it. */
export function implementations(): readonly Implementation[] {
  const first = { name: 'node-av', engine: createMediaEngine() };
  const version = spawnSync(SYSTEM_FFMPEG, ['-version'], { encoding: 'utf8' });
  if (version.status !== 0) {
    console.log(`skipped: the second implementation, no ffmpeg at ${SYSTEM_FFMPEG}`);
    return [first];
  }
  const engine = createMediaEngine({ engine: 'ffmpeg', ffmpegPath: SYSTEM_FFMPEG });
  return [first, { name: 'ffmpeg', engine }];
}

export function scratch(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'yinglian-media-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The value of an accepted outcome; the findings are the message otherwise. */
export function good<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

export function codes(findings: readonly Finding[]): string[] {
  return findings.map((each) => each.code);
}

export const SMALL = { width: 320, height: 180 };

/** A rendered film with its number strip, 50 pictures unless told. */
export async function make(
  engine: MediaEngine,
  output: string,
  more: Partial<RenderJob>,
): Promise<string> {
  const job: RenderJob = {
    verb: 'render',
    output,
    preset: 'h264-mp4',
    size: SMALL,
    frameRate: '24',
    frames: 50,
    title: 'Test',
    programme: 'bars',
    ...more,
  };
  good(await engine.render(job));
  return output;
}

/** Reads the number strip of an RGB picture with `depth` bytes per sample. */
export function readNumber(bytes: Uint8Array, width: number, height: number, depth = 1): number {
  const y = Math.floor(height * (1 - STRIP_SHARE / 2));
  let number = 0;
  for (let cell = 0; cell < STRIP_CELLS; cell++) {
    const x = Math.floor(((cell + 0.5) * width) / STRIP_CELLS);
    const high = bytes[(y * width + x) * 3 * depth + (depth - 1)]!;
    number = number * 2 + (high > 127 ? 1 : 0);
  }
  return number;
}
