import { readFileSync } from 'node:fs';
import type { Role } from '@yinglian/contract';
import { HUNAN_2023_55, type Instrument, type Rule } from '@yinglian/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHalls } from '../../src/halls.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const CITY = readFileSync(
  new URL('../../../../examples/city-cinema-renewal.yaml', import.meta.url),
  'utf8',
);
const CODE = 'example-city-cinemas';
const facts = (values: Record<string, boolean | number | string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
const CINEMA = facts({
  'applicant.kind': 'enterprise',
  'cinema.licensed': true,
  'cinema.seats': 350,
  'cinema.year': '2026',
  'cinema.cost': '8000001',
});

describe('instruments of departments', () => {
  let clock = Date.parse('2026-06-01T09:00:00+08:00');
  let server: TestServer;
  let province: Readonly<Record<'officer' | 'approver', TestPerson>>;
  let city: Readonly<Record<'officer' | 'approver', TestPerson>>;
  let company: TestPerson;

  beforeAll(async () => {
    server = await createTestServer({
      halls: (kernel) => openHalls({ ...kernel, now: () => new Date(clock) }),
    });
    province = await department('省工业和信息化厅');
    city = await department('市电影局');
    company = await server.newOrganisation('circuit', '某影院');
  });
  afterAll(() => server.close());

  async function department(name: string) {
    const owner = await server.newOrganisation('other', name);
    const operator = await server.owner();
    await operator.client.policy.enrol({ params: { id: owner.organisationId }, body: { name } });
    const member = (role: Role) => server.newMember(owner, [role]);
    return { officer: await member('policy.officer'), approver: await member('policy.approver') };
  }

  const check = (by: TestPerson, document: string) =>
    by.client.instruments.check({ body: { document } });
  const propose = (by: TestPerson, document: string, reason = '首次发布') =>
    by.client.instruments.propose({ body: { document, reason } });
  const decide = (by: TestPerson, id: string, publish = true) =>
    by.client.instruments.decide({ params: { id }, body: { publish } });
  const calculate = (code: string, given: object, eventDate: string) =>
    server.stranger.client.policy.calculate({
      params: { instrument: code },
      body: { facts: given as never, eventDate },
    });

  it('[HI1] an author is told of every mistake, and nothing wrong is taken in', async () => {
    const { officer } = city;
    const found = async (document: string) =>
      (await check(officer, document)).findings.map(({ code }) => code);
    expect(await found(CITY)).toEqual([]);
    expect(await found('a: [')).toEqual(['malformed_document']);
    expect(await found('code: x')).toContain('missing_document_member');
    const wrong = (from: string, to: string) => found(CITY.replace(from, to));
    expect(
      await wrong('fact: cinema.seats, compare: more', 'fact: nothing, compare: more'),
    ).toContain('undefined_fact');
    expect(await wrong("{ value: '2027', gives", "{ value: '2026', gives")).toEqual([
      'unreachable_grade',
      'missing_grade',
    ]);
    expect(await wrong('rate: 1/2', 'rate: 3/2')).toEqual(['excessive_rate']);
    expect(
      await wrong(
        'value: 100, quote: 首一百座不补 }',
        'value: 100 }\n        - { test: fact, fact: cinema.seats, compare: less, value: 50 }',
      ),
    ).toEqual(['contradictory_condition']);
    expect(await wrong('issuedBy: 市电影局', 'issuedBy: 别的局')).toEqual(['foreign_issuer']);
    expect(
      await wrong('name: applicant.kind\n    kind: choice', 'name: applicant.kind\n    kind: text'),
    ).toContain('conflicting_fact');
    const bomb = `a: &a [x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`)
      .join('\n')}`;
    expect(await found(bomb)).toEqual(['malformed_document']);
    const text = '对'.repeat(200);
    const quoted = await officer.client.instruments.check({ body: { document: CITY, text } });
    expect(quoted.findings.map(({ code }) => code)).toContain('mismatched_quote');
    const refused = propose(officer, CITY.replace('rate: 1/2', 'rate: 3/2'));
    expect(await refusalCodes(refused)).toEqual(['excessive_rate']);
    expect((await problemOf(check(company, CITY))).status).toBe(403);
  });

  it('[HI2] published by other eyes, it is asked, called and claimed like the first', async () => {
    expect((await problemOf(calculate(CODE, CINEMA, '2026-05-01'))).status).toBe(404);
    const proposed = await propose(city.officer, CITY);
    expect(proposed).toMatchObject({ state: 'proposed', items: 1, number: null });
    expect((await problemOf(decide(city.officer, proposed.id))).status).toBe(403);
    expect((await problemOf(decide(province.approver, proposed.id))).status).toBe(404);
    expect((await problemOf(calculate(CODE, CINEMA, '2026-05-01'))).status).toBe(404);
    const published = await decide(city.approver, proposed.id);
    expect(published).toMatchObject({ state: 'published', number: 1, decidedOn: '2026-06-01' });
    expect(await refusalCodes(decide(city.approver, proposed.id))).toEqual(['decided_instrument']);
    const { rows } = await server.stranger.client.policy.instruments();
    expect(rows.map(({ code }) => code)).toEqual(['hunan-2023-55', CODE]);
    const { matches } = await calculate(CODE, CINEMA, '2026-05-01');
    // Half of 80,000.01 yuan, rounded down; 250 paid seats would be 50,000 yuan.
    expect(matches[0]).toMatchObject({ item: 'C1', status: 'eligible', atMostFen: '4000000' });
    const late = await calculate(CODE, CINEMA, '2029-01-01');
    expect(late.matches[0]).toMatchObject({ validity: { state: 'ended' } });
    const call = await city.officer.client.policy.createCall({
      body: {
        instrument: CODE,
        title: '影院补贴',
        year: 2026,
        items: ['C1'],
        fairnessOpinion: '通过',
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
      },
    });
    await company.client.policy.saveProfile({ body: { version: 0, facts: CINEMA } });
    const told = await company.client.policy.matches();
    expect(told.matches[0]).toMatchObject({ instrument: CODE, item: 'C1', status: 'eligible' });
    expect(told.calls.map(({ id }) => id)).toEqual([call.id]);
    const claim = await company.client.policy.createClaim({
      params: { id: call.id },
      body: { item: 'C1', object: '一号厅', eventDate: '2026-05-01', facts: CINEMA },
    });
    for (const code of ['licence', 'invoice']) {
      const fileId = await upload(company, `${code}.pdf`, `%PDF-1.7 ${code}`);
      await company.client.policy.addEvidence({
        params: { id: claim.id },
        body: { fileId, code },
      });
    }
    const { version } = await company.client.policy.claim({ params: { id: claim.id } });
    const filed = await company.client.policy.act({
      params: { id: claim.id },
      body: { version, action: 'submit' },
    });
    expect(filed).toMatchObject({ state: 'submitted', match: { rule: 'C1@1' } });
  });

  it('[HI3] versions are added and never edited, and hold from their days', async () => {
    const json = server.stranger.client.instruments.document({ params: { instrument: CODE } });
    const now = JSON.parse(new TextDecoder().decode(await bytesOf(await json))) as Instrument;
    const [first] = now.rules;
    expect(first!.recorded).toBe('2026-06-01');
    clock = Date.parse('2026-07-01T09:00:00+08:00');
    const revised = (rules: readonly Rule[], more: object = {}) =>
      JSON.stringify({ ...now, ...more, rules });
    const half: Rule = {
      ...first!,
      version: 2,
      to: '2026-12-31',
      replaces: 1,
      recorded: '2026-07-01',
      reason: { zh: '自 2027 年起调整', en: 'changed from 2027 on' },
    };
    const next: Rule = {
      ...first!,
      version: 3,
      from: '2027-01-01',
      recorded: '2026-07-01',
      bound: { amount: 'fixed', fen: '3000000' },
      caps: [],
    };
    const codes = async (document: string) =>
      (await check(city.officer, document)).findings
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
    expect(await codes(revised([{ ...first!, bound: { amount: 'fixed', fen: '1' } }]))).toContain(
      'changed_published_rule',
    );
    expect(await codes(revised([half, next]))).toContain('missing_published_rule');
    expect(await codes(revised([first!, next]))).toEqual(['overlapping_rule_version']);
    expect(await codes(revised([first!, half, { ...next, recorded: '2026-06-30' }]))).toEqual([
      'backdated_rule',
    ]);
    const facts2 = now.facts.filter(({ name }) => name !== 'cinema.cost');
    expect(await codes(revised([first!, half, next], { facts: facts2 }))).toContain(
      'changed_published_fact',
    );
    const good = revised([first!, half, next]);
    expect(await codes(good)).toEqual([]);
    const before = await calculate(CODE, CINEMA, '2027-02-01');
    expect(before.matches[0]).toMatchObject({ rule: 'C1@1', atMostFen: '4000000' });
    const proposed = await propose(city.officer, good, '下调标准');
    clock = Date.parse('2026-07-03T09:00:00+08:00');
    await decide(city.approver, proposed.id);
    const after = await calculate(CODE, CINEMA, '2027-02-01');
    expect(after.matches[0]).toMatchObject({ rule: 'C1@3', atMostFen: '3000000' });
    const earlier = await calculate(CODE, CINEMA, '2026-05-01');
    expect(earlier.matches[0]).toMatchObject({ rule: 'C1@2', atMostFen: '4000000' });
    const { rows } = await server.stranger.client.instruments.versions({
      params: { instrument: CODE },
    });
    expect(rows.map(({ number, decidedOn }) => [number, decidedOn])).toEqual([
      [2, '2026-07-03'],
      [1, '2026-06-01'],
    ]);
  });

  it('[HI3] the report of a change names the open claims it would answer otherwise', async () => {
    const json = server.stranger.client.instruments.document({ params: { instrument: CODE } });
    const now = JSON.parse(new TextDecoder().decode(await bytesOf(await json))) as Instrument;
    const second = now.rules.find(({ version }) => version === 2)!;
    const less: Rule = {
      ...second,
      version: 4,
      replaces: 2,
      recorded: '2026-07-03',
      bound: { amount: 'fixed', fen: '2000000' },
    };
    const report = await check(
      city.officer,
      JSON.stringify({ ...now, rules: [...now.rules, less] }),
    );
    expect(report.publishable).toBe(true);
    expect(report.changes).toMatchObject([
      { item: 'C1', before: { atMostFen: '4000000' }, after: { atMostFen: '2000000' } },
    ]);
  });

  it('[HI4] the built-in instrument is revised by who leads the measure', async () => {
    const rule = HUNAN_2023_55.rules.find(({ item }) => item === 'M10.1')!;
    const revised = (issuedBy: string, change: Partial<Rule> = {}) =>
      JSON.stringify({
        ...HUNAN_2023_55,
        rules: [
          ...HUNAN_2023_55.rules,
          {
            ...rule,
            version: 2,
            replaces: 1,
            issuedBy,
            recorded: '2026-07-03',
            bound: { amount: 'fixed', fen: '50000000' },
            ...change,
          },
        ],
      });
    const codes = async (by: TestPerson, document: string) =>
      (await check(by, document)).findings.map(({ code }) => code);
    expect(await codes(city.officer, revised('市电影局'))).toEqual(['foreign_issuer']);
    expect(await codes(province.officer, revised('省科技厅'))).toEqual(['foreign_issuer']);
    const proposed = await propose(province.officer, revised('省工业和信息化厅'), '实施细则');
    await decide(province.approver, proposed.id);
    const { matches } = await calculate(
      'hunan-2023-55',
      facts({ 'event.organiser': true }),
      '2026-05-01',
    );
    expect(matches.find(({ item }) => item === 'M10.1')).toMatchObject({
      rule: 'M10.1@2',
      atMostFen: '50000000',
    });
    const whole = await server.stranger.client.policy.instrument({
      params: { instrument: 'hunan-2023-55' },
      query: {},
    });
    expect(whole.items).toHaveLength(37);
  });
});
