import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, upload } from './support.ts';

const FILM_CODE = '001109072026';
const [ONE, TWO] = ['43019071', '43019072'];
const HEAD = '影院编码,影片编码,影厅,放映日期,放映时间,渠道,人次,票房\n';

describe('sums of all parties, level by level', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let filmId = '';

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '远山发行');
    const film = await distributor.client.film.create({
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
    filmId = film.id;
    const circuits = await server.newOrganisation('circuit', '甲院线');
    const circuit = await circuits.client.exhibition.createCircuit({
      body: { name: '甲院线', code: null, organisationId: circuits.organisationId },
    });
    await circuits.client.exhibition.createCinema({
      body: cinemaFields({
        name: '一号影城',
        code: ONE!,
        circuitId: circuit.id,
        organisationId: circuits.organisationId,
      }),
    });
  });
  afterAll(() => server.close());

  const row = (cinema: string, hall: string, start: string, sold: number, yuan = sold * 40) =>
    `${cinema},${FILM_CODE},${hall},2026-03-15,${start},,${sold},${yuan}.00\n`;
  const report = async (sender: string, ...rows: readonly string[]) => {
    const fileId = await upload(distributor, `${sender}.csv`, HEAD + rows.join(''));
    const made = await distributor.client.exhibition.importReport({
      body: { fileId, filmId, sender },
    });
    return made.id;
  };

  it('[HL14] shows every level, within the tolerance, sellers beside', async () => {
    const shows = [row(ONE!, '1', '19:00', 60), row(ONE!, '2', '20:00', 30)];
    const system = await report('售票系统', ...shows, row(TWO!, '1', '19:00', 10));
    // One yuan less in the first hall, a show of the second cinema under another hall.
    const circuit = await report(
      '院线',
      row(ONE!, '1', '19:00', 60, 2399),
      shows[1]!,
      row(TWO!, '3', '19:00', 10),
    );
    const seller = await report(
      '猫眼',
      row(ONE!, '1', '19:00', 20),
      row('43019079', '1', '9:00', 1),
    );
    const parties = [
      { name: '售票系统', role: 'ticketing' as const, reports: [system] },
      { name: '院线', role: 'circuit' as const, reports: [circuit] },
      { name: '猫眼', role: 'seller' as const, reports: [seller] },
    ];
    const { ledger } = distributor.client;
    const compared = async (toleranceFen: string) =>
      (await ledger.reconcile({ body: { filmId, parties, toleranceFen } })).id;
    const exact = await compared('0');
    const near = await compared('100');
    type Level = 'film' | 'circuit' | 'cinema' | 'day' | 'hall' | 'screening';
    const of = async (id: string, level: Level, differing = false) => {
      const query = { level, differing: String(differing) as 'true' | 'false' };
      const { rows } = await ledger.reconciliationLevels({ params: { id }, query });
      return rows.map((each) => [each.key.split('/').slice(1).join('/'), each.agrees] as const);
    };
    expect(await of(exact, 'film')).toEqual([['', false]]);
    expect(await of(near, 'film')).toEqual([['', true]]);
    // The circuit is known by the register where a cinema is in one.
    expect(await of(near, 'circuit')).toEqual([
      ['', true],
      ['甲院线', true],
    ]);
    expect(await of(near, 'cinema')).toEqual([
      [ONE, true],
      [TWO, true],
      // Only the seller knows it: nobody agrees with that.
      ['43019079', false],
    ]);
    expect(await of(exact, 'day', true)).toEqual([
      [`${ONE}/2026-03-15`, false],
      ['43019079/2026-03-15', false],
    ]);
    expect(await of(near, 'hall', true)).toEqual([
      [`${TWO}/2026-03-15/1`, false],
      [`${TWO}/2026-03-15/3`, false],
      ['43019079/2026-03-15/1', false],
    ]);
    const screenings = await of(near, 'screening');
    expect(screenings.filter(([, agrees]) => agrees)).toHaveLength(2);
    expect(screenings).toHaveLength(5);
    // Pages go on where the last one ended.
    const first = await ledger.reconciliationLevels({
      params: { id: near },
      query: { level: 'screening', limit: 3 },
    });
    const rest = await ledger.reconciliationLevels({
      params: { id: near },
      query: { level: 'screening', limit: 3, after: first.next! },
    });
    expect([first.rows.length, rest.rows.length, rest.next]).toEqual([3, 2, null]);
  });
});
