import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cryptography } from '@yinglian/core';
import {
  assess,
  type Assessment,
  type FactValue,
  type GivenFacts,
  HUNAN_2023_55,
  type Instrument,
  openBook,
  type ParameterDecision,
  type Review,
} from '../src/index.ts';

/** A day on which every reading of the term agrees. */
export const IN_FORCE = '2025-06-30';

export function facts(values: Readonly<Record<string, FactValue>>): GivenFacts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

export function decided(parameter: string, value: string, from = '2024-01-01'): ParameterDecision {
  const issuedBy = '省工业和信息化厅';
  return { parameter, value, from, recorded: from, issuedBy, reason: 'test' };
}

export function ask(
  item: string,
  values: Readonly<Record<string, FactValue>>,
  more: {
    readonly on?: string;
    readonly appliedOn?: string | null;
    readonly knownOn?: string;
    readonly decisions?: readonly ParameterDecision[];
    readonly review?: Review;
    readonly instrument?: Instrument;
  } = {},
): Assessment {
  const book = openBook(more.instrument ?? HUNAN_2023_55, {
    eventDate: more.on ?? IN_FORCE,
    knownOn: more.knownOn ?? '2029-12-31',
    decisions: more.decisions ?? [],
  });
  return assess(book, {
    item,
    appliedOn: more.appliedOn ?? null,
    facts: facts(values),
    ...(more.review === undefined ? {} : { review: more.review }),
  });
}

/** Yuan with decimals to fen, for tables written in the words of the reference. */
export function yuan(text: string): bigint {
  const [whole, part = ''] = text.replaceAll(',', '').split('.');
  return BigInt(whole! + part.padEnd(2, '0'));
}

/** 万元 to fen. */
export function wan(amount: number): bigint {
  return BigInt(Math.round(amount * 1_000_000));
}

const here = dirname(fileURLToPath(import.meta.url));
const TEXT = join(here, '../../../../shared/reference/seed-policy.txt');

/** The raw text of the instrument, where the reference folder is at hand. */
export function policyText(): string | undefined {
  return existsSync(TEXT) ? readFileSync(TEXT, 'utf8') : undefined;
}

const unused = (): never => {
  throw new Error('not used by receipts');
};

/** Hashes alone: receipts need nothing else. */
export const CRYPTOGRAPHY: Cryptography = {
  hash: (name) => {
    const running = createHash(name);
    return {
      update: (bytes) => void running.update(bytes),
      digest: () => new Uint8Array(running.digest()),
    };
  },
  hmac: unused,
  encryptAesCbc: unused,
  decryptAesCbc: unused,
  encryptAesEcb: unused,
  encryptRsaOaep: unused,
  decryptRsaOaep: unused,
  signRsa: unused,
  verifyRsa: unused,
};
