import type { Choice, EvidenceDefinition, FactKind } from '@yinglian/policy';
import type { Column, Criterion, Field } from '../model.ts';

/** The instrument whose measures these registers support. */
export const INSTRUMENT = 'hunan-2023-55';

/** Choices as value, Chinese and English. */
export type Choices = readonly (readonly [value: string, zh: string, en: string])[];

/** Choices of a field or a column. */
export function choicesOf(choices: Choices): readonly Choice[] {
  return choices.map(([value, zh, en]) => ({ value, label: { zh, en } }));
}

/** What marks a field: `p` published, `r` required, `d` data of a person. */
export type Marks = '' | 'p' | 'r' | 'd' | 'pr' | 'rd' | 'prd';

/** A plain field. */
export function field(
  name: string,
  kind: FactKind,
  label: readonly [zh: string, en: string],
  marks: Marks,
  choices?: Choices,
): Field {
  return {
    name,
    kind,
    label: { zh: label[0], en: label[1] },
    required: marks.includes('r'),
    published: marks.includes('p'),
    ...(marks.includes('d') ? { personal: true } : {}),
    ...(choices === undefined ? {} : { choices: choicesOf(choices) }),
  };
}

/** A table of rows. */
export function table(
  name: string,
  label: readonly [zh: string, en: string],
  marks: Marks,
  columns: readonly Column[],
): Field {
  return {
    name,
    kind: 'table',
    label: { zh: label[0], en: label[1] },
    required: marks.includes('r'),
    published: marks.includes('p'),
    ...(marks.includes('d') ? { personal: true } : {}),
    columns,
  };
}

/** One column. */
export function column(
  name: string,
  kind: FactKind,
  label: readonly [zh: string, en: string],
  required = true,
  choices?: Choices,
): Column {
  return {
    name,
    kind,
    label: { zh: label[0], en: label[1] },
    required,
    ...(choices === undefined ? {} : { choices: choicesOf(choices) }),
  };
}

/** A document that an entry brings. */
export function document(
  code: string,
  zh: string,
  en: string,
  required = true,
): EvidenceDefinition {
  return { code, label: { zh, en }, required };
}

/** A criterion with its most, and perhaps least, points. */
export function criterion(
  code: string,
  zh: string,
  en: string,
  most: number,
  least?: number,
): Criterion {
  return { code, label: { zh, en }, most, ...(least === undefined ? {} : { least }) };
}

/** Grades of a hundred points, as yearly assessments of platforms print them. */
export const GRADES = [
  { grade: 'excellent', label: { zh: '优秀', en: 'Excellent' }, from: 90, passes: true },
  { grade: 'good', label: { zh: '良好', en: 'Good' }, from: 75, passes: true },
  { grade: 'passed', label: { zh: '合格', en: 'Passed' }, from: 60, passes: true },
  { grade: 'failed', label: { zh: '不合格', en: 'Failed' }, from: 0, passes: false },
] as const;
