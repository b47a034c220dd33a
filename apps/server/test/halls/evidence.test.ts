import { addDays } from '@yinglian/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asDecided, listRows, standingFindings } from '../../src/exhibition/face.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  bytesOf,
  cinemaFields,
  endpointsAnswering,
  jobEnded,
  problemOf,
  refusalCodes,
  upload,
} from './support.ts';

const FILM_CODE = '051a00392026';
const DAY_MS = 86_400_000;
const today = new Date().toISOString().slice(0, 10);
/** Days of the past, so that logs and tickets of them are whole. */
const day = addDays(today, -3);
const at = (clock: string, date = day) => Date.parse(`${date}T${clock}:00+08:00`);

/** Playbacks as a theatre management system exports them. */
const table = (rows: readonly [screen: string, from: number, minutes: number][]) =>
  `device,title,start,end\n${rows
    .map(([device, from, minutes]) =>
      [
        device,
        '长夜',
        new Date(from).toISOString(),
        new Date(from + minutes * 60_000).toISOString(),
      ].join(','),
    )
    .join('\n')}\n`;

describe('logs, programme, reports and the cases over them', () => {
  let server: TestServer;
  let cinemaSide: TestPerson;
  let distributor: TestPerson;
  let director: TestPerson;
  let stranger: TestPerson;
  let filmId = '';
  let cinemaId = '';
  let screenId = '';
  let site = '';
  const CODE = '43019041';

  beforeAll(async () => {
    server = await createTestServer();
    cinemaSide = await server.newOrganisation('cinema', '白石影城');
    distributor = await server.newOrganisation('distributor', '远山发行');
    director = await server.newMember(distributor, ['settlement.director']);
    stranger = await server.newOrganisation('circuit', '他家院线');
    const film = await distributor.client.film.create({
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
    filmId = film.id;
    await distributor.client.rooms.admit({
      params: { id: filmId, organisationId: cinemaSide.organisationId },
      body: { halls: ['exhibition'] },
    });
    const { exhibition } = cinemaSide.client;
    const cinema = await exhibition.createCinema({
      body: cinemaFields({
        name: '白石影城',
        code: CODE,
        organisationId: cinemaSide.organisationId,
      }),
    });
    cinemaId = cinema.id;
    const screen = await exhibition.createScreen({
      body: { cinemaId, name: '1号厅', number: 1, seats: 100, formats: ['2D'] },
    });
    screenId = screen.id;
    const made = await cinemaSide.client.sites.create({ body: { cinemaId, name: '机房' } });
    site = made.token;
  });
  afterAll(() => server.close());

  const bySite = (path: string, body: string | Uint8Array, token = site) =>
    server.stranger.send(path, {
      method: 'POST',
      body: body as string,
      headers: { authorization: `Site ${token}`, 'content-type': 'application/octet-stream' },
    });

  it('[HH6] takes a programme as a sheet, whole or not at all', async () => {
    const { evidence } = cinemaSide.client;
    const head = '影院编码,影厅,影片编码,影片,放映日期,开场时间,散场时间\n';
    const rows = ['10:00,12:10', '13:00,15:10', '19:30,21:40'].map(
      (times) => `${CODE},1号厅,${FILM_CODE},长夜,${day},${times}`,
    );
    const send = async (text: string, commit: boolean) => {
      const fileId = await upload(cinemaSide, 'p.csv', text);
      return evidence.importProgramme({ body: { fileId, commit } });
    };
    expect(await send(head + rows.join('\n'), false)).toMatchObject({ cinemas: 1, shows: 3 });
    expect(await send(head + rows.join('\n'), true)).toMatchObject({ shows: 3, findings: [] });
    const bad = `${head}${rows[0]!}\n${CODE},1号厅,x,y,${day},soon,\n`;
    const preview = await send(bad, false);
    expect(preview.findings.map((each) => each.code)).toEqual(['invalid_show_row']);
    expect(await refusalCodes(send(bad, true))).toEqual(['invalid_show_row']);
    // A night that is listed with its evening, and the day after it: neither wipes the other's.
    const listed = async (...times: readonly [dayBefore: number, clock: string][]) => {
      const lines = times.map(
        ([before, clock]) => `1号厅,${FILM_CODE},长夜,${addDays(day, -before)},${clock}\n`,
      );
      const text = `影厅,影片编码,影片,放映日期,开场时间\n${lines.join('')}`;
      const body = { fileId: await upload(cinemaSide, 'n.csv', text), cinemaId, commit: true };
      await evidence.importProgramme({ body });
      const { database } = server.network.running.kernel;
      const { rows: shows } = await sql<{ local: string }>`
        select to_char(starts_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as local
        from distribution.show where cinema_id = ${cinemaId} order by starts_at`.execute(database);
      return shows.map((each) => each.local);
    };
    await listed([8, '20:00'], [7, '19:00']);
    expect(await listed([8, '20:30'], [7, '00:30'])).toEqual(
      expect.arrayContaining([
        `${addDays(day, -8)} 20:30`,
        `${addDays(day, -7)} 00:30`,
        `${addDays(day, -7)} 19:00`,
      ]),
    );
    expect(await listed([7, '18:00'])).toContain(`${addDays(day, -7)} 00:30`);
    const foreign = await upload(stranger, 'p.csv', head + rows[0]!);
    const theirs = stranger.client.evidence.importProgramme({ body: { fileId: foreign } });
    expect((await problemOf(theirs)).code).toBe('not_allowed');
  });

  it('[HH7] takes logs again and in any order, and names the hole between them', async () => {
    const { evidence } = cinemaSide.client;
    const record = (sequence: number) => `<LogRecordElement><LogRecordHeader>
      <EventID>urn:uuid:0190f6b2-0000-7000-8000-0000000000${String(10 + sequence)}</EventID>
      <TimeStamp>${day}T0${sequence}:00:00+08:00</TimeStamp>
      <EventSequence>${sequence}</EventSequence>
      <DeviceSourceID><PrimaryID idtype="CertThumbprint">DEV1</PrimaryID></DeviceSourceID>
      <EventClass>x</EventClass><EventType>Operations</EventType></LogRecordHeader>
      </LogRecordElement>`;
    const log = (...numbers: number[]) => `<LogReport
      xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/">
      <reportDate>${day}T12:00:00+08:00</reportDate>${numbers.map(record).join('')}</LogReport>`;
    const send = async (text: string) =>
      evidence.takeLog({ body: { fileId: await upload(cinemaSide, 'log.xml', text), cinemaId } });
    const holes = async () => (await evidence.holes({ query: {} })).rows;
    const third = await send(log(5, 6));
    expect(third).toMatchObject({ kind: 'st430', records: 2, repeated: false });
    expect(await holes()).toEqual([]);
    const first = await send(log(1, 2));
    expect(first.findings.map((each) => each.code)).toContain('missing_log_span');
    expect(await holes()).toMatchObject([
      { device: 'DEV1', afterSequence: 2, beforeSequence: 5, missing: 2 },
    ]);
    expect(await send(log(1, 2))).toMatchObject({ id: first.id, repeated: true });
    // The agent's own way in, by its credential.
    const response = await bySite('/api/site/logs?name=log.xml', log(3, 4));
    expect(response.status).toBe(200);
    expect(await holes()).toEqual([]);
    expect((await bySite('/api/site/logs', log(3, 4), 'x'.repeat(40))).status).toBe(401);
    expect((await evidence.logs({ query: {} })).rows).toHaveLength(3);
    expect((await stranger.client.evidence.logs({ query: {} })).rows).toEqual([]);
    const theirs = stranger.client.evidence.takeLog({
      body: { fileId: await upload(stranger, 'l.xml', log(7)), cinemaId },
    });
    expect((await problemOf(theirs)).code).toBe('not_allowed');
  });

  it('[HH8] takes box office as a feed, twice as once, and from a site only its own', async () => {
    const line = (start: string, admissions: number, code = CODE) =>
      JSON.stringify({
        cinemaCode: code,
        filmCode: FILM_CODE,
        date: day,
        start,
        hall: '1号厅',
        admissions,
        grossFen: String(admissions * 3500),
      });
    const head = '{"format":"yinglian-box-office/1","level":"screening","source":"售票系统"}';
    const feed = [head, line('10:00', 40), line('13:00', 30), line('19:30', 101)].join('\n');
    const first = await bySite('/api/site/box-office', feed);
    expect(first.status).toBe(200);
    const report = (await first.json()) as { id: string; admissions: number };
    expect(report.admissions).toBe(171);
    const again = await cinemaSide.client.evidence.feedReport({
      bytes: new TextEncoder().encode(feed),
    });
    expect(again.id).toBe(report.id);
    const foreign = await bySite(
      '/api/site/box-office',
      [head, line('10:00', 1, '43019042')].join('\n'),
    );
    expect(foreign.status).toBe(422);
    expect(((await foreign.json()) as { findings: { code: string }[] }).findings[0]!.code).toBe(
      'foreign_cinema_rows',
    );
    const bad = [head, line('10:00', 1).replace('"3500"', '3500')].join('\n');
    const call = cinemaSide.client.evidence.feedReport({ bytes: new TextEncoder().encode(bad) });
    expect((await problemOf(call)).code).toBe('invalid');
  });

  it('[HH9] tells who reports in time', async () => {
    const query = { from: addDays(day, -6), to: day };
    const { rows } = await cinemaSide.client.evidence.timeliness({ query });
    expect(rows).toMatchObject([
      { cinemaName: '白石影城', days: 7, reported: 1, missedInRow: 6, verdict: 'failing' },
    ]);
    expect((await stranger.client.evidence.timeliness({ query })).rows).toEqual([]);
    const csv = await bytesOf(
      await cinemaSide.client.evidence.exportTimeliness({ query: { ...query, format: 'csv' } }),
    );
    expect(new TextDecoder().decode(csv)).toContain('不达标');
    const long = { from: '2020-01-01', to: today };
    expect(await refusalCodes(cinemaSide.client.evidence.timeliness({ query: long }))).toEqual([
      'excessive_period',
    ]);
  });

  /** The hall of settlement, with terms for the film; the sheet of the distributor's side. */
  async function settlementOf(code: string) {
    const hall = distributor.client.settlement;
    // Sheets go by circuit: the cinema of this film has one now.
    const { exhibition } = cinemaSide.client;
    const own = { name: '白石院线', code: null, organisationId: null };
    const circuit = await exhibition.createCircuit({ body: own });
    const known = (await exhibition.cinemas({ query: { search: CODE } })).rows[0]!;
    const { name, code: cinemaCode, organisationId, version } = known;
    const fields = { name, code: cinemaCode, organisationId, circuitId: circuit.id };
    await exhibition.updateCinema({
      params: { id: cinemaId },
      body: { ...cinemaFields(fields), version },
    });
    const { rows } = await hall.templates();
    const template = rows.find((each) => each.code === 'domestic_57_43')!.terms as object;
    const film = { title: { zh: '长夜', en: 'Night' }, versions: [{ code, label: '2D' }] };
    const terms = await hall.createTerms({
      body: { filmId, title: '国产', terms: { ...template, film }, state: 'agreed' },
    });
    const period = { from: '2026-01-01', to: '2026-01-31' };
    const settled = async (reportIds: readonly string[]) => {
      const run = await hall.settle({
        body: { filmId, termsId: terms.id, ...period, reportIds: [...reportIds] },
      });
      await jobEnded(distributor, run.jobId!);
      const sheets = (await hall.statements({ query: { runId: run.id } })).rows;
      return sheets.find((each) => each.kind === 'distributor');
    };
    return { hall, settled };
  }

  it('[HH10] lets late corrections in only as they were approved', async () => {
    const text = (gross: number) =>
      `影院编码,影片编码,日期,场次,人次,票房,设备归属\n` +
      `${CODE},${FILM_CODE},2026-01-05,2,20,${gross}.00,自购\n`;
    const { exhibition, evidence } = cinemaSide.client;
    const first = await exhibition.importReport({
      body: { fileId: await upload(cinemaSide, 'old.csv', text(700)), filmId },
    });
    // It came long ago.
    const { kernel } = server.network.running;
    await kernel.database
      .updateTable('exhibition.report' as never)
      .set({ created_at: new Date(Date.now() - 30 * DAY_MS) } as never)
      .where('id' as never, '=', first.id as never)
      .execute();
    const { hall, settled } = await settlementOf(FILM_CODE);
    const stated = await settled([first.id]);
    const issued = await hall.issue({
      params: { id: stated!.id },
      body: { version: stated!.version },
    });
    expect(issued).toMatchObject({ state: 'issued', grossFen: '70000', supplementary: false });
    const correct = async (gross: number, correctionId?: string) =>
      exhibition.importReport({
        body: {
          fileId: await upload(cinemaSide, 'new.csv', text(gross)),
          filmId,
          supersedes: first.id,
          ...(correctionId === undefined ? {} : { correctionId }),
        },
      });
    expect(await refusalCodes(correct(800))).toEqual(['unapproved_correction']);
    const figures = { rows: 1, screenings: 2, admissions: 20, grossFen: '80000' };
    const applied = await evidence.applyForCorrection({
      body: { reportId: first.id, reason: '补登团体票', figures },
    });
    const twice = evidence.applyForCorrection({
      body: { reportId: first.id, reason: '再来', figures },
    });
    expect(await refusalCodes(twice)).toEqual(['doubled_correction']);
    const decision = { params: { id: applied.id }, body: { version: 1, agree: true } };
    expect(await refusalCodes(evidence.decideCorrection(decision))).toEqual(['same_person']);
    const approved = await distributor.client.evidence.decideCorrection(decision);
    expect(approved).toMatchObject({ state: 'approved' });
    expect(await refusalCodes(correct(801, applied.id))).toEqual(['mismatched_correction']);
    const done = await correct(800, applied.id);
    expect(done).toMatchObject({ supersedes: first.id, grossFen: '80000' });
    // What was issued stays; the settlement states the difference alone, and once.
    const supplement = await settled([done.id]);
    expect(supplement).toMatchObject({ supplementary: true, grossFen: '10000', lines: 1 });
    await hall.issue({
      params: { id: supplement!.id },
      body: { version: supplement!.version },
    });
    expect(await settled([done.id])).toBeUndefined();
    expect(await hall.statement({ params: { id: issued.id } })).toMatchObject({
      grossFen: '70000',
      totalFen: issued.totalFen,
    });
    // 700.00 and 800.00 less 5 % and 3.36/103, 43 % of it: rounded to date, not one by one.
    expect([issued.totalFen, supplement!.totalFen]).toEqual(['27613', '3945']);
    const [row] = (await evidence.corrections({ query: {} })).rows;
    expect(row).toMatchObject({ state: 'fulfilled', fulfilledBy: done.id });
    expect((await stranger.client.evidence.corrections({ query: {} })).rows).toEqual([]);
  });

  const head = '影片编码,日期,影厅,场次,人次,票房\n';
  const row = (date: string, gross: number, hall = '2号厅') =>
    `${FILM_CODE},${date},${hall},1,10,${gross}.00\n`;

  it('[HH23] asks an approval of what is added late, whoever sends it', async () => {
    const send = async (text: string) => {
      const response = await bySite('/api/site/box-office', text);
      return (await response.json()) as Sent;
    };
    type Sent = {
      readonly id: string;
      readonly supersedes: string | null;
      readonly findings: readonly { readonly code: string; readonly facts: object }[];
    };
    const codes = ({ findings }: Sent) =>
      findings.map((each) => each.code).filter((each) => each !== 'unknown_film_version');
    // The rows name no cinema: they are of the one whose box sends them.
    const known = head + row('2026-02-03', 700) + row('2026-02-05', 700);
    const first = await send(known);
    const { rows } = await cinemaSide.client.exhibition.reportRows({
      params: { id: first.id },
      query: {},
    });
    expect(rows.map((each) => each.cinemaCode)).toEqual([CODE, CODE]);
    await sql`update exhibition.report set created_at = now() - interval '30 days'
      where id = ${first.id}`.execute(server.network.running.kernel.database);
    // A day that follows is no addition; one that was left out, or told of, is one.
    expect(codes(await send(head + row('2026-02-06', 700)))).toEqual([]);
    expect(codes(await send(head + row('2026-02-04', 700)))).toEqual(['unapproved_correction']);
    const more = known + row('2026-02-05', 300, '3号厅');
    const refused = await send(more);
    expect(refused.findings[0]).toMatchObject({
      code: 'unapproved_correction',
      facts: { date: '2026-02-05', report: first.id },
    });
    const figures = { rows: 3, screenings: 3, admissions: 30, grossFen: '170000' };
    const applied = await cinemaSide.client.evidence.applyForCorrection({
      body: { reportId: first.id, reason: '漏报三号厅', figures },
    });
    await distributor.client.evidence.decideCorrection({
      params: { id: applied.id },
      body: { version: 1, agree: true },
    });
    expect(codes(await send(more.replace('300', '301')))).toEqual(['mismatched_correction']);
    // A row that is set aside is no part of the figures.
    const other = more.replaceAll(`${FILM_CODE},`, `${CODE},${FILM_CODE},`).replace('300', '301');
    const aside = `影院编码,${other}${CODE},${FILM_CODE},2026-02-05,4号厅,1,many,1.00\n`;
    const sent = cinemaSide.client.exhibition.importReport({
      body: {
        fileId: await upload(cinemaSide, 'aside.csv', aside),
        faults: 'quarantine',
        supersedes: first.id,
      },
    });
    expect(await refusalCodes(sent)).toEqual(['mismatched_correction']);
    const corrected = await send(more);
    expect([corrected.supersedes, codes(corrected)]).toEqual([first.id, []]);
    const [last] = (await cinemaSide.client.evidence.corrections({ query: {} })).rows;
    expect(last).toMatchObject({ id: applied.id, state: 'fulfilled' });
  });

  it('[HH23] tells of the same day in the free days, and asks nobody', async () => {
    const told = (gross: number) => `影院编码,${head}${CODE},${row(today, gross)}`;
    const fileId = await upload(cinemaSide, 'twice.csv', told(1));
    await cinemaSide.client.exhibition.importReport({ body: { fileId } });
    const again = await upload(cinemaSide, 'again.csv', told(2));
    const { findings } = await cinemaSide.client.exhibition.previewReport({
      body: { fileId: again },
    });
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'overlapping_report',
        facts: expect.objectContaining({ name: 'twice.csv', date: today }),
      }),
    );
  });

  const examine = async () => {
    const made = await distributor.client.cases.examine({ body: { from: day, to: day } });
    const job = await jobEnded(distributor, made.jobId!);
    expect(job.findings).toEqual([]);
    expect(job.state).toBe('done');
    return job.result;
  };
  const found = async (who = distributor) =>
    (await who.client.cases.list({ query: {} })).rows.map((each) => [each.rule, each.state]);

  it('[HH11] joins programme, log and tickets, and opens each suspicion once', async () => {
    // The evening was played, the noon was cut short, the morning was not played at all; the log
    // goes from the night before to the night after.
    const plays = table([
      ['1号厅', at('07:00'), 5],
      ['1号厅', at('13:15'), 60],
      ['1号厅', at('19:45'), 120],
      ['1号厅', at('23:00'), 5],
    ]);
    const body = { fileId: await upload(cinemaSide, 'plays.csv', plays), cinemaId, screenId };
    const log = await cinemaSide.client.evidence.takeLog({ body });
    expect(log).toMatchObject({ kind: 'table', playbacks: 4, fresh: 4 });
    const { rows } = await cinemaSide.client.evidence.playbacks({ query: { cinemaId } });
    expect(rows.every((each) => each.screenName === '1号厅')).toBe(true);
    expect(rows.every((each) => each.filmTitle === '长夜')).toBe(true);
    expect(await examine()).toMatchObject({ cinemas: 1, sessions: 5, opened: 3 });
    const expected = [
      ['excessive_admissions', 'open'],
      ['shortened_play', 'open'],
      ['tickets_without_play', 'open'],
    ];
    expect((await found()).toSorted()).toEqual(expected);
    expect(await examine()).toMatchObject({ opened: 0, standing: 3, cleared: 0 });
    expect((await found()).toSorted()).toEqual(expected);
    // Nobody else knows of a mere suspicion, the cinema neither.
    expect(await found(cinemaSide)).toEqual([]);
    expect(await found(stranger)).toEqual([]);
    const csv = await bytesOf(await distributor.client.cases.export({ query: { format: 'csv' } }));
    expect(new TextDecoder().decode(csv)).toContain('tickets_without_play');
  });

  it('[HH12] hears the cinema, takes two for money, and holds the rows meanwhile', async () => {
    const { cases } = distributor.client;
    const { rows } = await cases.list({ query: { rule: 'tickets_without_play' } });
    const params = { id: rows[0]!.id };
    let { version } = rows[0]!;
    const upheld = { verdict: 'upheld' as const, version };
    expect(await refusalCodes(cases.decide({ params, body: upheld }))).toEqual(['unheard_cinema']);
    const asked = await cases.ask({ params, body: { version, text: '请说明上午这一场' } });
    version = asked.version;
    expect(asked).toMatchObject({ state: 'asked', rows: [{ standing: 'held' }] });
    expect(asked.evidence.map((each) => each.kind).toSorted()).toEqual(['show', 'takings']);
    expect(await found(cinemaSide)).toEqual([['tickets_without_play', 'asked']]);
    expect((await problemOf(stranger.client.cases.get({ params }))).code).toBe('not_found');
    const own = cases.answer({ params, body: { version, text: '我们自己答' } });
    expect((await problemOf(own)).code).toBe('not_allowed');
    const fileId = await upload(cinemaSide, '说明.txt', '设备故障，已全部退票，尚未入账');
    const answered = await cinemaSide.client.cases.answer({
      params,
      body: { version, text: '设备故障', fileIds: [fileId] },
    });
    version = answered.version;
    // The examiner reads the cinema's file.
    const file = await distributor.client.files.download({ params: { id: fileId }, query: {} });
    expect(new TextDecoder().decode(await bytesOf(file))).toContain('退票');
    const [row] = answered.rows;
    const foreign = { reportId: row!.reportId, line: 999, admissions: 0, grossFen: '0' };
    const wrong = cases.decide({
      params,
      body: { verdict: 'upheld', version, rows: [foreign] },
    });
    expect(await refusalCodes(wrong)).toEqual(['foreign_case_row']);
    const change = { reportId: row!.reportId, line: row!.line, admissions: 10, grossFen: '35000' };
    const proposed = await cases.decide({
      params,
      body: { verdict: 'upheld', version, rows: [change], text: '按退票清单' },
    });
    version = proposed.version;
    expect(proposed).toMatchObject({ state: 'proposed', amountFen: '105000' });
    // Until it is confirmed the cinema sees what it saw.
    const { database } = server.network.running.kernel;
    const stated = await listRows(database, { reportIds: [row!.reportId], limit: 100 });
    expect(asDecided(stated, 'leave')).toHaveLength(2);
    expect(asDecided(stated, 'keep')).toHaveLength(3);
    const theirs = await cinemaSide.client.cases.get({ params });
    expect(theirs).toMatchObject({ state: 'answered', verdict: null, amountFen: '0' });
    expect(theirs.rows[0]).toMatchObject({ grossFen: '140000' });
    expect(theirs.events.map((each) => each.action)).not.toContain('propose');
    const confirm = { params, body: { version, agree: true } };
    expect(await refusalCodes(cases.confirm(confirm))).toEqual(['same_decider']);
    const decided = await director.client.cases.confirm(confirm);
    expect(decided).toMatchObject({
      state: 'decided',
      verdict: 'upheld',
      rows: [{ standing: 'adjusted', admissions: 10, grossFen: '35000', statedGrossFen: '140000' }],
    });
    // A settlement takes the row as it was decided, and says so.
    const { kernel } = server.network.running;
    const reportIds = [row!.reportId];
    const settled = async () =>
      asDecided(await listRows(kernel.database, { reportIds, limit: 100 }), 'leave').map(
        (each) => each.grossFen,
      );
    expect(await settled()).toEqual([35_000n, 105_000n, 353_500n]);
    const said = await standingFindings(kernel.database, reportIds, filmId);
    expect(said).toMatchObject([{ code: 'adjusted_case_rows', facts: { rows: 1 } }]);
    expect(
      await refusalCodes(cases.ask({ params, body: { version: decided.version, text: '' } })),
    ).toEqual(['invalid_case_step']);
    const late = cases.ask({ params, body: { version: 1, text: '' } });
    expect((await problemOf(late)).code).toBe('conflict');
  });

  it('[HH13] clears an open case when more comes to light, not the decided one', async () => {
    const more = table([['1号厅', at('13:15'), 120]]);
    const fileId = await upload(cinemaSide, 'more.csv', more);
    await cinemaSide.client.evidence.takeLog({ body: { fileId, cinemaId, screenId } });
    expect(await examine()).toMatchObject({ cleared: 1 });
    expect((await found()).toSorted()).toEqual([
      ['excessive_admissions', 'open'],
      ['shortened_play', 'cleared'],
      ['tickets_without_play', 'decided'],
    ]);
  });

  it('[HH14] shows the rules with their measures and lets them be set, with a reason', async () => {
    const { cases } = distributor.client;
    const rules = await cases.rules();
    expect(rules.version).toBe(0);
    expect(rules.measures).toHaveLength(rules.rules.length);
    const off = rules.rules.map((rule) => ({
      ...rule,
      enabled: rule.code !== 'excessive_admissions',
    }));
    const set = await cases.setRules({ body: { version: 0, reason: '先看别的', rules: off } });
    expect(set.version).toBe(1);
    const stale = cases.setRules({ body: { version: 0, reason: 'x', rules: off } });
    expect((await problemOf(stale)).code).toBe('conflict');
    const odd = [{ ...off[0]!, thresholds: { colour: 1 } }];
    const wrong = cases.setRules({ body: { version: 1, reason: 'x', rules: odd } });
    expect(await refusalCodes(wrong)).toEqual(['invalid_threshold']);
    await examine();
    expect((await found()).toSorted()[0]).toEqual(['excessive_admissions', 'cleared']);
  });

  it('[HH15] lays programme out by screen and day, and the country by province', async () => {
    const { calendar } = cinemaSide.client;
    const { rows } = await calendar.days({ query: { from: day, days: 2 } });
    expect(rows).toMatchObject([{ screenName: '1号厅', cinemaName: '白石影城' }]);
    expect(rows[0]!.days.map((each) => each.shows.map((show) => show.start))).toEqual([
      ['10:00', '13:00', '19:30'],
      [],
    ]);
    expect((await stranger.client.calendar.days({ query: { from: day, days: 2 } })).rows).toEqual(
      [],
    );
    const { provinces } = await calendar.map({ query: {} });
    // The record names no province; its code does.
    expect(provinces).toMatchObject([{ province: '湖南', cinemas: 1, screens: 1 }]);
    const { cinemas } = await calendar.map({ query: { province: '湖南' } });
    expect(cinemas).toMatchObject([{ id: cinemaId, name: '白石影城' }]);
  });

  it('[HH17] shows a circuit in the room no screening or playback of another', async () => {
    const rival = await server.newOrganisation('circuit', '对手院线');
    await distributor.client.rooms.admit({
      params: { id: filmId, organisationId: rival.organisationId },
      body: { halls: ['exhibition'] },
    });
    const seenBy = async ({ client }: TestPerson) => {
      const days = await client.calendar.days({ query: { from: day, days: 2 } });
      const played = await client.evidence.playbacks({ query: {} });
      return [days.rows.length, Math.min(1, played.rows.length)];
    };
    expect(await seenBy(rival)).toEqual([0, 0]);
    expect(await seenBy(distributor)).toEqual([1, 1]);
    expect(await seenBy(cinemaSide)).toEqual([1, 1]);
  });

  it('[HH16] answers a stranger on no endpoint with the id of any of these records', async () => {
    const { rows } = await distributor.client.cases.list({ query: {} });
    const logs = await cinemaSide.client.evidence.logs({ query: {} });
    const corrections = await cinemaSide.client.evidence.corrections({ query: {} });
    const sources = await cinemaSide.client.facilities.sources({ query: {} });
    const ids = [rows[0]!.id];
    expect(corrections.rows.length).toBeGreaterThan(0);
    expect([logs.rows.length, sources.rows.length].every((each) => each > 0)).toBe(true);
    expect(await endpointsAnswering(stranger, ids)).toEqual([]);
  });
});
