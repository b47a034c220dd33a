import { z } from 'zod';

/** The closed list of ways in which a request is refused, and their HTTP status. */
export const PROBLEM_STATUS = {
  not_signed_in: 401,
  not_allowed: 403,
  not_found: 404,
  conflict: 409,
  reused_idempotency_key: 409,
  too_large: 413,
  invalid: 422,
  too_many: 429,
  unexpected: 500,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

const fact = z.union([
  z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()).readonly(),
]);

/** A finding on the wire; its wording is the reader's business. */
export const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'note', 'success']),
  facts: z.record(z.string(), fact),
  at: z.record(z.string(), z.union([z.string(), z.number()])),
  clause: z.string().exactOptional(),
});

/** What was found, as every record carries it. */
export const findingList = z.array(findingSchema).readonly();

/** RFC 9457 problem details with our code, and what was found. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  findings: findingList.optional(),
  /** With `conflict` on a versioned write: what is stored now, and what was sent. */
  stored: z.unknown().optional(),
  sent: z.unknown().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
