import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MediaEngine } from '@yinglian/media';

const ENGINE = join(import.meta.dirname, '../../../apps/media/dist/index.js');

/** The product's own engine, compiled: it starts processes of its own from compiled files. */
export async function builtEngine(): Promise<MediaEngine> {
  const built = (await import(pathToFileURL(ENGINE).href)) as {
    createMediaEngine: () => MediaEngine;
  };
  return built.createMediaEngine();
}

/** A second of film, black so that a package of it is made quickly, with a tone. */
export async function renderClip(output: string): Promise<void> {
  const engine = await builtEngine();
  const rendered = await engine.render({
    verb: 'render',
    output,
    preset: 'h264-mp4',
    size: { width: 640, height: 360 },
    frameRate: '24',
    frames: 24,
    title: 'SMALL LIGHT',
    channels: 2,
    programme: 'black',
  });
  if (!rendered.ok) throw new Error(`no clip: ${JSON.stringify(rendered.findings)}`);
}

/** A few small frames, numbered from 0. */
export async function renderFrames(output: string, frames: number): Promise<void> {
  const engine = await builtEngine();
  const rendered = await engine.render({
    verb: 'render',
    output,
    preset: 'png',
    size: { width: 64, height: 36 },
    frameRate: '24',
    frames,
    title: 'F',
    channels: 0,
    programme: 'black',
  });
  if (!rendered.ok) throw new Error(`no frames: ${JSON.stringify(rendered.findings)}`);
}

/** The clip made long with a box that players pass over (ISO/IEC 14496-12 8.1.2). */
export async function lengthenClip(clip: string, output: string, bytes: number): Promise<void> {
  const box = Buffer.alloc(bytes);
  box.writeUInt32BE(bytes, 0);
  box.write('free', 4, 'latin1');
  await writeFile(output, Buffer.concat([await readFile(clip), box]));
}
