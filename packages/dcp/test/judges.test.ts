import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { equalBytes, fromHex, memorySink } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  channelLayout,
  type TrackFileIdentity,
  writePictureTrackFile,
  writeSoundTrackFile,
  writeTimedText,
} from '../src/index.ts';
import { BASES, type BaseName, build } from './faults.ts';
import { cryptography, fixture, FIXTURES, HAS_FIXTURES, seeded } from './fixtures.ts';
import { hasProgram, run, withFolder } from './judges.ts';

const HAS_FFMPEG = hasProgram('ffmpeg') && hasProgram('ffprobe');
const HAS_XMLLINT = hasProgram('xmllint', '--version');
const HERE = dirname(fileURLToPath(import.meta.url));
const HAS_NODE_AV = existsSync(join(HERE, '../../../node_modules/node-av'));
if (!HAS_NODE_AV) console.log('skipped where marked: node-av is not installed');
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

describe.skipIf(!HAS_FIXTURES || !HAS_NODE_AV)('judged by FFmpeg 8', () => {
  it('[DCP18] FFmpeg decrypts our track files to the very frames', async () => {
    const key = '00112233445566778899aabbccddeeff';
    const one = fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c');
    const frames = [one, one.slice(0, 6000), one.slice(0, 5999)];
    for (const labels of ['smpte', 'interop'] as const) {
      await withFolder(async (folder) => {
        let bytes: Uint8Array = new Uint8Array(0);
        const sink = memorySink((whole) => {
          bytes = whole;
        });
        await writePictureTrackFile(
          sink,
          { cryptography, random: seeded('judge') },
          {
            identity: identity(labels),
            editRate: { numerator: 24, denominator: 1 },
            frames,
            encryption: { key: fromHex(key), keyId: identity(labels).assetId },
          },
        );
        await sink.close();
        const path = join(folder, 'picture.mxf');
        writeFileSync(path, bytes);
        const judge = join(HERE, 'decrypting-judge.mjs');
        const out = execFileSync('node', [judge, path, key], { stdio: 'pipe' }).toString();
        const wanted = frames.map((frame) => createHash('sha1').update(frame).digest('hex'));
        expect([labels, out.trim().split('\n')]).toEqual([labels, wanted]);
      });
    }
  });
});

describe.skipIf(!HAS_FIXTURES || !HAS_XMLLINT)('judged by xmllint', () => {
  const SCHEMAS = join(FIXTURES, 'xsd/clairmeta');
  const SCHEMA_OF = {
    smpte: {
      ASSETMAP: 'SMPTE-429-9-2007-AM.xsd',
      pkl: 'SMPTE-429-8-2006-PKL.xsd',
      cpl: 'SMPTE-429-16-2014-CPL-Metadata.xsd',
    },
    interop: {
      ASSETMAP: 'PROTO-ASDCP-AM-20040311.xsd',
      pkl: 'PROTO-ASDCP-PKL-20040311.xsd',
      cpl: 'PROTO-ASDCP-CPL-20040511.xsd',
    },
  };

  it('[DCP19] our documents keep the schemas of SMPTE and Interop', async () => {
    const targets = Object.entries(BASES).map(
      async ([name, make]) => [name as BaseName, await make()] as const,
    );
    const lint = (folder: string, name: string, schema: string, bytes: Uint8Array): void => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      const args = ['--noout', '--nonet', '--schema', join(SCHEMAS, schema), path];
      const env = { ...process.env, XML_CATALOG_FILES: join(SCHEMAS, 'catalog.xml') };
      // Throws unless the document is valid.
      execFileSync('xmllint', args, { stdio: 'pipe', env });
    };
    const signed = build({ standard: 'interop', encrypted: true }, {}, true);
    for (const [name, target] of [
      ...(await Promise.all(targets)),
      ['interop', await signed] as const,
    ]) {
      const schemas = SCHEMA_OF[name === 'interop' ? 'interop' : 'smpte'];
      await withFolder(async (folder) => {
        for (const [kind, schema] of Object.entries(schemas)) {
          lint(folder, `${kind}.xml`, schema, target.files.get(target.path(kind))!);
        }
      });
    }
    const cues = [{ startMs: 5000, endMs: 6000, lines: [[{ text: 'a', italic: true }]] }];
    await withFolder(async (folder) => {
      for (const standard of ['smpte', 'interop'] as const) {
        const id = identity(standard).assetId;
        const editRate = { numerator: 24, denominator: 1 };
        const issueDate = '2026-11-22T20:46:31+00:00';
        const head = {
          standard,
          id,
          title: 'T',
          language: 'en',
          issueDate,
          reelNumber: 1,
          editRate,
        };
        const text = writeTimedText(cues, { ...head, font: { id } }, { fromMs: 0, untilMs: 9000 });
        const schema = standard === 'smpte' ? 'DCDMSubtitle-2014.xsd' : 'DCSubtitle.xsd';
        lint(folder, `${standard}.xml`, schema, text);
      }
    });
  });
});
