// How many 2K frames of 250 Mbit/s a second are shown at a quarter of their sides, with a decoder
// on each core: what a preview needs is the frame rate of the film.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createDecoder, createEncoder } from '../packages/jpeg2000/dist/index.js';
import { isMain } from './measure.mjs';
import { materials } from './support/pictures.mjs';

/** The part's name in the table. */
export const name = 'JPEG 2000: previews of 2K at 250 Mbit/s, quarter size';

const [WIDTH, HEIGHT] = [2048, 1080];
const FILM_RATE = 24;
const FRAMES = 3;
const ROUNDS = 16;

if (!isMainThread && workerData?.frames !== undefined) await decodeAll(workerData);

/** On a thread: says when it is warm, waits for the word, and decodes. */
async function decodeAll({ frames, options }) {
  const decoder = await createDecoder();
  for (const frame of frames) decoder.decode(frame, options);
  parentPort.postMessage('warm');
  await new Promise((resolve) => parentPort.once('message', resolve));
  for (let round = 0; round < ROUNDS; round++) {
    for (const frame of frames) decoder.decode(frame, options);
  }
  parentPort.postMessage('done');
  parentPort.close();
}

async function rate(frames, options) {
  const threads = availableParallelism();
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL(import.meta.url), { workerData: { frames, options } }),
  );
  const said = () =>
    Promise.all(workers.map((worker) => new Promise((told) => worker.once('message', told))));
  await said();
  const done = said();
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (const worker of workers) worker.postMessage('go');
  await done;
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const count = frames.length * ROUNDS * threads;
  return { perSecond: count / seconds, cpuSeconds: (used.user + used.system) / 1e6 / count };
}

/** One row a material and precision: frames a second beside the film's own. */
export async function run() {
  const encoder = await createEncoder();
  const options = { resolution: '2k', frameRate: { numerator: 24n, denominator: 1n } };
  const rows = [];
  for (const [material, make] of Object.entries(materials(WIDTH, HEIGHT, FRAMES))) {
    const frames = Array.from({ length: FRAMES }, (_, frame) => {
      const image = { width: WIDTH, height: HEIGHT, bitDepth: 12, components: make(frame) };
      return encoder.encodeCinema(image, options).codestream;
    });
    for (const precisionBits of [12, 8]) {
      const { perSecond, cpuSeconds } = await rate(frames, { reduce: 2, precisionBits });
      rows.push({
        what: `${material}, good to ${precisionBits} bits`,
        ours: perSecond,
        limit: FILM_RATE,
        unit: 'frames/s',
        ratio: perSecond / FILM_RATE,
        cpuSeconds,
      });
    }
  }
  return rows;
}

if (isMain(import.meta) && isMainThread) {
  for (const row of await run()) {
    console.log(
      `${row.what.padEnd(36)} ${row.ours.toFixed(1).padStart(6)} frames/s on ` +
        `${availableParallelism()} cores, ${row.ratio.toFixed(2)} × ${FILM_RATE}; ` +
        `${(row.cpuSeconds * 1000).toFixed(1)} CPU ms a frame`,
    );
  }
}
