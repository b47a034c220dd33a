import { type Finding, finding, fromHex } from '@yinglian/core';
import {
  blindProposal,
  checkBid,
  checkReveal,
  checkSealed,
  checkWindow,
  type OpenedBid,
  openWithKey,
  openWithShares,
  readDocument,
  type SealedBid,
  sealedBidShape,
  type Share,
  verifyShare,
} from '@yinglian/opencall';
import { sql } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import type { Transaction } from '../../kernel/database/database.ts';
import { conflict, found, notAllowed, notFound } from '../../kernel/refusal.ts';
import { jsonText } from '../../kernel/write.ts';
import { type OpencallParts, sealing, seeHour, steadyOf, taken, valid } from './parts.ts';
import {
  type BidRow,
  type BidState,
  listBids,
  listRounds,
  type RoundRow,
  updateRow,
} from './store.ts';

const receiptOf = (bid: BidRow) => ({
  id: bid.id,
  commitment: bid.commitment,
  receivedAt: bid.received_at.toISOString(),
  state: bid.state,
  findings: bid.findings,
  alias: bid.alias,
});

/** What a bidder and the openers do: hand in, take back, reveal, open together. */
export function createBidService(parts: OpencallParts) {
  const { database, write, requireAccess, newId } = parts;

  const ownBid = async (
    transaction: Transaction | typeof database,
    roundId: string,
    bidderId: string,
  ) => (await listBids(transaction, { roundId, bidderId }))[0];

  return {
    async own(context: Context, roundId: string) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      return receiptOf(found(await ownBid(database, roundId, organisationId), { id: roundId }));
    },

    async handIn(context: Context, roundId: string, document: unknown) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      const sealed = valid(readDocument(sealedBidShape, document));
      await seeHour(parts, roundId);
      return write(context, async (work) => {
        const { transaction } = work;
        const round = await inWindow(transaction, roundId);
        const { openers, terms } = round;
        const wanted = {
          round: roundId,
          bidder: organisationId,
          openers,
          threshold: terms.threshold,
        };
        valid(checkSealed(sealed, wanted));
        const at = parts.now();
        await sql`
          insert into policy.opencall_bid
            (id, round_id, bidder_id, commitment, received_at, state, sealed)
          values (${newId()}, ${roundId}, ${organisationId}, ${sealed.commitment}, ${at}, 'sealed',
            ${jsonText(sealed)})
          on conflict (round_id, bidder_id) do update set commitment = excluded.commitment,
            received_at = excluded.received_at, state = 'sealed', sealed = excluded.sealed,
            version = opencall_bid.version + 1, updated_at = now()
        `.execute(transaction);
        const bid = (await ownBid(transaction, roundId, organisationId))!;
        work.audit({
          action: 'opencall.bid_sealed',
          subjectKind: 'opencall_bid',
          subjectId: bid.id,
          facts: { commitment: sealed.commitment },
        });
        return receiptOf(bid);
      });
    },

    async withdraw(context: Context, roundId: string) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      await seeHour(parts, roundId);
      return write(context, async (work) => {
        const { transaction } = work;
        const bid = found(await ownBid(transaction, roundId, organisationId), { id: roundId });
        await inWindow(transaction, roundId);
        if (bid.state !== 'sealed') throw conflict(finding('invalid_state', 'error'));
        // What was withdrawn is gone: nobody opens it, not even later.
        await updateRow(transaction, 'bid', bid.id, { state: 'withdrawn', sealed: null });
        work.audit({
          action: 'opencall.bid_withdrawn',
          subjectKind: 'opencall_bid',
          subjectId: bid.id,
          facts: { commitment: bid.commitment },
        });
        return receiptOf((await ownBid(transaction, roundId, organisationId))!);
      });
    },

    async reveal(context: Context, roundId: string, key: string) {
      const { organisationId } = await requireAccess(context, 'policy.apply');
      await seeHour(parts, roundId);
      return write(context, async (work) => {
        const { transaction } = work;
        const bid = found(await ownBid(transaction, roundId, organisationId), { id: roundId });
        const round = await inOpening(transaction, roundId);
        const sealed = sealedOf(bid);
        const opened = await openWithKey(sealing, sealed, fromHex(key));
        // A wrong key says nothing about the bid: its openers may still open it.
        if (!opened.ok && opened.findings[0]?.code === 'unopenable_bid') {
          throw conflict(...opened.findings);
        }
        await settle(transaction, { round, bid }, opened.ok ? opened.value : opened.findings);
        work.audit({
          action: 'opencall.bid_revealed',
          subjectKind: 'opencall_bid',
          subjectId: bid.id,
          facts: { opened: opened.ok },
        });
        return receiptOf((await ownBid(transaction, roundId, organisationId))!);
      });
    },

    async sealedBids(context: Context, roundId: string) {
      const { userId } = await requireAccess(context, 'signed_in');
      const round = await opening(database, roundId, false);
      requireOpener(round, userId);
      taken(await revealable(database, round));
      const bids = await listBids(database, { roundId });
      return {
        rows: bids.flatMap(({ id, sealed, state }) =>
          state === 'sealed' && sealed !== null ? [{ id, sealed }] : [],
        ),
      };
    },

    async handShare(context: Context, bidId: string, share: { index: number; bytes: string }) {
      const { userId } = await requireAccess(context, 'signed_in');
      const [asked] = await listBids(database, { ids: [bidId] });
      if (asked !== undefined) await seeHour(parts, asked.round_id);
      return write(context, async (work) => {
        const { transaction } = work;
        const known = found((await listBids(transaction, { ids: [bidId] }))[0], { id: bidId });
        const round = await opening(transaction, known.round_id, true);
        requireOpener(round, userId);
        taken(await revealable(transaction, round));
        const bid = (await listBids(transaction, { ids: [bidId] }))[0]!;
        const sealed = sealedOf(bid);
        if (sealed.shares[share.index - 1]?.opener !== userId) throw notAllowed();
        const given: Share = { index: share.index, bytes: fromHex(share.bytes) };
        valid(await verifyShare(sealing, sealed, given));
        await sql`
          insert into policy.opencall_share (bid_id, place, opener_id, bytes, at)
          values (${bidId}, ${share.index}, ${userId}, ${share.bytes}, ${parts.now()})
          on conflict (bid_id, place) do nothing
        `.execute(transaction);
        const shares = await sharesOf(transaction, bidId);
        if (shares.length >= sealed.threshold) {
          const opened = await openWithShares(sealing, sealed, shares);
          await settle(transaction, { round, bid }, opened.ok ? opened.value : opened.findings);
        }
        work.audit({
          action: 'opencall.share_given',
          subjectKind: 'opencall_bid',
          subjectId: bidId,
          facts: { place: share.index },
        });
        const [now] = await listBids(transaction, { ids: [bidId] });
        return { state: now!.state, shares: now!.shares };
      });
    },
  };

  async function opening(transaction: Transaction | typeof database, id: string, lock: boolean) {
    return found((await listRounds(transaction, { ids: [id], lock }))[0], { id });
  }

  async function inWindow(transaction: Transaction, id: string): Promise<RoundRow> {
    const round = await opening(transaction, id, true);
    if (round.state === 'draft') throw notFound({ id });
    const now = await steadyOf(parts, transaction, round);
    taken(
      checkWindow({
        state: round.state,
        now,
        opensAt: round.opens_at.getTime(),
        closesAt: round.closes_at.getTime(),
      }),
    );
    return round;
  }

  async function inOpening(transaction: Transaction, id: string): Promise<RoundRow> {
    const round = await opening(transaction, id, true);
    taken(await revealable(transaction, round));
    return round;
  }

  async function revealable(transaction: Transaction | typeof database, round: RoundRow) {
    const now = await steadyOf(parts, transaction, round);
    return checkReveal({
      state: round.state,
      now,
      closesAt: round.closes_at.getTime(),
      revealUntil: round.reveal_until.getTime(),
    });
  }

  async function sharesOf(transaction: Transaction, bidId: string): Promise<Share[]> {
    const result = await sql<{ place: number; bytes: string }>`
      select place, bytes from policy.opencall_share where bid_id = ${bidId} order by place
    `.execute(transaction);
    return result.rows.map(({ place, bytes }) => ({ index: place, bytes: fromHex(bytes) }));
  }
}

