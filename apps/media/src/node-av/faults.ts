import { FFmpegError } from 'node-av/lib';
import { AVERROR_EOF } from 'node-av/constants';

/** A refusal inside the worker: becomes a finding in the parent. */
export class JobFault extends Error {
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
  constructor(code: string, facts: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

export const END_OF_FILE: number = AVERROR_EOF;
export const TRY_AGAIN: number = FFmpegError.AVERROR('EAGAIN' as never);
const NO_SPACE: number = FFmpegError.AVERROR('ENOSPC' as never);

export function describeError(code: number): string {
  return FFmpegError.strerror(code) || `error ${code}`;
}

/** Returns `code` when it is no error; else throws the named fault. */
export function must(
  code: number,
  fault: string,
  facts: Readonly<Record<string, string | number>> = {},
): number {
  if (code >= 0) return code;
  if (code === NO_SPACE) throw new JobFault('full_disk', facts);
  throw new JobFault(fault, { ...facts, reason: describeError(code) });
}
