import { assert, type Cryptography, equalBytes, fromHex, toHex } from '@yinglian/core';

/** Merkle trees of RFC 6962 section 2.1: leaves and nodes hash with different first bytes. */

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const HASH_BYTES = 32;
/** A path longer than this belongs to no tree that fits in memory. */
const PATH_MAX = 64;

/** The hash of a leaf: SHA-256 of a zero byte and the data (RFC 6962 §2.1). */
export function leafHash(cryptography: Cryptography, data: Uint8Array): Uint8Array {
  const hash = cryptography.hash('sha256');
  hash.update(LEAF);
  hash.update(data);
  return hash.digest();
}

function nodeHash(cryptography: Cryptography, left: Uint8Array, right: Uint8Array): Uint8Array {
  const hash = cryptography.hash('sha256');
  hash.update(NODE);
  hash.update(left);
  hash.update(right);
  return hash.digest();
}

/** The greatest power of two below the number of leaves: where the tree divides. */
function divide(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The root over leaf hashes; of no leaves it is the hash of nothing. */
export function merkleRoot(cryptography: Cryptography, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return cryptography.hash('sha256').digest();
  if (leaves.length === 1) return leaves[0]!;
  const middle = divide(leaves.length);
  return nodeHash(
    cryptography,
    merkleRoot(cryptography, leaves.slice(0, middle)),
    merkleRoot(cryptography, leaves.slice(middle)),
  );
}

/** The proof that a leaf is in a tree (RFC 6962 §2.1.1). */
export type MerklePath = {
  readonly index: number;
  readonly size: number;
  /** Sibling hashes in hex, from the leaf upwards. */
  readonly hashes: readonly string[];
};

/** The inclusion proof of one leaf (RFC 6962 section 2.1.1). */
export function merklePath(
  cryptography: Cryptography,
  leaves: readonly Uint8Array[],
  index: number,
): MerklePath {
  assert(index >= 0 && index < leaves.length, 'a path leads from a leaf of the tree');
  const hashes: string[] = [];
  let first = 0;
  let part = leaves;
  const siblings: Uint8Array[] = [];
  while (part.length > 1) {
    const middle = divide(part.length);
    const left = index - first < middle;
    siblings.push(merkleRoot(cryptography, left ? part.slice(middle) : part.slice(0, middle)));
    if (!left) first += middle;
    part = left ? part.slice(0, middle) : part.slice(middle);
  }
  for (const sibling of siblings.reverse()) hashes.push(toHex(sibling));
  return { index, size: leaves.length, hashes };
}

/** Whether a leaf with this path is under this root (RFC 9162 section 2.1.3.2). */
export function isUnderRoot(
  cryptography: Cryptography,
  leaf: Uint8Array,
  path: MerklePath,
  root: Uint8Array,
): boolean {
  const { index, size, hashes } = path;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
  if (index < 0 || index >= size || hashes.length > PATH_MAX) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const text of hashes) {
    if (sn === 0) return false;
    if (!/^[0-9a-f]{64}$/.test(text)) return false;
    const sibling = fromHex(text);
    if (sibling.length !== HASH_BYTES) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(cryptography, sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else hash = nodeHash(cryptography, hash, sibling);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(hash, root);
}
