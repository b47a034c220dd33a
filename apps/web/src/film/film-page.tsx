import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';
import { useSession } from '../kernel/session.ts';
import { type Film, FilmEditor } from './film-editor.tsx';
import { LifeLine } from './life-line.tsx';
import { NextStep } from './next-step.tsx';
import { Room } from './room.tsx';
import './film.css';

/** One film: its life as a line, what to do next, its record, and who works on it. */
export function FilmPage() {
  const { t } = useTranslation('film');
  const { id } = useParams({ from: '/desk/films/$id' });
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const film = useQuery(ask('film', 'get', { params: { id } }));
  const life = useQuery(ask('film', 'life', { params: { id } }));
  if (film.isPending) return <Waiting />;
  if (film.isError) return <ProblemNote fault={film.error} again={() => void film.refetch()} />;
  const { data } = film;
  return (
    <Page wide title={data.title} kicker={[data.titleEnglish, data.year, data.country]
      .filter((each) => each !== null && each !== '').join(' · ') || undefined}
      actions={can('film.write') ? (
        <button type="button" className="button" onClick={() => setEditing(true)}>
          {t('editRecord')}
        </button>
      ) : undefined}>
      <div className="life-panel">
        {data.posterFileId === null ? null : (
          <img className="poster" src={`/api/files/${data.posterFileId}?inline=1`}
            alt={t('poster', { title: data.title })} />
        )}
        {life.isPending ? <Waiting /> : null}
        {life.isError ? <ProblemNote fault={life.error} /> : null}
        {life.data === undefined ? null : (
          <>
            <LifeLine life={life.data} />
            <NextStep life={life.data} />
          </>
        )}
      </div>
      <Record film={data} />
      <Room filmId={id} ownerId={data.ownerId} />
      <FilmEditor film={data} open={editing} onClose={() => setEditing(false)} />
    </Page>
  );
}

function Record({ film }: { film: Film }) {
  const { t } = useTranslation('film');
  const format = useFormat();
  return (
    <>
      <Section title={t('record')}>
        <div className="panel stack">
          {film.synopsis === null ? null : <p className="synopsis">{film.synopsis}</p>}
          <Facts rows={[
            [t('licence'), film.licenceNumber],
            ['EIDR', film.eidr === null ? null : <span className="mono">{film.eidr}</span>],
            ['ISAN', film.isan === null ? null : <span className="mono">{film.isan}</span>],
            [t('changed'), format.moment(film.updatedAt)],
          ]} />
          <Findings findings={film.findings} />
        </div>
      </Section>
      {film.versions.length === 0 ? null : (
        <Section title={t('versions')}>
          <Records label={t('versions')} rows={film.versions} keyOf={(each) => each.id} columns={[
            { title: t('format'), head: true, cell: (each) => each.format },
            { title: t('filmCode'), cell: (each) => (
              <span className="mono">{each.filmCode ?? '—'}</span>
            ) },
            { title: t('audio'), cell: (each) => each.audioLanguage ?? '—' },
            { title: t('subtitles'), cell: (each) => each.subtitleLanguages.join(' · ') || '—' },
            { title: t('runtime'), figure: true, cell: (each) => (each.runtimeSeconds === null ? '—'
              : t('seconds', { count: each.runtimeSeconds })) },
          ]} />
        </Section>
      )}
      <PartiesAndRights film={film} />
    </>
  );
}

function PartiesAndRights({ film }: { film: Film }) {
  const { t } = useTranslation('film');
  const format = useFormat();
  return (
    <>
      {film.parties.length === 0 ? null : (
        <Section title={t('parties')}>
          <ul className="parties">
            {film.parties.map((each, index) => (
              <li key={index}><small>{t(`partyRole.${each.role}`)}</small>{each.name}</li>
            ))}
          </ul>
        </Section>
      )}
      {film.rights.length === 0 ? null : (
        <Section title={t('rights')}>
          <Records label={t('rights')} rows={film.rights} keyOf={(each) => JSON.stringify(each)}
            columns={[
              { title: t('holder'), head: true, cell: (each) => each.holder },
              { title: t('media'), cell: (each) => t(`medium.${each.media}`) },
              { title: t('territories'), cell: (each) => each.territories.join(', ') },
              { title: t('window'), cell: (each) => (
                <>{format.date(each.from)} <Icon name="arrow" size={13} /> {format.date(each.to)}</>
              ) },
              { title: t('exclusive'), cell: (each) => t(each.exclusive ? 'yes' : 'no') },
            ]} />
        </Section>
      )}
    </>
  );
}
