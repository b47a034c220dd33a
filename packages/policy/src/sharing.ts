import type { Fen } from '@yinglian/core';
import { type Effort, packUnderCaps } from './packing.ts';

/** One ceiling over some claims. */
export type CapSet = { readonly members: ReadonlySet<number>; readonly limitFen: Fen };

/**
 * The most that claims can be paid together under ceilings, exact to the fen; among equal totals
 * the claim that comes first gets as much as it can, then the second, and so on.
 *
 * Ceilings that lie inside one another or apart (a laminar family: label, body, firm) form a
 * polymatroid, so filling in order is exact. Where two such families cross (per firm and year
 * against per project) it is a flow through both, whose optimum is whole. Three families that
 * cross have no such law and are packed by branch and bound; where that takes too long the answer
 * is `tangled`, to be said rather than guessed.
 */
export function shareUnderCaps(
  chosen: readonly number[],
  most: readonly Fen[],
  caps: readonly CapSet[],
  forced: number | undefined,
  effort: Effort,
): ReadonlyMap<number, Fen> | 'tangled' {
  const present = new Set(chosen);
  const inside = caps
    .map(({ members, limitFen }) => ({
      members: new Set([...members].filter((each) => present.has(each))),
      limitFen,
    }))
    .filter(({ members }) => members.size > 0);
  const families = familiesOf(inside);
  const share = (order: readonly number[], less: (family: readonly CapSet[]) => CapSet[]) =>
    families === undefined
      ? pack(order, most, less(inside), effort)
      : flowThrough(order, most, less(families[0]), less(families[1]));
  if (forced === undefined || !present.has(forced)) {
    if (families?.[1].length === 0) return fillInOrder(chosen, most, families[0]);
    return share(chosen, (family) => [...family]);
  }
  const rest = chosen.filter((each) => each !== forced);
  if (families?.[1].length === 0) return fillInOrder([forced, ...rest], most, families[0]);
  // The forced claim takes what it alone could; the rest shares what that leaves.
  const taken = fillInOrder([forced], most, inside).get(forced)!;
  const amounts = share(rest, (family) =>
    family.map(({ members, limitFen }) => ({
      members,
      limitFen: members.has(forced) ? limitFen - taken : limitFen,
    })),
  );
  return amounts === 'tangled' ? amounts : amounts.set(forced, taken);
}

function pack(
  order: readonly number[],
  most: readonly Fen[],
  caps: readonly CapSet[],
  effort: Effort,
): Map<number, Fen> | 'tangled' {
  const place = new Map(order.map((index, at) => [index, at]));
  const amounts = packUnderCaps(
    {
      most: order.map((index) => most[index]!),
      caps: caps.map(({ members, limitFen }) => ({
        members: [...members].flatMap((each) => place.get(each) ?? []),
        limitFen,
      })),
    },
    effort,
  );
  if (amounts === undefined) return 'tangled';
  return new Map(order.map((index, at) => [index, amounts[at]!]));
}

/** Parts the ceilings into two families within each of which none crosses another. */
function familiesOf(caps: readonly CapSet[]): [CapSet[], CapSet[]] | undefined {
  const colours = new Map<CapSet, 0 | 1>();
  for (const start of caps) {
    if (colours.has(start)) continue;
    colours.set(start, 0);
    const queue = [start];
    for (const cap of queue) {
      const own = colours.get(cap)!;
      for (const other of caps) {
        if (other === cap || !crosses(cap, other)) continue;
        const colour = colours.get(other);
        if (colour === own) return undefined;
        if (colour !== undefined) continue;
        colours.set(other, own === 0 ? 1 : 0);
        queue.push(other);
      }
    }
  }
  const first = caps.filter((cap) => colours.get(cap) === 0);
  return [first, caps.filter((cap) => colours.get(cap) === 1)];
}

function crosses(a: CapSet, b: CapSet): boolean {
  let common = 0;
  for (const each of a.members) if (b.members.has(each)) common += 1;
  return common > 0 && common < a.members.size && common < b.members.size;
}

