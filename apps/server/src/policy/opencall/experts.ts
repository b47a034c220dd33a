import { finding, fromBase64 } from '@yinglian/core';
import {
  drawExperts,
  type DrawFile,
  expertShape,
  readDocument,
  scoreSheetShape,
  sheetPoints,
  verifySheet,
} from '@yinglian/opencall';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { conflict, found, invalid, notAllowed } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { departmentOf, todayOf } from '../parts.ts';
import { beginReminding, type RemindJob } from '../reminders.ts';
import { createRoundActs } from './acts.ts';
import { PANEL } from './judge.ts';
import { acts, type OpencallParts, sealing, taken, valid } from './parts.ts';
import {
  type ExpertRow,
  listBids,
  listExperts,
  listRounds,
  listSeats,
  listSheets,
} from './store.ts';
import { entryView } from './views.ts';

const view = ({ id, state, profile }: ExpertRow) => ({ id, state, profile });
const POINT_BYTES = 65;
/** Persons that an officer chooses openers from. */
const OPENERS_LISTED_MAX = 500;

/** Persons of open calls: their keys, the pool of experts, blind reviews and recusals. */
export function createExpertService(parts: OpencallParts & { readonly remind: RemindJob }) {
  const { database, write, requireAccess, newId, now, remind } = parts;
  const { seatAll } = createRoundActs(parts);

  return {
    async ownKey(context: Context) {
      const { userId } = await requireAccess(context, 'signed_in');
      const result = await sql<{ sealing: string; signing: string }>`
        select sealing, signing from policy.opencall_key where user_id = ${userId}
      `.execute(database);
      const row = result.rows[0];
      return { userId: userId ?? '', sealing: row?.sealing ?? null, signing: row?.signing ?? null };
    },

    async saveKey(context: Context, given: { sealing: string; signing: string }): Promise<void> {
      const { userId } = await requireAccess(context, 'signed_in');
      for (const key of [given.sealing, given.signing]) {
        if (isPoint(key)) continue;
        throw invalid(finding('invalid_opener_key', 'error', { facts: { opener: userId ?? '' } }));
      }
      await write(context, async (work) => {
        // Rounds keep the key that they were announced with, seats the one they were drawn with.
        await sql`
          insert into policy.opencall_key (user_id, sealing, signing)
          values (${userId}, ${given.sealing}, ${given.signing})
          on conflict (user_id) do update set sealing = excluded.sealing,
            signing = excluded.signing, updated_at = now()
        `.execute(work.transaction);
        work.audit({
          action: 'opencall.key_registered',
          subjectKind: 'user',
          subjectId: userId ?? '',
          facts: { sealing: given.sealing, signing: given.signing },
        });
      });
    },

    async own(context: Context) {
      const { userId } = await requireAccess(context, 'signed_in');
      const [row] = await listExperts(database, { userId: userId ?? '' });
      return view(found(row, { id: userId ?? '' }));
    },

    async save(context: Context, document: unknown) {
      const { userId } = await requireAccess(context, 'signed_in');
      const profile = valid(readDocument(expertShape, document));
      await write(context, async (work) => {
        // What was admitted is looked at again when it changes.
        const result = await sql<{ id: string }>`
          insert into policy.opencall_expert (id, user_id, profile, state)
          values (${newId()}, ${userId}, ${jsonText(profile)}, 'applied')
          on conflict (user_id) do update
            set profile = excluded.profile, state = 'applied', left_on = null,
            version = opencall_expert.version + 1, updated_at = now()
          returning id
        `.execute(work.transaction);
        work.audit({
          action: 'opencall.expert_declared',
          subjectKind: 'opencall_expert',
          subjectId: result.rows[0]!.id,
          facts: {},
        });
      });
      return view((await listExperts(database, { userId: userId ?? '' }))[0]!);
    },

    /** Whoever leaves is drawn no more; what was signed before stays signed. */
    async leave(context: Context): Promise<void> {
      const { userId } = await requireAccess(context, 'signed_in');
      await write(context, async (work) => {
        const [row] = await listExperts(work.transaction, { userId: userId ?? '' });
        const { id, state } = found(row, { id: userId ?? '' });
        const seats = await sql<{ round_id: string }>`
          select seat.round_id from policy.opencall_seat as seat
          join policy.opencall_round as round on round.id = seat.round_id
          where seat.expert_id = ${id} and seat.state = 'seated' and round.state = 'drawn' limit 1
        `.execute(work.transaction);
        // Who sits on a panel stands down there first, so that the next one is called.
        if (seats.rows.length > 0 || state === 'left') {
          throw conflict(finding('invalid_state', 'error'));
        }
        await sql`
          update policy.opencall_expert set state = 'left', left_on = ${todayOf(parts)},
            version = version + 1, updated_at = now() where id = ${id}
        `.execute(work.transaction);
        await beginReminding(work, remind, now());
        work.audit({
          action: 'opencall.expert_left',
          subjectKind: 'opencall_expert',
          subjectId: id,
          facts: {},
        });
      });
    },

    /** Persons of departments who registered a key: who opens together should not sit together. */
    async openers(context: Context) {
      await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      const result = await sql<{ id: string; name: string; department: string }>`
        select distinct on (person.id) person.id, person.name, department.name as department
        from policy.opencall_key as key
        join identity.user as person on person.id = key.user_id
        join kernel.member as member on member.user_id = person.id
        join policy.department as department on department.organisation_id = member.organisation_id
        order by person.id, department.name limit ${OPENERS_LISTED_MAX}
      `.execute(database);
      return { rows: result.rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    },

    async list(context: Context) {
      await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      return { rows: (await listExperts(database, {})).map(view) };
    },

    async admit(context: Context, id: string, given: { admitted: boolean; reason: string }) {
      const { userId } = await requireAccess(context, 'policy.manage');
      await departmentOf(database, context);
      const known = found((await listExperts(database, { ids: [id] }))[0], { id });
      if (known.state === 'left') throw conflict(finding('invalid_state', 'error'));
      // Nobody decides about oneself.
      if (known.user_id === userId) throw conflict(finding('missing_second_person', 'error'));
      await write(context, async (work) => {
        const state = given.admitted ? 'admitted' : 'dismissed';
        await sql`
          update policy.opencall_expert set state = ${state}, version = version + 1,
            updated_at = now() where id = ${id}
        `.execute(work.transaction);
        work.audit({
          action: `opencall.expert_${state}`,
          subjectKind: 'opencall_expert',
          subjectId: id,
          facts: { reason: given.reason },
        });
      });
      return view((await listExperts(database, { ids: [id] }))[0]!);
    },

    /** What an expert reads: the bids without who wrote them, and one's own sheets. */
    async reviews(context: Context) {
      const { userId } = await requireAccess(context, 'signed_in');
      const seats = await listSeats(database, { userId: userId ?? '' });
      const rows = [];
      for (const seat of seats.filter(({ state }) => state === 'seated')) {
        const [round] = await listRounds(database, { ids: [seat.round_id] });
        if (round === undefined || !READING.has(round.state)) continue;
        const bids = await listBids(database, { roundId: round.id });
        const sheets = await listSheets(database, round.id);
        const proposals = bids.flatMap(({ alias, blind, state }) => {
          if (alias === null || state !== 'opened') return [];
          const own = sheets.find(
            (each) => each.expert_id === seat.expert_id && each.alias === alias,
          );
          return [{ alias, proposal: blind, sheet: own?.sheet ?? null }];
        });
        rows.push({
          roundId: round.id,
          title: round.entry.title,
          state: round.state,
          candidate: seat.candidate,
          entry: entryView(round.entry),
          rubric: round.terms.rubric,
          proposals: proposals.toSorted((a, b) => (a.alias < b.alias ? -1 : 1)),
        });
      }
      return { rows };
    },

    async handSheet(
      context: Context,
      roundId: string,
      given: { sheet: unknown; signature: string },
    ) {
      const { userId } = await requireAccess(context, 'signed_in');
      const sheet = valid(readDocument(scoreSheetShape, given.sheet));
      await write(context, async (work) => {
        const { transaction } = work;
        const seat = await seatOf(userId, roundId);
        const [round] = await listRounds(transaction, { ids: [roundId], lock: true });
        if (round?.state !== 'drawn') throw conflict(finding('invalid_state', 'error'));
        const bids = await listBids(transaction, { roundId });
        const read = bids.some(
          ({ alias, state }) => alias === sheet.proposal && state === 'opened',
        );
        const own = sheet.round === roundId && sheet.reviewer === seat.candidate;
        if (!read || !own) throw invalid(finding('foreign_sheet', 'error'));
        const { findings } = sheetPoints(round.terms.rubric, sheet.marks);
        if (findings.length > 0) throw invalid(...findings);
        const signed = { publicKey: seat.signing, sheet, signature: given.signature };
        valid(await verifySheet(sealing, signed));
        await sql`
          insert into policy.opencall_sheet
            (round_id, expert_id, alias, number, sheet, signature, at)
          select ${roundId}, ${seat.expert_id}, ${sheet.proposal}, coalesce(max(number), 0) + 1,
            ${jsonText(sheet)}::json, ${given.signature}, ${now()}
          from policy.opencall_sheet where round_id = ${roundId}
            and expert_id = ${seat.expert_id} and alias = ${sheet.proposal}
        `.execute(transaction);
        work.audit({
          action: 'opencall.sheet_signed',
          subjectKind: 'opencall_round',
          subjectId: roundId,
          facts: { proposal: sheet.proposal, reviewer: seat.candidate },
        });
      });
    },

    async standDown(
      context: Context,
      roundId: string,
      given: { expertId?: string; reason: string },
    ) {
      const { userId } = await requireAccess(context, 'signed_in');
      await write(context, async (work) => {
        const { transaction } = work;
        const round = found((await listRounds(transaction, { ids: [roundId], lock: true }))[0], {
          id: roundId,
        });
        const seats = await listSeats(transaction, { roundId });
        const own = seats.find(({ user_id }) => user_id === userId);
        const officer = acts(context, round.department_id, 'policy.manage');
        const wanted = given.expertId ?? own?.expert_id;
        if (!officer && (own === undefined || wanted !== own.expert_id)) throw notAllowed();
        const seat = found(
          seats.find((each) => each.expert_id === wanted && each.state === 'seated'),
          { id: wanted ?? '' },
        );
        if (round.state !== 'drawn' || round.draw === null) {
          throw conflict(finding('invalid_state', 'error'));
        }
        const recusal = { panel: PANEL, candidate: seat.candidate, reason: CODED_REASON };
        const input = { ...round.draw.input, recusals: [...round.draw.input.recusals, recusal] };
        const drawn = taken(await drawExperts(sealing, input));
        const file: DrawFile = { ...round.draw, input, seats: [...drawn.seats] };
        await seatAll(transaction, round, file);
        // The reason stays with the department: it may name persons.
        await sql`
          update policy.opencall_seat set reason = ${given.reason}
          where round_id = ${roundId} and expert_id = ${seat.expert_id}
        `.execute(transaction);
        work.audit({
          action: 'opencall.expert_recused',
          subjectKind: 'opencall_round',
          subjectId: roundId,
          facts: { candidate: seat.candidate, organisation: round.department_id },
        });
      });
    },
  };

  async function seatOf(userId: string | null, roundId: string) {
    const seats = await listSeats(database, { roundId, userId: userId ?? '' });
    const seat = seats.find(({ state }) => state === 'seated');
    if (seat === undefined) throw notAllowed({ role: 'reviewer' });
    return seat;
  }
}

/** What the public file says of a recusal. */
const CODED_REASON = 'recused';
const READING: ReadonlySet<string> = new Set(['drawn', 'scored', 'on_notice', 'decided']);

function isPoint(text: string): boolean {
  try {
    return fromBase64(text).length === POINT_BYTES;
  } catch {
    return false;
  }
}
