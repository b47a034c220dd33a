// Table: the story of one round, told in order over one server that takes long to set up.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID, webcrypto } from 'node:crypto';
import { fromHex, toBase64, toHex } from '@yinglian/core';
import { OPENCALL_OUTCOME_FIELDS, OPENCALL_RESULT_FIELDS, type Role } from '@yinglian/contract';
import {
  type Bid,
  type BidKey,
  type Expert,
  type KeyPair,
  openShare,
  type SealedBid,
  sealBid,
  type ScoreSheet,
  signSheet,
  verifyDraw,
  webSealing,
} from '@yinglian/opencall';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHalls } from '../../src/halls.ts';
import { systemContext } from '../../src/kernel/context.ts';
import type { Work } from '../../src/kernel/write.ts';
import { forgetExperts } from '../../src/policy/opencall/retention.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { problemOf, refusalCodes } from './support.ts';

const sealing = webSealing(webcrypto.subtle, (length) =>
  webcrypto.getRandomValues(new Uint8Array(length)),
);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PLANTED = 'PLANTED-3f9a 植入词';
const NEED = '面向制作的八千像素实时解码设备，替代进口，要求稳定帧率和低延迟。';
const INDICATOR = {
  code: 'I1',
  name: '8K 解码帧率',
  unit: 'fps',
  operator: 'at_least' as const,
  threshold: '60',
  upper: null,
  method: '按 GY/T 307 码流连续解码 10 分钟，取最低值',
};
const ENTRY = {
  code: 'MLS-01',
  title: '超高清解码器',
  need: NEED,
  field: 'equipment' as const,
  programme: 'key_research' as const,
  indicators: [INDICATOR],
  due: '2028-12-31',
  budgetFen: '100000',
  rights: '归揭榜方所有，省内共享',
  proposer: '某企业',
};
const RUBRIC = [
  { code: 'innovation', title: '创新性', weight: '60%', max: 10 },
  { code: 'feasibility', title: '可行性', weight: '40%', max: 10 },
];

type Keyed = TestPerson & { readonly sealingKeys: KeyPair; readonly signingKeys: KeyPair };
type Bidder = TestPerson & { readonly name: string };

