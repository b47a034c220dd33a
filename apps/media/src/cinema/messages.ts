import { type Finding, parseRatio, ratio } from '@yinglian/core';
import type { RgbSpaceName, TransferName } from '@yinglian/dcp';
import type { CinemaEncoderName } from './programs.ts';

/** What pictures are: RGB of a space, or the X'Y'Z' of a DCDM, which is only cut to 12 bits. */
export type CinemaSpace = RgbSpaceName | 'xyz';

/** How pictures become codestreams; everything that changes a byte of the result. */
export type CinemaSettings = {
  readonly width: number;
  readonly height: number;
  readonly resolution: '2k' | '4k';
  /** The package's rate, `24` or `24000/1001`-like: it sets the bytes of a picture. */
  readonly editRate: string;
  readonly bitRateMbit: number;
  readonly space: CinemaSpace;
  readonly transfer: TransferName;
  readonly white: 'none' | 'dci';
  readonly psnrMax: number | null;
  readonly encoder: CinemaEncoderName;
  /** Of a foreign program; empty for the own engine, whose changes have a number of their own. */
  readonly encoderVersion: string;
  /** One eye of two, which share the rate; left out for flat pictures, as it always was. */
  readonly stereo?: true;
};

export type CinemaTask = {
  readonly number: number;
  /** RGB, 16 bits little-endian, interleaved; handed over and given back. */
  readonly pixels: ArrayBuffer;
};

export type CinemaAnswer =
  | {
      readonly number: number;
      readonly pixels: ArrayBuffer;
      readonly hash: string;
      readonly sizeBytes: number;
      readonly wasThere: boolean;
      readonly lowered: boolean;
    }
  | CinemaFaultAnswer;

export type CinemaFaultAnswer = {
  readonly number: number;
  readonly fault: string;
  readonly errno: string | null;
  /** What the rules say of a picture that a foreign encoder made. */
  readonly findings: readonly Finding[];
};

/** The rules of DCI that codestreams of these settings are made and judged by. */
export function cinemaRules({ resolution, editRate, bitRateMbit, stereo }: CinemaSettings) {
  const frameRate = parseRatio(editRate) ?? ratio(24);
  return { resolution, bitRateMbit, frameRate, stereo: stereo === true };
}

/** Asks a thread to end its child and itself. */
export const STOP = 'stop';

export type CinemaWorkerData = {
  readonly folder: string;
  readonly settings: CinemaSettings;
  /** The program of a foreign encoder. */
  readonly program: string;
};

/** Raised when the encoder's output changes, so that older codestreams are not taken for new. */
export const ENCODER_GENERATION = 2;

export function codestreamName(hash: string): string {
  return `${hash}.j2c`;
}
