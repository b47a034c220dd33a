import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { addDays } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, problemOf, upload } from './support.ts';

const today = new Date().toISOString().slice(0, 10);
const PIECE_BYTES = 4 * 1024 * 1024;

describe('delivery to cinemas', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let circuit: TestPerson;
  const sites: { id: string; token: string; cinemaId: string }[] = [];
  const packageId = randomUUID();
  const bytes = randomBytes(PIECE_BYTES + 1000);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  const ask = (token: string, path: string, init: RequestInit = {}) =>
    server.stranger.send(path, {
      ...init,
      headers: { authorization: `Site ${token}`, ...(init.headers as object) },
    });

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor');
    circuit = await server.newOrganisation('circuit');
    const film = await distributor.client.film.create({
      body: {
        title: '远路',
        versions: [
          {
            format: '2D',
            filmCode: '001100022026',
            audioLanguage: null,
            subtitleLanguages: [],
            runtimeSeconds: null,
          },
        ],
      },
    });
    const filmVersionId = film.versions[0]!.id;
    const { exhibition } = circuit.client;
    for (const name of ['甲', '乙']) {
      const cinema = await exhibition.createCinema({
        body: cinemaFields({
          name,
          organisationId: circuit.organisationId,
        }),
      });
      await exhibition.createScreen({
        body: { cinemaId: cinema.id, name: '1', number: 1, seats: 9, formats: [] },
      });
      const made = await circuit.client.sites.create({ body: { cinemaId: cinema.id, name } });
      sites.push({ id: made.site.id, token: made.token, cinemaId: cinema.id });
    }
    const fileId = await upload(distributor, 'pic.mxf', new Uint8Array(bytes));
    const { database } = server.network.running.kernel;
    await sql`insert into distribution.package (id, organisation_id, film_id, film_version_id,
      title, standard, state, encrypted, options) values (${packageId},
      ${distributor.organisationId}, ${film.id}, ${filmVersionId}, '远路_FTR', 'smpte', 'passed',
      false, '{}')`.execute(database);
    await sql`insert into distribution.package_file
      values (${packageId}, 'pic.mxf', ${fileId})`.execute(database);
    await bookAndShow(film.id, filmVersionId);
  });
  afterAll(() => server.close());

  /** A release of one version, booked and confirmed for the first cinema, with one show. */
  async function bookAndShow(filmId: string, filmVersionId: string): Promise<void> {
    const plan = {
      versions: [{ filmVersionId, format: '2D', filmCode: '001100022026' }],
      periods: [{ kind: 'run' as const, from: today, to: addDays(today, 9) }],
    };
    const { releases, bookings } = distributor.client;
    const release = await releases.create({ body: { filmId, plan } });
    await releases.announce({ params: { id: release.id }, body: { version: 1 } });
    await bookings.offer({
      body: { releaseId: release.id, filmVersionId, cinemaIds: [sites[0]!.cinemaId] },
    });
    const [booking] = (await bookings.list({ query: {} })).rows;
    const bookingIds = [booking!.id];
    await circuit.client.bookings.answer({ body: { action: 'accept', bookingIds } });
    await bookings.decide({ body: { action: 'confirm', bookingIds } });
    await circuit.client.shows.programme({
      params: { id: sites[0]!.cinemaId },
      body: {
        from: today,
        to: addDays(today, 1),
        shows: [
          {
            screen: '1',
            filmCode: '001100022026',
            start: `${addDays(today, 1)}T20:00`,
            minutes: 100,
          },
        ],
      },
    });
  }

  const worst = async () =>
    (await circuit.client.shows.board({ query: {} })).rows.map((each) => [
      each.worst,
      ...each.findings.map((one) => one.code),
    ]);

  it('[HG10] opens to a credential its own cinema and nothing else', async () => {
    const [own, other] = sites as [(typeof sites)[0], (typeof sites)[0]];
    const work = (await (await ask(own.token, '/api/site/work')).json()) as {
      packages: { id: string; files: { digest: string }[] }[];
    };
    expect(work.packages.map((each) => [each.id, each.files[0]?.digest])).toEqual([
      [packageId, digest],
    ]);
    const none = (await (await ask(other.token, '/api/site/work')).json()) as {
      packages: unknown[];
    };
    expect(none.packages).toEqual([]);
    const paths = [`/api/site/files/${digest}`, `/api/site/pieces/${digest}`];
    for (const path of paths) {
      expect((await ask(other.token, path)).status).toBe(404);
      expect((await ask('yls_wrong-wrong-wrong-wrong', path)).status).toBe(401);
      expect((await server.stranger.send(path)).status).toBe(401);
    }
    // The credential is no session of a person, and a person's is no credential of a site.
    expect((await ask(own.token, '/api/distribution/releases')).status).toBe(401);
    expect((await distributor.send('/api/site/work')).status).toBe(401);
    const foreign = distributor.client.sites.create({
      body: { cinemaId: own.cinemaId, name: 'x' },
    });
    expect((await problemOf(foreign)).code).toBe('not_allowed');
  });

  it('[HG11] gives ranges of a file and the hashes of its pieces', async () => {
    const { token } = sites[0]!;
    const part = await ask(token, `/api/site/files/${digest}`, {
      headers: { range: 'bytes=5-104' },
    });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(5, 105))).toBe(true);
    for (let time = 0; time < 2; time++) {
      const pieces = (await (await ask(token, `/api/site/pieces/${digest}`)).json()) as {
        pieceBytes: number;
        hashes: string[];
      };
      expect(pieces.hashes).toEqual(
        [bytes.subarray(0, PIECE_BYTES), bytes.subarray(PIECE_BYTES)].map((each) =>
          createHash('sha256').update(each).digest('hex'),
        ),
      );
    }
    const beyond = await (await ask(token, `/api/site/pieces/${digest}?block=1`)).json();
    expect(beyond).toMatchObject({ hashes: [] });
  });

  const report = (token: string, state: string, heldBytes: number) =>
    ask(token, '/api/site/report', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        agentVersion: '1',
        now: new Date(Date.now() + 7_200_000).toISOString(),
        freeBytes: 10 ** 12,
        packages: [{ id: packageId, state, heldBytes }],
        keys: [],
      }),
    });

  it('[HG12] lights the board with what an agent says of its own cinema', async () => {
    const { token } = sites[0]!;
    expect(await worst()).toEqual([['red', 'missing_site_package']]);
    expect((await report(token, 'arriving', 4096)).status).toBe(204);
    expect(await worst()).toEqual([['amber', 'arriving_package']]);
    await report(sites[1]!.token, 'verified', bytes.length);
    expect(await worst()).toEqual([['amber', 'arriving_package']]);
    await report(token, 'verified', bytes.length);
    expect(await worst()).toEqual([['green']]);
    const [delivery] = (await distributor.client.sites.deliveries({ query: {} })).rows;
    expect(delivery).toMatchObject({
      state: 'verified',
      heldBytes: bytes.length,
      cinemaName: '甲',
    });
    const listed = (await circuit.client.sites.list({ query: {} })).rows.find(
      (each) => each.id === sites[0]!.id,
    )!;
    expect(Math.round(listed.clockOffsetMs! / 3_600_000)).toBe(2);
    expect((await distributor.client.sites.list({ query: {} })).rows).toEqual([]);
  });

  type Work = {
    packages: { id: string; paused: boolean; first: boolean; files: { digest: string }[] }[];
    neighbours: string[];
  };
  const workOf = async (token: string) =>
    (await (await ask(token, '/api/site/work')).json()) as Work;

  it('[HN2] holds a delivery back or puts it first, by the word of either side alone', async () => {
    const [own, other] = sites as [(typeof sites)[0], (typeof sites)[0]];
    const wish = { packageId, cinemaIds: [own.cinemaId] };
    expect(await distributor.client.sites.steer({ body: { ...wish, paused: true } })).toEqual({
      changed: 1,
    });
    expect((await workOf(own.token)).packages[0]).toMatchObject({ paused: true, first: false });
    const listed = await distributor.client.sites.deliveries({ query: { packageId } });
    expect(listed).toMatchObject({ total: 1, complete: 1 });
    expect(listed.rows[0]).toMatchObject({ paused: true, mine: 'sender' });
    // What is not said stays as it was.
    await circuit.client.sites.steerArrival({ body: { ...wish, first: true } });
    expect((await workOf(own.token)).packages[0]).toMatchObject({ paused: true, first: true });
    await circuit.client.sites.steerArrival({ body: { ...wish, paused: false } });
    expect((await workOf(own.token)).packages[0]).toMatchObject({ paused: false, first: true });
    const stranger = await server.newOrganisation('cinema');
    const sender = await server.newOrganisation('distributor');
    const refusals = [
      () => stranger.client.sites.steerArrival({ body: { ...wish, paused: true } }),
      () => sender.client.sites.steer({ body: { ...wish, paused: true } }),
      () => circuit.client.sites.steer({ body: { ...wish, paused: true } }),
      () => distributor.client.sites.steer({ body: { packageId, cinemaIds: [other.cinemaId] } }),
    ];
    for (const refusal of refusals) {
      expect(['not_found', 'not_allowed']).toContain((await problemOf(refusal())).code);
    }
    const viewer = await server.newMember(circuit, ['viewer']);
    const asViewer = viewer.client.sites.steerArrival({ body: { ...wish, paused: true } });
    expect((await problemOf(asViewer)).code).toBe('not_allowed');
    expect((await workOf(own.token)).packages[0]).toMatchObject({ paused: false });
  });

  it('[HN17] takes a site’s word about the original of a version that is booked', async () => {
    const { database } = server.network.running.kernel;
    const [versionId, originalId, versionFileId] = [randomUUID(), randomUUID(), randomUUID()];
    const [own] = sites as [(typeof sites)[0]];
    await sql`insert into film.version (id, film_id, ordinal, format)
      select ${versionId}, film_id, 7, '3D' from distribution.package where id = ${packageId}
    `.execute(database);
    const plant = (id: string, version: string | null, originals: string[]) =>
      sql`insert into distribution.package (id, organisation_id, film_id, film_version_id, title,
          standard, state, encrypted, options, original_ids)
        select ${id}, organisation_id, film_id, coalesce(${version}::uuid, film_version_id), title,
          standard, state, encrypted, options, ${originals}::uuid[]
        from distribution.package where id = ${packageId}`.execute(database);
    await plant(originalId, versionId, []);
    await plant(versionFileId, null, [originalId]);
    const say = (id: string) => ({ id, state: 'verified', heldBytes: 0 });
    const body = {
      agentVersion: 'test',
      now: new Date().toISOString(),
      freeBytes: 1,
      packages: [originalId, versionFileId].map(say),
      keys: [],
    };
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    expect((await ask(own.token, '/api/site/report', init)).status).toBe(204);
    const { rows } = await distributor.client.sites.deliveries({ query: {} });
    expect(rows.map((each) => each.state)).toEqual(['verified', 'verified']);
    const wish = { packageId: originalId, cinemaIds: [own.cinemaId], first: true };
    expect(await distributor.client.sites.steer({ body: wish })).toEqual({ changed: 1 });
    await sql`update distribution.package set withdrawn_at = now()
      where id = any(${[originalId, versionFileId]}::uuid[])`.execute(database);
    const work = (await (await ask(own.token, '/api/site/work')).json()) as Work & {
      withdrawn: string[];
    };
    const planted = [originalId, versionFileId];
    expect(work.withdrawn.toSorted()).toEqual(planted.toSorted());
    for (const table of ['site_package', 'delivery_steer']) {
      await sql`delete from ${sql.table(`distribution.${table}`)}
        where package_id = any(${planted}::uuid[])`.execute(database);
    }
    await sql`delete from distribution.package where id = any(${planted}::uuid[])`.execute(
      database,
    );
  });

  it('[HN3] gives a circuit’s box what its cinemas booked, and names it to them', async () => {
    const own = sites[0]!;
    const { exhibition } = circuit.client;
    const chain = await exhibition.createCircuit({
      body: { name: '院线', code: null, organisationId: circuit.organisationId },
    });
    const cinemaId = sites[1]!.cinemaId;
    const body = { cinemaId, name: '缓存', forCircuit: true };
    const early = await problemOf(circuit.client.sites.create({ body }));
    expect(early.findings?.map((each) => each.code)).toEqual(['foreign_circuit']);
    const { database } = server.network.running.kernel;
    const ids = sites.map((each) => each.cinemaId);
    await sql`update exhibition.cinema set circuit_id = ${chain.id}
      where id = any(${ids}::uuid[])`.execute(database);
    const cache = await circuit.client.sites.create({ body });
    expect((await workOf(cache.token)).packages.map((each) => each.id)).toEqual([packageId]);
    const file = await ask(cache.token, `/api/site/files/${digest}`, {
      headers: { range: 'bytes=0-9' },
    });
    expect(file.status).toBe(206);
    const sent = await ask(cache.token, '/api/site/report', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        agentVersion: '1',
        now: new Date().toISOString(),
        freeBytes: 1,
        packages: [],
        keys: [],
        shareUrl: 'http://10.0.0.7:4401',
      }),
    });
    expect(sent.status).toBe(204);
    // A box that was known before its cinema had a circuit is looked up again in a while.
    const again = await circuit.client.sites.create({
      body: { cinemaId: own.cinemaId, name: '新' },
    });
    expect((await workOf(again.token)).neighbours).toEqual(['http://10.0.0.7:4401']);
    await circuit.client.sites.revoke({ params: { id: cache.site.id } });
    expect((await workOf(again.token)).neighbours).toEqual([]);
    await circuit.client.sites.revoke({ params: { id: again.site.id } });
  });

  it('[HN4] refuses addresses of neighbours that lead anywhere', async () => {
    for (const shareUrl of [
      'file:///etc',
      'http://a/b',
      'http://u@a',
      'http://a?x',
      'http://a#x',
    ]) {
      const answer = await ask(sites[0]!.token, '/api/site/report', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          agentVersion: '1',
          now: new Date().toISOString(),
          freeBytes: 1,
          packages: [],
          keys: [],
          shareUrl,
        }),
      });
      expect(answer.status, shareUrl).toBe(422);
    }
  });

  it('[HG13] takes a withdrawn package from every site, and from who asks again', async () => {
    const { token } = sites[0]!;
    const params = { id: packageId };
    expect((await problemOf(circuit.client.sites.withdrawPackage({ params }))).code).toBe(
      'not_found',
    );
    await distributor.client.sites.withdrawPackage({ params });
    expect(await worst()).toEqual([['red', 'withdrawn_package']]);
    const work = async () => (await ask(token, '/api/site/work')).json();
    expect(await work()).toMatchObject({ packages: [], withdrawn: [packageId] });
    expect((await ask(token, `/api/site/files/${digest}`)).status).toBe(404);
    // The sender sees where it still lies, until the box says that it is gone.
    const recalls = async () =>
      (await distributor.client.sites.recalls({ query: { packageId } })).rows;
    const before = await recalls();
    const held = before.filter((each) => each.state === 'held').length;
    expect(held).toBeGreaterThan(0);
    await report(token, 'removed', 0);
    expect(await work()).toMatchObject({ packages: [], withdrawn: [] });
    const only = { query: { packageId, only: 'held' as const } };
    const left = await distributor.client.sites.recalls(only);
    expect([left.held, left.rows.length]).toEqual([held - 1, held - 1]);
    expect(await recalls()).toHaveLength(before.length);
    expect((await problemOf(distributor.client.sites.withdrawPackage({ params }))).code).toBe(
      'conflict',
    );
  });

  it('[HG14] shuts a revoked credential out at once', async () => {
    const { id, token } = sites[1]!;
    await circuit.client.sites.revoke({ params: { id } });
    expect((await ask(token, '/api/site/work')).status).toBe(401);
  });
});
