import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCryptography, readWorkbook } from '@yinglian/host';
import { readDelivery } from '@yinglian/boxoffice';
import { verifyStatement } from '@yinglian/settlement';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import {
  endpointsAnswering,
  bytesOf,
  cinemaFields,
  jobEnded,
  problemOf,
  refusalCodes,
  upload,
} from './support.ts';

const FILM_CODE = '051400392020';
const MONTH = { from: '2020-08-01', to: '2020-08-31' };
/** A name that would be code in a page that does not escape. */
const EVIL = '<img src=x onerror=alert(1)>&"影院';

describe('settlement', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let circuit: TestPerson;
  let other: TestPerson;
  let filmId: string;
  let termsId: string;
  let reportIds: string[];
  let runId: string;

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '发行方');
    circuit = await server.newOrganisation('circuit', '甲院线');
    other = await server.newOrganisation('circuit', '乙院线');
    const film = await distributor.client.film.create({
      body: {
        title: '某片',
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
    await reportBoxOffice();
    await settleAll();
  }, 120_000);
  afterAll(() => server.close());

  async function reportBoxOffice(): Promise<void> {
    reportIds = [];
    for (const [person, name, serial] of [
      [circuit, '甲院线', 1],
      [other, '乙院线', 2],
    ] as const) {
      const { exhibition } = person.client;
      await distributor.client.rooms.admit({
        params: { id: filmId, organisationId: person.organisationId },
        body: { halls: ['exhibition'] },
      });
      const own = await exhibition.createCircuit({
        body: { name, code: null, organisationId: person.organisationId },
      });
      for (const [index, equipment] of (['owned', 'leased'] as const).entries()) {
        await exhibition.createCinema({
          body: cinemaFields({
            name: index === 0 ? EVIL : `${name}影院`,
            circuitId: own.id,
            equipment,
            code: `430190${serial}${index + 1}`,
          }),
        });
      }
      const rows =
        serial === 1
          ? [`43019011,${FILM_CODE},2020-08-15,1,13,720.00,自购`]
          : [
              `43019021,${FILM_CODE},2020-08-16,3,77,1234.56,自购`,
              `43019022,${FILM_CODE},2020-08-17,2,5,99.99,租赁`,
            ];
      const text = `影院编码,影片编码,日期,场次,人次,票房,设备归属\n${rows.join('\n')}\n`;
      const report = await exhibition.importReport({
        body: { fileId: await upload(person, 'box.csv', text), filmId },
      });
      reportIds.push(report.id);
    }
  }

  async function settleAll(): Promise<void> {
    const { rows } = await distributor.client.settlement.templates();
    const template = rows.find((each) => each.code === 'domestic_57_43')!;
    const terms = template.terms as Record<string, unknown>;
    const made = await distributor.client.settlement.createTerms({
      body: {
        filmId,
        title: '国产',
        terms: {
          ...terms,
          film: {
            title: { zh: '某片', en: 'A film' },
            versions: [{ code: FILM_CODE, label: '2D' }],
          },
        },
      },
    });
    const agreed = await distributor.client.settlement.updateTerms({
      params: { id: made.id },
      body: { version: made.version, title: made.title, terms: made.terms, state: 'agreed' },
    });
    termsId = agreed.id;
    const run = await distributor.client.settlement.settle({
      body: { filmId, termsId, ...MONTH, reportIds },
    });
    runId = run.id;
    await jobEnded(distributor, run.jobId!);
  }

  const statements = async () =>
    (await distributor.client.settlement.statements({ query: { runId } })).rows;
  const statementOf = async (name: string) =>
    (await statements()).find((each) => each.kind === 'circuit' && each.counterparty === name)!;
  const linesOf = async (id: string) =>
    (await distributor.client.settlement.lines({ params: { id }, query: {} })).rows;

  it('[HE1] gives the row 720.00 / 43 % / 309.60 of August 2020', async () => {
    const statement = await statementOf('甲院线');
    expect(statement).toMatchObject({
      grossFen: '72000',
      fundFen: '0',
      taxFen: '0',
      netFen: '72000',
      totalFen: '30960',
      lines: 1,
    });
    expect(await linesOf(statement.id)).toMatchObject([
      {
        cinemaCode: '43019011',
        grossFen: '72000',
        share: '43/100',
        shareFen: '30960',
        equipment: 'owned',
      },
    ]);
  });

  it('[HE2] gives every fen of the gross to somebody, and statements that add up', async () => {
    const run = await distributor.client.settlement.run({ params: { id: runId } });
    expect(run).toMatchObject({ state: 'done', grossFen: String(72_000 + 123_456 + 9_999) });
    const sum = (values: readonly string[]) =>
      values.reduce((total, each) => total + BigInt(each), 0n);
    expect(String(sum(run.parties.map((each) => each.amountFen)))).toBe(run.grossFen);
    const all = await statements();
    for (const statement of all) {
      const lines = await linesOf(statement.id);
      expect(lines).toHaveLength(statement.lines);
      expect(String(sum(lines.map((each) => each.shareFen)))).toBe(statement.totalFen);
      expect(String(sum(lines.map((each) => each.grossFen)))).toBe(statement.grossFen);
    }
    const circuits = all.filter((each) => each.kind === 'circuit');
    expect(circuits).toHaveLength(2);
    const whole = all.find((each) => each.kind === 'distributor')!;
    expect(String(sum(circuits.map((each) => each.totalFen)))).toBe(whole.totalFen);
    const named = run.parties.find((each) => each.role === 'distributor')!;
    expect(named.amountFen).toBe(whole.totalFen);
  });

  it('[HE3] opens a figure down to the rows it was summed from, in both languages', async () => {
    const statement = await statementOf('乙院线');
    for (const line of await linesOf(statement.id)) {
      const params = { id: statement.id, lineId: line.id };
      const told = await distributor.client.settlement.explain({ params, query: {} });
      expect(told.amountFen).toBe(line.shareFen);
      expect(told.rows.length).toBeGreaterThan(0);
      for (const row of told.rows) {
        const { rows } = await distributor.client.exhibition.reportRows({
          params: { id: row.reportId },
          query: {},
        });
        expect(rows.find((each) => each.line === row.line)?.grossFen).toBe(line.grossFen);
      }
      const text = JSON.stringify(told);
      expect(text).toContain('净票房');
      const english = await distributor.client.settlement.explain({
        params,
        query: { language: 'en' },
      });
      expect(JSON.stringify(english)).not.toMatch(/[一-鿿]/);
    }
    const missing = distributor.client.settlement.explain({
      params: { id: statement.id, lineId: 'nothing' },
      query: {},
    });
    expect((await problemOf(missing)).code).toBe('not_found');
  });

  it('[HE4] gives a proof that anybody recomputes and no forgery survives', async () => {
    for (const { id } of await statements()) {
      const answer = await distributor.client.settlement.proof({ params: { id } });
      const text = new TextDecoder().decode(await bytesOf(answer));
      const verdict = verifyStatement(JSON.parse(text), nodeCryptography);
      expect(verdict.ok && verdict.findings.filter((each) => each.severity === 'error')).toEqual(
        [],
      );
    }
    const { id } = await statementOf('甲院线');
    const answer = await distributor.client.settlement.proof({ params: { id } });
    const text = new TextDecoder().decode(await bytesOf(answer));
    expect(text).toContain('30960');
    const forged = verifyStatement(JSON.parse(text.replaceAll('30960', '30961')), nodeCryptography);
    expect(forged.ok && !forged.findings.some((each) => each.severity === 'error')).toBe(false);
  });

  it('[HE5] writes a workbook that reads back to the same figures', async () => {
    for (const name of ['甲院线', '乙院线']) {
      const statement = await statementOf(name);
      const answer = await distributor.client.settlement.spreadsheet({
        params: { id: statement.id },
        query: {},
      });
      const workbook = await readWorkbook(await bytesOf(answer));
      if (!workbook.ok) throw new Error('the workbook cannot be read');
      const read = readDelivery(workbook.value, { policy: 'all_or_nothing' });
      if (!read.ok) throw new Error(read.findings.map((each) => each.code).join());
      const lines = await linesOf(statement.id);
      expect(
        read.value.records.map((each) => [
          each.cinemaCode,
          String(each.grossFen),
          String(each.netFen),
          String(each.shareFen),
          each.admissions,
        ]),
      ).toEqual(
        lines.map((each) => [
          each.cinemaCode,
          each.grossFen,
          each.netFen,
          each.shareFen,
          each.admissions,
        ]),
      );
    }
  });

  it('[HE6] prints a page in which a name stays a name', async () => {
    for (const language of ['zh-CN', 'en'] as const) {
      const { id } = await statementOf('甲院线');
      const answer = await distributor.client.settlement.print({
        params: { id },
        query: { language },
      });
      const page = await answer.text();
      expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;影院');
      expect(page).not.toContain('<img');
      expect(page).toContain('309.60');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('content-disposition')).toMatch(/^inline;/);
    }
  });

  it('[HE6] prints the same figures as PDF, for its parties only', async () => {
    const { id, number } = await statementOf('甲院线');
    const call = { params: { id }, query: { language: 'en' as const } };
    const answer = await distributor.client.settlement.pdf(call);
    expect(answer.headers.get('content-disposition')).toContain(`${number}.pdf`);
    const text = new TextDecoder('latin1').decode(await bytesOf(answer));
    for (const told of ['(309.60) Tj', '(720.00) Tj', '(43%) Tj', '[0 0 842 595]'])
      expect(text).toContain(told);
    expect((await problemOf(other.client.settlement.pdf(call))).code).toBe('not_found');
  });

  it('[HE7] issues once; what is issued does not change, not even by SQL', async () => {
    const { settlement } = distributor.client;
    const draft = await statementOf('甲院线');
    const party = circuit.client.settlement.statement({ params: { id: draft.id } });
    expect((await problemOf(party)).code).toBe('not_found');
    const issue = (version: number) =>
      settlement.issue({ params: { id: draft.id }, body: { version } });
    expect((await problemOf(issue(draft.version + 7))).status).toBe(409);
    expect(await issue(draft.version)).toMatchObject({ state: 'issued' });
    expect(await refusalCodes(issue(draft.version + 1))).toEqual(['issued_statement']);
    for (const attempt of [
      `update settlement.statement set total_fen = 1 where id = '${draft.id}'`,
      `update settlement.statement set state = 'draft' where id = '${draft.id}'`,
      `delete from settlement.statement where id = '${draft.id}'`,
      `update settlement.statement_line set line = '{}' where statement_id = '${draft.id}'`,
      `delete from settlement.statement_line where statement_id = '${draft.id}'`,
      `insert into settlement.statement_line select '${draft.id}', 99, 'x', line, derivation
        from settlement.statement_line where statement_id <> '${draft.id}' limit 1`,
      `update settlement.statement_line set statement_id = '${draft.id}', number = 98, line_id = 'y'
        where statement_id <> '${draft.id}'`,
      'truncate settlement.statement_line',
      'truncate settlement.statement cascade',
    ]) {
      await expect(raw(attempt), attempt).rejects.toThrow(/issued/);
    }
    expect(await settlement.statement({ params: { id: draft.id } })).toMatchObject({
      totalFen: '30960',
    });
  });

  it('[HE8] shows an issued statement to its party and never to another circuit', async () => {
    const { id } = await statementOf('甲院线');
    const { client } = circuit;
    expect((await client.settlement.statement({ params: { id } })).totalFen).toBe('30960');
    expect((await client.settlement.lines({ params: { id }, query: {} })).rows).toHaveLength(1);
    const [line] = (await client.settlement.lines({ params: { id }, query: {} })).rows;
    const told = await client.settlement.explain({ params: { id, lineId: line!.id }, query: {} });
    expect(told.amountFen).toBe('30960');
    await client.settlement.spreadsheet({ params: { id }, query: {} });
    const own = await client.settlement.statements({ query: {} });
    expect(own.rows.map((each) => each.id)).toEqual([id]);
    const issue = client.settlement.issue({ params: { id }, body: { version: 2 } });
    expect((await problemOf(issue)).code).toBe('not_allowed');
    const hidden = other.client.settlement;
    const tried = await Promise.all(
      [
        hidden.statement({ params: { id } }),
        hidden.lines({ params: { id }, query: {} }),
        hidden.explain({ params: { id, lineId: line!.id }, query: {} }),
        hidden.spreadsheet({ params: { id }, query: {} }),
        hidden.print({ params: { id }, query: {} }),
        hidden.proof({ params: { id } }),
        hidden.issue({ params: { id }, body: { version: 2 } }),
        hidden.run({ params: { id: runId } }),
        hidden.terms({ params: { id: termsId } }),
      ].map(problemOf),
    );
    for (const problem of tried) expect(problem.code).toBe('not_found');
    expect((await hidden.statements({ query: {} })).rows).toEqual([]);
    const accountant = await server.newMember(distributor, ['settlement.accountant']);
    const draft = await statementOf('乙院线');
    const early = accountant.client.settlement.issue({
      params: { id: draft.id },
      body: { version: draft.version },
    });
    expect((await problemOf(early)).code).toBe('not_allowed');
  });

  it('[HE11] answers a stranger on no endpoint with the id of any of these records', async () => {
    const stranger = await server.newOrganisation('distributor');
    // Statements of one run are reached alike; each id is tried on every endpoint.
    const some = (await statements()).slice(0, 2).map(({ id }) => id);
    const ids = [filmId, termsId, runId, reportIds[0]!, ...some];
    expect(await endpointsAnswering(stranger, ids)).toEqual([]);
    expect(await endpointsAnswering(distributor, [runId])).not.toEqual([]);
  });

  it('[HE13] says who gains and who loses when facts are others, and keeps nothing', async () => {
    const { settlement } = distributor.client;
    const before = await settlement.run({ params: { id: runId } });
    const thought = (changes: object) =>
      settlement.whatIf({ params: { id: runId }, body: { changes } });
    const rows = [{ where: { cinemaCode: '43019011' }, times: '50%' }];
    const { changes } = await thought({ rows });
    expect(changes.every((each) => BigInt(each.differenceFen) <= 0n)).toBe(true);
    expect(changes.reduce((left, each) => left + BigInt(each.differenceFen), 0n)).toBe(-36000n);
    const nobody = thought({ rows: [{ where: { cinemaCode: '1' }, times: '90%' }] });
    expect(await refusalCodes(nobody)).toEqual(['unmatched_change']);
    expect(await refusalCodes(thought({ rows: 1 }))).toEqual(['invalid_change']);
    expect(await settlement.run({ params: { id: runId } })).toEqual(before);
  });

  it('[HE12] issues nothing that stands on terms which are still a draft', async () => {
    const { settlement } = distributor.client;
    const { terms } = await settlement.terms({ params: { id: termsId } });
    const draft = await settlement.createTerms({ body: { filmId, title: '草案', terms } });
    expect(draft.state).toBe('draft');
    const trial = await settlement.settle({
      body: { filmId, termsId: draft.id, ...MONTH, reportIds },
    });
    await jobEnded(distributor, trial.jobId!);
    const { rows } = await settlement.statements({ query: { runId: trial.id } });
    const { id, version } = rows.find((each) => each.kind === 'circuit')!;
    const issued = settlement.issue({ params: { id }, body: { version } });
    expect(await refusalCodes(issued)).toEqual(['draft_terms']);
    const agreed = await settlement.createTerms({
      body: { filmId, title: '定稿', terms, state: 'agreed' },
    });
    expect(agreed.state).toBe('agreed');
  });

  it('[HE2] takes VAT by the kind of taxpayer that the register says a cinema is', async () => {
    const { exhibition, settlement } = distributor.client;
    const { rows: cinemas } = await exhibition.cinemas({ query: { search: '43019022' } });
    const { id, version, name, code, circuitId, equipment } = cinemas[0]!;
    const saved = await other.client.exhibition.updateCinema({
      params: { id },
      body: {
        ...cinemaFields({ name, code, circuitId, equipment, taxpayer: 'small_scale' as const }),
        version,
      },
    });
    expect(saved.taxpayer).toBe('small_scale');
    const { rows } = await settlement.templates();
    const template = rows.find((each) => each.code === 'domestic_57_43')!;
    const made = await settlement.createTerms({
      body: {
        filmId,
        title: '按纳税人类型',
        state: 'agreed',
        terms: {
          ...(template.terms as object),
          film: { title: { zh: '片', en: 'Film' }, versions: [{ code: FILM_CODE, label: '2D' }] },
          vat: {
            to: 'tax_office',
            methods: [
              { id: 'general', method: 'extracted', rate: '3%', surcharge: '12%' },
              { id: 'small', taxpayer: 'small_scale', method: 'small_scale', rate: '1%' },
            ],
          },
        },
      },
    });
    const run = await settlement.settle({
      body: { filmId, termsId: made.id, ...MONTH, reportIds },
    });
    await jobEnded(distributor, run.jobId!);
    const { rows: sheets } = await settlement.statements({ query: { runId: run.id } });
    const sheet = sheets.find((each) => each.kind === 'circuit' && each.counterparty === '乙院线')!;
    const lines = await linesOf(sheet.id);
    const taxOf = (code: string) => lines.find((each) => each.cinemaCode === code)?.taxFen;
    // 99.99 × 1 / 101 and 1,234.56 × 3.36 / 103, in fen.
    expect(taxOf('43019022')).toBe('99');
    expect(taxOf('43019021')).toBe('4027');
  });

  it('[HE9] settles no corrected report, no foreign terms, no reversed period', async () => {
    const { settlement } = distributor.client;
    const text = `影院编码,影片编码,日期,场次,人次,票房\n43019011,${FILM_CODE},2020-08-15,1,13,721.00\n`;
    await circuit.client.exhibition.importReport({
      body: { fileId: await upload(circuit, 'box2.csv', text), filmId, supersedes: reportIds[0]! },
    });
    const settle = (more: object) =>
      refusalCodes(
        settlement.settle({
          body: { filmId, termsId, ...MONTH, reportIds: [reportIds[1]!], ...more },
        }),
      );
    expect(await settle({ reportIds })).toEqual(['superseded_report']);
    expect(await settle({ from: '2020-09-01' })).toEqual(['reversed_dates']);
    const film = await distributor.client.film.create({ body: { title: '另一片' } });
    expect(await settle({ filmId: film.id })).toEqual(['foreign_terms']);
  });

  it('[HE10] refuses terms that are none, keeps both versions of a late change', async () => {
    const { settlement } = distributor.client;
    const bad = settlement.createTerms({ body: { filmId, title: '坏', terms: { format: 'x' } } });
    expect((await problemOf(bad)).code).toBe('invalid');
    const stored = await settlement.terms({ params: { id: termsId } });
    const change = (title: string) =>
      settlement.updateTerms({
        params: { id: termsId },
        body: { version: stored.version, title, terms: stored.terms, state: 'agreed' },
      });
    await change('先到');
    expect(await problemOf(change('后到'))).toMatchObject({
      status: 409,
      stored: { title: '先到' },
      sent: { title: '后到' },
    });
    await expect(
      raw(`update settlement.terms_version set title = 'x' where terms_id = '${termsId}'`),
    ).rejects.toThrow();
    const checked = await settlement.checkTerms({
      body: { terms: stored.terms, language: 'zh-CN' },
    });
    expect(checked.text).toContain('43');
  });

  async function raw(text: string): Promise<unknown> {
    return server.network.running.kernel.database.executeQuery({
      sql: text,
      parameters: [],
      query: { kind: 'RawNode' as const, sqlFragments: [text], parameters: [] },
      queryId: { queryId: 'test' },
    });
  }
});
