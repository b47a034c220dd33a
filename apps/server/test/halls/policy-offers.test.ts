import { nodeCryptography } from '@yinglian/host';
import { HUNAN_2023_55, replayBundle } from '@yinglian/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPerson } from '../support/server.ts';
import { type Department, PolicyWorld } from './policy-world.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const ACCOUNT = { holder: '甲学院', bank: '某银行长沙支行', number: '6222 0000 1234 5678' };
const GRANT = 50_000_000n;
type Staff = 'officer' | 'second' | 'reviewer' | 'approver' | 'finance';

describe('what is given without application', () => {
  let world: PolicyWorld;
  let department: Department<Staff>;
  let company: TestPerson;
  let stranger: TestPerson;
  let callId: string;

  beforeAll(async () => {
    world = await PolicyWorld.open();
    const staff = ['officer', 'second', 'reviewer', 'approver', 'finance'] as const;
    department = await world.department('省委人才办', staff);
    company = await world.server.newOrganisation('producer', '甲学院');
    stranger = await world.server.newOrganisation('producer', '无关单位');
    await world.money(department, 1_000_000_000n);
    callId = (await world.call(department)).id;
  });
  afterAll(() => world.server.close());

  /** A course of the company, entered in the department's register. */
  async function course(registerId: string, name: string, inPlan = true): Promise<string> {
    const fields = {
      course: name,
      major: 'graphics',
      university: '某大学',
      firm: '甲学院',
      builder: true,
      in_plan: inPlan,
      plan_number: '教〔2026〕1号',
      credits: 2,
      cohorts: [{ term: '2026 春', enrolled: 40, passed: 38 }],
    };
    const { registers } = company.client;
    const { id } = await registers.createEntry({
      params: { id: registerId },
      body: { fields: fields as never },
    });
    for (const code of ['course_agreement', 'teaching_plan']) {
      const fileId = await upload(company, `${code}.pdf`, `%PDF-1.7 ${id} ${code}`);
      await registers.addDocument({ params: { id }, body: { fileId, code } });
    }
    const act = async (by: TestPerson, action: string) => {
      const { version } = await by.client.registers.entry({ params: { id } });
      const body = { version, action, reason: '理由' };
      await by.client.registers.act({ params: { id }, body });
    };
    await act(company, 'file');
    await act(department.officer, 'pass_check');
    await act(department.officer, 'propose');
    await act(department.second, 'publish');
    world.later(9);
    await act(department.approver, 'enter');
    return id;
  }

  const candidates = (by: TestPerson) =>
    by.client.policyDesk.candidates({ params: { id: callId }, query: { item: 'M8.4' } });
  const offer = (entryIds: string[]) =>
    department.officer.client.policyDesk.offer({
      params: { id: callId },
      body: { item: 'M8.4', entryIds, reason: '登记簿' },
    });
  const claimOf = (by: TestPerson, id: string) => by.client.policy.claim({ params: { id } });

  /** The lead department says by a new version that courses need not be applied for. */
  async function freeOfApplication(): Promise<void> {
    const rule = HUNAN_2023_55.rules.find(({ item }) => item === 'M8.4')!;
    const recorded = new Date(world.clock).toISOString().slice(0, 10);
    const version = {
      ...rule,
      version: 2,
      replaces: 1,
      issuedBy: '省委人才办',
      recorded,
      speed: 'without_application',
    };
    const revised = { ...HUNAN_2023_55, rules: [...HUNAN_2023_55.rules, version] };
    const proposed = await department.officer.client.instruments.propose({
      body: { document: JSON.stringify(revised), reason: '实施细则' },
    });
    await department.approver.client.instruments.decide({
      params: { id: proposed.id },
      body: { publish: true },
    });
  }

  let entries: { good: string; outside: string; other: string };
  let claimId: string;

  it('[HP40] only what the instrument gives without application is offered', async () => {
    const { id } = await department.officer.client.registers.open({ body: { kind: 'course' } });
    entries = {
      good: await course(id, '图形引擎'),
      outside: await course(id, '未入方案', false),
      other: await course(id, '音乐技术'),
    };
    expect(await refusalCodes(candidates(department.officer))).toEqual([
      'applied_for_item',
    ]);
    await freeOfApplication();
    const { rows } = await candidates(department.officer);
    const found = new Map(rows.map((each) => [each.entryId, each]));
    expect(found.get(entries.good)).toMatchObject({
      applicant: '甲学院',
      match: { status: 'eligible', rule: 'M8.4@2', atMostFen: '100000000' },
      findings: [],
    });
    const codes = found.get(entries.outside)!.findings.map(({ code }) => code);
    expect(codes).toEqual(['ineligible_claim']);
    expect(await refusalCodes(offer([entries.good, entries.outside]))).toEqual([
      'ineligible_claim',
    ]);
    expect((await problemOf(candidates(company))).status).toBe(403);
    expect((await problemOf(candidates(stranger))).status).toBe(403);
  });

  it('[HP40] the company is told, and agrees with its account before it goes on', async () => {
    const { rows } = await offer([entries.good]);
    claimId = rows[0]!.claimId;
    expect(await refusalCodes(offer([entries.good]))).toEqual(['duplicate_object']);
    const told = await company.client.policy.reminders();
    expect(told.rows.filter(({ subject }) => subject === claimId)).toHaveLength(1);
    const claim = await claimOf(company, claimId);
    expect(claim).toMatchObject({ state: 'offered', account: null, source: { share: '' } });
    expect(claim.steps.map(({ action, reason }) => [action, reason])).toEqual([
      ['offer', '登记簿'],
    ]);
    expect(claim.evidence.map(({ code }) => code).sort()).toEqual([
      'course_agreement',
      'course_list',
      'teaching_plan',
    ]);
    const edited = company.client.policy.updateClaim({
      params: { id: claimId },
      body: { ...claim, object: '别的课程' } as never,
    });
    expect(await refusalCodes(edited)).toEqual(['closed_claim']);
    expect((await problemOf(claimOf(stranger, claimId))).status).toBe(404);
    const early = world.act(department.officer, claimId, 'pass_check');
    expect(await refusalCodes(early)).toEqual(['unexpected_case_action']);
    expect(await refusalCodes(world.act(company, claimId, 'confirm'))).toEqual([
      'missing_account',
    ]);
    const account = { ...ACCOUNT, agrees: true };
    const foreign = world.act(department.officer, claimId, 'confirm', { account });
    expect((await problemOf(foreign)).status).toBe(403);
    const agreed = await world.act(company, claimId, 'confirm', { account });
    expect(agreed).toMatchObject({ state: 'submitted', account: ACCOUNT });
  });

  it('[HP40] from there it is a claim like any other, with a record that replays', async () => {
    const { officer, second, reviewer } = department;
    expect((await claimOf(officer, claimId)).account).toEqual(ACCOUNT);
    await world.act(officer, claimId, 'pass_check');
    expect(await refusalCodes(world.act(officer, claimId, 'recommend'))).toEqual([
      'missing_second_person',
    ]);
    await world.act(second, claimId, 'recommend');
    await world.act(officer, claimId, 'pass_joint');
    await world.act(reviewer, claimId, 'review', { recommendedFen: String(GRANT) });
    const proposed = await world.act(second, claimId, 'propose');
    expect(proposed.grantFen).toBe(String(GRANT));
    await world.act(officer, claimId, 'publish');
    const file = await company.client.policy.claimReceipts({ params: { id: claimId } });
    const text = new TextDecoder().decode(await bytesOf(file));
    expect(text).not.toContain('6222');
    const replayed = replayBundle(nodeCryptography, JSON.parse(text));
    expect(replayed.findings).toEqual([]);
    const notices = await world.server.stranger.client.policy.notices({ query: {} });
    expect(JSON.stringify(notices)).not.toContain('6222');
  });

  it('[HP40] turned down, it is the company’s own, and a draft is nobody’s to offer', async () => {
    const { rows } = await offer([entries.other]);
    const id = rows[0]!.claimId;
    await world.act(company, id, 'turn_down');
    expect((await claimOf(department.officer, id)).state).toBe('withdrawn');
    const draft = await world.act(company, id, 'reopen');
    expect(draft.state).toBe('draft');
    expect(draft.actions.map(({ action }) => action)).not.toContain('offer');
    expect((await problemOf(claimOf(department.officer, id))).status).toBe(404);
    const again = department.officer.client.policy.act({
      params: { id },
      body: { version: draft.version, action: 'offer' },
    });
    expect((await problemOf(again)).status).toBe(404);
  });
});
