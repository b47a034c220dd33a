import { contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';

type Row = ResultOf<typeof contract.bookings.screenings>['rows'][number];

const LIGHTS = {
  short: { color: 'red', icon: 'cross' }, planned_short: { color: 'amber', icon: 'warning' },
  unknown: { color: 'amber', icon: 'warning' }, planned: { color: 'green', icon: 'check' },
  kept: { color: 'green', icon: 'check' },
} as const;

/** How cinemas keep the screenings that a notice asks for: short ones, or all of them. */
export function Screenings({ releaseId, filmId }: {
  releaseId?: string | undefined; filmId?: string | undefined;
}) {
  const { t } = useTranslation('release');
  const format = useFormat();
  const [all, setAll] = useState(false);
  const query = {
    ...(releaseId === undefined ? {} : { releaseId }), ...(filmId === undefined ? {} : { filmId }),
    ...(all ? {} : { only: 'short' as const }),
  };
  const number = (value: number | null) => (value === null ? '—' : format.number(value));
  return (
    <Section title={t('screenings')} actions={(
      <>
        <label className="row">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
          <span>{t('screeningsAll')}</span>
        </label>
        <ListSheet of={contract.bookings.screenings} query={query} />
      </>
    )}>
      <p className="muted">{t('screeningsText')}</p>
      <Paged label={t('screenings')} name={['bookings', 'screenings', releaseId, filmId, all]}
        load={(after, signal) => api.bookings.screenings({
          query: { ...query, ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(each) => `${each.cinemaId} ${each.releaseId}`}
        empty={<Empty title={t(all ? 'screeningsUnasked' : 'screeningsNone')} />}
        columns={[
          { title: t('cinema'), head: true, cell: (each) => (
            <>{each.cinemaName}<small>{each.circuitName ?? each.city ?? ''}</small></>
          ) },
          ...(releaseId === undefined
            ? [{ title: t('film'), cell: (each: Row) => each.filmTitle }] : []),
          { title: t('days'), cell: (each) => `${each.from} – ${each.to}` },
          { title: t('promised'), figure: true, cell: (each) => number(each.promised) },
          { title: t('planned'), figure: true, cell: (each) => number(each.planned) },
          { title: t('played'), figure: true, cell: (each) => number(each.played) },
          { title: t('state'), cell: (each) => <Standing row={each} /> },
        ]} />
    </Section>
  );
}

function Standing({ row }: { row: Row }) {
  const { t } = useTranslation('release');
  const { color, icon } = LIGHTS[row.state];
  const mark = (
    <><Icon name={icon} size={14} />{t(`screeningsState.${row.state}`, { count: row.missing })}</>
  );
  if (row.short.length === 0) return <span className={`light light-${color}`}>{mark}</span>;
  return (
    <details>
      <summary className={`light light-${color}`}>{mark}</summary>
      <Findings findings={row.findings} />
      <ul className="short-days">
        {row.short.map((each) => (
          <li key={`${each.from} ${each.to}`}>
            {each.from === each.to ? each.from : `${each.from} – ${each.to}`}{' · '}
            {t('shortOf', { there: each.played ?? each.planned ?? 0, promised: each.promised })}
          </li>
        ))}
      </ul>
    </details>
  );
}
