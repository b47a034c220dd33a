import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';
import './distribution.css';

/** Which screens can show a film on a day, and what the others lack. */
export function ReadinessPage() {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const search = useSearch({ from: '/desk/distribution/readiness' });
  const [chosen, setChosen] = useState<string>();
  const [date, setDate] = useState(() => dayjs().add(1, 'day').format('YYYY-MM-DD'));
  const packages = useQuery(ask('distribution', 'packages', {
    query: { limit: 200, ...(filmId === undefined ? {} : { filmId }) },
  }));
  const rows = packages.data?.rows ?? [];
  const packageId = chosen ?? search.package ?? rows[0]?.id;
  return (
    <Page wide title={kernel('page.readiness')} lead={t('readinessLead')}>
      {packages.isSuccess && rows.length === 0 ? (
        <Empty title={t('none')}>{t('readinessNone')}</Empty>
      ) : (
        <div className="field-row">
          <label className="field"><span>{t('package')}</span>
            <Select aria-label={t('package')} value={packageId} onChange={setChosen}
              options={rows.map((each) => ({ value: each.id, label: each.title }))} />
          </label>
          <label className="field"><span>{t('day')}</span>
            <DatePicker aria-label={t('day')} allowClear={false} value={dayjs(date)}
              onChange={(day) => setDate(day?.format('YYYY-MM-DD') ?? date)} />
          </label>
        </div>
      )}
      {packageId === undefined || date === '' ? null : <Board packageId={packageId} date={date} />}
    </Page>
  );
}

function Board({ packageId, date }: { packageId: string; date: string }) {
  const { t } = useTranslation('distribution');
  const format = useFormat();
  const board = useQuery(ask('distribution', 'readiness', {
    query: { packageId, date, limit: 2000 },
  }));
  if (board.isPending) return <Waiting />;
  if (board.isError) return <ProblemNote fault={board.error} />;
  const { rows } = board.data;
  const ready = rows.filter((each) => each.certificate === 'valid' && each.key === 'valid');
  const rest = rows.filter((each) => !ready.includes(each));
  return (
    <>
      <div className="readiness" role="img" aria-label={t('readyOf', {
        ready: ready.length, all: rows.length })}>
        <strong>{format.number(ready.length)}</strong>
        <span>/ {format.number(rows.length)}</span>
        <span>{t('readyText')}</span>
        <div className="readiness-bar">
          <span style={{ inlineSize: `${rows.length === 0 ? 0
            : (ready.length / rows.length) * 100}%` }} />
        </div>
      </div>
      {[['lacking', rest], ['readyScreens', ready]].map(([name, list]) => {
        const shown = list as typeof rows;
        return shown.length === 0 ? null : (
          <Section key={name as string} title={t(name as string)}>
            <Records label={t(name as string)} rows={shown} keyOf={(each) => each.screenId}
              total={shown.length} columns={[
                { title: t('screen'), head: true, cell: (each) => (
                  <>{each.cinemaName}<small>{each.screenName}</small></>
                ) },
                { title: t('choose.certificate'),
                  cell: (each) => <State state={each.certificate} /> },
                { title: t('key'), cell: (each) => <State state={each.key} /> },
              ]} />
          </Section>
        );
      })}
    </>
  );
}
