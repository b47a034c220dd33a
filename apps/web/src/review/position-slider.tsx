import { useTranslation } from 'react-i18next';
import type { FrameClock } from '../production/media/clock.ts';
import type { Player } from '../production/media/player.ts';
import type { Desk } from './desk.ts';
import { nameOf } from './naming.ts';

/** The whole length as one slider, in the names that the show has for its frames. */
export function PositionSlider({
  player,
  clock,
  desk,
}: {
  player: Player;
  clock: FrameClock;
  desk: Desk;
}) {
  const { t } = useTranslation('review');
  return (
    <input
      type="range"
      min={0}
      max={clock.frames - 1}
      value={player.frame}
      step={1}
      aria-label={t('position')}
      aria-valuetext={nameOf(player.frame, clock, desk)}
      onChange={(event) => player.show(Number(event.target.value))}
    />
  );
}
