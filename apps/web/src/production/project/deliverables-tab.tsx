import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ExportMenu } from '../../kernel/parts/export-menu.tsx';
import { Findings } from '../../kernel/parts/findings.tsx';
import { Section } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import type { Project } from './fields.ts';

type Deliverable = ResultOf<typeof contract.deliverables.get>;

/** What the film is delivered as: agreed, submitted, held against its specification, accepted. */
export function DeliverablesTab({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const projectId = project.id;
  const write = can('production.write') && project.scope === 'whole';
  return (
    <Section title={t('project.tab.deliverables')} actions={
      <>
        <ExportMenu hrefOf={(format) => addressOf(contract.deliverables.exportFile,
          { query: { projectId, format } })} />
        {write ? (
          <button type="button" className="button button-first" onClick={() => setMaking(true)}>
            {t('project.agree')}
          </button>
        ) : null}
      </>
    }>
      <Paged label={t('project.tab.deliverables')} name={['deliverables', 'list', projectId]}
        load={(after, signal) => api.deliverables.list({ query: { projectId,
          ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => row.id} empty={<p className="muted">{t('project.noDeliverables')}</p>}
        columns={[
          { title: t('project.name'), head: true, cell: (row) => (
            <button type="button" className="button button-plain"
              onClick={() => setChosen(row.id)}>{row.name}</button>
          ) },
          { title: t('project.company'), cell: (row) => row.organisationName ?? project.ownerName },
          { title: t('project.due'), figure: true, cell: (row) => (
            <>{row.dueOn ?? '—'}{row.late ? <small>{t('project.count.late')}</small> : null}</>
          ) },
          { title: t('state'), cell: (row) => t(`project.delivery.${row.state}`) },
          { title: t('project.problems'), figure: true, cell: (row) => row.findings.length },
        ]} />
      <Agree project={project} open={making} onClose={() => setMaking(false)} />
      <Dialog title={t('project.tab.deliverables')} open={chosen !== undefined} place="side"
        onClose={() => setChosen(undefined)}>
        {chosen === undefined ? null : <One project={project} id={chosen} />}
      </Dialog>
    </Section>
  );
}

function Agree({ project, open, onClose }: {
  project: Project; open: boolean; onClose: () => void;
}) {
  const { t, i18n } = useTranslation('production');
  const { act, busy, fault } = useAction('deliverables', 'projects');
  const presets = useQuery({ ...ask('deliverables', 'presets', {}), enabled: open });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => String(form.get(field) ?? '').trim();
    const preset = presets.data?.rows.find((each) => each.code === text('preset'));
    const yuan = text('amount');
    void act(() => api.deliverables.create({ body: {
      projectId: project.id, name: text('name'), kind: preset?.kind ?? 'master',
      specification: preset?.specification ?? {},
      organisationId: text('company') || null, dueOn: text('due') || null,
      fourEyes: form.get('fourEyes') === 'on',
      amountFen: yuan === '' ? null : String(Math.round(Number(yuan) * 100)),
      category: text('category'),
    } }), onClose);
  };
  return (
    <Dialog title={t('project.agree')} open={open} onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{t('project.name')}<input name="name" required maxLength={200} /></label>
        <label>{t('project.specification')}
          <select name="preset">
            <option value="">{t('project.noSpecification')}</option>
            {(presets.data?.rows ?? []).map((each) => (
              <option key={each.code} value={each.code}>
                {i18n.language.startsWith('zh') ? each.zh : each.en}
              </option>
            ))}
          </select>
        </label>
        <label>{t('project.company')}
          <select name="company">
            <option value="">{project.ownerName}</option>
            {project.participants.filter((each) => each.state !== 'left').map((each) => (
              <option key={each.organisationId} value={each.organisationId}>
                {each.organisationName}
              </option>
            ))}
          </select>
        </label>
        <label>{t('project.due')}<input type="date" name="due" /></label>
        <label>{t('project.amount')}
          <input name="amount" inputMode="decimal" pattern="\d{1,12}(\.\d{1,2})?" />
        </label>
        <label>{t('project.category')}
          <input name="category" pattern="[a-z][a-z0-9_]*" maxLength={60} />
        </label>
        <label><span><input type="checkbox" name="fourEyes" />{t('project.fourEyes')}</span></label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {t('project.agree')}
        </button>
      </form>
    </Dialog>
  );
}

function One({ project, id }: { project: Project; id: string }) {
  const { t } = useTranslation('production');
  const { data, error } = useQuery(ask('deliverables', 'get', { params: { id } }));
  if (error !== null) return <ProblemNote fault={error} />;
  if (data === undefined) return null;
  return (
    <>
      <h3>{data.name}</h3>
      <p className="project-spec">
        {Object.entries(data.specification).map(([name, value]) =>
          `${name} ${Array.isArray(value) ? value.join(' / ') : value}`).join(' · ')
          || t('project.noSpecification')}
      </p>
      {data.findings.length === 0 ? null : <Findings findings={data.findings} />}
      <ol>
        {data.decisions.map((each) => (
          <li key={`${each.at} ${each.decision}`}>
            {`${each.by} · ${t(`project.decision.${each.decision}`)} ${each.note}`}
          </li>
        ))}
      </ol>
      {data.dueKey === null ? null : <p>{t('project.dueIn', { key: data.dueKey })}</p>}
      <Steps project={project} of={data} />
    </>
  );
}

function Steps({ project, of }: { project: Project; of: Deliverable }) {
  const { t } = useTranslation('production');
  const { can } = useSession();
  const { act, busy, fault } = useAction('deliverables', 'projects', 'production');
  const [note, setNote] = useState('');
  const [assetId, setAssetId] = useState('');
  const media = useQuery(ask('production', 'assets', {
    query: { filmId: project.filmId, limit: 500 } }));
  const params = { id: of.id };
  const decide = (decision: 'accepted' | 'rejected', despite = false) =>
    void act(() => api.deliverables.decide({ params,
      body: { version: of.version, decision, note, despite } }), () => setNote(''));
  const isOpen = of.state !== 'accepted' && of.state !== 'cancelled';
  return (
    <div className="project-form">
      {isOpen && can('production.write') ? (
        <>
          <label>{t('project.media')}
            <select value={assetId} onChange={(event) => setAssetId(event.target.value)}>
              <option value="">—</option>
              {(media.data?.rows ?? []).filter((each) => each.state !== 'failed').map((each) => (
                <option key={each.id} value={each.id}>{each.title}</option>
              ))}
            </select>
          </label>
          <button type="button" className="button" disabled={busy || assetId === ''}
            onClick={() => void act(() => api.deliverables.submit({ params,
              body: { version: of.version, assetId, note } }))}>
            {t('project.submit')}
          </button>
        </>
      ) : null}
      {of.state === 'submitted' && can('production.accept') && project.scope === 'whole' ? (
        <>
          <label>{t('project.comment')}
            <textarea rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
          </label>
          <span className="page-actions">
            <button type="button" className="button button-first" disabled={busy}
              onClick={() => decide('accepted', of.findings.length > 0)}>
              {of.findings.length > 0 ? t('project.acceptDespite') : t('project.accept')}
            </button>
            <button type="button" className="button" disabled={busy}
              onClick={() => decide('rejected')}>{t('project.reject')}</button>
          </span>
        </>
      ) : null}
      <ProblemNote fault={fault} />
    </div>
  );
}
