import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SiteWork } from '@yinglian/contract';

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** As much of the network as an agent sees, with faults on demand. */
export type TestNetwork = {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  readonly reports: { packages: { id: string; state: string; heldBytes: number }[] }[];
  readonly asked: { readonly digest: string; readonly first: number; readonly last: number }[];
  sentBytes: number;
  work: SiteWork;
  /** The line breaks after so many bytes of files, once. */
  breakAfter: number | undefined;
  /** The next answer with bytes of a file has a wrong one. */
  isCorrupt: boolean;
  isDown: boolean;
  /** Each answer with bytes of a file breaks after so many. */
  breakEvery: number | undefined;
  /** What stands in the place of the list of work, as it goes over the line. */
  workAnswer: { readonly headers: Record<string, string>; readonly body: Uint8Array } | undefined;
  /** Pieces of another length than the network's own say. */
  readonly pieces: Record<string, unknown>;
  /** What was handed in, and what the answer to the next is. */
  readonly handedIn: { readonly path: string; readonly text: string }[];
  handInStatus: number;
  close(): Promise<void>;
};

export const TOKEN = 'yls_for-a-test-and-nothing-else';

export async function startTestNetwork(
  pieceBytes: number,
  host = '127.0.0.1',
): Promise<TestNetwork> {
  const files = new Map<string, Uint8Array>();
  const network: TestNetwork = {
    url: '',
    files,
    reports: [],
    asked: [],
    sentBytes: 0,
    breakAfter: undefined,
    isCorrupt: false,
    isDown: false,
    breakEvery: undefined,
    workAnswer: undefined,
    pieces: {},
    handedIn: [],
    handInStatus: 201,
    work: {
      now: new Date().toISOString(),
      cinema: {
        id: '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee01',
        name: '影院',
        timeZone: 'Asia/Shanghai',
      },
      packages: [],
      withdrawn: [],
      neighbours: [],
      keys: [],
    },
    close: async () => undefined,
  };
  const json = (response: ServerResponse, value: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

  function sendFile(response: ServerResponse, digest: string, range: string): void {
    const bytes = files.get(digest);
    const match = /^bytes=(\d+)-(\d+)$/.exec(range);
    if (bytes === undefined || match === null) return void response.writeHead(404).end();
    const [first, last] = [Number(match[1]), Number(match[2])];
    network.asked.push({ digest, first, last });
    let part = Buffer.from(bytes.subarray(first, last + 1));
    if (network.isCorrupt) {
      network.isCorrupt = false;
      part[part.length - 1]! ^= 1;
    }
    response.writeHead(206, { 'content-length': part.length });
    const every = network.breakEvery;
    if (every !== undefined && part.length > every) {
      network.sentBytes += every;
      response.write(part.subarray(0, every), () => setTimeout(() => response.destroy(), 20));
      return;
    }
    const limit = network.breakAfter;
    if (limit !== undefined && network.sentBytes + part.length > limit) {
      part = part.subarray(0, Math.max(0, limit - network.sentBytes));
      network.breakAfter = undefined;
      network.sentBytes += part.length;
      // What is written must leave before the line breaks, or nothing of it would arrive.
      response.write(part, () => setTimeout(() => response.destroy(), 20));
      return;
    }
    network.sentBytes += part.length;
    response.end(part);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    if (network.isDown) return void response.destroy();
    if (request.headers.authorization !== `Site ${TOKEN}`)
      return void response.writeHead(401).end();
    const digest = decodeURIComponent(url.pathname.split('/').at(-1)!);
    if (url.pathname === '/api/site/work' && network.workAnswer !== undefined) {
      return void response.writeHead(200, network.workAnswer.headers).end(network.workAnswer.body);
    }
    if (url.pathname === '/api/site/work') return void json(response, network.work);
    if (url.pathname.startsWith('/api/site/files/')) {
      return sendFile(response, digest, request.headers.range ?? '');
    }
    if (url.pathname.startsWith('/api/site/pieces/')) {
      const bytes = files.get(digest) ?? new Uint8Array();
      const hashes: string[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        hashes.push(digestOf(bytes.subarray(at, at + pieceBytes)).slice(7));
      }
      const block = Number(url.searchParams.get('block'));
      return void json(response, {
        pieceBytes,
        blockPieces: 4,
        hashes: hashes.slice(block * 4, block * 4 + 4),
        ...network.pieces,
      });
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (/^\/api\/site\/(?:logs|box-office|programme)$/.test(url.pathname)) {
        const text = Buffer.concat(chunks).toString('utf8');
        network.handedIn.push({ path: `${url.pathname}${url.search}`, text });
        response.writeHead(network.handInStatus, { 'content-type': 'application/problem+json' });
        return void response.end(JSON.stringify({ title: 'a hole between 3 and 5' }));
      }
      network.reports.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as never);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return Object.assign(network, {
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
