import { contract } from '@yinglian/contract';
import { Link } from '@tanstack/react-router';
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

/** Box-office reports as they came in. */
export function ReportsPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const action = can('exhibition.report') ? (
    <Link to="/exhibition/reports/import" className="button button-first">
      <Icon name="upload" />{kernel('do.importReport')}
    </Link>
  ) : null;
  return (
    <Page wide title={kernel('page.reports')} lead={t('reportsLead')} actions={
      <><ListSheet of={contract.exhibition.reports} query={{ filmId }} />{action}</>
    }>
      <Paged label={kernel('page.reports')} name={['exhibition', 'reports', filmId]}
        load={(after, signal) => api.exhibition.reports({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('noReports')} action={action}>{t('noReportsText')}</Empty>}
        columns={[
          { title: t('sender'), head: true, cell: (each) => (
            <Link to="/exhibition/reports/$id" params={{ id: each.id }}>
              {each.sender}<small>{each.file.name}</small>
            </Link>
          ) },
          { title: t('period'), cell: (each) => (
            <span className="figure">{format.date(each.from)} – {format.date(each.to)}</span>
          ) },
          { title: t('level'), cell: (each) => t(`levelKind.${each.level}`) },
          { title: t('rows'), figure: true, cell: (each) => format.number(each.rows) },
          { title: t('admissions'), figure: true, cell: (each) => format.number(each.admissions) },
          { title: t('gross'), figure: true, cell: (each) => format.money(each.grossFen) },
          { title: t('state'), cell: (each) => <State state={each.state} /> },
        ]} />
    </Page>
  );
}
