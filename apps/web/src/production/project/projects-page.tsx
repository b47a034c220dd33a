import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api } from '../../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../../kernel/film.ts';
import { useFormat } from '../../kernel/format.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { Empty, Page } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { formText, RATES } from './fields.ts';
import './project.css';

/** Projects that we lead, share, or are asked to take part in. */
export function ProjectsPage() {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const format = useFormat();
  const filmId = useFilmId();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const { act, busy, fault } = useAction('projects');
  const write = can('production.write');
  const make = write ? (
    <button type="button" className="button button-first" onClick={() => setMaking(true)}>
      {t('project.new')}
    </button>
  ) : null;
  const answer = (id: string, join: boolean) =>
    void act(() => api.projects.answer({ params: { id }, body: { join } }));
  return (
    <Page title={kernel('page.projects')} lead={t('project.lead')} actions={make}>
      <ProblemNote fault={fault} />
      <Paged label={kernel('page.projects')} name={['projects', 'list', filmId]}
        load={(after, signal) => api.projects.list({ query: {
          ...(after === undefined ? {} : { after }), ...(filmId === undefined ? {} : { filmId }),
        }, signal })}
        keyOf={(project) => project.id}
        empty={<Empty title={t('project.none')} action={make}>{t('project.noneText')}</Empty>}
        columns={[
          { title: t('project.name'), head: true, cell: (project) =>
            project.scope === 'turnover' && project.participation !== 'joined' ? project.name : (
              <Link to="/production/projects/$id" params={{ id: project.id }} search={{}}>
                {project.name}<small>{project.filmTitle}</small>
              </Link>
            ) },
          { title: t('project.owner'), cell: (project) => project.ownerName },
          { title: t('project.scope'), cell: (project) => t(`project.scopes.${project.scope}`) },
          { title: t('project.companies'), figure: true,
            cell: (project) => format.number(project.participants.length) },
          { title: t('project.changed'), figure: true,
            cell: (project) => format.moment(project.updatedAt) },
          { title: t('project.answer'), cell: (project) =>
            project.participation === 'invited' && write ? (
              <span className="page-actions">
                <button type="button" className="button button-first" disabled={busy}
                  onClick={() => answer(project.id, true)}>{t('project.join')}</button>
                <button type="button" className="button" disabled={busy}
                  onClick={() => answer(project.id, false)}>{t('project.decline')}</button>
              </span>
            ) : project.participation === null ? '—'
              : t(`project.participation.${project.participation}`) },
        ]} />
      <NewProject open={making} onClose={() => setMaking(false)} filmId={filmId} />
    </Page>
  );
}

function NewProject({ open, onClose, filmId }: {
  open: boolean; onClose: () => void; filmId: string | undefined;
}) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const films = useFilmChoices();
  const { act, busy, fault } = useAction('projects');
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    void act(() => api.projects.create({ body: {
      filmId: text('film'), name: text('name'), code: text('code'), frameRate: text('rate'),
    } }), onClose);
  };
  return (
    <Dialog title={t('project.new')} open={open} onClose={onClose}>
      <form className="project-form" onSubmit={send}>
        <label>{kernel('film')}
          <select name="film" defaultValue={filmId} required>
            {films.map((each) => <option key={each.value} value={each.value}>{each.label}</option>)}
          </select>
        </label>
        <label>{t('project.name')}<input name="name" required maxLength={200} /></label>
        <label>{t('project.code')}
          <input name="code" required maxLength={20} placeholder="CY" />
        </label>
        <label>{t('project.rate')}
          <select name="rate" defaultValue="24">
            {RATES.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
        <ProblemNote fault={fault} />
        <button type="submit" className="button button-first" disabled={busy}>
          {t('project.create')}
        </button>
      </form>
    </Dialog>
  );
}
