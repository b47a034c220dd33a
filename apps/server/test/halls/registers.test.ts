import { POLICY_NOTICE_FIELDS, REGISTER_NOTICE, REGISTER_PUBLISHED } from '@yinglian/contract';
import type { Role } from '@yinglian/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHalls } from '../../src/halls.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const DAY_MS = 86_400_000;
const PLATFORM = {
  platform: '音视频制造业创新中心',
  type: 'manufacturing_centre',
  level: 'province',
  host: '乙公司',
  direction: '音视频芯片',
  recognised_by: '省工业和信息化厅',
  recognised_on: '2026-02-01',
  recognition_number: '湘工信〔2026〕1号',
  invested: true,
  invested_fen: '1234567',
  head: '机密负责人',
};
const PROJECT = {
  project: '8K 超高清云制播',
  category: 'film',
  owner: '湖南广播影视集团',
  summary: '云端制播一体',
  technology: 'HDR Vivid',
  contract_fen: '300000000',
  accepted_on: '2026-03-01',
  contact: '机密联系人',
};
const SCORE = { novelty: 25, effect: 25, spread: 20, own: 10 };

describe('the registers of the policy hall', () => {
  let clock = Date.parse('2026-06-01T09:00:00+08:00');
  let server: TestServer;
  let owner: TestPerson;
  let officer: TestPerson;
  let second: TestPerson;
  let approver: TestPerson;
  let reviewers: TestPerson[];
  let company: TestPerson;
  let stranger: TestPerson;
  const laterDays = (days: number) => (clock += days * DAY_MS);

  beforeAll(async () => {
    server = await createTestServer({
      halls: (kernel) => openHalls({ ...kernel, now: () => new Date(clock) }),
    });
    owner = await server.newOrganisation('other', '主管部门');
    const operator = await server.owner();
    await operator.client.policy.enrol({
      params: { id: owner.organisationId },
      body: { name: '省工业和信息化厅' },
    });
    const member = (role: Role) => server.newMember(owner, [role]);
    officer = await member('policy.officer');
    second = await member('policy.officer');
    approver = await member('policy.approver');
    reviewers = [];
    for (let n = 0; n < 3; n++) reviewers.push(await member('policy.reviewer'));
    company = await server.newOrganisation('producer', '甲科技');
    stranger = await server.newOrganisation('producer', '无关单位');
  });
  afterAll(() => server.close());

  const open = (kind: string) => officer.client.registers.open({ body: { kind } });
  const draft = (registerId: string, fields: object, by = company, more = {}) =>
    by.client.registers.createEntry({
      params: { id: registerId },
      body: { fields: fields as never, ...more },
    });
  async function withDocuments(by: TestPerson, id: string, codes: readonly string[]) {
    for (const code of codes) {
      const fileId = await upload(by, `${code}.pdf`, `%PDF-1.7 ${id} ${code}`);
      await by.client.registers.addDocument({ params: { id }, body: { fileId, code } });
    }
  }
  async function act(by: TestPerson, id: string, action: string, more = {}) {
    const reader = by.client.registers.entry({ params: { id } });
    const { version } = await reader;
    return by.client.registers.act({
      params: { id },
      body: { version, action, reason: '理由', ...more },
    });
  }
  async function toNotice(id: string) {
    await act(company, id, 'file');
    await act(officer, id, 'pass_check');
    await act(officer, id, 'propose');
    return act(second, id, 'publish');
  }

  let platformRegister: string;
  let platform: string;

  it('[HR1] an entry is filed, published, and entered by other eyes with a number', async () => {
    platformRegister = (await open('platform')).id;
    expect(await refusalCodes(open('platform'))).toEqual(['duplicate_register']);
    expect(
      (await problemOf(company.client.registers.open({ body: { kind: 'course' } }))).status,
    ).toBe(403);
    const made = await draft(platformRegister, { platform: '某中心' });
    const { kinds } = server.stranger.client.registers;
    expect((await kinds()).rows.map(({ kind }) => kind)).toContain('platform');
    expect(
      (await problemOf(officer.client.registers.entry({ params: { id: made.id } }))).status,
    ).toBe(404);
    expect((await refusalCodes(act(company, made.id, 'file')))[0]).toBe('incomplete_entry');
    const wrong = company.client.registers.updateEntry({
      params: { id: made.id },
      body: { version: made.version, fields: { ...PLATFORM, level: 'moon' } },
    });
    expect(await refusalCodes(wrong)).toEqual(['invalid_field']);
    await company.client.registers.updateEntry({
      params: { id: made.id },
      body: { version: made.version, fields: PLATFORM },
    });
    const bad = await upload(company, 'x.exe', 'MZ');
    const unsafe = company.client.registers.addDocument({
      params: { id: made.id },
      body: { fileId: bad, code: 'recognition' },
    });
    expect(await refusalCodes(unsafe)).toEqual(['unsafe_evidence_type']);
    await withDocuments(company, made.id, ['recognition', 'investment']);
    const noticed = await toNotice(made.id);
    expect(noticed).toMatchObject({ state: 'on_notice', noticeUntil: '2026-06-08' });
    expect(await refusalCodes(act(approver, made.id, 'enter'))).toEqual(['unfinished_notice']);
    laterDays(8);
    expect((await problemOf(act(officer, made.id, 'enter'))).status).toBe(403);
    const entered = await act(approver, made.id, 'enter');
    expect(entered).toMatchObject({
      number: 'CXPT-2026-0001',
      standing: 'standing',
      validUntil: '2029-06-09',
    });
    platform = made.id;
    const document = entered.documents[0]!;
    const read = await officer.client.files.download({
      params: { id: document.fileId },
      query: {},
    });
    expect(new TextDecoder().decode(await bytesOf(read))).toContain('%PDF');
    expect(
      (
        await problemOf(
          stranger.client.files.download({ params: { id: document.fileId }, query: {} }),
        )
      ).status,
    ).toBe(404);
  });

  it('[HR2] the public page and the notice show the published fields and no others', async () => {
    const { registers } = server.stranger.client;
    const shown = await registers.published({ params: { id: platformRegister }, query: {} });
    expect(shown.rows).toHaveLength(1);
    expect(Object.keys(shown.rows[0]!).sort()).toEqual([...REGISTER_PUBLISHED].sort());
    const text = JSON.stringify(shown);
    expect(text).toContain('音视频制造业创新中心');
    for (const secret of ['机密负责人', '1234567', 'invested']) expect(text).not.toContain(secret);
    const sheet = await registers.exportPublished({
      params: { id: platformRegister },
      query: { format: 'csv' },
    });
    const csv = new TextDecoder().decode(await bytesOf(sheet));
    expect(csv).toContain('CXPT-2026-0001');
    expect(csv).toContain('省级');
    expect(csv).not.toContain('机密负责人');
    expect(REGISTER_PUBLISHED).toEqual([
      'number',
      'standing',
      'registeredOn',
      'validUntil',
      'fields',
    ]);
    const found = await registers.published({
      params: { id: platformRegister },
      query: { search: '制造业' },
    });
    expect(found.rows).toHaveLength(1);
    const none = await registers.published({
      params: { id: platformRegister },
      query: { search: '%' },
    });
    expect(none.rows).toHaveLength(0);
    const other = await draft(platformRegister, { ...PLATFORM, platform: '公示中的中心' });
    await withDocuments(company, other.id, ['recognition']);
    await toNotice(other.id);
    const notices = await registers.notices();
    const notice = notices.rows.find(({ entryId }) => entryId === other.id)!;
    expect(Object.keys(notice).sort()).toEqual([...REGISTER_NOTICE].sort());
    expect(JSON.stringify(notice)).not.toContain('机密');
    expect(POLICY_NOTICE_FIELDS).not.toContain('fields');
    const objected = await stranger.client.registers.object({
      params: { id: other.id },
      body: { text: '与已有平台重复' },
    });
    laterDays(9);
    expect(await refusalCodes(act(approver, other.id, 'enter'))).toEqual(['open_objection']);
    const late = stranger.client.registers.object({
      params: { id: other.id },
      body: { text: '又一条异议' },
    });
    expect(await refusalCodes(late)).toEqual(['closed_notice']);
    const hidden = company.client.registers.objections({ params: { id: other.id } });
    expect((await problemOf(hidden)).status).toBe(403);
    const { rows } = await officer.client.registers.objections({ params: { id: other.id } });
    expect(rows.map(({ id }) => id)).toEqual([objected.id]);
    await officer.client.registers.answerObjection({
      params: { id: objected.id },
      body: { outcome: 'dismissed', answer: '经核查不重复' },
    });
    expect((await act(approver, other.id, 'enter')).number).toBe('CXPT-2026-0002');
  });

  it('[HR3] the same thing is entered once, however its name is written', async () => {
    const twin = await draft(
      platformRegister,
      {
        ...PLATFORM,
        platform: '音视频 制造业·创新中心',
        host: '乙公司',
      },
      stranger,
    );
    await withDocuments(stranger, twin.id, ['recognition']);
    expect(await refusalCodes(act(stranger, twin.id, 'file'))).toEqual(['duplicate_entry']);
    expect(
      (await problemOf(stranger.client.registers.entry({ params: { id: platform } }))).status,
    ).toBe(404);
  });

  it('[HR4] a platform is assessed, warned, mended, raised, and told when it is due', async () => {
    const points = (research: number) => ({ research, service: 20, open: 10, people: 10 });
    const assess = (research: number) =>
      reviewers[0]!.client.registers.assess({
        params: { id: platform },
        body: { points: points(research), remark: '年度评估' },
      });
    expect(await refusalCodes(assess(41))).toEqual(['invalid_points']);
    const { registers } = company.client;
    const own = registers.assess({ params: { id: platform }, body: { points: points(40) } });
    expect((await problemOf(own)).status).toBe(403);
    expect(await refusalCodes(act(officer, platform, 'warn'))).toEqual([
      'missing_failed_assessment',
    ]);
    await assess(10);
    const warned = await act(officer, platform, 'warn');
    expect(warned.standing).toBe('warned');
    expect(await refusalCodes(act(approver, platform, 'withdraw'))).toEqual(['unfinished_remedy']);
    await assess(40);
    expect((await act(officer, platform, 'reinstate')).standing).toBe('standing');
    expect(await refusalCodes(act(company, platform, 'ask_upgrade', { level: 'city' }))).toEqual([
      'invalid_level',
    ]);
    await act(company, platform, 'ask_upgrade', { level: 'nation' });
    await act(officer, platform, 'publish_upgrade');
    laterDays(9);
    const raised = await act(approver, platform, 'upgrade');
    expect(raised.fields['level']).toBe('nation');
    const kept = clock;
    clock = Date.parse('2027-05-20T09:00:00+08:00');
    const due = await officer.client.registers.due();
    expect(due.rows[0]).toMatchObject({ what: 'assessment', late: false });
    expect(due.rows[0]!.by >= '2027-05-20').toBe(true);
    clock = kept;
    expect((await problemOf(company.client.registers.due())).status).toBe(403);
  });

  type Claim = Awaited<ReturnType<TestPerson['client']['policy']['claim']>>;
  let filledClaim: Claim;

  it('[HR5] a claim is filled from an entry, with provenance, and rests on it', async () => {
    const call = await officer.client.policy.createCall({
      body: {
        instrument: 'hunan-2023-55',
        title: '2026 申报',
        year: 2026,
        items: ['M4.2'],
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
        fairnessOpinion: '通过',
      },
    });
    const claim = await company.client.policy.createClaim({
      params: { id: call.id },
      body: {
        item: 'M4.2',
        object: '待填',
        eventDate: '2026-01-01',
        facts: { 'applicant.kind': { value: 'enterprise' } },
      },
    });
    const params = { id: claim.id };
    const { rows } = await company.client.registers.sources({ params });
    const source = rows.find(({ number }) => number === 'CXPT-2026-0001')!;
    expect(source.facts).toEqual(['centre.invested', 'centre.recognised']);
    const filled = await company.client.registers.fill({
      params,
      body: { version: claim.version, entryId: source.entryId },
    });
    expect(filled).toMatchObject({
      object: 'CXPT-2026-0001',
      eventDate: '2026-02-01',
      source: { number: 'CXPT-2026-0001', share: '' },
    });
    expect(filled.facts['centre.recognised']).toMatchObject({
      value: 'nation',
      verifier: '省工业和信息化厅',
    });
    expect(filled.facts['centre.recognised']!.source).toMatch(/^register:CXPT-2026-0001@\d+$/);
    expect(filled.facts['applicant.kind']).toMatchObject({ value: 'enterprise' });
    expect(filled.facts['applicant.kind']).not.toHaveProperty('verifier');
    expect(filled.match).toMatchObject({ status: 'eligible', atMostFen: '500000000' });
    expect(filled.evidence.map(({ code }) => code).sort()).toEqual(['investment', 'recognition']);
    const stale = company.client.registers.fill({
      params,
      body: { version: claim.version, entryId: source.entryId },
    });
    expect((await problemOf(stale)).code).toBe('conflict');
    const foreign = await stranger.client.policy.createClaim({
      params: { id: call.id },
      body: { item: 'M4.2', object: 'x', eventDate: '2026-01-01', facts: {} },
    });
    expect((await stranger.client.registers.sources({ params: { id: foreign.id } })).rows).toEqual(
      [],
    );
    const taken = stranger.client.registers.fill({
      params: { id: foreign.id },
      body: { version: 1, entryId: source.entryId },
    });
    expect(await refusalCodes(taken)).toEqual(['foreign_beneficiary']);
    filledClaim = filled;
  });

  it('[HR5] officers read its evidence; it is proposed only while the entry stands', async () => {
    const params = { id: filledClaim.id };
    const step = async (by: TestPerson, action: string, more = {}) => {
      const { version } = await by.client.policy.claim({ params });
      return by.client.policy.act({ params, body: { version, action, reason: '理由', ...more } });
    };
    await step(company, 'submit');
    const evidence = filledClaim.evidence[0]!;
    const read = await officer.client.files.download({
      params: { id: evidence.fileId },
      query: {},
    });
    expect((await bytesOf(read)).length).toBeGreaterThan(5);
    await step(officer, 'pass_check');
    await step(second, 'recommend');
    await step(officer, 'pass_joint');
    await step(reviewers[0]!, 'review', { recommendedFen: '100000000' });
    // Four eyes: who entered it does not revoke it.
    expect(await refusalCodes(act(approver, platform, 'revoke'))).toEqual([
      'missing_second_person',
    ]);
    await act(owner, platform, 'revoke');
    expect(await refusalCodes(step(officer, 'propose'))).toEqual(['ended_entry']);
  });

  let selection: { madeId: string; rivalId: string; roundId: string; holder: TestPerson };

  it('[HR6] projects are selected in rounds by whole scores', async () => {
    const register = (await open('benchmark')).id;
    const params = { id: register };
    const today = new Date(clock).toISOString().slice(0, 10);
    const until = new Date(clock + 3 * DAY_MS).toISOString().slice(0, 10);
    const round = await officer.client.registers.openRound({
      params,
      body: {
        year: 2026,
        title: '2026 年遴选',
        opensOn: today,
        closesOn: until,
        places: { total: 1 },
      },
    });
    const holder = await server.newOrganisation('other', '湖南广播影视集团');
    const providers = [
      { name: '甲科技', share: '2/3' },
      { name: '乙软件', share: '1/3' },
    ];
    const without = draft(register, { ...PROJECT, providers }, holder);
    expect(await refusalCodes(without)).toEqual(['missing_round']);
    const inRound = { roundId: round.id };
    const made = await draft(register, { ...PROJECT, providers }, holder, inRound);
    const rival = await draft(
      register,
      {
        ...PROJECT,
        project: '另一项目',
        providers: [{ name: '丙', share: '1' }],
      },
      holder,
      inRound,
    );
    for (const { id } of [made, rival]) {
      await withDocuments(holder, id, ['contract', 'acceptance']);
      await act(holder, id, 'file');
      await act(officer, id, 'pass_check');
    }
    const score = (by: TestPerson, id: string, novelty: number) =>
      by.client.registers.score({
        params: { id },
        body: { points: { ...SCORE, novelty } },
      });
    for (const [index, by] of reviewers.entries()) {
      await score(by, made.id, 25 + index);
      await score(by, rival.id, 24);
    }
    expect(await refusalCodes(score(reviewers[0]!, made.id, 1))).toEqual(['duplicate_score']);
    const decide = () =>
      officer.client.registers.decideRound({ params: { id: round.id }, body: { reason: '会议' } });
    expect(await refusalCodes(decide())).toEqual(['open_round']);
    expect(await refusalCodes(act(officer, made.id, 'propose'))).toEqual(['unselected_entry']);
    selection = { madeId: made.id, rivalId: rival.id, roundId: round.id, holder };
  });

  it('[HR6] the award is the provider’s by its share, and not the owner’s', async () => {
    const { madeId, rivalId, roundId, holder } = selection;
    const decide = () =>
      officer.client.registers.decideRound({ params: { id: roundId }, body: { reason: '会议' } });
    laterDays(5);
    const decided = await decide();
    expect(decided.rows.map(({ entryId, shown, why }) => [entryId, shown, why])).toEqual([
      [madeId, '81.00', 'selected'],
      [rivalId, '79.00', 'no_place'],
    ]);
    expect(await refusalCodes(decide())).toEqual(['decided_round']);
    expect(await refusalCodes(act(officer, rivalId, 'propose'))).toEqual(['unselected_entry']);
    await act(officer, madeId, 'propose');
    await act(second, madeId, 'publish');
    laterDays(9);
    const entered = await act(approver, madeId, 'enter');
    expect(entered.number).toBe('SFBG-2026-0001');
    const call = await officer.client.policy.createCall({
      body: {
        instrument: 'hunan-2023-55',
        title: '标杆奖励',
        year: 2026,
        items: ['M6.2'],
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
        fairnessOpinion: '通过',
      },
    });
    const claimOf = (by: TestPerson) =>
      by.client.policy.createClaim({
        params: { id: call.id },
        body: { item: 'M6.2', object: by.organisationId, eventDate: '2026-06-01', facts: {} },
      });
    const owners = await claimOf(holder);
    const refused = holder.client.registers.fill({
      params: { id: owners.id },
      body: { version: 1, entryId: madeId },
    });
    expect(await refusalCodes(refused)).toEqual(['foreign_beneficiary']);
    const fill = async (by: TestPerson) => {
      const { id } = await claimOf(by);
      const body = { version: 1, entryId: madeId };
      return by.client.registers.fill({ params: { id }, body });
    };
    const filled = await fill(company);
    expect(filled.source).toMatchObject({ share: '2/3' });
    const partner = await server.newOrganisation('producer', '乙软件');
    const other = await fill(partner);
    expect(other.source).toMatchObject({ share: '1/3' });
    let at = { params: { id: filled.id } };
    const step = async (by: TestPerson, action: string, more = {}) => {
      const { version } = await by.client.policy.claim(at);
      return by.client.policy.act({ ...at, body: { version, action, reason: '理由', ...more } });
    };
    const toReviewed = async (by: TestPerson) => {
      await step(by, 'submit');
      await step(officer, 'pass_check');
      await step(second, 'recommend');
      await step(officer, 'pass_joint');
      await step(reviewers[0]!, 'review', { recommendedFen: '100000000' });
    };
    await toReviewed(company);
    at = { params: { id: other.id } };
    await toReviewed(partner);
    at = { params: { id: filled.id } };
    const finance = await server.newMember(owner, ['policy.finance']);
    await finance.client.policy.enterBudget({
      body: { year: 2026, move: 'appropriate', fen: '900000000' },
    });
    const proposed = await step(officer, 'propose');
    // Two thirds of a hundred 万元, rounded down to the fen.
    expect(proposed.grantFen).toBe('66666666');
    // The other provider brings the same contract: it is one project, and one ceiling.
    at = { params: { id: other.id } };
    expect((await step(officer, 'propose')).grantFen).toBe('33333333');
  });
});
