import { assert, type Fen, sumFen } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import type { Profile } from '../theatrical/plan.ts';
import { roundParts } from '../theatrical/rounding.ts';
import { spreadTotals } from '../theatrical/totals.ts';
import type { SqlPlan } from './compile.ts';

/** One row of a plan's query: a line, with the parts that the engine worked out. */
export type PlanRow = {
  readonly profile: number;
  readonly baseFen: Fen;
  readonly admissions: bigint;
  readonly parts: readonly Fen[];
};

/** Where a line is: needed where totals are rounded, by party, cinema and circuit. */
export type PlanLine = PlanRow & {
  readonly filmCode: string;
  readonly cinemaCode: string;
  readonly circuit?: string | undefined;
  readonly equipment?: string | undefined;
  readonly hall?: string | undefined;
};

/**
 * The parts of one row in the order of its profile's terminals, whoever rounds it. Terms that round
 * on totals need all rows of the film: {@link partsOfRows}.
 */
export function partsOfRow(plan: SqlPlan, row: PlanRow): readonly Fen[] {
  assert(plan.rounding.place !== 'total', 'totals are rounded over all lines');
  const profile = profileOf(plan, row);
  if (plan.interpreted.has(row.profile))
    return roundParts(profile, row.baseFen, row.admissions, plan.rounding).fen;
  const fen = row.parts.slice(0, profile.terminals.length);
  const { tailParty } = plan.rounding;
  const taker = profile.terminals.findIndex((each) => each.party === tailParty);
  if (taker === -1) return fen;
  // The tails of the rows add up to the tail of their sums.
  const tail = row.baseFen - sumFen(fen);
  return fen.map((part, i) => (i === taker ? part + tail : part));
}

/** The parts of all rows of a plan's query, in the order of the rows, whatever the rounding. */
export function partsOfRows(plan: SqlPlan, rows: readonly PlanLine[]): (readonly Fen[])[] {
  if (plan.rounding.place !== 'total') return rows.map((row) => partsOfRow(plan, row));
  const ordered = rows
    .map((row, index) => ({ row, index, id: lineId(plan, row) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const parts: (readonly Fen[])[] = rows.map(() => []);
  const byTerms = new Map<TheatricalTerms, typeof ordered>();
  for (const each of ordered) {
    const terms = plan.termsOf.get(each.row.profile)!;
    byTerms.set(terms, [...(byTerms.get(terms) ?? []), each]);
  }
  for (const [terms, group] of byTerms) {
    const roles = new Map(terms.parties.map((each) => [each.id, each.role]));
    const fen = spreadTotals(
      group.map(({ row }) => {
        const profile = profileOf(plan, row);
        const holders = profile.terminals.map(({ party }) => {
          const role = roles.get(party);
          if (role === 'cinema') return row.cinemaCode;
          return role === 'circuit' ? row.circuit : undefined;
        });
        return { profile, baseFen: row.baseFen, admissions: row.admissions, holders };
      }),
      plan.rounding.mode,
    );
    for (const [i, { index }] of group.entries()) parts[index] = fen[i]!;
  }
  return parts;
}

function profileOf(plan: SqlPlan, row: PlanRow): Profile {
  const profile = plan.profiles.get(row.profile);
  assert(profile !== undefined, 'a row names a profile of its plan');
  return profile;
}

/** The id that the interpreter gives the same line; ties of totals go by it. */
function lineId(plan: SqlPlan, row: PlanLine): string {
  const profile = profileOf(plan, row);
  const hall = profile.byHall ? (row.hall ?? '') : '';
  return `${row.filmCode}/${row.cinemaCode}/${row.equipment ?? ''}/${hall}/${profile.key}`;
}
