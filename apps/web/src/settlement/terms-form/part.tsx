import { Select } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { blankOf, isTaken, kindOf, listOf, type Members, membersOf, type Schema, shapeOf,
  tellingMember, type Value, withMember } from './schema.ts';

/** One part of the terms and where it stands. */
export type Field = {
  readonly name: string;
  readonly schema: Schema;
  readonly path: string;
  readonly optional: boolean;
  readonly readOnly: boolean;
  /** The id of the list of the terms' parties. */
  readonly parties: string;
  /** What each party is called. */
  readonly partyNames: Readonly<Record<string, string>>;
};
type PartProps = {
  field: Field; value: Value | undefined; onChange: (value: Value | undefined) => void;
};

/** Members that name a party of the terms. */
const PARTY_NAMES = new Set(['to', 'from', 'party', 'topUpBy', 'tailParty', 'platform', 'licensor',
  'exhibitor', 'distributor']);
/** Separators that people put between the texts of a list. */
const BETWEEN = /[,，、;；\s]+/;

/** The words for members and their values, in the reader's language. */
export function useWords() {
  const { t, i18n } = useTranslation('settlement');
  const language = i18n.language === 'en' ? 'en' : 'zh';
  const label = ({ name, schema }: Pick<Field, 'name' | 'schema'>): string => {
    const shape = shapeOf(schema);
    const dated = shape.as === 'text' && shape.date ? `${name}Date` : name;
    return t(`form.field.${dated}`, { defaultValue: t(`form.field.${name}`,
      { defaultValue: name }) });
  };
  const choice = (name: string, value: string): string => t(`form.choice.${name}.${value}`,
    { defaultValue: t(`role.${value}`, { defaultValue: value }) });
  const said = (value: Value | undefined): string => {
    const text = membersOf(value)[language];
    return typeof text === 'string' ? text : '';
  };
  return { t, label, choice, said };
}

/** A part of the terms in the shape that its schema gives it. */
export function Part({ field, value, onChange }: PartProps) {
  const shape = shapeOf(field.schema);
  switch (shape.as) {
    case 'fixed':
      return null;
    case 'choice':
      return <Choice {...{ field, value, onChange }} values={shape.values} />;
    case 'text':
      return <Text {...{ field, value, onChange }} date={shape.date} />;
    case 'words':
      return <Words {...{ field, value, onChange }} />;
    case 'texts':
      return <Texts {...{ field, value, onChange }} />;
    case 'cards':
      return <Cards {...{ field, value, onChange }} items={shape.items} />;
    case 'group':
      return <Group {...{ field, value, onChange }} properties={shape.properties} />;
    case 'named':
      return <Named {...{ field, value, onChange }} items={shape.items} />;
    case 'kinds':
      return <Kinds {...{ field, value, onChange }} kinds={shape.kinds} />;
  }
}

function Text({ field, value, onChange, date }: PartProps & { date: boolean }) {
  const { label, t } = useWords();
  const text = typeof value === 'string' ? value : '';
  const wrong = text === '' ? !field.optional : !isTaken(field.schema, text);
  const hint = useId();
  const ofParty = PARTY_NAMES.has(field.name) && !date;
  return (
    <div className="terms-field">
      <label className="field">
        <span>{label(field)}</span>
        <input className="input" type={date ? 'date' : 'text'} value={text} spellCheck={false}
          readOnly={field.readOnly} maxLength={field.schema.maxLength}
          list={ofParty ? field.parties : undefined} aria-invalid={wrong && !field.readOnly}
          aria-describedby={wrong ? hint : undefined}
          onChange={(event) => onChange(event.target.value)} />
      </label>
      {wrong && !field.readOnly
        ? <small className="field-fault" id={hint}>{t(hintOf(field.schema, text))}</small> : null}
    </div>
  );
}

/** What a text of this schema looks like. */
function hintOf(schema: Schema, text: string): string {
  if (text === '') return 'form.hint.missing';
  const patterns = [schema, ...(schema.anyOf ?? [])].map((each) => each.pattern ?? '').join(' ');
  if (patterns.includes('%')) return 'form.hint.rate';
  if (patterns.includes('\\.\\d{1,2}')) return 'form.hint.yuan';
  if (patterns.includes('[a-z]')) return 'form.hint.name';
  return patterns.includes('\\d{1,15}') ? 'form.hint.count' : 'form.hint.other';
}

