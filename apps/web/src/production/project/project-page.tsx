import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { FileImport } from '../../kernel/parts/file-import.tsx';
import { Page, Section, Waiting } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { Records } from '../../kernel/parts/records.tsx';
import { useSession } from '../../kernel/session.ts';
import { Companies } from './companies.tsx';
import { DeliverablesTab } from './deliverables-tab.tsx';
import { changeWord, type Project, statusWord } from './fields.ts';
import { Settings } from './settings.tsx';
import { ShootTab } from './shoot-tab.tsx';
import { ShotsTab } from './shots-tab.tsx';
import { TasksTab } from './tasks-tab.tsx';
import { TurnoversTab } from './turnovers-tab.tsx';
import './project.css';

const TABS = ['overview', 'shots', 'tasks', 'shoot', 'turnovers', 'deliverables'] as const;
type Tab = (typeof TABS)[number];

/** One project: how it stands, its shots, tasks, shoot days, turnovers and deliverables. */
export function ProjectPage() {
  const { t } = useTranslation('production');
  const { id } = useParams({ strict: false }) as { id: string };
  const { tab = 'overview' } = useSearch({ strict: false }) as { tab?: Tab };
  const kernel = useTranslation('kernel').t;
  const { can, organisation } = useSession();
  const [setting, setSetting] = useState(false);
  const { data: project, error, refetch } = useQuery(ask('projects', 'get', { params: { id } }));
  if (error !== null) return <ProblemNote fault={error} again={() => void refetch()} />;
  if (project === undefined) return <Waiting />;
  const shown = project.scope === 'whole' ? TABS : TABS.filter((each) => each !== 'shoot');
  return (
    <Page title={project.name} wide kicker={
      <Link to="/production/projects">{`${kernel('page.projects')} · ${project.filmTitle}`}</Link>
    } actions={project.ownerId === organisation?.id && can('production.write') ? (
      <button type="button" className="button" onClick={() => setSetting(true)}>
        {t('project.settings')}
      </button>
    ) : undefined}
      lead={t('project.ledBy', { owner: project.ownerName, rate: project.frameRate })}>
      <nav className="project-tabs" aria-label={t('project.parts')}>
        {shown.map((each) => (
          <Link key={each} to="/production/projects/$id" params={{ id }} search={{ tab: each }}
            aria-current={each === tab ? 'page' : undefined}>
            {t(`project.tab.${each}`)}
          </Link>
        ))}
      </nav>
      {tab === 'overview' ? <Overview project={project} /> : null}
      {setting ? <Settings project={project} onClose={() => setSetting(false)} /> : null}
      {tab === 'shots' ? <ShotsTab project={project} /> : null}
      {tab === 'tasks' ? <TasksTab project={project} /> : null}
      {tab === 'shoot' ? <ShootTab project={project} /> : null}
      {tab === 'turnovers' ? <TurnoversTab project={project} /> : null}
      {tab === 'deliverables' ? <DeliverablesTab project={project} /> : null}
    </Page>
  );
}

function Overview({ project }: { project: Project }) {
  const { t, i18n } = useTranslation('production');
  const format = useFormat();
  const { id } = project;
  const { can } = useSession();
  const { data, error } = useQuery(ask('projects', 'overview', { params: { id } }));
  const [importing, setImporting] = useState(false);
  if (error !== null) return <ProblemNote fault={error} />;
  if (data === undefined) return <Waiting />;
  const whole = project.scope === 'whole';
  const tiles = [
    ['shots', data.shots.total], ['flagged', data.shots.flagged], ['tasks', data.tasks.total],
    ['late', data.tasks.late], ['waiting', data.versions.waiting],
    ...(whole ? [['days', data.shoot.days], ['takes', data.shoot.takes]] as const : []),
    ['toDeliver', data.deliverables.open + data.deliverables.rejected],
    ['accepted', data.deliverables.accepted],
  ] as const;
  return (
    <>
      <div className="project-tiles">
        {tiles.map(([name, value]) => (
          <div key={name} className="project-tile">
            <strong>{format.number(value)}</strong>{t(`project.tile.${name}`)}
          </div>
        ))}
      </div>
      <Section title={t('project.byStatus')} actions={
        <>
          <a className="button" download
            href={addressOf(contract.projects.exportOmc, { params: { id } })}>OMC JSON</a>
          {whole && can('production.write') ? (
            <button type="button" className="button" onClick={() => setImporting(true)}>
              {t('project.importOmc')}
            </button>
          ) : null}
        </>
      }>
        <Records label={t('project.byStatus')} rows={data.shots.byStatus}
          keyOf={(row) => row.status} columns={[
            { title: t('state'), head: true, cell: (row) =>
              statusWord(project.settings.shotFlow, row.status, i18n.language) },
            { title: t('project.tile.shots'), figure: true,
              cell: (row) => format.number(row.count) },
          ]} />
      </Section>
      <Section title={t('project.byCompany')}>
        <Records label={t('project.byCompany')} rows={data.tasks.byCompany}
          keyOf={(row) => row.organisationId ?? ''} columns={[
            { title: t('project.company'), head: true,
              cell: (row) => row.organisationName || t('project.unassigned') },
            ...(['total', 'review', 'done', 'late'] as const).map((each) => ({
              title: t(`project.count.${each}`), figure: true,
              cell: (row: (typeof data.tasks.byCompany)[number]) =>
                format.number(row[each]),
            })),
          ]} />
      </Section>
      <Companies project={project} />
      <History project={project} />
      <FileImport open={importing} onClose={() => setImporting(false)} accept=".json"
        title={t('project.importOmc')} hint={t('project.importOmcText')}
        run={async (fileId, commit) => {
          const { findings, ...counts } = await api.projects.importOmc({
            params: { id }, body: { fileId, commit },
          });
          return { counts, findings };
        }}
        words={(count) => t(`project.omc.${count}`)} />
    </>
  );
}

function History({ project }: { project: Project }) {
  const { t, i18n } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const { act, busy, fault } = useAction('projects', 'shots', 'tasks');
  const { id } = project;
  return (
    <Section title={t('project.history')}>
      <ProblemNote fault={fault} />
      <Paged label={t('project.history')} name={['projects', 'history', id]}
        load={(after, signal) => api.projects.history({ params: { id }, query: {
          limit: 20, ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => `${row.id} ${row.subjectKind} ${row.field}`}
        empty={<p className="muted">{t('project.noHistory')}</p>}
        columns={[
          { title: t('project.what'), head: true, cell: (row) => (
            <>{row.count === 1 ? row.subject : t('project.many', { count: row.count })}
              <small>{changeWord(row, project, t, i18n.language)}</small></>
          ) },
          { title: t('project.who'), cell: (row) => `${row.by} · ${row.organisation ?? ''}` },
          { title: t('project.changed'), figure: true, cell: (row) => format.moment(row.at) },
          { title: t('project.act'), cell: (row) => row.undone ? t('project.undone')
            : can('production.write') ? (
              <button type="button" className="button" disabled={busy}
                onClick={() => void act(() => api.projects.undo({
                  params: { id }, body: { changeId: row.id } }))}>
                {t('project.undo')}
              </button>
            ) : '—' },
        ]} />
    </Section>
  );
}
