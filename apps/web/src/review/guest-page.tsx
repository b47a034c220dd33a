import { useQuery } from '@tanstack/react-query';
import type { Shape } from '@yinglian/review/drawing';
import { type RefObject, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tokenOf } from '../first/token.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { codeOf, ProblemNote } from '../kernel/parts/problem.tsx';
import { clockOf } from '../production/media/clock.ts';
import { usePlayer } from '../production/media/player.ts';
import { Controls } from './controls.tsx';
import { useDesk } from './desk.ts';
import { DrawingLayer } from './drawing-layer.tsx';
import { useHands } from './hands.ts';
import { KeyboardHelp } from './keyboard-help.tsx';
import { press, useKeys } from './keys.ts';
import { nameOf } from './naming.ts';
import { PositionSlider } from './position-slider.tsx';
import { DrawingTools, Guides } from './tools.tsx';
import './review.css';

const TOKEN_LENGTH_MIN = 20;
/** While the viewer's own copy is made, the page looks again so often. */
const LOOK_AGAIN_MS = 2000;

/** What somebody outside sees who opens a link: a door with their name, then the film. */
export function GuestPage() {
  const { t } = useTranslation('review');
  const [token] = useState(() => tokenOf(location.href));
  const [pass, setPass] = useState<string | null>(null);
  const known = token.length >= TOKEN_LENGTH_MIN;
  const link = useQuery({
    queryKey: ['reviewLink', token],
    enabled: known && pass === null,
    queryFn: ({ signal }) => api.reviewLink.open({ body: { token }, signal }),
  });
  const gone = !known || codeOf(link.error) === 'not_found';
  if (pass !== null) return <Watch pass={pass} />;
  return (
    <Page
      title={link.data?.title ?? t('guestTitle')}
      lead={
        link.data === undefined ? t('guestLead') : `${link.data.organisation} · ${link.data.label}`
      }
    >
      {gone ? (
        <Empty title={t('linkGone')}>{t('linkGoneText')}</Empty>
      ) : (
        <ProblemNote fault={link.error} />
      )}
      {known && link.isPending ? <Waiting /> : null}
      {link.data === undefined ? null : (
        <Door token={token} needsPassword={link.data.needsPassword} onEnter={setPass} />
      )}
    </Page>
  );
}

