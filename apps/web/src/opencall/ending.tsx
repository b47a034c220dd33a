import {
  DILIGENCE_PROOFS,
  type DiligenceProof,
  TERMINATION_KINDS,
  type TerminationKind,
} from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Facts, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { CheckField, ChoiceField, MoneyField, TextField } from './fields.tsx';
import { type Project, useProjectRoles } from './project.ts';

/** How a contract ended before its time, what goes back, and whether anybody is to blame. */
export function Ending({ project }: { project: Project }) {
  const { t } = useTranslation('opencall');
  const mine = useProjectRoles(project);
  const { termination } = project;
  if (termination !== null) return <Ended project={project} ending={termination} />;
  if (project.state !== 'running' || !mine('approver')) return null;
  return (
    <Section title={t('terminate')}>
      <TerminateForm project={project} />
    </Section>
  );
}

function Ended({
  project,
  ending,
}: {
  readonly project: Project;
  readonly ending: NonNullable<Project['termination']>;
}) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const mine = useProjectRoles(project);
  const { act, busy, fault } = useAction('opencall');
  return (
    <Section title={t('terminated')}>
      <Facts
        rows={[
          [t('endingKind'), t(`ending.${ending.kind}`)],
          [t('reason'), ending.reason],
          [t('repay'), format.money(ending.repayFen)],
          [t('repaid'), t(ending.repaid ? 'yes' : 'notYet')],
          [t('blame'), t(ending.blame ? 'blamed' : 'noBlame')],
        ]}
      />
      {!ending.repaid && mine('finance') ? (
        <p>
          <button
            type="button"
            className="button button-first"
            disabled={busy}
            onClick={() =>
              void act(() =>
                api.opencall.repay({
                  params: { id: project.id },
                  body: { version: project.version },
                }),
              )
            }
          >
            {t('enterRepayment')}
          </button>
        </p>
      ) : null}
      <ProblemNote fault={fault} />
    </Section>
  );
}

function TerminateForm({ project }: { project: Project }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  const [kind, setKind] = useState<TerminationKind>('diligent');
  const [spentFen, setSpent] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [proofs, setProofs] = useState<readonly DiligenceProof[]>([]);
  const { act, busy, fault } = useAction('opencall');
  const end = () =>
    act(() =>
      api.opencall.terminate({
        params: { id: project.id },
        body: {
          version: project.version,
          kind,
          spentFen: spentFen ?? '0',
          reason,
          proofs: [...proofs],
        },
      }),
    );
  return (
    <details className="panel">
      <summary>{t('terminateOpen')}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void end();
        }}
      >
        <p className="muted">{t('terminateText')}</p>
        <ChoiceField
          label={t('endingKind')}
          hint={t(`endingHint.${kind}`)}
          value={kind}
          choices={TERMINATION_KINDS.map((each) => [each, t(`ending.${each}`)])}
          onChange={setKind}
        />
        <MoneyField
          label={t('spent')}
          hint={t('spentHint', { money: format.money(project.paidFen) })}
          required
          fen={spentFen}
          onChange={setSpent}
        />
        <fieldset className="opencall-rows">
          <legend>{t('proofs')}</legend>
          {DILIGENCE_PROOFS.map((each) => (
            <CheckField
              key={each}
              label={t(`proof.${each}`)}
              checked={proofs.includes(each)}
              onChange={(yes) =>
                setProofs(yes ? [...proofs, each] : proofs.filter((one) => one !== each))
              }
            />
          ))}
        </fieldset>
        <TextField label={t('reason')} required long={2} value={reason} onChange={setReason} />
        <ProblemNote fault={fault} />
        <p>
          <button className="button" disabled={busy}>
            {t('terminate')}
          </button>
        </p>
      </form>
    </details>
  );
}
