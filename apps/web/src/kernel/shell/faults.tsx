import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../parts/page.tsx';
import { ProblemNote } from '../parts/problem.tsx';

/** An address that leads nowhere. */
export function NotFound() {
  const { t } = useTranslation('kernel');
  return (
    <Page title={t('notFound.title')} kicker="404">
      <p className="lead">{t('notFound.text')}</p>
      <p>
        <Link to="/" className="button button-first">
          {t('notFound.home')}
        </Link>
      </p>
    </Page>
  );
}

/** A page that could not be shown. */
export function Fault({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('kernel');
  return (
    <Page title={t('fault.title')}>
      <ProblemNote fault={error} again={reset} />
    </Page>
  );
}
