import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { addDays } from '@yinglian/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { ExportMenu } from '../kernel/parts/export-menu.tsx';
import { fillText, useFindingTexts, wordingOf } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { JobLine } from '../kernel/parts/job.tsx';
import { Empty, Page, Section } from '../kernel/parts/page.tsx';
import { Paged } from '../kernel/parts/paged.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { State } from '../kernel/parts/state.tsx';
import { useSession } from '../kernel/session.ts';
import { DayRange } from './filters.tsx';
import './evidence.css';

const STATES = ['open', 'asked', 'answered', 'proposed', 'decided', 'cleared'] as const;
type CaseFilter = { state?: (typeof STATES)[number]; rule?: string; filmId?: string };

/** What does not fit: shows, plays, tickets and keys joined, and a case for each suspicion. */
export function CasesPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const { can } = useSession();
  const [state, setState] = useState<CaseFilter['state']>();
  const [rule, setRule] = useState<string>();
  const [examining, setExamining] = useState(false);
  const filter: CaseFilter = {
    ...(state === undefined ? {} : { state }),
    ...(rule === undefined ? {} : { rule }),
    ...(filmId === undefined ? {} : { filmId }),
  };
  return (
    <Page
      wide
      title={kernel('page.cases')}
      lead={t('cases.lead')}
      actions={
        <>
          <ExportMenu
            hrefOf={(as) => addressOf(contract.cases.export, { query: { ...filter, format: as } })}
          />
          {can('settlement.write') ? (
            <button
              type="button"
              className="button button-first"
              onClick={() => setExamining(true)}
            >
              <Icon name="search" />
              {t('cases.examine')}
            </button>
          ) : null}
        </>
      }
    >
      <CaseFilters state={state} rule={rule} onState={setState} onRule={setRule} />
      <CaseList filter={filter} />
      <Rules />
      <ExamineDialog open={examining} onClose={() => setExamining(false)} />
    </Page>
  );
}

