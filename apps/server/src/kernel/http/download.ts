import { isHeld } from './entity-tag.ts';
import { standFor } from './file-body.ts';
import type { Download } from './routes.ts';

/** Types a browser may show without running anything of them. */
const INLINE_TYPES =
  /^(?:image\/(?:png|jpeg|webp|avif|gif)|video\/|audio\/|application\/pdf|text\/plain)/;

/** A file with name, length, and one range where it is asked for (RFC 9110 section 14). */
export function downloadResponse(request: Request, download: Download): Response {
  const headers = new Headers({
    'content-type': download.mediaType,
    'content-disposition': disposition(download),
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
    // A stored file never acts in our origin, whatever it says it is.
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  });
  if (download.etag !== undefined) headers.set('etag', download.etag);
  const size = download.sizeBytes;
  if (size === undefined) return streamed(download, undefined, 200, headers);
  headers.set('accept-ranges', 'bytes');
  const held = request.headers.get('if-none-match');
  if (download.etag !== undefined && isHeld(held, download.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(request, download, size);
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  if (range === undefined) {
    headers.set('content-length', String(size));
    return streamed(download, undefined, 200, headers);
  }
  headers.set('content-range', `bytes ${range.first}-${range.last}/${size}`);
  headers.set('content-length', String(range.last - range.first + 1));
  return streamed(download, range, 206, headers);
}

type Range = { readonly first: number; readonly last: number };

function rangeOf(
  request: Request,
  download: Download,
  size: number,
): Range | 'unsatisfiable' | undefined {
  const header = request.headers.get('range');
  if (header === null) return undefined;
  const condition = request.headers.get('if-range');
  if (condition !== null && condition !== download.etag) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  // Several ranges, or other units: the whole is a correct answer.
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 };
  }
  const first = Number(match[1]);
  const last = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first >= size || last < first ? 'unsatisfiable' : { first, last };
}

/**
 * The response starts at once; a body that fails to open breaks the stream, not the server. Where
 * the bytes lie in a local file, a socket takes them from there and nothing asks the stream.
 */
function streamed(
  download: Download,
  range: Range | undefined,
  status: number,
  headers: Headers,
): Response {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (reader === undefined) {
          const opened = await download.body(range);
          if (opened instanceof Uint8Array) {
            if (opened.length > 0) controller.enqueue(opened);
            controller.close();
            return;
          }
          reader = opened.getReader();
        }
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await reader?.cancel(reason);
      },
      // Nothing is opened before somebody reads.
    },
    { highWaterMark: 0 },
  );
  const { path, sizeBytes } = download;
  if (path !== undefined && sizeBytes !== undefined && sizeBytes > 0) {
    standFor(body, { path, ...(range ?? { first: 0, last: sizeBytes - 1 }) });
  }
  return new Response(body, { status, headers });
}

/** RFC 6266: an ASCII name for old readers, the full one in RFC 8187 form. */
function disposition(download: Download): string {
  // A page that this server wrote itself is shown; the policy above lets nothing in it run.
  const inline =
    download.inline === 'page' ||
    (download.inline === true && INLINE_TYPES.test(download.mediaType));
  const ascii = download.name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const full = encodeURIComponent(download.name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${inline ? 'inline' : 'attachment'}; filename="${ascii}"; filename*=UTF-8''${full}`;
}
