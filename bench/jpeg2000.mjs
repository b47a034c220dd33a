// JPEG 2000 against opj_compress in one run: frames per CPU second at equal bytes, and what is lost
// in PSNR. Run after a build: `node bench/jpeg2000.mjs [--frames N] [--4k] [--material NAME]`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDecoder, createEncoder } from '../packages/jpeg2000/dist/index.js';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '2' },
    '4k': { type: 'boolean', default: false },
    material: { type: 'string' },
  },
});
const FRAMES = Number(values.frames);
const resolution = values['4k'] ? '4k' : '2k';
const [width, height] = values['4k'] ? [4096, 2160] : [2048, 1080];
const PEAK = 4095;
const RATE = { numerator: 24n, denominator: 1n };

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Smooth noise: a grid of random values, interpolated. */
function clouds(next, cell, amplitude, shift = 0) {
  const wide = Math.ceil(width / cell) + 3;
  const grid = Float32Array.from(
    { length: wide * (Math.ceil(height / cell) + 3) },
    () => next() - 0.5,
  );
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell);
    const fy = y / cell - row;
    for (let x = 0; x < width; x++) {
      const at = (x + shift) / cell;
      const column = Math.floor(at);
      const fx = at - column;
      const p = row * wide + column;
      const upper = grid[p] * (1 - fx) + grid[p + 1] * fx;
      const lower = grid[p + wide] * (1 - fx) + grid[p + wide + 1] * fx;
      out[y * width + x] = amplitude * (upper * (1 - fy) + lower * fy);
    }
  }
  return out;
}

function planes(value) {
  return [0, 1, 2].map((component) => {
    const out = new Uint16Array(width * height);
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.max(0, Math.min(PEAK, Math.round(value(i, component))));
    }
    return out;
  });
}

function scene(seed, frame, octaves) {
  const sum = new Float32Array(width * height);
  octaves.forEach(([cell, amplitude], i) => {
    const layer = clouds(random(seed + i), cell, amplitude, frame * 2);
    for (let p = 0; p < sum.length; p++) sum[p] += layer[p];
  });
  return sum;
}

const NATURAL = [
  [300, 2200],
  [80, 900],
  [24, 420],
  [8, 180],
  [3, 80],
];
const MATERIAL = {
  'natural-like': (frame) => {
    const luma = scene(1, frame, NATURAL);
    const warm = clouds(random(9), 150, 500, frame);
    const next = random(100 + frame);
    return planes((i, c) => 1900 + luma[i] + (c - 1) * warm[i] * 0.6 + (next() - 0.5) * 16);
  },
  'film grain': (frame) => {
    const luma = scene(2, frame, NATURAL.slice(0, 3));
    const next = random(200 + frame);
    return planes((i) => 1700 + luma[i] + (next() + next() + next() - 1.5) * 260);
  },
  animation: (frame) => {
    const next = random(3);
    const shapes = Array.from({ length: 60 }, () => ({
      x: next() * width,
      y: next() * height,
      r: (0.02 + next() * 0.15) * width,
      colour: [next() * 3800, next() * 3800, next() * 3800],
    }));
    const canvas = planes((i) => 600 + (i % width) * 0.4);
    for (const { x, y, r, colour } of shapes) {
      const cx = x + frame * 3;
      for (let row = Math.max(0, Math.floor(y - r)); row < Math.min(height, y + r); row++) {
        const half = Math.sqrt(Math.max(0, r * r - (row - y) ** 2));
        const from = Math.max(0, Math.round(cx - half));
        const to = Math.min(width, Math.round(cx + half));
        for (let c = 0; c < 3; c++)
          if (to > from) canvas[c].fill(colour[c], row * width + from, row * width + to);
      }
    }
    return canvas;
  },
  'subtitle on black': (frame) => {
    const next = random(4);
    const canvas = planes(() => 0);
    for (let glyph = 0; glyph < 34; glyph++) {
      const left = Math.round(width * 0.15 + glyph * width * 0.02) + frame;
      for (let stroke = 0; stroke < 4; stroke++) {
        const x = left + Math.round(next() * width * 0.012);
        const y = Math.round(height * 0.85 + next() * height * 0.03);
        const [w, h] =
          next() < 0.5 ? [3, Math.round(height * 0.02)] : [Math.round(width * 0.009), 3];
        for (let row = y; row < y + h; row++) {
          for (const plane of canvas) plane.fill(3700, row * width + x, row * width + x + w);
        }
      }
    }
    return canvas;
  },
  noise: (frame) => {
    const next = random(500 + frame);
    return planes(() => next() * PEAK);
  },
  fade: (frame) => {
    const luma = scene(6, 0, NATURAL);
    const next = random(600 + frame);
    const share = (frame + 1) / (FRAMES + 1);
    return planes((i) => share * (1900 + luma[i]) + (next() - 0.5) * 10);
  },
};

