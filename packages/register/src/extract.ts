import type { IsoDate } from '@yinglian/core';
import { publishedFields } from './fields.ts';
import type { RegisteredEntry } from './feed.ts';
import { endOf, standingOf } from './life.ts';
import type { Column, Field, FieldValue, RegisterDefinition, Row } from './model.ts';

/**
 * An extract of an entry as plain text, the same bytes for the same record, item and year: it goes
 * with a claim as evidence, and a second claim with the same extract is found as a duplicate.
 * Unpublished fields are in it, data of persons is not.
 */
export function extractText(
  register: RegisterDefinition,
  entry: RegisteredEntry,
  use: { readonly item: string; readonly year: number; readonly on: IsoDate },
): string {
  const lines = [
    `${register.title.zh}摘录`,
    `登记编号：${entry.number}（第 ${entry.version} 版）`,
    `登记部门：${entry.keeper}`,
    `入库日期：${entry.registeredOn ?? ''}`,
    `有效期至：${endOf(register, entry) ?? '长期'}`,
    `状态：${standingOf(register, entry, use.on)}`,
    `用途：${use.item}，${use.year} 年度`,
    '',
    ...register.fields
      .filter((field) => field.personal !== true && Object.hasOwn(entry.fields, field.name))
      .flatMap((field) => fieldLines(field, entry.fields[field.name]!)),
  ];
  return `${lines.join('\n')}\n`;
}

function fieldLines(field: Field, value: FieldValue): string[] {
  if (field.kind !== 'table' || !Array.isArray(value)) {
    return [`${field.label.zh}：${cell(field, value)}`];
  }
  return [
    `${field.label.zh}：`,
    ...(value as readonly Row[]).map(
      (row, index) =>
        `  ${index + 1}. ${field.columns
          .filter(({ name }) => row[name] !== undefined)
          .map((column) => `${column.label.zh} ${cell(column, row[column.name]!)}`)
          .join('；')}`,
    ),
  ];
}

function cell(field: Field | Column, value: FieldValue): string {
  if (typeof value === 'boolean') return value ? '是' : '否';
  const choices = 'choices' in field ? (field.choices ?? []) : [];
  const label = choices.find((each) => each.value === value)?.label.zh;
  if (label !== undefined) return label;
  if (field.kind === 'money' && typeof value === 'string') {
    return `${value.slice(0, -2) || '0'}.${value.slice(-2).padStart(2, '0')} 元`;
  }
  return Array.isArray(value) ? value.join('、') : String(value);
}

/** What the public page shows of an entry: nothing that is not in this list. */
export type PublishedEntry = {
  readonly number: string;
  readonly standing: 'standing' | 'warned' | 'lapsed' | 'ended';
  readonly registeredOn: IsoDate;
  readonly validUntil: IsoDate | null;
  readonly fields: ReturnType<typeof publishedFields>;
};

/**
 * The public view of an entry; undefined for what was never entered or was erased, and for persons
 * whose entry has ended: nobody needs to know of them any more.
 */
export function publishedEntry(
  register: RegisterDefinition,
  entry: Pick<RegisteredEntry, 'number' | 'state' | 'registeredOn' | 'validUntil' | 'fields'>,
  on: IsoDate,
): PublishedEntry | undefined {
  const standing = standingOf(register, entry, on);
  if (standing === 'none' || entry.registeredOn === null || entry.state === 'forgotten') {
    return undefined;
  }
  const ofPersons = register.fields.some((each) => each.published && each.personal === true);
  if (standing === 'ended' && ofPersons) return undefined;
  return {
    number: entry.number,
    standing,
    registeredOn: entry.registeredOn,
    validUntil: endOf(register, entry),
    fields: publishedFields(register, entry.fields),
  };
}
