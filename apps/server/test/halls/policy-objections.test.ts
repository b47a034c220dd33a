import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPerson } from '../support/server.ts';
import { type Department, PolicyWorld } from './policy-world.ts';
import { problemOf, refusalCodes } from './support.ts';

const WAN = 1_000_000n;
/** A dozen persons on a machine that does other work too. */
const SETUP_WITHIN_MS = 300_000;

describe('objections as cases', () => {
  let world: PolicyWorld;
  let lead: Department;
  let company: TestPerson;
  let rival: TestPerson;

  beforeAll(async () => {
    world = await PolicyWorld.open();
    lead = await world.department('省委人才办');
    company = await world.server.newOrganisation('producer', '申报企业');
    rival = await world.server.newOrganisation('producer', '异议企业');
    await world.money(lead, 1_000n * WAN);
  }, SETUP_WITHIN_MS);
  afterAll(() => world.server.close());

  async function onNotice(object: string): Promise<string> {
    const call = await world.call(lead, { objectionDays: 10 });
    const id = await world.draft(company, call.id, object);
    await world.reviewed(company, lead, id, 50n * WAN);
    await world.act(lead.second, id, 'propose');
    await world.act(lead.officer, id, 'publish');
    return id;
  }

  it('[HP29] outcome and reason are found by a receipt and in the own list', async () => {
    const id = await onNotice('被异议课程');
    const body = { text: '课程并未开设，请核查。' };
    const made = await rival.client.policy.object({ params: { id }, body });
    expect(made).toMatchObject({ answerBy: '2026-06-15', outcome: null, answer: null });
    const anybody = world.server.stranger.client.policyDesk;
    const found = await anybody.findObjection({ body: { token: made.token } });
    expect(found).toMatchObject({ kind: 'claim', subjectId: id, text: body.text, outcome: null });
    expect(found.about).toContain('申报企业');
    expect(Object.keys(found)).not.toContain('by');
    const wrong = anybody.findObjection({ body: { token: made.token.replace(/.$/, '!') } });
    expect((await problemOf(wrong)).status).toBe(404);

    const listed = await lead.officer.client.policy.objections({ params: { id } });
    expect(JSON.stringify(listed)).not.toContain(made.token);
    const answer = (by: TestPerson) =>
      by.client.policy.answerObjection({
        params: { id: made.id },
        body: { outcome: 'partly', answer: '一门课程未开设，已核减。' },
      });
    for (const person of [lead.officer, lead.second]) {
      expect(await refusalCodes(answer(person))).toEqual(['missing_second_person']);
    }
    expect((await problemOf(answer(company))).status).toBe(404);
    await answer(lead.owner);
    expect(await refusalCodes(answer(lead.owner))).toEqual(['closed_objection']);
    const told = { outcome: 'partly', answer: '一门课程未开设，已核减。' };
    expect(await anybody.findObjection({ body: { token: made.token } })).toMatchObject(told);
    const own = await rival.client.policyDesk.ownObjections({ query: {} });
    expect(own.rows).toMatchObject([{ id: made.id, ...told }]);
    expect((await company.client.policyDesk.ownObjections({ query: {} })).rows).toEqual([]);
  });

  it('[HP29] the department is told when the term of an answer nears', async () => {
    const id = await onNotice('待答复课程');
    const body = { text: '请核查学时安排。' };
    await rival.client.policy.object({ params: { id }, body });
    const kinds = async () =>
      (await lead.officer.client.policy.reminders()).rows.map(({ kind }) => kind);
    expect(await kinds()).not.toContain('objection_due');
    world.later(9);
    const { rows } = await lead.officer.client.policy.reminders();
    expect(rows.find(({ kind }) => kind === 'objection_due')).toMatchObject({ by: '2026-06-15' });
    world.later(-9);
  });
});
