import type { FrameClock } from '../production/media/clock.ts';
import type { Note } from './notes.tsx';
import type { Player } from '../production/media/player.ts';
import type { Desk } from './desk.ts';
import { PositionSlider } from './position-slider.tsx';

/** The whole length as one slider, with the loop and every note where it stands. */
export function Timeline({
  player,
  clock,
  notes,
  desk,
}: {
  player: Player;
  clock: FrameClock;
  notes: readonly Note[];
  desk: Desk;
}) {
  const part = (frame: number) => `${(frame / Math.max(1, clock.frames - 1)) * 100}%`;
  const { from, to } = player.marks;
  return (
    <div className="timeline">
      <PositionSlider player={player} clock={clock} desk={desk} />
      {from === null ? null : (
        <span
          className="timeline-loop"
          aria-hidden="true"
          style={{
            insetInlineStart: part(from),
            inlineSize: to === null ? '2px' : `calc(${part(to)} - ${part(from)})`,
          }}
        />
      )}
      {notes
        .filter((each) => each.toFrame !== null)
        .map((each) => (
          <span
            key={each.id}
            className={`timeline-range timeline-range-${each.state}`}
            aria-hidden="true"
            style={{
              insetInlineStart: part(each.frame),
              inlineSize: `calc(${part(each.toFrame ?? each.frame)} - ${part(each.frame)})`,
            }}
          />
        ))}
      {notes
        .filter((each) => each.parentId === null)
        .map((each) => (
          // Marks may crowd each other and be small: the list of notes has a button for each.
          <span
            key={each.id}
            className={`timeline-note timeline-note-${each.state}`}
            aria-hidden="true"
            title={`${each.author}: ${each.text}`}
            style={{ insetInlineStart: part(each.frame) }}
            onClick={() => player.step(each.frame - player.frame)}
          />
        ))}
    </div>
  );
}
