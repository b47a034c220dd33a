import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCryptography, verifyEd25519 } from '@yinglian/host';
import { verifyBundle } from '@yinglian/settlement';
import { createNight } from '../../src/settlement/night.ts';
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

const FILM_CODE = '001100012026';
const MARCH = { from: '2026-03-01', to: '2026-03-31' };
const APRIL = { from: '2026-04-01', to: '2026-04-30' };
const HEADING = '影院编码,影片编码,日期,场次,人次,票房,设备归属';
const name = (zh: string, en: string) => ({ zh, en });
const party = (id: string, role: string, zh: string) => ({
  id,
  role,
  name: name(zh, id.replaceAll('_', ' ')),
  account: id,
});
const HEAD = {
  format: 'yinglian-terms/1',
  version: '1',
  effective: { from: '2026-01-01' },
  recordedOn: '2026-01-01',
};
/** 10 % fee, expenses first, then the producer; the investor has 40 % of what is left. */
const WATERFALL = {
  ...HEAD,
  kind: 'waterfall',
  id: 'producer',
  title: name('片方分配', 'Producer waterfall'),
  parties: [
    party('distributor', 'distributor', '发行方'),
    party('producer', 'producer', '制片方'),
    party('investor', 'investor', '投资方'),
    party('tax_office', 'tax_office', '税务'),
  ],
  films: ['某片'],
  steps: [
    { id: 'commission', kind: 'fee', to: 'distributor', rate: '10%' },
    { id: 'costs', kind: 'recoup', takers: [{ to: 'distributor', expenses: ['pa'] }] },
    {
      id: 'profit',
      kind: 'split',
      shares: [
        { to: 'producer', share: '60%' },
        { to: 'investor', share: '40%' },
      ],
    },
  ],
  withholding: [{ id: 'tax', party: 'investor', to: 'tax_office', rate: '10%' }],
};
const RENTAL = {
  ...HEAD,
  kind: 'rental',
  id: 'rental',
  title: name('片租', 'Rental'),
  parties: [party('exhibitor', 'circuit', '放映方'), party('distributor', 'distributor', '发行方')],
  exhibitor: 'exhibitor',
  distributor: 'distributor',
  start: '2026-03-13',
  film: { title: name('某片', 'A film'), versions: [{ code: FILM_CODE, label: '2D' }] },
  clauses: [{ id: 'all', method: { kind: 'sliding', weeks: ['60%', '50%'] } }],
};
const STREAMING = {
  ...HEAD,
  kind: 'streaming',
  id: 'platform',
  title: name('平台', 'Platform'),
  parties: [party('platform', 'platform', '平台'), party('producer', 'producer', '制片方')],
  platform: 'platform',
  licensor: 'producer',
  release: '2026-03-01',
  components: [
    {
      component: {
        kind: 'income',
        id: 'net',
        incomes: ['member'],
        mode: 'marginal',
        tiers: [
          { above: '0', share: '80%' },
          { above: '1000000', share: '100%' },
        ],
      },
    },
  ],
};

