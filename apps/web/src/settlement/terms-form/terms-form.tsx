import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../kernel/api.ts';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { type Field, Part, useWords } from './part.tsx';
import { kindOf, listOf, type Members, membersOf, type Schema, shapeOf, type Value,
  withMember } from './schema.ts';

/** What every set of terms begins with; the rest follows in the order of the language. */
const FIRST = ['title', 'effective', 'film', 'films', 'parties'];
/** Members that nobody chooses: they are the language's, or the storage's. */
const HIDDEN = new Set(['format', 'kind']);

/**
 * Terms as a form: a card for each clause, with the words of the trade. It is drawn from the
 * published schema, so that whatever the language can state can be stated here.
 */
export function TermsForm({ value, readOnly, onChange }: {
  value: unknown; readOnly: boolean; onChange: (value: Members) => void;
}) {
  const { t } = useTranslation('settlement');
  const words = useWords();
  const schema = useQuery({ ...ask('settlement', 'termsSchema'), staleTime: Infinity });
  const list = useId();
  const terms = membersOf(value as Value);
  if (schema.data === undefined) return <ProblemNote fault={schema.error} />;
  const kinds = (schema.data.schema as Schema).oneOf ?? [];
  const chosen = kinds.find((each) => each.properties?.['kind']?.const === terms['kind']);
  if (chosen === undefined) return <p className="field-fault" role="alert">{t('form.unknown')}</p>;
  const properties = chosen.properties ?? {};
  const names = Object.keys(properties).filter((each) => !HIDDEN.has(each))
    .sort((a, b) => placeOf(a) - placeOf(b));
  const partyNames = Object.fromEntries(listOf(terms['parties']).map((each) => {
    const { id, name } = membersOf(each);
    return [String(id ?? ''), words.said(name)] as const;
  }));
  return (
    <div className="terms-form">
      <datalist id={list}>
        {Object.entries(partyNames).map(([id, name]) => (
          <option key={id} value={id}>{name}</option>
        ))}
      </datalist>
      {names.map((name) => {
        const field: Field = { name, schema: properties[name]!, readOnly, parties: list,
          partyNames, path: name, optional: chosen.required?.includes(name) !== true };
        const change = (next: Value | undefined) => onChange(withMember(terms, name, next));
        const part = <Part field={field} value={terms[name]} onChange={change} />;
        const { as } = shapeOf(kindOf([properties[name]!], terms[name]));
        return as === 'text' || as === 'choice' ? <div key={name}>{part}</div> : (
          <section key={name} className="terms-part" aria-label={words.label(field)}>
            <h3>{words.label(field)}</h3>
            {part}
          </section>
        );
      })}
    </div>
  );
}

function placeOf(name: string): number {
  const place = FIRST.indexOf(name);
  return place === -1 ? FIRST.length : place;
}
