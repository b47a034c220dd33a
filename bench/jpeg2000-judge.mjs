// OpenJPEG as judge over thousands of random parameter sets: what we write it decodes as we do,
// equal on 5/3 and within one code value on 9/7.
// `node bench/jpeg2000-judge.mjs [--count N] [--seed N]`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  createDecoder,
  createEncoder,
  PROGRESSIONS,
  transcodeHeaders,
} from '../packages/jpeg2000/dist/index.js';
import { isMain } from './measure.mjs';
import { random } from './support/pictures.mjs';

const BATCH = 100;

function draw(next) {
  const between = (a, b) => a + Math.floor(next() * (b - a + 1));
  const one = (list) => list[between(0, list.length - 1)];
  const [width, height] = [between(1, 100), between(1, 100)];
  const bitDepth = between(8, 13);
  const peak = 2 ** bitDepth - 1;
  const [grain, wave] = [next() ** 3, next()];
  const components = Array.from({ length: one([1, 3, 4]) }, (_, c) =>
    Int32Array.from({ length: width * height }, (__, i) => {
      const smooth = 0.5 + 0.4 * wave * Math.sin((i % width) / (5 + c) + i / width / 9);
      const value = Math.round((smooth + (next() - 0.5) * grain) * peak);
      return Math.max(0, Math.min(peak, value));
    }),
  );
  const options = {
    reversible: next() < 0.5,
    levels: between(0, 6),
    blockWidth: 2 ** between(2, 6),
    blockHeight: 2 ** between(2, 6),
    progression: one(PROGRESSIONS),
    precinctsLog2: [between(2, 7), between(2, 7)],
    origin: { x: between(0, 9), y: between(0, 9) },
    packetMarkers: next() < 0.3,
    ...(next() < 0.4 ? { tileWidth: between(20, 90), tileHeight: between(20, 90) } : {}),
    ...(next() < 0.4 ? { layerBytes: [400, 1500] } : {}),
    ...(next() < 0.3 ? { bytesMax: between(6000, 20_000) } : {}),
  };
  const packed = next() < 0.2 ? one(['main', 'part']) : undefined;
  return { image: { width, height, bitDepth, components }, options, packed };
}

function differenceOf(bytes, components, bitDepth) {
  const size = bitDepth > 8 ? 2 : 1;
  let at = 0;
  let largest = 0;
  for (const plane of components) {
    for (const value of plane) {
      const theirs = size === 2 ? bytes.readUInt16LE(at) : bytes[at];
      largest = Math.max(largest, Math.abs(value - theirs));
      at += size;
    }
  }
  return at === bytes.length ? largest : Infinity;
}

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (spawnSync('opj_decompress', ['-h']).error !== undefined) {
    console.log('opj_decompress is absent: nothing is judged');
    return;
  }
  const next = random(Number(values.seed));
  const encoder = await createEncoder();
  const decoder = await createDecoder();
  const told = new Map();
  const count = (what) => told.set(what, (told.get(what) ?? 0) + 1);
  for (let done = 0; done < Number(values.count);) {
    const folder = mkdtempSync(join(tmpdir(), 'jpeg2000-judge-'));
    mkdirSync(join(folder, 'in'));
    const cases = [];
    while (cases.length < BATCH && done < Number(values.count)) {
      const drawn = draw(next);
      done++;
      let stream;
      try {
        stream = encoder.encode(drawn.image, drawn.options);
      } catch (fault) {
        if (fault.name !== 'ByteLimitFault') throw fault;
        count('the limit was below the headers');
        continue;
      }
      if (drawn.packed !== undefined) {
        stream = transcodeHeaders(stream, { packHeaders: drawn.packed }).value;
      }
      const decoded = decoder.decode(stream);
      if (decoded.findings.length > 0) count('findings of our own decoder');
      writeFileSync(join(folder, 'in', `${cases.length}.j2k`), stream);
      cases.push({ ...drawn, stream, components: decoded.components });
    }
    const args = ['-ImgDir', join(folder, 'in'), '-OutFor', 'RAWL'];
    spawnSync('opj_decompress', args, { stdio: 'ignore' });
    for (const [index, each] of cases.entries()) {
      const raw = join(folder, 'in', `${index}.rawl`);
      const wavelet = each.options.reversible ? '5/3' : '9/7';
      if (!existsSync(raw)) count(`${wavelet}: not decoded`);
      else {
        const found = differenceOf(readFileSync(raw), each.components, each.image.bitDepth);
        count(`${wavelet}: differs by ${found}`);
        if (found > (each.options.reversible ? 0 : 1)) {
          const { width, height, bitDepth } = each.image;
          console.log(JSON.stringify({ found, width, height, bitDepth, ...each.options }));
          if (process.env.JPEG2000_KEEP) {
            writeFileSync(
              join(process.env.JPEG2000_KEEP, `case-${done}-${index}.j2k`),
              each.stream,
            );
          }
        }
      }
    }
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [what, number] of [...told].toSorted()) console.log(`${what}: ${number}`);
}

if (isMain(import.meta)) await main();