describe('kinds of terms', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let producer: TestPerson;
  let circuit: TestPerson;
  let stranger: TestPerson;
  let filmId: string;
  let sheetTerms: string;
  let reportIds: string[];
  const terms: Record<string, string> = {};

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '发行公司');
    producer = await server.newOrganisation('producer', '制片公司');
    circuit = await server.newOrganisation('circuit', '甲院线');
    stranger = await server.newOrganisation('circuit', '乙院线');
    const version = { format: '2D' as const, filmCode: FILM_CODE, audioLanguage: null };
    const film = await distributor.client.film.create({
      body: {
        title: '某片',
        versions: [{ ...version, subtitleLanguages: [], runtimeSeconds: null }],
      },
    });
    filmId = film.id;
    for (const [person, halls] of [
      [circuit, ['exhibition']],
      [producer, ['settlement']],
    ] as const) {
      await distributor.client.rooms.admit({
        params: { id: filmId, organisationId: person.organisationId },
        body: { halls: [...halls] },
      });
    }
    const own = await circuit.client.exhibition.createCircuit({
      body: { name: '甲院线', code: null, organisationId: circuit.organisationId },
    });
    for (const serial of [1, 2]) {
      const fields = { name: `影院${serial}`, circuitId: own.id, equipment: 'owned' as const };
      await circuit.client.exhibition.createCinema({
        body: cinemaFields({ ...fields, code: `4301901${serial}` }),
      });
    }
    reportIds = [
      await report([
        `43019011,${FILM_CODE},2026-03-15,4,100,4000.00,自购`,
        `43019012,${FILM_CODE},2026-03-16,3,77,3080.00,自购`,
      ]),
    ];
    const { rows } = await distributor.client.settlement.templates();
    const template = rows.find((each) => each.code === 'domestic_57_43')!.terms as object;
    sheetTerms = await agreed({ ...template, film: RENTAL.film });
    terms['waterfall'] = await agreed(WATERFALL);
    terms['rental'] = await agreed(RENTAL);
    terms['streaming'] = await agreed(STREAMING);
  }, 120_000);
  afterAll(() => server.close());

  const hall = () => distributor.client.settlement;
  const sum = (rows: readonly { totalFen: string }[]) =>
    rows.reduce((left, each) => left + BigInt(each.totalFen), 0n);

  async function report(rows: readonly string[], supersedes?: string): Promise<string> {
    const fileId = await upload(circuit, 'box.csv', `${HEADING}\n${rows.join('\n')}\n`);
    const made = await circuit.client.exhibition.importReport({
      body: { fileId, filmId, ...(supersedes === undefined ? {} : { supersedes }) },
    });
    return made.id;
  }

  async function agreed(data: object): Promise<string> {
    const title = (data as { id: string }).id;
    return (await hall().createTerms({ body: { filmId, title, terms: data, state: 'agreed' } })).id;
  }

  async function settled(termsId: string, period: typeof MARCH, more: object = {}) {
    const run = await hall().settle({ body: { filmId, termsId, ...period, ...more } });
    await jobEnded(distributor, run.jobId!);
    const done = await hall().run({ params: { id: run.id } });
    const { rows } = await hall().statements({ query: { runId: run.id } });
    return { run: done, rows };
  }

  async function issue(statement: { id: string; version: number }) {
    return hall().issue({ params: { id: statement.id }, body: { version: statement.version } });
  }

  async function proved(id: string) {
    const answer = await hall().proof({ params: { id } });
    const data: unknown = JSON.parse(new TextDecoder().decode(await bytesOf(answer)));
    return verifyBundle(data, nodeCryptography, { verifyEd25519 });
  }

  const openOf = async (person: TestPerson, side: 'receivable' | 'payable') =>
    (await person.client.ledger.items({ query: { side } })).rows;

  it('[HQ1] runs issued sheets through a waterfall, a statement for each party', async () => {
    const linked = await hall().linkParties({
      params: { id: terms['waterfall']! },
      body: { parties: [{ party: 'producer', organisationId: producer.organisationId }] },
    });
    expect(linked.rows.find((each) => each.party === 'producer')?.organisation).toBe('制片公司');
    expect(
      (await settled(terms['waterfall']!, MARCH)).run.findings.map((each) => each.code),
    ).toEqual(['missing_inputs']);
    const sheets = await settled(sheetTerms, MARCH, { reportIds });
    const sheet = sheets.rows.find((each) => each.kind === 'circuit')!;
    await issue(sheet);
    const kept = await hall().recordInputs({
      body: {
        filmId,
        records: [
          { kind: 'expense', key: 'pa-1', date: '2026-02-01', account: 'pa', amountFen: '100000' },
        ],
      },
    });
    expect(kept).toEqual({ added: 1, changed: 0, unchanged: 0 });
    const { run, rows } = await settled(terms['waterfall']!, MARCH);
    expect(run).toMatchObject({ kind: 'waterfall', state: 'done', statementIds: [sheet.id] });
    expect(run.grossFen).toBe(sheet.totalFen);
    // By hand: 10 % of the income, 1,000 yuan of expenses, the rest 60 : 40.
    const income = BigInt(sheet.totalFen);
    const rest = income * 9n - 1_000_000n;
    const byParty = Object.fromEntries(rows.map((each) => [each.party, BigInt(each.totalFen)]));
    expect(Math.abs(Number(byParty['producer']! * 100n - rest * 6n))).toBeLessThan(100);
    expect(Math.abs(Number(byParty['investor']! * 100n - rest * 4n))).toBeLessThan(100);
    expect(byParty['distributor']! + byParty['producer']! + byParty['investor']!).toBe(income);
    for (const each of rows) {
      const verdict = await proved(each.id);
      expect([each.party, verdict.ok]).toEqual([each.party, true]);
    }
    const investor = rows.find((each) => each.party === 'investor')!;
    const tax = rows.find((each) => each.kind === 'tax')!;
    expect(investor.account?.withheldFen).toBe(tax.totalFen);
    const before = await openOf(distributor, 'payable');
    await issue(investor);
    const after = await openOf(distributor, 'payable');
    const added = after.filter((each) => !before.some((other) => other.item === each.item));
    expect(added.map((each) => each.openFen)).toEqual([investor.account?.payableFen]);
  });

  it('[HQ2] opens a waterfall’s figure in words of the reader, down to the income', async () => {
    const { rows } = await hall().statements({ query: { filmId, limit: 100 } });
    const statement = rows.find((each) => each.kind === 'producer')!;
    const params = { id: statement.id };
    const [line] = (await hall().lines({ params, query: {} })).rows;
    expect(line).toMatchObject({ title: name('分成（profit）', 'Split (profit)'), priorFen: '0' });
    const told = await hall().explain({ params: { ...params, lineId: line!.id }, query: {} });
    expect(told.amountFen).toBe(line!.shareFen);
    const words = JSON.stringify(told);
    for (const raw of ['sum_of_incomes', 'to_date', 'remaining', 'largest_remainder', '"last"'])
      expect(words).not.toContain(raw);
    const english = await hall().explain({
      params: { ...params, lineId: line!.id },
      query: { language: 'en' },
    });
    expect(JSON.stringify(english)).toContain('Income');
    expect(JSON.stringify(english).replaceAll('某片', '')).not.toMatch(/[一-鿿]/);
    const checked = await hall().checkTerms({ body: { terms: WATERFALL, language: 'en' } });
    expect(checked.text).toContain('10%');
  });

  it('[HQ3] carries a statement from draft over acceptance and invoice to payment', async () => {
    const { rows } = await hall().statements({ query: { filmId, limit: 100 } });
    const draft = rows.find((each) => each.kind === 'producer')!;
    const params = { id: draft.id };
    const hidden = producer.client.settlement.statement({ params });
    expect((await problemOf(hidden)).code).toBe('not_found');
    expect(draft.stage).toBe('draft');
    const issued = await issue(draft);
    expect(issued).toMatchObject({ stage: 'issued', openFen: draft.totalFen });
    const invoice = (version: number) =>
      producer.client.settlement.invoice({
        params,
        body: { version, number: 'FP-001', date: '2026-04-10' },
      });
    expect(await refusalCodes(invoice(issued.version))).toEqual(['unaccepted_statement']);
    const taken = await producer.client.settlement.accept({
      params,
      body: { version: issued.version },
    });
    expect(taken).toMatchObject({ stage: 'accepted', ours: false, openFen: draft.totalFen });
    const wrong = hall().invoice({
      params,
      body: { version: taken.version, number: 'X', date: '2026-04-10' },
    });
    expect(await refusalCodes(wrong)).toEqual(['unowed_statement']);
    const invoiced = await invoice(taken.version);
    expect(invoiced).toMatchObject({ stage: 'invoiced', invoice: { number: 'FP-001' } });
    expect(await refusalCodes(invoice(invoiced.version))).toEqual(['invoiced_statement']);
    await pay(draft.number, draft.totalFen);
    expect(await hall().statement({ params })).toMatchObject({ stage: 'paid', openFen: '0' });
    const { rows: balances } = await hall().balances({ query: { filmId } });
    expect(balances.find((each) => each.party === '制片公司')).toMatchObject({
      side: 'payable',
      statements: 1,
      statedFen: draft.totalFen,
      openFen: '0',
      settledFen: draft.totalFen,
    });
    expect((await proved(draft.id)).ok).toBe(true);
  });

  async function pay(item: string, amountFen: string): Promise<void> {
    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const yuan = (Number(amountFen) / 100).toFixed(2);
    const text = `交易日期,流水号,收入,支出,对方户名,摘要\n${day},P-1,,${yuan},制片公司,${item}\n`;
    const fileId = await upload(distributor, 'bank.csv', text);
    await distributor.client.ledger.importBankFile({ body: { fileId } });
    const { rows } = await distributor.client.ledger.bankLines({ query: { state: 'open' } });
    const line = rows.find((each) => each.serial === 'P-1')!;
    expect(line.suggestion).toMatchObject({ party: '制片公司', parts: [{ item, fen: amountFen }] });
    await distributor.client.ledger.postBankLine({
      params: { id: line.id },
      body: { party: '制片公司', parts: [{ item, fen: amountFen }] },
    });
  }

  it('[HQ4] states late rows as supplements, once, through the waterfall', async () => {
    const same = await settled(sheetTerms, MARCH, { reportIds });
    expect(same.rows.filter((each) => each.kind === 'circuit')).toEqual([]);
    expect(same.run.findings.map((each) => each.code)).toContain('unchanged_statements');
    const late = await report([`43019012,${FILM_CODE},2026-03-30,1,10,400.00,自购`]);
    const first = await settled(sheetTerms, MARCH, { reportIds: [...reportIds, late] });
    const second = await settled(sheetTerms, MARCH, { reportIds: [...reportIds, late] });
    const [one, two] = [first, second].map(({ rows }) =>
      rows.find((each) => each.kind === 'circuit')!,
    );
    expect(one).toMatchObject({ supplementary: true, grossFen: '40000', lines: 1 });
    await issue(one!);
    expect(await refusalCodes(issue(two!))).toEqual(['outdated_statement']);
    expect((await proved(one!.id)).ok).toBe(true);
    const [line] = (await hall().lines({ params: { id: one!.id }, query: {} })).rows;
    const told = await hall().explain({
      params: { id: one!.id, lineId: line!.id },
      query: { language: 'en' },
    });
    expect(JSON.stringify(told)).toContain('Stated for this period');
    const { run, rows } = await settled(terms['waterfall']!, MARCH);
    expect(run.statementIds).toContain(one!.id);
    const own = rows.filter((each) => each.kind !== 'tax' && each.party !== 'distributor');
    expect(own.map((each) => each.supplementary)).toEqual([true, true]);
    // 90 % of the new money goes to producer and investor: the expenses are recouped already.
    expect(Math.abs(Number(sum(own) * 10n - BigInt(one!.totalFen) * 9n))).toBeLessThan(20);
    const early = await settled(terms['waterfall']!, { from: '2026-02-01', to: '2026-02-28' });
    for (const each of early.rows.filter((row) => row.kind === 'producer'))
      expect(await refusalCodes(issue(each))).toEqual(['repeated_statement']);
  });

  it('[HQ5] settles rental by week, what is agreed after the run by difference', async () => {
    const { rows } = await settled(terms['rental']!, MARCH, { reportIds });
    expect(rows).toMatchObject([{ kind: 'exhibitor', counterparty: '甲院线', totalFen: '424800' }]);
    await issue(rows[0]!);
    await hall().recordInputs({
      body: {
        filmId,
        records: [{ kind: 'engagement', key: 'a', cinemaCode: '43019011', agreedRate: '55%' }],
      },
    });
    const again = await settled(terms['rental']!, MARCH, { reportIds });
    expect(again.rows).toMatchObject([{ totalFen: '-20000', supplementary: true }]);
    expect((await proved(again.rows[0]!.id)).ok).toBe(true);
    const [line] = (await hall().lines({ params: { id: again.rows[0]!.id }, query: {} })).rows;
    expect(line?.title?.en).toContain('Week 1');
    await issue(again.rows[0]!);
    const none = hall().settle({ body: { filmId, termsId: terms['rental']!, ...MARCH } });
    expect(await refusalCodes(none)).toEqual(['missing_reports']);
  });

  it('[HQ6] imports a platform’s usage once, corrects it, and settles it to date', async () => {
    const table = (rows: readonly string[]) => `日期,收入:member\n${rows.join('\n')}\n`;
    const sent = async (text: string, commit: boolean) =>
      hall().importInputs({
        body: { filmId, kind: 'usage', commit, fileId: await upload(distributor, 'u.csv', text) },
      });
    const good = table(['2026-03-05,"900,000.00"', '2026-03-06,300000']);
    expect(await sent(good, false)).toMatchObject({ rows: 2, added: 2 });
    expect((await hall().inputs({ query: { filmId, kind: 'usage' } })).rows).toEqual([]);
    expect(await sent(good, true)).toMatchObject({ added: 2, changed: 0 });
    expect(await sent(good, true)).toMatchObject({ added: 0, unchanged: 2 });
    // A payment without a key does not replace another of its day.
    const income = async (amount: string) =>
      hall().importInputs({
        body: {
          filmId,
          kind: 'income',
          commit: true,
          fileId: await upload(distributor, 'i.csv', `日期,来源,金额\n2025-03-05,海外,${amount}\n`),
        },
      });
    expect(await income('100')).toMatchObject({ added: 1 });
    expect(await refusalCodes(income('200'))).toEqual(['replaced_payment']);
    const withdraw = async () => {
      const [kept] = (await hall().inputs({ query: { filmId, kind: 'income' } })).rows;
      await hall().withdrawInput({ params: { id: kept!.id } });
    };
    await withdraw();
    // Nor where two of a day come at once.
    const both = await Promise.allSettled([income('300'), income('400')]);
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    await withdraw();
    const faulty = table(['2026-03-05,abc', '2026-13-06,1']);
    expect((await sent(faulty, false)).findings.map((each) => each.code)).toEqual([
      'invalid_cell',
      'invalid_cell',
    ]);
    const refused = sent(faulty, true);
    expect(await refusalCodes(refused)).toEqual(['invalid_cell', 'invalid_cell']);
    const { rows } = await settled(terms['streaming']!, MARCH);
    expect(rows).toMatchObject([{ kind: 'platform', totalFen: '100000000' }]);
    await issue(rows[0]!);
    const fixed = table(['2026-03-05,900000', '2026-03-06,100000']);
    expect(await sent(fixed, true)).toMatchObject({ added: 0, changed: 1, unchanged: 1 });
    const again = await settled(terms['streaming']!, APRIL);
    expect(again.rows).toMatchObject([{ totalFen: '-20000000', supplementary: true }]);
    const listed = await hall().inputs({ query: { filmId, kind: 'usage' } });
    const changed = listed.rows.find((each) => each.revision === 2)!;
    expect((await hall().withdrawInput({ params: { id: changed.id } })).data).toBeNull();
    expect((await hall().inputs({ query: { filmId, kind: 'usage' } })).rows).toHaveLength(1);
    const bad = hall().recordInputs({ body: { filmId, records: [{ kind: 'income', key: 'x' }] } });
    expect(await refusalCodes(bad)).toEqual(['invalid_cell']);
    await expect(raw('update settlement.input set data = null')).rejects.toThrow();
  });

  it('[HQ7] shows who gains under other waterfall terms, and only terms of one kind', async () => {
    const { rows } = await hall().runs({ query: { filmId, limit: 100 } });
    const run = rows.find((each) => each.kind === 'waterfall' && each.parties.length > 0)!;
    const text = JSON.stringify(WATERFALL).replace('"10%"', '"20%"');
    const params = { id: run.id };
    const { changes } = await hall().whatIf({ params, body: { terms: JSON.parse(text) } });
    expect(changes.reduce((left, each) => left + BigInt(each.differenceFen), 0n)).toBe(0n);
    expect(changes.find((each) => each.name?.en === 'distributor')!.differenceFen).not.toMatch(
      /^-/,
    );
    const { rows: inputs } = await hall().inputs({ query: { filmId, kind: 'expense' } });
    const { key } = inputs[0]!;
    const records = [{ kind: 'expense', key, amountFen: '0' }];
    const freed = await hall().whatIf({ params, body: { changes: { records } } });
    expect(freed.changes.reduce((left, each) => left + BigInt(each.differenceFen), 0n)).toBe(0n);
    expect(freed.changes.some((each) => each.differenceFen !== '0')).toBe(true);
    const other = hall().whatIf({ params, body: { terms: STREAMING } });
    expect(await refusalCodes(other)).toEqual(['unsuitable_terms']);
  });

  it('[HQ8] recomputes books and issued statements every night, and sounds an alarm', async () => {
    const good = await distributor.client.ledger.runNightCheck();
    expect(good.findings).toEqual([]);
    expect(good.statements).toBeGreaterThan(4);
    expect(good.root).toMatch(/^[0-9a-f]{64}$/);
    const { kernel } = server.network.running;
    const morning = new Date('2026-11-24T01:00:00Z');
    const night = createNight({ ...kernel, now: () => morning });
    await night.hourly();
    await night.hourly();
    const { rows } = await distributor.client.ledger.nightChecks({ query: {} });
    expect(rows.filter((each) => each.date === '2026-11-24')).toHaveLength(1);
    expect(rows.find((each) => each.number === good.number)).toMatchObject({ root: good.root });
    await raw('alter table settlement.book_transfer disable trigger user');
    await raw(`update settlement.book_transfer set fen = fen + 1 where line = 1 and number = 1`);
    await raw('alter table settlement.statement disable trigger user');
    await raw(`update settlement.statement set total_fen = total_fen + 1
      where id = (select id from settlement.statement where state = 'accepted' limit 1)`);
    const next = createNight({ ...kernel, now: () => new Date('2026-11-25T01:00:00Z') });
    await next.hourly();
    const bad = await distributor.client.ledger.nightChecks({ query: { limit: 1 } });
    const codes = bad.rows[0]!.findings.map((each) => each.code);
    expect(codes).toContain('failed_statement');
    expect(codes.length).toBeGreaterThan(1);
    expect(server.logLines.join('\n')).toContain('night_check_failed');
  });

  it('[HQ9] publishes roots and the run of the film; hides everything else', async () => {
    const { rows } = await stranger.client.settlement.roots({ query: { limit: 100 } });
    expect(rows.length).toBeGreaterThan(2);
    expect(JSON.stringify(rows)).not.toContain(filmId);
    // A day that is sent again in other bytes is the same day.
    const row = `43019012,${FILM_CODE},2026-03-30,1,10,400.00,自购`;
    const again = await report([row, `43019011,${FILM_CODE},2026-03-15,4,100,4000.00,自购`]);
    const { rows: days } = await hall().curve({ query: { filmId } });
    expect(days.map((each) => [each.date, each.totalFen])).toEqual([
      ['2026-03-15', '400000'],
      ['2026-03-16', '708000'],
      ['2026-03-30', '748000'],
    ]);
    const late = { from: '2026-03-20', to: '2026-03-31' };
    const { run } = await settled(sheetTerms, late, { reportIds: [again] });
    expect(run.findings.map((each) => each.code)).toContain('omitted_reports');
    const { settlement } = stranger.client;
    const one = { kind: 'expense', key: 'z', date: '2026-01-01', account: 'pa', amountFen: '1' };
    const tried = await Promise.all(
      [
        settlement.inputs({ query: { filmId } }),
        settlement.recordInputs({ body: { filmId, records: [one] } }),
        settlement.balances({ query: { filmId } }),
        settlement.curve({ query: { filmId } }),
        settlement.parties({ params: { id: terms['waterfall']! } }),
      ].map(problemOf),
    );
    for (const problem of tried) expect(problem.code).toBe('not_found');
    const foreign = hall().linkParties({
      params: { id: terms['waterfall']! },
      body: { parties: [{ party: 'investor', organisationId: stranger.organisationId }] },
    });
    expect(await refusalCodes(foreign)).toEqual(['foreign_organisation']);
    const listed = await hall().inputs({ query: { filmId } });
    const ids = [listed.rows[0]!.id];
    expect(await endpointsAnswering(stranger, ids)).toEqual([]);
    const viewer = await server.newMember(distributor, ['viewer']);
    const lesser = viewer.client.settlement.recordInputs({ body: { filmId, records: [one] } });
    expect((await problemOf(lesser)).code).toBe('not_allowed');
    // What the producer's organisation works on is its own: the distributor's inputs are hidden.
    const theirs = await producer.client.settlement.inputs({ query: { filmId } });
    expect(theirs.rows).toEqual([]);
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