function CaseFilters({
  state,
  rule,
  onState,
  onRule,
}: {
  state: CaseFilter['state'];
  rule: string | undefined;
  onState: (state: CaseFilter['state']) => void;
  onRule: (rule: string | undefined) => void;
}) {
  const { t } = useTranslation('exhibition');
  const rules = useQuery(ask('cases', 'rules'));
  return (
    <div className="filters">
      <select
        className="input"
        aria-label={t('state')}
        value={state ?? ''}
        onChange={(event) => onState((event.target.value || undefined) as typeof state)}
      >
        <option value="">{t('cases.anyState')}</option>
        {STATES.map((each) => (
          <option key={each} value={each}>
            {t(`cases.state.${each}`)}
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label={t('cases.rule')}
        value={rule ?? ''}
        onChange={(event) => onRule(event.target.value || undefined)}
      >
        <option value="">{t('cases.anyRule')}</option>
        {(rules.data?.rules ?? []).map((each) => (
          <option key={each.code} value={each.code}>
            {t(`cases.ruleName.${each.code}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function CaseList({ filter }: { filter: CaseFilter }) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const texts = useFindingTexts();
  return (
    <Paged
      label={kernel('page.cases')}
      name={['cases', 'list', filter]}
      load={(after, signal) =>
        api.cases.list({
          query: { ...filter, ...(after === undefined ? {} : { after }) },
          signal,
        })
      }
      keyOf={(each) => each.id}
      empty={<Empty title={t('cases.none')}>{t('cases.noneText')}</Empty>}
      columns={[
        {
          title: t('cases.suspicion'),
          head: true,
          cell: (each) => (
            <Link to="/exhibition/cases/$id" params={{ id: each.id }}>
              {t(`cases.ruleName.${each.rule}`)}
              <small>{wordsOf({ code: each.rule, facts: each.facts, at: {} }, texts)}</small>
            </Link>
          ),
        },
        {
          title: t('cinema'),
          cell: (each) => (
            <>
              {each.cinemaName}
              <small> {each.screenName}</small>
            </>
          ),
        },
        { title: t('cases.film'), cell: (each) => each.filmTitle ?? '—' },
        { title: t('cases.time'), cell: (each) => each.localAt.replace('T', ' ') },
        {
          title: t('cases.amount'),
          figure: true,
          cell: (each) => (each.amountFen === '0' ? '—' : format.money(each.amountFen)),
        },
        { title: t('cases.owner'), cell: (each) => each.owner ?? '—' },
        {
          title: t('state'),
          cell: (each) => <CaseState state={each.state} verdict={each.verdict} />,
        },
      ]}
    />
  );
}

/** A suspicion in words. */
export function wordsOf(
  finding: Parameters<typeof wordingOf>[0],
  texts: Parameters<typeof wordingOf>[1],
): string {
  return fillText(wordingOf(finding, texts)?.[0] ?? finding.code, finding);
}

/** Where a case stands, or how it ended. */
export function CaseState({ state, verdict }: { state: string; verdict: string | null }) {
  const { t } = useTranslation('exhibition');
  return verdict === null || state !== 'decided' ? (
    <span className="row">
      <State state={`case_${state}`} />
    </span>
  ) : (
    <span>{t(`cases.verdict.${verdict}`)}</span>
  );
}

function Rules() {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  const rules = useQuery(ask('cases', 'rules'));
  if (rules.data === undefined) return <ProblemNote fault={rules.error} />;
  const { edition, version, measures } = rules.data;
  return (
    <Section title={t('cases.rules')}>
      <p className="muted">{t('cases.rulesText', { edition, version })}</p>
      <Records
        label={t('cases.rules')}
        rows={rules.data.rules}
        keyOf={(each) => each.code}
        columns={[
          { title: t('cases.rule'), head: true, cell: (each) => t(`cases.ruleName.${each.code}`) },
          {
            title: t('cases.severity'),
            cell: (each) => (each.enabled ? t(`severity.${each.severity}`) : t('cases.off')),
          },
          {
            title: t('cases.thresholds'),
            cell: (each) =>
              Object.entries(each.thresholds)
                .map(([name, value]) => `${name} ${value}`)
                .join(' · ') || '—',
          },
          {
            title: t('cases.falseAlarms'),
            figure: true,
            cell: (each) => {
              const measure = measures.find((one) => one.code === each.code);
              return measure === undefined
                ? '—'
                : format.number(Math.round((measure.falseAlarms / measure.honest) * 1e7) / 10);
            },
          },
          {
            title: t('cases.recall'),
            figure: true,
            cell: (each) => {
              const measure = measures.find((one) => one.code === each.code);
              return measure === undefined ? '—' : `${measure.found} / ${measure.planted}`;
            },
          },
        ]}
      />
    </Section>
  );
}

function ExamineDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('exhibition');
  const filmId = useFilmId();
  const today = new Date().toISOString().slice(0, 10);
  const [range, setRange] = useState({ from: addDays(today, -7), to: addDays(today, -1) });
  const [jobId, setJobId] = useState<string>();
  const [fault, setFault] = useState<unknown>(null);
  const job = useQuery({
    ...ask('jobs', 'get', { params: { id: jobId ?? '' } }),
    enabled: jobId !== undefined,
    refetchInterval: (query) => (query.state.data?.finishedAt == null ? 1000 : false),
  });
  const run = async () => {
    try {
      const body = { ...range, ...(filmId === undefined ? {} : { filmId }) };
      const made = await api.cases.examine({ body });
      setFault(null);
      setJobId(made.jobId ?? undefined);
    } catch (caught) {
      setFault(caught);
    }
  };
  const close = () => {
    setJobId(undefined);
    void forget('cases');
    onClose();
  };
  const done = job.data?.state === 'done' ? (job.data.result as Record<string, number>) : undefined;
  return (
    <Dialog
      title={t('cases.examine')}
      open={open}
      onClose={close}
      actions={
        done === undefined ? (
          <button
            type="button"
            className="button button-first"
            disabled={jobId !== undefined}
            onClick={() => void run()}
          >
            {t('cases.examineNow')}
          </button>
        ) : (
          <button type="button" className="button button-first" onClick={close}>
            {t('cases.seeCases')}
          </button>
        )
      }
    >
      <div className="stack">
        <p>{t('cases.examineText')}</p>
        <DayRange {...range} onChange={setRange} />
        {job.data === undefined || jobId === undefined ? null : <JobLine job={job.data} />}
        {done === undefined ? null : <p role="status">{t('cases.examined', done)}</p>}
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