describe('open calls', () => {
  // A Monday in a year whose holidays are known, whatever day the tests run on.
  let clock = Date.parse('2026-06-01T09:00:00+08:00');
  let server: TestServer;
  let owner: TestPerson;
  let officer: TestPerson;
  let approver: TestPerson;
  let finance: TestPerson;
  let payer: TestPerson;
  let openers: Keyed[];
  let experts: (Keyed & { expertId: string; who: string })[];
  let bidders: Bidder[];
  let catalogueId: string;
  const at = (ms: number) => new Date(clock + ms).toISOString();
  const api = (person: Pick<TestPerson, 'client'>) => person.client.opencall;

  beforeAll(async () => {
    // The log's clock too: seals go by the latest of all that was recorded.
    server = await createTestServer({ halls: openHalls, now: () => new Date(clock) });
    owner = await server.newOrganisation('other', '主管部门');
    const operator = await server.owner();
    await operator.client.policy.enrol({
      params: { id: owner.organisationId },
      body: { name: '省工业和信息化厅' },
    });
    const member = (role: Role) => server.newMember(owner, [role]);
    officer = await member('policy.officer');
    approver = await member('policy.approver');
    finance = await member('policy.finance');
    payer = await member('policy.finance');
    openers = [];
    for (let n = 0; n < 3; n++) openers.push(await keyed(await member('policy.auditor')));
    experts = [];
    for (let n = 1; n <= 5; n++) experts.push(await newExpert(n));
    bidders = [];
    for (const name of ['星河科技有限公司', '银梭影像有限公司', '晨光视听有限公司']) {
      bidders.push({ ...(await server.newOrganisation('producer', name)), name });
    }
    const budget = { year: 2026, move: 'appropriate' as const, fen: '150000' };
    await finance.client.policy.enterBudget({ body: budget });
  });
  afterAll(() => server.close());

  async function keyed(person: TestPerson): Promise<Keyed> {
    const sealingKeys = await sealing.newAgreementKey();
    const signingKeys = await sealing.newSigningKey();
    await api(person).saveKey({
      body: {
        sealing: toBase64(sealingKeys.publicKey),
        signing: toBase64(signingKeys.publicKey),
      },
    });
    return { ...person, sealingKeys, signingKeys };
  }

  async function newExpert(n: number) {
    const person = await keyed(await server.newOrganisation('other', `研究所${n}`));
    const employer = n === 5 ? '晨光视听有限公司' : `第${n}研究所`;
    const profile: Expert = {
      name: `专家${'甲乙丙丁戊'[n - 1]}`,
      fields: ['video'],
      region: '湖南',
      employer: { name: employer, creditCode: null },
      titles: [],
      email: null,
      history: [],
      works: [],
      kin: [],
      holdings: [],
      funding: [],
    };
    const made = await api(person).saveExpert({ body: { profile } });
    await api(officer).admitExpert({ params: { id: made.id }, body: { admitted: true } });
    return { ...person, expertId: made.id, who: profile.name };
  }

  const bidOf = (
    bidder: Bidder,
    requestedFen: string,
    more: Partial<Bid['proposal']> = {},
  ): Bid => ({
    identity: {
      members: [{ name: bidder.name, creditCode: null, role: 'lead', share: '1' }],
      people: [],
      aliases: [],
      excluded: [],
      declared: [],
    },
    proposal: {
      title: `${bidder.name}的解码器`,
      summary: PLANTED,
      approach: '并行熵解码',
      risks: '功耗',
      milestones: [
        { code: 'M1', title: '样机', due: '2027-06-30', indicators: [INDICATOR], share: '1/3' },
        {
          code: 'M2',
          title: '产品',
          due: '2028-06-30',
          indicators: [{ ...INDICATOR, code: 'I2' }],
          share: '2/3',
        },
      ],
      requestedFen,
      ownFen: '0',
      ...more,
    },
    integrity: true,
  });

  async function seal(roundId: string, bidder: Bidder, bid: Bid) {
    const round = await api(server.stranger).round({ params: { id: roundId } });
    const made = await sealBid(sealing, {
      round: roundId,
      bidder: bidder.organisationId,
      bid,
      openers: round.openers,
      threshold: round.threshold,
    });
    if (!made.ok) throw new Error(JSON.stringify(made.findings));
    return made.value;
  }
  const handIn = (bidder: TestPerson, id: string, sealed: SealedBid) =>
    api(bidder).handIn({ params: { id }, body: { sealed } });

  async function actCatalogue(by: TestPerson, action: string, reason = '理由') {
    const { version } = await api(by).catalogue({ params: { id: catalogueId } });
    return api(by).actCatalogue({ params: { id: catalogueId }, body: { version, action, reason } });
  }
  async function act(by: TestPerson, id: string, action: string, more = {}) {
    const { version } = await api(by).round({ params: { id } });
    return api(by).actRound({ params: { id }, body: { version, action, reason: '理由', ...more } });
  }
  const newRound = async (more = {}) => {
    const { id } = await api(officer).createRound({
      body: {
        catalogueId,
        entry: 'MLS-01',
        opensAt: at(-HOUR_MS),
        closesAt: at(DAY_MS),
        revealUntil: at(2 * DAY_MS),
        openers: openers.map(({ userId }) => userId),
        threshold: 2,
        rubric: RUBRIC,
        seats: [{ field: '*', count: 3 }],
        ...more,
      },
    });
    await act(officer, id, 'announce');
    return id;
  };

  async function giveShares(roundId: string, who: readonly Keyed[]) {
    for (const opener of who) {
      const { rows } = await api(opener).sealedBids({ params: { id: roundId } });
      for (const { id, sealed } of rows as { id: string; sealed: SealedBid }[]) {
        const share = await openShare(sealing, sealed, {
          id: opener.userId,
          keys: opener.sealingKeys,
        });
        if (!share.ok) throw new Error(JSON.stringify(share.findings));
        const { index, bytes } = share.value;
        await api(opener).handShare({ params: { id }, body: { index, bytes: toHex(bytes) } });
      }
    }
  }

  async function review(roundId: string, marks: (expert: string, alias: string) => number) {
    for (const expert of experts) {
      const { rows } = await api(expert).reviews();
      const own = rows.find((each) => each.roundId === roundId);
      for (const { alias } of own?.proposals ?? []) {
        const value = String(marks(expert.who, alias));
        const sheet: ScoreSheet = {
          schema: 'yinglian.opencall.sheet/1',
          round: roundId,
          proposal: alias,
          reviewer: own!.candidate,
          marks: { innovation: value, feasibility: value },
          comment: '可行',
          recognised: false,
        };
        const signature = await signSheet(sealing, expert.signingKeys.privateKey, sheet);
        await api(expert).handSheet({ params: { id: roundId }, body: { sheet, signature } });
      }
    }
  }

  it('[HX1] a catalogue is tested, put on notice and published by two people', async () => {
    const made = await api(officer).createCatalogue({ body: { year: 2026, title: '攻关目录' } });
    catalogueId = made.id;
    const params = { id: catalogueId };
    await api(bidders[0]!).propose({ params, body: { need: NEED } });
    await api(bidders[1]!).propose({ params, body: { need: `${NEED}！` } });
    const own = (await api(bidders[0]!).ownDemands()).rows;
    expect(own.map(({ need, entry }) => [need, entry])).toEqual([[NEED, null]]);
    const desk = await api(officer).catalogueDesk({ params });
    expect(desk.demands).toHaveLength(2);
    expect(desk.similar).toHaveLength(1);
    await actCatalogue(officer, 'merge');
    await actCatalogue(officer, 'argue');
    const save = async (entries: unknown[]) => {
      const { version } = await api(officer).catalogue({ params });
      const merged = { [desk.demands[0]!.id]: 'MLS-01' };
      return api(officer).saveCatalogue({ params, body: { version, entries, merged } });
    };
    const vague = { ...INDICATOR, method: '', name: '达到国际领先水平' };
    await save([{ ...ENTRY, indicators: [vague] }]);
    expect(
      (await api(officer).catalogueDesk({ params })).findings.map((each) => each.code),
    ).toEqual(['missing_test_method', 'vague_indicator']);
    expect(await refusalCodes(actCatalogue(officer, 'put_on_notice'))).toEqual([
      'untestable_catalogue',
    ]);
    await save([ENTRY]);
    expect((await api(server.stranger).catalogue({ params })).entries).toEqual([]);
    await actCatalogue(officer, 'put_on_notice');
    expect((await api(server.stranger).catalogue({ params })).entries).toHaveLength(1);
    expect(await refusalCodes(actCatalogue(approver, 'publish'))).toEqual(['unfinished_notice']);
    expect((await problemOf(actCatalogue(officer, 'publish'))).code).toBe('not_allowed');
    const body = { kind: 'catalogue' as const, id: catalogueId, text: '指标偏低，请复核' };
    const objection = await api(bidders[2]!).object({ body });
    clock += 9 * DAY_MS;
    expect(await refusalCodes(actCatalogue(approver, 'publish'))).toEqual(['open_objection']);
    await api(officer).answerObjection({
      params: { id: objection.id },
      body: { outcome: 'partly', answer: '已复核' },
    });
    const told = (await api(bidders[2]!).ownObjections({ query: {} })).rows;
    expect(told.map(({ outcome, answer }) => [outcome, answer])).toEqual([['partly', '已复核']]);
    expect((await api(bidders[0]!).ownObjections({ query: {} })).rows).toEqual([]);
    const published = await actCatalogue(approver, 'publish');
    expect([published.state, published.edition]).toEqual(['published', 1]);
    expect((await problemOf(save([ENTRY]))).code).toBe('conflict');
    const merged = (await api(bidders[0]!).ownDemands()).rows;
    expect(merged.map(({ entry }) => entry)).toEqual(['MLS-01']);
    const sheet = await server.stranger.send(
      `/api/opencall/catalogues/${catalogueId}/export?format=csv`,
    );
    expect(await sheet.text()).toContain('≥ 60 fps');
    const { editions } = await api(officer).catalogueDesk({ params });
    expect(editions[0]?.changes).toEqual([{ code: 'MLS-01', change: 'added' }]);
  });

  it('[HX2] nobody opens a bid before the hour: no role, no row, no object, no log', async () => {
    const id = await newRound();
    await api(officer).freezePool({ params: { id }, body: {} });
    const { sealed, key } = await seal(id, bidders[0]!, bidOf(bidders[0]!, '90000'));
    const receipt = await handIn(bidders[0]!, id, sealed);
    expect(receipt).toMatchObject({ state: 'sealed', commitment: sealed.commitment });
    const operator = await server.owner();
    const people = [operator, owner, officer, approver, openers[0]!, bidders[1]!, server.stranger];
    for (const person of people) {
      expect(await refusalOrText(person, `/api/opencall/rounds/${id}/sealed`)).not.toContain(
        sealed.cipher,
      );
      const desk = await refusalOrText(person, `/api/opencall/rounds/${id}/desk`);
      const round = await refusalOrText(person, `/api/opencall/rounds/${id}`);
      for (const text of [desk, round]) {
        expect(text).not.toContain(sealed.commitment);
        expect(text).not.toContain(bidders[0]!.name);
        expect(text).not.toContain(PLANTED);
      }
      expect(await refusalOrText(person, `/api/opencall/rounds/${id}/export`)).not.toContain(
        '星河',
      );
    }
    const desk = await api(officer).roundDesk({ params: { id } });
    expect([desk.bids, desk.round.received]).toEqual([[], null]);
    expect(await refusalCodes(act(officer, id, 'open'))).toEqual(['early_opening']);
    const early = api(bidders[0]!).reveal({ params: { id }, body: { key: key.key } });
    expect(await refusalCodes(early)).toEqual(['early_opening']);
    const share = await openShare(sealing, sealed, {
      id: openers[0]!.userId,
      keys: openers[0]!.sealingKeys,
    });
    const body = share.ok
      ? { index: share.value.index, bytes: toHex(share.value.bytes) }
      : undefined;
    const handed = api(openers[0]!).handShare({ params: { id: receipt.id }, body: body! });
    expect(await refusalCodes(handed)).toEqual(['early_opening']);
    const kept = await everythingKept();
    for (const word of [PLANTED, 'PLANTED-3f9a', '并行熵解码', key.key]) {
      expect(placesOf(word, kept), word).toEqual([]);
    }
    // What is really kept is found: the search above can fail.
    expect(placesOf(sealed.commitment, kept)).toContain('policy.opencall_bid');
    expect(placesOf(sealed.cipher.slice(0, 200), kept)).toContain('policy.opencall_bid');
  });

  async function refusalOrText(person: Pick<TestPerson, 'send'>, path: string): Promise<string> {
    return (await person.send(path)).text();
  }

  /** Every row of the database and every file of the data folder, by where it lies. */
  async function everythingKept(): Promise<[place: string, bytes: Buffer][]> {
    const { database } = server.network.running.kernel;
    const tables = await sql<{ name: string }>`
      select c.oid::regclass::text as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
    `.execute(database);
    const kept: [string, Buffer][] = [];
    for (const { name } of tables.rows) {
      const rows = await sql<{ text: string }>`
        select coalesce(string_agg(kept::text, E'\n'), '') as text from ${sql.raw(name)} as kept
      `.execute(database);
      kept.push([name, Buffer.from(rows.rows[0]!.text)]);
    }
    const files = readdirSync(server.dataFolder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const path = join(file.parentPath, file.name);
      kept.push([path, readFileSync(path)]);
    }
    return [...kept, ['log', Buffer.from(server.logLines.join('\n'))]];
  }

  /** Where a word lies: as it is, in hexadecimal or in base64. */
  function placesOf(word: string, kept: readonly [string, Buffer][]): string[] {
    const bytes = Buffer.from(word);
    const forms = [word, bytes.toString('hex'), bytes.toString('base64').slice(0, -4)];
    return kept
      .filter(([, held]) => forms.some((form) => form !== '' && held.includes(form)))
      .map(([place]) => place);
  }

  it('[HX3] a bid is for its round, its bidder and its window, and a clock set back helps nobody', async () => {
    const id = await newRound();
    const own = await seal(id, bidders[0]!, bidOf(bidders[0]!, '1000'));
    expect(await refusalCodes(handIn(bidders[1]!, id, own.sealed))).toEqual(['foreign_sealed_bid']);
    const fewer = { ...own.sealed, shares: own.sealed.shares.slice(1) };
    expect(await refusalCodes(handIn(bidders[0]!, id, fewer))).toEqual(['mismatched_openers']);
    expect((await problemOf(handIn(bidders[0]!, id, {} as SealedBid))).code).toBe('invalid');
    await handIn(bidders[0]!, id, own.sealed);
    const again = await seal(id, bidders[0]!, bidOf(bidders[0]!, '2000'));
    const replaced = await handIn(bidders[0]!, id, again.sealed);
    expect(replaced.commitment).toBe(again.sealed.commitment);
    await api(bidders[0]!).withdrawBid({ params: { id }, body: {} });
    expect((await api(bidders[0]!).ownBid({ params: { id } })).state).toBe('withdrawn');
    await handIn(bidders[0]!, id, again.sealed);
    const { version } = await api(officer).round({ params: { id } });
    const hour = (closesAt: string) =>
      api(officer).putOff({
        params: { id },
        body: { version, closesAt, revealUntil: at(9 * DAY_MS), reason: '延期' },
      });
    expect(await refusalCodes(hour(at(HOUR_MS)))).toEqual(['advanced_hour']);
    clock += DAY_MS;
    expect(await refusalCodes(handIn(bidders[1]!, id, own.sealed))).toEqual(['late_bid']);
    clock -= DAY_MS / 2;
    const late = await seal(id, bidders[1]!, bidOf(bidders[1]!, '1000'));
    expect(await refusalCodes(handIn(bidders[1]!, id, late.sealed))).toEqual(['late_bid']);
    const back = api(bidders[0]!).withdrawBid({ params: { id }, body: {} });
    expect(await refusalCodes(back)).toEqual(['late_bid']);
    expect(await refusalCodes(hour(at(5 * DAY_MS)))).toEqual(['late_postponement']);
    const { database } = server.network.running.kernel;
    const forced = sql`update policy.opencall_bid set commitment = ${'0'.repeat(64)}
      where round_id = ${id}`.execute(database);
    await expect(forced).rejects.toThrow(/does not change after its hour/);
    clock += DAY_MS / 2;
  });

  let mainRound: string;
  const keys = new Map<string, BidKey>();

  it('[HX4] two of three openers open what an absent bidder left, and find out what is false', async () => {
    const id = (mainRound = await newRound());
    await api(officer).freezePool({ params: { id }, body: {} });
    for (const bidder of bidders) {
      const { sealed, key } = await seal(
        id,
        bidder,
        bidOf(bidder, bidder === bidders[2] ? '900000' : '90000'),
      );
      keys.set(bidder.organisationId, key);
      await handIn(bidder, id, sealed);
    }
    clock += DAY_MS;
    expect((await api(server.stranger).round({ params: { id } })).received).toHaveLength(3);
    await act(officer, id, 'open');
    expect((await problemOf(api(officer).sealedBids({ params: { id } }))).code).toBe('not_allowed');
    expect(await refusalCodes(act(officer, id, 'finish_opening'))).toEqual(['unanswered_bids']);
    const { rows } = await api(openers[0]!).sealedBids({ params: { id } });
    const [first] = rows as { id: string; sealed: SealedBid }[];
    const wrong = { index: 1, bytes: '0'.repeat(64) };
    expect(
      await refusalCodes(api(openers[0]!).handShare({ params: { id: first!.id }, body: wrong })),
    ).toEqual(['mismatched_share']);
    const other = api(openers[1]!).handShare({ params: { id: first!.id }, body: wrong });
    expect((await problemOf(other)).code).toBe('not_allowed');
    const key = keys.get(bidders[1]!.organisationId)!.key;
    const params = { id };
    expect(await refusalCodes(api(bidders[0]!).reveal({ params, body: { key } }))).toEqual([
      'unopenable_bid',
    ]);
    expect((await api(bidders[1]!).reveal({ params, body: { key } })).state).toBe('opened');
    await giveShares(id, openers.slice(0, 2));
    const desk = await act(officer, id, 'finish_opening');
    const states = new Map(desk.bids.map((each) => [each.bidder, each]));
    expect(desk.bids.map(({ state }) => state).toSorted()).toEqual(['opened', 'opened', 'refused']);
    expect(states.get(bidders[2]!.name)!.findings.map((each) => each.code)).toContain(
      'excessive_request',
    );
    expect(states.get(bidders[0]!.name)!.findings.map((each) => each.code)).toContain(
      'telling_proposal',
    );
  });

  it('[HX5] draws without who is in conflict, blind both ways, replayed from the public file', async () => {
    const id = mainRound;
    const desk = await act(officer, id, 'draw');
    expect(desk.seats).toHaveLength(3);
    const file = JSON.parse(
      await (await server.stranger.send(`/api/opencall/rounds/${id}/draw`)).text(),
    );
    const text = JSON.stringify(file);
    for (const secret of [
      ...experts.map(({ who }) => who),
      '研究所',
      ...experts.map((each) => each.userId),
    ]) {
      expect(text).not.toContain(secret);
    }
    expect((await verifyDraw(sealing, file)).ok).toBe(true);
    const seated = experts.filter((each) =>
      desk.seats.some(({ expertId }) => expertId === each.expertId),
    );
    for (const expert of seated) {
      const { rows } = await api(expert).reviews();
      const own = rows.find((each) => each.roundId === id)!;
      expect(own.proposals.map(({ alias }) => alias)).toEqual(['B1', 'B2']);
      for (const { name } of bidders) expect(JSON.stringify(own)).not.toContain(name);
      expect(JSON.stringify(own)).not.toContain('星河');
    }
    const outside = experts.find((each) => !seated.includes(each))!;
    expect((await api(outside).reviews()).rows.filter((each) => each.roundId === id)).toEqual([]);
    // Who stands down is replaced by the next of the same order, and the file still replays.
    await api(seated[0]!).standDown({ params: { id }, body: { reason: '师生关系' } });
    const after = await api(officer).roundDesk({ params: { id } });
    expect(after.seats.filter(({ state }) => state === 'seated')).toHaveLength(3);
    expect(after.seats.find(({ expertId }) => expertId === seated[0]!.expertId)?.state).toBe(
      'recused',
    );
    const next = await (await server.stranger.send(`/api/opencall/rounds/${id}/draw`)).text();
    expect(next).not.toContain('师生');
    expect((await verifyDraw(sealing, JSON.parse(next))).ok).toBe(true);
    const mine = api(seated[1]!).standDown({
      params: { id },
      body: { reason: '不行', expertId: seated[2]!.expertId },
    });
    expect((await problemOf(mine)).code).toBe('not_allowed');
  });

  it('[HX6] counts signed sheets alone, and only when all are there', async () => {
    const id = mainRound;
    expect(await refusalCodes(act(officer, id, 'score'))).toEqual(['missing_sheets']);
    const desk = await api(officer).roundDesk({ params: { id } });
    const expert = experts.find((each) =>
      desk.seats.some((seat) => seat.expertId === each.expertId && seat.state === 'seated'),
    )!;
    const own = (await api(expert).reviews()).rows.find((each) => each.roundId === id)!;
    const sheet: ScoreSheet = {
      schema: 'yinglian.opencall.sheet/1',
      round: id,
      proposal: 'B1',
      reviewer: own.candidate,
      marks: { innovation: '9', feasibility: '9' },
      comment: '可',
      recognised: false,
    };
    const signature = await signSheet(sealing, expert.signingKeys.privateKey, sheet);
    const hand = (changed: Partial<ScoreSheet>) =>
      api(expert).handSheet({
        params: { id },
        body: { sheet: { ...sheet, ...changed }, signature },
      });
    expect(await refusalCodes(hand({ comment: '改' }))).toEqual(['mismatched_signature']);
    expect(await refusalCodes(hand({ reviewer: 'E1' }))).toEqual(['foreign_sheet']);
    expect(await refusalCodes(hand({ proposal: 'B9' }))).toEqual(['foreign_sheet']);
    expect(await refusalCodes(hand({ marks: { innovation: '11', feasibility: '1' } }))).toEqual([
      'invalid_mark',
    ]);
    await review(id, (_, alias) => (alias === 'B1' ? 9 : 7));
    const scored = await act(officer, id, 'score');
    const scores = scored.scores as {
      views: Record<string, Record<string, string>>;
      uncertainty: { proposals: { ranks: number[] }[] };
    };
    expect(scores.views['trimmed']).toEqual({ B1: '90', B2: '70' });
    expect(scores.uncertainty.proposals[0]!.ranks[0]).toBeGreaterThan(0.9);
    expect((await api(server.stranger).round({ params: { id } })).result).toBeNull();
  });

  it('[HX7] tells the result with the published fields alone, and decides by another person after the notice', async () => {
    const id = mainRound;
    const chosen = { chosen: ['B2'] };
    expect(await refusalCodes(act(officer, id, 'publish', chosen))).toEqual(['mismatched_choice']);
    await act(officer, id, 'publish');
    const { result } = await api(server.stranger).round({ params: { id } });
    for (const row of result!) {
      expect(Object.keys(row).toSorted()).toEqual([...OPENCALL_RESULT_FIELDS].toSorted());
    }
    expect(result!.map(({ chosen: yes, grantFen }) => [yes, grantFen])).toEqual([
      [true, '90000'],
      [false, null],
    ]);
    const budget = await finance.client.policy.budget({ query: { year: 2026 } });
    expect(budget.totals.reserved).toBe('90000');
    expect(await refusalCodes(act(approver, id, 'decide'))).toEqual(['unfinished_notice']);
    const body = { kind: 'round' as const, id, text: '评审结果有疑问' };
    const objection = await api(bidders[2]!).object({ body });
    clock += 12 * DAY_MS;
    expect(await refusalCodes(act(approver, id, 'decide'))).toEqual(['open_objection']);
    await api(officer).answerObjection({
      params: { id: objection.id },
      body: { outcome: 'dismissed', answer: '已核实' },
    });
    await act(approver, id, 'decide');
    const { rows } = await api(officer).projects();
    expect(
      rows.map(({ grantFen, milestones }) => [grantFen, milestones.map((each) => each.amountFen)]),
    ).toEqual([['90000', ['30000', '60000']]]);
    const stranger = bidders.find(({ name }) => name !== rows[0]!.applicant)!;
    expect((await api(stranger).projects()).rows).toEqual([]);
  });

  /** A laboratory's report as its bidder uploads it, with the digest that a value names. */
  async function newReport({ client }: TestPerson) {
    const bytes = new TextEncoder().encode('国家检验中心：61.5 fps\n');
    const evidence = toHex(new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes)));
    const { id } = await client.files.createUpload({
      body: { name: 'report.txt', sizeBytes: bytes.length },
    });
    const call = { params: { id }, query: { offset: 0 }, bytes };
    return { evidence, report: [(await client.files.append(call)).fileId!] };
  }

  it('[HX8] [HX13] pays for measured results by three persons, and never before', async () => {
    const [start] = (await api(officer).projects()).rows;
    const id = start!.id;
    const params = { id };
    const winner = bidders.find(({ name }) => name === start!.applicant)!;
    const version = async () => (await api(officer).project({ params })).version;
    const step = async (by: TestPerson, milestone: string, action: string) =>
      api(by).actMilestone({
        params,
        body: { version: await version(), milestone, action, reason: '' },
      });
    const measure = async (
      milestone: string,
      value: string,
      over = {},
      files: readonly string[] = [],
    ) =>
      api(winner).measure({
        params,
        body: {
          version: await version(),
          milestone,
          files: [...files],
          measurements: [
            {
              indicator: milestone === 'M1' ? 'I1' : 'I2',
              value,
              unit: 'fps',
              uncertainty: null,
              method: 'GY/T 307',
              laboratory: '国家检验中心',
              evidence: 'a'.repeat(64),
              ...over,
            },
          ],
        },
      });
    expect(await refusalCodes(step(winner, 'M1', 'submit'))).toEqual(['missing_measurement']);
    expect(await refusalCodes(step(finance, 'M1', 'pay'))).toEqual(['unexpected_case_action']);
    await measure('M1', '99', { laboratory: winner.name });
    expect(await refusalCodes(step(winner, 'M1', 'submit'))).toEqual(['missing_measurement']);
    // The department reads the report that a value names, and no file that none names.
    const { evidence, report } = await newReport(winner);
    expect(await refusalCodes(measure('M1', '59', {}, report))).toEqual(['unnamed_report']);
    const read = `/api/files/${report[0]}`;
    expect((await officer.send(read)).status).toBe(404);
    const measured = await measure('M1', '59', { evidence }, report);
    expect(measured.milestones[0]!.reports).toMatchObject([{ fileName: 'report.txt' }]);
    expect((await officer.send(read)).status).toBe(200);
    expect((await payer.send(read)).status).toBe(200);
    await step(winner, 'M1', 'submit');
    expect(await refusalCodes(step(officer, 'M1', 'accept'))).toEqual(['missed_indicator']);
    await step(officer, 'M1', 'find_missed');
    await measure('M1', '61.5');
    await step(winner, 'M1', 'submit');
    expect((await problemOf(step(winner, 'M1', 'accept'))).code).toBe('not_allowed');
    await step(officer, 'M1', 'accept');
    await step(finance, 'M1', 'order_funds');
    expect(await refusalCodes(step(finance, 'M1', 'pay'))).toEqual(['missing_second_person']);
    const paid = await step(payer, 'M1', 'pay');
    expect(paid.paidFen).toBe('30000');
    // What was reached belongs to everybody; what is still open, and who was chosen against, not.
    const { rows: reached } = await api(server.stranger).outcomes({ params: { id: mainRound } });
    expect(reached.map((each) => Object.keys(each).toSorted())).toEqual([
      [...OPENCALL_OUTCOME_FIELDS].toSorted(),
    ]);
    expect(reached[0]!.milestones).toMatchObject([
      { state: 'paid', results: [{ required: '≥ 60 fps', value: '61.5 fps', verdict: 'met' }] },
      { state: 'open', results: [] },
    ]);
    const { totals } = await finance.client.policy.budget({ query: { year: 2026 } });
    expect([totals.paid, totals.committed, totals.available]).toEqual(['30000', '60000', '60000']);
    // A change may not touch what is settled; what it weakens stands beside it.
    const { milestones } = bidOf(winner, '90000').proposal;
    const weaker = [
      milestones[0]!,
      { ...milestones[1]!, indicators: [{ ...INDICATOR, code: 'I2', threshold: '50' }] },
    ];
    const ask = (wanted: unknown) =>
      api(winner).askChange({ params, body: { milestones: wanted, reason: '工艺调整' } });
    expect(await refusalCodes(ask([{ ...milestones[0]!, title: '别的' }, milestones[1]!]))).toEqual(
      ['changed_settled_milestone'],
    );
    const asked = await ask(weaker);
    expect(asked.changes[0]!.findings.map((each) => each.code)).toEqual(['weakened_indicator']);
    const decision = { changeId: asked.changes[0]!.id, approved: true, reason: '同意' };
    expect((await problemOf(api(winner).decideChange({ params, body: decision }))).code).toBe(
      'not_allowed',
    );
    const changed = await api(approver).decideChange({ params, body: decision });
    expect(changed.milestones[1]!.indicators[0]!.threshold).toBe('50');
  });

  it('[HX9] a diligent failure returns what it did not spend, without a mark', async () => {
    const [project] = (await api(officer).projects()).rows;
    const params = { id: project!.id };
    const end = async (proofs: ('work_record' | 'expense_record' | 'cause' | 'expert_opinion')[]) =>
      api(approver).terminate({
        params,
        body: {
          version: (await api(officer).project({ params })).version,
          kind: 'diligent',
          spentFen: '22000',
          reason: '技术路线不可行',
          proofs,
        },
      });
    expect(await refusalCodes(end(['cause']))).toEqual(['missing_diligence_proof']);
    const ended = await end(['work_record', 'expense_record', 'cause', 'expert_opinion']);
    expect(ended).toMatchObject({
      state: 'terminated',
      termination: { repayFen: '8000', blame: false, repaid: false },
    });
    const repaid = await api(payer).repay({ params, body: { version: ended.version } });
    expect(repaid.termination?.repaid).toBe(true);
    const { totals } = await finance.client.policy.budget({ query: { year: 2026 } });
    expect([totals.committed, totals.paid, totals.recovered]).toEqual(['0', '22000', '8000']);
    const stopped = api(officer).actMilestone({
      params,
      body: { version: repaid.version, milestone: 'M2', action: 'accept', reason: '' },
    });
    expect((await problemOf(stopped)).code).toBe('conflict');
  });

  it('[HX10] quotas that cannot be met are explained; a round without openers lapses for who stays away', async () => {
    const id = await newRound({ openers: [], threshold: 0, seats: [{ field: 'video', count: 9 }] });
    await api(officer).freezePool({ params: { id }, body: {} });
    const one = await seal(id, bidders[0]!, bidOf(bidders[0]!, '1000'));
    const two = await seal(id, bidders[1]!, bidOf(bidders[1]!, '1000'));
    await handIn(bidders[0]!, id, one.sealed);
    await handIn(bidders[1]!, id, two.sealed);
    clock += DAY_MS;
    await act(officer, id, 'open');
    const opened = await api(bidders[0]!).reveal({ params: { id }, body: { key: one.key.key } });
    expect(opened.state).toBe('opened');
    clock += DAY_MS;
    const late = api(bidders[1]!).reveal({ params: { id }, body: { key: two.key.key } });
    expect(await refusalCodes(late)).toEqual(['late_reveal']);
    const desk = await act(officer, id, 'finish_opening');
    expect(desk.bids.map(({ state }) => state).toSorted()).toEqual(['lapsed', 'opened']);
    const found = (await problemOf(act(officer, id, 'draw'))).findings![0]!;
    expect([found.code, found.facts['short']]).toEqual(['infeasible_quota', 4]);
    await act(approver, id, 'void');
    expect((await api(server.stranger).round({ params: { id } })).state).toBe('void');
    expect(fromHex(one.key.key)).toHaveLength(32);
  });

  it("[HX12] a draft is its department's alone, openers are named, and nobody admits oneself", async () => {
    const { id } = await api(officer).createRound({
      body: {
        catalogueId,
        entry: 'MLS-01',
        opensAt: at(0),
        closesAt: at(DAY_MS),
        revealUntil: at(2 * DAY_MS),
        openers: [],
        threshold: 0,
        rubric: RUBRIC,
        seats: [{ field: '*', count: 1 }],
      },
    });
    const seen = async (who: Pick<TestPerson, 'client'>) =>
      (await api(who).rounds()).rows.some((each) => each.id === id);
    expect(await Promise.all([officer, bidders[0]!, server.stranger].map(seen))).toEqual([
      true,
      false,
      false,
    ]);
    const { rows } = await api(officer).openers();
    expect(rows.map((each) => each.id).toSorted()).toEqual(
      openers.map(({ userId }) => userId).toSorted(),
    );
    expect((await problemOf(api(bidders[0]!).openers())).code).toBe('not_allowed');
    const profile = {
      name: '经办人',
      fields: ['video'],
      region: '湖南',
      employer: { name: '主管部门', creditCode: null },
      titles: [],
      email: null,
      history: [],
      works: [],
      kin: [],
      holdings: [],
      funding: [],
    };
    const own = await api(officer).saveExpert({ body: { profile } });
    const admit = (by: TestPerson) =>
      api(by).admitExpert({ params: { id: own.id }, body: { admitted: true } });
    expect(await refusalCodes(admit(officer))).toEqual(['missing_second_person']);
    expect((await admit(finance)).state).toBe('admitted');
    await api(officer).leavePool({ body: {} });
    expect((await api(officer).ownExpert()).state).toBe('left');
    expect(await refusalCodes(admit(finance))).toEqual(['invalid_state']);
    const sheet = await officer.send('/api/opencall/experts/export?format=csv');
    expect(await sheet.text()).toContain('专家甲');
    expect((await bidders[0]!.send('/api/opencall/experts/export?format=csv')).status).toBe(403);
    const projects = await bidders[2]!.send('/api/opencall/projects/export?format=csv');
    expect(await projects.text()).not.toContain('星河');
  });

  /** A round without openers, from its bids until they are read; the first bidders do better. */
  async function readRound(
    terms: object,
    racers: readonly Bidder[],
    more: Partial<Bid['proposal']> = {},
  ): Promise<string> {
    const id = await newRound(terms);
    await api(officer).freezePool({ params: { id }, body: {} });
    const sealed = [];
    for (const by of racers) {
      const made = await seal(id, by, bidOf(by, '20000', more));
      await handIn(by, id, made.sealed);
      sealed.push(made);
    }
    clock += DAY_MS;
    await act(officer, id, 'open');
    for (const [place, by] of racers.entries()) {
      await api(by).reveal({ params: { id }, body: { key: sealed[place]!.key.key } });
    }
    const { bids } = await act(officer, id, 'finish_opening');
    const places = new Map(bids.map(({ alias, bidder }) => [alias, bidder]));
    const order = racers.map(({ name }) => name);
    await act(officer, id, 'draw');
    await review(id, (_, alias) => 8 - order.indexOf(places.get(alias)!));
    return id;
  }

  /** A round with several winners, from its bids to the decision. */
  async function decidedRace(
    terms: object,
    racers: readonly Bidder[],
    milestones: Bid['proposal']['milestones'],
  ): Promise<string> {
    const id = await readRound(terms, racers, { milestones });
    await act(officer, id, 'score');
    await act(officer, id, 'publish');
    clock += 14 * DAY_MS;
    const { round } = await act(approver, id, 'decide');
    expect(round.checkpoint).toBe('2026-12-31');
    return id;
  }

  async function measureAt(by: TestPerson, id: string, milestone: string, value: string) {
    const { version } = await api(by).project({ params: { id } });
    const measurement = {
      indicator: milestone === 'M1' ? 'I1' : 'I2',
      value,
      unit: 'fps',
      uncertainty: null,
      method: 'GY/T 307',
      laboratory: '国家检验中心',
      evidence: 'a'.repeat(64),
    };
    return api(by).measure({
      params: { id },
      body: { version, milestone, files: [], measurements: [measurement] },
    });
  }

  it('[HX14] of a race one goes on by measured values, the others keep what they reached', async () => {
    const steps = (own: string) => [
      { code: 'M1', title: '样机', due: '2026-12-31', indicators: [INDICATOR], share: '1/4' },
      {
        code: 'M2',
        title: own,
        due: '2028-06-30',
        indicators: [{ ...INDICATOR, code: 'I2' }],
        share: '3/4',
      },
    ];
    const race = { openers: [], threshold: 0, awards: 2, checkpoint: '2026-12-31' };
    expect(await refusalCodes(newRound({ ...race, awards: 1 }))).toEqual(['invalid_race']);
    const [one, two] = [bidders[0]!, bidders[1]!];
    const id = await decidedRace({ ...race, passPoints: '10' }, [one, two], steps('产品'));
    const { rows } = await api(officer).projects();
    const own = rows.filter(({ roundId }) => roundId === id);
    const projectOf = (by: Bidder) =>
      own.find(({ applicantId }) => applicantId === by.organisationId)!;
    const step = async (by: TestPerson, project: string, milestone: string, action: string) => {
      const params = { id: project };
      const { version } = await api(by).project({ params });
      return api(by).actMilestone({ params, body: { version, milestone, action, reason: '' } });
    };
    const measure = (by: Bidder, milestone: string, value: string) =>
      measureAt(by, projectOf(by).id, milestone, value);
    // What is due after the checkpoint waits for both.
    expect(projectOf(one).milestones.map(({ waits }) => waits)).toEqual([false, true]);
    expect(await refusalCodes(measure(one, 'M2', '70'))).toEqual(['undecided_race']);
    const decide = async (by: TestPerson, winner: Bidder) => {
      const { version } = await api(by).round({ params: { id } });
      const body = { version, projectId: projectOf(winner).id, reason: '实测更优' };
      return api(by).decideRace({ params: { id }, body });
    };
    expect(await refusalCodes(decide(approver, one))).toEqual(['unfinished_racer']);
    const reach = async (by: Bidder, value: string) => {
      const project = projectOf(by).id;
      await measure(by, 'M1', value);
      await step(by, project, 'M1', 'submit');
      await step(officer, project, 'M1', 'accept');
      await step(finance, project, 'M1', 'order_funds');
    };
    await reach(one, '72');
    await step(payer, projectOf(one).id, 'M1', 'pay');
    await reach(two, '65');
    expect(await refusalCodes(decide(approver, one))).toEqual([
      'unsettled_race_step',
      'early_race_decision',
    ]);
    await step(payer, projectOf(two).id, 'M1', 'pay');
    const before = await finance.client.policy.budget({ query: { year: 2026 } });
    expect((await problemOf(decide(officer, one))).status).toBe(403);
    expect((await problemOf(decide(one, one))).status).toBe(404);
    const standing = (await api(officer).roundDesk({ params: { id } })).race!.racers;
    const names = new Map(standing.map(({ bidder, behind }) => [bidder, behind]));
    expect(names.get(two.name)).toEqual([one.name]);
    const desk = await decide(approver, one);
    expect(desk.race!.decided).toMatchObject({ projectId: projectOf(one).id, reason: '实测更优' });
    expect(await refusalCodes(decide(approver, two))).toEqual(['invalid_state']);
    const lost = await api(two).project({ params: { id: projectOf(two).id } });
    expect(lost).toMatchObject({ state: 'outrun', paidFen: '5000', termination: { blame: false } });
    const after = await finance.client.policy.budget({ query: { year: 2026 } });
    const freed = BigInt(after.totals.available) - BigInt(before.totals.available);
    expect(freed).toBe(15_000n);
    expect(after.totals.paid).toBe(before.totals.paid);
    const measured = await measure(one, 'M2', '75');
    expect(measured.milestones[1]!.waits).toBe(false);
    expect(await refusalCodes(measure(two, 'M2', '75'))).toEqual(['stopped_project']);
    const { rows: told } = await api(server.stranger).outcomes({ params: { id } });
    expect(told.map(({ state }) => state).toSorted()).toEqual(['outrun', 'running']);
  });

  it('[HX16] who is barred is ranked and passed over, by the words that the round names', async () => {
    const historyRules = [
      { bar: 'same_object', quote: '同一任务不重复支持' },
      { bar: 'mark', marks: ['credit'], quote: '失信单位不予支持' },
    ];
    const [one, , fresh] = bidders as [Bidder, Bidder, Bidder];
    const terms = { openers: [], threshold: 0, passPoints: '10', historyRules };
    expect(await refusalCodes(newRound({ ...terms, item: 'M8.3' }))).toEqual([
      'foreign_claim_item',
    ]);
    const id = await readRound(terms, [one, fresh]);
    const scored = await act(officer, id, 'score');
    const findingsOf = (name: string) =>
      scored.bids
        .find(({ bidder }) => bidder === name)!
        .findings.map(({ code }) => code)
        .filter((code) => code !== 'telling_proposal');
    // The first has been supported for this task; ranks stay what they are.
    expect(findingsOf(one.name)).toEqual(['barred_claim']);
    expect(findingsOf(fresh.name)).toEqual([]);
    const auditor = await server.newMember(owner, ['policy.auditor']);
    const mark = { organisationId: fresh.organisationId, kind: 'credit', reason: '失信名单' };
    const years = { fromYear: 2026, toYear: 2027 };
    await auditor.client.policy.mark({ body: { ...mark, ...years } });
    expect(await refusalCodes(act(officer, id, 'publish'))).toEqual(['barred_claim']);
    const unmark = async () => {
      const { rows } = await auditor.client.policyDesk.marks();
      const { id: markId } = rows.find(({ endedOn }) => endedOn === null)!;
      const end = { params: { id: markId }, body: { reason: '已移出名单' } };
      await auditor.client.policyDesk.endMark(end);
    };
    await unmark();
    const { round } = await act(officer, id, 'publish');
    expect(round.result!.map(({ bidder, chosen }) => [bidder, chosen])).toEqual([
      [one.name, false],
      [fresh.name, true],
    ]);
    await auditor.client.policy.mark({ body: { ...mark, ...years } });
    clock += 14 * DAY_MS;
    expect(await refusalCodes(act(approver, id, 'decide'))).toEqual(['barred_claim']);
    await unmark();
    await act(approver, id, 'decide');
  });

  it('[HX16] what a claim was given for the same task is taken off, with a receipt', async () => {
    const { database } = server.network.running.kernel;
    const winner = bidders[1]!;
    const call = randomUUID();
    await sql`
      insert into policy.call (id, department_id, instrument, title, year, items, opens_on,
        closes_on, notice_days, correction_days, guide)
      values (${call}, ${owner.organisationId}, 'hunan-2023-55', '研发项目', 2026, '{M2.2}',
        '2026-01-01', '2026-12-31', 5, 5, '')
    `.execute(database);
    await sql`
      insert into policy.claim (id, call_id, applicant_id, item, object, object_key, label,
        event_date, facts, others, state, grant_fen)
      values (gen_random_uuid(), ${call}, ${winner.organisationId}, 'M2.2', '超高清 解码器',
        '超高清解码器', '', '2026-05-01', '{}', '[]', 'paid', 5000)
    `.execute(database);
    const id = await readRound({ openers: [], threshold: 0, passPoints: '10' }, [winner]);
    await act(officer, id, 'score');
    const { round } = await act(officer, id, 'publish');
    expect(round).toMatchObject({ item: 'M2.2', historyRules: [] });
    expect(round.result!.map(({ grantFen }) => grantFen)).toEqual(['15000']);
    clock += 14 * DAY_MS;
    await act(approver, id, 'decide');
    const own = (await api(winner).projects()).rows.find(({ roundId }) => roundId === id)!;
    const file = await winner.send(`/api/opencall/projects/${own.id}/receipt`);
    const receipt = (await file.json()) as object;
    const replayed = await winner.client.policy.replay({ body: { receipt } });
    expect(replayed).toEqual({ valid: true, findings: [] });
    expect(receipt).toMatchObject({ input: { paid: [{ item: 'M2.2', paidFen: '5000' }] } });
  });

  it('[HX15] who left is forgotten once no former tie can matter, and draws stay what they were', async () => {
    const { database } = server.network.running.kernel;
    const gone = experts[0]!;
    const frozen = async () =>
      (
        await sql<{ pool: string; draw: string }>`
          select pool::text, draw::text from policy.opencall_round where id = ${mainRound}
        `.execute(database)
      ).rows[0]!;
    const before = await frozen();
    expect(before.pool).toContain(gone.who);
    await api(gone).leavePool({ body: {} });
    const job = {
      write: <R>(_code: string, change: (work: Work) => Promise<R>) =>
        server.network.running.kernel.write(systemContext(), change),
    };
    const parts = { database, now: () => new Date(clock) };
    expect(await forgetExperts(parts, job)).toBe(0);
    clock += 3 * 366 * DAY_MS;
    // The officer who declared above left as well.
    expect(await forgetExperts(parts, job)).toBe(2);
    expect(await forgetExperts(parts, job)).toBe(0);
    const after = await frozen();
    expect(after.pool).not.toContain(gone.who);
    expect(after.draw).toBe(before.draw);
    expect((await problemOf(api(gone).ownExpert())).status).toBe(404);
    const listed = (await api(officer).experts()).rows.find(({ id }) => id === gone.expertId)!;
    expect(JSON.stringify(listed.profile)).not.toContain('研究所');
    expect(listed.profile).toMatchObject({ fields: ['video'], region: '湖南' });
  });

  it('[HX11] every act is in the log, and lists leave as sheets', async () => {
    const { database } = server.network.running.kernel;
    const result = await sql<{ action: string }>`
      select distinct action from kernel.audit where action like 'opencall.%'
    `.execute(database);
    const actions = result.rows.map(({ action }) => action);
    for (const wanted of [
      'bid_sealed',
      'bid_withdrawn',
      'share_given',
      'round_draw',
      'sheet_signed',
      'expert_recused',
      'round_decide',
      'milestone_pay',
      'change_approved',
      'project_terminated',
      'race_decided',
      'expert_forgotten',
    ]) {
      expect(actions).toContain(`opencall.${wanted}`);
    }
    const sheet = await officer.send(`/api/opencall/rounds/${mainRound}/export?format=csv`);
    expect(await sheet.text()).toContain('星河科技有限公司');
  });
});
