import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { PolicySection } from './policy-section.tsx';
import './keys.css';

type Order = ResultOf<typeof contract.keys.orders>['rows'][number];
const LOOK_AGAIN_MS = 30_000;

/** What lacks a key, what waits for a second person, and what was ordered. */
export function KeyDeskPage() {
  const { t } = useTranslation('keys');
  const kernel = useTranslation('kernel').t;
  return (
    <Page wide title={kernel('page.keyDesk')} lead={t('deskLead')}>
      <Proposals />
      <Needed />
      <History />
      <PolicySection />
    </Page>
  );
}

function useOrderColumns() {
  const { t } = useTranslation('keys');
  const format = useFormat();
  return [
    {
      title: t('film'),
      head: true,
      cell: (each: Order) => (
        <>
          {each.filmTitle}
          <small>{t(`orderReason.${each.reason}`)}</small>
        </>
      ),
    },
    {
      title: t('screens'),
      cell: (each: Order) => (
        <>
          {format.number(each.screens)}
          <span className="record-sub">{each.cinemas.join('、')}</span>
        </>
      ),
    },
    {
      title: t('window'),
      cell: (each: Order) =>
        `${each.notBefore.replace('T', ' ')} – ${each.notAfter.replace('T', ' ')}`,
    },
    {
      title: t('by'),
      cell: (each: Order) => (
        <>
          {each.proposedBy ?? t('network')}
          <span className="record-sub">{format.moment(each.createdAt)}</span>
        </>
      ),
    },
  ];
}

