import { randomBytes } from 'node:crypto';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openPool } from '../../src/kernel/database/database.ts';
import { doorOptions } from '../../src/kernel/identity/doors.ts';
import { heardDatabase } from '../../src/kernel/identity/heard.ts';
import { passkeyPlace } from '../../src/kernel/identity/place.ts';
import { type Authenticator, createAuthenticator } from '../support/authenticator.ts';
import { CLIENT, type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { dropDatabase, newDatabase } from '../support/postgres.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';

const ORIGIN = 'http://test.local';

/** A browser with its own cookies, on the server of the test. */
function browser(server: TestServer) {
  const jar = new Map<string, string>();
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    headers.set('origin', ORIGIN);
    headers.set('host', 'test.local');
    if (init.body !== undefined) headers.set('content-type', 'application/json');
    const response = await server.app.request(new URL(path, ORIGIN).href, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0(?:;|$)/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const post = async (path: string, body: unknown = {}) => {
    const response = await send(path, { method: 'POST', body: JSON.stringify(body) });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { status: response.status, answer };
  };
  return { send, post, jar };
}

describe('what the library expects of the database', () => {
  it('[KW1] finds its tables in our migrations, and nothing of them differs', async () => {
    const connection = await newDatabase(inject('postgres'));
    const database = `blank_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client({ ...connection });
    await admin.connect();
    await admin.query(`create database ${database}`);
    const ours = openPool(connection, { plainTypes: true, searchPath: 'identity' });
    const theirs = openPool(
      { ...connection, database },
      {
        plainTypes: true,
        searchPath: 'identity',
      },
    );
    const optionsOver = (pool: pg.Pool) =>
      doorOptions(
        {
          pool,
          publicUrl: ORIGIN,
          vault: { derive: () => new Uint8Array(32), seal: (_, bytes) => bytes, open: (_, b) => b },
        },
        heardDatabase(pool).database,
        [],
      );
    try {
      const plan = await getMigrations(optionsOver(ours) as never);
      expect(plan.toBeCreated).toEqual([]);
      expect(plan.toBeAdded).toEqual([]);
      expect(plan.toBeAddedIndexes).toEqual([]);
      expect(plan.schemaProblems).toEqual([]);
      // And the other way round: what the library makes in an empty database is what we have.
      await theirs.query('create schema identity');
      await (await getMigrations(optionsOver(theirs) as never)).runMigrations();
      expect(await describeSchema(ours)).toEqual(await describeSchema(theirs));
      expect((await describeSchema(ours)).length).toBeGreaterThan(60);
    } finally {
      await ours.end();
      await theirs.end();
      await admin.query(`drop database ${database} with (force)`);
      await admin.end();
      await dropDatabase(connection);
    }
  });

  /** Columns, indexes and keys of the schema as sorted lines. */
  async function describeSchema(pool: pg.Pool): Promise<string[]> {
    const { rows } = await pool.query<{ line: string }>(`
      select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
        || regexp_replace(lower(coalesce(column_default, '-')),
          'pg_catalog\\.|now\\(\\)|current_timestamp', '', 'g') as line
      from information_schema.columns where table_schema = 'identity'
        and (table_name, column_name) <> ('session', 'organisation_id')
      union all
      select regexp_replace(indexdef, 'INDEX \\S+', 'INDEX') from pg_indexes
      where schemaname = 'identity'
      union all
      select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'identity'::regnamespace and contype in ('f', 'p', 'u')`);
    return rows.map((row) => row.line).toSorted();
  }
});

describe('passkeys', () => {
  let server: TestServer;
  let person: TestPerson;
  let device: Authenticator;
  const email = 'passkey@example.org';
  const password = 'correct horse battery';
  beforeAll(async () => {
    server = await createTestServer();
    const owner = await server.owner();
    person = await server.newOrganisation('circuit');
    const invitation = await owner.client.organisations.invite({
      params: { id: owner.organisationId },
      body: { email, roles: ['viewer'] },
    });
    const token = invitation.link.split('#')[1] ?? '';
    await server.stranger.client.organisations.acceptInvitation({
      body: { token, name: '通行', password },
    });
    device = createAuthenticator();
  });
  afterAll(() => server.close());

  type Options = { publicKey: Record<string, unknown> };
  const signIn = async (with_: Authenticator, origin = ORIGIN) => {
    const page = browser(server);
    const { answer } = await page.post('/api/session/passkey/options');
    const credential = with_.get((answer as Options).publicKey, origin);
    return { page, ...(await page.post('/api/session/passkey', { credential })) };
  };

  it('[KW2] registers a key of a signed-in person and signs in with it alone', async () => {
    const page = browser(server);
    expect((await page.post('/api/session', { email, password })).status).toBe(200);
    const begun = await page.post('/api/passkeys/options');
    expect(begun.status).toBe(200);
    const { publicKey } = begun.answer as Options;
    expect(publicKey).toMatchObject({
      rp: { id: 'test.local' },
      authenticatorSelection: { userVerification: 'required' },
    });
    const credential = device.create(publicKey, ORIGIN);
    const made = await page.post('/api/passkeys', { name: '笔记本', credential });
    expect(made).toMatchObject({ status: 200, answer: { name: '笔记本' } });
    // A challenge serves once.
    expect((await page.post('/api/passkeys', { name: '又一次', credential })).status).toBe(422);
    const { page: later, status, answer } = await signIn(device);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ user: { email }, organisation: { kind: 'operator' } });
    const session = await (await later.send('/api/session')).json();
    expect(session).toMatchObject({ user: { email }, organisation: { kind: 'operator' } });
    const list = (await (await later.send('/api/passkeys')).json()) as { rows: { id: string }[] };
    expect(list.rows).toHaveLength(1);
  });

  it('[KW3] refuses a page of another origin, a copied device, one that asked nobody', async () => {
    expect((await signIn(device, 'http://evil.local')).status).toBe(403);
    const copy = device.clone();
    expect((await signIn(device)).status).toBe(200);
    expect((await signIn(copy)).status).toBe(403);
    expect((await signIn(createAuthenticator())).status).toBe(403);
    const page = browser(server);
    await page.post('/api/session', { email, password });
    const { answer } = await page.post('/api/passkeys/options');
    const careless = createAuthenticator({ verifiesPerson: false });
    const credential = careless.create((answer as Options).publicKey, ORIGIN);
    const made = await page.post('/api/passkeys', { name: '无验证', credential });
    expect(made).toMatchObject({
      status: 422,
      answer: { findings: [{ code: 'unverified_passkey' }] },
    });
    const response = { ...credential.response, attestationObject: 'AAAA' };
    const changed = { ...credential, response };
    await page.post('/api/passkeys/options');
    const spoilt = await page.post('/api/passkeys', { name: 'x', credential: changed });
    expect(spoilt.status).toBe(422);
  });

  it('[KW4] lets nobody but the person see or remove it, and it ends there', async () => {
    const page = browser(server);
    await page.post('/api/session', { email, password });
    const list = (await (await page.send('/api/passkeys')).json()) as { rows: { id: string }[] };
    const { rows } = list;
    const path = `/api/passkeys/${rows[0]?.id}`;
    expect((await person.send(path, { method: 'DELETE' })).status).toBe(404);
    expect((await person.client.passkeys.list()).rows).toEqual([]);
    const { key } = await person.client.session.createApiKey({ body: { name: 'k' } });
    const bearer = { headers: { authorization: `Bearer ${key}` } };
    const byKey = await server.app.request(`${ORIGIN}/api/passkeys/options`, {
      method: 'POST',
      ...bearer,
    });
    expect(byKey.status).toBe(403);
    expect((await page.send(path, { method: 'DELETE' })).status).toBe(204);
    expect((await signIn(device)).status).toBe(403);
    const log = await (await server.owner()).client.audit.list({ query: { search: 'passkey' } });
    const actions = log.rows.map((row) => row.action);
    expect(actions).toEqual(['passkey.remove', 'passkey.register']);
  });

  it('[KW5] offers passkeys where browsers allow them', () => {
    const place = (url: string) => passkeyPlace(url);
    expect(place('https://net.example.org')?.rpID).toBe('net.example.org');
    expect(place('http://127.0.0.1:4300')).toEqual({
      rpID: 'localhost',
      origins: ['http://localhost:4300'],
    });
    expect(place('http://10.1.2.3:4300')).toBeUndefined();
    expect(place('http://net.example.org')).toBeUndefined();
  });
});

describe('single sign-on', () => {
  let server: TestServer;
  let owner: TestPerson;
  let provider: OidcProvider;
  const email = 'linked@studio.example';
  beforeAll(async () => {
    server = await createTestServer();
    owner = await server.owner();
    provider = await startOidcProvider();
    const invitation = await owner.client.organisations.invite({
      params: { id: owner.organisationId },
      body: { email, roles: ['viewer'] },
    });
    await server.stranger.client.organisations.acceptInvitation({
      body: { token: invitation.link.split('#')[1] ?? '', name: '片厂', password: 'long enough 1' },
    });
  });
  afterAll(async () => {
    await provider.close();
    await server.close();
  });

  const added = (more: Record<string, string> = {}) => ({
    id: 'studio',
    name: '片厂账号',
    issuer: provider.issuer,
    domain: 'studio.example',
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    ...more,
  });
  const add = (more: Record<string, string> = {}) =>
    owner.client.signInProviders.add({ body: added(more) });

  /** Goes the whole way as a browser does; gives where it ends and who is signed in. */
  async function walk(spoilState = false) {
    const page = browser(server);
    const begun = await page.post('/api/session/providers/studio', {
      returnTo: '/films',
      errorTo: '/sign-in',
    });
    const { url } = begun.answer as { url: string };
    const away = await fetch(url, { redirect: 'manual' });
    const back = new URL(away.headers.get('location') ?? '');
    if (spoilState) back.searchParams.set('state', 'x'.repeat(32));
    const landed = await page.send(back.pathname + back.search);
    const session = (await (await page.send('/api/session')).json()) as {
      user: { email: string } | null;
      organisation: { id: string } | null;
    };
    return { status: landed.status, to: landed.headers.get('location') ?? '', session, page, back };
  }

  it('[KW6] takes a provider that says who it is, and shows its secret to nobody', async () => {
    await expect(add({ issuer: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      problem: { code: 'invalid', findings: [{ code: 'unreachable_provider' }] },
    });
    const made = await add();
    expect(made.callbackUrl).toBe(`${ORIGIN}/api/auth/sso/callback/studio`);
    await expect(add()).rejects.toMatchObject({ problem: { code: 'conflict' } });
    const open = await server.stranger.client.signInProviders.list();
    expect(open.rows).toEqual([{ id: 'studio', name: '片厂账号' }]);
    const { rows } = await server.network.running.kernel.database
      .selectFrom('kernel.sign_in_provider')
      .selectAll()
      .execute()
      .then((all) => ({ rows: all }));
    expect(JSON.stringify(rows)).not.toContain(CLIENT.secret);
    expect(JSON.stringify(await owner.client.signInProviders.all())).not.toContain(CLIENT.secret);
  });

  it('[KW7] signs in the person whom a signed token names, for their organisation', async () => {
    provider.person = { sub: '42', email, name: '片厂' };
    const { status, to, session, page, back } = await walk();
    expect([status, to]).toEqual([302, `${ORIGIN}/films`]);
    expect(session).toMatchObject({
      user: { email },
      organisation: { id: owner.organisationId },
    });
    // The address is the provider's to give: what somebody else may have set for it has ended.
    const password = { email, password: 'long enough 1' };
    expect((await browser(server).post('/api/session', password)).status).toBe(403);
    expect((await walk()).session.user).toMatchObject({ email });
    // The way back serves once.
    const again = await page.send(back.pathname + back.search);
    expect(again.headers.get('location')).toContain('error=');
  });

  it('[KW8] signs in nobody by a forged, foreign, old or strayed token', async () => {
    const spoils: [string, () => void][] = [
      ['token_not_verified', () => void (provider.foreignKey = true)],
      ['token_not_verified', () => void (provider.spoil = (c) => ({ ...c, aud: 'somebody else' }))],
      ['token_not_verified', () => void (provider.spoil = (c) => ({ ...c, iss: 'http://evil' }))],
      ['token_not_verified', () => void (provider.spoil = (c) => ({ ...c, exp: 1_000_000_000 }))],
      [
        'signup+disabled',
        () =>
          void (provider.person = {
            sub: '77',
            email: 'unknown@studio.example',
            name: 'x',
          }),
      ],
      [
        'account+not+linked',
        () =>
          void (provider.person = {
            sub: '78',
            email: 'owner@example.org',
            name: 'x',
          }),
      ],
    ];
    for (const [reason, spoil] of spoils) {
      provider.foreignKey = false;
      provider.spoil = (claims) => claims;
      provider.person = { sub: '42', email, name: '片厂' };
      spoil();
      const { to, session } = await walk();
      expect([reason, session.user]).toEqual([reason, null]);
      expect(to).toContain(reason);
    }
    provider.foreignKey = false;
    provider.spoil = (claims) => claims;
    provider.person = { sub: '42', email, name: '片厂' };
    expect((await walk(true)).session.user).toBeNull();
  });

  it('[KW9] leaves no other door of the library open', async () => {
    const page = browser(server);
    for (const path of [
      'sign-up/email',
      'sign-in/email',
      'sso/register',
      'sign-in/sso',
      'passkey/generate-register-options',
      'get-session',
      'api-key/create',
      'sso/providers',
    ]) {
      for (const method of ['GET', 'POST']) {
        const response = await page.send(`/api/auth/${path}`, {
          method,
          ...(method === 'POST' ? { body: '{}' } : {}),
        });
        expect([path, response.status]).toEqual([path, 404]);
      }
    }
    await owner.client.signInProviders.remove({ params: { id: 'studio' } });
    expect((await page.post('/api/session/providers/studio', {})).status).toBe(404);
    const strayed = await page.post('/api/session/providers/studio', { returnTo: '//evil' });
    expect(strayed.status).toBe(422);
  });
});
