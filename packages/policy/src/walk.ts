import { accepted, finding, type IsoDate, type Outcome, refused } from '@yinglian/core';

/**
 * A flow as data: states, and actions between them with who takes them and what must hold. Claims
 * walk one such flow, the entries of registers another; how a step is taken is the same.
 */
export type FlowAction<State extends string, Role extends string, Guard extends string> = {
  readonly action: string;
  readonly from: readonly State[];
  readonly to: State;
  readonly role: Role;
  readonly guards: readonly Guard[];
  /** With four eyes: the earlier actions whose person may not do this one. */
  readonly apartFrom?: readonly string[];
};

/** One step that was taken, or that somebody wants to take. */
export type FlowStep<Role extends string> = {
  readonly action: string;
  readonly actor: string;
  readonly role: Role;
  readonly on: IsoDate;
  readonly reason: string;
};

/** How the guards of a flow are judged, and the finding for each that does not hold. */
export type FlowGuards<Action, Guard extends string> = {
  holds(guard: Guard, action: Action): boolean;
  readonly unmet: Readonly<Record<Guard, string>>;
  /** What the findings say besides the action and the guard. */
  readonly facts: Readonly<Record<string, string>>;
};

/** An action with its name in two languages. */
export type LabelledAction<
  State extends string,
  Role extends string,
  Guard extends string,
> = FlowAction<State, Role, Guard> & {
  readonly label: { readonly zh: string; readonly en: string };
};

/**
 * Writes an action of a flow in a few words, so that a whole way can be read as a table. A flow
 * names its states, roles, guards and effects once: `const act = flowAction<State, Role, …>`.
 */
export function flowAction<
  State extends string,
  Role extends string,
  Guard extends string,
  Effects extends object = object,
>(
  action: string,
  way: readonly [from: readonly State[], to: State, role: Role],
  label: readonly [zh: string, en: string],
  more?: Partial<Pick<FlowAction<State, Role, Guard>, 'guards' | 'apartFrom'>> & Effects,
): LabelledAction<State, Role, Guard> & Effects {
  const [from, to, role] = way;
  const guards = more?.guards ?? [];
  const words = { zh: label[0], en: label[1] };
  return { ...(more as Effects), action, from, to, role, guards, label: words };
}

/** The action that a step takes, or why it may not be taken. */
export function walk<
  State extends string,
  Role extends string,
  Guard extends string,
  Action extends FlowAction<State, Role, Guard>,
>(
  actions: readonly Action[],
  record: { readonly state: State; readonly steps: readonly FlowStep<Role>[] },
  step: FlowStep<Role>,
  guards: FlowGuards<Action, Guard>,
): Outcome<Action> {
  const action = actions.find(
    (each) => each.action === step.action && each.from.includes(record.state),
  );
  if (action === undefined) {
    const facts = { action: step.action.slice(0, 60), state: record.state };
    return refused(finding('unexpected_case_action', 'error', { facts }));
  }
  if (action.role !== step.role) {
    const facts = { action: action.action, role: action.role };
    return refused(finding('mismatched_case_role', 'error', { facts }));
  }
  const last = record.steps.at(-1);
  if (last !== undefined && step.on < last.on) {
    const facts = { on: step.on, last: last.on };
    return refused(finding('backward_case_step', 'error', { facts }));
  }
  const broken = action.guards.filter((guard) => !guards.holds(guard, action));
  if (broken.length === 0) return accepted(action);
  return refused(
    ...broken.map((guard) =>
      finding(guards.unmet[guard], 'error', {
        facts: { action: action.action, guard, ...guards.facts },
      }),
    ),
  );
}

/** Whether nobody of the earlier steps that an action stands apart from takes it now. */
export function isAnotherPerson(
  action: { readonly apartFrom?: readonly string[] },
  steps: readonly { readonly action: string; readonly actor: string }[],
  actor: string,
): boolean {
  return !steps.some(
    (each) => action.apartFrom?.includes(each.action) === true && each.actor === actor,
  );
}
