import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  accepted, byId, count, digest, expectedVersion, id, instant, name, page, pageQuery, ratioText,
  versioned,
} from './shapes.ts';

/** Getting media in: what arrives together, how it is proven, and what is found in it. */

export const ARRIVAL_FILES_MAX = 500;
const PATH_MAX = 1000;

/** A path inside a roll or folder, with `/`, as it was on the card. */
const mediaPath = z.string().min(1).max(PATH_MAX);

export const arrivalSchema = versioned.extend({
  filmId: id,
  name: z.string(),
  organisation: z.string(),
  /** `sealed`: every file is proven and recorded; `faulty`: something is wrong or missing. */
  state: z.enum(['open', 'sealing', 'sealed', 'faulty']),
  files: count,
  sizeBytes: z.number().nonnegative(),
  /** Files whose content the film had already. */
  duplicates: count,
  /** What the last sealing found, as ASC MHL counts. */
  counts: z.object({
    original: count, verified: count, failed: count, renamed: count, missing: count,
  }).nullable(),
  findings: findingList,
  jobId: id.nullable(),
  sealedAt: instant.nullable(),
});

export const arrivalFileSchema = z.object({
  path: mediaPath,
  fileId: id,
  sizeBytes: z.number().int().nonnegative(),
  digest,
  modifiedAt: instant.nullable(),
  /** `network`: a manifest that the network wrote beside what was sent. */
  origin: z.enum(['sent', 'network']),
  assetId: id.nullable(),
  /** Where the same content lies too, the oldest first. */
  same: z.array(z.object({ arrivalId: id, arrival: z.string(), path: z.string() })),
});

export const arrivals = {
  list: endpoint({
    method: 'GET', path: '/api/production/arrivals', permission: 'production.read',
    summary: { zh: '到料', en: 'What arrived' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(arrivalSchema),
  }),
  create: endpoint({
    method: 'POST', path: '/api/production/arrivals', permission: 'production.write',
    creates: true, summary: { zh: '开始接收一批素材', en: 'Begin to receive a roll or folder' },
    body: z.object({ filmId: id, name }), result: arrivalSchema, errors: ['not_found', 'invalid'],
  }),
  one: endpoint({
    method: 'GET', path: '/api/production/arrivals/:id', permission: 'production.read',
    summary: { zh: '一批素材', en: 'One arrival' }, params: byId, result: arrivalSchema,
    errors: ['not_found'],
  }),
  files: endpoint({
    method: 'GET', path: '/api/production/arrivals/:id/files', permission: 'production.read',
    summary: { zh: '这批素材的文件', en: 'Its files' }, params: byId,
    query: pageQuery.extend({ duplicates: z.enum(['1']).optional() }),
    result: page(arrivalFileSchema), errors: ['not_found'],
  }),
  add: endpoint({
    method: 'POST', path: '/api/production/arrivals/:id/files', permission: 'production.write',
    creates: true, params: byId,
    summary: { zh: '放入已上传的文件，或已有的内容', en: 'Put in what was uploaded, or is known' },
    body: z.object({
      files: z.array(z.object({
        path: mediaPath,
        /** An uploaded file. Without it, the content is looked for among one's own by its hash. */
        fileId: id.optional(), digest: digest.optional(),
        modifiedAt: instant.optional(),
      })).min(1).max(ARRIVAL_FILES_MAX),
    }),
    /** Paths whose content is not known yet, to be uploaded. */
    result: z.object({ added: count, unknown: z.array(z.string()) }),
    errors: ['not_found', 'invalid', 'conflict'],
  }),
  seal: endpoint({
    method: 'POST', path: '/api/production/arrivals/:id/seal', permission: 'production.write',
    params: byId,
    summary: { zh: '核对全部文件并续写 MHL', en: 'Prove all files and extend their MHL' },
    body: expectedVersion.extend({
      /** Pictures become assets, with proxies and all. */
      ingest: z.boolean().default(false),
      /** How fast sequences of pictures run; without it as their headers say. */
      sequenceFrameRate: ratioText.optional(),
    }),
    result: accepted, errors: ['not_found', 'conflict', 'invalid'],
  }),
};

/** What was found in an asset besides what its record says. */
export const mediaMarks = z.object({
  /** First frames of new scenes, by how much the picture changed (0 … 100). */
  scenes: z.array(z.object({ frame: count, score: z.number() })).nullable(),
  /** Words read from the slate, with the frame they stood on; null where nothing was read. */
  slate: z.object({ frame: count, text: z.string() }).nullable(),
  /** Why no slate was looked for: this server has no reader of text. */
  slateReader: z.boolean(),
  duplicates: z.array(z.object({ assetId: id, title: z.string() })),
});

/** The moments of frames that do not come evenly. */
export const frameTable = z.object({
  /** Seconds a tick, exactly. */
  timeBase: ratioText,
  ticks: z.array(z.number().int()),
});

export const media = {
  marks: endpoint({
    method: 'GET', path: '/api/production/assets/:id/marks', permission: 'production.read',
    summary: { zh: '镜头、场记板与重复', en: 'Cuts, slate and duplicates' }, params: byId,
    result: mediaMarks, errors: ['not_found'],
  }),
  frameTable: endpoint({
    method: 'GET', path: '/api/production/assets/:id/frame-table', permission: 'production.read',
    summary: { zh: '变帧率素材的帧时间表', en: 'The moments of frames of a variable rate' },
    params: byId, result: frameTable, errors: ['not_found'],
  }),
};
