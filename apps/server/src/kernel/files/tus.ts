import { finding, parseUuid } from '@yinglian/core';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../context.ts';
import { refusalOf } from '../http/faults.ts';
import type { HttpLimits } from '../http/limits.ts';
import type { App, Variables } from '../http/mount.ts';
import { paced } from '../http/pace.ts';
import { problemOf, problemResponse } from '../http/problems.ts';
import { invalid, notFound, notSignedIn, Refusal } from '../refusal.ts';
import {
  CHUNK_ALGORITHMS,
  type ChunkAlgorithm,
  type ChunkHash,
  UPLOAD_BYTES_MAX,
  type Uploads,
  type UploadView,
} from './uploads.ts';

export type TusOptions = {
  readonly uploads: Uploads;
  readonly limits: HttpLimits;
  readonly identify: (headers: Headers, requestId: string, signal: AbortSignal) => Promise<Context>;
};

type Request = HonoContext<{ Variables: Variables }>;

/** tus 1.0.0, core and these extensions; any tus client can send to the network. */
const VERSION = '1.0.0';
const EXTENSIONS = 'creation,creation-with-upload,checksum,termination,expiration';
const PATH = '/api/tus';
const CHUNK_TYPE = 'application/offset+octet-stream';
/** tus checksum extension: the bytes are not those that the sender had. */
const CHECKSUM_MISMATCH = 460;
const LOCKED = 423;
const NAME_MAX = 255;
const MEDIA_TYPE_MAX = 100;
const METADATA_MAX = 8192;

/** The same uploads as `/api/uploads`, spoken in tus; what one began the other may go on with. */
export function mountTus(app: App, options: TusOptions): void {
  app.on(['POST', 'OPTIONS'], PATH, (c) =>
    answer(c, options, () => {
      const method = methodOf(c);
      if (method === 'OPTIONS') return offer();
      if (method !== 'POST') throw notFound();
      return create(c, options);
    }),
  );
  app.on(['HEAD', 'GET', 'PATCH', 'DELETE', 'POST', 'OPTIONS'], `${PATH}/:id`, (c) =>
    answer(c, options, () => {
      const method = methodOf(c);
      if (method === 'OPTIONS') return offer();
      const id = parseUuid(c.req.param('id') ?? '');
      if (!id.ok) throw notFound();
      if (method === 'HEAD') return look(c, options, id.value);
      if (method === 'PATCH') return append(c, options, id.value);
      if (method === 'DELETE') return end(c, options, id.value);
      throw notFound();
    }),
  );
}

/** Clients behind proxies that know no PATCH say what they mean in a header. */
function methodOf(c: Request): string {
  return (c.req.header('x-http-method-override') ?? c.req.method).toUpperCase();
}

async function answer(
  c: Request,
  options: TusOptions,
  act: () => Promise<Response> | Response,
): Promise<Response> {
  const spoken = c.req.header('tus-resumable');
  if (methodOf(c) !== 'OPTIONS' && spoken !== VERSION) {
    return new Response(null, {
      status: 412,
      headers: { 'tus-version': VERSION, 'tus-resumable': VERSION },
    });
  }
  try {
    const response = await act();
    response.headers.set('tus-resumable', VERSION);
    response.headers.set('cache-control', 'no-store');
    return response;
  } catch (thrown) {
    const refusal = refusalOf(thrown, {});
    if (refusal === undefined) throw thrown;
    const problem = problemOf(refusal, c.get('requestId'));
    return problemResponse(
      { ...problem, status: statusOf(refusal, problem.status) },
      {
        'tus-resumable': VERSION,
      },
    );
  }
}

function statusOf(refusal: Refusal, usual: number): number {
  const code = refusal.findings[0]?.code;
  if (code === 'mismatched_hash') return CHECKSUM_MISMATCH;
  if (code === 'busy_upload') return LOCKED;
  if (code === 'invalid_media_type') return 415;
  if (code === 'invalid_header') return 400;
  return usual;
}

function offer(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'tus-resumable': VERSION,
      'tus-version': VERSION,
      'tus-extension': EXTENSIONS,
      'tus-max-size': String(UPLOAD_BYTES_MAX),
      'tus-checksum-algorithm': CHUNK_ALGORITHMS.join(','),
    },
  });
}

async function contextOf(c: Request, options: TusOptions): Promise<Context> {
  const { headers, signal } = c.req.raw;
  const context = await options.identify(headers, c.get('requestId'), signal);
  c.set('context', context);
  if (context.user === undefined) throw notSignedIn();
  return { ...context, idempotency: undefined };
}

