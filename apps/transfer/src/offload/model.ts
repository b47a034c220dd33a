import type { Finding, InstantMs } from '@yinglian/core';
import type { CreatorInfo, HashFormat } from '@yinglian/mhl';
import type { Card, TargetOutcome, Verdict } from '@yinglian/offload';

/** What an offload does. */
export type OffloadOptions = {
  /** The card, or any folder. */
  readonly source: string;
  /** Folders that each receive a folder with the copy. */
  readonly targets: readonly string[];
  /** Name of that folder; the source's own unless told. */
  readonly name?: string;
  readonly formats: readonly HashFormat[];
  readonly creator: CreatorInfo;
  readonly startedAt: InstantMs;
  readonly now: () => InstantMs;
  /** Verified copies without which a card is never safe to format; 2 unless told. */
  readonly minimumCopies?: number;
  /** Threads that copy; 4 unless told, none for a handful of small files. */
  readonly workerCount?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: OffloadProgress) => void;
};

/** How far an offload is. */
export type OffloadProgress = {
  readonly phase: 'scan' | 'copy' | 'manifest';
  readonly files: number;
  readonly fileCount: number;
  readonly bytes: number;
  readonly byteCount: number;
  readonly path: string;
};

/** A file of the source as it was when the offload began. */
export type SourceFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Device, number, size and times: another value means another file. */
  readonly identity: string;
};

/** What came of an offload. */
export type OffloadResult = {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly name: string;
  readonly card: Card;
  readonly targets: readonly TargetOutcome[];
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Files that an earlier, interrupted run had finished. */
  readonly resumedCount: number;
  readonly seconds: number;
  /** Every copied file with its hashes, in the order of the source. */
  files(): Iterable<OffloadedFile>;
};

/** A file that was copied. */
export type OffloadedFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly hashes: readonly { readonly format: HashFormat; readonly value: string }[];
};
