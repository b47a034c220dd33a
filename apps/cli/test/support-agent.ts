import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { AgentEvent, AgentOptions } from '../src/agent/agent.ts';
import { openLine } from '../src/agent/line.ts';
import { createThrottle } from '../src/agent/rate.ts';
import { digestOf, startTestNetwork, type TestNetwork, TOKEN } from './support-site.ts';

/** What every test of an agent has: a network of its own, a folder, and what the agent said. */
export const PIECE = 64 * 1024;
export const ID = (n: number) => `0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee${String(n).padStart(2, '0')}`;

export let folder = '';
export let network: TestNetwork;
export let events: AgentEvent[] = [];

/** Makes all of it anew before each test of the file that calls it. */
export function freshSite(): void {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-agent-'));
    network = await startTestNetwork(PIECE);
    events = [];
  });
  afterEach(async () => {
    await network.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

export function optionsIn(name: string, over: Partial<AgentOptions> = {}): AgentOptions {
  return {
    folder: join(folder, name),
    ingest: join(folder, name, 'ingest'),
    line: openLine({ serverUrl: network.url, token: TOKEN }),
    neighbours: [],
    throttle: createThrottle(undefined),
    policy: { windows: [], urgentHours: 24 },
    keepDays: 7,
    reserveBytes: 0,
    version: 'test',
    signal: new AbortController().signal,
    say: (event) => void events.push(event),
    ...over,
  };
}

/** Puts a package into the network; gives its files. */
export function offer(id: number, files: Record<string, Uint8Array>, neededAt = Date.now()) {
  const listed = Object.entries(files).map(([path, bytes]) => {
    const digest = digestOf(bytes);
    network.files.set(digest, bytes);
    return { path, digest, sizeBytes: bytes.length };
  });
  const each = {
    id: ID(id),
    title: `片${id}_FTR`,
    neededAt: new Date(neededAt).toISOString(),
    files: listed,
    paused: false,
    first: false,
  };
  network.work.packages.push(each);
  return each;
}

/** What the agent said, without its progress. */
export const kinds = () =>
  events.filter((each) => each.kind !== 'arriving').map((each) => each.kind);
