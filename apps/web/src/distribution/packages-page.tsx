import { Link } from '@tanstack/react-router';
import { contract } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { CheckCounts } from './check-counts.tsx';
import './distribution.css';

/** Packages made from accepted masters. */
export function PackagesPage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const build = can('distribution.build') ? (
    <>
      <Link to="/distribution/intake" className="button">
        <Icon name="upload" />{kernel('do.intake')}
      </Link>
      <Link to="/distribution/build" className="button button-first">
        <Icon name="plus" />{kernel('do.build')}
      </Link>
    </>
  ) : null;
  return (
    <Page title={kernel('page.packages')} lead={t('lead')} actions={
      <><ListSheet of={contract.distribution.packages} query={{ filmId }} />{build}</>
    }>
      <Paged label={kernel('page.packages')} name={['distribution', 'packages', filmId]}
        load={(after, signal) => api.distribution.packages({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('none')} action={build}>{t('noneText')}</Empty>}
        columns={[
          { title: t('package'), head: true, cell: (each) => (
            <Link to="/distribution/packages/$id" params={{ id: each.id }}>{each.title}</Link>
          ) },
          { title: t('state'), cell: (each) => <State state={each.state} /> },
          { title: t('checked'), cell: (each) => <CheckCounts checked={each.checked} /> },
          { title: t('kind'), cell: (each) => `${each.standard === 'smpte' ? 'SMPTE' : 'Interop'}${
            each.encrypted ? ` · ${t('encrypted')}` : ''}` },
          { title: t('size'), figure: true, cell: (each) => format.bytes(each.sizeBytes) },
          { title: t('made'), figure: true, cell: (each) => format.moment(each.createdAt) },
        ]} />
    </Page>
  );
}
