import { unzipSync, zipSync } from 'fflate';
import { readFacilityList, writeFacilityList } from '@yinglian/facility';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ratio } from '@yinglian/core';
import { nodeCryptography, writeWorkbook } from '@yinglian/host';
import { monthFile } from '../../src/exhibition/face.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  bytesOf,
  cinemaFields,
  makeMaker,
  problemOf,
  refusalCodes,
  type TestMaker,
  upload,
} from './support.ts';

const FILM_CODE = '051a00392026';
const HEADINGS = '影院编码,影院名称,影片编码,影片名称,日期,场次,人次,票房';

/** GB18030 of the words used here; Node writes no such text itself. */
const GB18030: Readonly<Record<string, number>> = {
  影: 0xd3b0,
  院: 0xd4ba,
  编: 0xb1e0,
  码: 0xc2eb,
  名: 0xc3fb,
  称: 0xb3c6,
  片: 0xc6ac,
  日: 0xc8d5,
  期: 0xc6da,
  场: 0xb3a1,
  次: 0xb4ce,
  人: 0xc8cb,
  票: 0xc6b1,
  房: 0xb7bf,
  甲: 0xbcd7,
};
function gb18030(text: string): Uint8Array {
  return new Uint8Array(
    [...text].flatMap((char) => {
      const code = char.charCodeAt(0);
      if (code < 0x80) return [code];
      const known = GB18030[char];
      if (known === undefined) throw new Error(`no GB18030 bytes for ${char}`);
      return [known >> 8, known & 0xff];
    }),
  );
}

