import { HUNAN_2023_55 } from '@yinglian/policy';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPerson } from '../support/server.ts';
import { COURSE, type Department, PolicyWorld } from './policy-world.ts';
import { problemOf, refusalCodes, upload } from './support.ts';

const BASE = {
  'base.kind': { value: 'base' },
  'base.cost': { value: '500000000' },
  'base.construction': { value: '0' },
} as const;

describe('claims of several firms', () => {
  let world: PolicyWorld;
  let department: Department;
  let first: TestPerson;
  let second: TestPerson;

  beforeAll(async () => {
    world = await PolicyWorld.open();
    department = await world.department('省工业和信息化厅');
    first = await world.server.newOrganisation('producer', '甲企业');
    second = await world.server.newOrganisation('producer', '乙企业');
    await world.money(department, 100_000_000_00n);
  });
  afterAll(() => world.server.close());

  const base = (by: TestPerson, callId: string, object: string) =>
    world.draft(by, callId, object, { item: 'M8.5', facts: BASE });
  const seen = (by: TestPerson, id: string) => by.client.policy.claim({ params: { id } });
  const bring = async (by: TestPerson, id: string, code: string, text: string) => {
    const fileId = await upload(by, `${code}.pdf`, `%PDF-1.7 ${text}`);
    return by.client.policy.addEvidence({ params: { id }, body: { fileId, code } });
  };

  it('[HP3] a name is its firm’s own, in any spelling', async () => {
    const call = await world.call(department);
    const own = await base(first, call.id, '4K基地');
    expect(await refusalCodes(base(first, call.id, '４Ｋ 基地'))).toEqual(['duplicate_object']);
    const other = await base(second, call.id, '4K基地');
    const most = 2_000_000_00n;
    await world.reviewed(first, department, own, most);
    await world.reviewed(second, department, other, most);
    // The department is told that two firms use the same words, and each has its own ceiling.
    const told = (await seen(department.officer, other)).findings;
    expect(told.map(({ code, severity }) => [code, severity])).toEqual([
      ['duplicate_object', 'warning'],
    ]);
    for (const id of [own, other]) {
      const { grantFen } = await world.act(department.officer, id, 'propose');
      expect(grantFen).toBe('150000000');
    }
    // The next call: another spelling is the same base, and fifty are left of its two hundred.
    const later = await world.call(department);
    const again = await base(first, later.id, '４Ｋ-基地');
    await world.reviewed(first, department, again, most);
    const { grantFen } = await world.act(department.officer, again, 'propose');
    expect(grantFen).toBe('50000000');
  });

  it('[HP6] a public list serves many claims, an invoice one', async () => {
    const call = await world.call(department);
    const ids = [await base(first, call.id, '基地甲'), await base(second, call.id, '基地乙')];
    await bring(first, ids[0]!, 'invoices', 'one invoice');
    const wrong = await bring(second, ids[1]!, 'invoices', 'one invoice');
    await world.reviewed(first, department, ids[0]!, 100n);
    await world.reviewed(second, department, ids[1]!, 100n);
    expect(await refusalCodes(world.act(department.officer, ids[1]!, 'propose'))).toEqual([
      'duplicate_evidence',
    ]);
    const piece = wrong.evidence.at(-1)!;
    const late = second.client.policy.removeEvidence({
      params: { id: ids[1]!, evidenceId: piece.id },
    });
    expect(await refusalCodes(late)).toEqual(['closed_claim']);

    const courses = [
      await world.draft(first, call.id, '课程甲', { facts: COURSE }),
      await world.draft(second, call.id, '课程乙', { facts: COURSE }),
    ];
    await bring(first, courses[0]!, 'course_agreement', 'one agreement');
    await bring(second, courses[1]!, 'course_agreement', 'one agreement');
    await world.reviewed(first, department, courses[0]!, 100n);
    await world.reviewed(second, department, courses[1]!, 100n);
    const { findings } = await seen(department.officer, courses[1]!);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['duplicate_evidence', 'warning'],
    ]);
    const { state } = await world.act(department.officer, courses[1]!, 'propose');
    expect(state).toBe('proposed');
  });

  it('[HP3] what prints no standard is not called for', async () => {
    // M5.1 gives priority and no money: its claims could be reviewed and never proposed.
    const made = world.call(department, { items: ['M8.4', 'M5.1', 'M9.3'] });
    expect(await refusalCodes(made)).toEqual(['unpayable_item', 'unpayable_item']);
    const { instrument } = first.client.policy;
    const params = { instrument: 'hunan-2023-55' };
    const then = await instrument({ params, query: { eventDate: '2024-06-30' } });
    expect(then.items.map(({ item }) => item)).toContain('M8.4');
  });

  it('[HP3] a wrong document leaves a draft again', async () => {
    const call = await world.call(department);
    const id = await world.draft(first, call.id, '课程丙');
    const { evidence } = await bring(first, id, 'course_list', 'wrong');
    expect(evidence).toHaveLength(4);
    const params = { id, evidenceId: evidence.at(-1)!.id };
    const strange = second.client.policy.removeEvidence({ params });
    expect((await problemOf(strange)).status).toBe(404);
    const left = await first.client.policy.removeEvidence({ params });
    expect(left.evidence).toHaveLength(3);
    const gone = first.client.policy.removeEvidence({ params });
    expect((await problemOf(gone)).status).toBe(404);
  });

  it('[HP5] an approval is revoked or waived, and its money is free again', async () => {
    const call = await world.call(department);
    const free = async () => {
      const { totals } = await department.officer.client.policy.budget({ query: { year: 2026 } });
      return [totals.available, totals.committed];
    };
    const before = await free();
    for (const [object, by, action] of [
      ['课程丁', department.other, 'revoke'],
      ['课程戊', first, 'withdraw_late'],
    ] as const) {
      const id = await world.draft(first, call.id, object);
      await world.reviewed(first, department, id, 100n);
      await world.act(department.officer, id, 'propose');
      await world.act(department.officer, id, 'publish');
      world.later(9);
      await world.act(department.approver, id, 'decide');
      expect((await free())[1]).toBe('100');
      const { state } = await world.act(by, id, action);
      expect(state).toBe(action === 'revoke' ? 'rejected' : 'withdrawn');
      expect(await free()).toEqual(before);
    }
  });

  it('[HP5] what is left over comes back in part, and the rest stays paid', async () => {
    const call = await world.call(department);
    const id = await world.draft(second, call.id, '课程辛');
    await world.reviewed(second, department, id, 1_000n);
    await world.act(department.officer, id, 'propose');
    await world.act(department.officer, id, 'publish');
    world.later(9);
    await world.act(department.approver, id, 'decide');
    await world.act(department.finance, id, 'order_funds');
    await world.act(department.payer, id, 'pay');
    await world.act(department.auditor, id, 'demand');
    const part = (recoveredFen: string) =>
      world.act(department.payer, id, 'recover_part', { recoveredFen });
    expect(await refusalCodes(part('1000'))).toEqual(['invalid_value']);
    expect(await part('300')).toMatchObject({ state: 'closed', grantFen: '700' });
    const { totals } = await department.officer.client.policy.budget({ query: { year: 2026 } });
    expect([totals.paid, totals.recovered]).toEqual(['700', '300']);
  });

  /** A claim that was paid and whose money came back. */
  async function recovered(object: string, fen: bigint): Promise<string> {
    const id = await world.draft(second, (await world.call(department)).id, object);
    await world.reviewed(second, department, id, fen);
    await world.act(department.officer, id, 'propose');
    await world.act(department.officer, id, 'publish');
    world.later(9);
    await world.act(department.approver, id, 'decide');
    await world.act(department.finance, id, 'order_funds');
    await world.act(department.payer, id, 'pay');
    await world.act(department.auditor, id, 'demand');
    await world.act(department.finance, id, 'recover');
    return id;
  }

  it('[HP33] what came back is returned by a second person or by rule', async () => {
    const desk = (by: TestPerson) => by.client.policyDesk;
    const totals = async () =>
      (await department.officer.client.policy.budget({ query: { year: 2026 } })).totals;
    const id = await recovered('课程癸', 2_000n);
    const { rows } = await desk(department.finance).recoveries();
    const own = rows.find(({ subject }) => subject === id);
    expect(own).toMatchObject({ title: '课程癸', fen: '2000' });
    const body = { subject: id, to: 'year' as const, note: '当年继续使用' };
    const give = (by: TestPerson) => desk(by).returnRecovered({ body });
    expect(await refusalCodes(give(department.finance))).toEqual(['missing_second_person']);
    expect((await problemOf(give(department.officer))).status).toBe(403);
    const before = await totals();
    await give(department.payer);
    const after = await totals();
    expect(BigInt(after.available) - BigInt(before.available)).toBe(2_000n);
    expect(BigInt(before.recovered) - BigInt(after.recovered)).toBe(2_000n);
    expect((await problemOf(give(department.payer))).status).toBe(404);
    const recoveries = { to: 'treasury', quote: '收回财政' };
    const content = JSON.stringify({ ...HUNAN_2023_55, recoveries });
    await sql`
      insert into policy.instrument_version (id, code, department_id, state, digest, content,
        reason, findings, proposed_by, proposed_name, number)
      values (gen_random_uuid(), 'hunan-2023-55', ${department.owner.organisationId}, 'published',
        'recoveries', ${content}, '', '[]', gen_random_uuid(), '', 1)
    `.execute(world.server.network.running.kernel.database);
    const start = await totals();
    await recovered('课程甲子', 3_000n);
    const end = await totals();
    expect(end.recovered).toBe(start.recovered);
    expect(BigInt(end.treasury) - BigInt(start.treasury)).toBe(3_000n);
  });

  it('[HP6] reviewers may recommend a part of the bound', async () => {
    const call = await world.call(department);
    const id = await base(second, call.id, '基地丙');
    await world.act(second, id, 'submit');
    await world.act(department.officer, id, 'pass_check');
    await world.act(department.second, id, 'recommend');
    await world.act(department.officer, id, 'pass_joint');
    const review = (more: object) => world.act(department.reviewer, id, 'review', more);
    expect(await refusalCodes(review({}))).toEqual(['missing_recommendation']);
    expect(await refusalCodes(review({ factor: '3/2' }))).toEqual(['invalid_recommendation']);
    // Three fifths of thirty per cent of five million.
    expect((await review({ factor: '3/5' })).recommendedFen).toBe('90000000');
  });

  it('[HP11] a mark that was set after the filing stops the money too', async () => {
    const historyRules = [{ bar: 'mark', marks: ['fraud'], quote: '失信' }];
    const call = await world.call(department, { historyRules });
    const by = await world.server.newOrganisation('producer', '丙企业');
    const id = await world.draft(by, call.id, '课程庚');
    await world.reviewed(by, department, id, 100n);
    await world.act(department.officer, id, 'propose');
    await world.act(department.officer, id, 'publish');
    world.later(9);
    const { organisationId } = by;
    const mark = { organisationId, kind: 'fraud', fromYear: 2026, toYear: 2028, reason: '虚报' };
    await department.auditor.client.policy.mark({ body: mark });
    expect(await refusalCodes(world.act(department.approver, id, 'decide'))).toEqual([
      'barred_claim',
    ]);
  });

  it('[HP16] two claims under one ceiling take what they can get of a division', async () => {
    const call = await world.call(department, { items: ['M6.2'] });
    const facts = { 'project.provider': { value: true }, 'project.selected': { value: true } };
    const by = await world.server.newOrganisation('producer', '丁企业');
    for (const object of ['项目一', '项目二']) {
      const id = await world.draft(by, call.id, object, { item: 'M6.2', facts });
      await bring(by, id, 'contract', object);
      await bring(by, id, 'acceptance', object);
      await world.reviewed(by, department, id, 70_000_000n);
    }
    const divided = await department.approver.client.policy.divide({
      params: { id: call.id },
      body: { mode: 'full', budgetFen: '100000000' },
    });
    // A10: one million for a firm in a round, and so it is whole.
    expect(divided.grants.map(({ fen }) => fen).toSorted()).toEqual(['30000000', '70000000']);
  });

  it('[HP4] a correction that never came is closed by the department', async () => {
    const call = await world.call(department);
    const id = await world.draft(first, call.id, '课程己');
    await world.act(first, id, 'submit');
    await world.act(department.officer, id, 'ask_correction');
    expect(await refusalCodes(world.act(department.officer, id, 'reject'))).toEqual([
      'unfinished_correction',
    ]);
    world.later(30);
    expect((await world.act(department.officer, id, 'reject')).state).toBe('rejected');
  });
});