function Choice({ field, value, onChange, values }: PartProps & { values: readonly string[] }) {
  const { label, choice, t } = useWords();
  const given = values.map((each) => ({ value: each, label: choice(field.name, each) }));
  const none = field.optional ? [{ value: '', label: t('form.unsaid') }] : [];
  return (
    <label className="field">
      <span>{label(field)}</span>
      <Select aria-label={label(field)} disabled={field.readOnly} popupMatchSelectWidth={false}
        value={typeof value === 'string' ? value : ''} options={[...none, ...given]}
        onChange={(next: string) => onChange(next)} />
    </label>
  );
}

function Words({ field, value, onChange }: PartProps) {
  const { t } = useWords();
  const texts = membersOf(value);
  return (
    <div className="terms-fields">
      {(['zh', 'en'] as const).map((language) => (
        <Text key={language} date={false} value={texts[language]}
          field={{ ...field, name: language, optional: false, schema: { maxLength: 200 } }}
          onChange={(next) => onChange({ ...texts, [language]: next ?? '' })} />
      ))}
      {field.optional && value === undefined
        ? <small className="muted">{t('form.unsaid')}</small> : null}
    </div>
  );
}

function Texts({ field, value, onChange }: PartProps) {
  const { label, t } = useWords();
  const list = listOf(value);
  return (
    <label className="field">
      <span>{label(field)}</span>
      <input key={list.join(' ')} className="input" type="text" defaultValue={list.join(', ')}
        readOnly={field.readOnly} placeholder={field.optional ? t('form.all') : ''}
        onBlur={(event) => {
          const next = event.target.value.split(BETWEEN).filter((each) => each !== '');
          if (next.join(' ') === list.join(' ')) return;
          onChange(next.length === 0 && field.optional ? undefined : next);
        }} />
    </label>
  );
}

function Group({ field, value, onChange, properties }: PartProps & {
  properties: Readonly<Record<string, Schema>>;
}) {
  const { label, t } = useWords();
  const members = membersOf(value);
  if (value === undefined && field.optional) {
    return field.readOnly ? <p className="muted">{t('form.unsaid')}</p> : (
      <button type="button" className="button button-plain"
        onClick={() => onChange(blankOf(field.schema))}>
        {t('form.state', { what: label(field) })}
      </button>
    );
  }
  const parts = Object.entries(properties).filter(([, each]) => shapeOf(each).as !== 'fixed');
  const isSmall = (schema: Schema) => ['text', 'choice', 'texts'].includes(shapeOf(schema).as);
  const part = ([name, schema]: [string, Schema]) => {
    const optional = field.schema.required?.includes(name) !== true;
    const inner: Field = { ...field, name, schema, optional, path: `${field.path}.${name}` };
    return (
      <Part field={inner} value={members[name]} onChange={(next) => onChange(optional
        ? withMember(members, name, next) : { ...members, [name]: next ?? '' })} />
    );
  };
  return (
    <div className="terms-group">
      <div className="terms-fields">
        {parts.filter(([, each]) => isSmall(each))
          .map((each) => <div key={each[0]}>{part(each)}</div>)}
      </div>
      {parts.filter(([, each]) => !isSmall(each)).map((each) => (
        <fieldset key={each[0]} className="terms-inner">
          <legend>{label({ name: each[0], schema: each[1] })}</legend>
          {part(each)}
        </fieldset>
      ))}
      {field.optional && !field.readOnly ? (
        <button type="button" className="button button-plain" onClick={() => onChange(undefined)}>
          {t('form.unstate', { what: label(field) })}
        </button>
      ) : null}
    </div>
  );
}

function Cards({ field, value, onChange, items }: PartProps & { items: Schema }) {
  const { label, t, said } = useWords();
  const list = listOf(value);
  const put = (next: readonly Value[]) => onChange(
    next.length === 0 && field.optional ? undefined : next);
  const swap = (at: number, by: number) => {
    const next = [...list];
    [next[at], next[at + by]] = [next[at + by]!, next[at]!];
    put(next);
  };
  return (
    <div className="terms-cards">
      {list.map((item, index) => {
        const inner: Field = { ...field, schema: items, optional: false,
          path: `${field.path}.${index}` };
        const title = titleOf(membersOf(item), said, field.partyNames);
        const heading = title || `${label(field)} ${index + 1}`;
        const act = (name: string, disabled: boolean, run: () => void) => (
          <button type="button" className="button button-plain" disabled={disabled} onClick={run}>
            {t(`form.${name}`)}<span className="sr-only"> {heading}</span>
          </button>
        );
        return (
          <details key={inner.path} className="terms-card" open={title === '' || holdsCards(items)}>
            <summary>{heading}</summary>
            <Part field={inner} value={item}
              onChange={(next) => put(list.map((each, i) => (i === index ? next ?? '' : each)))} />
            {field.readOnly ? null : (
              <p className="row">
                {act('up', index === 0, () => swap(index, -1))}
                {act('down', index === list.length - 1, () => swap(index, 1))}
                {act('remove', false, () => put(list.filter((_, i) => i !== index)))}
              </p>
            )}
          </details>
        );
      })}
      {field.readOnly ? null : (
        <button type="button" className="button button-plain"
          onClick={() => put([...list, blankOf(items)])}>
          {t('form.add', { what: label(field) })}
        </button>
      )}
    </div>
  );
}

