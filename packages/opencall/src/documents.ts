import { accepted, finding, type Outcome, refused } from '@yinglian/core';
import type { z } from 'zod';

/** Faults reported of one document; more say nothing new. */
const FAULTS_MAX = 50;

/** Reads plain JSON into a known shape; whatever is wrong is a finding with its path. */
export function readDocument<Value>(shape: z.ZodType<Value>, value: unknown): Outcome<Value> {
  const read = shape.safeParse(value);
  if (read.success) return accepted(read.data);
  return refused(
    ...read.error.issues.slice(0, FAULTS_MAX).map((issue) =>
      finding('invalid_opencall_document', 'error', {
        facts: { wanted: issue.message },
        at: { path: `$${issue.path.map((part) => `.${String(part)}`).join('')}` },
      }),
    ),
  );
}
