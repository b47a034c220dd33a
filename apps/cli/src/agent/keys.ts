import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SiteWork } from '@yinglian/contract';
import { awake, type Line } from './line.ts';
import { safeName } from './publish.ts';
import type { AgentState } from './state.ts';

export type KeyParts = {
  readonly folder: string;
  readonly line: Line;
  readonly signal: AbortSignal;
  readonly state: AgentState;
  readonly keep: () => Promise<void>;
  readonly arrived: (screen: string, name: string) => void;
  readonly failed: (fault: unknown) => void;
};

const KEY_BYTES_MAX = 4 * 1024 * 1024;

/** Keys come at any hour: they are small, and a show may wait for one. */
export async function takeKeys(keys: SiteWork['keys'], parts: KeyParts): Promise<void> {
  const { state } = parts;
  for (const key of keys) {
    if (state.keys[key.id] !== undefined || key.sizeBytes > KEY_BYTES_MAX) continue;
    try {
      state.keys[key.id] = await takeKey(key, parts);
      await parts.keep();
      parts.arrived(key.screenName, key.name);
    } catch (fault) {
      parts.signal.throwIfAborted();
      parts.failed(fault);
    }
  }
  const wanted = new Set(keys.map((each) => each.id));
  // A key that took another one's place may bear its name: the file is the new key's by now.
  const inUse = new Set(keys.flatMap((each) => state.keys[each.id] ?? []));
  for (const [id, path] of Object.entries(state.keys)) {
    if (wanted.has(id)) continue;
    if (!inUse.has(path)) await rm(path, { force: true });
    delete state.keys[id];
  }
}

/** Fetches one key into its screen's folder; gives its path. */
async function takeKey(
  key: SiteWork['keys'][number],
  { line, signal, folder }: KeyParts,
): Promise<string> {
  const stream = await line.open(key.digest, 0, key.sizeBytes - 1, signal);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of awake(stream, signal)) {
    sizeBytes += chunk.length;
    if (sizeBytes > key.sizeBytes) throw new Error(`key ${key.name} is longer than announced`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== key.digest) throw new Error(`key ${key.name} arrived damaged`);
  const path = join(folder, 'keys', safeName(key.screenName), safeName(key.name));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
  return path;
}
