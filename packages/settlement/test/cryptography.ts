import { createHash } from 'node:crypto';
import type { Cryptography } from '@yinglian/core';

/** Only hashing is needed here; anything else would be a fault of the package. */
export const cryptography = {
  hash: (name: string) => {
    const running = createHash(name);
    return {
      update: (bytes: Uint8Array) => void running.update(bytes),
      digest: () => new Uint8Array(running.digest()),
    };
  },
} as unknown as Cryptography;