describe('the register of cinemas', () => {
  let server: TestServer;
  let circuit: TestPerson;
  let maker: TestMaker;
  beforeAll(async () => {
    server = await createTestServer();
    circuit = await server.newOrganisation('circuit', '测试院线');
    maker = await makeMaker();
  });
  afterAll(() => server.close());

  const newScreen = async (name: string, code: string | null = null) => {
    const { exhibition } = circuit.client;
    const cinema = await exhibition.createCinema({ body: cinemaFields({ name, code }) });
    const screen = await exhibition.createScreen({
      body: { cinemaId: cinema.id, name: '1号厅', number: 1, seats: 120, formats: ['2D'] },
    });
    return { cinema, screen };
  };

  it('[HB1] refuses taken codes, clocks that are none, and names given twice', async () => {
    const { exhibition } = circuit.client;
    const { cinema } = await newScreen('甲影院', '43019011');
    const create = (fields: object) =>
      refusalCodes(exhibition.createCinema({ body: cinemaFields(fields) }));
    expect(await create({ code: '43019011' })).toEqual(['duplicate_cinema_code']);
    expect(await create({ timeZone: 'Mars/Olympus' })).toEqual(['unknown_time_zone']);
    expect(await create({ code: 'abc' })).toHaveLength(1);
    const screen = { cinemaId: cinema.id, name: '1号厅', number: 2, seats: null, formats: [] };
    expect(await refusalCodes(exhibition.createScreen({ body: screen }))).toEqual([
      'duplicate_screen_name',
    ]);
  });

  it('[HB2] answers a late change of a cinema or a screen with both versions', async () => {
    const { exhibition } = circuit.client;
    const { cinema, screen } = await newScreen('并发影院');
    const params = { id: cinema.id };
    const body = cinemaFields({ name: '先到影院', version: 1 });
    await exhibition.updateCinema({ params, body });
    const late = exhibition.updateCinema({ params, body: { ...body, name: '后到影院' } });
    expect(await problemOf(late)).toMatchObject({
      status: 409,
      stored: { name: '先到影院', version: 2 },
      sent: { name: '后到影院' },
    });
    const seats = (count: number) =>
      exhibition.updateScreen({
        params: { id: screen.id },
        body: {
          cinemaId: cinema.id,
          name: '1号厅',
          number: 1,
          seats: count,
          formats: [],
          version: 1,
        },
      });
    expect((await seats(100)).seats).toBe(100);
    expect(await problemOf(seats(90))).toMatchObject({ status: 409, stored: { seats: 100 } });
  });

  it('[HB3] installs a device by its certificate and keeps the one before', async () => {
    const { exhibition } = circuit.client;
    const { screen } = await newScreen('设备影院');
    const params = { id: screen.id };
    const install = (certificatePem: string) =>
      exhibition.installDevice({ params, body: { kind: 'media_block', certificatePem } });
    const first = await maker.device('000001');
    const second = await maker.device('000002');
    const one = await install(first.pem);
    expect(one.device).toMatchObject({ serial: '000001', to: null });
    expect(one.device!.certificate!.roles).toContain('SM');
    const two = await install(second.leafPem);
    expect(two.device!.certificate!.thumbprint).not.toBe(one.device!.certificate!.thumbprint);
    // The leaf alone is taken, and what is missing is said.
    expect(two.device!.certificate!.findings.length).toBeGreaterThan(0);
    const { kernel } = server.network.running;
    const { rows } = await kernel.database.executeQuery<{ serial: string; past: boolean }>(
      compiled(`select serial, removed_at is not null as past from exhibition.device
        where screen_id = '${screen.id}' order by installed_at`),
    );
    expect(rows).toEqual([
      { serial: '000001', past: true },
      { serial: '000002', past: false },
    ]);
  });

  it('[HB4] refuses what is no certificate, and leaves the screen as it was', async () => {
    const { exhibition } = circuit.client;
    const { screen } = await newScreen('坏证书影院');
    const device = await maker.device('000003');
    const cut = device.pem.slice(0, 200);
    const noise = Buffer.alloc(300, 7).toString('base64');
    const other = `-----BEGIN CERTIFICATE-----\n${noise}\n-----END CERTIFICATE-----\n`;
    for (const certificatePem of ['', 'hello', cut, other]) {
      const body = { kind: 'media_block' as const, certificatePem };
      const problem = await problemOf(
        exhibition.installDevice({ params: { id: screen.id }, body }),
      );
      expect(problem.code).toBe('invalid');
      expect(problem.findings?.length).toBeGreaterThan(0);
    }
    const { rows } = await exhibition.screens({ query: { cinemaId: screen.cinemaId } });
    expect(rows[0]!.device).toBeNull();
  });

  it('[HB5] takes a facility sheet twice and has everything once', async () => {
    const { exhibition } = circuit.client;
    const device = await maker.device('000004');
    const sheet = await writeWorkbook([
      {
        name: '影院',
        rows: [
          [
            '院线',
            '影院编码',
            '影院名称',
            '城市',
            '设备归属',
            '影厅',
            '厅号',
            '座位数',
            '制式',
            '设备证书',
          ],
          [
            '乙院线',
            '43019021',
            '乙影院',
            '长沙',
            '自购',
            '1号厅',
            '1',
            '120',
            '2D/3D',
            device.pem,
          ],
          ['乙院线', '43019021', '乙影院', '长沙', '自购', '2号厅', '2', '90', '2D', ''],
        ].map((row) => row.map((text) => ({ kind: 'text' as const, text }))),
      },
    ]);
    const fileId = await upload(circuit, 'cinemas.xlsx', sheet);
    const counts = { cinemas: 1, screens: 2, devices: 1 };
    expect(await exhibition.importFacilities({ body: { fileId } })).toMatchObject(counts);
    expect((await exhibition.cinemas({ query: { search: '43019021' } })).rows).toHaveLength(0);
    expect(await exhibition.importFacilities({ body: { fileId, commit: true } })).toMatchObject(
      counts,
    );
    expect(await exhibition.importFacilities({ body: { fileId, commit: true } })).toMatchObject({
      cinemas: 0,
      screens: 0,
      devices: 0,
    });
    const [cinema] = (await exhibition.cinemas({ query: { search: '43019021' } })).rows;
    expect(cinema).toMatchObject({
      circuitName: '乙院线',
      equipment: 'owned',
      screens: 2,
      devicesReady: 1,
    });
  });

  for (const format of ['csv', 'xlsx'] as const) {
    it(`[HB6] brings cinemas out as ${format} and in again as they were`, async () => {
      const { exhibition } = circuit.client;
      const sheet = await bytesOf(await exhibition.exportFacilities({ query: { format } }));
      const fileId = await upload(circuit, `cinemas.${format}`, sheet);
      expect(await exhibition.importFacilities({ body: { fileId, commit: true } })).toMatchObject({
        cinemas: 0,
        screens: 0,
        devices: 0,
        findings: [],
      });
    });
  }

  /** A facility list as a cinema's maintainer sends it: auditoriums by number. */
  async function facilityList(code: string, name: string, serials: readonly string[]) {
    const devices = await Promise.all(serials.map((serial) => maker.device(serial)));
    const written = writeFacilityList({
      dialect: 'st430-16',
      messageId: '0190f6b2-0000-7000-8000-000000000001',
      issueDate: Date.UTC(2026, 10, 1),
      partial: false,
      id: `urn:x-facilityID:example.cn:${code}`,
      alternateIds: [],
      name,
      timeZone: 'Asia/Urumqi',
      circuit: '西域院线',
      contacts: [{ name: '放映', email: 'booth@example.cn' }],
      addresses: { physical: { city: '乌鲁木齐', province: '新疆' } },
      kdmDelivery: [],
      dcpDelivery: [],
      devices: [],
      auditoriums: devices.map((device, index) => ({
        name: String(index + 1),
        seatingCapacity: 100 + index,
        suites: [
          {
            devices: [
              { type: 'SM', manufacturer: 'Acme', active: true, chains: [device.chain] },
              { type: 'PR', active: true, chains: [] },
            ],
          },
        ],
        otherDevices: [],
      })),
    });
    if (!written.ok) throw new Error(written.findings.map((each) => each.code).join(', '));
    return written.value;
  }

  it('[HB17] takes a facility list once, by code and number, with its devices', async () => {
    const { exhibition } = circuit.client;
    const list = await facilityList('65019071', '天山影城', ['000071', '000072']);
    const fileId = await upload(circuit, 'FLM.xml', list);
    const counts = { cinemas: 1, screens: 2, devices: 2, changed: 0 };
    expect(await exhibition.importFacilities({ body: { fileId } })).toMatchObject(counts);
    expect((await exhibition.cinemas({ query: { search: '65019071' } })).rows).toEqual([]);
    await exhibition.importFacilities({ body: { fileId, commit: true } });
    const [cinema] = (await exhibition.cinemas({ query: { search: '65019071' } })).rows;
    expect(cinema).toMatchObject({
      name: '天山影城',
      code: '65019071',
      timeZone: 'Asia/Urumqi',
      circuitName: '西域院线',
      city: '乌鲁木齐',
      email: 'booth@example.cn',
      screens: 2,
      devicesReady: 2,
    });
    const { rows } = await exhibition.screens({ query: { cinemaId: cinema!.id } });
    expect(rows.map((each) => [each.name, each.number, each.seats])).toEqual([
      ['1', 1, 100],
      ['2', 2, 101],
    ]);
    expect(rows[0]!.device).toMatchObject({ maker: 'Acme', serial: '000071' });
    expect(await exhibition.importFacilities({ body: { fileId, commit: true } })).toMatchObject({
      cinemas: 0,
      screens: 0,
      devices: 0,
      changed: 0,
    });
    // A list with another media block in the first auditorium changes that one alone.
    const later = await facilityList('65019071', '天山影城', ['000073']);
    const laterId = await upload(circuit, 'FLM2.xml', later);
    expect(
      await exhibition.importFacilities({ body: { fileId: laterId, commit: true } }),
    ).toMatchObject({ cinemas: 0, screens: 0, devices: 1, changed: 1 });
  });

  it('[HB17] writes nothing of a ZIP in which one list is broken, and names that', async () => {
    const { exhibition } = circuit.client;
    const whole = await facilityList('65019081', '完整影城', ['000081']);
    const archive = zipSync({ 'a.xml': whole, 'b.xml': whole.subarray(0, 900) });
    const fileId = await upload(circuit, 'lists.zip', archive);
    const preview = await exhibition.importFacilities({ body: { fileId } });
    expect(preview.findings.find((each) => each.severity === 'error')?.at['file']).toBe('b.xml');
    const commit = exhibition.importFacilities({ body: { fileId, commit: true } });
    expect((await problemOf(commit)).code).toBe('invalid');
    expect((await exhibition.cinemas({ query: { search: '65019081' } })).rows).toEqual([]);
    const empty = await upload(circuit, 'none.zip', zipSync({ 'a.txt': whole }));
    expect(await refusalCodes(exhibition.importFacilities({ body: { fileId: empty } }))).toEqual([
      'missing_facilities',
    ]);
  });

  it('[HB18] brings cinemas out as facility lists, and in again as they were', async () => {
    const { exhibition } = circuit.client;
    const archive = await bytesOf(await exhibition.exportFacilities({ query: { format: 'flm' } }));
    const lists = unzipSync(archive);
    const read = readFacilityList(lists['FLM_65019071.xml']!, nodeCryptography);
    expect(read).toMatchObject({ ok: true, value: { name: '天山影城', timeZone: 'Asia/Urumqi' } });
    const [first] = read.ok ? read.value.auditoriums : [];
    expect(first!.suites[0]!.devices[0]!.chains[0]).toHaveLength(3);
    const fileId = await upload(circuit, 'flm.zip', archive);
    expect(await exhibition.importFacilities({ body: { fileId, commit: true } })).toMatchObject({
      cinemas: 0,
      screens: 0,
      devices: 0,
      changed: 0,
    });
  });

  it('[HB7] writes nothing of a sheet that has one fault, and names its row', async () => {
    const { exhibition } = circuit.client;
    const rows =
      '影院编码,影院名称,影厅,设备证书\n43019031,丙影院,1号厅,\n43019041,丁影院,1号厅,nonsense\n';
    const fileId = await upload(circuit, 'faulty.csv', rows);
    const problem = await problemOf(
      exhibition.importFacilities({ body: { fileId, commit: true } }),
    );
    expect(problem.findings?.[0]?.at).toMatchObject({ row: 3, field: 'certificate' });
    expect((await exhibition.cinemas({ query: { search: '43019031' } })).rows).toHaveLength(0);
  });

  it('[HB8] lets others read the register and change only what is theirs', async () => {
    const { cinema } = await newScreen('别人的影院', '43019051');
    const other = await server.newOrganisation('circuit');
    const { exhibition } = other.client;
    expect((await exhibition.cinema({ params: { id: cinema.id } })).name).toBe('别人的影院');
    const change = exhibition.updateCinema({
      params: { id: cinema.id },
      body: cinemaFields({ name: '改名', version: 1 }),
    });
    expect(await problemOf(change)).toMatchObject({ code: 'not_allowed' });
    const sheet = '影院编码,影院名称,影厅\n43019061,新影院,1号厅\n43019051,别人的影院,9号厅\n';
    const fileId = await upload(other, 'cinemas.csv', sheet);
    const taken = exhibition.importFacilities({ body: { fileId, commit: true } });
    expect((await problemOf(taken)).code).toBe('not_allowed');
    expect((await exhibition.cinemas({ query: { search: '43019061' } })).rows).toHaveLength(0);
  });
});

