import type { Finding } from '@yinglian/core';

/** What a script may rely on. Documented in `docs/reference/command-line.md`. */
export const EXIT = {
  done: 0,
  /** The thing examined has faults (findings of severity `error`). */
  faulty: 1,
  /** The command was written wrongly, or a file is not there. */
  misused: 2,
  /** The server refused, or cannot be reached. */
  refused: 3,
  cancelled: 4,
  /** A fault of this program. */
  broken: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and a code, and perhaps with findings that say why; no stack. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault';
  readonly exitCode: ExitCode;
  readonly findings: readonly Finding[];
  constructor(message: string, exitCode: ExitCode, findings: readonly Finding[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.findings = findings;
  }
}
