import { addDays, daysBetween, finding, type Finding, isIsoDate } from '@yinglian/core';
import { runOf } from './dates.ts';
import { type DateRange, PLAN_LIMITS, type ReleasePlan } from './model.ts';

/** What is wrong with a plan; without errors it may be announced. */
export function checkPlan(plan: ReleasePlan): Finding[] {
  const sizes = checkSizes(plan);
  if (sizes.length > 0) return sizes;
  const ranges = checkRanges(plan);
  // Dates that are no dates cannot be compared; the rest would only repeat the fault.
  if (ranges.length > 0) return ranges;
  return [
    ...checkVersions(plan),
    ...checkPeriods(plan),
    ...checkClasses(plan),
    ...checkStandards(plan),
    ...checkZones(plan),
    ...checkScreenings(plan),
  ];
}

function checkSizes(plan: ReleasePlan): Finding[] {
  const counts = {
    versions: plan.versions.length,
    periods: plan.periods.length,
    cityClasses: plan.cityClasses.length,
    citiesInClass: Math.max(0, ...plan.cityClasses.map((each) => each.cities.length)),
    standards: plan.periods.reduce((sum, each) => sum + each.standards.length, 0),
    zones: plan.zones.length,
    zoneMembers: plan.zones.reduce(
      (sum, each) =>
        sum +
        each.provinces.length +
        each.cities.length +
        each.circuitIds.length +
        each.cinemaIds.length,
      0,
    ),
    minimumScreenings: plan.minimumScreenings.length,
  };
  return Object.entries(counts).flatMap(([part, count]) => {
    const limit = PLAN_LIMITS[part as keyof typeof counts];
    if (count <= limit) return [];
    return [finding('excessive_plan_part', 'error', { facts: { part, count, limit } })];
  });
}

function checkRanges(plan: ReleasePlan): Finding[] {
  const findings: Finding[] = [];
  const look = (range: DateRange, at: Record<string, string | number>) => {
    const { from, to } = range;
    if (!isIsoDate(from) || !isIsoDate(to)) {
      findings.push(finding('invalid_plan_date', 'error', { facts: { from, to }, at }));
    } else if (from > to) {
      findings.push(finding('reversed_plan_dates', 'error', { facts: { from, to }, at }));
    } else if (daysBetween(from, to) >= PLAN_LIMITS.days) {
      const facts = { from, to, limit: PLAN_LIMITS.days };
      findings.push(finding('excessive_plan_days', 'error', { facts, at }));
    }
  };
  plan.periods.forEach((each, index) => look(each, { period: index + 1 }));
  plan.zones.forEach((each) => look(each, { zone: each.name }));
  plan.minimumScreenings.forEach((each, index) => look(each, { minimum: index + 1 }));
  return findings;
}

function checkVersions(plan: ReleasePlan): Finding[] {
  if (plan.versions.length === 0) return [finding('missing_release_version', 'error')];
  const findings: Finding[] = [];
  for (const id of doubled(plan.versions.map((each) => each.filmVersionId))) {
    findings.push(finding('doubled_release_version', 'error', { facts: { version: id } }));
  }
  const codes = plan.versions.flatMap((each) => (each.filmCode === null ? [] : [each.filmCode]));
  for (const code of doubled(codes)) {
    findings.push(finding('doubled_film_code', 'error', { facts: { code } }));
  }
  for (const { filmCode, format } of plan.versions) {
    if (filmCode !== null) continue;
    findings.push(finding('missing_film_code', 'warning', { facts: { format } }));
  }
  return findings;
}

function checkPeriods(plan: ReleasePlan): Finding[] {
  const run = plan.periods.filter((each) => each.kind !== 'preview');
  if (run.length === 0) return [finding('missing_run', 'error')];
  const findings: Finding[] = [];
  run.forEach((each, index) => {
    const before = run[index - 1];
    if (before === undefined) {
      if (each.kind === 'extension') findings.push(finding('unexpected_extension', 'error'));
      return;
    }
    const facts = { before: before.to, from: each.from };
    if (each.from <= before.to) {
      findings.push(finding('overlapping_periods', 'error', { facts }));
    } else if (each.from !== addDays(before.to, 1)) {
      findings.push(finding('interrupted_run', 'warning', { facts }));
    }
  });
  const opens = run[0]!.from;
  for (const each of plan.periods) {
    if (each.kind !== 'preview' || each.to < opens) continue;
    findings.push(finding('late_preview', 'error', { facts: { from: each.from, opens } }));
  }
  return findings;
}

