import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { State } from '../kernel/parts/state.tsx';
import { ask } from '../kernel/api.ts';
import { useSession } from '../kernel/session.ts';
import { StatementTable } from './statement-table.tsx';

/** Settlement runs, and the statements that came of them. */
export function RunsPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const films = useFilmChoices();
  const { can } = useSession();
  const action = can('settlement.write') ? (
    <Link to="/settlement/settle" className="button button-first">
      {kernel('do.settle')}<Icon name="arrow" />
    </Link>
  ) : null;
  return (
    <Page wide title={kernel('page.runs')} lead={t('lead')} actions={action}>
      <Paged label={kernel('page.runs')} name={['settlement', 'runs', filmId]}
        load={(after, signal) => api.settlement.runs({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(each) => each.id}
        empty={<Empty title={t('none')} action={action}>{t('noneText')}</Empty>}
        columns={[
          { title: kernel('film'), head: true, cell: (each) => (
            <Link to="/settlement/runs/$id" params={{ id: each.id }}>
              {films.find((film) => film.value === each.filmId)?.label ?? t('run')}
            </Link>
          ) },
          { title: t('period'), cell: (each) => (
            <span className="figure">{format.date(each.from)} – {format.date(each.to)}</span>
          ) },
          { title: t('state'), cell: (each) => <State state={each.state} /> },
          { title: t('gross'), figure: true, cell: (each) => format.money(each.grossFen) },
          { title: t('made'), figure: true, cell: (each) => format.moment(each.createdAt) },
        ]} />
      <AllStatements filmId={filmId} />
    </Page>
  );
}

function AllStatements({ filmId }: { filmId: string | undefined }) {
  const { t } = useTranslation('settlement');
  const statements = useQuery(ask('settlement', 'statements', {
    query: { limit: 100, ...(filmId === undefined ? {} : { filmId }) },
  }));
  const rows = statements.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('statements')}><StatementTable rows={rows} /></Section>
  );
}
