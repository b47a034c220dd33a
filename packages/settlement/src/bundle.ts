import { type Cryptography, toHex } from '@yinglian/core';
import { leafHash, merklePath, type MerklePath, merkleRoot } from './merkle.ts';
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
  const documents = statements.map((each) => each.statement);
  const { root, proofs } = proveMembership(documents, cryptography);
  const bundles = statements.map(({ statement, terms }, index) => ({
    format: 'yinglian-statement-bundle/1' as const,
    statement,
    terms,
    proof: proofs[index]!,
  }));
  return { root, bundles };
}

/** Where a document stands under the root of all that were sealed with it. */
export type MembershipProof = { readonly root: string } & MerklePath;

/** One root over documents in the order given, and the path of each to it. */
export function proveMembership(
  documents: readonly object[],
  cryptography: Cryptography,
): { readonly root: string; readonly proofs: readonly MembershipProof[] } {
  const leaves = documents.map((each) => leafHash(cryptography, statementBytes(each)));
  const root = toHex(merkleRoot(cryptography, leaves));
  const proofs = leaves.map((_, index) => ({ root, ...merklePath(cryptography, leaves, index) }));
  return { root, proofs };
}
