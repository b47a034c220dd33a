import { type Fen, filmCodeKey, finding, type Finding } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import { type BaseSite, settlementBase, soldFen, straddlesBase, turningDays } from './base.ts';
import type { Site } from './choose.ts';
import { type BoxOfficeFact, type CinemaFacts, lastDay, type SettleContext } from './facts.ts';
import { isRole } from './parts.ts';
import { versionsOf } from './resolver.ts';

/**
 * A site as the rows of one settlement share it. Numbers from 0 stand for it and for its film and
 * cinema, so that lists can be used where maps of texts would be slow.
 */
export type Place = {
  readonly site: Site;
  readonly index: number;
  /** The number of its film and cinema: two halls of one cinema may come together in a line. */
  readonly cinema: number;
  /** The next site of the same film and cinema. */
  readonly next: Place | undefined;
};

/** A row with its site, its base and its figures as the terms count them. */
export type PreparedFact = {
  readonly fact: BoxOfficeFact;
  readonly place: Place;
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
  const places: Places = { count: 0, cinemas: 0, films: new Map(), keys: new Map() };
  const exceptions: Exceptions = [];
  const rows: PreparedFact[] = [];
  const excluded = new Set(terms.base.excludedTicketTypes);
  const needsCircuit = terms.splits.some((split) =>
    split.clauses.some((clause) =>
      clause.shares.some((share) => isRole(terms, share.to, 'circuit')),
    ),
  );
  const turns = turningDays(terms);
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
    const place = placeOf(fact, version!, cinema!, places);
    const at = { site: place.site, cinema: cinema!, turns };
    const unfit = unfitDays(terms, fact, at, context);
    if (unfit !== undefined) {
      exceptions.push({ factId: fact.id, finding: unfit });
      continue;
    }
    rows.push({
      fact,
      place,
      soldFen: soldFen(terms, fact),
      baseFen: settlementBase(terms, fact, place.site, cinema!),
      admissions: BigInt(fact.admissions),
    });
  }
  return { rows, exceptions };
}

/** A row of several days that ends after the period, or is priced otherwise before it ends. */
function unfitDays(
  terms: TheatricalTerms,
  fact: BoxOfficeFact,
  where: BaseSite,
  { period }: SettleContext,
): Finding | undefined {
  const { date } = fact;
  const at = { fact: fact.id };
  const last = lastDay(fact);
  if (last > period.to) {
    const facts = { date, lastDate: last, to: period.to };
    return finding('unfinished_row', 'warning', { facts, at });
  }
  if (!straddlesBase(terms, fact, where)) return undefined;
  return finding('straddling_row', 'error', { facts: { date }, at, clause: 'base' });
}

/** Film → cinema → the first of its places: texts that are there already, none made per row. */
type Places = {
  count: number;
  cinemas: number;
  readonly films: Map<string, Map<string, Place>>;
  /** Film codes as written → as they compare. */
  readonly keys: Map<string, string>;
};

function placeOf(fact: BoxOfficeFact, version: string, cinema: CinemaFacts, places: Places): Place {
  const { hall, cinemaCode } = fact;
  const equipment =
    fact.equipment ??
    (hall === undefined ? undefined : cinema.hallEquipment?.[hall]) ??
    cinema.equipment;
  let filmCode = places.keys.get(fact.filmCode);
  if (filmCode === undefined) {
    filmCode = filmCodeKey(fact.filmCode);
    places.keys.set(fact.filmCode, filmCode);
  }
  let cinemas = places.films.get(filmCode);
  if (cinemas === undefined) places.films.set(filmCode, (cinemas = new Map()));
  const first = cinemas.get(cinemaCode);
  for (let each = first; each !== undefined; each = each.next) {
    if (each.site.hall === hall && each.site.equipment === equipment) return each;
  }
  const site: Site = {
    filmCode,
    version,
    cinemaCode,
    hall,
    equipment,
    circuit: cinema.circuit,
    province: cinema.province ?? cinemaCode.slice(0, 2),
    taxpayer: cinema.taxpayer ?? 'general',
  };
  const number = first === undefined ? places.cinemas++ : first.cinema;
  const place = { site, index: places.count++, cinema: number, next: first };
  cinemas.set(cinemaCode, place);
  return place;
}
