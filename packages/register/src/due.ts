import { addDays, addMonths, type IsoDate } from '@yinglian/core';
import type { RegisteredEntry } from './feed.ts';
import { endOf, standingOf } from './life.ts';
import type { RegisterDefinition } from './model.ts';

/** What somebody should do about an entry soon. */
export type Due = {
  readonly number: string;
  readonly what: 'assessment' | 'renewal' | 'remedy' | 'keeping' | 'insurance';
  readonly by: IsoDate;
  readonly late: boolean;
};

/** Days ahead in which a term is told of. */
export const DUE_DAYS = 60;

/** What is due for an entry within {@link DUE_DAYS}, and what is late. */
export function dueOf(
  register: RegisterDefinition,
  entry: RegisteredEntry,
  on: IsoDate,
): readonly Due[] {
  const horizon = addDays(on, DUE_DAYS);
  const due: Due[] = [];
  const add = (what: Due['what'], by: IsoDate | null): void => {
    if (by === null || by > horizon) return;
    due.push({ number: entry.number, what, by, late: by < on });
  };
  const standing = standingOf(register, entry, on);
  if (standing === 'standing' || standing === 'warned') {
    const plan = register.assessment;
    const last = entry.assessments.at(-1)?.on ?? entry.registeredOn;
    if (plan !== null && last !== null) add('assessment', addMonths(last, plan.everyMonths));
    add('renewal', endOf(register, entry));
    if (standing === 'warned') add('remedy', entry.remedyUntil);
    for (const row of insured(entry)) add('insurance', row);
  }
  const ended = standing === 'ended' || entry.state === 'refused';
  if (ended && entry.state !== 'forgotten' && entry.endedOn !== null && hasPersons(register)) {
    add('keeping', addMonths(entry.endedOn, register.keepingMonths ?? 0));
  }
  return due;
}

function hasPersons(register: RegisterDefinition): boolean {
  return register.keepingMonths !== null && register.fields.some((each) => each.personal === true);
}

/** Last days of insurances, where a register keeps such rows. */
function insured(entry: RegisteredEntry): IsoDate[] {
  const rows = entry.fields['insurance'];
  if (!Array.isArray(rows)) return [];
  return (rows as readonly { readonly to?: unknown }[]).flatMap(({ to }) =>
    typeof to === 'string' ? [to] : [],
  );
}