function fillInOrder(
  order: readonly number[],
  most: readonly Fen[],
  caps: readonly CapSet[],
): Map<number, Fen> {
  const left = caps.map(({ limitFen }) => limitFen);
  const amounts = new Map<number, Fen>();
  for (const index of order) {
    let fen = most[index]!;
    for (const [at, { members }] of caps.entries()) {
      if (members.has(index) && left[at]! < fen) fen = left[at]!;
    }
    for (const [at, { members }] of caps.entries()) if (members.has(index)) left[at]! -= fen;
    amounts.set(index, fen);
  }
  return amounts;
}

/** An arc and its reverse stand beside each other: `at ^ 1`. */
type Arc = { readonly to: number; left: Fen };

class Network {
  readonly arcs: Arc[] = [];
  readonly from: number[][] = [];

  node(): number {
    this.from.push([]);
    return this.from.length - 1;
  }

  arc(from: number, to: number, fen: Fen): number {
    this.from[from]!.push(this.arcs.length);
    this.arcs.push({ to, left: fen });
    this.from[to]!.push(this.arcs.length);
    this.arcs.push({ to: from, left: 0n });
    return this.arcs.length - 2;
  }

  /** Pushes as much as one shortest path carries; zero when there is none. */
  push(from: number, to: number, closed: ReadonlySet<number>, limit?: Fen): Fen {
    const cameBy = new Map<number, number>([[from, -1]]);
    const queue = [from];
    for (const node of queue) {
      if (node === to) break;
      for (const at of this.from[node]!) {
        const { to: next, left } = this.arcs[at]!;
        if (left === 0n || cameBy.has(next) || closed.has(at)) continue;
        cameBy.set(next, at);
        queue.push(next);
      }
    }
    if (!cameBy.has(to)) return 0n;
    const path: number[] = [];
    for (let node = to; node !== from;) {
      const at = cameBy.get(node)!;
      path.push(at);
      node = this.arcs[at ^ 1]!.to;
    }
    let fen = limit ?? this.arcs[path[0]!]!.left;
    for (const at of path) if (this.arcs[at]!.left < fen) fen = this.arcs[at]!.left;
    for (const at of path) {
      this.arcs[at]!.left -= fen;
      this.arcs[at ^ 1]!.left += fen;
    }
    return fen;
  }
}

/** Source → first family → claims → second family → sink. */
function flowThrough(
  order: readonly number[],
  most: readonly Fen[],
  first: readonly CapSet[],
  second: readonly CapSet[],
): Map<number, Fen> {
  const network = new Network();
  const [source, sink] = [network.node(), network.node()];
  const before = tree(network, first, (cap, parent) => network.arc(parent, cap, 0n), source);
  const after = tree(network, second, (cap, parent) => network.arc(cap, parent, 0n), sink);
  const arcs = new Map(
    order.map((index) => [index, network.arc(before(index), after(index), most[index]!)]),
  );
  const none = new Set<number>();
  while (network.push(source, sink, none) > 0n);
  const closed = new Set<number>();
  // Without changing the total, the first claim takes what it can through a circle; then the next.
  for (const index of order) {
    const at = arcs.get(index)!;
    closed.add(at).add(at ^ 1);
    const arc = network.arcs[at]!;
    while (arc.left > 0n) {
      const fen = network.push(arc.to, network.arcs[at ^ 1]!.to, closed, arc.left);
      if (fen === 0n) break;
      arc.left -= fen;
      network.arcs[at ^ 1]!.left += fen;
    }
  }
  return new Map(order.map((index) => [index, network.arcs[arcs.get(index)! ^ 1]!.left]));
}

/** A node for each ceiling under the smallest one around it; tells a claim's innermost node. */
function tree(
  network: Network,
  family: readonly CapSet[],
  join: (cap: number, parent: number) => number,
  root: number,
): (index: number) => number {
  const sorted = family.toSorted((a, b) => b.members.size - a.members.size);
  const nodes: { cap: CapSet; node: number }[] = [];
  const around = (wanted: (cap: CapSet) => boolean): number =>
    nodes.findLast(({ cap }) => wanted(cap))?.node ?? root;
  for (const cap of sorted) {
    const node = network.node();
    const parent = around((other) => [...cap.members].every((each) => other.members.has(each)));
    network.arcs[join(node, parent)]!.left = cap.limitFen;
    nodes.push({ cap, node });
  }
  return (index) => around((cap) => cap.members.has(index));
}
