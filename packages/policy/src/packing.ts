import type { Fen } from '@yinglian/core';

/**
 * Ceilings that cross in three ways or more have no law of flows, so they are solved as what they
 * are: a packing problem in whole fen. Branch and bound over an exact simplex, whose tableau holds
 * integers over one common denominator; no float takes part. The objective has the total first and
 * then the amounts in order of priority, so that the answer is the only one.
 */
export type Packing = {
  /** The most of each claim, in order of priority. */
  readonly most: readonly Fen[];
  readonly caps: readonly { readonly members: readonly number[]; readonly limitFen: Fen }[];
};

/** What is left to do before a problem is given up; shared by the problems of one question. */
export type Effort = { cells: number };

/** Cells of tableaus that one question may cost: some seconds. */
export const PACKING_CELLS_MAX = 4_000_000;

type Bounds = { readonly least: readonly Fen[]; readonly most: readonly Fen[] };
type Tableau = {
  /** Rows of constraints and, last, of the objective; the last column is the right side. */
  readonly cells: bigint[][];
  /** Which variable a row stands for, and which a column: claims first, then slacks. */
  readonly rows: number[];
  readonly columns: number[];
  denominator: bigint;
};

/** The amounts, or undefined when the effort does not suffice: to be said, not guessed. */
export function packUnderCaps(packing: Packing, effort: Effort): Fen[] | undefined {
  const worth = worthOf(packing.most);
  let best: { amounts: Fen[]; worth: bigint } | undefined;
  const open: Bounds[] = [{ least: packing.most.map(() => 0n), most: packing.most }];
  for (let bounds = open.pop(); bounds !== undefined; bounds = open.pop()) {
    const solved = relaxed(packing, bounds, worth, effort);
    if (solved === 'exhausted') return undefined;
    if (solved === 'empty') continue;
    const { amounts, denominator } = solved;
    let value = 0n;
    for (const [index, amount] of amounts.entries()) value += amount * worth[index]!;
    if (best !== undefined && value <= best.worth * denominator) continue;
    const broken = amounts.findIndex((amount) => amount % denominator !== 0n);
    if (broken === -1) {
      best = { amounts: amounts.map((amount) => amount / denominator), worth: value / denominator };
      continue;
    }
    const floor = amounts[broken]! / denominator;
    open.push({ ...bounds, most: bounds.most.with(broken, floor) });
    open.push({ ...bounds, least: bounds.least.with(broken, floor + 1n) });
  }
  return best?.amounts;
}

/** One fen of each claim: all count alike for the total, then the first before all others. */
function worthOf(most: readonly Fen[]): bigint[] {
  const base = most.reduce((sum, each) => sum + each, 1n);
  const powers = [1n];
  for (let index = 0; index < most.length; index += 1) powers.push(powers.at(-1)! * base);
  const whole = powers.at(-1)!;
  return most.map((_, index) => whole + powers[most.length - 1 - index]!);
}

type Relaxed = { readonly amounts: bigint[]; readonly denominator: bigint };

/** The same without whole fen: the vertex that the simplex ends in. */
function relaxed(
  { caps }: Packing,
  bounds: Bounds,
  worth: readonly bigint[],
  effort: Effort,
): Relaxed | 'empty' | 'exhausted' {
  const { least, most } = bounds;
  const rooms = caps.map(({ members, limitFen }) =>
    members.reduce((left, index) => left - least[index]!, limitFen),
  );
  if (rooms.some((room) => room < 0n)) return 'empty';
  if (most.some((each, index) => each < least[index]!)) return 'empty';
  const count = most.length;
  const line = (members: readonly number[], right: bigint): bigint[] => {
    const cells = Array.from({ length: count + 1 }, () => 0n);
    for (const index of members) cells[index] = 1n;
    cells[count] = right;
    return cells;
  };
  const cells = [
    ...most.map((each, index) => line([index], each - least[index]!)),
    ...caps.map(({ members }, at) => line(members, rooms[at]!)),
  ];
  const rows = cells.map((_, index) => count + index);
  cells.push([...worth.map((each) => -each), 0n]);
  const tableau: Tableau = {
    cells,
    rows,
    columns: Array.from({ length: count }, (_, index) => index),
    denominator: 1n,
  };
  if (!climb(tableau, effort)) return 'exhausted';
  const { denominator } = tableau;
  const amounts = least.map((each) => each * denominator);
  for (const [at, variable] of tableau.rows.entries()) {
    if (variable < count) amounts[variable]! += tableau.cells[at]!.at(-1)!;
  }
  return { amounts, denominator };
}

/** Pivots by Bland's rule, which never walks in circles, until nothing improves. */
function climb(tableau: Tableau, effort: Effort): boolean {
  const { cells, rows, columns } = tableau;
  const right = columns.length;
  for (;;) {
    const objective = cells.at(-1)!;
    let column = -1;
    for (const [at, variable] of columns.entries()) {
      if (objective[at]! < 0n && (column === -1 || variable < columns[column]!)) column = at;
    }
    if (column === -1) return true;
    effort.cells -= cells.length * (right + 1);
    if (effort.cells < 0) return false;
    let row = -1;
    for (const [at, variable] of rows.entries()) {
      const slope = cells[at]![column]!;
      if (slope <= 0n) continue;
      if (row === -1) {
        row = at;
        continue;
      }
      const here = cells[at]![right]! * cells[row]![column]!;
      const there = cells[row]![right]! * slope;
      if (here < there || (here === there && variable < rows[row]!)) row = at;
    }
    pivot(tableau, row, column);
  }
}

/** Every claim has a ceiling of its own, so that some row always binds. */
function pivot(tableau: Tableau, row: number, column: number): void {
  const { cells, rows, columns, denominator } = tableau;
  const line = cells[row]!;
  const centre = line[column]!;
  for (const [at, other] of cells.entries()) {
    if (at === row) continue;
    const slope = other[column]!;
    for (const [index, cell] of other.entries()) {
      if (index !== column) other[index] = (cell * centre - slope * line[index]!) / denominator;
    }
    other[column] = -slope;
  }
  line[column] = denominator;
  [rows[row], columns[column]] = [columns[column]!, rows[row]!];
  tableau.denominator = centre;
}
