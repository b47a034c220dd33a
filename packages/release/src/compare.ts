import type { ReleasePlan } from './model.ts';

/** One difference between two revisions: where, and what stood and stands there. */
export type PlanChange = {
  /** `periods 2 to`, `standards run 1 2D A`, `zones 西北 from`: the part, its name, the field. */
  readonly path: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * What a later revision changes. Lists are compared by the names of their members, so that a
 * period that moved in the list has not changed. The same plan gives nothing.
 */
export function comparePlans(before: ReleasePlan, after: ReleasePlan): PlanChange[] {
  const old = flatten(before);
  const changes: PlanChange[] = [];
  for (const [key, { path, value }] of flatten(after)) {
    const earlier = old.get(key);
    old.delete(key);
    if (earlier?.value === value) continue;
    changes.push({ path, before: earlier?.value ?? null, after: value });
  }
  for (const { path, value } of old.values()) changes.push({ path, before: value, after: null });
  return changes;
}

type Leaf = { readonly path: readonly string[]; readonly value: string };

/** A plan as single facts under names that stay when lists are put in another order. */
function flatten(plan: ReleasePlan): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const put = (value: string | null, ...path: string[]) => {
    if (value !== null) leaves.set(JSON.stringify(path), { path, value });
  };
  put(plan.territory, 'territory');
  put(plan.termsId, 'termsId');
  if (plan.note !== '') put(plan.note, 'note');
  put(String(plan.keyMargins.beforeMinutes), 'keyMargins', 'beforeMinutes');
  put(String(plan.keyMargins.afterMinutes), 'keyMargins', 'afterMinutes');
  const profile = plan.packageProfile;
  if (
    profile !== undefined &&
    (profile.base !== 'auto' || profile.house || Object.keys(profile.severities).length)
  ) {
    put(profile.base, 'packageProfile', 'base');
    put(profile.house ?? null, 'packageProfile', 'house');
    for (const [code, severity] of Object.entries(profile.severities)) {
      put(severity, 'packageProfile', code);
    }
  }
  for (const each of plan.versions) {
    put(each.format, 'versions', each.filmVersionId, 'format');
    put(each.filmCode, 'versions', each.filmVersionId, 'filmCode');
  }
  const counts = new Map<string, number>();
  for (const each of plan.periods) {
    const number = (counts.get(each.kind) ?? 0) + 1;
    counts.set(each.kind, number);
    const name = `${each.kind} ${number}`;
    put(each.from, 'periods', name, 'from');
    put(each.to, 'periods', name, 'to');
    for (const { format, cityClass, fen } of each.standards) {
      put(String(fen), 'standards', name, format, cityClass);
    }
  }
  for (const each of plan.cityClasses) {
    put(
      each.cities.length === 0 ? '*' : each.cities.toSorted().join(' '),
      'cityClasses',
      each.name,
    );
  }
  for (const each of plan.zones) {
    put(each.from, 'zones', each.name, 'from');
    put(each.to, 'zones', each.name, 'to');
    for (const part of ['provinces', 'cities', 'circuitIds', 'cinemaIds'] as const) {
      if (each[part].length > 0) put(each[part].toSorted().join(' '), 'zones', each.name, part);
    }
  }
  for (const each of plan.minimumScreenings) {
    const name = `${each.from} ${each.to}`;
    put(String(each.perDay), 'minimumScreenings', name);
    const { counted = 'day' } = each;
    if (counted !== 'day') put(counted, 'minimumScreenings', name, 'counted');
  }
  return leaves;
}
