/** A fault of the programmer, never of the input: the message names the rule that was broken. */
export class AssertionFault extends Error {
  override readonly name = 'AssertionFault';
}

/** Throws an {@link AssertionFault} unless `condition` holds. Input faults are findings instead. */
export function assert(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new AssertionFault(rule);
}

/** The arm of a `switch` that can never be reached; the compiler proves it, the run checks it. */
export function assertNever(value: never, rule = 'unreachable'): never {
  throw new AssertionFault(`${rule}: ${String(value)}`);
}
