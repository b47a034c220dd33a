import { type Finding, finding } from '@yinglian/core';

/** What became of one target. */
export type TargetOutcome = {
  /** The folder that now holds the copy. */
  readonly folder: string;
  readonly complete: boolean;
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Where the bytes came from when they were read again. */
  readonly readBack: 'medium' | 'cache' | 'not-read';
  /** The manifest of this copy, when one was written. */
  readonly manifest?: string;
  readonly manifestC4?: string;
};

/** Whether a card may be formatted, and why not. */
export type Verdict = {
  readonly safe: boolean;
  /** The errors that keep it from being safe; empty when it is. */
  readonly reasons: readonly Finding[];
};

/** What the verdict is made of. */
export type VerdictInput = {
  readonly targets: readonly TargetOutcome[];
  readonly minimumCopies: number;
  readonly findings: readonly Finding[];
  readonly fileCount: number;
  readonly cancelled: boolean;
};

/**
 * A card is safe to format when every one of its files is, verified by reading it again, on every
 * target asked for and on at least so many, and when nothing at all went wrong on the way. Doubt is
 * a no: a card can be formatted tomorrow, but only once.
 */
export function judgeOffload(input: VerdictInput): Verdict {
  const reasons = input.findings.filter(({ severity }) => severity === 'error').slice(0);
  const complete = input.targets.filter((each) => each.complete);
  if (input.cancelled) reasons.push(finding('interrupted_offload', 'error'));
  if (input.fileCount === 0) reasons.push(finding('empty_source', 'error'));
  for (const { folder, complete: whole } of input.targets) {
    if (!whole) reasons.push(finding('incomplete_target', 'error', { at: { folder } }));
  }
  for (const { folder, readBack } of input.targets) {
    if (readBack === 'not-read')
      reasons.push(finding('unverified_target', 'error', { at: { folder } }));
  }
  for (const { folder, manifest } of complete) {
    if (manifest === undefined) {
      reasons.push(finding('missing_target_manifest', 'error', { at: { folder } }));
    }
  }
  if (complete.length < input.minimumCopies) {
    const facts = { copies: complete.length, minimum: input.minimumCopies };
    reasons.push(finding('insufficient_copies', 'error', { facts }));
  }
  return { safe: reasons.length === 0, reasons };
}
