import { addDays } from '@yinglian/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { cinemaFields, jobEnded, upload } from './support.ts';

const FILM_CODE = '051a00432026';
const day = addDays(new Date().toISOString().slice(0, 10), -3);
const CODES = ['43019061', '43019062', '43019063'] as const;

describe('takings across a circuit', () => {
  let server: TestServer;
  let circuit: TestPerson;

  beforeAll(async () => {
    server = await createTestServer();
    circuit = await server.newOrganisation('circuit', '橘洲院线');
    const version = {
      format: '2D' as const,
      filmCode: FILM_CODE,
      audioLanguage: null,
      subtitleLanguages: [],
      runtimeSeconds: 7200,
    };
    await circuit.client.film.create({ body: { title: '长夜', versions: [version] } });
    const { exhibition } = circuit.client;
    const { organisationId } = circuit;
    const made = await exhibition.createCircuit({
      body: { name: '橘洲院线', code: null, organisationId },
    });
    for (const code of CODES) {
      const cinema = await exhibition.createCinema({
        body: cinemaFields({ name: `影城${code}`, code, circuitId: made.id }),
      });
      const hall = { cinemaId: cinema.id, name: '1号厅', number: 1, seats: 200, formats: [] };
      await exhibition.createScreen({ body: hall });
    }
    const sold = [20, 31, 44, 57];
    const rows = CODES.flatMap((code, cinema) =>
      sold.map((admissions, show) => {
        const own = cinema === 2 ? admissions + show + 1 : admissions;
        const start = `${String(10 + show * 3 + cinema).padStart(2, '0')}:00`;
        return `${code},${FILM_CODE},${day},1号厅,${start},1,${own},${own * 35}.00\n`;
      }),
    );
    const head = '影院编码,影片编码,日期,影厅,放映时间,场次,人次,票房\n';
    const fileId = await upload(circuit, 'sold.csv', head + rows.join(''));
    await exhibition.importReport({ body: { fileId } });
  });
  afterAll(() => server.close());

  it('[HH25] are compared day by day, each cinema by what is its own', async () => {
    const { cases } = circuit.client;
    const made = await cases.examine({ body: { from: day, to: day } });
    expect((await jobEnded(circuit, made.jobId!)).state).toBe('done');
    const { rows } = await cases.list({ query: {} });
    expect(rows.map((each) => [each.rule, each.cinemaName]).toSorted()).toEqual([
      ['copied_takings', '影城43019061'],
      ['copied_takings', '影城43019062'],
    ]);
    const opened = await cases.get({ params: { id: rows[0]!.id } });
    expect(opened.evidence).toHaveLength(4);
  });
});
