import type { registerKindSchema } from '@yinglian/contract';
import { formatYuan } from '@yinglian/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { fenOf, useWords } from './words.ts';

export type RegisterKind = (typeof registerKindSchema)['_output'];
type Field = RegisterKind['fields'][number];
type Column = Field['columns'][number];
export type Plain = boolean | number | string | readonly string[];
export type Row = Readonly<Record<string, Plain>>;
export type FieldValue = Plain | readonly Row[];
export type FieldValues = Readonly<Record<string, FieldValue>>;

const rowsOf = (value: FieldValue | undefined): readonly Row[] =>
  (Array.isArray(value) ? value.filter((each) => typeof each === 'object') as readonly Row[] : []);

/** What an entry says, to be read: plain fields as a list, tables as tables. */
export function RegisterFields({ kind, fields, names }: {
  kind: RegisterKind; fields: FieldValues; names?: readonly string[];
}) {
  const words = useWords();
  const show = useCell();
  const shown = kind.fields.filter(({ name }) => fields[name] !== undefined
    && (names === undefined || names.includes(name)));
  return (
    <dl className="register-fields">
      {shown.map((field) => (
        <div key={field.name} className={field.kind === 'table' ? 'register-wide' : ''}>
          <dt>{words(field.label)}</dt>
          <dd>{field.kind === 'table' ? (
            <ul>{rowsOf(fields[field.name]).map((row, index) => (
              // Rows have no name of their own; their place is what they are known by.
              <li key={`${index}`}>{field.columns.filter(({ name }) => row[name] !== undefined)
                .map((column) => `${words(column.label)} ${show(column, row[column.name]!)}`)
                .join(' · ')}</li>
            ))}</ul>
          ) : show(field, fields[field.name] as Plain)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A value in the reader's language. */
export function useCell(): (field: Pick<Column, 'kind' | 'choices'>, value: Plain) => string {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  return (field, value) => {
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    const choice = field.choices.find((each) => each.value === value);
    if (choice !== undefined) return words(choice.label);
    if (field.kind === 'money') return format.money(String(value));
    return field.kind === 'date' ? format.date(String(value)) : String(value);
  };
}

/** The form of an entry. Money is typed in yuan and kept in fen. */
export function RegisterForm({ kind, values, onChange }: {
  kind: RegisterKind; values: FieldValues; onChange: (values: FieldValues) => void;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const put = (name: string, value: FieldValue | undefined) => {
    const { [name]: _, ...rest } = values;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="register-form">
      {kind.fields.map((field) => (field.kind === 'table' ? (
        <RowsField key={field.name} field={field} rows={rowsOf(values[field.name])}
          onChange={(rows) => put(field.name, rows.length === 0 ? undefined : rows)} />
      ) : (
        <label key={field.name} className="field">
          <span>{words(field.label)}{field.required ? ' *' : ''}
            {field.published ? <small> · {t('published')}</small> : null}</span>
          <PlainField field={field} value={values[field.name] as Plain | undefined}
            onChange={(value) => put(field.name, value)} />
        </label>
      )))}
    </div>
  );
}

function RowsField({ field, rows, onChange }: {
  field: Field; rows: readonly Row[]; onChange: (rows: readonly Row[]) => void;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  return (
    <fieldset className="register-rows">
      <legend>{words(field.label)}{field.required ? ' *' : ''}</legend>
      {rows.map((row, index) => (
        <div key={`${index}`} className="register-row">
          {field.columns.map((column) => (
            <label key={column.name} className="field">
              <span>{words(column.label)}</span>
              <PlainField field={column} value={row[column.name]} onChange={(value) => {
                const { [column.name]: _, ...rest } = row;
                onChange(rows.with(index, value === undefined ? rest
                  : { ...rest, [column.name]: value }));
              }} />
            </label>
          ))}
          <button type="button" className="button" onClick={() => onChange(
            rows.filter((_, at) => at !== index))}>{t('removeRow')}</button>
        </div>
      ))}
      <button type="button" className="button" onClick={() => onChange([...rows, {}])}>
        {t('addRow')}
      </button>
    </fieldset>
  );
}

function PlainField({ field, value, onChange }: {
  field: Column; value: Plain | undefined; onChange: (value: Plain | undefined) => void;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const money = field.kind === 'money';
  const [text, setText] = useState(value === undefined ? ''
    : money ? formatYuan(BigInt(String(value)), { grouped: true }) : String(value));
  if (field.kind === 'choice' || field.kind === 'yes_no') {
    const choices = field.kind === 'choice' ? field.choices.map((each) => (
      [each.value, words(each.label)] as const))
      : [['true', t('yes')], ['false', t('no')]] as const;
    return (
      <select className="input" value={value === undefined ? '' : String(value)}
        onChange={({ target }) => onChange(target.value === '' ? undefined
          : field.kind === 'yes_no' ? target.value === 'true' : target.value)}>
        <option value="">—</option>
        {choices.map(([each, label]) => <option key={each} value={each}>{label}</option>)}
      </select>
    );
  }
  const read = (typed: string): Plain | undefined => {
    if (typed.trim() === '') return undefined;
    if (money) return fenOf(typed);
    if (field.kind === 'count') return /^\d{1,9}$/.test(typed) ? Number(typed) : undefined;
    return typed;
  };
  const wrong = text.trim() !== '' && read(text) === undefined;
  return (
    <>
      <input className="input" value={text} aria-invalid={wrong}
        type={field.kind === 'date' ? 'date' : 'text'}
        inputMode={money ? 'decimal' : field.kind === 'count' ? 'numeric' : 'text'}
        placeholder={money ? t('inYuan') : ''}
        onChange={({ target }) => {
          setText(target.value);
          onChange(read(target.value));
        }} />
      {wrong ? <small className="fact-wrong">{t('noFigure')}</small> : null}
    </>
  );
}
