import { z } from 'zod';
import { businessDate, id, instant } from './shapes.ts';

/** Objections during a notice: what is told of them, and how they are answered. */

/** What objections are made against. */
export const OBJECTION_SUBJECTS = ['claim', 'entry', 'catalogue', 'round'] as const;
/** Sustained: it is right; partly; dismissed: it is not. The answer says why. */
export const OBJECTION_OUTCOMES = ['sustained', 'partly', 'dismissed'] as const;
const objectionState = {
  id,
  text: z.string(),
  at: instant,
  /** The day by which it is to be answered; null for those made before there were terms. */
  answerBy: businessDate.nullable(),
  outcome: z.enum(OBJECTION_OUTCOMES).nullable(),
  answer: z.string().nullable(),
  answeredAt: instant.nullable(),
};
/** What is told of every objection: to claims, entries of registers and open calls. */
export const objectionFields = { ...objectionState, by: z.string() };
/** Told once, to whoever objects: with it the answer is found without signing in. */
export const objectionReceipt = { token: z.string() };
export const objectionAnswer = z.object({
  outcome: z.enum(OBJECTION_OUTCOMES),
  answer: z.string().trim().min(2).max(5_000),
});
export const policyObjectionSchema = z.object({ ...objectionFields, claimId: id });
/** An objection as whoever made it sees it. */
export const policyObjectionCaseSchema = z.object({
  ...objectionState,
  kind: z.enum(OBJECTION_SUBJECTS),
  subjectId: id,
  /** What it is against, in the words of the notice. */
  about: z.string(),
});
