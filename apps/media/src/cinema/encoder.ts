import { createEncoder, type RateState } from '@yinglian/jpeg2000';
import { ffmpegEncoder } from './ffmpeg-encoder.ts';
import { type ForeignEncoder, heldEncoder } from './held-encoder.ts';
import { cinemaRules, type CinemaSettings } from './messages.ts';
import { openJpegEncoder } from './openjpeg-encoder.ts';
import type { CinemaEncoder } from './port.ts';

/** The encoder that settings name; `scratch` is a folder of its own for passing files. */
export async function openCinemaEncoder(
  settings: CinemaSettings,
  program: string,
  scratch: string,
): Promise<CinemaEncoder> {
  if (settings.encoder === 'own') return ownEncoder(settings);
  const open: (settings: CinemaSettings, program: string, scratch: string) => ForeignEncoder =
    settings.encoder === 'openjpeg' ? openJpegEncoder : ffmpegEncoder;
  return heldEncoder(open(settings, program, scratch), settings);
}

async function ownEncoder(settings: CinemaSettings): Promise<CinemaEncoder> {
  const { width, height, psnrMax } = settings;
  const rules = cinemaRules(settings);
  const encoder = await createEncoder();
  let state: RateState | undefined;
  return {
    encode(planes) {
      const coded = encoder.encodeCinema(
        { width, height, bitDepth: 12, components: planes },
        { ...rules, ...(psnrMax === null ? {} : { psnrMax }) },
        state,
      );
      state = coded.state;
      return Promise.resolve({ codestream: coded.codestream, lowered: false });
    },
    close: () => Promise.resolve(),
  };
}
