import { createHash } from 'node:crypto';
import type { Cryptography, Outcome } from '@yinglian/core';
import { expect } from 'vitest';

/** Only hashing is needed here. */
export const cryptography = {
  hash(name: string) {
    const hash = createHash(name);
    return {
      update: (bytes: Uint8Array) => void hash.update(bytes),
      digest: () => new Uint8Array(hash.digest()),
    };
  },
} as unknown as Cryptography;

export function taken<Value>(outcome: Outcome<Value>): Value {
  expect(outcome.findings.filter((each) => each.severity === 'error')).toEqual([]);
  if (!outcome.ok) throw new Error('refused');
  return outcome.value;
}

export const codesOf = (outcome: Outcome<unknown>) =>
  outcome.ok ? [] : outcome.findings.map((each) => each.code);
