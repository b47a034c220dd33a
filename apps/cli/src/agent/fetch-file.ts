import { createHash, type Hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { awake, type FileSource, type Line, LineFault, type PieceBlock } from './line.ts';
import { isCutOff } from './memory.ts';
import type { Throttle } from './rate.ts';
import { PIECE_BYTES } from './room.ts';
import type { PartFile, SiteStore, Wanted } from './store.ts';

export type FetchOptions = {
  readonly store: SiteStore;
  readonly line: Line;
  readonly neighbours: readonly FileSource[];
  readonly throttle: Throttle;
  readonly signal: AbortSignal;
  /** Asked all the time: whether this file may come still, from wherever. */
  readonly mayGoOn: () => boolean;
  /** Whether what is not near may be asked now. */
  readonly mayUseLine?: () => boolean;
  readonly onBytes?: (bytes: number, source: string) => void;
};

/** `paused`: the window closed, or something else comes first; what arrived is kept. */
export type FetchResult = 'held' | 'paused';

/** Pieces in one request: long enough for a fast line, short enough to change the source. */
const RUN_PIECES = 16;
/** Requests at once for one file: one waits while another's bytes are written. */
const STREAMS = 3;
const ATTEMPTS_MAX = 8;
const WAIT_FIRST_MS = 200;
const WAIT_MAX_MS = 30_000;
/** A window that closes ends what is under way this soon, however slow the line is. */
const LOOK_MS = 250;

/** The hash of a piece that nobody told. */
const UNKNOWN = '';

type Run = { readonly first: number; readonly hashes: readonly string[] };

/**
 * Fetches a file piece by piece; every piece is verified as it lands and never asked for again.
 * A neighbour that gives wrong bytes, or none, is not asked again for this file.
 */
export async function fetchFile(wanted: Wanted, options: FetchOptions): Promise<FetchResult> {
  const { store, line, signal } = options;
  if (await store.has(wanted)) return 'held';
  const first = await piecesOf(wanted, options);
  const part = await store.openPart(wanted, first.pieceBytes);
  try {
    const sources = [...options.neighbours, line];
    for (let round = 0; round < 2; round++) {
      const runs = missingRuns(part, first, async (block) =>
        block === 0 ? first : line.pieces(wanted.digest, block, signal),
      );
      const { pieceBytes } = first;
      const shut = new AbortController();
      const state = { wanted, part, pieceBytes, sources, options, shut };
      if (!(await fetchRuns(runs, state))) return 'paused';
      if (await part.finish()) return 'held';
      // Each piece was right when it came: the disk lost something. Everything is fetched anew.
      await part.clear();
      if (first.isBlind === true) break;
    }
    throw new LineFault(0, 'the disk does not give back what was written');
  } finally {
    await part.close();
  }
}

type Pieces = PieceBlock & {
  /** Nobody said what the pieces should be: the whole is verified when it is there. */
  readonly isBlind?: boolean;
};

/** What a file's pieces should be; cut off, they are taken as a neighbour gives them. */
async function piecesOf(wanted: Wanted, options: FetchOptions): Promise<Pieces> {
  try {
    return await options.line.pieces(wanted.digest, 0, options.signal);
  } catch (fault) {
    options.signal.throwIfAborted();
    const isOpen = options.mayUseLine?.() !== false;
    if (isOpen || !isCutOff(fault)) throw fault;
    const pieces = Math.ceil(wanted.sizeBytes / PIECE_BYTES);
    const hashes = Array.from({ length: pieces }, () => UNKNOWN);
    return { pieceBytes: PIECE_BYTES, blockPieces: Math.max(1, pieces), hashes, isBlind: true };
  }
}

async function* missingRuns(
  part: PartFile,
  { blockPieces }: PieceBlock,
  read: (block: number) => Promise<PieceBlock>,
): AsyncGenerator<Run> {
  let hashes: readonly string[] = [];
  let known = -1;
  for (let piece = 0; piece < part.pieces;) {
    if (part.isMarked(piece)) {
      piece += 1;
      continue;
    }
    const block = Math.floor(piece / blockPieces);
    if (block !== known) hashes = (await read(block)).hashes;
    known = block;
    const run: string[] = [];
    for (let next = piece; run.length < RUN_PIECES && next < part.pieces; next++) {
      if (part.isMarked(next) || Math.floor(next / blockPieces) !== block) break;
      const hash = hashes[next - block * blockPieces];
      if (hash === undefined) throw new LineFault(0, 'the server knows fewer pieces than bytes');
      run.push(hash);
    }
    yield { first: piece, hashes: run };
    piece += run.length;
  }
}

type State = {
  readonly wanted: Wanted;
  readonly part: PartFile;
  readonly pieceBytes: number;
  readonly sources: FileSource[];
  readonly options: FetchOptions;
  /** Ends the file where only the line is left and it may not be used. */
  readonly shut: AbortController;
};

/** Several runs at a time; false when the file may not go on before the last. */
async function fetchRuns(runs: AsyncGenerator<Run>, state: State): Promise<boolean> {
  const { options } = state;
  const halt = new AbortController();
  const look = (): void => {
    if (!options.mayGoOn()) halt.abort();
    if (state.sources.every((each) => isShutFrom(each, options))) state.shut.abort();
  };
  const timer = setInterval(look, LOOK_MS);
  const signal = AbortSignal.any([options.signal, halt.signal, state.shut.signal]);
  let chain = Promise.resolve<unknown>(undefined);
  // The generator is asked by one worker at a time.
  const next = async (): Promise<Run | undefined> => {
    const taken = chain.then(() => runs.next());
    chain = taken.catch(() => undefined);
    const { value, done } = await taken;
    return done === true ? undefined : value;
  };
  const worker = async (): Promise<void> => {
    for (;;) {
      look();
      signal.throwIfAborted();
      const run = await next();
      if (run === undefined) return;
      await fetchRun(run, state, signal);
    }
  };
  try {
    const ended = await Promise.allSettled(Array.from({ length: STREAMS }, worker));
    options.signal.throwIfAborted();
    if (halt.signal.aborted || state.shut.signal.aborted) return false;
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return true;
  } finally {
    clearInterval(timer);
  }
}

/** How far a run has come: whole pieces, and the bytes of the next with their hash so far. */
type Progress = { pieces: number; bytes: number; hash: Hash };

/**
 * One run from the first source that has it; after a break only what is still missing, to the
 * byte: a line that breaks sooner than a piece takes would otherwise never get on.
 */
async function fetchRun(run: Run, state: State, signal: AbortSignal): Promise<void> {
  const { sources, options } = state;
  const progress: Progress = { pieces: 0, bytes: 0, hash: createHash('sha256') };
  for (let attempt = 0; progress.pieces < run.hashes.length;) {
    signal.throwIfAborted();
    // Near ones stand before the line, which stands last; a box far away is on the line too.
    const source = sources.find((each) => !isShutFrom(each, options));
    if (source === undefined) {
      state.shut.abort();
      return;
    }
    const before = progress.pieces * state.pieceBytes + progress.bytes;
    try {
      await readPieces(run, progress, source, state, signal);
      if (progress.pieces < run.hashes.length) throw new LineFault(0, 'the line broke off');
    } catch (fault) {
      signal.throwIfAborted();
      if (progress.pieces * state.pieceBytes + progress.bytes > before) attempt = 0;
      if (isShutFrom(source, options)) continue;
      if (source !== options.line) {
        const at = sources.indexOf(source);
        if (at >= 0) sources.splice(at, 1);
        continue;
      }
      attempt += 1;
      const isFinal = fault instanceof LineFault && fault.status >= 400 && fault.status < 500;
      if (isFinal || attempt >= ATTEMPTS_MAX) throw fault;
      const waitMs = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** attempt);
      await pause(waitMs, undefined, { signal });
    }
  }
}

