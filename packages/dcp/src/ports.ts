import type { Cryptography, RandomBytes } from '@yinglian/core';

/** What an AbortSignal gives, named here because packages know no platform. */
export type CancelSignal = {
  readonly aborted: boolean;
  /** Throws the reason once cancelled. */
  throwIfAborted(): void;
};

/** How far a long piece of work has come. */
export type Progress = {
  /** What is being worked on: `write`, `hash`, `verify`. */
  readonly stage: string;
  /** The file, where one is meant. */
  readonly file?: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
};

export type DcpPorts = {
  readonly cryptography: Cryptography;
  readonly random: RandomBytes;
};