describe('box-office reports', () => {
  let server: TestServer;
  let circuit: TestPerson;
  let filmId: string;
  beforeAll(async () => {
    server = await createTestServer();
    circuit = await server.newOrganisation('circuit', '测试院线');
    const film = await circuit.client.film.create({
      body: {
        title: '甲片',
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
    await circuit.client.exhibition.createCinema({
      body: cinemaFields({ name: '甲影院', code: '43019011' }),
    });
  });
  afterAll(() => server.close());

  const rowsOf = (rows: readonly string[]) => [HEADINGS, ...rows].join('\r\n');
  const row = (day: string, gross: string, cinema = '43019011') =>
    `${cinema},甲影院,${FILM_CODE.toUpperCase()},甲片,2026-10-${day},2,30,${gross}`;

  it('[HB9] reads CSV in UTF-8 and GB18030 alike, and says which it was', async () => {
    const text = rowsOf([row('01', '1200.50'), row('02', '99.5')]);
    for (const [encoding, bytes] of [
      ['utf-8', new TextEncoder().encode(text)],
      ['gb18030', gb18030(text)],
    ] as const) {
      const fileId = await upload(circuit, 'day.csv', bytes);
      const preview = await circuit.client.exhibition.previewReport({ body: { fileId } });
      expect(preview).toMatchObject({
        encoding,
        level: 'day',
        rows: 2,
        grossFen: '130000',
        screenings: 4,
        admissions: 60,
      });
      expect(preview.findings.filter((each) => each.severity === 'error')).toEqual([]);
      expect(preview.sample[0]).toContain('甲影院');
    }
  });

  it('[HB25] reads headings that say nothing as an earlier file of the organisation', async () => {
    const { exhibition } = circuit.client;
    const file = async (day: string, headings: string) =>
      upload(
        circuit,
        `${day}.csv`,
        `${headings}\n43019011,${FILM_CODE},2026-10-${day},2,30,900.00\n`,
      );
    const columns = {
      cinemaCode: '甲',
      filmCode: '乙',
      date: '丙',
      screenings: '丁',
      admissions: '戊',
      grossFen: '己',
    };
    const first = await file('11', '甲,乙,丙,丁,戊,己');
    const unknown = exhibition.previewReport({ body: { fileId: first } });
    expect(await refusalCodes(unknown)).toEqual(['unknown_heading']);
    const mapping = { level: 'day' as const, columns };
    await exhibition.importReport({ body: { fileId: first, mapping } });
    const second = await file('12', '甲,乙,丙,丁,戊,己');
    const preview = await exhibition.previewReport({ body: { fileId: second } });
    expect(preview).toMatchObject({ rows: 1, grossFen: '90000', mapping: { columns } });
    expect(preview.findings.map((each) => each.code)).toContain('saved_mapping');
    const other = await file('13', '甲,乙,丙,丁,戊,庚');
    const strange = exhibition.previewReport({ body: { fileId: other } });
    expect(await refusalCodes(strange)).toEqual(['unknown_heading']);
  });

  it('[HB10] imports the rows as facts, and the same bytes only once', async () => {
    const { exhibition } = circuit.client;
    const bytes = gb18030(rowsOf([row('03', '1200.50'), row('04', '99.5')]));
    const report = await exhibition.importReport({
      body: { fileId: await upload(circuit, 'a.csv', bytes) },
    });
    expect(report).toMatchObject({
      state: 'imported',
      rows: 2,
      quarantined: 0,
      grossFen: '130000',
      from: '2026-10-03',
      to: '2026-10-04',
      filmId,
      sender: '测试院线',
    });
    const page = await exhibition.reportRows({ params: { id: report.id }, query: { limit: 1 } });
    expect(page.rows[0]).toMatchObject({ line: 2, cinemaCode: '43019011', grossFen: '120050' });
    const next = await exhibition.reportRows({
      params: { id: report.id },
      query: { limit: 1, after: page.next! },
    });
    expect(next.rows[0]).toMatchObject({ line: 3, grossFen: '9950' });
    expect(next.next).toBeNull();
    const again = exhibition.importReport({
      body: { fileId: await upload(circuit, 'b.csv', bytes) },
    });
    expect(await problemOf(again)).toMatchObject({
      code: 'conflict',
      findings: [{ code: 'duplicate_report', facts: { report: report.id } }],
    });
  });

  it('[HB11] reads the monthly sheet of 17 columns with its stated figures', async () => {
    const { exhibition } = circuit.client;
    const rowsSent = [
      {
        cinemaName: '甲影院',
        cinemaCode: '43019011',
        filmName: '甲片',
        filmCode: FILM_CODE,
        equipment: 'owned',
        from: '2026-09-01',
        to: '2026-09-30',
        screenings: 20,
        admissions: 300,
        grossFen: 1_000_000n,
        fundFen: 50_000n,
        vatRate: ratio(3n, 100n),
        taxFen: 32_621n,
        netFen: 917_379n,
        shareRate: ratio(43n, 100n),
        shareFen: 394_473n,
      },
    ] as const;
    const { bytes } = await monthFile('测试院线', rowsSent, 'xlsx');
    const report = await exhibition.importReport({
      body: { fileId: await upload(circuit, 'month.xlsx', bytes), filmId },
    });
    expect(report).toMatchObject({ level: 'month', rows: 1, grossFen: '1000000', screenings: 20 });
    const { rows } = await exhibition.reportRows({ params: { id: report.id }, query: {} });
    expect(rows[0]).toMatchObject({
      equipment: 'owned',
      from: '2026-09-01',
      to: '2026-09-30',
      stated: { shareFen: '394473', fundFen: '50000', shareRate: '43/100' },
    });
  });

  it('[HB12] refuses a file with faults, or keeps the faulty rows apart, as asked', async () => {
    const { exhibition } = circuit.client;
    const text = rowsOf([row('05', '100'), row('06', '一百元'), row('07', '200')]);
    const fileId = await upload(circuit, 'faults.csv', text);
    const problem = await problemOf(exhibition.importReport({ body: { fileId } }));
    expect(problem.code).toBe('invalid');
    const errors = problem.findings?.filter((each) => each.severity === 'error');
    expect(errors?.map((each) => each.at)).toEqual([{ row: 3, column: 8, field: 'grossFen' }]);
    const report = await exhibition.importReport({ body: { fileId, faults: 'quarantine' } });
    expect(report).toMatchObject({ rows: 2, quarantined: 1, grossFen: '30000' });
    const { rows } = await exhibition.reportRows({ params: { id: report.id }, query: {} });
    expect(rows.map((each) => each.grossFen)).toEqual(['10000', '20000']);
  });

  it('[HB13] counts rows of unknown cinemas and films, and says which they are', async () => {
    const { exhibition } = circuit.client;
    const fileId = await upload(circuit, 'unknown.csv', rowsOf([row('08', '100', '43019099')]));
    const report = await exhibition.importReport({ body: { fileId } });
    expect(report.grossFen).toBe('10000');
    expect(report.findings.map((each) => each.code)).toContain('unknown_cinema_code');
    expect(report.findings.map((each) => each.code)).not.toContain('unknown_film_code');
  });

  it('[HB14] corrects a report by another one, once, and keeps the first', async () => {
    const { exhibition } = circuit.client;
    const send = async (gross: string, supersedes?: string) =>
      exhibition.importReport({
        body: {
          fileId: await upload(circuit, 'c.csv', rowsOf([row('09', gross)])),
          ...(supersedes === undefined ? {} : { supersedes }),
        },
      });
    const first = await send('500');
    const second = await send('501', first.id);
    expect(second.supersedes).toBe(first.id);
    const stored = await exhibition.report({ params: { id: first.id } });
    expect(stored).toMatchObject({ state: 'superseded', grossFen: '50000' });
    expect(await refusalCodes(send('502', first.id))).toEqual(['superseded_report']);
  });

  it('[HB15] answers files that are no reports, and lives', async () => {
    const { exhibition } = circuit.client;
    const noise = new Uint8Array(4096).map((_, index) => (index * 37) % 251);
    const zip = new Uint8Array([0x50, 0x4b, 3, 4, ...noise]);
    for (const bytes of [new Uint8Array(0), noise, zip, new TextEncoder().encode(HEADINGS)]) {
      const fileId = await upload(circuit, 'odd', bytes);
      const problem = await problemOf(exhibition.importReport({ body: { fileId } }));
      expect(problem.code).toBe('invalid');
      expect(problem.findings?.length).toBeGreaterThan(0);
    }
    expect((await server.app.request('/health')).status).toBe(200);
  });

  it('[HB16] shows a report to its sender and to who settles, to nobody else', async () => {
    const other = await server.newOrganisation('circuit');
    const settler = await server.newOrganisation('distributor');
    const admit = (person: TestPerson, halls: ('exhibition' | 'settlement')[]) =>
      circuit.client.rooms.admit({
        params: { id: filmId, organisationId: person.organisationId },
        body: { halls },
      });
    await admit(other, ['exhibition']);
    await admit(settler, ['settlement']);
    const { rows } = await circuit.client.exhibition.reports({ query: { filmId } });
    const seen = async (person: TestPerson) =>
      (await person.client.exhibition.reports({ query: { filmId } })).rows.length;
    expect(rows.length).toBeGreaterThan(2);
    expect(await seen(settler)).toBe(rows.length);
    expect(await seen(other)).toBe(0);
    const one = other.client.exhibition.report({ params: { id: rows[0]!.id } });
    expect((await problemOf(one)).code).toBe('not_found');
  });
});

function compiled(text: string) {
  return {
    sql: text,
    parameters: [],
    query: { kind: 'RawNode' as const, sqlFragments: [text], parameters: [] },
    queryId: { queryId: 'test' },
  };
}
