import { readFileSync } from 'node:fs';
import { readWorkbook } from '@yinglian/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mail, Mailer } from '../../src/kernel/mail.ts';
import type { TestPerson } from '../support/server.ts';
import { COURSE, type Department, PolicyWorld } from './policy-world.ts';
import { bytesOf, problemOf, refusalCodes } from './support.ts';

const WAN = 1_000_000n;
/** A dozen persons on a machine that does other work too. */
const SETUP_WITHIN_MS = 300_000;

describe('what a department keeps of its decisions', () => {
  let world: PolicyWorld;
  let lead: Department;
  let finance: Department<'officer' | 'approver' | 'auditor'>;
  let company: TestPerson;
  const mails: Mail[] = [];
  let putOff = 1;
  const mailer: Mailer = {
    domain: 'policy.test',
    retrySeconds: [],
    send: async (mail) => {
      if (putOff > 0) {
        putOff -= 1;
        return { outcome: 'later', answer: '451 greylisted' };
      }
      mails.push(mail);
      return { outcome: 'accepted', answer: '250 ok' };
    },
    close: () => {},
  };

  beforeAll(async () => {
    world = await PolicyWorld.open({ mailer });
    lead = await world.department('省委人才办');
    finance = await world.department('省财政厅', ['officer', 'approver', 'auditor']);
    company = await world.server.newOrganisation('producer', '申报企业');
  }, SETUP_WITHIN_MS);
  afterAll(() => world.server.close());

  it('[HP18] a refusal may be appealed once, in time, and another person answers', async () => {
    const call = await world.call(lead);
    const id = await world.draft(company, call.id, '被拒课程');
    const appeal = () =>
      company.client.policyDesk.appeal({ params: { id }, body: { text: '课程确已开设。' } });
    expect(await refusalCodes(appeal())).toEqual(['unexpected_appeal']);
    await world.reviewed(company, lead, id, 50n * WAN);
    expect(await refusalCodes(world.act(lead.approver, id, 'uphold_appeal'))).toEqual([
      'unexpected_case_action',
    ]);
    await world.act(lead.approver, id, 'refuse');
    expect(await refusalCodes(world.act(lead.other, id, 'uphold_appeal'))).toEqual([
      'missing_appeal',
    ]);
    const made = await appeal();
    expect(made).toMatchObject({ step: 6, upheld: null, madeOn: '2026-06-01' });
    expect(await refusalCodes(appeal())).toEqual(['repeated_appeal']);
    const stranger = await world.server.newOrganisation('producer');
    const foreign = stranger.client.policyDesk.appeal({
      params: { id },
      body: { text: '这不是本单位的申报' },
    });
    expect((await problemOf(foreign)).status).toBe(404);
    const { rows } = await lead.officer.client.policyDesk.appeals({ query: {} });
    expect(rows.map(({ object, text }) => [object, text])).toEqual([
      ['被拒课程', '课程确已开设。'],
    ]);
    expect((await stranger.client.policyDesk.appeals({ query: {} })).rows).toEqual([]);
    const own = await lead.approver.client.policy.claim({ params: { id } });
    expect(own.actions.map(({ action }) => action)).toEqual(['uphold_appeal']);
    expect(await refusalCodes(world.act(lead.approver, id, 'uphold_appeal'))).toEqual([
      'missing_second_person',
    ]);
    const dismiss = (by: TestPerson, answer = '证据不足') =>
      by.client.policyDesk.dismissAppeal({ params: { id: made.id }, body: { answer } });
    expect((await problemOf(dismiss(lead.officer))).status).toBe(403);
    expect((await problemOf(dismiss(company))).status).toBe(404);
    expect((await problemOf(dismiss(finance.approver))).status).toBe(404);
    expect(await refusalCodes(dismiss(lead.approver))).toEqual(['missing_second_person']);
    const restored = await world.act(lead.other, id, 'uphold_appeal');
    expect([restored.state, restored.grantFen]).toEqual(['submitted', null]);
    expect(await refusalCodes(dismiss(lead.other))).toEqual(['missing_appeal']);
    const answered = (await company.client.policyDesk.appeals({ query: { claimId: id } })).rows[0];
    expect(answered).toMatchObject({ upheld: true, answer: '理由', answeredOn: '2026-06-01' });
  });

  it('[HP18] an appeal that is dismissed ends; a late or overtaken one is refused', async () => {
    const call = await world.call(lead);
    const id = await world.draft(company, call.id, '再拒课程');
    await world.act(company, id, 'submit');
    await world.act(lead.officer, id, 'reject');
    world.later(60);
    const body = { text: '请予复核。' };
    const made = await company.client.policyDesk.appeal({ params: { id }, body });
    const dismissed = await lead.approver.client.policyDesk.dismissAppeal({
      params: { id: made.id },
      body: { answer: '材料仍不齐全' },
    });
    expect(dismissed).toMatchObject({ upheld: false, state: 'rejected' });
    expect(await refusalCodes(company.client.policyDesk.appeal({ params: { id }, body }))).toEqual([
      'repeated_appeal',
    ]);
    const late = await world.draft(company, call.id, '迟诉课程');
    await world.act(company, late, 'submit');
    await world.act(lead.officer, late, 'reject');
    world.later(61);
    const params = { id: late };
    expect(await refusalCodes(company.client.policyDesk.appeal({ params, body }))).toEqual([
      'late_appeal',
    ]);
    await world.draft(company, call.id, '迟诉课程');
    // The same course was claimed again meanwhile, so the old claim does not come back beside it.
    expect(await refusalCodes(world.act(company, late, 'reopen'))).toEqual(['duplicate_object']);
    world.later(-121);
  });

  it('[HP19] public money of all together stays below the cost of the thing', async () => {
    await world.money(lead, 1_000n * WAN);
    const call = await world.call(lead);
    const facts = {
      'base.kind': { value: 'base' },
      'base.cost': { value: String(200n * WAN) },
      'base.construction': { value: '0' },
    };
    const grant = async (object: string, city: bigint) => {
      const others = [
        { instrument: '长沙市配套', jurisdiction: 'city', amountFen: String(city), paidFen: '0' },
      ];
      const id = await world.draft(company, call.id, object, { item: 'M8.5', facts, others });
      await world.reviewed(company, lead, id, 60n * WAN);
      return (await world.act(lead.officer, id, 'propose')).grantFen;
    };
    // A city's own money is no duplicate (A5): both are paid while the cost bears them.
    expect(await grant('基地甲', 100n * WAN)).toBe(String(60n * WAN));
    expect(await grant('基地乙', 180n * WAN)).toBe(String(20n * WAN));
    expect(await refusalCodes(grant('基地丙', 200n * WAN))).toEqual(['excluded_claim']);
  });

  it('[HP20] marks end with a reason, divisions are kept, every list is taken away', async () => {
    const call = await world.call(lead, {
      title: '分配留痕',
      historyRules: [{ bar: 'mark', marks: ['fraud'], quote: '失信' }],
    });
    const marked = await world.server.newOrganisation('producer', '被登记企业');
    const { organisationId } = marked;
    const mark = { organisationId, kind: 'fraud', fromYear: 2026, toYear: 2028, reason: '虚报' };
    await lead.auditor.client.policy.mark({ body: mark });
    const barred = await world.draft(marked, call.id, '被登记课程');
    expect(await refusalCodes(world.act(marked, barred, 'submit'))).toEqual(['barred_claim']);
    const { rows } = await lead.officer.client.policyDesk.marks();
    expect(rows[0]).toMatchObject({ organisation: '被登记企业', endedOn: null });
    const end = (by: TestPerson) =>
      by.client.policyDesk.endMark({ params: { id: rows[0]!.id }, body: { reason: '已更正' } });
    expect((await problemOf(end(lead.officer))).status).toBe(403);
    expect((await problemOf(end(finance.auditor))).status).toBe(404);
    await end(lead.auditor);
    await world.reviewed(marked, lead, barred, 30n * WAN);
    await lead.approver.client.policy.divide({
      params: { id: call.id },
      body: { mode: 'pro_rata', fit: 'cut', budgetFen: String(20n * WAN) },
    });
    const divisions = await lead.officer.client.policyDesk.divisions({ params: { id: call.id } });
    expect(divisions.rows).toMatchObject([
      { mode: 'pro_rata', fit: 'cut', grantedFen: String(20n * WAN), claims: 1 },
    ]);
    const receipt = await lead.officer.client.policyDesk.divisionReceipt({
      params: { id: divisions.rows[0]!.id },
    });
    const kept = JSON.parse(new TextDecoder().decode(await bytesOf(receipt))) as unknown;
    const { policy } = world.server.stranger.client;
    expect((await policy.replay({ body: { receipt: kept } })).valid).toBe(true);
    const claims = await lead.officer.client.policyDesk.callClaims({
      params: { id: call.id },
      query: {},
    });
    expect(claims.rows).toMatchObject([{ object: '被登记课程', dividedFen: String(20n * WAN) }]);
    const foreign = finance.officer.client.policyDesk.callClaims({
      params: { id: call.id },
      query: {},
    });
    expect((await problemOf(foreign)).status).toBe(404);
    for (const list of [
      'claims',
      'budget',
      'objections',
      'appeals',
      'controls',
      'marks',
    ] as const) {
      const file = await lead.officer.client.policyDesk.list({ params: { list }, query: {} });
      const sheet = await readWorkbook(await bytesOf(file));
      expect(sheet.ok && sheet.value.length > 0, list).toBe(true);
      const refused = company.client.policyDesk.list({ params: { list }, query: {} });
      const open = list === 'claims' || list === 'appeals';
      expect(open ? 200 : (await problemOf(refused)).status, list).toBe(open ? 200 : 403);
      if (open) await refused;
    }
    for (const list of ['notices', 'calls', 'holidays', 'readings'] as const) {
      const file = await world.server.stranger.client.policyDesk.publicList({
        params: { list },
        query: { format: 'csv' },
      });
      const text = new TextDecoder().decode(await bytesOf(file));
      expect(text.split('\r\n').length, list).toBeGreaterThan(list === 'notices' ? 1 : 3);
    }
  });

  it('[HP21] a report over departments holds what each of them may read, and no more', async () => {
    const call = await world.call(lead, {
      title: '会审通知',
      year: 2025,
      jointIds: [finance.owner.organisationId],
    });
    const id = await world.draft(company, call.id, '会审课程');
    await world.act(company, id, 'submit');
    const alone = await world.call(finance, { title: '财政自办', year: 2025 });
    const other = await world.draft(company, alone.id, '自办课程');
    await world.act(company, other, 'submit');
    const report = async (of: Department<'officer'>, scope: 'own' | 'shared') => {
      const { departments } = await of.officer.client.policy.report({
        query: { year: 2025, scope },
      });
      return Object.fromEntries(departments.map(({ name, claims }) => [name, claims]));
    };
    expect(await report(finance, 'own')).toEqual({ 省财政厅: 1 });
    expect(await report(finance, 'shared')).toEqual({ 省财政厅: 1, 省委人才办: 1 });
    expect(await report(lead, 'shared')).toEqual({ 省委人才办: 1 });
    const file = await finance.officer.client.policy.reportFile({
      query: { year: 2025, scope: 'shared', format: 'xlsx' },
    });
    const sheet = await readWorkbook(await bytesOf(file));
    expect(JSON.stringify(sheet)).toContain('["M8.4 校企合作课程补助",2,0,0,0]');
  });

  it('[HP22] reminders are mailed to those who apply, once, and again where put off', async () => {
    await company.client.policy.saveProfile({ body: { version: 0, facts: COURSE } });
    await world.call(lead, { title: '邮件提醒的通知' });
    const found = () => mails.find(({ text }) => text.includes('邮件提醒的通知'));
    await expect.poll(found, { timeout: 60_000 }).toBeDefined();
    expect(putOff).toBe(0);
    const mail = found()!;
    expect(mail.to).toContain('@');
    expect(mail.subject).toContain('Policy reminders');
    expect(mail.text).toContain('A call you may apply to is open: 邮件提醒的通知');
    expect(mail.messageId).toMatch(/^<[0-9a-f-]{36}@policy\.test>$/);
    const about = mails.filter(({ text }) => text.includes('邮件提醒的通知'));
    expect(new Set(about.map(({ to }) => to)).size).toBe(about.length);
  });

  it('[HP23] an answer says which reading of which words was used', async () => {
    const params = { instrument: 'hunan-2023-55' };
    const read = async () => {
      const { matches } = await world.server.stranger.client.policy.calculate({
        params,
        body: { facts: {}, eventDate: '2026-07-01' },
      });
      return matches.find(({ item }) => item === 'M8.4')!.readings;
    };
    expect(await read()).toEqual([{ code: 'A12', value: 'per_unit_per_round', decided: false }]);
    await lead.approver.client.policy.decideParameter({
      params: { ...params, parameter: 'A12' },
      body: { value: 'per_course', from: '2026-06-01', reason: '实施细则' },
    });
    expect(await read()).toEqual([{ code: 'A12', value: 'per_course', decided: true }]);
  });

  it('[HP25] an opinion on one item holds it back, and a later one lets it go on', async () => {
    const call = await world.call(lead, { items: ['M8.4', 'M8.5'], fairnessOpinion: null });
    await world.money(lead, 1_000n * WAN);
    const id = await world.draft(company, call.id, '逐项审查课程');
    await world.reviewed(company, lead, id, 50n * WAN);
    const propose = () => world.act(lead.second, id, 'propose');
    expect(await refusalCodes(propose())).toEqual(['missing_fairness_opinion']);
    const say = (item: string | null, conclusion: 'passes' | 'fails', by = lead.officer) =>
      by.client.policyDesk.recordFairness({
        params: { id: call.id },
        body: { item, conclusion, quote: '《公平竞争审查条例》第十条', reason: '面向全部单位' },
      });
    await say(null, 'passes');
    await say('M8.4', 'fails');
    expect(await refusalCodes(propose())).toEqual(['missing_fairness_opinion']);
    const { fairness } = await say('M8.4', 'passes');
    expect(fairness.map(({ item, conclusion }) => [item, conclusion])).toEqual([
      [null, 'passes'],
      ['M8.4', 'fails'],
      ['M8.4', 'passes'],
    ]);
    expect(fairness[2]).toMatchObject({ on: '2026-06-01', quote: '《公平竞争审查条例》第十条' });
    expect((await propose()).state).toBe('proposed');
    expect(await refusalCodes(say('M4.2', 'passes'))).toEqual(['foreign_claim_item']);
    expect((await problemOf(say(null, 'passes', finance.officer))).status).toBe(403);
    expect((await problemOf(say(null, 'passes', company))).status).toBe(403);
    const bundle = await lead.auditor.client.policy.claimReceipts({ params: { id } });
    const { fairness: kept } = JSON.parse(new TextDecoder().decode(await bytesOf(bundle)));
    expect(kept).toMatchObject({ item: 'M8.4', conclusion: 'passes' });
  });

  it('[HP26] a call with a defence proposes nobody who was not heard', async () => {
    const call = await world.call(lead, { defence: true });
    const id = await world.draft(company, call.id, '答辩课程');
    await world.reviewed(company, lead, id, 50n * WAN);
    const propose = () => world.act(lead.second, id, 'propose');
    expect(await refusalCodes(propose())).toEqual(['missing_defence']);
    const called = await world.act(lead.officer, id, 'invite_defence', { reason: '6月3日，三楼' });
    expect(called.state).toBe('defending');
    const defend = (by: TestPerson) =>
      world.act(by, id, 'defend', { recommendedFen: String(40n * WAN), score: '88' });
    expect((await problemOf(defend(lead.officer))).status).toBe(403);
    expect(await defend(lead.reviewer)).toMatchObject({
      state: 'defended',
      recommendedFen: String(40n * WAN),
      score: '88',
    });
    const { rows } = await lead.officer.client.policyDesk.callClaims({
      params: { id: call.id },
      query: {},
    });
    expect(rows).toMatchObject([{ state: 'defended', score: '88' }]);
    expect(await propose()).toMatchObject({ state: 'proposed', grantFen: String(40n * WAN) });
    // Taken back to the review as it was, it need not be heard again.
    await world.act(lead.officer, id, 'take_back');
    expect((await propose()).state).toBe('proposed');
  });

  it('[HP27] the lead department decides for one item, with the words of that item', async () => {
    const params = { instrument: 'hunan-2023-55', parameter: 'A19' };
    const decide = (item: string, quote: string, by = lead.approver) =>
      by.client.policy.decideParameter({
        params,
        body: { value: 'yuan', from: '2026-06-01', reason: '实施细则', item, quote },
      });
    const words = '给予课程建设单位最高 100 万元的补助';
    expect(await refusalCodes(decide('M8.4', '没有这句话'))).toEqual(['mismatched_quote']);
    expect(await refusalCodes(decide('M8.4', words, finance.approver))).toEqual([
      'foreign_decision',
    ]);
    expect(await refusalCodes(decide('M4.4', '按年度'))).toContain('foreign_decision');
    const { inUse, items } = await decide('M8.4', words);
    expect(inUse).toBe('fen');
    expect(items).toMatchObject([{ item: 'M8.4', inUse: 'yuan', decidedBy: '省委人才办' }]);
  });

  it('[HI2] another province runs on data alone, with numbers of its own', async () => {
    const example = (name: string) =>
      readFileSync(new URL(`../../../../examples/${name}`, import.meta.url), 'utf8');
    const document = example('province-digital-image.yaml');
    const text = example('province-digital-image.txt');
    const office = await world.department('云岭省人民政府办公厅', ['officer', 'approver']);
    const acting = ['officer', 'second', 'reviewer', 'finance'] as const;
    const film = await world.department('省电影局', acting);
    const check = (by: Department<'officer'>) =>
      by.officer.client.instruments.check({ body: { document, text } });
    expect((await check(office)).findings).toEqual([]);
    // A department that leads one measure does not issue the other.
    expect((await check(film)).publishable).toBe(false);
    const proposed = await office.officer.client.instruments.propose({
      body: { document, text, reason: '首次发布' },
    });
    const { rows } = await office.approver.client.instruments.proposals();
    expect(rows.map(({ id }) => id)).toEqual([proposed.id]);
    const params = { id: proposed.id };
    await office.approver.client.instruments.decide({ params, body: { publish: true } });
    const call = await world.call(film, { instrument: 'example-province-image', items: ['P1'] });
    await world.money(film, 1_000n * WAN);
    const facts = {
      'yl_platform.level': { value: 'nation' },
      'yl_platform.filed': { value: '2026-05-01' },
      'yl_platform.cost': { value: '444444444' },
    };
    const grant = async (object: string, others: readonly object[]) => {
      const more = { item: 'P1', facts, others };
      const id = await world.draft(company, call.id, object, more);
      await world.reviewed(company, film, id, 100n * WAN);
      return (await world.act(film.officer, id, 'propose')).grantFen;
    };
    // A fifth of the cost, down to the yuan.
    expect(await grant('平台甲', [])).toBe('88888800');
    // Under this text a city's support is a duplicate, and the higher wins.
    const city = { instrument: '市级补助', jurisdiction: 'city', paidFen: '0' };
    const higher = [{ ...city, amountFen: '90000000' }];
    expect(await refusalCodes(grant('平台乙', higher))).toEqual(['excluded_claim']);
    // A second fund for the same thing: what the hall granted by the first needs no declaration.
    const twin = { text, document: document.replaceAll('example-province-image', 'second-image') };
    const { id } = await office.officer.client.instruments.propose({
      body: { ...twin, reason: '首次发布' },
    });
    await office.approver.client.instruments.decide({ params: { id }, body: { publish: true } });
    const second = await world.call(film, { instrument: 'second-image', items: ['P1'] });
    const again = await world.draft(company, second.id, '平台 甲', { item: 'P1', facts });
    await world.reviewed(company, film, again, 100n * WAN);
    expect(await refusalCodes(world.act(film.officer, again, 'propose'))).toEqual([
      'excluded_claim',
    ]);
  });
});
