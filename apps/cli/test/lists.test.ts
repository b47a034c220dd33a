import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';

/** What a network was asked, and its answers by the beginning of the path. */
const asked: { method: string; path: string; key: string | undefined; body: unknown }[] = [];
const answers: Record<string, { status?: number; type: string; body: string }> = {
  'GET /api/distribution/bookings/b/history': {
    type: 'text/csv',
    body: '\ufeffat,state\r\n1,x\r\n',
  },
  'GET /api/distribution/bookings': { type: 'text/csv', body: '\ufeffid,state\r\n1,offered\r\n' },
  'POST /api/distribution/deliveries/steer': { type: 'application/json', body: '{"changed":2}' },
  'POST /api/distribution/arrivals/steer': { type: 'application/json', body: '{"changed":1}' },
  'POST /api/distribution/packages/p/withdrawal': {
    type: 'application/json',
    body: '{"withdrawn":[{"id":"p","title":"OV"},{"id":"q","title":"VF"}]}',
  },
};
let server: Server;
let url = '';
let out = '';
let err = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '';
      asked.push({
        method: request.method ?? '',
        path,
        key: request.headers.authorization,
        body: text === '' ? undefined : JSON.parse(text),
      });
      const name = `${request.method} ${path}`;
      const known = Object.keys(answers).find((each) => name.startsWith(each));
      const answer = answers[known ?? ''] ?? { status: 404, type: 'text/plain', body: '' };
      response.writeHead(answer.status ?? 200, { 'content-type': answer.type }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  [out, err] = ['', ''];
  asked.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

const run = (...words: string[]) => main(['--server', url, '--key', 'yl_k', ...words]);

describe('any list of a network', () => {
  it('is named by what the contract has, and asked for as a sheet', async () => {
    expect(await run('list')).toBe(EXIT.done);
    expect(out).toContain('distribution.packages');
    expect(asked).toEqual([]);
    expect(await run('list', 'bookings', '--where', 'releaseId=r', 'filmId=f')).toBe(EXIT.done);
    expect(asked[0]).toMatchObject({
      path: '/api/distribution/bookings?sheet=csv&releaseId=r&filmId=f',
      key: 'Bearer yl_k',
    });
    expect(out).toContain('1,offered');
    expect(out).not.toContain('\ufeff');
  });

  it('goes into a file as it came, of one record where it is of one', async () => {
    const to = join(mkdtempSync(join(tmpdir(), 'yinglian-list-')), 'history.csv');
    expect(await run('list', 'bookings.history', '--of', 'b', '--to', to)).toBe(EXIT.done);
    expect(asked[0]?.path).toBe('/api/distribution/bookings/b/history?sheet=csv');
    expect(readFileSync(to, 'utf8')).toBe('\ufeffat,state\r\n1,x\r\n');
  });

  it('refuses what is no list, names no record, or cannot be printed', async () => {
    for (const words of [
      ['nothing'],
      ['bookings.history'],
      ['bookings', '--where', 'state'],
      ['bookings', '--as', 'pdf'],
    ]) {
      expect(await run('list', ...words)).toBe(EXIT.misused);
    }
    expect(asked).toEqual([]);
    expect(err).not.toBe('');
  });
});

describe('deliveries from the command line', () => {
  it('are held back or put first, by the word of the side that gives it', async () => {
    const steer = ['sites', 'steer', 'p', '--cinema', 'a', 'b'];
    expect(await run(...steer)).toBe(EXIT.misused);
    expect(await run(...steer, '--pause', '--resume')).toBe(EXIT.misused);
    expect(await run(...steer, '--pause', '--first')).toBe(EXIT.done);
    expect(await run(...steer, '--resume', '--arrival')).toBe(EXIT.done);
    const wish = { packageId: 'p', cinemaIds: ['a', 'b'] };
    expect(asked.map(({ path, body }) => [path, body])).toEqual([
      ['/api/distribution/deliveries/steer', { ...wish, paused: true, first: true }],
      ['/api/distribution/arrivals/steer', { ...wish, paused: false }],
    ]);
  });

  it('tell what went with a package that was withdrawn', async () => {
    expect(await run('distribution', 'withdraw', 'p')).toBe(EXIT.done);
    expect(out).toContain('q  VF');
  });
});