const isShutFrom = (source: FileSource, { mayUseLine }: FetchOptions): boolean =>
  source.isNear !== true && mayUseLine?.() === false;

/** Writes and verifies the pieces of a stream, and marks each that is right. */
async function readPieces(
  run: Run,
  progress: Progress,
  source: FileSource,
  state: State,
  signal: AbortSignal,
): Promise<void> {
  const { wanted, part, pieceBytes, options } = state;
  const end = Math.min(wanted.sizeBytes, (run.first + run.hashes.length) * pieceBytes);
  let offset = (run.first + progress.pieces) * pieceBytes + progress.bytes;
  const stream = await source.open(wanted.digest, offset, end - 1, signal);
  for await (const chunk of awake(stream, signal)) {
    if (source.isNear !== true) {
      if (isShutFrom(source, options)) throw new LineFault(0, 'the hours of the line ended');
      await options.throttle.take(chunk.length, signal);
    }
    options.onBytes?.(chunk.length, source.name);
    for (let at = 0; at < chunk.length;) {
      const piece = run.first + progress.pieces;
      const pieceEnd = Math.min(wanted.sizeBytes, (piece + 1) * pieceBytes);
      const bytes = chunk.subarray(at, at + Math.min(end, pieceEnd) - offset);
      if (bytes.length === 0) throw new LineFault(0, 'more bytes than asked for');
      progress.hash.update(bytes);
      await part.write(bytes, offset);
      offset += bytes.length;
      at += bytes.length;
      progress.bytes += bytes.length;
      if (offset < pieceEnd) continue;
      const found = progress.hash.digest('hex');
      progress.hash = createHash('sha256');
      progress.bytes = 0;
      const expected = run.hashes[progress.pieces];
      if (expected !== UNKNOWN && found !== expected) {
        throw new LineFault(0, `piece ${piece} of ${wanted.digest} is wrong`);
      }
      await part.mark(piece);
      progress.pieces += 1;
    }
  }
}
