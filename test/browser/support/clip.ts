import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MediaEngine } from '@yinglian/media';

const ENGINE = join(import.meta.dirname, '../../../apps/media/dist/index.js');

/** A second of film with burnt-in timecode and a tone, drawn by the product's own engine. */
export async function renderClip(output: string): Promise<void> {
  // The engine starts processes of its own from compiled files, so it is taken compiled too.
  const built = (await import(pathToFileURL(ENGINE).href)) as {
    createMediaEngine: () => MediaEngine;
  };
  const rendered = await built.createMediaEngine().render({
    verb: 'render', output, preset: 'h264-mp4', size: { width: 640, height: 360 },
    frameRate: '24', frames: 24, title: 'SMALL LIGHT', channels: 2,
  });
  if (!rendered.ok) throw new Error(`no clip: ${JSON.stringify(rendered.findings)}`);
}
