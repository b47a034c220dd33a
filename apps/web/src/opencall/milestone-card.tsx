import { addressOf, contract } from '@yinglian/contract';
import { type Indicator, type Measurement, thresholdText } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { TextField } from './fields.tsx';
import { MeasureForm } from './measure-form.tsx';
import { type Project, roleOf, type Step, useProjectRoles } from './project.ts';
import { StepList } from './step-list.tsx';

type Part = { readonly project: Project; readonly milestone: Step };

/** One step of a contract: what it must measure, what it measured, and who may go on. */
export function MilestoneCard({ project, milestone }: Part) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const mine = useProjectRoles(project);
  const measures =
    project.state === 'running' &&
    !milestone.waits &&
    mine('applicant') &&
    ['open', 'missed'].includes(milestone.state);
  return (
    <article className="panel stack">
      <h3>
        {milestone.code} {milestone.title}
      </h3>
      <p>
        <strong>{t(`milestoneState.${milestone.state}`)}</strong> · {t('due')}{' '}
        {format.date(milestone.due)} · {milestone.share} · {format.money(milestone.amountFen)}
      </p>
      <Values milestone={milestone} />
      {milestone.findings.length === 0 ? null : <Findings findings={milestone.findings} />}
      <Reports milestone={milestone} />
      {milestone.waits ? <p className="opencall-note">{t('waitsForRace')}</p> : null}
      {measures ? <MeasureForm project={project} milestone={milestone} /> : null}
      <Acts project={project} milestone={milestone} />
      {milestone.steps.length === 0 ? null : (
        <StepList steps={milestone.steps} words={(action) => t(`milestoneAction.${action}`)} />
      )}
    </article>
  );
}

function Values({ milestone }: { milestone: Step }) {
  const { t } = useTranslation('opencall');
  const values = milestone.measurements as readonly Measurement[];
  const of = (code: string) => values.findLast(({ indicator }) => indicator === code);
  const shown = (value: Measurement | undefined) => {
    if (value === undefined) return '—';
    const spread = value.uncertainty === null ? '' : ` ± ${value.uncertainty}`;
    return `${value.value}${spread} ${value.unit}`;
  };
  const verdict = (code: string) =>
    milestone.verdicts.find(({ indicator }) => indicator === code)?.verdict ?? 'unmeasured';
  return (
    <Records
      label={`${milestone.title} · ${t('indicators')}`}
      rows={milestone.indicators}
      keyOf={({ code }) => code}
      columns={[
        { title: t('quantity'), head: true, cell: ({ name }) => name },
        { title: t('threshold'), cell: (each) => thresholdText(each as Indicator) },
        { title: t('method'), cell: ({ method }) => method },
        { title: t('measured'), figure: true, cell: ({ code }) => shown(of(code)) },
        { title: t('laboratory'), cell: ({ code }) => of(code)?.laboratory ?? '—' },
        {
          title: t('verdict'),
          cell: ({ code }) => (
            <span className={`opencall-${verdict(code)}`}>{t(`verdictOf.${verdict(code)}`)}</span>
          ),
        },
      ]}
    />
  );
}

function Reports({ milestone }: { milestone: Step }) {
  const { t } = useTranslation('opencall');
  if (milestone.reports.length === 0) return null;
  return (
    <ul className="opencall-list" aria-label={t('reports')}>
      {milestone.reports.map((each) => (
        <li key={each.fileId}>
          <a download href={addressOf(contract.files.download, { params: { id: each.fileId } })}>
            {each.fileName}
          </a>{' '}
          <small className="opencall-hash">{each.digest.slice(0, 16)}…</small>
        </li>
      ))}
    </ul>
  );
}

/** Only the actions that are the reader's own; of others it is told whose they are. */
function Acts({ project, milestone }: Part) {
  const { t } = useTranslation('opencall');
  const mine = useProjectRoles(project);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const closed = project.state !== 'running' || milestone.waits;
  if (closed || milestone.actions.length === 0) return null;
  const own = milestone.actions.filter((action) => mine(roleOf(action)));
  const others = milestone.actions.filter((action) => !mine(roleOf(action)));
  const take = (action: string) =>
    act(() =>
      api.opencall.actMilestone({
        params: { id: project.id },
        body: { version: project.version, milestone: milestone.code, action, reason },
      }),
    );
  return (
    <>
      {own.length === 0 ? null : (
        <>
          <TextField label={t('note')} value={reason} onChange={setReason} />
          <div className="row">
            {own.map((action) => (
              <button
                key={action}
                type="button"
                disabled={busy}
                className={action === 'find_missed' ? 'button' : 'button button-first'}
                onClick={() => void take(action)}
              >
                {t(`milestoneAction.${action}`)}
              </button>
            ))}
          </div>
        </>
      )}
      {others.length === 0 ? null : (
        <p className="muted">
          {t('othersDo', {
            actions: others.map((action) => t(`milestoneAction.${action}`)).join('、'),
            role: [...new Set(others.map((action) => t(`roles.${roleOf(action)}`)))].join('、'),
          })}
        </p>
      )}
      <ProblemNote fault={fault} />
    </>
  );
}
