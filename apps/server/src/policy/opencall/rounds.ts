import { finding, toHex } from '@yinglian/core';
import {
  checkOpeners,
  checkPutOff,
  checkRaceTerms,
  checkRubric,
  type Opener,
  poolDigest,
  readDocument,
  ROUND_FLOW,
  type RoundRole,
  rubricShape,
  seedCommitment,
  takeRoundStep,
} from '@yinglian/opencall';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import { downloadBytes } from '../../kernel/http/routes.ts';
import { conflict, found, invalid, notFound, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { jsonText } from '../../kernel/write.ts';
import { instrumentOf } from '../instruments/store.ts';
import { departmentOf, todayOf } from '../parts.ts';
import { measureOf } from './awards.ts';
import { createRoundActs } from './acts.ts';
import { conflictsOf, countedSheets, SEED_PURPOSE } from './judge.ts';
import {
  acts,
  noticeEnd,
  type OpencallParts,
  personOf,
  refuseErrors,
  requireRole,
  sealing,
  seeHour,
  steadyOf,
  taken,
  valid,
} from './parts.ts';
import {
  addStep,
  countObjections,
  listBids,
  listCatalogues,
  listRounds,
  listSeats,
  listSheets,
  readSteps,
  type RoundRow,
  type RoundTerms,
  stepViews,
  updateRow,
} from './store.ts';
import { raceView } from './race.ts';
import { roundView } from './views.ts';

export type RoundDraft = Omit<RoundTerms, 'rubric'> & {
  readonly catalogueId: string;
  readonly entry: string;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly revealUntil: string;
  readonly openers: readonly string[];
  readonly rubric: unknown;
};

const SEED_BYTES = 32;

/** The rounds of tasks: announced, opened, drawn, read, told and decided. */
export function createRoundService(parts: OpencallParts) {
  const { database, write, requireAccess, newId, vault } = parts;
  const effects = createRoundActs(parts);

  const one = async (id: string, transaction: Transaction | typeof database = database) =>
    found((await listRounds(transaction, { ids: [id] }))[0], { id });
  const publicView = async (round: RoundRow) => {
    const now = await steadyOf(parts, database, round);
    const struck = now >= round.closes_at.getTime();
    return roundView(round, await listBids(database, { roundId: round.id }), struck);
  };

  return {
    async list(context: Context) {
      const rounds = await listRounds(database);
      const rows = [];
      // A draft is its department's alone.
      const shown = rounds.filter(
        ({ state, department_id: id }) => state !== 'draft' || acts(context, id, 'policy.read'),
      );
      for (const round of shown) {
        rows.push(await publicView(round));
      }
      return { rows };
    },

    async get(context: Context, id: string) {
      const round = await one(id);
      const own = acts(context, round.department_id, 'policy.read');
      if (round.state === 'draft' && !own) throw notFound({ id });
      return publicView(round);
    },

    async drawFile(id: string) {
      const round = await one(id);
      const file = found(round.draw, { id });
      const bytes = new TextEncoder().encode(`${jsonText(file)}\n`);
      return downloadBytes(`${round.entry.code}.draw.json`, 'application/json', bytes);
    },

    async create(context: Context, given: RoundDraft) {
      const { organisationId } = await requireAccess(context, 'policy.manage', {
        kind: 'opencall_catalogue',
        ids: [given.catalogueId],
      });
      await departmentOf(database, context);
      const { catalogueId, entry: code, opensAt, closesAt, revealUntil, openers, ...rest } = given;
      const rubric = valid(readDocument(rubricShape, given.rubric));
      refuseErrors(checkRubric(rubric));
      const [catalogue] = await listCatalogues(database, { ids: [catalogueId] });
      const entry = found(
        catalogue?.published?.find((each) => each.code === code),
        { code },
      );
      const { checkpoint = null, awards } = given;
      const { instrument, item } = measureOf({ terms: { ...rest, rubric } });
      const { rules } = await instrumentOf(database, instrument);
      if (!rules.some((rule) => rule.item === item && rule.publicMoney)) {
        throw invalid(finding('foreign_claim_item', 'error', { facts: { item, items: [item] } }));
      }
      refuseErrors(checkRaceTerms({ checkpoint, awards, due: entry.due }));
      const named = await openersOf(openers);
      valid(checkOpeners(named, given.threshold));
      if (!(opensAt < closesAt && closesAt < revealUntil)) {
        const facts = { from: opensAt, to: revealUntil };
        throw invalid(finding('reversed_dates', 'error', { facts }));
      }
      const seed = sealing.random(SEED_BYTES);
      const commitment = await seedCommitment(sealing, toHex(seed));
      const id = newId();
      await write(context, async (work) => {
        await sql`
          insert into policy.opencall_round (id, department_id, catalogue_id, entry, state,
            opens_at,
            closes_at, reveal_until, openers, terms, seed_sealed, seed_commitment)
          values (${id}, ${organisationId}, ${catalogueId}, ${jsonText(entry)}, 'draft', ${opensAt},
            ${closesAt}, ${revealUntil}, ${jsonText(named)}, ${jsonText({ ...rest, rubric })},
            ${Buffer.from(vault.seal(SEED_PURPOSE, seed))}, ${commitment})
        `.execute(work.transaction);
        work.audit({
          action: 'opencall.round_drafted',
          subjectKind: 'opencall_round',
          subjectId: id,
          facts: { entry: code, seedCommitment: commitment },
        });
      });
      return publicView(await one(id));
    },

    async desk(context: Context, id: string) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_round', ids: [id] });
      return deskOf(id);
    },

    async act(
      context: Context,
      id: string,
      given: { version: number; action: string; reason: string; chosen?: readonly string[] },
    ) {
      await requireAccess(context, 'policy.read', { kind: 'opencall_round', ids: [id] });
      await seeHour(parts, id);
      await write(context, async (work) => {
        const { transaction } = work;
        const round = await locked(transaction, id, given.version);
        const wanted = ROUND_FLOW.find(
          ({ action, from }) => action === given.action && from.includes(round.state),
        );
        if (wanted !== undefined) requireRole(context, round.department_id, wanted.role);
        const { actor, actorName } = personOf(context);
        const on = todayOf(parts);
        const role: RoundRole = wanted?.role ?? 'officer';
        const step = { action: given.action, actor, role, on, reason: given.reason };
        const winners = given.chosen ?? round.chosen;
        const record = await effects.recordOf(transaction, round, winners.length);
        const action = taken(takeRoundStep(record, step));
        await addStep(transaction, { id }, { ...step, actorName });
        const notice =
          action.to === 'on_notice'
            ? {
                notice_from: on,
                notice_until: await noticeEnd(transaction, on, round.terms.noticeDays),
              }
            : {};
        await updateRow(transaction, 'round', id, { state: action.to, ...notice });
        await effects.take(transaction, context, {
          action: action.action,
          round,
          chosen: given.chosen,
        });
        work.audit({
          action: `opencall.round_${action.action}`,
          subjectKind: 'opencall_round',
          subjectId: id,
          facts: { state: action.to },
        });
        work.changed({ kind: 'opencall_round', id });
      });
      return deskOf(id);
    },

    async putOff(
      context: Context,
      id: string,
      given: { version: number; closesAt: string; revealUntil: string; reason: string },
    ) {
      await requireAccess(context, 'policy.manage', { kind: 'opencall_round', ids: [id] });
      await seeHour(parts, id);
      await write(context, async (work) => {
        const round = await locked(work.transaction, id, given.version);
        if (!['draft', 'announced'].includes(round.state))
          throw conflict(finding('late_postponement', 'error'));
        const now = await steadyOf(parts, work.transaction, round);
        const wanted = Date.parse(given.closesAt);
        const wrong = checkPutOff({ now, closesAt: round.closes_at.getTime(), wanted });
        if (wrong.length > 0) throw conflict(...wrong);
        if (Date.parse(given.revealUntil) <= wanted) {
          const facts = { from: given.closesAt, to: given.revealUntil };
          throw invalid(finding('reversed_dates', 'error', { facts }));
        }
        const columns = { closes_at: given.closesAt, reveal_until: given.revealUntil };
        await updateRow(work.transaction, 'round', id, columns);
        work.audit({
          action: 'opencall.round_put_off',
          subjectKind: 'opencall_round',
          subjectId: id,
          facts: { closesAt: given.closesAt, reason: given.reason },
        });
      });
      return publicView(await one(id));
    },

    async freezePool(context: Context, id: string) {
      await requireAccess(context, 'policy.manage', { kind: 'opencall_round', ids: [id] });
      await seeHour(parts, id);
      await write(context, async (work) => {
        const round = found((await listRounds(work.transaction, { ids: [id], lock: true }))[0], {
          id,
        });
        const now = await steadyOf(parts, work.transaction, round);
        // After the hour salts are known, and a pool could be chosen to fit them.
        if (round.state !== 'announced' || now >= round.closes_at.getTime()) {
          throw conflict(finding('missing_frozen_pool', 'error'));
        }
        const pool = await effects.poolOf(work.transaction, round);
        const digest = await poolDigest(
          sealing,
          pool.map(({ candidate }) => candidate),
        );
        const columns = { pool: jsonText(pool), pool_digest: digest };
        await updateRow(work.transaction, 'round', id, columns);
        work.audit({
          action: 'opencall.pool_frozen',
          subjectKind: 'opencall_round',
          subjectId: id,
          facts: { digest, candidates: pool.length },
        });
      });
      return publicView(await one(id));
    },

    async exportBids(context: Context, id: string, format: 'csv' | 'xlsx') {
      await requireAccess(context, 'policy.manage', { kind: 'opencall_round', ids: [id] });
      const round = await one(id);
      const now = await steadyOf(parts, database, round);
      if (now < round.closes_at.getTime()) throw conflict(finding('early_opening', 'error'));
      const bids = await listBids(database, { roundId: id });
      const placed = new Map(round.result?.placings.map((each) => [each.alias, each]));
      const head = [
        '投标单位',
        '匿名编号',
        '状态',
        '承诺值',
        '提交时间',
        '名次',
        '得分',
        '拟支持（分）',
      ];
      const rows = bids.map((bid) => [
        bid.bidder,
        bid.alias ?? '',
        bid.state,
        bid.commitment,
        bid.received_at.toISOString(),
        String(placed.get(bid.alias ?? '')?.rank ?? ''),
        placed.get(bid.alias ?? '')?.points ?? '',
        String(bid.grant_fen ?? ''),
      ]);
      return downloadSheet('opencall', '揭榜', [head, ...rows], format);
    },
  };

  async function locked(transaction: Transaction, id: string, version: number) {
    const round = found((await listRounds(transaction, { ids: [id], lock: true }))[0], { id });
    if (round.version !== version)
      throw versionConflict({ id, version: round.version }, { version });
    return round;
  }

  /** Persons as openers: with the keys that they themselves registered. */
  async function openersOf(ids: readonly string[]): Promise<Opener[]> {
    const result = await sql<{ user_id: string; sealing: string }>`
      select user_id, sealing from policy.opencall_key where user_id = any(${[...ids]}::uuid[])
    `.execute(database);
    const keys = new Map(result.rows.map((each) => [each.user_id, each.sealing]));
    return [...new Set(ids)].map((id) => {
      const publicKey = keys.get(id);
      if (publicKey !== undefined) return { id, publicKey };
      throw invalid(finding('invalid_opener_key', 'error', { facts: { opener: id } }));
    });
  }

  async function deskOf(id: string) {
    const round = await one(id);
    const bids = await listBids(database, { roundId: id });
    const now = await steadyOf(parts, database, round);
    const struck = now >= round.closes_at.getTime();
    const seats = await listSeats(database, { roundId: id });
    const sheets = await listSheets(database, id);
    const read = bids.filter(({ state }) => state === 'opened').flatMap(({ alias }) => alias ?? []);
    const counted = countedSheets(seats, sheets, read);
    const record = await effects.recordOf(database, round, round.chosen.length);
    const shown = struck ? bids.filter(({ state }) => state !== 'withdrawn') : [];
    return {
      round: roundView(round, bids, struck),
      steps: stepViews(await readSteps(database, id)),
      actions: ROUND_FLOW.filter(({ from }) => from.includes(round.state)).map(
        ({ action, label, role }) => ({ action, label, role }),
      ),
      bids: shown.map((bid) => ({
        id: bid.id,
        state: bid.state,
        bidder: bid.bidder,
        alias: bid.alias,
        shares: bid.shares,
        receivedAt: bid.received_at.toISOString(),
        findings: bid.findings,
        bid: bid.opened,
      })),
      seats: seats.map((seat) => {
        const own = counted.filter((each) => each.expert_id === seat.expert_id);
        return {
          expertId: seat.expert_id,
          candidate: seat.candidate,
          name: seat.profile.name,
          employer: seat.profile.employer.name,
          state: seat.state,
          sheets: own.length,
          recognised: own.filter(({ sheet }) => sheet.recognised).length,
        };
      }),
      openSeats: record.openSeats,
      candidates: (round.pool ?? (await effects.poolOf(database, round))).length,
      conflicts: conflictsOf(round, bids).map(({ member, findings }) => ({
        expertId: member.expertId,
        name: member.profile.name,
        findings,
      })),
      scores: round.result?.scores ?? null,
      findings: [],
      race: await raceView(database, round),
      openObjections: await countObjections(database, id),
    };
  }
}
