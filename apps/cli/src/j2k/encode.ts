import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { parseRatio } from '@yinglian/core';
import { RGB_SPACES, type RgbSpaceName, toCinemaXyz } from '@yinglian/dcp';
import {
  ByteLimitFault,
  type CinemaFrame,
  type CinemaOptions,
  createEncoder,
  type EncodeOptions,
  type Image,
  type Progression,
  PROGRESSIONS,
  type RateCurve,
  sharedSlope,
  type TilePartKey,
} from '@yinglian/jpeg2000';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { filesGiven, targetsOf } from '../kernel/sequence.ts';
import { Crew, threadCount } from './crew.ts';
import { parseShape, readPicture } from './picture-files.ts';

/** Pictures of a folder that is given as a sequence. */
const PICTURE = /\.(?:ppm|pgm|pnm|pam|png|tiff?|raw|rawl)$/i;

/** Options as commander gives them. */
type Given = {
  out: string;
  raw?: string;
  bits?: string;
  from?: RgbSpaceName;
  threads?: string;
  cinema?: '2k' | '4k';
  fps: string;
  mbit?: string;
  stereo?: boolean;
  psnr?: string;
  totalBytes?: string;
  lossy?: boolean;
  bytes?: string;
  levels?: string;
  block?: string;
  precincts?: string;
  progression?: Progression;
  tile?: string;
  tileParts?: TilePartKey;
  layers?: string;
  markers?: boolean;
};

/** `yinglian j2k encode`: pictures to codestreams. */
export function registerEncode(group: Command, environment: Environment): void {
  group
    .command('encode <picture...>')
    .description('pictures (.ppm .pgm .pam .png .tif, raw) or folders of them to codestreams 编码')
    .requiredOption('-o, --out <path>', 'a file for one picture, a folder for several')
    .option('--raw <WxHxCxB>', 'planar little-endian samples, like 2048x1080x3x12')
    .option('--bits <n>', 'use this many bits of each sample, the upper ones')
    .option('--threads <n>', 'by default as many as the machine runs at once')
    .option('--cinema <2k|4k>', 'a digital cinema frame; else a general codestream')
    .option('--from <space>', `convert to X'Y'Z' from: ${Object.keys(RGB_SPACES).join(' ')}`)
    .option('--fps <rate>', 'cinema: frames a second of one eye', '24')
    .option('--mbit <n>', 'cinema: megabits a second, at most and by default 250')
    .option('--stereo', 'cinema: one of two eyes')
    .option('--total-bytes <n>', 'cinema: two passes, all pictures together take this much')
    .option('--psnr <dB>', 'stop at this quality')
    .option('--lossy', '9/7 wavelet; without it all samples come back')
    .option('--bytes <n>', 'most bytes of a codestream')
    .option('--levels <n>', 'decomposition levels')
    .option('--block <WxH>', 'code-blocks, like 64x64')
    .option('--precincts <log2,...>', 'sides of precincts, lowest resolution first')
    .option('--progression <order>', PROGRESSIONS.join(' '))
    .option('--tile <WxH>', 'tiles')
    .option('--tile-parts <by>', 'one resolution component layer')
    .option('--layers <bytes,...>', 'bytes up to each quality layer but the last')
    .option('--markers', 'SOP and EPH around packet headers')
    .action((files: string[], given: Given) => encode(environment, files, given));
}

type Coded = { file: string; out: string; bytes: number; psnr?: number; slopeLog2?: number };

async function encode(environment: Environment, paths: string[], given: Given): Promise<void> {
  const terminal = environment.terminal();
  const files = await filesGiven(paths, PICTURE);
  const targets = targetsOf(files, given.out, given.cinema === undefined ? '.j2k' : '.j2c');
  await mkdir(dirname(targets[0]!), { recursive: true });
  const crew = new Crew(threadCount(given.threads));
  const progress = terminal.progress(terminal.words('编码', 'encoding'));
  const coded: Coded[] = [];
  try {
    const slopeLog2Min = await firstPass(crew, files, given);
    const code = files.length === 1 ? await alone(crew, given) : manyBy(crew, given);
    let done = 0;
    const one = async (file: string, index: number) => {
      if (terminal.signal.aborted) throw new CommandFault('', EXIT.cancelled);
      const image = await load(file, given);
      const frame = await code(image, slopeLog2Min);
      await writeFile(targets[index]!, frame.codestream);
      progress.update(++done / files.length, basename(file));
      coded[index] = {
        file,
        out: targets[index]!,
        bytes: frame.codestream.length,
        ...(frame.psnr === undefined ? {} : { psnr: frame.psnr }),
        ...(frame.state === undefined ? {} : frame.state),
      };
    };
    await inTurn(files, threadCount(given.threads) + 1, one);
  } catch (fault) {
    if (fault instanceof ByteLimitFault) throw new CommandFault(fault.message, EXIT.misused);
    throw fault;
  } finally {
    progress.done();
    await crew.close();
  }
  terminal.answer({ coded });
  terminal.table(
    ['', terminal.words('字节', 'bytes'), 'PSNR dB'],
    coded.map((each) => [each.out, String(each.bytes), each.psnr?.toFixed(2) ?? '']),
  );
}

/** Runs over items, so many at once. */
export async function inTurn<T>(
  items: readonly T[],
  most: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < items.length) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, run));
}

/** What both faces of the encoder give. */
type Frame = { codestream: Uint8Array } & Partial<Pick<CinemaFrame, 'psnr' | 'state'>>;
type CodePicture = (image: Image, slopeLog2Min: number | undefined) => Promise<Frame>;

