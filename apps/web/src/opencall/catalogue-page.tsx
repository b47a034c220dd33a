import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { IndicatorList } from './indicator-list.tsx';
import './opencall.css';

/** 攻关目录 and 榜单, for everybody. */
export function OpencallPage() {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { user } = useSession();
  const rounds = useQuery(ask('opencall', 'rounds'));
  const catalogues = useQuery(ask('opencall', 'catalogues'));
  const fault = rounds.error ?? catalogues.error;
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        user === null ? null : (
          <Link className="button" to="/policy/opencall">
            {t('myDesk')}
          </Link>
        )
      }
    >
      {fault === null ? null : <ProblemNote fault={fault} />}
      <Section title={t('rounds')}>
        {rounds.isPending ? (
          <Waiting />
        ) : (rounds.data?.rows.length ?? 0) === 0 ? (
          <Empty title={t('noRounds')}>{t('noRoundsText')}</Empty>
        ) : (
          <Records
            label={t('rounds')}
            rows={rounds.data?.rows ?? []}
            keyOf={(each) => each.id}
            columns={[
              {
                title: t('task'),
                head: true,
                cell: (each) => (
                  <Link to="/opencall/$id" params={{ id: each.id }}>
                    {each.entry.code} {each.title}
                  </Link>
                ),
              },
              { title: t('department'), cell: (each) => each.department },
              { title: t('stateTitle'), cell: (each) => t(`state.${each.state}`) },
              {
                title: t('budget'),
                figure: true,
                cell: (each) =>
                  each.entry.budgetFen === null
                    ? t('ownMoney')
                    : format.money(each.entry.budgetFen),
              },
              { title: t('closes'), figure: true, cell: (each) => format.moment(each.closesAt) },
            ]}
          />
        )}
      </Section>
      {(catalogues.data?.rows ?? []).map(({ id }) => (
        <Catalogue key={id} id={id} />
      ))}
    </Page>
  );
}

function Catalogue({ id }: { id: string }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const { data } = useQuery(ask('opencall', 'catalogue', { params: { id } }));
  if (data === undefined || data.entries.length === 0) return null;
  const notice =
    data.state === 'on_notice'
      ? t('onNoticeUntil', { date: format.date(data.noticeUntil) })
      : t('edition', { number: data.edition });
  return (
    <Section title={`${data.year} ${data.title}`}>
      <p className="muted">
        {data.department} · {notice}
      </p>
      <div className="opencall-entries">
        {data.entries.map((entry) => (
          <article key={entry.code} className="panel stack">
            <h3>
              {entry.code} {entry.title}
            </h3>
            <p>{entry.need}</p>
            <IndicatorList indicators={entry.indicators} />
            <p className="muted">
              {t('due')} {format.date(entry.due)} · {entry.rights}
            </p>
          </article>
        ))}
      </div>
    </Section>
  );
}
