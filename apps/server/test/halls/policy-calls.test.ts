import { HUNAN_2023_55 } from '@yinglian/policy';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPerson } from '../support/server.ts';
import { COURSE, type Department, invoiceXml, PolicyWorld } from './policy-world.ts';
import { problemOf, refusalCodes, upload } from './support.ts';

const WAN = 1_000_000n;

describe('calls after they were published', () => {
  let world: PolicyWorld;
  let lead: Department<'officer' | 'second' | 'reviewer' | 'finance'>;
  let company: TestPerson;
  let stranger: TestPerson;

  beforeAll(async () => {
    world = await PolicyWorld.open();
    lead = await world.department('省委人才办', ['officer', 'second', 'reviewer', 'finance']);
    company = await world.server.newOrganisation('producer', '申报企业');
    stranger = await world.server.newOrganisation('producer', '旁观企业');
  }, 300_000);
  afterAll(() => world.server.close());

  const change = (id: string, version: number, more: object) =>
    lead.officer.client.policyDesk.changeCall({
      params: { id },
      body: { version, reason: '受理单位迁址', ...more },
    });
  const cancel = (id: string, version: number) =>
    lead.officer.client.policyDesk.cancelCall({
      params: { id },
      body: { version, reason: '资金另行安排' },
    });
  const news = async (by: TestPerson) =>
    (await by.client.policy.reminders()).rows.map(({ kind, by: day }) => [kind, day]);

  it('[HP30] a version is told to all who drafted or filed, with its reason', async () => {
    const call = await world.call(lead, { closesOn: '2026-06-30', direction: '人才培养' });
    expect(call).toMatchObject({ version: 1, direction: '人才培养', changes: [] });
    const id = await world.draft(company, call.id, '延期课程');
    const longer = await change(call.id, 1, { closesOn: '2026-07-31' });
    expect(longer).toMatchObject({ version: 2, closesOn: '2026-07-31' });
    expect(longer.changes).toEqual([
      {
        version: 2,
        kind: 'extended',
        terms: [{ term: 'closesOn', before: '2026-06-30', after: '2026-07-31' }],
        reason: '受理单位迁址',
        on: '2026-06-01',
      },
    ]);
    expect(await news(company)).toEqual([['call_extended', '2026-07-31']]);
    expect(await news(stranger)).toEqual([]);
    world.later(40);
    expect((await world.act(company, id, 'submit')).state).toBe('submitted');
    expect(await refusalCodes(change(call.id, 2, { closesOn: '2026-06-30' }))).toEqual([
      'shortened_call',
    ]);
    expect(await refusalCodes(change(call.id, 2, { items: ['M8.5'] }))).toEqual([
      'claimed_call_item',
    ]);
    expect((await problemOf(change(call.id, 1, { guide: '补充' }))).status).toBe(409);
    const other = await world.department('省工业和信息化厅', ['officer']);
    const params = { id: call.id };
    const body = { version: 2, reason: '不是本部门' };
    const foreign = other.officer.client.policyDesk.cancelCall({ params, body });
    expect((await problemOf(foreign)).status).toBe(403);
    world.later(-40);
  });

  it('[HP30] a call is found by year and direction, which its claims carry', async () => {
    const call = await world.call(lead, { direction: '装备', year: 2027 });
    const found = async (query: object) =>
      (await company.client.policy.calls({ query })).rows.map(({ id }) => id);
    expect(await found({ direction: '装备' })).toEqual([call.id]);
    expect(await found({ year: '2027' })).toEqual([call.id]);
    expect(await found({ year: '2026', direction: '装备' })).toEqual([]);
    const { rows } = await company.client.policyDesk.directions();
    expect(rows[0]).toEqual({ year: 2027, direction: '装备', calls: 1 });
    const id = await world.draft(company, call.id, '装备课程');
    const claim = await company.client.policy.claim({ params: { id } });
    expect(claim.direction).toBe('装备');
    const query = { direction: '装备' };
    const own = await company.client.policy.claims({ query });
    expect(own.rows.map((each) => each.id)).toEqual([id]);
  });

  it('[HP30] a cancelled call takes nothing more; what is granted holds it', async () => {
    await world.money(lead, 100n * WAN);
    const call = await world.call(lead);
    const [draft, filed] = [
      await world.draft(company, call.id, '未报课程'),
      await world.draft(company, call.id, '已报课程'),
    ];
    await world.reviewed(company, lead, filed, 50n * WAN);
    const cancelled = await cancel(call.id, 1);
    expect(cancelled).toMatchObject({ cancelledOn: '2026-06-01', version: 2 });
    expect(await news(company)).toContainEqual(['call_cancelled', null]);
    expect(await refusalCodes(world.act(company, draft, 'submit'))).toContain('cancelled_call');
    expect(await refusalCodes(world.act(lead.officer, filed, 'propose'))).toEqual([
      'cancelled_call',
    ]);
    expect(await refusalCodes(world.draft(company, call.id, '新课程'))).toEqual([
      'cancelled_call',
    ]);
    expect(await refusalCodes(change(call.id, 2, { guide: '补充' }))).toEqual(['cancelled_call']);
    const { calls } = await company.client.policy.matches();
    expect(calls.map(({ id }) => id)).not.toContain(call.id);
    const granted = await world.call(lead);
    const id = await world.draft(company, granted.id, '拟支持课程');
    await world.reviewed(company, lead, id, 50n * WAN);
    await world.act(lead.second, id, 'propose');
    expect(await refusalCodes(cancel(granted.id, 1))).toEqual(['granted_call']);
  });

  it("[HP31] a course is supported once in each year's round, in one of its calls", async () => {
    await world.money(lead, 200n * WAN);
    const [one, two] = [await world.call(lead), await world.call(lead)];
    const next = await world.call(lead, { year: 2027 });
    const firm = await world.server.newOrganisation('producer', '办课企业');
    const ids = [];
    for (const call of [one, two]) {
      const id = await world.draft(firm, call.id, '同一课程');
      await world.reviewed(firm, lead, id, 20n * WAN);
      ids.push(id);
    }
    await world.act(lead.second, ids[0]!, 'propose');
    expect(await refusalCodes(world.act(lead.second, ids[1]!, 'propose'))).toEqual([
      'repeated_award',
    ]);
    const again = await world.draft(firm, (await world.call(lead)).id, '同一 课程');
    expect(await refusalCodes(world.act(firm, again, 'submit'))).toEqual(['repeated_award']);
    const later = await world.draft(firm, next.id, '同一课程');
    expect((await world.act(firm, later, 'submit')).state).toBe('submitted');
  });

  it('[HP32] notices go on page by page, and what a page leaves out is told', async () => {
    await world.money(lead, 200n * WAN);
    const call = await world.call(lead);
    const firm = await world.server.newOrganisation('producer', '公示企业');
    for (const object of ['公示课程甲', '公示课程乙', '公示课程丙']) {
      const id = await world.draft(firm, call.id, object);
      await world.reviewed(firm, lead, id, 10n * WAN);
      await world.act(lead.second, id, 'propose');
      await world.act(lead.officer, id, 'publish');
    }
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const query: { limit: string; after?: string } = { limit: '2', ...(after && { after }) };
      const page = await world.server.stranger.client.policy.notices({ query });
      seen.push(...page.rows.map(({ claimId }) => claimId));
      after = page.next;
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(3);
    const { database } = world.server.network.running.kernel;
    await sql`
      insert into policy.entry (department_id, number, year, move, fen, by_name, at, note)
      select ${lead.owner.organisationId}, 10000 + n, 2031, 'appropriate', 1, '财务', now(), ''
      from generate_series(1, 600) as n
    `.execute(database);
    const budget = await lead.finance.client.policy.budget({ query: { year: 2031 } });
    expect([budget.entries.length, budget.entryCount]).toEqual([500, 600]);
    const file = await lead.finance.send('/api/policy/lists/budget?format=csv&year=2031');
    expect((await file.text()).trim().split('\n')).toHaveLength(601);
  });

  it('[HP35] an invoice says its own number, and serves one claim', async () => {
    const call = await world.call(lead);
    const firm = await world.server.newOrganisation('producer', '开票企业');
    const [one, two] = [
      await world.draft(firm, call.id, '发票课程甲', { item: 'M8.5' }),
      await world.draft(firm, call.id, '发票课程乙', { item: 'M8.5' }),
    ];
    const number = '26537912570200055449';
    const bring = async (id: string, text: string, typed: string | null = null) => {
      const fileId = await upload(firm, 'invoice.xml', text);
      const body = { fileId, code: 'invoices', number: typed };
      return firm.client.policy.addEvidence({ params: { id }, body });
    };
    const own = invoiceXml(number, '1200.00', '开票企业');
    const read = await bring(one, own);
    expect(read.evidence.at(-1)).toMatchObject({ number, invoice: { fen: '120000' } });
    expect(await refusalCodes(bring(two, `${own}\n`, '12345678'))).toEqual([
      'mismatched_invoice_number',
    ]);
    const other = await bring(two, invoiceXml(number, '1200.00', '别的企业'));
    expect(other.findings.map(({ code }) => code)).toContain('foreign_invoice_buyer');
    await world.server.network.running.kernel.database.transaction().execute((transaction) =>
      sql`
        update policy.claim set state = 'submitted', applied_on = '2026-06-01'
        where id in (${one}, ${two})
      `.execute(transaction),
    );
    const seen = await lead.officer.client.policy.claim({ params: { id: two } });
    expect(seen.findings.map(({ code }) => code)).toContain('duplicate_evidence');
  });

  it('[HP34] anybody asks the rules as they were known on a day', async () => {
    const { database } = world.server.network.running.kernel;
    const departmentId = lead.owner.organisationId;
    const today = new Date(world.clock + 8 * 3_600_000).toISOString().slice(0, 10);
    const title = { zh: '修订后的措施', en: 'The measures as revised' };
    await sql`
      insert into policy.instrument_version (id, code, department_id, state, digest, content,
        reason, findings, proposed_by, proposed_name, decided_on, number)
      values (gen_random_uuid(), 'hunan-2023-55', ${departmentId}, 'published', 'known',
        ${JSON.stringify({ ...HUNAN_2023_55, title })}, '', '[]', gen_random_uuid(), '',
        ${today}, 1)
    `.execute(database);
    await sql`
      insert into policy.parameter_decision (id, instrument, parameter, value, valid_from,
        recorded, department_id, issued_by, reason)
      values (gen_random_uuid(), 'hunan-2023-55', 'A12', 'per_course', '2024-01-01', ${today},
        ${departmentId}, '省委人才办', '按课程')
    `.execute(database);
    const { policy } = world.server.stranger.client;
    const params = { instrument: 'hunan-2023-55' };
    const on = async (knownOn: string) => {
      const query = { eventDate: '2026-05-01', knownOn };
      const known = await policy.instrument({ params, query });
      const reading = known.parameters.find(({ code }) => code === 'A12')!;
      return [known.title.zh, reading.inUse];
    };
    expect(await on('2026-05-01')).toEqual([HUNAN_2023_55.title.zh, 'per_unit_per_round']);
    expect(await on(today)).toEqual([title.zh, 'per_course']);
    expect((await problemOf(on('2030-01-01'))).status).toBe(422);
    const body = { facts: COURSE, knownOn: '2026-05-01' };
    const made = await policy.receipt({ params: { ...params, item: 'M8.4' }, body });
    expect(await policy.replay({ body: made })).toEqual({ valid: true, findings: [] });
    expect(made.receipt).toMatchObject({ input: { knownOn: '2026-05-01' } });
  });
});
