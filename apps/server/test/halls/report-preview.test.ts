import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, upload } from './support.ts';

const CODE = '43019061';
const FILM_CODE = '001109062026';
const DAY = '2026-10-01';

describe('a box-office file before it is sent', () => {
  let server: TestServer;
  let cinemaSide: TestPerson;

  beforeAll(async () => {
    server = await createTestServer();
    cinemaSide = await server.newOrganisation('cinema', '白石影城');
    await cinemaSide.client.film.create({
      body: {
        title: '长夜',
        versions: [
          {
            format: '2D',
            filmCode: FILM_CODE,
            audioLanguage: null,
            subtitleLanguages: [],
            runtimeSeconds: 7200,
          },
        ],
      },
    });
    const { exhibition } = cinemaSide.client;
    const { organisationId } = cinemaSide;
    const cinema = await exhibition.createCinema({
      body: cinemaFields({ name: '白石影城', code: CODE, organisationId }),
    });
    await exhibition.createScreen({
      body: { cinemaId: cinema.id, name: '1号厅', number: 1, seats: 100, formats: ['2D'] },
    });
  });
  afterAll(() => server.close());

  it('[HB26] tells what honest box office does not contain, by the register’s seats', async () => {
    const head = '影院编码,影片编码,影厅,放映日期,放映时间,渠道,人次,票房\n';
    const show = (start: string, channel: string, sold: number) =>
      `${CODE},${FILM_CODE},1,${DAY},${start},${channel},${sold},${sold * 40}.00\n`;
    const told = async (...rows: readonly string[]) => {
      const fileId = await upload(cinemaSide, 'shows.csv', head + rows.join(''));
      const { findings } = await cinemaSide.client.exhibition.previewReport({ body: { fileId } });
      return findings.filter((each) => each.facts['rows'] !== undefined);
    };
    const honest = [show('10:00', '窗口', 60), show('10:00', '网售', 40), show('12:30', '窗口', 9)];
    expect(await told(...honest)).toEqual([]);
    const odd = await told(...honest.slice(0, 2), show('11:00', '窗口', 5), show('10:00', '卡', 1));
    expect(odd.map(({ code, severity, facts }) => [code, severity, facts])).toEqual([
      [
        'oversold_screening',
        'warning',
        expect.objectContaining({ seats: 100, admissions: 101, rows: ['2', '3', '5'] }),
      ],
      ['overlapping_screenings', 'warning', expect.objectContaining({ filmMinutes: 120 })],
    ]);
  });
});
