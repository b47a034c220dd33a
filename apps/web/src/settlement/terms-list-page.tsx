import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';

/** Terms that were drawn up, by film. */
export function TermsListPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const films = useFilmChoices();
  const { can } = useSession();
  const action = can('settlement.write') ? (
    <Link to="/settlement/terms/$id" params={{ id: 'new' }} className="button button-first">
      <Icon name="plus" />{t('newTerms')}
    </Link>
  ) : null;
  return (
    <Page title={kernel('page.terms')} lead={t('termsLead')} actions={action}>
      <Paged label={kernel('page.terms')} name={['settlement', 'termsList', filmId]}
        load={(after, signal) => api.settlement.termsList({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noTermsYet')} action={action}>{t('noTermsText')}</Empty>}
        columns={[
          { title: t('title'), head: true, cell: (each) => (
            <Link to="/settlement/terms/$id" params={{ id: each.id }}>{each.title}</Link>
          ) },
          { title: kernel('film'),
            cell: (each) => films.find((film) => film.value === each.filmId)?.label ?? '—' },
          { title: t('state'), cell: (each) => <State state={each.state} /> },
          { title: t('version'), figure: true, cell: (each) => each.version },
          { title: t('changed'), figure: true, cell: (each) => format.moment(each.updatedAt) },
        ]} />
    </Page>
  );
}
