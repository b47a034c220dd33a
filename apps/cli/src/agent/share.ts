import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { SiteStore } from './store.ts';

const CONNECTIONS_MAX = 64;

/**
 * Gives whole held files to boxes on the same network, by digest and range. Nothing can be listed:
 * who asks must know the hash of what it wants, and gets encrypted pictures.
 */
export async function shareStore(
  store: SiteStore,
  address: { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    void answer(store, request.url ?? '', request.headers.range, response).catch(() =>
      response.destroy(),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(
  store: SiteStore,
  url: string,
  range: string | undefined,
  response: import('node:http').ServerResponse,
): Promise<void> {
  const digest = /^\/objects\/(sha256:[0-9a-f]{64})$/.exec(url)?.[1];
  const path = digest === undefined ? undefined : store.pathOf(digest);
  const size = path === undefined ? undefined : (await stat(path).catch(() => undefined))?.size;
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (path === undefined || size === undefined) return void response.writeHead(404).end();
  if (match === null || first > last || last >= size) return void response.writeHead(416).end();
  response.writeHead(206, {
    'content-type': 'application/octet-stream',
    'content-length': last - first + 1,
    'content-range': `bytes ${first}-${last}/${size}`,
  });
  await pipeline(createReadStream(path, { start: first, end: last }), response);
}
