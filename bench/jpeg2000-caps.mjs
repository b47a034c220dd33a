// Byte caps over many mixed frames: no frame over its limit, no finding from the checker, and how
// steady the quality is within a shot. Run after a build:
// `node bench/jpeg2000-caps.mjs [--frames N] [--seconds S] [--full] [--seed N]`.
// Without `--full`, pictures are an eighth of 2K in each area, with the rate in proportion.
import { parseArgs } from 'node:util';
import { checkCinema, cinemaLimits, createEncoder } from '../packages/jpeg2000/dist/index.js';
import { isMain } from './measure.mjs';
import { materials, PEAK, random } from './support/pictures.mjs';

const RATES = [24n, 25n, 30n, 48n, 60n];
const SHOT_FRAMES_MAX = 40;
/** Frames of each material that shots are mixed from. */
const SOURCES = 3;

/** A shot: two materials, how they are mixed, and what the frames may take. */
function drawShot(next, names, full) {
  const one = (list) => list[Math.floor(next() * list.length)];
  const numerator = one(RATES);
  const stereo = next() < 0.2;
  const share = 0.15 + 0.85 * next();
  return {
    first: one(names),
    second: one(names),
    mix: next() < 0.4 ? 1 : next(),
    gain: 0.2 + next(),
    fades: next() < 0.2,
    noise: next() < 0.5 ? 0 : next() * 300,
    frames: 1 + Math.floor(next() * SHOT_FRAMES_MAX),
    options: {
      resolution: '2k',
      frameRate: { numerator, denominator: 1n },
      ...(stereo ? { stereo } : {}),
      bitRateMbit: full ? 250 * share : (250 / 8) * share,
    },
  };
}

function drawFrame(shot, index, sources, next, out) {
  const first = sources.get(shot.first)[index % SOURCES];
  const second = sources.get(shot.second)[(index + 1) % SOURCES];
  const light = shot.fades ? (index + 1) / shot.frames : 1;
  let state = Math.floor(next() * 2 ** 32) | 1;
  for (let c = 0; c < 3; c++) {
    const [a, b, to] = [first[c], second[c], out[c]];
    for (let i = 0; i < to.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const grain = shot.noise * (state / 2 ** 31);
      const value = light * shot.gain * (shot.mix * a[i] + (1 - shot.mix) * b[i]) + grain;
      to[i] = value < 0 ? 0 : value > PEAK ? PEAK : value;
    }
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '3600' },
      full: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  });
  const [width, height] = values.full ? [2048, 1080] : [724, 382];
  const next = random(Number(values.seed));
  const made = materials(width, height, SOURCES);
  const sources = new Map(
    Object.entries(made).map(([name, make]) => [
      name,
      Array.from({ length: SOURCES }, (_, frame) => make(frame)),
    ]),
  );
  const components = [0, 1, 2].map(() => new Uint16Array(width * height));
  const encoder = await createEncoder();
  const until = Date.now() + Number(values.seconds) * 1000;
  const told = { frames: 0, shots: 0, over: 0, errors: 0, largestShare: 0, steps: [], bound: 0 };
  while (told.frames < Number(values.frames) && Date.now() < until) {
    const shot = drawShot(next, [...sources.keys()], values.full);
    const limits = cinemaLimits(shot.options);
    told.shots++;
    let before;
    for (let index = 0; index < shot.frames && told.frames < Number(values.frames); index++) {
      drawFrame(shot, index, sources, next, components);
      const image = { width, height, bitDepth: 12, components };
      const coded = encoder.encodeCinema(image, shot.options);
      const share = coded.codestream.length / limits.frameBytes;
      const isOver = share > 1 || coded.componentBytes.some((b) => b > limits.componentBytes);
      told.frames++;
      told.over += isOver ? 1 : 0;
      told.largestShare = Math.max(told.largestShare, share);
      told.bound += share > 0.99 ? 1 : 0;
      const findings = checkCinema(coded.codestream, shot.options);
      told.errors += findings.filter((each) => each.severity === 'error').length;
      // Only where the limit binds does the codec choose how good a frame is.
      const isBound = share > 0.99;
      if (before !== undefined && isBound && !shot.fades) {
        told.steps.push(Math.abs(coded.psnr - before));
      }
      before = isBound ? coded.psnr : undefined;
      if (isOver) console.log(`over: shot ${told.shots}, frame ${index}`, shot, share);
    }
  }
  const steps = told.steps.toSorted((a, b) => a - b);
  const at = (share) => (steps[Math.floor(share * (steps.length - 1))] ?? 0).toFixed(3);
  console.log(
    `${width}×${height}: ${told.frames} frames in ${told.shots} shots; over a cap: ${told.over}; ` +
      `errors of the checker: ${told.errors}; ${told.bound} filled 99 % or more, the fullest ` +
      `${(100 * told.largestShare).toFixed(4)} %`,
  );
  console.log(
    `PSNR from frame to frame in a shot, dB: median ${at(0.5)}, 99 % ${at(0.99)}, most ${at(1)}`,
  );
  if (told.over + told.errors > 0) process.exitCode = 1;
}

if (isMain(import.meta)) await main();
