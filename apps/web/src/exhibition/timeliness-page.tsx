import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { addDays } from '@yinglian/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { CircuitChoice, DayRange } from './filters.tsx';
import './evidence.css';

type Verdict = 'good' | 'late' | 'failing';
type TimelinessQuery = { from: string; to: string; circuitId?: string; verdict?: Verdict };
type Correction = ResultOf<typeof contract.evidence.corrections>['rows'][number];

/** How punctually cinemas report, and the corrections that came too late to be free. */
export function TimelinessPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const today = new Date().toISOString().slice(0, 10);
  const [range, setRange] = useState({ from: addDays(today, -30), to: addDays(today, -1) });
  const [circuitId, setCircuit] = useState<string>();
  const [verdict, setVerdict] = useState<Verdict>();
  const query: TimelinessQuery = {
    ...range,
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(verdict === undefined ? {} : { verdict }),
  };
  return (
    <Page
      wide
      title={kernel('page.timeliness')}
      lead={t('timeliness.lead')}
      actions={
        <ExportMenu
          hrefOf={(as) =>
            addressOf(contract.evidence.exportTimeliness, { query: { ...query, format: as } })
          }
        />
      }
    >
      <div className="filters">
        <DayRange {...range} onChange={setRange} />
        <CircuitChoice value={circuitId} onChange={setCircuit} />
        <VerdictChoice value={verdict} onChange={setVerdict} />
      </div>
      <CinemaTimeliness query={query} />
      <Corrections />
    </Page>
  );
}

function VerdictChoice({
  value,
  onChange,
}: {
  value: Verdict | undefined;
  onChange: (verdict: Verdict | undefined) => void;
}) {
  const { t } = useTranslation('exhibition');
  return (
    <select
      className="input"
      aria-label={t('timeliness.verdictLabel')}
      value={value ?? ''}
      onChange={(event) => onChange((event.target.value || undefined) as typeof value)}
    >
      <option value="">{t('timeliness.any')}</option>
      {(['failing', 'late', 'good'] as const).map((each) => (
        <option key={each} value={each}>
          {t(`timeliness.verdict.${each}`)}
        </option>
      ))}
    </select>
  );
}

function CinemaTimeliness({ query }: { query: TimelinessQuery }) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  return (
    <Paged
      label={kernel('page.timeliness')}
      name={['evidence', 'timeliness', query]}
      load={(after, signal) =>
        api.evidence.timeliness({
          query: { ...query, ...(after === undefined ? {} : { after }) },
          signal,
        })
      }
      keyOf={(each) => each.cinemaId}
      empty={<Empty title={t('timeliness.none')}>{t('timeliness.noneText')}</Empty>}
      columns={[
        {
          title: t('cinema'),
          head: true,
          cell: (each) => (
            <>
              {each.cinemaName}
              <small className="mono">{each.cinemaCode}</small>
            </>
          ),
        },
        { title: t('circuit'), cell: (each) => each.circuitName ?? '—' },
        {
          title: t('timeliness.reported'),
          figure: true,
          cell: (each) => `${format.number(each.reported)} / ${format.number(each.days)}`,
        },
        {
          title: t('timeliness.inTime'),
          figure: true,
          cell: (each) => format.number(each.inTime),
        },
        {
          title: t('timeliness.missed'),
          figure: true,
          cell: (each) => format.number(each.missedInRow),
        },
        {
          title: t('timeliness.median'),
          figure: true,
          cell: (each) => (each.medianHours === null ? '—' : format.number(each.medianHours)),
        },
        { title: t('timeliness.last'), cell: (each) => format.date(each.last) },
        { title: t('state'), cell: (each) => t(`timeliness.verdict.${each.verdict}`) },
      ]}
    />
  );
}

function Corrections() {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const decide = async (correction: Correction, agree: boolean) => {
    try {
      const { id, version } = correction;
      await api.evidence.decideCorrection({ params: { id }, body: { version, agree } });
      setFault(null);
      await forget('evidence');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('correction.title')}>
      <p className="muted">{t('correction.text')}</p>
      <ProblemNote fault={fault} />
      <Paged
        label={t('correction.title')}
        name={['evidence', 'corrections']}
        load={(after, signal) =>
          api.evidence.corrections({ query: after === undefined ? {} : { after }, signal })
        }
        keyOf={(each) => each.id}
        empty={<Empty title={t('correction.none')} />}
        columns={[
          {
            title: t('sender'),
            head: true,
            cell: (each) => (
              <>
                {each.sender}
                <small>{each.reason}</small>
              </>
            ),
          },
          {
            title: t('admissions'),
            figure: true,
            cell: (each) => format.number(each.figures.admissions),
          },
          { title: t('gross'), figure: true, cell: (each) => format.money(each.figures.grossFen) },
          { title: t('correction.by'), cell: (each) => each.appliedBy },
          {
            title: t('correction.due'),
            cell: (each) => (each.dueAt === null ? '—' : format.moment(each.dueAt)),
          },
          { title: t('state'), cell: (each) => t(`correction.state.${each.state}`) },
          {
            title: '',
            cell: (each) =>
              each.state === 'applied' && !each.mine && can('settlement.issue') ? (
                <div className="row">
                  <button type="button" className="button" onClick={() => void decide(each, true)}>
                    {t('correction.approve')}
                  </button>
                  <button type="button" className="button" onClick={() => void decide(each, false)}>
                    {t('correction.refuse')}
                  </button>
                </div>
              ) : null,
          },
        ]}
      />
    </Section>
  );
}
