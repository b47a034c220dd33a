import {
  accepted,
  canonicalJson,
  encodeUtf8,
  type Finding,
  finding,
  type Outcome,
  refused,
  toHex,
} from '@yinglian/core';
import { z } from 'zod';
import { readDocument } from './documents.ts';
import { cheapestFlow, type FlowEdge } from './flow.ts';
import type { Sealing } from './sealing.ts';

const code = z.string().min(1).max(100);
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const places = z.number().int().min(0).max(1_000);

/** Everything a draw is computed from. Codes stand for persons and organisations. */
export const drawInputShape = z.object({
  round: code,
  /** SHA-256 of the network's seed, published before any bid came in. */
  commitment: hex,
  /** SHA-256 over the canonical JSON of `candidates`, published before the hour. */
  poolDigest: hex,
  /** What the network committed to, revealed with the draw. */
  seed: hex,
  /** The salts of the bids that were opened: nobody knew them all before the hour. */
  salts: z.array(hex).max(500),
  candidates: z
    .array(
      z.object({
        code,
        fields: z.array(z.string().min(1).max(60)).min(1).max(20),
        organisation: code,
        region: z.string().min(1).max(60),
        /** Panels that this expert can still take. */
        load: z.number().int().min(0).max(100),
      }),
    )
    .max(2_000),
  panels: z
    .array(
      z.object({
        code,
        /** Seats that only somebody of the field takes, and seats of any field (`*`). */
        seats: z.array(z.object({ field: z.string().min(1).max(60), count: places })).max(50),
      }),
    )
    .min(1)
    .max(100),
  /** Seats of one organisation, and of one region, in the whole draw. */
  organisationMax: places,
  regionMax: places.nullable(),
  /** Who may not sit where, with the codes of the reasons. */
  conflicts: z
    .array(z.object({ panel: code, candidate: code, reasons: z.array(code).max(50) }))
    .max(100_000),
  /** Those who stood down after the draw, in the order in which they did. */
  recusals: z.array(z.object({ panel: code, candidate: code, reason: code })).max(500),
});
/** What a draw is computed from. */
export type DrawInput = z.infer<typeof drawInputShape>;

/** Pairs and seats of one draw; beyond, computing it would take minutes and nobody draws so. */
export const PAIRS_MAX = 4_000;
/** Seats of one draw. */
export const SEATS_MAX = 300;

/** Any field takes a seat of this name. */
export const ANY_FIELD = '*';

/** One who sits. */
export type Seat = { readonly panel: string; readonly candidate: string; readonly field: string };

/** The draw, and each recusal with what it changed. */
export type DrawResult = {
  /** Everybody in the order the seed gave: candidates within panels, `panel/candidate`. */
  readonly order: readonly string[];
  readonly first: readonly Seat[];
  readonly replaced: readonly {
    readonly panel: string;
    readonly left: string;
    readonly came: readonly string[];
  }[];
  readonly seats: readonly Seat[];
};

/** The seed that decides: nobody's alone, because nobody knew all of its parts in time. */
export async function drawSeed(
  sealing: Pick<Sealing, 'sha256'>,
  given: Pick<DrawInput, 'round' | 'seed' | 'poolDigest' | 'salts'>,
): Promise<string> {
  const { round, seed, poolDigest } = given;
  const salts = given.salts.toSorted();
  const text = { schema: 'yinglian.opencall.seed/1', round, seed, poolDigest, salts };
  return toHex(await sealing.sha256(encodeUtf8(canonicalJson(text))));
}

/** What is published of a seed before it is used. */
export async function seedCommitment(
  sealing: Pick<Sealing, 'sha256'>,
  seed: string,
): Promise<string> {
  return toHex(await sealing.sha256(encodeUtf8(`yinglian.opencall.seed-commitment/1\n${seed}`)));
}

/** What is published of a pool before the hour; the order in which it is listed says nothing. */
export async function poolDigest(
  sealing: Pick<Sealing, 'sha256'>,
  candidates: DrawInput['candidates'],
): Promise<string> {
  const sorted = candidates.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  return toHex(await sealing.sha256(encodeUtf8(canonicalJson(sorted))));
}

/**
 * Draws. Each pair of panel and candidate has a place in a random order: that of SHA-256 over
 * seed and pair. Seats go to the flow of least cost, where a second seat of one person costs more
 * than any first, and otherwise the earlier in the order sits before the later. That flow is the
 * only cheapest one, so every program that computes it seats the same people.
 */
