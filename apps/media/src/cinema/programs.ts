import { execFile } from 'node:child_process';
import { accepted, finding, type Outcome, refused } from '@yinglian/core';

/** What makes codestreams: this project's own engine, or a program of the operator's. */
export type CinemaEncoderName = 'own' | 'openjpeg' | 'ffmpeg';

/** Every encoder there is, the default first. */
export const CINEMA_ENCODERS: readonly CinemaEncoderName[] = ['own', 'openjpeg', 'ffmpeg'];

/** How a foreign encoder is asked for its version, and what its answer must contain. */
const PROGRAMS = {
  openjpeg: { program: 'opj_compress', args: ['-h'], version: /openjp2 library v([\d.]+)/ },
  ffmpeg: {
    program: 'ffmpeg',
    args: ['-version'],
    version: /^ffmpeg version (\S+)[^]*--enable-libopenjpeg/,
  },
} as const;

const ASK_TIMEOUT_MS = 60_000;

/** A program that is there, and its version: another one makes other bytes. */
export type FoundEncoder = { readonly program: string; readonly version: string };

/** Looks for the program of an encoder before any picture is decoded. */
export async function findCinemaEncoder(
  encoder: CinemaEncoderName,
  given?: string,
): Promise<Outcome<FoundEncoder>> {
  if (encoder === 'own') return accepted({ program: '', version: '' });
  const { program: usual, args, version } = PROGRAMS[encoder];
  const program = given ?? usual;
  // Some of these end with a fault after their help: only what they print counts.
  const said = await new Promise<string>((done) => {
    execFile(program, args, { timeout: ASK_TIMEOUT_MS }, (_, stdout) => done(stdout));
  });
  const found = version.exec(said)?.[1];
  if (found !== undefined) return accepted({ program, version: found });
  return refused(finding('missing_encoder', 'error', { facts: { encoder, program } }));
}