/** One picture: all threads share its blocks. */
async function alone(crew: Crew, given: Given): Promise<CodePicture> {
  const encoder = await createEncoder();
  return async (image, slopeLog2Min) => {
    const helpers = crew.helpers();
    if (given.cinema === undefined) {
      return { codestream: await encoder.encodeShared(image, generalOptions(given), helpers) };
    }
    return encoder.encodeCinemaShared(image, cinemaOptions(given, slopeLog2Min), helpers);
  };
}

/** Several pictures: each thread has its own. */
function manyBy(crew: Crew, given: Given): CodePicture {
  return async (image, slopeLog2Min) => {
    if (given.cinema === undefined) {
      const options = generalOptions(given);
      return { codestream: await crew.perform({ kind: 'general', image, options }) };
    }
    const options = cinemaOptions(given, slopeLog2Min);
    return crew.perform({ kind: 'cinema', image, options });
  };
}

/** The slope at which all pictures together take what was asked for. */
async function firstPass(crew: Crew, files: string[], given: Given): Promise<number | undefined> {
  if (given.totalBytes === undefined) return undefined;
  if (given.cinema === undefined) throw new CommandFault('--total-bytes: --cinema', EXIT.misused);
  const curves: RateCurve[] = [];
  await inTurn(files, threadCount(given.threads) + 1, async (file, index) => {
    const image = await load(file, given);
    const options = cinemaOptions(given, undefined);
    curves[index] = await crew.perform({ kind: 'measure', image, options });
  });
  return sharedSlope(curves, numberOf(given.totalBytes));
}

async function load(file: string, given: Given): Promise<Image> {
  const shape = given.raw === undefined ? undefined : parseShape(given.raw);
  const read = readPicture(file, new Uint8Array(await readFile(file)), shape);
  // A cinema frame has no place for a picture's opacity.
  const image =
    given.cinema !== undefined && read.components.length === 4
      ? { ...read, components: read.components.slice(0, 3) }
      : read;
  if (given.from !== undefined) return toXyz(image, given.from);
  const bits =
    given.bits ?? (given.cinema !== undefined && image.bitDepth === 16 ? '12' : undefined);
  return bits === undefined ? image : withBits(image, numberOf(bits));
}

function withBits(image: Image, bitDepth: number): Image {
  const shift = image.bitDepth - bitDepth;
  if (shift === 0) return image;
  const move = (value: number) => (shift > 0 ? value >> shift : value << -shift);
  const components = image.components.map((plane) => Uint16Array.from(plane, move));
  return { ...image, bitDepth, components };
}

function toXyz(image: Image, space: RgbSpaceName): Image {
  if (!(space in RGB_SPACES) || image.components.length !== 3) {
    throw new CommandFault(`--from ${Object.keys(RGB_SPACES).join(' ')}`, EXIT.misused);
  }
  const { width, height } = image;
  const whole = withBits(image, 16);
  const rgb = new Uint16Array(width * height * 3);
  // Eight bits become sixteen so that white stays white.
  const scale = image.bitDepth === 8 ? 257 / 256 : 1;
  whole.components.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++) rgb[3 * i + c] = Math.round(plane[i]! * scale);
  });
  const components = toCinemaXyz(rgb, width, height, { space, bits: 16 });
  return { width, height, bitDepth: 12, components };
}

function cinemaOptions(given: Given, slopeLog2Min: number | undefined): CinemaOptions {
  const frameRate = parseRatio(given.fps);
  if (frameRate === undefined) throw new CommandFault(`--fps ${given.fps}`, EXIT.misused);
  return {
    resolution: given.cinema === '4k' ? '4k' : '2k',
    frameRate,
    ...(given.mbit === undefined ? {} : { bitRateMbit: numberOf(given.mbit) }),
    ...(given.stereo === true ? { stereo: true } : {}),
    ...(given.psnr === undefined ? {} : { psnrMax: numberOf(given.psnr) }),
    ...(slopeLog2Min === undefined ? {} : { slopeLog2Min }),
  };
}

function generalOptions(given: Given): EncodeOptions {
  const [blockWidth, blockHeight] = pairOf(given.block);
  const [tileWidth, tileHeight] = pairOf(given.tile);
  if (given.progression !== undefined && !PROGRESSIONS.includes(given.progression)) {
    throw new CommandFault(`--progression ${PROGRESSIONS.join(' ')}`, EXIT.misused);
  }
  const lossy = given.lossy === true || given.psnr !== undefined;
  return {
    reversible: !lossy,
    ...(given.bytes === undefined ? {} : { bytesMax: numberOf(given.bytes) }),
    ...(given.psnr === undefined ? {} : { psnrMax: numberOf(given.psnr) }),
    ...(given.levels === undefined ? {} : { levels: numberOf(given.levels) }),
    ...(blockWidth === undefined ? {} : { blockWidth, blockHeight: blockHeight! }),
    ...(tileWidth === undefined ? {} : { tileWidth, tileHeight: tileHeight! }),
    ...(given.precincts === undefined ? {} : { precinctsLog2: listOf(given.precincts) }),
    ...(given.progression === undefined ? {} : { progression: given.progression }),
    ...(given.tileParts === undefined ? {} : { tileParts: given.tileParts }),
    ...(given.layers === undefined ? {} : { layerBytes: listOf(given.layers) }),
    ...(given.markers === true ? { packetMarkers: true } : {}),
  };
}

/** A number on the command line. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new CommandFault(text, EXIT.misused);
  return value;
}

function listOf(text: string): number[] {
  return text.split(',').map(numberOf);
}

function pairOf(text: string | undefined): [number, number] | [undefined, undefined] {
  if (text === undefined) return [undefined, undefined];
  const [a, b] = text.split('x').map(numberOf);
  return [a!, b ?? a!];
}