async function create(c: Request, options: TusOptions): Promise<Response> {
  const context = await contextOf(c, options);
  const told = metadataOf(c.req.header('upload-metadata') ?? '');
  const name = told.get('filename') ?? told.get('name') ?? '';
  const mediaType = told.get('filetype') ?? told.get('type');
  const digest = told.get('sha256');
  if (digest !== undefined && !/^[0-9a-f]{64}$/.test(digest)) throw wrongHeader('Upload-Metadata');
  let upload = await options.uploads.create(context, {
    name: name === '' ? 'unnamed' : name.slice(0, NAME_MAX),
    sizeBytes: wholeNumber(c, 'upload-length'),
    ...(mediaType === undefined ? {} : { mediaType: mediaType.slice(0, MEDIA_TYPE_MAX) }),
    ...(digest === undefined ? {} : { digest: `sha256:${digest}` }),
  });
  const hasBytes = c.req.header('content-type') === CHUNK_TYPE;
  // An empty file is complete as soon as it is there.
  if (hasBytes || upload.sizeBytes === 0) {
    upload = await take(c, options, context, upload.id, 0);
  }
  return new Response(null, {
    status: 201,
    headers: { ...stateHeaders(upload), location: `${PATH}/${upload.id}` },
  });
}

async function look(c: Request, options: TusOptions, id: string): Promise<Response> {
  const upload = await options.uploads.get(await contextOf(c, options), id);
  return new Response(null, {
    status: 200,
    headers: {
      ...stateHeaders(upload),
      'upload-length': String(upload.sizeBytes),
      'upload-metadata': `filename ${Buffer.from(upload.name).toString('base64')}`,
    },
  });
}

async function append(c: Request, options: TusOptions, id: string): Promise<Response> {
  const context = await contextOf(c, options);
  if (c.req.header('content-type') !== CHUNK_TYPE) {
    const found = (c.req.header('content-type') ?? '').slice(0, 100);
    const facts = { expected: CHUNK_TYPE, found };
    throw invalid(finding('invalid_media_type', 'error', { facts }));
  }
  const upload = await take(c, options, context, id, wholeNumber(c, 'upload-offset'));
  return new Response(null, { status: 204, headers: stateHeaders(upload) });
}

async function end(c: Request, options: TusOptions, id: string): Promise<Response> {
  await options.uploads.remove(await contextOf(c, options), id);
  return new Response(null, { status: 204 });
}

function take(
  c: Request,
  options: TusOptions,
  context: Context,
  id: string,
  offset: number,
): Promise<UploadView> {
  const bytes = paced(c.req.raw.body ?? new Blob([]).stream(), {
    withinMs: options.limits.trickleWithinMs,
    leastBytes: options.limits.trickleBytes,
  });
  return options.uploads.append(context, id, offset, bytes, checksumOf(c));
}

/** `Upload-Checksum: sha256 <base64>`. */
function checksumOf(c: Request): ChunkHash | undefined {
  const header = c.req.header('upload-checksum');
  if (header === undefined) return undefined;
  const [name = '', text = ''] = header.trim().split(/\s+/);
  const algorithm = CHUNK_ALGORITHMS.find((each) => each === name.toLowerCase());
  const digest = Buffer.from(text, 'base64');
  if (algorithm === undefined || digest.length !== DIGEST_BYTES[algorithm]) {
    throw wrongHeader('Upload-Checksum');
  }
  return { algorithm, digest };
}

const DIGEST_BYTES: Readonly<Record<ChunkAlgorithm, number>> = { sha256: 32, sha1: 20, md5: 16 };

function stateHeaders(upload: UploadView): Record<string, string> {
  return {
    'upload-offset': String(upload.offsetBytes),
    'upload-expires': new Date(upload.expiresAt).toUTCString(),
    // Beyond the protocol: which file of the network it has become.
    ...(upload.fileId === null ? {} : { 'yinglian-file': upload.fileId }),
  };
}

/** `name base64,name base64`; a name without a value is empty. */
function metadataOf(header: string): ReadonlyMap<string, string> {
  if (header.length > METADATA_MAX) throw wrongHeader('Upload-Metadata');
  const pairs = header.split(',').map((each) => each.trim().split(/\s+/));
  return new Map(
    pairs.map(([name = '', value = '']) => [
      name.toLowerCase(),
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  );
}

function wholeNumber(c: Request, header: string): number {
  const text = c.req.header(header) ?? '';
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) throw wrongHeader(header);
  return Number(text);
}

function wrongHeader(header: string): Refusal {
  return invalid(finding('invalid_header', 'error', { facts: { header } }));
}
