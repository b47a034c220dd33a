import { statfs } from 'node:fs/promises';
import { finding } from '@yinglian/core';
import { Refusal } from '../refusal.ts';

/** The disk that the data folder lies on. */
export type DiskSpace = {
  look(): Promise<DiskState>;
  /** Refuses with `unavailable` what would not leave the reserve free. */
  require(neededBytes: number): Promise<void>;
};
export type DiskState = {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Kept for the records database and for what is under way: without it nothing can be saved. */
  readonly reserveBytes: number;
  readonly full: boolean;
};

export function openSpace(folder: string, reserveBytes: number): DiskSpace {
  const look = async (): Promise<DiskState> => {
    const { bavail, bsize, blocks } = await statfs(folder);
    const freeBytes = bavail * bsize;
    return { freeBytes, totalBytes: blocks * bsize, reserveBytes, full: freeBytes < reserveBytes };
  };
  return {
    look,
    async require(neededBytes) {
      const { freeBytes } = await look();
      if (freeBytes - neededBytes >= reserveBytes) return;
      const facts = { neededBytes, freeBytes, reserveBytes };
      throw new Refusal('unavailable', {
        findings: [finding('insufficient_space', 'error', { facts })],
      });
    },
  };
}
