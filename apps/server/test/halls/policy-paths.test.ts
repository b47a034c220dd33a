import { CLAIM_FLOW } from '@yinglian/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPerson } from '../support/server.ts';
import { type Department, PolicyWorld } from './policy-world.ts';

/** Rounds of steps; every run does few of them. */
const ROUNDS = Number(process.env['YINGLIAN_POLICY_PATHS'] ?? 12);
const SEED = Number(process.env['YINGLIAN_POLICY_SEED'] ?? 55);
/** A dozen persons on a machine that does other work too. */
const SETUP_WITHIN_MS = 300_000;
const GRANT = 70_000_000n;
const BUDGET = 150_000_000n;
const JUDGING = new Set(['review', 'defend']);
const MONEY = new Set(['propose', 'decide', 'order_funds', 'pay']);

/** Numbers that look random and are the same for one seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Step = { readonly action: string; readonly actor: string; readonly on: string };

describe('every path of a claim', () => {
  let world: PolicyWorld;
  let department: Department;
  let company: TestPerson;
  beforeAll(async () => {
    world = await PolicyWorld.open();
    department = await world.department('省委人才办');
    company = await world.server.newOrganisation('producer', '申报企业');
  }, SETUP_WITHIN_MS);
  afterAll(() => world.server.close());

  it('[HP24] pays nothing early, alone, twice or over the budget, though steps race', async () => {
    const random = randomOf(SEED);
    await world.money(department, BUDGET);
    const call = await world.call(department, { closesOn: '2027-12-31' });
    const claims: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      const by = at === 0 ? company : await world.server.newOrganisation('producer', `企业${at}`);
      claims.push(await world.draft(by, call.id, `课程${at}`));
      applicants.set(claims[at]!, by);
    }
    // Two of them begin near the money, so that short walks reach it too.
    await lead(claims[0]!, 'order_funds');
    await lead(claims[1]!, 'publish');
    let taken = 0;
    let refused = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Two persons at once, on one claim or on two: versions and locks decide who comes first.
      const steps = [claims[random(4)]!, claims[random(4)]!].map((id) => step(id, random));
      for (const done of await Promise.allSettled(steps)) {
        if (done.status === 'fulfilled' && done.value) taken += 1;
        else refused += 1;
      }
      if (random(4) === 0) world.later(random(5));
      if (random(8) === 0) await objectOrAnswer(claims[random(4)]!, random);
      await conserves(call.id);
    }
    // Both who pay, at the same moment: one of them may have ordered the funds, and one pays.
    for (const id of claims) {
      await Promise.allSettled(
        [department.finance, department.payer].map((by) => world.act(by, id, 'pay')),
      );
    }
    await conserves(call.id);
    let paid = 0;
    for (const id of claims) paid += await soundPath(id);
    expect(paid).toBeGreaterThan(0);
    // Neither all nor nothing goes through, or the walk proves nothing.
    expect(taken).toBeGreaterThan(ROUNDS / 2);
    expect(refused).toBeGreaterThan(0);
    console.info(`paths: ${JSON.stringify({ rounds: ROUNDS, taken, refused, paid })}`);
  });

  const applicants = new Map<string, TestPerson>();
  const objections: string[] = [];

  function peopleFor(role: string, id: string): readonly TestPerson[] {
    const { officer, second, reviewer, approver, other, finance, payer, auditor } = department;
    const by: Readonly<Record<string, readonly TestPerson[]>> = {
      applicant: [applicants.get(id)!],
      officer: [officer, second],
      recommender: [officer, second, finance],
      reviewer: [reviewer],
      approver: [approver, other],
      finance: [finance, payer],
      auditor: [auditor],
    };
    return by[role] ?? [];
  }

  /** Takes a claim along its way as far as one action, by one person after the other. */
  async function lead(id: string, last: 'publish' | 'order_funds'): Promise<void> {
    const { second, officer, approver, finance } = department;
    await world.reviewed(applicants.get(id)!, department, id, GRANT);
    await world.act(second, id, 'propose');
    await world.act(officer, id, 'publish');
    if (last === 'publish') return;
    world.later(9);
    await world.act(approver, id, 'decide');
    await world.act(finance, id, 'order_funds');
  }

  /** Mostly the way forward, sometimes any action by anybody: refusals are part of the walk. */
  async function step(id: string, random: (below: number) => number): Promise<boolean> {
    const claim = await applicants.get(id)!.client.policy.claim({ params: { id } });
    const open = CLAIM_FLOW.actions.filter(({ from }) => from.includes(claim.state));
    const forward = open.filter(({ to }) => !CLAIM_FLOW.ends.includes(to));
    const wild = random(6) === 0;
    const from = wild ? CLAIM_FLOW.actions : forward.length > 0 ? forward : open;
    const action = from[wild ? random(from.length) : random(Math.min(2, from.length))];
    if (action === undefined) return false;
    const people = peopleFor(action.role, id);
    const by = people[random(people.length)];
    if (by === undefined) return false;
    const { version } = await by.client.policy.claim({ params: { id } });
    const body = { version, action: action.action, reason: '理由' };
    const more = JUDGING.has(action.action) ? { recommendedFen: String(GRANT), score: '80' } : {};
    await by.client.policy.act({ params: { id }, body: { ...body, ...more } });
    return true;
  }

  async function objectOrAnswer(id: string, random: (below: number) => number): Promise<void> {
    const waiting = objections.pop();
    if (waiting !== undefined && random(3) > 0) {
      const params = { id: waiting };
      await department.owner.client.policy.answerObjection({
        params,
        body: { outcome: 'dismissed', answer: '已核实' },
      });
      return;
    }
    const body = { text: '该课程并未开设。' };
    const made = await company.client.policy.object({ params: { id }, body }).catch(() => null);
    if (made !== null) objections.push(made.id);
    if (waiting !== undefined) objections.push(waiting);
  }

  /** What came from the treasury is in the accounts, and in them by what the claims stand at. */
  async function conserves(callId: string): Promise<void> {
    const { totals } = await department.officer.client.policy.budget({ query: { year: 2026 } });
    const { available, reserved, committed, paid, recovered } = totals;
    const all = [available, reserved, committed, paid, recovered].map(BigInt);
    expect(all.every((fen) => fen >= 0n)).toBe(true);
    expect(all.reduce((sum, fen) => sum + fen, 0n)).toBe(BUDGET);
    const held = { reserved: 0n, committed: 0n, paid: 0n };
    const account: Readonly<Record<string, keyof typeof held>> = {
      proposed: 'reserved',
      on_notice: 'reserved',
      decided: 'committed',
      funds_ordered: 'committed',
      paid: 'paid',
      evaluated: 'paid',
      closed: 'paid',
      recovering: 'paid',
    };
    const { rows } = await department.officer.client.policyDesk.callClaims({
      params: { id: callId },
      query: {},
    });
    for (const { state, grantFen } of rows) {
      const name = account[state];
      if (name !== undefined) held[name] += BigInt(grantFen ?? '0');
    }
    expect([reserved, committed, paid]).toEqual(
      [held.reserved, held.committed, held.paid].map(String),
    );
  }

  async function soundPath(id: string): Promise<number> {
    const { steps } = await applicants.get(id)!.client.policy.claim({ params: { id } });
    let notice: Step | null = null;
    let paid = 0;
    for (const [at, each] of steps.entries()) {
      if (each.action === 'publish') notice = each;
      if (each.action === 'take_back' || each.action === 'reopen') notice = null;
      if (each.action !== 'pay') continue;
      paid += 1;
      expect(notice, `${id}: paid without a notice`).not.toBe(null);
      // Five working days are never fewer than seven days.
      const days = (Date.parse(each.on) - Date.parse(notice!.on)) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(7);
      const others = steps.slice(0, at).filter(({ action }) => MONEY.has(action));
      expect(others.map(({ actor }) => actor)).not.toContain(each.actor);
      expect(others.map(({ action }) => action)).toContain('decide');
    }
    expect(paid).toBeLessThanOrEqual(1);
    return paid;
  }
});