function Door({
  token,
  needsPassword,
  onEnter,
}: {
  token: string;
  needsPassword: boolean;
  onEnter: (pass: string) => void;
}) {
  const { t } = useTranslation('review');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const enter = async () => {
    try {
      const body = { token, name, ...(needsPassword ? { password } : {}) };
      onEnter((await api.reviewLink.enter({ body })).pass);
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <form
      className="panel stack guest-door"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <p>{t('guestText')}</p>
      <label className="field" htmlFor="guest-name">
        <span>{t('yourName')}</span>
        <input
          id="guest-name"
          className="input"
          required
          maxLength={100}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      {needsPassword ? (
        <label className="field" htmlFor="guest-password">
          <span>{t('password')}</span>
          <input
            id="guest-password"
            className="input"
            type="password"
            required
            maxLength={200}
            autoComplete="off"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
      ) : null}
      <p>
        <button className="button button-first">{t('watch')}</button>
      </p>
      {codeOf(fault) === 'not_allowed' ? (
        <p role="alert">{t('wrongPassword')}</p>
      ) : (
        <ProblemNote fault={fault} />
      )}
    </form>
  );
}

type View = Awaited<ReturnType<typeof api.reviewLink.view>>;

function Watch({ pass }: { pass: string }) {
  const { t } = useTranslation('review');
  const view = useQuery({
    queryKey: ['reviewLink', 'view', pass],
    queryFn: ({ signal }) => api.reviewLink.view({ body: { pass }, signal }),
    refetchInterval: (query) => (query.state.data?.ticket === null ? LOOK_AGAIN_MS : false),
  });
  const { data } = view;
  if (codeOf(view.error) === 'not_found') {
    return (
      <Page title={t('guestTitle')}>
        <Empty title={t('linkGone')}>{t('linkGoneText')}</Empty>
      </Page>
    );
  }
  if (data === undefined)
    return (
      <Page title={t('guestTitle')}>
        <Waiting />
      </Page>
    );
  return (
    <Page wide title={data.title} lead={t('watchedBy', { name: data.viewer, code: data.code })}>
      {data.ticket === null ? (
        <div className="panel stack" role="status">
          <p>{data.failed ? t('copyFailed') : t('copyMaking')}</p>
          {data.failed ? null : (
            <progress max={1} value={data.progress ?? undefined} aria-label={t('copyMaking')} />
          )}
        </div>
      ) : (
        <GuestRoom
          view={data}
          ticket={data.ticket}
          pass={pass}
          onChange={() => void view.refetch()}
        />
      )}
    </Page>
  );
}

/** How the frames of a shared film are counted. */
function useGuestClock({ frames, frameRate, startTimecode }: View) {
  return useMemo(
    () =>
      clockOf({
        frameCount: frames,
        durationSeconds: null,
        video: { frameRate, timecode: startTimecode },
      }),
    [frames, frameRate, startTimecode],
  );
}

function guestShapes(view: View, frame: number): Shape[] {
  return view.notes.flatMap((each) => {
    const last = each.toFrame ?? each.frame;
    if (each.drawing === null || frame < each.frame || frame > last) return [];
    return each.drawing.shapes.map((shape) => ({
      ...(shape as Shape),
      id: `${each.id} ${shape.id}`,
    }));
  });
}

type GuestVideoParts = {
  video: RefObject<HTMLVideoElement | null>;
  view: View;
  ticket: string;
  player: ReturnType<typeof usePlayer>;
  onRatio: (ratio: number) => void;
};

function GuestVideo({ video, view, ticket, player, onRatio }: GuestVideoParts) {
  // A ticket that was renewed meanwhile must not begin the film anew.
  const [address] = useState(`/api/review-link/pictures/${ticket}`);
  return (
    <video
      ref={video}
      src={address}
      preload="auto"
      playsInline
      aria-label={view.title}
      onClick={player.toggle}
      disablePictureInPicture
      controlsList="nodownload"
      onContextMenu={(event) => event.preventDefault()}
      onLoadedData={({ currentTarget }) => {
        onRatio(currentTarget.videoWidth / Math.max(1, currentTarget.videoHeight));
        player.attached();
        player.show(player.frame);
      }}
    />
  );
}

type GuestRoomParts = { view: View; ticket: string; pass: string; onChange: () => void };

function GuestRoom({ view, ticket, pass, onChange }: GuestRoomParts) {
  const { t } = useTranslation('review');
  const video = useRef<HTMLVideoElement>(null);
  const clock = useGuestClock(view);
  const player = usePlayer(video, clock);
  const desk = useDesk();
  const place = useRef<HTMLDivElement>(null);
  const hands = useHands(desk, place);
  const { zoom } = desk;
  const [ratio, setRatio] = useState(16 / 9);
  const [help, setHelp] = useState(false);
  const stops = view.notes.map((each) => each.frame).sort((a, b) => a - b);
  useKeys((key, shift, command) =>
    press(key, shift, command, {
      player,
      clock,
      desk,
      stops,
      help: () => setHelp(true),
      undo: desk.undo,
    }),
  );
  const shown = guestShapes(view, player.frame);
  return (
    <section className="room-desk" aria-label={t('room')}>
      <div className="room-stage">
        <div className="room-screen" tabIndex={0} role="group" aria-label={t('screenLabel')}>
          <div
            ref={place}
            className={zoom.scale > 1 ? 'stage stage-close' : 'stage'}
            style={{ '--ratio': ratio } as React.CSSProperties}
            {...hands}
          >
            <div
              className="stage-whole"
              style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
            >
              <div className="stage-one">
                <GuestVideo
                  video={video}
                  view={view}
                  ticket={ticket}
                  player={player}
                  onRatio={setRatio}
                />
              </div>
              <Guides desk={desk} ratio={ratio} />
              <p className="guest-mark" aria-hidden="true">
                {view.viewer} · {view.code}
              </p>
              <DrawingLayer
                desk={desk}
                ratio={ratio}
                live={[]}
                shown={desk.at === player.frame ? [...shown, ...desk.shapes] : shown}
                label={t('textOnPicture')}
                onShape={(shape) => desk.add(shape, player.frame)}
                onStroke={() => {}}
              />
            </div>
          </div>
        </div>
        <Controls player={player} clock={clock} desk={desk} onHelp={() => setHelp(true)} />
        {view.comment ? <DrawingTools desk={desk} onUndo={desk.undo} onClear={desk.clear} /> : null}
        <div className="room-tracks">
          <div className="timeline">
            <PositionSlider player={player} clock={clock} desk={desk} />
          </div>
        </div>
      </div>
      <GuestNotes view={view} pass={pass} place={{ player, clock, desk }} onChange={onChange} />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
    </section>
  );
}

type GuestNotesParts = {
  view: View;
  pass: string;
  onChange: () => void;
  place: {
    player: ReturnType<typeof usePlayer>;
    clock: ReturnType<typeof clockOf>;
    desk: ReturnType<typeof useDesk>;
  };
};

function GuestNotes({ view, pass, place, onChange }: GuestNotesParts) {
  const { t } = useTranslation('review');
  const format = useFormat();
  const { player, clock, desk } = place;
  const [text, setText] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const { from, to } = player.marks;
  const range = from !== null && to !== null;
  const frame = range ? from : desk.shapes.length > 0 ? desk.at : player.frame;
  const add = async () => {
    try {
      const drawing = desk.shapes.length === 0 ? null : { shapes: [...desk.shapes] };
      await api.reviewLink.addNote({
        body: {
          pass,
          frame,
          toFrame: range ? to : null,
          text: text.trim(),
          drawing: drawing as never,
        },
      });
      setText('');
      setFault(null);
      desk.clear();
      onChange();
    } catch (caught) {
      setFault(caught);
    }
  };
  const save = async () => {
    try {
      const answer = await api.reviewLink.original({ body: { pass } });
      const address = URL.createObjectURL(await answer.blob());
      const anchor = document.createElement('a');
      anchor.href = address;
      anchor.download = view.title;
      anchor.click();
      URL.revokeObjectURL(address);
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <aside className="notes" aria-label={t('notes')}>
      <h2>
        {t('notes')} <span className="count">{view.notes.length}</span>
      </h2>
      <small>{t('until', { time: format.moment(view.expiresAt) })}</small>
      {view.comment ? (
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
          </label>
          <textarea
            id="new-note"
            className="input"
            rows={2}
            maxLength={4000}
            value={text}
            onFocus={player.stop}
            onChange={(event) => setText(event.target.value)}
          />
          <button className="button" disabled={text.trim() === ''}>
            {t('addNote')}
          </button>
        </form>
      ) : null}
      {view.download ? (
        <button type="button" className="button" onClick={() => void save()}>
          {t('download')}
        </button>
      ) : null}
      <ProblemNote fault={fault} />
      <ol>
        {view.notes.map((each) => (
          <li key={each.id} className="note">
            <button
              type="button"
              className="note-time mono"
              onClick={() => player.step(each.frame - player.frame)}
            >
              {nameOf(each.frame, clock, desk)}
            </button>
            <p>{each.text}</p>
            <small>
              {each.author} · {format.moment(each.createdAt)}
            </small>
          </li>
        ))}
      </ol>
    </aside>
  );
}
