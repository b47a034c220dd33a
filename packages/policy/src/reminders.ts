import { addDays, addMonths, type IsoDate } from '@yinglian/core';
import type { CallChangeKind } from './calls.ts';
import type { GivenFacts } from './model.ts';

/** Something a company should know or do. `key` names it, so that it is told once. */
export type Reminder = {
  readonly key: string;
  readonly kind:
    | 'call_opened'
    | 'call_closing'
    | 'call_changed'
    | 'call_extended'
    | 'call_cancelled'
    | 'correction_due'
    | 'notice_running'
    | 'state_changed'
    | 'facts_stale'
    | 'objection_due';
  /** The id of the call, the claim or the objection; the names of facts. */
  readonly subject: string;
  readonly title: string;
  readonly by: IsoDate | null;
  /** What an objection is against. */
  readonly against?: { readonly kind: string; readonly id: string };
};

/** Days before its end in which a term is told of. */
export const CLOSING_DAYS = 7;
/** Months after which an answer of a profile is asked anew. */
export const FACT_MONTHS = 12;
/** Days for which a change of state is news. */
export const NEWS_DAYS = 30;

/** What the reminders of one company are made of. */
export type ReminderGround = {
  readonly on: IsoDate;
  readonly facts: GivenFacts;
  /** Open calls with an item that may be claimed, and whether it was claimed. */
  readonly calls: readonly {
    readonly id: string;
    readonly title: string;
    readonly closesOn: IsoDate;
    readonly claimed: boolean;
  }[];
  /** Versions of calls that the company drafted or filed under. */
  readonly changes?: readonly {
    readonly id: string;
    readonly title: string;
    readonly version: number;
    readonly kind: CallChangeKind;
    readonly on: IsoDate;
    readonly closesOn: IsoDate;
  }[];
  readonly claims: readonly {
    readonly id: string;
    readonly title: string;
    readonly state: string;
    readonly correctionUntil: IsoDate | null;
    readonly noticeUntil: IsoDate | null;
    /** The last step that another side took, by number. */
    readonly lastForeign: { readonly number: number; readonly on: IsoDate } | null;
  }[];
  /** Objections that a department must answer soon. */
  readonly objections?: readonly {
    readonly id: string;
    readonly title: string;
    readonly answerBy: IsoDate;
    /** What it is against. */
    readonly kind: string;
    readonly subjectId: string;
  }[];
};

/** Facts whose answer is older than {@link FACT_MONTHS}, or that never had a day. */
export function staleFacts(facts: GivenFacts, on: IsoDate): string[] {
  return Object.keys(facts)
    .filter((name) => {
      const { date } = facts[name]!;
      return date === undefined || addMonths(date, FACT_MONTHS) < on;
    })
    .sort();
}

/** What a company should know on a day, what is due first. */
export function remindersOf(ground: ReminderGround): Reminder[] {
  const { on, calls, claims } = ground;
  const reminders: Reminder[] = [];
  const tell = (kind: Reminder['kind'], subject: string, title: string, by: IsoDate | null) => {
    const mark = kind === 'call_opened' ? '' : ` ${by ?? ''}`;
    reminders.push({ key: `${kind} ${subject}${mark}`, kind, subject, title, by });
  };
  for (const { id, title, closesOn, claimed } of calls) {
    if (claimed) continue;
    const closing = closesOn <= addDays(on, CLOSING_DAYS);
    tell(closing ? 'call_closing' : 'call_opened', id, title, closesOn);
  }
  for (const { id, title, version, kind, on: made, closesOn } of ground.changes ?? []) {
    if (addDays(made, NEWS_DAYS) < on) continue;
    const key = `call_${kind} ${id} ${version}`;
    const by = kind === 'cancelled' || closesOn < on ? null : closesOn;
    reminders.push({ key, kind: `call_${kind}`, subject: id, title, by });
  }
  for (const claim of claims) {
    const { id, title, state, correctionUntil, noticeUntil, lastForeign } = claim;
    if (state === 'correction') tell('correction_due', id, title, correctionUntil);
    else if (state === 'on_notice') tell('notice_running', id, title, noticeUntil);
    else if (lastForeign !== null && addDays(lastForeign.on, NEWS_DAYS) >= on) {
      const key = `state_changed ${id} ${lastForeign.number}`;
      reminders.push({ key, kind: 'state_changed', subject: id, title, by: null });
    }
  }
  for (const { id, title, answerBy: by, kind: of, subjectId } of ground.objections ?? []) {
    const key = `objection_due ${id} ${by}`;
    const against = { kind: of, id: subjectId };
    reminders.push({ key, kind: 'objection_due', subject: id, title, by, against });
  }
  const stale = staleFacts(ground.facts, on);
  if (stale.length > 0) {
    const key = `facts_stale ${stale.join(' ')}`.slice(0, 200);
    reminders.push({ key, kind: 'facts_stale', subject: stale.join(' '), title: '', by: null });
  }
  return reminders.sort((a, b) => ((a.by ?? '9') < (b.by ?? '9') ? -1 : 1));
}

/**
 * Facts as a company may say them. What a register or a verifier said stays theirs: it is kept
 * only where the value is still the one they gave, and nobody can claim a verifier for their own.
 */
export function ownFacts(sent: GivenFacts, kept: GivenFacts, on: IsoDate): GivenFacts {
  return Object.fromEntries(
    Object.entries(sent).map(([name, fact]) => {
      const before = Object.hasOwn(kept, name) ? kept[name] : undefined;
      if (before !== undefined && JSON.stringify(before.value) === JSON.stringify(fact.value)) {
        const confirmed = fact.date !== undefined && fact.date > (before.date ?? '');
        const own = before.verifier === undefined;
        return [name, own && confirmed && fact.date! <= on ? { ...before, date: on } : before];
      }
      const source = fact.source?.startsWith('register:') === true ? undefined : fact.source;
      return [name, { value: fact.value, ...(source === undefined ? {} : { source }), date: on }];
    }),
  );
}
