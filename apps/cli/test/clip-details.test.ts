import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lookIntoClips } from '../src/production/clip-details.ts';

const MEDIA = fileURLToPath(
  new URL('../../../../shared/fixtures/collab/own/media', import.meta.url),
);
const there = existsSync(MEDIA);
if (!there) process.stderr.write(`skipped: no fixtures at ${MEDIA}\n`);

describe.skipIf(!there)('looking into clips', () => {
  it('gives timecode, length, format and a picture; what is no film gives nothing', async () => {
    const clip = (firstPath: string) => ({
      name: firstPath,
      fileCount: 1,
      sizeBytes: 1,
      firstPath,
    });
    const paths = ['A001C001_23976_h264.mp4', 'A001C003_2997df_prores_proxy.mov', 'media.json'];
    expect(existsSync(join(MEDIA, paths[0]!))).toBe(true);
    const details = await lookIntoClips(MEDIA, paths.map(clip), new AbortController().signal);
    expect(details.get(paths[0]!)).toMatchObject({
      startTimecode: '01:00:00:00',
      endTimecode: '01:00:10:00',
      frameRate: '24000/1001',
      durationSeconds: 10.01,
      width: 320,
      height: 180,
    });
    // 90 frames over the hour, a tenth minute: no label is dropped on the way.
    expect(details.get(paths[1]!)).toMatchObject({
      startTimecode: '00:59:58;00',
      endTimecode: '01:00:01;00',
    });
    expect(details.get(paths[0]!)?.thumbnail).toMatch(/^\/9j\//);
    expect(details.has('media.json')).toBe(false);
  });
});
