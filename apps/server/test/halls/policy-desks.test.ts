import { nodeCryptography, readWorkbook } from '@yinglian/host';
import type { Role } from '@yinglian/contract';
import { replayReceipt } from '@yinglian/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHalls } from '../../src/halls.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const COURSE = Object.fromEntries(
  ['course.joint', 'course.in_plan', 'course.builder'].map((name) => [name, { value: true }]),
);
const FILES = ['course_agreement', 'teaching_plan', 'course_list'];

describe('departments that work together', () => {
  let server: TestServer;
  let lead: Awaited<ReturnType<typeof department>>;
  let finance: Awaited<ReturnType<typeof department>>;
  let city: Awaited<ReturnType<typeof department>>;
  const clock = Date.parse('2026-06-01T09:00:00+08:00');

  beforeAll(async () => {
    server = await createTestServer({
      halls: (kernel) => openHalls({ ...kernel, now: () => new Date(clock) }),
    });
    lead = await department('省委人才办');
    finance = await department('省财政厅');
    city = await department('长沙市工业和信息化局');
  });
  afterAll(() => server.close());

  async function department(name: string) {
    const owner = await server.newOrganisation('other', name);
    const operator = await server.owner();
    await operator.client.policy.enrol({ params: { id: owner.organisationId }, body: { name } });
    const member = (role: Role) => server.newMember(owner, [role]);
    return {
      owner,
      officer: await member('policy.officer'),
      reviewer: await member('policy.reviewer'),
      approver: await member('policy.approver'),
      auditor: await member('policy.auditor'),
      payer: await member('policy.finance'),
    };
  }

  const newCall = (more: object = {}) =>
    lead.officer.client.policy.createCall({
      body: {
        instrument: 'hunan-2023-55',
        title: '课程补助',
        year: 2026,
        items: ['M8.4'],
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
        fairnessOpinion: '通过',
        ...more,
      },
    });
  async function filed(by: TestPerson, callId: string, object: string, more: object = {}) {
    const made = await by.client.policy.createClaim({
      params: { id: callId },
      body: { item: 'M8.4', object, eventDate: '2026-05-01', facts: COURSE, ...more },
    });
    for (const code of FILES) {
      const fileId = await upload(by, `${code}.pdf`, `%PDF-1.7 ${made.id} ${code}`);
      await by.client.policy.addEvidence({ params: { id: made.id }, body: { fileId, code } });
    }
    await act(by, made.id, 'submit');
    return made.id;
  }
  async function act(by: TestPerson, id: string, action: string, more: object = {}) {
    const { version } = await by.client.policy.claim({ params: { id } });
    return by.client.policy.act({
      params: { id },
      body: { version, action, reason: '理由', ...more },
    });
  }
  async function reviewed(id: string, fen: string, score: string) {
    await act(lead.officer, id, 'pass_check');
    await act(lead.payer, id, 'recommend');
    await act(lead.officer, id, 'pass_joint');
    return act(lead.reviewer, id, 'review', { recommendedFen: fen, score });
  }

  it('[HP14] the city body that the claim names recommends it, and nobody else', async () => {
    const call = await newCall({
      recommenderIds: [city.owner.organisationId],
      jointIds: [finance.owner.organisationId],
    });
    const company = await server.newOrganisation('producer', '长沙企业');
    const draft = (recommenderId: string | null) =>
      company.client.policy.createClaim({
        params: { id: call.id },
        body: {
          item: 'M8.4',
          object: '无推荐单位',
          eventDate: '2026-05-01',
          facts: COURSE,
          recommenderId,
        },
      });
    expect(await refusalCodes(draft(null))).toEqual(['foreign_recommender']);
    expect(await refusalCodes(draft(company.organisationId))).toEqual(['foreign_recommender']);
    const recommenderId = city.owner.organisationId;
    const id = await filed(company, call.id, '城市课程', { recommenderId });
    const seen = await city.officer.client.policy.claim({ params: { id } });
    expect([seen.state, seen.recommender]).toEqual(['submitted', '长沙市工业和信息化局']);
    const file = seen.evidence[0]!.fileId;
    const read = await city.officer.client.files.download({ params: { id: file }, query: {} });
    expect((await bytesOf(read)).length).toBeGreaterThan(5);
    expect((await problemOf(act(city.officer, id, 'pass_check'))).status).toBe(403);
    await act(lead.officer, id, 'pass_check');
    expect((await problemOf(act(lead.payer, id, 'recommend'))).status).toBe(403);
    await act(city.officer, id, 'recommend');
    const pass = () => act(lead.officer, id, 'pass_joint');
    expect(await refusalCodes(pass())).toEqual(['missing_joint_opinion']);
    const opinion = (by: TestPerson, agrees: boolean) =>
      by.client.policy.giveOpinion({ params: { id }, body: { agrees, reason: '资金来源核查' } });
    expect((await problemOf(opinion(city.officer, true))).status).toBe(403);
    await opinion(finance.officer, false);
    expect(await refusalCodes(pass())).toEqual(['missing_joint_opinion']);
    const agreed = await opinion(finance.officer, true);
    expect(agreed.opinions.map(({ department: name, agrees }) => [name, agrees])).toEqual([
      ['省财政厅', false],
      ['省财政厅', true],
    ]);
    expect((await pass()).state).toBe('joint_checked');
    const own = await company.client.policy.claim({ params: { id } });
    expect([own.opinions, own.dividedFen]).toEqual([[], null]);
    const strange = await newCall({ jointIds: [company.organisationId] }).catch(
      (caught: { problem: { code: string } }) => caught.problem.code,
    );
    expect(strange).toBe('not_found');
  });

  it('[HP13] nobody says of their own facts that a register verified them', async () => {
    const forged = {
      'course.joint': {
        value: true,
        source: 'register:KC-2026-0001@3',
        verifier: '省教育厅',
        date: '2026-05-05',
      },
    };
    const by = await server.newOrganisation('producer', '伪造来源');
    const saved = await by.client.policy.saveProfile({ body: { version: 0, facts: forged } });
    expect(saved.facts['course.joint']).toEqual({ value: true, date: '2026-06-01' });
    const call = await newCall();
    const claim = await by.client.policy.createClaim({
      params: { id: call.id },
      body: { item: 'M8.4', object: '伪造课程', eventDate: '2026-05-01', facts: forged },
    });
    expect(claim.facts['course.joint']).toEqual({ value: true, date: '2026-06-01' });
  });

  it('[HP15] affiliates count as one applicant, for ceilings and for bars', async () => {
    const call = await newCall({
      historyRules: [{ bar: 'mark', marks: ['fraud'], quote: '失信' }],
    });
    const parent = await server.newOrganisation('producer', '母公司');
    const child = await server.newOrganisation('producer', '子公司');
    const money = { year: 2026, move: 'appropriate', fen: '1000000000' } as const;
    await lead.payer.client.policy.enterBudget({ body: money });
    const first = await filed(parent, call.id, '母公司课程');
    await reviewed(first, '80000000', '90');
    const second = await filed(child, call.id, '子公司课程');
    await reviewed(second, '80000000', '90');
    expect((await act(lead.officer, first, 'propose')).grantFen).toBe('80000000');
    const control = {
      holderId: parent.organisationId,
      heldId: child.organisationId,
      shareBasisPoints: 5_100,
      basis: '工商登记',
    };
    const by = lead.auditor.client.policy;
    expect((await problemOf(parent.client.policy.recordControl({ body: control }))).status).toBe(
      403,
    );
    const recorded = await by.recordControl({ body: control });
    const { rows } = await lead.officer.client.policy.controls();
    expect(rows.map(({ holder, held }) => [holder, held])).toEqual([['母公司', '子公司']]);
    // 100 万元 per unit and round, of which the parent has 80.
    expect((await act(lead.officer, second, 'propose')).grantFen).toBe('20000000');
    await by.mark({
      body: {
        organisationId: parent.organisationId,
        kind: 'fraud',
        fromYear: 2026,
        toYear: 2027,
        reason: '虚报',
      },
    });
    expect(await refusalCodes(filed(child, call.id, '子公司另一课程'))).toEqual(['barred_claim']);
    await by.endControl({ params: { id: recorded.id } });
    expect((await problemOf(by.endControl({ params: { id: recorded.id } }))).status).toBe(404);
    expect(await filed(child, call.id, '子公司第三课程')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('[HP16] a budget is divided by the chosen mode, with a receipt that replays', async () => {
    const call = await newCall({ title: '按分分配' });
    const ids: string[] = [];
    for (const [name, score] of [
      ['甲', '91.5'],
      ['乙', '80'],
      ['丙', '85'],
    ] as const) {
      const by = await server.newOrganisation('producer', `分配${name}`);
      const id = await filed(by, call.id, `课程${name}`);
      await reviewed(id, '60000000', score);
      ids.push(id);
    }
    const divide = (mode: 'rank' | 'pro_rata' | 'full', fit: 'stop' | 'cut' = 'stop') =>
      lead.approver.client.policy.divide({
        params: { id: call.id },
        body: { mode, fit, budgetFen: '100000000' },
      });
    expect(
      (
        await problemOf(
          lead.officer.client.policy.divide({
            params: { id: call.id },
            body: { mode: 'rank', budgetFen: '1' },
          }),
        )
      ).status,
    ).toBe(403);
    expect(await refusalCodes(divide('full'))).toEqual(['insufficient_budget']);
    const even = await divide('pro_rata');
    expect(even.grants.reduce((sum, { fen }) => sum + BigInt(fen), 0n)).toBe(100_000_000n);
    const ranked = await divide('rank', 'cut');
    expect(
      Object.fromEntries(ranked.grants.map(({ applicant, fen, why }) => [applicant, [fen, why]])),
    ).toEqual({
      分配甲: ['60000000', 'whole'],
      分配丙: ['40000000', 'cut'],
      分配乙: ['0', 'after_the_end'],
    });
    expect(replayReceipt(nodeCryptography, JSON.stringify(ranked.receipt)).ok).toBe(true);
    expect((await act(lead.officer, ids[2]!, 'propose')).grantFen).toBe('40000000');
    expect(await refusalCodes(act(lead.officer, ids[1]!, 'propose'))).toEqual(['undivided_claim']);
  });

  it('[HP17] the report of a year adds up, on the page, as sheets and as a document', async () => {
    const { policy } = lead.officer.client;
    const report = await policy.report({ query: { year: 2026 } });
    const granted = (lines: readonly { grantedFen: string }[]) =>
      lines.reduce((sum, line) => sum + BigInt(line.grantedFen), 0n);
    expect(granted(report.items)).toBe(140_000_000n);
    expect(granted(report.measures)).toBe(140_000_000n);
    expect(granted(report.cities)).toBe(140_000_000n);
    expect(report.measures.map(({ name, heading }) => [name, heading])).toEqual([
      ['八', '加大人才引育力度'],
    ]);
    expect(report.cities.map(({ name, claims }) => [name, claims])).toEqual([
      ['', 6],
      ['长沙市工业和信息化局', 1],
    ]);
    const file = async (format: 'xlsx' | 'pdf') =>
      bytesOf(await policy.reportFile({ query: { year: 2026, format } }));
    const sheet = await readWorkbook(await file('xlsx'));
    expect(sheet.ok && JSON.stringify(sheet.value)).toContain('1400000');
    const pdf = new TextDecoder('latin1').decode(await file('pdf'));
    expect(pdf.startsWith('%PDF-1.7')).toBe(true);
    expect(pdf.match(/ re f/g)?.length).toBeGreaterThan(5);
    const stranger = await server.newOrganisation('producer');
    const refused = stranger.client.policy.reportFile({ query: { year: 2026 } });
    expect((await problemOf(refused)).status).toBe(403);
    const calls = await policy.calls({ query: {} });
    const whole = await policy.exportClaims({
      params: { id: calls.rows[0]!.id },
      query: { format: 'json' },
    });
    const portal = JSON.parse(new TextDecoder().decode(await bytesOf(whole))) as {
      applications: { organization: { name: string }; award: { fen: string } | null }[];
    };
    expect(portal.applications.map(({ organization }) => organization.name).sort()).toEqual([
      '分配丙',
      '分配乙',
      '分配甲',
    ]);
    expect(portal.applications.find(({ award }) => award !== null)?.award?.fen).toBe('40000000');
  });
});
