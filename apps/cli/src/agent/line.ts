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

/** Where files come from: the network's server, or a neighbour's box. */
export type FileSource = {
  readonly name: string;
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
};

/** A line that says nothing for this long is taken for dead; the next try goes on from there. */
const SILENCE_MS = 60_000;

export function openLine(options: {
  readonly serverUrl: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
}): Line {
  const { token } = options;
  const base = options.serverUrl.replace(/\/+$/, '');
  const call = options.fetch ?? fetch;

  async function send(path: string, signal: AbortSignal, init: RequestInit = {}) {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Site ${token}`);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)]);
    const response = await call(base + path, { ...init, headers, signal: limit });
    if (response.status === 204) return undefined;
    const answer = await within(
      response.json().catch(() => ({})),
      limit,
    );
    if (response.ok) return answer;
    const problem = answer as Partial<Problem>;
    throw new LineFault(response.status, problem.title ?? `HTTP ${response.status}`);
  }

  return {
    name: base,
    async work(signal) {
      return site.work.result.parse(await send(site.work.path, signal));
    },
    async pieces(digest, block, signal) {
      const path = site.pieces.path.replace(':digest', digest);
      return site.pieces.result.parse(await send(`${path}?block=${block}`, signal));
    },
    async report(body, signal) {
      await send(site.report.path, signal, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    },
    async open(digest, first, last, signal) {
      const headers = new Headers({
        authorization: `Site ${token}`,
        range: `bytes=${first}-${last}`,
      });
      const response = await call(base + site.file.path.replace(':digest', digest), {
        headers,
        signal,
      });
      return bodyOf(response);
    },
  };
}

/** The promise, or the signal's reason: the body of an aborted answer may never settle. */
function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

/** A neighbour's box on the same network; what it gives is verified like everything else. */
export function openNeighbour(url: string): FileSource {
  const base = url.replace(/\/+$/, '');
  return {
    name: base,
    async open(digest, first, last, signal) {
      const headers = { range: `bytes=${first}-${last}` };
      return bodyOf(await fetch(`${base}/objects/${digest}`, { headers, signal }));
    },
  };
}

async function bodyOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  if (response.status === 206 && response.body !== null) return response.body;
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
