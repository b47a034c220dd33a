import { useTranslation } from 'react-i18next';
import { contract } from '@yinglian/contract';
import { useFilmId } from '../kernel/film.ts';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page } from '../kernel/parts/page.tsx';
import { Bookings } from './bookings.tsx';
import { Screenings } from './screenings.tsx';
import './release.css';

/** All bookings that one side of which is ours. */
export function BookingsPage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  return (
    <Page wide title={kernel('page.bookings')} lead={t('bookingsLead')}
      actions={<ListSheet of={contract.bookings.list} query={{ filmId }} />}>
      <Bookings filmId={filmId}
        empty={<Empty title={t('bookingsNone')}>{t('bookingsNoneText')}</Empty>} />
      <Screenings filmId={filmId} />
    </Page>
  );
}
