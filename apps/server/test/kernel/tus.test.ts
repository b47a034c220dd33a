import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const RUNS = Number(process.env['YINGLIAN_RUNS'] ?? 12);
const CHUNK = { 'content-type': 'application/offset+octet-stream' };
const SPEAKS = { 'tus-resumable': '1.0.0' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const checksum = (bytes: Uint8Array, algorithm = 'sha256') =>
  `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;

describe('tus', () => {
  let server: TestServer;
  let person: TestPerson;
  let stranger: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    person = await server.newOrganisation('post_house');
    stranger = await server.newOrganisation('producer');
  });
  afterAll(() => server.close());

  const send = (method: string, path: string, headers: HeadersInit = {}, body?: Uint8Array) =>
    person.send(path, {
      method,
      headers: { ...SPEAKS, ...headers },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
  const create = async (sizeBytes: number, more: Record<string, string> = {}) => {
    const response = await send('POST', '/api/tus', {
      'upload-length': String(sizeBytes),
      'upload-metadata': `filename ${base64('素材 A.mov')},filetype ${base64('video/quicktime')}`,
      ...more,
    });
    expect(response.status).toBe(201);
    return response.headers.get('location')!;
  };
  const patch = (path: string, offset: number, bytes: Uint8Array, more = {}) =>
    send('PATCH', path, { ...CHUNK, 'upload-offset': String(offset), ...more }, bytes);
  const offsetOf = async (path: string) =>
    Number((await send('HEAD', path)).headers.get('upload-offset'));

  it('[KO7] says what it offers, and refuses other versions', async () => {
    const offer = await person.send('/api/tus', { method: 'OPTIONS' });
    expect(offer.status).toBe(204);
    expect(offer.headers.get('tus-version')).toBe('1.0.0');
    expect(offer.headers.get('tus-checksum-algorithm')).toBe('sha256,sha1,md5');
    for (const each of ['creation', 'checksum', 'termination', 'expiration']) {
      expect(offer.headers.get('tus-extension')).toContain(each);
    }
    const old = await send('POST', '/api/tus', { 'tus-resumable': '0.2.2', 'upload-length': '1' });
    expect([old.status, old.headers.get('tus-version')]).toEqual([412, '1.0.0']);
  });

  it('[KO7] makes, continues, completes and names the file it has become', async () => {
    const bytes = new Uint8Array(randomBytes(70_000));
    const path = await create(bytes.length);
    const part = await patch(path, 0, bytes.subarray(0, 30_000));
    expect([part.status, part.headers.get('upload-offset')]).toEqual([204, '30000']);
    expect(Date.parse(part.headers.get('upload-expires')!)).toBeGreaterThan(Date.now());
    const head = await send('HEAD', path);
    expect(head.status).toBe(200);
    expect(head.headers.get('upload-length')).toBe('70000');
    expect(head.headers.get('cache-control')).toBe('no-store');
    expect(head.headers.get('upload-metadata')).toContain(base64('素材 A.mov'));
    const override = await send(
      'POST',
      path,
      {
        ...CHUNK,
        'x-http-method-override': 'PATCH',
        'upload-offset': '30000',
      },
      bytes.subarray(30_000),
    );
    expect(override.headers.get('upload-offset')).toBe('70000');
    const id = override.headers.get('yinglian-file')!;
    const file = await person.client.files.download({ params: { id }, query: {} });
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await person.client.files.record({ params: { id } })).name).toBe('素材 A.mov');
  });

  it('[KO7] takes bytes with the creation, and files without any', async () => {
    const bytes = new TextEncoder().encode('all at once');
    const whole = await send(
      'POST',
      '/api/tus',
      {
        ...CHUNK,
        'upload-length': String(bytes.length),
        'upload-checksum': checksum(bytes, 'md5'),
      },
      bytes,
    );
    expect([whole.status, whole.headers.get('upload-offset')]).toEqual([201, '11']);
    expect(whole.headers.get('yinglian-file')).toMatch(/^[0-9a-f-]{36}$/);
    const empty = await send('POST', '/api/tus', { 'upload-length': '0' });
    expect(empty.headers.get('yinglian-file')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('[KO7] says what is wrong with a request by the status that tus asks for', async () => {
    const path = await create(10);
    const ten = new Uint8Array(10);
    const wrong = [
      [await patch(path, 3, ten), 409],
      [await send('PATCH', path, { 'upload-offset': '0' }, ten), 415],
      [await patch(path, 0, new Uint8Array(11)), 413],
      [await patch(path, 0, ten, { 'upload-checksum': 'crc99 AAAA' }), 400],
      [await send('PATCH', path, CHUNK, ten), 400],
      [await send('POST', '/api/tus', { 'upload-length': '1e3' }), 400],
      [await send('POST', '/api/tus', { 'upload-length': '99999999999999999' }), 400],
      [await send('HEAD', '/api/tus/none'), 404],
      [await send('HEAD', '/api/tus/00000000-0000-4000-8000-000000000000'), 404],
      [await stranger.send(path, { method: 'HEAD', headers: SPEAKS }), 404],
      [await stranger.send(path, { method: 'DELETE', headers: SPEAKS }), 404],
      [
        await server.app.request('/api/tus', {
          method: 'POST',
          headers: { ...SPEAKS, 'upload-length': '1' },
        }),
        401,
      ],
    ] as const;
    expect(wrong.map(([response]) => response.status)).toEqual(wrong.map(([, status]) => status));
    expect(await offsetOf(path)).toBe(0);
  });

  it('[KO7] ends an upload for good', async () => {
    const path = await create(10);
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('HEAD', path)).status).toBe(404);
    expect((await patch(path, 0, new Uint8Array(10))).status).toBe(404);
  });

  it.each(['sha256', 'sha1', 'md5'])('[KO8] catches a flipped byte by %s', async (algorithm) => {
    const bytes = new Uint8Array(randomBytes(50_000));
    const flipped = Uint8Array.from(bytes);
    flipped[31_000]! ^= 1;
    const path = await create(bytes.length);
    await patch(path, 0, bytes.subarray(0, 10_000));
    const rest = bytes.subarray(10_000);
    const told = { 'upload-checksum': checksum(rest, algorithm) };
    const wrong = await patch(path, 10_000, flipped.subarray(10_000), told);
    expect(wrong.status).toBe(460);
    expect(await offsetOf(path)).toBe(10_000);
    const right = await patch(path, 10_000, rest, told);
    expect(right.headers.get('upload-offset')).toBe('50000');
    const id = right.headers.get('yinglian-file')!;
    const { digest } = await person.client.files.record({ params: { id } });
    expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  });

  it('[KO8] catches it over the JSON endpoint too', async () => {
    const bytes = new Uint8Array(randomBytes(1000));
    const { id } = await person.client.files.createUpload({ body: { name: 'x', sizeBytes: 1000 } });
    const sha256 = createHash('sha256').update(randomBytes(9)).digest('hex');
    const wrong = person.client.files.append({
      params: { id },
      query: { offset: 0, sha256 },
      bytes,
    });
    await expect(wrong).rejects.toMatchObject({
      problem: { code: 'conflict', findings: [{ code: 'mismatched_hash' }] },
    });
    expect(await person.client.files.upload({ params: { id } })).toMatchObject({ offsetBytes: 0 });
    await person.client.files.endUpload({ params: { id } });
    await expect(person.client.files.upload({ params: { id } })).rejects.toMatchObject({
      problem: { code: 'not_found' },
    });
  });

  it('[KO9] arrives identical whatever breaks between', async () => {
    const step = fc.record({
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
      fault: fc.constantFrom('none', 'none', 'flip', 'short', 'broken', 'unproven break'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 4000 }),
        fc.array(step, { maxLength: 8 }),
        async (bytes, steps) => {
          const path = await create(bytes.length);
          let offset = 0;
          for (const { share, fault } of [...steps, { share: 1, fault: 'none' }]) {
            const piece = bytes.subarray(
              offset,
              offset + Math.ceil((bytes.length - offset) * share),
            );
            await attempt(path, offset, piece, fault);
            const next = await offsetOf(path);
            expect(next).toBeGreaterThanOrEqual(offset);
            // Bytes that were proven or came whole are kept, wrong ones never.
            if (fault === 'flip' || fault === 'broken') expect(next).toBe(offset);
            if (fault === 'none') expect(next).toBe(offset + piece.length);
            offset = next;
            if (offset === bytes.length) break;
          }
          expect(offset).toBe(bytes.length);
          const again = await person.client.files.upload({
            params: { id: path.split('/').at(-1)! },
          });
          const { digest } = await person.client.files.record({ params: { id: again.fileId! } });
          expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
        },
      ),
      { numRuns: RUNS },
    );
  });

  async function attempt(path: string, offset: number, piece: Uint8Array, fault: string) {
    const hash = { 'upload-checksum': checksum(piece) };
    if (fault === 'none') return void (await patch(path, offset, piece, hash));
    if (fault === 'flip') {
      const flipped = Uint8Array.from(piece);
      flipped[piece.length >> 1]! ^= 0x10;
      return void (await patch(path, offset, flipped, hash));
    }
    if (fault === 'short') {
      return void (await patch(path, offset, piece.subarray(0, piece.length >> 1)));
    }
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(piece.slice(0, piece.length >> 1));
      },
      pull(controller) {
        controller.error(new Error('the line broke'));
      },
    });
    await person
      .send(path, {
        method: 'PATCH',
        body: broken,
        duplex: 'half',
        headers: {
          ...SPEAKS,
          ...CHUNK,
          'upload-offset': String(offset),
          ...(fault === 'broken' ? hash : {}),
        },
      } as RequestInit)
      .catch(() => undefined);
  }
});
