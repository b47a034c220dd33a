import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  byId,
  count,
  id,
  instant,
  longText,
  name,
  page,
  pageQuery,
  versioned,
} from './shapes.ts';

/** What is said of media: remarks with drawings, approvals, live rooms, links, markers. */

const part = z.number().min(0).max(1);

/** A stroke or figure in parts of the picture, from its top left corner. */
export const shapeSchema = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  kind: z.enum(['pen', 'line', 'arrow', 'box', 'ellipse', 'text']),
  points: z
    .array(
      z
        .tuple([part, part])
        .or(z.tuple([part, part, part]))
        .readonly(),
    )
    .min(1)
    .max(4000)
    .readonly(),
  colour: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  width: z.number().positive().max(0.5),
  text: z.string().min(1).max(500).optional(),
});
export const drawingSchema = z.object({ shapes: z.array(shapeSchema).max(500).readonly() });

export const NOTE_STATES = ['open', 'doing', 'done', 'declined'] as const;

export const noteSchema = versioned.extend({
  assetId: id,
  author: z.string(),
  authorId: id.nullable(),
  organisation: z.string(),
  /** Frame counted from 0; with `toFrame`, a range. */
  frame: count,
  toFrame: count.nullable(),
  text: longText,
  state: z.enum(NOTE_STATES),
  doneBy: z.string().nullable(),
  doneAt: instant.nullable(),
  /** An answer names what it answers. */
  parentId: id.nullable(),
  /** Only the author's company sees it. */
  internal: z.boolean(),
  drawing: drawingSchema.nullable(),
  /** How many drawings there have been; the older ones are kept. */
  drawingNumber: count,
  mentions: z.array(z.object({ id, name: z.string() })),
  origin: z.enum(['room', 'link', 'markers']),
});

/** What a new remark says. */
export const newNote = z.object({
  frame: count,
  toFrame: count.nullable().default(null),
  text: longText.min(1),
  parentId: id.nullable().default(null),
  internal: z.boolean().default(false),
  drawing: drawingSchema.nullable().default(null),
  mentions: z.array(id).max(50).default([]),
});

export const changedNote = z.object({
  version: z.number().int().positive(),
  text: longText.min(1),
  state: z.enum(NOTE_STATES),
  /** Left out: the drawing stays. */
  drawing: drawingSchema.nullable().optional(),
});

const signature = z.object({
  algorithm: z.literal('Ed25519'),
  organisation: z.string(),
  publicKey: z.string(),
  signature: z.string(),
});
export const approvalSchema = z.object({
  id,
  createdAt: instant,
  reviewer: z.string(),
  reviewerId: id,
  organisation: z.string(),
  decision: z.enum(['approved', 'changes', 'rejected']),
  text: longText,
  /** A later word of the same reviewer took its place. */
  replaced: z.boolean(),
  signature,
});
export const approvalRequestSchema = z.object({
  id,
  createdAt: instant,
  reviewerId: id,
  reviewer: z.string(),
  organisation: z.string(),
  dueDate: z.iso.date().nullable(),
  answered: z.boolean(),
});
const approvals = z.object({
  requests: z.array(approvalRequestSchema),
  rows: z.array(approvalSchema),
});

const comparison = z.object({
  assetId: id,
  mode: z.enum(['side', 'wipe', 'difference', 'onion']),
  offset: z.number().int().min(-1_000_000).max(1_000_000),
  share: part,
});
const control = z.object({ frame: count, speed: z.number().min(-32).max(32), at: z.number() });
const roomNote = z.object({ id, version: z.number().int().positive() });
const who = z.string().max(100);