function requireOpener(round: RoundRow, userId: string | null): void {
  if (!round.openers.some(({ id }) => id === userId)) throw notAllowed({ role: 'opener' });
}

function sealedOf(bid: BidRow): SealedBid {
  if (bid.state !== 'sealed' || bid.sealed === null) {
    throw conflict(finding('invalid_state', 'error'));
  }
  return bid.sealed;
}

/** Writes down what an opening came to: a bid that counts, one that does not, or none. */
async function settle(
  transaction: Transaction,
  { round, bid }: { readonly round: RoundRow; readonly bid: BidRow },
  result: OpenedBid | readonly Finding[],
): Promise<void> {
  if (!('bid' in result)) {
    const columns = { state: 'unopenable', findings: jsonText(result) };
    await updateRow(transaction, 'bid', bid.id, columns);
    return;
  }
  const { indicators, due, budgetFen } = round.entry;
  const { excludedMax, checkpoint = null } = round.terms;
  const terms = { indicators, due, budgetFen, excludedMax, checkpoint };
  const wrong = checkBid(result.bid, terms);
  const blind = blindProposal(result.bid);
  const state: BidState = wrong.length > 0 ? 'refused' : 'opened';
  await updateRow(transaction, 'bid', bid.id, {
    state,
    opened: jsonText(result.bid),
    salt: result.salt,
    blind: jsonText(blind.proposal),
    findings: jsonText([...wrong, ...blind.findings]),
  });
}
