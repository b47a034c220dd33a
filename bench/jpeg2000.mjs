// JPEG 2000 against opj_compress in one run: frames per CPU second at equal bytes, and what is lost
// in PSNR. Run after a build:
// `node bench/jpeg2000.mjs [--frames N] [--repeat N] [--4k] [--material NAME]`.
// Each frame is coded several times and the best is taken: another program's load costs caches too.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDecoder, createEncoder } from '../packages/jpeg2000/dist/index.js';
import { materials, PEAK } from './support/pictures.mjs';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '2' },
    repeat: { type: 'string', default: '3' },
    '4k': { type: 'boolean', default: false },
    material: { type: 'string' },
  },
});
const FRAMES = Number(values.frames);
const REPEAT = Number(values.repeat);
const resolution = values['4k'] ? '4k' : '2k';
const [width, height] = values['4k'] ? [4096, 2160] : [2048, 1080];
const RATE = { numerator: 24n, denominator: 1n };
const MATERIAL = materials(width, height, FRAMES);

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
        const runs = Array.from({ length: REPEAT }, () =>
          timed(
            `opj_compress -cinema${resolution.toUpperCase()} 24 -i ${raw} ` +
              `-F ${width},${height},3,12,u -o ${out}`,
          ),
        );
        const ok = runs.every((run) => run.ok);
        const fastest = Math.min(...runs.map((run) => run.seconds));
        if (!ok) throw new Error('opj_compress failed');
        const size = statSync(out).size;
        total.opj += fastest;
        total.opjBytes += size;
        // Bytes are only comparable where the limit binds; elsewhere both code everything.
        if (size > FULL_BYTES) bitRateMbit = Math.min(250, ((size + 0.5) * 8 * 24) / 1e6);
        total.opjPsnr += psnr(components, decoder.decode(readFileSync(out)).components);
      }
      const options = { resolution, frameRate: RATE, bitRateMbit };
      const [coded, ours] = best(() => encoder.encodeCinema(image, options));
      const { codestream } = coded;
      const [decoded, decodeSeconds] = best(() => decoder.decode(codestream));
      const [, quarterSeconds] = best(() => decoder.decode(codestream, { reduce: 2 }));
      total.ours += ours;
      total.bytes += codestream.length;
      total.decode += decodeSeconds;
      total.quarter += quarterSeconds;
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

/** What work gives, and the fewest CPU seconds that it took. */
function best(work) {
  let fastest = Infinity;
  let result;
  for (let run = 0; run < REPEAT; run++) {
    const began = process.cpuUsage();
    result = work();
    const used = process.cpuUsage(began);
    fastest = Math.min(fastest, (used.user + used.system) / 1e6);
  }
  return [result, fastest];
}