/** What people do in a live room. */
export const roomAct = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('control'), frame: count, speed: control.shape.speed }),
  z.object({ kind: z.literal('show'), assetId: id, compare: comparison.nullable() }),
  z.object({ kind: z.literal('hand'), to: id }),
  z.object({ kind: z.literal('take') }),
  z.object({ kind: z.literal('draw'), shape: shapeSchema, frame: count }),
  z.object({ kind: z.literal('erase'), shapes: z.array(z.string().max(64)).max(500).readonly() }),
  z.object({ kind: z.literal('clear'), frame: count.nullable() }),
  z.object({ kind: z.literal('close') }),
]);
const roomEvent = z.object({
  seq: count,
  at: z.number(),
  by: who,
  act: z.discriminatedUnion('kind', [
    ...roomAct.options,
    z.object({ kind: z.literal('note'), note: roomNote }),
  ]),
});
export const roomState = z.object({
  seq: count,
  open: z.boolean(),
  host: who,
  assetId: id,
  compare: comparison.nullable(),
  control,
  shapes: z.array(z.object({ shape: shapeSchema, by: who, assetId: id, frame: count })).readonly(),
  notes: z.array(roomNote).readonly(),
});
export const roomPerson = z.object({
  userId: id,
  name: z.string(),
  organisation: z.string(),
  joinedAt: instant,
});
export const roomSchema = z.object({
  id,
  createdAt: instant,
  filmId: id,
  title: z.string(),
  assetId: id,
  openedBy: z.string(),
  hostId: id,
  closedAt: instant.nullable(),
  people: count,
});
const ink = z.object({
  stroke: z.string().regex(/^[\w-]{1,64}$/),
  frame: count,
  colour: shapeSchema.shape.colour,
  width: shapeSchema.shape.width,
  points: z.array(z.tuple([part, part])).max(200),
});

export const shareLinkSchema = z.object({
  id,
  createdAt: instant,
  assetId: id,
  assetTitle: z.string(),
  label: z.string(),
  hasPassword: z.boolean(),
  expiresAt: instant,
  download: z.boolean(),
  comment: z.boolean(),
  watermark: z.boolean(),
  viewersMax: count,
  viewers: count,
  state: z.enum(['open', 'expired', 'revoked']),
  createdBy: z.string(),
});
export const MARKER_FORMAT_NAMES = [
  'resolve-edl',
  'premiere-xml',
  'premiere-csv',
  'final-cut',
  'avid-text',
  'avid-xml',
  'ale',
  'otio',
  'csv',
] as const;

export const cutEvent = z.object({
  track: z.string(),
  department: z.enum(['picture', 'sound']),
  name: z.string(),
  shot: z.string(),
  from: count,
  to: count,
  source: z.string(),
  sourceIn: z.number().int(),
  speed: z.number(),
  /** Against the cut before it. */
  changes: z.array(z.string()),
});

