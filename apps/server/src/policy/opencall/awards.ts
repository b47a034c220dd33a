import { type Fen, type Finding, finding } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  historyBars,
  type HistoryRule,
  makeReceipt,
  objectKey,
  openBook,
  type Receipt,
  stackClaims,
  type StackingInput,
  stackReadings,
} from '@yinglian/policy';
import type { Queryable } from '../../kernel/database/database.ts';
import { conflict, found } from '../../kernel/refusal.ts';
import { applicantGroup } from '../control.ts';
import { benefitOf, instrumentOf } from '../instruments/store.ts';
import { awardsOf } from '../proposal.ts';
import { listMarks, listPast, readDecisions } from '../repository.ts';
import type { BidRow, RoundRow } from './store.ts';
import { taken } from './parts.ts';

/** The measure that open calls are made under where a round names no other. */
const INSTRUMENT_FIRST = 'hunan-2023-55';
const ITEM_FIRST = 'M2.2';

/** A round as far as its awards are weighed. */
type Awarding = Pick<RoundRow, 'entry' | 'terms' | 'year'>;
type Bidding = Pick<BidRow, 'id' | 'bidder_id' | 'opened' | 'received_at'>;

/** The item that the awards of a round are paid under, and the bars that its call names. */
export function measureOf({ terms }: Pick<RoundRow, 'terms'>) {
  return {
    instrument: terms.instrument ?? INSTRUMENT_FIRST,
    item: terms.item ?? ITEM_FIRST,
    historyRules: terms.historyRules ?? [],
  };
}

/** What may be awarded to a bid, what stands against it, and the receipt of the weighing. */
export type WeighedBid = {
  readonly fen: Fen;
  readonly findings: readonly Finding[];
  readonly receipt: Receipt | null;
};

/** Cool-downs and marks of the round, then not both, the higher wins, as for any other claim. */
export async function weighBid(
  database: Queryable,
  round: Awarding,
  bid: Bidding,
  today: string,
): Promise<WeighedBid> {
  const { instrument: code, item, historyRules } = measureOf(round);
  const group = await applicantGroup(database, bid.bidder_id);
  const barred = await barsOfBid(database, round, bid, historyRules);
  const requested = BigInt(bid.opened?.proposal.requestedFen ?? '0');
  if (barred.length > 0) return { fen: 0n, findings: barred, receipt: null };
  // What a bidder pays for itself needs no money of the budget.
  if (requested === 0n) return { fen: 0n, findings: [], receipt: null };
  const instrument = await instrumentOf(database, code);
  const decisions = await readDecisions(database, code);
  const rule = found(
    instrument.rules.findLast((each) => each.item === item),
    { item },
  );
  const asked = { id: bid.id, instrument: code, item, opencall: true };
  const awards = await awardsOf(database, asked, group);
  const input: StackingInput = {
    claims: [
      {
        id: bid.id,
        instrument: code,
        jurisdiction: instrument.jurisdiction,
        own: true,
        item,
        kinds: rule.sameKind === null ? [] : [rule.sameKind],
        objects: objectsOf(round, bid),
        costs: [],
        appliedOn: bid.received_at.toISOString().slice(0, 10),
        amountFen: String(requested),
        caps: [],
      },
    ],
    paid: awards.map(({ payment }) => payment),
    remaining: {},
    readings: stackReadings(openBook(instrument, { eventDate: today, knownOn: today, decisions })),
  };
  const stacked = taken(
    stackClaims(
      input.claims.map((each) => ({ ...each, amountFen: BigInt(each.amountFen) })),
      {
        paid: input.paid.map((each) => ({ ...each, paidFen: BigInt(each.paidFen) })),
        remaining: {},
        readings: input.readings,
      },
    ),
  );
  const fen = stacked.chosen.find(({ id }) => id === bid.id)?.fen ?? 0n;
  const receipt = makeReceipt(nodeCryptography, 'stacking', input);
  if (fen > 0n) return { fen, findings: [], receipt };
  const { reason = 'nothing_due', against = [] } = stacked.excluded[0] ?? {};
  const facts = { reason, against: [...against] };
  return { fen, findings: [finding('excluded_claim', 'error', { facts })], receipt };
}

/** A mark that was set after the bid came in stops decision and payment as well. */
export async function refuseMarkedBid(
  database: Queryable,
  round: Awarding,
  bid: Pick<Bidding, 'id' | 'bidder_id' | 'opened'>,
): Promise<void> {
  const marks = measureOf(round).historyRules.filter(({ bar }) => bar === 'mark');
  const barred = await barsOfBid(database, round, bid, marks);
  if (barred.length > 0) throw conflict(...barred);
}

async function barsOfBid(
  database: Queryable,
  round: Awarding,
  bid: Pick<Bidding, 'id' | 'bidder_id' | 'opened'>,
  rules: readonly HistoryRule[],
): Promise<readonly Finding[]> {
  if (rules.length === 0) return [];
  const { instrument: code, item } = measureOf(round);
  const group = await applicantGroup(database, bid.bidder_id);
  const instrument = await instrumentOf(database, code);
  return historyBars(rules, {
    year: round.year,
    item,
    object: objectsOf(round, bid)[0]!,
    benefit: benefitOf(instrument, item),
    projectType: item,
    past: await listPast(database, bid, group),
    marks: await listMarks(database, group),
  });
}

/** What a bid is for: its task, and what the bidder calls the project. */
function objectsOf({ entry }: Awarding, { opened }: Pick<Bidding, 'opened'>): string[] {
  const title = opened?.proposal.title;
  return [...new Set([entry.title, ...(title === undefined ? [] : [title])].map(objectKey))];
}
