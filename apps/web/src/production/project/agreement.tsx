import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { fenOf, yuanOf } from '../../kernel/money.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { formText, presentCompanies, type Project } from './fields.ts';
import { SpecificationFields, specificationOf } from './specification.tsx';

export type Deliverable = ResultOf<typeof contract.deliverables.get>;

/** What is to be delivered is agreed, or agreed anew while it is not accepted. */
export function Agreement({ project, of, onClose }: {
  project: Project; of?: Deliverable; onClose: () => void;
}) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const { act, busy, fault } = useAction('deliverables', 'projects');
  const acceptors = useQuery(ask('deliverables', 'acceptors', {
    query: { projectId: project.id } }));
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    const body = {
      name: text('name'), kind: text('kind') || 'master', specification: specificationOf(form),
      organisationId: text('company') || null, dueOn: text('due') || null,
      acceptorId: text('acceptor') || null, fourEyes: form.get('fourEyes') === 'on',
      amountFen: fenOf(text('amount')) ?? null, category: text('category'),
    };
    void act(() => (of === undefined
      ? api.deliverables.create({ body: { ...body, projectId: project.id } })
      : api.deliverables.update({ params: { id: of.id },
        body: { ...body, version: of.version } })), onClose);
  };
  const title = t(of === undefined ? 'project.agree' : 'project.changeAgreement');
  return (
    <Dialog title={title} open place="side" onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{t('project.name')}
          <input name="name" required maxLength={200} defaultValue={of?.name ?? ''} />
        </label>
        <label>{t('project.company')}
          <select name="company" defaultValue={of?.organisationId ?? ''}>
            <option value="">{project.ownerName}</option>
            {presentCompanies(project).map((each) => (
              <option key={each.organisationId} value={each.organisationId}>
                {each.organisationName}
              </option>
            ))}
          </select>
        </label>
        <div className="spec-fields">
          <label>{t('project.due')}
            <input type="date" name="due" defaultValue={of?.dueOn ?? ''} />
          </label>
          <label>{t('project.amount')}
            <input name="amount" inputMode="decimal" pattern="\d{1,12}(\.\d{1,2})?"
              defaultValue={of?.amountFen == null ? '' : yuanOf(of.amountFen)} />
          </label>
          <label>{t('project.category')}
            <input name="category" pattern="[a-z][a-z0-9_]*" maxLength={60}
              placeholder="post_production" defaultValue={of?.category ?? ''} />
          </label>
          <label>{t('project.acceptor')}
            <select name="acceptor" key={acceptors.isSuccess ? 'there' : 'waiting'}
              defaultValue={of?.acceptorId ?? ''}>
              <option value="">{t('project.anyAcceptor')}</option>
              {(acceptors.data?.rows ?? []).map((each) => (
                <option key={each.id} value={each.id}>{each.name}</option>
              ))}
            </select>
          </label>
        </div>
        <label className="project-tick">
          <input type="checkbox" name="fourEyes" defaultChecked={of?.fourEyes ?? false} />
          {t('project.fourEyes')}
        </label>
        <Asked of={of} />
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {of === undefined ? t('project.agree') : kernel('save')}
        </button>
      </form>
    </Dialog>
  );
}

/** What it has to be: begun from a usual specification, and changed field by field. */
function Asked({ of }: { of: Deliverable | undefined }) {
  const { t, i18n } = useTranslation('production');
  const presets = useQuery(ask('deliverables', 'presets', {}));
  const [preset, setPreset] = useState('');
  const chosen = presets.data?.rows.find((each) => each.code === preset);
  return (
    <>
      <label>{t('project.beginWith')}
        <select value={preset} onChange={(event) => setPreset(event.target.value)}>
          <option value="">{t(of === undefined ? 'project.noSpecification' : 'project.asItIs')}
          </option>
          {(presets.data?.rows ?? []).map((each) => (
            <option key={each.code} value={each.code}>
              {i18n.language.startsWith('zh') ? each.zh : each.en}
            </option>
          ))}
        </select>
      </label>
      <input type="hidden" name="kind" value={chosen?.kind ?? of?.kind ?? 'master'} />
      <SpecificationFields key={preset} of={chosen?.specification ?? of?.specification ?? {}} />
    </>
  );
}
