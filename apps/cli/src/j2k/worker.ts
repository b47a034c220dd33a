/** A thread that codes or decodes blocks or whole pictures, one task after the other. */
import { parentPort } from 'node:worker_threads';
import {
  type BlockCoder,
  createBlockCoder,
  createDecoder,
  createEncoder,
  type Decoder,
  type Encoder,
} from '@yinglian/jpeg2000';
import type { Task } from './messages.ts';

const port = parentPort!;
let coder: BlockCoder | undefined;
let decoder: Decoder | undefined;
let encoder: Encoder | undefined;

async function perform(task: Task): Promise<unknown> {
  if (task.kind === 'blocks') {
    coder ??= await createBlockCoder();
    return coder.code(task.task);
  }
  if (task.kind === 'decode') {
    decoder ??= await createDecoder();
    return decoder.decode(task.bytes, task.options);
  }
  encoder ??= await createEncoder();
  if (task.kind === 'cinema') return encoder.encodeCinema(task.image, task.options);
  if (task.kind === 'measure') return encoder.measureCinema(task.image, task.options);
  return encoder.encode(task.image, task.options);
}

port.on('message', (task: Task) => {
  perform(task).then(
    (value) => port.postMessage({ value }),
    (fault: Error) => port.postMessage({ fault: fault.message }),
  );
});
