import { type FileHandle, open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

/** Bytes of a local file, both ends included, that stand in an answer's body. */
export type FileSpan = { readonly path: string; readonly first: number; readonly last: number };

/** Which bodies are nothing but a span of a file. */
const spans = new WeakMap<object, FileSpan>();

/**
 * Memory for bytes on their way to sockets, shared by all answers under way: one reader gets long
 * reads, a thousand get short ones, and none of them more than its part.
 */
const BUFFER_BYTES = 192 * 1024 * 1024;
const READ_BYTES_MIN = 64 * 1024;
const READ_BYTES_MAX = 1024 * 1024;
/** Buffers kept for the next answer; the rest goes back to the heap. */
const SPARE_MAX = 64;

const spare: Buffer[] = [];
let under = 0;

/** Names a body as a span of a file, so that a socket may be fed without web streams between. */
export function standFor(body: ReadableStream<Uint8Array>, span: FileSpan): void {
  spans.set(body, span);
}

/** The span that an answer's body stands for; undefined for any other body. */
export function spanOf(response: Response): FileSpan | undefined {
  return response.body === null ? undefined : spans.get(response.body);
}

/** Writes an answer whose body is a span of a file to its socket. */
export async function sendSpan(
  response: Response,
  span: FileSpan,
  outgoing: ServerResponse,
): Promise<void> {
  const file = await open(span.path, 'r');
  under += 1;
  try {
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    await pump(file, span, outgoing);
    outgoing.end();
  } catch {
    // The length is announced already: only a broken line tells the reader that bytes are missing.
    outgoing.destroy();
  } finally {
    under -= 1;
    await file.close();
  }
}

async function pump(
  file: FileHandle,
  { first, last }: FileSpan,
  outgoing: ServerResponse,
): Promise<void> {
  let buffer = takeBuffer();
  try {
    for (let at = first; at <= last;) {
      const wanted = Math.min(buffer.length, last - at + 1);
      const { bytesRead } = await file.read(buffer, 0, wanted, at);
      if (bytesRead === 0) throw new Error('the file is shorter than announced');
      at += bytesRead;
      await written(outgoing, buffer.subarray(0, bytesRead));
      if (buffer.length === readBytes()) continue;
      giveBack(buffer);
      buffer = takeBuffer();
    }
  } finally {
    // A socket that broke off may hold its last bytes still; they are not written into.
    if (!outgoing.destroyed) giveBack(buffer);
  }
}

/** Until the socket has taken the bytes and the buffer is free again; rejects when it is gone. */
function written(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (outgoing.destroyed) {
      reject(new Error('the reader is gone'));
      return;
    }
    const onClose = () => reject(new Error('the reader is gone'));
    outgoing.once('close', onClose);
    outgoing.write(bytes, (fault) => {
      outgoing.off('close', onClose);
      if (fault === null || fault === undefined) resolve();
      else reject(fault);
    });
  });
}

/** How much is read at once while so many answers are under way; a power of two. */
function readBytes(): number {
  const share = 2 ** Math.floor(Math.log2(BUFFER_BYTES / Math.max(1, under)));
  return Math.max(READ_BYTES_MIN, Math.min(READ_BYTES_MAX, share));
}

function takeBuffer(): Buffer {
  const length = readBytes();
  const at = spare.findIndex((each) => each.length === length);
  if (at < 0) return Buffer.allocUnsafeSlow(length);
  return spare.splice(at, 1)[0]!;
}

function giveBack(buffer: Buffer): void {
  if (spare.length >= SPARE_MAX) spare.shift();
  spare.push(buffer);
}