/** A card that only says what its heading says begins folded. */
function holdsCards(schema: Schema): boolean {
  const shape = shapeOf(schema);
  if (shape.as === 'kinds') return shape.kinds.some(holdsCards);
  return shape.as === 'group'
    && Object.values(shape.properties).some((each) => shapeOf(each).as === 'cards');
}

/** What a card is about, from the members that say it; parties by their names. */
function titleOf(
  members: Members, said: (value: Value | undefined) => string,
  partyNames: Field['partyNames'],
): string {
  const texts = ['id', 'to', 'label', 'code', 'above', 'share', 'perTicket', 'rate', 'minimum']
    .map((name) => [name, members[name]] as const)
    .map(([name, text]) => (typeof text !== 'string' ? ''
      : name === 'to' ? partyNames[text] ?? text : text));
  return [said(members['name']), ...texts].filter((each) => each !== '').join(' · ');
}

function Named({ field, value, onChange, items }: PartProps & { items: Schema }) {
  const { label, t } = useWords();
  const entries = Object.entries(membersOf(value));
  const put = (next: readonly (readonly [string, Value])[]) => onChange(Object.fromEntries(next));
  return (
    <div className="terms-cards">
      {entries.map(([name, item], index) => (
        <div key={index} className="terms-fields">
          <Text date={false} value={name} onChange={(next) => put(entries.map((each, i) =>
            (i === index ? [String(next ?? ''), each[1]] : each)))}
            field={{ ...field, name: 'id', optional: false, schema: { maxLength: 63 } }} />
          <Part field={{ ...field, schema: items, optional: false, path: `${field.path}.${name}` }}
            value={item} onChange={(next) => put(entries.map((each, i) =>
              (i === index ? [each[0], next ?? []] : each)))} />
          {field.readOnly ? null : (
            <button type="button" className="button button-plain"
              onClick={() => put(entries.filter((_, i) => i !== index))}>
              {t('form.remove')}<span className="sr-only"> {name}</span>
            </button>
          )}
        </div>
      ))}
      {field.readOnly ? null : (
        <button type="button" className="button button-plain"
          onClick={() => put([...entries, [`class_${entries.length + 1}`, blankOf(items)]])}>
          {t('form.add', { what: label(field) })}
        </button>
      )}
    </div>
  );
}

/** One of several kinds: which, and what that kind has to say. */
function Kinds({ field, value, onChange, kinds }: PartProps & { kinds: readonly Schema[] }) {
  const { label, choice } = useWords();
  const telling = tellingMember(kinds);
  const chosen = kindOf(kinds, value);
  const name = telling ?? 'kind';
  const members = membersOf(value);
  const options = kinds.map((each) => {
    const kind = each.properties?.[name]?.const ?? '';
    return { value: kind, label: choice(name, kind) };
  });
  return (
    <div className="terms-group">
      {telling === undefined ? null : (
        <label className="field">
          <span>{label({ name, schema: {} })}</span>
          <Select aria-label={label({ name, schema: {} })} disabled={field.readOnly}
            value={String(members[name] ?? '')} options={options} popupMatchSelectWidth={false}
            onChange={(next: string) => {
              const kind = kinds.find((each) => each.properties?.[name]?.const === next);
              if (kind !== undefined) onChange(carried(members, kind));
            }} />
        </label>
      )}
      <Group field={{ ...field, schema: chosen, optional: false }} value={value ?? {}}
        onChange={onChange} properties={chosen.properties ?? {}} />
    </div>
  );
}

/** What another kind also has is carried over to it. */
function carried(members: Members, kind: Schema): Value {
  const kept = Object.entries(members).filter(([name]) => {
    const there = kind.properties?.[name];
    return there !== undefined && there.const === undefined;
  });
  return { ...membersOf(blankOf(kind)), ...Object.fromEntries(kept) };
}
