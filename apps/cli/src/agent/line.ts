import { type Problem, site, type SiteWork } from '@yinglian/contract';
import type { z } from 'zod';

/** The server refused an agent for a reason that waiting does not mend. */
export class LineFault extends Error {
  override readonly name = 'LineFault';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type SiteReport = z.input<typeof site.report.body>;
export type PieceBlock = z.output<typeof site.pieces.result>;
/** What a cinema hands in; each kind has an address of its own. */
export type HandInKind = 'logs' | 'box-office' | 'programme';

/** Where files come from: the network's server, or a neighbour's box. */
export type FileSource = {
  readonly name: string;
  /** On the box's own network: neither the hours of the line nor its rate are for it. */
  readonly isNear?: boolean;
  /** A stream of `first` to `last`, both included. Throws when it does not have it. */
  open(
    digest: string,
    first: number,
    last: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
};

/** The server as an agent sees it: HTTPS out of the cinema, nothing in. */
export type Line = FileSource & {
  work(signal: AbortSignal): Promise<SiteWork>;
  pieces(digest: string, block: number, signal: AbortSignal): Promise<PieceBlock>;
  report(body: SiteReport, signal: AbortSignal): Promise<void>;
  /** Sends a file of the cinema; the same bytes may be sent again. */
  handIn(kind: HandInKind, name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
};

/** A line that says nothing for this long is taken for dead; the next try goes on from there. */
const SILENCE_MS = 60_000;
/** For the head of an answer: the hashes of a gigabyte may be computed for it first. */
const ANSWER_MS = 30_000;
/** A list longer than this is none of a cinema's, however small it was when compressed. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Large enough to be worth a request, small enough for the memory of a small box. */
const PIECE_BYTES_MIN = 4 * 1024;
const PIECE_BYTES_MAX = 64 * 1024 * 1024;
const BLOCK_PIECES_MAX = 65_536;

export function openLine(options: {
  readonly serverUrl: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
}): Line {
  const { token } = options;
  const base = options.serverUrl.replace(/\/+$/, '');
  const call = options.fetch ?? fetch;

  /** The last list of work with the state that it is of. */
  let last: { readonly etag: string; readonly work: SiteWork } | undefined;

  /** A list of work, or that the last one holds still: what does not change is not sent. */
  async function readWork(signal: AbortSignal): Promise<SiteWork> {
    const headers = new Headers({ authorization: `Site ${token}` });
    if (last !== undefined) headers.set('if-none-match', last.etag);
    const response = await answered(
      (limit) => call(base + site.work.path, { headers, signal: limit }),
      signal,
    );
    if (response.status === 304 && last !== undefined) {
      // Of the server's clock to the second; a box that hears no date keeps to its own.
      const moment = Date.parse(response.headers.get('date') ?? '');
      const now = new Date(Number.isNaN(moment) ? Date.now() : moment).toISOString();
      return { ...last.work, now };
    }
    const work = site.work.result.parse(await bodyIn(response, signal));
    const etag = response.headers.get('etag');
    last = etag === null ? undefined : { etag, work };
    return work;
  }

  async function send(path: string, signal: AbortSignal, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Site ${token}`);
    const response = await answered(
      (limit) => call(base + path, { ...init, headers, signal: limit }),
      signal,
    );
    return bodyIn(response, signal);
  }

  return {
    name: base,
    work: readWork,
    async pieces(digest, block, signal) {
      const path = site.pieces.path.replace(':digest', digest);
      const answer = site.pieces.result.parse(await send(`${path}?block=${block}`, signal));
      const { pieceBytes, blockPieces, hashes } = answer;
      const isSane =
        pieceBytes >= PIECE_BYTES_MIN &&
        pieceBytes <= PIECE_BYTES_MAX &&
        blockPieces >= 1 &&
        blockPieces <= BLOCK_PIECES_MAX &&
        hashes.length <= blockPieces;
      if (!isSane) throw new LineFault(0, 'the list of pieces makes no sense');
      return answer;
    },
    async report(body, signal) {
      await send(site.report.path, signal, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    },
    async handIn(kind, name, bytes, signal) {
      await send(`/api/site/${kind}?name=${encodeURIComponent(name)}`, signal, {
        method: 'POST',
        // A copy: what `fetch` takes may not be a part of another buffer.
        body: new Uint8Array(bytes),
        headers: { 'content-type': 'application/octet-stream' },
      });
    },
    async open(digest, first, last, signal) {
      const headers = new Headers({
        ...PLAIN,
        authorization: `Site ${token}`,
        range: `bytes=${first}-${last}`,
      });
      const url = base + site.file.path.replace(':digest', digest);
      return bodyOf(await answered((limit) => call(url, { headers, signal: limit }), signal));
    },
  };
}

/** What an answer says; a refusal is thrown. */
async function bodyIn(response: Response, signal: AbortSignal): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await textOf(response, signal);
  if (response.ok) return JSON.parse(text) as unknown;
  const problem = problemIn(text);
  throw new LineFault(response.status, problem.title ?? `HTTP ${response.status}`);
}

/**
 * The head of an answer, or a fault after a while. A request over a connection that is cut at the
 * wrong moment may never settle by itself, and a process that waits for nothing else would end: the
 * timer here keeps it alive and lets it try again.
 */
function answered(
  ask: (limit: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
  withinMs: number = ANSWER_MS,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const late = new AbortController();
    const onAbort = (): void => finish(() => reject(signal.reason as Error));
    const timer = setTimeout(() => {
      finish(() => reject(new LineFault(0, 'there is no answer')));
      late.abort();
    }, withinMs);
    function finish(settle: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    }
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    ask(AbortSignal.any([signal, late.signal])).then(
      (response) => finish(() => resolve(response)),
      (fault: unknown) => finish(() => reject(fault as Error)),
    );
  });
}

/** Files travel as they are: what unpacks on the way could be of any size. */
const PLAIN = { 'accept-encoding': 'identity' };

/** The text of an answer that is no longer than an answer may be, unpacked. */
async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  if (response.body === null) return '{}';
  for await (const chunk of awake(response.body, signal)) {
    sizeBytes += chunk.length;
    if (sizeBytes > ANSWER_BYTES_MAX) throw new LineFault(0, 'the answer is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problemIn(text: string): Partial<Problem> {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return {};
  }
}

const NEIGHBOUR_MS = 5000;

/** A neighbour's box on the same network; what it gives is verified like everything else. */
export function openNeighbour(url: string): FileSource {
  const base = url.replace(/\/+$/, '');
  return {
    name: base,
    isNear: isNearHost(URL.canParse(base) ? new URL(base).hostname : ''),
    async open(digest, first, last, signal) {
      const headers = { ...PLAIN, range: `bytes=${first}-${last}` };
      const url = `${base}/objects/${digest}`;
      // It may not send us elsewhere; and it is near: one that does not answer soon is not there.
      const ask = (limit: AbortSignal) => fetch(url, { headers, signal: limit, redirect: 'error' });
      return bodyOf(await answered(ask, signal, NEIGHBOUR_MS));
    },
  };
}

/** An address of private networks (RFC 1918, RFC 4193, link-local), or a name without a domain. */
export function isNearHost(host: string): boolean {
  return (
    /^(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host) ||
    /^\[(?:::1|f[cd][\da-f]{2}:.*|fe80:.*)\]$/i.test(host) ||
    /^[a-z\d-]+(?:\.local)?$/i.test(host)
  );
}

async function bodyOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  const coding = response.headers.get('content-encoding') ?? 'identity';
  const isPlain = coding === 'identity';
  if (response.status === 206 && isPlain && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new LineFault(response.status, `HTTP ${response.status}`);
}

/**
 * Ends a stream that falls silent, or when the signal says so: a dead line behind a NAT never says
 * so itself, and a read of an aborted body may never settle.
 */
export async function* awake(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let end: (fault: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  ended.catch(() => undefined);
  const onAbort = () => end(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const timer = setTimeout(() => end(new LineFault(0, 'the line fell silent')), silenceMs);
      const { value, done } = await Promise.race([reader.read(), ended]).finally(() =>
        clearTimeout(timer),
      );
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Not awaited, for the same reason.
    void reader.cancel().catch(() => undefined);
  }
}
