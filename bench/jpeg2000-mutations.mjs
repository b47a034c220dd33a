// Mutated streams against parser, checker and decoder: no exception, no hang, and no read or write
// outside of what was given (the kernels' memory has its own bounds; what is left to see is that it
// does not grow without end).
// `node bench/jpeg2000-mutations.mjs [--count N] [--seconds S] [--seed N]`.
import { parseArgs } from 'node:util';
import {
  checkCinema,
  createDecoder,
  createEncoder,
  PROGRESSIONS,
  transcodeHeaders,
} from '../packages/jpeg2000/dist/index.js';
import { isMain } from './measure.mjs';
import { random } from './support/pictures.mjs';

/** CPU time of one stream; the largest picture that may be claimed has 64 million samples. */
const SLOWEST_MS = 10_000;

/** Streams of all kinds, small enough for a million of them. */
async function seeds(next) {
  const encoder = await createEncoder();
  const between = (a, b) => a + Math.floor(next() * (b - a + 1));
  const streams = [];
  for (let run = 0; run < 60; run++) {
    const [width, height] = [between(1, 30), between(1, 30)];
    const bitDepth = between(8, 14);
    const count = [1, 3, 4][between(0, 2)];
    const components = Array.from({ length: count }, (_, c) =>
      Int32Array.from({ length: width * height }, (__, i) =>
        Math.floor(((i % width) / width + next() / (2 + c)) * 0.6 * 2 ** bitDepth),
      ),
    );
    streams.push(
      encoder.encode(
        { width, height, bitDepth, components },
        {
          reversible: run % 2 === 0,
          levels: between(0, 5),
          blockWidth: 2 ** between(2, 6),
          blockHeight: 2 ** between(2, 6),
          progression: PROGRESSIONS[between(0, 4)],
          packetMarkers: next() < 0.3,
          ...(next() < 0.4 ? { tileWidth: between(12, 48), tileHeight: between(12, 48) } : {}),
          ...(next() < 0.4 ? { layerBytes: [100, 400] } : {}),
          ...(next() < 0.5 ? { precinctsLog2: [between(2, 6), between(2, 6)] } : {}),
        },
      ),
    );
  }
  const components = [0, 1, 2].map(() =>
    Uint16Array.from({ length: 64 * 48 }, () => next() * 4095),
  );
  const frameRate = { numerator: 24n, denominator: 1n };
  for (const resolution of ['2k', '4k']) {
    const image = { width: 64, height: 48, bitDepth: 12, components };
    streams.push(encoder.encodeCinema(image, { resolution, frameRate }).codestream);
  }
  const packed = streams.slice(0, 20).map((stream, i) => {
    const made = transcodeHeaders(stream, { packHeaders: i % 2 === 0 ? 'main' : 'part' });
    if (!made.ok) throw new Error('a stream of our own is refused');
    return made.value;
  });
  return [...streams, ...packed];
}

const HEADER_BYTES = 140;
const ODD = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** Changes a copy: single bytes, runs, cuts, repeats, swaps; every other time in the headers. */
function mutate(stream, other, next) {
  const at = (length) => Math.floor(next() * length);
  let bytes = stream.slice();
  const changes = 1 + at(4);
  for (let change = 0; change < changes; change++) {
    const reach = next() < 0.5 ? Math.min(HEADER_BYTES, bytes.length) : bytes.length;
    const place = at(reach);
    switch (at(7)) {
      case 0:
        bytes[place] = at(256);
        break;
      case 1:
        bytes[place] ^= 1 << at(8);
        break;
      case 2:
        bytes[place] = ODD[at(ODD.length)];
        break;
      case 3:
        bytes = bytes.slice(0, Math.max(2, place));
        break;
      case 4:
        bytes.fill(at(256), place, place + at(16));
        break;
      case 5:
        bytes = Uint8Array.of(...bytes.subarray(0, place), ...other.subarray(at(other.length)));
        break;
      default:
        bytes.copyWithin(place, at(bytes.length), at(bytes.length));
    }
  }
  return bytes;
}

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '20000' },
      seconds: { type: 'string', default: '3600' },
      seed: { type: 'string', default: '1' },
    },
  });
  const next = random(Number(values.seed));
  const streams = await seeds(next);
  let decoder = await createDecoder();
  const until = Date.now() + Number(values.seconds) * 1000;
  const options = { resolution: '2k', frameRate: { numerator: 24n, denominator: 1n } };
  const told = { count: 0, pictures: 0, refused: 0, slowest: 0, memory: 0, thrown: 0 };
  while (told.count < Number(values.count) && Date.now() < until) {
    const stream = streams[Math.floor(next() * streams.length)];
    const other = streams[Math.floor(next() * streams.length)];
    const bytes = mutate(stream, other, next);
    const began = process.cpuUsage();
    try {
      const decoded = decoder.decode(bytes, {
        reduce: Math.floor(next() * 3),
        ...(next() < 0.3 ? { precisionBits: 4 + Math.floor(next() * 8) } : {}),
      });
      if (decoded.components.length > 0) told.pictures++;
      else told.refused++;
      checkCinema(bytes, options);
      if (told.count % 8 === 0) transcodeHeaders(bytes, { progression: 'RLCP' });
    } catch (fault) {
      told.thrown++;
      console.log('thrown', fault, Buffer.from(bytes).toString('hex').slice(0, 4000));
      decoder = await createDecoder();
    }
    const used = process.cpuUsage(began);
    const took = (used.user + used.system) / 1000;
    if (took > SLOWEST_MS)
      console.log('slow', took, Buffer.from(bytes).toString('hex').slice(0, 4000));
    told.slowest = Math.max(told.slowest, took);
    told.memory = Math.max(told.memory, decoder.memoryBytes);
    told.count++;
    // A stream may claim a large picture; the next ones shall show their own memory.
    if (decoder.memoryBytes > 2 ** 28) decoder = await createDecoder();
  }
  console.log(
    `${told.count} mutated streams: ${told.pictures} gave a picture, ${told.refused} were ` +
      `refused, ${told.thrown} threw; slowest ${told.slowest.toFixed(0)} ms, most memory ` +
      `${(told.memory / 2 ** 20).toFixed(0)} MiB`,
  );
  if (told.thrown > 0 || told.slowest > SLOWEST_MS) process.exitCode = 1;
}

if (isMain(import.meta)) await main();
