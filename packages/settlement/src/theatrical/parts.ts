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
  const roles = rolesOf(terms);
  const parts: LinePart[] = [];
  for (const taker of takers) parts.push(partOf(roles, site, taker, toDate, prior));
  if (ROUNDING_TAIL in toDate.parts || (prior !== undefined && ROUNDING_TAIL in prior.parts)) {
    parts.push(partOf(roles, site, TAIL_TAKER, toDate, prior));
  }
  return parts;
}

function partOf(
  roles: ReadonlyMap<string, string>,
  site: Site,
  taker: TakerRow,
  toDate: StatedLine,
  prior: StatedLine | undefined,
): LinePart {
  const { node, party, clause } = taker;
  const role = roles.get(party);
  const holder =
    role === 'cinema' ? site.cinemaCode : role === 'circuit' ? site.circuit : undefined;
  const now = toDate.parts[node] ?? 0n;
  return {
    node,
    party,
    holder,
    clause,
    fen: prior === undefined ? now : now - (prior.parts[node] ?? 0n),
  };
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
