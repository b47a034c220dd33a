import { assert } from './assert.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import type { Cryptography } from './cryptography.ts';
import { digest } from './cryptography.ts';

/**
 * Merkle trees with SHA-256 as in RFC 6962 section 2.1 (unchanged in RFC 9162): a log that only
 * grows, in which one can prove that an entry is contained and that nothing before it changed.
 * All functions take *leaf hashes*, so that the entries themselves may stay where they are.
 */

/** The prefixes that keep a leaf from being passed off as a node (RFC 6962 section 2.1). */
const LEAF_PREFIX = new Uint8Array([0]);
const NODE_PREFIX = new Uint8Array([1]);

/** The hash of one entry: SHA-256(0x00 ‖ entry). */
export function merkleLeafHash(cryptography: Cryptography, entry: Uint8Array): Uint8Array {
  return digest(cryptography, 'sha256', concatBytes(LEAF_PREFIX, entry));
}

/** The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right). */
export function merkleNodeHash(
  cryptography: Cryptography,
  left: Uint8Array,
  right: Uint8Array,
): Uint8Array {
  return digest(cryptography, 'sha256', concatBytes(NODE_PREFIX, left, right));
}

/** The hash of the whole tree; that of an empty one is SHA-256 of nothing. */
export function merkleRoot(
  cryptography: Cryptography,
  leafHashes: readonly Uint8Array[],
): Uint8Array {
  if (leafHashes.length === 0) return digest(cryptography, 'sha256', new Uint8Array(0));
  return rootOf(cryptography, leafHashes, 0, leafHashes.length);
}

function rootOf(
  cryptography: Cryptography,
  leaves: readonly Uint8Array[],
  from: number,
  to: number,
): Uint8Array {
  if (to - from === 1) return leaves[from]!;
  const middle = from + largestPowerBelow(to - from);
  return merkleNodeHash(
    cryptography,
    rootOf(cryptography, leaves, from, middle),
    rootOf(cryptography, leaves, middle, to),
  );
}

/** The largest power of two smaller than `count`, which is at least 2. */
function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The audit path of a leaf, from its sibling up to the root (RFC 6962 section 2.1.1). */
export function merkleInclusionProof(
  cryptography: Cryptography,
  leafHashes: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  assert(Number.isInteger(index) && index >= 0 && index < leafHashes.length, 'the leaf exists');
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = leafHashes.length;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      proof.push(rootOf(cryptography, leafHashes, middle, to));
      to = middle;
    } else {
      proof.push(rootOf(cryptography, leafHashes, from, middle));
      from = middle;
    }
  }
  return proof.reverse();
}

/** What a receiver knows when checking that one entry is in a tree. */
export type MerkleInclusion = {
  readonly leafHash: Uint8Array;
  /** Place of the leaf, from 0. */
  readonly index: number;
  /** Leaves in the tree. */
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** Whether the proof leads from the leaf to the root (RFC 9162 section 2.1.3.2). */
export function verifyMerkleInclusion(
  cryptography: Cryptography,
  { leafHash, index, size, proof, root }: MerkleInclusion,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let place = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = merkleNodeHash(cryptography, sibling, hash);
      // A last node without a sibling is carried up unchanged until it becomes a right child.
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      hash = merkleNodeHash(cryptography, hash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * Proof that a tree of `oldSize` leaves is the beginning of this one (RFC 6962 section 2.1.2).
 * Empty for an empty beginning and for the whole tree: both need no proof.
 */
export function merkleConsistencyProof(
  cryptography: Cryptography,
  leafHashes: readonly Uint8Array[],
  oldSize: number,
): Uint8Array[] {
  assert(isCount(oldSize) && oldSize <= leafHashes.length, 'the old tree is not the larger');
  const proof: Uint8Array[] = [];
  if (oldSize === 0 || oldSize === leafHashes.length) return proof;
  let from = 0;
  let to = leafHashes.length;
  let beginning = true;
  while (oldSize < to) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      proof.push(rootOf(cryptography, leafHashes, middle, to));
      to = middle;
    } else {
      proof.push(rootOf(cryptography, leafHashes, from, middle));
      from = middle;
      beginning = false;
    }
  }
  // The old root itself is known to the receiver when it stands as one node at the far left.
  if (!beginning) proof.push(rootOf(cryptography, leafHashes, from, to));
  return proof.reverse();
}

/** What a receiver knows when checking that a tree has only grown. */
export type MerkleConsistency = {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/** Whether the new tree begins with the old one (RFC 9162 section 2.1.4.2). */
export function verifyMerkleConsistency(
  cryptography: Cryptography,
  { oldSize, oldRoot, newSize, newRoot, proof }: MerkleConsistency,
): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) {
    return proof.length === 0 && equalBytes(oldRoot, merkleRoot(cryptography, []));
  }
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  const [first, ...rest] = path;
  if (first === undefined || rest.length === 0) return false;
  let place = oldSize - 1;
  let last = newSize - 1;
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldHash = merkleNodeHash(cryptography, sibling, oldHash);
      newHash = merkleNodeHash(cryptography, sibling, newHash);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      newHash = merkleNodeHash(cryptography, newHash, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return largestPowerBelow(value + 1) === value;
}
