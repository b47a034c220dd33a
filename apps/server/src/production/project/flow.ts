import type { projectSettings } from '@yinglian/contract';
import { type Finding, finding } from '@yinglian/core';
import type { z } from 'zod';

/** What a show settles once, with the flows of its statuses. */
export type ProjectSettings = z.output<typeof projectSettings>;
export type Status = ProjectSettings['taskFlow'][number];

const status = (
  code: string,
  [zh, en]: readonly [string, string],
  kind: Status['kind'],
  company: boolean,
  next: string[],
): Status => ({ code, zh, en, kind, company, next });

/** The flow that a show begins with: most shows keep it. */
export const USUAL_FLOW: readonly Status[] = [
  status('waiting', ['未开始', 'Waiting'], 'waiting', true, ['working', 'hold']),
  status('working', ['制作中', 'In work'], 'working', true, ['review', 'waiting', 'hold']),
  status('review', ['待审', 'In review'], 'review', true, ['approved', 'changes', 'working']),
  status('changes', ['需修改', 'Changes asked'], 'working', false, ['working', 'review', 'hold']),
  status('approved', ['通过', 'Approved'], 'done', false, ['changes']),
  status('hold', ['暂停', 'On hold'], 'hold', false, ['waiting', 'working']),
];

export const USUAL_SETTINGS: ProjectSettings = {
  firstFrame: 1001,
  headHandle: 8,
  tailHandle: 8,
  shotTemplate: '{sequence}_{number:4}',
  shotStep: 10,
  shotFlow: [...USUAL_FLOW],
  taskFlow: [...USUAL_FLOW],
};

/** What is wrong with a flow: two statuses of one code, or a way to one that does not exist. */
export function checkFlow(flow: readonly Status[], field: string): Finding[] {
  const codes = new Set(flow.map((each) => each.code));
  const findings: Finding[] = [];
  if (codes.size !== flow.length) {
    findings.push(finding('duplicate_status', 'error', { at: { field } }));
  }
  for (const each of flow) {
    for (const next of each.next) {
      if (codes.has(next)) continue;
      const facts = { status: each.code, next };
      findings.push(finding('unknown_status', 'error', { facts, at: { field } }));
    }
  }
  return findings;
}

/** The code that stands for a kind, for what the hall sets by itself; undefined where none does. */
export function firstOf(flow: readonly Status[], kind: Status['kind']): string | undefined {
  return flow.find((each) => each.kind === kind)?.code;
}

/**
 * Why a status may not become another: it is not of the flow, does not follow, or is the room's to
 * set. Undefined where it may. A status that left the flow since may become any.
 */
export function refusedStep(
  flow: readonly Status[],
  from: string,
  to: string,
  byCompany: boolean,
): Finding | undefined {
  const target = flow.find((each) => each.code === to);
  if (target === undefined) {
    return finding('unknown_status', 'error', { facts: { status: from, next: to } });
  }
  if (byCompany && !target.company) {
    return finding('reserved_status', 'error', { facts: { status: to } });
  }
  const current = flow.find((each) => each.code === from);
  if (current === undefined || current.next.includes(to)) return undefined;
  return finding('unreachable_status', 'error', { facts: { status: from, next: to } });
}
