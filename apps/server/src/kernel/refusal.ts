import type { ProblemCode } from '@yinglian/contract';
import { type Facts, type Finding, finding } from '@yinglian/core';

/**
 * A request that is refused for a reason from the contract's closed list. Services throw it; one
 * place in `http/` turns it into a problem document. Anything else that is thrown is `unexpected`.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly findings: readonly Finding[];
  readonly stored: unknown;
  readonly sent: unknown;

  constructor(code: ProblemCode, more: RefusalMore = {}) {
    super(more.findings?.[0]?.code ?? code);
    this.code = code;
    this.findings = more.findings ?? [];
    this.stored = more.stored;
    this.sent = more.sent;
  }
}

export type RefusalMore = {
  readonly findings?: readonly Finding[];
  readonly stored?: unknown;
  readonly sent?: unknown;
};

/** The thing does not exist for this caller: absent and hidden answer alike. */
export function notFound(facts: Facts = {}): Refusal {
  const findings = [finding('missing_record', 'error', { facts })];
  return new Refusal('not_found', { findings });
}

/** The caller sees the thing but may not do this with it. */
export function notAllowed(facts: Facts = {}): Refusal {
  const findings = [finding('missing_permission', 'error', { facts })];
  return new Refusal('not_allowed', { findings });
}

export function notSignedIn(): Refusal {
  return new Refusal('not_signed_in');
}

/** What was sent cannot be accepted; each finding says where and why. */
export function invalid(...findings: readonly Finding[]): Refusal {
  return new Refusal('invalid', { findings });
}

/** The state of things forbids it, for a reason that the finding names. */
export function conflict(...findings: readonly Finding[]): Refusal {
  return new Refusal('conflict', { findings });
}

/** Somebody wrote the record first: `stored` is the record now, in the form of the answer. */
export function versionConflict(stored: unknown, sent: unknown): Refusal {
  const findings = [finding('mismatched_version', 'error')];
  return new Refusal('conflict', { findings, stored, sent });
}

/** The record, or the refusal `not_found`. */
export function found<Value>(value: Value | undefined | null, facts: Facts = {}): Value {
  if (value === undefined || value === null) throw notFound(facts);
  return value;
}
