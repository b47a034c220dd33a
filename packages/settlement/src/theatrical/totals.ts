import { divideRounded, type Fen, type Ratio, type Rounding } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import { leastCommonMultiple, type Profile } from './plan.ts';
import type { Resolver } from './resolver.ts';
import {
  type LinePart,
  type PartyTotal,
  type Receivable,
  ROUNDING_TAIL,
  type SettlementLine,
} from './lines.ts';

/**
 * Rounds each party's total of the period once and spreads it over the lines by largest remainder,
 * so that a column adds up to its total. A line's own parts may then differ from its base by fen,
 * which is shown as its tail.
 */
export function roundTotals(
  terms: TheatricalTerms,
  lines: readonly SettlementLine[],
  resolver: Pick<Resolver, 'profiles'>,
): SettlementLine[] {
  const fen = spreadTotals(
    lines.map((line) => ({
      profile: resolver.profiles.get(line.profile),
      baseFen: line.measures.baseFen,
      admissions: line.measures.admissions,
      holders: line.parts.map((part) => part.holder),
    })),
    terms.rounding.mode,
  );
  return lines.map((line, index) =>
    resolver.profiles.has(line.profile) ? withTail(line, fen[index]!) : line,
  );
}

/** What spreading needs of a line: its exact parts, and who takes each. */
export type SpreadLine = {
  readonly profile: Profile | undefined;
  readonly baseFen: Fen;
  readonly admissions: bigint;
  /** In the order of the profile's terminals. */
  readonly holders: readonly (string | undefined)[];
};

/** Parts of every line, each party's column rounded once; lines in the order of their ids. */
export function spreadTotals(lines: readonly SpreadLine[], mode: Rounding): Fen[][] {
  const columns = new Map<string, Cell[]>();
  for (const [index, { profile, baseFen, admissions, holders }] of lines.entries()) {
    for (const [i, terminal] of (profile?.terminals ?? []).entries()) {
      const exact = {
        numerator:
          baseFen * profile!.baseNumerators[i]! + admissions * profile!.ticketNumerators[i]!,
        denominator: profile!.denominator,
      };
      const key = `${terminal.party}/${holders[i] ?? ''}`;
      const column = columns.get(key) ?? [];
      column.push({ exact, line: index, part: i });
      columns.set(key, column);
    }
  }
  const fen = lines.map(({ profile }) => (profile?.terminals ?? []).map(() => 0n));
  for (const column of columns.values()) spreadColumn(column, fen, mode);
  return fen;
}

type Cell = { readonly exact: Ratio; readonly line: number; readonly part: number };

function spreadColumn(column: readonly Cell[], fen: Fen[][], mode: Rounding): void {
  let denominator = 1n;
  for (const { exact } of column) denominator = leastCommonMultiple(denominator, exact.denominator);
  let total = 0n;
  const cells = column.map((cell) => {
    const numerator = cell.exact.numerator * (denominator / cell.exact.denominator);
    total += numerator;
    const floor = divideRounded(numerator, denominator, 'floor');
    return { ...cell, floor, remainder: numerator - floor * denominator };
  });
  const rounded = divideRounded(total, denominator, mode);
  let rest = cells.reduce((left, cell) => left - cell.floor, rounded);
  cells.sort((a, b) =>
    a.remainder === b.remainder ? a.line - b.line : a.remainder > b.remainder ? -1 : 1,
  );
  for (const cell of cells) {
    const extra = rest > 0n ? 1n : 0n;
    fen[cell.line]![cell.part] = cell.floor + extra;
    rest -= extra;
  }
}

function withTail(line: SettlementLine, fen: readonly Fen[]): SettlementLine {
  // A tail of the line's own rounding stands behind the terminals; the column's takes its place.
  const own = line.parts.slice(0, fen.length);
  const parts: LinePart[] = own.map((part, i) => ({ ...part, fen: fen[i]! }));
  const tailFen = fen.reduce((left, part) => left - part, line.measures.baseFen);
  if (tailFen !== 0n) {
    parts.push({
      node: ROUNDING_TAIL,
      party: ROUNDING_TAIL,
      holder: undefined,
      clause: 'rounding',
      fen: tailFen,
    });
  }
  const byNode: Record<string, Fen> = {};
  for (const part of parts) byNode[part.node] = part.fen;
  return {
    ...line,
    parts,
    toDate: { ...line.toDate, measures: line.measures, parts: byNode },
    prior: undefined,
  };
}

/** Sums of lines that are added one by one. */
export type Totals = {
  add(line: SettlementLine): void;
  /** Every party's sum over the lines, in a fixed order. */
  parties(): PartyTotal[];
  /** The top-up to the settlement standard, by cinema and film; nothing without a debtor. */
  receivables(): Receivable[];
};

/** Totals of no lines yet. */
export function newTotals(terms: TheatricalTerms): Totals {
  const from = terms.base.topUpBy;
  const byParty = new Map<string, Map<string | undefined, { fen: Fen }>>();
  const topUps = new Map<string, { cinemaCode: string; filmCode: string; fen: Fen }>();
  const addPart = ({ party, holder, fen }: LinePart) => {
    let holders = byParty.get(party);
    if (holders === undefined) byParty.set(party, (holders = new Map()));
    const total = holders.get(holder);
    if (total === undefined) holders.set(holder, { fen });
    else total.fen += fen;
  };
  return {
    add(line) {
      for (const part of line.parts) addPart(part);
      if (from === undefined) return;
      const { cinemaCode, filmCode, measures } = line;
      const key = `${cinemaCode}/${filmCode}`;
      const sum = topUps.get(key) ?? { cinemaCode, filmCode, fen: 0n };
      sum.fen += measures.baseFen - measures.grossFen;
      topUps.set(key, sum);
    },
    parties: () =>
      [...byParty.keys()].sort().flatMap((party) => {
        const holders = byParty.get(party)!;
        return [...holders.keys()]
          .sort()
          .map((holder) => ({ party, holder, fen: holders.get(holder)!.fen }));
      }),
    receivables: () =>
      from === undefined
        ? []
        : [...topUps.values()].filter((sum) => sum.fen !== 0n).map((sum) => ({ from, ...sum })),
  };
}