export const review = {
  people: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/people',
    permission: 'production.read',
    summary: { zh: '可以看到此素材的人', en: 'Who can see an asset' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({ id, name: z.string(), organisation: z.string(), organisationId: id }),
      ),
    }),
    errors: ['not_found'],
  }),
  stack: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/stack',
    permission: 'production.read',
    summary: { zh: '同一对象的各个版本', en: 'Versions of the same subject, newest first' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({
          id,
          assetId: id,
          title: z.string(),
          name: z.string(),
          number: count,
          state: z.string(),
          createdAt: instant,
        }),
      ),
    }),
    errors: ['not_found'],
  }),
  mentions: endpoint({
    method: 'GET',
    path: '/api/production/mentions',
    permission: 'production.read',
    summary: { zh: '提到我的意见', en: 'Remarks that name me' },
    query: pageQuery,
    result: page(noteSchema.extend({ assetTitle: z.string() })),
  }),
  note: endpoint({
    method: 'GET',
    path: '/api/production/notes/:id',
    permission: 'production.read',
    summary: { zh: '一条意见', en: 'One remark' },
    params: byId,
    result: noteSchema,
    errors: ['not_found'],
  }),
  removeNote: endpoint({
    method: 'DELETE',
    path: '/api/production/notes/:id',
    permission: 'production.review',
    summary: { zh: '删除自己的意见', en: 'Remove one’s own remark' },
    params: byId,
    errors: ['not_found', 'conflict'],
  }),
  drawings: endpoint({
    method: 'GET',
    path: '/api/production/notes/:id/drawings',
    permission: 'production.read',
    summary: { zh: '批注图的历次版本', en: 'All versions of a drawing' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({ number: count, drawing: drawingSchema, drawnBy: z.string(), drawnAt: instant }),
      ),
    }),
    errors: ['not_found'],
  }),
  exportNotes: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/notes/markers',
    permission: 'production.read',
    summary: { zh: '把意见导出为标记', en: 'Remarks as markers for an editing system' },
    params: byId,
    query: z.object({ format: z.enum(MARKER_FORMAT_NAMES), state: z.enum(NOTE_STATES).optional() }),
    bytesOut: 'application/octet-stream',
    errors: ['not_found', 'invalid'],
  }),
  noteSheet: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/notes/sheet',
    permission: 'production.read',
    summary: { zh: '带画面的意见单（PDF）', en: 'Remarks with their pictures, as PDF' },
    params: byId,
    bytesOut: 'application/pdf',
    errors: ['not_found', 'invalid'],
  }),
  importNotes: endpoint({
    method: 'POST',
    path: '/api/production/assets/:id/notes/markers',
    permission: 'production.review',
    creates: true,
    summary: { zh: '收回剪辑软件的标记', en: 'Take markers back from an editing system' },
    params: byId,
    body: z.object({ fileId: id, trial: z.boolean().default(false) }),
    result: z.object({
      added: count,
      known: count,
      rows: z.array(
        z.object({ frame: count, toFrame: count.nullable(), author: z.string(), text: z.string() }),
      ),
      findings: findingList,
    }),
    errors: ['not_found', 'invalid'],
  }),
  approvals: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/approvals',
    permission: 'production.read',
    summary: { zh: '审批', en: 'Approvals' },
    params: byId,
    result: approvals,
    errors: ['not_found'],
  }),
  askApproval: endpoint({
    method: 'POST',
    path: '/api/production/assets/:id/approval-requests',
    permission: 'production.review',
    summary: { zh: '请人审批', en: 'Ask people for their approval' },
    params: byId,
    body: z.object({
      reviewers: z.array(id).min(1).max(50),
      dueDate: z.iso.date().nullable().default(null),
    }),
    result: approvals,
    errors: ['not_found', 'invalid'],
  }),
  approve: endpoint({
    method: 'POST',
    path: '/api/production/assets/:id/approvals',
    permission: 'production.review',
    creates: true,
    summary: { zh: '表态并签名', en: 'Decide, with a signed record' },
    params: byId,
    body: z.object({ decision: approvalSchema.shape.decision, text: longText.default('') }),
    result: approvalSchema,
    errors: ['not_found', 'conflict'],
  }),
  approvalRecord: endpoint({
    method: 'GET',
    path: '/api/production/approvals/:id/record',
    permission: 'production.read',
    summary: { zh: '下载签名记录', en: 'The signed record as a file' },
    params: byId,
    bytesOut: 'application/json',
    errors: ['not_found'],
  }),
  rooms: endpoint({
    method: 'GET',
    path: '/api/production/review-rooms',
    permission: 'production.read',
    summary: { zh: '联合看片室', en: 'Live rooms' },
    query: pageQuery.extend({ filmId: id.optional() }),
    result: page(roomSchema),
  }),
  openRoom: endpoint({
    method: 'POST',
    path: '/api/production/review-rooms',
    permission: 'production.review',
    creates: true,
    summary: { zh: '开一间看片室', en: 'Open a live room' },
    body: z.object({ assetId: id, title: name.optional() }),
    result: roomSchema,
    errors: ['not_found'],
  }),
  room: endpoint({
    method: 'GET',
    path: '/api/production/review-rooms/:id',
    permission: 'production.read',
    summary: { zh: '看片室当前状态', en: 'A live room as it stands' },
    params: byId,
    result: z.object({
      room: roomSchema,
      state: roomState,
      people: z.array(roomPerson),
      now: z.number(),
    }),
    errors: ['not_found'],
  }),
  act: endpoint({
    method: 'POST',
    path: '/api/production/review-rooms/:id/acts',
    permission: 'production.review',
    creates: true,
    summary: { zh: '在看片室里操作', en: 'Act in a live room' },
    params: byId,
    body: z.object({ acts: z.array(roomAct).min(1).max(50) }),
    result: z.object({ seq: count, now: z.number() }),
    errors: ['not_found', 'conflict'],
  }),
  ink: endpoint({
    method: 'POST',
    path: '/api/production/review-rooms/:id/ink',
    permission: 'production.review',
    summary: { zh: '正在画的笔迹（不留存）', en: 'A stroke while it is drawn; not kept' },
    params: byId,
    body: ink,
    errors: ['not_found', 'conflict'],
  }),
  roomEvents: endpoint({
    method: 'GET',
    path: '/api/production/review-rooms/:id/events',
    permission: 'production.read',
    summary: { zh: '看片室实时事件', en: 'A live room as it goes on' },
    params: byId,
    events: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('state'),
        state: roomState,
        people: z.array(roomPerson),
        now: z.number(),
      }),
      z.object({ type: z.literal('event'), event: roomEvent }),
      z.object({ type: z.literal('people'), people: z.array(roomPerson) }),
      z.object({ type: z.literal('ink'), by: who, ink }),
    ]),
    errors: ['not_found'],
  }),
  links: endpoint({
    method: 'GET',
    path: '/api/production/share-links',
    permission: 'production.read',
    summary: { zh: '外部看片链接', en: 'Links for people outside' },
    query: pageQuery.extend({ filmId: id.optional() }),
    result: page(shareLinkSchema),
  }),
  createLink: endpoint({
    method: 'POST',
    path: '/api/production/share-links',
    permission: 'production.write',
    creates: true,
    summary: { zh: '新建看片链接（只显示一次）', en: 'A new link; it is shown once' },
    body: z.object({
      assetId: id,
      label: name,
      password: z.string().min(8).max(200).optional(),
      hours: z
        .number()
        .int()
        .min(1)
        .max(24 * 90)
        .default(24 * 7),
      download: z.boolean().default(false),
      comment: z.boolean().default(true),
      watermark: z.boolean().default(true),
      viewersMax: z.number().int().min(1).max(200).default(20),
    }),
    result: z.object({ link: shareLinkSchema, address: z.string() }),
    errors: ['not_found'],
  }),
  revokeLink: endpoint({
    method: 'DELETE',
    path: '/api/production/share-links/:id',
    permission: 'production.write',
    summary: { zh: '停用看片链接', en: 'Revoke a link' },
    params: byId,
    errors: ['not_found'],
  }),
  linkViewers: endpoint({
    method: 'GET',
    path: '/api/production/share-links/:id/viewers',
    permission: 'production.read',
    summary: { zh: '谁用链接看过', en: 'Who watched by a link' },
    params: byId,
    result: z.object({
      rows: z.array(
        z.object({
          id,
          name: z.string(),
          code: z.string(),
          enteredAt: instant,
          seenAt: instant,
          views: count,
        }),
      ),
    }),
    errors: ['not_found'],
  }),
  cut: endpoint({
    method: 'GET',
    path: '/api/production/assets/:id/cut',
    permission: 'production.read',
    summary: { zh: '剪辑结构与改动', en: 'The cut, and what changed since another' },
    params: byId,
    query: z.object({ against: id.optional() }),
    result: z.object({
      version: count,
      fileId: id.nullable(),
      fileName: z.string().nullable(),
      /** The sequences of the file, and which of them is shown, from 0. */
      timelines: z.array(z.string()),
      timeline: count,
      events: z.array(cutEvent),
      omitted: z.array(z.object({ shot: z.string(), from: count, to: count })),
      counts: z.record(z.string(), count),
      findings: findingList,
    }),
    errors: ['not_found', 'invalid'],
  }),
  setCut: endpoint({
    method: 'PUT',
    path: '/api/production/assets/:id/cut',
    permission: 'production.write',
    summary: { zh: '附上剪辑文件', en: 'Say which cut an asset shows' },
    params: byId,
    body: z.object({
      fileId: id,
      version: count,
      /** Which sequence of a file of several, from 0; without it the first, which is told. */
      timeline: count.optional(),
    }),
    result: z.object({
      version: count,
      events: count,
      timelines: z.array(z.string()),
      findings: findingList,
    }),
    errors: ['not_found', 'invalid', 'conflict'],
  }),
};
