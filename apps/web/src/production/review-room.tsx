import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../kernel/parts/icon.tsx';
import { clockOf, type FrameClock, timecodeOf } from './media/clock.ts';
import { Filmstrip } from './media/filmstrip.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { Notes, useNotes } from './notes.tsx';
import { type Player, usePlayer } from './media/player.ts';
import type { Asset } from './media/asset.ts';
import type { PlayedMedia } from './media/decoded-media.ts';
import { Screen } from './media/screen.tsx';
import { Timeline } from './timeline.tsx';
import { Waveform } from './media/waveform.tsx';

/** The review room: the film, its time, its sound, and what people say about single frames. */
export function ReviewRoom({ asset }: { asset: Asset }) {
  const { t } = useTranslation('production');
  const video = useRef<PlayedMedia>(null);
  const clock = useMemo(() => clockOf(asset.media), [asset.media]);
  const player = usePlayer(video, clock);
  const notes = useNotes(asset.id);
  const [help, setHelp] = useState(false);
  const rows = notes.data?.rows ?? [];
  useKeys((key, shift) => press(key, shift, player, clock, () => setHelp(true)));
  return (
    <section className="room-desk" aria-label={t('room')}>
      <div className="room-stage">
        <div className="room-screen" tabIndex={0} role="group" aria-label={t('screenLabel')}>
          <Screen asset={asset} media={video} player={player} clock={clock} />
        </div>
        <Controls player={player} clock={clock} onHelp={() => setHelp(true)} />
        <div className="room-tracks">
          <Timeline player={player} clock={clock} notes={rows} />
          <Filmstrip asset={asset} player={player} clock={clock} />
          <Waveform fileId={asset.waveformFileId} player={player} clock={clock} />
        </div>
      </div>
      <Notes assetId={asset.id} notes={notes} player={player} clock={clock} />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
    </section>
  );
}

/** Where letters are letters, or keys have another meaning. */
const WRITING = 'textarea, input:not([type=range]), select, dialog, .menu';

/** Keys count wherever one stands on the page, save where letters are being written. */
function useKeys(act: (key: string, shift: boolean) => boolean): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const { target } = event;
      const withOthers = event.ctrlKey || event.metaKey || event.altKey;
      if (!(target instanceof HTMLElement) || withOthers) return;
      if (target.closest(WRITING) !== null) return;
      // A focused button or link has its own use for the space bar.
      if (target.closest('button, a, summary') !== null && event.key === ' ') return;
      // The slider moves by frames on its own.
      if (target instanceof HTMLInputElement && event.key.startsWith('Arrow')) return;
      if (latest.current(event.key, event.shiftKey)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function press(
  key: string, shift: boolean, player: Player, clock: FrameClock, help: () => void,
): boolean {
  const second = Math.round(clock.framesPerSecond);
  const acts: Readonly<Record<string, () => void>> = {
    ' ': player.toggle, k: player.stop, j: player.backwards, l: player.faster,
    ArrowRight: () => player.step(shift ? second : 1),
    ArrowLeft: () => player.step(shift ? -second : -1),
    Home: () => player.step(-clock.frames), End: () => player.step(clock.frames),
    i: player.markIn, o: player.markOut, x: player.clearMarks, '?': help,
    n: () => document.getElementById('new-note')?.focus(),
  };
  const act = acts[key.length === 1 ? key.toLowerCase() : key];
  act?.();
  return act !== undefined;
}

function Controls({ player, clock, onHelp }: {
  player: Player; clock: FrameClock; onHelp: () => void;
}) {
  const { t } = useTranslation('production');
  const { marks, speed, frame } = player;
  const button = (name: string, icon: IconName, act: () => void, flip = false) => (
    <button type="button" className={flip ? 'room-button room-flip' : 'room-button'}
      title={t(name)} aria-label={t(name)} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div className="room-controls">
      <output className="room-timecode" aria-label={t('timecode')}>
        {timecodeOf(frame, clock)}
      </output>
      <div className="room-buttons">
        {button('stepBack', 'step', () => player.step(-1))}
        {button(speed === 0 ? 'play' : 'pause', speed === 0 ? 'play' : 'pause', player.toggle)}
        {button('stepForward', 'step', () => player.step(1), true)}
      </div>
      <span className="room-speed">
        {speed === 0 || speed === 1 ? '' : t('speed', { speed: `${speed}×` })}
      </span>
      <span className="room-marks">
        <button type="button" className="room-button" onClick={player.markIn}>{t('in')}</button>
        <span className="mono">{marks.from === null ? '—' : timecodeOf(marks.from, clock)}</span>
        <button type="button" className="room-button" onClick={player.markOut}>{t('out')}</button>
        <span className="mono">{marks.to === null ? '—' : timecodeOf(marks.to, clock)}</span>
        {marks.from === null && marks.to === null ? null
          : button('clearMarks', 'cross', player.clearMarks)}
      </span>
      <span className="room-frame">
        {t('frameOf', { frame, frames: clock.frames })}
      </span>
      <button type="button" className="room-button" onClick={onHelp} aria-keyshortcuts="?">
        {t('keys')}
      </button>
    </div>
  );
}
