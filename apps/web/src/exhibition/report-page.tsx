import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';

/** One report: what it adds up to, what was found in it, and its rows. */
export function ReportPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { can } = useSession();
  const { id } = useParams({ from: '/desk/exhibition/reports/$id' });
  const report = useQuery(ask('exhibition', 'report', { params: { id } }));
  if (report.isPending) return <Waiting />;
  if (report.isError) {
    return <ProblemNote fault={report.error} again={() => void report.refetch()} />;
  }
  const { data } = report;
  return (
    <Page wide title={data.sender} kicker={<Link to="/exhibition/reports">
      {kernel('page.reports')}</Link>} lead={data.file.name}
      actions={
        <>
          <a className="button" download
            href={addressOf(contract.files.download, { params: { id: data.file.id } })}>
            <Icon name="download" />{t('originalFile')}
          </a>
          {can('settlement.write') && data.state === 'imported' ? (
            <Link to="/settlement/settle" className="button button-first"
              search={data.filmId === null ? {} : { film: data.filmId }}>
              {kernel('do.settle')}<Icon name="arrow" />
            </Link>
          ) : null}
        </>
      }>
      <div className="panel">
        <Facts rows={[
          [t('state'), <State key="state" state={data.state} />],
          [t('period'), `${format.date(data.from)} – ${format.date(data.to)}`],
          [t('level'), t(`levelKind.${data.level}`)],
          [t('rows'), format.number(data.rows)],
          [t('quarantined'), format.number(data.quarantined)],
          [t('screenings'), format.number(data.screenings)],
          [t('admissions'), format.number(data.admissions)],
          [t('gross'), <strong key="gross">{format.money(data.grossFen)}</strong>],
        ]} />
      </div>
      {data.findings.length === 0 ? null : (
        <Section title={t('findings')}>
          <div className="panel"><Findings findings={data.findings} /></div>
        </Section>
      )}
      <Rows id={id} />
    </Page>
  );
}

function Rows({ id }: { id: string }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <Section title={t('rowsTitle')}>
      <Paged label={t('rowsTitle')} name={['exhibition', 'reportRows', id]}
        load={(after, signal) => api.exhibition.reportRows({ params: { id },
          query: { limit: 100, ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => String(row.line)}
        empty={<Empty title={t('noRows')} />}
        columns={[
          { title: t('line'), figure: true, cell: (row) => row.line },
          { title: t('cinema'), head: true, cell: (row) => (
            <>{row.cinemaName ?? '—'}<small className="mono">{row.cinemaCode}</small></>
          ) },
          { title: t('film'), cell: (row) => (
            <>{row.filmName ?? '—'}<span className="record-sub mono">{row.filmCode}</span></>
          ) },
          { title: t('hall'), cell: (row) => row.hall ?? '' },
          { title: t('period'), cell: (row) => (
            <span className="figure">
              {row.from === row.to ? format.date(row.from)
                : `${format.date(row.from)} – ${format.date(row.to)}`}
            </span>
          ) },
          { title: t('screenings'), figure: true, cell: (row) => format.number(row.screenings) },
          { title: t('admissions'), figure: true, cell: (row) => format.number(row.admissions) },
          { title: t('gross'), figure: true, cell: (row) => format.money(row.grossFen) },
        ]} />
    </Section>
  );
}
