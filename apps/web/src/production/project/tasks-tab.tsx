import { useInfiniteQuery } from '@tanstack/react-query';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { ExportMenu } from '../../kernel/parts/export-menu.tsx';
import { Empty, Section, Waiting } from '../../kernel/parts/page.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { presentCompanies, type Project, statusWord } from './fields.ts';

type Task = ResultOf<typeof contract.tasks.list>['rows'][number];

/** As the shots stand in the film; of one shot by name. */
const bySubject = (a: Task, b: Task) =>
  a.subject.localeCompare(b.subject, 'en', { numeric: true }) || (a.name < b.name ? -1 : 1);

/** The tasks as a board: a column for each company, each card moved along the show's flow. */
export function TasksTab({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const [search, setSearch] = useState('');
  const [late, setLate] = useState(false);
  const query = { projectId: project.id, ...(search === '' ? {} : { search }),
    ...(late ? { late: 'true' } : {}) };
  const list = useInfiniteQuery({
    queryKey: ['tasks', 'list', query],
    queryFn: ({ pageParam, signal }) => api.tasks.list({ query: {
      ...query, limit: 500, ...(pageParam === undefined ? {} : { after: pageParam }) }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((each) => each.rows) ?? [];
  const companies = new Map<string, Task[]>();
  for (const each of rows.toSorted(bySubject)) {
    const name = each.organisationName ?? t('project.unassigned');
    companies.set(name, [...(companies.get(name) ?? []), each]);
  }
  return (
    <Section title={t('project.tab.tasks')} actions={
      <ExportMenu hrefOf={(format) => addressOf(contract.tasks.exportFile,
        { query: { ...query, format } })} />
    }>
      <div className="project-filters" role="search">
        <label>{t('project.search')}
          <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
        </label>
        <button type="button" className="button" aria-pressed={late}
          onClick={() => setLate(!late)}>{t('project.onlyLate')}</button>
      </div>
      {list.isPending ? <Waiting /> : null}
      {list.isError ? <ProblemNote fault={list.error} /> : null}
      {list.isSuccess && rows.length === 0 ? (
        <Empty title={t('project.noTasks')}>{t('project.noTasksText')}</Empty>
      ) : null}
      {rows.length === 0 ? null : (
        <div className="task-board" role="region" tabIndex={0} aria-label={t('project.tab.tasks')}>
          {[...companies].map(([name, own]) => (
            <section key={name} className="task-column">
              <h3>{`${name} · ${own.length}`}</h3>
              <ul>{own.map((task) => <Card key={task.id} project={project} task={task} />)}</ul>
            </section>
          ))}
        </div>
      )}
      {list.hasNextPage ? (
        <button type="button" className="button" onClick={() => void list.fetchNextPage()}>
          {t('project.more')}
        </button>
      ) : null}
    </Section>
  );
}

function Card({ project, task }: { project: Project; task: Task }) {
  const { t, i18n } = useTranslation('production');
  const { can } = useSession();
  const { act, busy, fault } = useAction('tasks', 'projects', 'shots');
  const flow = project.settings.taskFlow;
  const now = flow.find((each) => each.code === task.status);
  const next = flow.filter((each) => now?.next.includes(each.code)
    && (project.scope === 'whole' || each.company));
  const projectId = project.id;
  const leads = can('production.write') && project.scope === 'whole';
  const change = (body: object) =>
    void act(() => api.tasks.change({ body: { projectId, ids: [task.id], ...body } }));
  const companies = presentCompanies(project);
  return (
    <li className="task-card">
      <strong>{`${task.subject} · ${task.name}`}</strong>
      {task.late || task.flagged ? (
        <span className="shot-flags">
          {task.late ? <span className="shot-flag">{t('project.count.late')}</span> : null}
          {task.flagged ? <span className="shot-flag">{t('project.cutChanged')}</span> : null}
        </span>
      ) : null}
      <div className="task-fields" data-leads={leads}>
      {can('production.write') ? (
        <select aria-label={t('state')} value={task.status} disabled={busy}
          onChange={(event) => change({ status: event.target.value })}>
          {[now, ...next].filter((each) => each !== undefined).map((each) => (
            <option key={each.code} value={each.code}>
              {statusWord(flow, each.code, i18n.language)}
            </option>
          ))}
        </select>
      ) : <span>{statusWord(flow, task.status, i18n.language)}</span>}
      {leads ? (
        <>
          <select aria-label={t('project.company')} value={task.organisationId ?? ''}
            disabled={busy}
            onChange={(event) => change({ organisationId: event.target.value || null })}>
            <option value="">{t('project.unassigned')}</option>
            <option value={project.ownerId}>{project.ownerName}</option>
            {companies.map((each) => (
              <option key={each.organisationId} value={each.organisationId}>
                {each.organisationName}
              </option>
            ))}
          </select>
          <input type="date" aria-label={t('project.due')} value={task.dueOn ?? ''} disabled={busy}
            onChange={(event) => change({ dueOn: event.target.value || null })} />
        </>
      ) : <span className="figure">{task.dueOn ?? ''}</span>}
      </div>
      <ProblemNote fault={fault} />
    </li>
  );
}
