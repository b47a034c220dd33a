import { formatYuan, parseYuan } from '@yinglian/core';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

type Common = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly required?: boolean;
};

/** A control under its name; what explains it is told after the name and is no part of it. */
function Labelled({
  label,
  required,
  hint,
  told,
  children,
}: {
  readonly label: string;
  readonly required: boolean;
  readonly hint: ReactNode;
  readonly told: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="opencall-field">
      <label className="field">
        <span className={required ? 'opencall-required' : undefined}>{label}</span>
        {children}
      </label>
      {hint === undefined ? null : <small id={told}>{hint}</small>}
    </div>
  );
}

/** One line or several of text. */
export function TextField({
  label,
  hint,
  required = false,
  value,
  onChange,
  long = 0,
  ...input
}: Common & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Rows, where one line is too little. */
  readonly long?: number;
  readonly type?: 'text' | 'date' | 'datetime-local' | 'number' | 'email';
  readonly min?: number | string;
  readonly max?: number | string;
  readonly maxLength?: number;
  readonly inputMode?: 'decimal' | 'numeric' | 'text';
}) {
  const told = useId();
  const shared = {
    className: 'input',
    'aria-describedby': hint === undefined ? undefined : told,
    value,
    required,
    maxLength: input.maxLength,
    onChange: ({ target }: { target: { value: string } }) => onChange(target.value),
  };
  return (
    <Labelled label={label} required={required} hint={hint} told={told}>
      {long > 0 ? <textarea {...shared} rows={long} /> : <input {...input} {...shared} />}
    </Labelled>
  );
}

/** One of a few. */
export function ChoiceField<Value extends string>({
  label,
  hint,
  value,
  onChange,
  choices,
}: Common & {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly (readonly [value: Value, label: string])[];
}) {
  const told = useId();
  return (
    <Labelled label={label} required={false} hint={hint} told={told}>
      <select
        className="input"
        value={value}
        aria-describedby={hint === undefined ? undefined : told}
        onChange={({ target }) => onChange(target.value as Value)}
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** An amount: typed in yuan, kept in fen; what is no amount stays undefined and says so. */
export function MoneyField({
  label,
  hint,
  required = false,
  fen,
  onChange,
}: Common & {
  readonly fen: string | null;
  readonly onChange: (fen: string | null) => void;
}) {
  const { t } = useTranslation('opencall');
  const known = fen !== null && /^\d+$/.test(fen) ? formatYuan(BigInt(fen), { grouped: true }) : '';
  const [text, setText] = useState(known);
  const read = (typed: string): string | null => {
    const amount = parseYuan(typed.trim());
    return amount === undefined || amount < 0n ? null : String(amount);
  };
  const wrong = text.trim() !== '' && read(text) === null;
  const told = useId();
  const more = wrong ? <span className="opencall-wrong">{t('noAmount')}</span> : hint;
  return (
    <Labelled label={label} required={required} hint={more} told={told}>
      <input
        className="input"
        inputMode="decimal"
        value={text}
        required={required}
        aria-invalid={wrong}
        aria-describedby={more === undefined ? undefined : told}
        onChange={({ target }) => {
          setText(target.value);
          onChange(read(target.value));
        }}
      />
    </Labelled>
  );
}

/** Whether something holds. */
export function CheckField({
  label,
  checked,
  required = false,
  onChange,
}: {
  readonly label: ReactNode;
  readonly checked?: boolean;
  readonly required?: boolean;
  readonly onChange?: (checked: boolean) => void;
}) {
  return (
    <label className="opencall-check">
      <input
        type="checkbox"
        required={required}
        {...(checked === undefined ? {} : { checked })}
        onChange={({ target }) => onChange?.(target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** Rows of one kind that are added and taken away; the form of a row is the caller's. */
export function RowsField<Row>({
  title,
  hint,
  rows,
  blank,
  onChange,
  addLabel,
  limit,
  children,
}: {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly rows: readonly Row[];
  readonly blank: () => Row;
  readonly onChange: (rows: readonly Row[]) => void;
  readonly addLabel: string;
  readonly limit?: number;
  readonly children: (row: Row, put: (row: Row) => void, at: number) => ReactNode;
}) {
  const { t } = useTranslation('opencall');
  return (
    <fieldset className="opencall-rows">
      <legend>{title}</legend>
      {hint === undefined ? null : <p className="muted">{hint}</p>}
      {rows.map((row, at) => (
        // Rows have no name of their own; their place is what they are known by.
        <div key={`${at}`} className="opencall-row">
          {children(row, (next) => onChange(rows.with(at, next)), at)}
          <button
            type="button"
            className="button"
            aria-label={t('removeRow', { title, number: at + 1 })}
            onClick={() => onChange(rows.filter((_, other) => other !== at))}
          >
            {t('remove')}
          </button>
        </div>
      ))}
      {limit !== undefined && rows.length >= limit ? null : (
        <button type="button" className="button" onClick={() => onChange([...rows, blank()])}>
          {addLabel}
        </button>
      )}
    </fieldset>
  );
}

/** Words that are kept as a list: typed with commas in either script. */
export function listOf(text: string): string[] {
  return text
    .split(/[,，、;；\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
