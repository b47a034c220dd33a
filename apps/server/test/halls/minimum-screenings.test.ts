import { addDays } from '@yinglian/core';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../../cli/src/kernel/environment.ts';
import { registerBookings, registerReleases } from '../../../cli/src/network/releases.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, makeMaker, upload } from './support.ts';

const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const run = { from: addDays(today, -4), to: addDays(today, 3) };
const FILM_CODE = '001100022026';

describe('minimum screenings', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let cinemaSide: TestPerson;
  let stranger: TestPerson;
  let cinemaId = '';
  let screenId = '';
  let releaseId = '';

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '远山发行');
    cinemaSide = await server.newOrganisation('cinema', '白石影城');
    stranger = await server.newOrganisation('cinema', '别家影城');
    const version = {
      format: '2D' as const,
      filmCode: FILM_CODE,
      audioLanguage: null,
      subtitleLanguages: [],
      runtimeSeconds: 7200,
    };
    const film = await distributor.client.film.create({
      body: { title: '长夜', versions: [version] },
    });
    const { exhibition, shows } = cinemaSide.client;
    const { organisationId } = cinemaSide;
    const fields = cinemaFields({ name: '白石影城', code: '43019091', organisationId });
    cinemaId = (await exhibition.createCinema({ body: fields })).id;
    const hall = { cinemaId, name: '1号厅', number: 1, seats: 100, formats: [] };
    screenId = (await exhibition.createScreen({ body: hall })).id;
    const { pem } = await (await makeMaker()).device('m-1');
    await exhibition.installDevice({
      params: { id: screenId },
      body: { kind: 'media_block', maker: null, model: null, serial: null, certificatePem: pem },
    });
    const { releases, bookings } = distributor.client;
    const filmVersionId = film.versions[0]!.id;
    const plan = {
      versions: [{ filmVersionId, format: '2D', filmCode: FILM_CODE }],
      periods: [{ kind: 'run' as const, ...run, standards: [] }],
      minimumScreenings: [{ ...run, perDay: 2 }],
    };
    const { id, version: number } = await releases.create({ body: { filmId: film.id, plan } });
    releaseId = id;
    await releases.announce({ params: { id }, body: { version: number } });
    await bookings.offer({ body: { releaseId, filmVersionId, cinemaIds: [cinemaId] } });
    const bookingIds = (await bookings.list({ query: {} })).rows.map((each) => each.id);
    await cinemaSide.client.bookings.answer({ body: { action: 'accept', bookingIds } });
    const done = await bookings.decide({ body: { action: 'confirm', bookingIds } });
    expect(done.refused).toEqual([]);
    // Two shows a day are planned, one of them tomorrow; the day after has another film alone.
    const planned: [days: number, clock: string, filmCode: string][] = [
      ...[-4, -3, -2, -1, 0].flatMap((days): [number, string, string][] => [
        [days, '13:00', FILM_CODE],
        [days, '19:30', FILM_CODE],
      ]),
      [1, '19:30', FILM_CODE],
      [2, '19:30', ''],
    ];
    await shows.programme({
      params: { id: cinemaId },
      body: {
        ...run,
        shows: planned.map(([days, clock, filmCode]) => ({
          screen: '1号厅',
          filmCode,
          title: '片',
          start: `${addDays(today, days)}T${clock}`,
          minutes: 120,
        })),
      },
    });
  });
  afterAll(() => server.close());

  const screenings = async (who: TestPerson, query: { only?: 'short' } = {}) =>
    (await who.client.bookings.screenings({ query: { ...query, releaseId } })).rows;

  it('[HG15] judges booked days by the programme while no log tells of them', async () => {
    const [row] = await screenings(distributor);
    expect(row).toMatchObject({
      cinemaName: '白石影城',
      promised: 16,
      played: null,
      missing: 3,
      state: 'planned_short',
    });
    expect(row!.short.map((each) => [each.from, each.planned])).toEqual([
      [addDays(today, 1), 1],
      [addDays(today, 2), 0],
    ]);
    expect(row!.findings).toMatchObject([{ code: 'short_programme', facts: { missing: 3 } }]);
    expect(await screenings(cinemaSide, { only: 'short' })).toEqual([row]);
    expect(await screenings(stranger)).toEqual([]);
  });

  it('[HG15] counts what was played where the log is whole, a night with its evening', async () => {
    const play = (days: number, clock: string, minutes: number) => {
      const start = Date.parse(`${addDays(today, days)}T${clock}:00+08:00`);
      return [start, start + minutes * 60_000]
        .map((each) => new Date(each + 8 * 3_600_000).toISOString().slice(0, 19))
        .join(',');
    };
    const plays = [
      play(-4, '11:00', 120),
      play(-4, '13:00', 120),
      play(-3, '19:30', 120),
      play(-2, '00:40', 120),
      // A test of sound is no screening.
      play(-2, '10:00', 5),
      play(-2, '19:30', 120),
      play(-1, '13:00', 120),
      play(-1, '19:30', 120),
    ];
    const lines = plays.map((each) => `P-1,长夜,${each.replaceAll('T', ' ')},完成\n`).join('');
    const text = `设备,影片,开始时间,结束时间,状态\n${lines}`;
    const fileId = await upload(cinemaSide, 'plays.csv', text);
    await cinemaSide.client.evidence.takeLog({ body: { fileId, cinemaId, screenId } });
    const [row] = await screenings(distributor, { only: 'short' });
    expect(row!.state).toBe('short');
    expect(row!.short[0]).toMatchObject({
      from: addDays(today, -2),
      promised: 2,
      played: 1,
      state: 'short',
    });
    const found = row!.findings.map((each) => [each.code, each.facts['missing']]);
    expect(found).toEqual([
      ['short_screenings', 1],
      ['short_programme', 3],
    ]);
  });

  /** Runs one command as its own program does, against this network; gives its answer. */
  const command = async (who: TestPerson, ...words: string[]) => {
    let answered: unknown;
    let code = 0;
    const quiet = () => undefined;
    const environment = {
      server: () => ({ client: who.client, baseUrl: '' }),
      texts: () => Promise.resolve({}),
      exit: (given: number) => void (code = given),
      terminal: () => ({
        answer: (value: unknown) => void (answered = value),
        say: quiet,
        remark: quiet,
        table: quiet,
        words: (_: string, english: string) => english,
      }),
    } as unknown as Environment;
    const program = new Command().exitOverride();
    registerReleases(program, environment);
    registerBookings(program, environment);
    await program.parseAsync(words, { from: 'user' });
    return { code, answer: answered as { rows: Record<string, unknown>[]; changed: number } };
  };

  it('[HG16] moves bookings and tells of them from the command line', async () => {
    const short = await command(distributor, 'release', 'screenings', releaseId, '--short');
    expect([short.code, short.answer.rows.length]).toEqual([1, 1]);
    const changes = await command(distributor, 'release', 'changes', releaseId);
    expect(changes.answer).toMatchObject({ draft: [], rows: [{ revision: 1 }] });
    const { rows } = (await command(cinemaSide, 'booking', 'list')).answer;
    const id = String(rows[0]!['id']);
    const moved = await command(cinemaSide, 'booking', 'move', id, screenId, '--as-cinema');
    expect([moved.code, moved.answer.changed]).toEqual([0, 1]);
    const history = await command(cinemaSide, 'booking', 'history', id);
    expect(history.answer.rows.at(-1)).toMatchObject({ action: 'move', side: 'cinema' });
  });

  it('[HG15] goes from page to page by cinema', async () => {
    const page = await distributor.client.bookings.screenings({ query: { limit: 1 } });
    expect([page.rows.length, page.next]).toEqual([1, null]);
    const after = Buffer.from(JSON.stringify([cinemaId, releaseId])).toString('base64url');
    const next = await distributor.client.bookings.screenings({ query: { after } });
    expect(next.rows).toEqual([]);
  });
});
