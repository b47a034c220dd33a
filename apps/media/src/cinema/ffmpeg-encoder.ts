import { ratio } from '@yinglian/core';
import type { XyzPlanes } from '@yinglian/dcp';
import { cinemaLimits, transcodeHeaders } from '@yinglian/jpeg2000';
import { childRunner } from './child-runner.ts';
import type { ForeignEncoder } from './held-encoder.ts';
import { cinemaRules, type CinemaSettings } from './messages.ts';
import { PROFILES } from './openjpeg-encoder.ts';

/** `xyz12le` keeps its 12 bits in the upper part of 16. */
const SPARE_BITS = 4;
/** The modes of libopenjpeg in FFmpeg, most bytes first, and the rate whose cap each keeps. */
const MODES = {
  '2k': [
    { mode: '2k_24', framesPerSecond: 24n },
    { mode: '2k_48', framesPerSecond: 48n },
  ],
  '4k': [{ mode: '4k_24', framesPerSecond: 24n }],
} as const;

/**
 * The operator's `ffmpeg` with libopenjpeg, one child for each picture, bytes through pipes. It
 * knows the caps of 24 and 48 pictures a second and nothing between: the largest that fits is
 * taken.
 */
export function ffmpegEncoder(settings: CinemaSettings, program: string): ForeignEncoder {
  const { width, height, resolution } = settings;
  const { guardBits, resolutions } = PROFILES[resolution];
  const children = childRunner(program);
  const whole = cinemaLimits(cinemaRules(settings)).frameBytes;
  const samples = new Uint16Array(width * height * 3);
  return {
    async encode(planes: XyzPlanes, bytesMax: number) {
      const modes = MODES[resolution];
      const fitting = modes.find(({ framesPerSecond }) => {
        const { frameBytes } = cinemaLimits({ resolution, frameRate: ratio(framesPerSecond) });
        return frameBytes <= bytesMax;
      });
      // A still or dark picture may fit all the same: the least is tried once.
      const chosen = fitting ?? (bytesMax < whole ? undefined : modes.at(-1)!);
      if (chosen === undefined) return undefined;
      interleave(planes, samples);
      const codestream = await children.run(
        [
          '-v',
          'error',
          '-f',
          'rawvideo',
          '-pix_fmt',
          'xyz12le',
          '-s',
          `${width}x${height}`,
          '-r',
          '24',
          '-i',
          'pipe:0',
          '-frames:v',
          '1',
          '-c:v',
          'libopenjpeg',
          '-threads',
          '1',
          '-format',
          'j2k',
          '-profile:v',
          `cinema${resolution}`,
          '-cinema_mode',
          chosen.mode,
          '-numresolution',
          String(resolutions),
          '-f',
          'image2pipe',
          'pipe:1',
        ],
        new Uint8Array(samples.buffer),
      );
      // It writes two guard bits whatever is asked for. Where both are needed, both stay.
      const held = transcodeHeaders(codestream, { cinema: resolution, guardBits });
      return held.ok ? held.value : codestream;
    },
    close: () => children.close(),
  };
}

function interleave([x, y, z]: XyzPlanes, samples: Uint16Array): void {
  for (let i = 0, at = 0; at < samples.length; i++, at += 3) {
    samples[at] = x[i]! << SPARE_BITS;
    samples[at + 1] = y[i]! << SPARE_BITS;
    samples[at + 2] = z[i]! << SPARE_BITS;
  }
}