function checkClasses(plan: ReleasePlan): Finding[] {
  const findings: Finding[] = [];
  for (const name of doubled(plan.cityClasses.map((each) => each.name))) {
    findings.push(finding('doubled_city_class', 'error', { facts: { name } }));
  }
  for (const city of doubled(plan.cityClasses.flatMap((each) => each.cities))) {
    findings.push(finding('doubled_city', 'error', { facts: { city } }));
  }
  const rest = plan.cityClasses.filter((each) => each.cities.length === 0);
  if (rest.length > 1) findings.push(finding('doubled_rest_class', 'error'));
  if (rest.length === 0 && plan.cityClasses.length > 0) {
    findings.push(finding('missing_rest_class', 'warning'));
  }
  return findings;
}

/** Each period states each format in each class once: an admission has one standard. */
function checkStandards(plan: ReleasePlan): Finding[] {
  const classes = plan.cityClasses.map((each) => each.name);
  const formats = [...new Set(plan.versions.map((each) => each.format))];
  return plan.periods.flatMap((period, index) => {
    const at = { period: index + 1 };
    const findings: Finding[] = [];
    const stated = period.standards.map((each) => pairName(each.format, each.cityClass));
    for (const pair of doubled(stated)) {
      findings.push(finding('doubled_standard', 'error', { facts: { pair }, at }));
    }
    for (const { format, cityClass, fen } of period.standards) {
      const facts = { format, cityClass };
      if (!formats.includes(format) || !classes.includes(cityClass)) {
        findings.push(finding('unknown_standard', 'error', { facts, at }));
      }
      if (fen <= 0n) {
        findings.push(
          finding('invalid_standard', 'error', {
            facts: { ...facts, fen: String(fen) },
            at,
          }),
        );
      }
    }
    for (const format of formats) {
      for (const cityClass of classes) {
        if (stated.includes(pairName(format, cityClass))) continue;
        findings.push(finding('missing_standard', 'warning', { facts: { format, cityClass }, at }));
      }
    }
    return findings;
  });
}

function checkZones(plan: ReleasePlan): Finding[] {
  const findings: Finding[] = [];
  const run = runOf(plan);
  for (const name of doubled(plan.zones.map((each) => each.name))) {
    findings.push(finding('doubled_zone', 'error', { facts: { name } }));
  }
  for (const zone of plan.zones) {
    const at = { zone: zone.name };
    const members = [zone.provinces, zone.cities, zone.circuitIds, zone.cinemaIds];
    if (members.every((each) => each.length === 0)) {
      findings.push(finding('empty_zone', 'error', { at }));
    }
    if (run !== undefined && (zone.from < run.from || zone.to > run.to)) {
      const facts = { from: run.from, to: run.to };
      findings.push(finding('excessive_zone_dates', 'error', { facts, at }));
    }
  }
  for (const part of ['provinces', 'cities', 'circuitIds', 'cinemaIds'] as const) {
    for (const member of doubled(plan.zones.flatMap((each) => each[part]))) {
      findings.push(finding('ambiguous_zone', 'error', { facts: { member } }));
    }
  }
  return findings;
}

function checkScreenings(plan: ReleasePlan): Finding[] {
  return plan.minimumScreenings.flatMap((each, index) =>
    Number.isInteger(each.perDay) && each.perDay > 0
      ? []
      : [
          finding('invalid_minimum', 'error', {
            facts: { perDay: each.perDay },
            at: { minimum: index + 1 },
          }),
        ],
  );
}

const pairName = (format: string, cityClass: string) => `${format} ${cityClass}`;

function doubled(values: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) twice.add(value);
    seen.add(value);
  }
  return [...twice];
}
