import type { Finding } from '@yinglian/core';

// Table: the exit codes of the ASC MHL reference implementation, which scripts of the trade test.
/** What each finding means to a script, the most serious first. */
export const ASC_MHL_EXIT_CODES: readonly (readonly [code: string, exit: number])[] = [
  ['missing_history', 30],
  ['altered_manifest', 31],
  ['missing_chain', 32],
  ['invalid_chain', 32],
  ['missing_manifest', 33],
  ['missing_named_file', 20],
  ['mismatched_hash', 11],
  ['mismatched_size', 11],
  ['unreadable_file', 11],
  ['changed_file', 11],
  ['unexpected_file', 21],
  ['missing_file', 10],
  ['mismatched_folder_hash', 12],
];
/** Any other error: an invalid list, an empty scope. */
export const ASC_MHL_EXIT_OTHER = 1;

/** The exit code of an operation, 0 when none of its findings is an error. */
export function ascMhlExitCode(findings: readonly Finding[]): number {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return 0;
  const codes = new Set(errors.map(({ code }) => code));
  return ASC_MHL_EXIT_CODES.find(([code]) => codes.has(code))?.[1] ?? ASC_MHL_EXIT_OTHER;
}
