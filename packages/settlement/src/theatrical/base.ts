import { addDays, type Fen, type IsoDate, parseYuan } from '@yinglian/core';
import type { Standard, TheatricalTerms, TicketPrice } from '../terms/theatrical.ts';
import { type BoxOfficeFact, type CinemaFacts, lastDay } from './facts.ts';
import { covers, dated, mostSpecific, type Site } from './choose.ts';

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
  const price = ticketPriceOf(terms, fact, site);
  const paid = soldFen(terms, fact);
  const sold = price === undefined ? paid : pricedFen(price, fact, paid);
  if (terms.base.standards.length === 0 || price?.standard === 'exempt') return sold;
  const cityClass = cityClassOf(terms, fact, cinema);
  const standard = standardOn(terms, { cityClass, version: site.version }, fact.date);
  if (standard === undefined) return sold;
  return atLeast(parseYuan(standard.minimum)!, fact, sold);
}

/** The class of the cinema's city: of the register, or else of the digits of the cinema code. */
function cityClassOf(terms: TheatricalTerms, fact: BoxOfficeFact, cinema: CinemaFacts): string {
  const city = cinema.city ?? fact.cinemaCode.slice(0, 4);
  const classes = Object.entries(terms.base.cityClasses);
  return classes.find(([, cities]) => cities.includes(city))?.[0] ?? terms.base.otherCities;
}

/** The standard of a class of city and a version on a day: of versions first, then dated ones. */
export function standardOn(
  terms: TheatricalTerms,
  { cityClass, version }: { readonly cityClass: string; readonly version: string },
  date: IsoDate,
): Standard | undefined {
  return mostSpecific(terms.base.standards, date, (each) => {
    if (each.cityClass !== cityClass) return -1;
    if (each.versions === undefined) return dated(each);
    return each.versions.includes(version) ? 2 + dated(each) : -1;
  });
}

/** The days on which a standard or a price begins to hold or no longer does. */
export function turningDays({ base }: TheatricalTerms): readonly IsoDate[] {
  const days = [...base.standards, ...(base.ticketPrices ?? [])]
    .flatMap(({ from, to }) => [from, to === undefined ? undefined : addDays(to, 1)])
    .filter((day) => day !== undefined);
  return [...new Set(days)];
}

/** Where a row is sold, with the days on which its terms turn to another standard or price. */
export type BaseSite = {
  readonly site: Site;
  readonly cinema: CinemaFacts;
  readonly turns: readonly IsoDate[];
};

/** Whether a row of several days runs into another standard or price than it began with. */
export function straddlesBase(
  terms: TheatricalTerms,
  fact: BoxOfficeFact,
  { site, cinema, turns }: BaseSite,
): boolean {
  const { date } = fact;
  const last = lastDay(fact);
  if (last === date || turns.length === 0) return false;
  const cityClass = cityClassOf(terms, fact, cinema);
  const rulesOn = (day: IsoDate) => {
    const price = ticketPriceOf(terms, { ...fact, date: day }, site);
    if (price?.standard === 'exempt') return price.id;
    const standard = standardOn(terms, { cityClass, version: site.version }, day);
    return `${price?.id ?? ''}|${standard?.minimum ?? ''}`;
  };
  const first = rulesOn(date);
  return turns.some((day) => day > date && day <= last && rulesOn(day) !== first);
}

/** The price that the terms set for the row's kind of ticket; the first that fits. */
function ticketPriceOf(
  terms: TheatricalTerms,
  fact: BoxOfficeFact,
  site: Site,
): TicketPrice | undefined {
  const { ticketType } = fact;
  if (ticketType === undefined) return undefined;
  return terms.base.ticketPrices?.find(
    (each) =>
      each.types.includes(ticketType) &&
      covers(each, fact.date) &&
      (each.versions === undefined || each.versions.includes(site.version)),
  );
}

function pricedFen({ method, amount }: TicketPrice, fact: BoxOfficeFact, paid: Fen): Fen {
  const each = parseYuan(amount)!;
  return method === 'fixed' ? each * BigInt(fact.admissions) : atLeast(each, fact, paid);
}

/** The amount, but no less than so much for each admission; a refund mirrors its sale. */
function atLeast(each: Fen, fact: BoxOfficeFact, amount: Fen): Fen {
  const minimumFen = each * BigInt(Math.abs(fact.admissions));
  const magnitude = amount < 0n ? -amount : amount;
  const greater = magnitude > minimumFen ? magnitude : minimumFen;
  return amount < 0n || fact.admissions < 0 ? -greater : greater;
}
