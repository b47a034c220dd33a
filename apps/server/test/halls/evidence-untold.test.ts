import { addDays } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, jobEnded, upload } from './support.ts';

const FILM_CODE = '051a00392026';
const day = addDays(new Date().toISOString().slice(0, 10), -3);
const at = (clock: string) => Date.parse(`${day}T${clock}:00+08:00`);

describe('days of which not everything was told', () => {
  let server: TestServer;
  let cinemaSide: TestPerson;

  beforeAll(async () => {
    server = await createTestServer();
    cinemaSide = await server.newOrganisation('cinema', '白石影城');
    const distributor = await server.newOrganisation('distributor', '远山发行');
    const version = { format: '2D', filmCode: FILM_CODE, audioLanguage: null } as const;
    const versions = [{ ...version, subtitleLanguages: [], runtimeSeconds: 7200 }];
    const film = await distributor.client.film.create({ body: { title: '长夜', versions } });
    await distributor.client.rooms.admit({
      params: { id: film.id, organisationId: cinemaSide.organisationId },
      body: { halls: ['exhibition'] },
    });
  });
  afterAll(() => server.close());

  it('[HH18] finds no fault where nobody has told what was sold', async () => {
    const { exhibition, evidence } = cinemaSide.client;
    const { organisationId } = cinemaSide;
    const fields = { name: '白石二店', code: '43019055', organisationId };
    const other = await exhibition.createCinema({ body: cinemaFields(fields) });
    for (const name of ['1号厅', 'VIP']) {
      const number = name === 'VIP' ? 9 : 1;
      const screen = { cinemaId: other.id, name, number, seats: 100, formats: [] };
      await exhibition.createScreen({ body: screen });
    }
    const programme = `影厅,影片编码,影片,放映日期,开场时间\n1,${FILM_CODE},长夜,${day},19:30\n`;
    const fileId = await upload(cinemaSide, 'p.csv', programme);
    const taken = { fileId, cinemaId: other.id, commit: true };
    expect((await evidence.importProgramme({ body: taken })).findings).toEqual([]);
    const plays =
      'screen,title,start,end\n' +
      ['1', 'VIP']
        .map((screen) => {
          const [from, to] = [at('19:40'), at('21:40')].map((time) => new Date(time).toISOString());
          return `${screen},长夜,${from},${to}\n`;
        })
        .join('');
    const log = { fileId: await upload(cinemaSide, 'other.csv', plays), cinemaId: other.id };
    expect(await evidence.takeLog({ body: log })).toMatchObject({ fresh: 2, findings: [] });
    let told: unknown[] = [];
    const rules = async () => {
      const days = { from: day, to: day, cinemaId: other.id };
      const job = await cinemaSide.client.cases.examine({ body: days });
      told = (await jobEnded(cinemaSide, job.jobId!)).findings.map((each) => each.facts);
      const { rows } = await cinemaSide.client.cases.list({ query: { cinemaId: other.id } });
      return rows.filter((each) => each.state === 'open').map((each) => each.rule);
    };
    // The day before its box office came.
    expect(await rules()).toEqual([]);
    // As an older system writes it (GB18030), of one screen by its name alone.
    const words = [0xd3, 0xb0, 0xcc, 0xfc, 0x2c, 0xbf, 0xaa, 0xca, 0xbc, 0xca, 0xb1, 0xbc, 0xe4];
    const line = Buffer.from(`\n1,${day} 09:00\n`);
    const older = await evidence.takeLog({
      body: {
        fileId: await upload(cinemaSide, 'gbk.csv', new Uint8Array([...words, ...line])),
        cinemaId: other.id,
      },
    });
    expect(older).toMatchObject({ kind: 'table', fresh: 1, findings: [] });
    // Two screens that begin in one second are two plays, though no device is named.
    for (const screenName of ['1号厅', 'VIP']) {
      const { rows: screens } = await exhibition.screens({ query: { cinemaId: other.id } });
      const table = `title,start\n${screenName === 'VIP' ? 'x ' : 'x'},${day} 08:00\n`;
      const body = {
        fileId: await upload(cinemaSide, 'bare.csv', table),
        cinemaId: other.id,
        screenId: screens.find((each) => each.name === screenName)!.id,
      };
      expect(await evidence.takeLog({ body })).toMatchObject({ fresh: 1, findings: [] });
    }
    const sold = (halls: readonly string[]) =>
      [
        '{"format":"yinglian-box-office/1","level":"screening","source":"售票系统"}',
        ...halls.map((hall) =>
          JSON.stringify({
            cinemaCode: '43019055',
            filmCode: FILM_CODE,
            date: day,
            start: '19:30',
            hall,
            admissions: 40,
            grossFen: '140000',
          }),
        ),
      ].join('\n');
    const feed = (halls: readonly string[]) =>
      evidence.feedReport({ bytes: new TextEncoder().encode(sold(halls)) });
    // A hall that the register does not have may be any of them.
    await feed(['1号厅', '贵宾厅']);
    expect(await rules()).toEqual([]);
    expect(told).toEqual([{ cinema: '白石二店', halls: '贵宾厅' }]);
    // Two words for one hall are one session.
    await feed(['1']);
    expect(await rules()).toEqual([]);
  });
});
