import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, contract } from '@yinglian/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

type Refused = { readonly refused: string; readonly findings: readonly { code: string }[] };
type Event = { readonly type: string; readonly kind?: string };
type FollowFilms = {
  registerFilm(
    client: Client<typeof contract>,
    title: string,
    code: string,
  ): Promise<{ readonly id: string } | Refused>;
  rowsOf(list: unknown, query: object): AsyncIterable<{ readonly title: string }>;
  eventsOf(response: Response): AsyncGenerator<Event>;
};
type ReceiveWebhook = {
  isSigned(body: string, signature: string | undefined, secret: string, now: number): boolean;
};
type JudgePackage = {
  judge(folder: string, locale?: string): Promise<{ code: string; text: string }[]>;
};

const examples = join(import.meta.dirname, '../../../../examples/developer');
const load = async <Module>(name: string) => (await import(join(examples, name))) as Module;

describe('the examples for developers', () => {
  let server: TestServer;
  let person: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    person = await server.newOrganisation('producer');
  });
  afterAll(() => server.close());

  it('register a film, read a list over pages and hear of changes', async () => {
    const { registerFilm, rowsOf, eventsOf } = await load<FollowFilms>('follow-films.mjs');
    const stopped = new AbortController();
    const stream = await person.send('/api/events', { signal: stopped.signal });
    const events = eventsOf(stream);
    const heard = (async () => {
      for await (const event of events) if (event.kind === 'film') return event;
      return undefined;
    })();
    for (const [index, title] of ['甲', '乙', '丙'].entries()) {
      expect(await registerFilm(person.client, title, `00110001${index + 1}026`)).toHaveProperty(
        'id',
      );
    }
    const titles = [];
    for await (const row of rowsOf(person.client.film.list, { limit: 2 })) titles.push(row.title);
    expect(titles.toSorted()).toEqual(['丙', '乙', '甲'].toSorted());
    expect(await heard).toMatchObject({ type: 'changed', kind: 'film' });
    stopped.abort();
    const wrong = (await registerFilm(person.client, '丁', '0011')) as Refused;
    expect(wrong.refused).toBe('invalid');
    expect(wrong.findings.length).toBeGreaterThan(0);
  });

  it('believe a change that the network signed, and no other', async () => {
    const { isSigned } = await load<ReceiveWebhook>('receive-webhook.mjs');
    const body = '{"id":"1"}';
    const mac = createHmac('sha256', 'whsec_a').update(`1000.${body}`).digest('hex');
    const signature = `t=1000,v1=${mac}`;
    expect(isSigned(body, signature, 'whsec_a', 1100)).toBe(true);
    expect(isSigned(`${body} `, signature, 'whsec_a', 1100)).toBe(false);
    expect(isSigned(body, signature, 'whsec_b', 1100)).toBe(false);
    expect(isSigned(body, signature, 'whsec_a', 1400)).toBe(false);
    expect(isSigned(body, undefined, 'whsec_a', 1100)).toBe(false);
  });

  it('judge a package with the library alone', async () => {
    const { judge } = await load<JudgePackage>('judge-package.mjs');
    const folder = mkdtempSync(join(tmpdir(), 'yinglian-judge-'));
    const found = await judge(folder).finally(() => rmSync(folder, { recursive: true }));
    expect(found.map((each) => each.code)).toEqual(['missing_asset_map']);
    expect(found[0]!.text).toMatch(/ASSETMAP/i);
  });
});
