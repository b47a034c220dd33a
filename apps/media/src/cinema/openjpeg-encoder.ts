import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { XyzPlanes } from '@yinglian/dcp';
import { transcodeHeaders } from '@yinglian/jpeg2000';
import { childRunner } from './child-runner.ts';
import type { ForeignEncoder } from './held-encoder.ts';
import type { CinemaSettings } from './messages.ts';

const BITS = 12;
const COMPONENTS = 3;
/** ISO/IEC 15444-1 Table A.45 and RDD 52: the guard bits and the resolutions of each profile. */
export const PROFILES = {
  '2k': { guardBits: 1, resolutions: 6 },
  '4k': { guardBits: 2, resolutions: 7 },
} as const;

/**
 * `opj_compress` of OpenJPEG 2.5, one child for each picture. Its own cinema switches know two
 * rates and take no other, so what is coded is spelled out, and its packets are put into the order
 * and the parts of the profile afterwards. Whether the whole keeps to it is judged by who holds it.
 */
export function openJpegEncoder(
  settings: CinemaSettings,
  program: string,
  scratch: string,
): ForeignEncoder {
  const { width, height, resolution } = settings;
  const raw = join(scratch, 'picture.rawl');
  const coded = join(scratch, 'picture.j2k');
  const children = childRunner(program);
  const rawBytes = (width * height * COMPONENTS * BITS) / 8;
  return {
    async encode(planes: XyzPlanes, bytesMax: number) {
      await writeFile(raw, planar(planes, width * height));
      const rate = (rawBytes / bytesMax).toFixed(4);
      await children.run([
        '-i',
        raw,
        '-o',
        coded,
        '-F',
        `${width},${height},${COMPONENTS},${BITS},u`,
        ...profileArguments(resolution),
        '-r',
        rate,
      ]);
      const bytes = new Uint8Array(await readFile(coded));
      const ordered = transcodeHeaders(bytes, { cinema: resolution });
      return ordered.ok ? ordered.value : bytes;
    },
    close: () => children.close(),
  };
}

function profileArguments(resolution: '2k' | '4k'): string[] {
  const { guardBits, resolutions } = PROFILES[resolution];
  const precincts = [...Array.from({ length: resolutions - 1 }, () => '[256,256]'), '[128,128]'];
  return [
    '-n',
    String(resolutions),
    '-b',
    '32,32',
    '-c',
    precincts.join(','),
    '-p',
    'CPRL',
    '-I',
    '-mct',
    '1',
    '-GuardBits',
    String(guardBits),
  ];
}

/** Component after component, 16 bits little-endian. */
function planar(planes: XyzPlanes, samples: number): Buffer {
  const bytes = Buffer.allocUnsafe(samples * 2 * COMPONENTS);
  planes.forEach((plane, at) => {
    Buffer.from(plane.buffer, plane.byteOffset, samples * 2).copy(bytes, at * samples * 2);
  });
  return bytes;
}
