import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderName } from '../src/agent/publish.ts';
import { openStore } from '../src/agent/store.ts';
import { digestOf, startTestNetwork, type TestNetwork, TOKEN } from './support-site.ts';

/** A line of a village cinema; the file takes it some five seconds. */
const RATE = '2mbit';
const LOSS_PERCENT = 5;
const PIECE = 128 * 1024;
const BUCKET = 'burst 16kb latency 300ms';
const FILE_BYTES = 8 * PIECE + 77;
const SPACE = `yl${process.pid % 100_000}`;
const AGENT = join(import.meta.dirname, '..', 'bin', 'yinglian.mjs');

const sh = (line: string) => spawnSync('sh', ['-c', line], { encoding: 'utf8' });

/** Two ends of a wire, one in a network of its own, both slow and lossy. */
function makeLine(): string | undefined {
  if (!existsSync(join(AGENT, '..', '..', 'dist', 'main.js')))
    return 'the command line is not built';
  const near = `${SPACE}a`;
  const far = `${SPACE}b`;
  const inside = `ip netns exec ${SPACE}`;
  const both = (line: (device: string) => string) => `${line(near)}; ${inside} ${line(far)}`;
  const netem = both(
    (device) =>
      `tc qdisc add dev ${device} root netem rate ${RATE} loss ${LOSS_PERCENT}% limit 200`,
  );
  // A kernel without netem shapes the rate by a bucket, and drops what the far end would receive
  // or send.
  const bucket = both((device) => `tc qdisc add dev ${device} root tbf rate ${RATE} ${BUCKET}`);
  const share = LOSS_PERCENT / 100;
  const drop = ['INPUT ! -i lo', 'OUTPUT ! -o lo'].map(
    (chain) =>
      `${inside} iptables-legacy -A ${chain} -m statistic --mode random ` +
      `--probability ${share} -j DROP`,
  );
  const made = sh(`set -e; ip netns add ${SPACE}
    ip link add ${near} type veth peer name ${far}; ip link set ${far} netns ${SPACE}
    ip addr add 10.213.77.1/30 dev ${near}; ip link set ${near} up
    ${inside} ip addr add 10.213.77.2/30 dev ${far}; ${inside} ip link set ${far} up
    ${inside} ip link set lo up
    (${netem}) 2>/dev/null || { ${bucket}; ${drop.join('; ')}; }`);
  return made.status === 0 ? undefined : `no network namespaces here: ${made.stderr.trim()}`;
}

function dropLine(): void {
  sh(`ip link del ${SPACE}a; ip netns del ${SPACE}`);
}

const reason = makeLine();
if (reason !== undefined) {
  dropLine();
  console.warn(`the test of a slow line is skipped: ${reason}`);
}

describe.skipIf(reason !== undefined)(`an agent on ${RATE} with ${LOSS_PERCENT} % loss`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'yinglian-slow-'));
  let network: TestNetwork;
  beforeAll(async () => {
    network = await startTestNetwork(PIECE, '10.213.77.1');
  });
  afterAll(async () => {
    await network.close();
    dropLine();
    rmSync(folder, { recursive: true, force: true });
  });

  const bytes = randomBytes(FILE_BYTES);
  const digest = digestOf(bytes);

  /** The network's time goes on from here. */
  function clock(from: string): void {
    const began = Date.now();
    Object.defineProperty(network.work, 'now', {
      configurable: true,
      enumerable: true,
      get: () => new Date(Date.parse(from) + Date.now() - began).toISOString(),
    });
  }

  /** One round of the real program, in the network at the far end of the line. */
  async function round(window: string): Promise<void> {
    const flags = ['--folder', folder, '--once', '--window', window];
    const line = [process.execPath, AGENT, '--server', network.url, 'agent', ...flags];
    const child = spawn('ip', ['netns', 'exec', SPACE, ...line], {
      env: { ...process.env, YINGLIAN_SITE_TOKEN: TOKEN },
      stdio: 'ignore',
    });
    await new Promise((resolve) => child.once('exit', resolve));
  }

  it('keeps its hours, and completes with every byte right', async () => {
    network.files.set(digest, bytes);
    const film = {
      id: '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee01',
      title: '远路_FTR',
      neededAt: '2026-05-09T12:00:00.000Z',
      files: [{ path: 'a.mxf', digest, sizeBytes: bytes.length }],
      paused: false,
      first: false,
    };
    network.work.packages.push(film);
    // Seconds to eight at the cinema: the window closes while the file comes.
    clock('2026-05-01T07:59:56+08:00');
    await round('00:00-08:00');
    const published = join(folder, 'ingest', folderName(film), 'a.mxf');
    const store = await openStore(folder);
    const held = await store.heldBytes({ digest, sizeBytes: bytes.length }, PIECE);
    expect(held).toBeLessThan(FILE_BYTES);
    expect(existsSync(published)).toBe(false);
    const asked = network.asked.length;
    clock('2026-05-01T12:00:00+08:00');
    await round('00:00-08:00');
    expect(network.asked).toHaveLength(asked);
    clock('2026-05-02T01:00:00+08:00');
    await round('00:00-08:00');
    expect(digestOf(readFileSync(published))).toBe(digest);
  }, 120_000);
});
