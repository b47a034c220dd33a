import { concatBytes, digest, encodeUtf8, type Fen, finding, toHex } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { type DrawFile, type RoundRecord, type RoundRole, writeContract } from '@yinglian/opencall';
import type { LedgerMove } from '@yinglian/policy';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { conflict, invalid } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { enterLedger } from '../money.ts';
import { todayOf } from '../parts.ts';
import { refuseMarkedBid, weighBid } from './awards.ts';
import { countedSheets, drawInputOf, fileOf, judgeSheets } from './judge.ts';
import { type OpencallParts, steadyOf, taken } from './parts.ts';
import {
  type BidRow,
  countObjections,
  listBids,
  listExperts,
  listSeats,
  listSheets,
  type PoolMember,
  readSteps,
  type RoundRow,
  updateRow,
} from './store.ts';

type Act = {
  readonly action: string;
  readonly round: RoundRow;
  readonly chosen: readonly string[] | undefined;
};

/** What the steps of a round do besides changing its state. */
export function createRoundActs(parts: OpencallParts) {
  const { newId, now } = parts;

  /** A round as its flow sees it. */
  async function recordOf(
    transaction: Queryable,
    round: RoundRow,
    winners: number,
  ): Promise<RoundRecord> {
    const bids = await listBids(transaction, { roundId: round.id });
    const seats = await listSeats(transaction, { roundId: round.id });
    const seated = seats.filter(({ state }) => state === 'seated');
    const aliases = bids
      .filter(({ state }) => state === 'opened')
      .flatMap(({ alias }) => alias ?? []);
    const sheets = countedSheets(seats, await listSheets(transaction, round.id), aliases);
    const wanted = round.terms.seats.reduce((sum, { count }) => sum + count, 0);
    return {
      state: round.state,
      steps: await readSteps<RoundRole>(transaction, round.id),
      ready: round.closes_at.getTime() > now().getTime(),
      now: await steadyOf(parts, transaction, round),
      closesAt: round.closes_at.getTime(),
      revealUntil: round.reveal_until.getTime(),
      unanswered: bids.filter(({ state }) => state === 'sealed').length,
      poolFrozen: round.pool !== null,
      openSeats: Math.max(0, wanted - seated.length),
      missingSheets: Math.max(0, seated.length * aliases.length - sheets.length),
      winners,
      noticeUntil: round.notice_until,
      openObjections: await countObjections(transaction, round.id),
    };
  }

  /** Everybody who was admitted and still has room, under codes that tell nothing. */
  async function poolOf(transaction: Queryable, round: RoundRow): Promise<PoolMember[]> {
    const experts = await listExperts(transaction, {});
    const rows = await sql<{ expert_id: string; load: number }>`
      select seat.expert_id, count(*)::int as load from policy.opencall_seat as seat
      join policy.opencall_round as round on round.id = seat.round_id
      where seat.state = 'seated' and round.state in ('drawn', 'scored', 'on_notice')
      group by seat.expert_id
    `.execute(transaction);
    const loads = new Map(rows.rows.map((each) => [each.expert_id, each.load]));
    const keys = await sql<{ user_id: string; signing: string }>`
      select user_id, signing from policy.opencall_key
    `.execute(transaction);
    const signing = new Map(keys.rows.map((each) => [each.user_id, each.signing]));
    // With a secret of the round, so that nobody finds a name by trying all of them.
    const secret = parts.vault.derive(`opencall codes ${round.id}`);
    const code = (kind: string, name: string) =>
      kind +
      toHex(digest(nodeCryptography, 'sha256', concatBytes(secret, encodeUtf8(name)))).slice(0, 12);
    return experts.flatMap(({ id, user_id: userId, profile, state }) => {
      const key = signing.get(userId);
      if (state !== 'admitted' || key === undefined) return [];
      const { employer, fields, region } = profile;
      const organisation = code('O', employer.creditCode ?? employer.name);
      const load = Math.max(0, round.terms.loadMax - (loads.get(id) ?? 0));
      const candidate = { code: code('E', id), fields, organisation, region, load };
      return [{ expertId: id, candidate, profile, signing: key }];
    });
  }

  async function take(transaction: Transaction, context: Context, act: Act): Promise<void> {
    const bids = await listBids(transaction, { roundId: act.round.id });
    switch (act.action) {
      case 'finish_opening':
        return finishOpening(transaction, bids);
      case 'draw':
        return draw(transaction, act.round, bids);
      case 'score':
        return score(transaction, act.round, bids);
      case 'publish':
        return publish(transaction, context, { ...act, bids });
      case 'reread':
      case 'void':
        return release(transaction, context, act.round, bids);
      case 'decide':
        return decide(transaction, context, act.round, bids);
    }
  }

  /** Bids that nobody opened lapse; the others get the names under which they are read. */
  async function finishOpening(transaction: Transaction, bids: readonly BidRow[]): Promise<void> {
    for (const { id, state } of bids) {
      if (state === 'sealed') await updateRow(transaction, 'bid', id, { state: 'lapsed' });
    }
    const opened = bids.filter(({ state }) => state === 'opened');
    // By salts, which nobody knew: the order in which bids came in tells nothing.
    const sorted = opened.toSorted((a, b) => ((a.salt ?? '') < (b.salt ?? '') ? -1 : 1));
    for (const [place, { id }] of sorted.entries()) {
      await updateRow(transaction, 'bid', id, { alias: `B${place + 1}` });
    }
  }

  async function draw(transaction: Transaction, round: RoundRow, bids: readonly BidRow[]) {
    if (!bids.some(({ state }) => state === 'opened'))
      throw conflict(finding('missing_bids', 'error'));
    const file = taken(await fileOf(drawInputOf(parts, round, bids)));
    await seatAll(transaction, round, file);
  }

  /** Writes a draw down; who no longer sits stays on record as recused. */
  async function seatAll(transaction: Transaction, round: RoundRow, file: DrawFile): Promise<void> {
    await updateRow(transaction, 'round', round.id, { draw: jsonText(file) });
    const byCode = new Map((round.pool ?? []).map((each) => [each.candidate.code, each]));
    for (const { candidate } of file.seats) {
      const { expertId, signing } = byCode.get(candidate)!;
      await sql`
        insert into policy.opencall_seat (round_id, expert_id, candidate, state, signing)
        values (${round.id}, ${expertId}, ${candidate}, 'seated', ${signing})
        on conflict (round_id, expert_id) do nothing
      `.execute(transaction);
    }
    for (const { candidate, reason } of file.input.recusals) {
      await sql`
        update policy.opencall_seat set state = 'recused', reason = ${reason}
        where round_id = ${round.id} and candidate = ${candidate}
      `.execute(transaction);
    }
  }

  async function score(transaction: Transaction, round: RoundRow, bids: readonly BidRow[]) {
    const aliases = bids.flatMap(({ alias, state }) =>
      state === 'opened' && alias !== null ? [alias] : [],
    );
    const seats = await listSeats(transaction, { roundId: round.id });
    const sheets = countedSheets(seats, await listSheets(transaction, round.id), aliases);
    const passedOver = await weighAll(transaction, round, bids);
    const judged = judgeSheets(round, sheets, passedOver);
    const result = { placings: judged.placings, scores: judged.scores, tied: judged.tied };
    await updateRow(transaction, 'round', round.id, {
      result: jsonText(result),
      chosen: [...judged.chosen],
    });
  }

  /** Who is barred or had as much for the same already: read and ranked, and not chosen. */
  async function weighAll(
    transaction: Transaction,
    round: RoundRow,
    bids: readonly BidRow[],
  ): Promise<ReadonlySet<string>> {
    const passedOver = new Set<string>();
    for (const bid of bids.filter(({ state }) => state === 'opened')) {
      const { findings } = await weighBid(transaction, round, bid, todayOf(parts));
      const others = bid.findings.filter(({ code }) => !WEIGHED_CODES.has(code));
      await updateRow(transaction, 'bid', bid.id, {
        findings: jsonText([...others, ...findings]),
      });
      if (findings.length > 0 && bid.alias !== null) passedOver.add(bid.alias);
    }
    return passedOver;
  }

  async function publish(
    transaction: Transaction,
    context: Context,
    { round, chosen, bids }: Act & { readonly bids: readonly BidRow[] },
  ): Promise<void> {
    const names = chosen ?? round.chosen;
    if (chosen !== undefined) refuseChoice(round, chosen);
    await updateRow(transaction, 'round', round.id, { chosen: [...names] });
    for (const bid of bids.filter(({ alias }) => alias !== null && names.includes(alias))) {
      const { fen, findings, receipt } = await weighBid(transaction, round, bid, todayOf(parts));
      if (findings.length > 0) throw conflict(...findings);
      const award = receipt === null ? null : jsonText(receipt);
      await updateRow(transaction, 'bid', bid.id, { grant_fen: fen, award_receipt: award });
      await money(transaction, context, { round, bidId: bid.id, move: 'reserve', fen });
    }
  }

  /** What was reserved for a notice goes back when the notice is taken back. */
  async function release(
    transaction: Transaction,
    context: Context,
    round: RoundRow,
    bids: readonly BidRow[],
  ): Promise<void> {
    if (round.state !== 'on_notice') return;
    for (const { id, grant_fen: fen } of bids) {
      if (fen === null) continue;
      await money(transaction, context, { round, bidId: id, move: 'release', fen });
      await updateRow(transaction, 'bid', id, { grant_fen: null, award_receipt: null });
    }
    await updateRow(transaction, 'round', round.id, { notice_until: null });
  }

  async function decide(
    transaction: Transaction,
    context: Context,
    round: RoundRow,
    bids: readonly BidRow[],
  ): Promise<void> {
    for (const bid of bids.filter(({ grant_fen: fen }) => fen !== null)) {
      const fen = bid.grant_fen!;
      await refuseMarkedBid(transaction, round, bid);
      await money(transaction, context, { round, bidId: bid.id, move: 'commit', fen });
      const contract = taken(writeContract(fen, bid.opened!.proposal.milestones));
      const id = newId();
      await sql`
        insert into policy.opencall_project
          (id, department_id, applicant_id, round_id, bid_id, year, state, grant_fen, milestones)
        values (${id}, ${round.department_id}, ${bid.bidder_id}, ${round.id}, ${bid.id},
          ${round.year}, 'running', ${fen}, ${jsonText(contract.milestones)})
      `.execute(transaction);
      for (const { code } of contract.milestones) {
        await sql`
          insert into policy.opencall_milestone (project_id, code, state)
          values (${id}, ${code}, 'open')
        `.execute(transaction);
      }
    }
  }

  async function money(
    transaction: Transaction,
    context: Context,
    given: {
      readonly round: RoundRow;
      readonly bidId: string;
      readonly move: LedgerMove;
      readonly fen: Fen;
    },
  ): Promise<void> {
    const { round, bidId, move, fen } = given;
    if (fen === 0n) return;
    const entry = { move, year: round.year, fen, claim: bidId };
    const note = {
      by: context.user,
      at: now(),
      note: round.entry.code,
      opencall: true,
    };
    await enterLedger(transaction, round.department_id, entry, note);
  }

  return { recordOf, poolOf, take, seatAll };
}

/** What a bid is passed over for, computed anew each time it is ranked. */
const WEIGHED_CODES: ReadonlySet<string> = new Set(['barred_claim', 'excluded_claim']);

/** A person may choose where figures are tied, and only among those that are. */
function refuseChoice(round: RoundRow, chosen: readonly string[]): void {
  const { awards, passPoints } = round.terms;
  const result = round.result as {
    tied?: boolean;
    placings: { alias: string; rank: number }[];
  } | null;
  const rankOf = new Map(result?.placings.map(({ alias, rank }) => [alias, rank]));
  const sorted = [...rankOf.values()].toSorted((a, b) => a - b);
  const last = sorted[awards - 1] ?? Number.POSITIVE_INFINITY;
  const fixed = [...round.chosen];
  const good =
    result?.tied === true &&
    chosen.length === Math.min(awards, rankOf.size) &&
    new Set(chosen).size === chosen.length &&
    fixed.every((alias) => chosen.includes(alias)) &&
    chosen.every((alias) => (rankOf.get(alias) ?? Number.POSITIVE_INFINITY) <= last);
  if (!good) throw invalid(finding('mismatched_choice', 'error', { facts: { passPoints } }));
}