function Proposals() {
  const { t } = useTranslation('keys');
  const { can } = useSession();
  const columns = useOrderColumns();
  const [fault, setFault] = useState<unknown>(null);
  const open = useQuery({
    ...ask('keys', 'orders', { query: { state: 'proposed', limit: 200 } }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const decide = async (work: Promise<unknown>) => {
    try {
      await work;
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
    await forget('keys', 'distribution', 'jobs');
  };
  const rows = open.data?.rows ?? [];
  return (
    <Section title={t('waiting')}>
      <ProblemNote fault={fault ?? open.error} />
      {open.isPending ? <Waiting /> : null}
      {open.isSuccess && rows.length === 0 ? <p>{t('waitingNone')}</p> : null}
      {rows.length === 0 ? null : (
        <Records
          label={t('waiting')}
          rows={rows}
          keyOf={(each) => each.id}
          columns={[
            ...columns,
            { title: t('reasonWhy'), cell: (each) => <Findings findings={each.findings} /> },
            {
              title: t('decide'),
              cell: (each) =>
                can('distribution.issue_keys') ? (
                  <div className="row">
                    {each.mine ? (
                      <button
                        type="button"
                        className="button button-first"
                        onClick={() =>
                          void decide(api.keys.approve({ params: { id: each.id }, body: {} }))
                        }
                      >
                        {t('approve')}
                      </button>
                    ) : null}
                    <button
                      type="button"
                      className="button"
                      onClick={() =>
                        void decide(api.keys.decline({ params: { id: each.id }, body: {} }))
                      }
                    >
                      {each.mine ? t('decline') : t('takeBack')}
                    </button>
                  </div>
                ) : (
                  '—'
                ),
            },
          ]}
        />
      )}
    </Section>
  );
}

function Needed() {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [circuitId, setCircuitId] = useState('');
  const [answer, setAnswer] = useState<ResultOf<typeof contract.keys.issueNeeded>>();
  const [fault, setFault] = useState<unknown>(null);
  const scope = {
    ...(filmId === undefined ? {} : { filmId }),
    ...(circuitId === '' ? {} : { circuitId }),
  };
  const needed = useQuery({
    ...ask('keys', 'needed', { query: scope }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const rows = needed.data?.rows ?? [];
  const issue = async () => {
    try {
      setAnswer(await api.keys.issueNeeded({ body: scope }));
      setFault(null);
      await forget('keys', 'distribution', 'jobs', 'shows', 'releases');
    } catch (caught) {
      setFault(caught);
    }
  };
  const issuable = rows.some(
    (each) => each.reason !== 'missing_package' && each.reason !== 'missing_certificate',
  );
  return (
    <Section
      title={`${t('needed')} ${format.number(needed.data?.total ?? 0)}`}
      actions={
        <>
          <CircuitChoice value={circuitId} onChange={setCircuitId} />
          <a
            className="button"
            download
            href={addressOf(contract.keys.neededSheet, { query: { ...scope, format: 'xlsx' } })}
          >
            <Icon name="download" />
            {t('sheet')}
          </a>
          {can('distribution.issue_keys') && issuable ? (
            <button type="button" className="button button-first" onClick={() => void issue()}>
              <Icon name="key" />
              {t('issueAll')}
            </button>
          ) : null}
        </>
      }
    >
      <ProblemNote fault={fault ?? needed.error} />
      {answer === undefined ? null : (
        <p role="status">
          {t('ordered', { screens: answer.screens })}
          {answer.proposals.length === 0
            ? ''
            : ` · ${t('proposed', { count: answer.proposals.length })}`}
        </p>
      )}
      {needed.isPending ? <Waiting /> : null}
      {needed.isSuccess && rows.length === 0 ? <p>{t('neededNone')}</p> : null}
      {rows.length === 0 ? null : <NeededTable rows={rows} />}
    </Section>
  );
}

function CircuitChoice({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation('keys');
  const circuits = useQuery(ask('exhibition', 'circuits', { query: { limit: 500 } }));
  return (
    <label className="field field-inline">
      <span>{t('circuit')}</span>
      <select className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('all')}</option>
        {(circuits.data?.rows ?? []).map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </label>
  );
}

type NeededRow = ResultOf<typeof contract.keys.needed>['rows'][number];

function NeededTable({ rows }: { rows: readonly NeededRow[] }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  return (
    <Records
      label={t('needed')}
      rows={rows}
      keyOf={(each) => `${each.bookingId} ${each.screenId}`}
      columns={[
        {
          title: t('cinema'),
          head: true,
          cell: (each) => (
            <>
              {each.cinemaName} {each.screenName}
              <small>{each.circuitName ?? ''}</small>
            </>
          ),
        },
        { title: t('film'), cell: (each) => each.filmTitle },
        {
          title: t('nextShow'),
          cell: (each) =>
            each.nextShow === null ? (
              '—'
            ) : (
              <>
                {format.moment(each.nextShow)}
                <span className="record-sub">{t('shows', { count: each.shows })}</span>
              </>
            ),
        },
        {
          title: t('window'),
          cell: (each) => `${each.opens.replace('T', ' ')} – ${each.closes.replace('T', ' ')}`,
        },
        { title: t('reasonWhy'), cell: (each) => t(`need.${each.reason}`) },
      ]}
    />
  );
}

function History() {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const columns = useOrderColumns();
  return (
    <Section title={t('history')} actions={<ListSheet of={contract.keys.orders} />}>
      <Paged
        label={t('history')}
        name={['keys', 'orders', 'all']}
        load={(after, signal) =>
          api.keys.orders({
            query: after === undefined ? {} : { after },
            signal,
          })
        }
        keyOf={(each) => each.id}
        empty={<p>{t('historyNone')}</p>}
        columns={[
          ...columns,
          {
            title: t('state'),
            cell: (each) => (
              <>
                {t(`orderState.${each.state}`)}
                <span className="record-sub">{each.note}</span>
              </>
            ),
          },
          {
            title: t('decided'),
            cell: (each) =>
              each.decidedAt === null ? (
                '—'
              ) : (
                <>
                  {each.decidedBy}
                  <span className="record-sub">{format.moment(each.decidedAt)}</span>
                </>
              ),
          },
        ]}
      />
    </Section>
  );
}
