import type { Shape } from '@yinglian/review/drawing';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../kernel/session.ts';
import type { Asset } from '../production/media/asset.ts';
import { clockOf, type FrameClock } from '../production/media/clock.ts';
import type { PlayedMedia } from '../production/media/decoded-media.ts';
import { Filmstrip } from '../production/media/filmstrip.tsx';
import { type Player, usePlayer } from '../production/media/player.ts';
import { Waveform } from '../production/media/waveform.tsx';
import { CompareTools, useOther } from './compare.tsx';
import { Controls } from './controls.tsx';
import { CutPanel, CutStrip } from './cut.tsx';
import { type Desk, useDesk } from './desk.ts';
import { KeyboardHelp } from './keyboard-help.tsx';
import { press, useKeys } from './keys.ts';
import { LivePanel } from './live-panel.tsx';
import { type LiveRoom, useLiveRoom, useTogether } from './live.ts';
import { Notes, shapesAt, useNotes } from './notes.tsx';
import { Approvals, Markers, Share } from './panels.tsx';
import { useScrub } from './scrub.ts';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';
import { DrawingTools, LookTools } from './tools.tsx';

/** The review room: the film, its time, its sound, and what people say about single frames. */
export function ReviewRoom({ asset }: { asset: Asset }) {
  const { t } = useTranslation('review');
  const { user } = useSession();
  const { live: liveId = null } = useSearch({ from: '/desk/production/assets/$id' });
  const video = useRef<PlayedMedia>(null);
  const clock = useMemo(() => clockOf(asset.media), [asset.media]);
  const player = usePlayer(video, clock);
  const desk = useDesk();
  const live = useLiveRoom(liveId, user?.id ?? '');
  const other = useOther(desk);
  const notes = useNotes(asset.id);
  const [help, setHelp] = useState(false);
  const rows = notes.data?.rows ?? [];
  useTogether(live, player, clock);
  useShown(live, asset, desk);
  useScrub(asset.proxyFileId, player, clock, desk.scrub);
  const pen = penOf(live, desk, asset, player.frame, user?.id ?? '');
  const stops = useMemo(
    () => [...new Set(rows.map((each) => each.frame))].sort((a, b) => a - b),
    [rows],
  );
  useKeys((key, shift, command) =>
    press(key, shift, command, {
      player,
      clock,
      desk,
      stops,
      help: () => setHelp(true),
      undo: pen.undo,
    }),
  );
  const shown = [...shapesAt(rows, player.frame), ...pen.shapes];
  return (
    <section className="room-desk" aria-label={t('room')}>
      <div className="room-stage">
        <div className="room-screen" tabIndex={0} role="group" aria-label={t('screenLabel')}>
          <Stage
            asset={asset}
            other={other}
            media={video}
            player={player}
            clock={clock}
            desk={desk}
            shown={shown}
            live={live?.strokes ?? []}
            label={t('textOnPicture')}
            onShape={pen.draw}
            onStroke={pen.stroke}
          />
        </div>
        <Controls player={player} clock={clock} desk={desk} onHelp={() => setHelp(true)} />
        <div className="room-tracks">
          <Timeline player={player} clock={clock} notes={rows} desk={desk} />
          <CutStrip asset={asset} player={player} clock={clock} desk={desk} />
          <Filmstrip asset={asset} player={player} clock={clock} />
          <Waveform fileId={asset.waveformFileId} player={player} clock={clock} />
        </div>
        <DrawingTools desk={desk} onUndo={pen.undo} onClear={pen.clear} />
        <LookTools desk={desk} />
        <CompareTools asset={asset} desk={desk} />
      </div>
      <Side asset={asset} notes={notes} place={{ player, clock, desk }} live={live} />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
    </section>
  );
}

const PANELS = ['notes', 'live', 'approvals', 'cut', 'markers', 'share'] as const;

function Side({
  asset,
  notes,
  place,
  live,
}: {
  asset: Asset;
  notes: ReturnType<typeof useNotes>;
  live: LiveRoom | null;
  place: { player: Player; clock: FrameClock; desk: Desk };
}) {
  const { t } = useTranslation('review');
  const [panel, setPanel] = useState<(typeof PANELS)[number]>('notes');
  return (
    <aside className="notes" aria-label={t('side')}>
      <div className="side-tabs" role="group" aria-label={t('side')}>
        {PANELS.map((each) => (
          <button
            key={each}
            type="button"
            className="room-button"
            aria-pressed={panel === each}
            onClick={() => setPanel(each)}
          >
            {t(`panels.${each}`)}
            {each === 'live' && live !== null ? ` ${live.people.length}` : ''}
          </button>
        ))}
      </div>
      {panel === 'notes' ? <Notes assetId={asset.id} notes={notes} {...place} /> : null}
      {panel === 'live' ? <LivePanel asset={asset} live={live} /> : null}
      {panel === 'approvals' ? <Approvals asset={asset} /> : null}
      {panel === 'cut' ? <CutPanel asset={asset} {...place} /> : null}
      {panel === 'markers' ? <Markers asset={asset} /> : null}
      {panel === 'share' ? <Share asset={asset} /> : null}
    </aside>
  );
}

/** In a live room what one draws is everybody's; else it is of the remark one is about to make. */
function penOf(live: LiveRoom | null, desk: Desk, asset: Asset, frame: number, userId: string) {
  if (live?.state?.open !== true) {
    return {
      shapes: desk.at === frame ? desk.shapes : [],
      undo: desk.undo,
      clear: desk.clear,
      draw: (shape: Shape) => desk.add(shape, frame),
      stroke: (_shape: Shape) => {},
    };
  }
  const all = live.state.shapes;
  const own = all.filter((each) => each.by === userId);
  return {
    shapes: all
      .filter((each) => each.frame === frame && each.assetId === asset.id)
      .map((each) => each.shape),
    draw: (shape: Shape) => {
      live.act({ kind: 'draw', shape, frame });
      desk.add(shape, frame);
    },
    undo: () => {
      const last = own.at(-1);
      if (last !== undefined) live.act({ kind: 'erase', shapes: [last.shape.id] });
      desk.undo();
    },
    clear: () => {
      if (own.length > 0) live.act({ kind: 'erase', shapes: own.map((each) => each.shape.id) });
      desk.clear();
    },
    stroke: (shape: Shape) => live.ink(shape, frame),
  };
}

/** A room that looks at another version takes everybody there; its comparison is everybody's. */
function useShown(live: LiveRoom | null, asset: Asset, desk: Desk): void {
  const navigate = useNavigate();
  const shown = live?.state?.assetId;
  const told = useRef('');
  useEffect(() => {
    if (live === null || shown === undefined || shown === asset.id) return;
    if (live.leads) live.act({ kind: 'show', assetId: asset.id, compare: desk.beside });
    else {
      void navigate({
        to: '/production/assets/$id',
        params: { id: shown },
        search: { live: live.id },
      });
    }
  }, [shown, asset.id, live?.leads]);
  const compare = JSON.stringify(live?.state?.compare ?? null);
  const own = JSON.stringify(desk.beside);
  useEffect(() => {
    if (live?.state === undefined || shown !== asset.id) return;
    if (live.leads) {
      if (own !== compare && own !== told.current) {
        told.current = own;
        live.act({ kind: 'show', assetId: asset.id, compare: desk.beside });
      }
    } else if (own !== compare) desk.setBeside(live.state.compare);
  }, [compare, own, live?.leads, shown === asset.id]);
}
