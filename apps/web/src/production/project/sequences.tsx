import { useQuery } from '@tanstack/react-query';
import type { contract, ResultOf } from '@yinglian/contract';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../kernel/action.ts';
import { api, ask } from '../../kernel/api.ts';
import { Dialog } from '../../kernel/parts/dialog.tsx';
import { ProblemNote } from '../../kernel/parts/problem.tsx';
import { formText, type Project } from './fields.ts';

export type Sequence = ResultOf<typeof contract.shots.sequences>['rows'][number];

/** Between two of them, so that one that comes later finds its place. */
const ORDINAL_STEP = 10;

/** Episodes and sequences of a project, each below its episode, in their order. */
export function useSequences(project: Project): readonly Sequence[] {
  const { data } = useQuery(ask('shots', 'sequences', { query: { projectId: project.id } }));
  return inOrder(data?.rows ?? []);
}

function inOrder(rows: readonly Sequence[]): Sequence[] {
  const below = (parentId: string | null): Sequence[] => rows
    .filter((each) => each.parentId === parentId)
    .toSorted((a, b) => a.ordinal - b.ordinal || (a.code < b.code ? -1 : 1))
    .flatMap((each) => [each, ...below(each.id)]);
  return below(null);
}

/** `101 · 010 码头`: with its episode, where it has one. */
export function sequenceWord(of: Sequence, all: readonly Sequence[]): string {
  const parent = all.find((each) => each.id === of.parentId);
  return `${parent === undefined ? '' : `${parent.code} · `}${`${of.code} ${of.name}`.trim()}`;
}

/** Episodes and sequences are added, named, ordered and put below each other here. */
export function Sequences({ project, open, onClose }: {
  project: Project; open: boolean; onClose: () => void;
}) {
  const { t } = useTranslation('production');
  const rows = useSequences(project);
  const [chosen, setChosen] = useState<Sequence | 'new'>();
  return (
    <Dialog title={t('project.sequences')} open={open} onClose={onClose}>
      <div className="project-form">
        <p className="muted">{t('project.sequencesText')}</p>
        {rows.length === 0 ? null : (
          <ul className="sequence-list">
            {rows.map((each) => (
              <li key={each.id} data-below={each.parentId !== null}>
                <span>
                  <strong>{each.code}</strong>{` ${each.name} `}
                  <small>{`${t(`project.sequenceKind.${each.kind}`)} · ${
                    t('project.shotCount', { count: each.shots })}`}</small>
                </span>
                <button type="button" className="button button-plain"
                  aria-expanded={chosen !== 'new' && chosen?.id === each.id}
                  onClick={() => setChosen(each)}>
                  {t('project.change1')}<span className="sr-only">{each.code}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {chosen === undefined ? (
          <button type="button" className="button" onClick={() => setChosen('new')}>
            {t('project.addSequence')}
          </button>
        ) : (
          <Editor key={chosen === 'new' ? 'new' : `${chosen.id} ${chosen.version}`}
            project={project} rows={rows} of={chosen === 'new' ? undefined : chosen}
            onDone={() => setChosen(undefined)} />
        )}
      </div>
    </Dialog>
  );
}

function Editor({ project, rows, of, onDone }: {
  project: Project; rows: readonly Sequence[]; of: Sequence | undefined; onDone: () => void;
}) {
  const { t } = useTranslation('production');
  const kernel = useTranslation('kernel').t;
  const { act, busy, fault } = useAction('shots', 'projects');
  const [kind, setKind] = useState<Sequence['kind']>(of?.kind ?? 'sequence');
  const last = Math.max(0, ...rows.map((each) => each.ordinal));
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = formText(form);
    const body = {
      kind, code: text('code'), name: text('name'), ordinal: Number(text('ordinal')),
      parentId: kind === 'episode' ? null : text('parent') || null,
    };
    void act(() => (of === undefined
      ? api.shots.addSequence({ body: { ...body, projectId: project.id } })
      : api.shots.changeSequence({ params: { id: of.id },
        body: { ...body, version: of.version } })), onDone);
  };
  return (
    <form className="project-form panel" onSubmit={send}>
      <div className="project-filters">
        <label>{t('project.kind')}
          <select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
            {(['sequence', 'episode'] as const).map((each) => (
              <option key={each} value={each}>{t(`project.sequenceKind.${each}`)}</option>
            ))}
          </select>
        </label>
        {kind === 'episode' ? null : (
          <label>{t('project.ofEpisode')}
            <select name="parent" defaultValue={of?.parentId ?? ''}>
              <option value="">—</option>
              {rows.filter((each) => each.kind === 'episode' && each.id !== of?.id).map((each) => (
                <option key={each.id} value={each.id}>{`${each.code} ${each.name}`}</option>
              ))}
            </select>
          </label>
        )}
        <label>{t('project.code')}
          <input name="code" required maxLength={60} defaultValue={of?.code ?? ''} />
        </label>
        <label>{t('project.name')}
          <input name="name" maxLength={200} defaultValue={of?.name ?? ''} />
        </label>
        <label>{t('project.ordinal')}
          <input name="ordinal" type="number" step={1} required
            defaultValue={of?.ordinal ?? last + ORDINAL_STEP} />
        </label>
      </div>
      <ProblemNote fault={fault} />
      <span className="page-actions">
        <button type="submit" className="button button-first" disabled={busy}>
          {kernel('save')}
        </button>
        <button type="button" className="button" onClick={onDone}>{kernel('cancel')}</button>
      </span>
    </form>
  );
}
