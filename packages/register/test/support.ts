import type { Outcome } from '@yinglian/core';
import type { CaseRole } from '@yinglian/policy';
import {
  type EntryRecord,
  type EntryStep,
  type Fields,
  moveEntry,
  NEW_ENTRY,
  type RegisterDefinition,
  registerOf,
  type RegisteredEntry,
} from '../src/index.ts';

/** The register of a kind, or the test is wrong. */
export function register(kind: string): RegisterDefinition {
  const found = registerOf(kind);
  if (found === undefined) throw new Error(kind);
  return found;
}

export function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return outcome.value;
}

export function codes(outcome: Outcome<unknown>): string[] {
  return outcome.findings.map(({ code }) => code);
}

/** A complete entry of each kind, as a company would fill it in. */
export const COMPLETE: Readonly<Record<string, Fields>> = {
  benchmark: {
    project: '8K 超高清云制播',
    category: 'film',
    owner: '湖南广播影视集团',
    providers: [{ name: '甲科技', code: '91430100MA4L000001', share: '1' }],
    summary: '云端制播一体',
    technology: 'HDR Vivid',
    contract_fen: '300000000',
    accepted_on: '2026-03-01',
    contact: '王某 13000000000',
  },
  first_of_kind: {
    product: '超高清编码器',
    version: 'V1.0',
    type: 'software',
    scope: 'nation',
    performance: '8K 60 帧实时',
    first_sold_on: '2026-01-05',
    sales: [{ buyer: '某台', on: '2026-01-05', count: 1, fen: '50000000' }],
    made_to_order: false,
    certificates: [
      { name: '检测报告', number: 'T-1', body: '检测院', on: '2026-02-01', fen: '4000000' },
      { name: '认证', number: 'T-2', body: '认证院', on: '2026-02-20', fen: '2500000' },
    ],
    first_passed: true,
  },
  platform: {
    platform: '音视频制造业创新中心',
    type: 'manufacturing_centre',
    level: 'province',
    host: '乙公司',
    direction: '音视频芯片',
    recognised_by: '省工业和信息化厅',
    recognised_on: '2026-02-01',
    recognition_number: '湘工信〔2026〕1号',
    invested: true,
    head: '李某',
  },
  course: {
    course: '虚拟拍摄',
    major: 'production',
    university: '某大学',
    firm: '丙公司',
    builder: true,
    in_plan: true,
    plan_number: '教〔2026〕3号',
    cohorts: [{ term: '2026 春', enrolled: 40, passed: 38 }],
  },
  training_body: {
    body: '马栏山实训基地',
    type: 'base',
    host: '丁学院',
    site: '长沙市开福区',
    assets: [
      { name: '摄影棚设备', kind: 'hardware', fen: '500000000' },
      { name: '剪辑软件', kind: 'software', fen: '100000000' },
      { name: '房屋', kind: 'construction', fen: '300000000' },
    ],
    cohorts: [
      { term: '一期', trained: 60, placed: 50 },
      { term: '二期', trained: 40, placed: 35 },
    ],
  },
  talent: {
    name: '张某',
    unit: '戊公司',
    kind: 'key',
    programme: '芙蓉计划',
    recommender: '省科技厅',
    consent: true,
    audio_video: true,
    achievements: '十部作品',
  },
};

/** An entry of a kind with every required document. */
export function draftOf(kind: string, more: Partial<EntryRecord> = {}): EntryRecord {
  const documents = register(kind).documents.map(({ code }) => code);
  return { ...NEW_ENTRY, fields: COMPLETE[kind]!, documents, ...more };
}

/** Takes one step. */
export function step(
  kind: string,
  entry: EntryRecord,
  action: string,
  more: Partial<EntryStep> = {},
): Outcome<EntryRecord> {
  const known = register(kind).actions.find((each) => each.action === action);
  const role: CaseRole = known?.role ?? 'officer';
  const request = { action, actor: `${role}-${action}`, role, on: '2026-06-01', reason: '理由' };
  const moved = moveEntry(register(kind), entry, { ...request, ...more });
  return moved.ok ? { ...moved, value: moved.value.entry } : moved;
}

/** Takes steps one after the other, each of which must be taken. */
export function steps(
  kind: string,
  entry: EntryRecord,
  ...wanted: readonly (readonly [action: string, more?: Partial<EntryStep>])[]
): EntryRecord {
  return wanted.reduce((at, [action, more]) => taken(step(kind, at, action, more)), entry);
}

/** An entry in its register, entered on 2026-06-10. */
export function enteredOf(kind: string, more: Partial<EntryRecord> = {}): EntryRecord {
  if (kind === 'talent') {
    const on = '2026-06-10';
    return steps(
      kind,
      draftOf(kind, more),
      ['file'],
      ['route'],
      ['recommend'],
      ['report_taken', { on }],
    );
  }
  return steps(
    kind,
    draftOf(kind, { selected: true, ...more }),
    ['file'],
    ['pass_check'],
    ['propose'],
    ['publish', { until: '2026-06-08' }],
    ['enter', { on: '2026-06-10' }],
  );
}

/** The same with what its provenance says. */
export function keptOf(kind: string, more: Partial<RegisteredEntry> = {}): RegisteredEntry {
  return {
    ...enteredOf(kind),
    number: 'X-2026-0001',
    version: 7,
    holderId: 'holder',
    keeper: '省工业和信息化厅',
    ...more,
  };
}
