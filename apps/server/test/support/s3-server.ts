import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of S3 as the store uses, in memory; it compares hashes and signatures' presence. */
export type S3Server = {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** Requests with a body or key that answer 500 before they work again. */
  failNext(count: number): void;
  close(): Promise<void>;
};

export async function startS3Server(bucket: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  let failures = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://s3');
      const key = decodeURIComponent(url.pathname.slice(bucket.length + 2));
      const body = Buffer.concat(chunks);
      const send = (status: number, text: string | Buffer = '', headers = {}) => {
        response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers });
        response.end(request.method === 'HEAD' ? undefined : text);
      };
      if (failures > 0) {
        failures -= 1;
        return send(500, '<Error><Code>InternalError</Code></Error>');
      }
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) return send(403);
      const uploadId = url.searchParams.get('uploadId');
      if (request.method === 'POST' && url.searchParams.has('uploads')) {
        const id = randomUUID();
        uploads.set(id, new Map());
        return send(200, `<R><UploadId>${id}</UploadId></R>`);
      }
      if (uploadId !== null) {
        const parts = uploads.get(uploadId);
        if (parts === undefined) return send(404);
        if (request.method === 'PUT') {
          parts.set(Number(url.searchParams.get('partNumber')), body);
          return send(200, '', { etag: `"${createHash('md5').update(body).digest('hex')}"` });
        }
        uploads.delete(uploadId);
        if (request.method === 'DELETE') return send(204);
        const numbers = [...parts.keys()].toSorted((a, b) => a - b);
        objects.set(key, Buffer.concat(numbers.map((number) => parts.get(number)!)));
        return send(200, '<CompleteMultipartUploadResult/>');
      }
      if (request.method === 'PUT') {
        const hash = createHash('sha256').update(body).digest('hex');
        if (request.headers['x-amz-content-sha256'] !== hash) return send(400, 'hash');
        objects.set(key, body);
        return send(200);
      }
      if (url.searchParams.has('list-type')) {
        const rows = [...objects].map(
          ([name, bytes]) => `<Contents><Key>${name}</Key><Size>${bytes.length}</Size></Contents>`,
        );
        return send(200, `<ListBucketResult>${rows.join('')}</ListBucketResult>`);
      }
      const found = objects.get(key);
      if (found === undefined) return send(404);
      if (request.method === 'HEAD') {
        response.writeHead(200, { 'content-length': found.length });
        return response.end();
      }
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
      if (range === null) return send(200, found);
      return send(206, found.subarray(Number(range[1]), Number(range[2]) + 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    failNext: (count) => void (failures = count),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
