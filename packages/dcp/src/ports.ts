import type { Cryptography, RandomBytes } from '@yinglian/core';

/** What an AbortSignal gives, named here because packages know no platform. */
export type CancelSignal = {
  readonly aborted: boolean;
  /** Throws the reason once cancelled. */
  throwIfAborted(): void;
};

/** How far a long piece of work has come. */
export type Progress = {
  readonly stage: 'write' | 'hash' | 'verify' | 'unwrap';
  /** The file, relative to its folder. */
  readonly file: string;
  readonly done: number;
  /** Undefined while nobody can know it. */
  readonly total: number | undefined;
  readonly unit: 'bytes' | 'frames';
};

/** How long work is watched and stopped. */
export type WorkOptions = {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: CancelSignal;
};

/** The machine that most work here needs. */
export type DcpPorts = {
  readonly cryptography: Cryptography;
  readonly random: RandomBytes;
};