export async function drawExperts(
  sealing: Pick<Sealing, 'sha256'>,
  input: DrawInput,
): Promise<Outcome<DrawResult>> {
  const wrong = checkInput(input);
  if (wrong.length > 0) return refused(...wrong);
  const order = await drawOrder(sealing, input);
  const barred = new Set(input.conflicts.map((each) => pairOf(each.panel, each.candidate)));
  const first = seat(input, order, { barred, held: new Set() });
  if (!first.ok) return first;
  let seats = first.value;
  const replaced: DrawResult['replaced'][number][] = [];
  for (const { panel, candidate } of input.recusals) {
    const left = pairOf(panel, candidate);
    if (!seats.some((each) => pairOf(each.panel, each.candidate) === left)) {
      const facts = { panel, candidate };
      return refused(finding('foreign_recusal', 'error', { facts }));
    }
    barred.add(left);
    // Those who sit stay; the next of the same order comes in.
    const held = new Set(seats.map((each) => pairOf(each.panel, each.candidate)));
    held.delete(left);
    const again = seat(input, order, { barred, held });
    if (!again.ok) return again;
    const came = again.value
      .map((each) => pairOf(each.panel, each.candidate))
      .filter((pair) => !held.has(pair));
    replaced.push({ panel, left: candidate, came: came.map((pair) => pair.split('/')[1]!) });
    seats = again.value;
  }
  return accepted({ order, first: first.value, replaced, seats });
}

/** All pairs in the order that the seed gives. */
export async function drawOrder(
  sealing: Pick<Sealing, 'sha256'>,
  input: DrawInput,
): Promise<string[]> {
  const seed = await drawSeed(sealing, input);
  const keyed: { pair: string; key: string }[] = [];
  for (const { code: panel } of input.panels) {
    for (const { code: candidate } of input.candidates) {
      const pair = pairOf(panel, candidate);
      const key = toHex(await sealing.sha256(encodeUtf8(`${seed}\n${pair}`)));
      keyed.push({ pair, key });
    }
  }
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ pair }) => pair);
}

/** `/` divides the two, so that no code may hold it. */
function pairOf(panel: string, candidate: string): string {
  return `${panel}/${candidate}`;
}

function checkInput(input: DrawInput): Finding[] {
  const found: Finding[] = [];
  const add = (what: string, facts: Record<string, string>) =>
    void found.push(finding(what, 'error', { facts }));
  const pairs = input.candidates.length * input.panels.length;
  const seats = seatsOf(input);
  if (pairs > PAIRS_MAX || seats > SEATS_MAX) {
    add('excessive_draw', { pairs: String(pairs), seats: String(seats) });
  }
  const codes = [...input.candidates, ...input.panels].map((each) => each.code);
  for (const each of codes.filter((text) => text.includes('/')))
    add('invalid_draw_code', { code: each });
  const twice = (list: readonly { readonly code: string }[]) =>
    list.find(({ code: own }, at) => list.findIndex((each) => each.code === own) !== at);
  const double = twice(input.candidates) ?? twice(input.panels);
  if (double !== undefined) add('duplicate_draw_code', { code: double.code });
  const regions = new Map<string, string>();
  for (const { organisation, region } of input.candidates) {
    const known = regions.get(organisation) ?? region;
    // Limits of organisations lie within those of regions; otherwise no flow could hold both.
    if (known !== region) add('mismatched_region', { organisation, region, other: known });
    regions.set(organisation, known);
  }
  return found;
}

function seatsOf({ panels }: DrawInput): number {
  return panels.flatMap(({ seats }) => seats).reduce((sum, { count }) => sum + count, 0);
}

type Seating = {
  readonly barred: ReadonlySet<string>;
  /** Pairs that sit already and stay. */
  readonly held: ReadonlySet<string>;
};

type Node = { readonly kind: string; readonly name: string };

