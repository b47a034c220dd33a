import { addDays, dateFromDayNumber, dayNumber, type Fen, type IsoDate } from '@yinglian/core';
import type { DateRange, PlanCinema, ReleasePlan, ReleasePeriod, ReleaseZone } from './model.ts';

/** From the first day of the run to the last of its extensions; previews stand outside. */
export function runOf(plan: ReleasePlan): DateRange | undefined {
  const periods = plan.periods.filter((each) => each.kind !== 'preview');
  if (periods.length === 0) return undefined;
  return {
    from: periods.map((each) => each.from).reduce((a, b) => (a < b ? a : b)),
    to: periods.map((each) => each.to).reduce((a, b) => (a > b ? a : b)),
  };
}

/** The days on which a cinema may show the film: its narrowest zone's, or the run's. */
export function datesFor(plan: ReleasePlan, cinema: PlanCinema): DateRange | undefined {
  const zone = zoneFor(plan, cinema);
  return zone === undefined ? runOf(plan) : { from: zone.from, to: zone.to };
}

/** The narrowest zone that names the cinema: itself, its circuit, its city, its province. */
export function zoneFor(plan: ReleasePlan, cinema: PlanCinema): ReleaseZone | undefined {
  const names: readonly ((zone: ReleaseZone) => boolean)[] = [
    (zone) => zone.cinemaIds.includes(cinema.id),
    (zone) => cinema.circuitId !== null && zone.circuitIds.includes(cinema.circuitId),
    (zone) => cinema.city !== null && zone.cities.includes(cinema.city),
    (zone) => cinema.province !== null && zone.provinces.includes(cinema.province),
  ];
  for (const isNamed of names) {
    const found = plan.zones.find(isNamed);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The class of a city: the one that lists it, else the class of the rest. */
export function cityClassOf(plan: ReleasePlan, city: string | null): string | undefined {
  const listed = plan.cityClasses.find((each) => city !== null && each.cities.includes(city));
  return (listed ?? plan.cityClasses.find((each) => each.cities.length === 0))?.name;
}

/** The period that a day lies in; a preview counts before the run. */
export function periodOf(plan: ReleasePlan, day: IsoDate): ReleasePeriod | undefined {
  const holds = (each: ReleasePeriod) => each.from <= day && day <= each.to;
  return (
    plan.periods.find((each) => holds(each) && each.kind === 'preview') ?? plan.periods.find(holds)
  );
}

/** The settlement standard of an admission; undefined where the notice names none. */
export function standardFor(
  plan: ReleasePlan,
  of: { readonly format: string; readonly city: string | null; readonly day: IsoDate },
): Fen | undefined {
  const cityClass = cityClassOf(plan, of.city);
  return periodOf(plan, of.day)?.standards.find(
    (each) => each.format === of.format && each.cityClass === cityClass,
  )?.fen;
}

/** A key's window on the cinema's own clock, `YYYY-MM-DDTHH:MM`. */
export type LocalKeyWindow = { readonly opens: string; readonly closes: string };

/** The window that the keys of some days need, with the plan's margins. */
export function keyWindowFor(plan: ReleasePlan, days: DateRange): LocalKeyWindow {
  const { beforeMinutes, afterMinutes } = plan.keyMargins;
  return {
    opens: localTimeAfter(days.from, -beforeMinutes),
    closes: localTimeAfter(addDays(days.to, 1), afterMinutes),
  };
}

const MINUTES_PER_DAY = 1440;

/** The clock face some minutes after a day begins; clocks are not asked whether they skip it. */
function localTimeAfter(day: IsoDate, minutes: number): string {
  const total = dayNumber(day) * MINUTES_PER_DAY + minutes;
  const days = Math.floor(total / MINUTES_PER_DAY);
  const ofDay = total - days * MINUTES_PER_DAY;
  const [hours, rest] = [Math.floor(ofDay / 60), ofDay % 60];
  const clock = `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
  return `${dateFromDayNumber(days)}T${clock}`;
}
