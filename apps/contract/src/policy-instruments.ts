import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { byInstrument } from './policy-shapes.ts';
import { findingList } from './problems.ts';
import { businessDate, byId, count, fen, id, instant } from './shapes.ts';

/** Instruments written in the same form, published by four eyes; versions are never edited. */

/** Characters of a document; the largest instrument known has a tenth of it. */
const DOCUMENT_MAX = 4_000_000;
const authored = z.object({
  /** The instrument as JSON or YAML. */
  document: z.string().min(2).max(DOCUMENT_MAX),
  /** The raw text that its quotes come from, where it is at hand. */
  text: z.string().max(DOCUMENT_MAX).nullable().default(null),
});
const change = z.object({
  claimId: id,
  applicant: z.string(),
  item: z.string(),
  before: z.object({ status: z.string(), atMostFen: fen.nullable() }),
  after: z.object({ status: z.string(), atMostFen: fen.nullable() }),
});
export const instrumentVersionSchema = z.object({
  id,
  code: z.string(),
  title: z.object({ zh: z.string(), en: z.string() }),
  number: count.nullable(),
  state: z.enum(['proposed', 'published', 'rejected']),
  department: z.string(),
  digest: z.string(),
  items: count,
  reason: z.string(),
  findings: findingList,
  proposedBy: z.string(),
  proposedAt: instant,
  decidedBy: z.string().nullable(),
  decidedOn: businessDate.nullable(),
});

export const instruments = {
  check: endpoint({
    method: 'POST',
    path: '/api/instruments/check',
    permission: 'policy.manage',
    summary: { zh: '检查政策文件的规则', en: 'Check the rules of an instrument' },
    body: authored,
    result: z.object({
      code: z.string().nullable(),
      items: count,
      publishable: z.boolean(),
      findings: findingList,
      /** Open claims that would be answered otherwise. */
      changes: z.array(change),
    }),
    errors: ['not_allowed'],
  }),
  propose: endpoint({
    method: 'POST',
    path: '/api/instruments',
    permission: 'policy.manage',
    creates: true,
    summary: { zh: '提交政策文件', en: 'Propose an instrument' },
    body: authored.extend({ reason: z.string().trim().min(2).max(5_000) }),
    result: instrumentVersionSchema,
    errors: ['not_allowed', 'invalid'],
  }),
  proposals: endpoint({
    method: 'GET',
    path: '/api/instruments/versions',
    permission: 'policy.read',
    summary: { zh: '本部门提交的政策文件', en: 'Instruments your department proposed' },
    result: z.object({ rows: z.array(instrumentVersionSchema) }),
    errors: ['not_allowed'],
  }),
  decide: endpoint({
    method: 'POST',
    path: '/api/instruments/versions/:id/decide',
    permission: 'policy.decide',
    summary: { zh: '发布或退回政策文件', en: 'Publish or reject an instrument' },
    params: byId,
    body: z.object({ publish: z.boolean() }),
    result: instrumentVersionSchema,
    errors: ['not_found', 'not_allowed', 'conflict', 'invalid'],
  }),
  versions: endpoint({
    method: 'GET',
    path: '/api/instruments/:instrument/versions',
    permission: 'public',
    summary: { zh: '政策文件的各个版本', en: 'Published versions of an instrument' },
    params: byInstrument,
    result: z.object({
      rows: z.array(
        instrumentVersionSchema.pick({
          number: true,
          department: true,
          digest: true,
          items: true,
          reason: true,
          decidedOn: true,
        }),
      ),
    }),
    errors: ['not_found'],
  }),
  document: endpoint({
    method: 'GET',
    path: '/api/instruments/:instrument/document',
    permission: 'public',
    summary: { zh: '政策文件的规则全文', en: 'The rules of an instrument as a document' },
    params: byInstrument,
    bytesOut: 'application/json',
    errors: ['not_found'],
  }),
};
