import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, problemOf, upload } from './support.ts';

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

  it('[HB27] reads a file as the last one of its sender, and tells changed headings', async () => {
    const { exhibition } = cinemaSide.client;
    const sent = async (text: string) => upload(cinemaSide, 'month.csv', text);
    const strange = await sent(`甲,乙,丙,丁,戊,己\n${CODE},${FILM_CODE},2026-10-11,2,30,900\n`);
    const refused = exhibition.previewReport({ body: { fileId: strange } });
    // The headings come with the refusal, so that somebody can say what they mean.
    const problem = await problemOf(refused);
    expect(problem.findings?.[0]?.facts['headings']).toEqual(['甲', '乙', '丙', '丁', '戊', '己']);
    const columns = {
      cinemaCode: '甲',
      filmCode: '乙',
      date: '丙',
      screenings: '丁',
      admissions: '戊',
      grossFen: '己',
    };
    const mapping = { level: 'day' as const, columns, moneyUnit: 'fen' as const };
    await exhibition.importReport({ body: { fileId: strange, mapping, sender: '万达院线' } });
    // Headings that everybody knows, but a sender who counts in fen.
    const head = '影院编码,影片编码,日期,场次,人次,票房';
    const plain = (day: string) =>
      sent(`${head}\n${CODE},${FILM_CODE},2026-10-${day},2,30,90000\n`);
    const first = await plain('12');
    const known = await exhibition.previewReport({ body: { fileId: first } });
    expect(known).toMatchObject({ grossFen: '9000000', senders: [], header: head.split(',') });
    const inFen = { ...known.mapping, moneyUnit: 'fen' as const };
    await exhibition.importReport({ body: { fileId: first, mapping: inFen, sender: '横店院线' } });
    const second = await plain('13');
    const body = { fileId: second, sender: '横店院线' };
    const offered = await exhibition.previewReport({ body: { fileId: second } });
    expect(offered.senders).toEqual([{ sender: '横店院线', applied: false }]);
    const applied = await exhibition.previewReport({ body });
    expect(applied).toMatchObject({ grossFen: '90000', senders: [{ applied: true }] });
    expect(applied.findings).toContainEqual(
      expect.objectContaining({ code: 'sender_mapping', facts: { sender: '横店院线' } }),
    );
    expect((await exhibition.importReport({ body })).grossFen).toBe('90000');
    const third = { fileId: await plain('14'), sender: '万达院线' };
    const changed = await exhibition.previewReport({ body: third });
    expect(changed.grossFen).toBe('9000000');
    expect(changed.findings.map((each) => each.code)).toContain('changed_headings');
    // Nobody else's senders are offered.
    const other = await server.newOrganisation('circuit', '他家院线');
    const theirs = await upload(other, 'x.csv', `${head}\n${CODE},${FILM_CODE},2026-10-15,2,3,9\n`);
    const shown = await other.client.exhibition.previewReport({ body: { fileId: theirs } });
    expect(shown.senders).toEqual([]);
  });
});