function psnr(a, b) {
  let sum = 0;
  a.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++) sum += (plane[i] - b[c][i]) ** 2;
  });
  return sum === 0 ? Infinity : 10 * Math.log10((PEAK * PEAK * 3 * width * height) / sum);
}

/** CPU seconds of a child, from the shell's own clock. */
function timed(command) {
  const done = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${command} >/dev/null 2>&1`], {
    encoding: 'utf8',
  });
  const [user, system] = done.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { ok: done.status === 0, seconds: user + system };
}

const folder = mkdtempSync(join(tmpdir(), 'jpeg2000-bench-'));
const judge = spawnSync('opj_compress', ['-h']).error === undefined;
if (!judge) console.log('opj_compress is absent: no comparison');
const encoder = await createEncoder();
const decoder = await createDecoder();
const warm = MATERIAL['natural-like'](0);
for (let i = 0; i < 2; i++) {
  encoder.encodeCinema(
    { width, height, bitDepth: 12, components: warm },
    { resolution, frameRate: RATE },
  );
}
console.log(`${width}×${height}, 24 Hz, ${FRAMES} frames each; CPU seconds a frame, PSNR in dB`);
console.log(
  'material            ours s   opj s  ratio    bytes ours / opj        PSNR ours / opj   Δ dB' +
    '  decode s  quarter s',
);
try {
  for (const [name, make] of Object.entries(MATERIAL)) {
    if (values.material !== undefined && values.material !== name) continue;
    const total = {
      ours: 0,
      opj: 0,
      bytes: 0,
      opjBytes: 0,
      psnr: 0,
      opjPsnr: 0,
      decode: 0,
      quarter: 0,
    };
    for (let frame = 0; frame < FRAMES; frame++) {
      const components = make(frame);
      const image = { width, height, bitDepth: 12, components };
      let bitRateMbit = 250;
      const FULL_BYTES = 1_000_000;
      if (judge) {
        const raw = join(folder, 'in.rawl');
        const out = join(folder, 'out.j2c');
        writeFileSync(raw, Buffer.concat(components.map((c) => Buffer.from(c.buffer))));
        const { ok, seconds } = timed(
          `opj_compress -cinema${resolution.toUpperCase()} 24 -i ${raw} ` +
            `-F ${width},${height},3,12,u -o ${out}`,
        );
        if (!ok) throw new Error('opj_compress failed');
        const size = statSync(out).size;
        total.opj += seconds;
        total.opjBytes += size;
        // Bytes are only comparable where the limit binds; elsewhere both code everything.
        if (size > FULL_BYTES) bitRateMbit = Math.min(250, ((size + 0.5) * 8 * 24) / 1e6);
        total.opjPsnr += psnr(components, decoder.decode(readFileSync(out)).components);
      }
      let began = process.cpuUsage();
      const coded = encoder.encodeCinema(image, { resolution, frameRate: RATE, bitRateMbit });
      total.ours += seconds(process.cpuUsage(began));
      total.bytes += coded.codestream.length;
      began = process.cpuUsage();
      const decoded = decoder.decode(coded.codestream);
      total.decode += seconds(process.cpuUsage(began));
      began = process.cpuUsage();
      decoder.decode(coded.codestream, { reduce: 2 });
      total.quarter += seconds(process.cpuUsage(began));
      total.psnr += psnr(components, decoded.components);
    }
    const mean = (value, digits = 3) => (value / FRAMES).toFixed(digits);
    console.log(
      `${name.padEnd(18)} ${mean(total.ours).padStart(7)} ${mean(total.opj).padStart(7)} ` +
        `${(total.opj / total.ours).toFixed(2).padStart(6)}  ` +
        `${mean(total.bytes, 0).padStart(8)} / ${mean(total.opjBytes, 0).padStart(8)}  ` +
        `${mean(total.psnr, 2).padStart(8)} / ${mean(total.opjPsnr, 2).padStart(8)} ` +
        `${mean(total.psnr - total.opjPsnr, 3).padStart(7)} ` +
        `${mean(total.decode).padStart(8)}  ${mean(total.quarter).padStart(8)}`,
    );
  }
  const mebibytes = ({ memoryBytes }) => `${(memoryBytes / 2 ** 20).toFixed(0)} MiB`;
  console.log(`memory of the encoder ${mebibytes(encoder)}, of the decoder ${mebibytes(decoder)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function seconds(usage) {
  return (usage.user + usage.system) / 1e6;
}
