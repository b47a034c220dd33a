import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { contract, OutputOf } from '@yinglian/contract';
import { mentionedIn, threadsOf } from '@yinglian/review/threads';
import type { Shape } from '@yinglian/review/drawing';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Conflict, isConflict } from '../kernel/parts/conflict.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';
import type { Desk } from './desk.ts';
import { nameOf } from './naming.ts';

type NotesAnswer = OutputOf<typeof contract.production.notes.result>;
export type Note = NotesAnswer['rows'][number];
const STATES = ['open', 'doing', 'done', 'declined'] as const;

/** What has been said about an asset. */
export function useNotes(assetId: string) {
  return useQuery(ask('production', 'notes', { params: { id: assetId } }));
}

type Place = { player: Player; clock: FrameClock; desk: Desk };

/** Notes pinned to frames, in the order of the film, each with its answers. */
export function Notes({
  assetId,
  notes,
  ...place
}: Place & {
  assetId: string;
  notes: UseQueryResult<NotesAnswer>;
}) {
  const { t } = useTranslation('review');
  const { can } = useSession();
  const [only, setOnly] = useState<string>('all');
  const rows = notes.data?.rows ?? [];
  const threads = threadsOf(rows).filter(({ note }) => only === 'all' || note.state === only);
  const first = rows.filter((each) => each.parentId === null);
  const open = first.filter((each) => each.state === 'open' || each.state === 'doing').length;
  return (
    <>
      <h2>
        {t('notes')}{' '}
        <span className="count">
          {open} / {first.length}
        </span>
      </h2>
      {can('production.review') ? <NewNote assetId={assetId} {...place} /> : null}
      <label className="tools-field">
        <span>{t('show')}</span>
        <select value={only} onChange={(event) => setOnly(event.target.value)}>
          <option value="all">{t('all')}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`states.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <ProblemNote fault={notes.error} />
      {rows.length === 0 ? <p className="room-silent">{t('noNotes')}</p> : null}
      <ol>
        {threads.map(({ note, replies }) => (
          <NoteLine key={note.id} note={note} replies={replies} {...place} />
        ))}
      </ol>
    </>
  );
}

function NewNote({ assetId, player, clock, desk }: Place & { assetId: string }) {
  const { t } = useTranslation('review');
  const [text, setText] = useState('');
  const [internal, setInternal] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const people = useQuery(ask('review', 'people', { params: { id: assetId } }));
  const { from, to } = player.marks;
  const range = from !== null && to !== null;
  const frame = range ? from : desk.shapes.length > 0 ? desk.at : player.frame;
  const add = async () => {
    if (text.trim() === '') return;
    try {
      const drawing = desk.shapes.length === 0 ? null : { shapes: [...desk.shapes] };
      await api.production.addNote({
        params: { id: assetId },
        body: {
          frame,
          toFrame: range ? to : null,
          text: text.trim(),
          internal,
          drawing: drawing as never,
          mentions: mentionedIn(text, people.data?.rows ?? []),
        },
      });
      setText('');
      setFault(null);
      desk.clear();
      desk.setTool(null);
      await forget('production', 'film');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form
      className="note-new"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label htmlFor="new-note">
        {t('noteOn')}{' '}
        <span className="mono">
          {nameOf(frame, clock, desk)}
          {range ? ` – ${nameOf(to, clock, desk)}` : ''}
        </span>
        {desk.shapes.length === 0 ? '' : ` · ${t('withDrawing', { count: desk.shapes.length })}`}
      </label>
      <textarea
        id="new-note"
        className="input"
        rows={2}
        maxLength={10_000}
        value={text}
        onFocus={player.stop}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void add();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <Names text={text} people={people.data?.rows ?? []} onChoose={setText} />
      <span className="row">
        <button className="button" disabled={text.trim() === ''}>
          {t('addNote')}
        </button>
        <label className="tools-check">
          <input
            type="checkbox"
            checked={internal}
            onChange={(event) => setInternal(event.target.checked)}
          />
          {t('internal')}
        </label>
      </span>
      <ProblemNote fault={fault} />
    </form>
  );
}

const NAMES_SHOWN = 6;

/** Whom one may mean by what stands after the last @. */
function Names({
  text,
  people,
  onChoose,
}: {
  text: string;
  people: readonly { id: string; name: string; organisation: string }[];
  onChoose: (text: string) => void;
}) {
  const { t } = useTranslation('review');
  const begun = /@([^@\s]{0,20})$/.exec(text)?.[1];
  if (begun === undefined) return null;
  const fitting = people.filter(
    (each) => each.name.toLowerCase().startsWith(begun.toLowerCase()) && each.name !== begun,
  );
  if (fitting.length === 0) return null;
  return (
    <span className="names" role="group" aria-label={t('mention')}>
      {fitting.slice(0, NAMES_SHOWN).map((each) => (
        <button
          key={each.id}
          type="button"
          className="room-button"
          onClick={() => {
            onChoose(`${text.slice(0, text.length - begun.length)}${each.name} `);
            document.getElementById('new-note')?.focus();
          }}
        >
          {each.name} <small>{each.organisation}</small>
        </button>
      ))}
    </span>
  );
}

type Values = { text: string; state: Note['state'] };

function NoteLine({
  note,
  replies,
  player,
  clock,
  desk,
}: Place & {
  note: Note;
  replies: readonly Note[];
}) {
  const { t } = useTranslation('review');
  const format = useFormat();
  const { can, user, organisation } = useSession();
  const [answer, setAnswer] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const tell = (work: Promise<unknown>) =>
    work
      .then(() => {
        setFault(null);
        return forget('production');
      })
      .catch(setFault);
  const change = (values: Values, version: number) =>
    void tell(api.production.changeNote({ params: { id: note.id }, body: { ...values, version } }));
  const reply = async () => {
    const text = answer?.trim() ?? '';
    if (text === '') return;
    await tell(
      api.production.addNote({
        params: { id: note.assetId },
        body: { frame: note.frame, toFrame: note.toFrame, text, parentId: note.id },
      }),
    );
    setAnswer(null);
  };
  const ended = note.state === 'done' || note.state === 'declined';
  const own = organisation !== null && note.organisation === organisation.name;
  return (
    <li className={ended ? 'note note-done' : 'note'}>
      <button
        type="button"
        className="note-time mono"
        onClick={() => player.step(note.frame - player.frame)}
      >
        {nameOf(note.frame, clock, desk)}
        {note.toFrame === null ? '' : ` – ${nameOf(note.toFrame, clock, desk)}`}
        {note.drawing === null ? '' : ' ✎'}
      </button>
      <p>{note.text}</p>
      <small>
        {note.author} · {note.organisation} · {format.moment(note.createdAt)}
        {note.internal ? ` · ${t('internal')}` : ''}
        {note.origin === 'room' ? '' : ` · ${t(`origins.${note.origin}`)}`}
      </small>
      {note.doneBy === null ? null : (
        <small>{t('endedBy', { state: t(`states.${note.state}`), name: note.doneBy })}</small>
      )}
      {replies.map((each) => (
        <div key={each.id} className="note-reply">
          <p>{each.text}</p>
          <small>
            {each.author} · {each.organisation} · {format.moment(each.createdAt)}
          </small>
        </div>
      ))}
      {can('production.review') ? (
        <NoteActs
          note={note}
          removable={own && replies.length === 0 && note.authorId === user?.id}
          onState={(state) => change({ text: note.text, state }, note.version)}
          onReply={() => setAnswer(answer === null ? '' : null)}
          onRemove={() => void tell(api.review.removeNote({ params: { id: note.id } }))}
        />
      ) : null}
      {answer === null ? null : (
        <Answer text={answer} onText={setAnswer} onSend={() => void reply()} />
      )}
      {isConflict(fault) ? null : <ProblemNote fault={fault} />}
      <Conflict
        fault={fault}
        labels={{ text: t('noteText'), state: t('state') }}
        onClose={() => setFault(null)}
        onResolve={(merged, version) =>
          change(
            {
              text: String(merged['text']),
              state: STATES.find((each) => each === merged['state']) ?? 'open',
            },
            version,
          )
        }
      />
    </li>
  );
}

type NoteActsParts = {
  note: Note;
  removable: boolean;
  onState: (state: Note['state']) => void;
  onReply: () => void;
  onRemove: () => void;
};

/** How far it is, an answer, and taking back what one said oneself. */
function NoteActs({ note, removable, onState, onReply, onRemove }: NoteActsParts) {
  const { t } = useTranslation('review');
  return (
    <span className="note-acts">
      <label className="tools-field">
        <span className="sr-only">{t('state')}</span>
        <select
          value={note.state}
          onChange={(event) => onState(event.target.value as Note['state'])}
        >
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`states.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="room-button" onClick={onReply}>
        {t('reply')}
      </button>
      {removable ? (
        <button type="button" className="room-button" onClick={onRemove}>
          {t('remove')}
        </button>
      ) : null}
    </span>
  );
}

type AnswerParts = { text: string; onText: (text: string | null) => void; onSend: () => void };

function Answer({ text, onText, onSend }: AnswerParts) {
  const { t } = useTranslation('review');
  return (
    <form
      className="note-new"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <textarea
        className="input"
        rows={2}
        maxLength={10_000}
        value={text}
        autoFocus
        aria-label={t('reply')}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSend();
          if (event.key === 'Escape') onText(null);
        }}
      />
      <button className="button" disabled={text.trim() === ''}>
        {t('addNote')}
      </button>
    </form>
  );
}

/** Drawings that belong to a frame: of remarks on it, or on a range around it. */
export function shapesAt(notes: readonly Note[], frame: number): Shape[] {
  return notes.flatMap((each) => {
    const last = each.toFrame ?? each.frame;
    if (each.drawing === null || frame < each.frame || frame > last) return [];
    // Two remarks may have drawn the same shape; on the page each is a thing of its own.
    return each.drawing.shapes.map((shape) => ({
      ...(shape as Shape),
      id: `${each.id} ${shape.id}`,
    }));
  });
}
