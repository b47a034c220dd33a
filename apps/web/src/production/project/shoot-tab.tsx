import { useQuery } from '@tanstack/react-query';
import { addressOf, contract } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../../kernel/api.ts';
import { useFormat } from '../../kernel/format.ts';
import { ExportMenu } from '../../kernel/parts/export-menu.tsx';
import { FileImport } from '../../kernel/parts/file-import.tsx';
import { Empty, Section, Waiting } from '../../kernel/parts/page.tsx';
import { Paged } from '../../kernel/parts/paged.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { Records } from '../../kernel/parts/records.tsx';
import { useSession } from '../../kernel/session.ts';
import type { Project } from './fields.ts';

/** What was shot: the days with their reports, and the takes of the day that is chosen. */
export function ShootTab({ project }: { project: Project }) {
  const { t, i18n } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const [day, setDay] = useState<string>();
  const [reading, setReading] = useState(false);
  const projectId = project.id;
  const { data, error } = useQuery(ask('shoot', 'days', { query: { projectId } }));
  const language = i18n.language.startsWith('zh') ? 'zh-CN' as const : 'en' as const;
  if (error !== null) return <ProblemNote fault={error} />;
  if (data === undefined) return <Waiting />;
  const next = Math.max(0, ...data.rows.map((each) => each.number)) + 1;
  return (
    <>
      <Section title={t('project.tab.shoot')} actions={can('production.write') ? (
        <button type="button" className="button button-first" onClick={() => setReading(true)}>
          {t('project.readLog')}
        </button>
      ) : null}>
        {data.rows.length === 0 ? (
          <Empty title={t('project.noDays')}>{t('project.noDaysText')}</Empty>
        ) : (
          <Records label={t('project.tab.shoot')} rows={data.rows} keyOf={(row) => row.id}
            columns={[
              { title: t('project.day'), head: true, cell: (row) => (
                <button type="button" className="button button-plain" aria-pressed={row.id === day}
                  onClick={() => setDay(row.id === day ? undefined : row.id)}>
                  {`${row.unit} ${row.number} · ${row.date ?? ''}`}
                </button>
              ) },
              { title: t('project.rolls'), figure: true,
                cell: (row) => format.number(row.rolls) },
              { title: t('project.tile.takes'), figure: true,
                cell: (row) => format.number(row.takes) },
              { title: t('project.circled'), figure: true,
                cell: (row) => format.number(row.circled) },
              { title: t('project.reports'), cell: (row) => (
                <>
                  {(['camera', 'sound'] as const).map((kind) => (
                    <a key={kind} target="_blank" rel="noreferrer" style={{ marginInlineEnd: 12 }}
                      href={addressOf(contract.shoot.report, { params: { id: row.id },
                        query: { kind, language } })}>
                      {t(`project.report.${kind}`)}
                    </a>
                  ))}
                </>
              ) },
            ]} />
        )}
      </Section>
      <Takes project={project} day={day} />
      <FileImport open={reading} onClose={() => setReading(false)} accept=".ale,.csv,.xlsx,.mhl"
        title={t('project.readLog')} hint={t('project.readLogText')}
        run={async (fileId, commit) => {
          const read = await api.shoot.readLog({ body: { projectId, fileId, commit,
            day: { number: data.rows.find((each) => each.id === day)?.number ?? next } } });
          const { days, rolls, added, changed, unchanged } = read;
          return { counts: { days, rolls, added, changed, unchanged }, findings: read.findings };
        }}
        words={(count) => t(`project.log.${count}`)} />
    </>
  );
}

function Takes({ project, day }: { project: Project; day: string | undefined }) {
  const { t } = useTranslation('production');
  const [search, setSearch] = useState('');
  const query = { projectId: project.id, ...(day === undefined ? {} : { dayId: day }),
    ...(search === '' ? {} : { search }) };
  return (
    <Section title={t('project.tile.takes')} actions={
      <ExportMenu further={[['ale', 'ALE']]} hrefOf={(kind) =>
        addressOf(contract.shoot.exportFile, { query: { ...query, format: kind } })} />
    }>
      <div className="project-filters" role="search">
        <label>{t('project.search')}
          <input type="search" value={search}
            onChange={(event) => setSearch(event.target.value)} />
        </label>
      </div>
      <Paged label={t('project.tile.takes')} name={['shoot', 'takes', query]}
        load={(after, signal) => api.shoot.takes({ query: { ...query, limit: 100,
          ...(after === undefined ? {} : { after }) }, signal })}
        keyOf={(row) => row.id} empty={<p className="muted">{t('project.noTakes')}</p>}
        columns={[
          { title: t('project.clip'), head: true, cell: (row) => row.assetId === null ? row.clip
            : <a href={`/production/assets/${row.assetId}`}>{row.clip}</a> },
          { title: t('project.slate'), cell: (row) => `${row.scene} / ${row.take}` },
          { title: t('project.roll'),
            cell: (row) => [row.roll, row.soundRoll].filter(Boolean).join(' · ') || '—' },
          { title: t('project.timecode'), figure: true,
            cell: (row) => `${row.startTimecode ?? '—'}` },
          { title: t('project.frames'), figure: true, cell: (row) => row.frameCount ?? '—' },
          { title: t('project.circled'), cell: (row) => (row.circled ? '✓' : '') },
          { title: t('project.comment'), cell: (row) => row.comment },
        ]} />
    </Section>
  );
}
