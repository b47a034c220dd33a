import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { Findings } from '../../kernel/parts/findings.tsx';
import { Section } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { Delivery } from './delivery.tsx';
import type { Project } from './fields.ts';
import { TurnoverForm } from './turnover-form.tsx';

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
            <>
              {`${row.number} · ${row.name}`}
              <small>{cutWord(row.cut, row.organisationName, t)}</small>
              {row.findings.length === 0 ? null : <Findings findings={row.findings} />}
            </>
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
                <Lists of={row} />
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
      {making ? <TurnoverForm project={project} onClose={() => setMaking(false)} /> : null}
    </Section>
  );
}

type Turnover = ResultOf<typeof contract.turnovers.get>;

/** `极光视效 · 视效 · R1_v03 (3)`: who it goes to, and what they work from. */
function cutWord(cut: Turnover['cut'], company: string, t: (key: string) => string): string {
  if (cut === null) return company;
  const name = `${cut.name} (${cut.number})`;
  return [company, t(`project.department.${cut.department}`), name].join(' · ');
}

/** What the department works from; the package of all of it first. */
function Lists({ of }: { of: Turnover }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const [open, setOpen] = useState(false);
  if (of.files.length === 0) return null;
  const isPackage = ({ path }: { path: string }) => path.endsWith('.zip');
  const sorted = [...of.files.filter(isPackage), ...of.files.filter((each) => !isPackage(each))];
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {t('project.lists')}
      </button>
      <Dialog title={`${of.number} · ${of.name}`} open={open} onClose={() => setOpen(false)}>
        <ul className="project-lists" aria-label={t('project.lists')}>
          {sorted.map((each) => (
            <li key={each.path}>
              <a download href={`/api/files/${each.fileId}`}>{each.path}</a>
              <small>{format.bytes(each.sizeBytes)}</small>
            </li>
          ))}
        </ul>
      </Dialog>
    </>
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
