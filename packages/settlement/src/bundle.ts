import { type Cryptography, toHex } from '@yinglian/core';
import { leafHash, merklePath, merkleRoot } from './merkle.ts';
import { type Statement, statementBytes } from './statement.ts';
import type { StatementBundle } from './verify.ts';

/** A period's statements sealed under one root, which is published. */
export type SealedPeriod = {
  readonly root: string;
  readonly bundles: readonly StatementBundle[];
};

/**
 * Seals all statements of a period, in the order given (the order is part of the root). Each bundle
 * goes to its own party; it shows hashes of the others, nothing else of them.
 */
export function sealPeriod(
  statements: readonly { readonly statement: Statement; readonly terms: object }[],
  cryptography: Cryptography,
): SealedPeriod {
  const leaves = statements.map(({ statement }) =>
    leafHash(cryptography, statementBytes(statement)),
  );
  const root = toHex(merkleRoot(cryptography, leaves));
  const bundles = statements.map(({ statement, terms }, index) => ({
    format: 'yinglian-statement-bundle/1' as const,
    statement,
    terms,
    proof: { root, ...merklePath(cryptography, leaves, index) },
  }));
  return { root, bundles };
}
