import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { endpoint, page, pageQuery } from '@yinglian/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Gate, listen } from '../../src/kernel/http/listen.ts';
import { HTTP_LIMITS } from '../../src/kernel/http/limits.ts';
import { listSheet, sheetAsked } from '../../src/kernel/http/list-sheet.ts';
import { staticFiles } from '../../src/kernel/http/static.ts';
import { openMetrics } from '../../src/kernel/metrics.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const LIMITS = {
  headWithinMs: 500,
  bodyWithinMs: 3000,
  trickleWithinMs: 1500,
  trickleBytes: 1000,
  idleMs: 2000,
};

describe('slow clients on a real socket', () => {
  let server: TestServer;
  let person: TestPerson;
  let key = '';
  let gate: Gate;
  beforeAll(async () => {
    server = await createTestServer({ limits: LIMITS });
    person = await server.newOrganisation('post_house');
    ({ key } = await person.client.session.createApiKey({ body: { name: 'slow' } }));
    gate = await listen(0, '127.0.0.1', { ...HTTP_LIMITS, ...LIMITS });
    gate.serve((request, environment) => server.app.fetch(request, environment as never));
  });
  afterAll(async () => {
    gate.close();
    await server.close();
  });

  /** A raw connection; gives what was said on it once the other side ends it. */
  function dial(): { socket: Socket; ended: Promise<string> } {
    const socket = connect(gate.port, '127.0.0.1');
    let said = '';
    const ended = new Promise<string>((resolve) => {
      socket.on('data', (chunk: Buffer) => void (said += chunk.toString('latin1')));
      socket.on('error', () => resolve(said));
      socket.on('close', () => resolve(said));
    });
    return { socket, ended };
  }
  const head = (method: string, path: string, more: string): string =>
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\n${more}\r\n`;

  /** Sends a byte now and then until the line is cut. */
  function trickle(socket: Socket, everyMs: number): () => void {
    const timer = setInterval(() => void (socket.writable && socket.write('x')), everyMs);
    return () => clearInterval(timer);
  }

  it('[KN1] ends a request whose head never ends', async () => {
    const { socket, ended } = dial();
    socket.write('GET /health HTTP/1.1\r\nx: ');
    const stop = trickle(socket, 50);
    expect(await ended).toContain('408');
    stop();
  });

  it('[KN2] ends a JSON body that trickles, and an upload, keeping what had come', async () => {
    const json = dial();
    json.socket.write(
      head('POST', '/api/films', 'content-type: application/json\r\ncontent-length: 5000\r\n'),
    );
    const stopJson = trickle(json.socket, 50);
    const bytes = randomBytes(50_000);
    const { id } = await person.client.files.createUpload({
      body: { name: 'slow.bin', sizeBytes: bytes.length },
    });
    const sent = dial();
    sent.socket.write(
      head('PATCH', `/api/uploads/${id}?offset=0`, `content-length: ${bytes.length}\r\n`),
    );
    sent.socket.write(bytes.subarray(0, 20_000));
    const stopUpload = trickle(sent.socket, 50);
    for (const answer of [await json.ended, await sent.ended]) {
      expect(answer).toContain('422');
      expect(answer).toContain('slow_body');
    }
    stopJson();
    stopUpload();
    const { offsetBytes } = await person.client.files.upload({ params: { id } });
    expect(offsetBytes).toBeGreaterThanOrEqual(20_000);
  });

  it('[KN3] lets go of a reader that never reads, and of the file behind it', async () => {
    const bytes = new Uint8Array(24 * 1024 * 1024);
    const { id } = await person.client.files.createUpload({
      body: { name: 'big.bin', sizeBytes: bytes.length },
    });
    const { fileId } = await person.client.files.append({
      params: { id },
      query: { offset: 0 },
      bytes,
    });
    const { socket, ended } = dial();
    socket.pause();
    socket.write(head('GET', `/api/files/${fileId}`, ''));
    const began = performance.now();
    // Nothing is read until the other side has had enough.
    await new Promise((resolve) => setTimeout(resolve, LIMITS.idleMs * 2 + 2500));
    socket.resume();
    const said = await ended;
    expect(said.length).toBeLessThan(bytes.length);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect((await person.client.files.record({ params: { id: fileId ?? '' } })).sizeBytes).toBe(
      bytes.length,
    );
  });

  it('[KN4] serves a slow but honest sender to the end', async () => {
    const bytes = randomBytes(12_000);
    const { id } = await person.client.files.createUpload({
      body: { name: 'honest.bin', sizeBytes: bytes.length },
    });
    const { socket, ended } = dial();
    socket.write(
      head(
        'PATCH',
        `/api/uploads/${id}?offset=0`,
        `connection: close\r\ncontent-length: ${bytes.length}\r\n`,
      ),
    );
    for (let at = 0; at < bytes.length; at += 2000) {
      socket.write(bytes.subarray(at, at + 2000));
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    expect(await ended).toContain('"state":"complete"');
  });
});

describe('the web application as files', () => {
  let folder = '';
  const script = `console.log("${'影'.repeat(2000)}");`;
  let get: (
    path: string,
    headers?: Record<string, string>,
    method?: string,
  ) => Promise<Response | undefined>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-static-'));
    const root = join(folder, 'web');
    mkdirSync(join(root, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(root, 'index.html'), '<!doctype html><title>影联</title>');
    writeFileSync(join(root, 'assets', 'app-abc123.js'), script);
    writeFileSync(join(root, 'small.txt'), 'small');
    mkdirSync(`${root}-other`);
    writeFileSync(join(`${root}-other`, 'x.txt'), 'secret');
    symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
    const files = staticFiles(root);
    get = (path, headers = {}, method = 'GET') =>
      files(new Request('http://test.local/', { headers, method }), path);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('[KN5] keeps hashed assets for ever, asks for the page anew, knows both by tag', async () => {
    const asset = await get('/assets/app-abc123.js');
    expect(asset?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await asset?.text()).toBe(script);
    const page = await get('/');
    expect(page?.headers.get('cache-control')).toBe('no-cache');
    expect(page?.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const etag = page?.headers.get('etag') ?? '';
    expect((await get('/', { 'if-none-match': etag }))?.status).toBe(304);
    writeFileSync(join(folder, 'web', 'index.html'), '<!doctype html><title>新版</title>');
    expect((await get('/', { 'if-none-match': etag }))?.status).toBe(200);
    const head = await get('/small.txt', {}, 'HEAD');
    expect([head?.headers.get('content-length'), await head?.text()]).toEqual(['5', '']);
    expect(await get('/', {}, 'POST')).toBeUndefined();
  });

  it('[KN10] knows a tag again that compression weakened, in any list, and no other', async () => {
    const etag = (await get('/'))?.headers.get('etag') ?? '';
    const status = async (held: string) => (await get('/', { 'if-none-match': held }))?.status;
    for (const held of [etag, `W/${etag}`, `"other", W/${etag}`, '*']) {
      expect(await status(held)).toBe(304);
    }
    for (const held of ['"other"', etag.slice(1, -1), '', 'W/"other"']) {
      expect(await status(held)).toBe(200);
    }
  });

  it('[KN6] sends what the browser can unpack, the same bytes, and no small file so', async () => {
    const path = '/assets/app-abc123.js';
    const bytes = async (accepted: string) => {
      const response = await get(path, { 'accept-encoding': accepted });
      expect(response?.headers.get('vary')).toBe('accept-encoding');
      return {
        encoding: response?.headers.get('content-encoding'),
        body: Buffer.from(await response!.arrayBuffer()),
      };
    };
    const brotli = await bytes('gzip, deflate, br');
    expect(brotli.encoding).toBe('br');
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
    const gzip = await bytes('gzip, br;q=0');
    expect(gzip.encoding).toBe('gzip');
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    expect((await bytes('identity')).encoding).toBeNull();
    const small = await get('/small.txt', { 'accept-encoding': 'br' });
    expect(small?.headers.get('content-encoding')).toBeNull();
  });

  it('[KN7] answers a place of the application with the page, no file with nothing', async () => {
    for (const path of ['/films', '/films/0199/versions', '/影片']) {
      expect(await (await get(path))?.text()).toContain('<!doctype html>');
    }
    expect(await get('/assets/gone-123.js')).toBeUndefined();
    expect(await get('/favicon.ico')).toBeUndefined();
  });

  it('[KN8] gives nothing that lies outside of its folder', async () => {
    const paths = [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '/..%5csecret.txt',
      '/../web-other/x.txt',
      '/%00/../secret.txt',
      '/assets/%2e%2e%2f../secret.txt',
      '//etc/passwd',
      '/link.txt',
      '/%',
    ];
    for (const path of paths) {
      const response = await get(path);
      const text = (await response?.text()) ?? '';
      expect([path, text.includes('secret'), text.includes('root:')]).toEqual([path, false, false]);
    }
  });
});

describe('numbers for Prometheus', () => {
  it('[KN9] follow the text format, whatever stands in a label', async () => {
    const metrics = openMetrics();
    metrics.request('GET', 200, 0.03);
    metrics.request('GET', 200, 3);
    metrics.gauge('yinglian_odd', 'With "quotes"\nand lines.', () => [
      { labels: { name: 'a"b\\c\nd' }, value: 1.5 },
      { value: 2 },
    ]);
    const text = await metrics.text();
    // https://prometheus.io/docs/instrumenting/exposition_formats: comment or sample, each a line.
    const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
    const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
    const line = new RegExp(
      `^(?:# (?:HELP|TYPE) ${name} .*|${name}(?:\\{${label}(?:,${label})*\\})? [-+0-9.eInfNa]+)$`,
    );
    expect(text.endsWith('\n')).toBe(true);
    for (const each of text.trimEnd().split('\n')) expect(each).toMatch(line);
    expect(text).toContain('yinglian_requests_total{method="GET",status="200"} 2');
    expect(text).toContain('yinglian_request_seconds_bucket{le="0.1"} 1');
    expect(text).toContain('yinglian_request_seconds_bucket{le="+Inf"} 2');
    expect(text).toContain('yinglian_odd{name="a\\"b\\\\c\\nd"} 1.5');
  });
});

