import { assert } from '@yinglian/core';

/**
 * Flow of least cost through a network of whole capacities, by successive cheapest paths. Costs
 * are whole numbers of any size, so that an order of preference can be written as powers of two
 * and the cheapest flow is the only one.
 */
export type FlowEdge = {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  readonly cost: bigint;
};

/** What flows, and when it is less than wanted, which nodes the source still reaches. */
export type FlowResult = {
  /** By the edges' places. */
  readonly flow: readonly number[];
  readonly amount: number;
  readonly cost: bigint;
  /** The source's side of a smallest cut; its outgoing edges are what holds the flow back. */
  readonly reached: ReadonlySet<number>;
};

type Arc = { readonly to: number; readonly cost: bigint; readonly back: number; left: number };

/** Sends up to `wanted` from `source` to `sink`, as cheaply as that amount can go. */
export function cheapestFlow(
  nodes: number,
  edges: readonly FlowEdge[],
  {
    source,
    sink,
    wanted,
  }: { readonly source: number; readonly sink: number; readonly wanted: number },
): FlowResult {
  const arcs: Arc[] = [];
  const leaving: number[][] = Array.from({ length: nodes }, () => []);
  for (const { from, to, capacity, cost } of edges) {
    assert(Number.isSafeInteger(capacity) && capacity >= 0, 'a capacity is whole');
    leaving[from]!.push(arcs.length);
    arcs.push({ to, cost, back: arcs.length + 1, left: capacity });
    leaving[to]!.push(arcs.length);
    arcs.push({ to: from, cost: -cost, back: arcs.length - 1, left: 0 });
  }
  let amount = 0;
  let cost = 0n;
  while (amount < wanted) {
    const path = cheapestPath({ nodes, arcs, leaving, source, sink });
    if (path === undefined) break;
    const units = Math.min(wanted - amount, ...path.map((arc) => arcs[arc]!.left));
    for (const place of path) {
      const arc = arcs[place]!;
      arc.left -= units;
      arcs[arc.back]!.left += units;
      cost += arc.cost * BigInt(units);
    }
    amount += units;
  }
  const flow = edges.map((edge, place) => edge.capacity - arcs[2 * place]!.left);
  return { flow, amount, cost, reached: reachedFrom(source, nodes, arcs, leaving) };
}

type Network = {
  readonly nodes: number;
  readonly arcs: readonly Arc[];
  readonly leaving: readonly (readonly number[])[];
  readonly source: number;
  readonly sink: number;
};

/** Bellman and Ford with a queue: residual arcs may cost less than nothing, circles never do. */
function cheapestPath({ nodes, arcs, leaving, source, sink }: Network): number[] | undefined {
  const distance = Array.from<bigint | undefined>({ length: nodes });
  const came = new Int32Array(nodes).fill(-1);
  const waiting = new Uint8Array(nodes);
  distance[source] = 0n;
  let queue = [source];
  while (queue.length > 0) {
    const next: number[] = [];
    for (const node of queue) {
      waiting[node] = 0;
      const here = distance[node]!;
      for (const place of leaving[node]!) {
        const arc = arcs[place]!;
        if (arc.left === 0) continue;
        const there = here + arc.cost;
        const known = distance[arc.to];
        if (known !== undefined && known <= there) continue;
        distance[arc.to] = there;
        came[arc.to] = place;
        if (waiting[arc.to] === 1) continue;
        waiting[arc.to] = 1;
        next.push(arc.to);
      }
    }
    queue = next;
  }
  if (distance[sink] === undefined) return undefined;
  const path: number[] = [];
  for (let node = sink; node !== source;) {
    const place = came[node]!;
    path.push(place);
    node = arcs[arcs[place]!.back]!.to;
  }
  return path;
}

function reachedFrom(
  source: number,
  nodes: number,
  arcs: readonly Arc[],
  leaving: readonly (readonly number[])[],
): ReadonlySet<number> {
  const seen = new Uint8Array(nodes);
  const reached = new Set([source]);
  seen[source] = 1;
  for (const node of reached) {
    for (const place of leaving[node]!) {
      const { to, left } = arcs[place]!;
      if (left === 0 || seen[to] === 1) continue;
      seen[to] = 1;
      reached.add(to);
    }
  }
  return reached;
}
