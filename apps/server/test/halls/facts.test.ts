import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFacilityList } from '@yinglian/facility';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  bytesOf,
  cinemaFields,
  jobEnded,
  makeMaker,
  problemOf,
  refusalCodes,
  type TestMaker,
  upload,
} from './support.ts';

const DAY_MS = 86_400_000;

describe('facts of several sources', () => {
  let server: TestServer;
  let circuit: TestPerson;
  let maker: TestMaker;
  beforeAll(async () => {
    server = await createTestServer();
    circuit = await server.newOrganisation('circuit', '资料院线');
    maker = await makeMaker();
  });
  afterAll(() => server.close());

  const newCinema = async (name: string, code: string, fields = {}) => {
    const { exhibition } = circuit.client;
    const cinema = await exhibition.createCinema({ body: cinemaFields({ name, code, ...fields }) });
    const screen = await exhibition.createScreen({
      body: { cinemaId: cinema.id, name: '5', number: 5, seats: 120, formats: ['2D'] },
    });
    return { cinema, screen };
  };
  const listOf = (code: string, name: string, seats: number, city = '长沙') => {
    const written = writeFacilityList({
      dialect: 'st430-16',
      messageId: '0190f6b2-0000-7000-8000-000000000001',
      issueDate: Date.UTC(2026, 10, 1),
      partial: false,
      id: `urn:x-facilityID:example.cn:${code}`,
      alternateIds: [],
      name,
      timeZone: 'Asia/Shanghai',
      contacts: [],
      addresses: { physical: { city, province: '湖南' } },
      kdmDelivery: [],
      dcpDelivery: [],
      devices: [],
      auditoriums: [{ name: '5', seatingCapacity: seats, suites: [], otherDevices: [] }],
    });
    if (!written.ok) throw new Error(written.findings[0]?.code);
    return written.value;
  };

  it('[HH1] keeps a person’s word before a list’s, and names the conflict', async () => {
    const { exhibition, facilities } = circuit.client;
    const { cinema, screen } = await newCinema('甲', '43019031', { city: '株洲' });
    const fileId = await upload(circuit, 'a.xml', listOf('43019031', '甲', 118));
    await exhibition.importFacilities({ body: { fileId, commit: true } });
    const seats = async () =>
      (await exhibition.screens({ query: { cinemaId: cinema.id } })).rows[0]!.seats;
    expect(await seats()).toBe(120);
    const { rows } = await facilities.conflicts({ query: { cinemaId: cinema.id } });
    expect(rows.map((each) => each.fact)).toEqual(['city', 'seats']);
    expect(rows[1]!.words.map((each) => [each.kind, each.value])).toEqual([
      ['page', '120'],
      ['list', '118'],
    ]);
    const subject = { subjectKind: 'screen' as const, subjectId: screen.id };
    const fact = await facilities.resolve({
      body: { ...subject, fact: 'seats', value: '118', reason: '现场清点' },
    });
    expect(fact).toMatchObject({ value: '118', resolved: true, from: { kind: 'list' } });
    expect(await seats()).toBe(118);
    const left = await facilities.conflicts({ query: { cinemaId: cinema.id } });
    expect(left.rows.map((each) => each.fact)).toEqual(['city']);
    // What the list says anew is a new conflict; what it says again is not.
    await exhibition.importFacilities({ body: { fileId, commit: true } });
    expect((await facilities.conflicts({ query: { cinemaId: cinema.id } })).rows).toHaveLength(1);
    const other = await upload(circuit, 'b.xml', listOf('43019031', '甲', 99));
    await exhibition.importFacilities({ body: { fileId: other, commit: true } });
    expect((await facilities.conflicts({ query: { cinemaId: cinema.id } })).rows).toHaveLength(2);
    const sheet = await bytesOf(await facilities.exportConflicts({ query: { format: 'csv' } }));
    expect(new TextDecoder().decode(sheet)).toContain('株洲');
    const wrong = { ...subject, fact: 'seats', value: 'viele', reason: 'x' };
    expect(await refusalCodes(facilities.resolve({ body: wrong }))).toEqual(['invalid_fact']);
  });

  it('[HH2] tells which certificate a screen had on a day, and what was known', async () => {
    const { exhibition, facilities } = circuit.client;
    const { cinema, screen } = await newCinema('乙', '43019032');
    const [first, second] = [await maker.device('H1'), await maker.device('H2')];
    const params = { id: screen.id };
    const install = (pem: string, since: string) =>
      exhibition.installDevice({
        params,
        body: { kind: 'media_block', certificatePem: pem, since },
      });
    const one = await install(first.pem, '2026-04-01T10:00:00+08:00');
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    // The second stood there since 2 May, and somebody writes it down today.
    const two = await install(second.pem, '2026-05-02T09:00:00+08:00');
    const had = async (on: string, known?: string) => {
      const query = { on, ...(known === undefined ? {} : { known }) };
      const { rows } = await facilities.facts({ params: { id: cinema.id }, query });
      const fact = rows.find((each) => each.fact === 'mediaBlock');
      return fact?.value ?? null;
    };
    const [a, b] = [one, two].map((each) => each.device!.certificate!.thumbprint);
    expect(await had('2026-03-30')).toBeNull();
    expect(await had('2026-05-01')).toBe(a);
    expect(await had('2026-05-03')).toBe(b);
    expect(await had('2026-05-03', before)).toBe(a);
    const early = install(first.pem, new Date(Date.now() + DAY_MS).toISOString());
    expect(await refusalCodes(early)).toEqual(['early_installation']);
  });

  it('[HH3] states ownership, zone and place with their days', async () => {
    const { exhibition, facilities } = circuit.client;
    const { cinema } = await newCinema('丙', '43019033');
    const subject = { subjectKind: 'cinema' as const, subjectId: cinema.id };
    await facilities.stateFacts({
      body: { ...subject, validFrom: '2026-01-01', facts: { equipment: 'leased', zone: '乙区' } },
    });
    await facilities.stateFacts({
      body: { ...subject, validFrom: '2026-07-01', facts: { equipment: 'owned' } },
    });
    const equipment = async (on: string) => {
      const { rows } = await facilities.facts({ params: { id: cinema.id }, query: { on } });
      return rows.find((each) => each.fact === 'equipment')?.value;
    };
    expect(await equipment('2026-06-30')).toBe('leased');
    expect(await equipment('2026-07-01')).toBe('owned');
    const stored = await exhibition.cinema({ params: { id: cinema.id } });
    expect(stored).toMatchObject({ equipment: 'owned', zone: '乙区' });
    const say = (facts: Record<string, string>) =>
      refusalCodes(facilities.stateFacts({ body: { ...subject, validFrom: '2026-01-01', facts } }));
    expect(await say({ colour: 'red' })).toEqual(['unknown_fact']);
    expect(await say({ latitude: '91' })).toEqual(['invalid_fact']);
    const reversed = { ...subject, validFrom: '2026-02-01', validTo: '2026-01-01', facts: {} };
    expect(await refusalCodes(facilities.stateFacts({ body: reversed }))).toEqual([
      'reversed_dates',
    ]);
  });

  it('[HH4] watches certificates, with the operator’s list of devices in versions', async () => {
    const { exhibition, facilities } = circuit.client;
    const { cinema, screen } = await newCinema('丁', '43019034');
    const soon = await maker.device('W1', 60);
    const made = await exhibition.installDevice({
      params: { id: screen.id },
      body: { kind: 'media_block', certificatePem: soon.pem },
    });
    const thumbprint = made.device!.certificate!.thumbprint;
    const codes = async () =>
      (await facilities.watch({ query: { cinemaId: cinema.id } })).rows.flatMap((each) =>
        each.findings.map((one) => one.code),
      );
    expect(await codes()).toEqual(['expiring_certificate']);
    const operator = await server.owner();
    const sheet = `指纹,厂商,型号\n${'A'.repeat(27)}=,Other,X\n`;
    const fileId = await upload(operator, 'trusted.csv', sheet);
    const body = { fileId, reason: '首版', commit: true };
    expect(await operator.client.facilities.importTrusted({ body })).toMatchObject({ added: 1 });
    expect(await codes()).toEqual(['expiring_certificate', 'untrusted_device', 'unknown_maker']);
    const pem = await upload(operator, 'trusted.pem', soon.pem);
    const grow = { fileId: pem, reason: '实验室复核', commit: true };
    expect(await operator.client.facilities.importTrusted({ body: grow })).toMatchObject({
      added: 1,
      unchanged: 1,
    });
    expect(await codes()).toEqual(['expiring_certificate']);
    const { rows } = await facilities.trustedVersions();
    expect(rows.map((each) => [each.version, each.devices, each.reason])).toEqual([
      [2, 2, '实验室复核'],
      [1, 1, '首版'],
    ]);
    const old = await facilities.trustedDevices({ query: { version: 1 } });
    expect(old.rows.map((each) => each.thumbprint)).not.toContain(thumbprint);
    const mine = circuit.client.facilities.importTrusted({ body });
    expect((await problemOf(mine)).code).toBe('not_allowed');
    const { jobId } = await facilities.lookNow({ body: {} });
    expect((await jobEnded(circuit, jobId)).state).toBe('done');
    const again = await facilities.lookNow({ body: {} });
    const done = await jobEnded(circuit, again.jobId);
    expect(done.result).toMatchObject({ raised: 0 });
    const csv = await bytesOf(
      await facilities.exportWatch({ query: { format: 'csv', cinemaId: cinema.id } }),
    );
    expect(new TextDecoder().decode(csv)).toContain('到期');
  });

  it('[HH5] reads feeds of facility lists, once per change, and nothing inside', async () => {
    let reads = 0;
    let seats = 77;
    const host = createServer((request, response) => {
      if (request.url === '/sites.xml') {
        if (request.headers['if-none-match'] === `"${seats}"`) {
          response.writeHead(304).end();
          return;
        }
        response.setHeader('etag', `"${seats}"`);
        response.end(`<SiteList xmlns="http://isdcf.com/2010/04/SiteList"
          xmlns:xlink="http://www.w3.org/1999/xlink"><FacilityList>
          <Facility id="43019035" modified="2026-11-0${seats === 77 ? 1 : 2}T00:00:00+08:00"
            xlink:href="/list.xml"/><Facility id="x" xlink:href="/gone.xml"/>
          </FacilityList></SiteList>`);
        return;
      }
      reads += 1;
      if (request.url === '/list.xml') response.end(listOf('43019035', '订阅影院', seats));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/sites.xml`;
    try {
      const { exhibition, facilities } = circuit.client;
      const feed = await facilities.createFeed({ body: { name: '院线清单', url, enabled: false } });
      const poll = async () => {
        const { jobId } = await facilities.pollSource({ params: { id: feed.id }, body: {} });
        const job = await jobEnded(circuit, jobId);
        expect(job.state).toBe('done');
        return job.result;
      };
      expect(await poll()).toMatchObject({ outcome: 'read', cinemas: 1 });
      const [cinema] = (await exhibition.cinemas({ query: { search: '43019035' } })).rows;
      expect(cinema).toMatchObject({ name: '订阅影院', screens: 1 });
      seats = 78;
      expect(await poll()).toMatchObject({ outcome: 'read' });
      const screens = await exhibition.screens({ query: { cinemaId: cinema!.id } });
      expect(screens.rows[0]!.seats).toBe(78);
      const [source] = (await facilities.sources({ query: {} })).rows.filter(
        (each) => each.id === feed.id,
      );
      expect(source).toMatchObject({ kind: 'feed', outcome: 'read' });
      expect(source!.findings.map((each) => each.code)).toContain('unreadable_feed');
      expect(reads).toBeGreaterThan(2);
    } finally {
      host.close();
    }
  });

  it('[HH19] goes on in a long site list where the round before ended', async () => {
    const read = new Set<string>();
    const day = (index: number) => new Date(Date.UTC(2020, 0, 1 + index)).toISOString();
    const sites = Array.from({ length: 2001 }, (_, index) => {
      return `<Facility id="n${index}" modified="${day(index)}" xlink:href="/${index}.xml"/>`;
    });
    const host = createServer((request, response) => {
      if (request.url !== '/sites.xml') read.add(request.url!);
      const list = `<SiteList xmlns="http://isdcf.com/2010/04/SiteList"
        xmlns:xlink="http://www.w3.org/1999/xlink"><FacilityList>${sites.join('')}
        </FacilityList></SiteList>`;
      response.end(request.url === '/sites.xml' ? list : '<none/>');
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/sites.xml`;
    try {
      const { facilities } = circuit.client;
      const feed = await facilities.createFeed({ body: { name: '全国清单', url, enabled: false } });
      const poll = async () => {
        read.clear();
        const { jobId } = await facilities.pollSource({ params: { id: feed.id }, body: {} });
        expect((await jobEnded(circuit, jobId)).state).toBe('done');
        return [...read];
      };
      expect(await poll()).toHaveLength(2000);
      expect(await poll()).toEqual(['/1999.xml', '/2000.xml']);
    } finally {
      host.close();
    }
  });
});
