import type { RoundingPolicy } from '../terms/common.ts';
import type { Profile } from '../theatrical/plan.ts';
import type { Dialect, PlanTable } from './dialect.ts';

/**
 * Profiles that are worked in the same width of integers. The join with the table of a chain picks
 * its lines, so that no line is worked twice.
 */
export type Chain = {
  readonly name: 'plain' | 'narrow' | 'wide';
  /** Integer type of the arithmetic. */
  readonly type: string;
  /** Parts may be below nothing or depend on admissions: quotients have to be floored. */
  readonly signed: boolean;
  /** profile, takers, denominator, base_1 … base_n, and ticket_1 … ticket_n where `signed`. */
  readonly table: PlanTable;
};

/** Bits left for base × numerator beyond the denominator: amounts up to 10^14 yuan. */
const AMOUNT_BITS = 56;
/** Bits by which a key of a taker may be longer than a remainder, for the order of the takers. */
export const ORDER_BITS = 6;

/**
 * Profiles whose numbers are below 2^30 are allocated in 64 bits, the others in the wide type. The
 * base is divided by the denominator first, so that no product exceeds 2^60.
 */
const NARROW_BITS = 30;

const bitLength = (value: bigint) => (value < 0n ? -value : value).toString(2).length;

function bits({ denominator, baseNumerators, ticketNumerators }: Profile): number {
  const numerators = [...baseNumerators, ...ticketNumerators];
  return Math.max(bitLength(denominator), ...numerators.map(bitLength));
}

/** Profiles of which the engine only sums the lines, because it cannot round their parts. */
export function interpretedProfiles(
  policy: RoundingPolicy,
  profiles: ReadonlyMap<number, Profile>,
  dialect: Dialect,
): Set<number> {
  const all = sumsOnly(policy);
  return new Set(
    [...profiles]
      .filter(([, each]) => all || bits(each) + ORDER_BITS + AMOUNT_BITS > dialect.wideBits)
      .map(([id]) => id),
  );
}

function sumsOnly({ place, method, tailParty }: RoundingPolicy): boolean {
  if (place === 'row') return false;
  return place === 'total' || method === 'stepwise' || tailParty !== undefined;
}

/** What the numerators of profiles are laid out for. */
export type ChainOptions = {
  readonly width: number;
  readonly dialect: Dialect;
  readonly policy: RoundingPolicy;
};

/** The chains that have profiles, the cheapest first. */
export function chainsOf(
  profiles: ReadonlyMap<number, Profile>,
  interpreted: ReadonlySet<number>,
  options: ChainOptions,
): Chain[] {
  const { policy } = options;
  // Rounding each part by itself is done once, in the wide type; the keys of the greatest weight
  // add an offset that 64 bits do not hold.
  const wideOnly = policy.method !== 'allocation' || policy.tail === 'largest_weight';
  const members: Record<Chain['name'], Map<number, Profile | undefined>> = {
    plain: new Map(),
    narrow: new Map(),
    wide: new Map(),
  };
  for (const [id, profile] of profiles) {
    if (interpreted.has(id)) members[wideOnly ? 'wide' : 'plain'].set(id, undefined);
    else members[wideOnly ? 'wide' : chainName(profile)].set(id, profile);
  }
  const names = (['plain', 'narrow', 'wide'] as const).filter((name) => members[name].size > 0);
  if (names.length === 0) names.push(wideOnly ? 'wide' : 'plain');
  return names.map((name) => makeChain(name, members[name], options));
}

function makeChain(name: Chain['name'], held: Members, { width, dialect }: ChainOptions): Chain {
  const type = name === 'wide' ? dialect.wide : dialect.whole;
  const signed = name !== 'plain';
  const table = numeratorTable(name, held, { width, type, signed, whole: dialect.whole });
  return { name, type, signed, table };
}

type Members = ReadonlyMap<number, Profile | undefined>;

function chainName(profile: Profile): Chain['name'] {
  if (bits(profile) > NARROW_BITS) return 'wide';
  const signed = profile.perTicket || profile.baseNumerators.some((each) => each < 0n);
  return signed ? 'narrow' : 'plain';
}

function numeratorTable(
  name: Chain['name'],
  held: Members,
  { width, type, signed, whole }: { width: number; type: string; signed: boolean; whole: string },
): PlanTable {
  const column = (made: string) => ({ name: made, type });
  return {
    name: `settle_${name}`,
    columns: [
      { name: 'profile', type: whole },
      column('takers'),
      column('denominator'),
      ...columnsOf(width, (i) => column(`base_${i + 1}`)),
      ...(signed ? columnsOf(width, (i) => column(`ticket_${i + 1}`)) : []),
    ],
    // What only the interpreter rounds has no takers here: its lines are summed, its parts are 0.
    rows: [...held].map(([id, profile]) => [
      BigInt(id),
      BigInt(profile?.terminals.length ?? 0),
      profile?.denominator ?? 1n,
      ...columnsOf(width, (i) => profile?.baseNumerators[i] ?? 0n),
      ...(signed ? columnsOf(width, (i) => profile?.ticketNumerators[i] ?? 0n) : []),
    ]),
  };
}

/** One item for each column of a width, from index 0. */
export function columnsOf<Item>(width: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: width }, (_, i) => make(i));
}
