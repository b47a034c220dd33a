import { useTranslation } from 'react-i18next';
import type { Release } from './plan-text.ts';

/** What a revision changes, part by part, as text that stands and text that stood. */
export function Changes({ changes }: { changes: Release['changes'] }) {
  const { t } = useTranslation('release');
  if (changes.length === 0) return <p>{t('noChanges')}</p>;
  return (
    <ul className="plan-changes">
      {changes.map((each) => (
        <li key={each.path.join('/')}>
          {each.path.map((part) => t(`part.${part}`, { defaultValue: part })).join(' · ')}
          {': '}
          {each.before === null ? null : (
            <del><span className="sr-only">{t('was')} </span>{each.before}</del>
          )}
          {each.before === null || each.after === null ? null : ' → '}
          {each.after === null ? null : (
            <ins><span className="sr-only">{t('becomes')} </span>{each.after}</ins>
          )}
        </li>
      ))}
    </ul>
  );
}
