import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { RunCurve } from './run-curve.tsx';
import './settlement.css';

/** The money of a film: its run day by day, and what stands with each party. */
export function FilmMoneyPage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const addressed = useFilmId();
  const [film, setFilm] = useState<string>();
  const filmId = film ?? addressed ?? films[0]?.value;
  return (
    <Page wide title={kernel('page.filmMoney')} lead={t('money.lead')}>
      <div className="panel settle-form">
        <label className="field"><span>{kernel('film')}</span>
          <Select aria-label={kernel('film')} value={filmId} options={films} onChange={setFilm} />
        </label>
      </div>
      <Curve filmId={filmId} />
      <Balances filmId={filmId} />
    </Page>
  );
}

function Curve({ filmId }: { filmId: string | undefined }) {
  const { t } = useTranslation('settlement');
  const curve = useQuery({ ...ask('settlement', 'curve', { query: { filmId: filmId ?? '' } }),
    enabled: filmId !== undefined });
  const days = curve.data?.rows ?? [];
  return (
    <Section title={t('money.curve')}>
      <ProblemNote fault={curve.error} />
      {days.length === 0 ? <Empty title={t('money.curveNone')}>{t('money.curveNoneText')}</Empty>
        : <RunCurve days={days} />}
    </Section>
  );
}

function Balances({ filmId }: { filmId: string | undefined }) {
  const { t, i18n } = useTranslation('settlement');
  const format = useFormat();
  const balances = useQuery({ ...ask('settlement', 'balances', {
    query: { filmId: filmId ?? '' } }), enabled: filmId !== undefined });
  const rows = balances.data?.rows ?? [];
  const language = i18n.language === 'en' ? 'en' : 'zh';
  return (
    <Section title={t('money.balances')}>
      <ProblemNote fault={balances.error} />
      {rows.length === 0 ? (
        <Empty title={t('money.balancesNone')}>{t('money.balancesNoneText')}</Empty>
      ) : (
        <Records label={t('money.balances')} rows={rows}
          keyOf={(each) => `${each.party}/${each.side ?? ''}`} columns={[
            { title: t('party'), head: true, cell: (each) => each.name?.[language] ?? each.party },
            { title: t('books.side'), cell: (each) => (each.side === null ? '—'
              : t(`money.side.${each.side}`)) },
            { title: t('statements'), figure: true,
              cell: (each) => format.number(each.statements) },
            { title: t('money.stated'), figure: true,
              cell: (each) => format.money(each.statedFen) },
            { title: t('money.settled'), figure: true,
              cell: (each) => format.money(each.settledFen) },
            { title: t('books.disputed'), figure: true,
              cell: (each) => format.money(each.disputedFen) },
            { title: t('open'), figure: true,
              cell: (each) => <strong>{format.money(each.openFen)}</strong> },
          ]} />
      )}
    </Section>
  );
}
