import { contract, type EndpointShape, type Permission } from '@yinglian/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const endpoints = Object.entries(contract).flatMap(([group, members]) =>
  Object.entries(members as Record<string, EndpointShape>).map(([name, shape]) => ({
    title: `${group}.${name}`,
    shape,
  })),
);
const closed = endpoints.filter(({ shape }) => shape.permission !== 'public');

/** Ids that belong to nobody here: a hidden record and a missing one must answer alike. */
const FOREIGN = '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee';

describe('every endpoint keeps strangers, other organisations and lesser roles out', () => {
  let server: TestServer;
  let owner: TestPerson;
  let outsider: TestPerson;
  let lesser: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    owner = await server.newOrganisation('distributor');
    outsider = await server.newOrganisation('circuit');
    lesser = await server.newMember(owner, ['viewer']);
  });
  const numbers: Record<string, number> = { endpoints: endpoints.length, closed: closed.length };
  afterAll(async () => {
    console.info(`isolation: ${JSON.stringify(numbers)}`);
    await server.close();
  });

  const count = (what: string): void => void (numbers[what] = (numbers[what] ?? 0) + 1);
  const call = (who: Pick<TestPerson, 'send'>, shape: EndpointShape, ids: string) =>
    who.send(shape.path.replace(/:[A-Za-z]+/g, ids), {
      method: shape.method,
      ...(shape.body === undefined && shape.bytesIn !== true
        ? {}
        : { body: '{}', headers: { 'content-type': 'application/json' } }),
    });

  it('[KI1] walks the whole contract, and every endpoint is answered by somebody', async () => {
    expect(closed.length).toBeGreaterThan(60);
    const missing: string[] = [];
    for (const { title, shape } of endpoints) {
      const pattern = shape.path;
      const known = server.app.routes.some(
        (route) => route.method === shape.method && route.path === pattern,
      );
      if (!known) missing.push(title);
    }
    expect(missing).toEqual([]);
  });

  it('[KI2] tells a stranger nothing but to sign in', async () => {
    const faults: string[] = [];
    for (const { title, shape } of closed) {
      count('asStranger');
      const response = await call(server.stranger, shape, FOREIGN);
      const body = (await response.json()) as { code: string; findings: unknown[] };
      if (response.status !== 401 || body.code !== 'not_signed_in' || body.findings.length > 0) {
        faults.push(`${title}: ${response.status}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('[KI3] refuses a lesser role before it looks at the request', async () => {
    const allowed = new Set<Permission>((await lesser.client.session.get()).permissions);
    const faults: string[] = [];
    let tried = 0;
    for (const { title, shape } of closed) {
      if (shape.permission === 'signed_in' || allowed.has(shape.permission)) continue;
      tried += 1;
      count('asLesserRole');
      const response = await call(lesser, shape, FOREIGN);
      if (response.status !== 403) faults.push(`${title}: ${response.status}`);
    }
    expect(tried).toBeGreaterThan(25);
    expect(faults).toEqual([]);
  });

  it('[KI4] shows no record of another organisation by its id', async () => {
    const film = await owner.client.film.create({ body: { title: '只属于甲方的影片' } });
    const upload = await owner.client.files.createUpload({ body: { name: 'a', sizeBytes: 3 } });
    const done = await owner.client.files.append({
      params: { id: upload.id },
      query: { offset: 0 },
      bytes: new Uint8Array([1, 2, 3]),
    });
    const ids = [film.id, upload.id, done.fileId ?? '', owner.organisationId, owner.userId];
    const faults: string[] = [];
    for (const { title, shape } of closed) {
      if (!/:[A-Za-z]+/.test(shape.path) || shape.events !== undefined) continue;
      for (const id of ids) {
        count('asOtherOrganisationById');
        const response = await call(outsider, shape, id);
        // The directory of organisations is for everybody.
        if (title === 'organisations.get' && id === owner.organisationId) continue;
        if (response.status < 400) faults.push(`${title} ${id}: ${response.status}`);
        const text = await response.text();
        if (text.includes('只属于甲方')) faults.push(`${title} ${id}: gives content away`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('[KI5] lists nothing of another organisation', async () => {
    const faults: string[] = [];
    for (const { title, shape } of closed) {
      if (shape.method !== 'GET' || /:[A-Za-z]+/.test(shape.path)) continue;
      if (shape.events !== undefined || shape.bytesOut !== undefined) continue;
      count('asOtherOrganisationInLists');
      const text = await (await call(outsider, shape, '')).text();
      if (text.includes('只属于甲方') || text.includes(owner.userId)) faults.push(title);
    }
    expect(faults).toEqual([]);
  });

  it('[KI6] opens a film through its room to the admitted halls, and closes it again', async () => {
    const film = await owner.client.film.create({ body: { title: '共享影片' } });
    const get = () => outsider.client.film.get({ params: { id: film.id } });
    await expect(get()).rejects.toMatchObject({ problem: { code: 'not_found' } });
    const place = { id: film.id, organisationId: outsider.organisationId };
    await owner.client.rooms.admit({ params: place, body: { halls: ['exhibition'] } });
    expect((await get()).title).toBe('共享影片');
    const own = outsider.client.rooms.admit({ params: place, body: { halls: ['settlement'] } });
    await expect(own).rejects.toMatchObject({ problem: { code: 'not_allowed' } });
    await owner.client.rooms.dismiss({ params: place });
    await expect(get()).rejects.toMatchObject({ problem: { code: 'not_found' } });
  });
});
