import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, type ResultOf } from '@yinglian/contract';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask, forget } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ExportMenu } from '../../kernel/parts/export-menu.tsx';
import { FileImportSteps } from '../../kernel/parts/file-import.tsx';
import { Empty, Section, Waiting } from '../../kernel/parts/page.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { useSession } from '../../kernel/session.ts';
import { type Project, statusWord } from './fields.ts';
import { type Sequence, Sequences, sequenceWord, useSequences } from './sequences.tsx';
import { useShots } from './whole-lists.ts';

type Shot = ResultOf<typeof contract.shots.list>['rows'][number];

/** The shots as a wall of pictures: found fast, many chosen at once, changed and put back. */
export function ShotsTab({ project }: { project: Project }) {
  const { t } = useTranslation('production');
  const { can } = useSession();
  const [search, setSearch] = useState('');
  const [status, setStatus] = useState('');
  const [sequenceId, setSequenceId] = useState('');
  const [ordering, setOrdering] = useState(false);
  const sequences = useSequences(project);
  const [flagged, setFlagged] = useState(false);
  const [reading, setReading] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const write = can('production.write') && project.scope === 'whole';
  const query = {
    projectId: project.id, ...(search === '' ? {} : { search }),
    ...(status === '' ? {} : { status }), ...(flagged ? { flagged: 'true' } : {}),
    ...(sequenceId === '' ? {} : { sequenceId }),
  };
  const { list, rows } = useShots(query);
  const toggle = (id: string) => setChosen((before) => {
    const after = new Set(before);
    if (!after.delete(id)) after.add(id);
    return after;
  });
  return (
    <Section title={t('project.tab.shots')} actions={
      <>
        <ExportMenu hrefOf={(format) => addressOf(contract.shots.exportFile,
          { query: { ...query, format } })} />
        {write ? (
          <>
            <button type="button" className="button" onClick={() => setOrdering(true)}>
              {t('project.sequences')}
            </button>
            <button type="button" className="button button-first"
              onClick={() => setReading(true)}>{t('project.readCut')}</button>
          </>
        ) : null}
      </>
    }>
      <div className="project-filters" role="search">
        <Filters project={project} sequences={sequences} search={search} status={status}
          sequenceId={sequenceId} onSearch={setSearch} onStatus={setStatus}
          onSequence={setSequenceId} />
        <button type="button" className="button" aria-pressed={flagged}
          onClick={() => setFlagged(!flagged)}>{t('project.onlyFlagged')}</button>
        <button type="button" className="button" disabled={rows.length === 0}
          onClick={() => setChosen(new Set(rows.map((each) => each.id)))}>
          {t('project.chooseAll', { count: rows.length })}
        </button>
      </div>
      <Cuts project={project} />
      {list.isPending ? <Waiting /> : null}
      {list.isError ? <ProblemNote fault={list.error} /> : null}
      {list.isSuccess && rows.length === 0 ? (
        <Empty title={t('project.noShots')}>{t('project.noShotsText')}</Empty>
      ) : null}
      {groupsOf(rows).map(([id, own]) => (
        <div key={id ?? ''} className="shot-group">
          <h3>
            {headOf(id, sequences) ?? t('project.noSequence')}
            <small>{t('project.shotCount', { count: own.length })}</small>
          </h3>
          <ShotGrid project={project} rows={own} chosen={chosen} toggle={toggle} />
        </div>
      ))}
      {chosen.size > 0 ? (
        <Bulk project={project} sequences={sequences} chosen={chosen} write={write}
          clear={() => setChosen(new Set())} />
      ) : null}
      <ReadCut project={project} sequences={sequences} first={sequenceId} open={reading}
        onClose={() => setReading(false)} />
      <Sequences project={project} open={ordering} onClose={() => setOrdering(false)} />
    </Section>
  );
}

