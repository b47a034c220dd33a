import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemError } from '@yinglian/contract';
import { createTestServer, type TestServer } from '../support/server.ts';

describe('sessions and organisations', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer();
  });
  afterAll(() => server.close());

  it('[KE1] gives the network to whoever opens the one-time link, once', async () => {
    expect((await server.stranger.client.network.state()).state).toBe('new');
    const owner = await server.owner();
    expect((await server.stranger.client.network.state()).state).toBe('ready');
    const session = await owner.client.session.get();
    expect(session.user?.operator).toBe(true);
    expect(session.organisation?.id).toBe(owner.organisationId);
    expect(session.permissions).toContain('settlement.issue');
    const refused = server.stranger.client.session.claimOwnerLink({
      body: { token: 'x'.repeat(43), name: 'x', email: 'x@example.org', password: 'long enough 1' },
    });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'not_allowed' } });
  });

  it('[KE2] signs in with the right password only, and out again', async () => {
    await server.owner();
    const { client } = server.stranger;
    const wrong = client.session.signIn({ body: { email: 'owner@example.org', password: 'no' } });
    await expect(wrong).rejects.toBeInstanceOf(ProblemError);
    const session = await client.session.signIn({
      body: { email: 'Owner@example.org', password: 'correct horse battery' },
    });
    expect(session.user?.email).toBe('owner@example.org');
    await client.session.signOut();
    expect((await client.session.get()).user).toBeNull();
  });

  it('[KE3] acts through an API key for its organisation, until it is revoked', async () => {
    const person = await server.newOrganisation('distributor');
    const { id, key } = await person.client.session.createApiKey({ body: { name: 'ci' } });
    const bearer = { headers: { authorization: `Bearer ${key}` } };
    const before = await server.app.request('http://test.local/api/session', bearer);
    expect(await before.json()).toMatchObject({ organisation: { id: person.organisationId } });
    const { rows } = await person.client.session.apiKeys();
    expect(rows.map((row) => row.id)).toEqual([id]);
    await person.client.session.revokeApiKey({ params: { id } });
    const after = await server.app.request('http://test.local/api/jobs', bearer);
    expect(after.status).toBe(401);
    expect(server.logLines.join('')).not.toContain(key);
  });

  it('[KE4] never leaves an organisation without an owner', async () => {
    const person = await server.newOrganisation('circuit');
    const params = { id: person.organisationId, userId: person.userId };
    const refused = person.client.organisations.setRoles({ params, body: { roles: ['viewer'] } });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'conflict' } });
  });

  it('[KE5] lets only an owner make owners', async () => {
    const person = await server.newOrganisation('circuit');
    const administrator = await server.newMember(person, ['administrator']);
    const params = { id: person.organisationId };
    const refused = administrator.client.organisations.invite({
      params,
      body: { email: 'friend@example.org', roles: ['owner'] },
    });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'not_allowed' } });
  });

  it('[KE6] answers the second of two writers with both versions', async () => {
    const person = await server.newOrganisation('producer', '甲公司');
    const params = { id: person.organisationId };
    const {
      id: _,
      createdAt: _c,
      updatedAt: _u,
      ...stored
    } = await person.client.organisations.get({ params });
    await person.client.organisations.update({ params, body: { ...stored, name: '乙公司' } });
    const late = person.client.organisations.update({
      params,
      body: { ...stored, name: '丙公司' },
    });
    await expect(late).rejects.toMatchObject({
      problem: {
        code: 'conflict',
        status: 409,
        stored: { name: '乙公司', version: 2 },
        sent: { name: '丙公司' },
      },
    });
  });

  it('[KE7] repeats the first answer for a repeated idempotency key', async () => {
    const person = await server.newOrganisation('producer');
    const send = (name: string) =>
      person.send('/api/session/keys', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
        body: JSON.stringify({ name }),
      });
    const first = await (await send('one')).json();
    const second = await send('one');
    expect(await second.json()).toEqual(first);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await send('two');
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'reused_idempotency_key' });
    expect((await person.client.session.apiKeys()).rows).toHaveLength(1);
  });

  it('[KE8] refuses a change that a page of another site sends', async () => {
    const person = await server.newOrganisation('producer');
    const response = await person.send('/api/session', {
      method: 'DELETE',
      headers: { origin: 'https://evil.example' },
    });
    expect(response.status).toBe(403);
    expect((await person.client.session.get()).user).not.toBeNull();
  });
});
