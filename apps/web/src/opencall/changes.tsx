import { checkChange, type Milestone, type ProjectContract } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { TextField } from './fields.tsx';
import { MilestoneEditor } from './milestone-editor.tsx';
import { type Project, useProjectRoles } from './project.ts';

/** Steps that money hangs on already; a change leaves them as they are. */
const SETTLED: ReadonlySet<string> = new Set(['accepted', 'ordered', 'paid']);

/** Changes of a contract: asked for with what they weaken beside them, decided by a department. */
export function Changes({ project }: { project: Project }) {
  const { t } = useTranslation('opencall');
  const mine = useProjectRoles(project);
  const asks = project.state === 'running' && mine('applicant');
  if (project.changes.length === 0 && !asks) return null;
  return (
    <Section title={t('changesTitle')}>
      {project.changes.map((each) => (
        <OneChange key={`${each.id} ${each.state}`} project={project} change={each} />
      ))}
      {asks ? <AskChange project={project} /> : null}
    </Section>
  );
}

type Change = Project['changes'][number];

function OneChange({ project, change }: { project: Project; change: Change }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const mine = useProjectRoles(project);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const decide = (approved: boolean) =>
    act(() =>
      api.opencall.decideChange({
        params: { id: project.id },
        body: { changeId: change.id, approved, reason },
      }),
    );
  return (
    <div className="panel stack">
      <p>
        <strong>{t(`changeState.${change.state}`)}</strong> {change.reason}
      </p>
      <Records
        label={t('milestones')}
        rows={change.milestones as readonly Milestone[]}
        keyOf={({ code }) => code}
        columns={[
          { title: t('milestone'), head: true, cell: (each) => `${each.code} ${each.title}` },
          { title: t('due'), figure: true, cell: (each) => format.date(each.due) },
          { title: t('payShare'), figure: true, cell: (each) => each.share },
          {
            title: t('indicators'),
            cell: (each) =>
              each.indicators.map(({ name, threshold }) => `${name} ${threshold}`).join('；'),
          },
        ]}
      />
      {change.findings.length === 0 ? null : <Findings findings={change.findings} />}
      {change.state === 'asked' && mine('approver') ? (
        <>
          <TextField label={t('reason')} required value={reason} onChange={setReason} />
          <div className="row">
            <button
              type="button"
              className="button button-first"
              disabled={busy || reason.trim().length < 2}
              onClick={() => void decide(true)}
            >
              {t('approveChange')}
            </button>
            <button
              type="button"
              className="button"
              disabled={busy || reason.trim().length < 2}
              onClick={() => void decide(false)}
            >
              {t('refuseChange')}
            </button>
          </div>
        </>
      ) : null}
      <ProblemNote fault={fault} />
    </div>
  );
}

function AskChange({ project }: { project: Project }) {
  const { t } = useTranslation('opencall');
  const first = project.milestones.map(
    ({ code, title, due, share, indicators }) =>
      ({ code, title, due, share, indicators }) as Milestone,
  );
  const [milestones, setMilestones] = useState(first);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('opencall');
  const contract: ProjectContract = {
    grantFen: BigInt(project.grantFen),
    milestones: first.map((each, at) => ({
      ...each,
      amountFen: BigInt(project.milestones[at]!.amountFen),
    })),
  };
  const settled = project.milestones.filter(({ state }) => SETTLED.has(state));
  const findings = checkChange(contract, milestones, new Set(settled.map(({ code }) => code)));
  const latest = first.reduce((last, { due }) => (due > last ? due : last), '');
  return (
    <details className="panel">
      <summary>{t('askChange')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const body = { milestones, reason };
          void act(() => api.opencall.askChange({ params: { id: project.id }, body }));
        }}
      >
        <p className="muted">{t('askChangeText')}</p>
        <MilestoneEditor
          milestones={milestones}
          wanted={first.flatMap(({ indicators }) => indicators)}
          latest={latest === '' ? '' : `${Number(latest.slice(0, 4)) + 10}-12-31`}
          onChange={setMilestones}
        />
        {findings.length === 0 ? null : <Findings findings={findings} />}
        <TextField label={t('reason')} required long={2} value={reason} onChange={setReason} />
        <ProblemNote fault={fault} />
        <p>
          <button className="button button-first" disabled={busy}>
            {t('askChange')}
          </button>
        </p>
      </form>
    </details>
  );
}
