import { type Finding, formatRatio, parseRatio, toHex } from '@yinglian/core';
import {
  type DrawInput,
  drawExperts,
  estimateUncertainty,
  findConflicts,
  rankProposals,
  type Rating,
  scoreRatings,
  sheetPoints,
} from '@yinglian/opencall';
import type { OpencallParts } from './parts.ts';
import { sealing } from './parts.ts';
import type { BidRow, RoundRow, SeatRow, SheetRow } from './store.ts';

/** The one panel of a round: everybody on it reads every bid. */
export const PANEL = 'P';
/** What the seed of a round is sealed as. */
export const SEED_PURPOSE = 'opencall seed';

/** Which experts may not read, with what was found. */
export function conflictsOf(round: RoundRow, bids: readonly BidRow[]) {
  const { conflictYears: years } = round.terms;
  const terms = { formerEmployerYears: years, sharedWorkYears: years, fundingYears: years };
  const on = round.closes_at.toISOString().slice(0, 10);
  return (round.pool ?? [])
    .map((member) => {
      const findings: Finding[] = bids.flatMap(({ opened }) =>
        opened === null ? [] : findConflicts(member.profile, opened.identity, { on, terms }),
      );
      return { member, findings };
    })
    .filter(({ findings }) => findings.length > 0);
}

/** What the draw is computed from, once bids are open. */
export function drawInputOf(
  { vault }: Pick<OpencallParts, 'vault'>,
  round: RoundRow,
  bids: readonly BidRow[],
): DrawInput {
  const seed = toHex(vault.open(SEED_PURPOSE, round.seed_sealed));
  return {
    round: round.id,
    commitment: round.seed_commitment,
    poolDigest: round.pool_digest ?? '',
    seed,
    salts: bids.flatMap(({ salt }) => (salt === null ? [] : [salt])).toSorted(),
    candidates: (round.pool ?? []).map(({ candidate }) => candidate),
    panels: [{ code: PANEL, seats: round.terms.seats }],
    organisationMax: round.terms.organisationMax,
    regionMax: round.terms.regionMax,
    conflicts: conflictsOf(round, bids).map(({ member, findings }) => ({
      panel: PANEL,
      candidate: member.candidate.code,
      reasons: [...new Set(findings.map(({ code }) => code))],
    })),
    recusals: [],
  };
}

/** Computes a draw for its file. */
export async function fileOf(input: DrawInput) {
  const drawn = await drawExperts(sealing, input);
  if (!drawn.ok) return drawn;
  const file = {
    schema: 'yinglian.opencall.draw/1' as const,
    input,
    seats: [...drawn.value.seats],
  };
  return { ...drawn, value: file };
}

/** The sheets that count: of those who sit, on bids that are read. */
export function countedSheets(
  seats: readonly SeatRow[],
  sheets: readonly SheetRow[],
  aliases: readonly string[],
): SheetRow[] {
  const seated = new Set(
    seats.filter(({ state }) => state === 'seated').map((each) => each.expert_id),
  );
  return sheets.filter(({ expert_id, alias }) => seated.has(expert_id) && aliases.includes(alias));
}

/**
 * Every view of the sheets, how sure they are, and who is chosen by the view that decides.
 * `passedOver` are ranked and not chosen.
 */
export function judgeSheets(
  round: RoundRow,
  sheets: readonly SheetRow[],
  passedOver: ReadonlySet<string> = new Set(),
) {
  const { rubric, view, awards, passPoints } = round.terms;
  const ratings: Rating[] = sheets.map(({ sheet }) => ({
    reviewer: sheet.reviewer,
    proposal: sheet.proposal,
    points: sheetPoints(rubric, sheet.marks).points,
  }));
  const table = scoreRatings(ratings);
  const rule = { awards, passPoints: parseRatio(passPoints)! };
  const all = rankProposals(table.views[view], rule);
  const open = new Map([...table.views[view]].filter(([alias]) => !passedOver.has(alias)));
  const ranking = { ...rankProposals(open, rule), placings: all.placings };
  const exact = (points: { numerator: bigint; denominator: bigint } | null) =>
    points === null ? null : formatRatio(points);
  const views = Object.fromEntries(
    Object.entries(table.views).map(([name, scores]) => [
      name,
      Object.fromEntries([...scores].map(([alias, points]) => [alias, exact(points)])),
    ]),
  );
  return {
    placings: ranking.placings.map(({ proposal, rank, points }) => ({
      alias: proposal,
      rank,
      points: formatRatio(points),
    })),
    chosen: ranking.chosen,
    tied: ranking.findings.some(({ code }) => code === 'tied_decision'),
    scores: {
      views,
      decides: view,
      leniency: Object.fromEntries(
        [...table.leniency].map(([who, points]) => [who, exact(points)]),
      ),
      uncertainty: estimateUncertainty(ratings, round.seed_commitment),
      findings: [...table.findings, ...ranking.findings],
    },
  };
}
