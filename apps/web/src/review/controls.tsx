import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../kernel/parts/icon.tsx';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';
import type { Desk } from './desk.ts';
import { nameOf } from './naming.ts';

/** Time, steps, speed and the loop. */
export function Controls({
  player,
  clock,
  desk,
  onHelp,
}: {
  player: Player;
  clock: FrameClock;
  desk: Desk;
  onHelp: () => void;
}) {
  const { t } = useTranslation('production');
  const { marks, speed, frame } = player;
  const name = (at: number) => nameOf(at, clock, desk);
  const button = (word: string, icon: IconName, act: () => void, flip = false) => (
    <button
      type="button"
      className={flip ? 'room-button room-flip' : 'room-button'}
      title={t(word)}
      aria-label={t(word)}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div className="room-controls">
      <output className="room-timecode" aria-label={t('timecode')}>
        {name(frame)}
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
        <button type="button" className="room-button" onClick={player.markIn}>
          {t('in')}
        </button>
        <span className="mono">{marks.from === null ? '—' : name(marks.from)}</span>
        <button type="button" className="room-button" onClick={player.markOut}>
          {t('out')}
        </button>
        <span className="mono">{marks.to === null ? '—' : name(marks.to)}</span>
        {marks.from === null && marks.to === null
          ? null
          : button('clearMarks', 'cross', player.clearMarks)}
      </span>
      <span className="room-frame">{t('frameOf', { frame, frames: clock.frames })}</span>
      <button type="button" className="room-button" onClick={onHelp} aria-keyshortcuts="?">
        {t('keys')}
      </button>
    </div>
  );
}
