import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, memorySink } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  channelLayout,
  type TrackFileIdentity,
  writePictureTrackFile,
  writeSoundTrackFile,
} from '../src/index.ts';
import { cryptography, fixture, HAS_FIXTURES, seeded } from './fixtures.ts';
import { hasProgram, run, withFolder } from './judges.ts';

const HAS_FFMPEG = hasProgram('ffmpeg') && hasProgram('ffprobe');
const HAS_MEDIAINFO = hasProgram('mediainfo', '--Version');

const identity = (labels: 'smpte' | 'interop'): TrackFileIdentity => ({
  assetId: '12b30dd8-350c-41b1-a8cd-7f3693a0303c',
  labels,
  created: '2026-11-22T20:46:31Z',
  company: 'Yinglian',
  product: 'dcp',
  version: '0.1.0',
});

async function pictureFile(labels: 'smpte' | 'interop', frames: Uint8Array[]): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  const sink = memorySink((whole) => {
    bytes = whole;
  });
  await writePictureTrackFile(
    sink,
    { cryptography, random: seeded('judge') },
    { identity: identity(labels), editRate: { numerator: 24, denominator: 1 }, frames },
  );
  await sink.close();
  return bytes;
}

describe.skipIf(!HAS_FIXTURES || !HAS_FFMPEG)('judged by ffmpeg', () => {
  it('[DCP15] ffmpeg takes the very codestreams back out of our picture files', async () => {
    const one = fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c');
    for (const labels of ['smpte', 'interop'] as const) {
      await withFolder(async (folder) => {
        const path = join(folder, 'picture.mxf');
        writeFileSync(path, await pictureFile(labels, [one, one, one]));
        const out = join(folder, 'out.j2c');
        run(
          'ffmpeg',
          '-loglevel',
          'error',
          '-i',
          path,
          '-c',
          'copy',
          '-f',
          'data',
          '-map',
          '0:v',
          out,
        );
        const expected = Buffer.concat([one, one, one]);
        expect(equalBytes(new Uint8Array(readFileSync(out)), expected)).toBe(true);
        const info = JSON.parse(
          run('ffprobe', '-loglevel', 'error', '-of', 'json', '-show_streams', path).toString(),
        ) as { streams: Record<string, unknown>[] };
        expect(info.streams[0]).toMatchObject({
          codec_name: 'jpeg2000',
          width: 1998,
          height: 1080,
          r_frame_rate: '24/1',
          duration_ts: 3,
          pix_fmt: 'xyz12le',
        });
      });
    }
  });

  it('[DCP16] ffmpeg takes the very samples back out of our sound files', async () => {
    const pcm = Uint8Array.from({ length: 48_000 * 6 * 3 }, (_, i) => (i * 7) % 251);
    for (const labels of ['smpte', 'interop'] as const) {
      await withFolder(async (folder) => {
        let bytes: Uint8Array = new Uint8Array(0);
        const sink = memorySink((whole) => {
          bytes = whole;
        });
        await writeSoundTrackFile(
          sink,
          { cryptography, random: seeded('judge') },
          {
            identity: identity(labels),
            editRate: { numerator: 24, denominator: 1 },
            samples: [pcm],
            samplingRateHz: 48_000,
            channelCount: 6,
            layout: channelLayout('51'),
            language: 'zh-CN',
          },
        );
        await sink.close();
        const path = join(folder, 'sound.mxf');
        writeFileSync(path, bytes);
        const out = run(
          'ffmpeg',
          '-loglevel',
          'error',
          '-i',
          path,
          '-c',
          'copy',
          '-f',
          's24le',
          '-',
        );
        expect(equalBytes(new Uint8Array(out), pcm)).toBe(true);
      });
    }
  });
});

describe.skipIf(!HAS_FIXTURES || !HAS_MEDIAINFO)('judged by mediainfo', () => {
  it('[DCP17] mediainfo sees OP-Atom, frame wrapping, codec and size', async () => {
    const one = fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c');
    await withFolder(async (folder) => {
      const path = join(folder, 'picture.mxf');
      writeFileSync(
        path,
        await pictureFile(
          'smpte',
          Array.from({ length: 24 }, () => one),
        ),
      );
      const report = JSON.parse(run('mediainfo', '--Output=JSON', path).toString()) as {
        media: { track: Record<string, string>[] };
      };
      const [general, video] = report.media.track;
      expect(general).toMatchObject({
        Format: 'MXF',
        Format_Profile: 'OP-Atom',
        Format_Settings: 'Closed / Complete',
      });
      expect(video).toMatchObject({
        Format: 'JPEG 2000',
        Width: '1998',
        Height: '1080',
        FrameCount: '24',
        FrameRate: '24.000',
        ColorSpace: 'XYZ',
        BitDepth: '12',
      });
    });
  });
});
