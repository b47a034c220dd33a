import { addressOf, contract } from '@yinglian/contract';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { Section } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { Delivery } from './delivery.tsx';
import { presentCompanies, type Project } from './fields.ts';
import { useMedia, useShots } from './whole-lists.ts';

/** What went to vendors, and the versions that came back. */
export function TurnoversTab({ project }: { project: Project }) {
  return (
    <>
      <Turnovers project={project} />
      <Versions project={project} />
    </>
  );
}

function Turnovers({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('turnovers', 'shots', 'production');
  const [making, setMaking] = useState(false);
  const write = can('production.write');
  const projectId = project.id;
  return (
    <Section title={t('project.tab.turnovers')} actions={write && project.scope === 'whole' ? (
      <button type="button" className="button button-first" onClick={() => setMaking(true)}>
        {t('project.prepare')}
      </button>
    ) : null}>
      <ProblemNote fault={fault} />
      <Paged label={t('project.tab.turnovers')} name={['turnovers', 'list', projectId]}
        load={(after, signal) => api.turnovers.list({ query: { projectId,
          ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => row.id} empty={<p className="muted">{t('project.noTurnovers')}</p>}
        columns={[
          { title: t('project.name'), head: true, cell: (row) => (
            <>{`${row.number} · ${row.name}`}<small>{row.organisationName}</small></>
          ) },
          { title: t('state'), cell: (row) => t(`project.turnover.${row.state}`) },
          { title: t('project.tile.shots'), figure: true,
            cell: (row) => <span title={row.shots.map((each) => each.code).join(' ')}>
              {row.shots.length}</span> },
          { title: t('project.media'), figure: true, cell: (row) => row.assets.length },
          { title: t('project.sent'), figure: true,
            cell: (row) => (row.sentAt === null ? '—' : format.moment(row.sentAt)) },
          { title: t('project.act'), cell: (row) => {
            const go = (what: 'send' | 'receive' | 'withdraw') => (
              <button key={what} type="button" className="button" disabled={busy}
                onClick={() => void act(() => api.turnovers.act({ params: { id: row.id },
                  body: { version: row.version, act: what } }))}>
                {t(`project.${what}`)}
              </button>
            );
            return (
              <span className="page-actions">
                {row.manifestFileId === null ? null : (
                  <a className="button" download href={`/api/files/${row.manifestFileId}`}>
                    {t('project.manifest')}
                  </a>
                )}
                <a className="button" download href={addressOf(contract.turnovers.exportFile,
                  { params: { id: row.id }, query: { format: 'xlsx' } })}>XLSX</a>
                {write && row.ours && row.state === 'draft' ? go('send') : null}
                {write && row.ours && ['sent', 'received'].includes(row.state) ? go('withdraw')
                  : null}
                {write && !row.ours && row.state === 'sent' ? go('receive') : null}
              </span>
            );
          } },
        ]} />
      <Prepare project={project} open={making} onClose={() => setMaking(false)} />
    </Section>
  );
}

/** Shots are named by their codes; media are chosen from those of the film. */
function Prepare({ project, open, onClose }: {
  project: Project; open: boolean; onClose: () => void;
}) {
  const { t } = useTranslation('production');
  const { act, busy, fault } = useAction('turnovers');
  const projectId = project.id;
  const shots = useShots({ projectId }, open).rows;
  const media = useMedia(project.filmId, open).rows;
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const all = (field: string) => form.getAll(field).map(String);
    const isOriginal = form.get('original') === 'on';
    void act(() => api.turnovers.create({ body: {
      projectId, organisationId: String(form.get('company')), name: String(form.get('name')),
      note: String(form.get('note')), shotIds: all('shots'),
      assets: all('media').map((assetId) => ({ assetId, original: isOriginal })),
    } }), onClose);
  };
  return (
    <Dialog title={t('project.prepare')} open={open} onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{t('project.company')}
          <select name="company" required>
            {presentCompanies(project).map((each) => (
              <option key={each.organisationId} value={each.organisationId}>
                {each.organisationName}
              </option>
            ))}
          </select>
        </label>
        <label>{t('project.name')}<input name="name" required maxLength={200} /></label>
        <label>{t('project.tile.shots')}
          <select name="shots" multiple size={8}>
            {shots.map((each) => (
              <option key={each.id} value={each.id}>{each.code}</option>
            ))}
          </select>
        </label>
        <label>{t('project.media')}
          <select name="media" multiple size={6}>
            {media.map((each) => (
              <option key={each.id} value={each.id}>{each.title}</option>
            ))}
          </select>
        </label>
        <label><span><input type="checkbox" name="original" defaultChecked />
          {t('project.original')}</span></label>
        <label>{t('project.comment')}<textarea name="note" rows={3} /></label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {t('project.prepare')}
        </button>
      </form>
    </Dialog>
  );
}

function Versions({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('versions', 'tasks', 'shots', 'projects');
  const projectId = project.id;
  const may = can('production.review') && project.scope === 'whole';
  const [delivering, setDelivering] = useState(false);
  return (
    <Section title={t('project.versions')} actions={can('production.write') ? (
      <button type="button" className="button" onClick={() => setDelivering(true)}>
        {t('project.deliverVersion')}
      </button>
    ) : undefined}>
      {delivering ? <Delivery project={project} onClose={() => setDelivering(false)} /> : null}
      <ProblemNote fault={fault} />
      <Paged label={t('project.versions')} name={['versions', 'list', projectId]}
        load={(after, signal) => api.versions.list({ query: { projectId,
          ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => row.id} empty={<p className="muted">{t('project.noVersions')}</p>}
        columns={[
          { title: t('project.version'), head: true, cell: (row) => (
            <a href={`/production/assets/${row.assetId}`}>
              {`${row.subject} ${row.name} v${String(row.number).padStart(3, '0')}`}
            </a>
          ) },
          { title: t('project.company'), cell: (row) => row.organisationName },
          { title: t('state'), cell: (row) => t(`project.versionState.${row.state}`) },
          { title: t('project.changed'), figure: true,
            cell: (row) => format.moment(row.createdAt) },
          { title: t('project.act'), cell: (row) => may && row.state === 'submitted' ? (
            <span className="page-actions">
              {(['approved', 'changes', 'rejected'] as const).map((state) => (
                <button key={state} type="button" className="button" disabled={busy}
                  onClick={() => void act(() => api.versions.decide({ params: { id: row.id },
                    body: { version: row.version, state } }))}>
                  {t(`project.versionState.${state}`)}
                </button>
              ))}
            </span>
          ) : '—' },
        ]} />
    </Section>
  );
}
