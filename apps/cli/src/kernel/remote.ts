import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, Contract } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import type { Environment } from './environment.ts';
import { CommandFault, EXIT } from './exit-codes.ts';
import { sendSource } from './send.ts';
import { openSource } from './source.ts';
import type { Terminal } from './terminal.ts';

const POLL_MS = 500;

export type Sent = { readonly fileId: string; readonly isSequence: boolean };

/** Sends a file or a folder of frames; what the server has acknowledged is never sent again. */
export async function uploadFile(
  client: Client<Contract>,
  path: string,
  terminal: Terminal,
): Promise<Sent> {
  const source = await openSource(path);
  const progress = terminal.progress(`${terminal.words('上传', 'upload')} ${source.name}`);
  try {
    const fileId = await sendSource(source, {
      client,
      signal: terminal.signal,
      onOffset: (bytes) => progress.update(source.sizeBytes === 0 ? 1 : bytes / source.sizeBytes),
    });
    return { fileId, isSequence: source.isSequence };
  } finally {
    progress.done();
    await source.close();
  }
}

/** A job of the server that did not come to its end, with what the server found. */
export class JobFault extends CommandFault {}

/** Follows a job of the server to its end. */
export async function followJob(
  client: Client<Contract>,
  jobId: string,
  terminal: Terminal,
): Promise<unknown> {
  const { signal } = terminal;
  const progress = terminal.progress(terminal.words('任务', 'job'));
  try {
    for (;;) {
      const job = await client.jobs.get({ params: { id: jobId }, signal });
      progress.update(job.progress ?? undefined, job.step ?? '');
      if (job.state === 'done') return job.result;
      if (job.state === 'failed' || job.state === 'cancelled') {
        const exitCode = job.state === 'failed' ? EXIT.faulty : EXIT.cancelled;
        throw new JobFault(`${job.kind}: ${job.state}`, exitCode, job.findings as Finding[]);
      }
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.done();
  }
}

/** Writes what the server sends into a file, and says where. */
export async function download(
  environment: Environment,
  response: Response,
  to: string,
): Promise<void> {
  await writeFile(to, response.body!);
  const terminal = environment.terminal();
  terminal.answer({ file: to });
  terminal.say(to);
}

/** All rows of a list that comes in pages. */
export async function allRows<Row>(
  page: (after: string | undefined) => Promise<{ rows: readonly Row[]; next: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const read = await page(after);
    rows.push(...read.rows);
    after = read.next ?? undefined;
  } while (after !== undefined);
  return rows;
}
