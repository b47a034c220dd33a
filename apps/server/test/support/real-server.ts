import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The built server as a process of its own, for tests that kill it. */
export type RealServer = {
  readonly url: string;
  readonly ownerToken: string | undefined;
  readonly output: () => string;
  /** SIGKILL: the server gets no chance to say good-bye; its database lives on. */
  kill(): Promise<void>;
  /** SIGTERM: an orderly end, database included. */
  stop(): Promise<number | null>;
};

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
/** A machine that is busy elsewhere starts a server in minutes, not in seconds. */
const READY_WITHIN_MS = 180_000;

/** Why a kill test cannot run here; undefined when it can. */
export function missingBuild(): string | undefined {
  return existsSync(MAIN) ? undefined : `${MAIN} is not built`;
}

export async function startRealServer(
  dataFolder: string,
  environment: Record<string, string> = {},
): Promise<RealServer> {
  const port = Number(environment['PORT'] ?? (await freePort()));
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, PORT: String(port), YINGLIAN_DATA: dataFolder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${output}`);
    const signal = AbortSignal.timeout(1000);
    const ready = await fetch(`${url}/health`, { signal }).then(
      (each) => each.ok,
      () => false,
    );
    if (ready && output.includes('is ready')) break;
    if (Date.now() > deadline) throw new Error(`the server is not ready: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const ended = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return Promise.resolve(child.exitCode);
    }
    const done = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return done;
  };
  return {
    url,
    get ownerToken() {
      return /\/owner#([\w-]+)/.exec(output)?.[1];
    },
    output: () => output,
    kill: async () => void (await ended('SIGKILL')),
    stop: () => ended('SIGTERM'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
