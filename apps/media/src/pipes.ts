import type { Readable, Writable } from 'node:stream';
import type { Tap } from './backend.ts';
import type { Supervisor } from './supervisor.ts';

const WAIT_TOUCH_MS = 1000;

/** What the taker of the data threw: its own matter, not the child's. */
export class TapFault extends Error {
  constructor(cause: unknown) {
    super('the taker of the data failed', { cause });
  }
}

/** Throws on what a taker threw; faults of the pipe itself show in the child's end. */
export function raiseTapFault(settled: readonly PromiseSettledResult<void>[]): void {
  for (const each of settled) {
    if (each.status === 'rejected' && each.reason instanceof TapFault) throw each.reason.cause;
  }
}

/** Hands a child's bytes to a tap, one chunk after the other; the child waits while it works. */
export async function pour(from: Readable, tap: Tap, supervisor: Supervisor): Promise<void> {
  for await (const chunk of from as AsyncIterable<Uint8Array>) {
    supervisor.touch();
    const taken = call(tap, chunk);
    if (taken === undefined) continue;
    const waiting = setInterval(() => supervisor.touch(), WAIT_TOUCH_MS);
    try {
      await taken;
    } catch (fault) {
      throw new TapFault(fault);
    } finally {
      clearInterval(waiting);
    }
  }
}

function call(tap: Tap, chunk: Uint8Array): ReturnType<Tap> {
  try {
    return tap(chunk);
  } catch (fault) {
    throw new TapFault(fault);
  }
}

/** Connects a source to a child's standard input; either end may go away first. */
export function feed(from: Readable, to: Writable): { stop(): void } {
  to.on('error', () => from.destroy());
  from.on('error', () => to.destroy());
  from.pipe(to);
  return { stop: () => void from.destroy() };
}

/** Cuts a stream of bytes into pieces of one size; the last may be short. */
export class Slicer {
  private readonly piece: Uint8Array;
  private readonly onPiece: (piece: Uint8Array) => void | Promise<void>;
  private filled = 0;

  constructor(sizeBytes: number, onPiece: (piece: Uint8Array) => void | Promise<void>) {
    this.piece = new Uint8Array(sizeBytes);
    this.onPiece = onPiece;
  }

  /** The piece handed over is a view that the next one overwrites. */
  async take(chunk: Uint8Array): Promise<void> {
    let at = 0;
    while (at < chunk.length) {
      const length = Math.min(chunk.length - at, this.piece.length - this.filled);
      this.piece.set(chunk.subarray(at, at + length), this.filled);
      at += length;
      this.filled += length;
      if (this.filled === this.piece.length) {
        this.filled = 0;
        await this.onPiece(this.piece);
      }
    }
  }

  /** Bytes left over that fill no piece. */
  get rest(): Uint8Array {
    return this.piece.subarray(0, this.filled);
  }
}
