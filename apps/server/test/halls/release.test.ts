import { randomUUID } from 'node:crypto';
import { addDays } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, cinemaFields, makeMaker, problemOf, refusalCodes } from './support.ts';

const today = new Date().toISOString().slice(0, 10);
const run = { from: addDays(today, -1), to: addDays(today, 20) };

describe('releases, bookings and the board', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let circuit: TestPerson;
  let other: TestPerson;
  let filmId = '';
  let versionId = '';
  let circuitId = '';
  const cinemas: { id: string; screenIds: string[] }[] = [];
  const packageId = randomUUID();

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '远山发行');
    circuit = await server.newOrganisation('circuit', '白云院线');
    other = await server.newOrganisation('circuit', '他家院线');
    const film = await distributor.client.film.create({
      body: {
        title: '长夜',
        versions: [
          {
            format: '2D',
            filmCode: '001100012026',
            audioLanguage: null,
            subtitleLanguages: [],
            runtimeSeconds: null,
          },
        ],
      },
    });
    filmId = film.id;
    versionId = film.versions[0]!.id;
    const { exhibition } = circuit.client;
    const made = await exhibition.createCircuit({
      body: { name: '白云院线', code: null, organisationId: circuit.organisationId },
    });
    circuitId = made.id;
    const maker = await makeMaker();
    for (const [index, city] of ['北京', '长沙'].entries()) {
      const cinema = await exhibition.createCinema({
        body: cinemaFields({
          name: `影院${index + 1}`,
          code: `1104680${index + 1}`,
          circuitId,
          city,
          province: city,
        }),
      });
      const screenIds: string[] = [];
      for (const name of ['1', '2']) {
        const screen = await exhibition.createScreen({
          body: { cinemaId: cinema.id, name, number: Number(name), seats: 100, formats: [] },
        });
        screenIds.push(screen.id);
        // The second cinema's second screen has no certificate.
        if (index === 1 && name === '2') continue;
        const device = await maker.device(`${index}-${name}`);
        await exhibition.installDevice({
          params: { id: screen.id },
          body: {
            kind: 'media_block',
            maker: null,
            model: null,
            serial: null,
            certificatePem: device.pem,
          },
        });
      }
      cinemas.push({ id: cinema.id, screenIds });
    }
  });
  afterAll(() => server.close());

  const plan = (to = run.to) => ({
    versions: [{ filmVersionId: versionId, format: '2D', filmCode: '001100012026' }],
    periods: [
      {
        kind: 'run' as const,
        from: run.from,
        to,
        standards: [
          { format: '2D', cityClass: 'A', fen: '3500' },
          { format: '2D', cityClass: 'B', fen: '3000' },
        ],
      },
    ],
    cityClasses: [
      { name: 'A', cities: ['北京'] },
      { name: 'B', cities: [] },
    ],
  });
  let releaseId = '';

  it('[HG1] announces a plan in revisions and says what each changed', async () => {
    const { releases } = distributor.client;
    const draft = await releases.create({ body: { filmId, plan: { ...plan(), versions: [] } } });
    releaseId = draft.id;
    expect(draft.findings.map((each) => each.code)).toContain('missing_release_version');
    const announce = (version: number) =>
      releases.announce({ params: { id: releaseId }, body: { version } });
    expect(await refusalCodes(announce(draft.version))).toContain('missing_release_version');
    const ready = await releases.update({
      params: { id: releaseId },
      body: { plan: plan(), version: draft.version },
    });
    const stale = releases.update({
      params: { id: releaseId },
      body: { plan: plan(), version: draft.version },
    });
    expect((await problemOf(stale)).code).toBe('conflict');
    const first = await announce(ready.version);
    expect(first).toMatchObject({ revision: 1, state: 'announced', changes: [] });
    expect(await refusalCodes(announce(first.version))).toEqual(['unchanged_release']);
    const longer = await releases.update({
      params: { id: releaseId },
      body: { plan: plan(addDays(run.to, 10)), version: first.version },
    });
    const change = { path: ['periods', 'run 1', 'to'], before: run.to, after: addDays(run.to, 10) };
    expect(longer.changes).toEqual([change]);
    const second = await announce(longer.version);
    expect(second).toMatchObject({ revision: 2, changes: [] });
    const { rows } = await releases.revisions({ params: { id: releaseId } });
    expect(rows.map((each) => [each.revision, each.changes])).toEqual([
      [2, [change]],
      [1, []],
    ]);
    const foreign = { ...plan(), versions: [{ ...plan().versions[0]!, filmVersionId: filmId }] };
    const wrong = await releases.update({
      params: { id: releaseId },
      body: { plan: foreign, version: second.version },
    });
    expect(wrong.findings.map((each) => each.code)).toContain('foreign_version');
    await releases.update({
      params: { id: releaseId },
      body: { plan: plan(addDays(run.to, 10)), version: wrong.version },
    });
  });

  it('[HG2] prints the notice of each revision', async () => {
    const page = async (query: object) =>
      Buffer.from(
        await bytesOf(
          await distributor.client.releases.notice({ params: { id: releaseId }, query }),
        ),
      ).toString('utf8');
    expect(await page({})).toContain(addDays(run.to, 10));
    expect(await page({ revision: 1, language: 'en' })).toContain('Distribution notice');
    expect(await page({ revision: 1 })).not.toContain(addDays(run.to, 10));
    const none = distributor.client.releases.notice({
      params: { id: releaseId },
      query: { revision: 9 },
    });
    expect((await problemOf(none)).code).toBe('not_found');
  });

  const list = async (who: TestPerson) =>
    (await who.client.bookings.list({ query: { releaseId } })).rows;

  it('[HG3] offers a film to a circuit once, and hides it from others', async () => {
    const offer = () =>
      distributor.client.bookings.offer({
        body: { releaseId, filmVersionId: versionId, circuitIds: [circuitId] },
      });
    expect(
      await problemOf(circuit.client.releases.get({ params: { id: releaseId } })),
    ).toMatchObject({ code: 'not_found' });
    expect((await offer()).offered).toBe(2);
    const again = await offer();
    expect([again.offered, again.skipped.map((each) => each.findings[0]?.code)]).toEqual([
      0,
      ['doubled_booking', 'doubled_booking'],
    ]);
    expect(
      (await list(circuit)).map((each) => [each.cinemaName, each.state, each.actions]),
    ).toEqual(expect.arrayContaining([['影院1', 'offered', ['accept', 'decline']]]));
    expect(await list(other)).toEqual([]);
    expect((await circuit.client.releases.get({ params: { id: releaseId } })).revision).toBe(2);
    const outside = await distributor.client.bookings.offer({
      body: {
        releaseId,
        filmVersionId: versionId,
        cinemaIds: [cinemas[0]!.id],
        to: addDays(run.to, 11),
      },
    });
    expect(outside.skipped[0]?.findings.map((each) => each.code)).toEqual([
      'foreign_booking_dates',
    ]);
  });

  it('[HG4] lets each side go its own ways, and writes down every step', async () => {
    const { bookings } = distributor.client;
    const ids = (await list(distributor)).map((each) => each.id);
    const early = await bookings.decide({ body: { action: 'confirm', bookingIds: ids } });
    expect(early.changed).toBe(0);
    expect(early.refused.map((each) => each.findings[0]?.code)).toEqual([
      'unexpected_action',
      'unexpected_action',
    ]);
    const foreign = other.client.bookings.answer({ body: { action: 'accept', bookingIds: ids } });
    expect((await problemOf(foreign)).code).toBe('not_found');
    const own = distributor.client.bookings.answer({ body: { action: 'accept', bookingIds: ids } });
    expect((await problemOf(own)).code).toBe('not_allowed');
    const answered = await circuit.client.bookings.answer({
      body: { action: 'accept', bookingIds: ids, note: '好' },
    });
    expect(answered).toEqual({ changed: 2, refused: [] });
    const confirmed = await bookings.decide({ body: { action: 'confirm', bookingIds: ids } });
    expect(confirmed.changed).toBe(1);
    expect(confirmed.refused.flatMap((each) => each.findings.map((one) => one.code))).toEqual([
      'missing_screen_certificate',
    ]);
    const [first] = (await list(circuit)).filter((each) => each.state === 'confirmed');
    const { rows } = await circuit.client.bookings.history({ params: { id: first!.id } });
    expect(rows.map((each) => [each.action, each.side, each.state])).toEqual([
      ['offer', 'distributor', 'offered'],
      ['accept', 'cinema', 'accepted'],
      ['confirm', 'distributor', 'confirmed'],
    ]);
    const [second] = (await list(circuit)).filter((each) => each.state === 'accepted');
    const move = (screenIds: string[]) =>
      circuit.client.bookings.answer({
        body: { action: 'move', bookingIds: [second!.id], screenIds },
      });
    expect((await move([cinemas[0]!.screenIds[0]!])).refused[0]?.findings[0]?.code).toBe(
      'foreign_screen',
    );
    expect((await move([cinemas[1]!.screenIds[0]!])).changed).toBe(1);
    const later = await bookings.decide({ body: { action: 'confirm', bookingIds: [second!.id] } });
    expect(later.changed).toBe(1);
    const held = await bookings.decide({
      body: { action: 'hold_over', bookingIds: [first!.id], to: addDays(run.to, 30) },
    });
    expect(held.refused[0]?.findings[0]?.code).toBe('foreign_booking_dates');
  });

  it('[KN11] gives each side the bookings it sees as a sheet, and a stranger none', async () => {
    const sheet = async (person: TestPerson) => {
      const answer = await person.send('/api/distribution/bookings?sheet=csv&limit=1');
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toContain('bookings.csv');
      return (await answer.text()).trimEnd().split('\r\n').slice(1);
    };
    expect(await sheet(distributor)).toHaveLength((await list(distributor)).length);
    expect((await sheet(circuit)).length).toBeGreaterThan(1);
    expect(await sheet(other)).toEqual([]);
    const nobody = await server.app.request('/api/distribution/bookings?sheet=csv');
    expect(nobody.status).toBe(401);
    expect((await distributor.send('/api/distribution/bookings?sheet=pdf')).status).toBe(422);
  });

  it('[HG5] finds the screens that lack a key, from the bookings alone', async () => {
    const ask = () =>
      distributor.client.releases.missingKeys({
        params: { id: releaseId },
        query: {},
      });
    expect(new Set((await ask()).rows.map((each) => each.reason))).toEqual(
      new Set(['missing_package']),
    );
    await sql`
      insert into distribution.package (id, organisation_id, film_id, film_version_id, title,
        standard, state, encrypted, options)
      values (${packageId}, ${distributor.organisationId}, ${filmId}, ${versionId}, '长夜',
        'smpte', 'passed', true, '{}')`.execute(server.network.running.kernel.database);
    const { rows, total } = await ask();
    expect(total).toBe(3);
    expect(new Set(rows.map((each) => each.reason))).toEqual(new Set(['missing_key']));
    expect(rows[0]).toMatchObject({
      packageId,
      opens: `${addDays(run.from, -1)}T12:00`,
      closes: `${addDays(run.to, 11)}T06:00`,
    });
    const ordered = await distributor.client.releases.issueKeys({
      params: { id: releaseId },
      body: {},
    });
    expect([ordered.screens, ordered.jobIds.length]).toEqual([3, 1]);
    const foreign = circuit.client.releases.issueKeys({ params: { id: releaseId }, body: {} });
    expect((await problemOf(foreign)).code).toBe('not_allowed');
  });

  const board = async (who: TestPerson) => who.client.shows.board({ query: {} });
  const programme = (body: object) =>
    circuit.client.shows.programme({
      params: { id: cinemas[0]!.id },
      body: { from: today, to: addDays(today, 2), shows: [], ...body },
    });

  it('[HG6] puts what will not start first, for the cinema and for the distributor', async () => {
    const start = `${addDays(today, 1)}T19:30`;
    const shows = [
      { screen: '1', filmCode: '001100012026', start, minutes: 120 },
      {
        screen: '1',
        filmCode: '',
        title: '别的影片',
        start: `${addDays(today, 1)}T20:00`,
        minutes: 90,
      },
    ];
    expect(await refusalCodes(programme({ shows: [{ ...shows[0]!, screen: '9' }] }))).toEqual([
      'unknown_screen',
    ]);
    // A short show within a long one hides no third.
    const third = { ...shows[0]!, start: `${addDays(today, 1)}T21:00` };
    const crowded = await programme({ shows: [shows[0]!, { ...shows[1]!, minutes: 10 }, third] });
    const overlapping = crowded.findings.filter((each) => each.code === 'overlapping_shows');
    expect(overlapping).toHaveLength(2);
    const taken = await programme({ shows });
    expect([taken.taken, taken.findings.map((each) => each.code)]).toEqual([
      2,
      ['unknown_film', 'overlapping_shows'],
    ]);
    const seen = await board(distributor);
    expect([
      seen.red,
      seen.rows.map((each) => [
        each.filmTitle,
        each.worst,
        each.localStart,
        each.findings.map((one) => one.code),
      ]),
    ]).toEqual([1, [['长夜', 'red', start, ['unknown_package_place', 'missing_key']]]]);
    const tomorrow = { from: addDays(today, 1), days: 1 };
    const days = await circuit.client.calendar.days({ query: tomorrow });
    expect(days.rows[0]!.days[0]).toMatchObject({
      worst: 'red',
      shows: [{ light: 'red' }, { light: null, filmTitle: '别的影片' }],
    });
    // Another house's film is no more than named: the network knows nothing of it.
    const all = (await board(circuit)).rows;
    expect(all.map((each) => [each.worst, each.findings.at(-1)?.code])).toEqual([
      ['red', 'missing_key'],
      ['green', 'unjudged_show'],
    ]);
    expect((await board(other)).rows).toEqual([]);
  });

  it('[HG7] turns its lights when keys and devices change', async () => {
    const [show] = (await board(distributor)).rows;
    const { database } = server.network.running.kernel;
    const key = async (thumbprint: string) =>
      sql`
      insert into distribution.key (id, package_id, composition_id, organisation_id, screen_id,
        device_id, device_thumbprint, not_before, not_after, file_id, job_id, issued_by)
      select ${randomUUID()}, ${packageId}, ${randomUUID()}, ${distributor.organisationId},
        ${show!.screenId}, device.id, ${thumbprint}, now() - interval '1 day',
        now() + interval '9 days', (select id from kernel.file limit 1), ${randomUUID()},
        ${distributor.userId}
      from exhibition.device where screen_id = ${show!.screenId} and removed_at is null
    `.execute(database);
    await sql`insert into kernel.file (id, organisation_id, name, media_type, size_bytes, digest)
      values (${randomUUID()}, ${distributor.organisationId}, 'k', 'application/xml', 1,
        ${`sha256:${'0'.repeat(64)}`})`.execute(database);
    const screen = (
      await circuit.client.exhibition.screens({
        query: { cinemaId: cinemas[0]!.id },
      })
    ).rows.find((each) => each.id === show!.screenId);
    await key(screen!.device!.certificate!.thumbprint);
    const device = await (await makeMaker()).device('new');
    // Any word of the screen makes the board look again; here nothing but a new device.
    await circuit.client.exhibition.installDevice({
      params: { id: show!.screenId },
      body: {
        kind: 'media_block',
        maker: null,
        model: null,
        serial: null,
        certificatePem: device.pem,
      },
    });
    const now = (await board(distributor)).rows[0];
    expect([now?.key, now?.findings.map((each) => each.code)]).toEqual([
      'red',
      ['unknown_package_place', 'replaced_device'],
    ]);
  });

  it('[HG8] lets a cinema ask for help about its own show', async () => {
    const [show] = (await board(circuit)).rows;
    await circuit.client.shows.help({ params: { id: show!.id }, body: {} });
    expect(
      (await board(circuit)).rows.find((each) => each.id === show!.id)?.helpAskedAt,
    ).not.toBeNull();
    const foreign = other.client.shows.help({ params: { id: show!.id }, body: {} });
    expect((await problemOf(foreign)).code).toBe('not_found');
  });

  it('[HN15] judges standing bookings again when a revision shortens the run', async () => {
    const { releases } = distributor.client;
    const params = { id: releaseId };
    const announce = async (to: string) => {
      const { version } = await releases.get({ params });
      const changed = await releases.update({ params, body: { plan: plan(to), version } });
      await releases.announce({ params, body: { version: changed.version } });
      const standing = (await list(circuit)).filter((each) => each.state === 'confirmed');
      return standing.map((each) => each.conflicts.map((one) => one.code));
    };
    const conflict = ['foreign_booking_dates'];
    expect(await announce(run.from)).toEqual([conflict, conflict]);
    expect(await announce(addDays(run.to, 10))).toEqual([[], []]);
  });

  it('[HG9] ends the bookings of a release that is withdrawn', async () => {
    const { releases } = distributor.client;
    const { version } = await releases.get({ params: { id: releaseId } });
    const ended = await releases.withdraw({ params: { id: releaseId }, body: { version } });
    expect([ended.state, ended.bookings.confirmed, ended.bookings.cancelled]).toEqual([
      'withdrawn',
      0,
      2,
    ]);
    const again = releases.announce({
      params: { id: releaseId },
      body: { version: ended.version },
    });
    expect(await refusalCodes(again)).toEqual(['withdrawn_release']);
  });
});
