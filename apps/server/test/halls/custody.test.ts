import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportNetwork } from '../../src/kernel/backup/export.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { urlOf } from '../support/postgres.ts';
import {
  allDone,
  FILM_CODE,
  type KeyScene,
  keysInside,
  plantPackage,
  setKeyScene,
} from './keys-support.ts';
import { problemOf, refusalCodes } from './support.ts';

const PASSPHRASE = '长夜里的一束光 2026';

/** Every way in which somebody might read a secret in a text, lower case. */
function writings(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  // Base64 of a longer text holds the secret at one of three offsets.
  const shifted = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64');
    return text.slice(pad === 0 ? 0 : pad + 1, -4);
  });
  return [bytes.toString('hex'), ...shifted.map((each) => each.toLowerCase())];
}

function tellsOf(secret: Uint8Array, where: string, content: Buffer): string[] {
  const text = content.toString('latin1').toLowerCase();
  const raw = content.includes(Buffer.from(secret)) ? [`${where}: as bytes`] : [];
  return [
    ...raw,
    ...writings(secret).flatMap((each, index) =>
      text.includes(each) ? [`${where}: as text ${index}`] : [],
    ),
  ];
}

describe('the custody of content keys', () => {
  let server: TestServer;
  let scene: KeyScene;
  let owner: TestPerson;
  let folder: string;
  const said: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-custody-'));
    server = await createTestServer();
    owner = await server.owner();
    scene = await setKeyScene(server, ['星光影城']);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const custody = () => owner.client.custody;
  const change = async (keeper: 'server' | 'passphrase' | 'token' | 'kms', passphrase?: string) => {
    const { jobId } = await custody().change({
      body: { keeper, ...(passphrase === undefined ? {} : { passphrase }) },
    });
    await allDone(owner, [jobId]);
    return custody().state();
  };
  const issue = async (day = '2099-01-02') => {
    const made = await scene.distributor.client.distribution.issueKeys({
      body: {
        packageId: scene.packageId,
        screenIds: [scene.cinemas[0]!.screens[0]!.id],
        notBefore: '2026-12-01T00:00',
        notAfter: `${day}T00:00`,
      },
    });
    await allDone(scene.distributor, [made.jobId!]);
    const query = { packageId: scene.packageId };
    const [key] = (await scene.distributor.client.distribution.keys({ query })).rows;
    const { privateKey } = scene.cinemas[0]!.screens[0]!;
    return keysInside(scene.distributor, key!.file.id, privateKey);
  };
  const planted = () => scene.contentKeys.map((each) => each.toString('hex')).toSorted();
  const wrappings = async () =>
    (
      await sql<{ current: boolean; gone: boolean }>`
    select current, wrapped is null as gone from distribution.custody order by created_at`.execute(
        server.network.running.kernel.database,
      )
    ).rows;

  it('[HT7] keeps keys under a passphrase, sealed until somebody gives it', async () => {
    expect(await custody().state()).toMatchObject({
      keeper: 'server',
      state: 'open',
      id: null,
      contentKeys: 2,
      waiting: 0,
    });
    const foreign = scene.distributor.client.custody.state();
    expect((await problemOf(foreign)).code).toBe('not_allowed');
    expect(await issue('2026-12-05')).toEqual(planted());
    const short = custody().change({ body: { keeper: 'passphrase', passphrase: 'short' } });
    expect(await refusalCodes(short)).toEqual(['short_passphrase']);
    expect(await change('passphrase', PASSPHRASE)).toMatchObject({
      keeper: 'passphrase',
      state: 'open',
      waiting: 0,
    });
    expect(await issue('2026-12-06')).toEqual(planted());
    expect(await custody().seal({ body: {} })).toMatchObject({ state: 'sealed' });
    // Refused before anything is ordered; a cinema's move goes on, and its keys are proposed.
    expect(await refusalCodes(issue('2026-12-07'))).toEqual(['sealed_custody']);
    const [, second] = scene.cinemas[0]!.screens;
    const moved = await scene.circuit.client.bookings.answer({
      body: { action: 'move', bookingIds: [...scene.bookings], screenIds: [second!.id] },
    });
    expect(moved.changed).toBe(1);
    const [order] = (await scene.distributor.client.keys.orders({ query: {} })).rows;
    expect(order).toMatchObject({ reason: 'moved', state: 'proposed' });
    const rotate = custody().change({ body: { keeper: 'server' } });
    expect(await refusalCodes(rotate)).toEqual(['sealed_custody']);
    const wrong = custody().unseal({ body: { passphrase: 'a wrong passphrase' } });
    const fault = await problemOf(wrong);
    said.push(JSON.stringify(fault));
    expect(fault.findings?.map((each) => each.code)).toEqual(['wrong_passphrase']);
    expect(await custody().unseal({ body: { passphrase: PASSPHRASE } })).toMatchObject({
      state: 'open',
    });
    expect(await refusalCodes(custody().unseal({ body: { passphrase: PASSPHRASE } }))).toEqual([
      'open_custody',
    ]);
    expect(await issue('2026-12-08')).toEqual(planted());
  });

  it('[HT9] moves everything under a new key, and destroys the one before', async () => {
    const before = await sql<{ sealed_key: Buffer }>`
      select sealed_key from distribution.content_key order by key_id`.execute(
      server.network.running.kernel.database,
    );
    await change('passphrase', `${PASSPHRASE} 之二`);
    const after = await sql<{ sealed_key: Buffer }>`
      select sealed_key from distribution.content_key order by key_id`.execute(
      server.network.running.kernel.database,
    );
    expect(after.rows).toHaveLength(2);
    for (const [index, row] of after.rows.entries()) {
      expect(row.sealed_key.equals(before.rows[index]!.sealed_key)).toBe(false);
    }
    expect(await wrappings()).toEqual([
      { current: false, gone: true },
      { current: true, gone: false },
    ]);
    await custody().seal({ body: {} });
    const former = custody().unseal({ body: { passphrase: PASSPHRASE } });
    expect(await refusalCodes(former)).toEqual(['wrong_passphrase']);
    await custody().unseal({ body: { passphrase: `${PASSPHRASE} 之二` } });
    expect(await issue('2026-12-09')).toEqual(planted());
  });

  it('[HT11] shows planted content keys in nothing that leaves or lies on disks', async () => {
    const { kernel, connection } = server.network.running;
    const target = join(folder, 'network.tar');
    await exportNetwork({
      connection,
      dataFolder: server.dataFolder,
      target,
      withObjects: true,
      now: () => new Date(),
      objects: kernel.objects,
    });
    const tells: string[] = [];
    const look = (where: string, content: Buffer) => {
      for (const secret of scene.contentKeys) tells.push(...tellsOf(secret, where, content));
    };
    look('export', readFileSync(target));
    const dump = spawnSync('pg_dump', ['--dbname', urlOf(connection as never), '--inserts'], {
      maxBuffer: 1 << 28,
    });
    // Where there is no pg_dump, the export holds the same rows.
    if (dump.status === 0) look('dump', dump.stdout);
    look('log', Buffer.from(server.logLines.join('\n')));
    look('answers', Buffer.from(said.join('\n')));
    for (const file of filesIn(server.dataFolder)) look(file, readFileSync(file));
    for (const path of [
      '/api/audit',
      '/api/jobs',
      '/api/distribution/keys',
      '/api/distribution/keys/sheet',
      '/api/distribution/key-orders',
    ]) {
      const answer = await scene.distributor.send(path);
      look(path, Buffer.from(await answer.arrayBuffer()));
    }
    expect(tells).toEqual([]);
    // The search finds what is there: a key in clear, in each way of writing.
    const [secret] = scene.contentKeys;
    for (const text of [
      secret!.toString('hex').toUpperCase(),
      Buffer.concat([Buffer.from('x'), secret!, Buffer.from('yz')]).toString('base64'),
    ]) {
      expect(tellsOf(secret!, 'here', Buffer.from(text)).length).toBeGreaterThan(0);
    }
    expect(tellsOf(secret!, 'here', secret!).length).toBeGreaterThan(0);
    for (const passphrase of [PASSPHRASE, 'a wrong passphrase']) {
      expect(server.logLines.join('\n')).not.toContain(passphrase);
      expect(readFileSync(target).includes(Buffer.from(passphrase))).toBe(false);
    }
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
}

/** A key service that checks Signature Version 4 by its own means. */
function fakeKms(secretAccessKey: string) {
  const key = randomBytes(32);
  const refused: string[] = [];
  const server: Server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (!signed(request, body, secretAccessKey)) {
      refused.push('signature');
      response.writeHead(403).end('{}');
      return;
    }
    const asked = JSON.parse(body) as Record<string, string>;
    const mask = createHash('sha256')
      .update(key)
      .update(JSON.stringify(asked['EncryptionContext']))
      .digest();
    const masked = (text: string) => {
      const bytes = Buffer.from(text, 'base64');
      return Buffer.from(bytes.map((byte, index) => byte ^ mask[index % 32]!)).toString('base64');
    };
    const action = String(request.headers['x-amz-target']);
    const said =
      action === 'TrentService.Encrypt'
        ? { CiphertextBlob: masked(asked['Plaintext']!), KeyId: asked['KeyId'] }
        : { Plaintext: masked(asked['CiphertextBlob']!), KeyId: asked['KeyId'] };
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(said));
  }
  return { server, refused };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** AWS Signature Version 4, written from its description. */
function signed(request: IncomingMessage, body: string, secret: string): boolean {
  const header = String(request.headers.authorization);
  const scoped = /Credential=[^/]+\/(\d{8})\/([\w-]+)\/kms\/aws4_request/.exec(header);
  const rest = /SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})/.exec(header);
  if (scoped === null || rest === null) return false;
  const given = ['', scoped[1], scoped[2], rest[1], rest[2]];
  const [, day, region, names, signature] = given as unknown as string[];
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const mac = (by: string | Buffer, text: string) => createHmac('sha256', by).update(text).digest();
  const headers = names!
    .split(';')
    .map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
    .join('');
  const claimed = String(request.headers['x-amz-content-sha256'] ?? hash(body));
  if (claimed !== hash(body)) return false;
  const canonical = ['POST', '/', '', headers, names, hash(body)].join('\n');
  const scope = `${day}/${region}/kms/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical)].join(
    '\n',
  );
  const key = mac(mac(mac(mac(`AWS4${secret}`, day!), region!), 'kms'), 'aws4_request');
  return mac(key, text).toString('hex') === signature;
}

describe('keepers outside of the server', () => {
  const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

  async function runUnder(environment: Record<string, string>, keeper: 'token' | 'kms') {
    const server = await createTestServer({ environment });
    try {
      const owner = await server.owner();
      const film = await owner.client.film.create({
        body: {
          title: '长夜',
          versions: [
            {
              format: '2D',
              filmCode: FILM_CODE,
              audioLanguage: null,
              subtitleLanguages: [],
              runtimeSeconds: null,
            },
          ],
        },
      });
      await plantPackage(server, owner, { filmId: film.id, versionId: film.versions[0]!.id });
      const { keepers } = await owner.client.custody.state();
      expect(keepers).toContain(keeper);
      const { jobId } = await owner.client.custody.change({ body: { keeper } });
      await allDone(owner, [jobId]);
      const state = await owner.client.custody.state();
      expect(state).toMatchObject({ keeper, state: 'open', contentKeys: 2, waiting: 0 });
      return { server, owner };
    } catch (thrown) {
      await server.close();
      throw thrown;
    }
  }

  it('[HT12] asks a key service with signed requests, and keeps what it has else', async () => {
    const { server: kms, refused } = fakeKms(SECRET);
    await new Promise<void>((resolve) => void kms.listen(0, '127.0.0.1', resolve));
    const { port } = kms.address() as AddressInfo;
    const environment = {
      YINGLIAN_KMS_ENDPOINT: `http://127.0.0.1:${port}/`,
      YINGLIAN_KMS_KEY: 'alias/yinglian',
      YINGLIAN_KMS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      YINGLIAN_KMS_REGION: 'cn-north-1',
    };
    const right = { ...environment, YINGLIAN_KMS_SECRET_ACCESS_KEY: SECRET };
    const { server } = await runUnder(right, 'kms');
    await server.close();
    const other = await createTestServer({
      environment: { ...environment, YINGLIAN_KMS_SECRET_ACCESS_KEY: 'wrong' },
    });
    const owner = await other.owner();
    const change = owner.client.custody.change({ body: { keeper: 'kms' } });
    const problem = await problemOf(change);
    expect(problem.findings?.map((each) => each.code)).toEqual(['unreachable_keeper']);
    expect(refused).toEqual(['signature']);
    expect(await owner.client.custody.state()).toMatchObject({ keeper: 'server' });
    await other.close();
    await new Promise((resolve) => void kms.close(resolve));
  });

  const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
  const missing = !existsSync(MODULE)
    ? 'softhsm2 is not installed'
    : spawnSync('pkcs11-tool', ['--help']).error !== undefined
      ? 'opensc is not installed'
      : undefined;
  if (missing !== undefined) console.warn(`the test of the token is skipped: ${missing}`);

  it.skipIf(missing !== undefined)(
    '[HT13] keeps the key on a PKCS#11 token, and is sealed without its PIN',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'yinglian-softhsm-'));
      const configuration = join(folder, 'softhsm2.conf');
      writeFileSync(
        configuration,
        `directories.tokendir = ${folder}\nobjectstore.backend = file\n`,
      );
      const before = process.env['SOFTHSM2_CONF'];
      process.env['SOFTHSM2_CONF'] = configuration;
      try {
        execFileSync(
          'softhsm2-util',
          [
            '--init-token',
            '--free',
            '--label',
            'custody',
            '--so-pin',
            '12345678',
            '--pin',
            '98765432',
          ],
          { stdio: 'ignore' },
        );
        execFileSync(
          'pkcs11-tool',
          [
            '--module',
            MODULE,
            '--token-label',
            'custody',
            '--login',
            '--pin',
            '98765432',
            '--keypairgen',
            '--key-type',
            'rsa:2048',
            '--label',
            'yinglian-custody',
            '--usage-decrypt',
          ],
          { stdio: 'ignore' },
        );
        const environment = {
          YINGLIAN_TOKEN_MODULE: MODULE,
          YINGLIAN_TOKEN_LABEL: 'custody',
        };
        const { server, owner } = await runUnder(
          { ...environment, YINGLIAN_TOKEN_PIN: '98765432' },
          'token',
        );
        expect(server.logLines.join('\n')).not.toContain('98765432');
        await server.close();
        expect(owner).toBeTruthy();
        const other = await createTestServer({
          environment: { ...environment, YINGLIAN_TOKEN_PIN: '00000000' },
        });
        const wrong = (await other.owner()).client.custody.change({ body: { keeper: 'token' } });
        expect(await refusalCodes(wrong)).toEqual(['unreachable_keeper']);
        await other.close();
      } finally {
        if (before === undefined) delete process.env['SOFTHSM2_CONF'];
        else process.env['SOFTHSM2_CONF'] = before;
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
