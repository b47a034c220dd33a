import { createHash } from 'node:crypto';
import { createXXHash128, createXXHash3, createXXHash32, createXXHash64 } from 'hash-wasm';
import { assert, type RunningHash } from '@yinglian/core';
import type { HashAlgorithm, Hashing } from '@yinglian/mhl';

type WasmHash = Awaited<ReturnType<typeof createXXHash64>>;

const WASM: Readonly<Partial<Record<HashAlgorithm, () => Promise<WasmHash>>>> = {
  xxh32: () => createXXHash32(),
  xxh64: () => createXXHash64(),
  xxh3: () => createXXHash3(),
  xxh128: () => createXXHash128(),
};

/** Instances that nobody feeds at the moment: making one costs a compilation. */
const idle = new Map<HashAlgorithm, WasmHash[]>();

/**
 * A hash to be fed piece by piece, of any algorithm that a hash list may name: OpenSSL for MD5 and
 * SHA, WebAssembly for xxHash, whose digests are big-endian bytes.
 */
export async function openHash(algorithm: HashAlgorithm): Promise<RunningHash> {
  const make = WASM[algorithm];
  if (make === undefined) return createHash(algorithm);
  const hash = idle.get(algorithm)?.pop() ?? (await make());
  hash.init();
  return wasmHash(algorithm, hash);
}

function wasmHash(algorithm: HashAlgorithm, hash: WasmHash): RunningHash {
  let spent = false;
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => {
      assert(!spent, 'a hash is finished once');
      spent = true;
      const digest = hash.digest('binary');
      const others = idle.get(algorithm);
      if (others === undefined) idle.set(algorithm, [hash]);
      else others.push(hash);
      return digest;
    },
  };
}

/** The small hashes that folder hashes are made of, at once and without waiting. */
export async function loadHashing(): Promise<Hashing> {
  const wasm = new Map<HashAlgorithm, WasmHash>();
  for (const [algorithm, make] of Object.entries(WASM)) {
    wasm.set(algorithm as HashAlgorithm, await make());
  }
  return {
    digest: (algorithm, parts) => {
      const hash = wasm.get(algorithm)?.init() ?? createHash(algorithm);
      for (const part of parts) hash.update(part);
      return 'save' in hash ? hash.digest('binary') : hash.digest();
    },
  };
}
