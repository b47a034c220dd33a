import { z } from 'zod';

/** Shapes that several halls share. Names end in the unit; money is fen as decimal text. */

export const id = z.uuid();
export const fen = z.string().regex(/^-?\d{1,30}$/).meta({ description: 'fen, 1/100 yuan' });
export const count = z.number().int().nonnegative();
/** `2026-11-22` */
export const businessDate = z.iso.date();
/** An instant with its offset, `2026-11-22T19:30:00+08:00`. */
export const instant = z.iso.datetime({ offset: true });
/** `24000/1001` or `24`. */
export const ratioText = z.string().regex(/^-?\d{1,20}(?:\/\d{1,20})?$/);
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export const name = z.string().trim().min(1).max(200);
export const longText = z.string().max(10_000);
export const language = z.enum(['zh-CN', 'en']);

export const byId = z.object({ id });

export const PAGE_ROWS_MAX = 500;
export const pageQuery = z.object({
  /** Opaque; from `next` of the page before. */
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_ROWS_MAX).default(50),
  /** Words to look for. */
  search: z.string().max(200).optional(),
});

export function page<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().nullable(), total: count.optional() });
}

/** Every record that two people may edit: `version` counts its writes, from 1. */
export const versioned = z.object({
  id,
  version: z.number().int().positive(),
  createdAt: instant,
  updatedAt: instant,
});
/** A write names the version it was made from; another version answers 409 with both. */
export const expectedVersion = z.object({ version: z.number().int().positive() });

/** A stored file: an artefact anybody allowed can fetch at `/api/files/:id`. */
export const fileRecord = z.object({
  id,
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  digest,
  createdAt: instant,
});

export const accepted = z.object({ jobId: id });
