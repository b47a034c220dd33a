import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isInsideAddress, openOutside } from '../../src/kernel/events/outside.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

type Hit = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
};
type Answer = (response: ServerResponse, hits: number) => void;

/** A receiver with a socket of its own, that answers as it is told. */
async function startReceiver(host = '127.0.0.1') {
  const hits: Hit[] = [];
  const receiver = {
    hits,
    url: '',
    port: 0,
    answer: ((response) => void response.writeHead(204).end()) as Answer,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      hits.push({
        path: request.url ?? '',
        headers: request.headers,
        body,
        at: performance.now(),
      });
      receiver.answer(response, hits.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  receiver.port = (server.address() as AddressInfo).port;
  receiver.url = `http://${host}:${receiver.port}/hook`;
  return receiver;
}
type Receiver = Awaited<ReturnType<typeof startReceiver>>;

async function until<Value>(ask: () => Promise<Value | undefined> | Value | undefined) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Short for whoever waits in vain, long for a receiver on a busy machine. */
const WITHIN_MS = 2500;

describe('webhooks to a real receiver', () => {
  let server: TestServer;
  let person: TestPerson;
  let receiver: Receiver;
  let made: { id: string; secret: string };
  const delaysSeconds = [0.05, 0.4, 0.8];
  beforeAll(async () => {
    server = await createTestServer({
      webhookTimes: { delaysSeconds, withinMs: WITHIN_MS },
    });
    person = await server.newOrganisation('producer');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    receiver = await startReceiver();
    made = await person.client.webhooks.create({ body: { url: receiver.url, events: ['film'] } });
    return async () => {
      await person.client.webhooks.remove({ params: { id: made.id } });
      await receiver.close();
    };
  });

  const tell = (title: string) => person.client.film.create({ body: { title } });
  const log = async () =>
    (await person.client.webhooks.deliveries({ params: { id: made.id }, query: {} })).rows;
  const ended = (state: string) =>
    until(async () => {
      const [first] = await log();
      return first?.state === state ? first : undefined;
    });

  it('[KH1] tells a change with a signature that the receiver can prove', async () => {
    const film = await tell('签名');
    const hit = await until(() => receiver.hits[0]);
    const [, seconds = '', mac = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(hit.headers['yinglian-signature'])) ?? [];
    const expected = createHmac('sha256', made.secret).update(`${seconds}.${hit.body}`).digest();
    expect(timingSafeEqual(Buffer.from(mac, 'hex'), expected)).toBe(true);
    expect(Math.abs(Number(seconds) * 1000 - Date.now())).toBeLessThan(60_000);
    expect(JSON.parse(hit.body)).toMatchObject({ event: 'film', record: { id: film.id } });
    expect(hit.headers['yinglian-event']).toBe('film');
    expect((await ended('delivered')).attempts).toMatchObject([{ status: 204, fault: null }]);
    const { rows } = await person.client.webhooks.list();
    expect(JSON.stringify(rows)).not.toContain(made.secret);
    expect(server.logLines.join('')).not.toContain(made.secret);
  });

  it('[KH2] tries again after longer and longer delays, writes every attempt down', async () => {
    receiver.answer = (response, hits) => void response.writeHead(hits < 4 ? 500 : 200).end();
    await tell('四次');
    const { attempts, payload } = await ended('delivered');
    expect(attempts.map((each) => each.status)).toEqual([500, 500, 500, 200]);
    const gaps = receiver.hits.slice(1).map((hit, at) => hit.at - receiver.hits[at]!.at);
    gaps.forEach((gap, at) => expect(gap).toBeGreaterThanOrEqual(delaysSeconds[at]! * 1000));
    const bodies = new Set(receiver.hits.map((hit) => hit.body));
    expect([...bodies].map((body) => JSON.parse(body) as unknown)).toEqual([payload]);
    expect((await person.client.webhooks.list()).rows[0]?.failingSince).toBeNull();
  });

  it('[KH3] follows no redirect, waits for no silent receiver, gives up in the end', async () => {
    const other = await startReceiver();
    receiver.answer = (response, hits) => {
      if (hits === 1) response.writeHead(302, { location: other.url }).end();
      else if (hits === 3) response.socket?.destroy();
      else if (hits === 4) response.writeHead(200).socket?.destroy();
      // The second request never gets an answer.
    };
    await tell('转向');
    const { attempts } = await ended('given_up');
    expect(attempts.map(({ status, fault }) => status ?? fault)).toEqual([
      302,
      'silent_receiver',
      'broken_connection',
      'broken_connection',
    ]);
    expect(attempts[1]?.milliseconds).toBeGreaterThanOrEqual(WITHIN_MS - 10);
    expect(other.hits).toEqual([]);
    await other.close();
  });

  it('[KH4] is switched off after failing for long, says so, and on again by hand', async () => {
    receiver.answer = (response) => void response.writeHead(503).end();
    await tell('失败一');
    await ended('given_up');
    const { database } = server.network.running.kernel;
    expect((await person.client.webhooks.list()).rows[0]?.disabledAt).toBeNull();
    // As if it had failed since the day before yesterday's eve.
    await database
      .updateTable('kernel.webhook')
      .set({ failing_since: new Date(Date.now() - 3 * 24 * 3600_000) })
      .where('id', '=', made.id)
      .execute();
    await tell('失败二');
    const off = await until(async () => {
      const { rows } = await person.client.webhooks.list();
      return rows[0]?.disabledAt === null ? undefined : rows[0];
    });
    expect(off?.failingSince).not.toBeNull();
    const query = { search: 'webhook.disable', subject: made.id };
    const audit = await person.client.audit.list({ query });
    expect(audit.rows).toHaveLength(1);
    const before = (await log()).length;
    await tell('关着');
    expect(await log()).toHaveLength(before);
    receiver.answer = (response) => void response.writeHead(200).end();
    await person.client.webhooks.enable({ params: { id: made.id } });
    await tell('又开');
    expect((await ended('delivered')).attempts).toHaveLength(1);
    expect((await person.client.webhooks.list()).rows[0]).toMatchObject({
      disabledAt: null,
      failingSince: null,
    });
    expect(await (await server.owner()).client.audit.verify()).toMatchObject({ intact: true });
  });

  it('[KH5] delivers once more by hand, the same payload, and for nobody else', async () => {
    await tell('再来');
    const first = await ended('delivered');
    const params = { id: made.id, deliveryId: first.id };
    const again = await person.client.webhooks.redeliver({ params });
    expect(again).toMatchObject({ repeats: first.id, payload: first.payload });
    await until(() => receiver.hits[1]);
    expect(receiver.hits[1]?.body).toBe(receiver.hits[0]?.body);
    const other = await server.newOrganisation('circuit');
    const notFound = { problem: { code: 'not_found' } };
    await expect(other.client.webhooks.redeliver({ params })).rejects.toMatchObject(notFound);
    await expect(
      other.client.webhooks.deliveries({ params: { id: made.id }, query: {} }),
    ).rejects.toMatchObject(notFound);
    await expect(other.client.webhooks.enable({ params: { id: made.id } })).rejects.toMatchObject(
      notFound,
    );
  });
});

describe('addresses inside', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '0.0.0.0',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'ff02::1',
    'not an address',
  ])('[KH6] knows %s as inside', (address) => {
    expect(isInsideAddress(address)).toBe(true);
  });

  it.each(['1.1.1.1', '172.32.0.1', '93.184.216.34', '2606:4700::1111', '2a00:1450::1'])(
    '[KH6] knows %s as outside',
    (address) => {
      expect(isInsideAddress(address)).toBe(false);
    },
  );

  it('[KH7] refuses to register or to reach what lies inside, however it is written', async () => {
    const server = await createTestServer({ environment: { YINGLIAN_WEBHOOKS_INSIDE: 'no' } });
    const receiver = await startReceiver();
    try {
      const person = await server.newOrganisation('producer');
      const urls = [
        receiver.url,
        `http://localhost:${receiver.port}/`,
        `http://2130706433:${receiver.port}/`,
        `http://0x7f.1:${receiver.port}/`,
        `http://[::ffff:127.0.0.1]:${receiver.port}/`,
        `http://017700000001:${receiver.port}/`,
        'http://169.254.169.254/latest/meta-data',
      ];
      for (const url of urls) {
        const made = person.client.webhooks.create({ body: { url, events: ['*'] } });
        await expect(made, url).rejects.toMatchObject({
          problem: { findings: [{ code: 'unreachable_address' }] },
        });
      }
      const named = person.client.webhooks.create({
        body: { url: 'https://name:secret@example.org/', events: ['*'] },
      });
      await expect(named).rejects.toMatchObject({
        problem: { findings: [{ code: 'unexpected_credentials' }] },
      });
      expect(receiver.hits).toEqual([]);
    } finally {
      await receiver.close();
      await server.close();
    }
  });

  it('[KH8] connects to the address that was judged, whatever the name says later', async () => {
    const good = await startReceiver('127.0.0.2');
    let asked = 0;
    const outside = openOutside({
      allowInside: false,
      withinMs: 2000,
      isInside: (address) => address === '127.0.0.1',
      // A name that changes its mind: outside when it is judged, inside from then on.
      resolve: async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }],
    });
    const message = {
      url: `http://rebind.example:${good.port}/x`,
      headers: {},
      body: '{}',
      signal: new AbortController().signal,
    };
    expect(await outside.post(message)).toEqual({ status: 204 });
    expect(asked).toBe(1);
    expect(good.hits.map((hit) => hit.headers.host)).toEqual([`rebind.example:${good.port}`]);
    expect(await outside.post(message)).toEqual({ fault: 'inside_address' });
    const mixed = openOutside({
      allowInside: false,
      withinMs: 2000,
      resolve: async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '::1', family: 6 },
      ],
    });
    expect(await mixed.post(message)).toEqual({ fault: 'inside_address' });
    await good.close();
  });
});
