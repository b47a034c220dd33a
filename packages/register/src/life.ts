import {
  accepted,
  addMonths,
  compareDates,
  type Finding,
  finding,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';
import { type CaseRole, type FlowStep, isAnotherPerson, walk } from '@yinglian/policy';
import { checkFields, missingParts, valueOf, withoutPersons } from './fields.ts';
import type {
  EntryAction,
  EntryGuard,
  EntryRecord,
  EntryState,
  RegisterDefinition,
} from './model.ts';

/** A step of an entry that somebody wants to take. */
export type EntryStep = FlowStep<CaseRole> & {
  /** With the action that asks for corrections, begins a notice or warns: the last day of it. */
  readonly until?: IsoDate;
  /** With the action that asks for a higher level. */
  readonly level?: string;
};

/** An entry that nobody has touched. */
export const NEW_ENTRY: EntryRecord = Object.freeze({
  state: 'draft',
  steps: [],
  fields: {},
  documents: [],
  selected: false,
  correctionUntil: null,
  noticeUntil: null,
  remedyUntil: null,
  registeredOn: null,
  validUntil: null,
  endedOn: null,
  levelAsked: null,
  openObjections: 0,
  assessments: [],
});

const UNMET: Readonly<Record<EntryGuard, string>> = {
  complete: 'incomplete_entry',
  correction_unused: 'repeated_correction',
  in_time: 'late_correction',
  correction_over: 'unfinished_correction',
  reason_given: 'missing_case_reason',
  four_eyes: 'missing_second_person',
  selected: 'unselected_entry',
  notice_over: 'unfinished_notice',
  no_open_objection: 'open_objection',
  assessment_failed: 'missing_failed_assessment',
  assessment_passed: 'missing_passed_assessment',
  remedy_over: 'unfinished_remedy',
  higher_level: 'invalid_level',
  consented: 'missing_consent',
  keeping_over: 'unfinished_keeping',
};

/** The states in which an entry proves something, as long as its term runs. */
const STANDING: ReadonlySet<EntryState> = new Set([
  'registered',
  'warned',
  'upgrading',
  'upgrade_notice',
]);

/** Where an entry stands on a day: what the public page says, and what a claim may rest on. */
export type Standing = 'none' | 'standing' | 'warned' | 'lapsed' | 'ended';

/** The standing of an entry on a day. A term that is over lapses without anybody's step. */
export function standingOf(
  register: RegisterDefinition,
  entry: Pick<EntryRecord, 'state' | 'validUntil' | 'registeredOn' | 'fields'>,
  on: IsoDate,
): Standing {
  if (entry.registeredOn === null) return 'none';
  if (!STANDING.has(entry.state)) return 'ended';
  if (compareDates(on, entry.registeredOn) < 0) return 'none';
  const until = endOf(register, entry);
  if (until !== null && compareDates(on, until) > 0) return 'lapsed';
  return entry.state === 'warned' ? 'warned' : 'standing';
}

/** The last day on which an entry holds: its term, or a date of its own that comes earlier. */
export function endOf(
  register: RegisterDefinition,
  entry: Pick<EntryRecord, 'validUntil' | 'fields'>,
): IsoDate | null {
  const own =
    register.validUntilField === undefined
      ? undefined
      : valueOf(entry.fields, register.validUntilField);
  const dates = [entry.validUntil, typeof own === 'string' && own !== '' ? own : null].filter(
    (each) => each !== null,
  );
  return dates.length === 0 ? null : dates.reduce((a, b) => (a < b ? a : b));
}

/** Where an entry ends or goes back to; none of it lies on the way into the register. */
const OFF_THE_WAY: ReadonlySet<EntryState> = new Set(['correction', 'refused', 'withdrawn']);

/** The states through which an entry comes into the register, from its draft on. */
export function stationsOf(register: Pick<RegisterDefinition, 'actions'>): EntryState[] {
  const stations: EntryState[] = ['draft'];
  for (let at: EntryState = 'draft'; at !== 'registered';) {
    const next = register.actions.find(
      ({ from, to }) => from.includes(at) && !stations.includes(to) && !OFF_THE_WAY.has(to),
    );
    if (next === undefined) return stations;
    stations.push(next.to);
    at = next.to;
  }
  return stations;
}

/** Takes one step of an entry's life, or says why it may not be taken. */
export function moveEntry(
  register: RegisterDefinition,
  entry: EntryRecord,
  step: EntryStep,
): Outcome<{ entry: EntryRecord; action: EntryAction }> {
  const taken = walk<EntryState, CaseRole, EntryGuard, EntryAction>(register.actions, entry, step, {
    holds: (guard, action) => holds(guard, { register, entry, step, action }),
    unmet: UNMET,
    facts: { until: untilOf(entry), corrections: entry.correctionUntil ?? '' },
  });
  if (!taken.ok) {
    const unready = taken.findings.some(({ code }) => code === 'incomplete_entry');
    return unready ? refused(...taken.findings, ...faultsOf(register, entry)) : taken;
  }
  const action = taken.value;
  const { actor, role, on, reason } = step;
  const steps = [...entry.steps, { action: action.action, actor, role, on, reason }];
  const moved = effectOf(register, { ...entry, state: action.to, steps }, action, step);
  return accepted({ entry: moved, action });
}

function untilOf(entry: EntryRecord): string {
  const dates = { on_notice: entry.noticeUntil, upgrade_notice: entry.noticeUntil };
  return (
    (entry.state === 'warned' ? entry.remedyUntil : dates[entry.state as keyof typeof dates]) ?? ''
  );
}

function faultsOf(register: RegisterDefinition, entry: EntryRecord): Finding[] {
  return [
    ...checkFields(register, entry.fields),
    ...missingParts(register, entry.fields, entry.documents),
  ];
}

type Question = {
  readonly register: RegisterDefinition;
  readonly entry: EntryRecord;
  readonly step: EntryStep;
  readonly action: EntryAction;
};

function holds(guard: EntryGuard, { register, entry, step, action }: Question): boolean {
  const { on } = step;
  switch (guard) {
    case 'complete':
      return faultsOf(register, entry).length === 0;
    case 'correction_unused':
      return !entry.steps.some((each) => each.action === 'ask_correction');
    case 'in_time':
      return entry.correctionUntil !== null && on <= entry.correctionUntil;
    case 'correction_over':
      return entry.correctionUntil !== null && on > entry.correctionUntil;
    case 'reason_given':
      return step.reason.trim() !== '';
    case 'four_eyes':
      return isAnotherPerson(action, entry.steps, step.actor);
    case 'selected':
      return entry.selected;
    case 'notice_over':
      return entry.noticeUntil !== null && on > entry.noticeUntil;
    case 'no_open_objection':
      return entry.openObjections === 0;
    case 'assessment_failed':
      return entry.assessments.at(-1)?.passes === false;
    case 'assessment_passed':
      return passedSinceWarning(entry);
    case 'remedy_over':
      return mayWithdraw(register, entry, on);
    case 'higher_level':
      return isHigher(register, entry, step.level ?? entry.levelAsked);
    case 'consented':
      return valueOf(entry.fields, 'consent') === true;
    case 'keeping_over':
      return isKeptLongEnough(register, entry, on);
  }
}

function passedSinceWarning(entry: EntryRecord): boolean {
  const warned = entry.steps.findLast((each) => each.action === 'warn')?.on;
  const last = entry.assessments.at(-1);
  return last?.passes === true && (warned === undefined || last.on >= warned);
}

/** Withdrawn is what failed as often as the register says, or mended nothing in its time. */
function mayWithdraw(register: RegisterDefinition, entry: EntryRecord, on: IsoDate): boolean {
  const plan = register.assessment;
  if (plan === null) return true;
  const inRow = entry.assessments.length - 1 - entry.assessments.findLastIndex((a) => a.passes);
  if (inRow >= plan.failuresToWithdraw) return true;
  const over = entry.remedyUntil !== null && on > entry.remedyUntil;
  return over && !passedSinceWarning(entry);
}

function isHigher(register: RegisterDefinition, entry: EntryRecord, asked: string | null): boolean {
  if (register.levels === undefined || asked === null) return false;
  const { field, order } = register.levels;
  return order.indexOf(asked) > order.indexOf(String(valueOf(entry.fields, field) ?? ''));
}

function isKeptLongEnough(register: RegisterDefinition, entry: EntryRecord, on: IsoDate): boolean {
  if (register.keepingMonths === null || entry.endedOn === null) return false;
  return compareDates(on, addMonths(entry.endedOn, register.keepingMonths)) > 0;
}

function effectOf(
  register: RegisterDefinition,
  entry: EntryRecord,
  action: EntryAction,
  step: EntryStep,
): EntryRecord {
  const until = step.until ?? null;
  const term = (): IsoDate | null =>
    register.validMonths === null ? null : addMonths(step.on, register.validMonths);
  const { effect } = action;
  if (effect === undefined) {
    return step.level === undefined ? entry : { ...entry, levelAsked: step.level };
  }
  switch (effect) {
    case 'ask_correction':
      return { ...entry, correctionUntil: until };
    case 'begin_notice':
      return { ...entry, noticeUntil: until };
    case 'end_notice':
      return { ...entry, noticeUntil: null, levelAsked: null };
    case 'register':
      return { ...entry, registeredOn: step.on, validUntil: term() };
    case 'renew':
      return { ...entry, validUntil: term() };
    case 'warn':
      return { ...entry, remedyUntil: until };
    case 'raise': {
      const { field } = register.levels!;
      const fields = { ...entry.fields, [field]: entry.levelAsked! };
      return { ...entry, fields, levelAsked: null, noticeUntil: null, validUntil: term() };
    }
    case 'end':
      return { ...entry, endedOn: step.on, levelAsked: null };
    case 'forget':
      return { ...entry, fields: withoutPersons(register, entry.fields) };
  }
}

/** Why an entry proves nothing on a day; undefined where it does. */
export function standingFault(
  register: RegisterDefinition,
  entry: EntryRecord,
  on: IsoDate,
): Finding | undefined {
  const standing = standingOf(register, entry, on);
  if (standing === 'standing' || standing === 'warned') return undefined;
  const facts = { standing, on, until: endOf(register, entry) ?? '' };
  return finding('ended_entry', 'error', { facts });
}
