import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { isHeld } from './entity-tag.ts';

/** The built web application: hashed assets for ever, the page itself always asked for anew. */
export type StaticFiles = (request: Request, path: string) => Promise<Response | undefined>;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
};
const COMPRESSIBLE = new Set([
  '.html',
  '.js',
  '.css',
  '.json',
  '.svg',
  '.wasm',
  '.webmanifest',
  '.txt',
]);
const COMPRESS_BYTES_MIN = 1024;
const CACHE_FILES_MAX = 500;
/** Level 11 takes seconds on a big script for two per cent. */
const BROTLI_QUALITY = 8;

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

type Entry = {
  readonly modifiedMs: number;
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly encoded: Map<string, Promise<Uint8Array>>;
};

export function staticFiles(root: string): StaticFiles {
  const cache = new Map<string, Entry>();

  async function load(path: string): Promise<Entry | undefined> {
    const full = normalize(join(root, path));
    if (!full.startsWith(root + sep)) return undefined;
    const found = await stat(full).catch(() => undefined);
    if (found?.isFile() !== true) return undefined;
    const kept = cache.get(full);
    if (kept?.modifiedMs === found.mtimeMs) return kept;
    // A link would lead out as well as any path.
    const place = await realpath(full);
    if (!place.startsWith((await realpath(root)) + sep)) return undefined;
    const bytes = new Uint8Array(await readFile(place));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    const entry = { modifiedMs: found.mtimeMs, bytes, etag, encoded: new Map() };
    if (cache.size < CACHE_FILES_MAX) cache.set(full, entry);
    return entry;
  }

  return async (request, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return undefined;
    }
    const wanted = decoded === '/' || decoded.includes('\0') ? '/index.html' : decoded;
    const file = await load(wanted);
    if (file !== undefined) return answer(request, wanted, file);
    // A path with an extension is a file that is missing; any other is a page of the application.
    if (extname(wanted) !== '') return undefined;
    const page = await load('/index.html');
    return page === undefined ? undefined : answer(request, '/index.html', page);
  };
}

async function answer(request: Request, path: string, entry: Entry): Promise<Response> {
  const extension = extname(path);
  const immutable = path.startsWith('/assets/');
  const headers = new Headers({
    'content-type': TYPES[extension] ?? 'application/octet-stream',
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: entry.etag,
    vary: 'accept-encoding',
  });
  if (isHeld(request.headers.get('if-none-match'), entry.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const encoding =
    COMPRESSIBLE.has(extension) && entry.bytes.length >= COMPRESS_BYTES_MIN
      ? encodingOf(request.headers.get('accept-encoding') ?? '')
      : undefined;
  const bytes = encoding === undefined ? entry.bytes : await encode(entry, encoding);
  if (encoding !== undefined) headers.set('content-encoding', encoding);
  headers.set('content-length', String(bytes.length));
  const body = request.method === 'HEAD' ? null : (bytes as Uint8Array<ArrayBuffer>);
  return new Response(body, { headers });
}

function encodingOf(accepted: string): 'br' | 'gzip' | undefined {
  if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted)) return 'br';
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted) ? 'gzip' : undefined;
}

/** Each file is compressed once, by the first who asks. */
function encode(entry: Entry, encoding: 'br' | 'gzip'): Promise<Uint8Array> {
  const kept = entry.encoded.get(encoding);
  if (kept !== undefined) return kept;
  const made =
    encoding === 'br'
      ? compressBrotli(entry.bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        })
      : compressGzip(entry.bytes);
  entry.encoded.set(encoding, made);
  return made;
}
