import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../../apps/server/dist/main.js');
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 20_000;

export type TestServer = {
  readonly address: string;
  /** What it prints once, for whoever is to own the network. */
  readonly ownerLink: string;
  close(): Promise<void>;
};

/** The real server on a free port with a data folder of its own, from nothing. */
export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'yinglian-browser-'));
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      PORT: String(port),
      YINGLIAN_DATA: join(folder, 'data'),
      // A browser knows passkeys on localhost, never on an address of digits.
      YINGLIAN_PUBLIC_URL: `http://localhost:${port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ownerLink = await said(child, /http\S+\/owner#[\w-]+/);
    return { address: `http://localhost:${port}`, ownerLink, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function said(child: ChildProcess, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(
      () => reject(new Error(`the server was not ready in time and said:\n${text}`)),
      READY_WITHIN_MS,
    );
    const read = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const match = wanted.exec(text);
      if (match === null) return;
      clearTimeout(late);
      resolve(match[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the server ended with ${code} and said:\n${text}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}
