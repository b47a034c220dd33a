import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Client, Contract } from '@yinglian/contract';
import { CommandFault, EXIT } from './exit-codes.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Terminal } from './terminal.ts';

const CHUNK_BYTES = 8 * 1024 * 1024;
const POLL_MS = 500;

/** Sends a file in pieces; what the server has acknowledged is never sent again. */
export async function uploadFile(
  client: Client<Contract>,
  path: string,
  terminal: Terminal,
): Promise<string> {
  const { size } = await stat(path);
  const progress = terminal.progress(`${terminal.words('上传', 'upload')} ${basename(path)}`);
  const upload = await client.files.createUpload({
    body: { name: basename(path), sizeBytes: size },
  });
  const file = await open(path, 'r');
  try {
    let { offsetBytes, fileId } = upload;
    while (fileId === null) {
      terminal.signal.throwIfAborted();
      const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, size - offsetBytes));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offsetBytes);
      const state = await client.files.append({
        params: { id: upload.id },
        query: { offset: offsetBytes },
        bytes: buffer.subarray(0, bytesRead),
      });
      ({ offsetBytes, fileId } = state);
      progress.update(size === 0 ? 1 : offsetBytes / size);
    }
    return fileId;
  } finally {
    progress.done();
    await file.close();
  }
}

/** Follows a job of the server to its end. */
export async function followJob(
  client: Client<Contract>,
  jobId: string,
  terminal: Terminal,
): Promise<unknown> {
  const progress = terminal.progress(terminal.words('任务', 'job'));
  try {
    for (;;) {
      const job = await client.jobs.get({ params: { id: jobId } });
      progress.update(job.progress ?? undefined, job.step ?? '');
      if (job.state === 'done') return job.result;
      if (job.state === 'failed' || job.state === 'cancelled') {
        const codes = job.findings.map((each) => each.code).join(', ');
        throw new CommandFault(`${job.kind}: ${job.state} ${codes}`, EXIT.refused);
      }
      await pause(POLL_MS, undefined, { signal: terminal.signal });
    }
  } finally {
    progress.done();
  }
}
