import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { randomUUID } from 'node:crypto';
import { readCertificates } from '@yinglian/certificates';
import { nodeCryptography, randomBytes } from '@yinglian/host';
import { issueKdms, kdmIssuer, timeInZone } from '@yinglian/kdm';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantSecrets } from '../../../../test/discipline/planted.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { openContentKeys } from '../../src/distribution/content-keys.ts';
import { openCustody } from '../../src/distribution/custody/custody.ts';
import { jobEnded, refusalCodes, upload } from './support.ts';

const FIXTURES = join(import.meta.dirname, '../../../../../shared/fixtures/dcp/generated');
const missing = existsSync(FIXTURES) ? undefined : `${FIXTURES} is not there`;
if (missing !== undefined) console.warn(`the test of packages on arrival is skipped: ${missing}`);

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) =>
    statSync(join(folder, each)).isFile(),
  );
}

describe.skipIf(missing !== undefined)('packages on arrival', () => {
  let server: TestServer;
  let house: TestPerson;
  let filmId = '';
  let versionId = '';
  beforeAll(async () => {
    server = await createTestServer();
    house = await server.newOrganisation('distributor', '远山发行');
    const version = {
      format: '2D' as const,
      filmCode: '001100012026',
      audioLanguage: null,
      subtitleLanguages: [],
      runtimeSeconds: null,
    };
    const film = await house.client.film.create({ body: { title: '长夜', versions: [version] } });
    filmId = film.id;
    versionId = film.versions[0]!.id;
  });
  afterAll(() => server.close());

  async function take(
    folder: string,
    change: (path: string, bytes: Buffer) => Buffer | undefined = (_, bytes) => bytes,
  ) {
    const files: { path: string; fileId: string }[] = [];
    for (const path of filesOf(folder)) {
      const bytes = change(path, readFileSync(join(folder, path)));
      if (bytes === undefined) continue;
      files.push({ path: relative('.', path), fileId: await upload(house, path, bytes) });
    }
    const made = await house.client.distribution.take({
      body: { filmId, filmVersionId: versionId, files },
    });
    const job = await jobEnded(house, made.jobId!);
    expect(job.state).toBe('done');
    return house.client.distribution.package({ params: { id: made.id } });
  }
  const folder = (name: string) => join(FIXTURES, 'dcp', name);

  it('[HT18] judges a package on arrival, and reads from it what it is', async () => {
    const taken = await take(folder('smpte-encrypted'));
    expect(taken).toMatchObject({
      state: 'passed',
      standard: 'smpte',
      encrypted: true,
      originalIds: [],
      profile: null,
      withdrawnAt: null,
    });
    expect(taken.compositions).toMatchObject([
      { id: '39c755f0-8ee7-4215-aabd-98b20ff0cfae', durationFrames: 24, reels: 1 },
    ]);
    const broken = await take(folder('smpte-plain'), (path, bytes) => {
      if (path === 'sound.mxf') bytes[bytes.length - 1000]! ^= 1;
      return bytes;
    });
    expect(broken.state).toBe('failed');
    expect(broken.findings.some((each) => each.severity === 'error')).toBe(true);
    for (const path of ['../x', '/etc/passwd', 'a/../../b', 'a\\b', 'a//b', './a']) {
      const fileId = await upload(house, 'x', 'x');
      const escape = house.client.distribution.take({
        body: { filmId, files: [{ path, fileId }] },
      });
      expect(await refusalCodes(escape)).toEqual(['invalid_format']);
    }
    const fileId = await upload(house, 'x', 'x');
    const twice = house.client.distribution.take({
      body: {
        filmId,
        files: [
          { path: 'A.xml', fileId },
          { path: 'a.xml', fileId },
        ],
      },
    });
    expect(await refusalCodes(twice)).toEqual(['duplicate_package_path']);
  });

  it('[HT19] lets a version file wait for its original, and links them when it comes', async () => {
    const source = folder('smpte-plain-unsigned');
    const map = readFileSync(join(source, 'ASSETMAP.xml'), 'utf8');
    const blocks = map.match(/<Asset>[\s\S]*?<\/Asset>/g)!;
    const ids = blocks
      .filter((each) => each.includes('.mxf'))
      .map((each) => /<Id>(.*?)<\/Id>/.exec(each)![1]!);
    expect(ids).toHaveLength(2);
    // The composition and its lists alone: the track files are the original's.
    const lists = (path: string, bytes: Buffer): Buffer | undefined => {
      if (path.endsWith('.mxf')) return undefined;
      if (!/^(?:ASSETMAP|pkl_)/.test(path)) return bytes;
      const text = bytes
        .toString('utf8')
        .replace(/<Asset>[\s\S]*?<\/Asset>/g, (block) =>
          ids.some((id) => block.includes(id)) ? '' : block,
        );
      if (path !== 'ASSETMAP.xml') return Buffer.from(text);
      // The map states the length of the packing list, which has become shorter.
      const list = filesOf(source).find((each) => each.startsWith('pkl_'))!;
      const before = statSync(join(source, list)).size;
      const after = lists(list, readFileSync(join(source, list)))!.length;
      return Buffer.from(text.replace(`>${before}<`, `>${after}<`));
    };
    const version = await take(source, lists);
    expect(version.state).toBe('failed');
    expect(version.findings[0]!.code).toBe('missing_original');
    const original = await take(source);
    expect(original.state).toBe('passed');
    const linked = await waitFor(async () => {
      const now = await house.client.distribution.package({ params: { id: version.id } });
      return now.state === 'passed' ? now : undefined;
    });
    expect(linked.originalIds).toEqual([original.id]);
    const withdraw = async (id: string) =>
      (await house.client.sites.withdrawPackage({ params: { id } })).withdrawn.map(
        (each) => each.id,
      );
    const isGone = async (id: string) =>
      (await house.client.distribution.package({ params: { id } })).withdrawnAt !== null;
    // A version goes alone; its original still plays.
    expect(await withdraw(version.id)).toEqual([version.id]);
    expect(await isGone(original.id)).toBe(false);
    const second = await take(source, lists);
    expect(second.originalIds).toEqual([original.id]);
    const third = randomUUID();
    const { database } = server.network.running.kernel;
    await sql`insert into distribution.package (id, organisation_id, film_id, film_version_id,
        title, standard, state, encrypted, options, original_ids)
      select ${third}, organisation_id, film_id, film_version_id, 'VF of a VF', standard, state,
        encrypted, options, array[id] from distribution.package where id = ${second.id}`.execute(
      database,
    );
    // An original takes with it what cannot play without it, however far down, and says so.
    const gone = await withdraw(original.id);
    expect(gone[0]).toBe(original.id);
    expect(gone.toSorted()).toEqual([original.id, second.id, third].toSorted());
    expect([await isGone(second.id), await isGone(third)]).toEqual([true, true]);
    expect(await refusalCodes(withdraw(second.id))).toEqual(['withdrawn_package']);
    const trail = await sql<{ id: string; original: string | null }>`
      select subject_id as id, facts->>'original' as original from kernel.audit
      where action = 'distribution.package_withdrawn' order by 1`.execute(database);
    expect(trail.rows).toContainEqual({ id: third, original: original.id });
  });

  it('[HT20] takes a DKDM for its own certificate into custody, and nothing else', async () => {
    const { rows } = await house.client.distribution.packages({ query: { filmId } });
    const stored = rows.find((each) => each.encrypted)!;
    const { pem } = await house.client.distribution.certificate({ body: {} });
    const certificates = (text: string) => readCertificates(new TextEncoder().encode(text));
    const chain = certificates(pem);
    if (!chain.ok) throw new Error('the chain cannot be read');
    const other = await server.newOrganisation('post_house', '别处后期');
    const theirs = certificates((await other.client.distribution.certificate({ body: {} })).pem);
    if (!theirs.ok) throw new Error('the chain cannot be read');
    const keys = ['MDIK', 'MDAK'] as const;
    const contentKey = randomBytes(16);
    plantSecrets([contentKey]);
    const message = async (recipient: typeof chain.value, cplId: string) => {
      const { database, vault, settings } = server.network.running.kernel;
      const { readSigner } = await import('../../src/distribution/signer.ts');
      const custody = openCustody({ database, vault, keepers: settings.keepers });
      const signer = (await readSigner(database, custody, other.organisationId))!;
      const day = Math.floor(Date.now() / 1000) * 1000;
      const issuer = await kdmIssuer(
        {
          cplId: cplId as never,
          contentTitle: '长夜',
          standard: 'smpte',
          signer,
          keys: keys.map((keyType) => ({ keyId: randomUUID() as never, keyType, key: contentKey })),
          issueDate: timeInZone(day, 'UTC'),
        },
        nodeCryptography,
        randomBytes,
      );
      if (!issuer.ok) throw new Error(issuer.findings.map((each) => each.code).join());
      const window = {
        notBefore: timeInZone(day - 3_600_000, 'UTC'),
        notAfter: timeInZone(day + 9e8, 'UTC'),
      };
      for await (const { outcome } of issueKdms(issuer.value, [
        { chain: recipient, window, formulation: 'modified-transitional-1' },
      ])) {
        if (outcome.ok) return outcome.value.bytes;
        throw new Error(outcome.findings.map((each) => each.code).join());
      }
      throw new Error('nothing was issued');
    };
    const params = { id: stored.id };
    const send = async (bytes: Uint8Array) =>
      house.client.distribution.takeDkdm({
        params,
        body: { fileId: await upload(house, 'dkdm.xml', bytes) },
      });
    const [composition] = stored.compositions;
    expect(await refusalCodes(send(await message(theirs.value, composition!.id)))).toContain(
      'mismatched_recipient',
    );
    expect(await refusalCodes(send(await message(chain.value, randomUUID())))).toEqual([
      'foreign_composition',
    ]);
    const done = await send(await message(chain.value, composition!.id));
    expect(done.keys).toBe(2);
    await jobEnded(house, done.jobId);
    const { database, vault, settings } = server.network.running.kernel;
    const custody = openCustody({ database, vault, keepers: settings.keepers });
    const kept = await openContentKeys({ database, custody }, stored.id);
    expect(kept.map((each) => Buffer.from(each.key).equals(Buffer.from(contentKey)))).toEqual([
      true,
      true,
    ]);
    const files = await sql<{ sealed_key: Buffer }>`
      select sealed_key from distribution.content_key`.execute(database);
    expect(files.rows.some((each) => each.sealed_key.includes(Buffer.from(contentKey)))).toBe(
      false,
    );
  });

  it('[HT21] judges by the profile of the film’s release, as the house wants it', async () => {
    const { releases } = house.client;
    const day = new Date().toISOString().slice(0, 10);
    const plan = {
      versions: [{ filmVersionId: versionId, format: '2D', filmCode: '001100012026' }],
      periods: [
        {
          kind: 'run' as const,
          from: day,
          to: day,
          standards: [{ format: '2D', cityClass: 'A', fen: '3500' }],
        },
      ],
      cityClasses: [{ name: 'A', cities: [] }],
      packageProfile: { base: 'auto' as const, severities: {} },
    };
    const draft = await releases.create({ body: { filmId, plan } });
    const params = { id: draft.id };
    const first = await releases.announce({ params, body: { version: draft.version } });
    const taken = await take(folder('smpte-plain-unsigned'));
    expect(taken).toMatchObject({ state: 'passed', profile: 'auto' });
    const minor = taken.findings.find((each) => each.code === 'mismatched_name');
    const severities = { [minor!.code]: 'error' as const };
    const changed = await releases.update({
      params,
      body: {
        version: first.version,
        plan: { ...plan, packageProfile: { base: 'auto', severities } },
      },
    });
    expect(changed.changes.map((each) => each.path)).toContainEqual([
      'packageProfile',
      minor!.code,
    ]);
    await releases.announce({ params, body: { version: changed.version } });
    const { jobId } = await house.client.distribution.check({ params: { id: taken.id } });
    await jobEnded(house, jobId);
    const again = await house.client.distribution.package({ params: { id: taken.id } });
    expect(again.state).toBe('failed');
    const ask = async (version: number, house: string) =>
      releases.update({
        params,
        body: {
          version,
          plan: { ...plan, packageProfile: { base: 'auto' as const, severities: {}, house } },
        },
      });
    const current = await releases.get({ params });
    const wrong = await ask(current.version, 'limits: { leqM: loud }');
    expect(wrong.findings).toMatchObject([{ code: 'invalid_house_profile' }]);
    const refused = releases.announce({ params, body: { version: wrong.version } });
    await expect(refused).rejects.toThrow();
    const right = await ask(wrong.version, 'limits: { minutes: { least: 60 } }');
    expect(right.changes.map((each) => each.path)).toContainEqual(['packageProfile', 'house']);
    await releases.announce({ params, body: { version: right.version } });
    const { jobId: next } = await house.client.distribution.check({ params: { id: taken.id } });
    await jobEnded(house, next);
    const short = await house.client.distribution.package({ params: { id: taken.id } });
    expect(short.state).toBe('failed');
    expect(short.findings.map((each) => each.code)).toContain('insufficient_measure');
  });
});

async function waitFor<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
