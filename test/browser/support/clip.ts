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

/** A second of film with burnt-in timecode and a tone. */
export async function renderClip(output: string): Promise<void> {
  const engine = await builtEngine();
  const rendered = await engine.render({
    verb: 'render', output, preset: 'h264-mp4', size: { width: 640, height: 360 },
    frameRate: '24', frames: 24, title: 'SMALL LIGHT', channels: 2,
  });
  if (!rendered.ok) throw new Error(`no clip: ${JSON.stringify(rendered.findings)}`);
}
