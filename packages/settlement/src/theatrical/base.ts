import { type Fen, parseYuan } from '@yinglian/core';
import type { TheatricalTerms } from '../terms/theatrical.ts';
import type { BoxOfficeFact, CinemaFacts } from './facts.ts';
import { covers, type Site } from './choose.ts';

/** What was sold, without the service fee where the rows include it. */
export function soldFen(terms: TheatricalTerms, fact: BoxOfficeFact): Fen {
  return terms.base.serviceFee === 'in_gross'
    ? fact.grossFen - (fact.serviceFeeFen ?? 0n)
    : fact.grossFen;
}

/**
 * max(sold, standard) per admission; exact when the row says the price of each admission, on the
 * row's average otherwise. A refund mirrors its sale.
 */
export function settlementBase(
  terms: TheatricalTerms,
  fact: BoxOfficeFact,
  site: Site,
  cinema: CinemaFacts,
): Fen {
  const sold = soldFen(terms, fact);
  if (terms.base.standards.length === 0) return sold;
  const city = cinema.city ?? fact.cinemaCode.slice(0, 4);
  const cityClass =
    Object.entries(terms.base.cityClasses).find(([, cities]) => cities.includes(city))?.[0] ??
    terms.base.otherCities;
  const standard = terms.base.standards.find(
    (each) =>
      each.cityClass === cityClass &&
      covers(each, fact.date) &&
      (each.versions === undefined || each.versions.includes(site.version)),
  );
  if (standard === undefined) return sold;
  const minimumFen = parseYuan(standard.minimum)! * BigInt(Math.abs(fact.admissions));
  const negative = sold < 0n || fact.admissions < 0;
  const magnitude = sold < 0n ? -sold : sold;
  const greater = magnitude > minimumFen ? magnitude : minimumFen;
  return negative ? -greater : greater;
}
