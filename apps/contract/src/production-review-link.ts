import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { drawingSchema, NOTE_STATES } from './production-review.ts';
import { count, digest, id, instant, longText, ratioText } from './shapes.ts';

const personName = z.string().trim().min(1).max(100);
const token = z.string().min(20).max(200);
const guestNote = z.object({
  id,
  author: z.string(),
  frame: count,
  toFrame: count.nullable(),
  text: longText,
  state: z.enum(NOTE_STATES),
  createdAt: instant,
  parentId: id.nullable(),
  drawing: drawingSchema.nullable(),
});

/** What whoever holds a link may see: one version, for a while, with their name on it. */
export const reviewLink = {
  open: endpoint({
    method: 'POST',
    path: '/api/review-link',
    permission: 'public',
    summary: { zh: '打开看片链接', en: 'What a link leads to' },
    body: z.object({ token }),
    result: z.object({
      organisation: z.string(),
      title: z.string(),
      label: z.string(),
      needsPassword: z.boolean(),
      expiresAt: instant,
    }),
    errors: ['not_found'],
  }),
  enter: endpoint({
    method: 'POST',
    path: '/api/review-link/viewers',
    permission: 'public',
    summary: { zh: '以姓名进入', en: 'Enter by name, and by password where one is set' },
    body: z.object({ token, name: personName, password: z.string().max(200).optional() }),
    result: z.object({ pass: z.string(), code: z.string() }),
    errors: ['not_found', 'not_allowed', 'conflict'],
  }),
  view: endpoint({
    method: 'POST',
    path: '/api/review-link/view',
    permission: 'public',
    summary: { zh: '看片页内容', en: 'What is watched, and what was said' },
    body: z.object({ pass: token }),
    result: z.object({
      title: z.string(),
      viewer: z.string(),
      code: z.string(),
      expiresAt: instant,
      download: z.boolean(),
      comment: z.boolean(),
      watermark: z.boolean(),
      frames: count,
      frameRate: ratioText,
      startTimecode: z.string().nullable(),
      /** Where the picture is fetched; null while it is being made for this viewer. */
      ticket: z.string().nullable(),
      progress: z.number().nullable(),
      failed: z.boolean(),
      notes: z.array(guestNote),
      original: digest.nullable(),
    }),
    errors: ['not_found'],
  }),
  addNote: endpoint({
    method: 'POST',
    path: '/api/review-link/notes',
    permission: 'public',
    creates: true,
    summary: { zh: '客人留言', en: 'A remark of a guest' },
    body: z.object({
      pass: token,
      frame: count,
      toFrame: count.nullable().default(null),
      text: z.string().min(1).max(4000),
      drawing: drawingSchema.nullable().default(null),
    }),
    result: guestNote,
    errors: ['not_found', 'not_allowed', 'invalid'],
  }),
  picture: endpoint({
    method: 'GET',
    path: '/api/review-link/pictures/:ticket',
    permission: 'public',
    summary: { zh: '链接的画面', en: 'The picture of a link' },
    params: z.object({ ticket: token }),
    bytesOut: 'video/mp4',
    errors: ['not_found'],
  }),
  original: endpoint({
    method: 'POST',
    path: '/api/review-link/original',
    permission: 'public',
    summary: { zh: '下载（链接允许时）', en: 'Download, where the link allows it' },
    body: z.object({ pass: token }),
    bytesOut: 'application/octet-stream',
    errors: ['not_found', 'not_allowed'],
  }),
};