/** source → seats of a field → pair → expert → organisation → region → sink. */
function seat(input: DrawInput, order: readonly string[], seating: Seating): Outcome<Seat[]> {
  const nodes: Node[] = [
    { kind: 'source', name: '' },
    { kind: 'sink', name: '' },
  ];
  const places = new Map<string, number>();
  const node = (kind: string, name: string): number => {
    const key = `${kind}\n${name}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, nodes.length);
    nodes.push({ kind, name });
    return nodes.length - 1;
  };
  const edges: FlowEdge[] = [];
  const edge = (from: number, to: number, capacity: number, cost = 0n) =>
    edges.push({ from, to, capacity, cost }) - 1;
  const rank = new Map(order.map((pair, place) => [pair, BigInt(place)]));
  const size = BigInt(order.length);
  const wanted = seatsOf(input);
  const pairEdges = new Map<number, Seat>();
  for (const { code: panel, seats } of input.panels) {
    for (const { field, count } of seats) {
      edge(0, node('seats', `${panel}/${field}`), count);
    }
    for (const candidate of input.candidates) {
      const pair = pairOf(panel, candidate.code);
      if (seating.barred.has(pair)) continue;
      for (const { field } of seats) {
        if (field !== ANY_FIELD && !candidate.fields.includes(field)) continue;
        const from = node('seats', `${panel}/${field}`);
        const place = edge(from, node('pair', pair), 1);
        pairEdges.set(place, { panel, candidate: candidate.code, field });
      }
      edge(node('pair', pair), node('expert', candidate.code), 1, costOf(pair));
    }
  }
  for (const each of input.candidates) {
    // Parallel edges: the second seat of one expert costs more than the first of anybody.
    for (let nth = 0; nth < Math.min(each.load, input.panels.length); nth++) {
      const cost = BigInt(nth) << (size + LOAD_SHIFT);
      edge(node('expert', each.code), node('organisation', each.organisation), 1, cost);
    }
  }
  const regionOf = new Map(input.candidates.map((each) => [each.organisation, each.region]));
  for (const [organisation, region] of regionOf) {
    edge(node('organisation', organisation), node('region', region), input.organisationMax);
  }
  for (const region of new Set(regionOf.values())) {
    edge(node('region', region), 1, input.regionMax ?? wanted);
  }
  const result = cheapestFlow(nodes.length, edges, { source: 0, sink: 1, wanted });
  if (result.amount < wanted) {
    return refused(...explain(nodes, edges, result.reached, wanted - result.amount));
  }
  const taken = [...pairEdges].flatMap(([place, each]) => (result.flow[place] === 1 ? [each] : []));
  const placed = (each: Seat) => rank.get(pairOf(each.panel, each.candidate))!;
  return accepted(taken.toSorted((a, b) => (placed(a) < placed(b) ? -1 : 1)));

  function costOf(pair: string): bigint {
    if (seating.held.has(pair)) return -(1n << (size + 2n * LOAD_SHIFT));
    // The earlier in the order, the greater the saving: 2^(n−1), 2^(n−2) … for the places 0, 1 …
    return -(1n << (size - 1n - rank.get(pair)!));
  }
}

/** Room for the seats of a draw, so that sums of smaller costs never reach a greater one. */
const LOAD_SHIFT = 20n;

/** What stands between the seats and enough people: the edges of a smallest cut. */
function explain(
  nodes: readonly Node[],
  edges: readonly FlowEdge[],
  reached: ReadonlySet<number>,
  short: number,
): Finding[] {
  const cut = edges.filter(
    ({ from, to, capacity }) => reached.has(from) && !reached.has(to) && capacity > 0,
  );
  const seats = [...reached].flatMap((each) =>
    nodes[each]!.kind === 'seats' ? [nodes[each]!.name] : [],
  );
  const limits = new Set<string>();
  for (const { from, to } of cut) {
    const source = nodes[from]!;
    const target = nodes[to]!;
    if (source.kind === 'organisation') limits.add(`organisation ${source.name}`);
    else if (source.kind === 'region') limits.add(`region ${source.name}`);
    else if (source.kind === 'expert') limits.add(`load ${source.name}`);
    else if (source.kind === 'pair') limits.add(`person ${source.name}`);
    else if (source.kind === 'seats') limits.add(`person ${target.name}`);
  }
  const facts = {
    short,
    seats: seats.toSorted(),
    limits: [...limits].toSorted().slice(0, LIMITS_SHOWN_MAX),
  };
  return [finding('infeasible_quota', 'error', { facts })];
}

/** Limits named in one finding. */
const LIMITS_SHOWN_MAX = 50;

/** A draw with its result, which anybody can compute again. */
export const drawFileShape = z.object({
  schema: z.literal('yinglian.opencall.draw/1'),
  input: drawInputShape,
  seats: z.array(z.object({ panel: code, candidate: code, field: z.string().max(60) })).max(10_000),
});
/** A draw as it is published. */
export type DrawFile = z.infer<typeof drawFileShape>;

/** Replays a published draw: seed, pool, order, seats and recusals. */
export async function verifyDraw(
  sealing: Pick<Sealing, 'sha256'>,
  file: unknown,
): Promise<Outcome<DrawResult>> {
  const read = readDocument(drawFileShape, file);
  if (!read.ok) return read;
  const { input, seats } = read.value;
  const found: Finding[] = [];
  if ((await seedCommitment(sealing, input.seed)) !== input.commitment) {
    found.push(finding('mismatched_seed', 'error'));
  }
  if ((await poolDigest(sealing, input.candidates)) !== input.poolDigest) {
    found.push(finding('mismatched_pool', 'error'));
  }
  const drawn = await drawExperts(sealing, input);
  if (!drawn.ok) return refused(...found, ...drawn.findings);
  const text = (list: readonly Seat[]) =>
    list
      .map((each) => pairOf(each.panel, each.candidate))
      .toSorted()
      .join('\n');
  if (text(drawn.value.seats) !== text(seats)) {
    found.push(finding('mismatched_seats', 'error'));
  }
  return found.length > 0 ? refused(...found) : accepted(drawn.value);
}
