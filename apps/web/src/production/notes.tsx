import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { contract, OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { type FrameClock, timecodeOf } from './media/clock.ts';
import type { Player } from './media/player.ts';

type NotesAnswer = OutputOf<typeof contract.production.notes.result>;
export type Note = NotesAnswer['rows'][number];

/** What has been said about an asset. */
export function useNotes(assetId: string) {
  return useQuery(ask('production', 'notes', { params: { id: assetId } }));
}

/** Notes pinned to frames, in the order of the film. */
export function Notes({ assetId, notes, player, clock }: {
  assetId: string; notes: UseQueryResult<NotesAnswer>; player: Player; clock: FrameClock;
}) {
  const { t } = useTranslation('production');
  const { can } = useSession();
  const rows = [...(notes.data?.rows ?? [])].sort((a, b) => a.frame - b.frame);
  const open = rows.filter((each) => each.state === 'open').length;
  return (
    <aside className="notes" aria-label={t('notes')}>
      <h2>{t('notes')} <span className="count">{open} / {rows.length}</span></h2>
      {can('production.review') ? (
        <NewNote assetId={assetId} player={player} clock={clock} />
      ) : null}
      <ProblemNote fault={notes.error} />
      {rows.length === 0 ? <p className="room-silent">{t('noNotes')}</p> : null}
      <ol>
        {rows.map((each) => (
          <NoteLine key={each.id} note={each} player={player} clock={clock} />
        ))}
      </ol>
    </aside>
  );
}

function NewNote({ assetId, player, clock }: {
  assetId: string; player: Player; clock: FrameClock;
}) {
  const { t } = useTranslation('production');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const { from, to } = player.marks;
  const range = from !== null && to !== null;
  const frame = range ? from : player.frame;
  const add = async () => {
    if (text.trim() === '') return;
    try {
      await api.production.addNote({ params: { id: assetId },
        body: { frame, toFrame: range ? to : null, text: text.trim() } });
      setText('');
      setFault(null);
      await forget('production', 'film');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form className="note-new" onSubmit={(event) => { event.preventDefault(); void add(); }}>
      <label htmlFor="new-note">
        {t('noteOn')} <span className="mono">{timecodeOf(frame, clock)}
          {range ? ` – ${timecodeOf(to, clock)}` : ''}</span>
      </label>
      <textarea id="new-note" className="input" rows={2} maxLength={10_000} value={text}
        onFocus={player.stop} onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void add();
          if (event.key === 'Escape') event.currentTarget.blur();
        }} />
      <button className="button" disabled={text.trim() === ''}>{t('addNote')}</button>
      <ProblemNote fault={fault} />
    </form>
  );
}

function NoteLine({ note, player, clock }: { note: Note; player: Player; clock: FrameClock }) {
  const { t } = useTranslation('production');
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const change = async (values: { text: string; state: Note['state'] }, version: number) => {
    try {
      await api.production.changeNote({ params: { id: note.id }, body: { ...values, version } });
      setFault(null);
      await forget('production');
    } catch (caught) {
      setFault(caught);
    }
  };
  const done = note.state === 'done';
  return (
    <li className={done ? 'note note-done' : 'note'}>
      <button type="button" className="note-time mono"
        onClick={() => player.step(note.frame - player.frame)}>
        {timecodeOf(note.frame, clock)}
        {note.toFrame === null ? '' : ` – ${timecodeOf(note.toFrame, clock)}`}
      </button>
      <p>{note.text}</p>
      <small>{note.author} · {note.organisation} · {format.moment(note.createdAt)}</small>
      {can('production.review') ? (
        <label className="note-state">
          <input type="checkbox" checked={done} onChange={() => void change(
            { text: note.text, state: done ? 'open' : 'done' }, note.version)} />
          {t('noteDone')}
        </label>
      ) : null}
      {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      <Conflict fault={fault} labels={{ text: t('noteText'), state: t('state') }}
        onClose={() => setFault(null)}
        onResolve={(merged, version) => void change(
          { text: String(merged['text']), state: merged['state'] === 'done' ? 'done' : 'open' },
          version)} />
    </li>
  );
}
