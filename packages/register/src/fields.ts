import { addRatio, type Finding, finding, parseRatio, type Ratio, ZERO } from '@yinglian/core';
import { type FactDefinition, isFactValue, plainName } from '@yinglian/policy';
import type { Field, Fields, FieldValue, RegisterDefinition, Row } from './model.ts';

/** Rows of one table; the largest list of assets seen has some hundred. */
export const ROWS_MAX = 500;

/** The rows of a table field; none where it holds anything else. */
export function rowsOf(fields: Fields, name: string): readonly Row[] {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!Array.isArray(value)) return [];
  return (value as readonly unknown[]).filter(isRow);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a plain field, or undefined. */
export function valueOf(fields: Fields, name: string): FieldValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** What is wrong with what an entry says. What is missing is told by {@link missingParts}. */
export function checkFields(register: RegisterDefinition, fields: Fields): Finding[] {
  const known = new Map(register.fields.map((each) => [each.name, each]));
  const faults = Object.keys(fields)
    .sort()
    .flatMap((name) => {
      const field = known.get(name);
      if (field === undefined) {
        const facts = { field: name.slice(0, 60) };
        return [finding('unknown_field', 'error', { facts, at: { field: name.slice(0, 60) } })];
      }
      return fieldFaults(field, fields[name]!);
    });
  return [...faults, ...shareFaults(register, fields)];
}

function fieldFaults(field: Field, value: FieldValue): Finding[] {
  if (field.kind !== 'table') {
    const definition: FactDefinition = { ...field, kind: field.kind };
    return isFactValue(definition, value) ? [] : [wrong(field.name, field.kind)];
  }
  if (!Array.isArray(value)) return [wrong(field.name, 'table')];
  if (value.length > ROWS_MAX) {
    const facts = { field: field.name, count: value.length, limit: ROWS_MAX };
    return [finding('excessive_rows', 'error', { facts, at: { field: field.name } })];
  }
  return (value as readonly unknown[]).flatMap((row, index) => {
    if (!isRow(row)) return [wrong(`${field.name}[${index + 1}]`, 'row')];
    const columns = new Map(field.columns.map((each) => [each.name, each]));
    const strange = Object.keys(row).filter((name) => !columns.has(name));
    const cells = field.columns.flatMap((column) => {
      const at = `${field.name}[${index + 1}].${column.name}`;
      if (!Object.hasOwn(row, column.name)) return column.required ? [wrong(at, column.kind)] : [];
      return isFactValue(column, row[column.name]) ? [] : [wrong(at, column.kind)];
    });
    return [
      ...cells,
      ...strange.map((name) =>
        finding('unknown_field', 'error', { facts: { field: name.slice(0, 60) } }),
      ),
    ];
  });
}

function wrong(field: string, kind: string): Finding {
  return finding('invalid_field', 'error', { facts: { field, kind }, at: { field } });
}

/** Shares are exact fractions above zero, and together the whole. */
function shareFaults(register: RegisterDefinition, fields: Fields): Finding[] {
  const { beneficiary } = register;
  if (beneficiary.by !== 'rows') return [];
  const rows = rowsOf(fields, beneficiary.field);
  if (rows.length === 0) return [];
  // Who has no code is told by the name, as a claimant is.
  const named = rows.map((row) => {
    const [code, name] = [beneficiary.code, beneficiary.name].map((column) =>
      textOf(row[column]).trim(),
    );
    return code === '' ? `name:${name}` : `code:${code!.toUpperCase()}`;
  });
  if (new Set(named).size < named.length) {
    return [finding('duplicate_beneficiary', 'error', { at: { field: beneficiary.field } })];
  }
  let sum: Ratio = ZERO;
  for (const row of rows) {
    const share = parseRatio(textOf(row[beneficiary.share]));
    if (share === undefined || share.numerator <= 0n) {
      return [wrong(`${beneficiary.field}.${beneficiary.share}`, 'share')];
    }
    sum = addRatio(sum, share);
  }
  if (sum.numerator === sum.denominator) return [];
  const facts = { sum: `${sum.numerator}/${sum.denominator}` };
  return [finding('mismatched_shares', 'error', { facts, at: { field: beneficiary.field } })];
}

/** Required fields and documents that are not there: the list of one correction. */
export function missingParts(
  register: RegisterDefinition,
  fields: Fields,
  documents: readonly string[],
): Finding[] {
  const absent = register.fields
    .filter((field) => field.required && isEmpty(valueOf(fields, field.name)))
    .map(({ name, label }) =>
      finding('missing_field', 'error', {
        facts: { field: name, label: `${label.zh} ${label.en}` },
        at: { field: name },
      }),
    );
  const lacking = register.documents
    .filter(({ code, required }) => required && !documents.includes(code))
    .map(({ code, label }) =>
      finding('missing_document', 'error', {
        facts: { code, label: `${label.zh} ${label.en}` },
      }),
    );
  return [...absent, ...lacking];
}

function isEmpty(value: FieldValue | undefined): boolean {
  if (value === undefined) return true;
  return typeof value === 'string' ? value.trim() === '' : Array.isArray(value) && !value.length;
}

/**
 * What names the thing: the values of the identity fields without case, spaces and punctuation,
 * so that 4K 制播平台 and ４Ｋ制播平台 are one. Undefined while one of them is empty.
 */
export function identityOf(register: RegisterDefinition, fields: Fields): string | undefined {
  const parts = register.identity.map((name) => plainName(textOf(valueOf(fields, name))));
  return parts.some((part) => part === '') ? undefined : parts.join('|');
}

/** Exactly the fields that the public page shows, in the order of the definition. */
export function publishedFields(register: RegisterDefinition, fields: Fields): Fields {
  return Object.fromEntries(
    register.fields
      .filter(({ name, published }) => published && Object.hasOwn(fields, name))
      .map(({ name }) => [name, fields[name]!]),
  );
}

/** What is left when the data of persons is erased. */
export function withoutPersons(register: RegisterDefinition, fields: Fields): Fields {
  const personal = new Set(
    register.fields.filter((each) => each.personal === true).map(({ name }) => name),
  );
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !personal.has(name)));
}

/** A value as text; what is neither text nor a number is none, whatever it says of itself. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
