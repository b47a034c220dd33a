import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Checkbox, DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import './settlement.css';

/** Choose the film, the terms, the period and the reports; the rest is arithmetic. */
export function SettlePage() {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const films = useFilmChoices();
  const addressed = useFilmId();
  const [film, setFilm] = useState(addressed);
  const filmId = film ?? addressed ?? films[0]?.value;
  const [terms, setTerms] = useState<string>();
  const [period, setPeriod] = useState<readonly [string, string]>();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [fault, setFault] = useState<unknown>(null);
  const choices = useChoices(filmId);
  const termsId = terms ?? choices.terms[0]?.id;
  const kind = choices.terms.find((each) => each.id === termsId)?.kind ?? 'theatrical';
  const ofTickets = kind === 'theatrical' || kind === 'rental';
  const chosen = choices.reports.filter((each) => !left.has(each.id));
  const reports = ofTickets ? chosen : [];
  const [from, to] = period ?? spanOf(chosen);
  const settle = async () => {
    if (filmId === undefined || termsId === undefined || from === '') return;
    try {
      const run = await api.settlement.settle({ body: {
        filmId, termsId, from, to, reportIds: reports.map((each) => each.id),
      } });
      await forget('settlement', 'jobs', 'film');
      await navigate({ to: '/settlement/runs/$id', params: { id: run.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Page title={kernel('do.settle')} lead={t('settleLead')}
      kicker={<Link to="/settlement">{kernel('page.runs')}</Link>}>
      <div className="panel settle-form">
        <label className="field"><span>{kernel('film')}</span>
          <Select aria-label={kernel('film')} value={filmId} options={films} onChange={(id) => {
            setFilm(id);
            setTerms(undefined);
            setPeriod(undefined);
            setLeft(new Set());
          }} />
        </label>
        <label className="field"><span>{t('terms')}</span>
          <Select aria-label={t('terms')} value={termsId} onChange={setTerms}
            notFoundContent={t('noTerms')}
            options={choices.terms.map((each) => ({ value: each.id,
              label: `${each.title} · ${t(`termsKind.${each.kind}`)} (${
                kernel(`state.${each.state}`)})` }))} />
        </label>
        <div className="field"><span id="period">{t('period')}</span>
          <DatePicker.RangePicker aria-labelledby="period" allowClear={false}
            value={from === '' ? null : [dayjs(from), dayjs(to)]}
            onChange={(dates) => {
              const [first, last] = dates ?? [];
              if (first && last) setPeriod([first.format('YYYY-MM-DD'), last.format('YYYY-MM-DD')]);
            }} />
        </div>
      </div>
      {ofTickets ? <Reports choices={choices} left={left} onLeave={setLeft} /> : (
        <p>
          {t(kind === 'streaming' ? 'noReportsNeededStreaming' : 'noReportsNeeded')}{' '}
          <Link to="/settlement/inputs">{kernel('page.inputs')}</Link>
        </p>
      )}
      <ProblemNote fault={fault} />
      <p>
        <button type="button" className="button button-first button-large"
          disabled={termsId === undefined || from === '' || (ofTickets && reports.length === 0)}
          onClick={() => void settle()}>
          {ofTickets ? t('settleReports', { count: reports.length }) : t('settlePlain')}
        </button>
      </p>
    </Page>
  );
}

type Choices = ReturnType<typeof useChoices>;

function useChoices(filmId: string | undefined) {
  const query = { limit: 500, ...(filmId === undefined ? {} : { filmId }) };
  const enabled = filmId !== undefined;
  const terms = useQuery({ ...ask('settlement', 'termsList', { query }), enabled });
  const reports = useQuery({ ...ask('exhibition', 'reports', { query }), enabled });
  return {
    terms: (terms.data?.rows ?? []).filter((each) => each.state !== 'replaced'),
    reports: (reports.data?.rows ?? []).filter((each) => each.state === 'imported'),
    fault: terms.error ?? reports.error,
    loaded: terms.isSuccess && reports.isSuccess,
  };
}

function Reports({ choices, left, onLeave }: {
  choices: Choices; left: ReadonlySet<string>; onLeave: (left: ReadonlySet<string>) => void;
}) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const { reports } = choices;
  return (
    <Section title={t('reports')}>
      <ProblemNote fault={choices.fault} />
      {choices.loaded && choices.terms.length === 0 ? (
        <p>{t('noTerms')} <Link to="/settlement/terms">{kernel('page.terms')}</Link></p>
      ) : null}
      {choices.loaded && reports.length === 0 ? (
        <p>{t('noReports')} <Link to="/exhibition/reports/import">{kernel('do.importReport')}</Link>
        </p>
      ) : null}
      <ul className="settle-reports">
        {reports.map((each) => (
          <li key={each.id}>
            <Checkbox checked={!left.has(each.id)} onChange={(event) => {
              const next = new Set(left);
              if (event.target.checked) next.delete(each.id);
              else next.add(each.id);
              onLeave(next);
            }}>
              {each.sender} · {format.date(each.from)} – {format.date(each.to)} ·{' '}
              <span className="money">{format.money(each.grossFen)}</span>
            </Checkbox>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** From the first to the last day that any of the reports speaks of. */
function spanOf(
  reports: readonly { from: string | null; to: string | null }[],
): readonly [string, string] {
  const days = reports.flatMap((each) => [each.from, each.to])
    .filter((each) => each !== null).sort();
  return [days[0] ?? '', days.at(-1) ?? ''];
}
