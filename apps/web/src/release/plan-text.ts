import type { contract, InputOf, ResultOf } from '@yinglian/contract';

export type Release = ResultOf<typeof contract.releases.get>;
export type Plan = Release['plan'];
export type PlanInput = InputOf<typeof contract.releases.create.body>['plan'];

/** `A: 北京 上海` a line; the class without cities holds all others. */
export function classesText(plan: Plan): string {
  return plan.cityClasses
    .map(({ name, cities }) => (cities.length === 0 ? name : `${name}: ${cities.join(' ')}`))
    .join('\n');
}

/** Reads what {@link classesText} writes, with the colons and commas of either language. */
export function parseClasses(text: string): Plan['cityClasses'] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => {
    const [name = '', cities = ''] = line.split(/[:：]/, 2);
    return {
      name: name.trim(),
      cities: namesIn(cities),
    };
  });
}

/** Names in a text, parted by spaces or by the commas of either language. */
export function namesIn(text: string): string[] {
  return text.split(/[\s,，、]+/).map((each) => each.trim()).filter((each) => each !== '');
}

/** `35` or `35.50` yuan as fen; undefined when it is no amount. Exact: no number is divided. */
export function fenOfYuan(text: string): string | undefined {
  const match = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  return String(BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').padEnd(2, '0')));
}

/** Fen as yuan for a field, `3550` → `35.50`, whole yuan without a point. */
export function yuanOfFen(fen: string): string {
  const amount = BigInt(fen);
  const rest = amount % 100n;
  return rest === 0n ? String(amount / 100n) : `${amount / 100n}.${String(rest).padStart(2, '0')}`;
}

/** The first plan of a film: its versions, and four weeks from a week ahead. */
export function firstPlan(
  versions: readonly { id: string; format: string; filmCode: string | null }[],
  today: string,
): PlanInput {
  const after = (days: number) =>
    new Date(Date.parse(`${today}T12:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  return {
    versions: versions.map(({ id, format, filmCode }) => ({ filmVersionId: id, format, filmCode })),
    periods: [{ kind: 'run', from: after(7), to: after(34), standards: [] }],
    cityClasses: [{ name: 'A', cities: ['北京', '上海', '广州', '深圳'] }, { name: 'B', cities: [] }],
  };
}

/** The days from the first to the last period that is no preview. */
export function runText(plan: Plan): string {
  const run = plan.periods.filter((each) => each.kind !== 'preview');
  const from = run.map((each) => each.from).toSorted()[0];
  const to = run.map((each) => each.to).toSorted().at(-1);
  return from === undefined || to === undefined ? '—' : `${from} – ${to}`;
}
