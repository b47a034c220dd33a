import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCryptography, verifyEd25519 } from '@yinglian/host';
import { openItems, type Entry, trialBalance } from '@yinglian/ledger';
import { verifyStatement } from '@yinglian/settlement';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { readBook, readOpenItems } from '../../src/settlement/book-repository.ts';
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
const MONTH = { from: '2026-03-01', to: '2026-03-31' };
const HEADING = '影院编码,影片编码,日期,场次,人次,票房,设备归属';
const big = (text: string) => BigInt(text);

describe('books', () => {
  let server: TestServer;
  let distributor: TestPerson;
  let director: TestPerson;
  let circuit: TestPerson;
  let stranger: TestPerson;
  let filmId: string;
  let termsId: string;
  let runId: string;
  let reportIds: string[];

  beforeAll(async () => {
    server = await createTestServer();
    distributor = await server.newOrganisation('distributor', '发行方');
    director = await server.newMember(distributor, ['settlement.director']);
    circuit = await server.newOrganisation('circuit', '甲院线');
    stranger = await server.newOrganisation('circuit', '乙院线');
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
    await distributor.client.rooms.admit({
      params: { id: filmId, organisationId: circuit.organisationId },
      body: { halls: ['exhibition'] },
    });
    const own = await circuit.client.exhibition.createCircuit({
      body: { name: '甲院线', code: null, organisationId: circuit.organisationId },
    });
    for (const serial of [1, 2]) {
      await circuit.client.exhibition.createCinema({
        body: cinemaFields({
          name: `影院${serial}`,
          circuitId: own.id,
          equipment: 'owned',
          code: `4301901${serial}`,
        }),
      });
    }
    reportIds = [
      await report(circuit, [
        `43019011,${FILM_CODE},2026-03-15,4,100,4000.00,自购`,
        `43019012,${FILM_CODE},2026-03-16,3,77,3080.00,自购`,
      ]),
    ];
    await settle();
  }, 120_000);
  afterAll(() => server.close());

  async function report(person: TestPerson, rows: readonly string[]): Promise<string> {
    const fileId = await upload(person, 'box.csv', `${HEADING}\n${rows.join('\n')}\n`);
    return (await person.client.exhibition.importReport({ body: { fileId, filmId } })).id;
  }

  async function settle(): Promise<void> {
    const { settlement } = distributor.client;
    const { rows } = await settlement.templates();
    const template = rows.find((each) => each.code === 'domestic_57_43')!.terms as object;
    const made = await settlement.createTerms({
      body: {
        filmId,
        title: '国产',
        state: 'agreed',
        terms: {
          ...template,
          film: {
            title: { zh: '某片', en: 'A film' },
            versions: [{ code: FILM_CODE, label: '2D' }],
          },
        },
      },
    });
    termsId = made.id;
    const run = await settlement.settle({ body: { filmId, termsId, ...MONTH, reportIds } });
    runId = run.id;
    await jobEnded(distributor, run.jobId!);
  }

  const statement = async () =>
    (await distributor.client.settlement.statements({ query: { runId } })).rows.find(
      (each) => each.kind === 'circuit',
    )!;
  const book = (person: TestPerson) => person.client.ledger;
  const itemsOf = async (person: TestPerson, side: 'receivable' | 'payable') =>
    (await book(person).items({ query: { side } })).rows;
  const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const database = () => server.network.running.kernel.database;
  const sums = (entries: readonly Entry[]) =>
    trialBalance(entries).map(({ account, debitFen, creditFen }) => [
      account,
      String(debitFen),
      String(creditFen),
    ]);

  it('[HL1] issues with four eyes where the organisation wants it, signed and booked', async () => {
    const policy = await book(distributor).policy();
    expect(policy).toEqual({ version: 0, fourEyes: false, paymentDays: 30 });
    const wanted = { version: 0, fourEyes: true, paymentDays: 45 };
    expect(await book(distributor).setPolicy({ body: wanted })).toMatchObject({ version: 1 });
    expect((await problemOf(book(distributor).setPolicy({ body: wanted }))).code).toBe('conflict');
    const { id, version, totalFen, number } = await statement();
    const { settlement } = distributor.client;
    const at = (n: number) => ({ params: { id }, body: { version: n } });
    expect(await refusalCodes(settlement.issue(at(version)))).toEqual(['unchecked_statement']);
    expect(await settlement.check(at(version))).toMatchObject({ state: 'checked' });
    expect(await refusalCodes(settlement.issue(at(version + 1)))).toEqual(['same_person']);
    const issued = await director.client.settlement.issue(at(version + 1));
    expect(issued.state).toBe('issued');
    expect(await itemsOf(distributor, 'receivable')).toMatchObject([
      { item: number, party: '甲院线', openFen: totalFen, disputedFen: '0' },
    ]);
    expect(await itemsOf(circuit, 'payable')).toEqual([]);
  });

  it('[HL2] accepts as the party: both sign, and each book has its side', async () => {
    const { id, version, totalFen, number } = await statement();
    const accept = (person: TestPerson, n = version) =>
      person.client.settlement.accept({ params: { id }, body: { version: n } });
    expect((await problemOf(accept(distributor))).code).toBe('not_allowed');
    expect((await problemOf(accept(stranger))).code).toBe('not_found');
    expect((await problemOf(accept(circuit, version + 5))).code).toBe('conflict');
    expect((await accept(circuit)).state).toBe('accepted');
    expect(await itemsOf(circuit, 'payable')).toMatchObject([
      { item: number, party: '发行方', openFen: totalFen },
    ]);
    const answer = await circuit.client.settlement.proof({ params: { id } });
    const bundle = JSON.parse(new TextDecoder().decode(await bytesOf(answer)));
    expect(bundle.signatures.map((each: { role: string }) => each.role)).toEqual([
      'issuer',
      'acceptor',
    ]);
    const verdict = verifyStatement(bundle, nodeCryptography, { verifyEd25519 });
    expect(verdict.ok).toBe(true);
    const codes = verdict.findings.map((each) => each.code);
    expect(codes.filter((each) => each === 'unknown_key')).toHaveLength(2);
    const [first, second] = bundle.signatures;
    const swapped = {
      ...bundle,
      signatures: [{ ...first, signature: second.signature, publicKey: second.publicKey }],
    };
    const forged = verifyStatement(swapped, nodeCryptography, { verifyEd25519 });
    expect(forged.findings.map((each) => each.code)).toContain('mismatched_signature');
  });

  it('[HL3] holds what is disputed in both books until the issuer decides', async () => {
    const { id, totalFen, number } = await statement();
    const [line] = (await circuit.client.settlement.lines({ params: { id }, query: {} })).rows;
    const raise = (person: TestPerson, amountFen: string, lineId: string | null = line!.id) =>
      book(person).raiseDispute({
        body: { statementId: id, lineId, amountFen, reason: '三月十五日退票未计' },
      });
    expect((await problemOf(raise(distributor, '1000'))).code).toBe('not_allowed');
    expect((await problemOf(raise(stranger, '1000'))).code).toBe('not_found');
    expect((await problemOf(raise(circuit, '1000', 'nothing'))).code).toBe('not_found');
    const more = String(big(totalFen) + 1n);
    expect(await refusalCodes(raise(circuit, more))).toEqual(['excessive_dispute']);
    const dispute = await raise(circuit, '10000');
    expect(dispute).toMatchObject({ state: 'open', raisedByUs: true, statementNumber: number });
    expect((await statement()).state).toBe('disputed');
    for (const [person, side] of [
      [distributor, 'receivable'],
      [circuit, 'payable'],
    ] as const)
      expect(await itemsOf(person, side)).toMatchObject([
        { openFen: String(big(totalFen) - 10_000n), disputedFen: '10000' },
      ]);
    await book(distributor).answerDispute({
      params: { id: dispute.id },
      body: { text: '请附退票记录' },
    });
    const hidden = book(stranger).answerDispute({
      params: { id: dispute.id },
      body: { text: 'x' },
    });
    expect((await problemOf(hidden)).code).toBe('not_found');
    const decide = (person: TestPerson, concededFen: string) =>
      book(person).decideDispute({
        params: { id: dispute.id },
        body: { version: 1, concededFen, text: '认可四十元' },
      });
    expect((await problemOf(decide(circuit, '4000'))).code).toBe('not_allowed');
    expect(await refusalCodes(decide(distributor, '10001'))).toEqual(['excessive_concession']);
    const decided = await decide(distributor, '4000');
    expect(decided).toMatchObject({ state: 'decided', concededFen: '4000' });
    expect(decided.messages.map((each) => each.organisation)).toEqual([
      '甲院线',
      '发行方',
      '发行方',
    ]);
    expect((await problemOf(decide(distributor, '1'))).code).toBe('conflict');
    expect((await statement()).state).toBe('accepted');
    for (const [person, side] of [
      [distributor, 'receivable'],
      [circuit, 'payable'],
    ] as const)
      expect(await itemsOf(person, side)).toMatchObject([
        { openFen: String(big(totalFen) - 4_000n), disputedFen: '0' },
      ]);
  });

  it('[HL4] imports a bank file once, matches its lines and posts them', async () => {
    const { number } = await statement();
    const [item] = await itemsOf(distributor, 'receivable');
    const yuan = `${item!.openFen.slice(0, -2)}.${item!.openFen.slice(-2)}`;
    const text = `交易日期,流水号,收入,支出,对方户名,附言
${today()},B-0001,${yuan},,甲院线,付 ${number}
${today()},B-0002,,100.00,某银行,手续费
`;
    const fileId = await upload(distributor, 'bank.csv', text);
    const imported = await book(distributor).importBankFile({ body: { fileId } });
    expect(imported).toMatchObject({ lines: 2, fresh: 2 });
    const again = await upload(distributor, 'bank-again.csv', `${text}\n`);
    const repeated = await book(distributor).importBankFile({ body: { fileId: again } });
    expect(repeated).toMatchObject({ lines: 2, fresh: 0 });
    const { rows } = await book(distributor).bankLines({ query: { state: 'open' } });
    const receipt = rows.find((each) => each.serial === 'B-0001')!;
    expect(receipt.suggestion).toEqual({
      by: 'reference',
      party: '甲院线',
      parts: [{ item: number, fen: item!.openFen }],
    });
    const post = () =>
      book(distributor).postBankLine({
        params: { id: receipt.id },
        body: { party: '甲院线', parts: receipt.suggestion!.parts },
      });
    expect(await post()).toMatchObject({ state: 'posted' });
    expect(await refusalCodes(post())).toEqual(['posted_line']);
    expect(await itemsOf(distributor, 'receivable')).toEqual([]);
    const bad = await upload(distributor, 'bad.csv', 'a,b\n1,2\n');
    expect(await refusalCodes(book(distributor).importBankFile({ body: { fileId: bad } }))).toEqual(
      ['missing_bank_heading'],
    );
  });

  it('[HL5] moves money by somebody’s word only with a second person', async () => {
    const { number } = await statement();
    const propose = (
      subject: Parameters<ReturnType<typeof book>['propose']>[0]['body']['subject'],
    ) => book(circuit).propose({ body: { subject, reason: '退票补记' } });
    const second = await server.newMember(circuit, ['settlement.director']);
    const [open] = await itemsOf(circuit, 'payable');
    const payment = {
      kind: 'payment' as const,
      date: today(),
      orders: [{ party: '发行方', item: number, amountFen: open!.openFen }],
    };
    expect(await refusalCodes(propose(payment))).toEqual(['missing_payee_account']);
    const payee = {
      party: '发行方',
      name: '发行方有限公司',
      account: '6222 0001',
      bank: '中国银行',
    };
    await book(circuit).setPayee({ body: payee });
    const tooMuch = { ...payment, orders: [{ ...payment.orders[0]!, amountFen: '999999999' }] };
    expect(await refusalCodes(propose(tooMuch))).toEqual(['excessive_payment']);
    const proposed = await propose(payment);
    const decide = (person: TestPerson, id: string, agree = true) =>
      book(person).decideProposal({
        params: { id },
        body: { version: 1, agree, decision: '同意' },
      });
    expect(await refusalCodes(decide(circuit, proposed.id))).toEqual(['same_person']);
    const file = () => book(circuit).paymentFile({ params: { id: proposed.id } });
    expect((await problemOf(file())).code).toBe('conflict');
    expect(await decide(second, proposed.id)).toMatchObject({ state: 'approved' });
    const text = new TextDecoder().decode(await bytesOf(await file()));
    expect(text).toContain(`发行方有限公司,6222 0001,中国银行`);
    expect(text).toContain(number);
    const side = 'payable' as const;
    const adjust = await propose({
      kind: 'adjustment',
      side,
      party: '发行方',
      item: number,
      changeFen: '-500',
      date: today(),
    });
    await decide(second, adjust.id);
    expect((await itemsOf(circuit, 'payable'))[0]?.openFen).toBe(String(big(open!.openFen) - 500n));
    const write = await propose({
      kind: 'write_off',
      side,
      party: '发行方',
      item: number,
      amountFen: '300',
      date: today(),
    });
    expect((await decide(second, write.id, false)).state).toBe('rejected');
    expect((await problemOf(decide(second, write.id))).code).toBe('conflict');
    expect((await itemsOf(circuit, 'payable'))[0]?.openFen).toBe(String(big(open!.openFen) - 500n));
  });

  it('[HL6] keeps a book that the database and the package sum alike', async () => {
    for (const { organisationId, client } of [distributor, circuit]) {
      const entries = await readBook(database(), organisationId);
      expect(entries.length).toBeGreaterThan(2);
      const { rows } = await client.ledger.accounts({ query: {} });
      expect(rows.map((each) => [each.account, each.debitFen, each.creditFen])).toEqual(
        sums(entries),
      );
      const stored = await readOpenItems(database(), organisationId, '2100-01-01');
      expect(stored).toEqual(openItems(entries, '2100-01-01'));
      expect(await client.ledger.checkBook()).toMatchObject({
        entries: entries.length,
        findings: [],
      });
    }
    const ageing = await book(circuit).ageing({ query: { side: 'payable', asOf: '2100-01-01' } });
    expect(ageing.rows).toHaveLength(1);
    expect(ageing.rows[0]!.overdueFen.at(-1)).toBe(ageing.rows[0]!.totalFen);
  });

  it('[HL7] refuses by SQL what the book refuses', async () => {
    const own = `organisation_id = '${distributor.organisationId}'`;
    for (const attempt of [
      `update settlement.book_entry set memo = 'x' where ${own}`,
      `delete from settlement.book_entry where ${own}`,
      `update settlement.book_transfer set fen = 1 where ${own}`,
      `delete from settlement.book_transfer where ${own}`,
      'truncate settlement.book_transfer',
      'truncate settlement.book_entry cascade',
      `insert into settlement.book_transfer values ('${distributor.organisationId}', 1, 99, 'bank',
        '', '', 'income', '', '', 5)`,
      `insert into settlement.book_transfer values ('${distributor.organisationId}', 1, 99, 'bank',
        '', '', 'income', '', '', -5)`,
      `insert into settlement.book_entry (organisation_id, number, key, kind, date, memo, digest,
        previous, hash) values ('${distributor.organisationId}', 9999, 'k', 'statement',
        '2026-04-01', '', '', '', '')`,
      `update settlement.book_balance set fen = -1 where ${own} and account = 'receivable'`,
      `update settlement.statement_signature set signature = '' where true`,
    ])
      await expect(raw(attempt), attempt).rejects.toThrow();
    expect((await book(distributor).checkBook()).findings).toEqual([]);
  });

  it('[HL8] posts once and without a lost fen when many post at once', async () => {
    const posts = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) =>
        book(distributor).propose({
          body: {
            reason: `第 ${i} 笔`,
            subject: {
              kind: 'adjustment',
              side: 'receivable',
              party: '甲院线',
              item: '',
              changeFen: '100',
              date: today(),
            },
          },
        }),
      ),
    );
    // An empty document number is refused before anything is posted.
    expect(posts.every((each) => each.status === 'rejected')).toBe(true);
    const { number } = await statement();
    const made = [];
    for (let i = 0; i < 6; i++) {
      made.push(
        await book(distributor).propose({
          body: {
            reason: `第 ${i} 笔`,
            subject: {
              kind: 'adjustment',
              side: 'receivable',
              party: '甲院线',
              item: number,
              changeFen: '100',
              date: today(),
            },
          },
        }),
      );
    }
    const before = await readBook(database(), distributor.organisationId);
    await Promise.all(
      made.flatMap(({ id }) =>
        [1, 2].map(() =>
          book(director)
            .decideProposal({ params: { id }, body: { version: 1, agree: true, decision: '' } })
            .catch(() => undefined),
        ),
      ),
    );
    const after = await readBook(database(), distributor.organisationId);
    expect(after.length - before.length).toBe(6);
    expect((await itemsOf(distributor, 'receivable'))[0]?.openFen).toBe('600');
    expect((await book(distributor).checkBook()).findings).toEqual([]);
  });

  it('[HL9] closes months that are over, and reopens them by two', async () => {
    const close = (month: string) => book(distributor).closePeriod({ body: { month } });
    expect(await refusalCodes(close(today().slice(0, 7)))).toEqual(['unfinished_period']);
    expect(await close('2026-03')).toMatchObject({ state: 'closed', entries: 0 });
    expect(await refusalCodes(close('2026-03'))).toEqual(['closed_period']);
    const { number } = await statement();
    const late = await book(distributor).propose({
      body: {
        reason: '补登',
        subject: {
          kind: 'adjustment',
          side: 'receivable',
          party: '甲院线',
          item: number,
          changeFen: '7',
          date: '2026-03-20',
        },
      },
    });
    const decide = (id: string) =>
      book(director).decideProposal({
        params: { id },
        body: { version: 1, agree: true, decision: '' },
      });
    expect(await refusalCodes(decide(late.id))).toEqual(['closed_period']);
    const reopen = await book(distributor).propose({
      body: { reason: '审计要求', subject: { kind: 'reopen', month: '2026-03' } },
    });
    await decide(reopen.id);
    const { rows } = await book(distributor).periods();
    expect(rows.find((each) => each.month === '2026-03')?.state).toBe('open');
    await decide(late.id);
    expect((await book(distributor).checkBook()).findings).toEqual([]);
  });

  it('[HL10] lists differences between senders, with decisions that stay', async () => {
    const other = await report(distributor, [
      `43019011,${FILM_CODE},2026-03-15,4,98,3920.00,自购`,
      `43019012,${FILM_CODE},2026-03-17,1,5,200.00,自购`,
    ]);
    const reconcile = (otherReports: string[]) =>
      book(distributor).reconcile({
        body: {
          filmId,
          parties: [
            { name: '院线', role: 'circuit', reports: [...reportIds] },
            { name: '专资办', role: 'fund', reports: otherReports },
          ],
        },
      });
    expect(await refusalCodes(reconcile(reportIds))).toEqual(['same_source']);
    expect(await reconcile([other])).toMatchObject({ keys: 2, agreeing: 0, open: 3 });
    const list = async () =>
      (await book(distributor).differences({ query: { filmId, open: 'true' } })).rows;
    const found = await list();
    expect(found.map((each) => [each.kind, each.deltaFen]).sort()).toEqual([
      ['admissions_differ', '8000'],
      ['missing_row', '308000'],
      ['unexpected_row', '-20000'],
    ]);
    const first = found.find((each) => each.kind === 'admissions_differ')!;
    expect(first.evidence.map((each) => each.reportId).sort()).toEqual(
      [reportIds[0]!, other].sort(),
    );
    const decide = (to: 'accepted' | 'adjusted', comment: string) =>
      book(distributor).decideDifference({ params: { id: first.id }, body: { to, comment } });
    expect(await refusalCodes(decide('adjusted', '调整'))).toEqual(['missing_adjustment']);
    const decided = await decide('accepted', '两张工作票');
    expect(decided).toMatchObject({ state: 'accepted', decisions: [{ comment: '两张工作票' }] });
    expect(await list()).toHaveLength(2);
    // What was decided about is not open, at once and when it is read again.
    const { id, open } = await reconcile([other]);
    const read = await book(distributor).reconciliation({ params: { id } });
    expect([open, read.open, (await list()).length]).toEqual([2, 2, 2]);
    const cured = await report(distributor, [
      `43019011,${FILM_CODE},2026-03-15,4,97,3880.00,自购`,
      `43019012,${FILM_CODE},2026-03-16,3,77,3080.00,自购`,
    ]);
    await reconcile([cured]);
    // The accepted amount has changed: its decision does not cover the new one. Of the cinema and
    // day that the later report does not speak of, the difference stands.
    expect((await list()).map((each) => [each.kind, each.state]).sort()).toEqual([
      ['admissions_differ', 'open'],
      ['unexpected_row', 'open'],
    ]);
    const board = await book(distributor).board({ query: { month: '2026-03' } });
    expect(board.rows).toMatchObject([{ filmId, differences: 2, runs: 1 }]);
  });

  it('[HL10] holds several senders against the first, down to the cinema', async () => {
    const rows77 = `43019012,${FILM_CODE},2026-03-16,3,77,3080.00,自购`;
    const rows100 = `43019011,${FILM_CODE},2026-03-15,4,100,4000.00,自购`;
    const fund = await report(distributor, [rows100, rows77]);
    const sold = (count: number) =>
      report(distributor, [`43019011,${FILM_CODE},2026-03-15,4,${count},${count * 40}.00,自购`]);
    const sellers = await Promise.all([60, 41].map(sold));
    const parties = [
      { name: '售票系统', role: 'ticketing' as const, reports: [...reportIds] },
      { name: '基金', role: 'fund' as const, reports: [fund] },
      { name: '猫眼', role: 'seller' as const, reports: [sellers[0]!] },
      { name: '淘票票', role: 'seller' as const, reports: [sellers[1]!] },
    ];
    const { ledger } = distributor.client;
    const order = (list: typeof parties) => ledger.reconcile({ body: { filmId, parties: list } });
    expect(await refusalCodes(order(parties.toReversed()))).toEqual(['partial_reference']);
    const made = await order(parties);
    expect(made.open).toBe(1);
    const { rows } = await ledger.differences({ query: { filmId, open: 'true' } });
    expect(rows.find((each) => each.reconciliationId === made.id)).toMatchObject({
      kind: 'channel_exceeds',
      between: ['售票系统', '猫眼+淘票票'],
    });
    const level = (name: 'film' | 'cinema') =>
      ledger.reconciliationLevels({ params: { id: made.id }, query: { level: name } });
    expect((await level('film')).rows).toMatchObject([{ agrees: true }]);
    expect((await level('cinema')).rows[0]).toMatchObject({
      agrees: true,
      sums: [{ admissions: 100 }, { admissions: 100 }, { admissions: 60 }, { admissions: 41 }],
    });
  });

  it('[HL13] issues the same days of a film to the same party once', async () => {
    const { settlement } = distributor.client;
    const body = { filmId, termsId, ...MONTH, reportIds };
    const again = await settlement.settle({ body });
    await jobEnded(distributor, again.jobId!);
    const done = await settlement.run({ params: { id: again.id } });
    expect(done.findings.map((each) => each.code)).toContain('unchanged_statements');
    const same = await settlement.statements({ query: { runId: again.id } });
    expect(same.rows.filter((each) => each.kind === 'circuit')).toEqual([]);
    // Some of the same days under another run: they would be owed twice.
    const part = await settlement.settle({ body: { ...body, from: '2026-03-16' } });
    await jobEnded(distributor, part.jobId!);
    const { rows } = await settlement.statements({ query: { runId: part.id } });
    const draft = rows.find((each) => each.kind === 'circuit')!;
    const at = (version: number) => ({ params: { id: draft.id }, body: { version } });
    await settlement.check(at(draft.version));
    expect(await refusalCodes(director.client.settlement.issue(at(draft.version + 1)))).toEqual([
      'repeated_statement',
    ]);
  });

  it('[HL11] shows who gains and loses under other terms', async () => {
    const { settlement } = distributor.client;
    const { terms } = await settlement.terms({ params: { id: termsId } });
    const text = JSON.stringify(terms)
      .replaceAll('"43%"', '"45%"')
      .replaceAll('"42%"', '"44%"')
      .replaceAll('"50%"', '"48%"');
    const params = { id: runId };
    const { changes } = await settlement.whatIf({ params, body: { terms: JSON.parse(text) } });
    expect(changes.reduce((left, each) => left + big(each.differenceFen), 0n)).toBe(0n);
    expect(changes.some((each) => big(each.differenceFen) > 0n)).toBe(true);
    const hidden = stranger.client.settlement.whatIf({ params: { id: runId }, body: { terms } });
    expect((await problemOf(hidden)).code).toBe('not_found');
  });

  it('[HL12] answers a stranger on no endpoint with the id of any of these records', async () => {
    const lists = [
      await book(distributor).disputes({ query: {} }),
      await book(distributor).proposals({ query: {} }),
      await book(distributor).bankLines({ query: {} }),
      await book(distributor).differences({ query: {} }),
    ];
    const ids = lists.map(({ rows }) => rows[0]!.id);
    expect(await endpointsAnswering(stranger, ids)).toEqual([]);
  });

  async function raw(text: string): Promise<unknown> {
    return database().executeQuery({
      sql: text,
      parameters: [],
      query: { kind: 'RawNode' as const, sqlFragments: [text], parameters: [] },
      queryId: { queryId: 'test' },
    });
  }
});
