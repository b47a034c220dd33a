import type {
  opencallCatalogueSchema,
  opencallEntrySchema,
  opencallRoundSchema,
} from '@yinglian/contract';
import type { CatalogueEntry } from '@yinglian/opencall';
import type { z } from 'zod';
import { measureOf } from './awards.ts';
import type { BidRow, CatalogueRow, RoundRow } from './store.ts';

type RoundView = z.input<typeof opencallRoundSchema>;
type EntryView = z.input<typeof opencallEntrySchema>;

export function entryView(entry: CatalogueEntry): EntryView {
  return { ...entry };
}

/** What everybody may read: the newest edition, and before the first one what is on notice. */
export function catalogueView(row: CatalogueRow): z.input<typeof opencallCatalogueSchema> {
  const shown = row.state === 'on_notice' ? row.entries : (row.published ?? []);
  return {
    id: row.id,
    version: row.version,
    departmentId: row.department_id,
    department: row.department,
    year: row.year,
    title: row.title,
    state: row.state,
    edition: row.edition,
    noticeFrom: row.notice_from,
    noticeUntil: row.notice_until,
    entries: shown.map(entryView),
  };
}

/** The measure that awards are paid under, with the bars that the call names. */
function measureShown(row: RoundRow) {
  const { historyRules, ...measure } = measureOf(row);
  return { ...measure, historyRules: historyRules as RoundView['historyRules'] };
}

/** From here on everybody may know who came where. */
const TOLD = new Set(['on_notice', 'decided']);

/**
 * What everybody may read of a round. Before the hour nothing tells whether there is any bid; who
 * bid is told only with the result.
 */
export function roundView(
  row: RoundRow,
  bids: readonly BidRow[],
  struck: boolean,
): RoundView {
  const { terms, result } = row;
  const byAlias = new Map(bids.map((each) => [each.alias, each]));
  return {
    id: row.id,
    version: row.version,
    title: row.entry.title,
    departmentId: row.department_id,
    department: row.department,
    catalogueId: row.catalogue_id,
    entry: entryView(row.entry),
    state: row.state,
    opensAt: row.opens_at.toISOString(),
    closesAt: row.closes_at.toISOString(),
    revealUntil: row.reveal_until.toISOString(),
    threshold: terms.threshold,
    openers: [...row.openers],
    rubric: terms.rubric,
    view: terms.view,
    awards: terms.awards,
    ...measureShown(row),
    checkpoint: terms.checkpoint ?? null,
    passPoints: terms.passPoints,
    excludedMax: terms.excludedMax,
    seedCommitment: row.seed_commitment,
    poolDigest: row.pool_digest,
    noticeFrom: row.notice_from,
    noticeUntil: row.notice_until,
    received:
      struck && row.state !== 'draft'
        ? bids
            .filter(({ state }) => state !== 'withdrawn')
            .map(({ commitment, received_at: at }) => ({ commitment, at: at.toISOString() }))
        : null,
    result:
      result !== null && TOLD.has(row.state)
        ? result.placings.map(({ alias, rank, points }) => ({
            bidder: byAlias.get(alias)?.bidder ?? '',
            rank,
            points,
            chosen: row.chosen.includes(alias),
            grantFen: byAlias.get(alias)?.grant_fen?.toString() ?? null,
          }))
        : null,
  };
}
