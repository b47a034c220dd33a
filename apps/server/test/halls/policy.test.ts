import { nodeCryptography } from '@yinglian/host';
import { POLICY_NOTICE_FIELDS, type Role } from '@yinglian/contract';
import { replayBundle, replayReceipt, sealBundle } from '@yinglian/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHalls } from '../../src/halls.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const INSTRUMENT = 'hunan-2023-55';
const DAY_MS = 86_400_000;
const YUAN = 100n;
const facts = (values: Record<string, boolean | number | string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
const COURSE = facts({ 'course.joint': true, 'course.in_plan': true, 'course.builder': true });

/** A department with a person for every role, so that four eyes are four. */
type Department = Readonly<
  Record<
    'officer' | 'second' | 'reviewer' | 'approver' | 'finance' | 'payer' | 'auditor',
    TestPerson
  >
> & { readonly owner: TestPerson };

describe('the policy hall', () => {
  // A Monday in a year whose holidays are known, whatever day the tests run on.
  let clock = Date.parse('2026-06-01T09:00:00+08:00');
  let server: TestServer;
  let department: Department;
  let company: TestPerson;
  const laterDays = (days: number) => (clock += days * DAY_MS);

  beforeAll(async () => {
    server = await createTestServer({
      halls: (kernel) => openHalls({ ...kernel, now: () => new Date(clock) }),
    });
    department = await newDepartment();
    company = await server.newOrganisation('producer', '申报企业');
  });
  afterAll(() => server.close());

  async function newDepartment(): Promise<Department> {
    const owner = await server.newOrganisation('other', '主管部门');
    const operator = await server.owner();
    await operator.client.policy.enrol({
      params: { id: owner.organisationId },
      body: { name: '省工业和信息化厅' },
    });
    const member = (role: Role) => server.newMember(owner, [role]);
    return {
      owner,
      officer: await member('policy.officer'),
      second: await member('policy.officer'),
      reviewer: await member('policy.reviewer'),
      approver: await member('policy.approver'),
      finance: await member('policy.finance'),
      payer: await member('policy.finance'),
      auditor: await member('policy.auditor'),
    };
  }

  const newCall = (items: string[], more = {}) =>
    department.officer.client.policy.createCall({
      body: {
        instrument: INSTRUMENT,
        title: '2026年度申报通知',
        year: 2026,
        items,
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
        fairnessOpinion: '经审查，不影响公平竞争',
        ...more,
      },
    });

  const draft = (callId: string, item: string, object: string, more = {}) =>
    company.client.policy.createClaim({
      params: { id: callId },
      body: { item, object, eventDate: '2026-05-01', facts: COURSE, ...more },
    });

  async function withEvidence(by: TestPerson, id: string, codes: readonly string[]) {
    for (const code of codes) {
      const fileId = await upload(by, `${code}.pdf`, `%PDF-1.7 ${id} ${code}`);
      await by.client.policy.addEvidence({ params: { id }, body: { fileId, code } });
    }
  }
  const COURSE_FILES = ['course_agreement', 'teaching_plan', 'course_list'];

  async function act(by: TestPerson, id: string, action: string, more = {}) {
    const { version } = await by.client.policy.claim({ params: { id } });
    return by.client.policy.act({
      params: { id },
      body: { version, action, reason: '理由', ...more },
    });
  }

  async function toReviewed(id: string, recommendedFen: bigint) {
    await act(company, id, 'submit');
    await act(department.officer, id, 'pass_check');
    await act(department.second, id, 'recommend');
    await act(department.officer, id, 'pass_joint');
    await act(department.reviewer, id, 'review', { recommendedFen: String(recommendedFen) });
  }

  const money = (yuan: bigint, move: 'appropriate' | 'withdraw' = 'appropriate') =>
    department.finance.client.policy.enterBudget({
      body: { year: 2026, move, fen: String(yuan * YUAN) },
    });

  it('[HP2] a company keeps one profile and is told what is open for it', async () => {
    const call = await newCall(['M8.4']);
    const { policy } = company.client;
    expect(await policy.profile()).toEqual({ version: 0, facts: {} });
    const saved = await policy.saveProfile({ body: { version: 0, facts: COURSE } });
    expect(saved.version).toBe(1);
    const late = await problemOf(policy.saveProfile({ body: { version: 0, facts: {} } }));
    expect(late).toMatchObject({ code: 'conflict', stored: { version: 1 } });
    const wrong = policy.saveProfile({
      body: { version: 1, facts: facts({ 'course.joint': 'x' }) },
    });
    expect(await refusalCodes(wrong)).toEqual(['invalid_fact']);
    const { matches, calls } = await policy.matches();
    expect(matches[0]).toMatchObject({ item: 'M8.4', status: 'eligible', atMostFen: '100000000' });
    expect(calls.map(({ id }) => id)).toContain(call.id);
  });

  it('[HP12] a company is told of calls, terms, moves and old facts, each once', async () => {
    const by = await server.newOrganisation('producer', '被提醒的企业');
    const { policy } = by.client;
    await policy.saveProfile({ body: { version: 0, facts: COURSE } });
    const kinds = async () => (await policy.reminders()).rows.map(({ kind }) => kind);
    const call = await newCall(['M8.4'], { title: '提醒用通知', closesOn: '2026-06-20' });
    const told = async () => {
      const { rows } = await by.client.audit.list({ query: { limit: 100 } });
      return rows
        .filter(({ action }) => action === 'policy.reminded')
        .flatMap(({ facts: given }) => (given as { kinds: string[] }).kinds);
    };
    await expect.poll(told, { timeout: 30_000 }).toContain('call_opened');
    const before = (await told()).length;
    const { rows } = await policy.reminders();
    expect(rows.find(({ subject }) => subject === call.id)).toMatchObject({
      kind: 'call_opened',
      by: '2026-06-20',
      urgent: false,
    });
    laterDays(14);
    const later = (await policy.reminders()).rows.find(({ subject }) => subject === call.id);
    expect(later).toMatchObject({ kind: 'call_closing' });
    const claim = await policy.createClaim({
      params: { id: call.id },
      body: { item: 'M8.4', object: '被提醒的课程', eventDate: '2026-05-01', facts: COURSE },
    });
    await withEvidence(by, claim.id, COURSE_FILES);
    await act(by, claim.id, 'submit');
    expect((await policy.reminders()).rows.some(({ subject }) => subject === call.id)).toBe(false);
    await act(department.officer, claim.id, 'ask_correction');
    expect(await kinds()).toContain('correction_due');
    await expect.poll(told, { timeout: 30_000 }).toContain('correction_due');
    expect((await told()).length).toBeGreaterThan(before);
    const kept = clock;
    clock = Date.parse('2027-07-01T09:00:00+08:00');
    const old = await policy.reminders();
    expect(old.stale).toEqual(['course.builder', 'course.in_plan', 'course.joint']);
    clock = kept - 14 * DAY_MS;
  });

  it('[HP3] a claim is filed complete, inside its call, once per object', async () => {
    const call = await newCall(['M8.4']);
    const early = await newCall(['M8.4'], { opensOn: '2026-12-01' });
    expect(await refusalCodes(draft(early.id, 'M8.4', 'c'))).toEqual(['closed_call']);
    expect(await refusalCodes(draft(call.id, 'M4.2', 'c'))).toEqual(['foreign_claim_item']);
    const claim = await draft(call.id, 'M8.4', '课程甲', {
      facts: facts({ 'course.joint': true }),
    });
    expect(await refusalCodes(act(company, claim.id, 'submit'))).toEqual([
      'missing_claim_facts',
      'missing_evidence',
      'missing_evidence',
      'missing_evidence',
    ]);
    expect(await refusalCodes(draft(call.id, 'M8.4', '课程甲'))).toEqual(['duplicate_object']);
    const runs = await upload(company, 'macro.exe', 'MZ');
    const unsafe = company.client.policy.addEvidence({
      params: { id: claim.id },
      body: { fileId: runs, code: 'course_list' },
    });
    expect(await refusalCodes(unsafe)).toEqual(['unsafe_evidence_type']);
    await withEvidence(company, claim.id, COURSE_FILES);
    const { version } = await company.client.policy.claim({ params: { id: claim.id } });
    const filled = { item: 'M8.4', object: '课程甲', eventDate: '2026-05-01', facts: COURSE };
    await company.client.policy.updateClaim({
      params: { id: claim.id },
      body: { ...filled, version },
    });
    const filed = await act(company, claim.id, 'submit');
    expect([filed.state, filed.findings]).toEqual(['submitted', []]);
    const closed = company.client.policy.updateClaim({
      params: { id: claim.id },
      body: { ...filled, version: filed.version },
    });
    expect(await refusalCodes(closed)).toEqual(['closed_claim']);
  });

  it('[HP4] steps belong to sides and roles, and strangers learn nothing', async () => {
    const call = await newCall(['M8.4']);
    const claim = await draft(call.id, 'M8.4', '课程乙');
    const params = { id: claim.id };
    // A draft is nobody else's, not even the department's.
    const seen = department.officer.client.policy.claim({ params });
    expect((await problemOf(seen)).status).toBe(404);
    await withEvidence(company, claim.id, COURSE_FILES);
    await act(company, claim.id, 'submit');
    const other = await server.newOrganisation('producer');
    expect((await problemOf(other.client.policy.claim({ params }))).status).toBe(404);
    expect((await problemOf(act(department.reviewer, claim.id, 'pass_check'))).status).toBe(403);
    expect((await problemOf(act(company, claim.id, 'pass_check'))).status).toBe(403);
    const officer = await department.officer.client.policy.claim({ params });
    expect(officer.actions.map(({ action }) => action)).toEqual([
      'ask_correction',
      'pass_check',
      'reject',
    ]);
    const asked = await act(department.officer, claim.id, 'ask_correction');
    expect(asked.correctionUntil).toBe('2026-06-08');
    await act(company, claim.id, 'correct');
    expect(await refusalCodes(act(department.officer, claim.id, 'ask_correction'))).toEqual([
      'repeated_correction',
    ]);
    const late = company.client.policy.act({
      params,
      body: { version: 1, action: 'withdraw', reason: '' },
    });
    expect((await problemOf(late)).code).toBe('conflict');
  });

  it('[HP5] notice, objections and four eyes stand before every payment', async () => {
    const call = await newCall(['M8.4']);
    const claim = await draft(call.id, 'M8.4', '课程丙');
    await withEvidence(company, claim.id, COURSE_FILES);
    await toReviewed(claim.id, 800_000n * YUAN);
    expect(await refusalCodes(act(department.officer, claim.id, 'propose'))).toEqual([
      'insufficient_balance',
    ]);
    await money(1_000_000n);
    const proposed = await act(department.officer, claim.id, 'propose');
    expect(proposed.grantFen).toBe('80000000');
    const shown = await act(department.officer, claim.id, 'publish');
    expect(shown.noticeUntil).toBe('2026-06-08');

    const notices = await server.stranger.client.policy.notices({ query: {} });
    const notice = notices.rows.find(({ claimId }) => claimId === claim.id)!;
    expect(Object.keys(notice).sort()).toEqual([...POLICY_NOTICE_FIELDS].sort());

    const citizen = await server.newOrganisation('other');
    const objected = await citizen.client.policy.object({
      params: { id: claim.id },
      body: { text: '该课程并未开设。' },
    });
    expect(await refusalCodes(act(department.approver, claim.id, 'decide'))).toEqual([
      'unfinished_notice',
      'open_objection',
    ]);
    laterDays(8);
    expect(await refusalCodes(act(department.approver, claim.id, 'decide'))).toEqual([
      'open_objection',
    ]);
    const hidden = company.client.policy.objections({ params: { id: claim.id } });
    expect((await problemOf(hidden)).status).toBe(404);
    const answering = (by: TestPerson) =>
      by.client.policy.answerObjection({
        params: { id: objected.id },
        body: { outcome: 'dismissed', answer: '经核实，课程已开设。' },
      });
    // Whoever took a step of the claim does not judge what is said against it.
    expect(await refusalCodes(answering(department.officer))).toEqual(['missing_second_person']);
    await answering(department.owner);
    await act(department.approver, claim.id, 'decide');
    await act(department.finance, claim.id, 'order_funds');
    expect(await refusalCodes(act(department.finance, claim.id, 'pay'))).toEqual([
      'missing_second_person',
    ]);
    const paid = await act(department.payer, claim.id, 'pay');
    expect(paid.state).toBe('paid');
    await act(department.officer, claim.id, 'evaluate');
    expect((await act(department.auditor, claim.id, 'audit')).state).toBe('closed');
    const { totals } = await department.officer.client.policy.budget({ query: { year: 2026 } });
    expect([totals.available, totals.reserved, totals.committed, totals.paid]).toEqual([
      '20000000',
      '0',
      '0',
      '80000000',
    ]);
    await money(200_000n, 'withdraw');
  });

  it('[HP6] grants keep below ceilings and earlier grants, and give way to more', async () => {
    await money(5_000_000n);
    const call = await newCall(['M6.2', 'M8.5']);
    const project = facts({ 'project.provider': true, 'project.selected': true });
    const grants: (string | null)[] = [];
    for (const object of ['项目一', '项目二']) {
      const claim = await draft(call.id, 'M6.2', object, { facts: project });
      await withEvidence(company, claim.id, ['contract', 'acceptance']);
      await toReviewed(claim.id, 700_000n * YUAN);
      grants.push((await act(department.officer, claim.id, 'propose')).grantFen);
    }
    // A10: one million for a firm in a round, whatever the number of its projects.
    expect(grants).toEqual(['70000000', '30000000']);
    const base = facts({ 'base.kind': 'base', 'base.cost': '500000000', 'base.construction': '0' });
    const other = { instrument: '另一省级专项', jurisdiction: 'province' as const };
    const files = ['asset_list', 'invoices', 'cohorts'];
    const higher = await draft(call.id, 'M8.5', '基地一', {
      facts: base,
      others: [{ ...other, amountFen: '160000000' }],
    });
    await withEvidence(company, higher.id, files);
    await toReviewed(higher.id, 1_500_000n * YUAN);
    expect(await refusalCodes(act(department.officer, higher.id, 'propose'))).toEqual([
      'excluded_claim',
    ]);
    const partly = await draft(call.id, 'M8.5', '基地二', {
      facts: base,
      others: [{ ...other, amountFen: '100000000', paidFen: '60000000' }],
    });
    await withEvidence(company, partly.id, files);
    await toReviewed(partly.id, 1_500_000n * YUAN);
    // A8: the difference to what was paid already.
    expect((await act(department.officer, partly.id, 'propose')).grantFen).toBe('90000000');
  });

  it('[HP6] one invoice serves one claim', async () => {
    const call = await newCall(['M8.4']);
    const other = await server.newOrganisation('producer', '另一企业');
    const ids: string[] = [];
    for (const [by, object] of [
      [company, '课程丁'],
      [other, '课程戊'],
    ] as const) {
      const made = await by.client.policy.createClaim({
        params: { id: call.id },
        body: { item: 'M8.4', object, eventDate: '2026-05-01', facts: COURSE },
      });
      await withEvidence(by, made.id, COURSE_FILES.slice(1));
      const fileId = await upload(by, 'same.pdf', '%PDF-1.7 the same agreement');
      await by.client.policy.addEvidence({
        params: { id: made.id },
        body: { fileId, code: 'course_agreement', number: 'NO. 7' },
      });
      await act(by, made.id, 'submit');
      ids.push(made.id);
    }
    const seen = await department.officer.client.policy.claim({ params: { id: ids[0]! } });
    // By its bytes and by its number.
    expect(seen.findings.map(({ code }) => code)).toEqual([
      'duplicate_evidence',
      'duplicate_evidence',
    ]);
    const own = await company.client.policy.claim({ params: { id: ids[0]! } });
    expect(own.findings).toEqual([]);
  });

  it('[HP11] cool-downs and marks of a call bar a claim, with their words', async () => {
    const past = await newCall(['M8.4'], { year: 2025 });
    const other = await server.newOrganisation('producer', '有历史的企业');
    const claimOf = async (callId: string, object: string) => {
      const made = await other.client.policy.createClaim({
        params: { id: callId },
        body: { item: 'M8.4', object, eventDate: '2026-05-01', facts: COURSE },
      });
      await withEvidence(other, made.id, COURSE_FILES);
      return made.id;
    };
    await act(other, await claimOf(past.id, '课程子'), 'submit');
    const rules = [
      { bar: 'same_year', exempt: ['reward'], quote: '同一年度不得申报其他专项，奖励类除外' },
      { bar: 'mark', marks: ['fraud'], quote: '失信主体不得申报' },
    ];
    const first = await newCall(['M8.4'], { historyRules: rules });
    const second = await newCall(['M8.4'], { historyRules: rules });
    expect(second.historyRules).toEqual(rules);
    // Last year's application does not bar this year's; a second one of this year is barred.
    await act(other, await claimOf(first.id, '课程丑'), 'submit');
    const barred = await claimOf(second.id, '课程寅');
    expect(await refusalCodes(act(other, barred, 'submit'))).toEqual(['barred_claim']);
    const mark = (by: TestPerson, more = {}) =>
      by.client.policy.mark({
        body: {
          organisationId: other.organisationId,
          kind: 'fraud',
          fromYear: 2026,
          toYear: 2027,
          reason: '虚假申报',
          ...more,
        },
      });
    expect((await problemOf(mark(department.officer))).status).toBe(403);
    expect(await refusalCodes(mark(department.auditor, { toYear: 2020 }))).toEqual([
      'reversed_dates',
    ]);
    await mark(department.auditor);
    expect(await refusalCodes(act(other, barred, 'submit'))).toEqual([
      'barred_claim',
      'barred_claim',
    ]);
  });

  it('[HP7] two claims on the last yuan never overspend', async () => {
    const before = await department.officer.client.policy.budget({ query: { year: 2026 } });
    await money(BigInt(before.totals.available) / YUAN, 'withdraw');
    await money(100_000n);
    const call = await newCall(['M8.4'], { year: 2026, title: '并发' });
    const claims: string[] = [];
    for (const object of ['课程己', '课程庚']) {
      const by = await server.newOrganisation('producer');
      const made = await by.client.policy.createClaim({
        params: { id: call.id },
        body: { item: 'M8.4', object, eventDate: '2026-05-01', facts: COURSE },
      });
      await withEvidence(by, made.id, COURSE_FILES);
      await act(by, made.id, 'submit');
      await act(department.officer, made.id, 'pass_check');
      await act(department.second, made.id, 'recommend');
      await act(department.officer, made.id, 'pass_joint');
      const recommended = { recommendedFen: String(70_000n * YUAN) };
      await act(department.reviewer, made.id, 'review', recommended);
      claims.push(made.id);
    }
    const results = await Promise.allSettled(
      claims.map((id) => act(department.officer, id, 'propose')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { totals } = await department.officer.client.policy.budget({ query: { year: 2026 } });
    expect(totals.available).toBe(String(30_000n * YUAN));
  });

  it('[HP9] departments alone call and decide; a decided rate opens a standard', async () => {
    const outsider = company.client.policy.createCall({
      body: {
        instrument: INSTRUMENT,
        title: '冒充',
        year: 2026,
        items: ['M8.4'],
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
      },
    });
    expect((await problemOf(outsider)).status).toBe(403);
    const params = { instrument: INSTRUMENT, parameter: 'R4.4' };
    const decide = (value: string, by = department.approver) =>
      by.client.policy.decideParameter({
        params,
        body: { value, from: '2026-01-01', reason: '实施细则' },
      });
    expect(await refusalCodes(decide('a lot'))).toEqual(['unknown_reading']);
    expect((await problemOf(decide('1/20', department.officer))).status).toBe(403);
    expect((await problemOf(decide('1/20', company))).status).toBe(403);
    const decided = await decide('1/20');
    expect(decided).toMatchObject({ inUse: '1/20', decidedBy: '省工业和信息化厅' });
    const body = {
      eventDate: '2026-05-01',
      facts: facts({
        'applicant.kind': 'enterprise',
        'applicant.leading': true,
        'orders.this_year': '1000000000',
        'orders.last_year': '800000000',
      }),
    };
    const { matches } = await server.stranger.client.policy.calculate({
      params: { instrument: INSTRUMENT },
      body,
    });
    expect(matches.find(({ item }) => item === 'M4.4')).toMatchObject({ atMostFen: '10000000' });
    const earlier = await server.stranger.client.policy.calculate({
      params: { instrument: INSTRUMENT },
      body: { ...body, eventDate: '2025-12-31' },
    });
    expect(earlier.matches.find(({ item }) => item === 'M4.4')).toMatchObject({ bound: 'unset' });
  });

  it('[HP9] a term in a year that is not announced names its assumption, or waits', async () => {
    const call = await newCall(['M8.4'], { noticeDays: 5, correctionDays: 20 });
    const claim = await draft(call.id, 'M8.4', '课程壬');
    await withEvidence(company, claim.id, COURSE_FILES);
    await act(company, claim.id, 'submit');
    const kept = clock;
    const { rows } = await server.stranger.client.policy.holidays();
    const assumed = rows.filter((each) => each.assumed).map(({ year }) => year);
    expect(assumed).toEqual([2027]);
    clock = Date.parse('2027-12-21T09:00:00+08:00');
    expect(await refusalCodes(act(department.officer, claim.id, 'ask_correction'))).toEqual([
      'missing_holiday_year',
    ]);
    clock = Date.parse('2026-12-21T09:00:00+08:00');
    const asked = await act(department.officer, claim.id, 'ask_correction');
    expect(asked.correctionUntil).toBe('2027-01-19');
    expect(asked.findings.map(({ code }) => code)).toEqual(['assumed_holiday_year']);
    const entered = (by: TestPerson, document: string) =>
      by.client.policy.importHolidays({ body: { document, source: '国办发明电〔2026〕某号' } });
    const days = '日期,安排\n2027-01-01,休\n2027-02-05,休\n2027-02-14,班\n';
    expect((await problemOf(entered(company, days))).status).toBe(403);
    expect(await refusalCodes(entered(department.officer, '2027-13-01,休'))).toEqual([
      'invalid_holiday',
    ]);
    expect(await entered(department.officer, days)).toEqual({ year: 2027, free: 2, worked: 1 });
    const told = await server.stranger.client.policy.holidays();
    expect(told.rows.find(({ year }) => year === 2027)).toMatchObject({
      assumed: false,
      source: '国办发明电〔2026〕某号',
      free: ['01-01', '02-05'],
    });
    const sure = await company.client.policy.claim({ params: { id: claim.id } });
    expect(sure.findings).toEqual([]);
    clock = kept;
  });

  it('[HP10] a decision leaves as one bundle, lists and figures add up', async () => {
    const { rows } = await department.officer.client.policy.claims({ query: { state: 'closed' } });
    const params = { id: rows[0]!.id };
    const answer = await company.client.policy.claimReceipts({ params });
    const bundle = JSON.parse(new TextDecoder().decode(await bytesOf(answer))) as {
      receipts: unknown[];
      evidence: { digest: string }[];
      steps: unknown[];
      claim: object;
      objections: object[];
      digest: string;
    };
    expect(bundle.evidence).toHaveLength(3);
    expect(bundle.steps).toHaveLength(12);
    for (const receipt of bundle.receipts) {
      expect(replayReceipt(nodeCryptography, JSON.stringify(receipt)).ok).toBe(true);
    }
    expect(bundle.receipts).toHaveLength(2);
    expect(replayBundle(nodeCryptography, bundle).findings).toEqual([]);
    const { digest: _, ...content } = bundle;
    const forged = { ...content, claim: { ...bundle.claim, grantFen: '90000000' } };
    const found = replayBundle(nodeCryptography, sealBundle(nodeCryptography, forged as never));
    expect(found.findings.map(({ code }) => code)).toEqual(['mismatched_bundle_grant']);
    // Who objected is for the department to read, not for the applicant.
    expect(bundle.objections.map((each) => Object.keys(each).sort())).toEqual([
      ['answeredAt', 'at', 'outcome'],
    ]);
    const whole = await department.officer.client.policy.claimReceipts({ params });
    const own = JSON.parse(new TextDecoder().decode(await bytesOf(whole))) as typeof bundle;
    expect(own.objections).toMatchObject([{ answer: '经核实，课程已开设。' }]);
    expect(replayBundle(nodeCryptography, own).findings).toEqual([]);
    const report = await department.officer.client.policy.report({ query: { year: 2026 } });
    const m84 = report.items.find(({ item }) => item === 'M8.4')!;
    expect(m84.paidFen).toBe('80000000');
    expect(report.totals.paid).toBe('80000000');
    const counted = report.states.reduce((sum, { claims }) => sum + claims, 0);
    expect(counted).toBe(report.items.reduce((sum, { claims }) => sum + claims, 0));
    const sheet = await department.officer.client.policy.exportClaims({
      params: { id: rows[0]!.callId },
      query: { format: 'csv' },
    });
    const csv = new TextDecoder().decode(await bytesOf(sheet));
    expect(csv.split('\r\n')).toHaveLength(3);
    expect(csv).toContain('80000000');
    const foreign = company.client.policy.exportClaims({
      params: { id: rows[0]!.callId },
      query: { format: 'csv' },
    });
    expect((await problemOf(foreign)).status).toBe(403);
  });

  it('[HP8] no public answer shows more than the published fields', async () => {
    const response = await server.stranger.send('/api/policy/notices');
    const { rows } = (await response.json()) as { rows: object[] };
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual([...POLICY_NOTICE_FIELDS].sort());
    }
    expect(POLICY_NOTICE_FIELDS).toEqual([
      'claimId',
      'callTitle',
      'applicant',
      'item',
      'title',
      'grantFen',
      'from',
      'until',
    ]);
  });
});
