import type { TheatricalTerms } from '../terms/theatrical.ts';
import type { Site } from './choose.ts';
import type { StatedLine } from './facts.ts';
import { type LinePart, ROUNDING_TAIL } from './lines.ts';

/** A node of the plan that gives to a party. */
export type TakerRow = { readonly node: string; readonly party: string; readonly clause: string };

const TAIL_TAKER: TakerRow = { node: ROUNDING_TAIL, party: ROUNDING_TAIL, clause: 'rounding' };

/** What every taker gets of a line: to date less what was stated before. */
export function partsOf(
  terms: TheatricalTerms,
  site: Site,
  takers: readonly TakerRow[],
  toDate: StatedLine,
  prior: StatedLine | undefined,
): LinePart[] {
  const holders = holdersOf(terms, takers);
  const parts: LinePart[] = [];
  for (let i = 0; i < takers.length; i++) {
    parts.push(partOf(holders[i], site, takers[i]!, toDate, prior));
  }
  if (ROUNDING_TAIL in toDate.parts || (prior !== undefined && ROUNDING_TAIL in prior.parts)) {
    parts.push(partOf(undefined, site, TAIL_TAKER, toDate, prior));
  }
  return parts;
}

function partOf(
  holds: Holds,
  site: Site,
  taker: TakerRow,
  toDate: StatedLine,
  prior: StatedLine | undefined,
): LinePart {
  const { node, party, clause } = taker;
  const holder = holds === undefined ? undefined : site[holds];
  const now = toDate.parts[node] ?? 0n;
  return {
    node,
    party,
    holder,
    clause,
    fen: prior === undefined ? now : now - (prior.parts[node] ?? 0n),
  };
}

/** What of the site stands for the party: its cinema, its circuit, or nothing. */
type Holds = 'cinemaCode' | 'circuit' | undefined;

const HOLDERS = new WeakMap<readonly TakerRow[], readonly Holds[]>();

/** Takers are those of a profile, which many lines share: worked out once for all of them. */
function holdersOf(terms: TheatricalTerms, takers: readonly TakerRow[]): readonly Holds[] {
  let holders = HOLDERS.get(takers);
  if (holders === undefined) {
    const roles = rolesOf(terms);
    holders = takers.map(({ party }) => {
      const role = roles.get(party);
      return role === 'cinema' ? 'cinemaCode' : role === 'circuit' ? 'circuit' : undefined;
    });
    HOLDERS.set(takers, holders);
  }
  return holders;
}

const ROLES = new WeakMap<TheatricalTerms, ReadonlyMap<string, string>>();

/** Party → role; terms do not change once they are parsed, so it is made once. */
function rolesOf(terms: TheatricalTerms): ReadonlyMap<string, string> {
  let roles = ROLES.get(terms);
  if (roles === undefined) {
    roles = new Map(terms.parties.map((each) => [each.id, each.role]));
    ROLES.set(terms, roles);
  }
  return roles;
}

/** Whether a party has a role. */
export function isRole(terms: TheatricalTerms, party: string, role: string): boolean {
  return rolesOf(terms).get(party) === role;
}