describe('lists as sheets', () => {
  const row = z.object({
    name: z.string(),
    held: z.object({ confirmed: z.number(), by: z.object({ deep: z.number() }) }),
    findings: z.array(z.object({ code: z.string() })),
    note: z.string().nullable(),
  });
  const list = endpoint({
    method: 'GET',
    path: '/api/distribution/things',
    permission: 'distribution.read',
    summary: { zh: '物', en: 'Things' },
    query: pageQuery,
    result: page(row),
  });
  const things = Array.from({ length: 1203 }, (_, n) => ({
    name: n === 0 ? '=1+1' : `n${n}`,
    held: { confirmed: n, by: { deep: 1 } },
    findings: n === 1 ? [{ code: 'missing_key' }, { code: 'late_key' }] : [],
    note: null,
    secret: 'that the contract does not name',
  }));
  const load = async (query: unknown) => {
    const { after, limit } = query as { after?: string; limit: number };
    const from = Number(after ?? 0);
    const next = from + limit < things.length ? String(from + limit) : null;
    return { rows: things.slice(from, from + limit), next };
  };

  it('[KN11] come whole, page after page, with the fields of the contract alone', async () => {
    const sheet = await listSheet(list, 'csv', { limit: '3', search: 'x' }, load);
    expect([sheet.name, sheet.mediaType]).toEqual(['things.csv', 'text/csv; charset=utf-8']);
    const lines = new TextDecoder().decode((await sheet.body()) as Uint8Array).split('\r\n');
    expect(lines[0]).toBe('名称 name,held · confirmed,held · by · deep,发现 findings,备注 note');
    expect(lines.slice(1, 3)).toEqual(["'=1+1,0,1,,", 'n1,1,1,missing_key; late_key,']);
    expect(lines).toHaveLength(1 + things.length + 1);
    expect(lines.join()).not.toContain('contract');
    const none = await listSheet(list, 'csv', {}, async () => ({ rows: [], next: null }));
    expect(new TextDecoder().decode((await none.body()) as Uint8Array)).toContain('名称 name,held');
  });

  it('[KN11] are asked for by one word, of lists alone, and end somewhere', async () => {
    expect(sheetAsked(list, undefined)).toBeUndefined();
    expect(sheetAsked(list, 'xlsx')).toBe('xlsx');
    expect(() => sheetAsked(list, 'pdf')).toThrow('invalid_sheet_format');
    const single = endpoint({ ...list, query: pageQuery, result: row });
    expect(sheetAsked(single, 'csv')).toBeUndefined();
    const endless = async () => ({ rows: things.slice(0, 500), next: 'more' });
    await expect(listSheet(list, 'csv', {}, endless)).rejects.toThrow('excessive_rows');
  });
});
