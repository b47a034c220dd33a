import { formatYuan } from '@yinglian/core';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Answers, type Fact, type FactValue, fenOf, useWords } from './words.ts';

type Change = (name: string, value: FactValue | undefined) => void;

/** Facts by subject: who applies, the centre, the orders … in the order of the instrument. */
function groupsOf(facts: readonly Fact[]): [group: string, facts: Fact[]][] {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    const group = fact.name.split('.', 1)[0]!;
    groups.set(group, [...(groups.get(group) ?? []), fact]);
  }
  return [...groups];
}

/** The questions of an instrument; a question nobody answers is unknown, never "no". */
export function FactForm({ facts, answers, onChange, ask, opened = false }: {
  facts: readonly Fact[]; answers: Answers; onChange: Change; ask?: string | null;
  opened?: boolean;
}) {
  const { t } = useTranslation('policy');
  const asked = ask?.split('.', 1)[0];
  return (
    <div className="fact-groups">
      {groupsOf(facts).map(([group, own], index) => {
        const given = own.filter(({ name }) => answers[name] !== undefined).length;
        return (
          <details key={group} className="fact-group panel"
            open={opened || index === 0 || group === asked || given > 0}>
            <summary>
              {t(`group.${group}`, { defaultValue: group })}
              <span className="muted">{t('answered', { given, all: own.length })}</span>
            </summary>
            <div className="stack">
              {own.map((fact) => (
                <FactField key={fact.name} fact={fact} value={answers[fact.name]}
                  onChange={onChange} asked={fact.name === ask} />
              ))}
            </div>
          </details>
        );
      })}
    </div>
  );
}

function FactField({ fact, value, onChange, asked }: {
  fact: Fact; value: FactValue | undefined; onChange: Change; asked: boolean;
}) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const id = useId();
  const label = words(fact.label);
  const note = (
    <>
      {asked ? <small className="fact-asked">{t('askedNext')}</small> : null}
      {fact.help === null ? null : <small className="fact-help">{words(fact.help)}</small>}
    </>
  );
  if (fact.kind === 'yes_no') {
    return (
      <fieldset className="fact-yes-no">
        <legend>{label}{note}</legend>
        {([true, false, undefined] as const).map((each) => (
          <label key={String(each)}>
            <input type="radio" name={id} checked={value === each}
              onChange={() => onChange(fact.name, each)} />
            {t(each === undefined ? 'notSure' : each ? 'yes' : 'no')}
          </label>
        ))}
      </fieldset>
    );
  }
  if (fact.kind === 'choices') {
    return <SeveralField fact={fact} value={value} onChange={onChange} note={note} />;
  }
  return (
    <label className="field">
      <span>{label}{note}</span>
      {fact.kind === 'choice' ? (
        <select className="input" value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(fact.name, event.target.value || undefined)}>
          <option value="">{t('notSure')}</option>
          {fact.choices.map((each) => (
            <option key={each.value} value={each.value}>{words(each.label)}</option>
          ))}
        </select>
      ) : <TypedField fact={fact} value={value} onChange={onChange} />}
    </label>
  );
}

/** Several of a list; none of them ticked is "not answered", as nobody said "none". */
function SeveralField({ fact, value, onChange, note }: {
  fact: Fact; value: FactValue | undefined; onChange: Change; note: ReactNode;
}) {
  const words = useWords();
  const chosen: readonly string[] = Array.isArray(value) ? value : [];
  const toggle = (each: string, on: boolean) => {
    const next = fact.choices.map((choice) => choice.value)
      .filter((one) => (one === each ? on : chosen.includes(one)));
    onChange(fact.name, next.length === 0 ? undefined : next);
  };
  return (
    <fieldset className="fact-yes-no">
      <legend>{words(fact.label)}{note}</legend>
      {fact.choices.map((each) => (
        <label key={each.value}>
          <input type="checkbox" checked={chosen.includes(each.value)}
            onChange={({ target }) => toggle(each.value, target.checked)} />
          {words(each.label)}
        </label>
      ))}
    </fieldset>
  );
}

/** A figure as it is typed: it becomes a fact when it is one. */
function TypedField({ fact, value, onChange }: {
  fact: Fact; value: FactValue | undefined; onChange: Change;
}) {
  const { t } = useTranslation('policy');
  const money = fact.kind === 'money';
  const shown = value === undefined ? ''
    : money ? formatYuan(BigInt(String(value)), { grouped: true }) : String(value);
  const [text, setText] = useState(shown);
  const read = (typed: string): FactValue | undefined => {
    if (typed.trim() === '') return undefined;
    if (money) return fenOf(typed);
    if (fact.kind === 'count') return /^\d{1,9}$/.test(typed) ? Number(typed) : undefined;
    return typed;
  };
  const wrong = text.trim() !== '' && read(text) === undefined;
  return (
    <>
      <input className="input" inputMode={money ? 'decimal' : fact.kind === 'count' ? 'numeric'
        : 'text'} type={fact.kind === 'date' ? 'date' : 'text'} value={text}
        placeholder={money ? t('inYuan') : ''} aria-invalid={wrong}
        onChange={(event) => {
          setText(event.target.value);
          onChange(fact.name, read(event.target.value));
        }} />
      {wrong ? <small className="fact-wrong">{t('noFigure')}</small> : null}
    </>
  );
}
