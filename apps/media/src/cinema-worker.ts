/** A thread that turns pictures into codestreams, one after the other. */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { toCinemaXyz, type XyzPlanes } from '@yinglian/dcp';
import { openCinemaEncoder } from './cinema/encoder.ts';
import { HeldFault } from './cinema/held-encoder.ts';
import {
  type CinemaAnswer,
  type CinemaTask,
  type CinemaWorkerData,
  codestreamName,
  ENCODER_GENERATION,
  STOP,
} from './cinema/messages.ts';
import type { CinemaCoded } from './cinema/port.ts';

const { folder, settings, program } = workerData as CinemaWorkerData;
const { width, height } = settings;
const port = parentPort!;
/** Of a foreign encoder's passing files. */
const scratch = join(folder, `.encoder-${process.pid}-${threadId}`);
if (settings.encoder !== 'own') await mkdir(scratch, { recursive: true });
const encoder = await openCinemaEncoder(settings, program, scratch);
const makePlane = () => new Uint16Array(width * height);
const planes: XyzPlanes = [makePlane(), makePlane(), makePlane()];
const salt = JSON.stringify([ENCODER_GENERATION, settings]);

/** The picture and all that shapes its codestream: equal hashes mean equal codestreams. */
function hashOf(pixels: ArrayBuffer): string {
  return createHash('sha256').update(salt).update(new Uint8Array(pixels)).digest('hex');
}

/** ST 428-1 8.2: a DCDM file has the 12 bits of X'Y'Z' in the upper part of 16. */
const SPARE_BITS = 4;

function cutToCinema(samples: Uint16Array): void {
  const [x, y, z] = planes;
  for (let i = 0, at = 0; at < samples.length; i++, at += 3) {
    x[i] = samples[at]! >> SPARE_BITS;
    y[i] = samples[at + 1]! >> SPARE_BITS;
    z[i] = samples[at + 2]! >> SPARE_BITS;
  }
}

function encode(pixels: ArrayBuffer): Promise<CinemaCoded> {
  const { space, transfer, white } = settings;
  const samples = new Uint16Array(pixels);
  if (space === 'xyz') cutToCinema(samples);
  else toCinemaXyz(samples, width, height, { space, transfer, white, bits: 16 }, planes);
  return encoder.encode(planes);
}

/** Whole or not at all, also after a power cut: written aside, made durable, then named. */
async function store(path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}-${threadId}.part`;
  const file = await open(aside, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

async function answer({ number, pixels }: CinemaTask): Promise<CinemaAnswer> {
  const hash = hashOf(pixels);
  const path = join(folder, codestreamName(hash));
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && there.size > 0) {
    return { number, pixels, hash, sizeBytes: there.size, wasThere: true, lowered: false };
  }
  const { codestream, lowered } = await encode(pixels);
  await store(path, codestream);
  return { number, pixels, hash, sizeBytes: codestream.length, wasThere: false, lowered };
}

async function stop(): Promise<void> {
  await encoder.close();
  await rm(scratch, { recursive: true, force: true });
  port.close();
}

port.on('message', (task: CinemaTask | typeof STOP) => {
  if (task === STOP) {
    void stop();
    return;
  }
  answer(task).then(
    (done) => port.postMessage(done, 'pixels' in done ? [done.pixels] : []),
    (reason: unknown) => {
      const { message, code } = reason as NodeJS.ErrnoException;
      const findings = reason instanceof HeldFault ? reason.findings : [];
      port.postMessage({ number: task.number, fault: message, errno: code ?? null, findings });
    },
  );
});
