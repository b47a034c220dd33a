import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, type Contract, ProblemError } from '@yinglian/contract';
import { CommandFault, EXIT } from './exit-codes.ts';
import type { Source } from './source.ts';

/** One request; both ends hash it, and it counts whole or not at all. */
const CHUNK_BYTES = 16 * 1024 * 1024;
/** A server that starts anew is back within these waits together. */
const ATTEMPTS_MAX = 12;
const WAIT_FIRST_MS = 300;
const WAIT_MOST_MS = 8000;

export type Sending = {
  readonly client: Client<Contract>;
  readonly signal: AbortSignal;
  /** An upload begun earlier; where the server has forgotten it, another is begun. */
  readonly uploadId?: string | undefined;
  /** Told of the upload, so that a later run can go on with it. */
  readonly onBegun?: (uploadId: string) => Promise<void> | void;
  /** Bytes that the server holds safely. */
  readonly onOffset?: (offsetBytes: number) => void;
};

type Stored = Awaited<ReturnType<Client<Contract>['files']['upload']>>;

/** Sends bytes from where the server has them; what it acknowledged is never sent again. */
export async function sendSource(source: Source, sending: Sending): Promise<string> {
  const { client, signal } = sending;
  let stored = await begin(source, sending);
  let ahead: Chunk | undefined;
  for (let attempt = 0; stored.fileId === null;) {
    signal.throwIfAborted();
    const offset = stored.offsetBytes;
    const chunk: Chunk = ahead?.offset === offset ? ahead : await readChunk(source, offset);
    // The next piece is read and hashed while this one is under way.
    const next = readChunk(source, offset + chunk.bytes.length);
    next.catch(() => undefined);
    try {
      stored = await client.files.append({
        params: { id: stored.id },
        query: { offset, sha256: chunk.sha256 },
        bytes: chunk.bytes,
        signal,
      });
      attempt = 0;
      ahead = await next;
    } catch (fault) {
      attempt += 1;
      if (signal.aborted || attempt >= ATTEMPTS_MAX || isFinal(fault)) throw fault;
      ahead = chunk;
      await pause(Math.min(WAIT_FIRST_MS * 2 ** attempt, WAIT_MOST_MS), undefined, { signal });
      // How far it came only the server knows; it may have taken the piece and lost the answer.
      const params = { id: stored.id };
      stored = await client.files.upload({ params, signal }).catch(() => stored);
    }
    sending.onOffset?.(stored.offsetBytes);
  }
  return stored.fileId;
}

type Chunk = {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
};

async function readChunk(source: Source, offset: number): Promise<Chunk> {
  const bytes = (await source.read(offset, CHUNK_BYTES)) as Uint8Array<ArrayBuffer>;
  if (bytes.length === 0 && offset < source.sizeBytes) {
    throw new CommandFault(`${source.name}: changed while it was sent`, EXIT.misused);
  }
  return { offset, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function begin(source: Source, sending: Sending): Promise<Stored> {
  const { client, signal, uploadId } = sending;
  const { name, sizeBytes } = source;
  if (uploadId !== undefined) {
    const known = await client.files
      .upload({ params: { id: uploadId }, signal })
      .catch((fault: unknown) => {
        if (fault instanceof ProblemError && fault.problem.status === 404) return undefined;
        throw fault;
      });
    if (known?.sizeBytes === sizeBytes) return known;
  }
  const begun = await client.files.createUpload({ body: { name, sizeBytes }, signal });
  await sending.onBegun?.(begun.id);
  return begun;
}

/** What sending again does not mend. A conflict says where to go on, or that a piece was hurt. */
function isFinal(fault: unknown): boolean {
  if (fault instanceof CommandFault) return true;
  if (!(fault instanceof ProblemError)) return !(fault instanceof TypeError);
  return fault.problem.status < 500 && fault.problem.code !== 'conflict';
}