/** Which shots are shown: by words, by sequence, by status. */
function Filters({
  project, sequences, search, status, sequenceId, onSearch, onStatus, onSequence,
}: {
  project: Project; sequences: readonly Sequence[]; search: string; status: string;
  sequenceId: string; onSearch: (text: string) => void; onStatus: (code: string) => void;
  onSequence: (id: string) => void;
}) {
  const { t, i18n } = useTranslation('production');
  return (
    <>
      <label>{t('project.search')}
        <input type="search" value={search} onChange={(event) => onSearch(event.target.value)} />
      </label>
      {sequences.length === 0 ? null : (
        <label>{t('project.sequence')}
          <select value={sequenceId} onChange={(event) => onSequence(event.target.value)}>
            <option value="">{t('project.all')}</option>
            {sequences.map((each) => (
              <option key={each.id} value={each.id}>{sequenceWord(each, sequences)}</option>
            ))}
          </select>
        </label>
      )}
      <label>{t('state')}
        <select value={status} onChange={(event) => onStatus(event.target.value)}>
          <option value="">{t('project.all')}</option>
          {project.settings.shotFlow.map((each) => (
            <option key={each.code} value={each.code}>
              {statusWord(project.settings.shotFlow, each.code, i18n.language)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Shots by sequence, in the order in which they come. */
function groupsOf(rows: readonly Shot[]): [string | null, Shot[]][] {
  const groups = new Map<string | null, Shot[]>();
  for (const each of rows) {
    const own = groups.get(each.sequenceId);
    if (own === undefined) groups.set(each.sequenceId, [each]);
    else own.push(each);
  }
  return [...groups];
}

function headOf(id: string | null, sequences: readonly Sequence[]): string | undefined {
  const of = sequences.find((each) => each.id === id);
  return of === undefined ? undefined : sequenceWord(of, sequences);
}

function ShotGrid({ project, rows, chosen, toggle }: {
  project: Project; rows: readonly Shot[]; chosen: ReadonlySet<string>;
  toggle: (id: string) => void;
}) {
  /** Arrows go from shot to shot as the eye does; the space bar chooses. */
  const move = (event: KeyboardEvent<HTMLUListElement>) => {
    const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('input')];
    const at = boxes.indexOf(event.target as HTMLInputElement);
    const [a, b] = boxes.map((each) => each.closest('li')!.offsetTop).reduce<[number, number]>(
      ([first, count], top) => (top === first ? [first, count + 1] : [first, count]),
      [boxes[0]?.closest('li')?.offsetTop ?? 0, 0]);
    const steps: Record<string, number> = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: a === undefined ? 1 : b, ArrowUp: -b,
    };
    const step = steps[event.key];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    boxes[Math.max(0, Math.min(boxes.length - 1, at + step))]?.focus();
  };
  return (
    <ul className="shot-grid" onKeyDown={move}>
      {rows.map((shot) => (
        <ShotCard key={shot.id} project={project} shot={shot} chosen={chosen.has(shot.id)}
          toggle={toggle} />
      ))}
    </ul>
  );
}

function ShotCard({ project, shot, chosen, toggle }: {
  project: Project; shot: Shot; chosen: boolean; toggle: (id: string) => void;
}) {
  const { t, i18n } = useTranslation('production');
  return (
    <li className="shot-card" data-chosen={chosen} data-omitted={shot.omitted}>
      {shot.thumbnailFileId === null ? (
        <span className="shot-picture shot-nothing">{shot.clip || shot.reel}</span>
      ) : (
        <img className="shot-picture" alt="" loading="lazy"
          src={`/api/files/${shot.thumbnailFileId}?inline=1`} />
      )}
      <div className="shot-words">
        <label>
          <input type="checkbox" checked={chosen} onChange={() => toggle(shot.id)} />{shot.code}
        </label>
        <span>
          {shot.omitted ? t('project.omitted')
            : statusWord(project.settings.shotFlow, shot.status, i18n.language)}
        </span>
        <small title={t('project.frameNumbers')}>
          {`${shot.cutIn}–${shot.cutOut ?? ''} · ${
            t('project.frameCount', { count: shot.frameCount ?? 0 })}`}
        </small>
        {shot.latest === null ? null : (
          <a href={`/production/assets/${shot.latest.assetId}`}>
            {`${shot.latest.name} v${String(shot.latest.number).padStart(3, '0')}`}
          </a>
        )}
        <span className="shot-flags">
          {[...new Set(shot.changes.map((each) => each.kind))].map((kind) => (
            <span key={kind} className="shot-flag">{t(`project.change.${kind}`)}</span>
          ))}
        </span>
      </div>
    </li>
  );
}

function Bulk({ project, sequences, chosen, write, clear }: {
  project: Project; sequences: readonly Sequence[]; chosen: ReadonlySet<string>;
  write: boolean; clear: () => void;
}) {
  const { t, i18n } = useTranslation('production');
  const { act, busy, fault } = useAction('projects', 'shots', 'tasks');
  const [last, setLast] = useState<{ changeId: string; changed: number }>();
  const [task, setTask] = useState('');
  const projectId = project.id;
  const ids = [...chosen];
  type More = { status?: string; seen?: true; sequenceId?: string | null };
  const change = (more: More) => act(async () => {
    setLast(await api.shots.change({ body: { projectId, ids, ...more } }));
  });
  return (
    <div className="project-bulk" role="region"
      aria-label={t('project.chosen', { count: ids.length })}>
      <strong>{t('project.chosen', { count: ids.length })}</strong>
      {write ? (
        <>
          <Choice label={t('state')} busy={busy} onChoose={(code) => void change({ status: code })}
            options={project.settings.shotFlow.map((each) =>
              [each.code, statusWord(project.settings.shotFlow, each.code, i18n.language)])} />
          {sequences.length === 0 ? null : (
            <Choice label={t('project.moveTo')} busy={busy}
              onChoose={(id) => void change({ sequenceId: id })}
              options={sequences.map((each) => [each.id, sequenceWord(each, sequences)])} />
          )}
          <button type="button" className="button" disabled={busy}
            onClick={() => void change({ seen: true })}>{t('project.seen')}</button>
          <input aria-label={t('project.taskName')} placeholder={t('project.taskName')} value={task}
            onChange={(event) => setTask(event.target.value)} />
          <button type="button" className="button" disabled={busy || task.trim() === ''}
            onClick={() => void act(() => api.tasks.create({ body: {
              projectId, names: [task.trim()], shotIds: ids } }), () => setTask(''))}>
            {t('project.giveTask')}
          </button>
        </>
      ) : null}
      {last === undefined ? null : (
        <button type="button" className="button" disabled={busy}
          onClick={() => void act(() => api.projects.undo({
            params: { id: projectId }, body: { changeId: last.changeId } }),
          () => setLast(undefined))}>
          {t('project.undoLast', { count: last.changed })}
        </button>
      )}
      <button type="button" className="button button-plain" onClick={clear}>
        {t('project.clear')}
      </button>
      <ProblemNote fault={fault} />
    </div>
  );
}

/** A list that does something with what is chosen and stands at its word again. */
function Choice({ label, options, busy, onChoose }: {
  label: string; options: readonly (readonly [value: string, word: string])[]; busy: boolean;
  onChoose: (value: string) => void;
}) {
  return (
    <select aria-label={label} value="" disabled={busy}
      onChange={(event) => onChoose(event.target.value)}>
      <option value="" disabled>{`${label} …`}</option>
      {options.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
    </select>
  );
}

function Cuts({ project }: { project: Project }) {
  const { t, i18n } = useTranslation('production');
  const { data } = useQuery(ask('shots', 'cuts', { query: { projectId: project.id, limit: 6 } }));
  const language = i18n.language.startsWith('zh') ? 'zh-CN' : 'en';
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <ul className="project-cuts" aria-label={t('project.cuts')}>
      {data.rows.map((cut) => (
        <li key={cut.id}>
          <strong>{cut.name}</strong>
          {(['changes', 'counts', 'pulls'] as const).map((kind) => (
            <a key={kind} target="_blank" rel="noreferrer"
              href={addressOf(contract.shots.cutSheet, { params: { id: cut.id },
                query: { kind, format: 'html', language } })}>
              {t(`project.sheet.${kind}`)}
            </a>
          ))}
          {(['pdf', 'edl'] as const).map((format) => (
            <a key={format} download href={addressOf(contract.shots.cutSheet, {
              params: { id: cut.id }, query: { kind: 'changes', format, language } })}>
              {t(`project.sheet.changesAs.${format}`)}
            </a>
          ))}
        </li>
      ))}
    </ul>
  );
}

function ReadCut({ project, sequences, first, open, onClose }: {
  project: Project; sequences: readonly Sequence[]; first: string; open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('production');
  const [chosen, setChosen] = useState<string>();
  const sequenceId = chosen ?? first;
  const close = () => {
    setChosen(undefined);
    onClose();
  };
  return (
    <Dialog title={t('project.readCut')} open={open} onClose={close}>
      {sequences.length === 0 ? null : (
        <div className="project-form">
          <label>{t('project.cutOf')}
            <select value={sequenceId} onChange={(event) => setChosen(event.target.value)}>
              <option value="">{t('project.wholeFilm')}</option>
              {sequences.map((each) => (
                <option key={each.id} value={each.id}>{sequenceWord(each, sequences)}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      <FileImportSteps key={sequenceId} onClose={close}
        accept=".edl,.otio,.otioz,.xml,.fcpxml,.aaf" hint={t('project.readCutText')}
        run={async (fileId, commit) => {
          const read = await api.shots.readCut({ body: {
            projectId: project.id, fileId, commit, rate: project.frameRate,
            sequenceId: sequenceId === '' ? null : sequenceId } });
          if (commit) await forget('shots', 'projects', 'tasks');
          return { counts: { ...read.counts, flaggedTasks: read.flaggedTasks },
            findings: read.findings };
        }}
        words={(count) => t(`project.change.${count}`)} />
    </Dialog>
  );
}
