import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ExportMenu } from '../../kernel/parts/export-menu.tsx';
import { Findings } from '../../kernel/parts/findings.tsx';
import { Section } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { Agreement, type Deliverable } from './agreement.tsx';
import type { Project } from './fields.ts';
import { SpecificationList } from './specification.tsx';

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
            <button type="button" className="link-button" onClick={() => setChosen(row.id)}>
              {row.name}
            </button>
          ) },
          { title: t('project.company'), cell: (row) => row.organisationName ?? project.ownerName },
          { title: t('project.due'), figure: true, cell: (row) => (
            <>
              {row.dueOn ?? '—'}
              {row.late ? <>{' '}<span className="shot-flag">{t('project.count.late')}</span></>
                : null}
            </>
          ) },
          { title: t('state'), cell: (row) => t(`project.delivery.${row.state}`) },
          { title: t('project.problems'), figure: true, cell: (row) => row.findings.length },
        ]} />
      {making ? <Agreement project={project} onClose={() => setMaking(false)} /> : null}
      <Dialog title={t('project.tab.deliverables')} open={chosen !== undefined} place="side"
        onClose={() => setChosen(undefined)}>
        {chosen === undefined ? null : <One project={project} id={chosen} />}
      </Dialog>
    </Section>
  );
}

function One({ project, id }: { project: Project; id: string }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const [changing, setChanging] = useState(false);
  const { data, error } = useQuery(ask('deliverables', 'get', { params: { id } }));
  if (error !== null) return <ProblemNote fault={error} />;
  if (data === undefined) return null;
  const open = data.state !== 'accepted' && data.state !== 'cancelled';
  const mayChange = open && project.scope === 'whole' && can('production.write');
  return (
    <div className="project-form">
      <h3>{data.name}</h3>
      <p className="muted">{[data.organisationName ?? project.ownerName,
        data.dueOn ?? '', t(`project.delivery.${data.state}`),
        data.amountFen === null ? '' : format.money(data.amountFen),
      ].filter((each) => each !== '').join(' · ')}</p>
      <SpecificationList of={data.specification} />
      {data.findings.length === 0 ? null : <Findings findings={data.findings} />}
      <ol className="delivery-words">
        {data.decisions.map((each) => (
          <li key={`${each.at} ${each.decision}`}>
            {`${t(`project.decision.${each.decision}`)} · ${each.by} · ${format.moment(each.at)}`}
            {each.note === '' ? null : <small>{each.note}</small>}
          </li>
        ))}
      </ol>
      {data.dueKey === null ? null : <p>{t('project.dueIn', { key: data.dueKey })}</p>}
      <Steps project={project} of={data} />
      {mayChange ? (
        <button type="button" className="button" onClick={() => setChanging(true)}>
          {t('project.changeAgreement')}
        </button>
      ) : null}
      {changing ? (
        <Agreement project={project} of={data} onClose={() => setChanging(false)} />
      ) : null}
    </div>
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
