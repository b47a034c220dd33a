import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { fenOf } from '../kernel/money.ts';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { WhatIfChanges } from './what-if-changes.tsx';

/** What may be thought otherwise, and the fields that say it. */
const KINDS = {
  rows: ['cinemaCode', 'from', 'to', 'times', 'date'],
  row: ['cinemaCode', 'hall', 'from', 'gross', 'admissions'],
  city: ['city', 'cityClass'],
  cinema: ['cinemaCode', 'circuit', 'equipment', 'taxpayer'],
  record: ['kind', 'key', 'gross', 'date'],
} as const;
type Kind = keyof typeof KINDS;
type Field = (typeof KINDS)[Kind][number];
type Thought = { readonly kind: Kind; readonly values: Partial<Record<Field, string>> };

const CHOICES: Partial<Record<Field, readonly string[]>> = {
  equipment: ['owned', 'leased'],
  taxpayer: ['general', 'small_scale'],
  kind: ['income', 'expense'],
};
const DATES: ReadonlySet<Field> = new Set(['from', 'to', 'date']);
const OF_TICKETS: readonly Kind[] = ['rows', 'row', 'city', 'cinema'];

/** Facts thought otherwise: a row, a day, a city's class, a cinema, an income. Nothing is kept. */
export function RunWhatIf({ runId, termsKind }: { runId: string; termsKind: string }) {
  const { t } = useTranslation('settlement');
  const { act, busy, fault } = useAction();
  const kinds: readonly Kind[] =
    termsKind === 'theatrical' ? OF_TICKETS
      : termsKind === 'rental' ? ['rows', 'row', 'record'] : ['record'];
  const [thoughts, setThoughts] = useState<readonly Thought[]>([{ kind: kinds[0]!, values: {} }]);
  const [answer, setAnswer] = useState<Awaited<ReturnType<typeof api.settlement.whatIf>>>();
  const change = (index: number, thought: Thought) =>
    setThoughts(thoughts.map((each, i) => (i === index ? thought : each)));
  const compare = async () => {
    setAnswer(undefined);
    const changes = changesOf(thoughts);
    setAnswer(await api.settlement.whatIf({ params: { id: runId }, body: { changes } }));
  };
  return (
    <Section title={t('books.whatIf')}>
      <p className="muted">{t('whatIf.lead')}</p>
      <div className="panel stack">
        {thoughts.map((each, index) => (
          <ThoughtFields key={index} thought={each} kinds={kinds}
            label={`${t('whatIf.change')} ${index + 1}`}
            onChange={(next) => change(index, next)}
            onRemove={thoughts.length > 1
              ? () => setThoughts(thoughts.filter((_, i) => i !== index)) : undefined} />
        ))}
        <ProblemNote fault={fault} />
        <p className="row">
          <button type="button" className="button"
            onClick={() => setThoughts([...thoughts, { kind: kinds[0]!, values: {} }])}>
            {t('whatIf.add')}
          </button>
          <button type="button" className="button button-first" disabled={busy}
            onClick={() => void act(compare)}>{t('whatIf.compare')}</button>
        </p>
      </div>
      {answer === undefined ? null : <WhatIfChanges changes={answer.changes} />}
    </Section>
  );
}

type FieldsProps = {
  readonly thought: Thought;
  readonly kinds: readonly Kind[];
  readonly label: string;
  readonly onChange: (thought: Thought) => void;
  readonly onRemove: (() => void) | undefined;
};

function ThoughtFields({ thought, kinds, label, onChange, onRemove }: FieldsProps) {
  const { t } = useTranslation('settlement');
  const { kind, values } = thought;
  const set = (name: Field, value: string) =>
    onChange({ kind, values: { ...values, [name]: value } });
  return (
    <fieldset className="terms-inner">
      <legend>{label}</legend>
      <div className="row">
        <label className="field"><span>{t('whatIf.what')}</span>
          <Select value={kind} popupMatchSelectWidth={false} aria-label={t('whatIf.what')}
            options={kinds.map((value) => ({ value, label: t(`whatIf.kind.${value}`) }))}
            onChange={(next) => onChange({ kind: next, values: {} })} />
        </label>
        {KINDS[kind].map((name) => (
          <label className="field" key={name}>
            <span>{t(`whatIf.field.${name}`)}</span>
            {CHOICES[name] === undefined ? (
              <Input value={values[name] ?? ''} maxLength={200}
                type={DATES.has(name) ? 'date' : 'text'}
                onChange={(event) => set(name, event.target.value)} />
            ) : (
              <Select allowClear value={values[name] ?? null} popupMatchSelectWidth={false}
                aria-label={t(`whatIf.field.${name}`)}
                options={CHOICES[name].map((value) => (
                  { value, label: t(`whatIf.choice.${value}`) }))}
                onChange={(value: string | null) => set(name, value ?? '')} />
            )}
          </label>
        ))}
        {onRemove === undefined ? null : (
          <button type="button" className="button button-plain" onClick={onRemove}>
            {t('whatIf.remove')}
          </button>
        )}
      </div>
    </fieldset>
  );
}

/** What was typed, as the network reads it; an empty field leaves things as they are. */
function changesOf(thoughts: readonly Thought[]) {
  const of = (...kinds: readonly Kind[]) =>
    thoughts.filter((each) => kinds.includes(each.kind)).map(({ values }) => Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    ));
  const money = (gross: string | undefined) =>
    (gross === undefined ? undefined : fenOf(gross) ?? gross);
  const list = (values: readonly object[]) =>
    (values.length === 0 ? undefined : values.map(known));
  const rows = of('rows').map(({ cinemaCode, from, to, ...set }) => (
    { where: known({ cinemaCode, from, to }), ...set }));
  const one = of('row').map(({ cinemaCode, hall, from, gross, admissions }) => (
    { where: known({ cinemaCode, hall, from, to: from }), grossFen: money(gross), admissions }));
  return known({
    rows: list([...rows, ...one]),
    cities: list(of('city')),
    cinemas: list(of('cinema')),
    records: list(of('record').map(({ gross, ...record }) => (
      { ...record, amountFen: money(gross) }))),
  });
}

const known = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
