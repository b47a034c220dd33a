import { useTranslation } from 'react-i18next';
import { type Release, yuanOfFen } from './plan-text.ts';

type Change = Release['changes'][number];

/** What a revision changes, part by part, as text that stands and text that stood. */
export function Changes({ changes }: { changes: Release['changes'] }) {
  const { t } = useTranslation('release');
  // `extension 2` is the second extension; other names are people's own.
  const wordOf = (part: string) => {
    const [kind, number] = part.split(' ');
    const named = number === undefined ? '' : t(`kind.${kind}`, { defaultValue: '' });
    return named === '' ? t(`part.${part}`, { defaultValue: part }) : `${named} ${number}`;
  };
  const valueOf = (each: Change, value: string) =>
    (each.path[0] === 'standards' ? `¥${yuanOfFen(value)}` : value);
  if (changes.length === 0) return <p>{t('noChanges')}</p>;
  return (
    <ul className="plan-changes">
      {changes.map((each) => (
        <li key={each.path.join('/')}>
          {each.path.map(wordOf).join(' · ')}
          {': '}
          {each.before === null ? null : (
            <del><span className="sr-only">{t('was')} </span>{valueOf(each, each.before)}</del>
          )}
          {each.before === null || each.after === null ? null : ' → '}
          {each.after === null ? null : (
            <ins><span className="sr-only">{t('becomes')} </span>{valueOf(each, each.after)}</ins>
          )}
        </li>
      ))}
    </ul>
  );
}
