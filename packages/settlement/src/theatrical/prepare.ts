import { type Fen, filmCodeKey, finding, type Finding } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import { settlementBase, soldFen } from './base.ts';
import type { Site } from './choose.ts';
import type { BoxOfficeFact, CinemaFacts, SettleContext } from './facts.ts';
import { isRole } from './parts.ts';
import { versionsOf } from './resolver.ts';

/** A row with its site, its base and its figures as the terms count them. */
export type PreparedFact = {
  readonly fact: BoxOfficeFact;
  readonly site: Site;
  readonly soldFen: Fen;
  readonly baseFen: Fen;
  readonly admissions: bigint;
};
/** Rows that cannot be settled, with the reason. */
export type Exceptions = { factId: string; finding: Finding }[];
/** The rows to settle, and those that cannot be. */
export type Prepared = { readonly rows: readonly PreparedFact[]; readonly exceptions: Exceptions };

/** Finds version, cinema and base of every row up to the end of the period. */
export function prepare(
  terms: TheatricalTerms,
  facts: readonly BoxOfficeFact[],
  context: SettleContext,
): Prepared {
  const versions = versionsOf(terms);
  const sites = new Map<string, Site>();
  const exceptions: Exceptions = [];
  const rows: PreparedFact[] = [];
  const excluded = new Set(terms.base.excludedTicketTypes);
  const needsCircuit = terms.splits.some((split) =>
    split.clauses.some((clause) =>
      clause.shares.some((share) => isRole(terms, share.to, 'circuit')),
    ),
  );
  for (const fact of facts) {
    if (fact.date > context.period.to) continue;
    if (fact.ticketType !== undefined && excluded.has(fact.ticketType)) continue;
    const version = versions.get(fact.filmCode) ?? versions.get(filmCodeKey(fact.filmCode));
    const cinema = context.register[fact.cinemaCode];
    const fault =
      version === undefined
        ? { code: 'unknown_film', facts: { filmCode: fact.filmCode } }
        : cinema === undefined
          ? { code: 'unknown_cinema', facts: { cinemaCode: fact.cinemaCode } }
          : needsCircuit && cinema.circuit === undefined
            ? { code: 'missing_circuit', facts: { cinemaCode: fact.cinemaCode } }
            : undefined;
    if (fault !== undefined) {
      const at = { fact: fact.id };
      exceptions.push({
        factId: fact.id,
        finding: finding(fault.code, 'error', { facts: fault.facts, at }),
      });
      continue;
    }
    const site = siteOf(fact, version!, cinema!, sites);
    rows.push({
      fact,
      site,
      soldFen: soldFen(terms, fact),
      baseFen: settlementBase(terms, fact, site, cinema!),
      admissions: BigInt(fact.admissions),
    });
  }
  return { rows, exceptions };
}

function siteOf(
  fact: BoxOfficeFact,
  version: string,
  cinema: CinemaFacts,
  sites: Map<string, Site>,
): Site {
  const { hall } = fact;
  const equipment =
    fact.equipment ??
    (hall === undefined ? undefined : cinema.hallEquipment?.[hall]) ??
    cinema.equipment;
  const key = `${fact.filmCode}|${fact.cinemaCode}|${hall ?? ''}|${equipment ?? ''}`;
  const known = sites.get(key);
  if (known !== undefined) return known;
  const site: Site = {
    filmCode: filmCodeKey(fact.filmCode),
    version,
    cinemaCode: fact.cinemaCode,
    hall,
    equipment,
    circuit: cinema.circuit,
    province: cinema.province ?? fact.cinemaCode.slice(0, 2),
    taxpayer: cinema.taxpayer ?? 'general',
  };
  sites.set(key, site);
  return site;
}
