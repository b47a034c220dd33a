import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeUtf8,
  fromHex,
  merkleConsistencyProof,
  merkleInclusionProof,
  merkleLeafHash,
  merkleNodeHash,
  merkleRoot,
  toHex,
  verifyMerkleConsistency,
  verifyMerkleInclusion,
} from '../src/index.ts';
import { nodeCryptography as port } from './node-cryptography.ts';

const leaves = (count: number) =>
  Array.from({ length: count }, (_, i) => merkleLeafHash(port, encodeUtf8(`entry ${i}`)));
const SIZES = fc.integer({ min: 1, max: 70 });
/** Another hash of the same length: one bit is turned. */
const turned = (bytes: Uint8Array, at: number) => {
  const copy = bytes.slice();
  copy[at % copy.length]! ^= 1;
  return copy;
};

/** The definition of RFC 6962 section 2.1 read aloud, on the entries themselves. */
function rootByDefinition(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  let power = 1;
  while (power * 2 < hashes.length) power *= 2;
  return merkleNodeHash(
    port,
    rootByDefinition(hashes.slice(0, power)),
    rootByDefinition(hashes.slice(power)),
  );
}

describe('Merkle tree', () => {
  /** The entries and roots with which the Certificate Transparency logs are tested. */
  const entries = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];

  it('[CO39] the roots of the Certificate Transparency test vectors', () => {
    const hashes = entries.map((entry) => merkleLeafHash(port, fromHex(entry)));
    roots.forEach((root, size) => {
      expect(toHex(merkleRoot(port, hashes.slice(0, size)))).toBe(root);
    });
  });

  it('[CO39] the root is that of the definition, for every size', () => {
    for (let size = 1; size <= 70; size++) {
      const hashes = leaves(size);
      expect(merkleRoot(port, hashes)).toEqual(rootByDefinition(hashes));
    }
  });

  it('[CO40] every leaf of every small tree can be proved', () => {
    for (let size = 1; size <= 33; size++) {
      const hashes = leaves(size);
      const root = merkleRoot(port, hashes);
      for (let index = 0; index < size; index++) {
        const proof = merkleInclusionProof(port, hashes, index);
        const leafHash = hashes[index]!;
        expect(verifyMerkleInclusion(port, { leafHash, index, size, proof, root })).toBe(true);
      }
    }
    expect(() => merkleInclusionProof(port, leaves(3), 3)).toThrow('the leaf exists');
  });

  it('[CO40] no proof verifies for another leaf, place, size, path or root', () => {
    fc.assert(
      fc.property(SIZES, fc.nat(), fc.nat(), (size, place, seed) => {
        const hashes = leaves(size);
        const root = merkleRoot(port, hashes);
        const index = place % size;
        const proof = merkleInclusionProof(port, hashes, index);
        const leafHash = hashes[index]!;
        const good = { leafHash, index, size, proof, root };
        const spoilt = [
          { ...good, leafHash: turned(leafHash, seed) },
          { ...good, root: turned(root, seed) },
          { ...good, index: size },
          { ...good, index: -1 },
          { ...good, index: index + 0.5 },
          { ...good, size: 0 },
          { ...good, proof: [...proof, root] },
          {
            ...good,
            proof: proof.map((hash, i) => (i === seed % proof.length ? turned(hash, 1) : hash)),
          },
          { ...good, proof: proof.slice(1) },
          ...(size > 1 ? [{ ...good, index: (index + 1) % size }] : []),
        ].filter((each) => each.proof.length !== proof.length || proof.length > 0 || each !== good);
        for (const each of spoilt) {
          const unchanged = proof.length === 0 && JSON.stringify(each) === JSON.stringify(good);
          expect(verifyMerkleInclusion(port, each)).toBe(unchanged);
        }
      }),
    );
  });

  it('[CO41] every beginning of every small tree can be proved', () => {
    for (let newSize = 0; newSize <= 33; newSize++) {
      const hashes = leaves(newSize);
      const newRoot = merkleRoot(port, hashes);
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const oldRoot = merkleRoot(port, hashes.slice(0, oldSize));
        const proof = merkleConsistencyProof(port, hashes, oldSize);
        const claim = { oldSize, oldRoot, newSize, newRoot, proof };
        expect(verifyMerkleConsistency(port, claim), `${oldSize} of ${newSize}`).toBe(true);
      }
    }
    const [one, other] = [merkleRoot(port, leaves(4)), merkleRoot(port, leaves(5))];
    const same = { oldSize: 4, oldRoot: one, newSize: 4, newRoot: other, proof: [] };
    expect(verifyMerkleConsistency(port, same)).toBe(false);
    const padded = { ...same, newRoot: one, proof: [one] };
    expect(verifyMerkleConsistency(port, padded)).toBe(false);
    expect(() => merkleConsistencyProof(port, leaves(3), 4)).toThrow('not the larger');
  });

  it('[CO41] a changed beginning cannot be proved', () => {
    fc.assert(
      fc.property(SIZES, SIZES, fc.nat(), (a, b, seed) => {
        fc.pre(a !== b);
        const [oldSize, newSize] = a < b ? [a, b] : [b, a];
        const before = leaves(oldSize);
        const changed = seed % oldSize;
        const after = leaves(newSize).map((hash, i) => (i === changed ? turned(hash, seed) : hash));
        const oldRoot = merkleRoot(port, before);
        const newRoot = merkleRoot(port, after);
        const honest = merkleConsistencyProof(port, leaves(newSize), oldSize);
        const forged = merkleConsistencyProof(port, after, oldSize);
        for (const proof of [honest, forged, [], [...forged, newRoot], forged.slice(1)]) {
          const claim = { oldSize, oldRoot, newSize, newRoot, proof };
          expect(verifyMerkleConsistency(port, claim)).toBe(false);
        }
        const shrunk = { oldSize: newSize, oldRoot: newRoot, newSize: oldSize, newRoot: oldRoot };
        expect(verifyMerkleConsistency(port, { ...shrunk, proof: forged })).toBe(false);
      }),
    );
  });
});
