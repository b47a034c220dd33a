import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import { changedNote, newNote, noteSchema } from './production-review.ts';
import {
  accepted, byId, count, fileRecord, id, instant, page, pageQuery, ratioText, versioned,
} from './shapes.ts';

/** Production: media comes in, is watched and talked about, and becomes an accepted master. */

export const mediaFacts = z.object({
  container: z.string(),
  durationSeconds: ratioText.nullable(),
  frameCount: count.nullable(),
  video: z.object({
    codec: z.string(), width: count, height: count, frameRate: ratioText,
    pixelFormat: z.string().nullable(), colour: z.record(z.string(), z.string()),
    timecode: z.string().nullable(),
    /** Pictures do not come evenly; absent in what older releases recorded. */
    variableRate: z.boolean().optional(),
  }).nullable(),
  /** A take that was sent as one picture a frame: `A001.####.dpx`, and how many are missing. */
  frames: z.object({
    name: z.string(), first: count, last: count, missing: count,
  }).nullable().optional(),
  audio: z.array(z.object({
    codec: z.string(), sampleRateHz: count, channels: count, layout: z.string().nullable(),
  })),
});

export const assetSchema = versioned.extend({
  filmId: id,
  title: z.string(),
  state: z.enum(['ingesting', 'ready', 'accepted', 'failed']),
  original: fileRecord,
  /** Sound delivered as a file of its own. */
  sound: fileRecord.nullable(),
  media: mediaFacts.nullable(),
  proxyFileId: id.nullable(),
  filmstripFileId: id.nullable(),
  /** Geometry of the filmstrip: tiles in rows, one every `everySeconds`. */
  filmstrip: z.object({ columns: count, rows: count, tiles: count, tileWidth: count,
    tileHeight: count, everySeconds: z.number() }).nullable(),
  waveformFileId: id.nullable(),
  posterFileId: id.nullable(),
  loudness: z.object({ integratedLufs: z.number(), truePeakDb: z.number().nullable(),
    rangeLu: z.number().nullable() }).nullable(),
  findings: findingList,
  jobId: id.nullable(),
  acceptedAt: instant.nullable(),
  acceptedBy: z.string().nullable(),
});

export const production = {
  assets: endpoint({
    method: 'GET', path: '/api/production/assets', permission: 'production.read',
    summary: { zh: '素材', en: 'Assets' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(assetSchema),
  }),
  asset: endpoint({
    method: 'GET', path: '/api/production/assets/:id', permission: 'production.read',
    summary: { zh: '素材详情', en: 'One asset' }, params: byId, result: assetSchema,
    errors: ['not_found'],
  }),
  ingest: endpoint({
    method: 'POST', path: '/api/production/assets', permission: 'production.write', creates: true,
    summary: { zh: '接收素材', en: 'Ingest a file' },
    body: z.object({
      filmId: id, fileId: id, title: z.string().min(1).max(200).optional(),
      soundFileId: id.optional(),
      /** A ZIP or TAR of frames: how fast they run. */
      sequenceFrameRate: ratioText.optional(),
    }),
    result: assetSchema, errors: ['not_found', 'invalid'],
  }),
  accept: endpoint({
    method: 'POST', path: '/api/production/assets/:id/accept', permission: 'production.accept',
    summary: { zh: '验收为母版', en: 'Accept as the master' }, params: byId,
    body: z.object({ version: z.number().int().positive() }), result: assetSchema,
    errors: ['not_found', 'conflict'],
  }),
  notes: endpoint({
    method: 'GET', path: '/api/production/assets/:id/notes', permission: 'production.read',
    summary: { zh: '审片意见', en: 'Review notes' }, params: byId,
    result: z.object({ rows: z.array(noteSchema) }), errors: ['not_found'],
  }),
  addNote: endpoint({
    method: 'POST', path: '/api/production/assets/:id/notes', permission: 'production.review',
    creates: true, summary: { zh: '在一帧上留言', en: 'Leave a note on a frame' }, params: byId,
    body: newNote,
    result: noteSchema, errors: ['not_found', 'invalid'],
  }),
  changeNote: endpoint({
    method: 'PUT', path: '/api/production/notes/:id', permission: 'production.review',
    summary: { zh: '修改意见', en: 'Change a note' }, params: byId,
    body: changedNote,
    result: noteSchema, errors: ['not_found', 'conflict'],
  }),
  retry: endpoint({
    method: 'POST', path: '/api/production/assets/:id/ingest', permission: 'production.write',
    summary: { zh: '重新处理素材', en: 'Process an asset again' }, params: byId, result: accepted,
    errors: ['not_found'],
  }),
};
