import type { Shape } from '@yinglian/review/drawing';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Asset } from '../production/media/asset.ts';
import type { FrameClock } from '../production/media/clock.ts';
import type { PlayedMedia } from '../production/media/decoded-media.ts';
import { type Player, usePlayer } from '../production/media/player.ts';
import { Screen } from '../production/media/screen.tsx';
import { type Desk, isPlain, WHOLE, ZOOM_MAX } from './desk.ts';
import { DrawingLayer } from './drawing-layer.tsx';
import { GradedView } from './graded-view.tsx';
import { Guides } from './tools.tsx';

/** Width of a picture for one of height; what is not known yet is taken for HD. */
export function ratioOf(asset: Pick<Asset, 'media'>): number {
  const video = asset.media?.video;
  return video == null || video.height === 0 ? 16 / 9 : video.width / video.height;
}

type StageParts = {
  asset: Asset;
  /** The version beside it. */
  other: { asset: Asset; clock: FrameClock } | null;
  media: RefObject<PlayedMedia | null>;
  player: Player;
  clock: FrameClock;
  desk: Desk;
  shown: readonly Shape[];
  live: readonly Shape[];
  label: string;
  onShape: (shape: Shape) => void;
  onStroke: (shape: Shape) => void;
  children?: ReactNode;
};

/** The picture with everything that lies over it, as close as one wants to look. */
export function Stage({
  asset,
  other,
  media,
  player,
  clock,
  desk,
  shown,
  live,
  label,
  onShape,
  onStroke,
  children,
}: StageParts) {
  const one = useRef<HTMLDivElement>(null);
  const two = useRef<HTMLDivElement>(null);
  const ratio = ratioOf(asset);
  const { zoom } = desk;
  const hands = useHands(desk);
  const graded = !isPlain(desk.look) || (other !== null && desk.beside !== null);
  return (
    <div className="stage" style={{ '--ratio': ratio } as React.CSSProperties} {...hands}>
      <div
        className="stage-whole"
        style={{
          transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`,
        }}
      >
        <div className="stage-one" ref={one}>
          <Screen asset={asset} media={media} player={player} clock={clock} />
        </div>
        {other === null ? null : (
          <div className="stage-two" ref={two}>
            <Second
              asset={other.asset}
              clock={other.clock}
              player={player}
              offset={desk.beside?.offset ?? 0}
            />
          </div>
        )}
        {graded ? <GradedView one={one} two={two} look={desk.look} beside={desk.beside} /> : null}
        <Guides desk={desk} ratio={ratio} />
        <DrawingLayer
          desk={desk}
          ratio={ratio}
          shown={shown}
          live={live}
          label={label}
          onShape={onShape}
          onStroke={onStroke}
        />
        {children}
      </div>
    </div>
  );
}

/** The other version, always as many frames ahead as one wants, silent. */
function Second({
  asset,
  clock,
  player,
  offset,
}: {
  asset: Asset;
  clock: FrameClock;
  player: Player;
  offset: number;
}) {
  const media = useRef<PlayedMedia>(null);
  const own = usePlayer(media, clock);
  const latest = useRef(own);
  latest.current = own;
  const { frame, speed } = player;
  useEffect(() => {
    const { current } = media;
    if (current instanceof HTMLMediaElement) current.muted = true;
    const wanted = frame + offset;
    if (speed <= 0 || Math.abs(latest.current.frame - wanted) > 1) latest.current.show(wanted);
    if (latest.current.speed !== Math.max(0, speed)) latest.current.run(Math.max(0, speed));
  }, [frame, speed, offset]);
  return <Screen asset={asset} media={media} player={own} clock={clock} />;
}

/** Wheel, drag and two fingers move the picture while no tool draws on it. */
function useHands(desk: Desk) {
  const held = useRef(new Map<number, { x: number; y: number }>());
  const [moved, setMoved] = useState(false);
  const { zoom } = desk;
  const distance = () => {
    const [a, b] = [...held.current.values()];
    return a === undefined || b === undefined ? 0 : Math.hypot(a.x - b.x, a.y - b.y);
  };
  return {
    onWheel: (event: React.WheelEvent) => {
      if (!event.ctrlKey && zoom.scale === 1) return;
      const scale = Math.min(
        ZOOM_MAX,
        Math.max(1, zoom.scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15)),
      );
      desk.setZoom(scale === 1 ? WHOLE : { ...zoom, scale });
    },
    onPointerDown: (event: React.PointerEvent) => {
      if (desk.tool !== null && event.pointerType !== 'touch') return;
      held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      setMoved(false);
    },
    onPointerMove: (event: React.PointerEvent) => {
      const before = held.current.get(event.pointerId);
      if (before === undefined) return;
      const wide = distance();
      held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const fingers = held.current.size;
      if (fingers === 2 && wide > 0) {
        const scale = Math.min(ZOOM_MAX, Math.max(1, (zoom.scale * distance()) / wide));
        desk.setZoom(scale === 1 ? WHOLE : { ...zoom, scale });
      } else if (fingers === 1 && zoom.scale > 1 && desk.tool === null) {
        setMoved(true);
        desk.setZoom({
          ...zoom,
          x: zoom.x + event.clientX - before.x,
          y: zoom.y + event.clientY - before.y,
        });
      }
    },
    onPointerUp: (event: React.PointerEvent) => void held.current.delete(event.pointerId),
    onPointerCancel: (event: React.PointerEvent) => void held.current.delete(event.pointerId),
    // What was a drag of the picture is no click on it.
    onClickCapture: (event: React.MouseEvent) => {
      if (moved) event.stopPropagation();
    },
  };
}
