import type { HashAlgorithm, HashFailure } from '@yinglian/mhl';
import { serveCrew } from './crew.ts';
import { type HashedFile, hashFile } from './hash-file.ts';

/** A file to be hashed. */
export type HashRequest = {
  readonly path: string;
  readonly algorithms: readonly HashAlgorithm[];
  readonly direct: boolean;
};

serveCrew<HashRequest, HashedFile | HashFailure>(
  ({ path, algorithms, direct }, { cancelled, onBytes }) =>
    hashFile(path, algorithms, { direct, alone: true, cancelled, onBytes }),
  false,
);
